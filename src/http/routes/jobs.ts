/** Routes of the background jobs, for the server's administrator: what there is, and one run now. */
import { createRoute, z } from "@hono/zod-openapi";
import type { JobRun, JobRunner, JobStatus } from "../../jobs/job_runner.ts";
import { jsonAnswer, problemAnswer, type RouteModule } from "../app.ts";
import { requireAdministrator } from "../auth.ts";
import { renderTime } from "./workspaces_schemas.ts";

const tags = ["internal"];

const jobRunSchema = z.object({
  job: z.string(),
  trigger: z.enum(["schedule", "administrator"]),
  status: z.enum(["succeeded", "failed"]),
  started_at: z.string(),
  duration_ms: z.number(),
  result: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()]))
    .openapi({ description: "What the run did, in figures of the job." }),
  error: z.string().nullable(),
}).openapi("JobRun");

const jobSchema = z.object({
  name: z.string().openapi({ example: "version_garbage" }),
  description: z.string(),
  interval_seconds: z.number(),
  running: z.boolean(),
  last_run: jobRunSchema.nullable(),
  last_success_at: z.string().nullable(),
  next_run_at: z.string().nullable(),
  runs: z.number().int().openapi({ description: "Since the server's start." }),
  failures: z.number().int(),
}).openapi("Job");

/** Adds `GET /internal/jobs` and `POST /internal/jobs/{name}/run`. */
export function jobRoutes(runner: Pick<JobRunner, "list" | "runNow">): RouteModule {
  return (app) => {
    app.openapi(
      createRoute({
        method: "get",
        path: "/internal/jobs",
        tags,
        summary: "The background jobs with their last and next run",
        responses: {
          200: jsonAnswer(z.object({ items: z.array(jobSchema), next_cursor: z.null() }), "All of them"),
          ...problemAnswer,
        },
      }),
      (context) => {
        requireAdministrator(context);
        return context.json({ items: runner.list().map(renderJob), next_cursor: null }, 200);
      },
    );
    app.openapi(
      createRoute({
        method: "post",
        path: "/internal/jobs/{name}/run",
        tags,
        summary: "Run a background job once, now; answers when it has ended",
        request: { params: z.object({ name: z.string() }) },
        responses: { 200: jsonAnswer(jobRunSchema, "It has ended; `status` says how"), ...problemAnswer },
      }),
      async (context) => {
        requireAdministrator(context);
        return context.json(renderRun(await runner.runNow(context.req.valid("param").name)), 200);
      },
    );
  };
}

function renderRun(run: JobRun) {
  return {
    job: run.job,
    trigger: run.trigger,
    status: run.status,
    started_at: renderTime(run.startedAtMs),
    duration_ms: run.durationMs,
    result: run.result,
    error: run.error,
  };
}

function renderJob(job: JobStatus) {
  return {
    name: job.name,
    description: job.description,
    interval_seconds: job.intervalMs / 1000,
    running: job.running,
    last_run: job.lastRun === null ? null : renderRun(job.lastRun),
    last_success_at: job.lastSuccessAtMs === null ? null : renderTime(job.lastSuccessAtMs),
    next_run_at: job.nextRunAtMs === null ? null : renderTime(job.nextRunAtMs),
    runs: job.runCount,
    failures: job.failureCount,
  };
}
