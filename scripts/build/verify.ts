/**
 * The build's own check: the executable is started in an empty environment, and its sizes and times are held against the
 * goals. It must run; a missed goal is shown and does not fail the build, as times depend on the machine.
 */
import { join } from "node:path";
import { runCommand } from "./command.ts";
import { filesOf } from "./program_folder.ts";

const startTimeoutMs = 60_000;
const stopTimeoutMs = 30_000;
const askIntervalMs = 5;
/** The middle one of so many is shown. */
const warmStarts = 3;

export interface Measurement {
  readonly executableBytes: number;
  /** Everything that it put into its user's home: program and caches. */
  readonly unpackedBytes: number;
  /** From the start of the process to 200 from /ready, with nothing unpacked and no data. */
  readonly coldStartMs: number;
  /** The same with both there. */
  readonly warmStartMs: number;
}

export const goals: Readonly<Record<keyof Measurement, number>> = {
  executableBytes: 80e6,
  unpackedBytes: 200e6,
  coldStartMs: 4_000,
  warmStartMs: 1_000,
};

/** Throws when the executable does not run or does not become ready. */
export async function measure(executable: string): Promise<Measurement> {
  const folder = await Deno.makeTempDir({ prefix: "eider_verify_" });
  try {
    const home = join(folder, "home");
    await Deno.mkdir(home);
    const environment = { HOME: home };
    const data = join(folder, "data");
    const coldStartMs = await timeToReady(executable, data, environment);
    const warm: number[] = [];
    for (let run = 0; run < warmStarts; run += 1) warm.push(await timeToReady(executable, data, environment));
    await checkVersion(executable, environment);
    return {
      executableBytes: (await Deno.stat(executable)).size,
      unpackedBytes: await bytesOf(home),
      coldStartMs,
      warmStartMs: warm.sort((a, b) => a - b)[Math.floor(warmStarts / 2)] ?? NaN,
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The measurement as a table of goals. */
export function describeMeasurement(measured: Measurement): string[] {
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
  const rows: readonly [keyof Measurement, string, (value: number) => string][] = [
    ["executableBytes", "executable", megabytes],
    ["unpackedBytes", "unpacked", megabytes],
    ["coldStartMs", "cold start to /ready", seconds],
    ["warmStartMs", "warm start to /ready", seconds],
  ];
  return rows.map(([key, name, show]) => {
    const verdict = measured[key] < goals[key] ? "met" : "MISSED";
    return `${name.padEnd(22)}${show(measured[key]).padStart(9)}   goal: under ${show(goals[key])}: ${verdict}`;
  });
}

/** The goals that a machine's speed does not change. */
export function meetsSizeGoals(measured: Measurement): boolean {
  return measured.executableBytes < goals.executableBytes && measured.unpackedBytes < goals.unpackedBytes;
}

async function checkVersion(executable: string, env: Readonly<Record<string, string>>): Promise<void> {
  const result = await runCommand(executable, ["version"], { env, clearEnv: true, timeoutMs: startTimeoutMs });
  if (!result.success || !result.text.startsWith("eider ")) {
    throw new Error(`${executable} version: exit code ${result.code}: ${result.text.slice(0, 500)}`);
  }
}

async function timeToReady(executable: string, data: string, env: Readonly<Record<string, string>>): Promise<number> {
  const startedMs = performance.now();
  const child = new Deno.Command(executable, {
    args: ["serve", `--data-dir=${data}`, "--http-port=0", "--pg-port=0"],
    env: { ...env },
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const killer = setTimeout(() => child.kill("SIGKILL"), startTimeoutMs);
  const errors = new Response(child.stderr).text();
  try {
    const port = await httpPortOf(child.stdout);
    if (port === null) throw new Error(`${executable} serve does not listen: ${(await errors).slice(0, 500)}`);
    await untilReady(`http://127.0.0.1:${port}/ready`);
    return performance.now() - startedMs;
  } finally {
    clearTimeout(killer);
    await stop(child);
  }
}

/** From the log line that says where it listens; the rest of the log is read and dropped. Null when the log ends. */
function httpPortOf(stdout: ReadableStream<Uint8Array>): Promise<number | null> {
  const { promise, resolve } = Promise.withResolvers<number | null>();
  (async () => {
    const decoder = new TextDecoder();
    let text = "";
    let found = false;
    for await (const chunk of stdout) {
      if (found) continue;
      text += decoder.decode(chunk, { stream: true });
      const port = /"message":"listening"[^\n]*"http_port":(\d+)/.exec(text)?.[1];
      found = port !== undefined;
      if (found) resolve(Number(port));
    }
    resolve(null);
  })();
  return promise;
}

async function untilReady(url: string): Promise<void> {
  const deadlineMs = performance.now() + startTimeoutMs;
  while (performance.now() < deadlineMs) {
    const response = await fetch(url).catch(() => null);
    await response?.body?.cancel();
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, askIntervalMs));
  }
  throw new Error(`${url}: not ready after ${startTimeoutMs / 1000} s`);
}

async function stop(child: Deno.ChildProcess): Promise<void> {
  const killer = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
  try {
    child.kill("SIGTERM");
  } catch {
    // It has ended by itself.
  }
  await child.status;
  clearTimeout(killer);
}

async function bytesOf(folder: string): Promise<number> {
  let sum = 0;
  for (const path of await filesOf(folder)) sum += (await Deno.lstat(join(folder, path))).size;
  return sum;
}
