/**
 * `ResourceStore` over the metadata pool: all resources of the dashboard API. Each change is one transaction, after other
 * changes of the same project (`ProjectChanges`), so that it meets a project that exists and conflicts with nothing.
 */
import { listedStates } from "../../dashboards/states.ts";
import type {
  Change,
  Resource,
  ResourceDocument,
  ResourceFilter,
  ResourceKey,
  ResourceStore,
  StoredDocument,
} from "../../dashboards/types.ts";
import {
  type DashboardRow,
  deleteDashboard,
  findDashboardRow,
  insertDashboard,
  placeOf,
  readDocuments,
  readDocumentTexts,
  requireDocument,
  summaryColumns,
  toDashboardResource,
  toDashboardRow,
  updateDashboard,
  type VersionSource,
} from "./rows.ts";
import { deleteResource, findResource, insertResource, listResources, updateResource } from "./resource_rows.ts";
import { makeResourceClock } from "./resource_times.ts";
import { type ProjectChanges, requireScope } from "../storage/shared.ts";
import type { MetadataConnection, MetadataPool, SqlParameter } from "../types.ts";

/** Changes of global resources queue under this name, which no project has. */
const globalQueue = "";

export interface ResourceStoreLogger {
  warn(message: string, fields?: Record<string, unknown>): void;
}

export class MetadataResourceStore implements ResourceStore {
  readonly #pool: MetadataPool;
  readonly #changes: ProjectChanges;
  readonly #log: ResourceStoreLogger;
  readonly #now: () => string;

  constructor(pool: MetadataPool, changes: ProjectChanges, log: ResourceStoreLogger, now = makeResourceClock()) {
    this.#pool = pool;
    this.#changes = changes;
    this.#log = log;
    this.#now = now;
  }

  create(document: ResourceDocument, change: Change): Promise<Resource> {
    return this.#change(document, async (transaction, now) => {
      await requireProject(transaction, document);
      return await createIn(transaction, document, change, { origin: "create" }, now);
    });
  }

  update(document: ResourceDocument, change: Change): Promise<Resource> {
    return this.#change(
      document,
      (transaction, now) => updateIn(transaction, document, change, { origin: "update" }, now),
    );
  }

  find(key: ResourceKey): Promise<Resource | null> {
    const { kind, project, name } = key;
    if (kind !== "Dashboard") return findResource(this.#pool, { kind, project, name });
    return this.#pool.withTransaction(async (transaction) => {
      const row = await findDashboardRow(transaction, project ?? "", name);
      return row === null ? null : toDashboardResource(row, await requireDocument(transaction, row));
    });
  }

  list(filter: ResourceFilter): Promise<Resource[]> {
    const { kind } = filter;
    if (kind !== "Dashboard") {
      return listResources(this.#pool, { ...filter, kind }, (key) => this.#unreadable(key));
    }
    return this.#pool.withTransaction((transaction) => this.#listDashboards(transaction, filter));
  }

  async listTexts(filter: ResourceFilter): Promise<StoredDocument[]> {
    if (filter.kind === "Dashboard" && filter.metadataOnly !== true) {
      return await this.#pool.withTransaction((transaction) => this.#listDashboardTexts(transaction, filter));
    }
    const found = await this.list(filter);
    return found.map(({ kind, metadata, spec }) => ({
      kind,
      metadata,
      specText: JSON.stringify(spec),
      isChecked: false,
    }));
  }

  async delete(key: ResourceKey, change: Change): Promise<void> {
    await this.#change(key, async (transaction, now) => {
      const { kind, project, name } = key;
      if (kind !== "Dashboard") {
        await deleteResource(transaction, { kind, project, name }, change, { origin: "update" });
      } else await deleteDashboard(transaction, { project: project ?? "", name }, change, { origin: "update" }, now);
    });
  }

  async #listDashboards(transaction: MetadataConnection, filter: ResourceFilter): Promise<Resource[]> {
    const rows = await listedRows(transaction, filter);
    if (filter.metadataOnly === true) return rows.map((row) => toDashboardResource(row, {}));
    const documents = await readDocuments(transaction, rows.map((row) => row.versionId));
    return rows.flatMap((row) => {
      const document = documents.get(row.versionId) ?? null;
      if (document !== null) return [toDashboardResource(row, document)];
      this.#unreadable({ kind: "Dashboard", project: row.summary.project, name: row.summary.name });
      return [];
    });
  }

  async #listDashboardTexts(transaction: MetadataConnection, filter: ResourceFilter): Promise<StoredDocument[]> {
    const rows = await listedRows(transaction, filter);
    const texts = await readDocumentTexts(transaction, rows.map((row) => row.versionId));
    return rows.flatMap((row): StoredDocument[] => {
      const text = texts.get(row.versionId);
      const { kind, metadata } = toDashboardResource(row, {});
      if (text !== undefined) return [{ kind, metadata, specText: text.json, isChecked: text.isChecked }];
      this.#unreadable({ kind, project: row.summary.project, name: row.summary.name });
      return [];
    });
  }

  #change<Result>(
    key: ResourceKey,
    work: (transaction: MetadataConnection, now: string) => Promise<Result>,
  ): Promise<Result> {
    return this.#changes.transaction(key.project ?? globalQueue, (transaction) => work(transaction, this.#now()));
  }

  #unreadable({ kind, project, name }: ResourceKey): void {
    this.#log.warn("a stored document cannot be read and is left out", { kind, project, name });
  }
}

/** Rows of the dashboards that are listed, by project and name. */
async function listedRows(transaction: MetadataConnection, filter: ResourceFilter): Promise<DashboardRow[]> {
  const parameters: SqlParameter[] = [];
  const conditions = [`state IN (${listedStates.map((state) => `'${state}'`).join(", ")})`];
  if (filter.project !== null) conditions.push(`project_id = $${parameters.push(filter.project)}`);
  if (filter.namePrefix !== undefined && filter.namePrefix !== "") {
    conditions.push(`starts_with(name, $${parameters.push(filter.namePrefix)})`);
  }
  const found = await transaction.query(
    `SELECT ${summaryColumns} FROM dashboard WHERE ${conditions.join(" AND ")} ORDER BY project_id, name`,
    parameters,
  );
  return found.map(toDashboardRow);
}

/** One new resource of any kind, inside of a transaction. Throws `conflict` when its name is taken. */
export async function createIn(
  transaction: MetadataConnection,
  document: ResourceDocument,
  change: Change,
  source: VersionSource,
  now: string,
): Promise<Resource> {
  const { kind } = document;
  if (kind !== "Dashboard") return await insertResource(transaction, { ...document, kind }, change, source, now);
  return toDashboardResource(await insertDashboard(transaction, document, change, source, now), document.spec);
}

/** One changed resource of any kind, inside of a transaction. Throws as `ResourceStore.update`. */
export async function updateIn(
  transaction: MetadataConnection,
  document: ResourceDocument,
  change: Change,
  source: VersionSource,
  now: string,
): Promise<Resource> {
  const { kind } = document;
  if (kind !== "Dashboard") return await updateResource(transaction, { ...document, kind }, change, source, now);
  return toDashboardResource(await updateDashboard(transaction, document, change, source, now), document.spec);
}

/** Throws `not_found` for a project that does not exist. */
export async function requireProject(
  transaction: MetadataConnection,
  document: Pick<ResourceDocument, "kind" | "project" | "name">,
): Promise<void> {
  if (document.project === null) {
    if (document.kind !== "GlobalDatasource" && document.kind !== "GlobalVariable") placeOf(document);
    return;
  }
  await requireScope(transaction, { projectId: document.project, branchId: null });
}
