/**
 * Which datasource a query means: `{kind, name?}` in its spec, looked for in the dashboard, then the project, then the server; without a
 * name the default one of that kind. `"$name"` is a variable that holds a datasource's name.
 */
import { AppError } from "../../errors/app_error.ts";
import { parseDurationMs } from "../duration.ts";
import type { JsonObject, JsonValue, ResourceStore } from "../types.ts";
import type { PanelContext, SqlTarget, VariableValues } from "./types.ts";

/** A datasource's plugin, and where it was found. */
export interface FoundDatasource {
  readonly kind: string;
  readonly name: string;
  readonly scope: "dashboard" | "project" | "server";
  readonly spec: JsonObject;
}

export interface DatasourcePlace {
  readonly project: string;
  /** The dashboard's own, by name; empty outside of a dashboard. */
  readonly local: JsonObject;
  readonly store: Pick<ResourceStore, "list">;
}

/** Throws `not_found` naming what was looked for. */
export async function findDatasource(
  place: DatasourcePlace,
  pluginKind: string,
  reference: JsonValue | undefined,
  variables: VariableValues,
): Promise<FoundDatasource> {
  const name = nameOf(reference, variables);
  for await (const candidate of candidates(place)) {
    if (candidate.kind !== pluginKind) continue;
    if (name === null ? candidate.isDefault : candidate.name === name) return candidate;
  }
  const looked = name === null ? `default ${pluginKind}` : `${pluginKind} "${name}"`;
  throw new AppError(
    "not_found",
    `datasource not found: no ${looked} in the dashboard, project "${place.project}" or server`,
    {
      hint: "Name the datasource in the query, or mark one as default.",
    },
  );
}

/** The names of all datasources of a kind (null = any) that a dashboard of the project can use, each once. */
export async function datasourceNames(place: DatasourcePlace, pluginKind: string | null): Promise<string[]> {
  const names = new Set<string>();
  for await (const { kind, name } of candidates(place)) {
    if (pluginKind === null || kind === pluginKind) names.add(name);
  }
  return [...names].sort();
}

type Candidate = FoundDatasource & { readonly isDefault: boolean };

async function* candidates({ project, local, store }: DatasourcePlace): AsyncIterable<Candidate> {
  for (const [name, spec] of Object.entries(local)) yield* candidate("dashboard", name, spec);
  for (const { metadata, spec } of await store.list({ kind: "Datasource", project })) {
    yield* candidate("project", metadata.name, spec);
  }
  for (const { metadata, spec } of await store.list({ kind: "GlobalDatasource", project: null })) {
    yield* candidate("server", metadata.name, spec);
  }
}

/** Nothing for a stored document that is no datasource: it must not stand in the way of the others. */
function* candidate(scope: Candidate["scope"], name: string, value: JsonValue | undefined): Iterable<Candidate> {
  if (!isObject(value)) return;
  const plugin = value["plugin"];
  if (!isObject(plugin) || typeof plugin["kind"] !== "string") return;
  const spec = plugin["spec"];
  yield { scope, name, kind: plugin["kind"], spec: isObject(spec) ? spec : {}, isDefault: value["default"] === true };
}

function nameOf(reference: JsonValue | undefined, variables: VariableValues): string | null {
  const named = isObject(reference) ? reference["name"] : reference;
  if (typeof named !== "string" || named === "") return null;
  const variable = /^\$\{?(\w+)\}?$/.exec(named)?.[1];
  if (variable === undefined) return named;
  const value = variables.get(variable);
  const chosen = typeof value === "string" ? value : value?.[0];
  if (chosen !== undefined) return chosen;
  throw new AppError("invalid_request", `the datasource's variable "${variable}" has no value`);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a DuckDBDatasource stands for, when the reader may read it. */
export function sqlTarget(datasource: FoundDatasource, context: Pick<PanelContext, "project" | "reader">): SqlTarget {
  const { source, workspace } = datasource.spec;
  if (source === "history") {
    if (context.reader.readsHistory) return { source: "history" };
    throw new AppError(
      "forbidden",
      "the server's own history tells of every project: only the administrator may read it",
    );
  }
  if (source !== "workspace" || typeof workspace !== "string") {
    throw new AppError(
      "invalid_request",
      `datasource "${datasource.name}" names no workspace: {"source": "workspace", "workspace": "ws_…"} is expected`,
    );
  }
  return { source: "workspace", projectId: context.project, workspaceId: workspace };
}

/** What a proxy of a datasource sends where. */
export interface HttpTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Empty = everything is allowed. */
  readonly allowedEndpoints: readonly { readonly endpointPattern: string; readonly method: string }[];
}

const defaultTimeoutMs = 30_000;
const timeoutMsMax = 5 * 60_000;

/** The address of an HTTP datasource: its proxy's, or `directUrl`. Throws `invalid_request` when it has neither. */
export function httpTarget(datasource: FoundDatasource): HttpTarget {
  const { proxy, directUrl } = datasource.spec;
  const config = isObject(proxy) && isObject(proxy["spec"]) ? proxy["spec"] : {};
  const url = config["url"] ?? directUrl;
  if (typeof url !== "string" || !/^https?:\/\//.test(url)) {
    throw new AppError("invalid_request", `datasource "${datasource.name}" has no http address: ${String(url)}`);
  }
  const headers = isObject(config["headers"]) ? config["headers"] : {};
  const endpoints = Array.isArray(config["allowedEndpoints"]) ? config["allowedEndpoints"] as JsonValue[] : [];
  const timeoutMs = parseDurationMs(String(config["timeout"] ?? "")) ?? 0;
  return {
    url: url.replace(/\/+$/, ""),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    timeoutMs: timeoutMs === 0 ? defaultTimeoutMs : Math.min(timeoutMs, timeoutMsMax),
    allowedEndpoints: endpoints.filter(isObject).map((endpoint) => ({
      endpointPattern: String(endpoint["endpointPattern"] ?? ""),
      method: String(endpoint["method"] ?? "GET"),
    })),
  };
}

/** Throws `forbidden` for a request that the datasource's owner has not allowed. */
export function checkEndpoint(target: HttpTarget, method: string, path: string): void {
  if (target.allowedEndpoints.length === 0) return;
  const allowed = target.allowedEndpoints.some((endpoint) =>
    endpoint.method === method && endpointPattern(endpoint.endpointPattern).test(path)
  );
  if (!allowed) throw new AppError("forbidden", `this datasource does not allow ${method} ${path}`);
}

/** RE2's syntax as JavaScript's: flags at the beginning, and `(?P<name>`. */
function endpointPattern(pattern: string): RegExp {
  const [, flags = "", rest = ""] = /^(?:\(\?([ims]+)\))?([\s\S]*)$/.exec(pattern.replaceAll("(?P<", "(?<")) ?? [];
  return new RegExp(`^(?:${rest})$`, flags);
}
