import assert from "node:assert/strict";
import { AppError } from "../../errors/app_error.ts";
import { decodeFrontendMessage, type FrontendMessage } from "./frontend_messages.ts";
import { MessageFramer } from "./framer.ts";

/** Bytes laid out one field a line: numbers are bytes, strings their UTF-8. */
function body(...fields: readonly (string | readonly number[])[]): Uint8Array {
  return Uint8Array.from(fields.flatMap((field) => [...(typeof field === "string" ? utf8(field) : field)]));
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

interface Sample {
  readonly type: string;
  readonly body: Uint8Array;
  readonly message: FrontendMessage;
}

const samples: readonly Sample[] = [
  { type: "Q", body: body("select 'ž'", [0]), message: { type: "query", text: "select 'ž'" } },
  { type: "Q", body: body([0]), message: { type: "query", text: "" } },
  {
    type: "P",
    body: body("s1", [0], "select $1", [0], [0, 2], [0, 0, 0, 23], [0xff, 0xff, 0xff, 0xff]),
    message: { type: "parse", name: "s1", text: "select $1", parameterOids: [23, 0xffffffff] },
  },
  {
    type: "B",
    body: body(
      "portal",
      [0],
      "statement",
      [0],
      [0, 2], // parameter formats
      [0, 0],
      [0, 1],
      [0, 2], // parameters
      [0, 0, 0, 3],
      "abc",
      [0xff, 0xff, 0xff, 0xff], // NULL
      [0, 1], // result formats
      [0, 1],
    ),
    message: {
      type: "bind",
      portal: "portal",
      statement: "statement",
      parameters: [{ bytes: utf8("abc"), format: 0 }, { bytes: null, format: 1 }],
      resultFormats: [1],
    },
  },
  {
    type: "B",
    body: body([0], [0], [0, 1], [0, 1], [0, 2], [0, 0, 0, 0], [0, 0, 0, 1], [7], [0, 0]),
    message: {
      type: "bind",
      portal: "",
      statement: "",
      parameters: [{ bytes: new Uint8Array(0), format: 1 }, { bytes: Uint8Array.of(7), format: 1 }],
      resultFormats: [],
    },
  },
  { type: "D", body: body("S", "name", [0]), message: { type: "describe", kind: "statement", name: "name" } },
  { type: "D", body: body("P", [0]), message: { type: "describe", kind: "portal", name: "" } },
  { type: "E", body: body("p", [0], [0, 0, 1, 0]), message: { type: "execute", portal: "p", rowsMax: 256 } },
  { type: "E", body: body([0], [0xff, 0xff, 0xff, 0xff]), message: { type: "execute", portal: "", rowsMax: 0 } },
  { type: "C", body: body("S", "s", [0]), message: { type: "close", kind: "statement", name: "s" } },
  { type: "C", body: body("P", "p", [0]), message: { type: "close", kind: "portal", name: "p" } },
  { type: "H", body: body(), message: { type: "flush" } },
  { type: "S", body: body(), message: { type: "sync" } },
  { type: "X", body: body(), message: { type: "terminate" } },
  { type: "p", body: body("secret", [0]), message: { type: "authentication", data: body("secret", [0]) } },
  { type: "d", body: body([1, 2, 0]), message: { type: "copy_data", data: Uint8Array.of(1, 2, 0) } },
  { type: "c", body: body(), message: { type: "copy_done" } },
  { type: "f", body: body("why", [0]), message: { type: "copy_fail", reason: "why" } },
];

/** Types whose body is whatever it is. */
const opaqueTypes = new Set(["p", "d"]);

function decode(type: string, bytes: Uint8Array): FrontendMessage {
  return decodeFrontendMessage(type.charCodeAt(0), bytes);
}

function frame({ type, body }: Sample): Uint8Array {
  const bytes = new Uint8Array(5 + body.length);
  bytes[0] = type.charCodeAt(0);
  new DataView(bytes.buffer).setInt32(1, body.length + 4);
  bytes.set(body, 5);
  return bytes;
}

function plain(message: FrontendMessage): unknown {
  return JSON.parse(JSON.stringify(message, (_, value) => value instanceof Uint8Array ? [...value] : value));
}

Deno.test("every frontend message is decoded field by field", () => {
  for (const sample of samples) assert.deepEqual(plain(decode(sample.type, sample.body)), plain(sample.message));
});

Deno.test("every truncation of every message is refused with 08P01", () => {
  for (const { type, body: whole } of samples.filter((sample) => !opaqueTypes.has(sample.type))) {
    for (let length = 0; length < whole.length; length++) {
      assert.throws(
        () => decode(type, whole.subarray(0, length)),
        (error) => error instanceof AppError && error.sqlstate === "08P01",
        `${type} cut to ${length} bytes`,
      );
    }
  }
});

Deno.test("bytes behind the last field are refused", () => {
  for (const { type, body: whole } of samples.filter((sample) => !opaqueTypes.has(sample.type))) {
    assert.throws(() => decode(type, body([...whole], [0])), { kind: "protocol_violation_in_message" });
  }
});

Deno.test("decodeBind rejects a negative length other than -1", () => {
  assert.throws(
    () => decode("B", body([0], [0], [0, 0], [0, 1], [0xff, 0xff, 0xff, 0xfe], [0, 0])),
    { kind: "protocol_violation_in_message", message: "invalid parameter length: -2, only -1 means NULL" },
  );
});

Deno.test("decodeBind rejects counts beyond the message, other formats and formats of no parameter", () => {
  assert.throws(() => decode("B", body([0], [0], [0xff, 0xff], [0, 0])), { kind: "protocol_violation_in_message" });
  assert.throws(() => decode("B", body([0], [0], [0, 0], [0xff, 0xff])), { kind: "protocol_violation_in_message" });
  assert.throws(() => decode("B", body([0], [0], [0, 1], [0, 2], [0, 0], [0, 0])), { kind: "invalid_parameter_value" });
  assert.throws(
    () => decode("B", body([0], [0], [0, 2], [0, 0], [0, 0], [0, 1], [0xff, 0xff, 0xff, 0xff], [0, 0])),
    { kind: "protocol_violation_in_message" },
  );
  assert.throws(() => decode("P", body([0], [0], [0xff, 0xff])), { kind: "protocol_violation_in_message" });
});

Deno.test("an unknown message type, object kind or encoding is refused", () => {
  assert.throws(() => decode("z", body()), { kind: "protocol_violation" });
  assert.throws(() => decode("D", body("X", [0])), { kind: "protocol_violation_in_message" });
  assert.throws(() => decode("Q", body([0xc3, 0x28, 0])), { kind: "character_not_in_repertoire" });
});

Deno.test("random bodies give a message or a typed error", () => {
  let state = 1;
  const random = () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 16;
  const types = [...new Set(samples.map((sample) => sample.type))];
  for (let round = 0; round < 20_000; round++) {
    const bytes = Uint8Array.from({ length: random() % 40 }, () => random() % 4 === 0 ? 0 : random() & 0x7f);
    try {
      decode(types[round % types.length]!, bytes);
    } catch (error) {
      assert.ok(error instanceof AppError, `${error}`);
    }
  }
});

function frames(chunks: readonly Uint8Array[], messageBytesMax = 1000): { type: string; body: number[] }[] {
  const framer = new MessageFramer({ messageBytesMax });
  const all: { type: string; body: number[] }[] = [];
  for (const chunk of chunks) {
    framer.push(chunk, (type, bytes) => all.push({ type: String.fromCharCode(type), body: [...bytes] }));
  }
  assert.equal(framer.waitingByteCount, 0);
  return all;
}

const stream = body(...samples.map((sample) => [...frame(sample)]));
const expectedFrames = samples.map((sample) => ({ type: sample.type, body: [...sample.body] }));

Deno.test("a stream split in two anywhere gives the same messages", () => {
  for (let split = 0; split <= stream.length; split++) {
    assert.deepEqual(frames([stream.subarray(0, split), stream.subarray(split)]), expectedFrames, `split at ${split}`);
  }
});

Deno.test("a stream in chunks of any size gives the same messages", () => {
  for (let size = 1; size < 20; size++) {
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < stream.length; at += size) chunks.push(stream.subarray(at, at + size));
    assert.deepEqual(frames(chunks), expectedFrames, `chunks of ${size} bytes`);
  }
});

Deno.test("the framer accepts the largest length and refuses the next, and lengths below 4", () => {
  const withLength = (length: number, bodyBytes: number) => {
    const bytes = new Uint8Array(5 + bodyBytes);
    bytes[0] = 81;
    new DataView(bytes.buffer).setInt32(1, length);
    return bytes;
  };
  assert.equal(frames([withLength(100, 96)], 100).length, 1);
  assert.throws(() => frames([withLength(101, 97)], 100), { kind: "message_too_large" });
  assert.throws(() => frames([withLength(101, 0).subarray(0, 4), Uint8Array.of(101)], 100), {
    kind: "message_too_large",
  });
  for (const length of [3, 0, -1, -0x80000000]) {
    assert.throws(() => frames([withLength(length, 0)]), { kind: "protocol_violation" }, `length ${length}`);
  }
});

Deno.test("a claimed length holds no memory until the bytes come", () => {
  const framer = new MessageFramer({ messageBytesMax: 0x3fffffff });
  framer.push(Uint8Array.of(100, 0x3f, 0xff, 0xff, 0xff, 1, 2, 3), () => assert.fail("the message is not complete"));
  assert.equal(framer.waitingByteCount, 8);
});
