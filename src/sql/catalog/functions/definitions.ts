/**
 * Definitions as SQL text: views, constraints, indexes, rules, functions, defaults. PostgreSQL prints its own parse
 * trees; DuckDB keeps texts of its own, which are shown without internal names (`shown_sql.ts`). Each definition is
 * made for all objects at once in a table macro and joined by OID, so that a call for each of thousands of rows costs
 * one join.
 */
import { checkedWhenCalled } from "../../functions/macro.ts";
import type { MacroFunction } from "../../functions/types.ts";
import { shownSql } from "../relations/define.ts";
import { constraintOid, ownConstraints, ownCreatedIndexes, ownKeys, projectKeys } from "../relations/keys.ts";
import { ownRows, relationOid, roleOids, schemaOids } from "../relations/objects.ts";
import { viewTexts } from "../relations/view_reads.ts";
import { macro, pg, raise } from "./macro.ts";

/** SQL of a list of names as they stand in brackets. */
function nameList(names: string): string {
  return `array_to_string(list_transform(${names}, lambda name: ${pg("__quoted_name")}(name)), ', ')`;
}

const quoted = (name: string) => `${pg("__quoted_name")}(${name})`;

function byOid(name: string, column = "@d.definition", oid = "object"): string {
  return `(SELECT ${column} FROM ${pg(name)}() AS @d WHERE @d.oid = ${oid})`;
}

/** Of own views; needs no relation of pg_catalog. */
export const viewDefinitions = macro(
  "__view_definitions",
  `() AS TABLE SELECT ${relationOid("shown_schema", "view_name")} AS oid, definition FROM ${viewTexts} AS views`,
);

const constraintDefinitions = macro(
  "__constraint_definitions",
  `() AS TABLE SELECT constraints.oid, CASE kind
      WHEN 'p' THEN 'PRIMARY KEY (' || keys || ')'
      WHEN 'u' THEN 'UNIQUE (' || keys || ')'
      WHEN 'f' THEN 'FOREIGN KEY (' || keys || ') REFERENCES ' || CASE WHEN is_visible THEN '' ELSE ${
    quoted("shown_schema")
  } || '.' END
        || ${quoted("referenced_table")} || '(' || ${nameList("referenced_names")} || ')'
      ELSE 'CHECK (' || ${shownSql("expression")} || ')' END AS definition
    FROM (
      SELECT ${
    constraintOid("shown_schema", "table_name", "constraint_name")
  } AS oid, shown_schema, kind, expression, referenced_table,
        referenced_names, ${nameList("column_names")} AS keys, ${
    relationOid("shown_schema", "coalesce(referenced_table, '')")
  } AS referenced_oid
      FROM ${ownConstraints} AS own
      UNION ALL
      SELECT ${constraintOid("schema_name", "table_name", "index_name")}, schema_name, 'p', NULL, NULL, NULL, ${
    nameList("key_names")
  }, NULL FROM ${projectKeys} AS keys) AS constraints
    LEFT JOIN ${pg("__relation_names")}() AS names ON names.oid = referenced_oid`,
);

/** Keys of CREATE INDEX: a column, or an expression in brackets of its own. */
const createdKey = `CASE WHEN starts_with(name, '(') OR contains(name, '(') THEN name ELSE ${
  pg("__quoted_name")
}(name) END`;

const indexDefinitions = macro(
  "__index_definitions",
  `() AS TABLE SELECT oid, keys, 'CREATE ' || CASE WHEN is_unique THEN 'UNIQUE ' ELSE '' END || 'INDEX ' || ${
    pg("__quoted_name")
  }(index_name) || ' ON '
      || ${pg("__quoted_name")}(schema_name) || '.' || ${pg("__quoted_name")}(table_name) || ' USING btree ('
      || array_to_string(keys, ', ') || ')' AS definition
    FROM (
      SELECT ${
    relationOid("shown_schema", "index_name")
  } AS oid, shown_schema AS schema_name, table_name, index_name, is_unique,
        list_transform(key_names, lambda name: ${createdKey}) AS keys
      FROM ${ownCreatedIndexes} AS created
      UNION ALL SELECT ${relationOid("shown_schema", "index_name")}, shown_schema, table_name, index_name, true,
        list_transform(key_names, lambda name: ${pg("__quoted_name")}(name)) FROM ${ownKeys} AS keys
      UNION ALL SELECT ${relationOid("schema_name", "index_name")}, schema_name, table_name, index_name, true,
        list_transform(key_names, lambda name: ${pg("__quoted_name")}(name)) FROM ${projectKeys} AS keys)`,
);

const rule = `(SELECT 'CREATE RULE ' || ${pg("__quoted_name")}(@r.rulename) || ' AS' || chr(10) || '    ON SELECT TO '
    || ${pg("__quoted_name")}(@s.nspname) || '.' || ${
  pg("__quoted_name")
}(@c.relname) || ' DO INSTEAD ' || @v.definition
  FROM ${pg("pg_rewrite")} AS @r JOIN ${pg("pg_class")} AS @c ON @c.oid = @r.ev_class JOIN ${
  pg("pg_namespace")
} AS @s ON @s.oid = @c.relnamespace
  JOIN ${pg("__view_definitions")}() AS @v ON @v.oid = @c.oid WHERE @r.oid = object)`;

/** The sequence that `serial` made for a column: the one of its default, if it is called as `serial` calls it. */
const serialSequence = `(SELECT ${pg("__quoted_name")}(@s.nspname) || '.' || ${pg("__quoted_name")}(@q.relname)
  FROM ${pg("pg_attrdef")} AS @d JOIN ${pg("pg_attribute")} AS @a ON @a.attrelid = @d.adrelid AND @a.attnum = @d.adnum
  JOIN ${pg("pg_class")} AS @c ON @c.oid = @d.adrelid JOIN ${pg("pg_namespace")} AS @s ON @s.oid = @c.relnamespace
  JOIN ${pg("pg_class")} AS @q ON @q.relnamespace = @c.relnamespace AND @q.relkind = 'S'
  WHERE @d.adrelid = ${pg("__regclass")}(relation) AND @a.attname = wanted AND starts_with(@d.adbin, 'nextval(')
    AND @q.relname = @c.relname || '_' || @a.attname || '_seq' AND contains(@d.adbin, @q.relname))`;

/** Own tables can be written; views, project tables and the catalog cannot. */
const isWritable = `(@c.relkind = 'r' AND @c.relowner = ${roleOids.user}
  AND @c.relnamespace NOT IN (${schemaOids.pg_catalog}, ${schemaOids.information_schema}))`;

export const definitionFunctions: readonly MacroFunction[] = [
  constraintDefinitions,
  indexDefinitions,
  // pg_attrdef and pg_constraint hold texts that are ready to be shown.
  macro(
    "pg_get_expr",
    "(expression, relation, pretty := NULL) AS CASE WHEN relation IS NOT NULL THEN expression END",
  ),
  macro("__pg_get_viewdef", `(object, pretty := NULL) AS ${byOid("__view_definitions")}`),
  macro(
    "pg_get_viewdef",
    `(object, pretty := NULL) AS ${
      checkedWhenCalled("object", `${pg("__pg_get_viewdef")}(${pg("__regclass")}(object))`)
    }`,
  ),
  macro("pg_get_constraintdef", `(object, pretty := NULL) AS ${byOid("__constraint_definitions")}`),
  macro(
    "pg_get_indexdef",
    `(object, number := 0, pretty := NULL) AS ${
      byOid("__index_definitions", "CASE WHEN number = 0 THEN @d.definition ELSE coalesce(@d.keys[number], '') END")
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
    `(relation VARCHAR, wanted VARCHAR) AS CASE WHEN ${
      pg("__regclass")
    }(relation) IS NULL OR wanted IS NULL THEN NULL WHEN NOT EXISTS (
        FROM ${pg("pg_attribute")} AS @a WHERE @a.attrelid = ${pg("__regclass")}(relation) AND @a.attname = wanted)
      THEN ${
      raise(
        "42703",
        `'column "' || wanted || '" of relation "' || ${pg("__name_parts")}(relation)[-1] || '" does not exist'`,
      )
    } ELSE ${serialSequence} END`,
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
