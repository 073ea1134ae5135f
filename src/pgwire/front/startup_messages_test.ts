import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { int32, startupMessage } from "./front_testing_client.ts";
import { decodeSaslInitialResponse, decodeStartupPacket, type StartupPacket } from "./startup_messages.ts";

function decode(code: number, ...parts: Uint8Array[]): StartupPacket {
  return decodeStartupPacket(Buffer.concat([int32(code), ...parts]));
}

Deno.test("decodeStartupPacket reads every kind of packet", () => {
  assert.deepEqual(decode(80877103), { kind: "ssl_request" });
  assert.deepEqual(decode(80877104), { kind: "gss_encryption_request" });
  assert.deepEqual(decode(80877102, int32(7), Buffer.from([1, 2, 3, 4])), {
    kind: "cancel_request",
    processId: 7,
    secretKey: Buffer.from([1, 2, 3, 4]),
  });
  assert.deepEqual(decode(2 << 16), { kind: "unsupported_version", major: 2, minor: 0 });
  assert.deepEqual(decode(3 << 16 | 2, Buffer.from("user\0a\0_pq_.x\x001\0user\0b\0TimeZone\0\0\0")), {
    kind: "startup",
    minorVersion: 2,
    parameters: new Map([["user", "b"], ["TimeZone", ""]]),
    protocolOptions: ["_pq_.x"],
  });
});

Deno.test("decodeStartupPacket takes no truncation of a start-up message for a whole one", () => {
  const body = startupMessage({ user: "someone", database: "some", application_name: "ü" }).subarray(4);
  assert.equal(decodeStartupPacket(body).kind, "startup");
  for (let i = 0; i < body.length; i += 1) {
    assert.equal(decodeStartupPacket(body.subarray(0, i)).kind, "malformed", `at ${i}`);
  }
  assert.equal(decodeStartupPacket(Buffer.concat([body, Buffer.from("x")])).kind, "malformed");
});

Deno.test("decodeStartupPacket gives an answer for random bytes", () => {
  for (let i = 0; i < 2000; i += 1) {
    const bytes = crypto.getRandomValues(new Uint8Array(i % 50));
    if (i % 2 === 0 && bytes.length > 4) bytes.set([0, 3, 0, 0]);
    assert.ok(decodeStartupPacket(bytes).kind.length > 0);
  }
});

Deno.test("decodeSaslInitialResponse checks its length, and -1 is no data", () => {
  const name = Buffer.from("SCRAM-SHA-256\0");
  assert.deepEqual(decodeSaslInitialResponse(Buffer.concat([name, int32(2), Buffer.from("ab")])), {
    mechanism: "SCRAM-SHA-256",
    data: Buffer.from("ab"),
  });
  assert.deepEqual(decodeSaslInitialResponse(Buffer.concat([name, int32(-1)])), {
    mechanism: "SCRAM-SHA-256",
    data: null,
  });
  for (const bad of [[int32(1)], [int32(-2)], [int32(-1), Buffer.from("a")], [int32(1), Buffer.from("ab")], []]) {
    assert.equal(decodeSaslInitialResponse(Buffer.concat([name, ...bad])), null);
  }
  assert.equal(decodeSaslInitialResponse(Buffer.from("no terminator")), null);
});
