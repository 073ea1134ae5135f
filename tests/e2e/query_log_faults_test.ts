/** The query log when things go wrong: a stop, a kill, a damaged or locked file, a full disk. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TestProject } from "../support/project.ts";
import type { List } from "../support/rest.ts";
import { eventually, TestServer } from "../support/server.ts";
import { connect } from "../support/sql.ts";
import { mountSmall, skippedWithoutMount } from "./small_disk.ts";

interface LoggedQuery {
  readonly id: number;
  readonly query: string | null;
}

async function texts(server: TestServer, query = ""): Promise<(string | null)[]> {
  const { items } = await server.rest.expect<List<LoggedQuery>>(200, "GET", `/internal/queries?limit=1000&${query}`);
  return items.map((row) => row.query).reverse();
}

Deno.test("SIGTERM right after a statement loses no row of the log", async () => {
  await using server = await TestServer.start();
  const project = await TestProject.create(server.rest, "term");
  const client = await connect(await project.workspace());
  for (let number = 0; number < 50; number++) await client.query(`SELECT ${number} AS before_stop`);
  equal((await server.stop()).code, 0);
  await client.end().catch(() => {});
  await server.startProcess();
  deepEqual(
    await texts(server, "text=before_stop"),
    Array.from({ length: 50 }, (_, number) => `SELECT ${number} AS before_stop`),
  );
});

Deno.test("SIGKILL loses at most the rows that were not written yet, in order, and ids go on where they were", async () => {
  await using server = await TestServer.start();
  const project = await TestProject.create(server.rest, "kill");
  const workspace = await project.workspace();
  const client = await connect(workspace);
  for (let number = 0; number < 20; number++) await client.query(`SELECT ${number} AS first_batch`);
  await eventually("the first batch is written", async () => (await texts(server, "text=first_batch")).length === 20);
  for (let number = 0; number < 20; number++) await client.query(`SELECT ${number} AS second_batch`);
  await server.kill();
  await client.end().catch(() => {});
  await server.startProcess();
  equal((await texts(server, "text=first_batch")).length, 20);
  const second = await texts(server, "text=second_batch");
  deepEqual(second, Array.from({ length: second.length }, (_, number) => `SELECT ${number} AS second_batch`));
  await using again = await connect(workspace, { port: server.pgPort });
  await again.query("SELECT 'after'");
  const rows = await eventually("the new row", async () => {
    const { items } = await server.rest.expect<List<LoggedQuery>>(200, "GET", "/internal/queries?limit=2");
    return items[0]?.query === "SELECT 'after'" && items;
  });
  ok(rows[0]!.id > rows[1]!.id);
});

Deno.test("a damaged file is set aside with a log line, and the log goes on in a new one", async () => {
  await using server = await TestServer.start();
  await server.stop();
  const file = join(server.dataDir, "query_log.duckdb");
  const damage: readonly [string, () => void][] = [
    ["not a database", () => Deno.writeTextFileSync(file, "x".repeat(20_000))],
    ["a header of zeros", () => overwrite(file, 0, 12_288)],
    ["cut", () => Deno.truncateSync(file, 9_000)],
  ];
  for (const [name, spoil] of damage) {
    spoil();
    await server.startProcess();
    const line = server.logLines.find((one) => /damaged and was set aside/.test(String(one.message)));
    ok(line !== undefined, `${name}: ${server.describeOutput()}`);
    equal(line.level, "error");
    ok((await Deno.stat(String(line["set_aside_as"]))).isFile);
    const project = await TestProject.create(server.rest, "damaged");
    await using client = await connect(await project.workspace());
    await client.query(`SELECT 'after ${name}'`);
    await eventually("the log goes on", async () => (await texts(server)).includes(`SELECT 'after ${name}'`));
    await server.stop();
  }
});

function overwrite(path: string, offset: number, count: number): void {
  using file = Deno.openSync(path, { write: true });
  file.seekSync(offset, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array(count));
}

Deno.test("a file that another program holds stops neither the server nor a session, and is not set aside", async () => {
  await using server = await TestServer.start();
  await server.stop();
  const file = join(server.dataDir, "query_log.duckdb");
  const script = fileURLToPath(new URL("query_log_lock_child.ts", import.meta.url));
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", script, file],
    stdout: "piped",
  });
  const holder = command.spawn();
  const reader = holder.stdout.getReader();
  try {
    await reader.read();
    await server.startProcess();
    match(
      String(
        (await server.waitForLog((line) => /cannot be opened; it is tried again/.test(String(line.message))))["error"],
      ),
      /lock/,
    );
    const project = await TestProject.create(server.rest, "locked");
    await using client = await connect(await project.workspace());
    await client.query("SELECT 'without a table'");
    await server.waitForLog((line) => line["query"] === "SELECT 'without a table'");
    const refused = await server.rest.request<{ code: string }>("GET", "/internal/queries");
    equal(refused.status, 503, refused.text);
    await server.waitForLog((line) => /could not be kept/.test(String(line.message)));
    match(
      await (await fetch(`${server.baseUrl}/metrics`)).text(),
      /query_log_dropped_total\{reason="store_failed"\} [1-9]/,
    );
  } finally {
    holder.kill("SIGKILL");
    await holder.status;
    await reader.cancel();
  }
  await eventually(
    "the table is used once it is free",
    async () => (await server.rest.request("GET", "/internal/queries")).status === 200,
  );
  ok((await Deno.stat(file)).isFile);
});

Deno.test("beyond query_audit_max_bytes the oldest statements go, and a line and a metric say how many", async () => {
  await using server = await TestServer.start({ config: { query_audit_max_bytes: "1MB" } });
  const project = await TestProject.create(server.rest, "outgrown");
  await using client = await connect(await project.workspace());
  await client.query("SELECT 'the oldest'");
  const noise = () => crypto.getRandomValues(new Uint8Array(4000)).toHex();
  for (let number = 0; number < 600; number++) await client.query(`SELECT ${number}, '${noise()}'`);
  await client.query("SELECT 'the newest'");
  const metric = /query_log_dropped_total\{reason="outgrown"\} ([1-9]\d*)/;
  const removed = async () => {
    const found = await eventually(
      "the metric",
      async () => metric.exec(await (await server.rest.fetch("GET", "/metrics")).text()),
    );
    return Number(found?.[1]);
  };
  await removed();
  const rows = await eventually("the newest statement", async () => {
    const found = await texts(server);
    return found.at(-1) === "SELECT 'the newest'" && found;
  });
  ok(!rows.includes("SELECT 'the oldest'"));
  ok(rows.length > 50, `${rows.length} statements are kept`);
  const told = await server.waitForLog((line) => /query_audit_max_bytes/.test(String(line["message"])));
  ok(Number(told["rows"]) > 0 && Number(told["rows"]) <= await removed());
});

Deno.test("without a table the lines go on, and REST says that none is kept", async () => {
  await using server = await TestServer.start({ config: { query_audit_table: false, log_level: "info" } });
  const project = await TestProject.create(server.rest, "lines");
  await using client = await connect(await project.workspace());
  await client.query("SELECT 'line only'");
  await server.waitForLog((line) => line["query"] === "SELECT 'line only'");
  const problem = await server.rest.refused(404, "not_found", "GET", "/internal/queries");
  match(problem.detail, /query_audit_table is false/);
});

Deno.test({
  name: `on a full disk rows of the log are dropped and counted, and sessions go on${skippedWithoutMount}`,
  ignore: skippedWithoutMount !== "",
  fn: async () => {
    await using disk = await mountSmall(24);
    ok(disk !== null);
    await using server = await TestServer.start({ dataDir: disk.folder });
    const project = await TestProject.create(server.rest, "full");
    const workspace = await project.workspace();
    await using client = await connect(workspace);
    await client.query("SELECT 'before'");
    await eventually("the log is written", async () => (await texts(server)).length === 1);
    fill(`${disk.folder}/ballast`);
    const noise = Array.from({ length: 80 }, () => crypto.randomUUID()).join("");
    let count = 0;
    await eventually("rows are dropped", async () => {
      for (let number = 0; number < 20; number++) {
        equal(await client.value(`SELECT ${count} /* ${noise}${crypto.randomUUID()} */`), String(count));
        count += 1;
      }
      return /query_log_dropped_total\{reason="store_failed"\} [1-9]/.test(
        await (await fetch(`${server.baseUrl}/metrics`)).text(),
      );
    });
    const line = await server.waitForLog((one) => /could not be kept in the table/.test(String(one.message)));
    match(String(line["error"]), /space|disk/i);
    const summary = await server.waitForLog((one) => one.message === "query log: statements were dropped");
    ok(Number(summary["store_failed"]) > 0);
    await Deno.remove(`${disk.folder}/ballast`);
    await eventually("the table is written again", async () => {
      await client.query("SELECT 'after'");
      return (await texts(server, "text=after")).length > 0;
    });
    ok((await texts(server)).includes("SELECT 'before'"));
  },
});

/** Takes what is left of the file system. */
function fill(path: string): void {
  using file = Deno.openSync(path, { write: true, create: true });
  for (let size = 1_000_000; size >= 1; size = Math.floor(size / 4)) {
    try {
      for (;;) file.writeSync(new Uint8Array(size));
    } catch {
      // Full for this size: a smaller one may still fit.
    }
  }
}
