/** Buckets and tables: creating, listing, deleting, previewing; versions and restoring one; the catalog for workers. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../errors/app_error.ts";
import {
  type PreviewResult,
  previewResultSchema,
  type ProjectCatalog,
  type StorageJob,
  versionWrittenSchema,
} from "../ipc/messages.ts";
import { normalizeColumnType } from "./column_types.ts";
import type { FilePins } from "./file_pins.ts";
import { KeyedQueue } from "./keyed_queue.ts";
import { checkBucketId, checkColumns, checkTableName, parseTableId, schemaOfBucket, tableName } from "./names.ts";
import type { Page, PageRequest } from "./page.ts";
import { versionFilePath } from "./paths.ts";
import { conflictWhenTaken, type ProjectService } from "./projects.ts";
import type {
  Bucket,
  Scope,
  StorageEvents,
  StorageJobPort,
  StorageSettings,
  Table,
  TableName,
  TableRepository,
  TableVersion,
  VersionOrigin,
} from "./types.ts";

export interface TableDependencies {
  readonly projects: ProjectService;
  readonly tables: TableRepository;
  readonly jobs: StorageJobPort;
  readonly events: StorageEvents;
  readonly settings: StorageSettings;
  readonly pins: FilePins;
  readonly now: () => number;
}

export interface TableInput {
  readonly bucketId: string;
  readonly name: string;
  readonly columns: readonly { name: string; type: string; nullable?: boolean | undefined }[];
  readonly primaryKey: readonly string[];
}

/** Changes of one table that may run or wait at once; each waiting import has its file on disk already. */
const changesPerTableMax = 16;

export class TableService {
  readonly #dependencies: TableDependencies;
  readonly #repository: TableRepository;
  readonly #changes = new KeyedQueue(changesPerTableMax);

  constructor(dependencies: TableDependencies) {
    this.#dependencies = dependencies;
    this.#repository = dependencies.tables;
  }

  async createBucket(scope: Scope, input: { id: string; description: string | null }): Promise<Bucket> {
    checkBucketId(input.id);
    const schema = schemaOfBucket(input.id);
    const bucket = { id: input.id, schema, description: input.description, createdAt: this.#timestamp() };
    await conflictWhenTaken(
      this.#repository.insertBucket(scope, bucket),
      `bucket: "${input.id}" cannot be made, its schema ${schema} exists already`,
    );
    await this.changed(scope);
    return bucket;
  }

  async requireBucket(scope: Scope, bucketId: string): Promise<Bucket> {
    await this.#dependencies.projects.assertScope(scope);
    const bucket = await this.#repository.findBucket(scope, bucketId);
    if (bucket === null) throw new AppError("not_found", `bucket: "${bucketId}" does not exist`);
    return bucket;
  }

  async listBuckets(scope: Scope, page: PageRequest): Promise<Page<Bucket>> {
    await this.#dependencies.projects.assertScope(scope);
    return await this.#repository.listBuckets(scope, page);
  }

  /** Without `withTables` a bucket that has tables is refused. */
  async deleteBucket(scope: Scope, bucketId: string, options: { withTables: boolean }): Promise<void> {
    await this.#dependencies.projects.assertScope(scope);
    const outcome = await this.#repository.deleteBucket(scope, bucketId, options);
    if (outcome === "not_found") throw new AppError("not_found", `bucket: "${bucketId}" does not exist`);
    if (outcome === "not_empty") {
      throw new AppError("dependent_objects", `bucket: "${bucketId}" still has tables`, {
        hint: "Delete its tables first, or add ?force=true.",
      });
    }
    await this.changed(scope);
  }

  /** Makes an empty table. */
  async createTable(scope: Scope, input: TableInput): Promise<Table> {
    checkTableName(input.name);
    checkColumns(input.columns, input.primaryKey);
    const columns = input.columns.map(({ name, type, nullable }, index) => ({
      name,
      type: normalizeColumnType(type, `/columns/${index}/type`),
      nullable: (nullable ?? true) && !input.primaryKey.includes(name),
    }));
    await this.requireBucket(scope, input.bucketId);
    const table = tableName(input.bucketId, input.name);
    return await this.changing(scope, table, async () => {
      const present = await this.#repository.findTable(scope, table.key);
      if (present !== null) throw new AppError("conflict", `table: "${present.id}" exists already`);
      await this.writeVersion(scope, table, "create", "absent", input.primaryKey, (targetPath) => ({
        job: "create_empty",
        target_path: targetPath,
        columns,
        primary_key: [...input.primaryKey],
      }));
      return await this.requireTable(scope, table.id);
    });
  }

  /** Throws `not_found`. */
  async requireTable(scope: Scope, tableId: string): Promise<Table> {
    const table = await this.findTable(scope, tableId);
    if (table === null) throw new AppError("not_found", `table: "${tableId}" does not exist`);
    return table;
  }

  /** Null for a missing table; throws `not_found` for a missing project or branch. */
  async findTable(scope: Scope, tableId: string): Promise<Table | null> {
    await this.#dependencies.projects.assertScope(scope);
    const name = parseTableId(tableId);
    const table = name === null ? null : await this.#repository.findTable(scope, name.key);
    return table?.id === tableId ? table : null;
  }

  async listTables(scope: Scope, page: PageRequest, bucketId: string | null): Promise<Page<Table>> {
    await this.#dependencies.projects.assertScope(scope);
    return await this.#repository.listTables(scope, page, bucketId);
  }

  /** The files go with the next cleanup, once nobody reads them. */
  async deleteTable(scope: Scope, tableId: string): Promise<void> {
    const table = await this.requireTable(scope, tableId);
    await this.changing(scope, table, async () => {
      if (!await this.#repository.deleteTable(scope, table.key)) await this.requireTable(scope, tableId);
      await this.changed(scope);
    });
  }

  async preview(scope: Scope, tableId: string, limit: number): Promise<{ table: Table; preview: PreviewResult }> {
    const table = await this.requireTable(scope, tableId);
    const path = this.absolutePath(table.current);
    const unpin = this.#dependencies.pins.pin(path);
    try {
      const result = await this.#dependencies.jobs.runStorageJob({ job: "preview", source_path: path, limit });
      return { table, preview: previewResultSchema.parse(result) };
    } finally {
      unpin();
    }
  }

  async listVersions(
    scope: Scope,
    tableId: string,
    page: PageRequest,
  ): Promise<{ table: Table; versions: Page<TableVersion> }> {
    const table = await this.requireTable(scope, tableId);
    return { table, versions: await this.#repository.listVersions(scope, table.key, page) };
  }

  /** Makes an earlier version current again, as a new version over the same file. */
  async restoreVersion(scope: Scope, tableId: string, versionNumber: number): Promise<Table> {
    const table = await this.requireTable(scope, tableId);
    await this.changing(scope, table, async () => {
      const path = this.absolutePath(await this.#requireVersion(scope, table, versionNumber));
      const unpin = this.#dependencies.pins.pin(path);
      try {
        // Read again now that the cleanup cannot take the file.
        const earlier = await this.#requireVersion(scope, table, versionNumber);
        const version = await this.#repository.reserveVersion(scope, table.key);
        const restored = { ...earlier, version, origin: "restore", createdAt: this.#timestamp() } as const;
        await this.#repository.publishVersion(scope, table, restored, "present");
      } finally {
        unpin();
      }
      await this.changed(scope);
    });
    return await this.requireTable(scope, tableId);
  }

  /** The tables that workspaces of a project, or of a branch, see now. Throws `not_found`. */
  async projectCatalog(projectId: string, branchId: string | null): Promise<ProjectCatalog> {
    const scope = { projectId, branchId };
    await this.#dependencies.projects.assertScope(scope);
    const [buckets, tables] = [await this.#repository.allBuckets(scope), await this.#repository.allTables(scope)];
    const catalog = {
      schemas: buckets.map((bucket) => bucket.schema),
      tables: tables.map(({ id, schema, name, current }) => ({
        table_id: id,
        schema,
        name,
        version: current.version,
        file_path: this.absolutePath(current),
        columns: current.columns.map((column) => ({ ...column })),
        primary_key: [...current.primaryKey],
        rows: current.rows,
        size_bytes: current.sizeBytes,
      })),
    };
    this.#dependencies.pins.lease(catalog.tables.map((table) => table.file_path));
    return catalog;
  }

  /** Runs a change of one table: one at a time, in order. Throws `too_many_requests` when too many wait. */
  changing<Result>(scope: Scope, table: TableName, work: () => Promise<Result>): Promise<Result> {
    return this.#changes.run(changeKey(scope, table), `table "${table.id}"`, work);
  }

  /** A place in the table's line, taken before an upload starts. */
  takePlace(scope: Scope, table: TableName) {
    return this.#changes.take(changeKey(scope, table), `table "${table.id}"`);
  }

  /**
   * Writes a new version in a storage worker and moves the pointer. The version number is committed before the job
   * starts, so a crash leaves at most a file that nothing refers to; a failure removes it here.
   */
  async writeVersion(
    scope: Scope,
    table: TableName,
    origin: VersionOrigin,
    expect: "present" | "absent",
    primaryKey: readonly string[],
    job: (targetPath: string) => StorageJob,
  ): Promise<TableVersion & { readonly importedRows: number }> {
    const version = await this.#repository.reserveVersion(scope, table.key);
    const filePath = versionFilePath(scope, table, version);
    const targetPath = join(this.#dependencies.settings.dataDirectory, filePath);
    const unpin = this.#dependencies.pins.pin(targetPath);
    try {
      const written = versionWrittenSchema.parse(await this.#dependencies.jobs.runStorageJob(job(targetPath)));
      const row: TableVersion = {
        version,
        filePath,
        rows: written.rows,
        sizeBytes: written.size_bytes,
        columns: written.columns,
        primaryKey,
        origin,
        createdAt: this.#timestamp(),
      };
      await this.#repository.publishVersion(scope, table, row, expect);
      await this.changed(scope);
      return { ...row, importedRows: written.imported_rows };
    } catch (error) {
      // After an unclear commit the version may be referred to: then the file stays, else the cleanup takes it.
      const referenced = await this.#repository.findVersion(scope, table.key, version).catch(() => "unknown");
      if (referenced === null) await rm(targetPath, { force: true }).catch(() => {});
      throw error;
    } finally {
      unpin();
    }
  }

  absolutePath(version: TableVersion): string {
    return join(this.#dependencies.settings.dataDirectory, version.filePath);
  }

  /** Resolves when open workspaces know, so that who changed a table finds it changed in every session. */
  changed(scope: Scope): Promise<void> {
    return this.#dependencies.events.onCatalogChanged(scope.projectId, scope.branchId);
  }

  async #requireVersion(scope: Scope, table: Table, version: number): Promise<TableVersion> {
    const found = await this.#repository.findVersion(scope, table.key, version);
    if (found === null) throw new AppError("not_found", `version: ${version} of table "${table.id}" does not exist`);
    return found;
  }

  #timestamp(): string {
    return new Date(this.#dependencies.now()).toISOString();
  }
}

function changeKey(scope: Scope, table: TableName): string {
  return `${scope.projectId}/${scope.branchId ?? ""}/${table.key}`;
}
