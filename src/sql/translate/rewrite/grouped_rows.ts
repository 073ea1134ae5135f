/**
 * GROUP BY of a function that returns rows, by the name or number of its output column or as it is written there. PostgreSQL makes the rows
 * before it groups them; DuckDB unnests after that. So the functions move into FROM: `FROM …, LATERAL (SELECT f() AS r1) AS rows`.
 */
import { aliasBody, columnRef, rangeSubselect, selectBody, target } from "./build.ts";
import { columnName } from "./column_name.ts";
import { returnsRows } from "./rules/set_returning.ts";
import type { Scope } from "./scope.ts";
import { bodyOf, child, isObject, list, type PgNode, stringOf, stringsOf, text, withFields } from "./tree.ts";

const rowsName = "__eider_rows";

/** The body of a plain SELECT in PostgreSQL's terms, still without its rewriting; the same one where nothing is to be done. */
export function withGroupedRows(body: PgNode, scope: Scope): PgNode {
  const group = list(body, "groupClause");
  const items = list(body, "targetList");
  if (group.length === 0 || items.some(isStar)) return body;
  const values: PgNode[] = [];
  /** The column that stands for the value. */
  const moved = (value: PgNode): PgNode => {
    const same = values.findIndex((known) => isSame(known, value));
    const at = same >= 0 ? same : values.push(value) - 1;
    return columnRef(rowsName, `r${at + 1}`);
  };
  const groups = group.map((item) => {
    const value = valueOf(item, items);
    return value !== null && holdsRows(value, scope) ? moved(value) : item;
  });
  if (values.length === 0) return body;
  const targets = items.map((item) => {
    const result = bodyOf(item, "ResTarget")!;
    const value = child(result, "val");
    if (value === null || !values.some((known) => isSame(known, value))) return item;
    const name = text(result, "name") || columnName(value) || "?column?";
    return { ResTarget: withFields(result, { name, val: moved(value) }) };
  });
  const rows = selectBody(values.map((value, at) => target(value, `r${at + 1}`)));
  return withFields(body, {
    targetList: targets,
    groupClause: groups,
    fromClause: [...list(body, "fromClause"), rangeSubselect(rows, aliasBody(rowsName), true)],
  });
}

/** What an item of GROUP BY means among the output columns; null for a column of FROM. */
function valueOf(item: PgNode, targets: readonly PgNode[]): PgNode | null {
  const integer = child(bodyOf(item, "A_Const"), "ival");
  if (integer !== null) return child(bodyOf(targets[Number(integer["ival"] ?? 0) - 1], "ResTarget"), "val");
  const fields = list(bodyOf(item, "ColumnRef"), "fields");
  if (fields.length === 0) return item;
  const name = stringOf(fields[0]);
  const named = fields.length === 1
    ? targets.map((node) => bodyOf(node, "ResTarget")!).find((node) => outputName(node) === name)
    : undefined;
  const value = child(named ?? null, "val");
  // `SELECT unnest(tags) AS tags … GROUP BY tags`: a column of FROM goes before an output column.
  return value === null || readsColumn(value, name) ? null : value;
}

function outputName(result: PgNode): string | null {
  const value = child(result, "val");
  return text(result, "name") || (value === null ? null : columnName(value));
}

function isStar(item: PgNode): boolean {
  const result = bodyOf(item, "ResTarget");
  return result === null ||
    list(bodyOf(child(result, "val"), "ColumnRef"), "fields").some((field) => "A_Star" in field);
}

function readsColumn(node: unknown, name: string): boolean {
  if (Array.isArray(node)) return node.some((item) => readsColumn(item, name));
  if (!isObject(node)) return false;
  const fields = stringsOf(bodyOf(node, "ColumnRef"), "fields");
  return fields.at(-1) === name || Object.values(node).some((item) => readsColumn(item, name));
}

function holdsRows(node: unknown, scope: Scope): boolean {
  if (Array.isArray(node)) return node.some((item) => holdsRows(item, scope));
  if (!isObject(node) || "SubLink" in node) return false;
  const name = stringsOf(bodyOf(node, "FuncCall"), "funcname").at(-1);
  return name !== undefined && returnsRows(name, scope) || Object.values(node).some((item) => holdsRows(item, scope));
}

/** Wherever they stand in the text. */
function isSame(first: PgNode, second: PgNode): boolean {
  const shape = (node: PgNode) => JSON.stringify(node, (key, value) => key === "location" ? undefined : value);
  return first === second || shape(first) === shape(second);
}
