import { equal, notEqual, ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { eventually, sharedServer, TestServer } from "../support/server.ts";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import type { List, SessionAnswer } from "../support/rest.ts";
import { connect, connectionRefusal, refusedWith } from "../support/sql.ts";
import { firstColumn, frontend, sqlstatesOf, WireClient } from "../support/wire.ts";

const server = sharedServer({ config: { max_connections_per_workspace: 10 } });
const projectOf = once(() => TestProject.withSales(server.current.rest));

/** A query that runs until it is stopped. */
const endlessQuery = "SELECT count(*) FROM range(1000000000000000)";

async function sessionsOf(project: TestProject, workspace: { id: string }): Promise<readonly SessionAnswer[]> {
  const path = `${project.workspacePath(workspace)}/sessions`;
  return (await project.rest.expect<List<SessionAnswer>>(200, "GET", path)).items;
}

Deno.test("five connections at once work on one workspace", async () => {
  const workspace = await (await projectOf()).workspace({ name: "five" });
  const clients = await Promise.all(Array.from({ length: 5 }, () => connect(workspace)));
  const counts = await Promise.all(
    clients.map((client, index) => client.value(`SELECT count(*) + ${index} FROM in_c_sales.orders`)),
  );
  equal(counts.join(), "100,101,102,103,104");
  await Promise.all(clients.map((client) => client.end()));
});

Deno.test("a short query is answered while a long one runs on another connection", async () => {
  const workspace = await (await projectOf()).workspace({ name: "parallel" });
  await using busy = await connect(workspace);
  await using quick = await connect(workspace);
  const long = busy.query(endlessQuery);
  const ended = refusedWith("57014", long);
  equal(await quick.value("SELECT 7"), 7);
  await quick.query("SELECT 1");
  await cancel(workspace, busy);
  await ended;
});

Deno.test("queries on five connections run side by side and give their own answers", async () => {
  const workspace = await (await projectOf()).workspace({ name: "side by side" });
  const clients = await Promise.all(Array.from({ length: 5 }, () => connect(workspace)));
  const answers = await Promise.all(
    clients.flatMap((client, index) =>
      Array.from(
        { length: 20 },
        (_, turn) => client.value(`SELECT ${index * 100 + turn} + count(*) * 0 FROM range(10000)`),
      )
    ),
  );
  equal(answers.length, 100);
  answers.forEach((answer, position) => equal(Number(answer), Math.floor(position / 20) * 100 + position % 20));
  await Promise.all(clients.map((client) => client.end()));
});

/** What libpq's PQcancel does: a new connection with the key of the old one. */
async function cancel(workspace: { connection: { port: number } }, client: unknown): Promise<void> {
  const { processID, secretKey } = client as { processID: number; secretKey: number };
  const secret = Buffer.alloc(4);
  secret.writeInt32BE(secretKey);
  using wire = await WireClient.open(workspace.connection.port);
  wire.send(frontend.cancelRequest(processID, secret));
  equal((await wire.readToEnd()).length, 0, "a cancel request is never answered");
}

Deno.test("CancelRequest ends the running query with 57014, and the session goes on", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "cancel" });
  await using client = await connect(workspace);
  const ended = refusedWith("57014", client.query(endlessQuery));
  await eventually("the query runs", async () => (await sessionsOf(project, workspace))[0]?.["state"] === "active");
  await cancel(workspace, client);
  await ended;
  equal(await client.value("SELECT 1"), 1);
});

Deno.test("a timeout at any moment of a statement's start ends it", async () => {
  await using client = await connect(await (await projectOf()).workspace({ name: "early timeouts" }));
  for (let round = 0; round < 40; round++) {
    await client.query(`SET statement_timeout = ${1 + round % 8}`);
    await refusedWith("57014", client.query(`${endlessQuery} -- ${round}`));
  }
  await client.query("SET statement_timeout = 0");
  equal(await client.value("SELECT 1"), 1);
});

Deno.test("CancelRequest with a wrong key does nothing", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "wrong key" });
  await using client = await connect(workspace);
  const ended = refusedWith("57014", client.query(endlessQuery));
  await eventually("the query runs", async () => (await sessionsOf(project, workspace))[0]?.["state"] === "active");
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
  await cancel(workspace, { processID, secretKey: secretKey ^ 1 });
  await using second = await connect(workspace);
  equal(await second.value("SELECT 1"), 1);
  await eventually("only the first query runs", async () => {
    const states = (await sessionsOf(project, workspace)).map((session) => session["state"]);
    return states.filter((state) => state === "active").length === 1;
  });
  await cancel(workspace, client);
  await ended;
});

Deno.test("a client that vanishes while its query runs leaves no session and no running query", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "vanishing" });
  using wire = await WireClient.connect(workspace);
  wire.send(frontend.query(endlessQuery));
  await eventually("the query runs", async () => (await sessionsOf(project, workspace))[0]?.["state"] === "active");
  wire.socket.resetAndDestroy();
  await eventually("the session is gone", async () => (await sessionsOf(project, workspace)).length === 0);
});

Deno.test("DELETE of a session sends the client FATAL 57P01 before the socket closes", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "dropped" });
  using wire = await WireClient.connect(workspace, { tls: "upgrade" });
  const [session] = await sessionsOf(project, workspace);
  const id = String(session?.id ?? session?.session_id);
  const answer = await project.rest.expect(200, "DELETE", `${project.workspacePath(workspace)}/sessions/${id}`);
  equal(JSON.stringify(answer), JSON.stringify({ message: "Session disconnected", session_id: id }));
  equal(sqlstatesOf(await wire.readToEnd()).join(), "57P01");
  await eventually("the session is gone", async () => (await sessionsOf(project, workspace)).length === 0);
  await project.rest.refused(404, "not_found", "DELETE", `${project.workspacePath(workspace)}/sessions/${id}`);
});

Deno.test("disconnect-all ends every session of the workspace, running queries too, and no other's", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "emptied" });
  const other = await project.workspace({ name: "left alone" });
  await using untouched = await connect(other);
  using idle = await WireClient.connect(workspace);
  using busy = await WireClient.connect(workspace);
  busy.send(frontend.query(endlessQuery));
  await eventually(
    "the query runs",
    async () => (await sessionsOf(project, workspace)).some((session) => session["state"] === "active"),
  );
  const answer = await project.rest.expect(200, "POST", `${project.workspacePath(workspace)}/disconnect-all`);
  equal(JSON.stringify(answer), JSON.stringify({ message: "All sessions disconnected", count: 2 }));
  ok(sqlstatesOf(await idle.readToEnd()).includes("57P01"));
  ok(sqlstatesOf(await busy.readToEnd()).includes("57P01"));
  equal(await untouched.value("SELECT 1"), 1);
});

Deno.test("heartbeat answers for an open session and 404 for an unknown one", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "heartbeat" });
  await using _client = await connect(workspace);
  const [session] = await sessionsOf(project, workspace);
  const path = `${project.workspacePath(workspace)}/sessions`;
  await project.rest.expect(200, "POST", `${path}/${session?.id ?? session?.session_id}/heartbeat`);
  await project.rest.refused(404, "not_found", "POST", `${path}/pgs_000000000000/heartbeat`);
});

Deno.test("a heartbeat begins the idle time anew, without one the session ends with 57P05", async () => {
  await using short = await TestServer.start({ config: { idle_timeout_seconds: 4 } });
  const project = await TestProject.create(short.rest);
  const workspace = await project.workspace();
  using vouched = await WireClient.connect(workspace);
  using silent = await WireClient.connect(workspace);
  const [first] = await sessionsOf(project, workspace);
  const beat = () =>
    project.rest.expect<SessionAnswer>(
      200,
      "POST",
      `${project.workspacePath(workspace)}/sessions/${first?.session_id}/heartbeat`,
    );
  let ended = false;
  const silence = silent.readToEnd().finally(() => ended = true);
  while (!ended) {
    await beat();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  equal(sqlstatesOf(await silence).join(), "57P05");
  ok(Date.parse(String((await beat())["last_activity_at"])) > Date.parse(String(first?.["started_at"])) + 3_000);
  equal(firstColumn(await vouched.roundTrip(frontend.query("SELECT 'alive'"))).join(), "alive");
});

Deno.test("after a credentials reset the old password is dead, the new one works and open sessions stay", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "reset" });
  await using open = await connect(workspace);
  const path = `${project.workspacePath(workspace)}/credentials/reset`;
  const answer = await project.rest.expect<{ connection?: { password: string }; password?: string }>(200, "POST", path);
  const password = answer.connection?.password ?? answer.password ?? "";
  notEqual(password, workspace.connection.password);
  equal((await connectionRefusal(workspace)).code, "28P01");
  await using renewed = await connect(workspace, { password });
  equal(await renewed.value("SELECT 1"), 1);
  equal(await open.value("SELECT 2"), 2);
});

Deno.test("deleting a workspace ends its sessions with 57P01 and its credentials", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "deleted" });
  using wire = await WireClient.connect(workspace);
  const { status } = await project.rest.request("DELETE", project.workspacePath(workspace));
  ok(status === 200 || status === 204, String(status));
  equal(sqlstatesOf(await wire.readToEnd()).join(), "57P01");
  equal((await connectionRefusal(workspace)).code, "28P01");
  await project.rest.refused(404, "not_found", "GET", project.workspacePath(workspace));
});

Deno.test("Terminate closes the session at once", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "terminated" });
  using wire = await WireClient.connect(workspace);
  wire.send(frontend.terminate());
  equal((await wire.readToEnd()).length, 0);
  await eventually("the session is gone", async () => (await sessionsOf(project, workspace)).length === 0);
});
