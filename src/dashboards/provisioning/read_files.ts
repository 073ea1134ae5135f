/**
 * Documents of a folder: `.yaml`, `.yml` and `.json` files, each with one document, several (YAML's `---`) or an array, in
 * subfolders too. Links are followed, as Kubernetes mounts a ConfigMap through them; what begins with a dot is left out, as
 * that is where it keeps the former content.
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { parseAllDocuments } from "yaml";
import { AppError } from "../../errors/app_error.ts";
import type { JsonValue } from "../types.ts";

/** A folder that is mounted by mistake must not be read for hours, nor a huge file into memory. */
const filesMax = 10_000;
const fileBytesMax = 16 * 1024 * 1024;
const depthMax = 8;
/** Each alias can repeat what it names; a few levels of that fill the memory. */
const yamlAliasesMax = 1000;
const documentFile = /\.(?:ya?ml|json)$/i;

export interface FoundFile {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  /** Changes when the content may have changed. */
  readonly stamp: string;
}

/** By path. Throws `io_error` when the folder, or one in it, cannot be read: then nothing is known of what is gone. */
export async function listFiles(folder: string): Promise<FoundFile[]> {
  const files: FoundFile[] = [];
  const visit = async (path: string, above: readonly string[]): Promise<void> => {
    for (const name of (await readdir(path)).sort()) {
      if (name.startsWith(".")) continue;
      const child = join(path, name);
      const found = await statOrNull(child);
      if (found === null) {
        // A link to nothing. Reading it will say so; the other files do not suffer from it, and nothing of it is pruned.
        if (documentFile.test(name)) files.push({ path: pathIn(folder, child), stamp: "nothing" });
        continue;
      }
      const identity = `${found.dev} ${found.ino}`;
      // A link to a folder above would show every file again, under another name.
      if (found.isDirectory() && above.length <= depthMax && !above.includes(identity)) {
        await visit(child, [...above, identity]);
      } else if (found.isFile() && documentFile.test(name)) {
        if (files.length >= filesMax) throw new Error(`more than ${filesMax} files`);
        const stamp = `${found.mtimeMs} ${found.size} ${found.ino}`;
        files.push({ path: pathIn(folder, child), stamp });
      }
    }
  };
  try {
    const { dev, ino } = await stat(folder);
    await visit(folder, [`${dev} ${ino}`]);
  } catch (error) {
    throw new AppError("io_error", `provisioning: the folder cannot be read (${(error as Error).message})`, {
      cause: error,
    });
  }
  return files;
}

function pathIn(folder: string, path: string): string {
  return relative(folder, path).replaceAll("\\", "/");
}

/** Null for what a link leads to when there is nothing, or a circle of links. Throws what else is wrong. */
async function statOrNull(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (["ENOENT", "ELOOP"].includes((error as { code?: string }).code ?? "")) return null;
    throw error;
  }
}

/** The documents of one file. Throws `invalid_request` that says where it is broken. */
export async function readDocumentFile(folder: string, path: string): Promise<JsonValue[]> {
  const full = join(folder, path);
  const { size } = await stat(full);
  if (size > fileBytesMax) {
    throw new AppError("invalid_request", `${path}: ${size} bytes, at most ${fileBytesMax} are read`);
  }
  return parseDocuments(await readFile(full, "utf8"), path);
}

/** JSON is YAML, but JSON's parser is a hundred times as fast. */
export function parseDocuments(text: string, path: string): JsonValue[] {
  const values = path.toLowerCase().endsWith(".json") ? [parseJson(text, path)] : parseYaml(text, path);
  return values.flatMap((value) => Array.isArray(value) ? value as JsonValue[] : value === null ? [] : [value]);
}

function parseJson(text: string, path: string): JsonValue {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, "")) as JsonValue;
  } catch (error) {
    throw new AppError("invalid_request", `${path}: not valid JSON (${(error as Error).message})`);
  }
}

function parseYaml(text: string, path: string): JsonValue[] {
  const documents = parseAllDocuments(text);
  return (Array.isArray(documents) ? documents : []).map((document, index) => {
    const [error] = document.errors;
    if (error !== undefined) {
      const line = error.linePos?.[0].line;
      const place = line === undefined ? "" : ` at line ${line}`;
      throw new AppError(
        "invalid_request",
        `${path}: document ${index + 1} is not valid YAML${place} (${
          error.message.split("\n", 1)[0]?.replace(/:$/, "")
        })`,
      );
    }
    try {
      // Through JSON, so that a date or another tag of YAML becomes what JSON can hold.
      return JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: yamlAliasesMax }) ?? null)) as JsonValue;
    } catch (error) {
      throw new AppError("invalid_request", `${path}: document ${index + 1}: ${(error as Error).message}`);
    }
  });
}
