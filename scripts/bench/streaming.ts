/**
 * Streaming a table of six mixed columns, text and binary: our server and PostgreSQL with the same raw client over plain TCP,
 * in turns. Beside it the same table past the server (a worker's socket) and past the socket (in this process), which shows
 * where the time goes.
 */
import { availableParallelism } from "node:os";
import type { CatalogTable } from "../../src/ipc/messages.ts";
import { TestProject } from "../../tests/support/project.ts";
import type { TestServer } from "../../tests/support/server.ts";
import { streamColumns, writeStreamFiles } from "./data.ts";
import { DirectWorker } from "./direct_worker.ts";
import { InProcessTable } from "./in_process.ts";
import type { Postgres } from "../../tests/support/postgres.ts";
import { processorMs } from "./processes.ts";
import { RawClient, type Received } from "./raw_client.ts";
import type { Goal, Section } from "./report.ts";
import { startServer, targetOf, workerProcessId } from "./server.ts";
import { showSpread, type Spread, spreadOf } from "./statistics.ts";

export interface StreamingOptions {
  readonly rowCount: number;
  readonly roundCount: number;
}

const formats = ["text", "binary"] as const;
type FormatName = (typeof formats)[number];

/** One way to the rows, with the processes that work for it. */
interface Path {
  readonly name: string;
  readonly sql: string;
  readonly client: RawClient;
  readonly processes: Readonly<Record<string, () => readonly number[]>>;
}

interface Measured {
  readonly path: string;
  readonly format: FormatName;
  readonly rowsPerSecond: Spread;
  readonly megabytesPerSecond: Spread;
  readonly firstRowMs: Spread;
  readonly totalMs: Spread;
  readonly byteCount: number;
  /** Median processor time by process, milliseconds. */
  readonly processorMs: Readonly<Record<string, number>>;
}

export async function benchStreaming(
  options: StreamingOptions,
  postgres: Postgres | null,
): Promise<{ sections: Section[]; goals: Goal[] }> {
  const { rowCount, roundCount } = options;
  const files = await Deno.makeTempDir({ prefix: "eider_bench_data_" });
  try {
    console.log(`streaming: making ${rowCount} rows`);
    const { parquet, csv } = await writeStreamFiles(files, rowCount);
    await using server = await startServer();
    const project = await TestProject.create(server.rest, "bench");
    await project.bucket("in.c-bench");
    const table = "in.c-bench.stream";
    await project.import(table, (await Deno.open(parquet)).readable, { format: "parquet" });
    const workspace = await project.workspace({ max_result_rows: 0, max_result_bytes: 0 });
    const columns = streamColumns.map(({ name, type }) => `${name} ${type}`).join(", ");
    await postgres?.psql(
      `create table stream (${columns})`,
      `\\copy stream from '${csv}' (format csv)`,
      "vacuum (analyze, freeze) stream",
    );
    await Deno.remove(csv);

    const threads = availableParallelism();
    const tableFile = `${server.dataDir}/project_${project.id}/in_c_bench/stream.v1.duckdb`;
    await using worker = await DirectWorker.start(
      [catalogTable(tableFile, rowCount)],
      `${server.dataDir}/project_${project.id}`,
      threads,
    );
    const paths = await connectPaths(server, workspace, worker, postgres);
    const measured: Measured[] = [];
    for (const format of formats) {
      measured.push(...await measurePaths(paths, format, rowCount, roundCount));
    }
    for (const { client } of paths) client.close();
    const inner = await measureInProcess(tableFile, threads, roundCount);
    return {
      sections: [comparison(measured, postgres), breakdown(measured, inner, rowCount)],
      goals: goalsOf(measured, postgres),
    };
  } finally {
    await Deno.remove(files, { recursive: true });
  }
}

async function connectPaths(
  server: TestServer,
  workspace: Parameters<typeof targetOf>[1],
  worker: DirectWorker,
  postgres: Postgres | null,
): Promise<Path[]> {
  const sql = "select * from in_c_bench.stream";
  const ours = await RawClient.connect(targetOf(server, workspace));
  const workerId = await workerProcessId(server, workspace.id);
  const self = { client: () => [Deno.pid] };
  const paths: Path[] = [
    {
      name: oursName,
      sql,
      client: ours,
      processes: { worker: () => [workerId], server: () => [server.processId], ...self },
    },
    { name: workerName, sql, client: await worker.connect(), processes: { worker: () => [worker.processId], ...self } },
  ];
  if (postgres !== null) {
    paths.push({
      name: postgresName,
      sql: "select * from stream",
      client: await RawClient.connect(postgres.target),
      processes: { postgres: () => postgres.processIds, ...self },
    });
  }
  return paths;
}

const oursName = "Eider";
const workerName = "worker's socket";
const postgresName = "PostgreSQL";

async function measurePaths(
  paths: readonly Path[],
  format: FormatName,
  rowCount: number,
  roundCount: number,
): Promise<Measured[]> {
  const runs = new Map<Path, { received: Received; processorMs: Record<string, number> }[]>();
  for (let round = 0; round <= roundCount; round++) {
    console.log(
      round === 0 ? `streaming ${format}: warming up` : `streaming ${format}: round ${round} of ${roundCount}`,
    );
    for (const path of paths) {
      const before = processorTimes(path);
      const received = format === "text"
        ? await path.client.query(path.sql)
        : await path.client.extended(path.sql, true);
      const after = processorTimes(path);
      if (received.rowCount !== rowCount) {
        throw new Error(`${path.name} sent ${received.rowCount} rows of ${rowCount}`);
      }
      if (round === 0) continue;
      const spent = Object.fromEntries(Object.keys(after).map((name) => [name, after[name]! - before[name]!]));
      runs.set(path, [...runs.get(path) ?? [], { received, processorMs: spent }]);
    }
  }
  return paths.map((path) => {
    const all = runs.get(path) ?? [];
    const spread = (value: (received: Received) => number) => spreadOf(all.map(({ received }) => value(received)));
    return {
      path: path.name,
      format,
      rowsPerSecond: spread((received) => received.rowCount / received.totalMs * 1000),
      megabytesPerSecond: spread((received) => received.byteCount / received.totalMs / 1000),
      firstRowMs: spread((received) => received.firstRowMs),
      totalMs: spread((received) => received.totalMs),
      byteCount: all[0]?.received.byteCount ?? 0,
      processorMs: Object.fromEntries(
        Object.keys(path.processes).map((name) => [name, spreadOf(all.map((run) => run.processorMs[name]!)).median]),
      ),
    };
  });
}

function processorTimes(path: Path): Record<string, number> {
  return Object.fromEntries(
    Object.entries(path.processes).map(([name, ids]) => [name, ids().reduce((sum, id) => sum + processorMs(id), 0)]),
  );
}

interface Inner {
  readonly step: string;
  readonly totalMs: Spread;
  readonly encodeMs: Spread;
}

async function measureInProcess(tableFile: string, threads: number, roundCount: number): Promise<Inner[]> {
  using table = await InProcessTable.open(tableFile, threads);
  const steps = [["DuckDB's chunks, not encoded", null], ["encoded as text", 0], ["encoded as binary", 1]] as const;
  const inner: Inner[] = [];
  for (const [step, format] of steps) {
    await table.run(format);
    const runs = [];
    for (let round = 0; round < roundCount; round++) runs.push(await table.run(format));
    inner.push({
      step,
      totalMs: spreadOf(runs.map((run) => run.totalMs)),
      encodeMs: spreadOf(runs.map((run) => run.encodeMs)),
    });
  }
  return inner;
}

function comparison(measured: readonly Measured[], postgres: Postgres | null): Section {
  const rows: string[][] = [];
  for (const format of formats) {
    const reference = measured.find((entry) => entry.path === postgresName && entry.format === format);
    for (const name of [oursName, postgresName]) {
      const entry = measured.find((entry) => entry.path === name && entry.format === format);
      if (entry === undefined) continue;
      const ratio = reference === undefined ? "–" : ratioOf(entry, reference).toFixed(2);
      rows.push([
        `${format}, ${name}`,
        `${(entry.rowsPerSecond.median / 1e6).toFixed(2)} M (${(entry.rowsPerSecond.min / 1e6).toFixed(2)}–${
          (entry.rowsPerSecond.max / 1e6).toFixed(2)
        })`,
        showSpread(entry.megabytesPerSecond),
        showSpread(entry.firstRowMs, 1),
        ratio,
      ]);
    }
  }
  return {
    title: "Streaming six mixed columns",
    columns: ["", "rows/s", "MB/s", "first row, ms", "of PostgreSQL's speed"],
    rows,
    notes: [
      `bigint, double, short varchar, varchar of 60, timestamp, decimal(12,2); ${
        measured[0]?.rowsPerSecond.count ?? 0
      } rounds in turns after one to warm up, median (min–max). Plain TCP, one client that reads message headers only.`,
      ...postgres === null ? ["PostgreSQL is not installed here: there is nothing to compare with."] : [],
    ],
    data: measured,
  };
}

function ratioOf(entry: Measured, reference: Measured): number {
  return entry.rowsPerSecond.median / reference.rowsPerSecond.median;
}

function breakdown(measured: readonly Measured[], inner: readonly Inner[], rowCount: number): Section {
  const rate = (totalMs: Spread) => `${(rowCount / totalMs.median / 1000).toFixed(2)} M`;
  const rows = inner.map(({ step, totalMs, encodeMs }) => [
    `in process: ${step}`,
    rate(totalMs),
    showSpread(totalMs),
    encodeMs.median === 0 ? "" : `encoder ${encodeMs.median.toFixed(0)}`,
  ]);
  for (const format of formats) {
    for (const entry of measured) {
      if (entry.format !== format) continue;
      const processors = Object.entries(entry.processorMs).map(([name, ms]) => `${name} ${ms.toFixed(0)}`).join(", ");
      const name = entry.path === oursName ? "through the server" : entry.path;
      rows.push([`${format}: ${name}`, rate(entry.totalMs), showSpread(entry.totalMs), processors]);
    }
  }
  return {
    title: "Where streaming's time goes",
    columns: ["step", "rows/s", "ms", "processor time, ms"],
    rows,
    notes: [
      "Each line holds the work of those above it: fetching, then encoding, then the worker's Unix socket, then the server's splice and TCP.",
      "Processor time is that of all threads (the kernel's clock ticks are 10 ms). Where its sum over the processes nears the cores times the elapsed time, the machine is the limit, not one process.",
    ],
    data: inner,
  };
}

function goalsOf(measured: readonly Measured[], postgres: Postgres | null): Goal[] {
  if (postgres === null) return [];
  return formats.flatMap((format) => {
    const ours = measured.find((entry) => entry.path === oursName && entry.format === format);
    const reference = measured.find((entry) => entry.path === postgresName && entry.format === format);
    if (ours === undefined || reference === undefined) return [];
    const ratio = ratioOf(ours, reference);
    return [{
      name: `streaming as ${format}`,
      goal: "PostgreSQL's own speed (1.00)",
      measured: ratio.toFixed(2),
      met: ratio >= 1,
    }];
  });
}

function catalogTable(filePath: string, rowCount: number): CatalogTable {
  return {
    table_id: "in.c-bench.stream",
    schema: "in_c_bench",
    name: "stream",
    version: 1,
    file_path: filePath,
    columns: streamColumns.map(({ name, type }) => ({
      name,
      type: type === "double precision" ? "DOUBLE" : type.toUpperCase().replace(", ", ","),
      nullable: true,
    })),
    primary_key: [],
    rows: rowCount,
    size_bytes: Deno.statSync(filePath).size,
  };
}
