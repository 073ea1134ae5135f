import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { AppError } from "../../errors/app_error.ts";
import { errorResponse } from "../codec/error_response.ts";
import { MessageWriter } from "../codec/message_writer.ts";
import { int32, query, typed } from "./front_testing_client.ts";
import { MessageBoundary, TerminateTail } from "./message_boundary.ts";

function errorBytes(severity: "ERROR" | "FATAL"): Buffer {
  const writer = new MessageWriter();
  errorResponse(writer, new AppError("worker_lost", "x"), severity);
  return Buffer.from(writer.take());
}

const stream = Buffer.concat([
  typed("R", int32(0)),
  typed("1"),
  typed("D", Buffer.alloc(300, 0x45)),
  errorBytes("ERROR"),
  typed("Z", Buffer.from("I")),
]);

Deno.test("MessageBoundary knows the ends of messages for every way to split a stream", () => {
  const ends = new Set<number>([0]);
  for (let offset = 0; offset < stream.length;) ends.add(offset += 1 + stream.readInt32BE(offset + 1));
  for (let first = 0; first <= stream.length; first += 1) {
    const boundary = new MessageBoundary();
    boundary.feed(stream.subarray(0, first));
    assert.equal(boundary.betweenMessages, ends.has(first), `after ${first} bytes`);
    boundary.feed(stream.subarray(first));
    assert.equal(boundary.betweenMessages, true);
    assert.equal(boundary.fatalSeen, false);
  }
  const bytewise = new MessageBoundary();
  stream.forEach((_, i) => {
    bytewise.feed(stream.subarray(i, i + 1));
    assert.equal(bytewise.betweenMessages, ends.has(i + 1));
  });
});

Deno.test("MessageBoundary sees a FATAL error for every way to split it, and no ERROR or data as one", () => {
  const bytes = Buffer.concat([typed("Z", Buffer.from("I")), errorBytes("FATAL")]);
  for (let first = 0; first <= bytes.length; first += 1) {
    const boundary = new MessageBoundary();
    boundary.feed(bytes.subarray(0, first));
    boundary.feed(bytes.subarray(first));
    assert.equal(boundary.fatalSeen, true, `split at ${first}`);
  }
  const data = new MessageBoundary();
  data.feed(typed("D", Buffer.from("SFATAL\0")));
  data.feed(typed("E", Buffer.from("SFAT")));
  assert.equal(data.fatalSeen, false);
});

Deno.test("MessageBoundary survives lengths that no message has", () => {
  const boundary = new MessageBoundary();
  boundary.feed(Buffer.concat([Buffer.from("A"), int32(-1), Buffer.from("B"), int32(0), typed("Z", Buffer.from("I"))]));
  assert.equal(boundary.betweenMessages, true);
});

Deno.test("TerminateTail recognises Terminate at the end, however it was split", () => {
  const bytes = Buffer.concat([query("select 1"), typed("X")]);
  for (let first = 0; first <= bytes.length; first += 1) {
    const tail = new TerminateTail();
    tail.feed(bytes.subarray(0, first));
    assert.equal(tail.terminated, first === bytes.length);
    tail.feed(bytes.subarray(first));
    assert.equal(tail.terminated, true);
    tail.feed(typed("S"));
    assert.equal(tail.terminated, false);
  }
});
