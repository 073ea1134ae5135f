/**
 * Import: from an uploaded file and, for append and upsert, the version before, to a new version file. The version
 * before is copied, never touched. Nullability is enforced by the table, the primary key by a query over the finished
 * table, which can spill where an index could not. The order of the file's rows is kept.
 */
import { copyFile, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { DuckDBValue } from "@duckdb/node-api";
import { AppError } from "../errors/app_error.ts";
import type { VersionWritten } from "../ipc/messages.ts";
import { quoteIdentifier, quoteLiteral } from "../engine/duckdb.ts";
import { openCsv } from "./storage_jobs_csv.ts";
import { openJson } from "./storage_jobs_json.ts";
import { openParquet } from "./storage_jobs_parquet.ts";
import {
  discardPartial,
  jobFailure,
  type JobSession,
  openJobSession,
  partialPath,
  publish,
} from "./storage_jobs_session.ts";
import { type Column, errorText, type FileSource, importFailed, type ImportJob } from "./storage_jobs_source.ts";

/** Each alternative widens at least one column or gives up, so a file of this many columns still ends. */
const attemptsMax = 200;

/** Runs an import. Throws `import_failed` when the file is at fault; then, as after every failure, no file is left. */
export async function importVersion(job: ImportJob): Promise<VersionWritten> {
  if (job.mode === "upsert" && job.primary_key.length === 0) {
    throw new AppError("invalid_request", "mode: upsert needs a table with a primary key, and this one has none");
  }
  await mkdir(job.temp_directory, { recursive: true });
  await mkdir(dirname(job.target_path), { recursive: true });
  const session = await openJobSession({
    temporaryDirectory: job.temp_directory,
    memoryBytesMax: job.memory_bytes_max,
  });
  try {
    return await importWithAlternatives(session, job);
  } catch (error) {
    throw jobFailure(error, "import");
  } finally {
    session.close();
    await discardPartial(job.target_path);
  }
}

async function importWithAlternatives(session: JobSession, job: ImportJob): Promise<VersionWritten> {
  const open = { csv: openCsv, json: openJson, parquet: openParquet }[job.format];
  let source = await open(session, job);
  for (let attempt = 1;; attempt++) {
    try {
      const written = await writeVersion(session, job, source);
      return { ...written, size_bytes: await publish(job.target_path) };
    } catch (error) {
      await session.run("ROLLBACK").catch(() => {});
      await session.run("DETACH DATABASE IF EXISTS target").catch(() => {});
      await session.run("DROP TABLE IF EXISTS temp.main.stage").catch(() => {});
      await discardPartial(job.target_path);
      if (error instanceof AppError || attempt >= attemptsMax) throw error;
      const empty = await explainNotNull(source, error);
      if (empty !== null) throw empty;
      const alternative = await source.alternative(error);
      if (alternative === null) throw await source.explain(error) ?? error;
      source = alternative;
    }
  }
}

async function writeVersion(
  session: JobSession,
  job: ImportJob,
  source: FileSource,
): Promise<Omit<VersionWritten, "size_bytes">> {
  const partial = partialPath(job.target_path);
  const basePath = job.mode === "full" ? null : job.base_path;
  const absent = job.primary_key.find((key) => !source.columns.some(({ name }) => name === key));
  if (absent !== undefined) {
    const columnNames = source.columns.map(({ name }) => name).join(", ");
    throw new AppError(
      "invalid_request",
      `primary key: "${absent}" is not a column of the file, which has ${columnNames}`,
    );
  }
  if (basePath !== null) await copyFile(basePath, partial);
  await session.run(`ATTACH ${quoteLiteral(partial)} AS target`);
  if (basePath === null) await session.run(createTable("target.main.data", source.columns, job.primary_key));
  const names = source.columns.map(({ name }) => quoteIdentifier(name)).join(", ");
  let importedRows: number;
  if (job.mode === "upsert") {
    await session.run(createTable("stage", source.columns, job.primary_key, "TEMP TABLE"));
    importedRows = await session.run(`INSERT INTO temp.main.stage (${names}) ${source.select}`);
    await source.verify();
    await checkUnique(session, "temp.main.stage", job);
    await session.run("BEGIN");
    if (basePath !== null) {
      const same = job.primary_key.map(quoteIdentifier).map((key) => `data.${key} = stage.${key}`).join(" AND ");
      await session.run(`DELETE FROM target.main.data AS data USING temp.main.stage AS stage WHERE ${same}`);
    }
    await session.run(`INSERT INTO target.main.data (${names}) SELECT ${names} FROM temp.main.stage`);
    await session.run("COMMIT");
    await session.run("DROP TABLE temp.main.stage");
  } else {
    importedRows = await session.run(`INSERT INTO target.main.data (${names}) ${source.select}`);
    await source.verify();
    await checkUnique(session, "target.main.data", job);
  }
  const written = await describeVersion(session);
  await session.run("CHECKPOINT target");
  await session.run("DETACH target");
  return { ...written, imported_rows: importedRows };
}

/** `CREATE TABLE`, primary key columns NOT NULL. */
export function createTable(
  name: string,
  columns: readonly Column[],
  primaryKey: readonly string[],
  kind: "TABLE" | "TEMP TABLE" = "TABLE",
): string {
  const definitions = columns.map((column) =>
    `${quoteIdentifier(column.name)} ${column.type}${
      column.nullable && !primaryKey.includes(column.name) ? "" : " NOT NULL"
    }`
  );
  return `CREATE ${kind} ${name} (${definitions.join(", ")})`;
}

/** Columns and row count of `target.main.data`. */
export async function describeVersion(session: JobSession): Promise<{ columns: Column[]; rows: number }> {
  const described = await session.rows("DESCRIBE target.main.data");
  const [[count] = []] = await session.rows("SELECT count(*) FROM target.main.data");
  return {
    columns: described.map((row) => ({ name: String(row[0]), type: String(row[1]), nullable: row[2] === "YES" })),
    rows: Number(count),
  };
}

async function checkUnique(
  session: JobSession,
  table: string,
  { mode, primary_key: primaryKey }: ImportJob,
): Promise<void> {
  if (primaryKey.length === 0) return;
  const keys = primaryKey.map(quoteIdentifier).join(", ");
  const shownKeys = primaryKey.map((name) => `CAST(any_value(${quoteIdentifier(name)}) AS VARCHAR)`).join(", ");
  const [duplicate] = await session.rows(
    `SELECT ${shownKeys}, count(*) FROM ${table} GROUP BY ${keys} HAVING count(*) > 1 LIMIT 1`,
  );
  if (duplicate === undefined) return;
  const values = duplicate.slice(0, primaryKey.length).map((value: DuckDBValue) => String(value)).join(", ");
  const place = mode === "append" ? "the table with the new rows" : "the file";
  throw importFailed(
    `primary key (${primaryKey.join(", ")}): (${values}) appears ${String(duplicate.at(-1))} times in ${place}`,
  );
}

async function explainNotNull(source: FileSource, error: unknown): Promise<AppError | null> {
  const match = /NOT NULL constraint failed: [^.]+\.([^\n]+)/.exec(errorText(error));
  if (match === null) return null;
  const columnName = match[1] ?? "";
  const place = await source.locateNull(columnName).catch(() => "a row");
  return importFailed(`${place}, column "${columnName}": empty, but the column is not nullable`, error);
}
