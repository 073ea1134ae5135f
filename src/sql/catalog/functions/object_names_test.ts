import { deepEqual } from "node:assert/strict";
import { qualified, withFunctionsCatalog } from "./testing_functions.ts";

withFunctionsCatalog("object names", async (catalog, claim) => {
  await claim("regclass finds a relation by name, in any case, quoted, qualified, by number", async () => {
    await catalog.gives([
      ["__regclass('pg_class')", "1259"],
      ["__regclass('pg_catalog.pg_type')", "1247"],
      ["__regclass('information_schema.tables') > 13000", "true"],
      ["__regclass('t') = __object_oid('relation', 'public', 't')", "true"],
      ["__regclass('T') = __regclass('t')", "true"],
      ["__regclass('main.t') = __regclass('public.t')", "true"],
      ["__regclass('workspace_ws_test.public.t') = __regclass('t')", "true"],
      ["__regclass('stage.w') = __object_oid('relation', 'stage', 'w')", "true"],
      ["__regclass('\"Odd Name\"') = __object_oid('relation', 'public', 'Odd Name')", "true"],
      ["__regclass('in_c_sales.orders') = __object_oid('relation', 'in_c_sales', 'orders')", "true"],
      ["__regclass('pg_temp.tt') = __regclass('tt')", "true"],
      ["__regclass('t_pkey') = __object_oid('relation', 'public', 't_pkey')", "true"],
      ["__regclass('u_m_seq') = __object_oid('relation', 'public', 'u_m_seq')", "true"],
      ["__regclass('1259')", "1259"],
      ["__regclass(1259)", "1259"],
      ["__regclass('-')", "0"],
      ["__regclass(NULL)", null],
    ]);
  });

  await claim("the cast finds a bucket's table by its bare name, as FROM does; to_regclass does not", async () => {
    await catalog.gives([
      ["__regclass('orders') = __regclass('in_c_sales.orders')", "true"],
      ["to_regclass('orders')", null],
      ["to_regclass('in_c_sales.orders') = __regclass('in_c_sales.orders')", "true"],
    ]);
  });

  await claim("regclass raises PostgreSQL's errors, to_regclass gives NULL", async () => {
    await catalog.raises([
      ["__regclass('nosuch')", '42P01:relation "nosuch" does not exist'],
      ["__regclass('public.nosuch')", '42P01:relation "public.nosuch" does not exist'],
      ["__regclass('nosuch.t')", '3F000:schema "nosuch" does not exist'],
      ["__regclass('a.b.c')", '0A000:cross-database references are not implemented: "a.b.c"'],
      ["__regclass('a.b.c.d')", "42601:improper relation name (too many dotted names): a.b.c.d"],
      ["__regclass('a..b')", "42602:invalid name syntax"],
      ["__regclass('')", "42602:invalid name syntax"],
    ]);
    await catalog.gives([
      ["to_regclass('nosuch')", null],
      ["to_regclass('nosuch.t')", null],
      ["to_regclass('a..b')", null],
      ["to_regclass(NULL)", null],
    ]);
  });

  await claim("an OID is printed as a name, with schema and quotes only where they are needed", async () => {
    await catalog.gives([
      ["__regclass_name(1259)", "pg_class"],
      ["__regclass_name(__regclass('stage.t'))", "stage.t"],
      ["__regclass_name(__regclass('\"Odd Name\"'))", '"Odd Name"'],
      ["__regclass_name(0)", "-"],
      ["__regclass_name(12345)", "12345"],
      ["__regclass_name(NULL)", null],
      ["__regnamespace_name(2200)", "public"],
      ["__regrole_name(10)", "ws_test_user"],
      ["__regrole_name(11)", "project"],
      ["__regrole_name(12)", "12"],
      ["__regcollation_name(950)", '"C"'],
    ]);
  });

  await claim("regtype reads any spelling, of users' types too, and prints SQL's names", async () => {
    await catalog.gives([
      ["__regtype('character varying(20)')", "1043"],
      ["__regtype('int4[]')", "1007"],
      ["__regtype('mood') = __object_oid('type', 'public', 'mood')", "true"],
      ["__regtype('public.mood[]') = __object_oid('array_type', 'public', 'mood')", "true"],
      ["to_regtype('nosuch')", null],
      ["to_regtype('foo bar')", null],
      ["__regtype_name(__regtype('mood[]'))", "mood[]"],
      ["__regtype_name(23)", "integer"],
      ["__regtype_name(1007)", "integer[]"],
      ["__regtype_name(0)", "-"],
      ["__regtype_name(99999)", "99999"],
    ]);
    await catalog.raises([
      ["__regtype('nosuch')", '42704:type "nosuch" does not exist'],
      ["__regtype('x.nosuch')", '3F000:schema "x" does not exist'],
    ]);
  });

  await claim("regproc and regprocedure find functions, and say when a name is not enough", async () => {
    await catalog.gives([
      ["__regproc('array_in')", "750"],
      ["__regproc('pg_catalog.array_recv')", "2400"],
      ["__regproc_name(750)", "array_in"],
      ["__regproc_name(0)", "-"],
      ["to_regproc('abs')", null],
      ["to_regproc('nosuch')", null],
      ["__regproc_name(1397)", "pg_catalog.abs"],
      ["__regprocedure('abs(integer)')", "1397"],
      ["to_regprocedure('abs(nosuch)')", null],
      ["__regproc('addm') = to_regproc('public.addm')", "true"],
      ["to_regoperator('+(integer,integer)')", "551"],
      ["__regoperator('+(integer,integer)')", "551"],
      ["__regoperator_name(551)", "+(integer,integer)"],
      ["__regoper_name(551)", "pg_catalog.+"],
      ["__regprocedure_name(870)", "lower(text)"],
      ["__regprocedure_name(0)", "-"],
      ["__regprocedure_name(__regproc('addm'))", 'addm("any","any")'],
    ]);
    await catalog.raises([
      ["__regproc('abs')", '42725:more than one function named "abs"'],
      ["__regproc('nosuch')", '42883:function "nosuch" does not exist'],
      ["__regprocedure('abs(mood)')", '42883:function "abs(mood)" does not exist'],
    ]);
  });

  await claim("schemas and roles are found by name", async () => {
    await catalog.gives([
      ["__regnamespace('public')", "2200"],
      ["__regnamespace('main')", "2200"],
      ["__regnamespace('pg_catalog')", "11"],
      ["to_regnamespace('nosuch')", null],
      ["__regrole('ws_test_user')", "10"],
      ["__regrole('project')", "11"],
      ["to_regrole('nosuch')", null],
      ["to_regcollation('\"C\"')", "950"],
    ]);
    await catalog.raises([
      ["__regnamespace('nosuch')", '3F000:schema "nosuch" does not exist'],
      ["__regrole('nosuch')", '42704:role "nosuch" does not exist'],
    ]);
  });

  await claim(
    "an argument is the caller's column, whatever its table is called, in joins and subqueries too",
    async () => {
      for (const alias of ["n", "c", "p", "pg_class", "names"]) {
        const rows = await catalog.rows(
          qualified(
            `${alias}.relname, __regclass_name(${alias}.oid), pg_table_is_visible(${alias}.oid),
          has_table_privilege(${alias}.oid, 'INSERT'),
          (SELECT __regclass_name(${alias}.oid) FROM range(1)),
          (SELECT __regclass(${alias}.relname) FROM range(1)) = ${alias}.oid
        FROM __eider.pg.pg_class AS ${alias} WHERE relname IN ('orders', 'u') ORDER BY 1`,
          ).replace(/^/, "SELECT "),
        );
        deepEqual(rows, [
          ["orders", "in_c_sales.orders", "false", "false", "in_c_sales.orders", "true"],
          ["u", "u", "true", "true", "u", "true"],
        ]);
      }
    },
  );

  await claim("a column called like a column of the catalog can be an argument", async () => {
    const rows = await catalog.rows(
      qualified(
        `object_name, __regclass_name(__regclass(object_name)), pg_relation_size(object_name)
      FROM (VALUES ('u'), ('in_c_sales.orders')) AS names(object_name) ORDER BY 1`,
      ).replace(/^/, "SELECT "),
    );
    deepEqual(rows, [["in_c_sales.orders", "in_c_sales.orders", "8192"], ["u", "u", "0"]]);
  });

  await claim("a parameter of unknown type can be a name or a number", async () => {
    await catalog.run(
      "PREPARE by_name AS SELECT __eider.pg.__regclass($1), __eider.pg.has_table_privilege($2, 'SELECT')",
    );
    deepEqual(await catalog.rows("EXECUTE by_name('pg_class', 'u')"), [["1259", "true"]]);
    deepEqual(await catalog.rows("EXECUTE by_name('1259', '1259')"), [["1259", "true"]]);
  });
});
