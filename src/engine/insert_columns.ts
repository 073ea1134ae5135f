/**
 * INSERT without a list of columns and with fewer values than the table has: PostgreSQL fills the other columns with their defaults, DuckDB
 * refuses the statement and tells both numbers.
 */
import type { ParsedStatement } from "../sql/statement.ts";
import type { Connection } from "./duckdb.ts";
import { columnNames } from "./lookups.ts";

const otherNumber = /^table .* has (\d+) columns but (\d+) values were supplied/is;

/**
 * The statement with the names of the first columns, for which it has values; null for any other statement and error. `database` is the
 * workspace's own; the connection must be free.
 */
export async function withInsertColumns(
  statement: ParsedStatement,
  error: unknown,
  connection: Connection,
  database: string,
): Promise<ParsedStatement | null> {
  const numbers = error instanceof Error ? otherNumber.exec(error.message) : null;
  const target = statement.facts.changes[0]?.target;
  if (numbers === null || target === undefined || statement.kind !== "insert") return null;
  if (statement.insertColumns !== undefined || Number(numbers[2]) >= Number(numbers[1])) return null;
  const { schema, name } = target;
  const path = schema === null
    ? [name]
    : schema === "pg_temp"
    ? ["temp", "main", name]
    : schema === "public" || schema === "main"
    ? [database, "main", name]
    : [schema, name];
  const columns = await columnNames(connection, path);
  return columns === null ? null : { ...statement, insertColumns: columns.slice(0, Number(numbers[2])) };
}
