import assert from "node:assert/strict";
import { formatByteSize, parseByteSize } from "./byte_size.ts";

Deno.test("parseByteSize counts kB to TB in thousands and KiB to TiB in 1,024s", () => {
  const cases: readonly [string, number][] = [
    ["0", 0],
    ["100000000", 1e8],
    ["12B", 12],
    ["1kB", 1000],
    ["1KB", 1000],
    ["4GB", 4e9],
    ["4 gb", 4e9],
    ["2TB", 2e12],
    ["1KiB", 1024],
    ["1.5MiB", 1_572_864],
    [" 3GiB ", 3_221_225_472],
    ["1TiB", 2 ** 40],
  ];
  for (const [text, bytes] of cases) assert.equal(parseByteSize(text), bytes, text);
});

Deno.test("parseByteSize refuses what is not a size", () => {
  for (const text of ["", "GB", "-1GB", "4 G B", "4G", "1e9", "0x10", "4GB!", "99999999TB", "1,5GB"]) {
    assert.equal(parseByteSize(text), undefined, text);
  }
});

Deno.test("formatByteSize gives a text that is read back exactly", () => {
  for (const bytes of [0, 1, 999, 1000, 1024, 4e9, 1.5e9, 2 ** 30, 3 * 2 ** 30, 123_456_789, 12_000_000_001]) {
    assert.equal(parseByteSize(formatByteSize(bytes)), bytes, formatByteSize(bytes));
  }
  assert.equal(formatByteSize(4e9), "4GB");
  assert.equal(formatByteSize(3 * 2 ** 30), "3GiB");
});
