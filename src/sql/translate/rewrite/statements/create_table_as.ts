/** CREATE TABLE AS and SELECT INTO, which is the same. */
import { child, type PgNode, text, withFields } from "../tree.ts";
import { requireTemporary } from "./create_table.ts";
import { createdRangeVar } from "./names.ts";
import { rewriteSetValue } from "./set_value.ts";
import { changed, type StatementRewrite, withBody } from "./result.ts";

export function rewriteCreateTableAs(body: PgNode, root: PgNode, type: string): StatementRewrite {
  const into = child(body, "into") ?? {};
  return withBody(root, type, withFields(body, { into: plainTarget(into) }));
}

/** A SELECT may have an INTO; of a set operation it stands in the first SELECT. */
export function rewriteSelectStatement(body: PgNode, root: PgNode): StatementRewrite {
  const into = intoOf(body);
  if (into === null) return rewriteSetValue(body, root);
  return changed([{
    CreateTableAsStmt: {
      query: { SelectStmt: withoutInto(body) },
      into: plainTarget(into),
      objtype: "OBJECT_TABLE",
      is_select_into: true,
    },
  }]);
}

function intoOf(select: PgNode): PgNode | null {
  const into = child(select, "intoClause");
  const left = child(select, "larg");
  return into ?? (left === null ? null : intoOf(left));
}

function withoutInto(select: PgNode): PgNode {
  const left = child(select, "larg");
  return withFields(select, { intoClause: undefined, ...(left === null ? {} : { larg: withoutInto(left) }) });
}

function plainTarget(into: PgNode): PgNode {
  const table = createdRangeVar(child(into, "rel") ?? {});
  requireTemporary(text(into, "onCommit"), table);
  return withFields(into, {
    rel: table,
    onCommit: "ONCOMMIT_NOOP",
    options: undefined,
    tableSpaceName: undefined,
    accessMethod: undefined,
  });
}
