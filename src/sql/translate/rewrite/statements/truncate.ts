/**
 * TRUNCATE: one table a statement. CASCADE is left out, since DuckDB refuses when rows of another table refer to the
 * table. RESTART IDENTITY is refused for a table with a serial column (DuckDB's sequences do not go back), and means
 * nothing for others.
 */
import { bodyOf, child, flag, list, type PgNode, withFields } from "../tree.ts";
import { call, columnRef, textConstant } from "../build.ts";
import { exists, isNamed, refuseWhen } from "./guards.ts";
import { ownRangeVar, partsOf } from "./names.ts";
import { changed, type StatementRewrite, withBody } from "./result.ts";

export function rewriteTruncate(body: PgNode, root: PgNode, type: string): StatementRewrite {
  const restarts = flag(body, "restart_seqs");
  const before = list(body, "relations");
  const relations = before.map((node) => {
    const relation = bodyOf(node, "RangeVar") ?? {};
    const own = withFields(ownRangeVar(relation), { inh: true });
    return own === relation ? node : { RangeVar: own };
  });
  const plain = withFields(body, { restart_seqs: undefined, behavior: "DROP_RESTRICT" });
  if (!restarts && relations.length === 1) {
    return withBody(root, type, relations[0] === before[0] ? plain : withFields(plain, { relations }));
  }
  const guards = restarts ? relations.map((node) => refuseWhenNumbered(child(node, "RangeVar") ?? {})) : [];
  const truncates = relations.map((node) => ({ TruncateStmt: withFields(plain, { relations: [node] }) }));
  return changed([...guards, ...truncates]);
}

function refuseWhenNumbered(table: PgNode): PgNode {
  const parts = partsOf(table);
  const isNumbered = exists("duckdb_columns", [
    call(["starts_with"], [columnRef("column_default"), textConstant("nextval(")]),
    isNamed("table_name", parts),
  ]);
  return refuseWhen(
    isNumbered,
    `RESTART IDENTITY is not supported for table "${parts.join(".")}": DuckDB's sequences only go forward. ` +
      "Leave it out, or drop and create the table.",
  );
}
