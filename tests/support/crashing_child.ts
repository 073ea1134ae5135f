/** A child process that is ended with SIGKILL in the middle of its work. */
import assert from "node:assert/strict";

export interface CrashOptions {
  readonly beforeKill?: (processId: number) => Promise<void>;
}

/** Runs a module of this repository, ends it once it has printed `lineCount` lines, and gives all that it printed. */
export async function runUntilKilled(
  modulePath: string,
  parameters: readonly string[],
  lineCount: number,
  options: CrashOptions = {},
): Promise<string[]> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", modulePath, ...parameters],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let text = "";
  let killed = false;
  try {
    for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
      text += part;
      if (!killed && text.split("\n").length > lineCount) {
        await options.beforeKill?.(child.pid);
        killed = true;
        child.kill("SIGKILL");
      }
    }
  } finally {
    if (!killed) child.kill("SIGKILL");
  }
  assert.equal((await child.status).signal, "SIGKILL");
  return text.split("\n").slice(0, -1);
}
