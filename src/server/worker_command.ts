/** How the server starts its own program again: a worker, or a subcommand in a process of its own. */
import { fileURLToPath } from "node:url";
import type { WorkerCommand } from "../supervisor/settings.ts";

/**
 * V8 for a small process: measured 15 MB less in a worker that has served its first session, and no difference in streaming
 * speed, since rows are encoded in place and leave no garbage. `--liftoff-only` is about the SQL parser's WebAssembly: 12 MB in place
 * of 22 to 38, and parsing is as fast.
 */
const v8Flags = "--v8-flags=--optimize-for-size,--max-semi-space-size=2,--liftoff-only";

/** Starts what main.ts starts. */
export function programCommand(): WorkerCommand {
  return commandOf(Deno.mainModule);
}

/** Starts a worker: from worker.ts, which lies beside main.ts in a checkout and in the executable's bundle. */
export function workerCommand(): WorkerCommand {
  return commandOf(Deno.mainModule.replace(/main(\.\w+)$/, "worker$1"));
}

/**
 * A compiled or self-contained executable is the program itself. Under `deno run` it is the runtime's binary and the entry;
 * `--no-check` and `--cached-only` keep the start short and off the network.
 */
function commandOf(entry: string): WorkerCommand {
  if (Deno.build.standalone) return { executable: Deno.execPath(), args: [] };
  return {
    executable: Deno.execPath(),
    args: ["run", v8Flags, "-A", "--quiet", "--no-check", "--cached-only", fileURLToPath(entry)],
  };
}
