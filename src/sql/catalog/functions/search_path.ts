/**
 * What a name without a schema means: the search path, and whether an object can be named without its schema.
 *
 * The path is the session's setting, as PostgreSQL reads it. A workspace also finds a bucket's table by its bare name;
 * that is a fallback of name resolution, no part of the path, so that `CREATE TABLE orders` beside a bucket's `orders`
 * is not "already there".
 */
import type { MacroFunction, SqlFunction } from "../../functions/types.ts";
import { objectOid } from "../relations/define.ts";
import { ownRows } from "../relations/objects.ts";
import { lookup, macro, pg, pureFunction } from "./macro.ts";
import { namesOnPath, namesSearched } from "./path_names.ts";

/** The session's setting by name. A subquery, so that it is read once a statement and not once a row. */
export function settingSql(name: string): string {
  return `(SELECT __eider_setting(pg_backend_pid(), '${name}', true))`;
}

/** Separates the names in the text that a JavaScript function returns. */
export const separator = "\u001f";

/** As JavaScript: list functions with lambdas take DuckDB ten times as long to plan. They need not exist. */
const pathFunctions = [
  pureFunction(
    "names_on_path",
    ["VARCHAR", "VARCHAR"],
    "VARCHAR",
    (path: string, user: string) => namesOnPath(path, user).join(separator) || null,
  ),
  pureFunction(
    "names_searched",
    ["VARCHAR", "VARCHAR"],
    "VARCHAR",
    (path: string, user: string) => namesSearched(path, user).join(separator),
  ),
  macro(
    "__names_on_path",
    "(path) AS coalesce(string_split(__eider_names_on_path(path, current_user()), chr(31)), '[]'::VARCHAR[])",
  ),
];

/** The schemas in which a bare name is looked for, existing or not. A subquery, so that it is made once a statement. */
const namesSearchedList = macro(
  "__names_searched",
  `() AS (SELECT string_split(__eider_names_searched(${settingSql("search_path")}, current_user()), chr(31)))`,
);

/** The schemas of the path that exist, each once. */
const searchPath = macro(
  "__search_path",
  `() AS list_filter(string_split(${lookup("__eider_search_path")}, chr(31)), lambda name: name <> '')`,
);

const currentSchema = macro("current_schema", `() AS ${pg("__search_path")}()[1]`);

/** The temporary schema is left out, as in a PostgreSQL session that has made no temporary table. */
const currentSchemas = macro(
  "current_schemas",
  `(implicit) AS (SELECT CASE WHEN NOT implicit THEN path WHEN list_contains(path, 'pg_catalog') THEN path
    WHEN implicit THEN ['pg_catalog'] || path END FROM (SELECT ${pg("__search_path")}() AS path))`,
);

const relationNames = `SELECT c.oid, 0 AS array_oid, n.nspname AS schema_name, c.relname AS object_name
  FROM ${pg("pg_class")} AS c JOIN ${pg("pg_namespace")} AS n ON n.oid = c.relnamespace`;

/** Types that users made; of PostgreSQL's own `builtin_types.ts` knows the names. */
export const userTypes = `
  SELECT ${objectOid("type", "shown_schema", "type_name")} AS oid, ${
  objectOid("array_type", "shown_schema", "type_name")
} AS array_oid,
    shown_schema AS schema_name, type_name AS object_name FROM ${ownRows("duckdb_types", "type_name", "NOT internal")}`;

export const functionNames = `
  SELECT p.oid, 0 AS array_oid, n.nspname AS schema_name, p.proname AS object_name
  FROM ${pg("pg_proc")} p JOIN ${pg("pg_namespace")} n ON n.oid = p.pronamespace`;

/**
 * A table macro: oid, array_oid (of a type), schema_name, object_name, place of the schema on the path (NULL: not
 * there), and whether it is visible, that is, of the first schema that has the name. Functions of one name in a schema
 * are visible together.
 */
function names(name: string, source: string): MacroFunction {
  return macro(
    name,
    `() AS TABLE SELECT oid, array_oid, schema_name, object_name, place,
      place IS NOT NULL AND place = min(place) OVER (PARTITION BY lower(object_name)) AS is_visible
    FROM (SELECT oid, array_oid, schema_name, object_name, nullif(list_position(${
      pg("__names_searched")
    }(), schema_name), 0) AS place
      FROM (${source}))`,
  );
}

function visibility(name: string, lookupName: string): MacroFunction {
  return macro(name, `(object) AS ${lookup(lookupName, "object::BIGINT")}`);
}

/** These kinds exist only in pg_catalog, so one is visible if it exists at all. */
function visibleInCatalog(name: string, relation: string): MacroFunction {
  return macro(name, `(object) AS (SELECT bool_or(true) FROM ${pg(relation)} AS @o WHERE @o.oid = object)`);
}

export const searchPathFunctions: readonly SqlFunction[] = [
  ...pathFunctions,
  namesSearchedList,
  searchPath,
  currentSchemas,
  currentSchema,
  names("__relation_names", relationNames),
  visibility("pg_table_is_visible", "__eider_relation_is_visible"),
  visibility("pg_type_is_visible", "__eider_type_is_visible"),
  visibility("pg_function_is_visible", "__eider_function_is_visible"),
  visibleInCatalog("pg_operator_is_visible", "pg_operator"),
  visibleInCatalog("pg_collation_is_visible", "pg_collation"),
  visibleInCatalog("pg_opclass_is_visible", "pg_opclass"),
  visibleInCatalog("pg_opfamily_is_visible", "pg_opfamily"),
  visibleInCatalog("pg_conversion_is_visible", "pg_conversion"),
  visibleInCatalog("pg_ts_config_is_visible", "pg_ts_config"),
  visibleInCatalog("pg_ts_dict_is_visible", "pg_ts_dict"),
  visibleInCatalog("pg_ts_parser_is_visible", "pg_ts_parser"),
  visibleInCatalog("pg_ts_template_is_visible", "pg_ts_template"),
  visibleInCatalog("pg_statistics_obj_is_visible", "pg_statistic_ext"),
];
