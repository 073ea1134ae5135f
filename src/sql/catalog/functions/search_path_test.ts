import { deepEqual } from "node:assert/strict";
import { withFunctionsCatalog } from "./testing_functions.ts";

const visibleNames = `SELECT schema_name || '.' || object_name FROM __eider.pg.__relation_names()
  WHERE is_visible AND oid >= 16384 AND object_name IN ('t', 'w', 'tt', 'orders') ORDER BY 1`;

withFunctionsCatalog("search path", async (catalog, claim) => {
  const visible = async () => (await catalog.rows(visibleNames)).map(([name]) => name);

  await claim("current_schema and current_schemas give the schemas of the path that exist", async () => {
    await catalog.gives([
      ["current_schema()", "public"],
      ["current_schemas(false)", "['public']"],
      ["current_schemas(true)", "['pg_catalog', 'public']"],
      ["current_schemas(NULL)", null],
    ]);
  });

  await claim("a table is visible if its schema is the first on the path that has its name", async () => {
    deepEqual(await visible(), ["pg_temp_1.tt", "public.t"]);
    await catalog.gives([[
      "set_config('search_path', 'stage, \"In_C\", in_c_sales, main', false)",
      'stage, "In_C", in_c_sales, main',
    ]]);
    deepEqual(await visible(), ["in_c_sales.orders", "pg_temp_1.tt", "stage.t", "stage.w"]);
    await catalog.gives([
      ["current_schemas(false)", "['stage', 'in_c_sales', 'public']"],
      ["__regclass_name(__regclass('public.t'))", "public.t"],
      ["__regclass_name(__regclass('stage.t'))", "t"],
      ["__regclass('t') = __regclass('stage.t')", "true"],
      ["pg_type_is_visible(__regtype('public.mood'))", "true"],
    ]);
  });

  await claim("pg_catalog comes first unless the path names it later", async () => {
    await catalog.gives([
      ["set_config('search_path', 'public, pg_catalog', false)", "public, pg_catalog"],
      ["current_schemas(true)", "['public', 'pg_catalog']"],
      ["pg_table_is_visible(1259)", "true"],
    ]);
  });

  await claim("with an empty path every name of the user's shows its schema", async () => {
    await catalog.gives([
      ["set_config('search_path', '', false)", ""],
      ["current_schema()", null],
      ["current_schemas(false)", "[]"],
      ["to_regclass('t')", null],
      ["__regclass_name(__regclass('public.t'))", "public.t"],
      ["format_type(__regtype('public.mood'), -1)", "public.mood"],
      ["__regclass_name(1259)", "pg_class"],
    ]);
  });

  await claim("the user's own name stands for $user", async () => {
    await catalog.run("CREATE SCHEMA workspace_ws_test.ws_test_user");
    await catalog.gives([
      ["set_config('search_path', '\"$user\", public', false)", '"$user", public'],
      ["current_schemas(false)", "['ws_test_user', 'public']"],
    ]);
  });

  await claim("visibility is NULL for what does not exist", async () => {
    await catalog.gives([
      ["pg_table_is_visible(99999)", null],
      ["pg_type_is_visible(99999)", null],
      ["pg_function_is_visible(99999)", null],
      ["pg_operator_is_visible(1)", null],
      ["pg_type_is_visible(23)", "true"],
      ["pg_function_is_visible(870)", "true"],
      ["pg_operator_is_visible(96)", "true"],
      ["pg_collation_is_visible(100)", "true"],
    ]);
  });
});
