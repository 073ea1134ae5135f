import { equal, match, ok } from "node:assert/strict";
import { sharedServer } from "../support/server.ts";
import { certificateOf } from "../support/certificate.ts";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import { connect, connectionRefusal } from "../support/sql.ts";
import { frontend, WireClient } from "../support/wire.ts";

const server = sharedServer({ config: { auth_failures_per_minute: 1000, max_connections_per_workspace: 50 } });
const workspaceOf = once(async () => await (await TestProject.withSales(server.current.rest)).workspace());

Deno.test("the credentials of the create answer open a connection", async () => {
  const workspace = await workspaceOf();
  await using client = await connect(workspace);
  equal(await client.value("SELECT 40 + 2"), 42);
  equal(await client.value("SELECT current_database()"), workspace.connection.database);
  equal(await client.value("SELECT current_user"), workspace.connection.username);
});

Deno.test("the connection string of the create answer opens a connection", async () => {
  const workspace = await workspaceOf();
  match(workspace.connection.connection_string, /^postgresql:\/\/.*sslmode=require$/);
  await using client = await connect(workspace, {
    connectionString: workspace.connection.connection_string.replace(/\?sslmode=require$/, ""),
  });
  equal(await client.value("SELECT 1"), 1);
});

Deno.test("a wrong password is refused with 28P01", async () => {
  const error = await connectionRefusal(await workspaceOf(), { password: "wrong" });
  equal(error.code, "28P01");
  equal(error.severity, "FATAL");
});

Deno.test("an unknown user is refused like a wrong password", async () => {
  const workspace = await workspaceOf();
  const wrongPassword = await connectionRefusal(workspace, { password: "wrong" });
  const unknownUser = await connectionRefusal(workspace, { user: "ws_000000000000_00000000" });
  equal(unknownUser.code, "28P01");
  equal(
    unknownUser.message.replace("ws_000000000000_00000000", "USER"),
    wrongPassword.message.replace(workspace.connection.username, "USER"),
  );
});

Deno.test("an empty password is refused with 28P01", async () => {
  const workspace = await workspaceOf();
  const error = await WireClient.connect(workspace, { password: "" }).then(() => null, (thrown) => thrown);
  equal(error?.fields?.C, "28P01");
});

Deno.test("another database than the workspace's is refused with 3D000", async () => {
  const error = await connectionRefusal(await workspaceOf(), { database: "postgres" });
  equal(error.code, "3D000");
});

Deno.test("a database named like the user, or none, means the user's own workspace", async () => {
  const workspace = await workspaceOf();
  {
    await using client = await connect(workspace, { database: workspace.connection.username });
    equal(await client.value("SELECT current_database()"), workspace.connection.database);
  }
  using wire = await WireClient.open(workspace.connection.port);
  wire.send(frontend.startup({ user: workspace.connection.username }));
  await wire.authenticate(workspace.connection.password);
  const answer = await wire.roundTrip(frontend.query("SELECT current_database()"));
  ok(answer.some(({ type, body }) => type === "D" && body.includes(workspace.connection.database)));
});

Deno.test("another workspace's database is refused, with valid credentials of one's own", async () => {
  const project = await TestProject.create(server.current.rest, "neighbour");
  const [mine, theirs] = [await project.workspace({ name: "mine" }), await project.workspace({ name: "theirs" })];
  const error = await connectionRefusal(mine, { database: theirs.connection.database });
  ok(["3D000", "28000", "42501"].includes(error.code ?? ""), String(error.code));
});

Deno.test("without TLS, after an upgrade and with direct TLS one port serves", async () => {
  const workspace = await workspaceOf();
  for (const tls of ["plain", "upgrade", "direct"] as const) {
    using client = await WireClient.connect(workspace, { tls });
    const answer = await client.roundTrip(frontend.query("SELECT 'over ' || 'it'"));
    ok(answer.some(({ type, body }) => type === "D" && body.includes("over it")), tls);
  }
});

Deno.test("the extra port of pg_direct_tls_port serves direct TLS and nothing plain", async () => {
  const workspace = await workspaceOf();
  const port = server.current.pgDirectTlsPort;
  {
    using client = await WireClient.connect(workspace, { tls: "direct", port });
    ok((await client.roundTrip(frontend.query("SELECT 1"))).some(({ type }) => type === "D"));
  }
  using plain = await WireClient.open(port);
  plain.send(frontend.startup({ user: workspace.connection.username, database: workspace.connection.database }));
  const answers = await plain.readToEnd();
  ok(answers.every(({ type }) => type !== "R"), "an authentication request came over a plain connection");
});

Deno.test("verify-full works with the server's certificate as the root", async () => {
  const workspace = await workspaceOf();
  const ca = await certificateOf(server.current);
  await using client = await connect(workspace, { host: "localhost", ssl: { ca, rejectUnauthorized: true } });
  equal(await client.value("SELECT 'verified'"), "verified");
});

Deno.test("SCRAM-SHA-256-PLUS binds the authentication to the TLS channel", async () => {
  const workspace = await workspaceOf();
  const options = { ssl: { rejectUnauthorized: false }, enableChannelBinding: true };
  await using client = await connect(workspace, options as Parameters<typeof connect>[1]);
  equal(await client.value("SELECT 1"), 1);
});

Deno.test("GSSENCRequest is answered N, and the connection goes on", async () => {
  const workspace = await workspaceOf();
  using client = await WireClient.open(workspace.connection.port);
  client.send(frontend.gssEncRequest());
  equal(await client.readByte(), "N");
  client.send(frontend.startup({ user: workspace.connection.username, database: workspace.connection.database }));
  await client.authenticate(workspace.connection.password);
  ok((await client.roundTrip(frontend.query("SELECT 1"))).some(({ type }) => type === "D"));
});

Deno.test("start-up reports the parameters that drivers read", async () => {
  using client = await WireClient.connect(await workspaceOf(), { parameters: { application_name: "probe" } });
  const reported = client.parameterStatus;
  match(reported.get("server_version") ?? "", /^\d+/);
  equal(reported.get("server_encoding"), "UTF8");
  equal(reported.get("client_encoding"), "UTF8");
  equal(reported.get("integer_datetimes"), "on");
  equal(reported.get("standard_conforming_strings"), "on");
  equal(reported.get("application_name"), "probe");
  match(reported.get("DateStyle") ?? "", /^ISO/);
  ok(reported.has("TimeZone"));
  ok(client.processId > 0);
});

Deno.test("a newer minor protocol version is negotiated down to 3.0", async () => {
  const workspace = await workspaceOf();
  using client = await WireClient.open(workspace.connection.port);
  const { username: user, database } = workspace.connection;
  client.send(frontend.startup({ user, database, "_pq_.unknown_option": "1" }, 0x3_0009));
  const first = await client.expectMessage();
  equal(first.type, "v");
  equal(first.body.readInt32BE(0) & 0xffff, 0);
  await client.authenticate(workspace.connection.password);
});

Deno.test("a start-up packet over 10 kB ends the connection", async () => {
  const workspace = await workspaceOf();
  using client = await WireClient.open(workspace.connection.port);
  client.send(frontend.startup({ user: "x".repeat(20_000) }));
  const answers = await client.readToEnd();
  ok(answers.every(({ type }) => type === "E"));
});

Deno.test("a protocol that the server does not speak is refused", async () => {
  const workspace = await workspaceOf();
  using client = await WireClient.open(workspace.connection.port);
  client.send(frontend.startup({ user: "a" }, 0x2_0000));
  const answers = await client.readToEnd();
  ok(answers.every(({ type }) => type === "E"));
});

Deno.test("garbage in place of a start-up packet ends that connection only", async () => {
  const workspace = await workspaceOf();
  for (const garbage of ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\0\0\0\0", "\xff\xff\xff\xff\xff\xff\xff\xff"]) {
    using client = await WireClient.open(workspace.connection.port);
    client.socket.write(garbage, "latin1");
    await client.readToEnd();
  }
  await using client = await connect(workspace);
  equal(await client.value("SELECT 1"), 1);
});

Deno.test("the workspace's sessions count in its detail, with TLS and application name", async () => {
  const project = await TestProject.create(server.current.rest, "counted");
  const workspace = await project.workspace();
  await using client = await connect(workspace, { application_name: "counting" });
  await client.query("SELECT 1");
  const detail = await project.rest.expect<{ active_sessions: number }>(200, "GET", project.workspacePath(workspace));
  equal(detail.active_sessions, 1);
  const path = `${project.workspacePath(workspace)}/sessions`;
  const sessions = await project.rest.expect<{ items: { application_name: string; tls: boolean }[] }>(200, "GET", path);
  equal(sessions.items.length, 1);
  equal(sessions.items[0]?.application_name, "counting");
  equal(sessions.items[0]?.tls, true);
});
