/**
 * The rows of the emulated catalog are kept until something changes: here is who sees which change, and when. One workspace for all claims but the one
 * about a new process.
 */
import { deepEqual, equal } from "node:assert/strict";
import type { WorkspaceAnswer } from "../support/rest.ts";
import { connect, refusedWith, type SqlClient } from "../support/sql.ts";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import { sharedServer } from "../support/server.ts";

const server = sharedServer({ config: { max_connections_per_workspace: 30 } });
const projectOf = once(() => TestProject.withSales(server.current.rest));
const workspaceOf = once(async () => await (await projectOf()).workspace({ name: "memos" }));

/** Two sessions of the workspace, each of which has asked the catalog before. */
function testSessions(name: string, run: (one: SqlClient, other: SqlClient, workspace: WorkspaceAnswer) => unknown) {
  Deno.test(name, async () => {
    const workspace = await workspaceOf();
    await using one = await connect(workspace);
    await using other = await connect(workspace);
    for (const client of [one, other]) equal(await find(client, "pg_class"), "pg_class");
    await run(one, other, workspace);
  });
}

/** What to_regclass and pg_class say of a bare name, which must be the same. */
async function find(client: SqlClient, name: string): Promise<string | null> {
  const found = await client.value("SELECT to_regclass($1)::text", [name]);
  const listed = await client.value(
    "SELECT min(relname) FROM pg_class WHERE relname = $1 AND pg_table_is_visible(oid)",
    [name],
  );
  equal(found, listed);
  return found as string | null;
}

testSessions(
  "what a session makes, changes and drops is seen by the next statement of every session",
  async (one, other) => {
    await one.query("CREATE TABLE made (a int PRIMARY KEY, b text)");
    for (const client of [one, other]) equal(await find(client, "made"), "made");
    await other.query("ALTER TABLE made ADD COLUMN c numeric(5,2) DEFAULT 1.5");
    const columns =
      "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'made'::regclass " +
      "AND attnum > 0 ORDER BY attnum";
    deepEqual(await one.rowsOf(columns), [["a", "integer"], ["b", "text"], ["c", "numeric(5,2)"]]);
    await one.query("COMMENT ON TABLE made IS 'by hand'");
    equal(await other.value("SELECT obj_description('made'::regclass, 'pg_class')"), "by hand");
    await one.query("CREATE INDEX made_b ON made (b)");
    equal(
      await other.value("SELECT pg_get_indexdef('made_b'::regclass)"),
      "CREATE INDEX made_b ON public.made USING btree (b)",
    );
    await other.query("DROP TABLE made");
    for (const client of [one, other]) equal(await find(client, "made"), null);
    await refusedWith("42P01", one.query("SELECT 'made'::regclass"));
  },
);

testSessions("the number of rows is that after the last statement that wrote", async (one, other) => {
  await one.query("CREATE TABLE counted (a int)");
  const rows = "SELECT reltuples::int FROM pg_class WHERE relname = 'counted'";
  equal(await other.value(rows), 0);
  await one.query("INSERT INTO counted SELECT generate_series(1, 10)");
  equal(await other.value(rows), 10);
  await one.query("BEGIN; INSERT INTO counted SELECT 1; COMMIT");
  equal(await other.value(rows), 11);
  await one.query("DROP TABLE counted");
});

testSessions(
  "a transaction sees what it has made, the others when it is committed, nobody when it is rolled back",
  async (one, other) => {
    for (const [end, after] of [["COMMIT", "pending"], ["ROLLBACK", null]] as const) {
      await one.query("BEGIN");
      await one.query("CREATE TABLE pending (a int)");
      equal(await find(one, "pending"), "pending");
      equal(await find(other, "pending"), null);
      await one.query("CREATE VIEW pending_view AS SELECT a FROM pending");
      equal(await one.value("SELECT pg_get_viewdef('pending_view'::regclass)"), " SELECT a FROM public.pending;");
      await one.query(end);
      equal(await find(one, "pending"), after);
      equal(await find(other, "pending"), after);
      await one.query("DROP VIEW IF EXISTS pending_view; DROP TABLE IF EXISTS pending");
    }
  },
);

testSessions(
  "a transaction sees each kind of change right after it: a column, a type, a schema, a view, a comment",
  async (one) => {
    await one.query("BEGIN; CREATE TABLE busy (a int)");
    const facts = async () =>
      await one.rowsOf(
        `SELECT (SELECT reltuples::int FROM pg_class WHERE relname = 'busy'),
          (SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'busy'::regclass AND attnum > 0),
          (SELECT count(*) FROM pg_type WHERE typname = 'busy_kind'), (SELECT count(*) FROM pg_namespace WHERE nspname = 'busy_schema'),
          (SELECT count(*) FROM pg_views WHERE viewname = 'busy_view'), obj_description('busy'::regclass, 'pg_class')`,
      );
    deepEqual(await facts(), [[0, "a", "0", "0", "0", null]]);
    // DuckDB counts rows when they are committed.
    await one.query("INSERT INTO busy SELECT generate_series(1, 3)");
    deepEqual(await facts(), [[0, "a", "0", "0", "0", null]]);
    await one.query("ALTER TABLE busy ADD COLUMN b text");
    deepEqual(await facts(), [[0, "a,b", "0", "0", "0", null]]);
    await one.query("CREATE TYPE busy_kind AS ENUM ('x'); CREATE SCHEMA busy_schema");
    deepEqual(await facts(), [[0, "a,b", "1", "1", "0", null]]);
    await one.query("CREATE VIEW busy_view AS SELECT a FROM busy; COMMENT ON TABLE busy IS 'at work'");
    deepEqual(await facts(), [[0, "a,b", "1", "1", "1", "at work"]]);
    await one.query("ROLLBACK");
    equal(await find(one, "busy"), null);
    equal(await one.value("SELECT count(*) FROM pg_type WHERE typname = 'busy_kind'"), "0");
  },
);

testSessions("a statement that fails after a change in its transaction leaves no trace of it", async (one, other) => {
  await one.query("BEGIN");
  await one.query("CREATE TABLE doomed (a int)");
  equal(await find(one, "doomed"), "doomed");
  await refusedWith("22012", one.query("SELECT 1 / 0"));
  await one.query("ROLLBACK");
  for (const client of [one, other]) equal(await find(client, "doomed"), null);
});

testSessions("a transaction that has only read sees what others commit", async (one, other) => {
  await one.query("BEGIN");
  equal(await find(one, "later"), null);
  await other.query("CREATE TABLE later (a int)");
  equal(await find(one, "later"), "later");
  await one.query("COMMIT");
  await one.query("DROP TABLE later");
});

testSessions("temporary objects are their session's alone", async (one, other) => {
  await one.query("CREATE TEMP TABLE scratch (a int)");
  await other.query("CREATE TEMP TABLE scratch (b text)");
  const columns =
    "SELECT string_agg(attname, ',') FROM pg_attribute WHERE attrelid = 'scratch'::regclass AND attnum > 0";
  equal(await one.value(columns), "a");
  equal(await other.value(columns), "b");
  await one.query("DROP TABLE scratch");
  equal(await find(one, "scratch"), null);
  equal(await other.value(columns), "b");
  await one.query("CREATE TABLE beside (a int)");
  equal(await other.value("SELECT 'beside'::regclass::text"), "beside");
  await one.query("DROP TABLE beside");
});

testSessions("a prepared statement answers anew after every change, also of the search path", async (one, other) => {
  const ask = async () =>
    (await one.query<unknown[]>({
      name: "ask",
      text: "SELECT to_regclass('moving')::text, count(*) FROM pg_class WHERE relname = 'moving'",
      rowMode: "array",
    })).rows[0];
  deepEqual(await ask(), [null, "0"]);
  await other.query("CREATE SCHEMA aside");
  await other.query("CREATE TABLE aside.moving (a int)");
  deepEqual(await ask(), [null, "1"]);
  await one.query("SET search_path = aside, public");
  deepEqual(await ask(), ["moving", "1"]);
  await other.query("DROP SCHEMA aside CASCADE");
  deepEqual(await ask(), [null, "0"]);
});

testSessions(
  "views and defaults of the user's over the catalog see what is there when they are used",
  async (one, other) => {
    await one.query(
      "CREATE VIEW own_names AS SELECT relname FROM pg_class WHERE relname LIKE 'seen%' AND pg_table_is_visible(oid)",
    );
    await one.query("CREATE TABLE noted (a int, class text DEFAULT to_regclass('seen')::text)");
    const seen = async () => {
      await other.query("INSERT INTO noted (a) VALUES (1)");
      const classes = await other.rowsOf("SELECT class FROM noted");
      await other.query("TRUNCATE noted");
      return [await other.rowsOf("SELECT * FROM own_names"), classes];
    };
    deepEqual(await seen(), [[], [[null]]]);
    await one.query("CREATE TABLE seen (a int)");
    deepEqual(await seen(), [[["seen"]], [["seen"]]]);
    await one.query("DROP TABLE seen");
    deepEqual(await seen(), [[], [[null]]]);
    await one.query("DROP TABLE noted; DROP VIEW own_names");
  },
);

testSessions("what REST does is seen: loading, dropping, and a new project table", async (one, _other, workspace) => {
  const project = await projectOf();
  const path = project.workspacePath(workspace);
  await project.rest.expect(200, "POST", `${path}/load`, {
    json: { tables: [{ source: "in.c-sales.orders", destination: "loaded" }] },
  });
  equal(await find(one, "loaded"), "loaded");
  await project.rest.expect(204, "DELETE", `${path}/objects/loaded`);
  equal(await find(one, "loaded"), null);
  await project.import("in.c-sales.fresh", "id\n1\n");
  equal(await one.value("SELECT to_regclass('in_c_sales.fresh')::text"), "in_c_sales.fresh");
});

Deno.test("a process that is new has what the workspace's views ask of the catalog", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "anew" });
  {
    await using client = await connect(workspace);
    await client.query("CREATE VIEW tables_here AS SELECT relname FROM pg_class WHERE relname = 'here'");
    await client.query("CREATE TABLE here (a int)");
  }
  await server.current.waitForLog((line) => line.message === "worker ended" && line["workspace_id"] === workspace.id);
  await using client = await connect(workspace);
  deepEqual(await client.rowsOf("SELECT * FROM tables_here"), [["here"]]);
});
