/** What every source file keeps to: a bound on its length, a comment that says what it is for, nothing left undone. */
import { deepEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const linesMax = 500;
/** Files that are one thing and still longer; each with its reason. */
const longFiles: Readonly<Record<string, string>> = {};
/** Written in two parts, so that this file does not hold them itself. */
const undoneMarks = ["TO" + "DO", "FIX" + "ME", "XX" + "X:"];

async function* textFiles(folder: string): AsyncIterable<{ path: string; text: string }> {
  for await (const entry of Deno.readDir(root + folder)) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* textFiles(path);
    else if (/\.(ts|sql|sh|md|yml|yaml)$/.test(entry.name)) yield { path, text: await Deno.readTextFile(root + path) };
  }
}

async function findings(find: (file: { path: string; text: string }) => string | null): Promise<string[]> {
  const found: string[] = [];
  for (const folder of ["src", "tests", "scripts"]) {
    for await (const file of textFiles(folder)) {
      const finding = find(file);
      if (finding !== null) found.push(finding);
    }
  }
  return found;
}

Deno.test(`no source file is longer than ${linesMax} lines`, async () => {
  deepEqual(
    await findings(({ path, text }) => {
      const lineCount = text.split("\n").length - 1;
      return lineCount <= linesMax || path in longFiles ? null : `${path}: ${lineCount} lines`;
    }),
    [],
  );
});

Deno.test("nothing is left undone in a comment", async () => {
  deepEqual(
    await findings(({ path, text }) => {
      const mark = undoneMarks.find((one) => text.includes(one));
      return mark === undefined ? null : `${path}: ${mark}`;
    }),
    [],
  );
});

Deno.test("every module says at its top what it is for", async () => {
  deepEqual(
    await findings(({ path, text }) =>
      !/\.tsx?$/.test(path) || path.endsWith("_test.ts") || text.startsWith("/**") || text.startsWith("#!")
        ? null
        : path
    ),
    [],
  );
});
