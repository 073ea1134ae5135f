/** Runs another program for the build: its output is kept and shown only when it fails, and it may take only so long. */

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly clearEnv?: boolean;
  /** Longer than any machine needs, so that a hanging download ends the build in place of holding it. */
  readonly timeoutMs: number;
}

export interface CommandResult {
  readonly success: boolean;
  readonly code: number;
  readonly timedOut: boolean;
  /** stdout and stderr, without colours. */
  readonly text: string;
}

/** Runs to the end or to the timeout. Throws only when the program cannot be started. */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const abort = AbortSignal.timeout(options.timeoutMs);
  const { cwd, env, clearEnv } = options;
  const output = await new Deno.Command(command, {
    args: [...args],
    ...(cwd === undefined ? {} : { cwd }),
    env: { NO_COLOR: "1", ...env },
    clearEnv: clearEnv ?? false,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: abort,
  }).output();
  const decoder = new TextDecoder();
  const text = (decoder.decode(output.stdout) + decoder.decode(output.stderr)).trim();
  return { success: output.success, code: output.code, timedOut: abort.aborted && !output.success, text };
}

/** As `runCommand`; throws with the program's output when it fails. */
export async function mustRun(command: string, args: readonly string[], options: CommandOptions): Promise<string> {
  const result = await runCommand(command, args, options);
  if (result.success) return result.text;
  const how = result.timedOut ? `took longer than ${options.timeoutMs / 1000} s` : `exit code ${result.code}`;
  throw new Error(`${[command, ...args].join(" ")}: ${how}\n${result.text}`);
}
