/**
 * What operators and their tools ask, without a key: metrics and health. `/live` says that the process answers,
 * `/ready` that it can do its work (a load balancer sends nothing until then), `/api/v1/health` shows each check to a
 * person, `/metrics/health` that the metrics can be read.
 */
import { createRoute, type RouteConfig, z } from "@hono/zod-openapi";
import { AppError } from "../../errors/app_error.ts";
import type { Metrics } from "../../observability/metrics.ts";
import { type EiderApp, jsonAnswer, type RouteModule } from "../app.ts";
import type { LogPort } from "../problem.ts";

/** One thing that must work; rejects with the reason when it does not. */
export interface HealthCheck {
  readonly name: string;
  run(): Promise<void>;
}

export interface OperationsDependencies {
  readonly metrics: Pick<Metrics, "render" | "contentType" | "metricCount">;
  readonly checks: readonly HealthCheck[];
  readonly version: string;
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
}

/** The server's three checks, by the names that `/ready` and `/api/v1/health` show. */
export function serverChecks(parts: ServerParts): HealthCheck[] {
  const state = (name: string, works: () => boolean, otherwise: string): HealthCheck => ({
    name,
    run: () => works() ? Promise.resolve() : Promise.reject(new AppError("starting_up", otherwise)),
  });
  return [
    { name: "metadata", run: () => parts.pingMetadata() },
    state("workers", () => parts.workersAvailable(), "workers are not started: the server is starting or stopping"),
    state("postgres", () => parts.postgresListening(), "the PostgreSQL port is not open"),
  ];
}

const checkSchema = z.object({ status: z.enum(["ok", "failed"]), reason: z.string().optional() });
type CheckResult = z.infer<typeof checkSchema>;

const statusSchema = z.enum(["ok", "unavailable"]);
const liveSchema = z.object({ status: z.literal("ok") }).openapi("Live");
const readySchema = z.object({ status: statusSchema, checks: z.record(z.string(), checkSchema) }).openapi("Readiness");
const healthSchema = readySchema.extend({ version: z.string(), uptime_seconds: z.number() }).openapi("Health");
const metricsHealthSchema = z.object({
  status: statusSchema,
  metrics: z.number().int().openapi({ description: "How many metrics there are." }),
}).openapi("MetricsHealth");

const defaultCheckTimeoutMs = 5_000;
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
      publicRoute("/metrics/health", "Whether the metrics can be read", {
        200: jsonAnswer(metricsHealthSchema, "They can"),
        503: jsonAnswer(metricsHealthSchema, "They cannot"),
      }),
      async (context) => {
        const { metrics, log } = dependencies;
        try {
          await metrics.render();
          return context.json({ status: "ok" as const, metrics: metrics.metricCount }, 200, uncached);
        } catch (error) {
          log.error("metrics cannot be read", { error: String(error) });
          return context.json({ status: "unavailable" as const, metrics: metrics.metricCount }, 503, uncached);
        }
      },
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
        200: jsonAnswer(healthSchema, "All is well"),
        503: jsonAnswer(healthSchema, "Something does not work"),
      }),
      async (context) => {
        const readiness = await runChecks(dependencies);
        const health = {
          ...readiness,
          version: dependencies.version,
          uptime_seconds: Math.floor(dependencies.uptimeMs() / 1000),
        };
        return context.json(health, readiness.status === "ok" ? 200 : 503, uncached);
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
  const timeoutMs = dependencies.checkTimeoutMs ?? defaultCheckTimeoutMs;
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
