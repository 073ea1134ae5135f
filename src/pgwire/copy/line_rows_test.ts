import assert from "node:assert/strict";
import { MessageWriter } from "../codec/message_writer.ts";
import type { CopyOptions } from "../../sql/statement.ts";
import { seededRandom } from "../../sql/testing_random.ts";
import { LineRows } from "./line_rows.ts";
import { LineWriter } from "./line_writer.ts";
import { copyOptions, type Fields, readAll, splits, utf8 } from "./testing_copy.ts";

type Sample = readonly [input: string, rows: readonly (Fields | string)[], options?: Partial<CopyOptions>];

/** Columns are called a and b. An error ends the rows. */
const textSamples: readonly Sample[] = [
  ["", []],
  ["1\tx\n", [["1", "x"]]],
  ["1\tx", [["1", "x"]]],
  ["\n", [[""]]],
  ["\\N\t\\N\n", [[null, null]]],
  ["\\N", [[null]]],
  ["\\\\N\tN\n", [["\\N", "N"]]],
  ["\\Nx\tx\\N\n", [["Nx", "xN"]]],
  ["\\b\\f\\n\\r\\t\\v\\\\\tq\\q\n", [["\b\f\n\r\t\v\\", "qq"]]],
  ["\\x41\\x4\\x\\xg\t\\101\\7\\8\\1234\n", [["A\x04xxg", "A\x078S4"]]],
  ["a\\\tb\tc\n", [["a\tb", "c"]]],
  ["a\\\nb\tc\n", [["a\nb", "c"]]],
  ["x\\", [["x"]]],
  ["\\xc5\\x99\t\\305\\231\n", [["ř", "ř"]]],
  ["a\\xff\n", ['error: line 1: invalid byte sequence for encoding "UTF8": 0xff']],
  ["a\\000\n", ['error: line 1: invalid byte sequence for encoding "UTF8": 0x00']],
  ["1\t2\t3\t4\n", [["1", "2", "…", "…"]]],
  ["1\r\n2\r\n", [["1"], ["2"]]],
  ["1\r2\r", [["1"], ["2"]]],
  ["1\n2\r\n", [["1"], "error: line 2: literal carriage return found in data"]],
  ["1\r\n2\n", [["1"], "error: line 2: literal newline found in data"]],
  ["1\r\n2\r3\r\n", [["1"], "error: line 2: literal carriage return found in data"]],
  ["1\r2\n", [["1"], "error: line 2: literal newline found in data"]],
  ["1\n\\.\n2\n", [["1"]]],
  ["1\n2\\.\n3\n", [["1"], ["2"]]],
  ["1\n\\.x\n", [["1"], "error: line 2: end-of-copy marker corrupt"]],
  ["1\n\\.", [["1"], "error: line 2: end-of-copy marker corrupt"]],
  ["1\n\\.\r\n", [["1"], "error: line 2: end-of-copy marker does not match previous newline style"]],
  ["1\r\n\\.\n", [["1"], "error: line 2: end-of-copy marker does not match previous newline style"]],
  ["1\r\n\\.\r\nx", [["1"]]],
  ["1|\n|2\n", [["1", null], [null, "2"]], { delimiter: "|", null: "" }],
  ["d\t\\d\n", [[undefined, null]], { default: "d", null: "\\d" }],
  ["x\ty\n1\t2\n", [["1", "2"]], { header: true }],
  ["x\\\ny\n1\t2\n", [["1", "2"]], { header: true }],
  ["a\tb\n1\t2\n", [["1", "2"]], { header: "match" }],
  ["a\tc\n1\t2\n", ['error: line 1: column name mismatch in header line field 2: got "c", expected "b"'], {
    header: "match",
  }],
  ["a\t\\N\n", [
    'error: line 1: column name mismatch in header line field 2: got null value ("\\N"), expected "b"',
  ], { header: "match" }],
  ["a\tb\tc\td\n", ["error: line 1: wrong number of fields in header line: got 4, expected 2"], { header: "match" }],
  ["a\n", ["error: line 1: wrong number of fields in header line: got 1, expected 2"], { header: "match" }],
  ["", [], { header: true }],
  ["", ["error: line 1: wrong number of fields in header line: got 1, expected 2"], { header: "match" }],
  ["\\.\n", ["error: line 1: wrong number of fields in header line: got 1, expected 2"], { header: "match" }],
];

const csvSamples: readonly Sample[] = [
  ["1,x\n", [["1", "x"]]],
  [",\n", [[null, null]]],
  ['"",x\n', [["", "x"]]],
  ['"a,b","say ""hi"""\n', [["a,b", 'say "hi"']]],
  ['"a\nb",c\nd,e\n', [["a\nb", "c"], ["d", "e"]]],
  ['0\n"a\nb",c\n1\\\n"', [["0"], ["a\nb", "c"], ["1\\"], "error: line 5: unterminated CSV quoted field"]],
  ['ab"c,d"e,f\n', [["abc,de", "f"]]],
  ['"ab"cd,"x""y"z\n', [["abcd", 'x"yz']]],
  ['"abc', ["error: line 1: unterminated CSV quoted field"]],
  ['1,2,3,"x', ["error: line 1: unterminated CSV quoted field"]],
  ["1,x,\n", [["1", "x", "…"]]],
  ["1\n2\r\n", [["1"], "error: line 2: unquoted carriage return found in data"]],
  ["1\r\n2\n", [["1"], "error: line 2: unquoted newline found in data"]],
  ['"a\r\nb"\r\n2\r\n', [["a\r\nb"], ["2"]]],
  ["1\n\\.\n2\n", [["1"]]],
  ["1\n\\.", [["1"], ["\\."]]],
  ["\\.x\n\\.,1\n", [["\\.x"], ["\\.", "1"]]],
  ['"\\."\n', [["\\."]]],
  ["1,\\.\n", [["1", "\\."]]],
  ["a\\nb,\\N\n", [["a\\nb", "\\N"]]],
  ["1;x\n", [["1", "x"]], { delimiter: ";" }],
  ["'a,''b',1\n", [["a,'b", "1"]], { quote: "'" }],
  ['"a\\"b\\\\c\\d",\\"\n"', [['a"b\\c\\d', "\\\n"]], { escape: "\\" }],
  ['NA,"NA"\n', [[null, "NA"]], { null: "NA" }],
  ['NA,"NA"\n', [[null, null]], { null: "NA", forceNull: ["b"] }],
  ['"",""\n,\n', [["", null], ["", null]], { forceNull: ["b"], forceNotNull: ["a"] }],
  ['"",\n', [["", ""]], { forceNull: ["b"], forceNotNull: "all" }],
  ['D,"D"\n', [[undefined, "D"]], { default: "D" }],
  ['"a","b"\n1,2\n', [["1", "2"]], { header: "match" }],
  ['"x\ny",z\n1,2\n', [["1", "2"]], { header: true }],
];

for (const [format, samples] of [["text", textSamples], ["csv", csvSamples]] as const) {
  Deno.test(`${format} is decoded as PostgreSQL does, however the stream is cut`, () => {
    for (const [input, expected, changes] of samples) {
      for (const pieces of splits(utf8(input))) {
        const rows = readAll(new LineRows(copyOptions({ format, ...changes }), ["a", "b"]), pieces);
        assert.deepEqual(
          rows,
          expected,
          `${JSON.stringify(input)} in ${pieces.length} pieces, ${JSON.stringify(changes)}`,
        );
      }
    }
  });
}

Deno.test("line ends within quotes count as PostgreSQL counts them: by the first line's kind of end", () => {
  const lineOfLast = (input: string): number => {
    const reader = new LineRows(copyOptions({ format: "csv" }), ["a"]);
    reader.push(utf8(input));
    let last = 0;
    while (reader.next()) last = reader.row.lineNumber;
    return last;
  };
  assert.equal(lineOfLast('0\n"a\nb\nc"\n'), 4);
  assert.equal(lineOfLast('"a\nb\nc"\n'), 1, "before any line has ended only carriage returns count");
  assert.equal(lineOfLast('0\r\n"a\r\nb"\r\n'), 3);
  assert.equal(lineOfLast('0\r"a\nb"\rx'), 2);
});

Deno.test("bad UTF-8 is reported at its line, after the rows before it, with the bytes of one character", () => {
  const samples: readonly (readonly [number[], string])[] = [
    [[0xff], "0xff"],
    [[0xe2, 0x28, 0xa1], "0xe2 0x28 0xa1"],
    [[0xc0, 0x80], "0xc0 0x80"],
    [[0xed, 0xa0, 0x80], "0xed 0xa0 0x80"],
    [[0xf5, 0x80, 0x80, 0x80], "0xf5 0x80 0x80 0x80"],
    [[0x00], "0x00"],
  ];
  for (const [bad, shown] of samples) {
    const bytes = Uint8Array.from([0x61, 10, 0x62, ...bad, 10]);
    const expected = [["a"], `error: line 2: invalid byte sequence for encoding "UTF8": ${shown}`];
    for (const pieces of splits(bytes)) {
      assert.deepEqual(readAll(new LineRows(copyOptions(), ["a"]), pieces), expected, shown);
    }
  }
});

Deno.test("the end within a character is an error", () => {
  assert.deepEqual(readAll(new LineRows(copyOptions(), ["a"]), [Uint8Array.of(0xe2, 0x82)]), [
    'error: line 1: invalid byte sequence for encoding "UTF8": 0xe2 0x82',
  ]);
});

Deno.test("what follows the end marker is not even looked at", () => {
  const input = Uint8Array.from([...utf8("1\n\\.\n"), 0xff, 0x00]);
  assert.deepEqual(readAll(new LineRows(copyOptions(), ["a"]), [input, Uint8Array.of(0xff)]), [["1"]]);
});

Deno.test("an error shows the line as it came, also where escapes or quotes were undone", () => {
  for (const [format, input] of [["text", "a\\tb\tc"], ["csv", 'a,"b""c"'], ["csv", "plain,x"]] as const) {
    const reader = new LineRows(copyOptions({ format }), ["a", "b"]);
    reader.push(utf8(`${input}\n`));
    assert.ok(reader.next());
    assert.equal(new TextDecoder().decode(reader.line()!), input);
  }
});

/** Values, and the line that PostgreSQL writes for them. */
const written: readonly (readonly [Fields, string, Partial<CopyOptions>?])[] = [
  [["1", null], "1\t\\N\n"],
  [["", "a\tb\nc\\d\r\b\f\v\x01"], "\ta\\tb\\nc\\\\d\\r\\b\\f\\v\x01\n"],
  [["\\N", "\\."], "\\\\N\t\\\\.\n"],
  [["a|b", "\t"], "a\\|b|\\t\n", { delimiter: "|" }],
  [["nil", null], "nil\tnil\n", { null: "nil" }],
  [["1", null], "1,\n", { format: "csv" }],
  [["", 'say "hi"'], '"","say ""hi"""\n', { format: "csv" }],
  [["a,b", "c\nd"], '"a,b","c\nd"\n', { format: "csv" }],
  [["\r", "\\."], '"\r",\\.\n', { format: "csv" }],
  [["\\."], '"\\."\n', { format: "csv" }],
  [["NA", null], '"NA",NA\n', { format: "csv", null: "NA" }],
  [['a"b\\c', "d\\e"], '"a\\"b\\\\c",d\\e\n', { format: "csv", escape: "\\" }],
  [["1", null], '"1",\n', { format: "csv", forceQuote: "all" }],
  [["1", "2"], '1,"2"\n', { format: "csv", forceQuote: ["b"] }],
  [["it's", ";"], "'it''s';';'\n", { format: "csv", delimiter: ";", quote: "'" }],
];

Deno.test("rows become the lines that PostgreSQL writes, one CopyData each, and are read back from them", () => {
  for (const [values, line, changes] of written) {
    const options = copyOptions(changes);
    const names = values.length === 1 ? ["a"] : ["a", "b"];
    assert.deepEqual(copyDataOf((writer) => new LineWriter(options, names).writeRows(dataRow(values), writer)), [line]);
    if (options.null === "nil") continue; // text that looks like it cannot be told from NULL
    assert.deepEqual(readAll(new LineRows(options, names), [utf8(line)]), [values], line);
  }
});

Deno.test("random values survive text and CSV with every choice of characters", () => {
  const random = seededRandom(7);
  const alphabet = ["a", ",", "\t", "\n", "\r", '"', "'", "\\", "N", ".", "ž", "|"];
  const value = () =>
    random() < 0.15 ? null : Array.from(
      { length: Math.floor(random() * 6) },
      () => alphabet[Math.floor(random() * alphabet.length)],
    ).join("");
  const choices: readonly Partial<CopyOptions>[] = [
    {},
    { delimiter: "|" },
    { format: "csv" },
    { format: "csv", quote: "'", delimiter: "|" },
    { format: "csv", escape: "\\", null: "N" },
    { format: "csv", forceQuote: "all" },
  ];
  for (const changes of choices) {
    const options = copyOptions(changes);
    const rows = Array.from({ length: 100 }, () => [value(), value()]);
    const lines = copyDataOf((writer) => {
      const lineWriter = new LineWriter(options, ["a", "b"]);
      for (const row of rows) lineWriter.writeRows(dataRow(row), writer);
    });
    assert.equal(lines.length, rows.length);
    assert.deepEqual(readAll(new LineRows(options, ["a", "b"]), [utf8(lines.join(""))]), rows);
  }
});

Deno.test("a header is written with the rules of its format", () => {
  const names = ['say "hi"', "a\tb", ""];
  const header = (changes: Partial<CopyOptions>) =>
    copyDataOf((writer) => new LineWriter(copyOptions(changes), names).writeHeader(names, writer));
  assert.deepEqual(header({}), ['say "hi"\ta\\tb\t\n']);
  assert.deepEqual(header({ format: "csv" }), ['"say ""hi""",a\tb,""\n']);
});

Deno.test("a row that its encoding cannot say leaves no part of a message behind", () => {
  const writer = new MessageWriter();
  const lineWriter = new LineWriter(copyOptions({ encoding: "LATIN1" }), ["a"]);
  lineWriter.writeRows(dataRow(["é"]), writer);
  const before = writer.length;
  assert.throws(
    () => lineWriter.writeRows(dataRow(["ž"]), writer),
    /character with byte sequence 0xc5 0xbe in encoding "UTF8" has no equivalent in encoding "LATIN1"/,
  );
  assert.equal(writer.length, before);
});

/** A DataRow in text format. */
function dataRow(values: Fields): Uint8Array {
  const writer = new MessageWriter();
  const start = writer.begin("D".charCodeAt(0));
  writer.int16(values.length);
  for (const value of values) {
    const bytes = value === null || value === undefined ? null : utf8(value);
    writer.int32(bytes?.length ?? -1);
    if (bytes !== null) writer.raw(bytes);
  }
  writer.end(start);
  return writer.take();
}

/** The bodies of the CopyData messages that `write` appends. */
function copyDataOf(write: (writer: MessageWriter) => void): string[] {
  const writer = new MessageWriter();
  write(writer);
  const bytes = writer.take();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const bodies: string[] = [];
  for (let offset = 0; offset < bytes.length;) {
    assert.equal(String.fromCharCode(bytes[offset]!), "d");
    const end = offset + 1 + view.getInt32(offset + 1);
    bodies.push(new TextDecoder().decode(bytes.subarray(offset + 5, end)));
    offset = end;
  }
  return bodies;
}
