/**
 * `deno task build [--out=dist/eider] [--method=auto|compile|self-extracting] [--no-verify]`: one executable file for this
 * platform, with everything in it. It needs npm's registry and no other tool.
 *
 * `auto` takes `deno compile` where its runtime can be had and the result runs and keeps to the size goals, else the
 * self-extracting executable; with DENORT_BIN set it is `compile`. What is chosen, and why, is printed.
 */
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { version } from "../src/version.ts";
import { denortMissing, packWithDenoCompile } from "./build/deno_compile.ts";
import { thisPlatform } from "./build/platform.ts";
import { makeProgramFolder } from "./build/program_folder.ts";
import { packSelfExtracting } from "./build/self_extracting.ts";
import { describeMeasurement, measure, type Measurement, meetsSizeGoals } from "./build/verify.ts";

const methods = ["auto", "compile", "self-extracting"] as const;
type Method = typeof methods[number];

export interface BuildOptions {
  readonly out: string;
  readonly method: Method;
  readonly verify: boolean;
}

/** Throws with what would be accepted. */
export function parseOptions(parameters: readonly string[]): BuildOptions {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      out: { type: "string", default: "dist/eider" },
      method: { type: "string", default: "auto" },
      "no-verify": { type: "boolean", default: false },
    },
  });
  const method = methods.find((one) => one === values.method);
  if (method === undefined) throw new Error(`--method=${values.method}: accepted are ${methods.join(", ")}`);
  if (values.out === "") throw new Error("--out has no value: accepted is the path of a file");
  return { out: values.out, method, verify: !values["no-verify"] };
}

/** Builds, prints what it does, and gives the exit code. */
export async function build(options: BuildOptions, print: (line: string) => void = console.log): Promise<number> {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const out = resolve(options.out);
  const platform = thisPlatform();
  print(`Eider ${version} for ${platform.name}`);
  await Deno.mkdir(dirname(out), { recursive: true });
  const folder = await Deno.makeTempDir({ prefix: "eider_build_" });
  try {
    const startedMs = performance.now();
    await makeProgramFolder(root, folder, platform);
    print(`  program bundled in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);

    let measured: Measurement | null = null;
    const isForced = options.method === "compile" || (options.method === "auto" && Deno.env.get("DENORT_BIN"));
    if (isForced) {
      const missing = await denortMissing();
      if (missing !== null) throw new Error(`deno compile: ${missing}`);
      print("  method: deno compile");
      await packWithDenoCompile(folder, out);
    } else {
      const refusal = options.method === "auto" ? await tryDenoCompile(folder, out, options.verify) : "not asked for";
      if (typeof refusal !== "string") {
        print("  method: deno compile");
        measured = refusal.measured;
      } else {
        print(`  deno compile: ${refusal}`);
        print("  method: self-extracting executable");
        await packSelfExtracting(folder, await Deno.readFile(Deno.execPath()), platform, out);
      }
    }
    print(`${options.out}: ${((await Deno.stat(out)).size / 1e6).toFixed(1)} MB`);
    if (options.verify) {
      measured ??= await measure(out);
      for (const line of describeMeasurement(measured)) print(`  ${line}`);
    }
    return 0;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A text when the way cannot be taken here: why. */
async function tryDenoCompile(
  folder: string,
  out: string,
  verify: boolean,
): Promise<string | { measured: Measurement | null }> {
  const missing = await denortMissing();
  if (missing !== null) return missing;
  try {
    await packWithDenoCompile(folder, out);
    if (!verify) return { measured: null };
    const measured = await measure(out);
    return meetsSizeGoals(measured) ? { measured } : `misses a size goal: ${describeMeasurement(measured)[0]}`;
  } catch (error) {
    return `the result does not work: ${error instanceof Error ? error.message.slice(0, 300) : error}`;
  }
}

if (import.meta.main) {
  try {
    Deno.exit(await build(parseOptions(Deno.args)));
  } catch (error) {
    console.error(`build: ${error instanceof Error ? error.message : String(error)}`);
    Deno.exit(1);
  }
}
