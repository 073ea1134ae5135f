/**
 * What operators and their tools ask, without a key: metrics and health. `/live` says that the process answers,
 * `/ready` that it can do its work (a load balancer sends nothing until then), `/api/v1/health` shows each check to a
 * person and to Perses' command line, `/metrics/health` the metadata database's figures to Prometheus.
 */
import { createRoute, type RouteConfig, z } from "@hono/zod-openapi";
import { AppError } from "../../errors/app_error.ts";
import {
  databaseTimeoutMs,
  type HealthSources,
  measureHealth,
  renderDatabaseFigures,
} from "../../observability/health.ts";
import type { Metrics } from "../../observability/metrics.ts";
import { type EiderApp, jsonAnswer, type RouteModule } from "../app.ts";
import type { LogPort } from "../problem.ts";

/** One thing that must work; rejects with the reason when it does not. */
export interface HealthCheck {
  readonly name: string;
  run(): Promise<void>;
}

export interface OperationsDependencies {
  readonly metrics: Pick<Metrics, "render" | "contentType">;
  readonly checks: readonly HealthCheck[];
  readonly health: HealthSources;
  readonly version: string;
  readonly build: { readonly time: string; readonly commit: string };
  /** Milliseconds since the server's start. */
  readonly uptimeMs: () => number;
  readonly log: LogPort;
  /** A check that takes longer has failed. */
  readonly checkTimeoutMs?: number;
}

/** The parts of the server that must work before it is ready. */
export interface ServerParts {
  /** `MetadataPool.ping`. */
  pingMetadata(): Promise<void>;
  /** Whether the supervisor still starts workers. */
  workersAvailable(): boolean;
  /** Whether the PostgreSQL port is bound. */
  postgresListening(): boolean;
  /** Whether the server is stopping. */
  isDraining(): boolean;
}

/** The server's checks, by the names that `/ready` shows. */
export function serverChecks(parts: ServerParts): HealthCheck[] {
  const state = (name: string, works: () => boolean, otherwise: string): HealthCheck => ({
    name,
    run: () => works() ? Promise.resolve() : Promise.reject(new AppError("starting_up", otherwise)),
  });
  return [
    { name: "metadata", run: () => parts.pingMetadata() },
    state("workers", () => parts.workersAvailable(), "workers are not started: the server is starting or stopping"),
    state("postgres", () => parts.postgresListening(), "the PostgreSQL port is not open"),
    state("draining", () => !parts.isDraining(), "the server is stopping: it takes no new work"),
  ];
}

const checkSchema = z.object({ status: z.enum(["ok", "failed"]), reason: z.string().optional() });
type CheckResult = z.infer<typeof checkSchema>;

const statusSchema = z.enum(["ok", "unavailable"]);
const liveSchema = z.object({ status: z.literal("ok") }).openapi("Live");
const readySchema = z.object({ status: statusSchema, checks: z.record(z.string(), checkSchema) }).openapi("Readiness");
const healthStatusSchema = z.enum(["healthy", "degraded", "unhealthy"]);
const partSchema = <Details extends z.ZodRawShape>(details: Details) =>
  z.object({ status: healthStatusSchema, message: z.string().optional(), details: z.object(details) });
const healthSchema = z.object({
  status: healthStatusSchema,
  timestamp: z.string(),
  version: z.string(),
  buildTime: z.string().openapi({ description: "Empty when unknown." }),
  commit: z.string().openapi({ description: "Empty when unknown." }),
  database: z.boolean().openapi({ description: "Whether the metadata database answers." }),
  uptime_seconds: z.number(),
  checks: z.object({
    database: partSchema({
      open_connections: z.number(),
      idle_connections: z.number(),
      in_use_connections: z.number(),
      wait_count: z.number(),
    }).extend({ response_time_ms: z.number() }),
    workers: partSchema({
      active: z.number(),
      spare: z.number(),
      memory_budget_bytes: z.number(),
      memory_granted_bytes: z.number(),
    }),
    disk: partSchema({ total_bytes: z.number(), free_bytes: z.number(), free_percent: z.number() }),
  }),
}).openapi("Health");

/** Probes come every few seconds from several places; an answer kept by a proxy would be a wrong one. */
const uncached = { "cache-control": "no-store" };

/** Adds `/metrics`, `/metrics/health`, `/live`, `/ready` and `/api/v1/health`. */
export function operationsRoutes(dependencies: OperationsDependencies): RouteModule {
  return (app: EiderApp) => {
    app.openapi(
      publicRoute("/metrics", "Metrics in Prometheus' text format", {
        200: { content: { "text/plain": { schema: z.string() } }, description: "All metrics" },
      }),
      async (context) =>
        context.text(await dependencies.metrics.render(), 200, { "Content-Type": dependencies.metrics.contentType }),
    );

    app.openapi(
      publicRoute("/metrics/health", "The metadata database's health in Prometheus' text format", {
        200: { content: { "text/plain": { schema: z.string() } }, description: "Seven figures" },
      }),
      async (context) =>
        context.text(await renderDatabaseFigures(dependencies.health), 200, {
          "Content-Type": dependencies.metrics.contentType,
          ...uncached,
        }),
    );

    app.openapi(
      publicRoute("/live", "Whether the process answers", { 200: jsonAnswer(liveSchema, "It does") }),
      (context) => context.json({ status: "ok" as const }, 200, uncached),
    );

    app.openapi(
      publicRoute("/ready", "Whether the server can do its work", {
        200: jsonAnswer(readySchema, "It can"),
        503: jsonAnswer(readySchema, "It cannot; the failed checks say why"),
      }),
      async (context) => {
        const readiness = await runChecks(dependencies);
        return context.json(readiness, readiness.status === "ok" ? 200 : 503, uncached);
      },
    );

    app.openapi(
      publicRoute("/api/v1/health", "The server's health, check by check", {
        200: jsonAnswer(healthSchema, "Healthy, or degraded: it works but needs attention"),
        503: jsonAnswer(healthSchema, "Unhealthy: something does not work"),
      }),
      async (context) => {
        const report = await measureHealth(dependencies.health);
        const { status, timestamp, checks } = report;
        if (status !== "healthy") dependencies.log.warn(`server is ${status}`, { checks });
        const health = {
          status,
          timestamp,
          version: dependencies.version,
          buildTime: dependencies.build.time,
          commit: dependencies.build.commit,
          database: checks.database.status !== "unhealthy",
          uptime_seconds: Math.floor(dependencies.uptimeMs() / 1000),
          checks,
        };
        return context.json(health, status === "unhealthy" ? 503 : 200, uncached);
      },
    );
  };
}

function publicRoute<const Path extends string, const Responses extends RouteConfig["responses"]>(
  path: Path,
  summary: string,
  responses: Responses,
) {
  return createRoute({ method: "get", path, summary, tags: ["Operations"], security: [], responses });
}

async function runChecks(dependencies: OperationsDependencies): Promise<z.infer<typeof readySchema>> {
  const results = await Promise.all(
    dependencies.checks.map(async (check) => [check.name, await runCheck(check, dependencies)] as const),
  );
  const isOk = results.every(([, result]) => result.status === "ok");
  return { status: isOk ? "ok" : "unavailable", checks: Object.fromEntries(results) };
}

async function runCheck(check: HealthCheck, dependencies: OperationsDependencies): Promise<CheckResult> {
  const timeoutMs = dependencies.checkTimeoutMs ?? databaseTimeoutMs;
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new AppError("timeout", `no answer within ${timeoutMs / 1000} s`)),
    timeoutMs,
  );
  try {
    await Promise.race([check.run(), late.promise]);
    return { status: "ok" };
  } catch (error) {
    dependencies.log.warn("health check failed", { check: check.name, error: String(error) });
    // Anybody can ask; only texts that were written for clients go out.
    return { status: "failed", reason: error instanceof AppError ? error.message : "failed; the log has the cause" };
  } finally {
    clearTimeout(timer);
  }
}
