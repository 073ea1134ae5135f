/**
 * What tools ask of the catalog, from replay/*.sql: tools that cannot be installed here, or whose installation takes longer than their
 * questions. The same statements go to a real PostgreSQL, when one is installed, and names and types of the columns must be the same.
 * A question begins with a line `-- @ NAME`, the other lines of comments before it are
 *
 *     -- = CELL | CELL     some row has these cells, in this order, others may be between; * is any text, NULL no value, $USER and
 *                          $DATABASE are the connection's
 *     -- differs(types): reason          also names; a difference that is gone fails the test
 */
import { deepEqual, fail, ok } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { type Answer, answersTo } from "../differential/answer.ts";
import { once } from "../support/once.ts";
import { findBinaries, Postgres } from "../support/postgres.ts";
import { connect, SqlClient } from "../support/sql.ts";
import { clientBench } from "./check_program.ts";

const folder = fileURLToPath(new URL("./replay/", import.meta.url));
const objects = `
  CREATE TABLE tauthor (id int PRIMARY KEY, name text NOT NULL);
  CREATE TABLE tbook (id bigserial PRIMARY KEY, author_id int REFERENCES tauthor (id), title text CHECK (length(title) > 0), tags text[], rank numeric(5,2) DEFAULT 1.5, made timestamptz);
  CREATE INDEX tbook_title ON tbook (title);
  CREATE VIEW tview AS SELECT id, title FROM tbook WHERE id > 0;
  CREATE TYPE tcolor AS ENUM ('red', 'green');
  CREATE TABLE tpaint (color tcolor);
  COMMENT ON TABLE tauthor IS 'people who write'`;
const projectTables = `
  CREATE SCHEMA in_c_sales;
  CREATE TABLE in_c_sales.customers (id bigint, name text, city text);
  CREATE TABLE in_c_sales.orders (id bigint, customer_id bigint)`;

interface Question {
  readonly name: string;
  readonly rows: readonly string[];
  readonly differs: readonly string[];
  readonly sql: string;
}

const bench = clientBench();
const clients = once(async () => {
  const client = await connect(await bench.workspace());
  await client.query(objects);
  const postgres = findBinaries() === null ? null : await Postgres.start();
  if (postgres === null) return { client, reference: null, postgres };
  await postgres.psql("CREATE DATABASE replay");
  const { hostname: host, port, user } = postgres.target;
  const reference = new SqlClient({ host, port, user, database: "replay" });
  await reference.connect();
  await reference.query(objects + ";" + projectTables);
  return { client, reference, postgres };
});
let isConnected = false;

Deno.test.afterAll(async () => {
  if (!isConnected) return;
  const { client, reference, postgres } = await clients();
  await client.end();
  await reference?.end();
  await postgres?.[Symbol.asyncDispose]();
});

const files = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".sql")).sort();
for (const file of files) {
  const questions = read(Deno.readTextFileSync(folder + file));
  Deno.test(`${file.replace(".sql", "")}: ${questions.length} questions are answered in PostgreSQL's shape`, async () => {
    isConnected = true;
    const { client, reference } = await clients();
    ok(questions.length > 0);
    const reports: string[] = [];
    for (const question of questions) {
      const actual = await answersTo(client, question.sql);
      const expected = reference === null ? null : await answersTo(reference, question.sql);
      const faults = faultsOf(question, actual, client);
      if (expected !== null && reference !== null) {
        faults.push(...faultsOf(question, expected, reference).map((fault) => `PostgreSQL: ${fault}`));
        faults.push(...shapeFaults(question, expected, actual));
      }
      if (faults.length > 0) reports.push(`${question.name}: ${faults.join("; ")}`);
    }
    if (reports.length > 0) fail(`${reports.length} of ${questions.length} questions:\n${reports.join("\n")}`);
  });
}

Deno.test("read takes a question apart", () => {
  deepEqual(
    read("-- a note\n\n-- @ one\n-- = a | b\n-- differs(types): why\nSELECT 1;\nSELECT 2\n\n-- @ two\nSELECT 3\n"),
    [
      { name: "one", rows: ["a | b"], differs: ["types"], sql: "SELECT 1;\nSELECT 2" },
      { name: "two", rows: [], differs: [], sql: "SELECT 3" },
    ],
  );
});

function read(text: string): Question[] {
  return text.split(/^-- @ /m).slice(1).map((part) => {
    const [name = "", ...lines] = part.trimEnd().split("\n");
    const directives = lines.filter((line) => line.startsWith("-- "));
    return {
      name,
      rows: directives.filter((line) => line.startsWith("-- = ")).map((line) => line.slice(5)),
      differs: directives.flatMap((line) => /^-- differs\((\w+(?:, \w+)*)\): ./.exec(line)?.[1]?.split(", ") ?? []),
      sql: lines.filter((line) => !line.startsWith("-- ")).join("\n").trim(),
    };
  });
}

/** What the answers lack, whoever gave them. */
function faultsOf(question: Question, answers: readonly Answer[], client: pg.Client): string[] {
  const failed = answers.find(({ sqlstate }) => sqlstate !== "");
  if (failed !== undefined) return [`${failed.sqlstate} ${failed.message}`];
  const rows = answers.flatMap((answer) => answer.rows);
  return question.rows.filter((expected) => !rows.some((row) => matches(row, expected, client))).map((expected) =>
    `no row ${expected} among ${rows.length}: ${JSON.stringify(rows.slice(0, 3))}`
  );
}

function shapeFaults({ differs }: Question, expected: readonly Answer[], actual: readonly Answer[]): string[] {
  const failed = [...expected, ...actual].some(({ sqlstate }) => sqlstate !== "");
  if (failed) return [];
  return (["names", "types"] as const).flatMap((aspect) => {
    const [theirs, ours] = [expected, actual].map((answers) => JSON.stringify(answers.map((answer) => answer[aspect])));
    const isKnown = differs.includes(aspect);
    if (theirs === ours) return isKnown ? [`no difference in ${aspect} any more`] : [];
    return isKnown ? [] : [`${aspect} ${ours}, of PostgreSQL ${theirs}`];
  });
}

function matches(row: readonly (string | null)[], expected: string, client: pg.Client): boolean {
  let column = 0;
  for (const cell of expected.split(" | ")) {
    const text = cell.replace("$USER", client.user ?? "").replace("$DATABASE", client.database ?? "");
    const found = row.findIndex((value, at) => at >= column && isCell(value, text));
    if (found < 0) return false;
    column = found + 1;
  }
  return true;
}

function isCell(value: string | null, pattern: string): boolean {
  if (value === null) return pattern === "NULL";
  const parts = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(value);
}
