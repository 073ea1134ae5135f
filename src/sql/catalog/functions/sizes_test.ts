import { equal, ok } from "node:assert/strict";
import { tableSizeQuery } from "./sizes.ts";
import { withFunctionsCatalog } from "./testing_functions.ts";

withFunctionsCatalog("sizes", async (catalog, claim) => {
  await claim("a project table is as large as its file, a view has no size", async () => {
    await catalog.gives([
      ["pg_relation_size('in_c_sales.orders')", "8192"],
      ["pg_total_relation_size(__regclass('in_c_sales.customers'))", "4096"],
      ["pg_relation_size('in_c_sales.orders', 'main')", "8192"],
      ["pg_relation_size('in_c_sales.orders', 'fsm')", "0"],
      ["pg_table_size('v')", "0"],
      ["pg_indexes_size('t')", "0"],
      ["pg_relation_size(99999)", null],
    ]);
    await catalog.raises([
      ["pg_relation_size('nosuch')", '42P01:relation "nosuch" does not exist'],
      ["pg_relation_size('t', 'foo')", "22023:invalid fork name"],
    ]);
  });

  await claim("an own table counts 8 bytes a value until the engine has measured it", async () => {
    await catalog.run("CREATE TABLE numbers AS SELECT i, i + 1 AS j FROM range(1000) AS r(i)");
    await catalog.gives([["pg_table_size('numbers')", "16000"]]);
    await catalog.run("INSERT INTO __eider.state.table_sizes VALUES ('public', 'numbers', 262144)");
    await catalog.gives([["pg_table_size('numbers')", "262144"]]);
  });

  await claim("tableSizeQuery measures a table in memory and in blocks on disk", async () => {
    equal(await catalog.value(tableSizeQuery("workspace_ws_test.main.numbers")), "16000");
    const folder = await Deno.makeTempDir();
    try {
      await catalog.run(`ATTACH '${folder}/sizes.duckdb' AS stored`);
      await catalog.run("CREATE TABLE stored.main.numbers AS SELECT hash(i) AS h FROM range(200000) AS r(i)");
      await catalog.run("CHECKPOINT stored");
      const bytes = Number(await catalog.value(tableSizeQuery("stored.main.numbers")));
      ok(bytes >= 200_000 * 8 && bytes % 262_144 === 0, String(bytes));
      await catalog.run("DETACH stored");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  await claim("databases and tablespaces have the size of the workspace", async () => {
    await catalog.gives([
      ["pg_database_size(current_database()) >= 0", "true"],
      ["pg_tablespace_size('pg_global')", "0"],
      [
        "pg_tablespace_databases(1663) = [(SELECT oid FROM __eider.pg.pg_database WHERE datname = current_database())]",
        "true",
      ],
      ["pg_tablespace_location(1663)", ""],
    ]);
    await catalog.raises([
      ["pg_database_size('nosuch')", '3D000:database "nosuch" does not exist'],
      ["pg_tablespace_size('nosuch')", '42704:tablespace "nosuch" does not exist'],
    ]);
  });
});
