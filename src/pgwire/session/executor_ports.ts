/** What an executor works with: one session's connection, settings and output, and its workspace's engine and limits. */
import type { Connection } from "../../engine/duckdb.ts";
import type { WorkspaceEngine } from "../../engine/workspace_engine.ts";
import type { SessionSettings } from "../../sql/settings.ts";
import type { SessionNotifications } from "./notifications.ts";
import type { CopyInput } from "./copy_input.ts";
import type { SessionObjects } from "./session_objects.ts";
import type { SessionOutput } from "./output.ts";
import type { RateLimit } from "./rate_limit.ts";
import type { ResultLimits } from "./results.ts";
import type { SlowPlans } from "./slow_plans.ts";

export interface ExecutorPorts {
  readonly backendProcessId: number;
  readonly engine: WorkspaceEngine;
  readonly connection: Connection;
  readonly settings: SessionSettings;
  readonly objects: SessionObjects;
  readonly output: SessionOutput;
  readonly limits: () => ResultLimits;
  readonly rateLimit: RateLimit;
  readonly notifications: SessionNotifications;
  readonly spoolDirectory: string;
  readonly plans: SlowPlans;
  /** What the client sends during COPY FROM STDIN. */
  readonly copyInput: CopyInput;
  readonly now: () => number;
  readonly notice: (severity: "NOTICE" | "WARNING", sqlstate: string, message: string) => void;
}
