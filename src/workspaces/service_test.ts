import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { AppError } from "../errors/app_error.ts";
import { clearWorkspace, dropWorkspaceObject, loadIntoWorkspace } from "./contents.ts";
import { workspaceFilePath } from "./paths.ts";
import { hourMs, makeTestWorkspaces, openSession, startMs, type TestWorkspaces } from "./test_support.ts";

async function make(test: TestWorkspaces, name = "analysis") {
  const made = await test.service.create("alpha", null, { name });
  return { ...made, id: made.workspace.id, reference: { projectId: "alpha", workspaceId: made.workspace.id } };
}

function filePath(test: TestWorkspaces, workspace: { id: string; projectId: string; branchId: string | null }): string {
  return workspaceFilePath(test.settings.dataDirectory, workspace);
}

Deno.test("a new workspace has its id, credentials and defaults, and no worker", async () => {
  await using test = await makeTestWorkspaces();
  const made = await make(test);
  assert.match(made.id, /^ws_[0-9a-f]{12}$/);
  assert.match(made.workspace.username, new RegExp(`^${made.id}_[0-9a-f]{8}$`));
  assert.match(made.password, /^[A-Za-z0-9_-]{32}$/);
  assert.equal(made.workspace.expiresAtMs, startMs + 24 * hourMs);
  assert.deepEqual(made.attachedTables, [
    { schema: "in_c_sales", table: "orders", rows: 30 },
    { schema: "in_c_sales", table: "customers", rows: 7 },
  ]);
  assert.equal(test.supervisor.workers.size, 0);
  assert.deepEqual(await test.service.find(made.reference), made.workspace);
});

Deno.test("the project's limit holds for creations at the same time, and does not count expired workspaces", async () => {
  await using test = await makeTestWorkspaces({ workspacesPerProjectMax: 3 });
  const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => make(test)));
  assert.equal(outcomes.filter((outcome) => outcome.status === "fulfilled").length, 3);
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") assert.equal(outcome.reason.kind, "workspace_limit_reached");
  }
  await test.service.create("beta", null, { name: "another project" });
  test.clock.nowMs += 24 * hourMs;
  await make(test);
});

Deno.test("preload fills the new workspace and a failure leaves nothing of it", async () => {
  await using test = await makeTestWorkspaces();
  const preloadTables = ["in.c-sales.orders", "in_c_sales.customers"];
  const made = await test.service.create("alpha", null, { name: "full", preloadTables });
  assert.deepEqual(test.supervisor.sent("load")[0]?.items.map((item) => item.destination), ["orders", "customers"]);
  assert.equal((await test.service.find({ projectId: "alpha", workspaceId: made.workspace.id })).state, "ready");

  test.supervisor.failNext = { command: "load", error: new AppError("workspace_size_exceeded", "full") };
  const failing = test.service.create("alpha", null, { name: "broken", preloadTables });
  await assert.rejects(failing, { kind: "workspace_size_exceeded" });
  const left = await test.repository.all();
  assert.deepEqual(left.map((workspace) => workspace.name), ["full"]);
  assert.equal(test.supervisor.stopped.length, 1);
  assert.equal(
    existsSync(filePath(test, { id: test.supervisor.stopped[0] ?? "", projectId: "alpha", branchId: null })),
    false,
  );
});

Deno.test("an unknown preload table is refused by pointer before anything is made", async () => {
  await using test = await makeTestWorkspaces();
  const request = { name: "x", preloadTables: ["in.c-sales.orders", "in.c-sales.nope"] };
  await assert.rejects(test.service.create("alpha", null, request), (error: AppError) => {
    assert.deepEqual(error.fields.map((field) => field.pointer), ["/preload_tables/1"]);
    return error.kind === "invalid_request";
  });
  assert.deepEqual(await test.repository.all(), []);
});

Deno.test("while its preload runs a workspace is neither listed nor found nor can anybody log in", async () => {
  await using test = await makeTestWorkspaces();
  const seen: unknown[] = [];
  const launchSpec = test.supervisor.launchSpec;
  test.supervisor.launchSpec = async (workspaceId) => {
    seen.push((await test.service.list("alpha", undefined, { limit: 10, after: null })).items.length);
    seen.push(await test.service.find({ projectId: "alpha", workspaceId }).catch((error) => error.kind));
    const [row] = await test.repository.all();
    seen.push(await test.service.findCredential(row?.username ?? ""));
    return await launchSpec(workspaceId);
  };
  await test.service.create("alpha", null, { name: "x", preloadTables: ["in.c-sales.orders"] });
  assert.deepEqual(seen, [0, "not_found", null]);
});

Deno.test("a branch's workspace attaches the branch's tables and is also its project's", async () => {
  await using test = await makeTestWorkspaces();
  const made = await test.service.create("alpha", "br_1", { name: "dev" });
  assert.deepEqual(made.attachedTables.map((table) => table.table), ["orders", "customers", "extra"]);
  const workspaceId = made.workspace.id;
  await test.service.find({ projectId: "alpha", branchId: "br_1", workspaceId });
  await test.service.find({ projectId: "alpha", workspaceId });
  await assert.rejects(test.service.find({ projectId: "alpha", branchId: "br_2", workspaceId }), { kind: "not_found" });
  await assert.rejects(test.service.find({ projectId: "beta", workspaceId }), { kind: "not_found" });
  const spec = await test.service.launchSpec(workspaceId);
  assert.equal(
    spec.file_path,
    `${test.settings.dataDirectory}/project_alpha_branch_br_1/_workspaces/${workspaceId}.duckdb`,
  );
  assert.deepEqual(spec.allowed_directories, [
    `${test.settings.dataDirectory}/project_alpha`,
    `${test.settings.dataDirectory}/project_alpha_branch_br_1`,
  ]);
  await assert.rejects(test.service.create("alpha", "br_9", { name: "x" }), { kind: "not_found" });
});

Deno.test("a launch spec has the workspace's own limits, else the server's", async () => {
  await using test = await makeTestWorkspaces();
  const plain = await make(test);
  const own = await test.service.create("alpha", null, {
    name: "own",
    memoryLimitBytes: 1e9,
    sizeLimitGb: 0.5,
    maxResultRows: 0,
    maxResultBytes: 7,
  });
  const plainSpec = await test.service.launchSpec(plain.id);
  assert.equal(plainSpec.database, `workspace_${plain.id}`);
  assert.deepEqual(
    [plainSpec.memory_bytes_max, plainSpec.size_bytes_max, plainSpec.result_rows_max, plainSpec.result_bytes_max],
    [4e9, 10e9, 100_000, 100_000_000],
  );
  const ownSpec = await test.service.launchSpec(own.workspace.id);
  assert.deepEqual(
    [ownSpec.memory_bytes_max, ownSpec.size_bytes_max, ownSpec.result_rows_max, ownSpec.result_bytes_max],
    [1e9, 5e8, 0, 7],
  );
  await assert.rejects(test.service.launchSpec("ws_000000000000"), { kind: "not_found" });
});

Deno.test("a project with more tables than a workspace may attach is refused", async () => {
  await using test = await makeTestWorkspaces({ attachedTablesMax: 1 });
  await assert.rejects(make(test), { kind: "program_limit" });
});

Deno.test("an update is stored, pushed to a running worker, and only what it names changes", async () => {
  await using test = await makeTestWorkspaces();
  const made = await make(test);
  await test.service.update(made.reference, { name: "renamed" });
  assert.deepEqual(test.supervisor.commands, []);
  await test.supervisor.acquire(made.id);
  test.clock.nowMs += hourMs;
  const changes = { ttlHours: 2, sizeLimitGb: 1, memoryLimitBytes: 2e9, maxResultRows: 5, maxResultBytes: 0 };
  await test.service.update(made.reference, changes);
  assert.deepEqual(test.supervisor.sent("update_limits")[0]?.limits, {
    threads: 2,
    temp_bytes_max: 10e9,
    queries_per_minute_max: 0,
    statement_bytes_max: 16e6,
    result_rows_max: 5,
    result_bytes_max: 0,
    size_bytes_max: 1e9,
    memory_bytes_max: 2e9,
  });
  const stored = await test.service.find(made.reference);
  assert.deepEqual([stored.name, stored.expiresAtMs], ["renamed", startMs + 3 * hourMs]);
  await test.service.update(made.reference, { memoryLimitBytes: null, maxResultRows: null });
  const reset = await test.service.find(made.reference);
  assert.deepEqual([reset.memoryLimitBytes, reset.maxResultRows, reset.maxResultBytes], [null, null, 0]);
});

Deno.test("every limit of its own reaches the worker, also a running one, and null gives the default back", async () => {
  await using test = await makeTestWorkspaces();
  const own = {
    memoryLimitBytes: 1e9,
    maxResultRows: 1,
    maxResultBytes: 2,
    threads: 3,
    maxTempBytes: 4e6,
    maxQueriesPerMinute: 5,
    maxStatementBytes: 6,
    maxConnections: 7,
  };
  const { workspace } = await test.service.create("alpha", null, { name: "x", ...own });
  const told = {
    memory_bytes_max: 1e9,
    result_rows_max: 1,
    result_bytes_max: 2,
    threads: 3,
    temp_bytes_max: 4e6,
    queries_per_minute_max: 5,
    statement_bytes_max: 6,
    size_bytes_max: 10e9,
  };
  const spec = await test.service.launchSpec(workspace.id);
  assert.deepEqual({ ...spec, ...told }, spec);
  assert.equal((await test.service.findCredential(workspace.username))?.connectionsMax, 7);
  await test.supervisor.acquire(workspace.id);
  const nothingOwn = Object.fromEntries(Object.keys(own).map((name) => [name, null]));
  const reference = { projectId: "alpha", workspaceId: workspace.id };
  const view = await test.service.update(reference, nothingOwn);
  assert.deepEqual(test.supervisor.sent("update_limits").at(-1)?.limits, {
    memory_bytes_max: 4e9,
    result_rows_max: 100_000,
    result_bytes_max: 100_000_000,
    threads: 2,
    temp_bytes_max: 10e9,
    queries_per_minute_max: 0,
    statement_bytes_max: 16e6,
    size_bytes_max: 10e9,
  });
  assert.equal(view.limits.maxConnections, 5);
});

Deno.test("deleting ends the sessions, stops the worker, and removes file, log, credentials and metrics", async () => {
  await using test = await makeTestWorkspaces();
  const made = await make(test);
  await test.supervisor.acquire(made.id);
  const path = filePath(test, made.workspace);
  await writeFile(`${path}.wal`, "log");
  const ends: string[] = [];
  openSession(test, made.id, ends);
  await test.service.delete(made.reference);
  assert.deepEqual(ends, [`admin_shutdown: workspace "${made.id}" was deleted`]);
  assert.deepEqual(test.supervisor.stopped, [made.id]);
  assert.deepEqual([existsSync(path), existsSync(`${path}.wal`)], [false, false]);
  assert.equal(await test.service.findCredential(made.workspace.username), null);
  assert.deepEqual(test.metrics.removed, [made.id]);
  await assert.rejects(test.service.delete(made.reference), { kind: "not_found" });
  await assert.rejects(test.service.launchSpec(made.id), { kind: "not_found" });
});

Deno.test("of two deletions at once one succeeds", async () => {
  await using test = await makeTestWorkspaces();
  const { reference } = await make(test);
  const outcomes = await Promise.allSettled([test.service.delete(reference), test.service.delete(reference)]);
  assert.deepEqual(outcomes.map((outcome) => outcome.status).sort(), ["fulfilled", "rejected"]);
});

Deno.test("a reset kills the old password at once, keeps the user and the open sessions", async () => {
  await using test = await makeTestWorkspaces();
  const made = await make(test);
  const { username } = made.workspace;
  assert.equal((await test.service.authenticate(username, made.password)).id, made.id);
  const ends: string[] = [];
  openSession(test, made.id, ends);
  const reset = await test.service.resetCredentials(made.reference);
  assert.equal(reset.workspace.username, username);
  assert.notEqual(reset.password, made.password);
  await assert.rejects(test.service.authenticate(username, made.password), { kind: "invalid_password" });
  await test.service.authenticate(username, reset.password);
  assert.deepEqual([ends, test.sessions.count(made.id)], [[], 1]);
});

Deno.test("an unknown user and a wrong password get the same refusal, and expiry shows only to who knows it", async () => {
  await using test = await makeTestWorkspaces();
  const made = await make(test);
  const refusal = (username: string, password: string) =>
    test.service.authenticate(username, password).then(() => "", (error: AppError) => `${error.kind} ${error.message}`);
  assert.equal(await refusal("nobody", "x"), await refusal(made.workspace.username, "x"));
  test.clock.nowMs = made.workspace.expiresAtMs;
  assert.match(await refusal(made.workspace.username, "x"), /^invalid_password/);
  assert.match(await refusal(made.workspace.username, made.password), /^workspace_expired/);
  const credential = await test.service.findCredential(made.workspace.username);
  assert.deepEqual([credential?.workspaceId, credential?.expired], [made.id, true]);
});

Deno.test("an expired workspace refuses its use but is listed, can be deleted, and a new TTL revives it", async () => {
  await using test = await makeTestWorkspaces({ workspacesPerProjectMax: 1 });
  const made = await make(test);
  test.clock.nowMs = made.workspace.expiresAtMs;
  const uses = [
    test.service.get(made.reference),
    test.service.update(made.reference, { name: "x" }),
    test.service.resetCredentials(made.reference),
    test.service.launchSpec(made.id),
    clearWorkspace(test.service, made.reference),
    dropWorkspaceObject(test.service, made.reference, "t"),
    loadIntoWorkspace(test.service, made.reference, [{ source: "in.c-sales.orders" }]),
  ];
  for (const outcome of await Promise.allSettled(uses)) {
    assert.equal(outcome.status === "rejected" && outcome.reason.kind, "workspace_expired");
  }
  const page = await test.service.list("alpha", undefined, { limit: 10, after: null });
  assert.deepEqual(page.items.map((item) => item.status), ["expired"]);

  const other = await make(test, "other");
  const reviving = () => test.service.update(made.reference, { ttlHours: 1 });
  await assert.rejects(reviving(), { kind: "workspace_limit_reached" });
  await test.service.delete(other.reference);
  assert.equal((await reviving()).status, "active");
  assert.equal((await test.service.get(made.reference)).workspace.expiresAtMs, test.clock.nowMs + hourMs);
});

Deno.test("a deleted branch or project takes its workspaces along", async () => {
  await using test = await makeTestWorkspaces();
  await make(test, "main");
  await test.service.create("alpha", "br_1", { name: "dev" });
  await test.service.create("beta", null, { name: "other" });
  await test.service.branchDeleted("alpha", "br_1");
  assert.deepEqual((await test.repository.all()).map((workspace) => workspace.name), ["main", "other"]);
  await test.service.projectDeleted("alpha");
  assert.deepEqual((await test.repository.all()).map((workspace) => workspace.name), ["other"]);
});

Deno.test("details of a workspace that was never used come without starting a worker", async () => {
  await using test = await makeTestWorkspaces();
  const made = await make(test);
  assert.deepEqual((await test.service.get(made.reference)).description.objects, []);
  assert.equal(test.supervisor.workers.size, 0);
  await loadIntoWorkspace(test.service, made.reference, [{ source: "in.c-sales.orders" }]);
  await test.supervisor.stopWorkspace(made.id);
  const detail = await test.service.get(made.reference);
  assert.deepEqual(detail.description.objects, [{ name: "orders", type: "table", rows: 5 }]);
});
