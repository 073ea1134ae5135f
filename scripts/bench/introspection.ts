/**
 * The questions with which tools look around (introspection.sql), through the server and of PostgreSQL, in turns: a workspace with 20 tables, 10
 * views and 8 project tables. Three times each: as the first question of a worker, as the first after a CREATE TABLE, and again and again with its plan
 * thrown away. Beside the time on the clock the worker's processor time, which depends less on what else the machine does.
 */
import pg from "pg";
import { TestProject } from "../../tests/support/project.ts";
import type { Postgres } from "../../tests/support/postgres.ts";
import questionsText from "./introspection.sql" with { type: "text" };
import { RawClient, type RawTarget } from "./raw_client.ts";
import type { Section } from "./report.ts";
import { startServer, targetOf, workerProcessId } from "./server.ts";
import { showSpread, type Spread, spreadOf } from "./statistics.ts";

export interface IntrospectionOptions {
  readonly roundCount: number;
}

interface Question {
  readonly name: string;
  readonly sql: string;
}

interface Measured {
  readonly name: string;
  /** Milliseconds on the clock. */
  readonly eider: Spread;
  /** Milliseconds of processor time in the worker. */
  readonly worker: Spread;
  /** Right after a CREATE TABLE, milliseconds on the clock. */
  readonly afterChange: Spread;
  readonly postgres: Spread | null;
}

const projectTables = ["customers", "orders", "products", "sessions", "campaigns", "invoices", "rates", "returns"];

export async function benchIntrospection(
  options: IntrospectionOptions,
  postgres: Postgres | null,
): Promise<{ sections: Section[] }> {
  await using server = await startServer();
  const project = await TestProject.create(server.rest, "introspection");
  await project.bucket("in.c-shop");
  for (const table of projectTables) {
    await project.import(`in.c-shop.${table}`, "id,name,city,amount,created\n1,Ada,Praha,1.5,2025-01-01\n");
  }
  const workspace = await project.workspace();
  const eider = await prepared(targetOf(server, workspace), []);
  const reference = postgres === null ? null : await prepared(postgres.target, [
    "CREATE SCHEMA in_c_shop",
    ...projectTables.map((name) =>
      `CREATE TABLE in_c_shop.${name}(id int PRIMARY KEY, name text, city text, amount numeric, created date)`
    ),
  ]);
  const workerId = await workerProcessId(server, workspace.id);
  const first = await firstQuestions(eider);
  const measured: Measured[] = [];
  for (const question of questions()) {
    console.log(`introspection: ${question.name}`);
    measured.push(await measure(question, eider, reference, workerId, options.roundCount));
  }
  eider.client.close();
  reference?.client.close();
  return { sections: [sectionOf(measured, first, options)] };
}

interface Subject {
  readonly client: RawClient;
  /** Of the table own_2. */
  readonly oid: string;
}

function questions(): Question[] {
  return questionsText.split(/^-- @ /m).slice(1).map((part) => {
    const end = part.indexOf("\n");
    return { name: part.slice(0, end), sql: part.slice(end).trim() };
  });
}

async function prepared(target: RawTarget, setUp: readonly string[]): Promise<Subject> {
  const client = await RawClient.connect(target);
  for (const statement of [...setUp, ...ownObjects()]) await client.query(statement);
  return { client, oid: await oidOf(target, "own_2") };
}

function* ownObjects(): Generator<string> {
  for (let number = 1; number <= 20; number++) {
    yield `CREATE TABLE own_${number}(id serial PRIMARY KEY, name varchar(50) NOT NULL UNIQUE, amount numeric(10,2) DEFAULT 1.5,
      created timestamp DEFAULT now(), note text, tags text[], flag boolean,
      parent int${number > 1 ? ` REFERENCES own_${number - 1}(id)` : ""}, CHECK (amount >= 0))`;
    yield `CREATE INDEX own_${number}_note ON own_${number}(note)`;
    yield `COMMENT ON COLUMN own_${number}.name IS 'what it is called'`;
    if (number <= 10) {
      yield `CREATE VIEW view_${number} AS SELECT id, name, amount * 2 AS twice FROM own_${number} WHERE flag`;
    }
  }
  yield "CREATE TYPE color AS ENUM ('red', 'green')";
}

/** The raw client reads no values. */
async function oidOf({ hostname, ...target }: RawTarget, table: string): Promise<string> {
  const client = new pg.Client({ ...target, host: hostname });
  await client.connect();
  try {
    const { rows } = await client.query<{ oid: string }>("SELECT $1::regclass::oid::text AS oid", [table]);
    return rows[0]?.oid ?? "";
  } finally {
    await client.end();
  }
}

/** Milliseconds of psql's `\d TABLE`, all of its questions, on a connection that has asked nothing, twice. */
async function firstQuestions(subject: Subject): Promise<readonly number[]> {
  const describing = questions().filter(({ name }) => name.startsWith("psql \\d TABLE"));
  const times: number[] = [];
  for (let time = 0; time < 2; time++) {
    const startMs = performance.now();
    for (const { sql } of describing) await subject.client.query(textFor(sql, subject, time));
    times.push(performance.now() - startMs);
  }
  return times;
}

/** A comment makes it another text, whose plan nobody has kept. */
function textFor(sql: string, subject: Subject, number: number): string {
  return `${sql.replaceAll("{oid}", subject.oid)} -- ${number}`;
}

async function measure(
  { name, sql }: Question,
  eider: Subject,
  reference: Subject | null,
  workerId: number,
  roundCount: number,
): Promise<Measured> {
  const [clock, worker, changed, other]: [number[], number[], number[], number[]] = [[], [], [], []];
  for (let round = 0; round <= roundCount; round++) {
    await eider.client.query("CREATE TABLE passing(a int)");
    const after = await eider.client.query(textFor(sql, eider, 3 * round + 10));
    await eider.client.query("DROP TABLE passing");
    await eider.client.query(textFor(sql, eider, 3 * round + 11));
    const before = await processorMs(workerId);
    const { totalMs } = await eider.client.query(textFor(sql, eider, 3 * round + 12));
    const spent = await processorMs(workerId) - before;
    const answer = await reference?.client.query(textFor(sql, reference, round));
    if (round === 0) continue;
    changed.push(after.totalMs);
    clock.push(totalMs);
    worker.push(spent);
    if (answer !== undefined) other.push(answer.totalMs);
  }
  return {
    name,
    eider: spreadOf(clock),
    worker: spreadOf(worker),
    afterChange: spreadOf(changed),
    postgres: other.length === 0 ? null : spreadOf(other),
  };
}

/** Processor time of all of a process's threads so far; Linux only, elsewhere NaN. */
async function processorMs(processId: number): Promise<number> {
  try {
    let nanoseconds = 0;
    for await (const { name } of Deno.readDir(`/proc/${processId}/task`)) {
      const text = await Deno.readTextFile(`/proc/${processId}/task/${name}/schedstat`).catch(() => "0");
      nanoseconds += Number(text.split(" ")[0]);
    }
    return nanoseconds / 1e6;
  } catch {
    return NaN;
  }
}

function sectionOf(measured: readonly Measured[], first: readonly number[], options: IntrospectionOptions): Section {
  const slowestFirst = measured.toSorted((one, other) => other.eider.median - one.eider.median);
  return {
    title: "Introspection: the questions of tools, ms",
    columns: ["", "Eider", "worker's processor time", "after a CREATE TABLE", "PostgreSQL", "ratio"],
    rows: slowestFirst.map(({ name, eider, worker, afterChange, postgres }) => [
      name,
      showSpread(eider, 1),
      showSpread(worker, 1),
      showSpread(afterChange, 1),
      postgres === null ? "–" : showSpread(postgres, 1),
      postgres === null ? "–" : (eider.median / postgres.median).toFixed(1),
    ]),
    notes: [
      `20 own tables, 10 views, ${projectTables.length} project tables; ${options.roundCount} rounds in turns, each a text of its own, so that it is ` +
      "parsed, translated and planned; median (min–max). Plain TCP, simple queries.",
      `psql's \\d of a table, all of its questions: ${first[0]?.toFixed(0)} ms as the first that a worker is asked, ${
        first[1]?.toFixed(0)
      } ms the second time.`,
    ],
    data: { measured, firstQuestionsMs: first },
  };
}
