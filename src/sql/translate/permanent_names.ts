/**
 * `public.t` beside a temporary table t. DuckDB looks for `main.t` among the temporary objects first, so the name must say the database.
 * Only statements of a session with such a table need it; for all others the translation is independent of the session.
 */
import type { ParsedStatement } from "../statement.ts";
import { stringNode } from "./rewrite/build.ts";
import { list, mapFields, type PgNode, stringOf, text, withFields } from "./rewrite/tree.ts";

const namesMainSchema = /\b(?:public|main)\b/i;

/** The statement for a session whose temporary objects have these names (lower case); the same one when none of them matters. */
export function withPermanentNames(
  statement: ParsedStatement,
  database: string,
  temporaryNames: ReadonlySet<string>,
): ParsedStatement {
  const lower = statement.text.toLowerCase();
  if (!namesMainSchema.test(lower)) return statement;
  const names = new Set([...temporaryNames].filter((name) => lower.includes(name.replaceAll('"', '""'))));
  return names.size === 0 ? statement : { ...statement, permanentNames: { database, names } };
}

/** A tree of DuckDB's names: `main.t` becomes `database.main.t` for the names that are given. */
export function qualified(root: PgNode, { database, names }: NonNullable<ParsedStatement["permanentNames"]>): PgNode {
  const isHidden = (schema: string, name: string) => schema === "main" && names.has(name.toLowerCase());
  const map = (node: PgNode): PgNode => {
    const body = mapFields(node, map);
    // The names of a relation, and of an object of DROP and COMMENT.
    if (isHidden(text(body, "schemaname"), text(body, "relname")) && text(body, "catalogname") === "") {
      return withFields(body, { catalogname: database });
    }
    const [schema, name, ...others] = list(body, "items");
    if (others.length > 0 || !isHidden(stringOf(schema), stringOf(name))) return body;
    return withFields(body, { items: [stringNode(database), schema, name] });
  };
  return map(root);
}
