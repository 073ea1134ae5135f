/**
 * How much of `workspaces_memory_budget` a workspace asks for. A workspace with a memory limit of its own asks for
 * exactly that. One with the server's default asks for the default or, when memory is short, for half of what is left,
 * so that room stays for later ones, and never for less than `defaultShareBytesMin`. Whether it is given is decided by the
 * supervisor, which knows the processes and can end idle ones.
 */

/** Below this DuckDB spills so early that refusing is kinder. */
export const defaultShareBytesMin = 256_000_000;

/** A worker that was launched must show up among the running ones within this time, or its share is forgotten. */
const startGraceMs = 120_000;

/** The memory limit to launch a workspace with. `limitBytes` null: the server's default. */
export function memoryShare(request: {
  readonly limitBytes: number | null;
  readonly defaultBytes: number;
  readonly budgetBytes: number;
  /** Held by others. */
  readonly takenBytes: number;
}): number {
  if (request.limitBytes !== null) return request.limitBytes;
  const halfOfRestBytes = Math.floor((request.budgetBytes - request.takenBytes) / 2);
  return Math.min(request.defaultBytes, Math.max(halfOfRestBytes, defaultShareBytesMin));
}

interface Share {
  readonly bytes: number;
  readonly sinceMs: number;
}

export interface MemoryBudgetOptions {
  readonly budgetBytes: number;
  readonly defaultBytes: number;
  isRunning(workspaceId: string): boolean;
  now(): number;
}

/** The shares of workspaces whose worker runs or is being started. */
export class MemoryBudget {
  readonly #options: MemoryBudgetOptions;
  readonly #shares = new Map<string, Share>();

  constructor(options: MemoryBudgetOptions) {
    this.#options = options;
  }

  /** The memory limit to launch a workspace with, noted as its share. */
  launch(workspaceId: string, limitBytes: number | null): number {
    const { budgetBytes, defaultBytes } = this.#options;
    const bytes = memoryShare({ limitBytes, defaultBytes, budgetBytes, takenBytes: this.takenBytes(workspaceId) });
    this.#shares.set(workspaceId, { bytes, sinceMs: this.#options.now() });
    return bytes;
  }

  /** A new memory limit for a running workspace, noted as its share; null, and no change, when it does not fit. */
  resize(workspaceId: string, limitBytes: number | null): number | null {
    const present = this.#shares.get(workspaceId);
    const takenBytes = this.takenBytes(workspaceId);
    const { budgetBytes, defaultBytes } = this.#options;
    const bytes = memoryShare({ limitBytes, defaultBytes, budgetBytes, takenBytes });
    if (takenBytes + bytes > budgetBytes && bytes > (present?.bytes ?? 0)) return null;
    this.#shares.set(workspaceId, { bytes, sinceMs: this.#options.now() });
    return bytes;
  }

  /** What a running workspace has, or undefined when it was not launched here. */
  shareOf(workspaceId: string): number | undefined {
    return this.#shares.get(workspaceId)?.bytes;
  }

  /** Held by living workers, without one workspace's. */
  takenBytes(exceptWorkspaceId?: string): number {
    let total = 0;
    for (const [workspaceId, share] of this.#shares) {
      if (!this.isHeld(workspaceId)) this.#shares.delete(workspaceId);
      else if (workspaceId !== exceptWorkspaceId) total += share.bytes;
    }
    return total;
  }

  /** Whether the workspace has a worker or may be about to get one. */
  isHeld(workspaceId: string): boolean {
    if (this.#options.isRunning(workspaceId)) return true;
    const share = this.#shares.get(workspaceId);
    return share !== undefined && share.sinceMs >= this.#options.now() - startGraceMs;
  }

  release(workspaceId: string): void {
    this.#shares.delete(workspaceId);
  }
}
