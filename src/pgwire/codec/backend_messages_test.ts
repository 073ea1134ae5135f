import assert from "node:assert/strict";
import { AppError } from "../../errors/app_error.ts";
import { errorKinds } from "../../errors/catalogue.ts";
import * as backend from "./backend_messages.ts";
import { MessageWriter } from "./message_writer.ts";

function written(write: (writer: MessageWriter) => void): string {
  const writer = new MessageWriter(1);
  write(writer);
  return Array.from(writer.take(), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Type, then hexadecimal fields; the length is put in between. */
function message(type: string, ...fields: readonly string[]): string {
  const content = fields.join("").replaceAll(" ", "");
  const length = (content.length / 2 + 4).toString(16).padStart(8, "0");
  return type.charCodeAt(0).toString(16) + length + content;
}

function text(value: string): string {
  return Array.from(new TextEncoder().encode(value), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const samples: readonly (readonly [string, (writer: MessageWriter) => void, string])[] = [
  ["AuthenticationOk", (w) => backend.authenticationOk(w), message("R", "00000000")],
  ["BackendKeyData", (w) => backend.backendKeyData(w, 258, -2), message("K", "00000102", "fffffffe")],
  ["ParameterStatus", (w) => backend.parameterStatus(w, "a", "ž"), message("S", text("a"), "00", text("ž"), "00")],
  ["ReadyForQuery", (w) => backend.readyForQuery(w, "T"), message("Z", "54")],
  [
    "RowDescription",
    (w) => backend.rowDescription(w, [{ name: "n", typeOid: 1700, typeLength: -1, typeModifier: 655366, format: 1 }]),
    message("T", "0001", text("n"), "00", "00000000", "0000", "000006a4", "ffff", "000a0006", "0001"),
  ],
  ["RowDescription of no columns", (w) => backend.rowDescription(w, []), message("T", "0000")],
  [
    "DataRow",
    (w) => backend.dataRowOfTexts(w, ["ž", null, ""]),
    message("D", "0003", "00000002", text("ž"), "ffffffff", "00000000"),
  ],
  ["CommandComplete", (w) => backend.commandComplete(w, "SELECT 5"), message("C", text("SELECT 5"), "00")],
  ["EmptyQueryResponse", (w) => backend.emptyQueryResponse(w), message("I")],
  ["NoData", (w) => backend.noData(w), message("n")],
  ["ParseComplete", (w) => backend.parseComplete(w), message("1")],
  ["BindComplete", (w) => backend.bindComplete(w), message("2")],
  ["CloseComplete", (w) => backend.closeComplete(w), message("3")],
  ["PortalSuspended", (w) => backend.portalSuspended(w), message("s")],
  ["ParameterDescription", (w) => backend.parameterDescription(w, [23, 25]), message("t", "0002", "00000017 00000019")],
  ["CopyOutResponse", (w) => backend.copyOutResponse(w, 0, [0, 0]), message("H", "00", "0002", "0000 0000")],
  ["CopyData", (w) => backend.copyText(w, "é\n"), message("d", "c3a90a")],
  ["CopyDone", (w) => backend.copyDone(w), message("c")],
  [
    "ErrorResponse",
    (w) => backend.errorResponse(w, new AppError("syntax_error", "no", { hint: "try", position: 12 })),
    message(
      "E",
      text("SERROR"),
      "00",
      text("VERROR"),
      "00",
      text("C42601"),
      "00",
      text("Mno"),
      "00",
      text("Htry"),
      "00",
      text("P12"),
      "0000",
    ),
  ],
  [
    "NoticeResponse",
    (w) => backend.noticeResponse(w, { severity: "WARNING", sqlstate: "25P01", message: "none" }),
    message("N", text("SWARNING"), "00", text("VWARNING"), "00", text("C25P01"), "00", text("Mnone"), "0000"),
  ],
];

for (const [name, write, expected] of samples) {
  Deno.test(`${name} has exactly the documented bytes`, () => {
    assert.equal(written(write), expected);
  });
}

Deno.test("messages written after each other stand after each other", () => {
  assert.equal(
    written((writer) => samples.forEach(([, write]) => write(writer))),
    samples.map(([, , expected]) => expected).join(""),
  );
});

Deno.test("every error kind is rendered with its own severity, or the one that the caller gives", () => {
  for (const kind of errorKinds) {
    const error = new AppError(kind, "what failed");
    assert.ok(written((writer) => backend.errorResponse(writer, error)).includes(text(`C${error.sqlstate}`)), kind);
    assert.ok(written((writer) => backend.errorResponse(writer, error, "FATAL")).includes(text("SFATAL")), kind);
  }
});

Deno.test("a zero character cannot end a field early or smuggle in another", () => {
  const error = new AppError("internal", "before\0Cafter");
  assert.equal(
    written((writer) => backend.errorResponse(writer, error)),
    written((writer) => backend.errorResponse(writer, new AppError("internal", "before"))),
  );
});

Deno.test("MessageWriter grows without losing bytes, and a taken buffer is not written to again until recycled", () => {
  const writer = new MessageWriter(4);
  const expected = Array.from({ length: 100_000 }, (_, index) => index & 0xff);
  for (const value of expected) writer.byte(value);
  const first = writer.take();
  writer.raw(new Uint8Array(70_000).fill(9));
  assert.deepEqual([...first], expected);
  writer.recycle(first);
  const second = writer.take();
  writer.byte(7);
  assert.deepEqual([...second], new Array(70_000).fill(9));
  assert.equal(writer.bytes.buffer, first.buffer, "the recycled buffer is used again");
});

Deno.test("MessageWriter lets its large buffers go when a result ends", () => {
  const writer = new MessageWriter(100);
  writer.raw(new Uint8Array(1_000_000));
  const large = writer.take();
  writer.byte(1);
  writer.take();
  writer.recycle(large);
  assert.equal(writer.bytes.length, 100);
  writer.take();
  assert.equal(writer.bytes.length, 100);
});
