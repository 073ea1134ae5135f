import assert from "node:assert/strict";
import { AppError } from "../errors/app_error.ts";
import { createLogger, type LoggerOptions } from "./log.ts";

function capture(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const now = () => new Date("2026-01-02T03:04:05.678Z");
  const logger = createLogger({ level: "info", format: "json", now, write: (line) => lines.push(line), ...options });
  return { logger, lines, json: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

Deno.test("a log line is one JSON object with timestamp, level, message and the fields", () => {
  const { logger, lines, json } = capture();
  logger.child({ workspace_id: "ws_1" }).info("worker started\nwell", { pid: 7, count: 12n, gone: undefined });
  assert.equal(lines.length, 1);
  assert.ok(!lines[0]?.includes("\n"));
  assert.deepEqual(json()[0], {
    timestamp: "2026-01-02T03:04:05.678Z",
    level: "info",
    message: "worker started\nwell",
    workspace_id: "ws_1",
    pid: 7,
    count: "12",
  });
});

Deno.test("lines below the level are left out, also by a child", () => {
  const { logger, json } = capture({ level: "warn" });
  logger.debug("1");
  logger.info("2");
  logger.child({ a: 1 }).info("3");
  logger.warn("4");
  logger.error("5");
  assert.deepEqual(json().map((line) => line["message"]), ["4", "5"]);
});

Deno.test("a field cannot replace timestamp, level or message", () => {
  const { logger, json } = capture();
  logger.info("said", { level: "error", message: "other", timestamp: 0 });
  assert.deepEqual([json()[0]?.["level"], json()[0]?.["message"], json()[0]?.["level_"]], ["info", "said", "error"]);
});

Deno.test("an error is logged with its kind, stack and cause", () => {
  const { logger, json } = capture();
  logger.error("failed", { error: new AppError("timeout", "too slow", { cause: new Error("inner") }) });
  const error = json()[0]?.["error"] as { kind: string; message: string; stack: string; cause: { message: string } };
  assert.deepEqual([error.kind, error.message, error.cause.message], ["timeout", "too slow", "inner"]);
  assert.match(error.stack, /log_test/);
});

Deno.test("fields named like secrets are hidden at every depth", () => {
  const { logger, lines } = capture();
  logger.info("x", { password: "p1", admin_key: "p2", headers: { Authorization: "p3" }, list: [{ apiKey: "p4" }] });
  assert.ok(!/p[1234]/.test(lines[0] ?? ""), lines[0] ?? "");
});

Deno.test("cycles, deep values, maps and functions end as text instead of an exception", () => {
  const { logger, json } = capture();
  const cycle: Record<string, unknown> = { name: "a" };
  cycle["self"] = cycle;
  let deep: unknown = 1;
  for (let count = 0; count < 50; count++) deep = { deep };
  logger.info("x", { cycle, deep, map: new Map([["k", 1n]]), set: new Set([1]), call: () => 1, bad: new Date(NaN) });
  const line = json()[0];
  assert.deepEqual(line?.["cycle"], { name: "a", self: "(cycle)" });
  assert.deepEqual([line?.["map"], line?.["set"], line?.["bad"]], [{ k: "1" }, [1], "Invalid Date"]);
});

Deno.test("pretty lines are for people: time, level, message, name=value", () => {
  const { logger, lines } = capture({ format: "pretty" });
  logger.warn("slow query", { duration_ms: 12, query: "select 1", id: "ws_1" });
  assert.deepEqual(lines, ['03:04:05.678 WARN  slow query duration_ms=12 query="select 1" id=ws_1']);
  const colored = capture({ format: "pretty", color: true });
  colored.logger.error("x");
  assert.ok(colored.lines[0]?.endsWith("\x1b[31mERROR\x1b[0m x"), colored.lines[0] ?? "");
});
