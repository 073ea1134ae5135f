/** The background jobs of this server: which there are, how often each runs, and what a run tells of itself. */
import type { Config } from "../config/config.ts";
import type { Job } from "../jobs/job_runner.ts";
import type { Storage } from "../storage/storage.ts";
import type { WorkspaceJobs } from "../workspaces/jobs.ts";
import type { SizeWatch } from "../workspaces/size_watch.ts";

/** Expiry is noticed within a second; while no worker and no session lives the run costs nothing. */
const expiryIntervalMs = 1_000;
const trimIntervalMs = 30_000;
const sizeIntervalMs = 10_000;

export interface ServerJobParts {
  readonly config: Config;
  readonly workspaceJobs: WorkspaceJobs;
  readonly storage: Storage;
  readonly sizes: SizeWatch;
  /** Null where the C library cannot. */
  readonly trimMemory: (() => void) | null;
}

/** Other areas' jobs (audit, tokens, dashboards) are registered beside these in `server.ts`. */
export function serverJobs(parts: ServerJobParts): Job[] {
  const { workspaceJobs, storage, trimMemory } = parts;
  const cleanupIntervalMs = parts.config.sessionCleanupIntervalSeconds * 1000;
  const jobs: Job[] = [
    {
      name: "expiry",
      description: "ends sessions and processes of expired workspaces",
      intervalMs: expiryIntervalMs,
      run: async () => ({ workspaces_ended: await workspaceJobs.expire() }),
    },
    {
      name: "retention",
      description: "deletes expired workspaces whose workspace_expired_retention_hours are over",
      intervalMs: cleanupIntervalMs,
      run: async () => ({ workspaces_deleted: await workspaceJobs.removeExpired() }),
    },
    {
      name: "sizes",
      description:
        "measures the files of running workspaces and of those that ended since, for the alert on their size",
      intervalMs: Math.min(sizeIntervalMs, parts.config.alertWindowSeconds * 300),
      run: async () => {
        const { measured, changed } = await parts.sizes.measure();
        return { workspaces_measured: measured, workspaces_changed: changed };
      },
    },
    {
      name: "stale_sessions",
      description: "closes sessions whose process is gone, ends idle ones, forgets those that ended 30 days ago",
      intervalMs: cleanupIntervalMs,
      run: async () => {
        const { stale, idle, forgotten } = await workspaceJobs.cleanUpSessions();
        return { sessions_closed: stale, sessions_idle_ended: idle, sessions_forgotten: forgotten };
      },
    },
    {
      name: "leftover_files",
      description: "removes spill folders without a process and files of workspaces that do not exist",
      intervalMs: cleanupIntervalMs,
      run: async () => ({ files_removed: await workspaceJobs.removeLeftoverFiles() }),
    },
    {
      name: "version_garbage",
      description: "removes table versions beyond the restore window and files that nothing refers to",
      intervalMs: cleanupIntervalMs,
      run: async () => {
        const { versionsRemoved, filesRemoved } = await storage.cleanUp();
        return { versions_removed: versionsRemoved, files_removed: filesRemoved };
      },
    },
  ];
  if (trimMemory !== null) {
    jobs.push({
      name: "memory_trim",
      description: "gives memory that the server has freed back to the system",
      intervalMs: trimIntervalMs,
      run: () => Promise.resolve(trimMemory()),
    });
  }
  return jobs;
}
