/**
 * From TCP connect to an answer: the first connection to a sleeping workspace, and a further one, over TLS with SCRAM, as the
 * `pg` client does it. With few and many project tables, with and without a spare worker.
 */
import { TestProject } from "../../tests/support/project.ts";
import type { WorkspaceAnswer } from "../../tests/support/rest.ts";
import { eventually, type TestServer } from "../../tests/support/server.ts";
import { clientConfig, SqlClient } from "../../tests/support/sql.ts";
import type { Goal, Section } from "./report.ts";
import { metricValue, restartServer, type ServerConfig, startServer } from "./server.ts";
import { showSpread, type Spread, spreadOf } from "./statistics.ts";

export interface FirstConnectionOptions {
  readonly tableCounts: readonly number[];
  readonly roundCount: number;
}

/** Columns of every table, so that the catalog has a usual size. */
const columns = [
  { name: "id", type: "BIGINT" },
  { name: "customer_id", type: "BIGINT" },
  { name: "status", type: "VARCHAR" },
  { name: "note", type: "VARCHAR" },
  { name: "amount", type: "DECIMAL(12,2)" },
  { name: "price", type: "DOUBLE" },
  { name: "created_at", type: "TIMESTAMP" },
  { name: "paid", type: "BOOLEAN" },
];
/** Requests at once while tables are made; storage jobs are few at a time anyway. */
const makersMax = 4;
const firstGoalMs = 500;
const furtherGoalMs = 30;

interface Round {
  readonly connectMs: number;
  readonly selectMs: number;
  readonly countMs: number;
}

interface Measured {
  readonly tableCount: number;
  readonly spareCount: number;
  readonly first: Record<keyof Round, Spread>;
  readonly further: Record<keyof Round, Spread>;
}

interface Prepared {
  readonly tableCount: number;
  readonly workspace: WorkspaceAnswer;
}

export async function benchFirstConnection(
  options: FirstConnectionOptions,
): Promise<{ sections: Section[]; goals: Goal[] }> {
  const config = (spareCount: number): ServerConfig => ({ worker_idle_seconds: 1, spare_workers: spareCount });
  await using server = await startServer(config(1));
  const prepared: Prepared[] = [];
  for (const tableCount of options.tableCounts) {
    console.log(`first connection: making a project with ${tableCount} tables`);
    prepared.push({ tableCount, workspace: await makeWorkspace(server, tableCount) });
  }
  const measured: Measured[] = [];
  for (const spareCount of [1, 0]) {
    await restartServer(server, config(spareCount));
    for (const { tableCount, workspace } of prepared) {
      console.log(`first connection: ${tableCount} tables, ${spareCount} spare workers`);
      measured.push({
        tableCount,
        spareCount,
        ...await measureWorkspace(server, workspace, spareCount, options.roundCount),
      });
    }
  }
  return { sections: [sectionOf(measured)], goals: goalsOf(measured) };
}

async function makeWorkspace(server: TestServer, tableCount: number): Promise<WorkspaceAnswer> {
  const project = await TestProject.create(server.rest, "wide");
  await project.bucket("in.c-main");
  const names = Array.from({ length: tableCount }, (_, index) => `table_${index + 1}`);
  const make = async () => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      await project.rest.expect(201, "POST", `${project.path}/tables`, {
        json: { bucket_id: "in.c-main", name, columns },
      });
    }
  };
  await Promise.all(Array.from({ length: makersMax }, make));
  return await project.workspace();
}

async function measureWorkspace(
  server: TestServer,
  workspace: WorkspaceAnswer,
  spareCount: number,
  roundCount: number,
): Promise<Pick<Measured, "first" | "further">> {
  const first: Round[] = [];
  const further: Round[] = [];
  // The first round also loads this process's own modules and the client's pages; it does not count.
  for (let round = 0; round <= roundCount; round++) {
    await asleep(server, spareCount);
    const opened = await measureConnection(server, workspace);
    const again = await measureConnection(server, workspace);
    await opened.client.end();
    await again.client.end();
    if (round === 0) continue;
    first.push(opened.round);
    further.push(again.round);
  }
  return { first: spreadsOf(first), further: spreadsOf(further) };
}

/** No workspace has a process, and the spare ones are ready. */
async function asleep(server: TestServer, spareCount: number): Promise<void> {
  await eventually("every workspace's worker has ended", async () => {
    return await metricValue(server, "workers_active") === 0 &&
      await metricValue(server, "workers_spare") === spareCount;
  });
  // A spare that has just started still settles; a sleeping workspace is usually met by one that has waited.
  await new Promise((resolve) => setTimeout(resolve, 500));
}

async function measureConnection(
  server: TestServer,
  workspace: WorkspaceAnswer,
): Promise<{ client: SqlClient; round: Round }> {
  const startMs = performance.now();
  const client = new SqlClient(clientConfig(workspace, { port: server.pgPort }));
  await client.connect();
  const connectedMs = performance.now();
  await client.query("select 1");
  const selectedMs = performance.now();
  await client.query("select count(*) from in_c_main.table_1");
  const countedMs = performance.now();
  return {
    client,
    round: {
      connectMs: connectedMs - startMs,
      selectMs: selectedMs - connectedMs,
      countMs: countedMs - selectedMs,
    },
  };
}

function spreadsOf(rounds: readonly Round[]): Record<keyof Round, Spread> {
  return {
    connectMs: spreadOf(rounds.map((round) => round.connectMs)),
    selectMs: spreadOf(rounds.map((round) => round.selectMs)),
    countMs: spreadOf(rounds.map((round) => round.countMs)),
  };
}

function sectionOf(measured: readonly Measured[]): Section {
  const rows = measured.flatMap(({ tableCount, spareCount, first, further }) =>
    ([["first", first], ["further", further]] as const).map(([name, spreads]) => [
      `${tableCount} tables, ${spareCount === 0 ? "no spare worker" : "a spare worker"}: ${name}`,
      showSpread(spreads.connectMs),
      showSpread(spreads.selectMs, 1),
      showSpread(spreads.countMs, 1),
    ])
  );
  return {
    title: "Connecting to a workspace",
    columns: ["", "TCP, TLS, SCRAM, ready, ms", "first select 1, ms", "first count(*) of a project table, ms"],
    rows,
    notes: [
      `"first" meets a workspace without a process. ${
        measured[0]?.first.connectMs.count ?? 0
      } rounds after one to warm up, median (min–max); pg (npm) with TLS.`,
    ],
    data: measured,
  };
}

function goalsOf(measured: readonly Measured[]): Goal[] {
  const shipped = measured.filter(({ spareCount }) => spareCount === 1);
  return shipped.flatMap(({ tableCount, first, further }) => [
    {
      name: `first connection, ${tableCount} tables`,
      goal: tableCount === 100 ? `under ${firstGoalMs} ms` : "works",
      measured: `${first.connectMs.median.toFixed(0)} ms`,
      met: tableCount !== 100 || first.connectMs.median < firstGoalMs,
    },
    {
      name: `further connection, ${tableCount} tables`,
      goal: `under ${furtherGoalMs} ms`,
      measured: `${further.connectMs.median.toFixed(0)} ms`,
      met: further.connectMs.median < furtherGoalMs,
    },
  ]);
}
