/**
 * Keeps a workspace that cannot start from starting again and again: each try costs a process. Counts failures in a
 * sliding window; the clock is a parameter.
 */
import { AppError } from "../errors/app_error.ts";

/** Beyond this many failing workspaces the oldest is forgotten; it only loses its brake. */
const workspacesMax = 1_000;

export class StartFailures {
  readonly #failures = new Map<string, { readonly atMs: number[]; detail: string }>();

  constructor(
    private readonly failuresMax: number,
    private readonly windowMs: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Throws `worker_lost`, which names the workspace, the last failure and the time to wait, while it may not start. */
  check(workspaceId: string): void {
    const entry = this.#failures.get(workspaceId);
    if (entry === undefined) return;
    const now = this.nowMs();
    const recent = entry.atMs.filter((atMs) => now - atMs < this.windowMs);
    if (recent.length === 0) this.#failures.delete(workspaceId);
    const oldest = recent.at(-this.failuresMax);
    if (oldest === undefined) return;
    const waitSeconds = Math.max(1, Math.ceil((oldest + this.windowMs - now) / 1000));
    throw new AppError(
      "worker_lost",
      `the process of workspace ${workspaceId} failed to start ${recent.length} times within ` +
        `${Math.round(this.windowMs / 1000)} s: ${entry.detail}`,
      { hint: `The workspace is tried again in ${waitSeconds} s.` },
    );
  }

  /** `detail` is shown to the workspace's users. */
  record(workspaceId: string, detail: string): void {
    const now = this.nowMs();
    const earlier = this.#failures.get(workspaceId)?.atMs ?? [];
    this.#failures.delete(workspaceId);
    this.#failures.set(workspaceId, {
      atMs: [...earlier.filter((atMs) => now - atMs < this.windowMs), now].slice(-this.failuresMax),
      detail,
    });
    if (this.#failures.size > workspacesMax) {
      const [oldest] = this.#failures.keys();
      if (oldest !== undefined) this.#failures.delete(oldest);
    }
  }

  /** A start that worked ends the count. */
  clear(workspaceId: string): void {
    this.#failures.delete(workspaceId);
  }
}
