/**
 * GROUP BY a table's primary key: its other columns then have one value in each group, and PostgreSQL lets them stand in the select list, HAVING
 * and ORDER BY. DuckDB wants them in GROUP BY, where they change no group. Done only for a statement that DuckDB has refused, when the keys of its
 * tables were looked up.
 */
import { type FactsByTable, factsKey, type TableFacts } from "../table_facts.ts";
import { columnRef } from "./build.ts";
import { bodyOf, child, isObject, list, mapTree, type PgNode, stringOf, stringsOf, text, withFields } from "./tree.ts";

interface GroupedTable {
  readonly alias: string;
  readonly facts: TableFacts;
}

/** The tree before its rewriting; the same one where no table's key is grouped by. */
export function withDependentColumns(root: PgNode, facts: FactsByTable): PgNode {
  return mapTree(root, {
    SelectStmt: (body, node) => {
      const changed = withColumns(body, facts);
      return changed === body ? node : { SelectStmt: changed };
    },
  });
}

function withColumns(body: PgNode, facts: FactsByTable): PgNode {
  const group = list(body, "groupClause");
  if (group.length === 0 || group.some((item) => "GroupingSet" in item)) return body;
  const tables = list(body, "fromClause").flatMap((item) => tablesOf(item, facts));
  const grouped = group.map((item) => columnOf(item, list(body, "targetList"))).filter((names) => names !== null);
  const isGrouped = (table: GroupedTable, column: string) =>
    grouped.some((names) => means(names, table, column, tables));
  const added: PgNode[] = [];
  const used = usedColumns([body["targetList"], body["havingClause"], body["sortClause"]]);
  for (const table of tables) {
    const key = table.facts.keys.find(({ isPrimary }) => isPrimary);
    if (key === undefined || !key.columns.every((column) => isGrouped(table, column))) continue;
    for (const { name } of table.facts.columns) {
      if (isGrouped(table, name) || !used.some((names) => means(names, table, name, tables))) continue;
      added.push(columnRef(table.alias, name));
    }
  }
  return added.length === 0 ? body : withFields(body, { groupClause: [...group, ...added] });
}

/** The tables in FROM, not those inside of its subqueries. */
function tablesOf(item: PgNode, facts: FactsByTable): readonly GroupedTable[] {
  const relation = bodyOf(item, "RangeVar");
  if (relation !== null) {
    const name = text(relation, "relname");
    const alias = child(relation, "alias");
    const found = facts.get(factsKey(text(relation, "schemaname") || null, name));
    // With columns of other names they are not told apart here.
    if (found === undefined || list(alias, "colnames").length > 0) return [];
    return [{ alias: text(alias, "aliasname") || name, facts: found }];
  }
  const join = bodyOf(item, "JoinExpr");
  return [child(join, "larg"), child(join, "rarg")].flatMap((side) => side === null ? [] : tablesOf(side, facts));
}

/** The names of a column that an item of GROUP BY is, also by its number; null for anything else. */
function columnOf(item: PgNode, targets: readonly PgNode[]): readonly string[] | null {
  const number = child(bodyOf(item, "A_Const"), "ival");
  const node = number === null ? item : child(bodyOf(targets[Number(number["ival"] ?? 0) - 1], "ResTarget"), "val");
  const reference = bodyOf(node, "ColumnRef");
  return reference === null ? null : stringsOf(reference, "fields");
}

/** Whether a column's names, the last "*" for a star, mean that column of the table. */
function means(
  names: readonly string[],
  table: GroupedTable,
  column: string,
  tables: readonly GroupedTable[],
): boolean {
  const last = names.at(-1)!;
  if (last !== "*" && last !== column) return false;
  if (names.length > 1) return names.at(-2) === table.alias;
  const having = tables.filter(({ facts }) => facts.columns.some(({ name }) => name === column));
  return last === "*" || having[0] === table;
}

function usedColumns(node: unknown): readonly (readonly string[])[] {
  if (Array.isArray(node)) return node.flatMap(usedColumns);
  if (!isObject(node)) return [];
  const reference = bodyOf(node, "ColumnRef");
  if (reference === null) return Object.values(node).flatMap(usedColumns);
  return [list(reference, "fields").map((field) => "A_Star" in field ? "*" : stringOf(field))];
}
