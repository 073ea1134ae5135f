/** Limits and refusals of connections that need a server of their own. */
import { equal, match } from "node:assert/strict";
import { eventually, TestServer } from "../support/server.ts";
import { TestProject } from "../support/project.ts";
import { connect, connectionRefusal, refusedWith } from "../support/sql.ts";
import { frontend, sqlstatesOf, WireClient } from "../support/wire.ts";

Deno.test("an expired workspace is 410 over REST and 28000 over SQL", async () => {
  await using server = await TestServer.start({ config: { workspace_default_ttl_hours: 0.0002 } });
  const project = await TestProject.create(server.rest, "expiring");
  const workspace = await project.workspace();
  const path = project.workspacePath(workspace);
  await eventually("the workspace expires", async () => (await project.rest.request("GET", path)).status === 410);
  equal((await project.rest.refused(410, null, "POST", `${path}/credentials/reset`)).status, 410);
  const error = await connectionRefusal(workspace);
  equal(error.code, "28000");
  match(error.message, /workspace expired/i);
  match(String(error.hint), /revive it .*PATCH of ttl_hours/, "as REST says");
  const wrongPassword = await connectionRefusal(workspace, { password: "wrong" });
  equal(wrongPassword.code, "28P01", "who does not know the password does not learn that it expired");
});

Deno.test("a plain connection is refused with 28000 when pg_tls is require", async () => {
  await using server = await TestServer.start({ config: { pg_tls: "require" } });
  const workspace = await (await TestProject.create(server.rest)).workspace();
  equal((await connectionRefusal(workspace, { ssl: false })).code, "28000");
  await using client = await connect(workspace);
  equal(await client.value("SELECT 1"), 1);
});

Deno.test("SSLRequest is answered N when pg_tls is disable", async () => {
  await using server = await TestServer.start({ config: { pg_tls: "disable" } });
  const workspace = await (await TestProject.create(server.rest)).workspace();
  equal(workspace.connection.ssl_mode, "disable");
  using wire = await WireClient.open(server.pgPort);
  wire.send(frontend.sslRequest());
  equal(await wire.readByte(), "N");
  await using client = await connect(workspace, { ssl: false });
  equal(await client.value("SELECT 1"), 1);
});

Deno.test("one connection more than max_connections_per_workspace is refused with 53300", async () => {
  await using server = await TestServer.start({ config: { max_connections_per_workspace: 2 } });
  const workspace = await (await TestProject.create(server.rest)).workspace();
  const first = await connect(workspace);
  await using _second = await connect(workspace);
  equal((await connectionRefusal(workspace)).code, "53300");
  await first.end();
  await using _third = await eventually(
    "the place of an ended session is free",
    () => connect(workspace).catch(() => undefined),
  );
});

Deno.test("one connection more than max_connections_total is refused with 53300", async () => {
  await using server = await TestServer.start({ config: { max_connections_total: 2 } });
  const project = await TestProject.create(server.rest);
  const [one, two] = [await project.workspace({ name: "one" }), await project.workspace({ name: "two" })];
  await using _first = await connect(one);
  await using _second = await connect(two);
  equal((await connectionRefusal(two)).code, "53300");
});

Deno.test("one connection more than max_connections_per_ip is refused with 53300", async () => {
  await using server = await TestServer.start({ config: { max_connections_per_ip: 1 } });
  const workspace = await (await TestProject.create(server.rest)).workspace();
  await using _first = await connect(workspace);
  equal((await connectionRefusal(workspace)).code, "53300");
});

Deno.test("a client that does not authenticate in time finds its socket closed", async () => {
  await using server = await TestServer.start({ config: { connection_timeout_seconds: 0.3 } });
  using silent = await WireClient.open(server.pgPort);
  equal((await silent.readToEnd()).filter(({ type }) => type !== "E").length, 0);
  const workspace = await (await TestProject.create(server.rest)).workspace();
  using halfway = await WireClient.open(server.pgPort);
  halfway.send(frontend.startup({ user: workspace.connection.username, database: workspace.connection.database }));
  equal((await halfway.readToEnd()).filter(({ type }) => type === "Z").length, 0);
});

Deno.test("an idle session ends with 57P05", async () => {
  await using server = await TestServer.start({ config: { idle_timeout_seconds: 0.5 } });
  const workspace = await (await TestProject.create(server.rest)).workspace();
  using wire = await WireClient.connect(workspace, { tls: "upgrade" });
  await wire.roundTrip(frontend.query("SELECT 1"));
  equal(sqlstatesOf(await wire.readToEnd()).join(), "57P05");
  await using client = await connect(workspace);
  await client.ended;
  equal((client.connectionErrors[0] as { code?: string } | undefined)?.code, "57P05");
});

Deno.test("a query over query_timeout_seconds ends with 57014, and the session goes on", async () => {
  await using server = await TestServer.start({ config: { query_timeout_seconds: 0.5 } });
  const workspace = await (await TestProject.create(server.rest)).workspace();
  await using client = await connect(workspace);
  await refusedWith("57014", client.query("SELECT count(*) FROM range(100000000000)"));
  equal(await client.value("SELECT 1"), 1);
});

Deno.test("failed logins over auth_failures_per_minute make the address wait, with 28P01 and no hint", async () => {
  await using server = await TestServer.start({ config: { auth_failures_per_minute: 2 } });
  const workspace = await (await TestProject.create(server.rest)).workspace();
  for (let attempt = 0; attempt < 3; attempt++) {
    equal((await connectionRefusal(workspace, { password: "wrong" })).code, "28P01");
  }
  const error = await connectionRefusal(workspace);
  equal(error.code, "28P01");
  equal(error.hint, undefined);
});
