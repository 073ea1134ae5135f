/** `select 1` as fast as it goes: round trips a second through the server, and of PostgreSQL, in turns. */
import { TestProject } from "../../tests/support/project.ts";
import type { Postgres } from "../../tests/support/postgres.ts";
import {
  bindExecuteSync,
  extendedQuery,
  prepareStatement,
  RawClient,
  type RawTarget,
  simpleQuery,
} from "./raw_client.ts";
import type { Section } from "./report.ts";
import { startServer, targetOf } from "./server.ts";
import { showSpread, type Spread, spreadOf } from "./statistics.ts";

export interface SmallQueriesOptions {
  readonly connectionCounts: readonly number[];
  readonly roundCount: number;
  readonly roundMs: number;
}

const statementName = "one";
const kinds = [
  { name: "simple", messages: simpleQuery("select 1") },
  { name: "extended, parsed each time", messages: extendedQuery("select 1", false) },
  { name: "extended, prepared once", messages: bindExecuteSync(statementName, false) },
];

interface Measured {
  readonly kind: string;
  readonly connectionCount: number;
  readonly server: string;
  readonly perSecond: Spread;
}

export async function benchSmallQueries(
  options: SmallQueriesOptions,
  postgres: Postgres | null,
): Promise<{ sections: Section[] }> {
  const connectionsMax = Math.max(...options.connectionCounts) + 10;
  await using server = await startServer({
    max_connections_per_workspace: connectionsMax,
    max_connections_per_ip: connectionsMax,
    max_connections_total: connectionsMax,
  });
  const project = await TestProject.create(server.rest, "small");
  const workspace = await project.workspace();
  const targets = [{ name: "Eider", target: targetOf(server, workspace) }];
  if (postgres !== null) targets.push({ name: "PostgreSQL", target: postgres.target });
  const measured: Measured[] = [];
  for (const connectionCount of options.connectionCounts) {
    console.log(`small queries: ${connectionCount} connections`);
    const servers = [];
    for (const { name, target } of targets) {
      servers.push({ name, clients: await connectAll(target, connectionCount) });
    }
    for (const { name: kind, messages } of kinds) {
      const rates = new Map<string, number[]>();
      for (let round = 0; round <= options.roundCount; round++) {
        for (const { name, clients } of servers) {
          const perSecond = await roundTrips(clients, messages, options.roundMs);
          if (round > 0) rates.set(name, [...rates.get(name) ?? [], perSecond]);
        }
      }
      for (const [name, values] of rates) {
        measured.push({ kind, connectionCount, server: name, perSecond: spreadOf(values) });
      }
    }
    for (const { clients } of servers) for (const client of clients) client.close();
  }
  return { sections: [sectionOf(measured, options)] };
}

async function connectAll(target: RawTarget, count: number): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  for (let index = 0; index < count; index++) {
    const client = await RawClient.connect(target);
    await client.request(prepareStatement(statementName, "select 1"));
    clients.push(client);
  }
  return clients;
}

async function roundTrips(clients: readonly RawClient[], messages: Uint8Array, durationMs: number): Promise<number> {
  const startMs = performance.now();
  let count = 0;
  await Promise.all(clients.map(async (client) => {
    while (performance.now() - startMs < durationMs) {
      await client.request(messages);
      count++;
    }
  }));
  return count / (performance.now() - startMs) * 1000;
}

function sectionOf(measured: readonly Measured[], options: SmallQueriesOptions): Section {
  const find = (server: string, kind: string, connectionCount: number) =>
    measured.find((entry) =>
      entry.server === server && entry.kind === kind && entry.connectionCount === connectionCount
    )?.perSecond;
  const rows = options.connectionCounts.flatMap((connectionCount) =>
    kinds.map(({ name }) => {
      const ours = find("Eider", name, connectionCount);
      const reference = find("PostgreSQL", name, connectionCount);
      return [
        `${connectionCount} ${connectionCount === 1 ? "connection" : "connections"}, ${name}`,
        ours === undefined ? "–" : showSpread(ours),
        reference === undefined ? "–" : showSpread(reference),
        ours === undefined || reference === undefined ? "–" : (ours.median / reference.median).toFixed(2),
      ];
    })
  );
  return {
    title: "Small queries: select 1, round trips a second",
    columns: ["", "Eider", "PostgreSQL", "ratio"],
    rows,
    notes: [
      `Plain TCP; ${options.roundCount} rounds of ${options.roundMs} ms in turns, median (min–max). The client shares ` +
      "the machine's cores with the server under test.",
    ],
    data: measured,
  };
}
