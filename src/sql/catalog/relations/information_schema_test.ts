import { deepEqual, equal } from "node:assert/strict";
import { withFunctionsCatalog } from "../functions/testing_functions.ts";
import { catalogRelationPath } from "../types.ts";
import { informationSchema } from "./information_schema.ts";
import { informationSchemaNames } from "./information_schema_define.ts";

Deno.test("information_schema has each of PostgreSQL's relations once", () => {
  deepEqual(informationSchema.map((relation) => relation.name).sort(), [...informationSchemaNames].sort());
});

withFunctionsCatalog("information_schema", async (catalog, claim) => {
  const rows = (columns: string, relation: string, rest = "") =>
    catalog.rows(`SELECT ${columns} FROM __eider.info.${relation} ${rest}`);

  await claim("every relation can be read and describes its columns by DuckDB's types for PostgreSQL's", async () => {
    const duckdbTypes: Readonly<Record<string, string>> = {
      int4: "INTEGER",
      oid: "UINTEGER",
      timestamptz: "TIMESTAMP WITH TIME ZONE",
      "text[]": "VARCHAR[]",
    };
    for (const relation of informationSchema) {
      const described = await catalog.rows(`DESCRIBE ${catalogRelationPath(relation)}`);
      deepEqual(
        described.map(([name, type]) => `${name} ${type}`),
        relation.columns.map(({ name, type }) => `${name} ${duckdbTypes[type] ?? "VARCHAR"}`),
        relation.name,
      );
      await catalog.rows(`SELECT count(*) FROM ${catalogRelationPath(relation)}`);
    }
  });

  await claim("tables says what is a table, a view, temporary, and what takes rows", async () => {
    deepEqual(
      await rows(
        "table_schema, table_name, table_type, is_insertable_into",
        "tables",
        `WHERE table_name IN
        ('t', 'v', 'tt', 'orders', 'pg_class', 'columns', 'sql_parts') ORDER BY 1, 2`,
      ),
      [
        ["in_c_sales", "orders", "BASE TABLE", "NO"],
        ["information_schema", "columns", "VIEW", "NO"],
        ["information_schema", "sql_parts", "BASE TABLE", "NO"],
        ["pg_catalog", "pg_class", "BASE TABLE", "NO"],
        ["pg_temp_1", "tt", "LOCAL TEMPORARY", "YES"],
        ["public", "t", "BASE TABLE", "YES"],
        ["public", "v", "VIEW", "NO"],
        ["stage", "t", "BASE TABLE", "YES"],
      ],
    );
    equal(await catalog.value("SELECT DISTINCT table_catalog FROM __eider.info.tables"), "workspace_ws_test");
  });

  await claim("columns describes types as PostgreSQL does", async () => {
    const facts =
      `column_name, data_type, character_octet_length, numeric_precision, numeric_precision_radix, numeric_scale,
      datetime_precision, udt_name`;
    // What PostgreSQL 15 says of integer, text, numeric(12,2), timestamp, integer[], numeric and json.
    deepEqual(
      await rows(facts, "columns", "WHERE table_schema = 'public' AND table_name = 't' ORDER BY ordinal_position"),
      [
        ["a", "integer", null, "32", "2", "0", null, "int4"],
        ["b", "text", "1073741824", null, null, null, null, "text"],
        ["c", "numeric", null, "12", "10", "2", null, "numeric"],
        ["d", "timestamp without time zone", null, null, null, null, "6", "timestamp"],
      ],
    );
    deepEqual(
      await rows(facts, "columns", "WHERE table_name = 'u' AND ordinal_position > 3 ORDER BY ordinal_position"),
      [
        ["l", "ARRAY", null, null, null, null, null, "_int4"],
        ["h", "numeric", null, null, "10", null, null, "numeric"],
        ["s", "json", null, null, null, null, null, "json"],
      ],
    );
  });

  await claim("columns tells defaults, nulls, generated columns and what can be changed", async () => {
    deepEqual(
      await rows(
        `table_name, column_name, column_default, is_nullable, is_generated, generation_expression IS NOT NULL,
          is_updatable`,
        "columns",
        `WHERE (table_schema, table_name) IN (('public', 't'), ('public', 'u'), ('in_c_sales', 'customers'))
          AND ordinal_position <= 3
          ORDER BY table_name, ordinal_position`,
      ),
      [
        ["customers", "id", null, "NO", "NEVER", "false", "NO"],
        ["customers", "name", null, "YES", "NEVER", "false", "NO"],
        ["t", "a", null, "NO", "NEVER", "false", "YES"],
        ["t", "b", "'x'", "NO", "NEVER", "false", "YES"],
        ["t", "c", "1.5", "YES", "NEVER", "false", "YES"],
        ["u", "a", null, "YES", "NEVER", "false", "YES"],
        ["u", "m", "nextval('u_m_seq'::regclass)", "YES", "NEVER", "false", "YES"],
        ["u", "g", null, "YES", "ALWAYS", "true", "NO"],
      ],
    );
  });

  await claim("columns and pg_attribute say the same of every column", async () => {
    const different = await catalog.value(`SELECT count(*) FROM __eider.info.columns i
      JOIN __eider.pg.pg_namespace n ON n.nspname = i.table_schema
        JOIN __eider.pg.pg_class c ON c.relnamespace = n.oid AND c.relname = i.table_name
      FULL JOIN (SELECT a.* FROM __eider.pg.pg_attribute a JOIN __eider.pg.pg_class o ON o.oid = a.attrelid
        WHERE o.relkind IN ('r', 'v') AND a.attnum > 0) a
        ON a.attrelid = c.oid AND a.attname = i.column_name
      WHERE i.column_name IS NULL OR a.attname IS NULL OR a.attnum <> i.ordinal_position
        OR a.attnotnull <> (i.is_nullable = 'NO')
        OR __eider.pg._pg_numeric_precision(a.atttypid, a.atttypmod) IS DISTINCT FROM i.numeric_precision`);
    equal(different, "0");
  });

  await claim("views have their SELECT, schemata their owner", async () => {
    deepEqual(
      await rows("table_name, view_definition, is_updatable", "views", "WHERE table_schema = 'public' ORDER BY 1"),
      [
        ["v", " SELECT a, b FROM public.t WHERE (b = 'x');", "NO"],
        ["v2", " SELECT * FROM (SELECT CAST(a AS BIGINT), b FROM public.t) v2(x, y);", "NO"],
      ],
    );
    deepEqual(
      await rows("schema_name, schema_owner", "schemata", "WHERE schema_name NOT LIKE 'pg\\_%' ESCAPE '\\' ORDER BY 1"),
      [
        ["in_c_sales", "project"],
        ["information_schema", "ws_test_user"],
        ["public", "ws_test_user"],
        ["stage", "ws_test_user"],
      ],
    );
  });

  await claim("constraints are listed with NOT NULL among the checks", async () => {
    deepEqual(
      await rows(
        "table_name, constraint_type, regexp_replace(constraint_name, '^\\d+_\\d+_', ''), nulls_distinct",
        "table_constraints",
        "WHERE table_schema IN ('public', 'in_c_sales') ORDER BY 1, 2, 3",
      ),
      [
        ["customers", "CHECK", "1_not_null", null],
        ["customers", "PRIMARY KEY", "customers_pkey", null],
        ["t", "CHECK", "1_not_null", null],
        ["t", "CHECK", "2_not_null", null],
        ["t", "CHECK", "t_c_check", null],
        ["t", "PRIMARY KEY", "t_pkey", null],
        ["t", "UNIQUE", "t_b_c_key", "YES"],
        ["u", "FOREIGN KEY", "u_a_fkey", null],
      ],
    );
    deepEqual(await rows("check_clause", "check_constraints", "WHERE constraint_schema = 'public' ORDER BY 1"), [
      ["((c > 0))"],
      ["a IS NOT NULL"],
      ["b IS NOT NULL"],
    ]);
  });

  await claim("keys and foreign keys can be followed to their columns", async () => {
    deepEqual(
      await rows(
        "constraint_name, column_name, ordinal_position, position_in_unique_constraint",
        "key_column_usage",
        "ORDER BY 1, 3",
      ),
      [
        ["customers_pkey", "id", "1", null],
        ["t_b_c_key", "b", "1", null],
        ["t_b_c_key", "c", "2", null],
        ["t_pkey", "a", "1", null],
        ["u_a_fkey", "a", "1", "1"],
      ],
    );
    deepEqual(
      await rows(
        "constraint_name, table_name, column_name",
        "constraint_column_usage",
        "WHERE constraint_name IN ('u_a_fkey', 't_c_check') ORDER BY 1",
      ),
      [
        ["t_c_check", "t", "c"],
        ["u_a_fkey", "t", "a"],
      ],
    );
    deepEqual(
      await rows(
        "constraint_name, unique_constraint_name, match_option, update_rule, delete_rule",
        "referential_constraints",
      ),
      [
        ["u_a_fkey", "t_pkey", "NONE", "NO ACTION", "NO ACTION"],
      ],
    );
    deepEqual(await rows("table_name", "constraint_table_usage", "WHERE constraint_name = 'u_a_fkey'"), [["t"]]);
  });

  await claim("privileges say that project tables are only read", async () => {
    deepEqual(
      await rows(
        "table_name, grantor, grantee, privilege_type, is_grantable",
        "table_privileges",
        "WHERE table_name IN ('orders', 'tt', 'pg_class') ORDER BY ALL",
      ),
      [
        ["orders", "project", "ws_test_user", "SELECT", "NO"],
        ["pg_class", "ws_test_user", "PUBLIC", "SELECT", "NO"],
        ...["DELETE", "INSERT", "REFERENCES", "SELECT", "TRIGGER", "TRUNCATE", "UPDATE"].map((word) => [
          "tt",
          "ws_test_user",
          "ws_test_user",
          word,
          "YES",
        ]),
      ],
    );
    deepEqual(
      await rows("column_name, privilege_type", "column_privileges", "WHERE table_name = 'customers' ORDER BY 1"),
      [
        ["id", "SELECT"],
        ["name", "SELECT"],
      ],
    );
    deepEqual(await rows("role_name", "enabled_roles"), [["ws_test_user"]]);
  });

  await claim("routines, parameters, sequences and element types are there", async () => {
    deepEqual(
      await rows(
        "routine_name, data_type, routine_body, external_language",
        "routines",
        "WHERE routine_name IN ('lower', 'addm') ORDER BY 1",
      ),
      [
        ["addm", '"any"', "SQL", "SQL"],
        ["lower", "text", "EXTERNAL", "INTERNAL"],
      ],
    );
    deepEqual(
      await rows(
        "ordinal_position, parameter_mode, parameter_name, data_type",
        "parameters",
        "WHERE specific_name = 'aclexplode_1689' AND ordinal_position < 3 ORDER BY 1",
      ),
      [
        ["1", "IN", "acl", "ARRAY"],
        ["2", "OUT", "grantor", "oid"],
      ],
    );
    deepEqual(
      await rows("sequence_name, data_type, start_value, minimum_value, increment, cycle_option", "sequences"),
      [
        ["u_m_seq", "bigint", "5", "1", "1", "NO"],
      ],
    );
    deepEqual(
      await rows(
        "object_name, collection_type_identifier, data_type",
        "element_types",
        "WHERE object_schema = 'public'",
      ),
      [
        ["u", "4", "integer"],
      ],
    );
    equal(await catalog.value("SELECT count(*) FROM __eider.info.sql_sizing"), "23");
  });
});
