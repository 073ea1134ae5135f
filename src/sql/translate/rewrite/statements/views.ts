/**
 * CREATE VIEW: security options mean nothing in a workspace of one user; WITH CHECK OPTION would need views that can be
 * written.
 */
import { bodyOf, child, list, type PgNode, text, withFields } from "../tree.ts";
import { createdRangeVar } from "./names.ts";
import { refuse, type StatementRewrite, withBody } from "./result.ts";

export function rewriteCreateView(body: PgNode, root: PgNode, type: string): StatementRewrite {
  const checks = list(body, "options").some((option) => text(bodyOf(option, "DefElem"), "defname") === "check_option");
  const check = text(body, "withCheckOption");
  if (checks || (check !== "" && check !== "NO_CHECK_OPTION")) {
    refuse(
      "CREATE VIEW … WITH CHECK OPTION is not supported: DuckDB's views cannot be written",
      "Leave it out, and write into the table, with a CHECK constraint.",
    );
  }
  const view = createdRangeVar(child(body, "view") ?? {});
  return withBody(root, type, withFields(body, { view, options: undefined }));
}
