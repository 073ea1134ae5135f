import { withFunctionsCatalog } from "./testing_functions.ts";

withFunctionsCatalog("privileges", async (catalog, claim) => {
  await claim("the user may do everything with own tables and read the project's and the catalog", async () => {
    await catalog.gives([
      ["has_table_privilege('t', 'SELECT')", "true"],
      ["has_table_privilege('t', 'insert with grant option')", "true"],
      ["has_table_privilege('in_c_sales.orders', 'SELECT')", "true"],
      ["has_table_privilege('in_c_sales.orders', 'INSERT')", "false"],
      ["has_table_privilege('in_c_sales.orders', 'SELECT WITH GRANT OPTION')", "false"],
      ["has_table_privilege('in_c_sales.orders', 'INSERT, SELECT')", "true"],
      ["has_table_privilege('pg_class', 'SELECT')", "true"],
      ["has_table_privilege('pg_class', 'UPDATE')", "false"],
      ["has_table_privilege(__regclass('t'), 'TRUNCATE')", "true"],
      ["has_any_column_privilege('in_c_sales.orders', 'UPDATE')", "false"],
      ["has_sequence_privilege('u_m_seq', 'USAGE')", "true"],
    ]);
  });

  await claim("a role is named by name or OID; project owns its tables, public may read the catalog", async () => {
    await catalog.gives([
      ["has_table_privilege('ws_test_user', 't', 'SELECT')", "true"],
      ["has_table_privilege(current_user(), __regclass('t'), 'SELECT')", "true"],
      ["has_table_privilege(10, 't', 'SELECT')", "true"],
      ["has_table_privilege('project', 't', 'SELECT')", "false"],
      ["has_table_privilege('project', 'in_c_sales.orders', 'DELETE')", "true"],
      ["has_table_privilege('public', 't', 'SELECT')", "false"],
      ["has_table_privilege('public', 'pg_class', 'SELECT')", "true"],
    ]);
  });

  await claim("what does not exist is an error by name and NULL by OID", async () => {
    await catalog.raises([
      ["has_table_privilege('nosuch', 'SELECT')", '42P01:relation "nosuch" does not exist'],
      ["has_table_privilege('nobody', 't', 'SELECT')", '42704:role "nobody" does not exist'],
      ["has_column_privilege('t', 'nosuch', 'SELECT')", '42703:column "nosuch" of relation "t" does not exist'],
      ["has_schema_privilege('nosuch', 'USAGE')", '3F000:schema "nosuch" does not exist'],
      ["has_database_privilege('nosuch', 'CONNECT')", '3D000:database "nosuch" does not exist'],
      ["has_type_privilege('nosuch', 'USAGE')", '42704:type "nosuch" does not exist'],
      ["has_language_privilege('nosuch', 'USAGE')", '42704:language "nosuch" does not exist'],
      ["has_tablespace_privilege('nosuch', 'CREATE')", '42704:tablespace "nosuch" does not exist'],
      ["has_server_privilege('nosuch', 'USAGE')", '42704:server "nosuch" does not exist'],
      ["has_foreign_data_wrapper_privilege('nosuch', 'USAGE')", '42704:foreign-data wrapper "nosuch" does not exist'],
      ["has_sequence_privilege('t', 'USAGE')", '42809:"t" is not a sequence'],
      ["pg_has_role('nosuch', 'USAGE')", '42704:role "nosuch" does not exist'],
    ]);
    await catalog.gives([
      ["has_table_privilege(99999, 'SELECT')", null],
      ["has_column_privilege(99999, 1, 'SELECT')", null],
      ["has_column_privilege('t', 99, 'SELECT')", null],
      ["has_schema_privilege(99999, 'USAGE')", null],
      ["has_table_privilege('t', NULL)", null],
      ["has_table_privilege(NULL::BIGINT, 'SELECT')", null],
    ]);
  });

  await claim("an unknown privilege is an error", async () => {
    await catalog.raises([
      ["has_table_privilege('t', 'foo')", '22023:unrecognized privilege type: "foo"'],
      ["has_table_privilege('t', 'SELECT,')", '22023:unrecognized privilege type: ""'],
      [
        "has_table_privilege('t', 'select with  grant option')",
        '22023:unrecognized privilege type: "select with  grant option"',
      ],
      ["has_schema_privilege('public', 'TEMP')", '22023:unrecognized privilege type: "TEMP"'],
    ]);
  });

  await claim("columns are named by name or number", async () => {
    await catalog.gives([
      ["has_column_privilege('t', 'a', 'UPDATE')", "true"],
      ["has_column_privilege('t', 1, 'UPDATE')", "true"],
      ["has_column_privilege('ws_test_user', __regclass('t'), 'a', 'UPDATE')", "true"],
      ["has_column_privilege('in_c_sales.orders', 'amount', 'UPDATE')", "false"],
    ]);
  });

  await claim("tables can be made in own schemas, not in buckets and the catalog", async () => {
    await catalog.gives([
      ["has_schema_privilege('public', 'CREATE')", "true"],
      ["has_schema_privilege('stage', 'CREATE, USAGE')", "true"],
      ["has_schema_privilege('in_c_sales', 'CREATE')", "false"],
      ["has_schema_privilege('in_c_sales', 'USAGE')", "true"],
      ["has_schema_privilege('pg_catalog', 'CREATE')", "false"],
      ["has_schema_privilege('project', 'in_c_sales', 'CREATE')", "true"],
      ["has_database_privilege(current_database(), 'TEMP')", "true"],
      ["has_database_privilege('project', current_database(), 'CREATE')", "false"],
    ]);
  });

  await claim("functions, types and languages are everybody's", async () => {
    await catalog.gives([
      ["has_function_privilege('abs(integer)', 'EXECUTE')", "true"],
      ["has_function_privilege(99999, 'EXECUTE')", null],
      ["has_type_privilege('mood', 'USAGE')", "true"],
      ["has_type_privilege('integer', 'USAGE')", "true"],
      ["has_language_privilege('sql', 'USAGE')", "true"],
      ["has_tablespace_privilege('pg_default', 'CREATE')", "false"],
      ["has_parameter_privilege('work_mem', 'SET')", "false"],
      ["row_security_active('t')", "false"],
    ]);
  });

  await claim("a role is a member of itself only", async () => {
    await catalog.gives([
      ["pg_has_role('ws_test_user', 'MEMBER')", "true"],
      ["pg_has_role(10, 'USAGE')", "true"],
      ["pg_has_role('project', 'USAGE')", "false"],
      ["pg_has_role('project', 'project', 'USAGE')", "true"],
      ["pg_has_role(current_user(), 11, 'MEMBER')", "false"],
    ]);
  });
});
