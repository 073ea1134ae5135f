/**
 * How a session ends that an administrator disconnects, whatever it is doing: FATAL 57P01 with PostgreSQL's words between two
 * messages, then the end of the stream, never a reset. And who may disconnect whom.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { eventually, sharedServer } from "../support/server.ts";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import type { List, SessionAnswer, WorkspaceAnswer } from "../support/rest.ts";
import { connect } from "../support/sql.ts";
import { type BackendMessage, errorFields, frontend, WireClient, type WireTls } from "../support/wire.ts";
import { beginCopy, copyData } from "./copy_wire.ts";

const server = sharedServer({ config: { max_connections_per_workspace: 20, idle_timeout_seconds: 3600 } });
const projectOf = once(() => TestProject.withSales(server.current.rest));
const endlessQuery = "SELECT count(*) FROM range(1000000000000000)";
const words = "terminating connection due to administrator command";

async function sessionsOf(project: TestProject, workspace: { id: string }): Promise<readonly SessionAnswer[]> {
  const path = `${project.workspacePath(workspace)}/sessions`;
  return (await project.rest.expect<List<SessionAnswer>>(200, "GET", path)).items;
}

/** What the session is brought to before it is disconnected. */
type Situation = (wire: WireClient, isActive: () => Promise<void>) => Promise<void>;

const situations: Readonly<Record<string, Situation>> = {
  "idle": () => Promise.resolve(),
  "in a query": async (wire, isActive) => {
    wire.send(frontend.query(endlessQuery));
    await isActive();
  },
  "idle in a transaction": async (wire) => {
    await wire.roundTrip(frontend.query("BEGIN"));
    await wire.roundTrip(frontend.query("CREATE TABLE unfinished (n integer)"));
  },
  "in a failed transaction": async (wire) => {
    await wire.roundTrip(frontend.query("BEGIN"));
    await wire.roundTrip(frontend.query("SELECT nonsense"));
  },
  "in COPY FROM STDIN": async (wire) => {
    await wire.roundTrip(frontend.query("CREATE TABLE IF NOT EXISTS target (n integer)"));
    await beginCopy(wire, "COPY target FROM STDIN");
    wire.send(copyData("1\n2\n"));
  },
  "in the middle of a message that it sends": (wire) => {
    const message = frontend.query("SELECT 1 /* the rest is missing */");
    wire.send(message.subarray(0, 12));
    return Promise.resolve();
  },
  "between Parse and Sync": async (wire) => {
    wire.send(frontend.parse("", "SELECT 1"), frontend.bind("", ""), frontend.flush());
    equal((await wire.expectMessage()).type, "1");
    equal((await wire.expectMessage()).type, "2");
  },
  "with a portal that is suspended": async (wire) => {
    wire.send(
      frontend.parse("", "SELECT * FROM range(1000000)"),
      frontend.bind("", ""),
      frontend.execute("", 5),
      frontend.flush(),
    );
    for (let next = await wire.expectMessage(); next.type !== "s"; next = await wire.expectMessage());
  },
};

/** The one error, and that nothing follows it. */
function assertFatal(messages: readonly BackendMessage[], what: string): void {
  const errors = messages.filter(({ type }) => type === "E").map(({ body }) => errorFields(body));
  deepEqual(errors.map((error) => [error["S"], error["C"], error["M"]]), [["FATAL", "57P01", words]], what);
  equal(messages.at(-1)?.type, "E", `${what}: nothing follows`);
}

for (const tls of ["plain", "upgrade", "direct"] as const satisfies readonly WireTls[]) {
  for (const [name, bring] of Object.entries(situations)) {
    Deno.test(`a session ${name} gets FATAL 57P01 and the end of the stream (${tls})`, async () => {
      const project = await projectOf();
      const workspace = await workspaceOf(project, `${name} ${tls}`);
      using wire = await WireClient.connect(workspace, { tls });
      await bring(wire, async () => {
        await eventually(
          "it runs",
          async () => (await sessionsOf(project, workspace))[0]?.["state"] === "active",
        );
      });
      const [session] = await sessionsOf(project, workspace);
      const path = `${project.workspacePath(workspace)}/sessions/${session?.session_id}`;
      await project.rest.expect(200, "DELETE", path);
      deepEqual(await sessionsOf(project, workspace), [], "it is gone from the list at once");
      assertFatal(await wire.readToEnd(), name);
    });
  }
}

const workspaces = new Map<string, Promise<WorkspaceAnswer>>();

/** One workspace for all situations of a kind: sessions end, its process stays. */
function workspaceOf(project: TestProject, name: string): Promise<WorkspaceAnswer> {
  const key = name.split(" ").at(-1) ?? "";
  const found = workspaces.get(key) ?? project.workspace({ name: key });
  workspaces.set(key, found);
  return found;
}

Deno.test("a client that does not read is ended in bounded time, and finds whole messages and no reset", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "deaf", max_result_rows: 0, max_result_bytes: 0 });
  using wire = await WireClient.connect(workspace);
  wire.stopReading();
  wire.send(frontend.query("SELECT repeat('x', 1000) FROM range(10000000)"));
  // Byte counts come every few seconds; two that are the same mean that every buffer on the way is full.
  let sentBytes = 0;
  await eventually("nothing moves any more", async () => {
    const before = sentBytes;
    sentBytes = Number((await sessionsOf(project, workspace))[0]?.["bytes_sent"]);
    await new Promise((resolve) => setTimeout(resolve, 5_500));
    return sentBytes > 1_000 && sentBytes === before;
  });
  await project.rest.expect(200, "POST", `${project.workspacePath(workspace)}/disconnect-all`);
  const worker = await connect(workspace);
  await eventually("its statement has ended", async () => {
    const states = await worker.rowsOf("SELECT state FROM pg_stat_activity");
    return states.length === 1;
  });
  await worker.end();
  wire.resumeReading();
  const messages = await wire.readToEnd();
  equal(wire.socket.errored, null, "no reset");
  ok(messages.length > 0 && messages.every(({ type }) => "ZTDE".includes(type)), "whole messages of its result");
  ok(messages.length > 100, "what was on its way arrives");
});

Deno.test("a project's and the server's sessions can be listed and disconnected, each by whom they belong to", async () => {
  const project = await projectOf();
  const other = await TestProject.create(server.current.rest, "other");
  const [mine, branchless, theirs] = [
    await project.workspace({ name: "mine" }),
    await project.workspace({ name: "second" }),
    await other.workspace({ name: "theirs" }),
  ];
  using one = await WireClient.connect(mine, { parameters: { application_name: "dashboard" } });
  using two = await WireClient.connect(branchless);
  using three = await WireClient.connect(theirs);
  const listed = await project.rest.expect<List<SessionAnswer>>(200, "GET", `${project.path}/sessions?limit=1`);
  const rest = await project.rest.expect<List<SessionAnswer>>(
    200,
    "GET",
    `${project.path}/sessions?cursor=${listed.next_cursor}`,
  );
  deepEqual([...listed.items, ...rest.items].map((session) => session["workspace_id"]), [mine.id, branchless.id]);
  const [session] = listed.items;
  deepEqual(
    [session?.["client_address"], session?.["username"], session?.["application_name"], session?.["state"]],
    ["127.0.0.1", mine.connection.username, "dashboard", "idle"],
  );
  for (const field of ["current_query", "current_query_started_at", "query_count", "bytes_sent", "last_activity_at"]) {
    ok(field in (session ?? {}), field);
  }
  await project.rest.refused(404, "not_found", "GET", `${other.path}/sessions`);
  await project.rest.refused(404, "not_found", "POST", `${other.path}/disconnect-all`);
  await project.rest.refused(403, "forbidden", "GET", "/internal/sessions");
  await project.rest.refused(403, "forbidden", "POST", "/internal/disconnect-all");
  await server.current.rest.refused(404, "not_found", "POST", "/projects/nobody/disconnect-all");

  deepEqual(await project.rest.expect(200, "POST", `${project.path}/disconnect-all`), {
    message: "All sessions disconnected",
    count: 2,
  });
  assertFatal(await one.readToEnd(), "one");
  assertFatal(await two.readToEnd(), "two");
  const all = await server.current.rest.expect<List<SessionAnswer>>(200, "GET", "/internal/sessions");
  deepEqual(all.items.map((one) => one["workspace_id"]), [theirs.id]);
  deepEqual(await server.current.rest.expect(200, "POST", "/internal/disconnect-all"), {
    message: "All sessions disconnected",
    count: 1,
  });
  assertFatal(await three.readToEnd(), "three");
  await eventually("the metric follows", async () => {
    const { text } = await server.current.rest.request("GET", "/metrics");
    return new RegExp(`^pgwire_connections_active\\{workspace_id="${theirs.id}"\\} 0$`, "m").test(text);
  });
});
