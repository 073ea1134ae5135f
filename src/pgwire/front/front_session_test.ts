/** The front's limits, sessions, cancel requests and shutdown, spoken to in bytes. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { AppError } from "../../errors/app_error.ts";
import { generateSelfSignedCertificate } from "../certificate_generator.ts";
import { startTestFront, testDatabase, testPassword, testUser } from "./front_testing.ts";
import {
  cancelRequest,
  errorFields,
  query,
  RawClient,
  type RawMessage,
  startupMessage,
  typed,
} from "./front_testing_client.ts";

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

/** BackendKeyData as cancel requests carry it. */
function backendKey(messages: RawMessage[]): { processId: number; secretKey: Buffer } {
  const body = messages.find(({ type }) => type === "K")?.body ?? Buffer.alloc(8);
  return { processId: body.readInt32BE(0), secretKey: body.subarray(4) };
}

Deno.test("a plain session: SASL from the front, everything from AuthenticationOk on from the worker", async () => {
  await using server = await startTestFront();
  using client = await RawClient.plain(server.port);
  const messages = await client.authenticate(testUser, testPassword);
  assert.deepEqual(messages.map(({ type }) => type), ["R", "S", "S", "K", "Z"]);
  const [header] = server.worker.headers;
  assert.equal(header?.username, testUser);
  assert.equal(header?.database, testDatabase);
  assert.equal(header?.client_address, "127.0.0.1");
  assert.equal(header?.tls, false);
  assert.deepEqual(header?.startup_parameters, { user: testUser });
  assert.deepEqual((await run(client, "select 1")).map(({ type }) => type), ["T", "D", "C", "Z"]);
  client.send(typed("X"));
  assert.equal((await client.readToEnd()).length, 0);
  await server.until(() => server.closedSessions.length === 1);
  assert.equal(server.closedSessions[0]?.reason, "terminated");
  assert.deepEqual(server.statuses, ["success"]);
  assert.deepEqual(server.audits.map(({ event }) => event), ["connected", "disconnected"]);
  assert.equal(server.bytes.received, query("select 1").length + 5);
  assert.equal(server.front.connectionCount, 0);
});

Deno.test("statements sent in one write with the last SASL message reach the worker", async () => {
  await using server = await startTestFront();
  using client = await RawClient.plain(server.port);
  await client.authenticate(testUser, testPassword, query("select 1"));
  const types = [];
  for (let i = 0; i < 4; i += 1) types.push((await client.readMessage()).type);
  assert.deepEqual(types, ["T", "D", "C", "Z"]);
  assert.deepEqual(server.worker.received, query("select 1"));
});

Deno.test("the deadline does not touch an authenticated session", async () => {
  await using server = await startTestFront({ connectionTimeoutMs: 200 });
  using client = await RawClient.plain(server.port);
  await client.authenticate(testUser, testPassword);
  using silent = await RawClient.plain(server.port); // accepted later, so its deadline is over later
  await silent.readToEnd();
  assert.equal((await run(client, "select 1")).length, 4);
});

Deno.test("over max_connections_total and _per_ip the client reads 53300, also under TLS, and cancel still works", async () => {
  for (
    const [limits, name] of [
      [{ connectionsMax: 1 }, "max_connections_total"],
      [{ connectionsPerAddressMax: 1 }, "max_connections_per_ip"],
    ] as const
  ) {
    await using server = await startTestFront(limits);
    using first = await RawClient.plain(server.port);
    const messages = await first.authenticate(testUser, testPassword);
    using second = await RawClient.plain(server.port);
    const error = await refusal(second, { user: testUser });
    assert.equal(error["C"], "53300");
    assert.ok(error["M"]?.includes(name), error["M"] ?? "");
    using third = await RawClient.upgraded(server.port, server.certificatePem);
    assert.equal((await refusal(third, { user: testUser }))["C"], "53300");
    assert.deepEqual(server.statuses, ["success", "limit_reached", "limit_reached"]);

    const { processId, secretKey } = backendKey(messages);
    using canceller = await RawClient.plain(server.port);
    canceller.send(cancelRequest(processId, secretKey));
    await canceller.readToEnd();
    assert.equal(server.cancelled.length, 1);

    first.send(typed("X"));
    await first.readToEnd();
    await server.until(() => server.closedSessions.length === 1);
    using again = await RawClient.plain(server.port);
    await again.authenticate(testUser, testPassword);
  }
});

Deno.test("over the workspace's limit the client reads 53300 after authentication", async () => {
  await using server = await startTestFront({ sessionsMax: 1 });
  using first = await RawClient.plain(server.port);
  await first.authenticate(testUser, testPassword);
  using second = await RawClient.plain(server.port);
  second.send(startupMessage({ user: testUser }));
  await second.finishAuthentication(testPassword);
  const error = await second.readFatal();
  assert.equal(error["C"], "53300");
  assert.match(error["M"] ?? "", /max_connections_per_workspace/);
});

Deno.test("a cancel request reaches the session of its key, plain and over TLS, and a wrong key nothing", async () => {
  await using server = await startTestFront();
  using client = await RawClient.plain(server.port);
  const { processId, secretKey } = backendKey(await client.authenticate(testUser, testPassword));
  const wrong = Buffer.from(secretKey.map((byte) => byte ^ 1));
  for (const bytes of [cancelRequest(processId, wrong), cancelRequest(processId + 1, secretKey)]) {
    using canceller = await RawClient.plain(server.port);
    canceller.send(bytes);
    assert.equal((await canceller.readToEnd()).length, 0);
  }
  assert.equal(server.cancelled.length, 0);
  for (const secure of [false, true]) {
    client.send(query("hang"));
    using canceller = secure
      ? await RawClient.upgraded(server.port, server.certificatePem)
      : await RawClient.plain(server.port);
    canceller.send(cancelRequest(processId, secretKey));
    assert.equal((await canceller.readToEnd()).length, 0);
    const { type, body } = await client.readMessage();
    assert.equal(type, "E");
    assert.equal(errorFields(body)["C"], "57014");
    assert.equal((await client.readMessage()).type, "Z");
  }
  assert.deepEqual(server.cancelled, ["ws_a1/pgs_1", "ws_a1/pgs_1"]);
});

Deno.test("a worker that does not start is a FATAL error with its own text", async () => {
  const failures: [Error, string, RegExp][] = [
    [new AppError("starting_up", "the workspace is starting"), "57P03", /^the workspace is starting$/],
    [new AppError("insufficient_memory_budget", "no memory left"), "53200", /^no memory left$/],
    [new Error("secret detail"), "XX000", /^internal error, incident [0-9a-f-]{36}$/],
  ];
  for (const [failure, sqlstate, message] of failures) {
    await using server = await startTestFront({ connectWorker: () => Promise.reject(failure) });
    using client = await RawClient.plain(server.port);
    client.send(startupMessage({ user: testUser }));
    await client.finishAuthentication(testPassword);
    const error = await client.readFatal();
    assert.equal(error["S"], "FATAL");
    assert.equal(error["C"], sqlstate);
    assert.match(error["M"] ?? "", message);
    assert.equal(server.closedSessions[0]?.reason, "worker unavailable");
  }
});

Deno.test("a client that leaves while its worker starts leaves no session behind", async () => {
  const start = Promise.withResolvers<void>();
  await using server = await startTestFront({
    connectWorker: async (header) => {
      await start.promise;
      return await server.worker.connect(header);
    },
  });
  const client = await RawClient.plain(server.port);
  client.send(startupMessage({ user: testUser }));
  const authenticated = client.finishAuthentication(testPassword);
  await server.until(() => server.sessions.size === 1);
  client[Symbol.dispose]();
  await assert.rejects(authenticated, /connection ended/);
  start.resolve();
  await server.until(() => server.closedSessions.length === 1);
  assert.equal(server.closedSessions[0]?.reason, "client disconnected");
  await server.until(() => server.worker.sockets.size === 0);
});

Deno.test("terminate during the start of the worker refuses the client with its error", async () => {
  const start = Promise.withResolvers<void>();
  await using server = await startTestFront({
    connectWorker: async (header) => {
      await start.promise;
      return await server.worker.connect(header);
    },
  });
  using client = await RawClient.plain(server.port);
  client.send(startupMessage({ user: testUser }));
  const authenticated = client.finishAuthentication(testPassword);
  await server.until(() => server.sessions.size === 1);
  server.sessions.get("pgs_1")?.terminate("admin_shutdown", "terminated by an administrator");
  await authenticated;
  assert.equal((await client.readFatal())["C"], "57P01");
  start.resolve();
  await server.until(() => server.closedSessions.length === 1 && server.worker.sockets.size === 0);
});

Deno.test("an attempt that expires while its worker starts counts as expired, not as nothing", async () => {
  const start = Promise.withResolvers<void>();
  await using server = await startTestFront({
    connectWorker: async (header) => {
      await start.promise;
      return await server.worker.connect(header);
    },
  });
  using client = await RawClient.plain(server.port);
  client.send(startupMessage({ user: testUser }));
  const authenticated = client.finishAuthentication(testPassword);
  await server.until(() => server.sessions.size === 1);
  server.sessions.get("pgs_1")?.terminate("workspace_expired", "workspace expired");
  await authenticated;
  assert.equal((await client.readFatal())["C"], "28000");
  start.resolve();
  await server.until(() => server.closedSessions.length === 1 && server.statuses.length > 0);
  assert.deepEqual(server.statuses, ["expired"]);
});

Deno.test("a killed worker between two messages is a FATAL 57P02, plain, upgraded and direct", async () => {
  await using server = await startTestFront({ directTlsPort: 0 });
  const ca = server.certificatePem;
  const connects = [
    () => RawClient.plain(server.port),
    () => RawClient.upgraded(server.port, ca),
    () => RawClient.directTls(server.front.directTlsPort ?? 0, ca, ["postgresql"]),
  ];
  for (const open of connects) {
    using client = await open();
    await client.authenticate(testUser, testPassword);
    for (const socket of server.worker.sockets.values()) socket.destroy();
    const error = await client.readFatal();
    assert.equal(error["C"], "57P02");
    assert.match(error["M"] ?? "", /workspace process ended/);
  }
  await server.until(() => server.closedSessions.length === 3);
  for (const { reason } of server.closedSessions) assert.equal(reason, "workspace process ended");
});

Deno.test("a worker killed in the middle of a message closes the socket and adds nothing to the message", async () => {
  await using server = await startTestFront();
  using client = await RawClient.plain(server.port);
  await client.authenticate(testUser, testPassword);
  client.send(query("half"));
  await client.readBytes(7);
  for (const socket of server.worker.sockets.values()) socket.destroy();
  assert.equal((await client.readToEnd()).length, 0);
});

Deno.test("terminate passes the worker's FATAL on and adds no second one", async () => {
  await using server = await startTestFront();
  using client = await RawClient.plain(server.port);
  await client.authenticate(testUser, testPassword);
  server.sessions.get("pgs_1")?.terminate("admin_shutdown", "terminated by an administrator");
  const error = await client.readFatal();
  assert.equal(error["C"], "57P01");
  assert.equal(error["M"], "terminated by an administrator");
  await server.until(() => server.closedSessions.length === 1);
  assert.equal(server.closedSessions[0]?.reason, "session ended");
});

Deno.test("terminate ends the session by itself when the worker can not", async () => {
  await using server = await startTestFront();
  using client = await RawClient.plain(server.port);
  await client.authenticate(testUser, testPassword);
  server.worker.terminate = () => Promise.reject(new Error("gone"));
  server.sessions.get("pgs_1")?.terminate("admin_shutdown", "terminated by an administrator");
  assert.equal((await client.readFatal())["C"], "57P01");
  await server.until(() => server.worker.sockets.size === 0);
});

Deno.test("a client that vanishes ends the worker's socket, by FIN and by reset", async () => {
  await using server = await startTestFront();
  for (const way of ["end", "reset"] as const) {
    const socket = connect({ port: server.port, host: "127.0.0.1" });
    await once(socket, "connect");
    const client = new RawClient(socket);
    await client.authenticate(testUser, testPassword);
    client.send(query("hang"));
    await server.until(() => server.worker.received.includes("hang"));
    assert.equal(server.worker.sockets.size, 1);
    if (way === "end") socket.end();
    else socket.resetAndDestroy();
    await server.until(() => server.worker.sockets.size === 0 && server.sessions.size === 0);
    server.worker.received = Buffer.alloc(0);
    client[Symbol.dispose]();
  }
  assert.deepEqual(server.closedSessions.map(({ reason }) => reason), ["client disconnected", "client disconnected"]);
});

Deno.test("a client that does not read holds back the worker, and then gets every row", async () => {
  await using server = await startTestFront();
  using client = await RawClient.upgraded(server.port, server.certificatePem);
  await client.authenticate(testUser, testPassword);
  client.send(query("rows 200000")); // 22 MB in one write of the worker
  await client.readBytes(5);
  client.stream.pause();
  const [socket] = server.worker.sockets.values();
  await server.until(() => server.worker.received.length > 0);
  assert.ok((socket?.writableLength ?? 0) > 0);
  client.stream.resume();
  let byteCount = 5;
  while (byteCount < 200_000 * 111) byteCount += (await client.readBytes(111)).length;
  client.stream.destroy();
});

Deno.test("a changed certificate is used by the next connection on both ports, and running sessions stay", async () => {
  await using server = await startTestFront({ directTlsPort: 0 });
  using client = await RawClient.upgraded(server.port, server.certificatePem);
  await client.authenticate(testUser, testPassword);
  const pair = await generateSelfSignedCertificate({
    commonName: "renewed",
    names: ["localhost"],
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 3_600_000),
  });
  writeFileSync(server.certificatePath, pair.certificatePem);
  writeFileSync(server.privateKeyPath, pair.privateKeyPem);
  server.nowMs += 1000;
  using renewed = await RawClient.upgraded(server.port, pair.certificatePem);
  await renewed.authenticate(testUser, testPassword);
  const directPort = server.front.directTlsPort ?? 0;
  server.front.reloadCertificate();
  for (let attempt = 0;; attempt += 1) {
    try {
      using direct = await RawClient.directTls(directPort, pair.certificatePem, ["postgresql"]);
      await direct.authenticate(testUser, testPassword);
      break;
    } catch (error) {
      if (attempt === 100) throw error; // refused while the port is opened again
    }
  }
  assert.equal((await run(client, "select 1")).length, 4);
});

Deno.test("while draining everybody new reads 57P03, who was starting too", async () => {
  await using server = await startTestFront();
  using session = await RawClient.plain(server.port);
  await session.authenticate(testUser, testPassword);
  using starting = await RawClient.plain(server.port);
  server.front.drain();
  starting.send(startupMessage({ user: testUser }));
  using late = await RawClient.plain(server.port);
  late.send(startupMessage({ user: testUser }));
  for (const client of [starting, late]) {
    const error = await client.readFatal();
    assert.deepEqual([error["C"], error["M"]], ["57P03", "the database system is shutting down"]);
  }
  assert.equal((await run(session, "select 1")).length, 4);
});

Deno.test("close refuses who is starting with 57P03, lets sessions run, and endSessions ends them", async () => {
  await using server = await startTestFront({ directTlsPort: 0 });
  using session = await RawClient.plain(server.port);
  await session.authenticate(testUser, testPassword);
  using starting = await RawClient.plain(server.port);
  starting.send(startupMessage({ user: testUser }));
  await starting.readMessage();
  await server.front.close();
  assert.equal((await starting.readFatal())["C"], "57P03");
  await assert.rejects(RawClient.plain(server.port));
  assert.equal((await run(session, "select 1")).length, 4);
  const ended = server.front.endSessions();
  assert.equal((await session.readFatal())["C"], "57P01");
  await ended;
  assert.equal(server.front.connectionCount, 0);
});

Deno.test("a port in use is a configuration error that names the key", async () => {
  await using server = await startTestFront();
  await assert.rejects(startTestFront({ port: server.port }), /pg_port: cannot listen on 127\.0\.0\.1:\d+/);
});
