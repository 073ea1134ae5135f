import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { compressArchive } from "./self_extracting.ts";
import { hasEntries, type ProgramEntry, publish, readArchive, removeAbandoned, writeFiles } from "./unpack.ts";

const files = [
  { path: "app/code/main.js", text: "console.log(1);\n" },
  { path: "bin/eider", text: "#!/bin/sh\n" },
  { path: "empty", text: "" },
].map(({ path, text }) => {
  const content = new TextEncoder().encode(text);
  return { entry: { path, sizeBytes: content.length, executable: path === "bin/eider" }, content };
});
const entries: readonly ProgramEntry[] = files.map(({ entry }) => entry);

async function withFolder(use: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "eider_unpack_" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A program folder as the launcher and the unpacker leave it. */
function makeFolder(path: string): string {
  Deno.mkdirSync(path, { mode: 0o700 });
  writeFiles(path, files);
  return path;
}

const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("an archive gives the files that went in, private, and executable where they were", () =>
  withFolder(async (folder) => {
    const unpacked = [{ path: "lib/eider", sizeBytes: 5, executable: true }];
    const archive = readArchive(await compressArchive(files, unpacked));
    deepEqual(archive.header, { entries, unpacked });
    writeFiles(folder, archive.files);
    for (const { entry, content } of files) {
      deepEqual(Deno.readFileSync(`${folder}/${entry.path}`), content, entry.path);
      equal(Deno.statSync(`${folder}/${entry.path}`).mode! & 0o777, entry.executable ? 0o700 : 0o600);
    }
  }));

Deno.test("a damaged or cut archive is refused", async () => {
  const compressed = await compressArchive(files, []);
  throws(() => readArchive(compressed.subarray(0, compressed.length - 20)));
  const changed = compressed.slice();
  changed[changed.length - 1] = changed[changed.length - 1]! ^ 1; // of the checksum
  throws(() => readArchive(changed));
  await rejects(
    async () => readArchive(await compressArchive([{ ...files[0]!, content: new Uint8Array(1) }], [])),
    /bytes/,
  );
});

Deno.test("hasEntries wants every file at its size, in a private folder", () =>
  withFolder((cache) => {
    const folder = makeFolder(`${cache}/p`);
    equal(hasEntries(folder, entries), true);
    Deno.chmodSync(folder, 0o755);
    equal(hasEntries(folder, entries), false);
    Deno.chmodSync(folder, 0o700);
    Deno.truncateSync(`${folder}/app/code/main.js`, 3);
    equal(hasEntries(folder, entries), false);
    Deno.removeSync(`${folder}/app/code/main.js`);
    equal(hasEntries(folder, entries), false);
    equal(hasEntries(`${cache}/none`, entries), false);
    Deno.symlinkSync(makeFolder(`${cache}/real`), `${cache}/link`);
    equal(hasEntries(`${cache}/link`, entries), false, "a link may lead anywhere");
  }));

Deno.test("publish keeps a whole folder that somebody else was faster with, and removes the work", () =>
  withFolder((cache) => {
    const isWhole = (folder: string) => hasEntries(folder, entries);
    equal(publish(makeFolder(`${cache}/.unpacking-h-1`), `${cache}/p`, isWhole), "published");
    const inode = Deno.statSync(`${cache}/p`).ino;
    equal(publish(makeFolder(`${cache}/.unpacking-h-2`), `${cache}/p`, isWhole), "present");
    equal(Deno.statSync(`${cache}/p`).ino, inode);
    deepEqual(namesIn(cache), ["p"]);
  }));

Deno.test("publish replaces what is not whole: a folder with a file cut short, a file, a link", () =>
  withFolder((cache) => {
    const isWhole = (folder: string) => hasEntries(folder, entries);
    const obstacles: readonly (() => void)[] = [
      () => Deno.truncateSync(`${makeFolder(`${cache}/p`)}/bin/eider`, 1),
      () => Deno.writeTextFileSync(`${cache}/p`, "a file"),
      () => Deno.symlinkSync("/", `${cache}/p`),
    ];
    for (const obstruct of obstacles) {
      obstruct();
      equal(publish(makeFolder(`${cache}/.unpacking-h-1`), `${cache}/p`, isWhole), "published");
      equal(isWhole(`${cache}/p`), true);
      deepEqual(namesIn(cache), ["p"]);
      Deno.removeSync(`${cache}/p`, { recursive: true });
    }
  }));

Deno.test("removeAbandoned removes work folders of this host whose process is gone, and nothing else", () =>
  withFolder((cache) => {
    const names = [
      ".unpacking-h-1",
      ".unpacking-h-2",
      ".unpacking-h-1.broken",
      ".unpacking-other-1",
      "0.1.0-abc",
      ".x",
    ];
    for (const name of names) makeFolder(`${cache}/${name}`);
    const removed = removeAbandoned(cache, "h", (processId) => processId === 2);
    deepEqual(removed.sort(), [".unpacking-h-1", ".unpacking-h-1.broken"]);
    deepEqual(namesIn(cache), [".unpacking-h-2", ".unpacking-other-1", ".x", "0.1.0-abc"]);
  }));
