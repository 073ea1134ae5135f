/** How the domain talks to workers: it sends commands and checks the answers. */
import type { z } from "zod";
import type { CommandBody, ProjectCatalog } from "../ipc/messages.ts";
import type { SupervisorPort } from "./types.ts";

export class WorkerAccess {
  /** `supervisor` is a function, because the supervisor itself is made with the service that owns this. */
  constructor(private readonly supervisor: () => SupervisorPort, private readonly stopTimeoutMs: number) {}

  isRunning(workspaceId: string): boolean {
    return this.supervisor().running(workspaceId) !== undefined;
  }

  /** Whether a process of the workspace exists, is being started, or is ending. */
  isInUse(workspaceId: string): boolean {
    return this.supervisor().isInUse(workspaceId);
  }

  /** The memory limit in force in the workspace's process; null when none runs. */
  memoryLimitBytes(workspaceId: string): number | null {
    return this.supervisor().running(workspaceId)?.memoryLimitBytes ?? null;
  }

  runningIds(): string[] {
    return this.supervisor().runningWorkspaces().map((worker) => worker.workspaceId);
  }

  /**
   * Sends a command, starting the workspace's worker when none runs, and checks the answer. With a catalog the worker
   * gets to know it first, so that the command sees the tables that were just looked at.
   */
  async call<Schema extends z.ZodType>(
    workspaceId: string,
    body: CommandBody,
    answer: Schema,
    catalog?: ProjectCatalog,
  ): Promise<z.infer<Schema>> {
    const worker = await this.supervisor().acquire(workspaceId);
    if (catalog !== undefined) await this.supervisor().refreshCatalog(workspaceId, catalog);
    return answer.parse(await worker.call(body));
  }

  /** Sends a command to the workspace's worker if one runs; gives whether one did. */
  async callRunning(workspaceId: string, body: CommandBody): Promise<boolean> {
    const worker = this.supervisor().running(workspaceId);
    if (worker === undefined) return false;
    await worker.call(body);
    return true;
  }

  /** Resolves when the workspace's process is gone and its file is closed. */
  stop(workspaceId: string): Promise<void> {
    return this.supervisor().stopWorkspace(workspaceId, this.stopTimeoutMs);
  }
}
