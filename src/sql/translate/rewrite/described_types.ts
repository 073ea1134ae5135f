/**
 * Columns of a result whose type PostgreSQL and DuckDB see differently: a sum of integers is bigint and not HUGEINT, one of reals a real and not a double, the
 * month that a date lies in a moment with time zone. There the value is cast to PostgreSQL's type, which for a value that has it already is nothing.
 */
import { cast } from "./build.ts";
import { typeOf } from "./infer.ts";
import { findColumn, findRelation, type Scope } from "./scope.ts";
import { isArray, isNumber, type StaticType } from "./static_types.ts";
import { bodyOf, child, isObject, list, type PgNode, stringsOf, typeOfNode } from "./tree.ts";

const castTypes: ReadonlySet<string> = new Set(["int4", "int8", "float4", "timestamptz"]);

/** Whether a column of a subquery that PostgreSQL gives this type may have another one in DuckDB. */
export function mayBeOtherwise(type: StaticType): boolean {
  return type === "int8" || type === "float4" || type === "timestamptz";
}

/** The same value in PostgreSQL's type. */
export function withOutputType(node: PgNode, scope: Scope): PgNode {
  const type = typeOf(node, scope);
  return type !== null && castTypes.has(type) && !isArray(type) && mayDiffer(node, type, scope)
    ? cast(node, type)
    : node;
}

/** Functions whose result has another type in DuckDB, and those whose result has the type of an argument. */
const differing: ReadonlySet<string> = new Set(["sum", "date_trunc"]);
const passing: ReadonlySet<string> = new Set(
  ("__divide __modulo __quotient abs min max first_value last_value nth_value lag lead").split(" "),
);

function mayDiffer(node: PgNode, type: string, scope: Scope): boolean {
  const kind = typeOfNode(node);
  const body = bodyOf(node, kind);
  switch (kind) {
    case "FuncCall": {
      const name = stringsOf(body, "funcname").at(-1) ?? "";
      return differing.has(name) ||
        passing.has(name) && list(body, "args").some((part) => mayDiffer(part, type, scope));
    }
    case "ColumnRef":
      return mayBeOtherwise(type) && isOfSubquery(body, scope);
    // Constants beside a smallint are integers.
    case "MinMaxExpr":
    case "CoalesceExpr":
    case "CaseExpr":
      return isNumber(type);
    case "A_Expr":
      return ["lexpr", "rexpr"].some((field) => {
        const operand = child(body, field);
        return isObject(operand) && mayDiffer(operand, type, scope);
      });
    case "SubLink":
      return mayBeOtherwise(type);
    default:
      return false;
  }
}

function isOfSubquery(body: PgNode | null, scope: Scope): boolean {
  const names = stringsOf(body, "fields");
  const relation = names.length > 1 ? findRelation(scope, names.at(-2)!) : findColumn(scope, names[0] ?? "")?.relation;
  return relation !== null && relation !== undefined && !relation.isTable;
}
