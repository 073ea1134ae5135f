/**
 * Finds the row of a refused batch that broke a constraint. DuckDB says which key, column or expression it was, but not which row;
 * the batch is still in memory and can be asked.
 */
import type { AppError } from "../../errors/app_error.ts";
import { readLengthLimit } from "../../sql/translate/rewrite/statements/mod.ts";
import { type Connection, quoteIdentifier, quoteLiteral, rows } from "../duckdb.ts";
import type { RowLoader } from "./row_loader.ts";

export interface RefusedRow {
  readonly lineNumber: number;
  /** Where a single value was at fault. */
  readonly column: string | null;
}

/**
 * The row's line, or null when it cannot be told (a foreign key, whose violation PostgreSQL gives no line to either). Call it with
 * the transaction rolled back. `tableName` is the table's own name.
 */
export async function findRefusedRow(
  error: AppError,
  loader: RowLoader,
  connection: Connection,
  tableName: string,
): Promise<RefusedRow | null> {
  const lineNumber = await lineOfRefusal(error, loader, connection, tableName);
  if (lineNumber === null) return null;
  const limit = error.kind === "string_data_right_truncation" ? readLengthLimit(checkOf(error.message) ?? "") : null;
  return { lineNumber, column: limit?.column ?? null };
}

/** `CHECK((a > 0))`. */
function checkOf(message: string): string | undefined {
  return /with expression (CHECK\(.*\))$/s.exec(message)?.[1];
}

async function lineOfRefusal(
  error: AppError,
  loader: RowLoader,
  connection: Connection,
  tableName: string,
): Promise<number | null> {
  try {
    switch (error.kind) {
      case "not_null_violation": {
        const column = /\.([^.]+)$/.exec(error.message)?.[1] ?? "";
        const isCopied = loader.columnNames.includes(column);
        const [line] = await loader.findLines(isCopied ? `${quoteIdentifier(column)} IS NULL` : "true");
        return line ?? null;
      }
      case "check_violation":
      case "string_data_right_truncation": {
        const check = checkOf(error.message);
        if (check === undefined) return null;
        const [line] = await loader.findLines(`NOT ${check.slice("CHECK".length)}`);
        return line ?? null;
      }
      case "unique_violation":
        return await lineOfDuplicate(error.message, loader, connection, tableName);
      default:
        return null;
    }
  } catch {
    // The line is a courtesy: a condition that does not bind leaves the error without it.
    return null;
  }
}

/** `Duplicate key "a: 1, b: x"` for a row that the table has, `duplicate key "1, x"` for one of this transaction. */
async function lineOfDuplicate(
  message: string,
  loader: RowLoader,
  connection: Connection,
  tableName: string,
): Promise<number | null> {
  const key = /duplicate key "(.*)"/is.exec(message)?.[1];
  if (key === undefined) return null;
  const isCommitted = message.startsWith("Duplicate key");
  for (const columns of await uniqueColumns(connection, tableName)) {
    if (!columns.every((column) => loader.columnNames.includes(column))) continue;
    const parts = columns.map((column) => {
      const value = `CAST(${quoteIdentifier(column)} AS VARCHAR)`;
      return isCommitted ? `${quoteLiteral(`${column}: `)} || ${value}` : value;
    });
    const [first, second] = await loader.findLines(`${parts.join(" || ', ' || ")} = ${quoteLiteral(key)}`);
    // Within one COPY it is the second of two that is too much.
    const line = isCommitted ? first : second ?? first;
    if (line !== undefined) return line;
  }
  return null;
}

/** The columns of each primary key, unique constraint and unique index of tables with this name. */
async function uniqueColumns(connection: Connection, tableName: string): Promise<string[][]> {
  const name = quoteLiteral(tableName);
  const found = await rows(
    connection,
    `SELECT array_to_string(constraint_column_names, chr(1)) FROM duckdb_constraints()
     WHERE table_name=${name} AND constraint_type IN ('PRIMARY KEY', 'UNIQUE')
     UNION ALL SELECT replace(trim(expressions, '[]'), ', ', chr(1)) FROM duckdb_indexes()
     WHERE table_name=${name} AND is_unique`,
  );
  return found.map(([columns]) =>
    String(columns).split("\u0001").map((column) => column.replace(/^['"](.*)['"]$/s, "$1"))
  );
}
