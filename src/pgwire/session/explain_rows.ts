/**
 * EXPLAIN as PostgreSQL gives it: one column "QUERY PLAN", a line a row, or one json value. DuckDB gives rows of two columns, a kind of plan
 * and its whole text.
 */
import { type Connection, quoteLiteral } from "../../engine/duckdb.ts";
import { type EngineColumn, type EngineResult, EngineStatement } from "../../engine/statement.ts";
import type { ParsedStatement } from "../../sql/statement.ts";

const columnName = "QUERY PLAN";
const jsonFormat = /^\s*explain\s*\([^)]*\bformat\s*=?\s*json\b/i;

/** What Describe tells of an EXPLAIN. */
export function explainColumns(parsed: ParsedStatement): readonly EngineColumn[] {
  return [{ name: columnName, type: { name: jsonFormat.test(parsed.text) ? "JSON" : "VARCHAR" } }];
}

/** The same plan in PostgreSQL's shape. The connection is free again when this resolves. */
export async function explainRows(
  parsed: ParsedStatement,
  result: EngineResult,
  connection: Connection,
): Promise<EngineResult> {
  const plans = (await result.texts()).map((row) => row.at(-1) ?? "");
  const text = plans.join("\n").replace(/\n+$/, "");
  const plan = jsonFormat.test(parsed.text)
    ? `${quoteLiteral(text)}::JSON`
    : `unnest(string_split(${quoteLiteral(text)}, chr(10)))`;
  const statement = await EngineStatement.prepare(connection, `SELECT ${plan} AS "${columnName}"`);
  try {
    return await statement.execute({ whole: true });
  } finally {
    statement.dispose();
  }
}
