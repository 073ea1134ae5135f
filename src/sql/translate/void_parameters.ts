/**
 * JDBC's CallableStatement writes `f($1, $2)` for `{? = call f(?)}` and declares the OUT parameter as void. PostgreSQL leaves such
 * parameters out of the call.
 */
import type { ParsedStatement } from "../statement.ts";
import { translateChanged } from "./mod.ts";
import { bodyOf, list, mapTree, type PgNode, withFields } from "./rewrite/tree.ts";
import type { Translation } from "./types.ts";

/** pg_type.oid of void. */
export const voidOid = 2278;

/** The translation without these parameters (1-based numbers) in calls; null when no call has one. */
export function withoutVoidParameters(statement: ParsedStatement, numbers: ReadonlySet<number>): Translation | null {
  const isVoid = (node: PgNode) => {
    const parameter = bodyOf(node, "ParamRef");
    return parameter !== null && numbers.has(Number(parameter["number"]));
  };
  return translateChanged(statement, (root) =>
    mapTree(root, {
      FuncCall: (body, node) => {
        const all = list(body, "args");
        const kept = all.filter((argument) => !isVoid(argument));
        if (kept.length === all.length) return node;
        return { FuncCall: withFields(body, { args: kept.length === 0 ? undefined : kept }) };
      },
    }));
}
