/**
 * The web console's files, as a browser gets them. A built program has them beside its code; a checkout makes them from `app/` with
 * `deno bundle` when the first one is asked for, which takes a tenth of a second.
 */
import { createHash } from "node:crypto";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

export interface ConsoleFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  /** Quoted, as the header has it. */
  readonly etag: string;
}

const builtFolder = fileURLToPath(new URL("../../console", import.meta.url));
const sourceFolder = fileURLToPath(new URL("app", import.meta.url));
/** What a page begins with: the console, and a shared dashboard. */
const entryFiles = ["main.tsx", "share.tsx"];

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Writes all files of the console into an existing folder. `root` is the repository. Throws with what `deno bundle` said. */
export async function bundleConsole(root: string, folder: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--platform=browser",
      "--minify",
      "--code-splitting",
      `--outdir=${folder}`,
      ...entryFiles.map((name) => `src/console/app/${name}`),
    ],
    cwd: root,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`deno bundle of the console: ${new TextDecoder().decode(stderr).trim()}`);
  const source = join(root, "src", "console", "app");
  for await (const { name, isFile } of Deno.readDir(source)) {
    // What is not a script is served as it stands.
    if (isFile && contentTypes[extname(name)] !== undefined) {
      await Deno.copyFile(join(source, name), join(folder, name));
    }
  }
}

export class ConsoleFiles {
  #files: Promise<ReadonlyMap<string, ConsoleFile>> | null = null;

  /** One file by its name (`main.js`), null when there is none. Rejects when the console cannot be made. */
  async file(name: string): Promise<ConsoleFile | null> {
    this.#files ??= loadConsole().catch((error) => {
      this.#files = null;
      throw error;
    });
    return (await this.#files).get(name) ?? null;
  }
}

async function loadConsole(): Promise<ReadonlyMap<string, ConsoleFile>> {
  if (await exists(join(builtFolder, "main.js"))) return await readFiles(builtFolder);
  const folder = await Deno.makeTempDir({ prefix: "eider_console_" });
  try {
    await bundleConsole(join(sourceFolder, "..", "..", ".."), folder);
    return await readFiles(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function readFiles(folder: string): Promise<ReadonlyMap<string, ConsoleFile>> {
  const files = new Map<string, ConsoleFile>();
  for await (const { name, isFile } of Deno.readDir(folder)) {
    const contentType = contentTypes[extname(name)];
    if (!isFile || contentType === undefined) continue;
    const bytes = await Deno.readFile(join(folder, name));
    files.set(name, { bytes, contentType, etag: `"${createHash("sha256").update(bytes).digest("base64url")}"` });
  }
  return files;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
