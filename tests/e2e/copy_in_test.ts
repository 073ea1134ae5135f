/** COPY … FROM STDIN through the real server. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import { psql } from "../support/psql.ts";
import { residentBytes, sharedServer } from "../support/server.ts";
import { frontend, transactionStatus, typesOf, WireClient } from "../support/wire.ts";
import { beginCopy, copyData, copyDone, copyFail, copyFrom, copyTo, outcomeOf, rowsOf, run } from "./copy_wire.ts";

const server = sharedServer();
const projectOf = once(() => TestProject.withSales(server.current.rest));
const workspaceOf = once(async () => await (await projectOf()).workspace());

Deno.test("rows in text format arrive with their escapes undone, and the tag counts them", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await run(wire, "CREATE OR REPLACE TABLE t (a INTEGER, b VARCHAR)");
  const outcome = await copyFrom(wire, "COPY t FROM STDIN", ["1\tx\n2\t", "\\N\n3\ta\\tb\\", "x41\n\\.\nignored"]);
  deepEqual(outcome.tags, ["COPY 3"]);
  deepEqual(await rowsOf(wire, "SELECT * FROM t"), [["1", "x"], ["2", null], ["3", "a\tbA"]]);
});

Deno.test("CSV with quotes, a header and chosen columns arrives", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await run(wire, "CREATE OR REPLACE TABLE t (a INTEGER DEFAULT 7, b VARCHAR, c VARCHAR)");
  const sql = "COPY t (c, b) FROM STDIN (FORMAT csv, HEADER MATCH, NULL 'NA', FORCE_NULL (b))";
  const outcome = await copyFrom(wire, sql, ['c,b\r\n"say ""hi""\nthere",x\r\nNA,"NA"\r\n']);
  deepEqual(outcome.tags, ["COPY 2"]);
  deepEqual(await rowsOf(wire, "SELECT * FROM t"), [["7", "x", 'say "hi"\nthere'], ["7", null, null]]);
});

Deno.test("what COPY TO writes COPY FROM reads, in every format and type", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await run(
    wire,
    `CREATE OR REPLACE TABLE many_types (b BOOLEAN, i SMALLINT, l BIGINT, h HUGEINT, f FLOAT, d DOUBLE, n DECIMAL(20,4),
       t VARCHAR, x BLOB, dt DATE, ti TIME, ts TIMESTAMP, tz TIMESTAMPTZ, iv INTERVAL, u UUID, j JSON, e ENUM('a', 'b'),
       li INTEGER[], lt VARCHAR[], lli INTEGER[][], s STRUCT(a INTEGER, b VARCHAR));
     INSERT INTO many_types VALUES (true, -5, 1e18::BIGINT, 12345678901234567890123, 0.1, -2.5e-300, 1234567890.1234,
       'tab\t newline\n quote" back\\ žluť', '\\x00\\xFF'::BLOB, '2024-02-29', '12:34:56.789', '2024-02-29 12:34:56.5',
       '1969-12-31 23:59:59+02', INTERVAL '1 year 2 days 3.5 seconds', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"k": [1]}', 'b',
       [1, NULL, 3], ['a b', NULL, '"', 'a text of more than twelve bytes'], [[1, 2], [3, NULL]], {'a': 1, 'b': 'x'}),
       (${new Array(21).fill("NULL").join(", ")});
     CREATE OR REPLACE TABLE copied AS FROM many_types LIMIT 0`,
  );
  for (const format of ["", "(FORMAT csv)", "(FORMAT csv, HEADER, FORCE_QUOTE *, NULL 'none')", "(FORMAT binary)"]) {
    const { data, tags } = await copyTo(wire, `COPY many_types TO STDOUT ${format}`);
    deepEqual(tags, ["COPY 2"]);
    // FORCE_QUOTE belongs to COPY TO only.
    const outcome = await copyFrom(wire, `COPY copied FROM STDIN ${format.replace(" FORCE_QUOTE *,", "")}`, data);
    deepEqual([outcome.error, ...outcome.tags], [null, "COPY 2"], format);
    deepEqual(await rowsOf(wire, "FROM copied EXCEPT ALL FROM many_types"), [], format);
    deepEqual(await rowsOf(wire, "SELECT count(*) FROM copied"), [["2"]]);
    await run(wire, "TRUNCATE copied");
  }
});

Deno.test("a bad row names its line and column, and nothing is loaded", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await run(wire, "CREATE OR REPLACE TABLE t (a INTEGER, b VARCHAR)");
  const outcomes: readonly (readonly [string, string, string])[] = [
    ["1\tx\ny\tz\n", '22P02 invalid input syntax for type integer: "y"', 'COPY t, line 2, column a: "y"'],
    ["1\tx\n2\n", '22P04 missing data for column "b"', 'COPY t, line 2: "2"'],
    ["1\tx\t\\\\\n", "22P04 extra data after last expected column", 'COPY t, line 1: "1\tx\t\\\\"'],
    ["1\tx\n2\ty\r\n", "22P04 literal carriage return found in data", "COPY t, line 2"],
  ];
  for (const [data, error, context] of outcomes) {
    const outcome = await copyFrom(wire, "COPY t FROM STDIN", [data]);
    deepEqual([outcome.error, outcome.context], [error, context]);
    deepEqual(await rowsOf(wire, "SELECT count(*) FROM t"), [["0"]]);
  }
  const bytes = await copyFrom(wire, "COPY t FROM STDIN", ["1\tx\n2\t", Uint8Array.of(0xff, 10)]);
  equal(bytes.error, '22021 invalid byte sequence for encoding "UTF8": 0xff');
  const quote = await copyFrom(wire, "COPY t FROM STDIN CSV", ['1,x\n2,"y\n']);
  deepEqual([quote.error, quote.context], ["22P04 unterminated CSV quoted field", 'COPY t, line 3: "2,"y\n"']);
});

Deno.test("a bad row behind many good ones takes all of them back", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await run(wire, "CREATE OR REPLACE TABLE t (a INTEGER, b VARCHAR); INSERT INTO t VALUES (0, 'kept')");
  const rowCount = 300_000;
  const begun = await beginCopy(wire, "COPY t FROM STDIN");
  ok(Buffer.isBuffer(begun));
  for (let from = 1; from <= rowCount; from += 10_000) {
    const rows = Array.from({ length: 10_000 }, (_, index) => `${from + index}\trow ${from + index}\n`);
    wire.send(copyData(rows.join("")));
  }
  wire.send(copyData("bad\tx\n"), copyDone());
  const outcome = outcomeOf(await wire.readUntil("Z"));
  equal(outcome.context, `COPY t, line ${rowCount + 1}, column a: "bad"`);
  deepEqual(await rowsOf(wire, "SELECT * FROM t"), [["0", "kept"]]);
});

Deno.test("a broken constraint names its line, also when a row behind it is bad", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await run(
    wire,
    `CREATE OR REPLACE TABLE kept (id INTEGER PRIMARY KEY, n INTEGER CHECK (n > 0), t VARCHAR NOT NULL);
     INSERT INTO kept VALUES (1, 1, 'x')`,
  );
  const outcomes: readonly (readonly [string, string, number])[] = [
    ["2\t1\tx\n1\t1\ty\n", "23505", 2],
    ["2\t1\tx\n3\t1\ty\n2\t1\tz\n", "23505", 3],
    ["2\t1\tx\n3\t0\ty\n", "23514", 2],
    ["2\t1\t\\N\n", "23502", 1],
    ["2\t1\tx\n1\t1\ty\nbad\tx\ty\n", "23505", 2],
  ];
  for (const [data, sqlstate, line] of outcomes) {
    const outcome = await copyFrom(wire, "COPY kept FROM STDIN", [data]);
    deepEqual([outcome.error?.slice(0, 5), outcome.context], [sqlstate, `COPY kept, line ${line}`], data);
  }
  deepEqual(await rowsOf(wire, "SELECT * FROM kept"), [["1", "1", "x"]]);
});

Deno.test("serial columns count on, and a text too long for its column is refused at its line", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await run(wire, "DROP TABLE IF EXISTS numbered");
  await run(wire, "CREATE TABLE numbered (id serial PRIMARY KEY, name varchar(3), amount numeric)");
  const good = await copyFrom(wire, "COPY numbered (name, amount) FROM STDIN", ["abc\t1.5\n\\N\t2\n"]);
  deepEqual([good.error, ...good.tags], [null, "COPY 2"]);
  deepEqual(await rowsOf(wire, "SELECT * FROM numbered"), [["1", "abc", "1.5"], ["2", null, "2"]]);
  const bad = await copyFrom(wire, "COPY numbered (name) FROM STDIN", ["x\nžžž\nabcd\n"]);
  deepEqual([bad.error?.slice(0, 5), bad.context], ["22001", "COPY numbered, line 3, column name"]);
});

Deno.test("CopyFail ends the COPY with the client's reason", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await run(wire, "CREATE OR REPLACE TABLE t (a INTEGER)");
  const outcome = await copyFrom(wire, "COPY t FROM STDIN", ["1\n2\n"], copyFail("changed my mind"));
  deepEqual([outcome.error, outcome.context], ["57014 COPY from stdin failed: changed my mind", "COPY t, line 3"]);
  deepEqual(await rowsOf(wire, "SELECT * FROM t"), []);
});

Deno.test("what the client still sends after an error is passed over", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await run(wire, "CREATE OR REPLACE TABLE t (a INTEGER)");
  await beginCopy(wire, "COPY t FROM STDIN");
  wire.send(copyData("x\n"));
  equal(typesOf(await wire.readUntil("Z")), "EZ");
  wire.send(copyData("1\n"), copyData("2\n"), copyDone());
  deepEqual(await rowsOf(wire, "SELECT 1"), [["1"]]);
});

Deno.test("another message than those of COPY ends it, and the session goes on", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await run(wire, "CREATE OR REPLACE TABLE t (a INTEGER)");
  await beginCopy(wire, "COPY t FROM STDIN");
  wire.send(copyData("1\n"), frontend.flush(), frontend.sync(), frontend.query("SELECT 1"));
  equal(outcomeOf(await wire.readUntil("Z")).error, "08P01 unexpected message type 0x51 during COPY from stdin");
  deepEqual(await rowsOf(wire, "SELECT count(*) FROM t"), [["0"]]);
});

Deno.test("the extended protocol: Sync is passed over while data comes, and ends the transaction afterwards", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await run(wire, "CREATE OR REPLACE TABLE t (a INTEGER)");
  // As libpq's PQexecParams and PQputCopyEnd send it.
  wire.send(
    frontend.parse("", "COPY t FROM STDIN"),
    frontend.bind("", ""),
    frontend.describe("P", ""),
    frontend.execute(""),
    frontend.sync(),
  );
  equal(typesOf(await wire.readUntil("G")), "12nG");
  wire.send(copyData("1\n2\n"), copyDone(), frontend.sync());
  const messages = await wire.readUntil("Z");
  deepEqual([typesOf(messages), outcomeOf(messages).tags, transactionStatus(messages)], ["CZ", ["COPY 2"], "I"]);
  deepEqual(await rowsOf(wire, "SELECT count(*) FROM t"), [["2"]]);
});

Deno.test("the extended protocol: after an error everything up to Sync is passed over", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await run(wire, "CREATE OR REPLACE TABLE t (a INTEGER)");
  wire.send(frontend.parse("", "COPY t FROM STDIN"), frontend.bind("", ""), frontend.execute(""), frontend.flush());
  equal(typesOf(await wire.readUntil("G")), "12G");
  wire.send(copyData("x\n"), copyData("1\n"), copyDone(), frontend.parse("", "SELECT 1"), frontend.sync());
  equal(typesOf(await wire.readUntil("Z")), "EZ");
  deepEqual(await rowsOf(wire, "SELECT count(*) FROM t"), [["0"]]);
});

Deno.test("a COPY in a pipeline is taken back when a later statement fails", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await run(wire, "CREATE OR REPLACE TABLE t (a INTEGER)");
  wire.send(frontend.parse("", "COPY t FROM STDIN"), frontend.bind("", ""), frontend.execute(""), frontend.flush());
  await wire.readUntil("G");
  wire.send(
    copyData("1\n"),
    copyDone(),
    frontend.parse("", "SELECT 'x'::INTEGER"),
    frontend.bind("", ""),
    frontend.execute(""),
    frontend.sync(),
  );
  const messages = await wire.readUntil("Z");
  deepEqual(outcomeOf(messages).tags, ["COPY 1"]);
  ok(outcomeOf(messages).error !== null);
  deepEqual(await rowsOf(wire, "SELECT count(*) FROM t"), [["0"]]);
});

Deno.test("in a transaction block a failed COPY aborts it, a good one is kept or taken back with it", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await run(wire, "CREATE OR REPLACE TABLE t (a INTEGER)");
  await run(wire, "BEGIN");
  equal((await copyFrom(wire, "COPY t FROM STDIN", ["1\n"])).tags[0], "COPY 1");
  deepEqual(await rowsOf(wire, "SELECT * FROM t"), [["1"]]);
  equal((await copyFrom(wire, "COPY t FROM STDIN", ["x\n"])).error?.slice(0, 5), "22P02");
  const refused = await wire.roundTrip(frontend.query("SELECT 1"));
  deepEqual([outcomeOf(refused).error?.slice(0, 5), transactionStatus(refused)], ["25P02", "E"]);
  equal((await copyFrom(wire, "COPY t FROM STDIN", [])).error?.slice(0, 5), "25P02");
  await run(wire, "ROLLBACK");
  deepEqual(await rowsOf(wire, "SELECT * FROM t"), []);
  await run(wire, "BEGIN");
  await copyFrom(wire, "COPY t FROM STDIN", ["2\n"]);
  await run(wire, "COMMIT");
  deepEqual(await rowsOf(wire, "SELECT * FROM t"), [["2"]]);
});

Deno.test("several statements in one string are one transaction with the COPY among them", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  const sql = "CREATE OR REPLACE TABLE t (a INTEGER); COPY t FROM STDIN; COPY t FROM STDIN; INSERT INTO t VALUES (9)";
  wire.send(frontend.query(sql));
  const messages = await wire.readUntil("G");
  wire.send(copyData("1\n"), copyDone());
  messages.push(...await wire.readUntil("G"));
  wire.send(copyData("2\n"), copyDone());
  messages.push(...await wire.readUntil("Z"));
  deepEqual(outcomeOf(messages).tags, ["CREATE TABLE", "COPY 1", "COPY 1", "INSERT 0 1"]);
  deepEqual(await rowsOf(wire, "SELECT * FROM t"), [["1"], ["2"], ["9"]]);
});

Deno.test("own schemas, temporary tables and schema public take rows; generated columns are not asked for", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await run(
    wire,
    "CREATE SCHEMA IF NOT EXISTS mine; CREATE OR REPLACE TABLE mine.t (a INTEGER, twice INTEGER AS (a * 2))",
  );
  await run(wire, "CREATE OR REPLACE TEMP TABLE passing (a INTEGER); CREATE OR REPLACE TABLE t (a INTEGER)");
  for (const table of ["mine.t", "passing", "public.t", "t (a)"]) {
    deepEqual((await copyFrom(wire, `COPY ${table} FROM STDIN`, ["5\n"])).tags, ["COPY 1"], table);
  }
  deepEqual(await rowsOf(wire, "SELECT * FROM mine.t"), [["5", "10"]]);
  deepEqual(await rowsOf(wire, "SELECT * FROM passing"), [["5"]]);
  deepEqual(await rowsOf(wire, "SELECT * FROM t"), [["5"], ["5"]]);
  const generated = await copyFrom(wire, "COPY mine.t (twice) FROM STDIN", []);
  match(generated.error ?? "", /column "twice" is a generated column/);
});

Deno.test("what cannot be written is refused before any data is asked for", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await run(wire, "CREATE OR REPLACE TABLE t (a INTEGER); CREATE OR REPLACE VIEW v AS SELECT 1 AS a");
  const refusals: readonly (readonly [string, RegExp])[] = [
    ["COPY v FROM STDIN", /^42809 cannot copy to view "v"$/],
    ["COPY in_c_sales.orders FROM STDIN", /^25006 /],
    ["COPY missing FROM STDIN", /^42P01 /],
    ["COPY t (b) FROM STDIN", /^42703 column "b" of relation "t" does not exist$/],
    ["COPY t (a, a) FROM STDIN", /^42701 column "a" specified more than once$/],
    ["COPY t FROM STDIN (FORMAT csv, FORCE_NULL (b))", /^42703 column "b" of relation "t" does not exist$/],
    ["COPY t FROM STDIN (FORMAT csv, FORCE_QUOTE (a))", /^0A000 COPY force quote only available using COPY TO$/],
    ["COPY t FROM STDIN (ENCODING 'nonsense')", /^22023 argument to option "encoding" must be a valid encoding name$/],
    ["COPY t FROM STDIN WHERE a > 1", /^0A000 /],
  ];
  for (const [sql, error] of refusals) {
    const refused = await beginCopy(wire, sql);
    ok(!Buffer.isBuffer(refused), sql);
    match(refused.error ?? "", error, sql);
  }
  await run(wire, "BEGIN READ ONLY");
  const readOnly = await beginCopy(wire, "COPY t FROM STDIN");
  ok(!Buffer.isBuffer(readOnly));
  match(readOnly.error ?? "", /^25006 cannot execute COPY FROM in a read-only transaction$/);
});

Deno.test("a default marker and another encoding are understood", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await run(wire, "CREATE OR REPLACE TABLE t (a INTEGER DEFAULT 40 + 2, b VARCHAR)");
  const sql = "COPY t FROM STDIN (FORMAT csv, DEFAULT '\\D', ENCODING 'LATIN2')";
  const outcome = await copyFrom(wire, sql, ["\\D,", Uint8Array.of(0xf8), "\n1,x\n"]);
  deepEqual([outcome.error, ...outcome.tags], [null, "COPY 2"]);
  deepEqual(await rowsOf(wire, "SELECT * FROM t"), [["42", "ř"], ["1", "x"]]);
});

Deno.test("psql's \\copy and COPY in a script load a file and inline data", async () => {
  const workspace = await workspaceOf();
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/data.csv`, 'id,name\n1,"a,b"\n2,\n');
    const script = `CREATE OR REPLACE TABLE people (id INTEGER, name VARCHAR);
\\copy people from '${folder}/data.csv' csv header
COPY people FROM STDIN;
3\tthree
\\.
SELECT * FROM people ORDER BY id;
`;
    const { code, stdout, stderr } = await psql(workspace, { stdin: script });
    deepEqual([code, stderr], [0, ""]);
    equal(stdout, "CREATE TABLE\nCOPY 2\nCOPY 1\n1|a,b\n2|\n3|three\n");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a COPY that fills the workspace up is refused in its midst, and taken back", async () => {
  const workspace = await (await projectOf()).workspace({ name: "full", size_limit_gb: 0.005 });
  using wire = await WireClient.connect(workspace);
  await run(wire, "CREATE TABLE t (a INTEGER, b VARCHAR)");
  ok(Buffer.isBuffer(await beginCopy(wire, "COPY t FROM STDIN")));
  // Nothing that compresses.
  const random = Buffer.alloc(750_000);
  const answer = wire.readUntil("Z");
  for (let piece = 0; piece < 60; piece++) {
    crypto.getRandomValues(random.subarray(0, 65_536));
    for (let at = 65_536; at < random.length; at += 65_536) crypto.getRandomValues(random.subarray(at, at + 65_536));
    const text = random.toString("base64").match(/.{36}/g)!.map((line, row) => `${row}\t${line}\n`).join("");
    if (!wire.socket.write(copyData(text))) await new Promise((resolve) => wire.socket.once("drain", resolve));
  }
  wire.send(copyDone());
  equal(outcomeOf(await answer).error?.slice(0, 5), "53100");
  deepEqual(await rowsOf(wire, "SELECT count(*) FROM t"), [["0"]]);
});

Deno.test("much more data than memory passes through", async () => {
  const workspace = await (await projectOf()).workspace({ name: "stream", memory_limit: "128MB" });
  using wire = await WireClient.connect(workspace);
  await run(wire, "CREATE TABLE t (a BIGINT, b VARCHAR, c VARCHAR)");
  ok(Buffer.isBuffer(await beginCopy(wire, "COPY t FROM STDIN")));
  const filler = "0123456789abcdef".repeat(12);
  const pieceRows = 5_000;
  const pieces = 150;
  let highest = 0;
  for (let piece = 0; piece < pieces; piece++) {
    const first = piece * pieceRows;
    const rows = Array.from(
      { length: pieceRows },
      (_, index) => `${first + index}\t${first + index} ${filler}\tshort\n`,
    );
    const data = copyData(rows.join(""));
    if (!wire.socket.write(data)) await new Promise((resolve) => wire.socket.once("drain", resolve));
    for (const id of server.current.workerProcessIds()) highest = Math.max(highest, residentBytes(id));
  }
  wire.send(copyDone());
  deepEqual(outcomeOf(await wire.readUntil("Z")).tags, [`COPY ${pieces * pieceRows}`]);
  deepEqual(
    await rowsOf(wire, "SELECT count(*), max(a), sum(length(b) - length(filler.t)) FROM t, (SELECT '' AS t) filler"),
    [
      [
        String(pieces * pieceRows),
        String(pieces * pieceRows - 1),
        String(sumOfLengths(pieces * pieceRows, filler.length)),
      ],
    ],
  );
  // 170 MB went through; the worker itself needs over 100, DuckDB may use 128.
  ok(highest < 500e6, `a worker had ${highest} bytes`);
});

function sumOfLengths(rowCount: number, fillerLength: number): number {
  let sum = 0;
  for (let row = 0; row < rowCount; row++) sum += String(row).length + 1 + fillerLength;
  return sum;
}

Deno.test("COPY of public.t reads and fills the permanent table beside a temporary one", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await run(wire, "CREATE TABLE public.hidden (a int); CREATE TEMP TABLE hidden (z text)");
  deepEqual((await copyFrom(wire, "COPY public.hidden FROM STDIN", ["7\n"])).tags, ["COPY 1"]);
  deepEqual((await copyFrom(wire, "COPY hidden FROM STDIN", ["text\n"])).tags, ["COPY 1"]);
  deepEqual(await rowsOf(wire, "SELECT a FROM public.hidden"), [["7"]]);
  const copied = await wire.roundTrip(frontend.query("COPY public.hidden TO STDOUT"));
  equal(copied.filter(({ type }) => type === "d").map(({ body }) => body.toString()).join(""), "7\n");
  await run(wire, "DROP TABLE public.hidden");
  deepEqual(await rowsOf(wire, "SELECT z FROM hidden"), [["text"]]);
});
