import { equal, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import pg from "pg";
import { eventually, residentBytes, sharedServer } from "../support/server.ts";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import { connect, refusedWith } from "../support/sql.ts";
import { frontend, WireClient } from "../support/wire.ts";

const server = sharedServer();
const projectOf = once(() => TestProject.withSales(server.current.rest));
const unlimited = { max_result_rows: 0, max_result_bytes: 0 };

/** Rows of mixed types with NULLs, short, long and non-ASCII texts. */
const mixedRows = (rowCount: number) => `
  SELECT range AS id, CASE WHEN range % 7 = 0 THEN NULL ELSE range * 3 END AS number,
    CASE WHEN range % 5 = 0 THEN NULL ELSE 'řádek ' || range END AS short,
    repeat(chr((97 + range % 26)::integer), (range % 61)::integer) AS long,
    (range / 100)::decimal(18,2) AS amount, TIMESTAMP '2024-01-01' + to_seconds(range) AS moment
  FROM range(${rowCount})`;

Deno.test("300,000 rows arrive with the checksum that DuckDB computes, as text", async () => {
  const workspace = await (await projectOf()).workspace({ name: "checksum", ...unlimited });
  await using client = await connect(workspace);
  await client.query(`CREATE TABLE mixed AS ${mixedRows(300_000)}`);
  const line =
    "concat_ws('|', id::varchar, coalesce(number::varchar, '-'), coalesce(short, '-'), long, amount::varchar, " +
    "strftime(moment, '%Y-%m-%d %H:%M:%S'))";
  const expected = await client.value(`SELECT md5(string_agg(${line}, chr(10) ORDER BY id)) FROM mixed`);
  const asText = { getTypeParser: () => (value: string | null) => value };
  const hash = createHash("md5");
  let rowCount = 0;
  await new Promise<void>((resolve, reject) => {
    const query = new pg.Query(
      { text: "SELECT * FROM mixed ORDER BY id", rowMode: "array", types: asText } as unknown as pg.QueryConfig,
    ) as unknown as pg.Query & { on(event: string, listener: (argument: never) => void): void };
    query.on("row", (row: (string | null)[]) => {
      hash.update((rowCount++ === 0 ? "" : "\n") + row.map((value) => value ?? "-").join("|"));
    });
    query.on("error", reject);
    query.on("end", () => resolve());
    client.query(query as unknown as pg.QueryConfig);
  });
  equal(rowCount, 300_000);
  equal(hash.digest("hex"), expected);
});

Deno.test("binary results hold the same rows", async () => {
  const workspace = await (await projectOf()).workspace({ name: "binary", ...unlimited });
  await using client = await connect(workspace);
  await client.query(`CREATE TABLE mixed AS ${mixedRows(50_000)}`);
  const columns = "id, number, short, long";
  const text = await client.query<unknown[]>({ text: `SELECT ${columns} FROM mixed ORDER BY id`, rowMode: "array" });
  const binary = await client.query<unknown[]>(
    { text: `SELECT ${columns} FROM mixed ORDER BY id`, rowMode: "array", values: [], binary: true } as never,
  );
  const digest = (rows: unknown[][]) =>
    createHash("md5").update(JSON.stringify(rows.map((row) => row.map(String)))).digest("hex");
  equal(binary.rows.length, 50_000);
  equal(digest(binary.rows), digest(text.rows));
});

Deno.test("a client that stops reading holds bounded memory, and gets every row when it reads on", async () => {
  const workspace = await (await projectOf()).workspace({ name: "slow reader", ...unlimited });
  const others = new Set(server.current.workerProcessIds());
  using wire = await WireClient.connect(workspace);
  await wire.roundTrip(frontend.query("SELECT 1"));
  const worker = server.current.workerProcessIds().filter((id) => !others.has(id));
  equal(worker.length, 1);
  const processIds = [server.current.processId, ...worker];
  const before = processIds.map(residentBytes);
  // 600 MB as text
  const rowCount = 3_000_000;
  wire.stopReading();
  wire.send(frontend.query(`SELECT range, repeat('x', 180) || range FROM range(${rowCount})`));
  // The query stands still once every buffer on the way is full: the worker's processor time no longer grows.
  await eventually("the worker waits for the reader", async () => {
    const used = processIds.map(processorTicks).join();
    await new Promise((resolve) => setTimeout(resolve, 300));
    return used === processIds.map(processorTicks).join();
  });
  const grown = processIds.map((id, index) => residentBytes(id) - before[index]!);
  ok(grown.every((byteCount) => byteCount < 150e6), `grown by ${grown.join(" and ")} bytes`);
  wire.resumeReading();
  let received = 0;
  for (;;) {
    const next = await wire.expectMessage();
    if (next.type === "D") received += 1;
    if (next.type === "Z") break;
  }
  equal(received, rowCount);
});

/** Processor time of a process in clock ticks, from fields 14 and 15 of /proc/…/stat. */
function processorTicks(processId: number): number {
  const stat = Deno.readTextFileSync(`/proc/${processId}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

Deno.test("a result over workspace_max_result_rows is 54000, names the limit and how to raise it", async () => {
  const workspace = await (await projectOf()).workspace({ name: "limited", max_result_rows: 1000 });
  await using client = await connect(workspace);
  equal((await client.query("SELECT * FROM range(1000)")).rows.length, 1000);
  const error = await refusedWith("54000", client.query("SELECT * FROM range(1001)"));
  ok(/1000/.test(error.message) && /max_result_rows/.test(`${error.message} ${error.hint}`), error.message);
  equal(await client.value("SELECT 1"), 1);
});

Deno.test("a result over max_result_bytes is 54000", async () => {
  const workspace = await (await projectOf()).workspace({ name: "narrow", max_result_bytes: 100_000 });
  await using client = await connect(workspace);
  const error = await refusedWith("54000", client.query("SELECT repeat('x', 1000) FROM range(200)"));
  ok(/max_result_bytes/.test(`${error.message} ${error.hint}`), error.message);
});

Deno.test("a value of 20 MB arrives whole, and a parameter of 5 MB too", async () => {
  const workspace = await (await projectOf()).workspace({ name: "large values", ...unlimited });
  await using client = await connect(workspace);
  const value = await client.value("SELECT repeat('0123456789', 2000000)");
  equal((value as string).length, 20_000_000);
  equal(await client.value("SELECT length($1::varchar)", ["é".repeat(2_500_000)]), "2500000");
});
