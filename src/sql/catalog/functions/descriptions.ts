/**
 * Comments: `obj_description`, `col_description`, `shobj_description`, and objects in words: `pg_describe_object`,
 * `pg_identify_object`.
 */
import type { MacroFunction } from "../../functions/types.ts";
import { lookup, macro, pg } from "./macro.ts";

const comments = [
  macro(
    "obj_description",
    `(object) AS ${lookup("__eider_description", "object::BIGINT")}`,
    `(object, catalog) AS ${lookup("__eider_description_in", "object::BIGINT", "catalog::VARCHAR", "0::BIGINT")}`,
  ),
  macro(
    "col_description",
    `(object, number) AS ${lookup("__eider_description_in", "object::BIGINT", "'pg_class'", "number::BIGINT")}`,
  ),
  macro(
    "shobj_description",
    `(object, catalog) AS ${lookup("__eider_description_in", "object::BIGINT", "catalog::VARCHAR", "0::BIGINT")}`,
  ),
];

const kindWord =
  `CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'i' THEN 'index' WHEN 'S' THEN 'sequence'
    ELSE 'relation' END`;
const quoted = (name: string) => `${pg("__quoted_name")}(${name})`;

/**
 * What pg_describe_object and pg_identify_object can name: catalog, OID, column number, kind, schema, name, identity,
 * description. Relations and their columns, constraints and defaults first, from one reading of pg_class; then what
 * belongs to no relation.
 */
const describedObjects = macro(
  "__described_objects",
  `() AS TABLE WITH shown AS MATERIALIZED (
      SELECT c.oid, ${kindWord} AS kind, n.schema_name, ${quoted("n.object_name")} AS object_name,
        ${quoted("n.schema_name")} || '.' || ${quoted("n.object_name")} AS identity,
        CASE WHEN n.is_visible THEN '' ELSE ${quoted("n.schema_name")} || '.' END || ${quoted("n.object_name")} AS label
      FROM ${pg("pg_class")} c JOIN ${pg("__relation_names")}() AS n ON n.oid = c.oid),
    columns AS (SELECT r.*, a.attnum, a.attname FROM ${
    pg("pg_attribute")
  } a JOIN shown r ON r.oid = a.attrelid WHERE a.attnum > 0)
    SELECT 1259 AS class_oid, oid AS object_oid, 0 AS sub_id, kind, schema_name, object_name, identity, kind || ' '
      || label AS description FROM shown
    UNION ALL SELECT 1259, oid, attnum, kind || ' column', schema_name, object_name, identity || '.' || ${
    quoted("attname")
  },
      'column ' || attname || ' of ' || kind || ' ' || label FROM columns
    UNION ALL SELECT 2606, k.oid, 0, 'table constraint', schema_name, NULL, ${
    quoted("k.conname")
  } || ' on ' || identity,
      'constraint ' || k.conname || ' on ' || kind || ' ' || label FROM ${
    pg("pg_constraint")
  } k JOIN shown ON shown.oid = k.conrelid
    UNION ALL SELECT 2604, d.oid, 0, 'default value', NULL, NULL, 'for ' || identity || '.' || ${quoted("attname")},
      'default value for column ' || attname || ' of ' || kind || ' ' || label
    FROM ${pg("pg_attrdef")} d JOIN columns ON columns.oid = d.adrelid AND columns.attnum = d.adnum
    UNION ALL SELECT 2615, oid, 0, 'schema', NULL, ${quoted("nspname")}, ${
    quoted("nspname")
  }, 'schema ' || nspname FROM ${pg("pg_namespace")}
    UNION ALL SELECT 1247, oid, 0, 'type', CASE WHEN oid < 16384 THEN 'pg_catalog' END, typname, name, 'type ' || name
    FROM (SELECT oid, ${quoted("typname")} AS typname, coalesce(__eider_format_type(oid::BIGINT, (-2)::BIGINT), ${
    quoted("typname")
  }) AS name FROM ${pg("pg_type")})
    UNION ALL SELECT 1260, oid, 0, 'role', NULL, ${quoted("rolname")}, ${quoted("rolname")}, 'role ' || rolname FROM ${
    pg("pg_roles")
  }
    UNION ALL SELECT 1262, oid, 0, 'database', NULL, ${quoted("datname")}, ${
    quoted("datname")
  }, 'database ' || datname FROM ${pg("pg_database")}`,
);

function ofObject(select: string): string {
  return `(SELECT ${select} FROM ${pg("__described_objects")}() AS @o
    WHERE @o.class_oid = class AND @o.object_oid = object AND @o.sub_id = sub)`;
}

const objects = [
  describedObjects,
  macro("pg_describe_object", `(class, object, sub) AS ${ofObject("min(@o.description)")}`),
  macro(
    "pg_identify_object",
    `(class, object, sub) AS ${
      ofObject("first({'type': @o.kind, 'schema': @o.schema_name, 'name': @o.object_name, 'identity': @o.identity})")
    }`,
  ),
];

export const descriptionFunctions: readonly MacroFunction[] = [...comments, ...objects];
