/**
 * String constants that are written into columns of bytes or arrays: in INSERT, SET, MERGE and DEFAULT they have the column's type. The types of a
 * table's columns are known only where somebody has looked them up (`../../table_columns.ts`); else everything stays as it is.
 */
import type { Scope, ScopeRelation } from "../scope.ts";
import { type StaticType, typeOfTypeName } from "../static_types.ts";
import { bodyOf, child, list, mapList, type PgNode, text, withFields } from "../tree.ts";
import { constantOfType, withColumnType } from "./casts.ts";
import { rewriteRangeVar } from "./relations.ts";

function typeOfColumn(relation: ScopeRelation, name: string): StaticType {
  return relation.columns?.find((column) => column.name === name)?.type ?? null;
}

/** The query of an INSERT: rows of VALUES, or the select list of a query. */
export function withTypedRows(query: PgNode, insert: PgNode, relation: ScopeRelation): PgNode {
  if (relation.columns === null) return query;
  const named = list(insert, "cols").map((node) => text(bodyOf(node, "ResTarget"), "name"));
  const types = named.length === 0
    ? relation.columns.map(({ type }) => type)
    : named.map((name) => typeOfColumn(relation, name));
  return withFields(query, {
    valuesLists: ifChanged(query, "valuesLists", (row) => typedRow(row, types)),
    targetList: ifChanged(query, "targetList", (node, at) => typedTarget(node, types[at] ?? null)),
  });
}

function ifChanged(body: PgNode, field: string, change: (node: PgNode, at: number) => PgNode): unknown {
  const before = list(body, field);
  const after = mapList(before, change);
  return after === before ? body[field] : after;
}

function typedRow(row: PgNode, types: readonly StaticType[]): PgNode {
  const body = bodyOf(row, "List");
  if (body === null) return row;
  const items = ifChanged(body, "items", (item, at) => withColumnType(item, types[at] ?? null));
  return items === body["items"] ? row : { List: withFields(body, { items }) };
}

function typedTarget(node: PgNode, type: StaticType): PgNode {
  const target = bodyOf(node, "ResTarget");
  const value = child(target, "val");
  if (target === null || value === null) return node;
  const typed = withColumnType(value, type);
  return typed === value ? node : { ResTarget: withFields(target, { val: typed }) };
}

/** A body with a SET list as `targetList`. */
export function withTypedAssignments(body: PgNode, relation: ScopeRelation): PgNode {
  if (relation.columns === null) return body;
  const types = list(body, "targetList").map((node) => typeOfColumn(relation, text(bodyOf(node, "ResTarget"), "name")));
  const targetList = ifChanged(body, "targetList", (node, at) => {
    const part = bodyOf(child(bodyOf(node, "ResTarget"), "val"), "MultiAssignRef");
    if (part === null) return typedTarget(node, types[at] ?? null);
    return typedPart(node, part, types.slice(at - Number(part["colno"] ?? 1) + 1));
  });
  return withFields(body, { targetList });
}

/** One column of `(a, b) = (1, 2)`, which has the whole row beside it. */
function typedPart(node: PgNode, part: PgNode, types: readonly StaticType[]): PgNode {
  const row = bodyOf(child(part, "source"), "RowExpr");
  if (row === null) return node;
  const values = ifChanged(row, "args", (item, at) => withColumnType(item, types[at] ?? null));
  if (values === row["args"]) return node;
  const source = { RowExpr: withFields(row, { args: values }) };
  return {
    ResTarget: withFields(bodyOf(node, "ResTarget")!, { val: { MultiAssignRef: withFields(part, { source }) } }),
  };
}

/** The UPDATE and INSERT actions of a MERGE. */
export function withTypedActions(merge: PgNode, relation: ScopeRelation): PgNode {
  const { columns } = relation;
  if (columns === null) return merge;
  return withFields(merge, {
    mergeWhenClauses: ifChanged(merge, "mergeWhenClauses", (node) => {
      const clause = bodyOf(node, "MergeWhenClause");
      if (clause === null) return node;
      const targets = list(clause, "targetList").map((target) => text(bodyOf(target, "ResTarget"), "name"));
      const typed = withTypedAssignments(clause, relation);
      const values = ifChanged(typed, "values", (value, at) => {
        const type = targets.length === 0 ? columns[at]?.type ?? null : typeOfColumn(relation, targets[at] ?? "");
        return withColumnType(value, type);
      });
      return { MergeWhenClause: withFields(typed, { values }) };
    }),
  });
}

/** `ALTER COLUMN c SET DEFAULT '…'`. */
export function withTypedDefaults(alter: PgNode, scope: Scope): PgNode {
  const { columns } = rewriteRangeVar(child(alter, "relation") ?? {}, scope).relation;
  if (columns === null) return alter;
  return withFields(alter, {
    cmds: ifChanged(alter, "cmds", (node) => {
      const command = bodyOf(node, "AlterTableCmd");
      const value = child(command, "def");
      if (command === null || value === null || text(command, "subtype") !== "AT_ColumnDefault") return node;
      const type = columns.find(({ name }) => name === text(command, "name"))?.type ?? null;
      const typed = constantOfType(value, type, scope);
      return typed === value ? node : { AlterTableCmd: withFields(command, { def: typed }) };
    }),
  });
}

/** PostgreSQL keeps any number of digits; what is lost here must not be lost in silence. */
const numericNotice = "numeric without precision is kept as numeric(38,10): further decimals are rounded. " +
  "Write numeric(precision, scale) for more, or double precision";

/** A column's definition has its type beside it. */
export function rewriteColumnDefinition(body: PgNode, node: PgNode, scope: Scope): PgNode {
  const typeName = child(body, "typeName");
  if (typeName === null) return node;
  const type = typeOfTypeName(typeName);
  if (type === "numeric" && list(typeName, "typmods").length === 0) scope.statement.notices.add(numericNotice);
  const constraints = ifChanged(body, "constraints", (item) => {
    const constraint = bodyOf(item, "Constraint");
    const value = child(constraint, "raw_expr");
    if (constraint === null || value === null || text(constraint, "contype") !== "CONSTR_DEFAULT") return item;
    const typed = constantOfType(value, type, scope);
    return typed === value ? item : { Constraint: withFields(constraint, { raw_expr: typed }) };
  });
  return constraints === body["constraints"] ? node : { ColumnDef: withFields(body, { constraints }) };
}
