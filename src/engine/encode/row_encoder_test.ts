import assert from "node:assert/strict";
import duckdb from "@duckdb/node-bindings";
import { MessageWriter } from "../../pgwire/codec/message_writer.ts";
import { columnTypeOf } from "./column_type.ts";
import { numberSamples } from "./postgres_samples_numbers.ts";
import { otherSamples } from "./postgres_samples_others.ts";
import { createRowEncoder, type Format } from "./row_encoder.ts";

const database = await duckdb.open(":memory:");
const connection = await duckdb.connect(database);
await duckdb.query(connection, "SET TimeZone = 'UTC'");

interface EncodeOptions {
  readonly timeZone?: string;
  readonly extraFloatDigits?: number;
  /** Encode each chunk in slices of this many rows. */
  readonly sliceRows?: number;
}

/** All rows of a query, each value as the bytes that were sent for it, null for NULL. */
async function encode(sql: string, format: Format, options: EncodeOptions = {}): Promise<(Uint8Array | null)[][]> {
  const result = await duckdb.query(connection, sql);
  const types = Array.from(
    { length: duckdb.column_count(result) },
    (_, index) => columnTypeOf(duckdb.column_logical_type(result, index)),
  );
  const encoder = createRowEncoder(types, types.map(() => format), {
    timeZone: options.timeZone ?? "UTC",
    extraFloatDigits: options.extraFloatDigits ?? 1,
  });
  const writer = new MessageWriter(16);
  for (;;) {
    const chunk = await duckdb.fetch_chunk(result);
    const rows = chunk === null ? 0 : duckdb.data_chunk_get_size(chunk);
    if (chunk === null || rows === 0) break;
    const slice = options.sliceRows ?? rows;
    for (let from = 0; from < rows; from += slice) {
      const before = writer.length;
      const bytes = encoder.encodeChunk(chunk, from, Math.min(rows, from + slice), writer);
      assert.equal(writer.length - before, bytes);
    }
  }
  return dataRows(writer.take());
}

/** Takes DataRow messages apart, checking every length. */
function dataRows(bytes: Uint8Array): (Uint8Array | null)[][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rows: (Uint8Array | null)[][] = [];
  let position = 0;
  while (position < bytes.length) {
    assert.equal(String.fromCharCode(bytes[position]!), "D");
    const end = position + 1 + view.getInt32(position + 1);
    const columnCount = view.getInt16(position + 5);
    position += 7;
    const row: (Uint8Array | null)[] = [];
    for (let column = 0; column < columnCount; column++) {
      const length = view.getInt32(position);
      position += 4;
      assert.ok(length >= -1);
      row.push(length === -1 ? null : bytes.slice(position, position + length));
      position += Math.max(0, length);
    }
    assert.equal(position, end);
    rows.push(row);
  }
  return rows;
}

async function texts(sql: string, options: EncodeOptions = {}): Promise<(string | null)[][]> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const rows = await encode(sql, 0, options);
  return rows.map((row) => row.map((value) => value === null ? null : decoder.decode(value)));
}

function hex(bytes: Uint8Array | null | undefined): string | null {
  return bytes == null ? null : Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const postgresSamples = [...numberSamples, ...otherSamples];
const sampleTypes = [...new Set(postgresSamples.map((sample) => sample.type))];

for (const type of sampleTypes) {
  Deno.test(`${type} is sent as PostgreSQL sends it`, async () => {
    for (const { sql, text, binary, timeZone } of postgresSamples.filter((sample) => sample.type === type)) {
      const options = timeZone === undefined ? {} : { timeZone };
      assert.equal((await texts(`SELECT ${sql}`, options))[0]![0], text, `${sql} as text`);
      assert.equal(hex((await encode(`SELECT ${sql}`, 1, options))[0]![0]), binary, `${sql} in binary`);
      const [value, none] = await encode(`SELECT * FROM (VALUES (${sql}), (NULL))`, 1, options);
      assert.equal(hex(value![0]), binary, `${sql} beside NULL`);
      assert.equal(none![0], null);
    }
  });
}

Deno.test("NULL, empty and long strings in one column, over several chunks, whole and in slices", async () => {
  const sql = `SELECT CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN 'short' WHEN 3 THEN repeat('ž', 40) || i
    ELSE 'item_' || (i % 7) || ' of a dictionary' END, i FROM range(5000) r(i)`;
  const expected = Array.from({ length: 5000 }, (_, i) => {
    const value = [null, "", "short", "ž".repeat(40) + i, `item_${i % 7} of a dictionary`][i % 5]!;
    return [value, String(i)];
  });
  assert.deepEqual(await texts(sql), expected);
  assert.deepEqual(await texts(sql, { sliceRows: 1 }), expected);
  assert.deepEqual(await texts(sql, { sliceRows: 255 }), expected);
  assert.deepEqual(await texts(sql, { sliceRows: 1000 }), expected);
});

Deno.test("a dictionary-compressed column gives each row its own string", async () => {
  await duckdb.query(
    connection,
    "CREATE TABLE dictionary AS SELECT 'a repeated value number ' || (i % 3) AS v FROM range(200000) r(i)",
  );
  await duckdb.query(connection, "CHECKPOINT");
  const rows = await texts("SELECT v FROM dictionary");
  assert.equal(rows.length, 200_000);
  rows.forEach(([value], index) => {
    if (value !== `a repeated value number ${index % 3}`) assert.fail(`row ${index}: ${value}`);
  });
});

Deno.test("every column of a wide row with NULLs in turn keeps its place", async () => {
  const columns = ["i", "i::DOUBLE / 4", "i::VARCHAR", "DATE '2024-01-01' + i::INTEGER", "(i % 2 = 0)", "[i, NULL]"]
    .map((expression, index) => `CASE WHEN i % 6 = ${index} THEN NULL ELSE ${expression} END`);
  const rows = await texts(`SELECT ${columns.join(", ")} FROM range(3000) r(i)`);
  rows.forEach((row, i) => {
    const day = new Date(Date.UTC(2024, 0, 1 + i)).toISOString().slice(0, 10);
    const expected: (string | null)[] = [`${i}`, `${i / 4}`, `${i}`, day, i % 2 === 0 ? "t" : "f", `{${i},NULL}`];
    expected[i % 6] = null;
    assert.deepEqual(row, expected);
  });
});

Deno.test("doubles of all magnitudes read back as themselves, in the shortest form", async () => {
  const rows = await texts(
    `SELECT v, v::VARCHAR FROM (SELECT (hash(i) % 1000000007) * power(10, (i % 40) - 25) *
      CASE WHEN i % 2 = 0 THEN 1 ELSE -1 END AS v FROM range(20000) r(i))`,
  );
  for (const [text, engineText] of rows) {
    assert.equal(Number(text), Number(engineText));
    // From 2^53 on PostgreSQL refuses decimals half-way between two doubles, which JavaScript takes.
    if (Math.abs(Number(text)) >= 2 ** 53) continue;
    const significant = (shown: string) => shown.replace(/e.*/, "").replace(/[-.]/g, "").replace(/^0+|0+$/g, "").length;
    assert.equal(significant(text!), significant(String(Number(engineText))), text!);
  }
});

Deno.test("decimals of every width and scale are exact, as text", async () => {
  for (
    const [width, scale] of [[4, 0], [4, 1], [4, 4], [9, 3], [9, 8], [18, 0], [18, 5], [18, 8], [18, 9], [38, 2], [
      38,
      20,
    ]]
  ) {
    const digits = Math.min(width!, 15);
    const power = `(1${"0".repeat(scale!)})::HUGEINT`;
    const rows = await texts(
      `SELECT d, d::VARCHAR FROM (SELECT ((CASE WHEN i % 2 = 0 THEN '-' ELSE '' END) || (n // ${power}) || '.' ||
        lpad((n % ${power})::VARCHAR, ${scale}, '0'))::DECIMAL(${width}, ${scale}) AS d
        FROM (SELECT i, (hash(i) % ${10 ** digits})::HUGEINT AS n FROM range(3000) r(i)))`,
    );
    for (const [text, engineText] of rows) {
      assert.equal(text, engineText!.replace(/^(-?)\./, "$10."), `DECIMAL(${width}, ${scale})`);
    }
  }
});

Deno.test("extra_float_digits of 0 and below rounds as PostgreSQL does", async () => {
  const sql = `SELECT 0.1::DOUBLE + 0.2::DOUBLE, 1e15::DOUBLE / 3, 1e20::DOUBLE, 1::DOUBLE / 3::DOUBLE,
    (1::FLOAT / 3::FLOAT)::FLOAT, -0.0::DOUBLE`;
  assert.deepEqual(await texts(sql, { extraFloatDigits: 0 }), [
    ["0.3", "333333333333333", "1e+20", "0.333333333333333", "0.333333", "-0"],
  ]);
  assert.deepEqual(await texts(sql, { extraFloatDigits: -13 }), [["0.3", "3.3e+14", "1e+20", "0.33", "0.3", "-0"]]);
});

Deno.test("structs, maps and unions are JSON text in both formats", async () => {
  const sql =
    `SELECT {'a': 1, 'b': 'x"y', 'c': [1.5, NULL], 'd': {'e': true, 'f': 'NaN'::DOUBLE}, 'g': '{"k": 1}'::JSON,
    'h': TIMESTAMP '2024-01-02 03:04:05', 'i': NULL::INTEGER},
    MAP {'k1': 1, 'k 2': NULL}, MAP {1: {'z': 2}}, union_value(num := 5), union_value(str := 'text' || chr(10)),
    NULL::STRUCT(a INTEGER)`;
  const expected = [
    '{"a":1,"b":"x\\"y","c":[1.5,null],"d":{"e":true,"f":"NaN"},"g":{"k": 1},"h":"2024-01-02 03:04:05","i":null}',
    '{"k1":1,"k 2":null}',
    '{"1":{"z":2}}',
    "5",
    '"text\\n"',
    null,
  ];
  assert.deepEqual(await texts(sql), [expected]);
  const binary = await encode(sql, 1);
  assert.deepEqual(binary[0]!.map((value) => value === null ? null : new TextDecoder().decode(value)), expected);
  for (const value of expected) if (value !== null) JSON.parse(value);
});

Deno.test("lists of structs and structs of lists keep their rows apart", async () => {
  const rows = await texts(
    "SELECT [{'n': i, 's': 'value ' || i}], {'l': [x for x in range(i % 4)]} FROM range(3000) r(i)",
  );
  rows.forEach(([list, struct], i) => {
    assert.equal(list, `{"{\\"n\\":${i},\\"s\\":\\"value ${i}\\"}"}`);
    assert.equal(struct, `{"l":[${Array.from({ length: i % 4 }, (_, n) => n)}]}`);
  });
});

Deno.test("enums of every index width are their labels", async () => {
  for (const count of [3, 300, 70_000]) {
    await duckdb.query(
      connection,
      `CREATE TYPE labels_${count} AS ENUM (SELECT 'label ' || i FROM range(${count}) r(i))`,
    );
    const rows = await texts(
      `SELECT ('label ' || i)::labels_${count} FROM (VALUES (0), (${count - 1})) t(i)`,
    );
    assert.deepEqual(rows, [["label 0"], [`label ${count - 1}`]]);
  }
});

Deno.test("a ragged list of lists is shown as text and refused in binary", async () => {
  assert.deepEqual(await texts("SELECT [[1, 2], [3]]"), [["{{1,2},{3}}"]]);
  await assert.rejects(encode("SELECT [[1, 2], [3]]", 1), { name: "AppError", kind: "feature_not_supported" });
});

Deno.test("lists longer than a block and many lists in a chunk are complete", async () => {
  const long = await texts("SELECT list(i) FROM range(3000) r(i)");
  assert.equal(long[0]![0], `{${Array.from({ length: 3000 }, (_, i) => i)}}`);
  const many = await texts(
    `SELECT CASE WHEN i % 3 = 0 THEN NULL ELSE [i, i + 1] END,
      (CASE WHEN i % 4 = 0 THEN NULL ELSE [i] END)::BIGINT[1] FROM range(4000) r(i)`,
  );
  many.forEach(([list, array], i) => {
    assert.equal(list, i % 3 === 0 ? null : `{${i},${i + 1}}`);
    assert.equal(array, i % 4 === 0 ? null : `{${i}}`);
  });
});

Deno.test("a column of NULLs, no columns' rows and no rows are encoded", async () => {
  assert.deepEqual(await texts("SELECT NULL, 1"), [[null, "1"]]);
  assert.deepEqual(await texts("SELECT 1 WHERE false"), []);
});

Deno.test("a time zone that does not exist is refused", async () => {
  await assert.rejects(texts("SELECT now()", { timeZone: "Mars/Olympus" }), {
    name: "AppError",
    kind: "invalid_parameter_value",
  });
});
