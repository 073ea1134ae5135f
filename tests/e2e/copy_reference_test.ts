/**
 * The same COPYs against a real PostgreSQL and against Eider: SQLSTATE, message, context, hint, CopyInResponse and the rows that are
 * in the table afterwards must be the same. Without an installed PostgreSQL it is skipped.
 */
import { deepEqual, ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "../support/once.ts";
import { findBinaries, Postgres } from "../support/postgres.ts";
import { TestProject } from "../support/project.ts";
import { sharedServer } from "../support/server.ts";
import { frontend, WireClient } from "../support/wire.ts";
import { seededRandom } from "../../src/sql/testing_random.ts";
import { beginCopy, copyData, copyDone, copyFail, copyTo, outcomeOf, rowsOf, run } from "./copy_wire.ts";

const isInstalled = findBinaries() !== null;
const server = sharedServer();
const workspaceOf = once(async () => await (await TestProject.create(server.current.rest)).workspace());

function compare(name: string, body: (reference: WireClient, own: WireClient) => Promise<void>): void {
  Deno.test({
    name: isInstalled ? name : `${name} (skipped: PostgreSQL not installed)`,
    ignore: !isInstalled,
    fn: async () => {
      await using postgres = await Postgres.start();
      ok(postgres !== null);
      using reference = await WireClient.open(postgres.target.port);
      reference.send(frontend.startup({ user: postgres.target.user, database: postgres.target.database }));
      await reference.authenticate("");
      using own = await WireClient.connect(await workspaceOf());
      await body(reference, own);
    },
  });
}

interface Input {
  readonly columns: string;
  readonly options: string;
  readonly pieces: readonly Buffer[];
  readonly end?: Buffer;
}

async function resultOf(wire: WireClient, { columns, options, pieces, end }: Input): Promise<unknown> {
  await run(wire, "DROP TABLE IF EXISTS t");
  await run(wire, `CREATE TABLE t (${columns})`);
  const response = await beginCopy(wire, `COPY t FROM STDIN ${options}`);
  if (!Buffer.isBuffer(response)) return response;
  wire.send(...pieces.map((piece) => copyData(piece)), end ?? copyDone());
  const outcome = outcomeOf(await wire.readUntil("Z"));
  return { response: response.toString("hex"), ...outcome, rows: await rowsOf(wire, "SELECT * FROM t") };
}

async function requireSame(reference: WireClient, own: WireClient, inputs: Iterable<Input>): Promise<void> {
  for (const input of inputs) {
    const about = `${input.columns} ${input.options} ${JSON.stringify(Buffer.concat(input.pieces).toString("latin1"))}`;
    deepEqual(await resultOf(own, input), await resultOf(reference, input), about);
  }
}

function input(columns: string, options: string, data: string | readonly number[], end?: Buffer): Input {
  const pieces = [typeof data === "string" ? Buffer.from(data, "utf8") : Buffer.from(data)];
  return { columns, options, pieces, ...(end === undefined ? {} : { end }) };
}

compare("text and CSV with their errors", async (reference, own) => {
  const pair = "a integer, b text";
  const text = [
    "1\tx\n2\t\\N",
    "\n",
    "",
    "x\t1\n",
    "\t\n",
    "1\n",
    "1\t2\t3\n",
    "99999999999\tx\n",
    "1\ta\\tb\\x41\\101\\\n\tx\n",
    "1\tx\n\\.\nrest",
    "1\tx\\.\n",
    "1\tx\n\\.x\n",
    "1\tx\n\\.",
    "1\tx\r\n\\.\n",
    "1\tx\r2\ty\r",
    "1\tx\n2\ty\r\n",
    "1\tx\r\n2\ty\n",
    `${"ž".repeat(80)}\t1\n`,
    "1\tx\\000\n",
    "1\tx\\xff\n",
    "1\tx\\",
  ];
  const csv = [
    "1,x\n2,\n",
    '1,""\n',
    '1,"a\nb"\nx,y\n',
    '0,0\n1,"a\nb"\nx,y\n',
    '1,"abc',
    "1,x,\n",
    '1,ab"c,d"e\n',
    "1,x\n\\.\n2,y\n",
    "\n",
    "1,x\r\n2,y\n",
    '"1 2",x\n',
    "\\.\n",
    '1,"say ""hi"""\n',
  ];
  await requireSame(reference, own, [
    ...text.map((data) => input(pair, "", data)),
    ...csv.map((data) => input(pair, "(FORMAT csv)", data)),
    ...["a\tb\n1\tx\n", "a\tc\n", "a\n", "a\t\\N\n", "a\tb"].map((data) => input(pair, "(HEADER MATCH)", data)),
    ...["h\n1\tx\n", "h\nx\ty\n", ""].map((data) => input(pair, "(HEADER)", data)),
    input(pair, "", [0x31, 9, 0x61, 10, 0x32, 9, 0xe2, 0x28, 0xa1, 10]),
    input(pair, "(ENCODING 'LATIN2')", [0x31, 9, 0xf8, 10]),
    input(pair, "", "1\tx\n", copyFail("no")),
    input(pair, "", "", copyFail("")),
  ]);
});

/** Random streams of the characters that mean something, in random pieces. */
function* randomInputs(seed: number, count: number): Iterable<Input> {
  const random = seededRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const options = [
    "",
    "(DELIMITER '|')",
    "(NULL 'a')",
    "(HEADER)",
    "CSV",
    "CSV ESCAPE '\\'",
    "CSV ESCAPE 'x'",
    "CSV QUOTE '\\'",
  ];
  const more = ["CSV NULL 'a' FORCE NULL b", "CSV FORCE NOT NULL a", "CSV HEADER", "(FORMAT csv, HEADER MATCH)"];
  for (let turn = 0; turn < count; turn++) {
    const ends = turn % 3 === 0 ? ["\r", "\r\n"] : [];
    const alphabet = ["a", "1", "x", "N", ".", "ž", "\t", ",", "|", "\n", "\n", '"', '"', "\\", "\\", ...ends];
    const data = Buffer.from(Array.from({ length: 2 + Math.floor(random() * 25) }, () => pick(alphabet)).join(""));
    const pieces: Buffer[] = [];
    for (let at = 0; at < data.length;) {
      const length = 1 + Math.floor(random() * 9);
      pieces.push(data.subarray(at, at + length));
      at += length;
    }
    yield { columns: "a text, b text", options: pick([...options, ...more]), pieces };
  }
}

compare("random streams", async (reference, own) => {
  await requireSame(reference, own, randomInputs(1, 300));
});

compare("options", async (reference, own) => {
  const options = [
    "(DELIMITER 'ab')",
    "(DELIMITER '')",
    "(DELIMITER E'\\n')",
    "(DELIMITER 'a')",
    "(DELIMITER 'ž')",
    "(FORMAT csv, DELIMITER '\"')",
    "(NULL E'a\\nb')",
    "(NULL E'\\t')",
    "(FORMAT csv, NULL 'a\"b')",
    "(QUOTE 'x')",
    "(ESCAPE 'x')",
    "(FORMAT csv, QUOTE 'xx')",
    "(FORMAT csv, ESCAPE '')",
    "(FORCE_QUOTE (a))",
    "(FORMAT csv, FORCE_QUOTE (a))",
    "(FORCE_NULL (a))",
    "(FORCE_NOT_NULL (a))",
    "(FORMAT csv, FORCE_NULL (zz))",
    "(FORMAT csv, FORCE_NULL (a, a))",
    "(FORMAT csv, FORCE_NULL)",
    "(FORMAT nope)",
    "(FORMAT)",
    '(FORMAT "CSV")',
    "(FORMAT binary, DELIMITER ',')",
    "(FORMAT binary, HEADER)",
    "(FORMAT csv, FORMAT csv)",
    "(HEADER maybe)",
    "(HEADER 2)",
    "(HEADER 1)",
    "(HEADER off)",
    "(FREEZE maybe)",
    "(NOPE)",
    "(ENCODING)",
    "(ENCODING 'x')",
    "(DELIMITER 1)",
    "WITH CSV",
    "CSV HEADER QUOTE AS '''' ESCAPE '\\'",
    "WITH DELIMITER AS '|' NULL AS 'x'",
    "CSV FORCE NOT NULL a, b",
    "USING DELIMITERS '|'",
    "CSV FORCE QUOTE *",
    "BINARY",
  ];
  await requireSame(reference, own, options.map((option) => input("a integer, b text", option, "1\tx\n")));
});

const allTypes =
  "a bool, b smallint, c integer, d bigint, e real, f double precision, g numeric(12,3), h text, i bytea, j date, k time, l timestamp, m timestamptz, n interval, o uuid, p json, q integer[], r text[]";
const values = [
  "true, 1, 2, 3, 1.5, -2.25e-5, 12345.678, 'plain', 'abc'::bytea, '2024-02-29', '12:34:56.789', '2024-02-29 12:34:56.5'",
  "'2024-02-29 12:34:56+02', '1 year 2 mons 3 days 04:05:06', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{\"a\": 1}'",
  "ARRAY[1, NULL, 3], ARRAY['a', 'b c', '\"q\"']",
].join(", ");
const awkwardTexts = ["", "\\.", "\\N", "a,b|c;d", 'say "hi"', "žluť", "NULL", " sp "].map((text) => `('${text}')`)
  .join(", ");

compare("what is written, byte for byte, and read again in binary", async (reference, own) => {
  for (const wire of [reference, own]) {
    await run(wire, `CREATE TABLE w (${allTypes})`);
    await run(wire, `INSERT INTO w VALUES (${values})`);
    await run(
      wire,
      `INSERT INTO w (h) VALUES (NULL), (chr(9) || chr(10) || chr(13) || chr(92) || chr(8) || chr(1)), ${awkwardTexts}`,
    );
  }
  const options = [
    "",
    "CSV",
    "CSV HEADER",
    "(HEADER)",
    "(FORMAT csv, FORCE_QUOTE *)",
    "(FORMAT csv, FORCE_QUOTE (h))",
    "CSV NULL 'NULL'",
    "CSV DELIMITER ';' QUOTE ''''",
    "CSV ESCAPE '\\'",
    "CSV ESCAPE 'a'",
    "(NULL 'nil')",
    "(DELIMITER ',', NULL '')",
    "BINARY",
    "(FORMAT csv, HEADER MATCH)",
    "(FORMAT csv, FORCE_NULL (h))",
    "(ENCODING 'SQL_ASCII')",
  ];
  for (const option of options) {
    for (
      const what of [
        "w",
        "w (h)",
        "w (c, h, a)",
        '(SELECT d AS "T,q", g AS "a""b" FROM w)',
        "(SELECT 1 AS one WHERE false)",
      ]
    ) {
      const sql = `COPY ${what} TO STDOUT ${option}`;
      const isUnknownColumn = option.includes("(h)") && what.startsWith("(");
      if (isUnknownColumn) continue; // the same refusal, with the engine's own name for the column
      deepEqual(await copyTo(own, sql), await copyTo(reference, sql), sql);
    }
  }
  const whole = Buffer.concat((await copyTo(reference, "COPY w TO STDOUT BINARY")).data);
  const binary = (data: Buffer): Input => ({ columns: allTypes, options: "BINARY", pieces: [data] });
  const cuts = Array.from({ length: 60 }, (_, index) => binary(whole.subarray(0, index < 30 ? index : index * 8)));
  await requireSame(reference, own, [binary(whole), binary(Buffer.concat([whole, Buffer.of(1)])), ...cuts]);
});
