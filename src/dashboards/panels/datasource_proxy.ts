/**
 * Datasources by their place, asked in their own language: HTTP requests are passed on as the datasource's owner allows, SQL runs
 * read-only in the workspace or history that a DuckDBDatasource means. The caller's right to read the place is checked before.
 */
import { AppError } from "../../errors/app_error.ts";
import type { JsonObject, JsonValue, ResourceStore } from "../types.ts";
import { checkEndpoint, type FoundDatasource, httpTarget, isObject, sqlTarget } from "./datasources.ts";
import { tableOf } from "./sql_answer.ts";
import type { PanelData, PanelReader, RunSql } from "./types.ts";

/** Where a datasource is kept. */
export type DatasourceScope =
  | { readonly scope: "server" }
  | { readonly scope: "project"; readonly project: string }
  | { readonly scope: "dashboard"; readonly project: string; readonly dashboard: string };

export interface ProxiedRequest {
  readonly method: string;
  /** As the client sent it, percent-encoded, with its `/`; "" for none. */
  readonly path: string;
  /** With its `?`, or "". */
  readonly query: string;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer> | null;
}

export interface OutgoingRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer> | null;
  readonly timeoutMs: number;
}

export interface DatasourceProxyOptions {
  readonly store: Pick<ResourceStore, "find">;
  readonly runSql: RunSql;
  /** Throws `upstream_failed`. */
  readonly send: (request: OutgoingRequest) => Promise<Response>;
  readonly rowsMax: number;
  readonly timeoutMs: number;
  readonly now: () => number;
}

const httpMethods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/** What a client's request tells of the question itself. */
const passedHeaders = ["accept", "accept-language", "content-type"];
/** Of the connection, or of who the client is to this server: never passed on, whatever a datasource says. */
const ownHeaders =
  /^(authorization|cookie|host|connection|keep-alive|te|trailer|upgrade|transfer-encoding|content-length|proxy-.*|forwarded|x-forwarded-.*)$/;
const hourMs = 3_600_000;

export class DatasourceProxy {
  readonly #options: DatasourceProxyOptions;

  constructor(options: DatasourceProxyOptions) {
    this.#options = options;
  }

  /** Throws `not_found`. */
  async find(place: DatasourceScope, name: string): Promise<FoundDatasource> {
    const found = place.scope === "dashboard"
      ? await this.#ofDashboard(place.project, place.dashboard, name)
      : await this.#stored(place.scope === "server" ? null : place.project, name);
    const datasource = foundDatasource(place.scope, name, found);
    if (datasource === null) throw new AppError("not_found", `datasource: "${name}" does not exist`);
    return datasource;
  }

  /**
   * Passes a request on. Throws `invalid_request` for a datasource without an HTTP proxy, `forbidden` for what it does not allow,
   * `method_not_allowed`, `upstream_failed`.
   */
  async forward(datasource: FoundDatasource, request: ProxiedRequest): Promise<Response> {
    const { proxy } = datasource.spec;
    const isHttp = isObject(proxy) && String(proxy["kind"]).toLowerCase() === "httpproxy";
    if (!isHttp || !isObject(proxy["spec"])) {
      const has = isObject(proxy) ? `its proxy is a ${String(proxy["kind"])}` : "it has no proxy";
      throw new AppError(
        "invalid_request",
        `datasource "${datasource.name}" cannot be asked through the server: ${has}`,
        {
          hint: "HTTPProxy and DuckDBDatasource can be.",
        },
      );
    }
    if (!httpMethods.includes(request.method)) {
      throw new AppError("method_not_allowed", `method: ${request.method} is not one of ${httpMethods.join(", ")}`);
    }
    requirePlainPath(request.path);
    const target = httpTarget(datasource);
    checkEndpoint(target, request.method, request.path === "" ? "/" : request.path);
    return await this.#options.send({
      url: target.url + request.path + request.query,
      method: request.method,
      headers: outgoingHeaders(request.headers, proxy["spec"], target.headers),
      body: request.body,
      timeoutMs: target.timeoutMs,
    });
  }

  /** The rows of `{"query": SQL}`. `project` null: outside of a project, where no workspace can be meant. */
  async query(
    datasource: FoundDatasource,
    project: string | null,
    body: JsonValue,
    reader: PanelReader,
  ): Promise<PanelData> {
    const text = isObject(body) ? body["query"] : undefined;
    if (typeof text !== "string" || text.trim() === "") {
      const detail = "the text of a SELECT is needed";
      throw new AppError("invalid_request", `query: ${detail}`, { fields: [{ pointer: "/query", detail }] });
    }
    if (project === null && datasource.spec["source"] === "workspace") {
      throw new AppError(
        "invalid_request",
        `datasource "${datasource.name}" means a workspace, which is in a project`,
        {
          hint: "Make a datasource of that project, and ask through /proxy/projects/….",
        },
      );
    }
    const { rowsMax, timeoutMs, runSql, now } = this.#options;
    try {
      const answer = await runSql({
        target: sqlTarget(datasource, { project: project ?? "", reader }),
        text,
        range: { fromMs: now() - hourMs, toMs: now(), intervalMs: 15_000 },
        variables: new Map(),
        reader: reader.name,
        rowsMax,
        timeoutMs,
      });
      return tableOf(answer);
    } catch (error) {
      if (!(error instanceof AppError && error.kind === "read_only")) throw error;
      throw new AppError("invalid_request", "only SELECT queries are allowed through the SQL proxy", { cause: error });
    }
  }

  async #ofDashboard(project: string, name: string, datasource: string): Promise<JsonValue | undefined> {
    const dashboard = await this.#options.store.find({ kind: "Dashboard", project, name });
    const local = dashboard?.spec["datasources"];
    return isObject(local) && Object.hasOwn(local, datasource) ? local[datasource] : undefined;
  }

  async #stored(project: string | null, name: string): Promise<JsonObject | undefined> {
    const kind = project === null ? "GlobalDatasource" : "Datasource";
    return (await this.#options.store.find({ kind, project, name: name.toLowerCase() }))?.spec;
  }
}

/** The plugin of a datasource's spec; null for what is no datasource. */
export function foundDatasource(
  scope: DatasourceScope["scope"],
  name: string,
  datasource: JsonValue | undefined,
): FoundDatasource | null {
  const plugin = isObject(datasource) ? datasource["plugin"] : undefined;
  if (!isObject(plugin) || typeof plugin["kind"] !== "string") return null;
  const { kind, spec } = plugin;
  return { kind, name, scope, spec: isObject(spec) ? spec : {} };
}

/** An upstream may decode what stands encoded in a path, and so leave the place that its datasource names. */
function requirePlainPath(path: string): void {
  let decoded = path;
  try {
    for (let round = 0; round < 3; round++) decoded = decodeURIComponent(decoded);
  } catch {
    // A lone percent sign, which stays as it is.
  }
  if (decoded.split(/[/\\]/).includes("..")) {
    throw new AppError("invalid_request", `path: ${path} leads out of the datasource`);
  }
}

function outgoingHeaders(
  client: Headers,
  config: JsonObject,
  fixed: Readonly<Record<string, string>>,
): Headers {
  const names = (field: "allowHeaders" | "dropHeaders") => {
    const list = config[field];
    return Array.isArray(list) ? list.map((name) => String(name).toLowerCase()) : [];
  };
  const dropped = names("dropHeaders");
  const headers = new Headers();
  for (const name of [...passedHeaders, ...names("allowHeaders")]) {
    const value = client.get(name);
    if (value !== null && !dropped.includes(name) && !ownHeaders.test(name)) headers.set(name, value);
  }
  for (const [name, value] of Object.entries(fixed)) headers.set(name, value);
  return headers;
}
