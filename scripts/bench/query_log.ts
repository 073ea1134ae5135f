/**
 * What the query log costs a statement, and what the plans of slow statements cost fast ones. One server, one session; the feature is switched
 * on and off between rounds (`PATCH /internal/settings`), so that both sides of a pair run in the same processes moments apart.
 */
import { TestProject } from "../../tests/support/project.ts";
import type { TestServer } from "../../tests/support/server.ts";
import { bindExecuteSync, prepareStatement, RawClient, simpleQuery } from "./raw_client.ts";
import type { Goal, Section } from "./report.ts";
import { startServer, targetOf } from "./server.ts";
import { quantile, showSpread, type Spread, spreadOf } from "./statistics.ts";

export interface QueryLogOptions {
  readonly pairCount: number;
  /** Statements of one round. */
  readonly roundCount: number;
}

const statementName = "one";
const logGoalMs = 0.1;
const planGoalPercent = 2;

const off = { query_audit_enabled: false, slow_query_explain: false, slow_query_threshold_ms: 1e9 };
const comparisons = [
  { name: "log on, mode full", goal: "log", settings: { query_audit_enabled: true, query_audit_mode: "full" } },
  {
    name: "log on, mode structure",
    goal: "log",
    settings: { query_audit_enabled: true, query_audit_mode: "structure" },
  },
  {
    name: "plans of slow statements on",
    goal: "plans",
    settings: { slow_query_explain: true, slow_query_threshold_ms: 50 },
  },
] as const;

interface Measured {
  readonly name: string;
  readonly kind: string;
  /** Medians of the rounds, microseconds. */
  readonly off: Spread;
  readonly on: Spread;
  /** Differences of the pairs' medians, microseconds. */
  readonly difference: Spread;
  /** Between which the median difference lies with 95 %. */
  readonly interval: readonly [number, number];
}

export async function benchQueryLog(options: QueryLogOptions): Promise<{ sections: Section[]; goals: Goal[] }> {
  await using server = await startServer();
  const project = await TestProject.create(server.rest, "querylog");
  const workspace = await project.workspace();
  const client = await RawClient.connect(targetOf(server, workspace));
  await client.request(prepareStatement(statementName, "select 1"));
  // So that statements are compared with something: one kind is known to be slow.
  await change(server, { slow_query_explain: true, slow_query_threshold_ms: 50 });
  await client.request(simpleQuery("select count(distinct range * 7) from range(3000000)"));
  const kinds = [
    { name: "select 1, simple", messages: simpleQuery("select 1") },
    { name: "select 1, prepared once", messages: bindExecuteSync(statementName, false) },
  ];
  const measured: Measured[] = [];
  for (const { name, settings } of comparisons) {
    for (const { name: kind, messages } of kinds) {
      console.log(`query log: ${name}, ${kind}`);
      const medians = { off: [] as number[], on: [] as number[] };
      for (let pair = 0; pair <= options.pairCount; pair++) {
        // Every second pair the other way round, so that a drift of the machine's speed cancels out.
        const order = pair % 2 === 0 ? (["off", "on"] as const) : (["on", "off"] as const);
        for (const side of order) {
          await change(server, side === "on" ? { ...off, ...settings } : off);
          const median = await medianMicroseconds(client, messages, options.roundCount);
          if (pair > 0) medians[side].push(median);
        }
      }
      const differences = medians.on.map((value, index) => value - medians.off[index]!);
      measured.push({
        name,
        kind,
        off: spreadOf(medians.off),
        on: spreadOf(medians.on),
        difference: spreadOf(differences),
        interval: medianInterval(differences),
      });
    }
  }
  client.close();
  return { sections: [sectionOf(measured, options)], goals: goalsOf(measured) };
}

async function change(server: TestServer, settings: Record<string, unknown>): Promise<void> {
  await server.rest.expect(200, "PATCH", "/internal/settings", { json: settings });
}

async function medianMicroseconds(client: RawClient, messages: Uint8Array, count: number): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const start = performance.now();
    await client.request(messages);
    times.push((performance.now() - start) * 1000);
  }
  return quantile(times.toSorted((left, right) => left - right), 0.5);
}

/** By ranks (normal approximation of the binomial), so that outliers of a busy machine do not matter. */
function medianInterval(values: readonly number[]): readonly [number, number] {
  const sorted = values.toSorted((left, right) => left - right);
  const half = 0.98 * Math.sqrt(sorted.length);
  const at = (rank: number) => sorted[Math.min(sorted.length - 1, Math.max(0, rank))] ?? NaN;
  return [at(Math.floor(sorted.length / 2 - half)), at(Math.ceil(sorted.length / 2 + half) - 1)];
}

function goalsOf(measured: readonly Measured[]): Goal[] {
  return measured.map(({ name, kind, difference, off }, index) => {
    const isLog = comparisons[Math.floor(index / 2)]?.goal === "log";
    const percent = difference.median / off.median * 100;
    return {
      name: `${name}: ${kind}`,
      goal: isLog ? `under ${logGoalMs} ms` : `under ${planGoalPercent} %`,
      measured: isLog ? `${(difference.median / 1000).toFixed(4)} ms` : `${percent.toFixed(1)} %`,
      met: isLog ? difference.median / 1000 < logGoalMs : percent < planGoalPercent,
    };
  });
}

function sectionOf(measured: readonly Measured[], options: QueryLogOptions): Section {
  return {
    title: "Query log: time of a statement, µs",
    columns: ["", "off", "on", "difference of the pairs (95 %)", "of the time without"],
    rows: measured.map(({ name, kind, off, on, difference, interval: [low, high] }) => [
      `${name}; ${kind}`,
      showSpread(off),
      showSpread(on),
      `${difference.median.toFixed(1)} (${low.toFixed(1)}–${high.toFixed(1)})`,
      `${(difference.median / off.median * 100).toFixed(1)} %`,
    ]),
    notes: [
      `One connection, plain TCP, ${options.pairCount} pairs of rounds of ${options.roundCount} statements, switched in the running server; ` +
      "medians of the rounds, shown as median (min–max); of the differences the median and its 95 % interval. Lines go to stdout, rows into the table.",
    ],
    data: measured,
  };
}
