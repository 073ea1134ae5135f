import assert from "node:assert/strict";
import { AppError } from "../errors/app_error.ts";
import { ControlChannel, type WorkerEvent } from "./channel.ts";
import { serveControl, type WorkerControl } from "./channel_worker.ts";
import type { Command } from "./messages.ts";

interface Pair {
  readonly channel: ControlChannel;
  readonly worker: WorkerControl;
  readonly events: WorkerEvent[];
  readonly defects: string[];
  readonly parentGone: Promise<string>;
}

function connect(handle: (command: Command) => Promise<unknown>): Pair {
  const commands = new TransformStream<Uint8Array, Uint8Array>();
  const messages = new TransformStream<Uint8Array, Uint8Array>();
  const events: WorkerEvent[] = [];
  const defects: string[] = [];
  const gone = Promise.withResolvers<string>();
  const worker = serveControl({
    readable: commands.readable,
    writable: messages.writable,
    handle,
    onParentGone: gone.resolve,
    onDefect: (error) => void defects.push(String(error)),
  });
  const channel = new ControlChannel({
    readable: messages.readable,
    writable: commands.writable,
    onEvent: (event) => void events.push(event),
    onBroken: (error) => {
      throw error;
    },
  });
  return { channel, worker, events, defects, parentGone: gone.promise };
}

/** A channel whose worker says the given bytes; resolves with what the channel finds wrong. */
function brokenBy(text: string): Promise<Error> {
  return new Promise((resolve) => {
    new ControlChannel({
      readable: ReadableStream.from([new TextEncoder().encode(text)]),
      writable: new WritableStream(),
      onEvent: () => {},
      onBroken: resolve,
    });
  });
}

const lost = () => new AppError("worker_lost", "the workspace process ended: signal SIGKILL");

Deno.test("answers find their calls when they come in another order", async () => {
  const first = Promise.withResolvers<string>();
  const pair = connect((command) => command.command === "describe" ? first.promise : Promise.resolve(command.command));
  const slow = pair.channel.call({ command: "describe" });
  assert.equal(await pair.channel.call({ command: "ping" }), "ping");
  first.resolve("described");
  assert.equal(await slow, "described");
  assert.equal(pair.channel.pendingCallCount, 0);
  await pair.channel.end(lost());
});

Deno.test("a command without a result is answered with null", async () => {
  const pair = connect(() => Promise.resolve(undefined));
  assert.equal(await pair.channel.call({ command: "clear" }), null);
  await pair.channel.end(lost());
});

Deno.test("a worker's AppError arrives with kind, text, hint, fields and position", async () => {
  const sent = new AppError("undefined_column", 'no column "x": accepted are a, b', {
    hint: "Look at the table's columns.",
    fields: [{ pointer: "/columns/0", detail: "unknown" }],
    position: 8,
  });
  const pair = connect(() => Promise.reject(sent));
  await assert.rejects(pair.channel.call({ command: "clear" }), (error) => {
    assert.ok(error instanceof AppError);
    assert.deepEqual(
      [error.kind, error.message, error.hint, error.fields, error.position],
      [sent.kind, sent.message, sent.hint, sent.fields, sent.position],
    );
    return true;
  });
  await pair.channel.end(lost());
});

Deno.test("a defect in a worker arrives as internal with an incident, and its text stays in the worker", async () => {
  const pair = connect(() => Promise.reject(new TypeError("secret path")));
  await assert.rejects(pair.channel.call({ command: "clear" }), (error) => {
    assert.ok(error instanceof AppError);
    assert.equal(error.kind, "internal");
    assert.match(error.message, /incident [0-9a-f-]{36}$/);
    return true;
  });
  assert.deepEqual(pair.defects, ["TypeError: secret path"]);
  await pair.channel.end(lost());
});

Deno.test("events reach the callback in order, before a reply that was sent after them", async () => {
  const pair: Pair = connect((command) => {
    for (let rss = 1; rss <= 3; rss++) pair.worker.emit({ event: "memory", rss_bytes: rss });
    return Promise.resolve(command.id);
  });
  await pair.channel.call({ command: "ping" });
  assert.deepEqual(pair.events, [1, 2, 3].map((rss) => ({ event: "memory", rss_bytes: rss })));
  await pair.channel.end(lost());
});

Deno.test("every waiting and every later call fails with worker_lost when the process ends", async () => {
  const pair = connect(() => new Promise(() => {}));
  const calls = [pair.channel.call({ command: "clear" }), pair.channel.call({ command: "ping" })];
  const settled = Promise.allSettled(calls);
  await pair.channel.end(lost());
  for (const result of await settled) {
    assert.ok(result.status === "rejected" && result.reason instanceof AppError);
    assert.equal(result.reason.kind, "worker_lost");
    assert.match(result.reason.message, /SIGKILL/);
  }
  await assert.rejects(pair.channel.call({ command: "ping" }), { kind: "worker_lost" });
});

Deno.test("the worker learns that its parent is gone when the command stream ends", async () => {
  const gone = Promise.withResolvers<string>();
  serveControl({
    readable: ReadableStream.from([]),
    writable: new WritableStream(),
    handle: () => Promise.resolve(),
    onParentGone: gone.resolve,
    onDefect: () => {},
  });
  assert.match(await gone.promise, /ended/);
});

Deno.test("the worker treats what is not a command as a parent that is gone", async () => {
  for (const text of ["nonsense\n", '{"command":"ping"}\n', '{"id":1}\n', "7\n"]) {
    const gone = Promise.withResolvers<string>();
    serveControl({
      readable: ReadableStream.from([new TextEncoder().encode(text)]),
      writable: new WritableStream(),
      handle: () => Promise.resolve(),
      onParentGone: gone.resolve,
      onDefect: () => {},
    });
    assert.match(await gone.promise, /broken/);
  }
});

Deno.test("what is not a worker message breaks the channel with the offending line named", async () => {
  assert.match((await brokenBy("profiling output\n")).message, /not JSON: "profiling output"/);
  assert.match((await brokenBy('{"event":"nope"}\n')).message, /not a message/);
  assert.match((await brokenBy('{"event":"memory","rss_bytes":"many"}\n')).message, /rss_bytes/);
  assert.match((await brokenBy('{"event":"reply","id":5,"result":1}\n')).message, /command 5, which is not open/);
});

Deno.test("an error kind that the catalogue does not know becomes internal", async () => {
  const commands = new TransformStream<Uint8Array, Uint8Array>();
  const channel = new ControlChannel({
    readable: commands.readable.pipeThrough(
      new TransformStream({
        transform: (_chunk, controller) =>
          controller.enqueue(
            new TextEncoder().encode('{"event":"failed","id":1,"error":{"kind":"toString","detail":"x"}}\n'),
          ),
      }),
    ),
    writable: commands.writable,
    onEvent: () => {},
    onBroken: () => {},
  });
  await assert.rejects(channel.call({ command: "ping" }), { kind: "internal" });
  await channel.end(lost());
});

Deno.test("ends of statements travel together and arrive one by one, before their session's state", async () => {
  const pair = connect(() => Promise.resolve({}));
  const finished = (session_id: string, duration_ms: number) => ({
    event: "query_finished" as const,
    session_id,
    duration_ms,
    slow: false,
    status: "success" as const,
  });
  const state = (session_id: string) => ({
    event: "session_state" as const,
    session_id,
    state: "idle",
    application_name: "psql",
  });
  pair.worker.emit(state("a"));
  for (const event of [finished("a", 1), finished("b", 2), finished("a", 3)]) pair.worker.emit(event);
  pair.worker.emit(state("b"));
  // Its reply comes after what was reported before it.
  await pair.channel.call({ command: "ping" });
  assert.deepEqual(pair.events, [finished("a", 1), finished("a", 3), finished("b", 2), state("a"), state("b")]);
  await pair.channel.end(lost());
});
