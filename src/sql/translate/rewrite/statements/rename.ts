/** ALTER … RENAME and SET SCHEMA: DuckDB renames tables, views and columns of tables. */
import { bodyOf, child, list, type PgNode, stringOf, text, withFields } from "../tree.ts";
import { ownRangeVar } from "./names.ts";
import { refuse, type StatementRewrite, withBody } from "./result.ts";

const advice: Readonly<Record<string, string>> = {
  INDEX: "Drop the index and create it with the new name.",
  SEQUENCE: "Create another sequence with START WITH the next value.",
  SCHEMA: "Create the new schema, and in it CREATE TABLE … AS SELECT * FROM each table.",
  TYPE: "Create another type, and change the columns to it with ALTER TABLE … ALTER COLUMN … TYPE.",
  DOMAIN: "Create another type, and change the columns to it with ALTER TABLE … ALTER COLUMN … TYPE.",
  TABCONSTRAINT: "DuckDB keeps no names of constraints.",
  FUNCTION: "Create a macro with the new name: CREATE MACRO name(parameters) AS expression.",
};

export function rewriteRename(body: PgNode, root: PgNode, type: string): StatementRewrite {
  const kind = text(body, "renameType").replace(/^OBJECT_/, "");
  const owner = text(body, "relationType").replace(/^OBJECT_/, "");
  if (kind === "COLUMN" && owner === "VIEW") {
    refuse("renaming the columns of a view is not supported", "CREATE OR REPLACE VIEW name (columns) AS …");
  }
  const supported = kind === "TABLE" || kind === "VIEW" || (kind === "COLUMN" && owner === "TABLE");
  if (!supported) {
    const word = kind === "TABCONSTRAINT" ? "CONSTRAINT" : kind.replaceAll("_", " ");
    refuse(`ALTER ${word} … RENAME is not supported`, advice[kind] ?? "Create the object with the new name.");
  }
  const relation = withFields(ownRangeVar(child(body, "relation") ?? {}), { inh: true });
  return withBody(root, type, withFields(body, { relation }));
}

export function rewriteSetSchema(body: PgNode): StatementRewrite {
  const kind = text(body, "objectType").replace(/^OBJECT_/, "").replaceAll("_", " ");
  const relation = child(body, "relation");
  const name = relation === null
    ? list(bodyOf(child(body, "object"), "List"), "items").map(stringOf).join(".")
    : text(relation, "relname");
  const schema = text(body, "newschema");
  return refuse(
    `ALTER ${kind} … SET SCHEMA is not supported: DuckDB cannot move objects between schemas`,
    kind === "TABLE"
      ? `CREATE TABLE ${schema}.${name} AS SELECT * FROM ${name}; DROP TABLE ${name}.`
      : `Create it in schema ${schema}, and drop the old one.`,
  );
}
