import assert from "node:assert/strict";
import { RowSpool, wholeRows } from "./spool.ts";

/** A DataRow message with one column of `length` bytes of `fill`. */
function dataRow(fill: number, length: number): Uint8Array {
  const row = new Uint8Array(11 + length).fill(fill, 11);
  const view = new DataView(row.buffer);
  row[0] = 0x44;
  view.setInt32(1, row.length - 1);
  view.setInt16(5, 1);
  view.setInt32(7, length);
  return row;
}

function joined(rows: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(rows.reduce((sum, row) => sum + row.length, 0));
  let offset = 0;
  for (const row of rows) {
    all.set(row, offset);
    offset += row.length;
  }
  return all;
}

Deno.test("wholeRows stops before a row that is cut off", () => {
  const bytes = joined([dataRow(1, 3), dataRow(2, 4)]);
  for (let cut = 0; cut < bytes.length; cut++) {
    const { end, rowCount } = wholeRows(bytes.subarray(0, cut), Infinity);
    assert.deepEqual({ end, rowCount }, cut < 14 ? { end: 0, rowCount: 0 } : { end: 14, rowCount: 1 });
  }
  assert.deepEqual(wholeRows(bytes, 1), { end: 14, rowCount: 1 });
});

Deno.test("a spool gives every row once and in order, whatever the portion, from memory and from disk", async () => {
  const directory = await Deno.makeTempDir();
  try {
    for (const portion of [1, 7, 1000, Infinity]) {
      const spool = new RowSpool(directory);
      const rows = Array.from({ length: 3_000 }, (_, index) => dataRow(index % 251, 1_000 + index % 2_000));
      for (let index = 0; index < rows.length; index += 100) {
        await spool.append(joined(rows.slice(index, index + 100)), 100);
      }
      assert.equal(spool.rowsLeft, rows.length);
      const parts: Uint8Array[] = [];
      let rowCount = 0;
      for (let taken = await spool.take(portion); taken !== null; taken = await spool.take(portion)) {
        assert.ok(taken.rowCount <= portion);
        rowCount += taken.rowCount;
        parts.push(taken.bytes.slice());
      }
      spool.close();
      assert.equal(rowCount, rows.length);
      assert.deepEqual(joined(parts), joined(rows));
    }
    assert.deepEqual([...Deno.readDirSync(directory)], [], "a spool file keeps no name");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
