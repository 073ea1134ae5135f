/**
 * Tests that need a foreign client. One that is not installed makes the test skipped, with the reason at the end of
 * its name, where `scripts/test.ts` reads it.
 */
const installed = new Map<string, boolean>();

/** Whether a command is on PATH and can be started; openssl, for one, has no `--version` that succeeds. */
export function isInstalled(command: string): boolean {
  let answer = installed.get(command);
  if (answer === undefined) {
    try {
      new Deno.Command(command, { args: ["--version"], stdin: "null", stdout: "null", stderr: "null" }).outputSync();
      answer = true;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      answer = false;
    }
    installed.set(command, answer);
  }
  return answer;
}

/** Registers a test that runs when all of `commands` are installed and is reported as skipped otherwise. */
export function testWith(commands: readonly string[], name: string, run: () => void | Promise<void>): void {
  const missing = commands.filter((command) => !isInstalled(command));
  if (missing.length === 0) Deno.test(name, run);
  else Deno.test({ name: `${name} (skipped: ${missing.join(" and ")} not installed)`, ignore: true, fn: run });
}
