/**
 * Tells running workers when tables of their project or branch have changed, so that open workspaces see a new version at
 * their next transaction. Several changes in a row make one push; a push that fails is retried with the next change, and
 * a worker that starts later gets the present catalog anyhow.
 */
import type { ProjectCatalog } from "../ipc/messages.ts";
import type { Logger } from "../observability/log.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import type { WorkspaceRepository } from "../workspaces/types.ts";

type ReadCatalog = (projectId: string, branchId: string | null) => Promise<ProjectCatalog>;

/** A worker that hangs must not hold an import's answer; the supervisor finds and replaces it. */
const pushTimeoutMs = 5_000;

export class CatalogPush {
  readonly #supervisor: () => Supervisor;
  readonly #logger: Logger;
  readonly #running = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  #repository: WorkspaceRepository | null = null;
  #readCatalog: ReadCatalog | null = null;

  constructor(supervisor: () => Supervisor, logger: Logger) {
    this.#supervisor = supervisor;
    this.#logger = logger;
  }

  connect(repository: WorkspaceRepository, readCatalog: ReadCatalog): void {
    this.#repository = repository;
    this.#readCatalog = readCatalog;
  }

  /** Resolves when the running workers know; the import that caused it waits for that before it answers. */
  async changed(projectId: string, branchId: string | null): Promise<void> {
    const key = `${projectId}\u0000${branchId ?? ""}`;
    const running = this.#running.get(key);
    if (running !== undefined) {
      // The push under way may have read the catalog before this change: one more follows it.
      this.#again.add(key);
      await running;
      if (!this.#again.delete(key)) return await this.#running.get(key);
    }
    const push = this.#push(projectId, branchId).finally(() => this.#running.delete(key));
    this.#running.set(key, push);
    await push;
  }

  async #push(projectId: string, branchId: string | null): Promise<void> {
    if (this.#repository === null || this.#readCatalog === null) return;
    try {
      const workers = this.#supervisor().runningWorkspaces();
      if (workers.length === 0) return;
      const workspaces = await Promise.all(workers.map((worker) => this.#repository?.find(worker.workspaceId)));
      const concerned = workspaces.filter((workspace) =>
        workspace?.projectId === projectId && workspace.branchId === branchId
      );
      if (concerned.length === 0) return;
      const catalog = await this.#readCatalog(projectId, branchId);
      const pushes = Promise.all(
        concerned.map((workspace) =>
          workspace === null || workspace === undefined
            ? undefined
            : this.#supervisor().refreshCatalog(workspace.id, catalog)
        ),
      );
      await within(pushes, pushTimeoutMs);
    } catch (error) {
      this.#logger.warn("running workspaces were not told of changed tables", {
        project_id: projectId,
        branch_id: branchId,
        error: String(error),
      });
    }
  }
}

async function within(work: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
