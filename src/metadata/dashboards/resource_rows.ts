/**
 * Rows of the resources that are small and have no history: datasources and variables of a project or of the whole server,
 * folders, ephemeral dashboards (migration 004). Single steps on a connection, for `resource_store.ts`.
 */
import { AppError } from "../../errors/app_error.ts";
import { parseDurationMs } from "../../dashboards/duration.ts";
import { provisionedAnnotation, requireVersion, type VersionOrigin } from "../../dashboards/states.ts";
import type {
  Change,
  JsonObject,
  Resource,
  ResourceDocument,
  ResourceFilter,
  ResourceKey,
  ResourceKind,
} from "../../dashboards/types.ts";
import { packDocument, readTags, unpackDocument, writeTags } from "./document_text.ts";
import { formatResourceTime, notBefore, resourceTimeMs } from "./resource_times.ts";
import type { MetadataConnection, SqlParameter, SqlRow } from "../types.ts";

export type PlainKind = Exclude<ResourceKind, "Dashboard">;

/** Global kinds share the table of the project kind, with the project ''. */
const tables: Readonly<Record<PlainKind, string>> = {
  EphemeralDashboard: "ephemeral_dashboard",
  Datasource: "datasource",
  Variable: "variable",
  Folder: "folder",
  GlobalDatasource: "datasource",
  GlobalVariable: "variable",
};

const columns = "project_id, name, version, created_at, updated_at, tags, document";

/** No file owns what lives for an hour. */
function columnsOf(kind: PlainKind): string {
  return kind === "EphemeralDashboard" ? `${columns}, NULL AS provisioned_from` : `${columns}, provisioned_from`;
}

/** What changes a resource: a file owns what `provision` made. */
export interface ResourceSource {
  readonly origin: VersionOrigin;
  readonly provisionedFrom?: string | null;
}

/** Throws `conflict` when the name is taken. */
export async function insertResource(
  connection: MetadataConnection,
  document: ResourceDocument & { readonly kind: PlainKind },
  change: Change,
  source: ResourceSource,
  now: string,
): Promise<Resource> {
  if (await findResourceRow(connection, document) !== null) {
    throw new AppError("conflict", `${describeKey(document)} exists already`);
  }
  const { text } = packDocument(document.spec);
  const values: SqlParameter[] = [
    keyOf(document),
    document.project ?? "",
    document.name,
    now,
    change.author,
    writeTags(document.tags),
    text,
  ];
  if (document.kind === "EphemeralDashboard") {
    const { ttlMs, expiresAt } = expiryOf(document, now);
    await connection.execute(
      `INSERT INTO ephemeral_dashboard (resource_key, project_id, name, version, created_at, updated_at, updated_by, tags,
         document, ttl_ms, expires_at) VALUES ($1, $2, $3, 0, $4, $4, $5, $6, $7, $8, $9)`,
      [...values, ttlMs, expiresAt],
    );
  } else {
    await connection.execute(
      `INSERT INTO ${
        tables[document.kind]
      } (resource_key, project_id, name, version, created_at, updated_at, updated_by,
         tags, document, provisioned_from) VALUES ($1, $2, $3, 0, $4, $4, $5, $6, $7, $8)`,
      [...values, source.provisionedFrom ?? null],
    );
  }
  const provisionedFrom = source.provisionedFrom ?? null;
  return resourceOf(document, { version: 0, createdAt: now, updatedAt: now, provisionedFrom });
}

/** Throws `not_found`, `precondition_failed`, and `conflict` for what a file owns. */
export async function updateResource(
  connection: MetadataConnection,
  document: ResourceDocument & { readonly kind: PlainKind },
  change: Change,
  source: ResourceSource,
  now: string,
): Promise<Resource> {
  const row = await requireResourceRow(connection, document);
  refuseProvisioned(document, row, source);
  requireVersion(describeKey(document), Number(row["version"]), change.expectedVersion);
  const createdAt = String(row["created_at"]);
  const updatedAt = notBefore(now, createdAt);
  const version = Number(row["version"]) + 1;
  const values: SqlParameter[] = [
    keyOf(document),
    version,
    updatedAt,
    change.author,
    writeTags(document.tags),
    packDocument(document.spec).text,
  ];
  const set = "version = $2, updated_at = $3, updated_by = $4, tags = $5, document = $6";
  if (document.kind === "EphemeralDashboard") {
    const { ttlMs, expiresAt } = expiryOf(document, updatedAt);
    await connection.execute(
      `UPDATE ephemeral_dashboard SET ${set}, ttl_ms = $7, expires_at = $8 WHERE resource_key = $1`,
      [...values, ttlMs, expiresAt],
    );
  } else {
    await connection.execute(
      `UPDATE ${tables[document.kind]} SET ${set}, provisioned_from = $7 WHERE resource_key = $1`,
      [...values, source.provisionedFrom ?? null],
    );
  }
  return resourceOf(document, { version, createdAt, updatedAt, provisionedFrom: source.provisionedFrom ?? null });
}

/** Throws `io_error` when the stored document cannot be read. */
export async function findResource(
  connection: MetadataConnection,
  key: ResourceKey & { readonly kind: PlainKind },
): Promise<Resource | null> {
  const row = await findResourceRow(connection, key);
  if (row === null) return null;
  const resource = toResource(key.kind, row, false);
  if (resource === null) {
    throw new AppError("io_error", `${describeKey(key)}: the stored document cannot be read`, {
      hint: "Write it anew with PUT, or delete it.",
    });
  }
  return resource;
}

/** Resources by project and name; `onUnreadable` hears of each whose stored document cannot be read. */
export async function listResources(
  connection: MetadataConnection,
  filter: ResourceFilter & { readonly kind: PlainKind },
  onUnreadable: (key: ResourceKey) => void,
): Promise<Resource[]> {
  const isGlobal = filter.kind === "GlobalDatasource" || filter.kind === "GlobalVariable";
  const parameters: SqlParameter[] = [isGlobal ? "" : filter.project ?? ""];
  const conditions = [isGlobal || filter.project !== null ? "project_id = $1" : "project_id <> $1"];
  if (filter.namePrefix !== undefined && filter.namePrefix !== "") {
    parameters.push(filter.namePrefix);
    conditions.push("starts_with(name, $2)");
  }
  const all = columnsOf(filter.kind);
  const wanted = filter.metadataOnly === true ? all.replace(", document", "") : all;
  const rows = await connection.query(
    `SELECT ${wanted} FROM ${tables[filter.kind]} WHERE ${conditions.join(" AND ")} ORDER BY project_id, name`,
    parameters,
  );
  const resources: Resource[] = [];
  for (const row of rows) {
    const resource = toResource(filter.kind, row, filter.metadataOnly === true);
    if (resource !== null) resources.push(resource);
    else onUnreadable({ kind: filter.kind, project: String(row["project_id"]) || null, name: String(row["name"]) });
  }
  return resources;
}

/** Throws as `updateResource`. */
export async function deleteResource(
  connection: MetadataConnection,
  key: ResourceKey & { readonly kind: PlainKind },
  change: Change,
  source: ResourceSource,
): Promise<void> {
  const row = await requireResourceRow(connection, key);
  refuseProvisioned(key, row, source);
  requireVersion(describeKey(key), Number(row["version"]), change.expectedVersion);
  await connection.execute(`DELETE FROM ${tables[key.kind]} WHERE resource_key = $1`, [keyOf(key)]);
}

/** Makes a file the owner of what is there, without a change of it. */
export async function adoptResource(
  connection: MetadataConnection,
  key: ResourceKey & { readonly kind: Exclude<PlainKind, "EphemeralDashboard"> },
  file: string,
): Promise<void> {
  await connection.execute(`UPDATE ${tables[key.kind]} SET provisioned_from = $2 WHERE resource_key = $1`, [
    keyOf(key),
    file,
  ]);
}

/** The file that owns it. */
export async function ownerOfResource(
  connection: MetadataConnection,
  key: ResourceKey & { readonly kind: PlainKind },
): Promise<string | null> {
  const row = await findResourceRow(connection, key);
  return typeof row?.["provisioned_from"] === "string" ? row["provisioned_from"] : null;
}

/** `datasource: "p1/prometheus"`, for error texts. */
export function describeKey(key: ResourceKey): string {
  const kind = key.kind.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
  return `${kind}: "${key.project === null ? "" : `${key.project}/`}${key.name}"`;
}

async function findResourceRow(
  connection: MetadataConnection,
  key: ResourceKey & { readonly kind: PlainKind },
): Promise<SqlRow | null> {
  const [row] = await connection.query(
    `SELECT ${columnsOf(key.kind)} FROM ${tables[key.kind]} WHERE resource_key = $1`,
    [keyOf(key)],
  );
  return row ?? null;
}

async function requireResourceRow(
  connection: MetadataConnection,
  key: ResourceKey & { readonly kind: PlainKind },
): Promise<SqlRow> {
  const row = await findResourceRow(connection, key);
  if (row === null) throw new AppError("not_found", `${describeKey(key)} does not exist`);
  return row;
}

function refuseProvisioned(key: ResourceKey, row: SqlRow, source: ResourceSource): void {
  const file = row["provisioned_from"];
  if (typeof file !== "string" || source.origin === "provision") return;
  throw new AppError("conflict", `${describeKey(key)}: provisioned from ${file}, so it is changed there and not here`, {
    hint: "Change that file, or make one of your own under another name.",
  });
}

function keyOf(key: ResourceKey): string {
  return `${key.project ?? ""}/${key.name}`;
}

function toResource(kind: PlainKind, row: SqlRow, metadataOnly: boolean): Resource | null {
  const spec = metadataOnly ? {} : unpackDocument(String(row["document"]));
  if (spec === null) return null;
  const project = String(row["project_id"]);
  return resourceOf(
    { kind, project: project === "" ? null : project, name: String(row["name"]), tags: readTags(row["tags"]), spec },
    {
      version: Number(row["version"]),
      createdAt: String(row["created_at"]),
      updatedAt: String(row["updated_at"]),
      provisionedFrom: typeof row["provisioned_from"] === "string" ? row["provisioned_from"] : null,
    },
  );
}

function resourceOf(
  { kind, project, name, tags, spec }: ResourceDocument,
  stored: {
    readonly version: number;
    readonly createdAt: string;
    readonly updatedAt: string;
    readonly provisionedFrom: string | null;
  },
): Resource {
  return {
    kind,
    metadata: {
      name,
      ...(project === null ? {} : { project }),
      createdAt: stored.createdAt,
      updatedAt: stored.updatedAt,
      version: stored.version,
      ...(tags === null ? {} : { tags }),
      ...(stored.provisionedFrom === null ? {} : { annotations: { [provisionedAnnotation]: stored.provisionedFrom } }),
    },
    spec,
  };
}

/** The model has checked the duration's form; a dashboard that would never live is refused here. */
function expiryOf(document: ResourceDocument, updatedAt: string): { ttlMs: number; expiresAt: string } {
  const ttl: JsonObject[string] | undefined = document.spec["ttl"];
  const ttlMs = typeof ttl === "string" ? parseDurationMs(ttl) : null;
  if (ttlMs === null || ttlMs <= 0) {
    throw new AppError(
      "invalid_request",
      `${describeKey(document)}: ttl ${JSON.stringify(ttl ?? null)} is not a duration above 0, such as "1h"`,
      { fields: [{ pointer: "/spec/ttl", detail: "a duration above 0 is needed" }] },
    );
  }
  // Beyond the year 9999 the text of a time would be longer and sort wrongly.
  const expiresMs = Math.min(resourceTimeMs(updatedAt) + ttlMs, Date.UTC(9999, 11, 31));
  return { ttlMs, expiresAt: formatResourceTime(expiresMs) };
}
