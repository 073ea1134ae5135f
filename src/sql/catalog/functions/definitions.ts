/**
 * Definitions as SQL text: views, constraints, indexes, rules, functions, defaults. PostgreSQL prints its own parse
 * trees; DuckDB keeps texts of its own, which are shown without internal names (`shown_sql.ts`). Each definition is
 * made for all objects at once in a table macro and joined by OID, so that a call for each of thousands of rows costs
 * one join.
 */
import { checkedWhenCalled } from "../../functions/macro.ts";
import type { MacroFunction } from "../../functions/types.ts";
import { ownRows, relationOid, roleOids, schemaOids } from "../relations/objects.ts";
import { viewTexts } from "../relations/view_reads.ts";
import { lookup, macro, pg } from "./macro.ts";

/** SQL: oid, definition. Of own views; needs no relation of pg_catalog. */
export const viewDefinitions = `SELECT ${
  relationOid("shown_schema", "view_name")
} AS oid, definition FROM ${viewTexts} AS views`;

const rule = `(SELECT 'CREATE RULE ' || ${pg("__quoted_name")}(@r.rulename) || ' AS' || chr(10) || '    ON SELECT TO '
    || ${pg("__quoted_name")}(@s.nspname) || '.' || ${pg("__quoted_name")}(@c.relname) || ' DO INSTEAD ' || ${
  lookup("__eider_viewdef", "@c.oid::BIGINT")
}
  FROM ${pg("pg_rewrite")} AS @r JOIN ${pg("pg_class")} AS @c ON @c.oid = @r.ev_class JOIN ${
  pg("pg_namespace")
} AS @s ON @s.oid = @c.relnamespace
  WHERE @r.oid = object)`;

/** Own tables can be written; views, project tables and the catalog cannot. */
const isWritable = `(@c.relkind = 'r' AND @c.relowner = ${roleOids.user}
  AND @c.relnamespace NOT IN (${schemaOids.pg_catalog}, ${schemaOids.information_schema}))`;

export const definitionFunctions: readonly MacroFunction[] = [
  // pg_attrdef and pg_constraint hold texts that are ready to be shown.
  macro(
    "pg_get_expr",
    "(expression, relation, pretty := NULL) AS CASE WHEN relation IS NOT NULL THEN expression END",
  ),
  macro("__pg_get_viewdef", `(object, pretty := NULL) AS ${lookup("__eider_viewdef", "object::BIGINT")}`),
  macro(
    "pg_get_viewdef",
    `(object, pretty := NULL) AS ${
      checkedWhenCalled("object", `${pg("__pg_get_viewdef")}(${pg("__regclass")}(object))`)
    }`,
  ),
  macro("pg_get_constraintdef", `(object, pretty := NULL) AS ${lookup("__eider_constraintdef", "object::BIGINT")}`),
  macro(
    "pg_get_indexdef",
    `(object, number := 0, pretty := NULL) AS ${
      lookup("__eider_indexdef", "object::BIGINT", "coalesce(number, -1)::BIGINT")
    }`,
  ),
  macro("pg_get_ruledef", `(object, pretty := NULL) AS ${rule}`),
  // Triggers, extended statistics and row security do not exist here.
  macro("pg_get_triggerdef", "(object, pretty := NULL) AS NULL::VARCHAR"),
  macro("pg_get_statisticsobjdef", "(object) AS NULL::VARCHAR"),
  macro("pg_get_statisticsobjdef_columns", "(object) AS NULL::VARCHAR"),
  macro("pg_get_statisticsobjdef_expressions", "(object) AS NULL::VARCHAR[]"),
  macro(
    "pg_get_serial_sequence",
    `(relation VARCHAR, wanted VARCHAR) AS ${lookup("__eider_serial_sequence", "relation", "wanted")}`,
  ),
  macro(
    "pg_sequence_last_value",
    `(object) AS (SELECT @q.last_value FROM ${ownRows("duckdb_sequences", "sequence_name, last_value")} AS @q
      WHERE ${relationOid("@q.shown_schema", "@q.sequence_name")} = object)`,
  ),
  /** A row, not a list. */
  macro(
    "pg_sequence_parameters",
    `(object) AS (SELECT {'start_value': @q.seqstart, 'minimum_value': @q.seqmin, 'maximum_value': @q.seqmax,
      'increment': @q.seqincrement,
      'cycle_option': @q.seqcycle, 'cache_size': @q.seqcache, 'data_type': @q.seqtypid} FROM ${
      pg("pg_sequence")
    } AS @q WHERE @q.seqrelid = object)`,
  ),
  macro(
    "pg_relation_is_updatable",
    `(object, include_triggers) AS (SELECT CASE WHEN ${isWritable} THEN 28 ELSE 0 END FROM ${
      pg("pg_class")
    } AS @c WHERE @c.oid = object)`,
  ),
  macro(
    "pg_column_is_updatable",
    `(object, number, include_triggers) AS (SELECT ${isWritable} AND number > 0 FROM ${
      pg("pg_class")
    } AS @c WHERE @c.oid = object)`,
  ),
];
