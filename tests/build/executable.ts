/**
 * The executable under test, and places to start it from: an installation folder that its user cannot write, a home of
 * his own, nothing else in the environment. Run as root, the tests start it as the user `nobody`.
 *
 * The file is EIDER_TEST_BINARY, else dist/eider when it is newer than everything it is made of, else built now.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "../../scripts/build.ts";
import { filesOf } from "../../scripts/build/program_folder.ts";
import { once } from "../support/once.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
export const isRoot = Deno.uid() === 0;
/** Who runs the executable. */
export const userId = isRoot ? 65534 : Deno.uid() ?? 0;

const sources = [
  "main.ts",
  "deno.json",
  "deno.lock",
  "src",
  "demo",
  "scripts/build.ts",
  "scripts/build",
  "packaging/licenses",
];

/** Its path; built when there is none that fits the sources. */
export const executable: () => Promise<string> = once(async () => {
  const given = Deno.env.get("EIDER_TEST_BINARY");
  if (given !== undefined && given !== "") return await Deno.realPath(given);
  const path = join(root, "dist", "eider");
  const isFresh = await modifiedMs(path).catch(() => 0) > await newestMs();
  if (!isFresh) await build({ out: path, method: "self-extracting", verify: false }, () => {});
  return path;
});

async function newestMs(): Promise<number> {
  let newest = 0;
  for (const source of sources) {
    const path = join(root, source);
    const { isDirectory } = await Deno.stat(path);
    const files = isDirectory ? (await filesOf(path)).filter((file) => !file.endsWith("_test.ts")) : [""];
    for (const file of files) newest = Math.max(newest, await modifiedMs(join(path, file)));
  }
  return newest;
}

async function modifiedMs(path: string): Promise<number> {
  return (await Deno.stat(path)).mtime?.getTime() ?? 0;
}

/** Whether the file under test unpacks itself with the launcher; `deno compile` has rules of its own. */
export function isSelfExtracting(): boolean {
  const given = Deno.env.get("EIDER_TEST_BINARY");
  if (given === undefined || given === "") return true;
  using file = Deno.openSync(given);
  const start = new Uint8Array(2);
  file.readSync(start);
  return new TextDecoder().decode(start) === "#!";
}

/** Registers a test of the launcher; `needs` says why it may not be able to run here. */
export function launcherTest(name: string, run: () => Promise<void>, needs: readonly (string | null)[] = []): void {
  const missing = [isSelfExtracting() ? null : "not the self-extracting executable", ...needs]
    .filter((reason) => reason !== null);
  if (missing.length === 0) Deno.test(name, run);
  else Deno.test({ name: `${name} (skipped: ${missing.join(" and ")})`, ignore: true, fn: run });
}

/** Null when this process may mount file systems where only its children see them. */
export function mountsMissing(): string | null {
  try {
    const { success } = new Deno.Command("unshare", {
      args: ["--mount", "sh", "-c", "mount -t tmpfs tmpfs /var/tmp"],
      stdout: "null",
      stderr: "null",
    }).outputSync();
    return success ? null : "mounting is not permitted";
  } catch {
    return "unshare is not installed";
  }
}

export interface RunResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface StartOptions {
  /** All of it. */
  readonly env?: Readonly<Record<string, string>>;
  /** Shell commands that mount something, run as root where only the started process sees it. */
  readonly mounts?: readonly string[];
  /** In place of the executable: a shell script, with the executable's path as $1. */
  readonly script?: string;
  readonly stdin?: string;
  readonly file?: string;
}

/** A place to start the executable from; it goes with the scope. */
export interface Place extends AsyncDisposable {
  readonly folder: string;
  /** In a folder that its user can read only. */
  readonly executable: string;
  readonly home: string;
  /** Where it unpacks itself when HOME is set. */
  readonly cache: string;
  start(args: readonly string[], options?: StartOptions): Deno.ChildProcess;
  run(args: readonly string[], options?: StartOptions): Promise<RunResult>;
  /** The names in the cache folder. */
  cached(): string[];
}

export async function makePlace(): Promise<Place> {
  const folder = await Deno.makeTempDir({ prefix: "eider_place_" });
  const [installed, home] = [join(folder, "install ed"), join(folder, "home")];
  await Deno.mkdir(installed);
  const file = join(installed, "eider");
  await Deno.copyFile(await executable(), file);
  await Deno.chmod(file, 0o555);
  await Deno.chmod(installed, 0o555);
  await Deno.chmod(folder, 0o755);
  await Deno.mkdir(home, { mode: 0o700 });
  if (isRoot) await Deno.chown(home, userId, userId);
  const cache = join(home, ".cache", "eider");

  const start = (args: readonly string[], options: StartOptions = {}): Deno.ChildProcess => {
    const program = options.file ?? file;
    const wanted = options.script === undefined
      ? [program, ...args]
      : ["/bin/sh", "-c", options.script, "sh", program, ...args];
    const [command = "", ...rest] = inNamespace(options.mounts, asUser(wanted));
    return new Deno.Command(command, {
      args: rest,
      env: { ...options.env ?? { HOME: home } },
      clearEnv: true,
      cwd: "/",
      stdin: options.stdin === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  };
  return {
    folder,
    executable: file,
    home,
    cache,
    start,
    cached: () => [...Deno.readDirSync(cache)].map(({ name }) => name).sort(),
    async run(args, options) {
      const child = start(args, options);
      if (options?.stdin !== undefined) {
        const writer = child.stdin.getWriter();
        await writer.write(new TextEncoder().encode(options.stdin));
        await writer.close();
      }
      const output = await child.output();
      const decoder = new TextDecoder();
      return { code: output.code, out: decoder.decode(output.stdout), err: decoder.decode(output.stderr) };
    },
    async [Symbol.asyncDispose]() {
      await Deno.chmod(installed, 0o755);
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function asUser(command: readonly string[]): string[] {
  if (!isRoot) return [...command];
  return ["/usr/bin/setpriv", `--reuid=${userId}`, `--regid=${userId}`, "--clear-groups", ...command];
}

function inNamespace(mounts: readonly string[] | undefined, command: readonly string[]): string[] {
  if (mounts === undefined) return [...command];
  return ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", `${mounts.join(" && ")} && exec "$@"`, "sh", ...command];
}
