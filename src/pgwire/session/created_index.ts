/** The index that CREATE INDEX makes: the statement's facts name its table only. */
import type { ParsedStatement, RelationName } from "../../sql/statement.ts";

const createIndex =
  /^\s*create\s+(?:unique\s+)?index\s+(?:concurrently\s+)?(?:if\s+not\s+exists\s+)?(?:"((?:[^"]|"")+)"|(\w+))\s+on\b/i;

/** In its table's schema; null for any other statement, and for an index without a name. */
export function createdIndex(parsed: ParsedStatement): RelationName | null {
  const match = createIndex.exec(parsed.text);
  if (match === null) return null;
  const name = match[1]?.replaceAll('""', '"') ?? match[2]!.toLowerCase();
  return { catalog: null, schema: parsed.facts.changes[0]?.target.schema ?? null, name };
}
