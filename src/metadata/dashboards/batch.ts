/** Many resources at once: what a project holds, and writes of an import or of provisioning, inside one transaction. */
import { isDeepStrictEqual } from "node:util";
import { AppError } from "../../errors/app_error.ts";
import {
  type ProjectContents,
  type ProvisionedResource,
  RefusedWrite,
  type ResourceWrite,
  transferredKinds,
  type WriteOutcome,
  type WriteRule,
} from "../../dashboards/repository.ts";
import type { LiveDashboardState } from "../../dashboards/states.ts";
import type { Change, JsonObject, Resource, ResourceDocument, ResourceKey } from "../../dashboards/types.ts";
import {
  deleteDashboard,
  findDashboardRow,
  placeOf,
  readDocuments,
  requireDashboardRow,
  summaryColumns,
  toDashboardResource,
  toDashboardRow,
} from "./rows.ts";
import {
  adoptResource,
  deleteResource,
  describeKey,
  findResource,
  listResources,
  ownerOfResource,
} from "./resource_rows.ts";
import { createIn, requireProject, updateIn } from "./resource_store.ts";
import { recordStateChange } from "./state_changes.ts";
import type { MetadataConnection } from "../types.ts";

const ownableTables = {
  dashboard: { project: "Dashboard", global: "Dashboard" },
  datasource: { project: "Datasource", global: "GlobalDatasource" },
  variable: { project: "Variable", global: "GlobalVariable" },
  folder: { project: "Folder", global: "Folder" },
} as const;

/** All kinds of one project, with dashboards of all states but the trash. */
export async function readContents(connection: MetadataConnection, project: string): Promise<ProjectContents> {
  const resources: Resource[] = [];
  const unreadable: ResourceKey[] = [];
  for (const kind of transferredKinds) {
    if (kind !== "Dashboard") {
      resources.push(...await listResources(connection, { kind, project }, (key) => unreadable.push(key)));
      continue;
    }
    const found = await connection.query(
      `SELECT ${summaryColumns} FROM dashboard WHERE project_id = $1 AND state <> 'deleted' ORDER BY name`,
      [project],
    );
    const rows = found.map(toDashboardRow);
    const documents = await readDocuments(connection, rows.map((row) => row.versionId));
    for (const row of rows) {
      const document = documents.get(row.versionId) ?? null;
      if (document !== null) resources.push(toDashboardResource(row, document));
      else unreadable.push({ kind, project, name: row.summary.name });
    }
  }
  return { resources, unreadable };
}

/** In the order given. Throws `RefusedWrite` for the first that cannot be done. */
export async function writeAll(
  connection: MetadataConnection,
  writes: readonly ResourceWrite[],
  rule: WriteRule,
  change: Change,
  now: string,
): Promise<WriteOutcome[]> {
  const outcomes: WriteOutcome[] = [];
  for (const [index, write] of writes.entries()) {
    try {
      await requireProject(connection, write.document);
      outcomes.push(await writeOne(connection, write, rule, change, now));
    } catch (error) {
      throw new RefusedWrite(index, error);
    }
  }
  return outcomes;
}

/** The document as stored, null when it cannot be read; undefined when there is none. */
interface Present {
  readonly document: { spec: JsonObject; tags: readonly string[] } | null;
  readonly version: number;
  readonly owner: string | null;
  readonly state: LiveDashboardState | null;
}

async function writeOne(
  connection: MetadataConnection,
  { document, state }: ResourceWrite,
  rule: WriteRule,
  change: Change,
  now: string,
): Promise<WriteOutcome> {
  const { kind, project, name } = document;
  const key = { kind, project, name };
  const source = {
    origin: rule.origin,
    provisionedFrom: rule.provisionedFrom ?? null,
    templateKey: rule.templateKey ?? null,
  };
  const present = await readPresent(connection, key);
  if (present === undefined) {
    const created = await createIn(
      connection,
      document,
      change,
      { ...source, ...(state === null ? {} : { state }) },
      now,
    );
    if (rule.templateKey !== undefined) {
      await connection.execute("INSERT INTO dashboard_template_use VALUES ($1, $2, $3)", [
        rule.templateKey,
        project ?? "",
        now,
      ]);
    }
    return { key, outcome: "created", version: created.metadata.version };
  }
  if (rule.whenTaken === "skip") return { key, outcome: "skipped", version: present.version };
  if (rule.whenTaken === "refuse") throw new AppError("conflict", `${describeKey(key)} exists already`);
  const sameContent = present.document !== null && isSameContent(present.document, document);
  if (rule.origin === "provision") await takeOver(connection, key, present, sameContent, rule);
  let version = present.version;
  if (!sameContent) version = (await updateIn(connection, document, change, source, now)).metadata.version;
  const stateChanges = kind === "Dashboard" && state !== null && state !== present.state;
  if (stateChanges) {
    const { summary } = await requireDashboardRow(connection, placeOf(document).project, name);
    await connection.execute(
      "UPDATE dashboard SET state = $2, state_changed_at = $3, state_changed_by = $4 WHERE id = $1",
      [summary.id, state, now, change.author],
    );
    await recordStateChange(connection, summary, state, change, now);
  }
  return { key, outcome: sameContent && !stateChanges ? "unchanged" : "replaced", version };
}

async function readPresent(connection: MetadataConnection, key: ResourceKey): Promise<Present | undefined> {
  const { kind, project, name } = key;
  if (kind === "Dashboard") {
    const row = await findDashboardRow(connection, placeOf(key).project, name);
    if (row === null) return undefined;
    const spec = (await readDocuments(connection, [row.versionId])).get(row.versionId) ?? null;
    return {
      document: spec === null ? null : { spec, tags: row.tags ?? [] },
      version: row.summary.version,
      owner: row.summary.provisionedFrom,
      state: row.summary.state === "deleted" ? null : row.summary.state,
    };
  }
  const plain = { kind, project, name };
  const owner = await ownerOfResource(connection, plain);
  try {
    const found = await findResource(connection, plain);
    if (found === null) return undefined;
    const document = { spec: found.spec, tags: found.metadata.tags ?? [] };
    return { document, version: found.metadata.version, owner, state: null };
  } catch (error) {
    if (!(error instanceof AppError && error.kind === "io_error")) throw error;
    return { document: null, version: 0, owner, state: null };
  }
}

/** A file becomes the owner of what has its content already; it never overwrites what somebody else has made. */
async function takeOver(
  connection: MetadataConnection,
  key: ResourceKey,
  present: Present,
  sameContent: boolean,
  rule: WriteRule,
): Promise<void> {
  const file = rule.provisionedFrom ?? "";
  if (present.owner === file) return;
  if (present.owner !== null && rule.takesFrom?.(present.owner) !== true) {
    throw new AppError("conflict", `${describeKey(key)}: provisioned from ${present.owner} already`, {
      hint: "Keep it in one file only.",
    });
  }
  if (present.owner === null && !sameContent) {
    throw new AppError("conflict", `${describeKey(key)}: exists already and was not provisioned`, {
      hint: "Delete it, give the file's document another name, or make both the same.",
    });
  }
  const { kind, project, name } = key;
  if (kind === "Dashboard") {
    await connection.execute("UPDATE dashboard SET provisioned_from = $2 WHERE live_key = $1", [
      `${project}/${name}`,
      file,
    ]);
  } else if (kind !== "EphemeralDashboard") await adoptResource(connection, { kind, project, name }, file);
}

function isSameContent(
  present: { readonly spec: JsonObject; readonly tags: readonly string[] },
  document: ResourceDocument,
): boolean {
  // As it would come out of the store: without undefined fields and without a prototype of its own.
  const stored = JSON.parse(JSON.stringify({ spec: document.spec, tags: document.tags ?? [] })) as unknown;
  return isDeepStrictEqual({ spec: present.spec, tags: present.tags }, stored);
}

/** What files own, by file. */
export async function listProvisioned(connection: MetadataConnection): Promise<ProvisionedResource[]> {
  const owned: ProvisionedResource[] = [];
  for (const [table, kinds] of Object.entries(ownableTables)) {
    const rows = await connection.query(
      `SELECT project_id, name, provisioned_from FROM ${table} WHERE provisioned_from IS NOT NULL
       ORDER BY project_id, name`,
    );
    for (const row of rows) {
      const project = String(row["project_id"]);
      owned.push({
        key: {
          kind: project === "" ? kinds.global : kinds.project,
          project: project === "" ? null : project,
          name: String(row["name"]),
        },
        file: String(row["provisioned_from"]),
      });
    }
  }
  return owned;
}

/** Nothing happens when another owns it by now, or it is gone. */
export async function deleteProvisionedIn(
  connection: MetadataConnection,
  { key, file }: ProvisionedResource,
  change: Change,
  now: string,
): Promise<void> {
  const present = await readPresent(connection, key);
  if (present?.owner !== file) return;
  const { kind, project, name } = key;
  const source = { origin: "provision" } as const;
  if (kind === "Dashboard") await deleteDashboard(connection, placeOf(key), change, source, now);
  else await deleteResource(connection, { kind, project, name }, change, source);
}
