/**
 * OIDs of users' objects: made from what the object is called, so they are the same in every session of a workspace and
 * need no table. PostgreSQL's own objects keep PostgreSQL's OIDs.
 */
import type { MacroFunction } from "../../functions/types.ts";

/**
 * `__object_oid(kind, schema, name)`: kind is 'relation', 'schema', 'type', 'array_type', 'function', 'constraint' or
 * 'trigger'; schema is as PostgreSQL shows it (`public` for DuckDB's main). From 16384 on, as PostgreSQL gives them to
 * users' objects.
 */
export const objectOid: MacroFunction = {
  kind: "macro",
  name: "__object_oid",
  overloads: [
    `(kind, schema_name, object_name) AS ${objectOidExpression("kind", "schema_name", "object_name")}`,
  ],
};

/** The same, of three SQL expressions, where the macro is not needed otherwise. */
export function objectOidExpression(kind: string, schemaName: string, objectName: string): string {
  return `(16384 + hash(${kind} || '/' || ${schemaName} || '/' || ${objectName}) % 2147467264)::UINTEGER`;
}
