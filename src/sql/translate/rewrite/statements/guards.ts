/**
 * Statements that decide at run time what the tree alone cannot: a SELECT over DuckDB's catalog that fails with
 * `feature_not_supported` where going on would not be honest, and a statement that does nothing.
 */
import { call, caseWhen, columnRef, nullConstant, rangeFunction, selectBody, target, textConstant } from "../build.ts";
import { and, booleanConstant, operator, star } from "../build.ts";
import { raisedErrorPrefix } from "../../../functions/types.ts";
import type { PgNode } from "../../../pg_parser.ts";
import { nameList } from "./names.ts";

/** Calls error() with the text that the engine turns into SQLSTATE 0A000, or `raise` into another. */
export function refusal(detail: string): PgNode {
  return raise("0A000", detail);
}

export function raise(sqlstate: string, detail: string): PgNode {
  return call(["error"], [textConstant(`${raisedErrorPrefix}${sqlstate}:${detail}`)]);
}

export function select(body: PgNode): PgNode {
  return { SelectStmt: body };
}

/** `SELECT CASE WHEN condition THEN error(…) END`. */
export function refuseWhen(condition: PgNode, detail: string): PgNode {
  return select(selectBody([target(caseWhen([[condition, refusal(detail)]], nullConstant()))]));
}

/** `EXISTS (SELECT 1 FROM function() WHERE …)`. */
export function exists(functionName: string, conditions: readonly PgNode[]): PgNode {
  const query = {
    ...selectBody([target(booleanConstant(true))], [rangeFunction(call([functionName], []), null)]),
    whereClause: conditions.length === 1 ? conditions[0] : and(...conditions),
  };
  return { SubLink: { subLinkType: "EXISTS_SUBLINK", subselect: { SelectStmt: query }, location: -1 } };
}

export function equals(column: string, value: string): PgNode {
  return operator(columnRef(column), "=", textConstant(value));
}

/** `column IN ('…', …)`. */
export function isIn(column: string, values: readonly string[]): PgNode {
  const items = values.map((value) => textConstant(value));
  const name = [{ String: { sval: "=" } }];
  return { A_Expr: { kind: "AEXPR_IN", name, lexpr: columnRef(column), rexpr: { List: { items } }, location: -1 } };
}

/**
 * Whether the row of a catalog function describes the object of that name. Without a schema it may stand anywhere in
 * the search path. Names compare without regard to case, as in DuckDB.
 */
export function isNamed(nameColumn: string, parts: readonly string[]): PgNode {
  const [name, schema] = [...parts].reverse();
  const lower = (value: PgNode) => call(["lower"], [value]);
  const isName = operator(lower(columnRef(nameColumn)), "=", textConstant((name ?? "").toLowerCase()));
  if (schema === undefined) {
    const path = call(["current_schemas"], [booleanConstant(true)]);
    return and(isName, call(["list_contains"], [path, columnRef("schema_name")]));
  }
  if (schema === "temp") return and(isName, equals("database_name", "temp"));
  return and(isName, operator(lower(columnRef("schema_name")), "=", textConstant(schema.toLowerCase())));
}

/** A statement that returns no rows and changes nothing: it drops a view that cannot exist. */
export const doNothing: PgNode = {
  DropStmt: {
    objects: [nameList(["temp", "main", "__eider_nothing"])],
    removeType: "OBJECT_VIEW",
    behavior: "DROP_RESTRICT",
    missing_ok: true,
  },
};

/** Fails when the relation does not exist, and does nothing else. */
export function requireRelation(relation: PgNode): readonly PgNode[] {
  const probe = {
    ...selectBody([target(star)], [{ RangeVar: { ...relation, inh: true } }]),
    limitCount: { A_Const: { ival: {}, location: -1 } },
    limitOption: "LIMIT_OPTION_COUNT",
  };
  return [select(probe), doNothing];
}
