/** REST as a client sees it, and the shapes of its answers as the contract gives them. */
import { equal } from "node:assert/strict";

export interface RestAnswer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
  readonly text: string;
}

export interface Problem {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

export interface List<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

export interface ProjectAnswer {
  readonly id: string;
  readonly name: string;
  readonly created_at: string;
  readonly api_key: string;
}

export interface KeyAnswer {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly key: string;
}

export interface BranchAnswer {
  readonly id: string;
  readonly name: string;
}

export interface ConnectionAnswer {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username: string;
  readonly password: string;
  readonly ssl_mode: string;
  readonly connection_string: string;
}

export interface WorkspaceAnswer {
  readonly id: string;
  readonly name: string;
  readonly project_id: string;
  readonly branch_id: string | null;
  readonly created_at: string;
  readonly expires_at: string;
  readonly size_limit_gb: number;
  readonly status: string;
  readonly connection: ConnectionAnswer;
  readonly attached_tables: readonly { readonly schema: string; readonly table: string; readonly rows: number }[];
  readonly size_bytes: number;
  readonly active_sessions: number;
  readonly workspace_objects: readonly { readonly name: string; readonly type: string; readonly rows: number | null }[];
}

export interface SessionAnswer {
  readonly id?: string;
  readonly session_id?: string;
  readonly [field: string]: unknown;
}

export interface RequestOptions {
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly raw?: BodyInit;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

/** One API key and the server it belongs to. */
export class Rest {
  readonly baseUrl: string;
  readonly key: string | null;

  constructor(baseUrl: string, key: string | null) {
    this.baseUrl = baseUrl;
    this.key = key;
  }

  /** The same server with another key. */
  as(key: string | null): Rest {
    return new Rest(this.baseUrl, key);
  }

  async fetch(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
    const headers = new Headers(options.headers);
    if (this.key !== null) headers.set("authorization", `Bearer ${this.key}`);
    if (options.json !== undefined) headers.set("content-type", "application/json");
    const body = options.json === undefined ? options.raw : JSON.stringify(options.json);
    const signal = options.signal === undefined ? {} : { signal: options.signal };
    return await fetch(this.baseUrl + path, { method, headers, ...signal, ...(body === undefined ? {} : { body }) });
  }

  /** The answer whatever its status; `body` is undefined when it is not JSON. */
  async request<Body = unknown>(method: string, path: string, options: RequestOptions = {}): Promise<RestAnswer<Body>> {
    const response = await this.fetch(method, path, options);
    const text = await response.text();
    const isJson = /\bjson\b/.test(response.headers.get("content-type") ?? "");
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: (isJson && text !== "" ? JSON.parse(text) : undefined) as Body,
    };
  }

  /** The answer's body; fails when the status is another. */
  async expect<Body = unknown>(
    status: number,
    method: string,
    path: string,
    options: RequestOptions = {},
  ): Promise<Body> {
    const answer = await this.request<Body>(method, path, options);
    equal(answer.status, status, `${method} ${path}: ${answer.text}`);
    return answer.body;
  }

  /** The problem document; fails when the answer is none, or of another status or code. */
  async refused(
    status: number,
    code: string | null,
    method: string,
    path: string,
    options: RequestOptions = {},
  ): Promise<Problem> {
    const answer = await this.request<Problem>(method, path, options);
    equal(answer.status, status, `${method} ${path}: ${answer.text}`);
    equal(answer.headers.get("content-type")?.split(";")[0], "application/problem+json");
    equal(answer.body.status, status);
    equal(typeof answer.body.title, "string");
    equal(typeof answer.body.detail, "string");
    if (code === null) equal(typeof answer.body.code, "string");
    else equal(answer.body.code, code, answer.text);
    return answer.body;
  }
}
