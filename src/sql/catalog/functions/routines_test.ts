import { equal } from "node:assert/strict";
import { functionArguments, functionDefinition, functionResult } from "./routines.ts";
import { withFunctionsCatalog } from "./testing_functions.ts";

/** OID, arguments, result: what PostgreSQL 15 answered. */
const functions: readonly (readonly [number, string, string])[] = [
  [870, "text", "text"],
  [3539, 'text, VARIADIC "any"', "text"],
  [
    1689,
    "acl aclitem[], OUT grantor oid, OUT grantee oid, OUT privilege_type text, OUT is_grantable boolean",
    "SETOF record",
  ],
  [1397, "integer", "integer"],
];

Deno.test("a function's arguments and result are printed as PostgreSQL prints them", () => {
  for (const [oid, text, result] of functions) {
    equal(functionArguments(oid), text);
    equal(functionResult(oid), result);
  }
  equal(functionArguments(1), null);
});

Deno.test("functionDefinition prints a function of the server as pg_get_functiondef does", () => {
  equal(
    functionDefinition(870),
    `CREATE OR REPLACE FUNCTION pg_catalog.lower(text)
 RETURNS text
 LANGUAGE internal
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$lower$function$
`,
  );
});

withFunctionsCatalog("routines", async (catalog, claim) => {
  const ofMacro = "FROM __eider.pg.pg_proc WHERE proname = 'addm'";
  await claim("the user's macros are printed as DuckDB would make them again", async () => {
    await catalog.gives([
      [`pg_get_function_arguments(oid) ${ofMacro}`, 'x "any", y "any"'],
      [`pg_get_function_identity_arguments(oid) ${ofMacro}`, 'x "any", y "any"'],
      [`pg_get_function_result(oid) ${ofMacro}`, '"any"'],
      [`pg_get_functiondef(oid) ${ofMacro}`, "CREATE OR REPLACE MACRO public.addm(x, y) AS (x + y)"],
    ]);
  });
  await claim("an aggregate has no definition, an unknown OID nothing at all", async () => {
    await catalog.gives([
      ["pg_get_function_arguments(1)", null],
      ["pg_get_functiondef(1)", null],
      ["pg_get_function_arguments(870)", "text"],
      ["pg_get_function_arg_default(870, 1)", null],
    ]);
    await catalog.raises([["pg_get_functiondef(2147)", "42809:2147 is an aggregate function"]]);
  });
});
