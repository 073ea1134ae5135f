import assert from "node:assert/strict";
import duckdb from "@duckdb/node-bindings";
import { AppError } from "../../errors/app_error.ts";
import { MessageWriter } from "../../pgwire/codec/message_writer.ts";
import { type CopyRow, createCopyRow, defaultField, nullField } from "../../pgwire/copy/copy_row.ts";
import { run } from "../duckdb.ts";
import { columnTypeOf } from "../encode/column_type.ts";
import type { PostgresSample } from "../encode/postgres_sample.ts";
import { numberSamples } from "../encode/postgres_samples_numbers.ts";
import { otherSamples } from "../encode/postgres_samples_others.ts";
import { createRowEncoder } from "../encode/row_encoder.ts";
import { columnsOf, defaultsOf, generatedColumns } from "./load_target.ts";
import { findRefusedRow } from "./refused_row.ts";
import { registerRowFunction, type RowFeeds } from "./row_feed.ts";
import { type LoadColumn, RowLoader } from "./row_loader.ts";

const database = await duckdb.open(":memory:");
const connection = await duckdb.connect(database);
await run(connection, "SET TimeZone = 'UTC'; SET errors_as_json = true");
const feeds: RowFeeds = new Map();
registerRowFunction(connection, feeds);

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A row of these fields; null is NULL, undefined a default. */
function rowOf(fields: readonly (string | Uint8Array | null | undefined)[], lineNumber = 1): CopyRow {
  const parts = fields.map((field) => typeof field === "string" ? utf8(field) : field);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + (part?.length ?? 0), 0));
  const row = { ...createCopyRow(parts.length), bytes, count: parts.length, lineNumber };
  let position = 0;
  parts.forEach((part, index) => {
    row.starts[index] = position;
    if (part === null || part === undefined) {
      row.ends[index] = part === null ? nullField : defaultField;
      return;
    }
    bytes.set(part, position);
    position += part.length;
    row.ends[index] = position;
  });
  return row;
}

async function loaderFor(
  table: string,
  options: { readonly timeZone?: string; readonly withDefaults?: boolean; readonly names?: readonly string[] } = {},
): Promise<RowLoader> {
  const columns = (await columnsOf(connection, table)).filter(({ name }) => options.names?.includes(name) ?? true);
  const defaults = options.withDefaults === true ? await defaultsOf(connection, table) : new Map<string, string>();
  const loader = new RowLoader({
    connection,
    feeds,
    table,
    columns: columns.map((column): LoadColumn => ({ ...column, defaultSql: defaults.get(column.name) ?? null })),
    timeZone: options.timeZone ?? "UTC",
  });
  await loader.open();
  return loader;
}

async function loadAll(loader: RowLoader, rows: readonly CopyRow[], format: "text" | "binary" = "text"): Promise<void> {
  try {
    for (const row of rows) {
      loader.append(row, format);
      if (loader.full) await loader.insert();
    }
    await loader.insert();
    await loader.settle();
  } finally {
    await loader.close();
  }
}

/** The rows of a query as texts, as a client would see them. */
async function textsOf(sql: string, timeZone = "UTC"): Promise<(string | null)[][]> {
  const result = await duckdb.query(connection, sql);
  const count = duckdb.column_count(result);
  const types = Array.from({ length: count }, (_, index) => columnTypeOf(duckdb.column_logical_type(result, index)));
  const encoder = createRowEncoder(types, types.map(() => 0), { timeZone, extraFloatDigits: 1 });
  const texts: (string | null)[][] = [];
  for (;;) {
    const chunk = await duckdb.fetch_chunk(result);
    const rowCount = chunk === null ? 0 : duckdb.data_chunk_get_size(chunk);
    if (chunk === null || rowCount === 0) return texts;
    const writer = new MessageWriter();
    encoder.encodeChunk(chunk, 0, rowCount, writer);
    const bytes = writer.take();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let offset = 0; offset < bytes.length;) {
      const end = offset + 1 + view.getInt32(offset + 1);
      const row: (string | null)[] = [];
      for (let position = offset + 7; position < end;) {
        const length = view.getInt32(position);
        position += 4;
        row.push(length < 0 ? null : new TextDecoder().decode(bytes.subarray(position, position + length)));
        position += Math.max(0, length);
      }
      texts.push(row);
      offset = end;
    }
  }
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) => parseInt(hex.slice(index * 2, index * 2 + 2), 16));
}

/** DuckDB's type for values of one of PostgreSQL's. */
const columnTypes: Partial<Record<string, string>> = {
  bool: "BOOLEAN",
  bytea: "BLOB",
  int2: "SMALLINT",
  int4: "INTEGER",
  int8: "BIGINT",
  float4: "FLOAT",
  float8: "DOUBLE",
  json: "JSON",
  text: "VARCHAR",
  time: "TIME",
  timetz: "TIMETZ",
  varbit: "BIT",
};

function typeFor({ type, text }: PostgresSample): string | null {
  const element = type.replace(/\[\]$/, "");
  const suffix = text.startsWith("{{{") ? "[][][]" : text.startsWith("{{") ? "[][]" : type.endsWith("[]") ? "[]" : "";
  if (element !== "numeric") return `${columnTypes[element] ?? element.toUpperCase()}${suffix}`;
  const numbers = text.match(/\d+(\.\d+)?/g) ?? [];
  const scale = Math.max(0, ...numbers.map((number) => number.split(".")[1]?.length ?? 0));
  const digits = Math.max(1, ...numbers.map((number) => number.split(".")[0]!.length));
  return scale + digits > 38 ? null : `DECIMAL(${Math.max(1, scale + digits)},${scale})${suffix}`;
}

const samples = [...numberSamples, ...otherSamples];

for (const type of new Set(samples.map((sample) => sample.type))) {
  Deno.test(`a ${type} column takes PostgreSQL's values in both formats`, async () => {
    for (const sample of samples.filter((candidate) => candidate.type === type)) {
      const columnType = typeFor(sample);
      if (columnType === null || /NaN/.test(sample.text) && type.startsWith("numeric")) continue;
      const timeZone = sample.timeZone ?? "UTC";
      await run(connection, `CREATE OR REPLACE TABLE samples (v ${columnType})`);
      await loadAll(await loaderFor("samples", { timeZone }), [rowOf([sample.text]), rowOf([null])]);
      await loadAll(await loaderFor("samples"), [rowOf([fromHex(sample.binary)])], "binary");
      const [inText, isNull, inBinary] = await textsOf("SELECT * FROM samples", timeZone);
      assert.deepEqual([inText, isNull], [[sample.text], [null]], `${sample.sql} as ${columnType}`);
      assert.deepEqual(inBinary, [sample.text], `${sample.sql} as ${columnType} in binary`);
    }
  });
}

/** Type, text and what comes out of it. */
const accepted: readonly (readonly [string, string, string])[] = [
  ["BOOLEAN", " TRUE ", "t"],
  ["BOOLEAN", "off", "f"],
  ["TINYINT", "-128", "-128"],
  ["UTINYINT", "255", "255"],
  ["USMALLINT", "65535", "65535"],
  ["UINTEGER", "4294967295", "4294967295"],
  ["UBIGINT", "18446744073709551615", "18446744073709551615"],
  ["BIGINT", "-9223372036854775808", "-9223372036854775808"],
  ["BIGINT", "+999999999999999", "999999999999999"],
  ["BIGINT", " 1234567890123456 ", "1234567890123456"],
  ["HUGEINT", "-170141183460469231731687303715884105728", "-170141183460469231731687303715884105728"],
  ["HUGEINT", "1.5", "2"],
  ["UHUGEINT", "340282366920938463463374607431768211455", "340282366920938463463374607431768211455"],
  ["BIGNUM", "123456789012345678901234567890123456789012345", "123456789012345678901234567890123456789012345"],
  ["DOUBLE", "123456789012345.6", "123456789012345.6"],
  ["DOUBLE", "-0.1", "-0.1"],
  ["DOUBLE", ".5", "0.5"],
  ["DOUBLE", "5.", "5"],
  ["DOUBLE", "-0", "-0"],
  ["DOUBLE", "4.9e-324", "5e-324"],
  ["FLOAT", "0.1", "0.1"],
  ["DECIMAL(4,1)", "-999.9", "-999.9"],
  ["DECIMAL(9,3)", "1.0005", "1.001"],
  ["DECIMAL(18,0)", "-999999999999999999", "-999999999999999999"],
  ["DECIMAL(38,9)", "1e20", "100000000000000000000.000000000"],
  ["DATE", "1600-02-29", "1600-02-29"],
  ["DATE", "0044-03-15 BC", "0044-03-15 BC"],
  ["DATE", "-infinity", "-infinity"],
  ["TIME", "12:34", "12:34:00"],
  ["TIME", "23:59:59.999999", "23:59:59.999999"],
  ["TIME_NS", "12:34:56.789", "12:34:56.789"],
  ["TIMESTAMP", "2024-02-29T12:34:56.5", "2024-02-29 12:34:56.5"],
  ["TIMESTAMP", "1969-12-31 23:59:59.999999", "1969-12-31 23:59:59.999999"],
  ["TIMESTAMP", "infinity", "infinity"],
  ["TIMESTAMP_S", "1969-12-31 23:59:58.6", "1969-12-31 23:59:59"],
  ["TIMESTAMP_MS", "2024-02-29 12:34:56.5678", "2024-02-29 12:34:56.568"],
  ["TIMESTAMP_NS", "2024-02-29 12:34:56.123456", "2024-02-29 12:34:56.123456"],
  ["TIMESTAMPTZ", "2024-02-29 12:34:56-05", "2024-02-29 17:34:56+00"],
  ["TIMESTAMPTZ", "2024-02-29 12:34:56Z", "2024-02-29 12:34:56+00"],
  ["TIMESTAMPTZ", "2024-02-29 12:34:56 Europe/Prague", "2024-02-29 11:34:56+00"],
  ["ENUM('sad', 'ok')", "ok", "ok"],
  ["STRUCT(a INTEGER, b VARCHAR)", '{"a": 1, "b": "x"}', '{"a":1,"b":"x"}'],
  ["STRUCT(a INTEGER)[]", '{"{\\"a\\": 1}",NULL}', '{"{\\"a\\":1}",NULL}'],
  ["MAP(VARCHAR, INTEGER)", '{"k": 1}', '{"k":1}'],
  ["INTEGER[2]", "{1,NULL}", "{1,NULL}"],
  ["INTEGER[][]", "{{1,2},{3,NULL}}", "{{1,2},{3,NULL}}"],
  ["VARCHAR[]", '{"a long text, that is not inlined",""}', '{"a long text, that is not inlined",""}'],
];

Deno.test("other types and forms of values are taken", async () => {
  for (const [type, input, expected] of accepted) {
    await run(connection, `CREATE OR REPLACE TABLE values_in (v ${type})`);
    await loadAll(await loaderFor("values_in"), [rowOf([null]), rowOf([input])]);
    assert.deepEqual(await textsOf("SELECT * FROM values_in"), [[null], [expected]], `${type}: ${input}`);
  }
});

const refusedValues: readonly (readonly [string, string, string, string])[] = [
  ["INTEGER", "x", "22P02", 'invalid input syntax for type integer: "x"'],
  ["INTEGER", "", "22P02", 'invalid input syntax for type integer: ""'],
  ["INTEGER", "-", "22P02", 'invalid input syntax for type integer: "-"'],
  ["INTEGER", "2147483648", "22003", 'value "2147483648" is out of range for type integer'],
  ["TINYINT", "128", "22003", 'value "128" is out of range for type smallint'],
  ["UINTEGER", "-1", "22003", 'value "-1" is out of range for type bigint'],
  ["UBIGINT", "-1", "22003", 'value "-1" is out of range for type numeric'],
  ["DOUBLE", "-", "22P02", 'invalid input syntax for type double precision: "-"'],
  ["DOUBLE", ".", "22P02", 'invalid input syntax for type double precision: "."'],
  ["DOUBLE", "1e400", "22003", '"1e400" is out of range for type double precision'],
  ["DECIMAL(4,1)", "999.95", "22003", "numeric field overflow"],
  ["DECIMAL(4,1)", ".", "22P02", 'invalid input syntax for type numeric: "."'],
  ["DECIMAL(4,1)", "NaN", "22003", "cannot store NaN in type numeric"],
  ["BOOLEAN", "o", "22P02", 'invalid input syntax for type boolean: "o"'],
  ["DATE", "2023-02-29", "22008", 'date/time field value out of range: "2023-02-29"'],
  ["DATE", "tomorrow?", "22007", 'invalid input syntax for type date: "tomorrow?"'],
  ["TIME", "25:00:00", "22008", 'date/time field value out of range: "25:00:00"'],
  ["TIMESTAMP", "2024-13-01 00:00:00", "22008", 'date/time field value out of range: "2024-13-01 00:00:00"'],
  ["TIMESTAMP", "294277-01-01 00:00:00", "22008", 'timestamp out of range: "294277-01-01 00:00:00"'],
  ["UUID", "x", "22P02", 'invalid input syntax for type uuid: "x"'],
  ["JSON", "{", "22P02", "invalid input syntax for type json"],
  ["BLOB", "\\xzz", "22023", "invalid hexadecimal digit in bytea value"],
  ["ENUM('sad')", "glad", "22P02", 'invalid input value for enum enum: "glad"'],
  ["INTEGER[]", "1,2", "22P02", 'malformed array literal: "1,2"'],
  ["INTEGER[]", "{1,x}", "22P02", 'invalid input syntax for type integer: "x"'],
  ["INTEGER[]", "{{1}}", "22P02", "malformed array literal: it has more dimensions than its column"],
  ["INTEGER[2]", "{1}", "22P02", "wrong number of array elements: 1, expected 2"],
];

Deno.test("a value that its column does not take is refused in PostgreSQL's words, and the column is known", async () => {
  for (const [type, input, sqlstate, message] of refusedValues) {
    await run(connection, `CREATE OR REPLACE TABLE values_in (ok INTEGER, v ${type})`);
    const loader = await loaderFor("values_in");
    try {
      loader.append(rowOf(["1", null]), "text");
      const thrown = thrownBy(() => loader.append(rowOf(["2", input]), "text"));
      assert.deepEqual([thrown.sqlstate, thrown.message], [sqlstate, message], `${type}: ${input}`);
      assert.equal(loader.failedColumn, 1);
      // The rows before it can still be inserted.
      await loader.insert();
      await loader.settle();
    } finally {
      await loader.close();
    }
    assert.deepEqual(await textsOf("SELECT * FROM values_in"), [["1", null]], type);
  }
});

Deno.test("binary values of a wrong length are refused as by PostgreSQL's receive functions", async () => {
  const samplesOfLengths: readonly (readonly [string, number, string, string])[] = [
    ["INTEGER", 3, "08P01", "insufficient data left in message"],
    ["INTEGER", 5, "22P03", "incorrect binary data format"],
    ["BOOLEAN", 0, "08P01", "no data left in message"],
    ["UUID", 15, "08P01", "insufficient data left in message"],
    ["TIMESTAMP", 9, "22P03", "incorrect binary data format"],
  ];
  for (const [type, length, sqlstate, message] of samplesOfLengths) {
    await run(connection, `CREATE OR REPLACE TABLE values_in (v ${type})`);
    const loader = await loaderFor("values_in");
    const thrown = thrownBy(() => loader.append(rowOf([new Uint8Array(length)]), "binary"));
    await loader.close();
    assert.deepEqual([thrown.sqlstate, thrown.message], [sqlstate, message], type);
  }
});

Deno.test("rows with too few or too many fields are refused, after the fields before were looked at", async () => {
  await run(connection, "CREATE OR REPLACE TABLE pair (a INTEGER, b VARCHAR)");
  const loader = await loaderFor("pair");
  assert.match(thrownBy(() => loader.append(rowOf(["1"]), "text")).message, /^missing data for column "b"$/);
  assert.equal(loader.failedColumn, -1);
  assert.match(thrownBy(() => loader.append(rowOf(["x"]), "text")).message, /^invalid input syntax for type integer/);
  assert.match(thrownBy(() => loader.append(rowOf(["x", "y", "z"]), "text")).message, /^extra data after last/);
  await loader.close();
});

Deno.test("many rows of long, short and missing values keep their order and content", async () => {
  await run(connection, "CREATE OR REPLACE TABLE many (n INTEGER, t VARCHAR, l INTEGER[])");
  const loader = await loaderFor("many");
  const texts = [null, "", "short", "exactly 12 B", "thirteen byte", "ž".repeat(40), "x".repeat(5000)];
  const rowCount = 130_000;
  try {
    for (let n = 0; n < rowCount; n++) {
      const list = n % 3 === 0 ? null : n % 3 === 1 ? "{}" : `{${n},NULL,${n + 1}}`;
      loader.append(rowOf([String(n), texts[n % 500 === 6 ? 6 : n % 6]!, list]), "text");
      if (loader.full) await loader.insert();
    }
    await loader.insert();
    await loader.settle();
  } finally {
    await loader.close();
  }
  assert.equal(loader.rowCount, rowCount);
  const [summary] = await textsOf(`SELECT count(*), count(t), sum(length(t)), count(l), sum(list_sum(l)),
    count(*) FILTER (rowid = n) FROM many`);
  const expected = { texts: 0, length: 0, lists: 0, sum: 0 };
  for (let n = 0; n < rowCount; n++) {
    const text = texts[n % 500 === 6 ? 6 : n % 6]!;
    if (text !== null) {
      expected.texts++;
      expected.length += text.length;
    }
    if (n % 3 > 0) expected.lists++;
    if (n % 3 === 2) expected.sum += n + n + 1;
  }
  assert.deepEqual(
    summary!.map(Number),
    [rowCount, expected.texts, expected.length, expected.lists, expected.sum, rowCount],
  );
});

Deno.test("columns that are left out get their defaults, and generated ones are known", async () => {
  await run(
    connection,
    `CREATE OR REPLACE SEQUENCE ids START 5;
     CREATE OR REPLACE TABLE target (id INTEGER DEFAULT nextval('ids'), "Na""me" VARCHAR DEFAULT 'none', n INTEGER,
       twice INTEGER GENERATED ALWAYS AS (n * 2))`,
  );
  const columns = await columnsOf(connection, "target");
  assert.deepEqual(columns.map(({ name }) => name), ["id", 'Na"me', "n", "twice"]);
  assert.deepEqual([...await generatedColumns(connection, "target", columns)], ["twice"]);
  await loadAll(await loaderFor("target", { names: ["n"] }), [rowOf(["1"]), rowOf(["2"])]);
  assert.deepEqual(await textsOf("SELECT * FROM target"), [["5", "none", "1", "2"], ["6", "none", "2", "4"]]);
});

Deno.test("a default marker takes the column's default in its row only", async () => {
  await run(connection, "CREATE OR REPLACE TABLE marked (a INTEGER DEFAULT 1 + 41, b VARCHAR, c VARCHAR DEFAULT NULL)");
  const loader = await loaderFor("marked", { withDefaults: true });
  await loadAll(loader, [rowOf([undefined, "x", "y"]), rowOf(["7", null, undefined]), rowOf([null, "", ""])]);
  assert.deepEqual(await textsOf("SELECT * FROM marked"), [["42", "x", "y"], ["7", null, null], [null, "", ""]]);
  const other = await loaderFor("marked", { withDefaults: true });
  assert.match(
    thrownBy(() => other.append(rowOf(["1", undefined, "x"]), "text")).message,
    /unexpected default marker in COPY data: column "b" has no default/,
  );
  await other.close();
});

Deno.test("the line of a row that breaks a constraint is found", async () => {
  await run(
    connection,
    `CREATE OR REPLACE TABLE kept (id INTEGER PRIMARY KEY, a VARCHAR NOT NULL, b INTEGER CHECK (b < 100), c VARCHAR,
       UNIQUE (b, c));
     INSERT INTO kept VALUES (1, 'old', 1, 'x, "y"')`,
  );
  const lineOf = async (rows: readonly (readonly (string | null)[])[]): Promise<[string, number | null]> => {
    const loader = await loaderFor("kept");
    try {
      rows.forEach((fields, index) => loader.append(rowOf(fields, index * 10), "text"));
      await loader.insert();
      await loader.settle();
      throw new Error("it was not refused");
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      assert.ok(loader.hasFailed);
      return [error.sqlstate, (await findRefusedRow(error, loader, connection, "kept"))?.lineNumber ?? null];
    } finally {
      await loader.close();
    }
  };
  const good = ["7", "a", "7", "z"];
  assert.deepEqual(await lineOf([good, ["1", "a", "2", "z"]]), ["23505", 10], "a row of the table");
  assert.deepEqual(await lineOf([good, ["8", "a", "8", "z"], ["7", "a", "9", "z"]]), ["23505", 20], "a row before");
  assert.deepEqual(await lineOf([good, ["9", "a", "1", 'x, "y"']]), ["23505", 10], "two columns");
  assert.deepEqual(await lineOf([good, ["9", "a", "7", "z"]]), ["23505", 10], "two columns, a row before");
  assert.deepEqual(await lineOf([good, ["9", null, "3", "z"]]), ["23502", 10]);
  assert.deepEqual(await lineOf([good, ["9", "a", "100", "z"], ["10", "a", "101", "z"]]), ["23514", 10]);
  assert.deepEqual(await textsOf("SELECT count(*) FROM kept"), [["1"]]);
});

Deno.test("a text that is too long for its column is found with its line and column", async () => {
  await run(connection, "CREATE OR REPLACE TABLE limited (a INTEGER, b VARCHAR CHECK (len(b) <= 3))");
  const loader = await loaderFor("limited");
  try {
    loader.append(rowOf(["1", "abc"], 1), "text");
    loader.append(rowOf(["2", "abcd"], 2), "text");
    await loader.insert();
    await loader.settle();
    assert.fail("it was not refused");
  } catch (error) {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.sqlstate, "22001");
    assert.deepEqual(await findRefusedRow(error, loader, connection, "limited"), { lineNumber: 2, column: "b" });
  } finally {
    await loader.close();
  }
});

Deno.test("what is no table is refused as such", async () => {
  await run(connection, "CREATE OR REPLACE VIEW seen AS SELECT 1 AS a");
  const refusal = async (table: string) => {
    try {
      await generatedColumns(connection, table, await columnsOf(connection, table));
      return "";
    } catch (error) {
      return (error as AppError).sqlstate;
    }
  };
  assert.deepEqual([await refusal("seen"), await refusal("missing")], ["42809", "42P01"]);
});

Deno.test("rows can be read only with their token", async () => {
  await assert.rejects(duckdb.query(connection, "SELECT * FROM __eider_rows('guess')"), /no such rows/);
  await run(connection, "CREATE OR REPLACE TABLE pair (a INTEGER, b VARCHAR)");
  await loadAll(await loaderFor("pair"), [rowOf(["1", "x"])]);
  assert.equal(feeds.size, 0, "and not at all when the COPY is over");
});

Deno.test("an interrupt ends an insert that waits for its rows", async () => {
  await run(connection, "CREATE OR REPLACE TABLE pair (a INTEGER, b VARCHAR); BEGIN");
  const loader = await loaderFor("pair");
  for (let row = 0; row < 100_000; row++) loader.append(rowOf([String(row), "some text of some length"]), "text");
  await loader.insert();
  const timer = setInterval(() => duckdb.interrupt(connection), 1);
  await assert.rejects(loader.settle(), (error: AppError) => error.kind === "query_canceled").finally(() => {
    clearInterval(timer);
  });
  await loader.close();
  await run(connection, "ROLLBACK");
  assert.deepEqual(await textsOf("SELECT count(*) FROM pair"), [["0"]]);
});

function thrownBy(work: () => void): AppError {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof AppError, String(error));
    return error;
  }
  throw new Error("nothing was thrown");
}
