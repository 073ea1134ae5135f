import assert from "node:assert/strict";
import { controlLineBytesMax, JsonLineWriter, LineError, readLines, type ReadLinesOptions } from "./lines.ts";
import * as messages from "./messages.ts";

const protocol: ReadLinesOptions = { lineBytesMax: 16, longLine: "error", unfinishedLine: "drop" };
const output: ReadLinesOptions = { lineBytesMax: 16, longLine: "split", unfinishedLine: "keep" };

function streamOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function linesOf(text: string, options: ReadLinesOptions): Promise<string[]> {
  return await Array.fromAsync(readLines(streamOf([new TextEncoder().encode(text)]), options));
}

Deno.test("the line limit is the one that messages.ts states", () => {
  assert.equal(controlLineBytesMax, messages.controlLineBytesMax);
});

Deno.test("readLines gives the same lines for every split of a stream into two chunks", async () => {
  const bytes = new TextEncoder().encode('{"a":1}\n\nžluťoučký\nlast one\n');
  for (let split = 0; split <= bytes.length; split++) {
    const stream = streamOf([bytes.subarray(0, split), bytes.subarray(split)]);
    assert.deepEqual(await Array.fromAsync(readLines(stream, protocol)), ['{"a":1}', "", "žluťoučký", "last one"]);
  }
});

Deno.test("readLines gives the same lines when each chunk is one byte", async () => {
  const bytes = new TextEncoder().encode("žluťoučký\nab\n");
  const stream = streamOf(Array.from(bytes, (byte) => Uint8Array.of(byte)));
  assert.deepEqual(await Array.fromAsync(readLines(stream, protocol)), ["žluťoučký", "ab"]);
});

Deno.test("readLines takes a line of the limit and refuses one byte more", async () => {
  assert.deepEqual(await linesOf("x".repeat(16) + "\n", protocol), ["x".repeat(16)]);
  await assert.rejects(linesOf("x".repeat(17) + "\n", protocol), LineError);
  await assert.rejects(linesOf("x".repeat(17), protocol), LineError);
});

Deno.test("readLines refuses bytes that are not UTF-8 in protocol lines and replaces them in output", async () => {
  const bytes = Uint8Array.of(0x61, 0xff, 0x0a);
  await assert.rejects(Array.fromAsync(readLines(streamOf([bytes]), protocol)), LineError);
  assert.deepEqual(await Array.fromAsync(readLines(streamOf([bytes]), output)), ["a\ufffd"]);
});

Deno.test("readLines drops an unfinished message and keeps an unfinished output line", async () => {
  assert.deepEqual(await linesOf("one\ntw", protocol), ["one"]);
  assert.deepEqual(await linesOf("one\ntw", output), ["one", "tw"]);
});

Deno.test("readLines splits a long output line into pieces of the limit and loses nothing", async () => {
  assert.deepEqual(await linesOf("x".repeat(40) + "\ny\n", output), [
    "x".repeat(16),
    "x".repeat(16),
    "x".repeat(8),
    "y",
  ]);
});

Deno.test("readLines ends at its signal while it waits for bytes", async () => {
  const stop = new AbortController();
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode("one\ntw")),
  });
  const seen: string[] = [];
  for await (const line of readLines(stream, { ...protocol, signal: stop.signal })) {
    seen.push(line);
    queueMicrotask(() => stop.abort());
  }
  assert.deepEqual(seen, ["one"]);
});

Deno.test("JsonLineWriter sends a burst of values as one chunk, each on its own line", async () => {
  const chunks: string[] = [];
  const writer = new JsonLineWriter(
    new WritableStream({ write: (chunk) => void chunks.push(new TextDecoder().decode(chunk)) }),
  );
  writer.write({ text: "a\nb" });
  writer.write(2);
  await writer.flushed();
  writer.write("č");
  await writer.close();
  assert.deepEqual(chunks, ['{"text":"a\\nb"}\n2\n', '"č"\n']);
});

Deno.test("JsonLineWriter asks for a pause while a reader stalls, and stops asking when it reads again", async () => {
  const gate = Promise.withResolvers<void>();
  const writer = new JsonLineWriter(new WritableStream({ write: () => gate.promise }));
  writer.write("x".repeat(100));
  assert.equal(writer.drained(), undefined);
  writer.write("x".repeat(2 * 1024 * 1024));
  const drained = writer.drained();
  assert.ok(drained instanceof Promise);
  gate.resolve();
  await drained;
  assert.equal(writer.drained(), undefined);
  await writer.close();
});

Deno.test("JsonLineWriter drops writes after the reader is gone and says so", async () => {
  const writer = new JsonLineWriter(
    new WritableStream({
      write: () => {
        throw new Error("broken pipe");
      },
    }),
  );
  writer.write(1);
  await writer.flushed();
  assert.match(String(writer.failure), /broken pipe/);
  writer.write(2);
  await writer.flushed();
  await writer.close();
});
