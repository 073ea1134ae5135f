import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { AppError } from "../../errors/app_error.ts";
import { CopyInput } from "./copy_input.ts";
import { MessageQueue } from "./message_queue.ts";

/** What a session reads from; only the part of a socket that the queue uses. */
class FakeSocket extends EventEmitter {
  paused = false;
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    this.paused = false;
  }
  destroy(): void {}
}

function message(type: string, body: string | Uint8Array = ""): Uint8Array {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const framed = new Uint8Array(bytes.length + 5);
  framed[0] = type.charCodeAt(0);
  new DataView(framed.buffer).setInt32(1, bytes.length + 4);
  framed.set(bytes, 5);
  return framed;
}

function open(): { socket: FakeSocket; queue: MessageQueue; input: CopyInput; waits: () => number } {
  const socket = new FakeSocket();
  const queue = new MessageQueue(socket as unknown as Socket);
  queue.start(new Uint8Array(0));
  let waits = 0;
  const input = new CopyInput(queue, (_signal, wait) => {
    waits++;
    return wait();
  });
  return { socket, queue, input, waits: () => waits };
}

const never = new AbortController().signal;
const text = (bytes: Uint8Array | null) => bytes === null ? null : new TextDecoder().decode(bytes);

Deno.test("small CopyData messages that have arrived are read as one piece, up to CopyDone", async () => {
  const { socket, input, waits } = open();
  for (const row of ["1\n", "2\n", "", "3\n"]) socket.emit("data", message("d", row));
  socket.emit("data", message("c"));
  socket.emit("data", message("Q", "SELECT 1\0"));
  assert.equal(text(await input.read(never)), "1\n2\n3\n");
  assert.equal(await input.read(never), null);
  assert.equal(waits(), 0, "nothing was waited for");
});

Deno.test("a large message is read as it is", async () => {
  const { socket, input } = open();
  const large = new Uint8Array(100_000).fill(65);
  socket.emit("data", message("d", large));
  socket.emit("data", message("d", "b"));
  assert.equal((await input.read(never))?.length, 100_000);
  assert.equal(text(await input.read(never)), "b");
});

Deno.test("Flush and Sync are passed over, CopyFail and other messages are errors", async () => {
  const { socket, input } = open();
  for (const part of [message("H"), message("S"), message("d", "x")]) socket.emit("data", part);
  assert.equal(text(await input.read(never)), "x");
  socket.emit("data", message("f", "no more\0"));
  await assert.rejects(input.read(never), (error: AppError) => {
    assert.deepEqual([error.sqlstate, error.message], ["57014", "COPY from stdin failed: no more"]);
    return true;
  });
  socket.emit("data", message("X"));
  await assert.rejects(input.read(never), (error: AppError) => {
    assert.deepEqual([error.sqlstate, error.message], ["08P01", "unexpected message type 0x58 during COPY from stdin"]);
    return true;
  });
});

Deno.test("a statement that is ended while it waits gets its reason, and no data is lost", async () => {
  const { socket, input, waits } = open();
  const abort = new AbortController();
  const reading = input.read(abort.signal);
  abort.abort(new AppError("query_canceled", "enough"));
  await assert.rejects(reading, /enough/);
  assert.equal(waits(), 1);
  socket.emit("data", message("d", "later"));
  assert.equal(text(await input.read(never)), "later");
});

Deno.test("the end of the connection is an error", async () => {
  const { socket, input } = open();
  const reading = input.read(never);
  socket.emit("end");
  await assert.rejects(reading, /unexpected EOF on client connection/);
});

Deno.test("a client that sends faster than rows are loaded is held back, and let go on when they are", async () => {
  const { socket, input } = open();
  const piece = message("d", new Uint8Array(1_000_000));
  let sent = 0;
  while (!socket.paused && sent < 100) {
    socket.emit("data", piece);
    sent++;
  }
  assert.ok(sent < 10, `${sent} MB were taken`);
  for (let read = 0; read < sent; read++) assert.equal((await input.read(never))?.length, 1_000_000);
  assert.equal(socket.paused, false);
});

Deno.test("the unit of work ends with a simple query, and in a pipeline with the Sync that has arrived", () => {
  const { socket, input } = open();
  assert.equal(input.endsUnit(), true);
  input.pipelined = true;
  assert.equal(input.endsUnit(), false);
  socket.emit("data", message("S"));
  assert.equal(input.endsUnit(), true);
});
