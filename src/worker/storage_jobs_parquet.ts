/** Parquet as an import source. Columns are matched by name; nested ones become JSON in a new table. */
import type { AppError } from "../errors/app_error.ts";
import { quoteIdentifier, quoteLiteral } from "../engine/duckdb.ts";
import type { JobSession } from "./storage_jobs_session.ts";
import {
  checkColumnNames,
  type Column,
  errorText,
  type FileSource,
  importFailed,
  type ImportJob,
  matchColumns,
  shown,
} from "./storage_jobs_source.ts";
import { isIntegerType } from "./storage_jobs_strict.ts";

interface ParquetColumn {
  readonly name: string;
  readonly type: string;
}

/** Opens an uploaded Parquet file for an import. */
export async function openParquet(session: JobSession, job: ImportJob): Promise<FileSource> {
  const path = job.source_path;
  let found: ParquetColumn[];
  try {
    const described = await session.rows(`DESCRIBE SELECT * FROM read_parquet(${quoteLiteral(path)})`);
    found = described.map((row) => ({ name: String(row[0]), type: String(row[1]) }));
  } catch (error) {
    throw explainParquet(path, error) ?? error;
  }
  checkColumnNames(found.map(({ name }) => name), "Parquet schema");
  if (job.columns === null) {
    const columns = found.map(({ name, type }) => ({ name, type: newTableType(type), nullable: true }));
    return parquetSource(session, path, columns, found);
  }
  const matched = matchColumns(job.columns, found.map(({ name }) => name), { missingAllowed: false });
  const sources = matched.map((name) => found.find((column) => column.name === name) ?? { name: "", type: "VARCHAR" });
  return parquetSource(session, path, job.columns, sources);
}

function parquetSource(
  session: JobSession,
  path: string,
  columns: readonly Column[],
  sources: readonly ParquetColumn[],
): FileSource {
  const read = `read_parquet(${quoteLiteral(path)}, file_row_number = true)`;
  const cast = (source: ParquetColumn, column: Column, keyword: "CAST" | "TRY_CAST") => {
    const name = quoteIdentifier(source.name);
    if (source.type === column.type) return name;
    return `${keyword}(${
      column.type === "JSON" && isNested(source.type) ? `to_json(${name})` : name
    } AS ${column.type})`;
  };
  const pairs = columns.map((column, index) => ({ column, source: sources[index] ?? { name: "", type: "VARCHAR" } }));
  const firstRow = async (condition: string, value: string): Promise<{ row: number; value: unknown } | null> => {
    const [found] = await session.rows(
      `SELECT file_row_number, CAST(${value} AS VARCHAR) FROM ${read} WHERE ${condition} ORDER BY file_row_number LIMIT 1`,
    );
    return found === undefined ? null : { row: Number(found[0]) + 1, value: found[1] };
  };
  const notA = (place: { row: number; value: unknown }, column: Column, cause?: unknown) =>
    importFailed(
      `row ${place.row}, column ${shown(column.name)}: ${shown(place.value)} is not a valid ${column.type}`,
      cause,
    );
  return {
    columns,
    select: `SELECT ${
      pairs.map(({ column, source }) => `${cast(source, column, "CAST")} AS ${quoteIdentifier(column.name)}`).join(", ")
    } FROM ${read}`,
    alternative: () => Promise.resolve(null),
    explain: async (error) => {
      if (/^Conversion Error|^Out of Range Error|^Invalid Input Error: .*[Cc]ast/.test(errorText(error))) {
        for (const { column, source } of pairs) {
          if (source.type === column.type) continue;
          const name = quoteIdentifier(source.name);
          const condition = `${name} IS NOT NULL AND ${cast(source, column, "TRY_CAST")} IS NULL`;
          const place = await firstRow(condition, name).catch(() => null);
          if (place !== null) return notA(place, column, error);
        }
      }
      return explainParquet(path, error);
    },
    verify: async () => {
      for (const { column, source } of pairs) {
        const loses = source.type !== column.type && source.type !== "VARCHAR" && !isIntegerType(source.type) &&
          (isIntegerType(column.type) || (column.type === "DATE" && source.type.startsWith("TIMESTAMP")));
        if (!loses) continue;
        const name = quoteIdentifier(source.name);
        const back = `CAST(${cast(source, column, "TRY_CAST")} AS ${source.type})`;
        const place = await firstRow(`${name} IS NOT NULL AND ${back} IS DISTINCT FROM ${name}`, name);
        if (place !== null) throw notA(place, column);
      }
    },
    locateNull: async (columnName) => {
      const source = pairs.find(({ column }) => column.name === columnName)?.source;
      const name = quoteIdentifier(source?.name ?? columnName);
      const place = await firstRow(`${name} IS NULL`, name);
      return place === null ? "a row" : `row ${place.row}`;
    },
  };
}

function isNested(type: string): boolean {
  return /[\[(]|^(STRUCT|MAP|LIST|UNION|VARIANT)/.test(type) && !/^(DECIMAL|ENUM)/.test(type);
}

/** Scalars stay what they are; what a PostgreSQL client could not take becomes JSON or text. */
function newTableType(type: string): string {
  if (isNested(type)) return "JSON";
  return /^(ENUM|BIT|BIGNUM|GEOMETRY|TIME_NS|NULL|VARIANT|TYPE|"?NULL"?)/.test(type) ? "VARCHAR" : type;
}

function explainParquet(path: string, error: unknown): AppError | null {
  const text = errorText(error);
  if (
    !/^(Invalid Input|IO|Binder|Conversion|Serialization|TProtocolException|Not implemented|Out of Range)/.test(text)
  ) {
    return /thrift|parquet|snappy|zstd|decompress/i.test(text)
      ? importFailed("the Parquet file is damaged", error)
      : null;
  }
  if (/too small to be a Parquet file|No magic bytes/i.test(text)) {
    return importFailed("the file is not Parquet, or it is cut off: its end has no Parquet footer", error);
  }
  if (/^IO Error/.test(text) && /space left/i.test(text)) return null;
  const first = (text.split("\n")[0] ?? "").replace(/^[A-Za-z ]+ Error: /, "")
    .replaceAll(`"${path}"`, "the file").replaceAll(`'${path}'`, "the file").replaceAll(path, "the file");
  return importFailed(`the Parquet file is damaged or not readable: ${first.slice(0, 300)}`, error);
}
