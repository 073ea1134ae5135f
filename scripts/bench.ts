/**
 * Benchmarks of the real server beside a real PostgreSQL in the same run (Debian's, where it is installed). Prints a report and
 * writes it to bench/report.md and bench/report.json. A slow result is a figure, not a failure.
 *
 *   deno task bench [--only=streaming,connections,memory,small,introspection,query_log,dashboards,audit] [--rows=1000000] [--rounds=5] [--quick]
 *
 * docs/benchmarks.md says what is measured and how to read it.
 */
import { benchAudit } from "./bench/audit.ts";
import { benchDashboards } from "./bench/dashboards.ts";
import { benchFirstConnection } from "./bench/first_connection.ts";
import { benchIntrospection } from "./bench/introspection.ts";
import { benchMemory } from "./bench/memory.ts";
import { Postgres } from "../tests/support/postgres.ts";
import { describeMachine, type Goal, publishReport, type Section } from "./bench/report.ts";
import { benchQueryLog } from "./bench/query_log.ts";
import { benchSmallQueries } from "./bench/small_queries.ts";
import { benchStreaming } from "./bench/streaming.ts";
import { type FlagSpec, positiveInteger, readFlags } from "./bench/flags.ts";

const parts = [
  "streaming",
  "connections",
  "memory",
  "small",
  "introspection",
  "query_log",
  "dashboards",
  "audit",
] as const;

const flagSpec: FlagSpec = {
  only: { accepted: `a list of ${parts.join(", ")}`, parse: (text) => partsOf(text) },
  rows: { accepted: "a whole number above 0", parse: positiveInteger },
  rounds: { accepted: "a whole number above 0", parse: positiveInteger },
  quick: { accepted: "no value", parse: (text) => text === "" ? true : undefined },
};

function partsOf(text: string): string[] | undefined {
  const chosen = text.split(",");
  return chosen.every((part) => (parts as readonly string[]).includes(part)) ? chosen : undefined;
}

if (import.meta.main) {
  const flags = readFlags(Deno.args, flagSpec);
  const quick = flags["quick"] === true;
  const chosen = (flags["only"] ?? parts) as readonly string[];
  const rowCount = (flags["rows"] ?? (quick ? 100_000 : 1_000_000)) as number;
  const roundCount = (flags["rounds"] ?? (quick ? 2 : 5)) as number;
  const startedAt = new Date();
  await using postgres = await Postgres.start();
  if (postgres === null) console.log("PostgreSQL is not installed: the report has only our own figures");
  const machine = describeMachine(postgres?.version ?? "not installed");
  const sections: Section[] = [];
  const goals: Goal[] = [];
  if (chosen.includes("streaming")) {
    const streaming = await benchStreaming({ rowCount, roundCount }, postgres);
    sections.push(...streaming.sections);
    goals.push(...streaming.goals);
  }
  if (chosen.includes("connections")) {
    const connections = await benchFirstConnection({ tableCounts: quick ? [100] : [100, 1_000], roundCount });
    sections.push(...connections.sections);
    goals.push(...connections.goals);
  }
  if (chosen.includes("memory")) {
    const memory = await benchMemory({ roundCount: quick ? 1 : 3 });
    sections.push(...memory.sections);
    goals.push(...memory.goals);
  }
  if (chosen.includes("small")) {
    const small = await benchSmallQueries({
      connectionCounts: [1, 10, 50],
      roundCount: quick ? 1 : 3,
      roundMs: quick ? 500 : 1_000,
    }, postgres);
    sections.push(...small.sections);
  }
  if (chosen.includes("introspection")) {
    const introspection = await benchIntrospection({ roundCount }, postgres);
    sections.push(...introspection.sections);
  }
  if (chosen.includes("query_log")) {
    const queryLog = await benchQueryLog({ pairCount: quick ? 60 : 100, roundCount: quick ? 60 : 100 });
    sections.push(...queryLog.sections);
    goals.push(...queryLog.goals);
  }
  if (chosen.includes("dashboards")) {
    const dashboards = await benchDashboards({
      dashboardCounts: quick ? [500, 5_000] : [500, 5_000, 100_000],
      roundCount: quick ? 10 : 30,
    });
    sections.push(...dashboards.sections);
    goals.push(...dashboards.goals);
  }
  if (chosen.includes("audit")) {
    const audit = await benchAudit({ entryCount: quick ? 1_000_000 : 10_000_000, roundCount: quick ? 5 : 9 });
    sections.push(...audit.sections);
    goals.push(...audit.goals);
  }
  await publishReport("report", {
    title: "Benchmarks",
    startedAt: startedAt.toISOString(),
    durationSeconds: (Date.now() - startedAt.getTime()) / 1000,
    machine,
    goals,
    sections,
  });
}
