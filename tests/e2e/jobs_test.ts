/** Background jobs as an administrator sees them: the list, one run on request, their metrics. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { eventually, sharedServer } from "../support/server.ts";
import { TestProject } from "../support/project.ts";

const server = sharedServer();

interface JobAnswer {
  readonly name: string;
  readonly interval_seconds: number;
  readonly last_run: { readonly status: string; readonly trigger: string } | null;
  readonly next_run_at: string | null;
  readonly runs: number;
}

async function jobNamed(name: string): Promise<JobAnswer> {
  const { items } = await server.current.rest.expect<{ items: JobAnswer[] }>(200, "GET", "/internal/jobs");
  const job = items.find((one) => one.name === name);
  ok(job !== undefined, `${name} is not among ${items.map((one) => one.name)}`);
  return job;
}

Deno.test("every job of the server can be run once, and tells what it did", async () => {
  const { rest } = server.current;
  const { items } = await rest.expect<{ items: JobAnswer[] }>(200, "GET", "/internal/jobs");
  for (const name of ["expiry", "retention", "sizes", "stale_sessions", "leftover_files", "version_garbage"]) {
    ok(items.some((job) => job.name === name), name);
  }
  for (const { name } of items) {
    // A scheduled run may be under way just now (expiry runs every second).
    const run = await eventually(`${name} runs`, async () => {
      const answer = await rest.request<{ status: string; job: string; error: null }>(
        "POST",
        `/internal/jobs/${name}/run`,
      );
      return answer.status === 409 ? undefined : answer;
    });
    equal(run.status, 200, run.text);
    deepEqual([run.body.job, run.body.status, run.body.error], [name, "succeeded", null], run.text);
  }
});

Deno.test("a run's result, times and metrics are those of the work it did", async () => {
  const { rest, dataDir } = server.current;
  const project = await TestProject.create(rest);
  const workspace = await project.workspace();
  const folder = `${dataDir}/project_${project.id}/_tmp/ws_00dead00`;
  await Deno.mkdir(folder, { recursive: true });
  const run = await rest.expect<{ result: Record<string, number>; duration_ms: number; trigger: string }>(
    200,
    "POST",
    "/internal/jobs/leftover_files/run",
  );
  deepEqual([run.result, run.trigger], [{ files_removed: 1 }, "administrator"]);
  ok(await Deno.stat(folder).then(() => false, () => true), "the folder is gone");
  const job = await jobNamed("leftover_files");
  equal(job.last_run?.status, "succeeded");
  ok(Date.parse(String(job.next_run_at)) > Date.now(), "the next run is yet to come");
  const { text } = await rest.request("GET", "/metrics");
  match(text, /^background_job_last_success_timestamp_seconds\{job="leftover_files"\} 1\d{9}/m);
  match(text, /^background_job_last_duration_seconds\{job="leftover_files"\} /m);
  match(text, /^background_job_runs_total\{job="leftover_files",status="failed"\} 0$/m);
  await project.rest.expect(200, "GET", project.workspacePath(workspace));
});

Deno.test("scheduled jobs run by themselves", async () => {
  const before = (await jobNamed("expiry")).runs;
  await eventually("expiry runs twice more", async () => (await jobNamed("expiry")).runs >= before + 2);
});

Deno.test("an unknown job is 404 with the names of all, a project's key is 403", async () => {
  const { rest } = server.current;
  const refused = await rest.request<{ code: string; detail: string }>("POST", "/internal/jobs/nope/run");
  deepEqual([refused.status, refused.body.code], [404, "not_found"]);
  match(refused.body.detail, /there are expiry, retention, sizes, stale_sessions/);
  const project = await TestProject.create(rest);
  equal((await project.rest.request("GET", "/internal/jobs")).status, 403);
  equal((await project.rest.request("POST", "/internal/jobs/expiry/run")).status, 403);
});
