/**
 * A bounded load test: starts the real server, lets clients run mixed statements on two workspaces while tables are imported
 * over REST, then checks that nothing was lost or leaked. Prints a report, writes bench/load.md and bench/load.json, and
 * exits with 1 when an invariant did not hold. A slow answer is a figure, not a failure.
 *
 *   deno task load [--clients=20] [--seconds=20] [--seed=1]
 */
import { TestProject } from "../tests/support/project.ts";
import type { List, SessionAnswer, WorkspaceAnswer } from "../tests/support/rest.ts";
import { eventually, type TestServer } from "../tests/support/server.ts";
import { connect } from "../tests/support/sql.ts";
import { positiveInteger, readFlags } from "./bench/flags.ts";
import { Latencies } from "./bench/latencies.ts";
import { checkLedgers, ledgerDdl, LoadClient } from "./bench/load_client.ts";
import { feedRows, Importers, makeTables } from "./bench/load_data.ts";
import { memoryOf } from "./bench/processes.ts";
import { describeMachine, publishReport, type Section } from "./bench/report.ts";
import { metricValue, startServer } from "./bench/server.ts";

const workspaceCount = 2;
const complaintsShownMax = 10;

interface Invariant {
  readonly name: string;
  readonly faults: readonly string[];
}

/** What a leak would make grow. */
interface Footprint {
  readonly residentMb: number;
  readonly openFiles: number;
}

function footprintOf(server: TestServer): Footprint {
  return {
    residentMb: memoryOf(server.processId).residentMb,
    openFiles: [...Deno.readDirSync(`/proc/${server.processId}/fd`)].length,
  };
}

/** The log's warnings and errors, and what workers wrote beside the protocol. */
function complaintsOf(server: TestServer): string[] {
  return server.logLines
    .filter(({ level, message }) => level === "warn" || level === "error" || message === "worker output")
    .map((line) => JSON.stringify(line));
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = state + 0x6d2b79f5 | 0;
    let mixed = Math.imul(state ^ state >>> 15, 1 | state);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) / 4294967296;
  };
}

async function checkInvariants(
  server: TestServer,
  project: TestProject,
  clients: readonly LoadClient[],
  importers: Importers,
  latencies: Latencies,
): Promise<Invariant[]> {
  const byWorkspace = Map.groupBy(clients, (client) => client.workspace);
  const lost: string[] = [];
  for (const group of byWorkspace.values()) lost.push(...await checkLedgers(server, group));
  const imports: string[] = [];
  for (const workspace of byWorkspace.keys()) {
    await using session = await connect(workspace, { port: server.pgPort });
    const rows = Number(await session.value("select count(*) from in_c_load.feed"));
    if (rows !== importers.feedImports * feedRows) {
      imports.push(
        `feed has ${rows} rows in ${workspace.id}, ${importers.feedImports} imports of ${feedRows} were made`,
      );
    }
  }
  const leaked: string[] = [];
  for (const workspace of byWorkspace.keys()) {
    const list = () =>
      project.rest.expect<List<SessionAnswer>>(200, "GET", `${project.workspacePath(workspace)}/sessions`);
    await eventually("no session is listed", async () => (await list()).items.length === 0).catch(async () => {
      leaked.push(`${workspace.id} still lists ${(await list()).items.length} sessions`);
    });
  }
  const active = await metricValue(server, "pgwire_connections_active");
  if (active !== 0) leaked.push(`pgwire_connections_active is ${active}`);
  const restarts = await metricValue(server, "worker_restarts_total");
  const ready = await fetch(`${server.baseUrl}/ready`);
  await ready.body?.cancel();
  return [
    { name: "acknowledged inserts are there once, rolled back ones are not", faults: lost },
    { name: "acknowledged imports are there", faults: imports },
    { name: "no session is left", faults: leaked },
    { name: "no worker restarted", faults: restarts === 0 ? [] : [`worker_restarts_total is ${restarts}`] },
    { name: "the server is ready", faults: ready.status === 200 ? [] : [`/ready answers ${ready.status}`] },
    {
      name: "every answer was the right one",
      faults: latencies.failureCount === 0
        ? []
        : [`${latencies.failureCount} were not, the first of them:`, ...latencies.failures],
    },
  ];
}

function sectionsOf(
  latencies: Latencies,
  invariants: readonly Invariant[],
  before: Footprint,
  after: Footprint,
  complaints: readonly string[],
  cancelsRepeated: number,
  seconds: number,
): Section[] {
  const figures = latencies.figures();
  const total = figures.reduce((sum, { count }) => sum + count, 0);
  return [
    {
      title: "Invariants",
      columns: ["", ""],
      rows: invariants.map(({ name, faults }) => [name, faults.length === 0 ? "holds" : `FAILED (${faults.length})`]),
      notes: invariants.flatMap(({ faults }) => faults.slice(0, 25)),
      data: invariants,
    },
    {
      title: "Latencies",
      columns: ["operation", "count", "p50, ms", "p95, ms", "p99, ms", "max, ms"],
      rows: figures.map((figure) => [
        figure.operation,
        String(figure.count),
        ...[figure.p50Ms, figure.p95Ms, figure.p99Ms, figure.maxMs].map((ms) => ms.toFixed(1)),
      ]),
      notes: [
        `${total} operations, ${(total / seconds).toFixed(0)} a second. An operation may be several statements.`,
        `${cancelsRepeated} cancel requests had no effect within 2 s and were repeated.`,
      ],
      data: figures,
    },
    {
      title: "The server's process",
      columns: ["", "before", "after"],
      rows: [
        ["resident memory, MB", before.residentMb.toFixed(0), after.residentMb.toFixed(0)],
        ["open files", String(before.openFiles), String(after.openFiles)],
      ],
      notes: [
        "Before: tables and workspaces are made, no client yet. After: every session has ended.",
        `Warnings and errors in its log: ${complaints.length}${complaints.length === 0 ? "." : ", the first of them:"}`,
        ...complaints.slice(0, complaintsShownMax),
      ],
      data: { before, after, complaints },
    },
  ];
}

async function runLoad(clientCount: number, seconds: number, seed: number): Promise<boolean> {
  const startedAt = new Date();
  const machine = describeMachine(null);
  const limit = clientCount * 2 + 10;
  await using server = await startServer({
    max_connections_per_workspace: limit,
    max_connections_per_ip: limit * workspaceCount,
    max_connections_total: limit * workspaceCount,
    workspace_default_memory_limit: "1GB",
  });
  const project = await TestProject.create(server.rest, "load");
  await makeTables(project);
  const workspaces: WorkspaceAnswer[] = [];
  for (let index = 0; index < workspaceCount; index++) {
    const workspace = await project.workspace({ max_result_rows: 0, max_result_bytes: 0 });
    await using session = await connect(workspace);
    await session.query(ledgerDdl);
    workspaces.push(workspace);
  }
  const before = footprintOf(server);
  const latencies = new Latencies();
  const importers = new Importers(project, latencies);
  const clients = Array.from(
    { length: clientCount },
    (_, index) =>
      new LoadClient(index, server, workspaces[index % workspaceCount]!, latencies, randomFrom(seed * 1000 + index)),
  );
  console.log(`load: ${clientCount} clients on ${workspaceCount} workspaces for ${seconds} s, seed ${seed}`);
  const endMs = performance.now() + seconds * 1000;
  const hasTime = () => performance.now() < endMs;
  await Promise.all([importers.run(hasTime), ...clients.map((client) => client.run(hasTime))]);
  const invariants = await checkInvariants(server, project, clients, importers, latencies);
  const sections = sectionsOf(
    latencies,
    invariants,
    before,
    footprintOf(server),
    complaintsOf(server),
    clients.reduce((sum, client) => sum + client.cancelsRepeated, 0),
    seconds,
  );
  await publishReport("load", {
    title: `Load test: ${clientCount} clients, ${seconds} s, seed ${seed}`,
    startedAt: startedAt.toISOString(),
    durationSeconds: (Date.now() - startedAt.getTime()) / 1000,
    machine,
    goals: [],
    sections,
  });
  return invariants.every(({ faults }) => faults.length === 0);
}

if (import.meta.main) {
  const number = { accepted: "a whole number above 0", parse: positiveInteger };
  const flags = readFlags(Deno.args, { clients: number, seconds: number, seed: number });
  const held = await runLoad(
    (flags["clients"] ?? 20) as number,
    (flags["seconds"] ?? 20) as number,
    (flags["seed"] ?? 1) as number,
  );
  if (!held) Deno.exitCode = 1;
}
