import { deepEqual, equal, ok } from "node:assert/strict";
import { sharedServer } from "../support/server.ts";
import { once } from "../support/once.ts";
import { ordersCsv, TestProject } from "../support/project.ts";
import { connect, refusedWith } from "../support/sql.ts";

const server = sharedServer({ config: { max_connections_per_workspace: 20 } });
const projectOf = once(() => TestProject.withSales(server.current.rest));
const workspaceOf = once(async () => await (await projectOf()).workspace());

Deno.test("a project table reads as schema.table", async () => {
  await using client = await connect(await workspaceOf());
  const result = await client.query("SELECT id, name, city FROM in_c_sales.customers ORDER BY id");
  deepEqual(result.rows.map((row) => row.name), ["Ada", "Božena", "Čeněk", "Dvořák, Jan"]);
  deepEqual(result.fields.map((field) => field.name), ["id", "name", "city"]);
  equal(result.rowCount, 4);
});

Deno.test("two project tables join", async () => {
  await using client = await connect(await workspaceOf());
  const rows = await client.rowsOf(`
    SELECT c.city, count(*), sum(o.amount)::decimal(18,2)::text
    FROM in_c_sales.orders o JOIN in_c_sales.customers c ON c.id = o.customer_id
    GROUP BY c.city ORDER BY c.city`);
  // Order n costs n / 4 and belongs to customer 1 + n % 4.
  deepEqual(rows, [["Brno", "25", "306.25"], ["Ostrava", "25", "318.75"], ["Praha", "50", "637.50"]]);
});

Deno.test("a project table joins a workspace table", async () => {
  await using client = await connect(await workspaceOf());
  await client.query("CREATE TABLE targets (city varchar, target integer)");
  await client.query("INSERT INTO targets VALUES ('Praha', 40), ('Brno', 30)");
  const rows = await client.rowsOf(`
    SELECT t.city, count(*) >= t.target FROM targets t
    JOIN in_c_sales.customers c USING (city) JOIN in_c_sales.orders o ON o.customer_id = c.id
    GROUP BY t.city, t.target ORDER BY 1`);
  deepEqual(rows, [["Brno", false], ["Praha", true]]);
  await client.query("DROP TABLE targets");
});

Deno.test("common table expressions work, recursive ones too", async () => {
  await using client = await connect(await workspaceOf());
  equal(
    await client.value(`WITH big AS (SELECT * FROM in_c_sales.orders WHERE amount > 20) SELECT count(*) FROM big`),
    "20",
  );
  equal(
    await client.value(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT sum(i) FROM n`,
    ),
    "55",
  );
});

Deno.test("window functions work", async () => {
  await using client = await connect(await workspaceOf());
  const rows = await client.rowsOf(`
    SELECT id, rank() OVER (PARTITION BY customer_id ORDER BY amount DESC) AS place,
      lag(id) OVER (PARTITION BY customer_id ORDER BY id) AS earlier
    FROM in_c_sales.orders QUALIFY place = 1 ORDER BY id`);
  deepEqual(rows.map((row) => Number(row[0])), [97, 98, 99, 100]);
  deepEqual(rows.map((row) => Number(row[2])), [93, 94, 95, 96]);
});

Deno.test("create, insert, update and delete work in the workspace, with PostgreSQL's command tags", async () => {
  await using client = await connect(await workspaceOf());
  const tags: [string, number | null][] = [];
  for (
    const sql of [
      "CREATE TABLE notes (id integer PRIMARY KEY, text varchar NOT NULL)",
      "INSERT INTO notes VALUES (1, 'a'), (2, 'b'), (3, 'c')",
      "UPDATE notes SET text = text || '!' WHERE id > 1",
      "DELETE FROM notes WHERE id = 1",
      "SELECT * FROM notes ORDER BY id",
      "CREATE TABLE copies AS SELECT * FROM notes",
      "CREATE VIEW both_notes AS SELECT * FROM notes UNION ALL SELECT * FROM copies",
      "DROP VIEW both_notes",
      "DROP TABLE copies",
    ]
  ) {
    const result = await client.query(sql);
    tags.push([result.command, result.rowCount]);
  }
  deepEqual(tags, [
    ["CREATE", null],
    ["INSERT", 3],
    ["UPDATE", 2],
    ["DELETE", 1],
    ["SELECT", 2],
    ["SELECT", 2],
    ["CREATE", null],
    ["DROP", null],
    ["DROP", null],
  ]);
  deepEqual(await client.rowsOf("SELECT * FROM notes ORDER BY id"), [[2, "b!"], [3, "c!"]]);
  await client.query("DROP TABLE notes");
});

Deno.test("INSERT … RETURNING gives rows and its own command tag", async () => {
  await using client = await connect(await workspaceOf());
  await client.query("CREATE TABLE returning_rows (id integer, text varchar)");
  const result = await client.query(
    "INSERT INTO returning_rows VALUES (1, 'x'), (2, 'y') RETURNING id * 10 AS tenfold",
  );
  equal(result.command, "INSERT");
  equal(result.rowCount, 2);
  deepEqual(result.rows.map((row) => row.tenfold), [10, 20]);
  await client.query("DROP TABLE returning_rows");
});

Deno.test("writing to a project table is refused with 25006, and the table stays as it is", async () => {
  await using client = await connect(await workspaceOf());
  for (
    const sql of [
      "INSERT INTO in_c_sales.orders SELECT * FROM in_c_sales.orders",
      "UPDATE in_c_sales.orders SET amount = 0",
      "DELETE FROM in_c_sales.orders",
      "TRUNCATE in_c_sales.orders",
      "DROP TABLE in_c_sales.orders",
      "ALTER TABLE in_c_sales.orders ADD COLUMN extra integer",
      "CREATE TABLE in_c_sales.mine (id integer)",
      "WITH gone AS (SELECT 1) DELETE FROM in_c_sales.orders",
      "EXPLAIN ANALYZE DELETE FROM in_c_sales.orders",
      "SELECT 1; DELETE FROM in_c_sales.orders",
      "PREPARE sneaky AS DELETE FROM in_c_sales.orders",
    ]
  ) {
    await refusedWith("25006", client.query(sql));
  }
  equal(await client.value("SELECT count(*) FROM in_c_sales.orders"), "100");
});

Deno.test("a missing table is 42P01, a missing column 42703, a typing error 42601 with its position", async () => {
  await using client = await connect(await workspaceOf());
  await refusedWith("42P01", client.query("SELECT * FROM nothing_here"));
  await refusedWith("42703", client.query("SELECT nothing_here FROM in_c_sales.orders"));
  const error = await refusedWith("42601", client.query("SELECT 1 FROM WHERE"));
  equal(error.position, "15");
  await refusedWith("42883", client.query("SELECT no_such_function(1)"));
  await refusedWith("22P02", client.query("SELECT 'abc'::integer"));
});

Deno.test("EXPLAIN gives one column QUERY PLAN, a line a row, and one json value where it is asked for", async () => {
  await using client = await connect(await workspaceOf());
  for (
    const text of ["EXPLAIN SELECT * FROM in_c_sales.orders", "EXPLAIN ANALYZE SELECT count(*) FROM in_c_sales.orders"]
  ) {
    for (const query of [{ text }, { name: text.slice(0, 20), text }]) {
      const { fields, rows } = await client.query(query);
      deepEqual(fields.map(({ name, dataTypeID }) => [name, dataTypeID]), [["QUERY PLAN", 25]]);
      ok(
        rows.length > 5 &&
          rows.every((row) => typeof row["QUERY PLAN"] === "string" && !row["QUERY PLAN"].includes("\n")),
      );
    }
  }
  const { fields, rows } = await client.query("EXPLAIN (FORMAT JSON) SELECT 1");
  deepEqual([fields.map(({ dataTypeID }) => dataTypeID), rows.length], [[114], 1]);
  ok(Array.isArray(rows[0]["QUERY PLAN"]));
});

Deno.test("a workspace does not see another workspace's tables", async () => {
  const project = await projectOf();
  const [mine, theirs] = [await project.workspace({ name: "mine" }), await project.workspace({ name: "theirs" })];
  await using client = await connect(mine);
  await using other = await connect(theirs);
  await other.query("CREATE TABLE secret_plans (id integer)");
  await refusedWith("42P01", client.query("SELECT * FROM secret_plans"));
  for (const database of [theirs.connection.database, theirs.id]) {
    const error = await client.query(`SELECT * FROM "${database}".main.secret_plans`).then(() => null, (e) => e);
    ok(["42501", "42P01", "3F000", "0A000"].includes(error?.code), String(error));
  }
  deepEqual(
    await client.rowsOf("SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'secret%'"),
    [],
  );
  deepEqual(await client.rowsOf("SELECT datname FROM pg_database WHERE datname LIKE 'workspace_%'"), [[
    mine.connection.database,
  ]]);
});

Deno.test("a workspace does not see another project's tables", async () => {
  const hidden = await TestProject.create(server.current.rest, "hidden");
  await hidden.bucket("in.c-hidden");
  await hidden.import("in.c-hidden.salaries", "id,amount\n1,100\n");
  await using client = await connect(await workspaceOf());
  await refusedWith("42P01", client.query("SELECT * FROM in_c_hidden.salaries"));
  const path = `${server.current.dataDir}/project_${hidden.id}/in_c_hidden/salaries.v1.duckdb`;
  await refusedWith("42501", client.query(`ATTACH '${path}' AS stolen (READ_ONLY)`));
  await refusedWith("42501", client.query(`SELECT * FROM '${path}'`));
  deepEqual(await client.rowsOf("SELECT table_name FROM information_schema.tables WHERE table_name = 'salaries'"), []);
});

Deno.test("a new version of a table is seen by an open session at its next transaction", async () => {
  const project = await TestProject.withSales(server.current.rest, "versions");
  await using client = await connect(await project.workspace());
  let rowCount = 100;
  for (const begin of ["BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ"]) {
    await client.query(begin);
    equal(await client.value("SELECT count(*) FROM in_c_sales.orders"), String(rowCount));
    await project.import("in.c-sales.orders", ordersCsv(rowCount - 1));
    equal(await client.value("SELECT count(*) FROM in_c_sales.orders"), String(rowCount), "nothing moves inside of it");
    await client.query("COMMIT");
    rowCount -= 1;
    equal(await client.value("SELECT count(*) FROM in_c_sales.orders"), String(rowCount));
  }
});

Deno.test("a statement prepared in a transaction's old snapshot reads the new version after it, also while others keep the old one", async () => {
  const project = await TestProject.withSales(server.current.rest, "stale-plans");
  const workspace = await project.workspace();
  await using holder = await connect(workspace);
  await using client = await connect(workspace);
  const text = "SELECT count(*) FROM in_c_sales.orders";
  const count = async () => [
    await client.value(text),
    (await client.query({ name: "counted", text, rowMode: "array" })).rows[0]?.[0],
  ];
  await holder.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
  equal(await holder.value(text), "100");
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
  await client.value("SELECT count(*) FROM in_c_sales.customers");
  await project.import("in.c-sales.orders", ordersCsv(99));
  deepEqual(await count(), ["100", "100"]);
  await client.query("COMMIT");
  deepEqual(await count(), ["99", "99"]);
  equal(await holder.value(text), "100");
  await holder.query("COMMIT");
  equal(await holder.value(text), "99");
});

Deno.test("a transaction that has read nothing yet when a new version comes can still read", async () => {
  const project = await TestProject.withSales(server.current.rest, "pinned-early");
  await using client = await connect(await project.workspace());
  equal(await client.value("SELECT count(*) FROM in_c_sales.orders"), "100");
  for (const begin of ["BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ"]) {
    await client.query(begin);
    await project.import("in.c-sales.orders", ordersCsv(50));
    await project.import("in.c-sales.orders", ordersCsv(60));
    const first = await client.value("SELECT count(*) FROM in_c_sales.orders");
    equal(await client.value("SELECT count(*)::text FROM in_c_sales.orders"), first);
    await client.query("COMMIT");
    equal(await client.value("SELECT count(*) FROM in_c_sales.orders"), "60");
  }
});

Deno.test("a table made after the session began is seen", async () => {
  const project = await TestProject.withSales(server.current.rest, "growing");
  await using client = await connect(await project.workspace());
  await refusedWith("42P01", client.query("SELECT * FROM in_c_late.arrivals"));
  await project.bucket("in.c-late");
  await project.import("in.c-late.arrivals", "id\n1\n2\n");
  equal(await client.value("SELECT count(*) FROM in_c_late.arrivals"), "2");
});

Deno.test("a branch workspace sees the branch's tables, and the project's stay as they are", async () => {
  const project = await TestProject.withSales(server.current.rest, "branched");
  const branch = await project.branch("experiment");
  await project.import("in.c-sales.orders", ordersCsv(3), { branchId: branch.id });
  const path = `${project.path}/branches/${branch.id}/workspaces`;
  const branchWorkspace = await project.rest.expect<Awaited<ReturnType<TestProject["workspace"]>>>(201, "POST", path, {
    json: { name: "in branch" },
  });
  equal(branchWorkspace.branch_id, branch.id);
  await using inBranch = await connect(branchWorkspace);
  await using inProject = await connect(await project.workspace());
  equal(await inBranch.value("SELECT count(*) FROM in_c_sales.orders"), "3");
  equal(await inBranch.value("SELECT count(*) FROM in_c_sales.customers"), "4");
  equal(await inProject.value("SELECT count(*) FROM in_c_sales.orders"), "100");
});

Deno.test("what a workspace holds survives its process", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "kept" });
  {
    await using client = await connect(workspace);
    await client.query("CREATE TABLE kept (id integer)");
    await client.query("INSERT INTO kept SELECT * FROM range(1000)");
  }
  for (const processId of server.current.workerProcessIds()) Deno.kill(processId, "SIGKILL");
  await using client = await connect(workspace);
  equal(await client.value("SELECT count(*) FROM kept"), "1000");
});

Deno.test("ALTER TABLE renames a view, too", async () => {
  await using client = await connect(await workspaceOf());
  await client.query("CREATE VIEW before_it AS SELECT 1 AS a");
  await client.query("ALTER TABLE before_it RENAME TO after_it");
  equal(await client.value("SELECT a FROM after_it"), 1);
  await client.query("BEGIN");
  await client.query('ALTER TABLE "after_it" RENAME TO "once_more"');
  equal(await client.value("SELECT a FROM once_more"), 1);
  await client.query("ROLLBACK");
  equal(await client.value("SELECT a FROM after_it"), 1);
  await client.query("DROP VIEW after_it");
});
