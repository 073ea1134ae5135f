/** COMMENT ON the kinds that DuckDB has comments for; the policy answers those on others. */
import { bodyOf, child, list, type PgNode, typeOfNode, withFields } from "../tree.ts";
import { ownParts } from "./names.ts";
import { type StatementRewrite, withBody } from "./result.ts";

export function rewriteComment(body: PgNode, root: PgNode, type: string): StatementRewrite {
  const object = child(body, "object");
  if (object === null) return withBody(root, type, body);
  const kind = typeOfNode(object);
  const field = kind === "List" ? "items" : "names";
  const inner = bodyOf(object, kind) ?? {};
  const before = list(inner, field);
  // Of a column the last part is the column.
  const isColumn = body["objtype"] === "OBJECT_COLUMN";
  const relation = ownParts(isColumn ? before.slice(0, -1) : before);
  const same = relation.every((part, index) => part === before[index]);
  if (same) return withBody(root, type, body);
  const parts = isColumn ? [...relation, before.at(-1)!] : relation;
  return withBody(root, type, withFields(body, { object: { [kind]: withFields(inner, { [field]: parts }) } }));
}
