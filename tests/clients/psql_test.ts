/**
 * psql's own commands: each `\d…` asks the catalog a long question. Every one must be answered, and those about the analyst's own
 * objects with the same text as a real PostgreSQL.
 */
import { equal, match, ok } from "node:assert/strict";
import { isInstalled, testWith } from "../support/claim.ts";
import { once } from "../support/once.ts";
import { findBinaries, Postgres } from "../support/postgres.ts";
import { TestProject } from "../support/project.ts";
import type { WorkspaceAnswer } from "../support/rest.ts";
import { sharedServer } from "../support/server.ts";
import { clientEnvironment } from "./check_program.ts";

const server = sharedServer({ config: { max_connections_per_workspace: 30 } });
const projectOf = once(() => TestProject.withSales(server.current.rest, "psql"));

const definitions = `
CREATE TABLE items (id int PRIMARY KEY, label text NOT NULL, price numeric(12,2) DEFAULT 0, tags text[], made timestamp);
CREATE TABLE parts (item int REFERENCES items (id), pos smallint, note text, UNIQUE (item, pos));
CREATE INDEX parts_note ON parts (note);
CREATE VIEW cheap AS SELECT id, label FROM items WHERE price < 10;
CREATE SEQUENCE numbers;
CREATE TYPE mood AS ENUM ('sad', 'ok');
COMMENT ON TABLE items IS 'what we sell';
`;

const workspaceOf = once(async (): Promise<WorkspaceAnswer> => {
  const workspace = await (await projectOf()).workspace();
  const made = await psql(clientEnvironment(workspace), [definitions]);
  equal(made.stderr, "");
  return workspace;
});

interface Answer {
  readonly stdout: string;
  readonly stderr: string;
}

/** Each command on its own; output as psql shows it to people. */
async function psql(environment: Record<string, string>, commands: readonly string[]): Promise<Answer> {
  const { stdout, stderr } = await new Deno.Command("psql", {
    args: ["-X", "-q", "-P", "pager=off", ...commands.flatMap((command) => ["-c", command])],
    env: environment,
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  return { stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

const everyCommand = String.raw`
\d | \d+ | \dS | \d *.* | \d items | \d+ items | \d parts | \d cheap | \d+ cheap | \d numbers | \d parts_note
\d in_c_sales.orders | \d+ in_c_sales.orders | \d in_c_sales.* | \d pg_class | \d information_schema.tables
\dt | \dt+ | \dt *.* | \dt in_c_sales.* | \di | \di+ | \dv | \dv+ | \ds | \ds+ | \dm | \dE | \dtvmsE | \dtS
\dn | \dn+ | \dnS | \du | \du+ | \dg | \dp | \z | \dp items | \df | \df+ | \df upper | \dfS up* | \da | \daS | \dfw
\dT | \dT+ | \dTS | \dT mood | \dD | \dc | \dC | \dL | \dO | \do | \doS | \dx | \dx+ | \dy | \db | \dd | \ddp | \drds
\des | \deu | \dew | \det | \dF | \dFd | \dFp | \dFt | \dl | \dP | \dRp | \dRs | \dX | \dA | \dAc | \dAf | \dAo | \dAp
\dconfig | \dconfig server_version | \l | \l+ | \conninfo | \encoding | \sv cheap
`.split(/[|\n]/).map((command) => command.trim()).filter((command) => command !== "");

for (const command of everyCommand) {
  testWith(["psql"], `psql: ${command} is answered`, async () => {
    const { stdout, stderr } = await psql(clientEnvironment(await workspaceOf()), [command]);
    // psql itself says this of an empty list; it is no error of the server.
    ok(!/ERROR|FATAL|server closed/.test(stderr), stderr);
    // psql prints nothing at all of extensions where there are none.
    ok(stdout + stderr !== "" || command === "\\dx+", "nothing was said");
  });
}

const comparedCommands = String.raw`
\d items | \d parts | \d cheap | \d parts_note | \d | \dt | \di | \dv | \ds | \dT | \dT+ mood | \dd items
`.split(/[|\n]/).map((command) => command.trim()).filter((command) => command !== "");

const reference = once(async () => {
  const postgres = await Postgres.start();
  if (postgres === null) throw new Error("no PostgreSQL");
  const { hostname, port, user, database } = postgres.target;
  const environment = {
    PATH: Deno.env.get("PATH") ?? "",
    LC_ALL: "C.UTF-8",
    PGHOST: hostname,
    PGPORT: String(port),
    PGUSER: user,
    PGDATABASE: database,
  };
  const made = await psql(environment, [definitions]);
  equal(made.stderr, "");
  return { postgres, environment };
});

const canCompare = isInstalled("psql") && findBinaries() !== null;
for (const command of comparedCommands) {
  Deno.test({
    name: `psql: ${command} shows what it shows of PostgreSQL${
      canCompare ? "" : " (skipped: a PostgreSQL server not installed)"
    }`,
    ignore: !canCompare,
    fn: async () => {
      const workspace = await workspaceOf();
      const { environment } = await reference();
      const [expected, actual] = [
        await psql(environment, [command]),
        await psql(clientEnvironment(workspace), [command]),
      ];
      equal(
        withoutWidths(actual.stdout.replaceAll(workspace.connection.username, "OWNER")),
        withoutWidths(expected.stdout.replaceAll("reference", "OWNER")),
      );
      equal(actual.stderr, expected.stderr);
    },
  });
}

Deno.test.afterAll(async () => {
  if (canCompare) await (await reference()).postgres[Symbol.asyncDispose]();
});

/** Column widths follow the longest value, and the owner's name is longer here. */
function withoutWidths(text: string): string {
  return text.replaceAll(/-{2,}/g, "-").replaceAll(/ +/g, " ").split("\n").map((line) => line.trimEnd()).join("\n");
}

testWith(["psql"], "psql: \\d of a project table shows its columns, and it can only be read", async () => {
  const environment = clientEnvironment(await workspaceOf());
  const { stdout } = await psql(environment, ["\\d in_c_sales.orders"]);
  match(stdout, /Table "in_c_sales\.orders"/);
  match(stdout, /amount\s+\| double precision|amount\s+\| numeric/);
  const privileges = await psql(environment, [
    "SELECT has_table_privilege('in_c_sales.orders', 'SELECT'), has_table_privilege('in_c_sales.orders', 'INSERT')",
  ]);
  match(privileges.stdout, / t +\| f/);
});

testWith(["psql"], "psql: \\gdesc, \\gset, \\crosstabview and tab completion's query work", async () => {
  const environment = clientEnvironment(await workspaceOf());
  const script = [
    "SELECT 1::int2 AS a, 'x'::text AS b, 1.5::numeric(5,2) AS c \\gdesc",
    "SELECT 42 AS answer \\gset\n\\echo :answer",
    "SELECT * FROM (VALUES ('r1', 'c1', 1), ('r1', 'c2', 2)) AS t(r, c, v) \\crosstabview",
  ];
  const child = new Deno.Command("psql", {
    args: ["-X", "-q", "-f", "-"],
    env: environment,
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(script.join("\n") + "\n"));
  await writer.close();
  const { stdout, stderr } = await child.output();
  const output = new TextDecoder().decode(stdout);
  equal(new TextDecoder().decode(stderr), "");
  match(output, /a\s+\| smallint\n b\s+\| text\n c\s+\| numeric\(5,2\)/);
  match(output, /^42$/m);
  match(output, /c1 \| c2/);
});
