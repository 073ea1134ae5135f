/**
 * The executable that `deno compile` makes of the program folder. It needs the runtime `denort`: the file that DENORT_BIN
 * names, or else a download, which is tried with a trivial program first, because it may hang or be refused.
 */
import { join } from "node:path";
import { mustRun, runCommand } from "./command.ts";
import { assets } from "./program_folder.ts";

const downloadTimeoutMs = 30_000;
const compileTimeoutMs = 5 * 60_000;

/** Null when `denort` is at hand, else why not, in a few words. */
export async function denortMissing(): Promise<string | null> {
  const given = Deno.env.get("DENORT_BIN");
  if (given !== undefined && given !== "") {
    const isFile = await Deno.stat(given).then((stat) => stat.isFile, () => false);
    return isFile ? null : `DENORT_BIN names no file: ${given}`;
  }
  const folder = await Deno.makeTempDir({ prefix: "eider_denort_" });
  try {
    await Deno.writeTextFile(join(folder, "probe.ts"), "");
    const result = await runCommand(Deno.execPath(), ["compile", "--quiet", "--no-config", "probe.ts"], {
      cwd: folder,
      timeoutMs: downloadTimeoutMs,
    });
    if (result.success) return null;
    if (result.timedOut) return `its runtime denort was not there after ${downloadTimeoutMs / 1000} s of download`;
    // Deno numbers the causes; the last is the deepest.
    const cause = [...result.text.matchAll(/^\s+\d+: (.*)$/gm)].findLast(([, text]) => text !== "<unknown>")?.[1];
    return `its runtime denort cannot be downloaded (${cause ?? result.text.slice(0, 120)})`;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * Packs the program folder with `denort`. `--self-extracting`, because DuckDB's addon finds libduckdb beside itself on
 * disk only. From the bundle and not from main.ts: that overflows the compiler's stack, and would take every
 * platform's libduckdb along.
 */
export async function packWithDenoCompile(folder: string, out: string): Promise<void> {
  const included = [
    ...assets.map(({ to }) => to),
    "node_modules",
    "app/code/worker.js",
    "app/code/libpg-query.wasm",
    "licenses.txt",
  ];
  await mustRun(Deno.execPath(), [
    "compile",
    "--quiet",
    "-A",
    "--no-check",
    "--no-config",
    "--no-lock",
    "--node-modules-dir=manual",
    "--self-extracting",
    "--app-name=eider",
    ...included.map((path) => `--include=${path}`),
    `--output=${out}`,
    "app/code/main.js",
  ], { cwd: folder, timeoutMs: compileTimeoutMs });
}
