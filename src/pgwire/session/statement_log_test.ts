import assert from "node:assert/strict";
import { AppError } from "../../errors/app_error.ts";
import type { LoggedQuery, StatementLogSettings } from "../../ipc/messages.ts";
import { loadPolicyParser } from "../../sql/pg_parser.ts";
import { SlowShapes } from "./slow_plans.ts";
import { cut, type FinishedStatement, StatementLog, waitingStatementsMax } from "./statement_log.ts";

await loadPolicyParser();

const full: StatementLogSettings = {
  enabled: true,
  mode: "full",
  text_length_max: 20,
  slow_ms: 1_000,
  slow_explain: true,
  slow_full_text: true,
};

function statement(overrides: Partial<FinishedStatement> = {}): FinishedStatement {
  return {
    sessionId: "pgs_1",
    username: "u",
    clientIp: "::1",
    applicationName: "",
    text: "SELECT 'secret', 5",
    dialect: "postgresql",
    startedAtMs: 1,
    durationMs: 2.34567,
    rows: 1,
    bytes: 2,
    status: "success",
    error: null,
    plan: null,
    ...overrides,
  };
}

function setUp(settings: StatementLogSettings = full) {
  const queries: LoggedQuery[] = [];
  const state = { dropped: 0 };
  const log = new StatementLog({
    emit: (event) => {
      queries.push(...event.queries);
      state.dropped += event.dropped;
    },
    drained: () => undefined,
    settings,
  });
  return { log, queries, state };
}

Deno.test("each mode holds what it may: text, structure, hash", () => {
  const plan = {
    source: "profile" as const,
    root: {
      operator: "FILTER",
      timing_ms: 1,
      rows: 2,
      estimated_rows: 3,
      details: { Expression: "a = 'secret'", Table: "t" },
      children: [],
    },
  };
  const failed = statement({
    status: "error",
    error: new AppError("invalid_text_representation", 'bad: "secret"'),
    plan,
  });
  const shown = (["full", "structure", "hash_only"] as const).map((mode) => {
    const { log, queries } = setUp({ ...full, mode });
    log.add(failed);
    log.flush();
    const [query] = queries;
    return [query!.query, query!.error, query!.sqlstate, query!.plan?.root.details];
  });
  assert.deepEqual(shown, [
    ["SELECT 'secret', 5", 'bad: "secret"', "22P02", { Expression: "a = 'secret'", Table: "t" }],
    ["SELECT $1, $2", "Invalid text representation", "22P02", { Table: "t" }],
    [null, "Invalid text representation", "22P02", {}],
  ]);
});

Deno.test("the hash is that of the structure in every mode", () => {
  const hashes = new Set<string>();
  for (const mode of ["full", "structure", "hash_only"] as const) {
    const { log, queries } = setUp({ ...full, mode });
    log.add(statement({ text: "SELECT 1" }));
    log.add(statement({ text: "SELECT  'other' -- comment" }));
    log.flush();
    for (const query of queries) hashes.add(query.query_hash);
  }
  assert.equal(hashes.size, 1);
});

Deno.test("a text is cut at the limit, marked, and never inside a character", () => {
  const { log, queries } = setUp();
  log.add(statement({ text: `SELECT '${"😀".repeat(20)}'`, durationMs: 1_500 }));
  log.add(statement({ text: "SELECT 1" }));
  log.flush();
  assert.deepEqual(queries.map((query) => [query.query, query.query_truncated, query.query_length]), [
    [`SELECT '${"😀".repeat(6)}`, true, 49],
    ["SELECT 1", false, 8],
  ]);
  assert.equal(queries[0]!.slow_query?.length, 49);
  assert.equal(cut("a😀b", 2), "a");
  assert.equal(cut("a😀b", 3), "a😀");
});

Deno.test("beyond the queue's bound statements are dropped and counted", () => {
  const { log, queries, state } = setUp();
  for (let index = 0; index < waitingStatementsMax + 5; index++) log.add(statement());
  log.add(statement({ text: "x".repeat(70_000_000), dialect: "none" }));
  log.flush();
  assert.deepEqual([queries.length, state.dropped], [waitingStatementsMax, 6]);
});

Deno.test("a log that is off reports slow statements only, without settings nothing", () => {
  const { log, queries } = setUp({ ...full, enabled: false });
  log.add(statement());
  log.add(statement({ durationMs: 1_000 }));
  log.flush();
  assert.deepEqual(queries.map((query) => [query.slow, query.logged]), [[true, false]]);
  const none: LoggedQuery[] = [];
  const silent = new StatementLog({
    emit: (event) => void none.push(...event.queries),
    drained: () => undefined,
    settings: undefined,
  });
  silent.add(statement({ durationMs: 1e9 }));
  silent.flush();
  assert.deepEqual([none, silent.planMs], [[], null]);
});

Deno.test("what ended before a change of the mode is reported as it was then", () => {
  const { log, queries } = setUp({ ...full, mode: "hash_only" });
  log.add(statement());
  log.settings = full;
  log.add(statement());
  log.flush();
  assert.deepEqual(queries.map((query) => query.query), [null, "SELECT 'secret', 5"]);
});

Deno.test("a kind of statement that was slow is known again whatever its values, until it is fast", () => {
  const shapes = new SlowShapes();
  shapes.note("SELECT * FROM t WHERE a = 1 AND b = 'x'", 499, 1_000);
  assert.equal(shapes.has("SELECT * FROM t WHERE a = 1 AND b = 'x'"), false);
  shapes.note("SELECT * FROM t WHERE a = 1 AND b = 'x'", 500, 1_000);
  assert.equal(shapes.has("SELECT * FROM t WHERE a = 77 AND b = 'it''s'"), true);
  assert.equal(shapes.has("SELECT * FROM u WHERE a = 77 AND b = 'y'"), false);
  shapes.note("SELECT * FROM t WHERE a = 3 AND b = ''", 10, 1_000);
  assert.equal(shapes.has("SELECT * FROM t WHERE a = 1 AND b = 'x'"), false);
  for (let index = 0; index < 600; index++) shapes.note(`SELECT a${"x".repeat(index)}`, 5_000, 1_000);
  assert.equal(shapes.has("SELECT a"), false);
  assert.equal(shapes.has(`SELECT a${"x".repeat(599)}`), true);
});

Deno.test("a statement counts as slow by the threshold that held when it ended, not by the next one", () => {
  const { log } = setUp();
  assert.deepEqual([log.isSlow(999), log.isSlow(1_000)], [false, true]);
  log.settings = { ...full, enabled: false, slow_ms: 0 };
  assert.equal(log.isSlow(0), true, "also while nothing is logged");
  log.settings = { ...full, slow_ms: 100_000 };
  assert.equal(log.isSlow(1_000), false);
});
