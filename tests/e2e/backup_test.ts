/** `eider backup` of a server that works, `eider restore`, and everything read on both sides. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { eventually, programCommand, TestServer } from "../support/server.ts";
import { ordersCsv, TestProject } from "../support/project.ts";
import type { WorkspaceAnswer } from "../support/rest.ts";
import { connect, refusal, type SqlClient } from "../support/sql.ts";

async function run(...parameters: string[]): Promise<{ code: number; out: string; err: string }> {
  const { command, args } = programCommand(parameters);
  const child = await new Deno.Command(command, { args, stdout: "piped", stderr: "piped" }).output();
  const decoder = new TextDecoder();
  return { code: child.code, out: decoder.decode(child.stdout), err: decoder.decode(child.stderr) };
}

/** Every table that the session sees, its number of rows and a checksum over all of their values. */
async function checksums(client: SqlClient): Promise<Record<string, unknown>> {
  const tables = await client.rowsOf(
    `SELECT table_schema, table_name FROM information_schema.tables
     WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2`,
  );
  const sums: Record<string, unknown> = {};
  for (const [schema, name] of tables) {
    const path = `"${schema}"."${name}"`;
    sums[path] = (await client.rowsOf(`SELECT count(*), sum(hash(t)::hugeint)::varchar FROM ${path} AS t`))[0];
  }
  return sums;
}

function moved(workspace: WorkspaceAnswer, server: TestServer): WorkspaceAnswer {
  return { ...workspace, connection: { ...workspace.connection, port: server.pgPort } };
}

Deno.test("a backup under writes restores to data that is whole: every table, row by row", async () => {
  await using server = await TestServer.start({ config: { worker_idle_seconds: 1 } });
  const folder = await Deno.makeTempDir({ prefix: "eider_backup_" });
  try {
    const project = await TestProject.withSales(server.rest);
    const branch = await project.branch("trial");
    await project.import("in.c-sales.orders", ordersCsv(40), { branchId: branch.id });
    const [quiet, hot] = [await project.workspace({ name: "quiet" }), await project.workspace({ name: "hot" })];
    const branched = await project.rest.expect<WorkspaceAnswer>(
      201,
      "POST",
      `${project.path}/branches/${branch.id}/workspaces`,
      { json: { name: "branched" } },
    );

    // One that nobody uses at the moment, with everything that a workspace can hold.
    let quietSums: Record<string, unknown>;
    {
      await using client = await connect(quiet);
      await client.query(`CREATE SCHEMA lab;
        CREATE TABLE lab.notes (id serial PRIMARY KEY, t text NOT NULL CHECK (t <> ''), at timestamptz DEFAULT now());
        INSERT INTO lab.notes (t) SELECT 'note ' || range FROM range(5000);
        CREATE VIEW cheap AS SELECT * FROM in_c_sales.orders WHERE amount < 5;
        CREATE TABLE wide AS SELECT range AS n, repeat('é', 30) AS t, [range, range + 1] AS l FROM range(20000)`);
      quietSums = await checksums(client);
    }
    const branchedSums = await (async () => {
      await using client = await connect(branched);
      await client.query("CREATE TABLE copied AS SELECT * FROM in_c_sales.orders");
      return await checksums(client);
    })();

    // One that commits without a pause, in a file that takes longer to copy than a commit.
    await using writer = await connect(hot);
    await writer.query("CREATE TABLE ballast AS SELECT uuid()::varchar || uuid()::varchar AS t FROM range(1500000)");
    await writer.query("CREATE TABLE one (n integer); CREATE TABLE two (n integer)");
    let acknowledged = 0;
    let running = true;
    const writing = (async () => {
      while (running) {
        const n = acknowledged + 1;
        await writer.query("BEGIN");
        await writer.query(`INSERT INTO one VALUES (${n})`);
        await writer.query(`INSERT INTO two VALUES (${n})`);
        await writer.query("COMMIT");
        acknowledged = n;
      }
    })();
    // And imports, each of which makes a version and changes the metadata.
    let imports = 0;
    const importing = (async () => {
      for (let rows = 101; running; rows++, imports++) await project.import("in.c-sales.orders", ordersCsv(rows));
    })();
    await eventually("both are at work", () => acknowledged > 5 && imports > 0);

    const before = acknowledged;
    const importsBefore = imports;
    const made = await run("backup", `${folder}/backup`, `--data-dir=${server.dataDir}`);
    const after = acknowledged;
    deepEqual([made.code, made.err], [0, ""], made.out);
    match(made.out, /^backup of .*: \d+ files, \d+\.\d MB$/m);
    // Writing goes on afterwards: nothing is held any more.
    await eventually("a write after the backup", () => acknowledged > after + 1);
    running = false;
    await Promise.all([writing, importing]);
    ok(![...Deno.readDirSync(server.dataDir)].some(({ name }) => name.startsWith("_backup_")), "no link is left");
    const names = JSON.parse(await Deno.readTextFile(`${folder}/backup/manifest.json`)) as {
      files: { path: string }[];
    };
    ok(!names.files.some((file) => file.path === "server.json"), "the running server's key is not in it");

    const restored = await run("restore", `${folder}/backup`, `--data-dir=${folder}/restored`);
    deepEqual([restored.code, restored.err], [0, ""]);
    await using second = await TestServer.start({ dataDir: `${folder}/restored` });
    const rest = second.rest.as(project.rest.key);
    {
      await using client = await connect(moved(quiet, second));
      const sums = await checksums(client);
      // The view and the project's table follow the version that was current: compared below.
      for (const path of ['"lab"."notes"', '"main"."wide"', '"public"."wide"', '"in_c_sales"."customers"']) {
        deepEqual(sums[path], quietSums[path], path);
      }
      equal(Object.keys(sums).length, Object.keys(quietSums).length);
      await client.query("INSERT INTO lab.notes (t) VALUES ('after the restore')");
      equal(await client.value("SELECT max(id) FROM lab.notes"), 5001, "the sequence goes on where it was");
      const table = await rest.expect<{ rows: number }>(200, "GET", `${project.path}/tables/in.c-sales.orders`);
      ok(table.rows >= 100 + importsBefore && table.rows <= 101 + imports, String(table.rows));
      equal(Number(await client.value("SELECT count(*) FROM in_c_sales.orders")), table.rows);
      equal(
        Number(await client.value("SELECT count(DISTINCT id) FROM in_c_sales.orders WHERE amount = id / 4.0")),
        table.rows,
      );
    }
    {
      await using client = await connect(moved(branched, second));
      deepEqual(await checksums(client), branchedSums);
    }
    {
      await using client = await connect(moved(hot, second));
      const [one] = await client.rowsOf("SELECT count(*)::int, min(n), max(n), sum(n)::bigint::varchar FROM one");
      const [two] = await client.rowsOf("SELECT count(*)::int, min(n), max(n), sum(n)::bigint::varchar FROM two");
      deepEqual(one, two, "no transaction is half in it");
      const count = Number(one?.[0]);
      deepEqual([one?.[1], one?.[2]], [1, count], "no row is missing in between");
      ok(count >= before && count <= after + 1, `${before} <= ${count} <= ${after}`);
      equal(await client.value("SELECT count(*) FROM ballast"), "1500000");
      await client.query("INSERT INTO one VALUES (0)");
    }
    const log = await rest.expect<{ items: { query: string }[] }>(
      200,
      "GET",
      `${project.workspacePath(hot)}/queries?limit=1000&text=INSERT`,
    );
    ok(log.items.length > 0, "the query log is in it and can be read");
    const chain = await second.rest.expect<{ ok: boolean; entries: number }>(200, "GET", "/internal/audit/verify");
    ok(chain.ok && chain.entries > 0, "the audit log's chain is whole");
    const versions = await rest.expect<{ items: { version: number }[] }>(
      200,
      "GET",
      `${project.path}/tables/in.c-sales.orders/versions`,
    );
    // Every version that the metadata names is there to be restored.
    const oldest = versions.items.map(({ version }) => version).sort((a, b) => a - b)[0];
    await rest.expect(200, "POST", `${project.path}/tables/in.c-sales.orders/versions/${oldest}/restore`);
    await using client = await connect(moved(quiet, second));
    ok(Number(await client.value("SELECT count(*) FROM in_c_sales.orders")) > 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a backup that dies while it holds writes stops them only for a moment", async () => {
  await using server = await TestServer.start();
  const project = await TestProject.create(server.rest);
  const workspace = await project.workspace();
  await using client = await connect(workspace);
  await client.query("CREATE TABLE t (n integer)");
  const access = JSON.parse(await Deno.readTextFile(`${server.dataDir}/server.json`)) as { key: string; url: string };
  equal((await Deno.stat(`${server.dataDir}/server.json`)).mode! & 0o777, 0o600);
  const local = server.rest.as(access.key);
  for (const target of [workspace.id, "metadata"]) {
    await local.expect(200, "POST", "/internal/backup/pause", { json: { target, milliseconds: 1_000 } });
  }
  equal(await client.value("SELECT count(*) FROM t"), "0", "reading goes on");
  await client.query("INSERT INTO t VALUES (1)");
  await project.rest.expect(200, "PATCH", project.workspacePath(workspace), { json: { name: "renamed" } });
  // A statement that waits for the hold can be cancelled like any other.
  await local.expect(200, "POST", "/internal/backup/pause", { json: { target: workspace.id, milliseconds: 60_000 } });
  await client.query("SET statement_timeout = 100");
  equal((await refusal(client.query("INSERT INTO t VALUES (2)"))).code, "57014");
  await local.expect(200, "POST", "/internal/backup/resume", { json: { target: workspace.id } });
  await client.query("SET statement_timeout = 0");
  await client.query("INSERT INTO t VALUES (3)");
  await project.rest.refused(403, "forbidden", "POST", "/internal/backup/pause", {
    json: { target: workspace.id, milliseconds: 1 },
  });
  await server.stop();
  ok(
    !await Deno.stat(`${server.dataDir}/server.json`).then(() => true, () => false),
    "the key is gone with the server",
  );
});
