/** LISTEN and NOTIFY between the sessions of a workspace. */
import { deepEqual, equal } from "node:assert/strict";
import type pg from "pg";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import { sharedServer } from "../support/server.ts";
import { connect, refusedWith, type SqlClient } from "../support/sql.ts";

const server = sharedServer();
const projectOf = once(() => TestProject.create(server.current.rest, "notify"));
const workspaceOf = once(async () => await (await projectOf()).workspace());

/** The next notification that the client is sent. */
function next(client: SqlClient): Promise<pg.Notification> {
  return new Promise((resolve) => client.once("notification", resolve));
}

Deno.test("a notification reaches an idle session at once, with its sender's process id", async () => {
  await using listener = await connect(await workspaceOf());
  await using sender = await connect(await workspaceOf());
  await listener.query("LISTEN jobs");
  const arrived = next(listener);
  await sender.query("NOTIFY jobs, 'number 1'");
  const { channel, payload, processId } = await arrived;
  deepEqual([channel, payload], ["jobs", "number 1"]);
  equal(processId, Number(await sender.value("SELECT pg_backend_pid()")));
});

Deno.test("notifications come when their transaction commits, and not when it is rolled back", async () => {
  await using listener = await connect(await workspaceOf());
  await using sender = await connect(await workspaceOf());
  const payloads: string[] = [];
  listener.on("notification", ({ payload }) => payloads.push(payload ?? ""));
  await listener.query("LISTEN jobs");
  await sender.query("BEGIN; NOTIFY jobs, 'lost'; ROLLBACK");
  await sender.query("BEGIN");
  await sender.query("NOTIFY jobs, 'kept'");
  await listener.query("SELECT 1");
  deepEqual(payloads, []);
  const arrived = next(listener);
  await sender.query("COMMIT");
  await arrived;
  deepEqual(payloads, ["kept"]);
});

Deno.test("a session in a transaction is told after it", async () => {
  await using listener = await connect(await workspaceOf());
  await using sender = await connect(await workspaceOf());
  const payloads: string[] = [];
  listener.on("notification", ({ payload }) => payloads.push(payload ?? ""));
  await listener.query("LISTEN jobs");
  await listener.query("BEGIN");
  await sender.query("NOTIFY jobs, 'x'");
  await listener.query("SELECT 1");
  deepEqual(payloads, []);
  await listener.query("COMMIT");
  deepEqual(payloads, ["x"]);
});

Deno.test("another workspace hears nothing", async () => {
  const other = await (await projectOf()).workspace({ name: "other" });
  await using stranger = await connect(other);
  await using listener = await connect(await workspaceOf());
  await using sender = await connect(await workspaceOf());
  let heard = 0;
  stranger.on("notification", () => heard++);
  await stranger.query("LISTEN jobs");
  await listener.query("LISTEN jobs");
  const arrived = next(listener);
  await sender.query("NOTIFY jobs");
  await arrived;
  await stranger.query("SELECT 1");
  equal(heard, 0);
});

Deno.test("a payload of 8000 bytes is refused with 22023", async () => {
  await using sender = await connect(await workspaceOf());
  await refusedWith("22023", sender.query(`NOTIFY jobs, '${"x".repeat(8000)}'`));
});
