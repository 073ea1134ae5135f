import { deepEqual, equal, match, throws } from "node:assert/strict";
import { thisPlatform } from "./platform.ts";
import { fillLauncher } from "./self_extracting.ts";

const facts = {
  id: "1.2.3-abc",
  files: [
    { path: "lib/eider", sizeBytes: 30, executable: true },
    { path: "app/a.js", sizeBytes: 10, executable: false },
    { path: "app/B.js", sizeBytes: 20, executable: false },
  ],
  parts: [{ path: "lib/eider", sizeBytes: 100 }, { path: "unpack/unpack.ts", sizeBytes: 20 }],
  archiveBytes: 3,
  platform: thisPlatform("linux", "x86_64"),
};

Deno.test("fillLauncher lists the files in the order of their bytes, and pads to where the parts begin", () => {
  const header = fillLauncher(
    "@ID@|@NAMES@|@SIZES@|@BYTES@|@OFFSET@|@PARTS@\n",
    facts,
  );
  equal(header.length, 4096);
  equal(
    new TextDecoder().decode(header).trimEnd(),
    "1.2.3-abc|app/B.js app/a.js lib/eider|20 10 30|4219|4096|lib/eider 100 unpack/unpack.ts 20",
  );
});

Deno.test("fillLauncher takes another block when the text does not fit, and its numbers follow", () => {
  const header = fillLauncher(`${"#".repeat(4096)}@OFFSET@ @BYTES@`, facts);
  equal(header.length, 8192);
  match(new TextDecoder().decode(header), /#8192 8315\n/);
});

Deno.test("fillLauncher refuses a name that the shell would split, and a place without a value", () => {
  for (const path of ["a b", "a'b", "-a", "a*", "$a", "/a"]) {
    throws(() => fillLauncher("", { ...facts, files: [{ path, sizeBytes: 1, executable: false }] }), /cannot hold/);
  }
  throws(() => fillLauncher("@NO_SUCH@", facts), /@NO_SUCH@ has no value/);
});

Deno.test("the launcher has no place that stays unfilled", async () => {
  const template = await Deno.readTextFile(new URL("launcher.sh", import.meta.url));
  const filled = new TextDecoder().decode(fillLauncher(template, facts));
  deepEqual(filled.match(/@[A-Z_]+@/g), null);
});

Deno.test("thisPlatform knows what is released and refuses the rest by name", () => {
  equal(thisPlatform("darwin", "aarch64").name, "darwin-arm64");
  equal(thisPlatform("linux", "aarch64").loader, "/lib/ld-linux-aarch64.so.1");
  throws(() => thisPlatform("windows", "x86_64"), /no executable for windows x86_64: accepted are linux x86_64/);
});
