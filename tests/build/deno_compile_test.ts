/**
 * The other way to make the executable, `deno compile`. Its runtime `denort` is not part of the toolchain and has to be
 * downloaded, so a program that any system has stands in for it: everything up to the finished file is tested, except for
 * running it.
 */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { build } from "../../scripts/build.ts";
import { denortMissing } from "../../scripts/build/deno_compile.ts";
import { thisPlatform } from "../../scripts/build/platform.ts";

async function withDenort(value: string, use: () => Promise<void>): Promise<void> {
  const before = Deno.env.get("DENORT_BIN");
  Deno.env.set("DENORT_BIN", value);
  try {
    await use();
  } finally {
    if (before === undefined) Deno.env.delete("DENORT_BIN");
    else Deno.env.set("DENORT_BIN", before);
  }
}

function occurrences(bytes: Uint8Array, text: string): number {
  return new TextDecoder("latin1").decode(bytes).split(text).length - 1;
}

Deno.test("with DENORT_BIN the build takes deno compile, and packs this platform's libduckdb and the assets once", async () => {
  const folder = await Deno.makeTempDir({ prefix: "eider_compile_" });
  try {
    const standIn = await Deno.realPath("/bin/true");
    await withDenort(standIn, async () => {
      const lines: string[] = [];
      const out = join(folder, "eider");
      equal(await build({ out, method: "auto", verify: false }, (line) => lines.push(line)), 0);
      ok(lines.includes("  method: deno compile"), lines.join("\n"));
      const { size, mode } = await Deno.stat(out);
      ok((mode! & 0o111) !== 0);
      // libduckdb of one platform and one C library is some 70 MB.
      ok(size > 60e6 && size < 120e6, String(size));
      const bytes = await Deno.readFile(out);
      deepEqual(bytes.subarray(0, 4), (await Deno.readFile(standIn)).subarray(0, 4), "the stand-in comes first");
      for (const name of ["libpg-query.wasm", "exchange_rates.csv", "main.js"]) {
        ok(occurrences(bytes, `"${name}"`) > 0, `${name} is not in it`);
      }
      equal(occurrences(bytes, `"node-bindings-${thisPlatform().name}"`), 1);
      equal(occurrences(bytes, `"node-bindings-${thisPlatform().name}-musl"`), 0);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a DENORT_BIN that names no file ends the build with its path", async () => {
  await withDenort("/nowhere/denort", async () => {
    equal(await denortMissing(), "DENORT_BIN names no file: /nowhere/denort");
    const out = join(await Deno.makeTempDir({ prefix: "eider_compile_" }), "eider");
    await rejects(build({ out, method: "auto", verify: false }, () => {}), (error: Error) => {
      match(error.message, /^deno compile: DENORT_BIN names no file: \/nowhere\/denort$/);
      return true;
    });
    await rejects(Deno.stat(out), Deno.errors.NotFound);
    await Deno.remove(join(out, ".."), { recursive: true });
  });
});

Deno.test("an executable that does not run fails the build's own check, with what it did", async () => {
  const folder = await Deno.makeTempDir({ prefix: "eider_compile_" });
  try {
    await withDenort(await Deno.realPath("/bin/true"), async () => {
      const attempt = build({ out: join(folder, "eider"), method: "compile", verify: true }, () => {});
      await rejects(attempt, /serve does not listen/);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
