/**
 * Which table a result column is of, as far as the statement's tree tells: RowDescription's table and attribute. JDBC's
 * ResultSetMetaData and updatable result sets look the column up by them.
 */
import {
  columnsOfItem,
  isComputed,
  type QueryColumn,
  queryColumns,
  type WithQueries,
  withQueries,
} from "./computed_columns.ts";
import {
  bodyOf,
  child,
  flag,
  isObject,
  list,
  type PgNode,
  stringOf,
  stringsOf,
  text,
  typeOfNode,
} from "./rewrite/tree.ts";

/** A table or view in FROM; null for anything else there, such as a subquery. */
export type FromRelation = { readonly schema: string | null; readonly name: string } | null;

export type TargetOrigin =
  /** `relation` is an index into `relations`; null for a name that is not qualified. */
  | { readonly type: "column"; readonly relation: number | null; readonly name: string }
  | { readonly type: "star"; readonly relation: number | null }
  /** `computed`: by an operator or function, so that a numeric has no precision of its own. */
  | { readonly type: "expression"; readonly computed: boolean };

export interface ColumnOrigins {
  readonly relations: readonly FromRelation[];
  readonly targets: readonly TargetOrigin[];
}

/** null when the columns are of no table for certain: set operations and other kinds of statements. */
export function originsOf(root: PgNode): ColumnOrigins | null {
  const type = typeOfNode(root);
  const body = bodyOf(root, type);
  const withNames = new Set(
    list(child(body, "withClause"), "ctes").map((item) => text(bodyOf(item, "CommonTableExpr"), "ctename")),
  );
  switch (type) {
    case "SelectStmt": {
      if (text(body, "op") === "SETOP_NONE" && list(body, "valuesLists").length === 0) {
        return resolve(list(body, "fromClause"), list(body, "targetList"), withNames, withQueries(body));
      }
      const columns = queryColumns(body, new Map());
      return columns === null ? null : {
        relations: [],
        targets: columns.map(({ computed }) => ({ type: "expression", computed })),
      };
    }
    case "InsertStmt":
      return resolve([relationOf(body)], returned(body), noNames);
    case "UpdateStmt":
      return resolve([relationOf(body), ...list(body, "fromClause")], returned(body), withNames);
    case "DeleteStmt":
      return resolve([relationOf(body), ...list(body, "usingClause")], returned(body), withNames);
    default:
      return null;
  }
}

function returned(body: PgNode | null): readonly PgNode[] {
  return list(child(body, "returningClause"), "exprs");
}

const noNames: ReadonlySet<string> = new Set();

function relationOf(body: PgNode | null): PgNode {
  return { RangeVar: child(body, "relation") ?? {} };
}

interface NamedRelation {
  readonly alias: string;
  readonly relation: FromRelation;
  /** Of a subquery or a WITH query, as far as its text tells. */
  readonly columns: readonly QueryColumn[] | null;
}

function resolve(
  from: readonly PgNode[],
  targets: readonly PgNode[],
  withNames: ReadonlySet<string>,
  queries: WithQueries = new Map(),
): ColumnOrigins | null {
  if (targets.length === 0) return null;
  const named: NamedRelation[] = [];
  // A join that merges columns gives a star another order.
  const merges = !from.every((item) => collect(item, withNames, named, queries));
  const origins = targets.flatMap((item) => originsOfValue(child(bodyOf(item, "ResTarget"), "val"), named));
  if (merges && origins.some((origin) => origin.type === "star" && origin.relation === null)) return null;
  return { relations: named.map(({ relation }) => relation), targets: origins };
}

/** Adds what stands in FROM; false when columns of it are merged. */
function collect(
  item: PgNode,
  withNames: ReadonlySet<string>,
  named: NamedRelation[],
  queries: WithQueries,
): boolean {
  const join = bodyOf(item, "JoinExpr");
  if (join !== null) {
    const sides = [child(join, "larg"), child(join, "rarg")].map((side) =>
      side === null || collect(side, withNames, named, queries)
    );
    const isAliased = child(join, "alias") !== null;
    return !sides.includes(false) && !flag(join, "isNatural") && list(join, "usingClause").length === 0 && !isAliased;
  }
  const table = bodyOf(item, "RangeVar");
  const body = table ?? (isObject(item[typeOfNode(item)]) ? item[typeOfNode(item)] as PgNode : item);
  const alias = child(body, "alias");
  const name = text(table, "relname");
  const schema = text(table, "schemaname");
  const isPlain = table !== null && name !== "" && text(table, "catalogname") === "" &&
    list(alias, "colnames").length === 0 && !(schema === "" && withNames.has(name));
  named.push({
    alias: text(alias, "aliasname") || name,
    relation: isPlain ? { schema: schema === "" ? null : schema, name } : null,
    columns: isPlain ? null : columnsOfItem(item, queries),
  });
  return true;
}

/** Those of a star over queries alone one by one. */
function originsOfValue(value: PgNode | null, named: readonly NamedRelation[]): readonly TargetOrigin[] {
  const origin = originOf(value, named);
  if (origin.type !== "star") return [origin];
  const meant = origin.relation === null ? named : [named[origin.relation]!];
  if (meant.length === 0 || meant.some(({ columns }) => columns === null)) return [origin];
  return meant.flatMap(({ columns }) => columns!).map(({ computed }) => ({ type: "expression", computed }));
}

function originOf(value: PgNode | null, named: readonly NamedRelation[]): TargetOrigin {
  const reference = bodyOf(value, "ColumnRef");
  if (reference === null) return { type: "expression", computed: isComputed(value, named) };
  const fields = list(reference, "fields");
  const last = fields.at(-1);
  const isStar = typeOfNode(last) === "A_Star";
  let relation: number | null = null;
  if (fields.length > 1) {
    const names = stringsOf(reference, "fields");
    const qualifier = names.at(-2);
    relation = named.findIndex((item) => item.alias === qualifier);
    // Three parts name the schema, too; a field of a struct looks the same.
    if (relation < 0 || fields.length > 2) return { type: "expression", computed: false };
  }
  if (!isStar && isComputed(value, named)) return { type: "expression", computed: true };
  return isStar ? { type: "star", relation } : { type: "column", relation, name: stringOf(last) };
}
