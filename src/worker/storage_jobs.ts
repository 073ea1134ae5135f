/**
 * Storage jobs: work on table version files, inside a worker process. A version file holds one table, `main.data`, and is
 * never changed once it has its final name. See `storage_jobs_import.ts` for imports.
 */
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { DuckDBValue } from "@duckdb/node-api";
import type { ExportResult, PreviewResult, StorageJob, VersionWritten } from "../ipc/messages.ts";
import { quoteIdentifier, quoteLiteral } from "../engine/duckdb.ts";
import { createTable, describeVersion, importVersion } from "./storage_jobs_import.ts";
import {
  discardPartial,
  jobFailure,
  type JobSession,
  openJobSession,
  partialPath,
  publish,
} from "./storage_jobs_session.ts";
import type { Column } from "./storage_jobs_source.ts";

/**
 * Runs one job; the result is `VersionWritten` for import and create_empty, `ExportResult`, or `PreviewResult`
 * (`ipc/messages.ts`). Throws `AppError` without server paths in its text.
 */
export function runStorageJob(job: StorageJob): Promise<unknown> {
  switch (job.job) {
    case "import":
      return importVersion(job);
    case "create_empty":
      return createEmpty(job);
    case "export":
      return exportVersion(job);
    case "preview":
      return previewVersion(job);
    default: {
      const never: never = job;
      throw new Error(`unknown storage job: ${JSON.stringify(never)}`);
    }
  }
}

type JobOf<Name extends StorageJob["job"]> = Extract<StorageJob, { job: Name }>;

async function createEmpty(job: JobOf<"create_empty">): Promise<VersionWritten> {
  await mkdir(dirname(job.target_path), { recursive: true });
  const session = await openJobSession({ temporaryDirectory: null });
  try {
    await session.run(`ATTACH ${quoteLiteral(partialPath(job.target_path))} AS target`);
    await session.run(createTable("target.main.data", job.columns, job.primary_key));
    const written = await describeVersion(session);
    await session.run("CHECKPOINT target");
    await session.run("DETACH target");
    return { ...written, imported_rows: 0, size_bytes: await publish(job.target_path) };
  } catch (error) {
    throw jobFailure(error, "create table");
  } finally {
    session.close();
    await discardPartial(job.target_path);
  }
}

const exportOptions = {
  // An empty string is written as "", a NULL as nothing, as the import reads them.
  csv: "FORMAT csv, HEADER true",
  json: "FORMAT json, ARRAY false",
  parquet: "FORMAT parquet, COMPRESSION zstd",
} as const;

async function exportVersion(job: JobOf<"export">): Promise<ExportResult> {
  await mkdir(dirname(job.target_path), { recursive: true });
  await mkdir(job.temp_directory, { recursive: true });
  const partial = partialPath(job.target_path);
  const session = await openJobSession({
    temporaryDirectory: job.temp_directory,
    memoryBytesMax: job.memory_bytes_max,
  });
  try {
    await session.run(`ATTACH ${quoteLiteral(job.source_path)} AS source (READ_ONLY)`);
    const rows = await session.run(
      `COPY (SELECT ${await exportList(session, job.format)} FROM source.main.data) ` +
        `TO ${quoteLiteral(partial)} (${exportOptions[job.format]})`,
    );
    await rename(partial, job.target_path);
    return { rows, size_bytes: (await stat(job.target_path)).size };
  } catch (error) {
    throw jobFailure(error, "export");
  } finally {
    session.close();
    await rm(partial, { force: true });
  }
}

/** All columns; for JSON, which has no number for NaN and infinities, with their texts in place, as PostgreSQL writes them. */
async function exportList(session: JobSession, format: JobOf<"export">["format"]): Promise<string> {
  if (format !== "json") return "*";
  const described = await session.rows("DESCRIBE source.main.data");
  const numbers = described.filter((row) => row[1] === "DOUBLE" || row[1] === "FLOAT");
  const replaced = numbers.map((row) => {
    const name = quoteIdentifier(String(row[0]));
    const number = row[1] === "FLOAT" ? floatAsWritten(name) : name;
    return `CASE WHEN isnan(${name}) THEN '"NaN"'::JSON WHEN isinf(${name}) ` +
      `THEN to_json(CASE WHEN ${name} > 0 THEN 'Infinity' ELSE '-Infinity' END) ELSE to_json(${number}) END AS ${name}`;
  });
  return replaced.length === 0 ? "*" : `* REPLACE (${replaced.join(", ")})`;
}

/** Through its text a FLOAT is 0.1, and not the double next to it. */
function floatAsWritten(name: string): string {
  return `CAST(CAST(${name} AS VARCHAR) AS DOUBLE)`;
}

async function previewVersion(job: JobOf<"preview">): Promise<PreviewResult> {
  const session = await openJobSession({ temporaryDirectory: null });
  try {
    await session.run(`ATTACH ${quoteLiteral(job.source_path)} AS target (READ_ONLY)`);
    const { columns } = await describePreview(session);
    const list = columns.map(previewExpression).join(", ");
    const rows = await session.rows(`SELECT ${list} FROM target.main.data LIMIT ${job.limit}`);
    return { columns, rows: rows.map((row) => row.map(previewValue)) };
  } catch (error) {
    throw jobFailure(error, "preview");
  } finally {
    session.close();
  }
}

async function describePreview(session: JobSession): Promise<{ columns: Column[] }> {
  const described = await session.rows("DESCRIBE target.main.data");
  return {
    columns: described.map((row) => ({ name: String(row[0]), type: String(row[1]), nullable: row[2] === "YES" })),
  };
}

const plainTypes = /^(BOOLEAN|U?TINYINT|U?SMALLINT|U?INTEGER|U?BIGINT|DOUBLE)$/;

/** Numbers and booleans as they are, times with a zone as RFC 3339 UTC, all else as text. */
function previewExpression(column: Column): string {
  const name = quoteIdentifier(column.name);
  if (column.type === "FLOAT") return floatAsWritten(name);
  if (plainTypes.test(column.type)) return name;
  if (column.type === "TIMESTAMP WITH TIME ZONE") {
    return `CASE WHEN isfinite(${name}) THEN strftime(CAST(${name} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%fZ') ` +
      `ELSE CAST(${name} AS VARCHAR) END`;
  }
  if (column.type === "BLOB") return `'\\x' || lower(hex(${name}))`;
  return `CAST(${name} AS VARCHAR)`;
}

function previewValue(value: DuckDBValue): string | number | boolean | null {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return String(value);
}
