import { withFunctionsCatalog } from "./testing_functions.ts";

withFunctionsCatalog("descriptions", async (catalog, claim) => {
  await claim("comments are found by object, catalog and column", async () => {
    await catalog.gives([
      ["obj_description(__regclass('t'), 'pg_class')", "a table"],
      ["obj_description(__regclass('t'))", "a table"],
      ["obj_description(__regclass('t'), 'pg_proc')", null],
      ["obj_description(__regclass('t'), 'nosuch')", null],
      ["col_description(__regclass('t'), 2)", "a column"],
      ["col_description(__regclass('t'), 1)", null],
      ["shobj_description(1, 'pg_database')", null],
    ]);
  });
  await claim("pg_describe_object says what an object is", async () => {
    await catalog.gives([
      ["pg_describe_object(1259, __regclass('t'), 0)", "table t"],
      ["pg_describe_object(1259, __regclass('stage.w'), 1)", "column a of table stage.w"],
      ["pg_describe_object(1259, __regclass('i1'), 0)", "index i1"],
      ["pg_describe_object(1259, __regclass('v'), 0)", "view v"],
      ["pg_describe_object(2615, 2200, 0)", "schema public"],
      ["pg_describe_object(1247, 23, 0)", "type integer"],
      ["pg_describe_object(1260, 10, 0)", "role ws_test_user"],
      [
        "pg_describe_object(2606, (SELECT oid FROM __eider.pg.pg_constraint WHERE conname = 't_pkey'), 0)",
        "constraint t_pkey on table t",
      ],
      ["pg_describe_object(1259, 99999, 0)", null],
    ]);
  });
  await claim("pg_identify_object names its parts", async () => {
    await catalog.gives([
      [
        "pg_identify_object(1259, __regclass('stage.w'), 1)",
        "{'type': 'table column', 'schema': 'stage', 'name': 'w', 'identity': 'stage.w.a'}",
      ],
      [
        "pg_identify_object(1259, __regclass('stage.w'), 0)",
        "{'type': 'table', 'schema': 'stage', 'name': 'w', 'identity': 'stage.w'}",
      ],
    ]);
  });
});
