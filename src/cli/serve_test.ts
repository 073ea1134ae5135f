import assert from "node:assert/strict";
import { loadConfig } from "../config/load_config.ts";
import { createLogger } from "../observability/log.ts";
import { serve, type ServeEnvironment, type StopSignal } from "./serve.ts";

function setUp(options: { readonly adminKey?: string; readonly logFormat?: string; readonly logLevel?: string } = {}) {
  const lines: string[] = [];
  const closed = Promise.withResolvers<void>();
  const stopCalled = Promise.withResolvers<void>();
  const clock = { nowMs: 0 };
  const exitCodes: number[] = [];
  const hastened = { count: 0 };
  let stops = 0;
  let handle: ((signal: StopSignal) => void) | undefined;
  const environment: ServeEnvironment = {
    start: () =>
      Promise.resolve({
        httpPort: 1,
        pgPort: 2,
        adminKey: options.adminKey ?? null,
        closed: closed.promise,
        stop: () => {
          stops += 1;
          stopCalled.resolve();
          return closed.promise;
        },
        hasten: () => hastened.count += 1,
      }),
    onSignal: (given) => {
      handle = given;
      return () => handle = undefined;
    },
    now: () => clock.nowMs,
    exit: (code) => exitCodes.push(code),
    writeLine: (line) => lines.push(line),
  };
  const config = loadConfig({
    flags: { log_format: options.logFormat ?? "json", log_level: options.logLevel ?? "info" },
  });
  const logger = createLogger({ level: config.logLevel, format: "json", write: (line) => lines.push(line) });
  return {
    run: (onStarted?: () => Promise<void>) => serve(config, logger, onStarted, environment),
    environment,
    clock,
    config,
    logger,
    lines,
    closed,
    stopCalled,
    exitCodes,
    hastened,
    stopCount: () => stops,
    signal: (signal: StopSignal) => handle?.(signal),
    hasHandler: () => handle !== undefined,
    messages: () => lines.map((line) => (JSON.parse(line) as { message: string }).message),
  };
}

Deno.test("serve says where it listens, stops the server on a signal and ends with 0", async () => {
  const world = setUp();
  const started = Promise.withResolvers<void>();
  const running = world.run(() => Promise.resolve(started.resolve()));
  await started.promise;
  world.signal("SIGTERM");
  await world.stopCalled.promise;
  world.closed.resolve();
  assert.equal(await running, 0);
  assert.deepEqual(world.messages(), ["listening", "stopping", "stopped"]);
  const listening = JSON.parse(world.lines[0] ?? "") as Record<string, unknown>;
  assert.deepEqual([listening["http_port"], listening["pg_port"]], [1, 2]);
  assert.deepEqual([world.stopCount(), world.hasHandler(), world.exitCodes], [1, false, []]);
});

Deno.test("a second signal hastens the stop, a third ends the process at once with its exit code", async () => {
  const world = setUp();
  const running = world.run();
  world.signal("SIGINT");
  await world.stopCalled.promise;
  world.clock.nowMs += 1_000;
  world.signal("SIGINT");
  assert.deepEqual([world.hastened.count, world.exitCodes], [1, []]);
  world.clock.nowMs += 5;
  world.signal("SIGINT");
  assert.deepEqual(world.exitCodes, [], "the second one, delivered by two ways");
  world.clock.nowMs += 1_000;
  world.signal("SIGINT");
  assert.deepEqual([world.hastened.count, world.exitCodes], [1, [130]]);
  world.closed.resolve();
  await running;
});

Deno.test("one Ctrl-C that arrives twice, from the terminal and from the task runner, still drains", async () => {
  const world = setUp();
  const running = world.run();
  world.signal("SIGINT");
  await world.stopCalled.promise;
  world.clock.nowMs += 5;
  world.signal("SIGINT");
  assert.deepEqual(world.exitCodes, []);
  world.closed.resolve();
  assert.equal(await running, 0);
});

Deno.test("a signal that comes while the server starts stops it as soon as it has started", async () => {
  const world = setUp();
  const running = world.run();
  world.signal("SIGTERM");
  world.closed.resolve();
  assert.equal(await running, 0);
  assert.equal(world.stopCount(), 1);
});

Deno.test("a second signal while the server still starts ends the process at once", async () => {
  const world = setUp();
  const start = Promise.withResolvers<never>();
  const running = serve(world.config, world.logger, undefined, { ...world.environment, start: () => start.promise });
  world.signal("SIGTERM");
  world.clock.nowMs += 1_000;
  world.signal("SIGTERM");
  assert.deepEqual(world.exitCodes, [143]);
  start.reject(new Error("gone"));
  await assert.rejects(running, /gone/);
});

Deno.test("a server that ends by itself gives exit code 1", async () => {
  const world = setUp();
  world.closed.resolve();
  assert.equal(await world.run(), 1);
});

Deno.test("a failed start is thrown, and signals are handled by nobody afterwards", async () => {
  const world = setUp();
  const environment = { ...world.environment, start: () => Promise.reject(new Error("no port")) };
  await assert.rejects(serve(world.config, world.logger, undefined, environment), /no port/);
  assert.equal(world.hasHandler(), false);
});

Deno.test("when what the demo does after the start fails, the server is stopped and the failure thrown", async () => {
  const world = setUp();
  world.stopCalled.promise.then(() => world.closed.resolve());
  await assert.rejects(world.run(() => Promise.reject(new Error("demo"))), /demo/);
  assert.equal(world.stopCount(), 1);
});

Deno.test("a generated administrator's key is shown before the listening line, whatever the log's level", async () => {
  const json = setUp({ adminKey: "eider_abc" });
  json.closed.resolve();
  await json.run();
  assert.deepEqual(json.messages().slice(0, 2), ["admin key generated", "listening"]);
  assert.equal((JSON.parse(json.lines[0] ?? "") as Record<string, unknown>)["admin_key"], "eider_abc");
  const pretty = setUp({ adminKey: "eider_abc", logFormat: "pretty", logLevel: "error" });
  pretty.closed.resolve();
  await pretty.run();
  assert.equal(pretty.lines[0], "Administrator's key, shown only now: eider_abc");
});
