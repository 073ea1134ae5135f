/**
 * Which columns of a query are computed: by an operator or a function, so that in PostgreSQL a numeric has no precision and scale of its own.
 * A column of a table, a cast to a type with modifiers and what chooses among such values alone keep theirs. What the text does not tell
 * counts as not computed.
 */
import { bodyOf, child, flag, list, type PgNode, stringOf, stringsOf, text, typeOfNode } from "./rewrite/tree.ts";

export interface QueryColumn {
  readonly name: string;
  readonly computed: boolean;
}

/** The columns of the queries in WITH, by their names; null for those that are not known. */
export type WithQueries = ReadonlyMap<string, readonly QueryColumn[] | null>;

/** Something in FROM with columns that are known. */
export interface ComputedSource {
  readonly alias: string;
  readonly columns: readonly QueryColumn[] | null;
}

/** The queries in a statement's WITH, and those `around` it. */
export function withQueries(body: PgNode | null, around: WithQueries = new Map()): WithQueries {
  const items = list(child(body, "withClause"), "ctes");
  if (items.length === 0) return around;
  const queries = new Map(around);
  for (const item of items) {
    const query = bodyOf(item, "CommonTableExpr");
    const name = text(query, "ctename");
    queries.set(name, null);
    const columns = queryColumns(bodyOf(child(query, "ctequery"), "SelectStmt"), queries);
    queries.set(name, renamed(columns, stringsOf(query, "aliascolnames")));
  }
  return queries;
}

/** null when a star stands for columns that are not known. */
export function queryColumns(select: PgNode | null, around: WithQueries): readonly QueryColumn[] | null {
  if (select === null) return null;
  const queries = withQueries(select, around);
  if (text(select, "op") !== "SETOP_NONE") {
    const left = queryColumns(child(select, "larg"), queries);
    const right = queryColumns(child(select, "rarg"), queries);
    if (left === null || right?.length !== left.length) return left;
    return left.map(({ name, computed }, index) => ({ name, computed: computed || right[index]!.computed }));
  }
  const [firstRow, ...otherRows] = list(select, "valuesLists").map((row) => list(bodyOf(row, "List"), "items"));
  if (firstRow !== undefined) {
    return firstRow.map((value, index) => ({
      name: `column${index + 1}`,
      computed: [value, ...otherRows.map((row) => row[index] ?? null)].some((item) => isComputed(item, [])),
    }));
  }
  const sources: ComputedSource[] = [];
  for (const item of list(select, "fromClause")) collectSources(item, queries, sources);
  const columns: QueryColumn[] = [];
  for (const item of list(select, "targetList")) {
    const body = bodyOf(item, "ResTarget");
    const value = child(body, "val");
    const fields = list(bodyOf(value, "ColumnRef"), "fields");
    if (typeOfNode(fields.at(-1) ?? null) === "A_Star") {
      const meant = fields.length === 1 ? sources : sources.filter(({ alias }) => alias === stringOf(fields.at(-2)!));
      if (meant.length === 0 || meant.some((source) => source.columns === null)) return null;
      columns.push(...meant.flatMap((source) => source.columns!));
    } else {
      const name = text(body, "name") || (fields.length === 0 ? "" : stringOf(fields.at(-1)!));
      columns.push({ name, computed: isComputed(value, sources) });
    }
  }
  return columns;
}

/** Of a subquery or a name from WITH in FROM, under its alias's names; null for anything else. */
export function columnsOfItem(item: PgNode, queries: WithQueries): readonly QueryColumn[] | null {
  const subquery = bodyOf(item, "RangeSubselect");
  const table = bodyOf(item, "RangeVar");
  const names = stringsOf(child(subquery ?? table, "alias"), "colnames");
  if (subquery !== null) {
    return renamed(queryColumns(bodyOf(child(subquery, "subquery"), "SelectStmt"), queries), names);
  }
  return table === null || text(table, "schemaname") !== ""
    ? null
    : renamed(queries.get(text(table, "relname")) ?? null, names);
}

function collectSources(item: PgNode, queries: WithQueries, sources: ComputedSource[]): void {
  const join = bodyOf(item, "JoinExpr");
  if (join !== null) {
    // A star over a join that merges columns has another order.
    const merges = flag(join, "isNatural") || list(join, "usingClause").length > 0;
    for (const side of ["larg", "rarg"]) collectSources(child(join, side) ?? {}, queries, sources);
    if (merges) sources.push({ alias: "", columns: null });
    return;
  }
  const body = child(item, typeOfNode(item));
  const alias = text(child(body, "alias"), "aliasname") || text(body, "relname");
  sources.push({ alias, columns: columnsOfItem(item, queries) });
}

function renamed(columns: readonly QueryColumn[] | null, names: readonly string[]): readonly QueryColumn[] | null {
  return columns?.map((column, index) => ({ ...column, name: names[index] ?? column.name })) ?? null;
}

/** Whether a numeric of this expression has no modifier in PostgreSQL. */
export function isComputed(value: PgNode | null, sources: readonly ComputedSource[]): boolean {
  const type = typeOfNode(value);
  const body = bodyOf(value, type);
  const someOf = (items: readonly (PgNode | null)[]) =>
    items.some((item) => item !== null && !isNull(item) && isComputed(item, sources));
  switch (type) {
    case "FuncCall":
    case "A_Const":
      return true;
    case "A_Expr":
      // nullif(a, b) is an a.
      return text(body, "kind") !== "AEXPR_NULLIF" || isComputed(child(body, "lexpr"), sources);
    case "TypeCast":
      return list(child(body, "typeName"), "typmods").length === 0;
    case "CoalesceExpr":
    case "MinMaxExpr":
      return someOf(list(body, "args"));
    case "CaseExpr":
      return someOf([
        ...list(body, "args").map((item) => child(bodyOf(item, "CaseWhen"), "result")),
        child(body, "defresult"),
      ]);
    case "SubLink":
      return queryColumns(bodyOf(child(body, "subselect"), "SelectStmt"), new Map())?.[0]?.computed === true;
    case "ColumnRef": {
      const names = stringsOf(body, "fields");
      const [name = "", qualifier] = names.slice(-2).reverse();
      return sources.some(({ alias, columns }) =>
        (qualifier === undefined || qualifier === alias) &&
        columns?.some((column) => column.name === name && column.computed) === true
      );
    }
    default:
      return false;
  }
}

const isNull = (node: PgNode): boolean => bodyOf(node, "A_Const")?.["isnull"] === true;
