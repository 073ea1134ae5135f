/** How the server starts itself again as a worker: the same executable, and in development the same script. */
import { fileURLToPath } from "node:url";
import type { WorkerCommand } from "../supervisor/settings.ts";

/**
 * V8 for a small process: measured 15 MB less in a worker that has served its first session, and no difference in streaming
 * speed, since rows are encoded in place and leave no garbage. `--liftoff-only` is about the SQL parser's WebAssembly: 12 MB in place
 * of 22 to 38, and parsing is as fast.
 */
const v8Flags = "--v8-flags=--optimize-for-size,--max-semi-space-size=2,--liftoff-only";

/**
 * A compiled or self-contained executable is the program itself. Under `deno run` the worker gets the runtime's binary and
 * main.ts; `--no-check` and `--cached-only` keep its start short and off the network.
 */
export function workerCommand(): WorkerCommand {
  if (Deno.build.standalone) return { executable: Deno.execPath(), args: [] };
  return {
    executable: Deno.execPath(),
    args: ["run", v8Flags, "-A", "--quiet", "--no-check", "--cached-only", fileURLToPath(Deno.mainModule)],
  };
}
