/** COPY … FROM STDIN and everything that ends it half-way: cancel, timeout, a client that goes, an end from outside. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import type { List, SessionAnswer, WorkspaceAnswer } from "../support/rest.ts";
import { eventually, sharedServer } from "../support/server.ts";
import { errorFields, frontend, WireClient } from "../support/wire.ts";
import { beginCopy, copyData, copyDone, copyFrom, outcomeOf, rowsOf, run } from "./copy_wire.ts";

const server = sharedServer({ config: { max_connections_per_workspace: 60, max_connections_per_ip: 200 } });
const projectOf = once(() => TestProject.create(server.current.rest));
const workspaceOf = once(async () => await (await projectOf()).workspace());

/** Rows enough for two batches, so that DuckDB has some of them already. */
const someRows = Array.from({ length: 150_000 }, (_, index) => `${index}\n`).join("");

/** A session in the midst of a COPY into table `name`. */
async function midway(name: string, settings = ""): Promise<WireClient> {
  const wire = await WireClient.connect(await workspaceOf());
  await run(wire, `CREATE OR REPLACE TABLE ${name} (a INTEGER)`);
  if (settings !== "") await run(wire, settings);
  ok(Buffer.isBuffer(await beginCopy(wire, `COPY ${name} FROM STDIN`)));
  wire.send(copyData(someRows));
  return wire;
}

async function requireEmpty(name: string): Promise<void> {
  using other = await WireClient.connect(await workspaceOf());
  deepEqual(await rowsOf(other, `SELECT count(*) FROM ${name}`), [["0"]]);
  // The table is free: nothing of the COPY still holds it.
  deepEqual((await copyFrom(other, `COPY ${name} FROM STDIN`, ["1\n"])).tags, ["COPY 1"]);
}

async function cancel(workspace: WorkspaceAnswer, wire: WireClient): Promise<void> {
  using canceller = await WireClient.open(workspace.connection.port);
  canceller.send(frontend.cancelRequest(wire.processId, wire.secret));
  await canceller.readToEnd();
}

Deno.test("a cancel request ends a COPY that waits for its client", async () => {
  using wire = await midway("cancelled");
  await cancel(await workspaceOf(), wire);
  equal(outcomeOf(await wire.readUntil("Z")).error, "57014 canceling statement due to user request");
  wire.send(copyData("1\n"), copyDone());
  deepEqual(await rowsOf(wire, "SELECT 1"), [["1"]]);
  await requireEmpty("cancelled");
});

Deno.test("statement_timeout ends a COPY that waits for its client", async () => {
  using wire = await midway("late", "SET statement_timeout = '300ms'");
  const { error } = outcomeOf(await wire.readUntil("Z"));
  ok(error?.startsWith("57014 canceling statement due to statement timeout"), error ?? "no error");
  await requireEmpty("late");
});

Deno.test("a client that goes away leaves nothing behind", async () => {
  const wire = await midway("gone");
  wire.socket.destroy();
  await eventually("the session has ended", async () => (await sessionsOf()).length === 0);
  await requireEmpty("gone");
});

Deno.test("a client that says goodbye in the midst of a COPY leaves nothing behind", async () => {
  const wire = await midway("goodbye");
  wire.send(frontend.terminate());
  wire.socket.end();
  await eventually("the session has ended", async () => (await sessionsOf()).length === 0);
  await requireEmpty("goodbye");
});

Deno.test("a session ended over REST gets 57P01, and its COPY is taken back", async () => {
  await eventually("no other session is there", async () => (await sessionsOf()).length === 0);
  using wire = await midway("ended");
  const [session] = await sessionsOf();
  const workspace = await workspaceOf();
  const project = await projectOf();
  const id = String(session?.id ?? session?.session_id);
  await project.rest.expect(200, "DELETE", `${project.workspacePath(workspace)}/sessions/${id}`);
  const messages = await wire.readToEnd();
  const error = messages.find(({ type }) => type === "E");
  deepEqual([errorFields(error!.body)["C"], errorFields(error!.body)["S"]], ["57P01", "FATAL"]);
  await requireEmpty("ended");
});

Deno.test("a worker that dies takes the COPY with it, and the next one has the table as it was", async () => {
  const wire = await midway("crashed");
  for (const id of server.current.workerProcessIds()) Deno.kill(id, "SIGKILL");
  await wire.readToEnd();
  wire.socket.destroy();
  await requireEmpty("crashed");
});

Deno.test("COPYs that wait for their clients keep no other statement from running", async () => {
  const workspace = await (await projectOf()).workspace({ name: "waiting" });
  using first = await WireClient.connect(workspace);
  await run(first, "CREATE TABLE t (a INTEGER)");
  // More than statements may run in DuckDB at once.
  const waiting = await Promise.all(Array.from({ length: 30 }, async (_, index) => {
    const wire = await WireClient.connect(workspace);
    ok(Buffer.isBuffer(await beginCopy(wire, "COPY t FROM STDIN")));
    wire.send(copyData(`${index}\n`));
    return wire;
  }));
  deepEqual(await rowsOf(first, "SELECT count(*) FROM t"), [["0"]]);
  for (const wire of waiting) {
    wire.send(copyDone());
    deepEqual(outcomeOf(await wire.readUntil("Z")).tags, ["COPY 1"]);
    wire.socket.destroy();
  }
  deepEqual(await rowsOf(first, "SELECT count(*), sum(a) FROM t"), [["30", "435"]]);
});

async function sessionsOf(): Promise<readonly SessionAnswer[]> {
  const project = await projectOf();
  const path = `${project.workspacePath(await workspaceOf())}/sessions`;
  return (await project.rest.expect<List<SessionAnswer>>(200, "GET", path)).items;
}
