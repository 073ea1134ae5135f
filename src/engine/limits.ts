/** Limits of a DuckDB instance that is running: each is one setting, and a refused one leaves the others as they were set. */
import type { ChangeableLimits } from "../ipc/messages.ts";
import { type Connection, run } from "./duckdb.ts";

/** How far up towards the present limit a refused lowering is tried. */
const steps = [0, 0.25, 0.5, 0.75];

/**
 * Sets the memory limit and gives the one in force. DuckDB refuses a limit below what statements hold and cannot spill; then
 * a higher one is tried, and in the end the present one stays.
 */
export async function setMemoryLimit(control: Connection, bytes: number, presentBytes: number): Promise<number> {
  for (const step of steps) {
    const triedBytes = Math.floor(bytes + step * Math.max(0, presentBytes - bytes));
    try {
      await run(control, `SET GLOBAL memory_limit='${Math.floor(triedBytes / 1e6)}MB'`);
      return triedBytes;
    } catch (error) {
      if (!String(error).includes("memory limit")) throw error;
    }
  }
  return presentBytes;
}

/** The other engine limits. A spill limit below what is spilled just now holds for what is spilled from then on. */
export async function setEngineLimits(control: Connection, limits: ChangeableLimits): Promise<void> {
  const { threads, temp_bytes_max: tempBytes } = limits;
  if (threads !== undefined) await run(control, `SET GLOBAL threads=${threads}`);
  if (tempBytes !== undefined) await run(control, tempSizeSetting(tempBytes));
}

export function tempSizeSetting(bytes: number): string {
  return `SET GLOBAL max_temp_directory_size='${Math.floor(bytes / 1e6)}MB'`;
}
