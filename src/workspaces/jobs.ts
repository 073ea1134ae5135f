/**
 * What has to be done for workspaces without anybody asking. Each method is one run of one job, safe to repeat and to
 * interrupt; the composition root decides when. One workspace's failure is logged and does not stop the others.
 */
import type { WorkspaceService } from "./service.ts";
import type { SessionRegistry } from "./sessions.ts";
import type { WorkspaceLogger, WorkspaceRecord, WorkspaceRepository } from "./types.ts";
import { isNotFound, workspaceExpired } from "./workspace_errors.ts";
import { findWorkspaceFiles, removeLeftover } from "./workspace_files.ts";

const millisecondsPerHour = 3_600_000;
/** A session may wait this long for its worker before it counts as left over. */
const staleSessionGraceMs = 120_000;
/** A session's process gets this much longer than the idle timeout to end it by itself. */
const idleGraceMs = 60_000;
/** How long the log of ended sessions is kept. */
const sessionRetentionMs = 30 * 24 * millisecondsPerHour;

export interface WorkspaceJobsOptions {
  readonly service: WorkspaceService;
  readonly repository: WorkspaceRepository;
  readonly sessions: SessionRegistry;
  readonly logger: WorkspaceLogger;
  /** Absolute path. */
  readonly dataDirectory: string;
  readonly expiredRetentionHours: number;
  /** 0: none. A session's own process ends it first; this is for one that no longer does. */
  readonly idleTimeoutMs: number;
  now(): number;
}

export class WorkspaceJobs {
  constructor(private readonly options: WorkspaceJobsOptions) {}

  /**
   * Once, when the supervisor exists and before the server takes connections: sessions of an earlier run are closed, and workspaces whose creation it
   * did not finish are removed, with files that belong to nothing.
   */
  async recover(): Promise<void> {
    const { repository, service, sessions } = this.options;
    const closed = await sessions.closeLeftovers();
    const unfinished = (await repository.all()).filter((workspace) => workspace.state === "creating");
    await this.#forEach(unfinished, (workspace) => service.destroy(workspace));
    const removed = await this.removeLeftoverFiles();
    if (closed + unfinished.length + removed > 0) {
      this.options.logger.info("leftovers of an earlier run removed", {
        sessions_closed: closed,
        workspaces_removed: unfinished.length,
        files_removed: removed,
      });
    }
  }

  /**
   * Ends sessions (28000) and workers of workspaces that have expired. It asks the store only while a worker or a
   * session lives, so it can run every second. Gives how many workspaces were ended.
   */
  async expire(): Promise<number> {
    const { service, sessions } = this.options;
    const served = new Set([...service.workers.runningIds(), ...sessions.workspaceIds()]);
    if (served.size === 0) return 0;
    const nowMs = this.options.now();
    const all = await this.options.repository.all();
    const expired = all.filter((workspace) => served.has(workspace.id) && workspace.expiresAtMs <= nowMs);
    await this.#forEach(expired, async (workspace) => {
      const error = workspaceExpired(workspace);
      const count = sessions.terminateAll(workspace.id, error.kind, error.message);
      await service.workers.stop(workspace.id);
      this.options.logger.info("workspace expired", { workspace_id: workspace.id, sessions_ended: count });
    });
    return expired.length;
  }

  /** Removes workspaces whose retention time after their expiry is over. Gives how many. */
  async removeExpired(): Promise<number> {
    const { repository, service, expiredRetentionHours } = this.options;
    const expiredBeforeMs = this.options.now() - expiredRetentionHours * millisecondsPerHour;
    const isOver = (workspace: WorkspaceRecord) => workspace.expiresAtMs <= expiredBeforeMs;
    const over = (await repository.all()).filter(isOver);
    await this.#forEach(over, (workspace) => service.destroy(workspace, isOver));
    return over.length;
  }

  /** Closes sessions whose worker is gone, ends those that are idle for too long, and forgets the oldest ended ones. */
  async cleanUpSessions(): Promise<{ stale: number; idle: number; forgotten: number }> {
    const { service, sessions, idleTimeoutMs } = this.options;
    const staleCount = sessions.closeStale(
      (workspaceId) => service.workers.isRunning(workspaceId),
      staleSessionGraceMs,
    );
    if (staleCount > 0) this.options.logger.warn("stale sessions closed", { sessions: staleCount });
    const idleCount = idleTimeoutMs === 0 ? 0 : sessions.endIdle(idleTimeoutMs + idleGraceMs);
    if (idleCount > 0) this.options.logger.warn("idle sessions ended by the background job", { sessions: idleCount });
    const forgotten = await sessions.prune(this.options.now() - sessionRetentionMs);
    return { stale: staleCount, idle: idleCount, forgotten };
  }

  /** Removes files of workspaces that do not exist, and spill folders without a worker. Gives how many. */
  async removeLeftoverFiles(): Promise<number> {
    const { repository, service } = this.options;
    // In this order: a workspace has its row before it has a file.
    const files = await findWorkspaceFiles(this.options.dataDirectory);
    const known = new Set((await repository.all()).map((workspace) => workspace.id));
    let removedCount = 0;
    for (const leftover of files) {
      const isOwned = leftover.kind === "file" && known.has(leftover.workspaceId);
      if (isOwned || service.workers.isInUse(leftover.workspaceId)) continue;
      try {
        await removeLeftover(leftover);
        removedCount += 1;
      } catch (error) {
        this.options.logger.warn("a leftover could not be removed", { path: leftover.path, error: `${error}` });
      }
    }
    return removedCount;
  }

  async #forEach(
    workspaces: readonly WorkspaceRecord[],
    work: (workspace: WorkspaceRecord) => Promise<void>,
  ): Promise<void> {
    for (const workspace of workspaces) {
      try {
        await work(workspace);
      } catch (error) {
        if (isNotFound(error)) continue;
        this.options.logger.warn("a job failed for a workspace", { workspace_id: workspace.id, error: `${error}` });
      }
    }
  }
}
