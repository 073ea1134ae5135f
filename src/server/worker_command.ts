/** How the server starts itself again as a worker: the same executable, and in development the same script. */
import { fileURLToPath } from "node:url";
import type { WorkerCommand } from "../supervisor/settings.ts";

/**
 * A compiled or self-contained executable is the program itself. Under `deno run` the worker gets the runtime's binary and
 * main.ts; `--no-check` and `--cached-only` keep its start short and off the network.
 */
export function workerCommand(): WorkerCommand {
  if (Deno.build.standalone) return { executable: Deno.execPath(), args: [] };
  return {
    executable: Deno.execPath(),
    args: ["run", "-A", "--quiet", "--no-check", "--cached-only", fileURLToPath(Deno.mainModule)],
  };
}
