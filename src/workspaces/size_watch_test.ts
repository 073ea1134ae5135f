import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { workspaceFilePath } from "./paths.ts";
import { type MeasuredWorkspace, SizeWatch } from "./size_watch.ts";
import { makeTestWorkspaces, type TestWorkspaces } from "./test_support.ts";

/** A workspace whose file has the length that `write` gives it, and whose limit is 1,000 bytes. */
async function setUp(test: TestWorkspaces) {
  const { workspace } = await test.service.create("alpha", null, { name: "x", ttlHours: 24 });
  const path = workspaceFilePath(test.settings.dataDirectory, workspace);
  await mkdir(dirname(path), { recursive: true });
  await test.service.update({ projectId: "alpha", workspaceId: workspace.id }, { sizeLimitGb: 1e-6 });
  let latest: readonly MeasuredWorkspace[] = [];
  const asked: string[] = [];
  const state = { countedBytes: null as number | null };
  const watch = new SizeWatch({
    repository: test.repository,
    dataDirectory: test.settings.dataDirectory,
    logger: test.logger,
    runningIds: () => test.service.workers.runningIds(),
    countedBytes: (id) => {
      asked.push(id);
      return Promise.resolve(state.countedBytes);
    },
    onMeasured: (measured) => latest = measured,
  });
  return {
    id: workspace.id,
    asked,
    state,
    watch,
    path,
    write: (bytes: number) => writeFile(path, "x".repeat(bytes)),
    size: () => latest.find(({ workspaceId }) => workspaceId === workspace.id)?.sizeBytes,
    stored: async () => (await test.repository.find(workspace.id))?.sizeBytes,
  };
}

Deno.test("sizes are those of file and log, stored and reported; what does not run is measured once", async () => {
  await using test = await makeTestWorkspaces();
  const { id, watch, path, write, size, stored } = await setUp(test);
  assert.deepEqual(await watch.measure(), { measured: 1, changed: 0 });
  assert.equal(size(), 0);
  await test.supervisor.acquire(id);
  await write(100);
  await writeFile(`${path}.wal`, "12345");
  assert.deepEqual(await watch.measure(), { measured: 1, changed: 1 });
  assert.deepEqual([size(), await stored()], [105, 105]);
  await test.supervisor.stopWorkspace(id);
  await write(200);
  assert.deepEqual(await watch.measure(), { measured: 1, changed: 1 });
  await write(300);
  assert.deepEqual(await watch.measure(), { measured: 0, changed: 0 });
  assert.deepEqual([size(), await stored()], [205, 205]);
});

Deno.test("a workspace at 90 % of its size limit is warned of once, and again after it was below", async () => {
  await using test = await makeTestWorkspaces();
  const { id, watch, write } = await setUp(test);
  await test.supervisor.acquire(id);
  for (const bytes of [899, 900, 950, 1200, 500, 901]) {
    await write(bytes);
    await watch.measure();
  }
  assert.deepEqual(test.logLines, ["workspace is near its size limit", "workspace is near its size limit"]);
});

Deno.test("near the limit the worker says what counts: room of dropped tables does not, also when the worker has ended", async () => {
  await using test = await makeTestWorkspaces();
  const { id, asked, state, watch, write, size } = await setUp(test);
  await test.supervisor.acquire(id);
  await write(800);
  await watch.measure();
  assert.deepEqual([size(), asked.length], [800, 0]);
  await write(1100);
  await watch.measure();
  assert.deepEqual([size(), asked.length], [1100, 1], "without an answer the file counts");
  state.countedBytes = 300;
  await watch.measure();
  assert.equal(size(), 300);
  await test.supervisor.stopWorkspace(id);
  await watch.measure();
  assert.deepEqual([size(), asked.length], [300, 2]);
});
