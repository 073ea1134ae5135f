/** Keeps the sum of running workspaces' memory limits under a ceiling, by ending idle ones and else by refusing. */
import { AppError } from "../errors/app_error.ts";
import { idleDrainMs, type WorkspaceSlot } from "./workspace_slot.ts";

/**
 * Counts `bytes` for `slot`. Ends idle workspaces, the longest unused first, until they fit; throws
 * `insufficient_memory_budget` when that is not enough. A budget of 0 is none.
 */
export async function reserveMemory(
  slot: WorkspaceSlot,
  bytes: number,
  budgetBytes: number,
  slots: () => Iterable<WorkspaceSlot>,
): Promise<void> {
  const others = () => [...slots()].filter((other) => other !== slot);
  while (budgetBytes > 0) {
    const usedBytes = others().reduce((sum, other) => sum + other.reservedBytes, 0);
    if (usedBytes + bytes <= budgetBytes) break;
    const idle = others().filter((other) => other.isIdle).sort((a, b) => a.lastUsedMs - b.lastUsedMs);
    const ending = others().filter((other) => other.state === "ending");
    const victim = ending[0] ?? (bytes <= budgetBytes ? idle[0] : undefined);
    if (victim === undefined) {
      throw new AppError(
        "insufficient_memory_budget",
        `workspace ${slot.workspaceId} needs ${inMiB(bytes)} of memory: ${
          inMiB(Math.max(0, budgetBytes - usedBytes))
        } ` +
          `are free of ${inMiB(budgetBytes)}`,
        { hint: "Close sessions of other workspaces, lower memory_limit, or raise workspaces_memory_budget." },
      );
    }
    await victim.end("idle", idleDrainMs);
  }
  slot.reservedBytes = bytes;
}

function inMiB(bytes: number): string {
  return `${Math.round(bytes / (1024 * 1024))} MiB`;
}
