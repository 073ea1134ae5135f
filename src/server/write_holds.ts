/** Holds on new writes, for a backup: to the metadata in this process, to a workspace in its own. */
import type { BackupPort } from "../http/routes/backup.ts";
import type { WritePause } from "../ipc/write_pause.ts";
import type { WorkspaceWorker } from "../supervisor/supervisor.ts";

export function writeHolds(
  metadata: WritePause,
  running: (workspaceId: string) => WorkspaceWorker | undefined,
): BackupPort {
  const tell = async (workspaceId: string, timeMs: number): Promise<boolean> => {
    const worker = running(workspaceId);
    if (worker === undefined) return false;
    await worker.call({ command: "pause_writes", time_ms: timeMs });
    return true;
  };
  return {
    async pauseWrites(target, timeMs) {
      if (target !== "metadata") return await tell(target, timeMs);
      metadata.pause(timeMs);
      return true;
    },
    async resumeWrites(target) {
      if (target === "metadata") metadata.resume();
      else await tell(target, 0);
    },
  };
}
