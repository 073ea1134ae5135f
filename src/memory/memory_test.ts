/** What the modules of this folder do to the memory of the process that runs the test. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { getHeapSpaceStatistics } from "node:v8";
import { cleanFileMappings, inBoth, openReleaseFilePages, readOnlyFileMappings } from "./file_pages.ts";
import { collectGarbage } from "./garbage.ts";
import { openDuckDbPurge } from "./memory_trim.ts";

const isGlibc = Deno.build.target.endsWith("linux-gnu");
const remark = isGlibc ? "" : " (skipped: not glibc)";

Deno.test({
  name: `DuckDB's allocator takes the order to give back what it does not use${remark}`,
  ignore: !isGlibc,
  // The library stays open for the life of the process.
  sanitizeResources: false,
  async fn() {
    const { DuckDBInstance } = await import("@duckdb/node-api");
    const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
    const purge = openDuckDbPurge();
    ok(purge !== null, "libduckdb.so has no duckdb_je_mallctl any more: the server keeps what it has freed");
    equal(await purge(), 0);
    instance.closeSync();
  },
});

Deno.test("the young generation is empty of garbage after a minor collection", () => {
  const youngBytes = () =>
    getHeapSpaceStatistics().find((space) => space.space_name === "new_space")?.space_used_size ?? NaN;
  let kept: unknown;
  for (let count = 0; count < 10_000; count++) kept = new Array(10).fill(count);
  const before = youngBytes();
  collectGarbage("minor");
  ok(youngBytes() < before / 2, `${before} bytes before, ${youngBytes()} after`);
  ok(Array.isArray(kept));
});

Deno.test("a major collection frees what the old generation no longer needs", () => {
  const heapBytes = () => Deno.memoryUsage().heapUsed;
  collectGarbage("major");
  const before = heapBytes();
  let kept: number[][] | null = Array.from({ length: 20_000 }, (_, index) => new Array(100).fill(index + 0.5));
  collectGarbage("major");
  const grownBytes = heapBytes() - before;
  ok(kept.length === 20_000 && grownBytes > 15_000_000, `${grownBytes} bytes`);
  kept = null;
  collectGarbage("major");
  ok(heapBytes() - before < grownBytes / 2, `${grownBytes} bytes, then ${heapBytes() - before}`);
});

Deno.test({
  name: `pages of files are unmapped, and what they hold is still there${remark}`,
  ignore: !isGlibc,
  sanitizeResources: false,
  async fn() {
    const { DuckDBInstance } = await import("@duckdb/node-api");
    const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
    const connection = await instance.connect();
    const answer = async () =>
      (await connection.runAndReadAll("SELECT sum(n), max(upper(md5(n::VARCHAR))) FROM range(10000) r(n)"))
        .getRowsJson();
    const expected = await answer();
    const fileKb = () => Number(/^RssFile:\s+(\d+) kB$/m.exec(Deno.readTextFileSync("/proc/self/status"))?.[1] ?? NaN);
    const before = fileKb();
    const release = openReleaseFilePages();
    ok(release !== null);
    await release();
    const after = fileKb();
    ok(after < before * 0.8, `${before} kB of files before, ${after} after`);
    deepEqual(await answer(), expected);
    connection.closeSync();
    instance.closeSync();
  },
});

/** A mapping as the kernel writes it; fields that do not matter here are left out. */
function mapping(line: string, rssKb: number, anonymousKb: number): string {
  return `${line}\nSize: 64 kB\nRss:        ${rssKb} kB\nPss:   4 kB\nAnonymous:   ${anonymousKb} kB\nVmFlags: rd mr mw me\n`;
}

Deno.test("only file mappings that cannot be written and have no page of their own are clean", () => {
  const smaps = [
    mapping("00001000-00003000 r--p 00000000 08:01 77                         /opt/eider/lib/eider", 8, 0),
    mapping("00003000-00008000 r-xp 00002000 08:01 77                         /opt/eider/lib/eider", 12, 0),
    // Relocated, then protected.
    mapping("00008000-00009000 r--p 00007000 08:01 77                         /opt/eider/lib/eider", 4, 4),
    mapping("00009000-0000a000 rw-p 00008000 08:01 77                         /opt/eider/lib/eider", 4, 0),
    mapping("0000a000-0000b000 r--s 00000000 08:01 78                         /var/cache/shared file", 4, 0),
    mapping("0000b000-0000c000 r--p 00000000 00:00 0 ", 4, 0),
    mapping("0000c000-0000d000 r-xp 00000000 00:00 0                          [vdso]", 4, 0),
    // Not touched: nothing to unmap.
    mapping("0000d000-0000e000 r-xp 00000000 08:01 79                         /lib/libm.so.6", 0, 0),
    mapping("7f0000000000-7f0000002000 r-xp 00000000 08:01 80                 /lib/with a space.so (deleted)", 4, 0),
  ].join("");
  deepEqual(cleanFileMappings(smaps), [
    { address: 0x1000n, bytes: 0x2000n, inode: "77" },
    { address: 0x3000n, bytes: 0x5000n, inode: "77" },
    { address: 0x7f0000000000n, bytes: 0x2000n, inode: "80" },
  ]);
});

Deno.test("a mapping is not clean when the kernel does not say how much of it is anonymous", () => {
  deepEqual(cleanFileMappings("1000-2000 r-xp 0 08:01 7 /lib/libm.so.6\nRss: 4 kB\nVmFlags: rd\n"), []);
});

Deno.test("a mapping that has another size or file after the pause is left alone: its library may be half loaded", () => {
  const lasting = { address: 0x1000n, bytes: 0x2000n, inode: "77" };
  const loading = { address: 0x5000n, bytes: 0x9000n, inode: "78" };
  const now = [lasting, { ...loading, bytes: 0x2000n }, { ...lasting, inode: "79" }];
  deepEqual(inBoth([lasting, loading], now), [lasting]);
  const maps = "00001000-00003000 r--p 00000000 08:01 77      /opt/eider/lib/eider\n" +
    "00003000-00004000 rw-p 00002000 08:01 77      /opt/eider/lib/eider\n7f0000000000-7f0000001000 r-xp 00000000 00:00 0   [vdso]\n";
  deepEqual(readOnlyFileMappings(maps), [lasting]);
});
