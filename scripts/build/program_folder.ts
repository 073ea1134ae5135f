/**
 * The program as a folder that needs nothing but Deno's binary: the bundled code, DuckDB's library for this platform,
 * and the files that the code reads at run time. Both ways of making an executable start from it.
 *
 *     bin/eider                      starts lib/eider (the runtime, which is not part of this folder) with the code
 *     app/code/*.js, *.wasm          `deno bundle`: main.js and worker.js, with what both need in files of its own
 *     app/build.json                 commit and time
 *     console/                       the web console, bundled for browsers
 *     demo/                          two folders above the code, as `src/cli/demo.ts` expects it
 *     node_modules/@duckdb/          the loader of the native library, and the library
 *     deno.json, package.json        keep Deno from looking for such files in the folders above
 *     licenses.txt
 */
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { bundleConsole } from "../../src/console/files.ts";
import { mustRun, runCommand } from "./command.ts";
import { collectLicenses } from "./licenses.ts";
import type { Platform } from "./platform.ts";

/** Folders that modules read through `import.meta.url`. A bundled module lies in app/code, whatever its folder was. */
export const assets: readonly { readonly module: string; readonly from: string; readonly to: string }[] = [
  { module: "src/cli/demo.ts", from: "demo", to: "demo" },
];

/** Files that the build itself writes, and the modules that read them. */
export const writtenFiles: readonly { readonly module: string; readonly to: string }[] = [
  { module: "src/version.ts", to: "app/build.json" },
  { module: "src/console/files.ts", to: "console" },
];

const bundleTimeoutMs = 5 * 60_000;
const gitTimeoutMs = 10_000;
const noGit = { success: false, text: "" };

/** Deno's caches lie in the folder, unless DENO_DIR is set (a container); where it cannot write, Deno does without. */
const startScript = `#!/bin/sh
# Starts Eider from the folder that bin/ lies in.
eider_folder=\${0%/bin/eider}
: "\${DENO_DIR:=$eider_folder/deno}"
DENO_NO_UPDATE_CHECK=1
export DENO_DIR DENO_NO_UPDATE_CHECK
exec "$eider_folder/lib/eider" run -A --quiet --no-check --cached-only --unstable-no-legacy-abort "$eider_folder/app/code/main.js" "$@"
`;

/** Writes the program into an empty folder. `root` is the repository. */
export async function makeProgramFolder(root: string, folder: string, platform: Platform): Promise<void> {
  const code = join(folder, "app", "code");
  await bundle(root, code);
  await Deno.mkdir(join(folder, "console"));
  await bundleConsole(root, join(folder, "console"));
  await Deno.writeTextFile(join(folder, "app", "build.json"), `${JSON.stringify(await describeBuild(root))}\n`);
  await copyNativeLibrary(root, join(folder, "node_modules", "@duckdb"), platform);
  await copyParser(root, code);
  for (const { from, to } of assets) await copyFolder(join(root, from), join(folder, to));
  await Deno.mkdir(join(folder, "bin"));
  await Deno.writeTextFile(join(folder, "bin", "eider"), startScript, { mode: 0o755 });
  await Deno.writeTextFile(
    join(folder, "deno.json"),
    '{ "workspace": [], "nodeModulesDir": "manual", "lock": false }\n',
  );
  await Deno.writeTextFile(join(folder, "package.json"), '{ "type": "module", "private": true }\n');
  await Deno.writeTextFile(join(folder, "licenses.txt"), await collectLicenses(root, platform));
}

/** The commit and its time, so that one commit gives one executable; empty outside of a repository. */
async function describeBuild(root: string): Promise<{ readonly time: string; readonly commit: string }> {
  const options = { cwd: root, timeoutMs: gitTimeoutMs };
  const { success, text } = await runCommand("git", ["log", "-1", "--format=%H %cI"], options).catch(() => noGit);
  const [commit = "", time = ""] = success ? text.split(" ") : [];
  return { time, commit };
}

/** All of the program's own code and of its libraries, except for the loader of DuckDB's native library. */
async function bundle(root: string, code: string): Promise<void> {
  await mustRun(Deno.execPath(), [
    "bundle",
    "--quiet",
    "--platform=deno",
    "--code-splitting",
    "--external=@duckdb/node-bindings",
    `--outdir=${code}`,
    "main.ts",
    "worker.ts",
  ], { cwd: root, timeoutMs: bundleTimeoutMs });
  for await (const { name } of Deno.readDir(code)) {
    const path = join(code, name);
    const source = withLatin1Only(await Deno.readTextFile(path));
    // CommonJS modules have it (the SQL parser finds its WebAssembly file with it), the bundle's ES modules do not.
    const head = /\b__dirname\b/.test(source) ? "const __dirname = import.meta.dirname;\n" : "";
    await Deno.writeTextFile(path, head + source);
  }
}

/**
 * A script with every character beyond Latin-1 as an escape: V8 holds a text that has a single one of them with two bytes a character,
 * and these files have up to 1 MB. It means the same in strings, templates and regular expressions; a `String.raw` must have none.
 */
export function withLatin1Only(source: string): string {
  return source.replace(/[^\0-\xff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

async function copyNativeLibrary(root: string, target: string, platform: Platform): Promise<void> {
  const native = `@duckdb/node-bindings-${platform.name}`;
  const bindings = await Deno.realPath(join(root, "node_modules", "@duckdb", "node-bindings", "package.json"));
  const source = join(createRequire(bindings).resolve(`${native}/package.json`), "..");
  await copyFolder(source, join(target, basename(native)));
  const loader = join(target, "node-bindings");
  await Deno.mkdir(loader);
  await Deno.writeTextFile(
    join(loader, "package.json"),
    '{ "name": "@duckdb/node-bindings", "main": "./duckdb.cjs" }\n',
  );
  await Deno.writeTextFile(join(loader, "duckdb.cjs"), `module.exports = require("${native}/duckdb.node");\n`);
}

async function copyParser(root: string, code: string): Promise<void> {
  const wasm = "libpg-query.wasm";
  await Deno.copyFile(join(root, "node_modules", "libpg-query", "wasm", wasm), join(code, wasm));
}

/** Plain files and folders; links are followed. */
async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) {
    const { isDirectory } = await Deno.stat(join(from, name));
    if (isDirectory) await copyFolder(join(from, name), join(to, name));
    else await Deno.copyFile(join(from, name), join(to, name));
  }
}

/** All files of a folder, relative with slashes, sorted by bytes. */
export async function filesOf(folder: string): Promise<string[]> {
  const files: string[] = [];
  const walk = async (relative: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(join(folder, relative))) {
      const path = relative === "" ? name : `${relative}/${name}`;
      if (isDirectory) await walk(path);
      else files.push(path);
    }
  };
  await walk("");
  return files.sort();
}
