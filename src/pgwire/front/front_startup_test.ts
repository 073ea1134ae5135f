/** The front from the first byte to the end of authentication, spoken to in bytes. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { expiredUser, startTestFront, testDatabase, testPassword, testUser } from "./front_testing.ts";
import {
  int32,
  query,
  RawClient,
  type RawMessage,
  saslInitialResponse,
  saslResponse,
  sslRequest,
  startupMessage,
  typed,
  untyped,
} from "./front_testing_client.ts";

const gssRequest = () => untyped(80877104);

/** The answer to one statement, to ReadyForQuery. */
async function run(client: RawClient, text: string): Promise<RawMessage[]> {
  client.send(query(text));
  const messages: RawMessage[] = [];
  while (messages.at(-1)?.type !== "Z") messages.push(await client.readMessage());
  return messages;
}

/** A start-up as `user`, and the FATAL error that answers it. */
async function refusal(client: RawClient, parameters: Record<string, string>): Promise<Record<string, string>> {
  client.send(startupMessage(parameters));
  return await client.readFatal();
}

Deno.test("every byte in a packet of its own makes the same session, plain and under TLS", async () => {
  await using server = await startTestFront();
  const bytewise = (client: RawClient) => {
    client.send = (...parts) => {
      for (const byte of Buffer.concat(parts)) client.stream.write(Buffer.from([byte]));
    };
    return client;
  };
  using plain = bytewise(await RawClient.plain(server.port));
  await plain.authenticate(testUser, testPassword);
  assert.equal((await run(plain, "select 1")).length, 4);
  using gate = bytewise(await RawClient.plain(server.port));
  gate.send(sslRequest());
  assert.equal((await gate.readBytes(1)).toString(), "S");
  await gate.startTls(server.certificatePem);
  await gate.authenticate(testUser, testPassword);
  assert.equal((await run(gate, "select 1")).length, 4);
});

Deno.test("an SSLRequest is answered S and upgraded, and the session knows it", async () => {
  await using server = await startTestFront();
  using client = await RawClient.upgraded(server.port, server.certificatePem);
  await client.authenticate(testUser, testPassword);
  assert.equal(server.worker.headers[0]?.tls, true);
  assert.equal((await run(client, "select 1")).length, 4);
});

Deno.test("GSSENCRequest is answered N, before TLS and before a plain start-up", async () => {
  await using server = await startTestFront();
  using plain = await RawClient.plain(server.port);
  plain.send(gssRequest());
  assert.equal((await plain.readBytes(1)).toString(), "N");
  await plain.authenticate(testUser, testPassword);
  using secure = await RawClient.plain(server.port);
  secure.send(gssRequest());
  assert.equal((await secure.readBytes(1)).toString(), "N");
  secure.send(sslRequest());
  assert.equal((await secure.readBytes(1)).toString(), "S");
  await secure.startTls(server.certificatePem);
  await secure.authenticate(testUser, testPassword);
});

Deno.test("a second encryption request is refused with 0A000", async () => {
  await using server = await startTestFront();
  using client = await RawClient.plain(server.port);
  client.send(gssRequest(), gssRequest());
  assert.equal((await client.readBytes(1)).toString(), "N");
  assert.equal((await client.readFatal())["C"], "0A000");
  using secure = await RawClient.upgraded(server.port, server.certificatePem);
  secure.send(sslRequest());
  assert.equal((await secure.readFatal())["C"], "0A000");
});

Deno.test("bytes behind an SSLRequest are refused: they were not sent under TLS", async () => {
  await using server = await startTestFront();
  using client = await RawClient.plain(server.port);
  client.send(sslRequest(), startupMessage({ user: testUser }));
  const error = await client.readFatal();
  assert.equal(error["C"], "08P01");
  assert.equal(error["M"], "received unencrypted data after SSL request");
});

Deno.test("direct TLS works on the same port with ALPN, and is refused without it", async () => {
  await using server = await startTestFront();
  using client = await RawClient.directTls(server.port, server.certificatePem, ["postgresql"]);
  await client.authenticate(testUser, testPassword);
  assert.equal((await run(client, "select 1")).length, 4);
  assert.equal(server.worker.headers[0]?.tls, true);
  using without = await RawClient.directTls(server.port, server.certificatePem, null);
  without.send(startupMessage({ user: testUser }));
  assert.match((await without.readFatal())["M"] ?? "", /without ALPN/);
  await assert.rejects(RawClient.directTls(server.port, server.certificatePem, ["h2"]));
});

Deno.test("the extra direct TLS port serves sessions, bulk, and refuses a client without ALPN", async () => {
  await using server = await startTestFront({ directTlsPort: 0 });
  const port = server.front.directTlsPort ?? 0;
  assert.notEqual(port, server.port);
  using client = await RawClient.directTls(port, server.certificatePem, ["postgresql"]);
  await client.authenticate(testUser, testPassword);
  assert.equal(server.worker.headers[0]?.tls, true);
  assert.equal(server.worker.headers[0]?.client_address, "127.0.0.1");
  assert.equal((await run(client, "rows 20000")).length, 20_003);
  client.send(typed("X"));
  await client.readToEnd();
  await server.until(() => server.closedSessions.length === 1);
  using without = await RawClient.directTls(port, server.certificatePem, null);
  without.send(startupMessage({ user: testUser }));
  assert.equal((await without.readFatal())["C"], "08P01");
  await assert.rejects(RawClient.directTls(port, server.certificatePem, ["h2"]));
  using plain = await RawClient.plain(port);
  plain.send(startupMessage({ user: testUser }));
  await plain.readToEnd(); // a TLS alert, or nothing
});

Deno.test("pg_tls=disable answers SSLRequest with N and closes direct TLS", async () => {
  await using server = await startTestFront({ tls: "disable" });
  using client = await RawClient.plain(server.port);
  client.send(sslRequest());
  assert.equal((await client.readBytes(1)).toString(), "N");
  await client.authenticate(testUser, testPassword);
  await assert.rejects(RawClient.directTls(server.port, server.certificatePem, ["postgresql"]));
});

Deno.test("pg_tls=require refuses a plain start-up with 28000 and serves TLS", async () => {
  await using server = await startTestFront({ tls: "require" });
  using plain = await RawClient.plain(server.port);
  const error = await refusal(plain, { user: testUser });
  assert.equal(error["S"], "FATAL");
  assert.equal(error["C"], "28000");
  assert.match(error["M"] ?? "", /requires TLS/);
  assert.equal(server.credentialLookups.length, 0);
  using secure = await RawClient.upgraded(server.port, server.certificatePem);
  await secure.authenticate(testUser, testPassword);
});

Deno.test("a wrong password and an unknown user get the same 28P01 after the same exchange", async () => {
  await using server = await startTestFront();
  for (const username of [testUser, "nobody"]) {
    using client = await RawClient.plain(server.port);
    client.send(startupMessage({ user: username }));
    await assert.rejects(client.finishAuthentication("wrong"), {
      message: `password authentication failed for user "${username}"`,
    });
    assert.equal((await client.readToEnd()).length, 0);
  }
  assert.deepEqual(server.statuses, ["auth_failed", "auth_failed"]);
  assert.deepEqual(server.audits.map(({ errorKind }) => errorKind), ["invalid_password", "invalid_password"]);
  assert.equal(server.sessions.size, 0);
});

Deno.test("an unknown user's salt is the same at each attempt", async () => {
  await using server = await startTestFront();
  const salts = new Set<string>();
  for (let i = 0; i < 2; i += 1) {
    using client = await RawClient.plain(server.port);
    client.send(startupMessage({ user: "nobody" }));
    await client.readMessage();
    client.send(saslInitialResponse("SCRAM-SHA-256", "n,,n=,r=abcdef"));
    salts.add(/s=([^,]*)/.exec((await client.readMessage()).body.toString())?.[1] ?? "");
  }
  assert.equal(salts.size, 1);
});

Deno.test("after auth_failures_per_minute failures even the right password waits, for that user only", async () => {
  await using server = await startTestFront({ authFailuresPerMinute: 2 });
  for (let i = 0; i < 2; i += 1) {
    using client = await RawClient.plain(server.port);
    client.send(startupMessage({ user: testUser }));
    await assert.rejects(client.finishAuthentication("wrong"));
  }
  const lookups = server.credentialLookups.length;
  using blocked = await RawClient.plain(server.port);
  const error = await refusal(blocked, { user: testUser });
  assert.equal(error["C"], "28P01");
  assert.equal(error["M"], `password authentication failed for user "${testUser}"`);
  assert.equal(server.credentialLookups.length, lookups);
  using other = await RawClient.plain(server.port);
  other.send(startupMessage({ user: expiredUser }));
  await other.finishAuthentication(testPassword);
  server.nowMs += 24 * 3_600_000;
  using still = await RawClient.plain(server.port);
  assert.equal((await refusal(still, { user: testUser }))["C"], "28P01", "a clock that jumps frees nobody");
  server.monotonicMs += 60_000;
  using later = await RawClient.plain(server.port);
  await later.authenticate(testUser, testPassword);
});

Deno.test("parallel attempts do not slip past the failure limit together", async () => {
  await using server = await startTestFront({ authFailuresPerMinute: 1 });
  const clients = await Promise.all([1, 2, 3].map(() => RawClient.plain(server.port)));
  for (const client of clients) client.send(startupMessage({ user: testUser }));
  await server.until(() => server.credentialLookups.length === 3);
  const [wrong, ...right] = clients;
  await assert.rejects(wrong?.finishAuthentication("wrong") ?? Promise.resolve());
  for (const client of right) {
    await assert.rejects(client.finishAuthentication(testPassword), /password authentication/);
  }
  for (const client of clients) client[Symbol.dispose]();
});

Deno.test("an expired workspace and a foreign database are told only after the password was right", async () => {
  await using server = await startTestFront();
  const attempt = async (parameters: Record<string, string>, password: string) => {
    using client = await RawClient.plain(server.port);
    client.send(startupMessage(parameters));
    try {
      await client.finishAuthentication(password);
    } catch (error) {
      return (error as Error).message;
    }
    const error = await client.readFatal();
    return `${error["C"]} ${error["M"]}`;
  };
  assert.match(await attempt({ user: expiredUser }, "wrong"), /password authentication failed/);
  assert.equal(await attempt({ user: expiredUser }, testPassword), "28000 workspace expired");
  assert.match(await attempt({ user: testUser, database: "other" }, "wrong"), /password authentication failed/);
  assert.equal(
    await attempt({ user: testUser, database: "other" }, testPassword),
    '3D000 database "other" does not exist',
  );
  assert.deepEqual(server.statuses.slice(0, 3), ["auth_failed", "expired", "auth_failed"]);
  for (const database of ["", testUser, testDatabase]) {
    using client = await RawClient.plain(server.port);
    client.send(startupMessage({ user: testUser, database }));
    await client.finishAuthentication(testPassword);
    assert.equal((await client.readMessage()).type, "R");
  }
});

Deno.test("start-up errors have PostgreSQL's SQLSTATEs", async () => {
  await using server = await startTestFront();
  const cases: [Buffer, string, RegExp][] = [
    [startupMessage({}), "28000", /no PostgreSQL user name/],
    [startupMessage({ user: "" }), "28000", /no PostgreSQL user name/],
    [startupMessage({ user: testUser, replication: "true" }), "0A000", /replication/],
    [startupMessage({ user: testUser, replication: "database" }), "0A000", /replication/],
    [startupMessage({ user: testUser }, 2 << 16), "0A000", /unsupported frontend protocol 2\.0/],
    [startupMessage({ user: testUser }, 4 << 16), "0A000", /unsupported frontend protocol 4\.0/],
    [int32(7), "08P01", /invalid length of startup packet: 7/],
    [int32(10_001), "08P01", /invalid length of startup packet: 10001/],
    [int32(-1), "08P01", /invalid length of startup packet/],
    [Buffer.from("GET / HTTP/1.1\r\n\r\n"), "08P01", /invalid length of startup packet/],
    [untyped(3 << 16, Buffer.from("user\0x")), "08P01", /invalid startup packet layout/],
  ];
  for (const [bytes, sqlstate, message] of cases) {
    using client = await RawClient.plain(server.port);
    client.send(bytes);
    const error = await client.readFatal();
    assert.equal(error["S"], "FATAL");
    assert.equal(error["C"], sqlstate, error["M"] ?? "");
    assert.match(error["M"] ?? "", message);
  }
});

Deno.test("a start-up packet of exactly 10,000 bytes is read", async () => {
  await using server = await startTestFront();
  using client = await RawClient.plain(server.port);
  const filler = 10_000 - startupMessage({ user: testUser, options: "" }).length;
  const packet = startupMessage({ user: testUser, options: "x".repeat(filler) });
  assert.equal(packet.length, 10_000);
  client.send(packet);
  await client.finishAuthentication(testPassword);
});

Deno.test("a megabyte of garbage gets its error through, not a reset", async () => {
  await using server = await startTestFront();
  using client = await RawClient.plain(server.port);
  client.send(Buffer.alloc(1024 * 1024, 0x41));
  assert.equal((await client.readFatal())["C"], "08P01");
});

Deno.test("a newer minor version and unknown protocol options are negotiated down to 3.0", async () => {
  await using server = await startTestFront();
  using client = await RawClient.plain(server.port);
  client.send(startupMessage({ user: testUser, "_pq_.wishes": "1", replication: "off" }, 3 << 16 | 2));
  const { type, body } = await client.readMessage();
  assert.equal(type, "v");
  assert.deepEqual(body, Buffer.concat([int32(3 << 16), int32(1), Buffer.from("_pq_.wishes\0")]));
  await client.finishAuthentication(testPassword);
  assert.deepEqual((await client.readMessage()).body, int32(0));
  assert.deepEqual(server.worker.headers[0]?.startup_parameters, { user: testUser, replication: "off" });
});

Deno.test("SASL misuse is a protocol violation", async () => {
  await using server = await startTestFront();
  const cases: [Buffer, RegExp][] = [
    [query("select 1"), /expected SASL response, got message type 81/],
    [saslInitialResponse("SCRAM-SHA-1", "n,,n=,r=a"), /invalid SASL authentication mechanism/],
    [saslInitialResponse("SCRAM-SHA-256-PLUS", "n,,n=,r=a"), /invalid SASL authentication mechanism/],
    [saslInitialResponse("SCRAM-SHA-256", "nonsense"), /malformed SCRAM message/],
    [typed("p", Buffer.from("SCRAM")), /malformed SASLInitialResponse/],
    [typed("p", Buffer.alloc(1025)), /invalid length of SASL message: 1025/],
    [Buffer.concat([Buffer.from("p"), int32(-5)]), /invalid length of SASL message/],
  ];
  for (const [bytes, message] of cases) {
    using client = await RawClient.plain(server.port);
    client.send(startupMessage({ user: testUser }));
    assert.equal((await client.readMessage()).type, "R");
    client.send(bytes);
    const error = await client.readFatal();
    assert.equal(error["C"], "08P01");
    assert.match(error["M"] ?? "", message);
  }
});

Deno.test("a SASLInitialResponse without data gets an empty challenge first", async () => {
  await using server = await startTestFront();
  using client = await RawClient.plain(server.port);
  client.send(startupMessage({ user: testUser }));
  await client.readMessage();
  client.send(typed("p", Buffer.from("SCRAM-SHA-256\0"), int32(-1)));
  assert.deepEqual((await client.readMessage()).body, int32(11));
  client.send(saslResponse("n,,n=,r=abc"));
  assert.match((await client.readMessage()).body.toString("latin1", 4), /^r=abc/);
});

Deno.test("silence before authentication ends in a closed socket: nothing, half a start-up, half a TLS hello", async () => {
  await using server = await startTestFront({ connectionTimeoutMs: 50 });
  const beginnings = [
    Buffer.alloc(0),
    startupMessage({ user: testUser }).subarray(0, 9),
    Buffer.from([0x16, 0x03, 0x01]),
  ];
  for (const bytes of beginnings) {
    using client = await RawClient.plain(server.port);
    client.send(bytes);
    assert.equal((await client.readToEnd()).length, 0);
  }
  using asked = await RawClient.plain(server.port);
  asked.send(startupMessage({ user: testUser }));
  assert.equal((await asked.readMessage()).type, "R");
  await asked.readToEnd();
});

Deno.test("random bytes get an error or a closed socket, and the server goes on", async () => {
  await using server = await startTestFront();
  for (let i = 0; i < 150; i += 1) {
    const bytes = crypto.getRandomValues(new Uint8Array(4 + i));
    if (i % 3 === 0) bytes[0] = 0x16; // a TLS record
    if (i % 3 === 1) bytes.set([0, 0, 0]); // a plausible length
    using client = await RawClient.plain(server.port);
    client.stream.end(bytes);
    await client.readToEnd();
  }
  using client = await RawClient.plain(server.port);
  await client.authenticate(testUser, testPassword);
});
