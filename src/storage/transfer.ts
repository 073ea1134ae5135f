/**
 * Import and export of table data. An upload goes to disk as it comes, then waits for its turn at the table, then a
 * storage worker makes a new version of it. An export is written by a storage worker and streamed from its file, which has
 * no name any more by then and so goes with its last reader.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../errors/app_error.ts";
import { exportResultSchema } from "../ipc/messages.ts";
import type { FilePins } from "./file_pins.ts";
import { checkTableName, parseTableId, randomHex } from "./names.ts";
import { temporaryFolder } from "./paths.ts";
import type { TableService } from "./tables.ts";
import type { Column, Scope, StorageJobPort, StorageSettings, Table } from "./types.ts";
import { type OpenUpload, openUploadFile, receiveUpload } from "./upload.ts";

export type FileFormat = "csv" | "json" | "parquet";
export type ImportMode = "full" | "append" | "upsert";

export interface ImportOptions {
  readonly mode: ImportMode;
  readonly format: FileFormat;
  /** Of a table that the import creates; null leaves it to the table, or to none. */
  readonly primaryKey: readonly string[] | null;
}

export interface ImportOutcome {
  readonly tableId: string;
  /** Whether the import made the table. */
  readonly created: boolean;
  readonly version: number;
  readonly rows: number;
  readonly importedRows: number;
  readonly sizeBytes: number;
  readonly columns: readonly Column[];
}

export interface ExportOutcome {
  readonly body: ReadableStream<Uint8Array>;
  readonly sizeBytes: number;
  readonly fileName: string;
}

export interface TransferDependencies {
  readonly tables: TableService;
  readonly jobs: StorageJobPort;
  readonly settings: StorageSettings;
  readonly pins: FilePins;
  readonly openUpload?: OpenUpload;
}

export class TransferService {
  readonly #dependencies: TransferDependencies;

  constructor(dependencies: TransferDependencies) {
    this.#dependencies = dependencies;
  }

  /** The old version stays current until the new one is complete, and after every failure. */
  async importTable(
    scope: Scope,
    tableId: string,
    options: ImportOptions,
    body: ReadableStream<Uint8Array> | null,
  ): Promise<ImportOutcome> {
    const { tables, settings, pins } = this.#dependencies;
    const name = parseTableId(tableId);
    if (name === null) throw new AppError("not_found", `table: "${tableId}" is not <bucket id>.<table name>`);
    checkTableName(name.name, "/table_id");
    await tables.requireBucket(scope, name.bucketId);
    // Looked at before the upload, so that nobody sends two gigabytes in vain.
    primaryKeyFor(await tables.findTable(scope, tableId), options);

    const place = tables.takePlace(scope, name);
    const folder = join(settings.dataDirectory, temporaryFolder(scope, randomHex(8)));
    const uploadPath = join(folder, "upload");
    const unpin = pins.pin(folder);
    try {
      await receiveUpload(body, uploadPath, this.#dependencies.openUpload ?? openUploadFile);
      return await place.run(async () => {
        const table = await tables.findTable(scope, tableId);
        const primaryKey = primaryKeyFor(table, options);
        const version = await tables.writeVersion(
          scope,
          name,
          options.mode,
          table === null ? "absent" : "present",
          primaryKey,
          (targetPath) => ({
            job: "import",
            source_path: uploadPath,
            format: options.format,
            mode: options.mode,
            base_path: table === null || options.mode === "full" ? null : tables.absolutePath(table.current),
            target_path: targetPath,
            columns: table === null ? null : table.current.columns.map((column) => ({ ...column })),
            primary_key: [...primaryKey],
            temp_directory: join(folder, "spill"),
            memory_bytes_max: settings.jobMemoryBytesMax,
          }),
        );
        return { tableId: name.id, created: table === null, ...version };
      });
    } finally {
      place.release();
      await rm(folder, { recursive: true, force: true }).catch(() => {});
      unpin();
    }
  }

  /** Throws before the first byte when the export fails; the stream itself can only fail on a broken disk. */
  async exportTable(scope: Scope, tableId: string, format: FileFormat): Promise<ExportOutcome> {
    const { tables, jobs, settings, pins } = this.#dependencies;
    const table = await tables.requireTable(scope, tableId);
    const sourcePath = tables.absolutePath(table.current);
    const folder = join(settings.dataDirectory, temporaryFolder(scope, randomHex(8)));
    const unpin = pins.pin(sourcePath, folder);
    try {
      const targetPath = join(folder, `export.${format}`);
      const result = await jobs.runStorageJob({
        job: "export",
        source_path: sourcePath,
        format,
        target_path: targetPath,
        temp_directory: join(folder, "spill"),
        memory_bytes_max: settings.jobMemoryBytesMax,
      });
      const { size_bytes: sizeBytes } = exportResultSchema.parse(result);
      const file = await Deno.open(targetPath, { read: true });
      return { body: file.readable, sizeBytes, fileName: `${table.id}.${format}` };
    } finally {
      await rm(folder, { recursive: true, force: true }).catch(() => {});
      unpin();
    }
  }
}

/** The primary key of the version to write. Throws `invalid_request` where mode, table and parameter do not agree. */
function primaryKeyFor(table: Table | null, options: ImportOptions): readonly string[] {
  const primaryKey = table === null ? options.primaryKey ?? [] : table.current.primaryKey;
  if (table !== null && options.primaryKey !== null && options.primaryKey.join("\0") !== primaryKey.join("\0")) {
    throw new AppError(
      "invalid_request",
      `primary_key: "${options.primaryKey.join(",")}" is not that of the table, (${primaryKey.join(", ")})`,
      { fields: [{ pointer: "/primary_key", detail: "only for a table that the import creates" }] },
    );
  }
  if (options.mode === "upsert" && primaryKey.length === 0) {
    throw new AppError("invalid_request", "mode: upsert needs a table with a primary key, and this one has none", {
      fields: [{ pointer: "/mode", detail: "full or append for a table without a primary key" }],
    });
  }
  return primaryKey;
}
