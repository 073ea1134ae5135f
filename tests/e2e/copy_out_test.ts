/** COPY … TO STDOUT through the real server. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import { sharedServer } from "../support/server.ts";
import { bytes, errorFields, frontend, transactionStatus, typesOf, WireClient } from "../support/wire.ts";
import { copyTo, outcomeOf, rowsOf, run } from "./copy_wire.ts";

const server = sharedServer();
const workspaceOf = once(async () => {
  const project = await TestProject.withSales(server.current.rest);
  return await project.workspace({ max_result_rows: 10 });
});

async function copied(sql: string): Promise<{ readonly lines: string[]; readonly tag: string }> {
  using wire = await WireClient.connect(await workspaceOf());
  const answer = await wire.roundTrip(frontend.query(sql));
  const error = answer.find((next) => next.type === "E");
  if (error !== undefined) throw new Error(errorFields(error.body)["C"]);
  const tag = answer.find((next) => next.type === "C")!.body.toString("utf8").replace("\0", "");
  return { lines: answer.filter((next) => next.type === "d").map((next) => next.body.toString("utf8")), tag };
}

const awkward =
  "(SELECT 'a,b' AS x, NULL AS y, 'say \"hi\"' AS z UNION ALL SELECT e'tab\\tnew\\nline', '', 'back\\\\slash')";

Deno.test("each row is one CopyData, as drivers that hand out rows expect", async () => {
  const { lines, tag } = await copied("COPY (SELECT range FROM range(3000)) TO STDOUT");
  deepEqual([lines.length, lines[0], lines[2999], tag], [3000, "0\n", "2999\n", "COPY 3000"]);
});

Deno.test("CSV quotes what needs it, tells NULL from an empty text, and has a header when asked", async () => {
  const { lines } = await copied(`COPY ${awkward} TO STDOUT (FORMAT csv, HEADER)`);
  equal(lines[0], "x,y,z\n");
  equal(lines[1], '"a,b",,"say ""hi"""\n');
  ok(lines[2]!.startsWith('"tab\tnew\nline","",'), lines[2]!);
});

Deno.test("text escapes tabs, line ends and backslashes, and writes NULL as \\\\N", async () => {
  const { lines } = await copied(`COPY ${awkward} TO STDOUT`);
  equal(lines[0], 'a,b\t\\N\tsay "hi"\n');
  ok(lines[1]!.startsWith("tab\\tnew\\nline\t\t"), lines[1]!);
});

Deno.test("a project table is copied by name and columns, and the result limits do not apply", async () => {
  const { lines, tag } = await copied("COPY in_c_sales.orders (id) TO STDOUT");
  deepEqual([lines.length, tag], [100, "COPY 100"]);
});

Deno.test("CSV options choose the characters, what is quoted, and what stands for NULL", async () => {
  const { lines } = await copied(
    `COPY ${awkward} TO STDOUT (FORMAT csv, DELIMITER ';', QUOTE '''', ESCAPE '\\', NULL 'nil', FORCE_QUOTE (x))`,
  );
  equal(lines[0], "'a,b';nil;say \"hi\"\n");
  const quoted = await copied("COPY (SELECT 1 AS a, NULL AS b, 'x' AS c) TO STDOUT (FORMAT csv, FORCE_QUOTE *)");
  deepEqual(quoted.lines, ['"1",,"x"\n']);
});

Deno.test("text has a header when asked, and another NULL and delimiter", async () => {
  const { lines } = await copied("COPY (SELECT 1 AS a, NULL AS b) TO STDOUT (HEADER, NULL '-', DELIMITER '|')");
  deepEqual(lines, ["a|b\n", "1|-\n"]);
});

Deno.test("another encoding is written, and what it cannot say is an error behind whole rows", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  const good = await copyTo(wire, "COPY (SELECT 'ř' AS a) TO STDOUT (ENCODING 'LATIN2')");
  deepEqual(good.data, [Buffer.of(0xf8, 10)]);
  const bad = await copyTo(wire, "COPY (SELECT unnest(['a', 'ř']) AS a) TO STDOUT (ENCODING 'LATIN1')");
  deepEqual(bad.data, [Buffer.from("a\n")]);
  match(bad.error ?? "", /in encoding "UTF8" has no equivalent in encoding "LATIN1"$/);
  deepEqual(await rowsOf(wire, "SELECT 1"), [["1"]]);
});

const binaryHeader = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1");

Deno.test("the binary format has signature, rows and trailer, cut into messages as PostgreSQL does", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  const sql = `COPY (SELECT unnest([7, NULL])::INTEGER AS a, 'ž' AS b) TO STDOUT (FORMAT "binary")`;
  const { data, tags } = await copyTo(wire, sql);
  deepEqual(tags, ["COPY 2"]);
  const text = [bytes.int32(2), Buffer.from("ž")];
  deepEqual(data, [
    Buffer.concat([binaryHeader, bytes.int16(2), bytes.int32(4), bytes.int32(7), ...text]),
    Buffer.concat([bytes.int16(2), bytes.int32(-1), ...text]),
    bytes.int16(-1),
  ]);
  const empty = await copyTo(wire, "COPY (SELECT 1 WHERE false) TO STDOUT (FORMAT binary)");
  deepEqual(empty.data, [Buffer.concat([binaryHeader, bytes.int16(-1)])]);
});

Deno.test("several COPYs in one string are carried out, as DuckDB's own postgres extension sends them", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  const sql = `BEGIN TRANSACTION READ ONLY;
    COPY (SELECT "id" FROM "in_c_sales"."orders" WHERE id <= 2) TO STDOUT (FORMAT "binary");
    COPY in_c_sales.customers (id) TO STDOUT; COMMIT`;
  const messages = await wire.roundTrip(frontend.query(sql));
  equal(typesOf(messages), "CHdddcCHddddcCCZ");
  deepEqual(outcomeOf(messages).tags, ["BEGIN", "COPY 2", "COPY 4", "COMMIT"]);
});

Deno.test("the extended protocol copies, too, and describes no rows", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  const messages = await wire.roundTrip(
    frontend.parse("", "COPY (SELECT 1 AS a) TO STDOUT"),
    frontend.bind("", ""),
    frontend.describe("P", ""),
    frontend.execute(""),
    frontend.sync(),
  );
  equal(typesOf(messages), "12nHdcCZ");
});

Deno.test("the rows of an INSERT or DELETE with RETURNING are copied, and it is done once", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await run(wire, "CREATE OR REPLACE TABLE returning_rows (a INTEGER, b VARCHAR)");
  const insert = "COPY (INSERT INTO returning_rows VALUES (1, 'x'), (2, 'y') RETURNING a) TO STDOUT";
  deepEqual((await copyTo(wire, insert)).data.map(String), ["1\n", "2\n"]);
  const deleted = await copyTo(wire, "COPY (DELETE FROM returning_rows WHERE a = 1 RETURNING *) TO STDOUT CSV");
  deepEqual(deleted.data.map(String), ["1,x\n"]);
  deepEqual(await rowsOf(wire, "SELECT * FROM returning_rows"), [["2", "y"]]);
  await run(wire, "BEGIN READ ONLY");
  match((await copyTo(wire, insert)).error ?? "", /^25006 /);
});

Deno.test("options that PostgreSQL refuses are refused in its words", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  const refusals: readonly (readonly [string, RegExp])[] = [
    ["(SELECT 1 AS a) TO STDOUT (HEADER MATCH)", /^0A000 cannot use "match" with HEADER in COPY TO$/],
    ["(SELECT 1 AS a) TO STDOUT CSV FORCE NULL a", /^0A000 COPY force null only available using COPY FROM$/],
    ["(SELECT 1 AS a) TO STDOUT (FORMAT csv, FORCE_QUOTE (b))", /^42703 column "b" does not exist$/],
    ["in_c_sales.orders (id, id) TO STDOUT", /^42701 column "id" specified more than once$/],
    ["(SELECT 1 AS a) TO STDOUT (FORMAT binary, NULL '')", /^42601 cannot specify NULL in BINARY mode$/],
  ];
  for (const [sql, error] of refusals) match((await copyTo(wire, `COPY ${sql}`)).error ?? "", error, sql);
});

Deno.test("a cancel request ends a COPY in its midst", async () => {
  const workspace = await workspaceOf();
  using wire = await WireClient.connect(workspace);
  wire.send(frontend.query("BEGIN; COPY (SELECT range FROM range(1000000000000)) TO STDOUT"));
  await wire.readUntil("d");
  using canceller = await WireClient.open(workspace.connection.port);
  canceller.send(frontend.cancelRequest(wire.processId, wire.secret));
  const messages = await wire.readUntil("Z");
  equal(outcomeOf(messages).error, "57014 canceling statement due to user request");
  equal(transactionStatus(messages), "E");
});
