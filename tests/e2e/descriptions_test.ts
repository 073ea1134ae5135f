/** What Describe says of parameters and columns: types of the analyst's own, sums, and the table that a column is of. */
import { deepEqual, equal } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import { sharedServer } from "../support/server.ts";
import { type BackendMessage, dataRow, firstColumn, frontend, sqlstatesOf, WireClient } from "../support/wire.ts";

const server = sharedServer();
const workspaceOf = once(async () => await (await TestProject.withSales(server.current.rest)).workspace());

interface Column {
  readonly name: string;
  readonly tableOid: number;
  readonly attribute: number;
  readonly typeOid: number;
}

function columnsOf(answers: readonly BackendMessage[]): Column[] {
  const body = answers.find(({ type }) => type === "T")?.body;
  const columns: Column[] = [];
  if (body === undefined) return columns;
  for (let offset = 2; offset < body.length;) {
    const end = body.indexOf(0, offset);
    columns.push({
      name: body.toString("utf8", offset, end),
      tableOid: body.readUInt32BE(end + 1),
      attribute: body.readInt16BE(end + 5),
      typeOid: body.readUInt32BE(end + 7),
    });
    offset = end + 19;
  }
  return columns;
}

async function describe(wire: WireClient, sql: string): Promise<{ parameters: number[]; columns: Column[] }> {
  const answers = await wire.roundTrip(frontend.parse("", sql), frontend.describe("S", ""), frontend.sync());
  deepEqual(sqlstatesOf(answers), []);
  const body = answers.find(({ type }) => type === "t")!.body;
  const parameters = Array.from({ length: body.readInt16BE(0) }, (_, index) => body.readUInt32BE(2 + 4 * index));
  return { parameters, columns: columnsOf(answers) };
}

async function value(wire: WireClient, sql: string): Promise<string | null> {
  const answers = await wire.roundTrip(frontend.query(sql));
  deepEqual(sqlstatesOf(answers), []);
  return firstColumn(answers)[0] ?? null;
}

Deno.test("an enum has its type's OID in parameters, results and pg_attribute", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await wire.roundTrip(frontend.query("CREATE TYPE mood AS ENUM ('sad', 'it''s ok')"));
  await wire.roundTrip(frontend.query("CREATE TABLE feelings (id int, now mood, before mood[])"));
  const oid = Number(await value(wire, "SELECT 'mood'::regtype::oid"));
  const arrayOid = Number(await value(wire, "SELECT typarray FROM pg_type WHERE typname = 'mood'"));
  const inserted = await describe(wire, "INSERT INTO feelings VALUES ($1, $2, $3) RETURNING now, before");
  deepEqual(inserted.parameters, [23, oid, arrayOid]);
  deepEqual(inserted.columns.map(({ typeOid }) => typeOid), [oid, arrayOid]);
  equal(
    await value(
      wire,
      "SELECT string_agg(atttypid::text, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'feelings'::regclass",
    ),
    `23 ${oid} ${arrayOid}`,
  );
  // array_send's form: 1 dimension, NULLs, element type, 2 elements from 1 on.
  const array = new Uint8Array([0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 115, 97, 100]);
  const binary = new DataView(array.buffer);
  binary.setUint32(8, oid);
  const parameter = Buffer.concat([array, Buffer.from("ffffffff", "hex")]);
  for (const before of ["{sad,NULL}", parameter]) {
    const answers = await wire.roundTrip(
      frontend.parse("", "INSERT INTO feelings VALUES ($1, $2, $3) RETURNING now, before"),
      frontend.bind("", "", ["1", "it's ok", before], [1]),
      frontend.describe("P", ""),
      frontend.execute(""),
      frontend.sync(),
    );
    deepEqual(sqlstatesOf(answers), []);
    deepEqual(columnsOf(answers).map(({ typeOid }) => typeOid), [oid, arrayOid]);
    const [now, list] = dataRow(answers.find(({ type }) => type === "D")!.body);
    equal(now?.toString(), "it's ok");
    deepEqual(list, parameter);
  }
});

Deno.test("a transaction's own tables and enums are described as committed ones are", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  const made =
    "CREATE TYPE hue AS ENUM ('red'); CREATE TABLE painted (a int, hue hue); CREATE TEMP TABLE drawn (b int)";
  await wire.roundTrip(frontend.query(`BEGIN; ${made}; ALTER TABLE painted RENAME TO dyed`));
  const inside = (await describe(wire, "SELECT dyed.*, b FROM dyed, drawn")).columns;
  const attributes =
    "SELECT string_agg(atttypid::text, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'dyed'::regclass";
  equal(await value(wire, attributes), inside.slice(0, 2).map(({ typeOid }) => typeOid).join(" "));
  await wire.roundTrip(frontend.query("COMMIT"));
  deepEqual(inside.map(({ typeOid }) => typeOid), [23, Number(await value(wire, "SELECT 'hue'::regtype::oid")), 23]);
  const oids = [await value(wire, "SELECT 'dyed'::regclass::oid"), await value(wire, "SELECT 'drawn'::regclass::oid")];
  deepEqual(inside.map(({ tableOid, attribute }) => `${tableOid} ${attribute}`), [
    `${oids[0]} 1`,
    `${oids[0]} 2`,
    `${oids[1]} 1`,
  ]);
  deepEqual((await describe(wire, "SELECT dyed.*, b FROM dyed, drawn")).columns, inside);
});

Deno.test("two enums with the same labels are text, in results as in pg_attribute", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await wire.roundTrip(frontend.query("CREATE TYPE one AS ENUM ('x'); CREATE TYPE two AS ENUM ('x')"));
  await wire.roundTrip(frontend.query("CREATE TABLE twins (a one, b two)"));
  deepEqual((await describe(wire, "SELECT * FROM twins")).columns.map(({ typeOid }) => typeOid), [25, 25]);
  equal(await value(wire, "SELECT min(atttypid::bigint) FROM pg_attribute WHERE attrelid = 'twins'::regclass"), "25");
});

/** Type OIDs that a real PostgreSQL 15 gave for the same statements. */
const sums: readonly (readonly [sql: string, typeOids: readonly number[]])[] = [
  ["SELECT sum(i), sum(b), sum(s), sum(n), sum(f) FROM amounts", [20, 1700, 20, 1700, 701]],
  ["SELECT g, sum(i) AS total FROM amounts GROUP BY 1 HAVING sum(i) > 2 ORDER BY total LIMIT 3", [20, 20]],
  ["SELECT sum(DISTINCT i) FILTER (WHERE i > 1) OVER (PARTITION BY g ORDER BY b) FROM amounts", [20]],
  ["SELECT coalesce(sum(i), 0) + 1, sum(i + 1), sum(b + i) FROM amounts", [20, 20, 1700]],
  ["SELECT sum(sum(i)) OVER () FROM amounts GROUP BY g", [1700]],
  ["SELECT sum(CASE WHEN i > 0 THEN 1 ELSE 0 END) FROM amounts WHERE b = $1", [20]],
];

Deno.test("a sum over integers is a bigint, over bigints a numeric, also in a table made from it", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await wire.roundTrip(
    frontend.query("CREATE TABLE amounts (g bigint, i int, b bigint, s smallint, n numeric(10,2), f float8)"),
  );
  await wire.roundTrip(
    frontend.query("INSERT INTO amounts SELECT 1, 2147483647, 5, 6, 7, 8 FROM generate_series(1, 2)"),
  );
  for (const [sql, typeOids] of sums) {
    deepEqual([sql, (await describe(wire, sql)).columns.map(({ typeOid }) => typeOid)], [sql, typeOids]);
  }
  equal(await value(wire, "SELECT sum(i) FROM amounts"), "4294967294");
  equal(await value(wire, "SELECT sum(b + 9223372036854775000) FROM amounts"), "18446744073709550010");
  await wire.roundTrip(
    frontend.query("CREATE TABLE totals AS SELECT sum(i) AS of_int, sum(b) AS of_bigint FROM amounts"),
  );
  deepEqual((await describe(wire, "SELECT * FROM totals")).columns.map(({ typeOid }) => typeOid), [20, 1700]);
});

/** What a statement's columns are of: a table's column as `table.column`, or nothing for an expression. */
const origins: readonly (readonly [sql: string, origins: readonly string[]])[] = [
  ["SELECT * FROM origin", ["origin.a", "origin.b", "origin.n"]],
  ["SELECT b AS x, a + 1, n, o.a FROM origin AS o WHERE a = $1", ["origin.b", "", "origin.n", "origin.a"]],
  ["SELECT o.*, c.name FROM public.origin o LEFT JOIN in_c_sales.customers c ON c.id = o.b", [
    "origin.a",
    "origin.b",
    "origin.n",
    "in_c_sales.customers.name",
  ]],
  ["INSERT INTO origin (a) VALUES (1) RETURNING n, a * 2, *", ["origin.n", "", "origin.a", "origin.b", "origin.n"]],
  ["UPDATE origin SET a = 2 FROM other WHERE other.a = origin.a RETURNING origin.a, n", ["origin.a", "origin.n"]],
  ["SELECT a, c FROM origin JOIN other USING (a)", ["", "other.c"]],
  ["WITH origin AS (SELECT 1 AS a) SELECT a FROM origin", [""]],
  ["SELECT a FROM origin UNION ALL SELECT 1", [""]],
  ["SELECT a FROM scratch", ["pg_temp_1.scratch.a"]],
  ['SELECT "A b" FROM origin_view', ["origin_view.A b"]],
];

Deno.test("a table's column is described with its table and number, as in pg_attribute", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  for (
    const sql of [
      "CREATE TABLE origin (a int, b bigint, n numeric(12,2))",
      "CREATE TABLE other (c int, a int)",
      'CREATE VIEW origin_view AS SELECT 1 AS z, a AS "A b" FROM origin',
      "CREATE TEMP TABLE scratch (z int, a int)",
    ]
  ) deepEqual(sqlstatesOf(await wire.roundTrip(frontend.query(sql))), []);
  for (const [sql, names] of origins) {
    const { columns } = await describe(wire, sql);
    const found: string[] = [];
    for (const { tableOid, attribute } of columns) {
      found.push(
        tableOid === 0 && attribute === 0 ? "" : await value(
          wire,
          `SELECT CASE nspname WHEN 'public' THEN '' ELSE nspname || '.' END || relname || '.' || attname FROM pg_attribute a
           JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace s ON s.oid = relnamespace
           WHERE attrelid = ${tableOid} AND attnum = ${attribute}`,
        ) ?? "unknown",
      );
    }
    deepEqual([sql, found], [sql, names]);
  }
  const simple = columnsOf(await wire.roundTrip(frontend.query("SELECT n, n + 1 FROM origin")));
  deepEqual(simple.map(({ attribute }) => attribute), [3, 0]);
});

Deno.test("a table that is made anew is described anew", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await wire.roundTrip(frontend.query("CREATE TABLE anew (a int, b int)"));
  equal((await describe(wire, "SELECT b FROM anew")).columns[0]?.attribute, 2);
  await wire.roundTrip(frontend.query("DROP TABLE anew; CREATE TABLE anew (b int)"));
  equal((await describe(wire, "SELECT b FROM anew")).columns[0]?.attribute, 1);
});
