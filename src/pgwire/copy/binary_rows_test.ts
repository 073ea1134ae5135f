import assert from "node:assert/strict";
import { MessageWriter } from "../codec/message_writer.ts";
import { seededRandom } from "../../sql/testing_random.ts";
import { BinaryRows } from "./binary_rows.ts";
import { BinaryWriter } from "./binary_writer.ts";
import { readAll, splits } from "./testing_copy.ts";

function hex(...parts: readonly string[]): Uint8Array {
  const digits = parts.join("").replace(/\s/g, "");
  return Uint8Array.from(
    { length: digits.length / 2 },
    (_, index) => parseInt(digits.slice(index * 2, index * 2 + 2), 16),
  );
}

const signature = "5047434f50590aff0d0a00";
const header = `${signature} 00000000 00000000`;
/** Two columns: "ab" and NULL. */
const row = "0002 00000002 6162 ffffffff";
const trailer = "ffff";

Deno.test("rows of the binary format are decoded, however the stream is cut", () => {
  for (const pieces of splits(hex(header, row, row, trailer))) {
    assert.deepEqual(readAll(new BinaryRows(2), pieces), [["ab", null], ["ab", null]]);
  }
});

Deno.test("the trailer may be missing, and a header extension is passed over", () => {
  assert.deepEqual(readAll(new BinaryRows(2), [hex(header, row)]), [["ab", null]]);
  assert.deepEqual(readAll(new BinaryRows(2), [hex(signature, "0000ffff 00000003 aabbcc", row, trailer)]), [[
    "ab",
    null,
  ]]);
});

Deno.test("every truncation gives the rows before it and an error, or none at a row's end", () => {
  const bytes = hex(header, row, row);
  const headerLength = hex(header).length;
  const rowLength = hex(row).length;
  for (let length = 0; length <= bytes.length; length++) {
    const rows = readAll(new BinaryRows(2), [bytes.subarray(0, length)]);
    const behind = length - headerLength;
    const whole = behind < 0 ? 0 : Math.floor(behind / rowLength);
    assert.deepEqual(rows.slice(0, whole), new Array(whole).fill(["ab", null]), `${length} bytes`);
    // A single byte of a field count counts as the end, as in PostgreSQL.
    const ends = behind >= 0 && behind % rowLength < 2;
    assert.equal(rows.length, ends ? whole : whole + 1, `${length} bytes`);
  }
});

const refused: readonly (readonly [string, string])[] = [
  [`5047434f50590aff0d0a01`, "line 0: COPY file signature not recognized"],
  [`5047`, "line 0: COPY file signature not recognized"],
  [`${signature} 0000`, "line 0: invalid COPY file header (missing flags)"],
  [`${signature} 00010000 00000000`, "line 0: invalid COPY file header (WITH OIDS)"],
  [`${signature} 00020000 00000000`, "line 0: unrecognized critical flags in COPY file header"],
  [`${signature} 80000000 00000000`, "line 0: unrecognized critical flags in COPY file header"],
  [`${signature} 00000000 00`, "line 0: invalid COPY file header (missing length)"],
  [`${signature} 00000000 ffffffff`, "line 0: invalid COPY file header (missing length)"],
  [`${signature} 00000000 00000009 aa`, "line 0: invalid COPY file header (wrong length)"],
  [`${header} 0003`, "line 1: row field count is 3, expected 2"],
  [`${header} 0000`, "line 1: row field count is 0, expected 2"],
  [`${header} fffe`, "line 1: row field count is -2, expected 2"],
  [`${header} 0002 fffffffe`, "line 1: invalid field size"],
  [`${header} 0002 7fffffff 00`, "line 1: unexpected EOF in COPY data"],
  [`${header} ${trailer} 00`, "line 1: received copy data after EOF marker"],
];

Deno.test("a stream that is not what it says is refused in PostgreSQL's words", () => {
  for (const [digits, message] of refused) {
    assert.deepEqual(readAll(new BinaryRows(2), [hex(digits)]), [`error: ${message}`], digits);
  }
  assert.deepEqual(readAll(new BinaryRows(2), [hex(header, trailer), hex("00")]), [
    "error: line 1: received copy data after EOF marker",
  ]);
});

Deno.test("random bytes behind the header give rows or a typed error", () => {
  const random = seededRandom(11);
  for (let turn = 0; turn < 500; turn++) {
    const length = Math.floor(random() * 40);
    const bytes = Uint8Array.from({ length }, () => random() < 0.6 ? 0 : Math.floor(random() * 256));
    const rows = readAll(new BinaryRows(2), [hex(header), bytes]);
    for (const fields of rows.slice(0, -1)) assert.equal(fields.length, 2);
  }
});

Deno.test("the header goes out with the first row, and without rows with the trailer", () => {
  const writer = new MessageWriter();
  const rows = hex("44 0000000e 0002 00000000 ffffffff");
  const binary = new BinaryWriter();
  binary.writeRows(rows, writer);
  binary.writeRows(rows, writer);
  binary.writeTrailer(writer);
  assert.deepEqual(
    writer.take(),
    hex(`64 00000021 ${header} 0002 00000000 ffffffff`, "64 0000000e 0002 00000000 ffffffff", "64 00000006 ffff"),
  );
  new BinaryWriter().writeTrailer(writer);
  assert.deepEqual(writer.take(), hex(`64 00000019 ${header} ffff`));
});
