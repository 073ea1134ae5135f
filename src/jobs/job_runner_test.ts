import { deepEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
import { AppError } from "../errors/app_error.ts";
import { type Job, type JobRun, JobRunner } from "./job_runner.ts";

const logger = { info: () => {}, warn: () => {}, error: () => {} };

function makeRunner(): { runner: JobRunner; runs: JobRun[] } {
  const runs: JobRun[] = [];
  return { runner: new JobRunner({ logger, now: () => 1_000_000, onRun: (run) => runs.push(run) }), runs };
}

function job(name: string, run: Job["run"], intervalMs = 1_000_000): Job {
  return { name, description: `does ${name}`, intervalMs, run };
}

Deno.test("a scheduled job runs again and again, never twice at once", async () => {
  const { runner, runs } = makeRunner();
  const enough = Promise.withResolvers<void>();
  let inside = 0;
  let count = 0;
  runner.register(job("steps", async () => {
    equal(++inside, 1);
    await Promise.resolve();
    inside -= 1;
    if (++count === 3) enough.resolve();
  }, 1));
  runner.start();
  await enough.promise;
  await runner.stop();
  ok(runs.length >= 2);
  ok(runs.every((run) => run.trigger === "schedule" && run.status === "succeeded"));
});

Deno.test("runNow gives the result and the list shows it", async () => {
  const { runner, runs } = makeRunner();
  runner.register(job("counting", () => Promise.resolve({ removed: 3 })));
  runner.start();
  deepEqual(runner.list()[0]?.lastRun, null);
  const run = await runner.runNow("counting");
  deepEqual([run.status, run.result, run.trigger, run.error], ["succeeded", { removed: 3 }, "administrator", null]);
  const [status] = runner.list();
  deepEqual(status?.lastRun, run);
  deepEqual([status?.runCount, status?.failureCount, status?.running], [1, 0, false]);
  ok(status?.nextRunAtMs !== null && status!.nextRunAtMs > 1_900_000, "its next run is one interval away");
  deepEqual(runs, [run]);
  await runner.stop();
  equal(runner.list()[0]?.nextRunAtMs, null);
});

Deno.test("a job that throws has failed, is counted, and is scheduled again", async () => {
  const { runner } = makeRunner();
  runner.register(job("broken", () => Promise.reject(new Error("no disk"))));
  runner.start();
  const run = await runner.runNow("broken");
  deepEqual([run.status, run.error], ["failed", "no disk"]);
  const [status] = runner.list();
  deepEqual([status?.failureCount, status?.lastSuccessAtMs], [1, null]);
  ok(status?.nextRunAtMs !== null);
  await runner.stop();
});

Deno.test("an unknown name is refused with the names that there are, a running job with conflict", async () => {
  const { runner } = makeRunner();
  const release = Promise.withResolvers<void>();
  runner.register(job("slow", () => release.promise));
  runner.register(job("other", () => Promise.resolve()));
  await rejects(runner.runNow("nope"), (error) => {
    ok(error instanceof AppError);
    equal(error.kind, "not_found");
    match(error.message, /"nope" does not exist; there are slow, other/);
    return true;
  });
  const first = runner.runNow("slow");
  await rejects(runner.runNow("slow"), (error) => error instanceof AppError && error.kind === "conflict");
  equal((await runner.runNow("other")).status, "succeeded", "another job is not held up");
  release.resolve();
  equal((await first).status, "succeeded");
});

Deno.test("stop tells a running job by its signal, waits for it, and nothing starts afterwards", async () => {
  const { runner, runs } = makeRunner();
  const begun = Promise.withResolvers<void>();
  runner.register(job("long", async (signal) => {
    begun.resolve();
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    return { interrupted: true };
  }));
  runner.start();
  const running = runner.runNow("long");
  await begun.promise;
  await runner.stop();
  deepEqual((await running).result, { interrupted: true });
  equal(runs.length, 1);
  await rejects(runner.runNow("long"), (error) => error instanceof AppError && error.kind === "shutting_down");
});

Deno.test("stop does not wait for ever for a job that ignores its signal", async () => {
  const { runner } = makeRunner();
  const release = Promise.withResolvers<void>();
  runner.register(job("stubborn", () => release.promise));
  const running = runner.runNow("stubborn");
  await runner.stop(1);
  release.resolve();
  await running;
});

Deno.test("two jobs of one name, or a name that is none, are a defect", () => {
  const { runner } = makeRunner();
  runner.register(job("one", () => Promise.resolve()));
  throws(() => runner.register(job("one", () => Promise.resolve())), /two jobs/);
  throws(() => runner.register(job("Not-a-name", () => Promise.resolve())), /lower case/);
});
