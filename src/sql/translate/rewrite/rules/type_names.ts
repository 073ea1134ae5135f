/**
 * Names of types. The printer turns a PostgreSQL type into DuckDB's; a statement whose types DuckDB reads alike keeps
 * its text.
 */
import type { Scope } from "../scope.ts";
import { list, type PgNode, stringsOf, withFields } from "../tree.ts";
import { stringNode } from "../build.ts";

/** Unquoted names that DuckDB does not know, or knows as another type. */
const foreignNames: ReadonlySet<string> = new Set(
  ("oid name char regclass regtype regproc regprocedure regnamespace regrole regconfig regdictionary regoper " +
    "regoperator " +
    "regcollation int2vector oidvector xid xid8 cid tid pg_lsn inet cidr macaddr macaddr8 money xml jsonb " +
    "varbit cstring " +
    "tsvector tsquery point line lseg box path polygon circle aclitem pg_node_tree refcursor txid_snapshot " +
    "pg_snapshot " +
    "serial serial4 serial8 smallserial serial2 bigserial information_schema yes_or_no sql_identifier " +
    "cardinal_number " +
    "character_data anyarray unknown record void timetz bytea float8 jsonpath")
    .split(" "),
);

export function rewriteTypeName(body: PgNode, scope: Scope): PgNode {
  const names = stringsOf(body, "names");
  if (names.length === 2 && names[0] === "public") {
    return withFields(body, { names: [stringNode("main"), stringNode(names[1]!)] });
  }
  return mustBePrinted(body, names, scope) ? { ...body } : body;
}

function mustBePrinted(body: PgNode, names: readonly string[], scope: Scope): boolean {
  const modifiers = list(body, "typmods").length > 0;
  const name = names.at(-1) ?? "";
  if (names.length > 1 && names[0] !== "pg_catalog") return names[0] === "information_schema";
  // The grammar gives the same names for `int` and `pg_catalog.int4`.
  if (names.length > 1 && /pg_catalog/i.test(scope.statement.source)) return true;
  if (body["setof"] === true || body["pct_type"] === true) return true;
  if (names.length === 1) return foreignNames.has(name) || name.startsWith("_");
  switch (name) {
    case "numeric":
      return !modifiers || list(body, "typmods").length === 1;
    case "float4":
    case "float8":
      return /\bfloat\b/i.test(scope.statement.source);
    case "bpchar":
    case "varbit":
    case "bit":
      return true;
    case "varchar":
      return false;
    default:
      return modifiers;
  }
}
