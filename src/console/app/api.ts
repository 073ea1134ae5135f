/**
 * Requests to the server this page came from, with the key that was typed in. The key is kept for this tab only
 * (`sessionStorage`): closing the tab signs out. Whatever the server refuses becomes a `Problem`, with its own words.
 */
/// <reference lib="dom" />

const keyName = "eider.key";

export function storedKey(): string | null {
  return sessionStorage.getItem(keyName);
}

export function storeKey(key: string | null): void {
  if (key === null) sessionStorage.removeItem(keyName);
  else sessionStorage.setItem(keyName, key);
}

/** What is wrong with one field of a request. */
export interface FieldProblem {
  /** A JSON pointer. */
  readonly pointer: string;
  readonly detail: string;
}

/** An answer of application/problem+json, or of Perses' routes, which say `{"error"}`. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: readonly FieldProblem[] = [],
    /** All that the answer says, such as `hint` and `errors`. */
    readonly members: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }

  get hint(): string | null {
    return typeof this.members["hint"] === "string" ? this.members["hint"] : null;
  }
}

export interface RequestOptions {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Left out where the value is undefined. */
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly signal?: AbortSignal | undefined;
  /** Further ones, such as If-Match. */
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of the stored one, to try it. */
  readonly key?: string;
}

/** The answer's JSON; null when there is no body. Throws `Problem`, also when the server cannot be reached (status 0). */
export async function request<Answer>(path: string, options: RequestOptions = {}): Promise<Answer> {
  const response = await send(path, options);
  const text = await response.text();
  return (text === "" ? null : JSON.parse(text)) as Answer;
}

/** The answer itself, for files. */
export async function send(path: string, options: RequestOptions = {}): Promise<Response> {
  const url = new URL(path, location.origin);
  for (const [name, value] of Object.entries(options.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const key = options.key ?? storedKey();
  const response = await fetch(url, {
    method: options.method ?? "GET",
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(options.body === undefined ? {} : { "content-type": "application/json" }),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  }).catch((error: unknown) => {
    if (options.signal?.aborted === true) throw error;
    throw new Problem(0, "unreachable", `${location.origin} cannot be reached: is the server running?`);
  });
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** What the server says in an answer that is not ok. */
export async function problemOf(response: Response): Promise<Problem> {
  return problemOfText(response.status, response.statusText, await response.text());
}

function problemOfText(status: number, statusText: string, text: string): Problem {
  try {
    const body = JSON.parse(text) as Record<string, unknown>;
    const message = body["detail"] ?? body["error"] ?? body["title"] ?? text;
    const fields = Array.isArray(body["errors"]) ? body["errors"] as FieldProblem[] : [];
    return new Problem(status, String(body["code"] ?? "unknown"), String(message), fields, body);
  } catch {
    return new Problem(status, "unknown", text === "" ? `${status} ${statusText}` : text);
  }
}

export interface UploadOptions {
  readonly query: Readonly<Record<string, string>>;
  /** Bytes that are on their way or there, of all. */
  readonly onProgress: (sentBytes: number, totalBytes: number) => void;
  readonly signal: AbortSignal;
}

/** Sends a file as a request's body, with its progress, which `fetch` does not tell. Throws `Problem`. */
export function upload<Answer>(path: string, file: Blob, options: UploadOptions): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const url = new URL(path, location.origin);
  for (const [name, value] of Object.entries(options.query)) url.searchParams.set(name, value);
  const sender = new XMLHttpRequest();
  sender.open("POST", url);
  sender.setRequestHeader("authorization", `Bearer ${storedKey() ?? ""}`);
  sender.setRequestHeader("content-type", "application/octet-stream");
  sender.upload.onprogress = ({ loaded, total }) => options.onProgress(loaded, total);
  sender.onload = () => {
    if (sender.status >= 400) reject(problemOfText(sender.status, sender.statusText, sender.responseText));
    else resolve(JSON.parse(sender.responseText) as Answer);
  };
  sender.onerror = () => reject(new Problem(0, "unreachable", `${location.origin} did not take the file to its end`));
  sender.onabort = () => reject(new Problem(0, "cancelled", "the upload was cancelled: nothing was imported"));
  options.signal.addEventListener("abort", () => sender.abort());
  sender.send(file);
  return promise;
}

/** One page of a list route. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

/** All items of a list route, page by page, up to a number of them. */
export async function listAll<Item>(path: string, itemsMax = 5_000, signal?: AbortSignal): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  while (items.length < itemsMax) {
    const page: Page<Item> = await request(path, { query: { limit: 1000, cursor }, signal });
    items.push(...page.items);
    if (page.next_cursor === null) break;
    cursor = page.next_cursor;
  }
  return items;
}
