import assert from "node:assert/strict";
import type { LoggedQuery } from "../ipc/messages.ts";
import { silentLogger } from "./log.ts";
import { planText, QueryLog, waitingRowsMax } from "./query_log.ts";
import type { NewKeptQuery, QueryLogRecord, QueryLogStore, SlowQuery } from "./query_log_types.ts";

const dayMs = 86_400_000;

function logged(overrides: Partial<LoggedQuery> = {}): LoggedQuery {
  return {
    session_id: "pgs_1",
    username: "u",
    client_ip: "192.0.2.1",
    application_name: "",
    logged: true,
    mode: "full",
    query: "SELECT 1",
    query_truncated: false,
    query_length: 8,
    query_hash: "sha256:00",
    started_at_ms: 1_700_000_000_000,
    duration_ms: 1,
    rows: 1,
    bytes: 10,
    status: "success",
    sqlstate: null,
    error: null,
    slow: false,
    slow_query: null,
    plan: null,
    ...overrides,
  };
}

function setUp() {
  const batches: NewKeptQuery[][] = [];
  const pruned: number[] = [];
  const lines: QueryLogRecord[] = [];
  const slow: SlowQuery[] = [];
  const warnings: [string, unknown][] = [];
  const dropped: Record<string, number> = {};
  const test = {
    failure: null as Error | null,
    blocked: null as Promise<void> | null,
    wallMs: 10 * dayMs,
    monotonicMs: 0,
  };
  const store: QueryLogStore = {
    async append(rows) {
      await test.blocked;
      if (test.failure !== null) throw test.failure;
      batches.push([...rows]);
    },
    list: () => Promise.resolve([]),
    exportParquet: () => Promise.reject(new Error("not here")),
    prune: (beforeMs) => Promise.resolve(pruned.push(beforeMs)),
    close: () => Promise.resolve(),
  };
  const log = new QueryLog({
    store,
    logger: { ...silentLogger, warn: (message, fields) => void warnings.push([message, fields]) },
    writeLines: (records) => void lines.push(...records),
    retentionMs: 3 * dayMs,
    onDropped: (reason, count) => void (dropped[reason] = (dropped[reason] ?? 0) + count),
    onSlowQuery: (query) => void slow.push(query),
    now: () => test.wallMs,
    monotonicNow: () => test.monotonicMs,
  });
  log.opening("ws_1", { projectId: "p", branchId: "br" });
  return { log, test, batches, pruned, lines, slow, warnings, dropped };
}

Deno.test("a line and a row get project and branch from the server, and rows are written together", async () => {
  const { log, batches, lines } = setUp();
  log.add("ws_1", [logged(), logged({ query: "SELECT 2" })], 0);
  log.add("ws_unknown", [logged()], 0);
  await log.flush();
  assert.deepEqual(lines.map((line) => [line.event, line.project_id, line.branch_id, line.query, line.timestamp]), [
    ["query_executed", "p", "br", "SELECT 1", "2023-11-14T22:13:20.000Z"],
    ["query_executed", "p", "br", "SELECT 2", "2023-11-14T22:13:20.000Z"],
  ]);
  assert.deepEqual(batches.map((batch) => batch.map((row) => row.query)), [["SELECT 1", "SELECT 2"]]);
  await log.close();
});

Deno.test("a full queue drops rows and counts them; their lines are written all the same", async () => {
  const { log, test, batches, lines, dropped, warnings } = setUp();
  const gate = Promise.withResolvers<void>();
  test.blocked = gate.promise;
  const many = Array.from({ length: 1_000 }, () => logged());
  // The first thousand is being written; ten thousand may wait.
  for (let round = 0; round < 12; round++) {
    log.add("ws_1", many, 0);
    await Promise.resolve();
  }
  assert.equal(lines.length, 12_000);
  const lost = dropped["queue_full"] ?? 0;
  assert.ok(lost >= 1_000 && lost <= 2_000, String(lost));
  gate.resolve();
  await log.close();
  assert.equal(batches.flat().length, 12_000 - lost);
  assert.ok(12_000 - lost >= waitingRowsMax);
  assert.deepEqual(warnings, [["query log: statements were dropped", { queue_full: lost }]]);
});

Deno.test("texts that would take too much memory are dropped by their size", async () => {
  const { log, dropped, batches } = setUp();
  log.add("ws_1", Array.from({ length: 5 }, () => logged({ query: "x".repeat(9_000_000) })), 0);
  assert.equal(dropped["queue_full"], 2);
  await log.close();
  assert.equal(batches.flat().length, 3);
});

Deno.test("a batch that cannot be kept is counted, later rows are written when the table works again", async () => {
  const { log, test, batches, dropped } = setUp();
  test.failure = new Error("no space left on device");
  log.add("ws_1", [logged(), logged()], 0);
  await log.flush();
  assert.equal(dropped["store_failed"], 2);
  test.failure = null;
  log.add("ws_1", [logged({ query: "SELECT 3" })], 0);
  await log.flush();
  assert.deepEqual(batches.flat().map((row) => row.query), ["SELECT 3"]);
  await log.close();
});

Deno.test("what a worker had no room for is counted, too", async () => {
  const { log, dropped } = setUp();
  log.add("ws_1", [], 7);
  assert.deepEqual(dropped, { worker: 7 });
  await log.close();
});

Deno.test("a slow statement is told of also when the log is off, and then nothing of it is kept", async () => {
  const { log, slow, lines, batches, warnings } = setUp();
  const plan = {
    source: "profile" as const,
    root: { operator: "SCAN", timing_ms: 2, rows: 3, estimated_rows: null, details: { Table: "t" }, children: [] },
  };
  log.add("ws_1", [logged({ logged: false, slow: true, slow_query: "SELECT 1", duration_ms: 5_000, plan })], 0);
  await log.close();
  assert.deepEqual([lines, batches], [[], []]);
  assert.deepEqual(slow.map((query) => [query.workspaceId, query.projectId, query.queryHash, query.durationMs]), [
    ["ws_1", "p", "sha256:00", 5_000],
  ]);
  const [message, fields] = warnings[0] as [string, Record<string, unknown>];
  assert.deepEqual([message, fields["event"], fields["query"], fields["plan"]], [
    "slow query",
    "slow_query",
    "SELECT 1",
    "SCAN (2 ms; 3 rows; Table: t)",
  ]);
});

Deno.test("rows go by age, except for a day after the clock has jumped", async () => {
  const { log, test, pruned } = setUp();
  const advance = (ms: number) => {
    test.wallMs += ms;
    test.monotonicMs += ms;
  };
  await log.prune();
  assert.deepEqual(pruned, [7 * dayMs]);
  // A wrong year must not take the whole log.
  test.wallMs += 365 * dayMs;
  assert.equal(await log.prune(), 0);
  advance(dayMs / 2);
  assert.equal(await log.prune(), 0);
  // Set right again: as if nothing had been.
  test.wallMs -= 365 * dayMs;
  await log.prune();
  assert.equal(pruned.length, 2);
  // A new time that stays is believed.
  test.wallMs += 365 * dayMs;
  await log.prune();
  advance(dayMs + 1);
  await log.prune();
  assert.equal(pruned.length, 3);
  assert.equal(pruned[2], test.wallMs - 3 * dayMs);
  // Backwards is a jump as well.
  test.wallMs -= 30 * dayMs;
  assert.equal(await log.prune(), 0);
  await log.close();
});

Deno.test("planText shows a tree with an operator a line", () => {
  const leaf = { operator: "SEQ_SCAN", timing_ms: null, rows: null, estimated_rows: 5, details: {}, children: [] };
  assert.equal(
    planText({ ...leaf, operator: "FILTER", details: { Expression: "(a >\n 5)" }, children: [leaf] }),
    "FILTER (about 5 rows expected; Expression: (a > 5))\n  SEQ_SCAN (about 5 rows expected)",
  );
});
