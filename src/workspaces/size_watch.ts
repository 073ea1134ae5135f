/**
 * The workspaces' sizes, often enough to warn before one is full: files of running workspaces are measured each time (only
 * a worker makes them grow), the others once, at the start and after their worker has ended.
 */
import type { WorkspaceRecord, WorkspaceRepository } from "./types.ts";
import { workspaceSizeBytes } from "./workspace_files.ts";

const bytesPerGb = 1e9;

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
  runningIds(): Iterable<string>;
  /** Gets all workspaces that exist, also those that were not measured now. */
  onMeasured(workspaces: readonly MeasuredWorkspace[]): void;
}

export class SizeWatch {
  readonly #options: SizeWatchOptions;
  /** Running at the last measuring; null before the first. */
  #wereRunning: ReadonlySet<string> | null = null;

  constructor(options: SizeWatchOptions) {
    this.#options = options;
  }

  /** One measuring. Sizes that changed are kept in the store. */
  async measure(): Promise<void> {
    const { repository, dataDirectory, runningIds, onMeasured } = this.#options;
    const running = new Set(runningIds());
    const wereRunning = this.#wereRunning;
    const needsMeasuring = (id: string) => wereRunning === null || running.has(id) || wereRunning.has(id);
    const workspaces = await repository.all();
    const measured: MeasuredWorkspace[] = [];
    const changed: { id: string; sizeBytes: number }[] = [];
    for (const workspace of workspaces) {
      const sizeBytes = needsMeasuring(workspace.id)
        ? await workspaceSizeBytes(dataDirectory, workspace)
        : workspace.sizeBytes;
      if (sizeBytes !== workspace.sizeBytes) changed.push({ id: workspace.id, sizeBytes });
      measured.push(toMeasured(workspace, sizeBytes));
    }
    if (changed.length > 0) await repository.updateSizes(changed);
    this.#wereRunning = running;
    onMeasured(measured);
  }
}

function toMeasured(workspace: WorkspaceRecord, sizeBytes: number): MeasuredWorkspace {
  return {
    workspaceId: workspace.id,
    projectId: workspace.projectId,
    sizeBytes,
    limitBytes: Math.round(workspace.sizeLimitGb * bytesPerGb),
  };
}
