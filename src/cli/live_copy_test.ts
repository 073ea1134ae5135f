import { deepEqual, equal } from "node:assert/strict";
import { copyBytes, copyDatabaseOnce } from "./live_copy.ts";

/** Large enough that something can happen while it is copied. */
const fileBytes = 96 * 1024 * 1024;

async function withFile(use: (from: string, to: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/a.duckdb`, "header one");
    await Deno.truncate(`${folder}/a.duckdb`, fileBytes);
    await Deno.writeTextFile(`${folder}/a.duckdb.wal`, "log");
    await use(`${folder}/a.duckdb`, `${folder}/copy/a.duckdb`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Copies, and does something as soon as the copy of the file itself has begun. */
async function copyWhile(from: string, to: string, change: () => Promise<void>) {
  const copying = copyDatabaseOnce(from, to);
  while (await Deno.stat(to).then((info) => info.size === 0, () => true)) await new Promise((go) => setTimeout(go, 0));
  await change();
  return await copying;
}

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}

Deno.test("a database that stays as it is is copied with its log", () =>
  withFile(async (from, to) => {
    const copied = await copyDatabaseOnce(from, to);
    deepEqual(copied?.map(({ path, size_bytes }) => [path, size_bytes]), [[`${to}.wal`, 3], [to, fileBytes]]);
    equal(await Deno.readTextFile(`${to}.wal`), "log");
    equal((await Deno.readFile(to)).length, fileBytes);
  }));

const changes: Readonly<Record<string, (from: string) => Promise<void>>> = {
  "a header that changes (a checkpoint)": async (from) => {
    using file = await Deno.open(from, { write: true });
    await file.write(new TextEncoder().encode("header two"));
  },
  "a log that grows (a commit)": (from) => Deno.writeTextFile(`${from}.wal`, "more", { append: true }),
  "a log that is removed": (from) => Deno.remove(`${from}.wal`),
  "a second log (a checkpoint under way)": (from) => Deno.writeTextFile(`${from}.wal.checkpoint`, ""),
};
for (const [what, change] of Object.entries(changes)) {
  Deno.test(`${what} while it is copied makes the copy worthless, and nothing of it stays`, () =>
    withFile(async (from, to) => {
      equal(await copyWhile(from, to, () => change(from)), null);
      deepEqual(await names(to.replace(/\/[^/]+$/, "")), []);
    }));
}

Deno.test("blocks that are written while it is copied, to which nothing refers yet, do no harm", () =>
  withFile(async (from, to) => {
    const copied = await copyWhile(from, to, async () => {
      using file = await Deno.open(from, { write: true });
      await file.seek(50_000, Deno.SeekMode.Start);
      await file.write(new Uint8Array(100).fill(1));
    });
    equal(copied?.length, 2);
  }));

Deno.test("what does not exist is an empty copy; two logs before are not copied at all", () =>
  withFile(async (from, to) => {
    deepEqual(await copyDatabaseOnce(`${from}.none`, `${to}.none`), []);
    await Deno.writeTextFile(`${from}.wal.checkpoint`, "");
    equal(await copyDatabaseOnce(from, to), null);
  }));

Deno.test("copyBytes stops where it is told", () =>
  withFile(async (from, to) => {
    const { size_bytes } = await copyBytes(from, to, 7);
    deepEqual([size_bytes, await Deno.readTextFile(to)], [7, "header "]);
  }));
