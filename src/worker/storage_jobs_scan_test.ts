import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { csvLineOfRecord, firstOtherLineEnd, jsonLines } from "./storage_jobs_scan.ts";

async function withFile<Result>(text: string, use: (path: string) => Promise<Result>): Promise<Result> {
  const path = await Deno.makeTempFile();
  try {
    writeFileSync(path, text);
    return await use(path);
  } finally {
    rmSync(path);
  }
}

Deno.test("a CSV record's line counts line breaks inside of quotes, and blank lines as asked", async () => {
  const cases: [string, number, boolean, number][] = [
    ["a,b\n1,2\n3,4\n", 3, false, 3],
    ['a,b\n"x\ny",2\n3,4\n', 3, false, 4],
    ['a,b\r\n"x\r\ny",2\r\n3,4\r\n', 3, false, 4],
    ["a,b\n1,2\n\n3,4\n", 3, true, 4],
    ["a,b\n1,2\n\n3,4\n", 4, false, 4],
    ['a,b\n"p ""q\n""",2\n3,4', 3, false, 4],
    ['a,b\nx"y,2\n3,4\n', 3, false, 3],
  ];
  for (const [text, record, skipBlankLines, expected] of cases) {
    const line = await withFile(text, (path) => csvLineOfRecord(path, record, ",", { skipBlankLines }));
    assert.equal(line, expected, JSON.stringify(text));
  }
});

Deno.test("the first line that ends differently is found", async () => {
  assert.equal(await withFile("a\nb\nc", firstOtherLineEnd), null);
  assert.equal(await withFile("a\r\nb\r\nc\n", firstOtherLineEnd), 3);
  assert.equal(await withFile("a\nb\r\n", firstOtherLineEnd), 2);
  assert.equal(await withFile("a\rb\r", firstOtherLineEnd), null);
});

Deno.test("JSON lines are numbered with the blank ones counted, also across the read buffer", async () => {
  const long = "x".repeat(1_500_000);
  const lines = await withFile(`{"a":1}\n\n${long}\n \n{"b":2}`, async (path) => {
    const found = [];
    for await (const { line, text } of jsonLines(path)) found.push([line, text.length]);
    return found;
  });
  assert.deepEqual(lines, [[1, 7], [3, 1_500_000], [5, 7]]);
});
