/**
 * Helps to find the types of parameters that DuckDB leaves open. PostgreSQL takes an operand of unknown type for one of the other
 * operand's type; DuckDB does so in COALESCE only. So `n + $1` becomes `n + COALESCE($1, n)`, in a text that is prepared and never run.
 */
import type { ParsedStatement } from "../statement.ts";
import { translateChanged } from "./mod.ts";
import type { TableColumns } from "./table_columns.ts";
import { arrayOf } from "./rewrite/build.ts";
import {
  child,
  list,
  mapTree,
  type PgNode,
  stringOf,
  stringsOf,
  text,
  typeOfNode,
  withFields,
} from "./rewrite/tree.ts";

/** Operators between values of one type, as a rule. */
const likeTyped: ReadonlySet<string> = new Set(["+", "-", "*", "/", "%", "||", "=", "<>", "!=", "<", ">", "<=", ">="]);

/** DuckDB SQL in which more of the parameters have a type, or null when there is nothing to learn from it. */
export function parameterProbe(statement: ParsedStatement, columns?: TableColumns): string | null {
  const probe = translateChanged(statement, (root) => mapTree(root, { A_Expr: besideOther }), columns);
  return probe === null || probe.texts.length > 1 ? null : probe.texts[0];
}

function besideOther(body: PgNode, node: PgNode): PgNode {
  const left = child(body, "lexpr");
  const right = child(body, "rexpr");
  if (left === null || right === null || !likeTyped.has(stringsOf(body, "name").at(-1) ?? "")) return node;
  switch (text(body, "kind")) {
    case "AEXPR_OP":
    case "AEXPR_DISTINCT":
    case "AEXPR_NOT_DISTINCT":
      return { A_Expr: withFields(body, { lexpr: typedLike(left, right), rexpr: typedLike(right, left) }) };
    case "AEXPR_OP_ANY":
    case "AEXPR_OP_ALL":
      return { A_Expr: withFields(body, { rexpr: typedLike(right, arrayOf([left])) }) };
    default:
      return node;
  }
}

function typedLike(operand: PgNode, other: PgNode): PgNode {
  if (typeOfNode(operand) !== "ParamRef" || tellsNothing(other)) return operand;
  return { CoalesceExpr: { args: [operand, other], location: -1 } };
}

/** Another parameter; or an interval, which stands beside a timestamp more often than beside an interval. */
function tellsNothing(node: PgNode): boolean {
  if (typeOfNode(node) === "ParamRef") return true;
  const element = list(child(node, "A_ArrayExpr"), "elements")[0];
  if (element !== undefined) return typeOfNode(element) === "ParamRef";
  return stringOf(list(child(child(node, "TypeCast"), "typeName"), "names").at(-1)) === "interval";
}
