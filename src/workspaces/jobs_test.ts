import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { workspaceFilePath, workspaceTempDirectory } from "./paths.ts";
import { hourMs, makeTestWorkspaces, openSession, type TestWorkspaces } from "./test_support.ts";

async function make(test: TestWorkspaces, ttlHours = 24) {
  const { workspace } = await test.service.create("alpha", null, { name: "x", ttlHours });
  return { ...workspace, path: workspaceFilePath(test.settings.dataDirectory, workspace) };
}

Deno.test("expiry ends sessions with workspace_expired and stops the worker, and leaves the file", async () => {
  await using test = await makeTestWorkspaces();
  const short = await make(test, 1);
  const long = await make(test, 2);
  for (const workspace of [short, long]) await test.supervisor.acquire(workspace.id);
  const ends: string[] = [];
  openSession(test, short.id, ends);
  openSession(test, long.id, ends);
  assert.equal(await test.jobs.expire(), 0);
  test.clock.nowMs += hourMs;
  assert.equal(await test.jobs.expire(), 1);
  assert.equal(ends.length, 1);
  assert.match(ends[0] ?? "", /^workspace_expired: workspace expired/);
  assert.deepEqual(test.supervisor.stopped, [short.id]);
  assert.equal(existsSync(short.path), true);
  assert.equal(await test.jobs.expire(), 0);
});

Deno.test("an expired workspace is removed after the retention time, unless it was revived", async () => {
  await using test = await makeTestWorkspaces({ expiredRetentionHours: 3 });
  const gone = await make(test, 1);
  const revived = await make(test, 1);
  await test.supervisor.acquire(gone.id);
  test.clock.nowMs += 4 * hourMs - 1;
  assert.equal(await test.jobs.removeExpired(), 0);
  await test.service.update({ projectId: "alpha", workspaceId: revived.id }, { ttlHours: 1 });
  test.clock.nowMs += 1;
  assert.equal(await test.jobs.removeExpired(), 1);
  assert.deepEqual((await test.repository.all()).map((workspace) => workspace.id), [revived.id]);
  assert.equal(existsSync(gone.path), false);
});

Deno.test("recovery closes sessions and removes what an earlier run left half-made", async () => {
  await using test = await makeTestWorkspaces();
  const kept = await make(test);
  await mkdir(workspaceTempDirectory(test.settings.dataDirectory, kept), { recursive: true });
  await writeFile(await pathBeside(test, kept, "ws_dead00000000.duckdb"), "");
  await writeFile(await pathBeside(test, kept, "notes.txt"), "");
  await writeFile(kept.path, "");
  await test.repository.insert({ ...kept, id: "ws_half", username: "ws_half_user", state: "creating" }, "v");
  openSession(test, kept.id);
  await test.sessions.flush();
  test.sessions.close([...test.sessions.list(kept.id)][0]?.id ?? "", "crash");
  await test.jobs.recover();
  assert.deepEqual((await test.repository.all()).map((workspace) => workspace.id), [kept.id]);
  assert.equal(existsSync(kept.path), true);
  assert.equal(existsSync(await pathBeside(test, kept, "ws_dead00000000.duckdb")), false);
  assert.equal(existsSync(await pathBeside(test, kept, "notes.txt")), true);
  assert.equal(existsSync(workspaceTempDirectory(test.settings.dataDirectory, kept)), false);
  assert.deepEqual(await test.query("SELECT end_reason FROM pg_sessions"), [{ end_reason: "server_restart" }]);
});

Deno.test("leftover removal spares the spill folder of a running worker", async () => {
  await using test = await makeTestWorkspaces();
  const workspace = await make(test);
  const temp = workspaceTempDirectory(test.settings.dataDirectory, workspace);
  await mkdir(temp, { recursive: true });
  await test.supervisor.acquire(workspace.id);
  assert.equal(await test.jobs.removeLeftoverFiles(), 0);
  await test.supervisor.stopWorkspace(workspace.id);
  assert.equal(await test.jobs.removeLeftoverFiles(), 1);
  assert.equal(existsSync(temp), false);
});

Deno.test("a cleanup closes stale sessions and forgets old ones", async () => {
  await using test = await makeTestWorkspaces();
  const workspace = await make(test, 168);
  openSession(test, workspace.id);
  test.clock.nowMs += hourMs;
  assert.deepEqual(await test.jobs.cleanUpSessions(), { stale: 1, idle: 0, forgotten: 0 });
  assert.equal(test.sessions.count(), 0);
  await test.sessions.flush();
  assert.equal((await test.query("SELECT id FROM pg_sessions")).length, 1);
  test.clock.nowMs += 31 * 24 * hourMs;
  await test.jobs.cleanUpSessions();
  assert.deepEqual(await test.query("SELECT id FROM pg_sessions"), []);
});

async function pathBeside(test: TestWorkspaces, workspace: { projectId: string }, name: string): Promise<string> {
  const path = workspaceFilePath(test.settings.dataDirectory, {
    id: "x",
    projectId: workspace.projectId,
    branchId: null,
  }).replace(/x\.duckdb$/, name);
  await mkdir(path.replace(/\/[^/]+$/, ""), { recursive: true });
  return path;
}
