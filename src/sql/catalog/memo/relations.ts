/**
 * Which relations of the emulated catalog are kept, and after what change they are read again: told from their SQL. One whose rows belong to a
 * moment or to a session (what runs, settings, sizes, a sequence's value) stays a view.
 */
import { catalogDatabase, type CatalogRelation, catalogRelationPath } from "../types.ts";
import { duckdbType } from "../relations/define.ts";
import { isPart, partsIn, withoutParts } from "./parts.ts";
import type { MemoChange, QueryRowsMemo } from "./types.ts";

/** What a kept query must not read. */
const momentary =
  /\.state\.(sessions|settings|prepared_statements|cursors|table_sizes)\b|pg_backend_pid|__eider_setting|\blast_value\b|pragma_database_size|timezone_names/;
const ofData = /\b(estimated_size|row_count|size_bytes)\b/;
const ofDefinitions =
  /\bduckdb_(?!functions\(|types\(|schemas\()\w+\(|\.state\.(?!project_)|\bcurrent_(user|database)\b|pragma_(?!collations)/;
const ofRoutines = /\bduckdb_(functions|types|schemas)\(|\.state\.project_|pragma_collations/;

/** Each is a part of the next one. */
const order: readonly MemoChange[] = ["never", "routines", "definitions", "data"];

/** DuckDB plans a view without rows as nothing at all. */
const isEmpty = (relation: CatalogRelation) => /WHERE false$/.test(relation.select);

/** After what the rows of SQL may be others, being it and all that it uses; null when they must not be kept. */
export function changeOf(sql: readonly string[]): MemoChange | null {
  const texts = sql.map((text) => withoutParts(text).replace(/'(?:[^']|'')*'/g, "''"));
  if (texts.some((text) => momentary.test(text))) return null;
  const found = sql.flatMap(partsIn).map((part) => part.changes);
  if (texts.some((text) => ofData.test(text))) found.push("data");
  if (texts.some((text) => ofDefinitions.test(text))) found.push("definitions");
  if (texts.some((text) => ofRoutines.test(text))) found.push("routines");
  return order.findLast((change) => found.includes(change)) ?? "never";
}

/** Schema and name, such as `pg.pg_class`: what `needs` has, too. */
export function relationKey(relation: Pick<CatalogRelation, "schema" | "name">): string {
  return catalogRelationPath(relation).slice(catalogDatabase.length + 1).replaceAll('"', "");
}

/** `textsOf` gives the texts of all objects that SQL names, and of what they use. Null for a relation that is not kept. */
export function memoOf(relation: CatalogRelation, textsOf: (sql: string) => readonly string[]): QueryRowsMemo | null {
  if (isEmpty(relation) || isPart(relation.select)) return null;
  const change = changeOf([relation.select, ...textsOf(relation.select)]);
  if (change === null) return null;
  // information_schema shows nothing of rows, whatever the relations tell that it is made of.
  const changes = change === "data" && relation.schema === "information_schema" ? "definitions" : change;
  const columns = relation.columns.map(({ name, type }) => ({ name, type: duckdbType(type) }));
  return { kind: "rows", key: relationKey(relation), columns, sql: relation.select, changes };
}
