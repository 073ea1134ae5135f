/**
 * The same statements against a real PostgreSQL and against Eider: SQLSTATE, command tag, column names, types, modifiers and values
 * must be equal, except where a statement's directive names a known difference (`statement_file.ts`).
 */
import { fail } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { findBinaries, Postgres } from "../support/postgres.ts";
import { TestProject } from "../support/project.ts";
import { TestServer } from "../support/server.ts";
import { connect, SqlClient } from "../support/sql.ts";
import { ask, differences } from "./answer.ts";
import { type ComparedStatement, parseStatementFile } from "./statement_file.ts";

const folder = fileURLToPath(new URL("./statements/", import.meta.url));
const files = [...Deno.readDirSync(folder)].map((entry) => entry.name).filter((name) => name.endsWith(".sql")).sort();
const missing = findBinaries() === null ? " (skipped: a PostgreSQL server not installed)" : "";

let postgres: Postgres | null = null;
let server: TestServer;
let project: TestProject;

Deno.test.beforeAll(async () => {
  if (missing !== "") return;
  postgres = await Postgres.start();
  server = await TestServer.start();
  project = await TestProject.create(server.rest);
});

Deno.test.afterAll(async () => {
  await postgres?.[Symbol.asyncDispose]();
  if (missing === "") await server[Symbol.asyncDispose]();
});

for (const file of files) {
  Deno.test({
    name: `${file.replace(".sql", "")}: Eider answers as PostgreSQL does${missing}`,
    ignore: missing !== "",
    fn: async () => {
      const statements = parseStatementFile(await Deno.readTextFile(folder + file));
      const reports = await compare(file, statements);
      if (reports.length > 0) fail(`${reports.length} of ${statements.length} statements:\n${reports.join("\n")}`);
    },
  });
}

/** Reports of what differs without a directive, and of directives without a difference. */
async function compare(file: string, statements: readonly ComparedStatement[]): Promise<string[]> {
  if (postgres === null) throw new Error("no PostgreSQL");
  const database = `compare_${file.replace(/\W/g, "_")}`;
  const { hostname: host, port, user } = postgres.target;
  await postgres.psql(`CREATE DATABASE ${database}`);
  await using reference = new SqlClient({ host, port, user, database });
  await reference.connect();
  await using client = await connect(await project.workspace());
  const reports: string[] = [];
  // As Eider's sessions begin.
  await reference.query("SET TimeZone = 'UTC'");
  for (const { sql, line, differs, reason } of statements) {
    const expected = await ask(reference, sql);
    const actual = await ask(client, sql);
    const found = differences(expected, actual);
    const unexpected = found.filter((aspect) => !differs.has(aspect));
    const gone = [...differs].filter((aspect) => !found.includes(aspect));
    if (unexpected.length > 0) {
      const sides = unexpected.map((aspect) =>
        `\n    ${aspect}: PostgreSQL ${JSON.stringify(expected[aspect])} ${expected.message}` +
        `\n    ${" ".repeat(aspect.length)}       Eider ${JSON.stringify(actual[aspect])} ${actual.message}`
      );
      reports.push(`${file}:${line}: ${sql}${sides.join("")}`);
    }
    if (gone.length > 0) {
      reports.push(`${file}:${line}: no difference in ${gone.join(", ")} any more (${reason}): ${sql}`);
    }
  }
  return reports;
}
