/**
 * CREATE INDEX. DuckDB has one kind of index over one or several expressions; sort order, operator classes, INCLUDE and
 * storage options concern PostgreSQL's kinds only. An index is made for speed, so that what cannot be made is left out
 * with a notice, except uniqueness.
 */
import { columnName, unnamedColumn } from "../column_name.ts";
import { selectBody, target } from "../build.ts";
import { bodyOf, child, flag, list, mapList, type PgNode, text, withFields } from "../tree.ts";
import { doNothing, select } from "./guards.ts";
import { clipped, implicitName, ownRangeVar } from "./names.ts";
import { changed, refuse, type StatementRewrite, withBody } from "./result.ts";

/** Kinds whose work DuckDB's own index does as well. */
const plainMethods: ReadonlySet<string> = new Set(["", "btree", "hash", "brin"]);

export function rewriteCreateIndex(body: PgNode, root: PgNode, type: string): StatementRewrite {
  const unique = flag(body, "unique");
  const method = text(body, "accessMethod");
  const table = withFields(ownRangeVar(child(body, "relation") ?? {}), { inh: true });
  const parameters = list(body, "indexParams");
  if (flag(body, "nulls_not_distinct")) {
    refuse(
      "CREATE UNIQUE INDEX … NULLS NOT DISTINCT is not supported: NULLs are distinct in DuckDB's unique indexes",
      "Make the columns NOT NULL, with a value that stands for none.",
    );
  }
  if (unique && child(body, "whereClause") !== null) {
    refuse(
      "CREATE UNIQUE INDEX … WHERE is not supported: DuckDB has no partial indexes",
      "Make the index over an expression that is NULL for the other rows: ((CASE WHEN condition THEN column END)).",
    );
  }
  if (!plainMethods.has(method)) {
    const elements = parameters.map((node) => target(expressionOf(node)));
    const probe = {
      ...selectBody(elements, [{ RangeVar: table }]),
      limitCount: { A_Const: { ival: {}, location: -1 } },
      limitOption: "LIMIT_OPTION_COUNT",
    };
    return changed([select(probe), doNothing], [`DuckDB has no ${method} indexes; no index is made`]);
  }
  const name = text(body, "idxname");
  const statement = withFields(body, {
    idxname: name === "" ? indexName(text(table, "relname"), parameters) : name,
    relation: table,
    accessMethod: undefined,
    tableSpace: undefined,
    indexParams: mapList(parameters, plainElement),
    indexIncludingParams: undefined,
    options: undefined,
    whereClause: undefined,
    concurrent: undefined,
  });
  const partial = child(body, "whereClause") !== null;
  return withBody(root, type, statement, partial ? ["DuckDB has no partial indexes; the index has all rows"] : []);
}

function expressionOf(parameter: PgNode): PgNode {
  const element = bodyOf(parameter, "IndexElem");
  const name = text(element, "name");
  return name === "" ? child(element, "expr") ?? {} : { ColumnRef: { fields: [{ String: { sval: name } }] } };
}

function plainElement(parameter: PgNode): PgNode {
  const element = bodyOf(parameter, "IndexElem");
  if (element === null) return parameter;
  const plain = withFields(element, {
    ordering: "SORTBY_DEFAULT",
    nulls_ordering: "SORTBY_NULLS_DEFAULT",
    opclass: undefined,
    opclassopts: undefined,
    collation: undefined,
  });
  return plain === element ? parameter : { IndexElem: plain };
}

/** PostgreSQL's name for an index without one; an expression counts by its function's name or as `expr`. */
function indexName(table: string, parameters: readonly PgNode[]): string {
  const names: string[] = [];
  for (const parameter of parameters) {
    const element = bodyOf(parameter, "IndexElem");
    const found = text(element, "name") || columnName(child(element, "expr") ?? {}) || unnamedColumn;
    const name = found === unnamedColumn ? "expr" : found;
    let unused = name;
    for (let number = 1; names.includes(unused); number++) unused = `${name}${number}`;
    names.push(unused);
  }
  return implicitName(table, clipped(names.join("_"), 63), "idx");
}

/**
 * `CREATE UNIQUE INDEX` for a UNIQUE constraint, with the constraint's name, or the one that PostgreSQL would give it.
 */
export function uniqueIndex(
  table: PgNode,
  name: string,
  columns: readonly string[],
  ifNotExists: boolean,
): PgNode {
  return {
    IndexStmt: {
      idxname: name === "" ? implicitName(text(table, "relname"), clipped(columns.join("_"), 63), "key") : name,
      relation: { ...table, inh: true, relpersistence: "p" },
      indexParams: columns.map((column) => ({
        IndexElem: { name: column, ordering: "SORTBY_DEFAULT", nulls_ordering: "SORTBY_NULLS_DEFAULT" },
      })),
      unique: true,
      ...(ifNotExists ? { if_not_exists: true } : {}),
    },
  };
}
