import assert from "node:assert/strict";
import type { StorageJob } from "../ipc/messages.ts";
import { makeGate, startSupervisor } from "./testdata/support.ts";

function job(sourcePath: string): StorageJob {
  return { job: "preview", source_path: sourcePath, limit: 1 };
}

async function processOf(running: Promise<unknown>): Promise<number> {
  return (await running as { pid: number }).pid;
}

Deno.test("storage jobs one after the other use one process, jobs at once use two, and no more", async () => {
  await using supervisor = await startSupervisor();
  await using gate = await makeGate();
  const first = await processOf(supervisor.runStorageJob(job("a")));
  assert.equal(await processOf(supervisor.runStorageJob(job("b"))), first);
  const running = [1, 2].map(() => processOf(supervisor.runStorageJob(job(gate.path))));
  const third = processOf(supervisor.runStorageJob(job("c")));
  await gate.begun(2);
  gate.open();
  const used = new Set(await Promise.all(running));
  assert.equal(used.size, 2);
  assert.ok(used.has(first));
  assert.ok(used.has(await third));
});

Deno.test("a full queue refuses a storage job with too_many_requests", async () => {
  await using supervisor = await startSupervisor({ config: { storageProcessesMax: 1, storageQueueMax: 2 } });
  await using gate = await makeGate();
  const jobs = [1, 2, 3].map(() => supervisor.runStorageJob(job(gate.path)));
  await assert.rejects(supervisor.runStorageJob(job("x")), { kind: "too_many_requests" });
  for (let count = 1; count <= 3; count++) {
    await gate.begun(count);
    gate.open();
  }
  await Promise.all(jobs);
});

Deno.test("a storage process killed in a job fails that job with worker_lost, and the next job runs", async () => {
  await using supervisor = await startSupervisor();
  await assert.rejects(supervisor.runStorageJob(job("kill")), {
    kind: "worker_lost",
    message: "the preview job did not finish: the workspace process ended: signal SIGKILL",
  });
  await processOf(supervisor.runStorageJob(job("a")));
  const exit = await supervisor.exit(() => true);
  assert.deepEqual([exit.kind, exit.workspaceId, exit.reason], ["storage", null, "crashed"]);
});

Deno.test("a job's own error keeps its kind and its process", async () => {
  await using supervisor = await startSupervisor();
  const processId = await processOf(supervisor.runStorageJob(job("a")));
  await assert.rejects(supervisor.runStorageJob(job("fail")), { kind: "import_failed", message: /line 3/ });
  assert.equal(await processOf(supervisor.runStorageJob(job("b"))), processId);
});

Deno.test("files of running and waiting jobs are in use until the job ends", async () => {
  await using supervisor = await startSupervisor({ config: { storageProcessesMax: 1 } });
  await using gate = await makeGate();
  const running = supervisor.runStorageJob(job(gate.path));
  const waiting = supervisor.runStorageJob(job("orders.v1"));
  await gate.begun(1);
  assert.deepEqual([...supervisor.filesInUse()].sort(), ["orders.v1", gate.path].sort());
  gate.open();
  await Promise.all([running, waiting]);
  assert.deepEqual([...supervisor.filesInUse()], []);
});

Deno.test("a storage process ends when it has been idle, and after its share of jobs", async () => {
  await using supervisor = await startSupervisor({ config: { storageIdleMs: 20, storageJobsPerProcess: 2 } });
  const first = await processOf(supervisor.runStorageJob(job("a")));
  const idle = await supervisor.exit(({ processId }) => processId === first);
  assert.deepEqual([idle.reason, idle.exitCode], ["idle", 0]);
  await using patient = await startSupervisor({ config: { storageJobsPerProcess: 2 } });
  const second = await processOf(patient.runStorageJob(job("a")));
  assert.equal(await processOf(patient.runStorageJob(job("b"))), second);
  const retired = await patient.exit(({ processId }) => processId === second);
  assert.deepEqual([retired.reason, retired.exitCode], ["retired", 0]);
  assert.notEqual(await processOf(patient.runStorageJob(job("c"))), second);
});

Deno.test("close lets a running job finish and refuses the waiting ones", async () => {
  const supervisor = await startSupervisor({ config: { storageProcessesMax: 1 } });
  await using gate = await makeGate();
  const running = supervisor.runStorageJob(job(gate.path));
  const refused = assert.rejects(supervisor.runStorageJob(job("x")), { kind: "shutting_down" });
  await gate.begun(1);
  const closing = supervisor.close(60_000);
  await refused;
  gate.open();
  assert.ok((await processOf(running)) > 0);
  await closing;
});

Deno.test("close kills a job that does not finish in time", async () => {
  const supervisor = await startSupervisor();
  await using gate = await makeGate();
  const lost = assert.rejects(supervisor.runStorageJob(job(gate.path)), { kind: "worker_lost", message: /shutdown/ });
  await gate.begun(1);
  await supervisor.close(10);
  await lost;
});
