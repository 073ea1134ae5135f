import assert from "node:assert/strict";
import { join } from "node:path";
import duckdb from "@duckdb/node-bindings";
import type { CatalogTable, LaunchSpec } from "../ipc/messages.ts";
import { type Connection, quoteLiteral, rows, run } from "./duckdb.ts";
import { translateEngineError } from "./engine_error.ts";
import { pinSnapshotStatement } from "./project_tables.ts";
import { WorkspaceEngine } from "./workspace_engine.ts";

/** A folder with version files and an engine over them. */
class Fixture implements AsyncDisposable {
  private constructor(readonly directory: string, readonly spec: LaunchSpec, readonly engine: WorkspaceEngine) {}

  static async make(tableCount: number): Promise<Fixture> {
    const directory = await Deno.makeTempDir();
    await Deno.mkdir(join(directory, "tables"));
    const tables: CatalogTable[] = [];
    for (let index = 0; index < tableCount; index++) tables.push(await writeVersion(directory, `t${index}`, 1, index));
    const spec: LaunchSpec = {
      workspace_id: "ws_a1",
      project_id: "p",
      branch_id: null,
      database: "workspace_ws_a1",
      file_path: join(directory, "ws_a1.duckdb"),
      temp_directory: join(directory, "tmp"),
      temp_bytes_max: 1e9,
      memory_bytes_max: 1e9,
      threads: 2,
      allowed_directories: [join(directory, "tables")],
      result_rows_max: 0,
      result_bytes_max: 0,
      size_bytes_max: 1e9,
      queries_per_minute_max: 0,
      statement_bytes_max: 0,
      query_timeout_ms: 0,
      idle_timeout_ms: 0,
      catalog: { schemas: ["in_c_sales"], tables },
    };
    return new Fixture(directory, spec, await WorkspaceEngine.open(spec, () => undefined));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine.close();
    await Deno.remove(this.directory, { recursive: true });
  }
}

/** One row: `value`. */
async function writeVersion(directory: string, name: string, version: number, value: number): Promise<CatalogTable> {
  const path = join(directory, "tables", `${name}.v${version}.duckdb`);
  const instance = await duckdb.open(path);
  const connection = await duckdb.connect(instance);
  await run(connection, `CREATE TABLE data AS SELECT ${value}::BIGINT AS value; CHECKPOINT`);
  duckdb.disconnect_sync(connection);
  duckdb.close_sync(instance);
  return {
    table_id: `in.c-sales.${name}`,
    schema: "in_c_sales",
    name,
    version,
    file_path: path,
    columns: [{ name: "value", type: "BIGINT", nullable: true }],
    primary_key: [],
    rows: 1,
    size_bytes: 0,
  };
}

async function value(engine: WorkspaceEngine, connection: Connection, sql: string): Promise<number> {
  await engine.projectTables.attachNamedIn(sql);
  return Number((await rows(connection, sql))[0]?.[0]);
}

Deno.test("a project table that was not attached raises an error and never looks empty", async () => {
  await using fixture = await Fixture.make(2);
  const connection = await fixture.engine.connect();
  await assert.rejects(rows(connection, "SELECT * FROM in_c_sales.t1"), /not attached/);
  assert.equal(await value(fixture.engine, connection, "SELECT value FROM In_C_Sales.T1"), 1);
  assert.equal(fixture.engine.projectTables.attachedCount, 1, "only the table that was named");
});

Deno.test("a new version is seen by the next statement, and an open transaction keeps the old one", async () => {
  await using fixture = await Fixture.make(1);
  const { engine } = fixture;
  const reader = await engine.connect();
  const other = await engine.connect();
  const sql = "SELECT value FROM in_c_sales.t0";
  await value(engine, other, sql);
  await run(reader, "BEGIN");
  engine.began(reader);
  assert.equal(await value(engine, reader, sql), 0);
  const table = await writeVersion(fixture.directory, "t0", 2, 42);
  await engine.refreshCatalog({ schemas: ["in_c_sales"], tables: [table] });
  assert.equal(await value(engine, other, sql), 42);
  assert.equal(await value(engine, reader, sql), 0);
  await run(reader, "COMMIT");
  engine.ended(reader);
  assert.equal(await value(engine, reader, sql), 42);
});

Deno.test("a transaction that began before a table changed sees the old version even if it read nothing yet", async () => {
  await using fixture = await Fixture.make(1);
  const { engine } = fixture;
  const reader = await engine.connect();
  await engine.projectTables.attachAll();
  await run(reader, `BEGIN; ${pinSnapshotStatement}`);
  engine.began(reader);
  await engine.refreshCatalog({
    schemas: ["in_c_sales"],
    tables: [await writeVersion(fixture.directory, "t0", 2, 42)],
  });
  await engine.projectTables.attachAll();
  assert.equal(await value(engine, reader, "SELECT value FROM in_c_sales.t0"), 0);
  await run(reader, "COMMIT");
  engine.ended(reader);
  assert.equal(await value(engine, reader, "SELECT value FROM in_c_sales.t0"), 42);
});

Deno.test("a table in use is readable at every moment of its change to a new version", async () => {
  await using fixture = await Fixture.make(1);
  const { engine } = fixture;
  const versions: CatalogTable[] = [];
  for (let version = 2; version < 22; version++) {
    versions.push(await writeVersion(fixture.directory, "t0", version, version));
  }
  const reader = await engine.connect();
  let done = false;
  const reading = (async () => {
    let last = -1;
    while (!done) {
      const seen = await value(engine, reader, "SELECT value FROM in_c_sales.t0");
      assert.ok(seen >= last, `${seen} after ${last}`);
      last = seen;
    }
  })();
  await value(engine, await engine.connect(), "SELECT value FROM in_c_sales.t0");
  for (const table of versions) await engine.refreshCatalog({ schemas: ["in_c_sales"], tables: [table] });
  done = true;
  await reading;
  assert.equal(await value(engine, reader, "SELECT value FROM in_c_sales.t0"), 21);
});

Deno.test("a dropped table and a dropped bucket disappear at a refresh", async () => {
  await using fixture = await Fixture.make(2);
  const { engine } = fixture;
  const connection = await engine.connect();
  const [first] = fixture.spec.catalog.tables;
  await engine.refreshCatalog({ schemas: ["in_c_sales"], tables: first === undefined ? [] : [first] });
  await assert.rejects(value(engine, connection, "SELECT * FROM in_c_sales.t1"), /does not exist/);
  assert.equal(await value(engine, connection, "SELECT value FROM in_c_sales.t0"), 0);
  await engine.refreshCatalog({ schemas: [], tables: [] });
  await assert.rejects(value(engine, connection, "SELECT * FROM in_c_sales.t0"), /does not exist/);
});

Deno.test("the analyst's view over a project table works after the workspace was closed and opened", async () => {
  await using fixture = await Fixture.make(3);
  const connection = await fixture.engine.connect();
  await fixture.engine.projectTables.attachNamedIn("t2");
  await run(connection, "CREATE VIEW mine AS SELECT value * 10 AS v FROM in_c_sales.t2");
  fixture.engine.disconnect(connection);
  await fixture.engine.close();
  const again = await WorkspaceEngine.open(fixture.spec, () => undefined);
  const second = await again.connect();
  assert.equal(await value(again, second, "SELECT v FROM mine"), 20);
  again.disconnect(second);
  await again.close();
  Object.assign(fixture, { engine: { close: () => Promise.resolve() } });
});

Deno.test("load copies all of its tables or none", async () => {
  await using fixture = await Fixture.make(2);
  const { engine } = fixture;
  const item = (table: string, destination: string, where: string | null) => ({
    source: `in.c-sales.${table}`,
    schema: "in_c_sales",
    table,
    destination,
    columns: ["value"],
    where,
  });
  const checked: string[] = [];
  await assert.rejects(
    engine.load([item("t0", "a", null), item("t1", "b", "nope = 1")], (sql) => checked.push(sql)),
    { kind: "undefined_column" },
  );
  assert.deepEqual((await engine.describe()).objects, []);
  assert.equal(checked.length, 2, "the policy saw every SELECT before anything ran");
  const loaded = await engine.load([item("t0", "a", null), item("t1", "b", "value > 5")], () => undefined);
  assert.deepEqual(loaded.loaded.map(({ destination, rows }) => [destination, rows]), [["a", 1], ["b", 0]]);
  await assert.rejects(engine.load([item("t0", "A", null)], () => undefined), { kind: "duplicate_table" });
});

Deno.test("clear drops tables, views, schemas, macros, sequences and types of the workspace", async () => {
  await using fixture = await Fixture.make(1);
  const { engine } = fixture;
  const connection = await engine.connect();
  await run(
    connection,
    `CREATE TABLE a AS SELECT 1 x; CREATE VIEW v AS SELECT * FROM a; CREATE SCHEMA s; CREATE TABLE s.b AS SELECT 1;
     CREATE MACRO plus(a) AS a + 1; CREATE SEQUENCE q; CREATE TYPE mood AS ENUM ('ok')`,
  );
  assert.deepEqual((await engine.describe()).objects, [
    { name: "a", type: "table", rows: 1 },
    { name: "v", type: "view", rows: null },
    { name: "s.b", type: "table", rows: 1 },
  ]);
  assert.deepEqual(await engine.clear(), { dropped: 3 });
  assert.deepEqual((await engine.describe()).objects, []);
  await run(connection, "CREATE SEQUENCE q; CREATE TYPE mood AS ENUM ('ok'); CREATE MACRO plus(a) AS a + 2");
});

Deno.test("dropping an object names what is missing and drops what is there", async () => {
  await using fixture = await Fixture.make(1);
  const { engine } = fixture;
  const connection = await engine.connect();
  await run(connection, `CREATE TABLE "odd ""name" AS SELECT 1; CREATE SCHEMA s; CREATE VIEW s.v AS SELECT 1`);
  await assert.rejects(engine.dropObject("t0"), { kind: "not_found" });
  assert.deepEqual(await engine.dropObject('odd "name'), { dropped: 'odd "name', type: "table" });
  assert.deepEqual(await engine.dropObject("s.v"), { dropped: "s.v", type: "view" });
});

Deno.test("files outside of the project's folder cannot be read or attached, whatever the statement", async () => {
  await using fixture = await Fixture.make(1);
  const connection = await fixture.engine.connect();
  const outside = join(fixture.directory, "secret.csv");
  await Deno.writeTextFile(outside, "a\n1\n");
  for (
    const sql of [
      `SELECT * FROM read_csv(${quoteLiteral(outside)})`,
      `ATTACH ${quoteLiteral(join(fixture.directory, "other.duckdb"))} AS other`,
      `COPY (SELECT 1) TO ${quoteLiteral(join(fixture.directory, "out.csv"))}`,
      "SET GLOBAL enable_external_access=true",
      "SET GLOBAL allowed_directories=['/']",
      "INSTALL httpfs",
    ]
  ) {
    const error = await rows(connection, sql).then(() => null, (reason) => translateEngineError(reason, sql));
    assert.ok(error !== null, sql);
  }
});

Deno.test("a full workspace refuses writes and says how full it is", async () => {
  await using fixture = await Fixture.make(1);
  const connection = await fixture.engine.connect();
  await run(connection, "CREATE TABLE filling AS SELECT range FROM range(100000)");
  await fixture.engine.updateLimits({ memory_bytes_max: 1e9, size_bytes_max: 1 });
  await assert.rejects(fixture.engine.checkRoomToWrite(), {
    kind: "workspace_size_exceeded",
    message: /bytes used of 1/,
  });
});
