/**
 * Rows of `dashboard` and `dashboard_version` (migration 004): single steps on a connection, for the repositories, which put
 * them into transactions.
 *
 * Nothing joins the two tables: DuckDB would read the documents of all dashboards for it. The summary is read first, by
 * `live_key` or a scan of small columns, then the documents by their ids, through the index (docs/adr/0005).
 */
import { AppError } from "../../errors/app_error.ts";
import {
  type DashboardState,
  type LiveDashboardState,
  nameOf,
  provisionedAnnotation,
  refuseDocumentChange,
  refuseProvisioned,
  requireVersion,
  stateAnnotation,
  type VersionOrigin,
} from "../../dashboards/states.ts";
import { searchTexts } from "../../dashboards/search_text.ts";
import { type DashboardSummary, describeDocument } from "../../dashboards/summary.ts";
import type { Change, JsonObject, Resource, ResourceDocument, ResourceKey } from "../../dashboards/types.ts";
import {
  checkMark,
  documentJson,
  packDocument,
  parseDocument,
  readTags,
  unpackDocument,
  writeTags,
} from "./document_text.ts";
import { notBefore } from "./resource_times.ts";
import { recordStateChange } from "./state_changes.ts";
import type { MetadataConnection, SqlRow } from "../types.ts";

/** A dashboard's history has at most this many versions, the present one included. */
export const versionsKept = 50;
/** DuckDB looks up to 2,048 keys of one list through the index; shorter lists keep the statement text small. */
const idsOfOneQueryMax = 500;

export const summaryColumns = `id, project_id, name, state, state_changed_at, state_changed_by, version, version_id,
  created_at, created_by, updated_at, updated_by, title, description, tags, provisioned_from, template_key`;

/** Tables whose rows go with their project (`MetadataProjectRepository.deleteProject`). */
export const dashboardTablesOfProjects = [
  "dashboard_state_change",
  "dashboard_template_use",
  "dashboard_template",
  "folder",
  "variable",
  "datasource",
  "ephemeral_dashboard",
  "dashboard_version",
  "dashboard",
] as const;

/** A summary and where its present document is. */
export interface DashboardRow {
  readonly summary: DashboardSummary;
  readonly versionId: number;
  /** Null when the document has no tags at all. */
  readonly tags: readonly string[] | null;
}

/** What made the version, beside the change. */
export interface VersionSource {
  readonly origin: VersionOrigin;
  /** For `provision`: the file. */
  readonly provisionedFrom?: string | null;
  /** For `template`. */
  readonly templateKey?: string | null;
  /** Of a new dashboard, `active` by default. */
  readonly state?: LiveDashboardState;
  /** The document has not passed the present rules, for once: an old version that is restored as it was. */
  readonly isUnchecked?: boolean;
}

export function toDashboardRow(row: SqlRow): DashboardRow {
  const tags = readTags(row["tags"]);
  return {
    summary: {
      id: Number(row["id"]),
      project: String(row["project_id"]),
      name: String(row["name"]),
      state: row["state"] as DashboardState,
      stateChangedAt: String(row["state_changed_at"]),
      stateChangedBy: String(row["state_changed_by"]),
      version: Number(row["version"]),
      createdAt: String(row["created_at"]),
      createdBy: String(row["created_by"]),
      updatedAt: String(row["updated_at"]),
      updatedBy: String(row["updated_by"]),
      title: textOrNull(row["title"]),
      description: textOrNull(row["description"]),
      tags: tags ?? [],
      provisionedFrom: textOrNull(row["provisioned_from"]),
      templateKey: textOrNull(row["template_key"]),
    },
    versionId: Number(row["version_id"]),
    tags,
  };
}

export function toDashboardResource({ summary, tags }: DashboardRow, spec: JsonObject): Resource {
  const annotations: Record<string, string> = {};
  if (summary.state !== "active") annotations[stateAnnotation] = summary.state;
  if (summary.provisionedFrom !== null) annotations[provisionedAnnotation] = summary.provisionedFrom;
  return {
    kind: "Dashboard",
    metadata: {
      name: summary.name,
      project: summary.project,
      createdAt: summary.createdAt,
      updatedAt: summary.updatedAt,
      version: summary.version,
      ...(tags === null ? {} : { tags }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    spec,
  };
}

/** A dashboard that is not deleted. */
export async function findDashboardRow(
  connection: MetadataConnection,
  project: string,
  name: string,
): Promise<DashboardRow | null> {
  const [row] = await connection.query(`SELECT ${summaryColumns} FROM dashboard WHERE live_key = $1`, [
    `${project}/${name}`,
  ]);
  return row === undefined ? null : toDashboardRow(row);
}

/** Throws `not_found`. */
export async function requireDashboardRow(
  connection: MetadataConnection,
  project: string,
  name: string,
): Promise<DashboardRow> {
  const row = await findDashboardRow(connection, project, name);
  if (row === null) throw new AppError("not_found", `${nameOf({ project, name })} does not exist`);
  return row;
}

/** The documents of these rows of `dashboard_version`; one that cannot be read is null, one that is gone is missing. */
export async function readDocuments(
  connection: MetadataConnection,
  versionIds: readonly number[],
): Promise<Map<number, JsonObject | null>> {
  const documents = new Map<number, JsonObject | null>();
  for (let start = 0; start < versionIds.length; start += idsOfOneQueryMax) {
    const ids = versionIds.slice(start, start + idsOfOneQueryMax);
    const marks = ids.map((_, index) => `$${index + 1}`).join(", ");
    const rows = await connection.query(`SELECT id, document FROM dashboard_version WHERE id IN (${marks})`, ids);
    for (const row of rows) documents.set(Number(row["id"]), unpackDocument(String(row["document"])));
  }
  return documents;
}

/** A document as its JSON text, and whether it has passed the present rules. */
export interface DocumentText {
  readonly json: string;
  readonly isChecked: boolean;
}

/** The documents of these rows as text, without those that cannot be read; one that is checked need not be parsed to know that it can. */
export async function readDocumentTexts(
  connection: MetadataConnection,
  versionIds: readonly number[],
): Promise<Map<number, DocumentText>> {
  const texts = new Map<number, DocumentText>();
  for (let start = 0; start < versionIds.length; start += idsOfOneQueryMax) {
    const ids = versionIds.slice(start, start + idsOfOneQueryMax);
    const marks = ids.map((_, index) => `$${index + 1}`).join(", ");
    const rows = await connection.query(
      `SELECT id, document, checked FROM dashboard_version WHERE id IN (${marks})`,
      ids,
    );
    for (const row of rows) {
      const text = String(row["document"]);
      const json = documentJson(text);
      const isChecked = row["checked"] === checkMark(text);
      if (json !== null && (isChecked || parseDocument(json) !== null)) {
        texts.set(Number(row["id"]), { json, isChecked });
      }
    }
  }
  return texts;
}

/** Throws `io_error` for a stored document that cannot be read, with the way out. */
export async function requireDocument(connection: MetadataConnection, row: DashboardRow): Promise<JsonObject> {
  const document = (await readDocuments(connection, [row.versionId])).get(row.versionId);
  if (document !== undefined && document !== null) return document;
  const { project, name, version } = row.summary;
  throw new AppError("io_error", `${nameOf(row.summary)}: the stored document of version ${version} cannot be read`, {
    hint: `Restore an earlier version: POST /projects/${project}/dashboards/${name}/versions/{n}/restore.`,
  });
}

/** Throws `conflict` when the name is taken. */
export async function insertDashboard(
  connection: MetadataConnection,
  document: ResourceDocument,
  change: Change,
  source: VersionSource,
  now: string,
): Promise<DashboardRow> {
  const { project, name } = placeOf(document);
  if (await findDashboardRow(connection, project, name) !== null) {
    throw new AppError("conflict", `${nameOf({ project, name })} exists already`);
  }
  const [ids] = await connection.query<{ id: number }>("SELECT nextval('dashboard_id') AS id");
  const version = { dashboardId: Number(ids?.id), project, version: 0, at: now };
  const versionId = await insertVersion(connection, document, change, source, version);
  const { title, description, searchText, searchDescription } = describe(document);
  const summary: DashboardSummary = {
    id: version.dashboardId,
    project,
    name,
    state: source.state ?? "active",
    stateChangedAt: now,
    stateChangedBy: change.author,
    version: 0,
    createdAt: now,
    createdBy: change.author,
    updatedAt: now,
    updatedBy: change.author,
    title,
    description,
    tags: document.tags ?? [],
    provisionedFrom: source.provisionedFrom ?? null,
    templateKey: source.templateKey ?? null,
  };
  await connection.execute(
    `INSERT INTO dashboard (${summaryColumns}, live_key, search_text, search_description)
     VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $5, $6, $5, $6, $8, $9, $10, $11, $12, $13, $14, $15)`,
    [
      summary.id,
      project,
      name,
      summary.state,
      now,
      change.author,
      versionId,
      title,
      description,
      writeTags(document.tags),
      summary.provisionedFrom,
      summary.templateKey,
      `${project}/${name}`,
      searchText,
      searchDescription,
    ],
  );
  return { summary, versionId, tags: document.tags };
}

/**
 * Adds a version and makes it the present one. Throws `not_found`, `precondition_failed`, and `conflict` for a dashboard that
 * is archived or that a file owns.
 */
export async function updateDashboard(
  connection: MetadataConnection,
  document: ResourceDocument,
  change: Change,
  source: VersionSource,
  now: string,
): Promise<DashboardRow> {
  const { project, name } = placeOf(document);
  const { summary } = await requireDashboardRow(connection, project, name);
  refuseDocumentChange(summary, source.origin);
  requireVersion(nameOf(summary), summary.version, change.expectedVersion);
  const version = summary.version + 1;
  const at = notBefore(now, summary.createdAt);
  const place = { dashboardId: summary.id, project, version, at };
  const versionId = await insertVersion(connection, document, change, source, place);
  const { title, description, searchText, searchDescription } = describe(document);
  const provisionedFrom = source.origin === "provision" ? source.provisionedFrom ?? null : summary.provisionedFrom;
  await connection.execute(
    `UPDATE dashboard SET version = $2, version_id = $3, updated_at = $4, updated_by = $5, title = $6, description = $7,
       tags = $8, provisioned_from = $9, search_text = $10, search_description = $11 WHERE id = $1`,
    [
      summary.id,
      version,
      versionId,
      at,
      change.author,
      title,
      description,
      writeTags(document.tags),
      provisionedFrom,
      searchText,
      searchDescription,
    ],
  );
  if (version >= versionsKept) {
    for (const table of ["dashboard_version", "dashboard_state_change"]) {
      await connection.execute(`DELETE FROM ${table} WHERE dashboard_id = $1 AND version <= $2`, [
        summary.id,
        version - versionsKept,
      ]);
    }
  }
  const tags = document.tags ?? [];
  const changed = { version, updatedAt: at, updatedBy: change.author, title, description, tags, provisionedFrom };
  return { summary: { ...summary, ...changed }, versionId, tags: document.tags };
}

/** Into the trash: the name is free, the history stays. Throws as `updateDashboard`, but archived ones can be deleted. */
export async function deleteDashboard(
  connection: MetadataConnection,
  place: { readonly project: string; readonly name: string },
  change: Change,
  source: Pick<VersionSource, "origin">,
  now: string,
): Promise<DashboardSummary> {
  const { summary } = await requireDashboardRow(connection, place.project, place.name);
  refuseProvisioned(summary, source.origin === "provision", "deleted");
  requireVersion(nameOf(summary), summary.version, change.expectedVersion);
  await connection.execute(
    `UPDATE dashboard SET state = 'deleted', state_before = state, live_key = NULL, state_changed_at = $2,
       state_changed_by = $3, provisioned_from = NULL WHERE id = $1`,
    [summary.id, now, change.author],
  );
  await recordStateChange(connection, summary, "deleted", change, now);
  return summary;
}

interface VersionPlace {
  readonly dashboardId: number;
  readonly project: string;
  readonly version: number;
  readonly at: string;
}

async function insertVersion(
  connection: MetadataConnection,
  document: ResourceDocument,
  change: Change,
  { origin, isUnchecked }: Pick<VersionSource, "origin" | "isUnchecked">,
  { dashboardId, project, version, at }: VersionPlace,
): Promise<number> {
  const { text, sizeBytes } = packDocument(document.spec);
  const [row] = await connection.query<{ id: number }>(
    `INSERT INTO dashboard_version
       (id, dashboard_id, project_id, version, created_at, created_by, origin, message, tags, size_bytes, document, checked)
     VALUES (nextval('dashboard_version_id'), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id`,
    [
      dashboardId,
      project,
      version,
      at,
      change.author,
      origin,
      change.message,
      writeTags(document.tags),
      sizeBytes,
      text,
      isUnchecked === true ? null : checkMark(text),
    ],
  );
  return Number(row?.id);
}

function describe({ name, tags, spec }: ResourceDocument) {
  const display = describeDocument(spec);
  return { ...display, ...searchTexts({ name, ...display, tags }) };
}

export function placeOf(document: ResourceKey): { project: string; name: string } {
  if (document.project === null) throw new Error(`a ${document.kind} without a project`);
  return { project: document.project, name: document.name };
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
