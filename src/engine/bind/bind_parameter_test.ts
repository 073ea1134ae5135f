import assert from "node:assert/strict";
import duckdb from "@duckdb/node-bindings";
import { AppError } from "../../errors/app_error.ts";
import { MessageWriter } from "../../pgwire/codec/message_writer.ts";
import { type PostgresTypeName, postgresTypes } from "../../pgwire/types.ts";
import { columnTypeOf } from "../encode/column_type.ts";
import type { PostgresSample } from "../encode/postgres_sample.ts";
import { numberSamples } from "../encode/postgres_samples_numbers.ts";
import { otherSamples } from "../encode/postgres_samples_others.ts";
import { createRowEncoder } from "../encode/row_encoder.ts";
import { bindParameter } from "./bind_parameter.ts";

const database = await duckdb.open(":memory:");
const connection = await duckdb.connect(database);
await duckdb.query(connection, "SET TimeZone = 'UTC'");

function oidOf(type: PostgresSample["type"]): number {
  const isArray = type.endsWith("[]");
  const scalar = postgresTypes[(isArray ? type.slice(0, -2) : type) as PostgresTypeName];
  return isArray ? scalar.arrayOid : scalar.oid;
}

/** Binds, runs `SELECT $1` (or another query of one column) and gives what is sent back. */
async function echo(
  oid: number,
  format: 0 | 1,
  bytes: Uint8Array | null,
  resultFormat: 0 | 1,
  sql = "SELECT $1",
  timeZone = "UTC",
): Promise<Uint8Array | null> {
  const statement = await duckdb.prepare(connection, sql);
  bindParameter(statement, 1, oid, format, bytes, timeZone);
  const result = await duckdb.execute_prepared(statement);
  const encoder = createRowEncoder([columnTypeOf(duckdb.column_logical_type(result, 0))], [resultFormat], {
    timeZone,
    extraFloatDigits: 1,
  });
  const chunk = await duckdb.fetch_chunk(result);
  assert.ok(chunk !== null);
  const writer = new MessageWriter();
  encoder.encodeChunk(chunk, 0, 1, writer);
  const length = writer.view.getInt32(7);
  return length === -1 ? null : writer.bytes.slice(11, 11 + length);
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function echoText(type: PostgresSample["type"], text: string, timeZone = "UTC"): Promise<string | null> {
  const bytes = await echo(oidOf(type), 0, utf8(text), 0, "SELECT $1", timeZone);
  return bytes === null ? null : new TextDecoder().decode(bytes);
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) => parseInt(hex.slice(index * 2, index * 2 + 2), 16));
}

function toHex(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** DuckDB has no DECIMAL beyond 38 digits, and JSON elements are bound as text. */
function isBindable({ type, text }: PostgresSample): boolean {
  if (type === "json[]") return false;
  return type !== "numeric" || text.replace(/[-.]/g, "").replace(/^0+/, "").length <= 38;
}

const samples = [...numberSamples, ...otherSamples].filter(isBindable);

for (const type of new Set(samples.map((sample) => sample.type))) {
  Deno.test(`a ${type} parameter keeps its value in both formats`, async () => {
    for (const sample of samples.filter((candidate) => candidate.type === type)) {
      const zone = sample.timeZone ?? "UTC";
      const text = utf8(sample.text);
      const binary = fromHex(sample.binary);
      const about = (format: string) => `${sample.sql}, sent as ${format}`;
      assert.equal(toHex(await echo(oidOf(type), 0, text, 1, "SELECT $1", zone)), sample.binary, about("text"));
      assert.equal(toHex(await echo(oidOf(type), 1, binary, 1, "SELECT $1", zone)), sample.binary, about("binary"));
      if (type === "json") continue;
      const back = await echo(oidOf(type), 1, binary, 0, "SELECT $1", zone);
      assert.equal(new TextDecoder().decode(back!), sample.text, about("binary, back as text"));
    }
  });
}

Deno.test("NULL is bound for every type in both formats", async () => {
  for (const { oid } of Object.values(postgresTypes)) {
    assert.equal(await echo(oid, 0, null, 0), null);
    assert.equal(await echo(oid, 1, null, 1), null);
  }
});

Deno.test("an unspecified or unknown type is bound as text", async () => {
  assert.deepEqual(await echo(0, 0, utf8("plain"), 0), utf8("plain"));
  assert.deepEqual(await echo(705, 1, utf8("plain"), 0), utf8("plain"));
  assert.deepEqual(await echo(999_999, 0, utf8("plain"), 0), utf8("plain"));
});

const accepted: readonly (readonly [PostgresSample["type"], string, string])[] = [
  ["bool", " TRUE ", "t"],
  ["bool", "y", "t"],
  ["bool", "of", "f"],
  ["bool", "0", "f"],
  ["int4", "  +42 ", "42"],
  ["float8", " 1e3 ", "1000"],
  ["float8", "-inf", "-Infinity"],
  ["float8", ".5", "0.5"],
  ["numeric", "1.50", "1.50"],
  ["numeric", "-.5", "-0.5"],
  ["numeric", "1.5e3", "1500"],
  ["numeric", "15e-3", "0.015"],
  ["numeric", "000.10", "0.10"],
  ["numeric", "NaN", "NaN"],
  ["bytea", "a\\\\b\\001", "\\x615c6201"],
  ["date", "20240229", "2024-02-29"],
  ["date", "2/29/2024", "2024-02-29"],
  ["date", "2024-2-9", "2024-02-09"],
  ["date", "2024-02-29 12:00:00", "2024-02-29"],
  ["date", "epoch", "1970-01-01"],
  ["time", "04:05", "04:05:00"],
  ["time", "4:05:06.7 PM", "16:05:06.7"],
  ["time", "12:00 am", "00:00:00"],
  ["time", "040506", "04:05:06"],
  ["timetz", "04:05:06-0330", "04:05:06-03:30"],
  ["timestamp", "2024-01-02T03:04:05.678Z", "2024-01-02 03:04:05.678"],
  ["timestamp", "2024-01-02T03:04:05+05:30", "2024-01-02 03:04:05"],
  ["timestamp", "2024-01-02", "2024-01-02 00:00:00"],
  ["timestamp", "2024-01-02 23:59:59.9999999", "2024-01-03 00:00:00"],
  ["timestamp", "2024-01-02 24:00:00", "2024-01-03 00:00:00"],
  ["timestamptz", "2024-01-02T03:04:05.678+05:30", "2024-01-01 21:34:05.678+00"],
  ["timestamptz", "2024-07-02 03:04:05 Europe/Prague", "2024-07-02 01:04:05+00"],
  ["interval", "1 year ago", "-1 years"],
  ["interval", "1.5 months", "1 mon 15 days"],
  ["interval", "P1Y2M3DT4H5M6.7S", "1 year 2 mons 3 days 04:05:06.7"],
  ["interval", "PT0.5S", "00:00:00.5"],
  ["interval", "90", "00:01:30"],
  ["interval", "@ 1 hour 2 mins", "01:02:00"],
  ["interval", "2 weeks", "14 days"],
  ["uuid", "{A0EEBC999C0B4EF8BB6D6BB9BD380A11}", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
  ["int4[]", " { 1 , null , 3 } ", "{1,NULL,3}"],
  ["int4[]", "[2:3]={1,2}", "{1,2}"],
  ["text[]", '{a b,"c,d",NULL,"NULL",\\{x}', '{"a b","c,d",NULL,"NULL","{x"}'],
  ["numeric[]", "{1.5,-20.25,3}", "{1.50,-20.25,3.00}"],
  ["float8[]", "{}", "{}"],
];

Deno.test("input forms that PostgreSQL accepts are read as PostgreSQL reads them", async () => {
  for (const [type, input, expected] of accepted) {
    assert.equal(await echoText(type, input), expected, `${type} ${input}`);
  }
});

Deno.test("a timestamptz without a zone lies in the session's zone, also where its offset changes", async () => {
  const inPrague = (text: string) => echoText("timestamptz", text, "Europe/Prague");
  assert.equal(await inPrague("2024-01-02 03:04:05"), "2024-01-02 03:04:05+01");
  assert.equal(await inPrague("2024-07-02 03:04:05"), "2024-07-02 03:04:05+02");
  // As PostgreSQL: the hour that does not exist moves forward, the one that comes twice is the standard one.
  assert.equal(await inPrague("2024-03-31 02:30:00"), "2024-03-31 03:30:00+02");
  assert.equal(await inPrague("2024-10-27 02:30:00"), "2024-10-27 02:30:00+01");
});

const refusedTexts: readonly (readonly [PostgresSample["type"], string, string, string])[] = [
  ["int4", "abc", "22P02", 'invalid input syntax for type integer: "abc"'],
  ["int4", "", "22P02", 'invalid input syntax for type integer: ""'],
  ["int4", "1.5", "22P02", 'invalid input syntax for type integer: "1.5"'],
  ["int2", "32768", "22003", 'value "32768" is out of range for type smallint'],
  ["int4", "-2147483649", "22003", 'value "-2147483649" is out of range for type integer'],
  ["int8", "9223372036854775808", "22003", 'value "9223372036854775808" is out of range for type bigint'],
  ["bool", "maybe", "22P02", 'invalid input syntax for type boolean: "maybe"'],
  ["bool", "o", "22P02", 'invalid input syntax for type boolean: "o"'],
  ["float8", "1e400", "22003", '"1e400" is out of range for type double precision'],
  ["float4", "1e40", "22003", '"1e40" is out of range for type real'],
  ["float8", "0x10", "22P02", 'invalid input syntax for type double precision: "0x10"'],
  ["numeric", "1.2.3", "22P02", 'invalid input syntax for type numeric: "1.2.3"'],
  ["numeric", ".", "22P02", 'invalid input syntax for type numeric: "."'],
  ["numeric", "9".repeat(39), "22003", `numeric value has too many digits: "${"9".repeat(39)}", at most 38`],
  ["date", "yesterdayish", "22007", 'invalid input syntax for type date: "yesterdayish"'],
  ["date", "2023-02-29", "22008", 'date/time field value out of range: "2023-02-29"'],
  ["date", "2023-13-01", "22008", 'date/time field value out of range: "2023-13-01"'],
  ["time", "25:00:00", "22008", 'date/time field value out of range: "25:00:00"'],
  ["time", "noonish", "22007", 'invalid input syntax for type time: "noonish"'],
  ["timestamp", "2024-01-02 03:04:05 Mars/Base", "22023", 'time zone "Mars/Base" not recognized'],
  ["timestamptz", "2024-01-02 03:04:05 Mars/Base", "22023", 'time zone "Mars/Base" not recognized'],
  ["interval", "1 fortnightly", "22007", 'invalid input syntax for type interval: "1 fortnightly"'],
  ["interval", "", "22007", 'invalid input syntax for type interval: ""'],
  ["uuid", "a0eebc99", "22P02", 'invalid input syntax for type uuid: "a0eebc99"'],
  ["json", "{", "22P02", "invalid input syntax for type json"],
  ["bytea", "\\xabc", "22023", "invalid hexadecimal data: odd number of digits"],
  ["bytea", "\\9", "22P02", "invalid input syntax for type bytea"],
  ["varbit", "012", "22P02", '"2" is not a valid binary digit'],
  ["int4[]", "1,2", "22P02", 'malformed array literal: "1,2"'],
  ["int4[]", "{1,2", "22P02", 'malformed array literal: "{1,2"'],
  ["int4[]", "{1,,2}", "22P02", 'malformed array literal: "{1,,2}"'],
  ["int4[]", "{1}x", "22P02", 'malformed array literal: "{1}x"'],
  ["int4[]", "{1,{2}}", "22P02", 'malformed array literal: "{1,{2}}"'],
  ["int4[]", "{a}", "22P02", 'invalid input syntax for type integer: "a"'],
  ["text", "a\0b", "22021", 'invalid byte sequence for encoding "UTF8": 0x00'],
];

Deno.test("text that is no value of its type is refused in PostgreSQL's words", async () => {
  for (const [type, input, sqlstate, message] of refusedTexts) {
    await assert.rejects(echoText(type, input), (error) => {
      assert.ok(error instanceof AppError, `${type} ${input}: ${error}`);
      assert.equal(error.sqlstate, sqlstate, `${type} ${input}`);
      assert.ok(error.message.startsWith(message), `${type} ${input}: ${error.message}`);
      return true;
    });
  }
});

Deno.test("text that is not UTF-8 is refused", async () => {
  await assert.rejects(echo(25, 0, Uint8Array.of(0xc3, 0x28), 0), { kind: "character_not_in_repertoire" });
});

Deno.test("binary values of the wrong length or content are refused with 22P03", async () => {
  for (const sample of samples.filter(({ type }) => !["text", "json", "bytea", "unknown"].includes(type))) {
    const bytes = fromHex(sample.binary);
    for (const wrong of [bytes.subarray(0, bytes.length - 1), Uint8Array.of(...bytes, 0)]) {
      await assert.rejects(echo(oidOf(sample.type), 1, wrong, 0), (error) => {
        assert.ok(error instanceof AppError, `${sample.sql}: ${error}`);
        assert.equal(error.sqlstate, "22P03", sample.sql);
        return true;
      });
    }
  }
});

Deno.test("an array's claimed size is refused before anything is allocated for it", async () => {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, 1);
  view.setInt32(8, postgresTypes.int4.oid);
  view.setInt32(12, 0x7fffffff);
  await assert.rejects(echo(postgresTypes.int4.arrayOid, 1, bytes, 0), { kind: "invalid_binary_representation" });
  view.setInt32(0, 7);
  await assert.rejects(echo(postgresTypes.int4.arrayOid, 1, bytes, 0), { kind: "invalid_binary_representation" });
});

Deno.test("random bytes give a value or a typed error for every type and format", async () => {
  let state = 12345;
  const random = () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 16;
  const oids = Object.values(postgresTypes).flatMap(({ oid, arrayOid }) => arrayOid === 0 ? [oid] : [oid, arrayOid]);
  const statement = await duckdb.prepare(connection, "SELECT $1");
  for (let round = 0; round < 6000; round++) {
    const bytes = Uint8Array.from(
      { length: random() % 24 },
      () => round % 2 === 0 ? random() & 0xff : 32 + random() % 95,
    );
    try {
      bindParameter(statement, 1, oids[round % oids.length]!, (random() & 1) as 0 | 1, bytes);
    } catch (error) {
      assert.ok(error instanceof AppError, `${error}`);
    }
  }
});

Deno.test("parameters work where DuckDB inferred another type", async () => {
  assert.deepEqual(await echo(20, 0, utf8("5"), 0, "SELECT count(*) FROM range(10) r(i) WHERE i < $1"), utf8("5"));
  assert.deepEqual(await echo(1700, 0, utf8("1.50"), 0, "SELECT 2.25::DOUBLE > $1"), utf8("t"));
  assert.deepEqual(await echo(0, 0, utf8("2024-01-05"), 0, "SELECT DATE '2024-01-05' = $1"), utf8("t"));
  assert.deepEqual(await echo(1007, 0, utf8("{1,3}"), 0, "SELECT list_contains($1, 3)"), utf8("t"));
});
