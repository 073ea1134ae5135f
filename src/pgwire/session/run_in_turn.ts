/** Several statements of the engine in place of one of PostgreSQL's (`translate/` says which). */
import type { Connection } from "../../engine/duckdb.ts";
import { EngineStatement } from "../../engine/statement.ts";
import type { ParsedStatement } from "../../sql/statement.ts";
import { tagOf } from "./results.ts";

/** Carries them out in the open transaction, one after the other; the last one gives the command tag. */
export async function runInTurn(
  connection: Connection,
  parsed: ParsedStatement,
  texts: readonly string[],
): Promise<string> {
  let tag = parsed.tag;
  for (const text of texts) {
    const statement = await EngineStatement.prepare(connection, text);
    try {
      tag = await tagOf(parsed, await statement.execute());
    } finally {
      statement.dispose();
    }
  }
  return tag;
}
