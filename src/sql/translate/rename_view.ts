/** `ALTER TABLE v RENAME TO w` over a view, which PostgreSQL takes and DuckDB wants as ALTER VIEW. dbt renames its relations so. */
import type { ParsedStatement } from "../statement.ts";
import { translateChanged } from "./mod.ts";
import { bodyOf, text, withFields } from "./rewrite/tree.ts";
import type { Translation } from "./types.ts";

/** The statement as ALTER VIEW, for whoever knows that the relation is a view; null for any other statement. */
export function asViewRename(statement: ParsedStatement): Translation | null {
  return translateChanged(statement, (root) => {
    const rename = bodyOf(root, "RenameStmt");
    if (rename === null || text(rename, "renameType") !== "OBJECT_TABLE") return root;
    return { RenameStmt: withFields(rename, { renameType: "OBJECT_VIEW" }) };
  });
}
