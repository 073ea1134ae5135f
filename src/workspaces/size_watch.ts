/**
 * The workspaces' sizes, often enough to warn before one is full: files of running workspaces are measured each time (only
 * a worker makes them grow), the others once, at the start and after their worker has ended.
 *
 * Near its limit a file may be mostly free blocks of dropped tables, which do not count. Only the worker knows, so it is asked
 * then; what it said holds on when it has ended.
 */
import { sizeLimitBytes } from "./limits.ts";
import type { WorkspaceLogger, WorkspaceRecord, WorkspaceRepository } from "./types.ts";
import { workspaceSizeBytes } from "./workspace_files.ts";

/** From this share of its size limit on a workspace is said to be near it. */
const sizeWarningShare = 0.9;

export interface MeasuredWorkspace {
  readonly workspaceId: string;
  readonly projectId: string;
  readonly sizeBytes: number;
  readonly limitBytes: number;
}

export interface SizeWatchOptions {
  readonly repository: Pick<WorkspaceRepository, "all" | "updateSizes">;
  /** Absolute path. */
  readonly dataDirectory: string;
  readonly logger: WorkspaceLogger;
  runningIds(): Iterable<string>;
  /** What a workspace's running worker says that counts against the limit; null without an answer. */
  countedBytes(workspaceId: string): Promise<number | null>;
  /** Gets all workspaces that exist, also those that were not measured now. */
  onMeasured(workspaces: readonly MeasuredWorkspace[]): void;
}

export class SizeWatch {
  readonly #options: SizeWatchOptions;
  /** Running at the last measuring; null before the first. */
  #wereRunning: ReadonlySet<string> | null = null;
  readonly #nearLimit = new Set<string>();

  constructor(options: SizeWatchOptions) {
    this.#options = options;
  }

  /** One measuring. Sizes that changed are kept in the store. Gives how many were measured and changed. */
  async measure(): Promise<{ measured: number; changed: number }> {
    const { repository, runningIds, onMeasured } = this.#options;
    const running = new Set(runningIds());
    const wereRunning = this.#wereRunning;
    const needsMeasuring = (id: string) => wereRunning === null || running.has(id) || wereRunning.has(id);
    const workspaces = await repository.all();
    const seen: MeasuredWorkspace[] = [];
    const changed: { id: string; sizeBytes: number }[] = [];
    let measured = 0;
    for (const workspace of workspaces) {
      let sizeBytes = workspace.sizeBytes;
      if (needsMeasuring(workspace.id)) {
        measured += 1;
        sizeBytes = await this.#measureOne(workspace, running.has(workspace.id));
      }
      if (sizeBytes !== workspace.sizeBytes) changed.push({ id: workspace.id, sizeBytes });
      seen.push(toMeasured(workspace, sizeBytes));
    }
    if (changed.length > 0) await repository.updateSizes(changed);
    this.#wereRunning = running;
    this.#noteLimits(seen);
    onMeasured(seen);
    return { measured, changed: changed.length };
  }

  async #measureOne(workspace: WorkspaceRecord, isRunning: boolean): Promise<number> {
    const { dataDirectory, countedBytes, logger } = this.#options;
    try {
      const sizeBytes = await workspaceSizeBytes(dataDirectory, workspace);
      if (sizeBytes < sizeWarningShare * sizeLimitBytes(workspace)) return sizeBytes;
      const counted = isRunning ? await countedBytes(workspace.id) : workspace.sizeBytes || null;
      return Math.min(sizeBytes, counted ?? sizeBytes);
    } catch (error) {
      logger.warn("a workspace could not be measured", { workspace_id: workspace.id, error: `${error}` });
      return workspace.sizeBytes;
    }
  }

  /** Says once that a workspace has come near its limit, and once that it is below again. */
  #noteLimits(workspaces: readonly MeasuredWorkspace[]): void {
    const present = new Set<string>();
    for (const { workspaceId, projectId, sizeBytes, limitBytes } of workspaces) {
      present.add(workspaceId);
      const isNear = sizeBytes >= sizeWarningShare * limitBytes;
      if (isNear === this.#nearLimit.has(workspaceId)) continue;
      const fields = {
        workspace_id: workspaceId,
        project_id: projectId,
        size_bytes: sizeBytes,
        size_limit_bytes: limitBytes,
      };
      if (isNear) {
        this.#nearLimit.add(workspaceId);
        this.#options.logger.warn("workspace is near its size limit", fields);
      } else {
        this.#nearLimit.delete(workspaceId);
        this.#options.logger.info("workspace is below its size limit again", fields);
      }
    }
    for (const id of this.#nearLimit) if (!present.has(id)) this.#nearLimit.delete(id);
  }
}

function toMeasured(workspace: WorkspaceRecord, sizeBytes: number): MeasuredWorkspace {
  return {
    workspaceId: workspace.id,
    projectId: workspace.projectId,
    sizeBytes,
    limitBytes: sizeLimitBytes(workspace),
  };
}
