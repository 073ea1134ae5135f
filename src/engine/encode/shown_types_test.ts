/** Types that DuckDB does not have and the emulated catalog shows: oid, name, int2vector; numeric without precision. */
import assert from "node:assert/strict";
import duckdb from "@duckdb/node-bindings";
import { MessageWriter } from "../../pgwire/codec/message_writer.ts";
import { type ColumnType, fieldTypeOf, unconstrainedNumeric } from "../../pgwire/types.ts";
import { createRowEncoder, type Format } from "./row_encoder.ts";

const database = await duckdb.open(":memory:");
const connection = await duckdb.connect(database);

/** The single value of a query's single column, as sent. */
async function encodeOne(sql: string, type: ColumnType, format: Format): Promise<Uint8Array> {
  const result = await duckdb.query(connection, sql);
  const chunk = await duckdb.fetch_chunk(result);
  assert.ok(chunk !== null);
  const writer = new MessageWriter();
  createRowEncoder([type], [format], { timeZone: "UTC", extraFloatDigits: 1 }).encodeChunk(chunk, 0, 1, writer);
  return writer.take().slice(11);
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

Deno.test("oid is four unsigned bytes in binary and its digits in text", async () => {
  const type: ColumnType = { name: "UINTEGER", shownAs: "oid" };
  assert.equal(hex(await encodeOne("SELECT 4294967295::UINTEGER", type, 1)), "ffffffff");
  assert.equal(text(await encodeOne("SELECT 4294967295::UINTEGER", type, 0)), "4294967295");
  assert.deepEqual(fieldTypeOf(type), { oid: 26, length: 4, modifier: -1 });
});

Deno.test("a plain UINTEGER stays an int8", async () => {
  assert.equal(hex(await encodeOne("SELECT 7::UINTEGER", { name: "UINTEGER" }, 1)), "0000000000000007");
  assert.equal(fieldTypeOf({ name: "UINTEGER" }).oid, 20);
});

Deno.test('name and "char" are sent as their text', async () => {
  for (const [shownAs, oid] of [["name", 19], ["char", 18]] as const) {
    const type: ColumnType = { name: "VARCHAR", shownAs };
    assert.equal(text(await encodeOne("SELECT 'r'", type, 1)), "r");
    assert.equal(fieldTypeOf(type).oid, oid);
  }
});

Deno.test("a row's place is its page in four bytes and its line in two in binary, and its text", async () => {
  const type: ColumnType = { name: "VARCHAR", shownAs: "tid" };
  assert.equal(hex(await encodeOne("SELECT '(0,1)'", type, 1)), "000000000001");
  assert.equal(hex(await encodeOne("SELECT '(4294967294,65535)'", type, 1)), "fffffffeffff");
  assert.equal(text(await encodeOne("SELECT '(15,7)'", type, 0)), "(15,7)");
  assert.deepEqual(fieldTypeOf(type), { oid: 27, length: 6, modifier: -1 });
});

Deno.test("int2vector and oidvector are numbers with spaces between them", async () => {
  const int2vector: ColumnType = { name: "LIST", child: { name: "SMALLINT" }, shownAs: "int2vector" };
  assert.equal(text(await encodeOne("SELECT [1,2,-3]::SMALLINT[]", int2vector, 0)), "1 2 -3");
  assert.equal(text(await encodeOne("SELECT []::SMALLINT[]", int2vector, 0)), "");
  assert.equal(fieldTypeOf(int2vector).oid, 22);
  const oidvector: ColumnType = { name: "LIST", child: { name: "UINTEGER", shownAs: "oid" }, shownAs: "oidvector" };
  assert.equal(text(await encodeOne("SELECT [25,1700]::UINTEGER[]", oidvector, 0)), "25 1700");
  // One dimension, no NULL, element oid, one element from index 1, four bytes each.
  assert.equal(
    hex(await encodeOne("SELECT [25]::UINTEGER[]", oidvector, 1)),
    "00000001" + "00000000" + "0000001a" + "00000001" + "00000001" + "00000004" + "00000019",
  );
});

Deno.test("numeric without precision shows no trailing zeros and has no modifier", async () => {
  assert.deepEqual(fieldTypeOf(unconstrainedNumeric), { oid: 1700, length: -1, modifier: -1 });
  for (
    const [sql, shown, binary] of [
      // digits, weight, sign, display scale, digits
      ["2.5", "2.5", "0002" + "0000" + "0000" + "0001" + "0002" + "1388"],
      ["100", "100", "0001" + "0000" + "0000" + "0000" + "0064"],
      ["-0.00012", "-0.00012", "0002" + "ffff" + "4000" + "0005" + "0001" + "07d0"],
      ["0", "0", "0000" + "0000" + "0000" + "0000"],
      ["12345678901234567890.5", "12345678901234567890.5", "0006" + "0004" + "0000" + "0001" + "0000".slice(4)],
    ] as const
  ) {
    const query = `SELECT ${sql}::DECIMAL(38,10)`;
    assert.equal(text(await encodeOne(query, unconstrainedNumeric, 0)), shown);
    assert.ok(hex(await encodeOne(query, unconstrainedNumeric, 1)).startsWith(binary), sql);
  }
});

Deno.test("jsonb is canonical text, in binary behind a version byte", async () => {
  const type: ColumnType = { name: "JSON", shownAs: "jsonb" };
  assert.deepEqual(fieldTypeOf(type), { oid: 3802, length: -1, modifier: -1 });
  const query = `SELECT '{"b":1,"a":2,"aa":[1,"x"],"a":3}'::JSON`;
  const canonical = '{"a": 3, "b": 1, "aa": [1, "x"]}';
  assert.equal(text(await encodeOne(query, type, 0)), canonical);
  assert.equal(text(await encodeOne(query, type, 1)), `\x01${canonical}`);
  for (
    const [written, shown] of [
      ["1e3", "1000"],
      ["-0", "0"],
      ["1.50", "1.50"],
      ['"x\\u0041"', '"xA"'],
      ["[]", "[]"],
      ["true", "true"],
    ] as const
  ) {
    assert.equal(text(await encodeOne(`SELECT '${written}'::JSON`, type, 0)), shown);
  }
});

Deno.test("a record is its fields in brackets, in binary each with its OID", async () => {
  const type: ColumnType = {
    name: "STRUCT",
    entries: [{ name: "f1", type: { name: "INTEGER" } }, { name: "f2", type: { name: "VARCHAR" } }],
    shownAs: "record",
  };
  assert.equal(fieldTypeOf(type).oid, 2249);
  assert.equal(text(await encodeOne(`SELECT {'f1': 1, 'f2': 'a "b"'}`, type, 0)), '(1,"a ""b""")');
  assert.equal(text(await encodeOne("SELECT {'f1': NULL::INTEGER, 'f2': ''}", type, 0)), '(,"")');
  assert.equal(
    hex(await encodeOne("SELECT {'f1': 7, 'f2': NULL::VARCHAR}", type, 1)),
    "00000002" + "00000017" + "00000004" + "00000007" + "00000019" + "ffffffff",
  );
});

Deno.test("a reg… value is its name in text and its OID in binary", async () => {
  const type: ColumnType = {
    name: "STRUCT",
    entries: [{ name: "name", type: { name: "VARCHAR" } }, { name: "oid", type: { name: "UINTEGER" } }],
    shownAs: "regclass",
  };
  const query = "SELECT {'name': 'pg_class', 'oid': 1259::UINTEGER}";
  assert.deepEqual(fieldTypeOf(type), { oid: 2205, length: 4, modifier: -1 });
  assert.equal(text(await encodeOne(query, type, 0)), "pg_class");
  assert.equal(hex(await encodeOne(query, type, 1)), "000004eb");
});
