/** `DashboardRepository` over the metadata pool: history, states, trash, search and batches (migration 004). */
import { AppError } from "../../errors/app_error.ts";
import type {
  DashboardFilter,
  DashboardPlace,
  DashboardRepository,
  Page,
  PageRequest,
  ProjectContents,
  ProvisionedResource,
  ResourceWrite,
  WriteOutcome,
  WriteRule,
} from "../../dashboards/repository.ts";
import { searchTexts } from "../../dashboards/search_text.ts";
import {
  type LiveDashboardState,
  nameOf,
  refuseDocumentChange,
  refuseProvisioned,
  requireVersion,
  type VersionOrigin,
} from "../../dashboards/states.ts";
import type {
  DashboardHistoryEntry,
  DashboardSummary,
  DashboardVersion,
  DashboardVersionDocument,
} from "../../dashboards/summary.ts";
import type { Change } from "../../dashboards/types.ts";
import { deleteProvisionedIn, listProvisioned, readContents, writeAll } from "./batch.ts";
import {
  deleteDashboard,
  findDashboardRow,
  readDocuments,
  requireDashboardRow,
  summaryColumns,
  toDashboardRow,
  updateDashboard,
} from "./rows.ts";
import { findCandidates, listSummaries, listTrash } from "./search.ts";
import { readTags } from "./document_text.ts";
import { makeResourceClock } from "./resource_times.ts";
import { readStateChanges, recordStateChange } from "./state_changes.ts";
import type { ProjectChanges } from "../storage/shared.ts";
import type { MetadataConnection, MetadataPool, SqlRow } from "../types.ts";

const versionColumns = "id, version, created_at, created_by, origin, message, tags, size_bytes";
/** What goes with a dashboard that is removed for good. */
const historyTables = ["dashboard_version", "dashboard_state_change"] as const;
/** Changes of global resources queue under this name, which no project has. */
const globalQueue = "";

export class MetadataDashboardRepository implements DashboardRepository {
  readonly #pool: MetadataPool;
  readonly #changes: ProjectChanges;
  readonly #now: () => string;

  /** `changes` is the one that `MetadataResourceStore` and the project repository use. */
  constructor(pool: MetadataPool, changes: ProjectChanges, now = makeResourceClock()) {
    this.#pool = pool;
    this.#changes = changes;
    this.#now = now;
  }

  async summary({ project, name }: DashboardPlace): Promise<DashboardSummary | null> {
    return (await findDashboardRow(this.#pool, project, name))?.summary ?? null;
  }

  list(filter: DashboardFilter, order: "name" | "updated", page: PageRequest): Promise<Page<DashboardSummary>> {
    return listSummaries(this.#pool, filter, order, page);
  }

  searchCandidates(words: readonly string[], filter: DashboardFilter, limit: number): Promise<DashboardSummary[]> {
    return findCandidates(this.#pool, words, filter, limit);
  }

  async versions(place: DashboardPlace, page: PageRequest): Promise<Page<DashboardHistoryEntry>> {
    const { summary } = await requireDashboardRow(this.#pool, place.project, place.name);
    const rows = await this.#pool.query(
      `SELECT ${versionColumns} FROM dashboard_version WHERE dashboard_id = $1 AND version < $2
       ORDER BY version DESC LIMIT $3`,
      [summary.id, page.after === null ? Number.MAX_SAFE_INTEGER : Number(page.after) || 0, page.limit + 1],
    );
    const stateChanges = await readStateChanges(this.#pool, summary.id);
    const items = rows.slice(0, page.limit).map(toVersion)
      .map((version) => ({ ...version, stateChanges: stateChanges.get(version.version) ?? [] }));
    return { items, next: rows.length > page.limit ? String(items.at(-1)?.version) : null };
  }

  version(place: DashboardPlace, version: number): Promise<DashboardVersionDocument> {
    return this.#pool.withTransaction(async (transaction) => {
      const { summary } = await requireDashboardRow(transaction, place.project, place.name);
      return await readVersion(transaction, summary, version);
    });
  }

  restore({ project, name }: DashboardPlace, version: number, change: Change): Promise<DashboardSummary> {
    return this.#change(project, async (transaction, now) => {
      const { summary } = await requireDashboardRow(transaction, project, name);
      refuseDocumentChange(summary, "restore");
      requireVersion(nameOf(summary), summary.version, change.expectedVersion);
      const { spec, tags } = await readVersion(transaction, summary, version);
      const message = change.message ?? `version ${version} restored`;
      const document = { kind: "Dashboard", project, name, tags, spec } as const;
      // The rules may have changed since that version was written.
      const source = { origin: "restore", isUnchecked: true } as const;
      const row = await updateDashboard(transaction, document, { ...change, message }, source, now);
      return row.summary;
    });
  }

  setState({ project, name }: DashboardPlace, state: LiveDashboardState, change: Change): Promise<DashboardSummary> {
    return this.#change(project, async (transaction, now) => {
      const { summary } = await requireDashboardRow(transaction, project, name);
      requireVersion(nameOf(summary), summary.version, change.expectedVersion);
      if (summary.state === state) return summary;
      refuseProvisioned(summary, false, "changed");
      await transaction.execute(
        "UPDATE dashboard SET state = $2, state_changed_at = $3, state_changed_by = $4 WHERE id = $1",
        [summary.id, state, now, change.author],
      );
      await recordStateChange(transaction, summary, state, change, now);
      return { ...summary, state, stateChangedAt: now, stateChangedBy: change.author };
    });
  }

  delete(place: DashboardPlace, change: Change): Promise<DashboardSummary> {
    return this.#change(
      place.project,
      (transaction, now) => deleteDashboard(transaction, place, change, { origin: "update" }, now),
    );
  }

  trash(project: string, page: PageRequest): Promise<Page<DashboardSummary>> {
    return listTrash(this.#pool, project, page);
  }

  undelete(project: string, id: number, newName: string | null, change: Change): Promise<DashboardSummary> {
    return this.#change(project, async (transaction, now) => {
      const deleted = await requireDeleted(transaction, project, id);
      const name = newName ?? deleted.name;
      if (await findDashboardRow(transaction, project, name) !== null) {
        throw new AppError("conflict", `${nameOf({ project, name })} exists: the name was taken after the deletion`, {
          hint: 'Undelete it under another name: {"name": "…"}, or delete or rename the other one first.',
        });
      }
      const { searchText } = searchTexts({ ...deleted, name });
      await transaction.execute(
        `UPDATE dashboard SET state = state_before, state_before = NULL, name = $2, live_key = $3, search_text = $4,
           state_changed_at = $5, state_changed_by = $6 WHERE id = $1`,
        [id, name, `${project}/${name}`, searchText, now, change.author],
      );
      const { summary } = await requireDashboardRow(transaction, project, name);
      const message = change.message ?? (name === deleted.name ? null : `undeleted from "${deleted.name}"`);
      await recordStateChange(transaction, deleted, summary.state, { ...change, message }, now);
      return summary;
    });
  }

  async purge(project: string, id: number): Promise<void> {
    await this.#change(project, async (transaction) => {
      await requireDeleted(transaction, project, id);
      for (const table of historyTables) {
        await transaction.execute(`DELETE FROM ${table} WHERE dashboard_id = $1`, [id]);
      }
      await transaction.execute("DELETE FROM dashboard WHERE id = $1", [id]);
    });
  }

  purgeDeletedBefore(time: string): Promise<number> {
    return this.#pool.withTransaction(async (transaction) => {
      const old = "state = 'deleted' AND state_changed_at < $1";
      const rows = await transaction.query(`SELECT 1 AS found FROM dashboard WHERE ${old} LIMIT 1`, [time]);
      if (rows.length === 0) return 0;
      for (const table of historyTables) {
        await transaction.execute(
          `DELETE FROM ${table} WHERE dashboard_id IN (SELECT id FROM dashboard WHERE ${old})`,
          [time],
        );
      }
      return await transaction.execute(`DELETE FROM dashboard WHERE ${old}`, [time]);
    });
  }

  purgeExpiredEphemerals(now: string): Promise<number> {
    return this.#pool.execute("DELETE FROM ephemeral_dashboard WHERE expires_at < $1", [now]);
  }

  contents(project: string): Promise<ProjectContents> {
    return this.#pool.withTransaction((transaction) => readContents(transaction, project));
  }

  write(
    project: string | null,
    writes: readonly ResourceWrite[],
    rule: WriteRule,
    change: Change,
  ): Promise<WriteOutcome[]> {
    return this.#change(project, (transaction, now) => writeAll(transaction, writes, rule, change, now));
  }

  provisioned(): Promise<ProvisionedResource[]> {
    return listProvisioned(this.#pool);
  }

  async deleteProvisioned(resource: ProvisionedResource, change: Change): Promise<void> {
    await this.#change(
      resource.key.project,
      (transaction, now) => deleteProvisionedIn(transaction, resource, change, now),
    );
  }

  #change<Result>(
    project: string | null,
    work: (transaction: MetadataConnection, now: string) => Promise<Result>,
  ): Promise<Result> {
    return this.#changes.transaction(project ?? globalQueue, (transaction) => work(transaction, this.#now()));
  }
}

async function readVersion(
  connection: MetadataConnection,
  dashboard: DashboardSummary,
  version: number,
): Promise<DashboardVersionDocument> {
  const [row] = await connection.query(
    `SELECT ${versionColumns} FROM dashboard_version WHERE dashboard_id = $1 AND version = $2`,
    [dashboard.id, version],
  );
  if (row === undefined) {
    throw new AppError("not_found", `${nameOf(dashboard)}: version ${version} is not kept`, {
      hint: `The present version is ${dashboard.version}; GET …/versions lists those that are kept.`,
    });
  }
  const id = Number(row["id"]);
  const spec = (await readDocuments(connection, [id])).get(id) ?? null;
  if (spec === null) {
    throw new AppError("io_error", `${nameOf(dashboard)}: the stored document of version ${version} cannot be read`, {
      hint: "Take another version.",
    });
  }
  return { ...toVersion(row), spec };
}

async function requireDeleted(connection: MetadataConnection, project: string, id: number): Promise<DashboardSummary> {
  const [row] = await connection.query(
    `SELECT ${summaryColumns} FROM dashboard WHERE id = $1 AND project_id = $2 AND state = 'deleted'`,
    [id, project],
  );
  if (row === undefined) throw new AppError("not_found", `deleted dashboard: ${id} does not exist`);
  return toDashboardRow(row).summary;
}

function toVersion(row: SqlRow): DashboardVersion {
  return {
    version: Number(row["version"]),
    createdAt: String(row["created_at"]),
    createdBy: String(row["created_by"]),
    origin: row["origin"] as VersionOrigin,
    message: typeof row["message"] === "string" ? row["message"] : null,
    tags: readTags(row["tags"]),
    sizeBytes: Number(row["size_bytes"]),
  };
}
