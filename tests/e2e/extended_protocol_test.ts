import { deepEqual, equal, ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import type pg from "pg";
import { sharedServer } from "../support/server.ts";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import { connect, refusedWith } from "../support/sql.ts";
import {
  bytes,
  dataRow,
  firstColumn,
  frontend,
  message,
  sqlstatesOf,
  transactionStatus,
  typesOf,
  WireClient,
} from "../support/wire.ts";

const server = sharedServer({ config: { max_connections_per_workspace: 20 } });
const workspaceOf = once(async () => await (await TestProject.withSales(server.current.rest)).workspace());

/** Type, a value as a client sends it in text, and the same in binary as PostgreSQL's send functions write it. */
const typeSamples: readonly { type: string; oid: number; text: string; binary: string }[] = [
  { type: "boolean", oid: 16, text: "t", binary: "01" },
  { type: "smallint", oid: 21, text: "-32768", binary: "8000" },
  { type: "integer", oid: 23, text: "2147483647", binary: "7fffffff" },
  { type: "bigint", oid: 20, text: "-9223372036854775808", binary: "8000000000000000" },
  { type: "real", oid: 700, text: "1.5", binary: "3fc00000" },
  { type: "double precision", oid: 701, text: "-0.1", binary: "bfb999999999999a" },
  { type: "numeric(12,3)", oid: 1700, text: "-12345.678", binary: "0003000140000003000109291a7c" },
  { type: "text", oid: 25, text: "žluťoučký", binary: "c5be6c75c5a56f75c48d6bc3bd" },
  { type: "varchar", oid: 1043, text: "", binary: "" },
  { type: "bytea", oid: 17, text: "\\x00ff10", binary: "00ff10" },
  { type: "date", oid: 1082, text: "1999-12-31", binary: "ffffffff" },
  { type: "time", oid: 1083, text: "12:34:56.789", binary: "0000000a8be62608" },
  { type: "timestamp", oid: 1114, text: "2000-01-01 00:00:01", binary: "00000000000f4240" },
  { type: "timestamptz", oid: 1184, text: "2000-01-01 00:00:01+00", binary: "00000000000f4240" },
  { type: "interval", oid: 1186, text: "1 mon 2 days 00:00:03", binary: "00000000002dc6c00000000200000001" },
  {
    type: "uuid",
    oid: 2950,
    text: "12345678-9abc-def0-1234-56789abcdef0",
    binary: "123456789abcdef0123456789abcdef0",
  },
  { type: "json", oid: 114, text: '{"a":[1,null]}', binary: Buffer.from('{"a":[1,null]}').toString("hex") },
];

for (const { type, oid, text, binary } of typeSamples) {
  Deno.test(`${type} goes both ways, as text and binary, as parameter and result`, async () => {
    using wire = await WireClient.connect(await workspaceOf());
    await wire.roundTrip(frontend.query("SET TimeZone = 'UTC'"));
    for (const parameter of [text, Buffer.from(binary, "hex")]) {
      for (const format of [0, 1]) {
        const answers = await wire.roundTrip(
          frontend.parse("", `SELECT $1::${type}`, [oid]),
          frontend.bind("", "", [parameter], [format]),
          frontend.describe("P", ""),
          frontend.execute(""),
          frontend.sync(),
        );
        deepEqual(sqlstatesOf(answers), []);
        equal(typesOf(answers), "12TDCZ");
        const row = dataRow(answers.find((answer) => answer.type === "D")!.body);
        equal(format === 0 ? row[0]?.toString("utf8") : row[0]?.toString("hex"), format === 0 ? text : binary);
        const description = answers.find((answer) => answer.type === "T")!.body;
        const afterName = description.indexOf(0, 2) + 1;
        const described = description.readInt32BE(afterName + 6);
        ok(described === oid || (type === "text" && described === 1043) || (type === "varchar" && described === 25));
        equal(description.readInt16BE(afterName + 16), format);
      }
    }
  });

  Deno.test(`NULL of ${type} goes both ways`, async () => {
    using wire = await WireClient.connect(await workspaceOf());
    for (const format of [0, 1]) {
      const answers = await wire.roundTrip(
        frontend.parse("", `SELECT $1::${type}, $1::${type} IS NULL`, [oid]),
        frontend.bind("", "", [null], [format]),
        frontend.execute(""),
        frontend.sync(),
      );
      equal(dataRow(answers.find((answer) => answer.type === "D")!.body)[0], null);
    }
  });
}

Deno.test("the pg client gets native values of every type, as text and as binary", async () => {
  await using client = await connect(await workspaceOf());
  const text = `SELECT true AS bool, 1::smallint AS int2, 2::integer AS int4, 3::bigint AS int8, 1.5::real AS float4,
    2.5::double precision AS float8, 'x'::varchar AS varchar, '\\x00ff'::bytea AS bytea, NULL::integer AS nothing,
    TIMESTAMPTZ '2024-02-29 12:00:00+00' AS timestamptz`;
  for (const binary of [false, true]) {
    const { rows: [row] } = await client.query({ text, values: [], binary } as pg.QueryConfig);
    equal(row.bool, true);
    equal(row.int2, 1);
    equal(row.int4, 2);
    equal(row.int8, "3");
    equal(row.float4, 1.5);
    equal(row.float8, 2.5);
    equal(row.varchar, "x");
    deepEqual([...row.bytea], [0, 255]);
    equal(row.nothing, null);
    equal(row.timestamptz.toISOString(), "2024-02-29T12:00:00.000Z");
  }
});

Deno.test("parameters of the pg client reach the statement with their values", async () => {
  await using client = await connect(await workspaceOf());
  const { rows } = await client.query(
    "SELECT $1::bigint + 1 AS n, $2::varchar || '!' AS t, $3::boolean AS b, $4::date AS d, $5::double precision AS f",
    [41, 'it\'s; DROP TABLE "x" --', true, "2024-02-29", 0.5],
  );
  equal(rows[0].n, "42");
  equal(rows[0].t, 'it\'s; DROP TABLE "x" --!');
  equal(rows[0].b, true);
  equal(rows[0].f, 0.5);
});

Deno.test("a parameter's type is inferred from where it stands", async () => {
  await using client = await connect(await workspaceOf());
  const { rows } = await client.query(
    "SELECT id FROM in_c_sales.orders WHERE customer_id = $1 AND id < $2 ORDER BY id",
    [
      2,
      10,
    ],
  );
  deepEqual(rows.map((row) => Number(row.id)), [1, 5, 9]);
});

Deno.test("a parameter's type is found where only a value of the right type would do", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  const answer = await wire.roundTrip(
    Buffer.concat([frontend.parse("", "SELECT range FROM range($1)"), frontend.describe("S", ""), frontend.sync()]),
  );
  const types = answer.find((next) => next.type === "t")!.body;
  equal(types.readInt32BE(2), 20, "bigint");
});

Deno.test("a text that comes again sees a table that now hides the one it read before", async () => {
  const workspace = await workspaceOf();
  await using client = await connect(workspace);
  await using other = await connect(workspace);
  await client.query("CREATE TABLE repeated AS SELECT 1 AS id");
  const read = () => client.query("SELECT id FROM repeated WHERE id < $1", [100]).then(({ rows }) => rows[0]?.id);
  deepEqual([await read(), await read()], [1, 1]);
  await client.query("CREATE TEMP TABLE repeated AS SELECT 2 AS id");
  equal(await read(), 2);
  await client.query("DROP TABLE temp.repeated");
  equal(await read(), 1);
  await other.query("DROP TABLE repeated");
  await refusedWith("42P01", read());
  await other.query("CREATE TABLE repeated AS SELECT 'three' AS id");
  deepEqual((await client.query("SELECT * FROM repeated")).rows, [{ id: "three" }]);
  await other.query("DROP TABLE repeated");
});

Deno.test("a named prepared statement runs many times, with other values each time", async () => {
  await using client = await connect(await workspaceOf());
  for (let index = 1; index <= 20; index++) {
    const { rows } = await client.query({
      name: "by_id",
      text: "SELECT id, amount FROM in_c_sales.orders WHERE id = $1",
      values: [index],
    });
    equal(Number(rows[0].id), index);
  }
});

Deno.test("PREPARE, EXECUTE and DEALLOCATE work as SQL", async () => {
  await using client = await connect(await workspaceOf());
  await client.query("PREPARE add_up(integer, integer) AS SELECT $1 + $2");
  deepEqual(await client.rowsOf("EXECUTE add_up(2, 3)"), [[5]]);
  await client.query("DEALLOCATE add_up");
  await refusedWith("26000", client.query("EXECUTE add_up(2, 3)"));
});

Deno.test("Describe of a statement gives its parameter and column types", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  const answers = await wire.roundTrip(
    frontend.parse("typed", "SELECT $1::integer AS a, $2::varchar AS b"),
    frontend.describe("S", "typed"),
    frontend.sync(),
  );
  equal(typesOf(answers), "1tTZ");
  const parameters = answers.find(({ type }) => type === "t")!.body;
  equal(parameters.readInt16BE(0), 2);
  equal(parameters.readInt32BE(2), 23);
});

Deno.test("Describe of a statement without rows gives NoData", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  const answers = await wire.roundTrip(
    frontend.parse("", "CREATE TABLE undescribed (id integer)"),
    frontend.describe("S", ""),
    frontend.sync(),
  );
  equal(typesOf(answers), "1tnZ");
});

Deno.test("Execute's row limit suspends the portal, and it resumes with the next row until all have come", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  wire.send(
    frontend.parse("", "SELECT range FROM range(10000) ORDER BY range"),
    frontend.bind("walk", ""),
    frontend.execute("walk", 999),
    frontend.flush(),
  );
  const values: string[] = [];
  let suspensions = 0;
  for (;;) {
    const answer = await wire.expectMessage();
    if (answer.type === "D") values.push(dataRow(answer.body)[0]!.toString());
    if (answer.type === "E") throw new Error(sqlstatesOf([answer]).join());
    if (answer.type === "C") break;
    if (answer.type === "s") {
      suspensions += 1;
      wire.send(frontend.execute("walk", 999), frontend.flush());
    }
  }
  equal(suspensions, 10);
  deepEqual(values, Array.from({ length: 10000 }, (_, index) => String(index)));
  equal(typesOf(await wire.roundTrip(frontend.sync())), "Z");
});

Deno.test("a suspended portal loses no row when another statement runs on the connection", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await wire.roundTrip(frontend.query("BEGIN"));
  const first = await wire.roundTrip(
    frontend.parse("", "SELECT range FROM range(100000) ORDER BY range"),
    frontend.bind("long", ""),
    frontend.execute("long", 10),
    frontend.sync(),
  );
  equal(typesOf(first).at(-2), "s");
  deepEqual(firstColumn(await wire.roundTrip(frontend.query("SELECT count(*) FROM in_c_sales.orders"))), ["100"]);
  await wire.roundTrip(frontend.query("CREATE TABLE beside (id integer); INSERT INTO beside VALUES (1)"));
  const rest = await wire.roundTrip(frontend.execute("long"), frontend.sync());
  const values = firstColumn(rest);
  equal(values.length, 99_990);
  equal(values[0], "10");
  equal(values.at(-1), "99999");
  await wire.roundTrip(frontend.query("ROLLBACK"));
});

Deno.test("two portals advance in turn", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await wire.roundTrip(frontend.query("BEGIN"));
  await wire.roundTrip(
    frontend.parse("ups", "SELECT range FROM range(50) ORDER BY range"),
    frontend.parse("downs", "SELECT 49 - range FROM range(50) ORDER BY range"),
    frontend.bind("up", "ups"),
    frontend.bind("down", "downs"),
    frontend.sync(),
  );
  const ups: (string | null)[] = [];
  const downs: (string | null)[] = [];
  for (let turn = 0; turn < 5; turn++) {
    ups.push(...firstColumn(await wire.roundTrip(frontend.execute("up", 10), frontend.sync())));
    downs.push(...firstColumn(await wire.roundTrip(frontend.execute("down", 10), frontend.sync())));
  }
  deepEqual(ups, Array.from({ length: 50 }, (_, index) => String(index)));
  deepEqual(downs, Array.from({ length: 50 }, (_, index) => String(49 - index)));
  await wire.roundTrip(frontend.query("COMMIT"));
});

Deno.test("a portal ends with its transaction: 34000", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await wire.roundTrip(
    frontend.parse("", "SELECT * FROM range(100)"),
    frontend.bind("gone", ""),
    frontend.execute("gone", 5),
    frontend.sync(),
  );
  deepEqual(sqlstatesOf(await wire.roundTrip(frontend.execute("gone", 5), frontend.sync())), ["34000"]);
});

Deno.test("the pg client's row batches bring every row once", async () => {
  await using client = await connect(await workspaceOf());
  const config = { text: "SELECT range FROM range(25000) ORDER BY 1", values: [], rows: 1000, rowMode: "array" };
  const result = await client.query<unknown[]>(config as pg.QueryArrayConfig);
  equal(result.rows.length, 25_000);
  result.rows.forEach((row, index) => equal(Number(row[0]), index));
});

Deno.test("after an error everything up to Sync is skipped, and the next round works", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  const answers = await wire.roundTrip(
    frontend.parse("", "SELECT nope"),
    frontend.bind("", ""),
    frontend.execute(""),
    frontend.parse("kept", "SELECT 1"),
    frontend.query("SELECT 'skipped too'"),
    frontend.sync(),
  );
  equal(typesOf(answers), "EZ");
  equal(transactionStatus(answers), "I");
  deepEqual(sqlstatesOf(await wire.roundTrip(frontend.bind("", "kept"), frontend.sync())), ["26000"]);
  deepEqual(firstColumn(await wire.roundTrip(frontend.query("SELECT 5"))), ["5"]);
});

Deno.test("many messages sent at once are answered in order", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  const rounds = 200;
  for (let index = 0; index < rounds; index++) {
    wire.send(
      frontend.parse("", "SELECT $1::integer"),
      frontend.bind("", "", [String(index)]),
      frontend.execute(""),
      frontend.sync(),
    );
  }
  for (let index = 0; index < rounds; index++) {
    const answers = await wire.readUntil("Z");
    equal(typesOf(answers), "12DCZ");
    deepEqual(firstColumn(answers), [String(index)]);
  }
});

Deno.test("Close of a statement makes it unknown; Close of an unknown one is no error", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await wire.roundTrip(frontend.parse("short", "SELECT 1"), frontend.sync());
  equal(
    typesOf(await wire.roundTrip(frontend.close("S", "short"), frontend.close("P", "none"), frontend.sync())),
    "33Z",
  );
  deepEqual(sqlstatesOf(await wire.roundTrip(frontend.bind("", "short"), frontend.sync())), ["26000"]);
});

Deno.test("a second statement or portal of one name is refused: 42P05, 42P03", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  const twice = [frontend.parse("same", "SELECT 1"), frontend.parse("same", "SELECT 2"), frontend.sync()];
  deepEqual(sqlstatesOf(await wire.roundTrip(...twice)), ["42P05"]);
  const portals = [
    frontend.parse("one", "SELECT 1"),
    frontend.bind("p", "one"),
    frontend.bind("p", "one"),
    frontend.sync(),
  ];
  deepEqual(sqlstatesOf(await wire.roundTrip(...portals)), ["42P03"]);
});

Deno.test("two statements in one Parse are refused with 42601", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  deepEqual(sqlstatesOf(await wire.roundTrip(frontend.parse("", "SELECT 1; SELECT 2"), frontend.sync())), ["42601"]);
});

Deno.test("a wrong number of parameters is refused with 08P01", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  const answers = await wire.roundTrip(
    frontend.parse("", "SELECT $1::integer, $2::integer"),
    frontend.bind("", "", ["1"]),
    frontend.sync(),
  );
  deepEqual(sqlstatesOf(answers), ["08P01"]);
});

Deno.test("a text parameter that does not fit its type is 22P02, a binary one that is too long 22P03", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  const bound = (parameter: string | Buffer) =>
    wire.roundTrip(
      frontend.parse("", "SELECT $1::integer", [23]),
      frontend.bind("", "", [parameter]),
      frontend.execute(""),
      frontend.sync(),
    );
  deepEqual(sqlstatesOf(await bound("twelve")), ["22P02"]);
  deepEqual(sqlstatesOf(await bound(Buffer.from([0, 0, 0, 1, 2]))), ["22P03"]);
});

Deno.test("an unknown message type and malformed ones are refused, and cost at most their own connection", async () => {
  const workspace = await workspaceOf();
  const malformed = [
    message("?", Buffer.from("what")),
    message("B", bytes.text("p"), bytes.text("s"), bytes.int16(32000)),
    Buffer.concat([Buffer.from("Q"), bytes.int32(2)]),
    Buffer.concat([Buffer.from("Q"), bytes.int32(0x7fffffff)]),
  ];
  for (const bad of malformed) {
    using wire = await WireClient.connect(workspace);
    wire.send(bad, frontend.sync());
    const answers: string[] = [];
    for (let next = await wire.read(); next !== null && next.type !== "Z"; next = await wire.read()) {
      answers.push(...sqlstatesOf([next]));
    }
    ok(answers.length <= 1 && ["08P01", "26000", "54000", undefined].includes(answers[0]), answers.join());
  }
  await using client = await connect(workspace);
  equal(await client.value("SELECT 1"), 1);
});

Deno.test("a parameter declared as void is left out of a call, as JDBC's CallableStatement expects", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  const answers = await wire.roundTrip(
    frontend.parse("", "SELECT * FROM upper($1, $2) AS result", [2278, 1043]),
    frontend.bind("", "", [null, "abc"]),
    frontend.execute(""),
    frontend.sync(),
  );
  deepEqual(sqlstatesOf(answers), []);
  deepEqual(firstColumn(answers), ["ABC"]);
});
