/**
 * PostgreSQL's own programs: pgbench with its own tables in every protocol mode, psql as a runner of scripts, and pg_dump, whose
 * output is loaded into a real PostgreSQL. A script's output is written here and, where a PostgreSQL server is installed, is
 * compared with its as well.
 *
 * pg_dump refuses a server that is newer than itself: an older one is connected through a relay that puts its own version in place
 * of 16 where the server tells its version, and changes nothing else.
 */
import { equal, match } from "node:assert/strict";
import { testWith } from "../support/claim.ts";
import { once } from "../support/once.ts";
import { findBinaries, Postgres } from "../support/postgres.ts";
import { clientBench, clientEnvironment } from "./check_program.ts";

const bench = clientBench();
const binaries = findBinaries();
const timeoutMs = 120_000;

type Environment = Readonly<Record<string, string>>;

const workspaceEnvironment = once(async () => clientEnvironment(await bench.workspace()));

/** A real PostgreSQL with an empty database for each name that is asked for. */
const reference = once(async () => {
  const postgres = await Postgres.start();
  if (postgres === null) throw new Error("no PostgreSQL");
  const { hostname, port, user } = postgres.target;
  const environmentOf = async (database: string): Promise<Environment> => {
    await postgres.psql(`CREATE DATABASE ${database} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`);
    return {
      PATH: Deno.env.get("PATH") ?? "",
      LC_ALL: "C.UTF-8",
      PGHOST: hostname,
      PGPORT: String(port),
      PGUSER: user,
      PGDATABASE: database,
    };
  };
  return { postgres, environmentOf };
});
let hasReference = false;
async function referenceEnvironment(database: string): Promise<Environment> {
  hasReference = true;
  return await (await reference()).environmentOf(database);
}
Deno.test.afterAll(async () => {
  if (hasReference) await (await reference()).postgres[Symbol.asyncDispose]();
});
interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
async function run(
  environment: Environment,
  command: string,
  args: readonly string[],
  options: { readonly stdin?: string; readonly directory?: string } = {},
): Promise<Run> {
  const child = new Deno.Command(command, {
    args: [...args],
    env: { ...environment },
    clearEnv: true,
    ...(options.directory === undefined ? {} : { cwd: options.directory }),
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(timeoutMs),
  }).spawn();
  if (options.stdin !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(options.stdin));
    await writer.close();
  }
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
async function query(environment: Environment, sql: string): Promise<string> {
  const { code, stdout, stderr } = await run(environment, "psql", ["-X", "-q", "-A", "-t", "-c", sql]);
  equal(code, 0, stderr);
  return stdout.trimEnd();
}
function testTool(tool: "pgbench" | "pg_dump", name: string, body: (path: string) => Promise<void>): void {
  if (binaries !== null) Deno.test(`${tool}: ${name}`, () => body(`${binaries}/${tool}`));
  else Deno.test({ name: `${tool}: ${name} (skipped: ${tool} not installed)`, ignore: true, fn: () => {} });
}
// pgbench
const initialized = once(async () => {
  const environment = await workspaceEnvironment();
  const made = await run(environment, `${binaries}/pgbench`, ["-i", "-s", "1"]);
  equal(made.code, 0, made.stderr);
  return environment;
});
testTool("pgbench", "-i makes its tables, loads them with COPY and sets their primary keys", async () => {
  const environment = await initialized();
  equal(await query(environment, "SELECT count(*), sum(aid), max(bid) FROM pgbench_accounts"), "100000|5000050000|1");
  equal(await query(environment, "SELECT count(*) FROM pgbench_tellers"), "10");
  const keys =
    "SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'p' AND conname LIKE 'pgbench%' ORDER BY 1";
  equal(await query(environment, keys), "pgbench_accounts\npgbench_branches\npgbench_tellers");
});
/** What pgbench counts at its end. */
async function measured(path: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(await initialized(), path, ["-n", ...args]);
  equal(code, 0, stderr);
  match(stdout, /number of failed transactions: 0 /);
  return /actually processed: (\S+)/.exec(stdout)?.[1] ?? stdout;
}
for (const mode of ["simple", "extended", "prepared"]) {
  testTool("pgbench", `its three scripts run in mode ${mode}, and every change is kept`, async (path) => {
    const environment = await initialized();
    const history = "SELECT count(*) FROM pgbench_history";
    const before = Number(await query(environment, history));
    equal(await measured(path, ["-M", mode, "-t", "15"]), "15/15");
    equal(await measured(path, ["-M", mode, "-b", "simple-update", "-t", "15"]), "15/15");
    equal(await measured(path, ["-M", mode, "-b", "select-only", "-c", "4", "-t", "25"]), "100/100");
    equal(Number(await query(environment, history)), before + 30);
    const sums = "SELECT (SELECT sum(bbalance) FROM pgbench_branches) = (SELECT sum(tbalance) FROM pgbench_tellers)";
    equal(await query(environment, sums), "t");
  });
}
testTool("pgbench", "clients that change the same row try again until each transaction is done", async (path) => {
  equal(await measured(path, ["-M", "prepared", "-c", "3", "-t", "5", "--max-tries", "200"]), "15/15");
});
testTool("pgbench", "a script of one's own uses \\gset, \\if and a pipeline", async (path) => {
  const environment = await initialized();
  await query(environment, "DROP TABLE IF EXISTS pgbench_seen; CREATE TABLE pgbench_seen (n integer, what text)");
  const script = await Deno.makeTempFile({ suffix: ".sql" });
  await Deno.writeTextFile(
    script,
    `SELECT count(*) AS customers FROM in_c_sales.customers \\gset
\\if :customers = 4
\\startpipeline
BEGIN;
INSERT INTO pgbench_seen VALUES (:customers, 'four');
INSERT INTO pgbench_seen VALUES (:customers + 1, 'five');
COMMIT;
\\endpipeline
\\endif
`,
  );
  equal(await measured(path, ["-M", "extended", "-f", script, "-t", "5"]), "5/5");
  equal(
    await query(environment, "SELECT n, what, count(*) FROM pgbench_seen GROUP BY 1, 2 ORDER BY 1"),
    "4|four|5\n5|five|5",
  );
  await Deno.remove(script);
});
testTool(
  "pgbench",
  "-i on the server's side works too; foreign keys on its finished tables are refused",
  async (path) => {
    const environment = await workspaceEnvironment();
    const made = await run(environment, path, ["-i", "-I", "dtGvp", "-s", "1"]);
    equal(made.code, 0, made.stderr);
    equal(await query(environment, "SELECT count(*), sum(aid) FROM pgbench_accounts"), "100000|5000050000");
    // DuckDB has foreign keys from CREATE TABLE on only.
    const keys = await run(environment, path, ["-i", "-I", "f"]);
    equal(keys.code, 1);
    match(keys.stderr, /ADD FOREIGN KEY is not supported/);
    const sql = "ALTER TABLE pgbench_tellers ADD FOREIGN KEY (bid) REFERENCES pgbench_branches";
    const refused = await run(environment, "psql", ["-X", "-v", "VERBOSITY=sqlstate", "-c", sql]);
    match(refused.stderr, /0A000/);
    equal((await run(environment, path, ["-i", "-I", "d"])).code, 0);
  },
);
// psql as a runner of scripts
interface Script {
  /** A claim. */
  readonly name: string;
  readonly args?: readonly string[];
  /** Files in the script's folder. */
  readonly files?: Readonly<Record<string, string>>;
  readonly script: string;
  readonly stdout: string;
  /** In stderr, where it is expected to say something. */
  readonly stderr?: RegExp;
  readonly code?: number;
}
const scripts: readonly Script[] = [
  {
    name: "\\copy loads a CSV file and writes it back the same",
    files: { "in.csv": 'id,label\n1,one\n2,"two, with ""quotes"""\n3,\n4,"line\nbreak"\n' },
    script: String.raw`CREATE TEMP TABLE c (id int, label text);
\copy c FROM 'in.csv' WITH (FORMAT csv, HEADER)
SELECT id, label IS NULL FROM c ORDER BY id;
\copy (SELECT * FROM c ORDER BY id) TO 'out.csv' WITH (FORMAT csv, HEADER)
\! cmp in.csv out.csv && echo same`,
    stdout: "1|f\n2|f\n3|t\n4|f\nsame\n",
  },
  {
    name: "\\copy goes both ways as text and as binary",
    script: String.raw`CREATE TEMP TABLE c (a int, b text, c numeric(10,2), d timestamp, e bool);
INSERT INTO c VALUES (1, E'tab\there', 1.5, '2024-01-02 03:04:05', true), (2, E'back\\slash', NULL, NULL, false);
\copy c TO 'text.out'
\! cat text.out
\copy c TO 'binary.out' (FORMAT binary)
\copy c FROM 'text.out'
\copy c FROM 'binary.out' (FORMAT binary)
SELECT a, b, c, d, e, count(*) FROM c GROUP BY 1, 2, 3, 4, 5 ORDER BY 1;`,
    stdout: "1\ttab\\there\t1.50\t2024-01-02 03:04:05\tt\n2\tback\\\\slash\t\\N\t\\N\tf\n" +
      "1|tab\there|1.50|2024-01-02 03:04:05|t|3\n2|back\\slash|||f|3\n",
  },
  {
    name: "COPY FROM STDIN reads the lines that follow it in the script",
    script:
      "CREATE TEMP TABLE c (a int, b text);\nCOPY c FROM STDIN;\n1\tone\n2\t\\N\n\\.\nCOPY c (b, a) FROM STDIN (DELIMITER ',');\nx,3\n\\.\n" +
      "SELECT * FROM c ORDER BY a;",
    stdout: "1|one\n2|\n3|x\n",
  },
  {
    name: "a bad line of \\copy is named, and nothing is loaded",
    files: { "bad.csv": "1,one\nx,two\n" },
    script: String.raw`CREATE TEMP TABLE c (a int, b text);
\copy c FROM 'bad.csv' (FORMAT csv)
SELECT count(*) FROM c;`,
    stdout: "0\n",
    stderr: /^psql:<stdin>:2: ERROR: {2}22P02: .*integer.*\n(.*\n)*CONTEXT: {2}COPY c, line 2, column a: "x"$/m,
  },
  {
    name: "\\gexec runs every value of a result as a statement",
    script: String
      .raw`SELECT format('CREATE TEMP TABLE g%s AS SELECT %s AS n', i, i * 10) FROM generate_series(1, 3) i ORDER BY i \gexec
SELECT n FROM g1 UNION ALL SELECT n FROM g2 UNION ALL SELECT n FROM g3 ORDER BY 1;`,
    stdout: "10\n20\n30\n",
  },
  {
    name: "\\ir includes a file beside the script, with variables in every quoting",
    files: {
      "main.sql": "\\ir part/one.sql\n",
      "part/one.sql":
        "\\set who 'O''Brien'\n\\set col 'Mixed Case'\nSELECT :'who' AS :\"col\", 1 AS n \\gdesc\n\\ir two.sql\n",
      "part/two.sql": "\\echo :who\nSELECT :'who' = 'O''Brien';\n",
    },
    script: "\\i main.sql",
    stdout: "Mixed Case|text\nn|integer\nO'Brien\nt\n",
  },
  {
    name: "-1 rolls the whole script back at an error",
    args: ["-1", "-v", "ON_ERROR_STOP=1"],
    script: "CREATE TABLE once_only (x int);\nINSERT INTO once_only VALUES (1);\nSELECT * FROM nope;",
    stdout: "",
    stderr: /ERROR: {2}42P01: /,
    code: 3,
  },
  {
    name: "-1 keeps the whole script without one",
    args: ["-1", "-v", "ON_ERROR_STOP=1"],
    script:
      "SELECT to_regclass('once_only') IS NULL;\nCREATE TABLE once_only (x int);\nINSERT INTO once_only VALUES (1);",
    stdout: "t\n",
  },
  {
    name: "what -1 kept is there for the next script",
    script: "SELECT * FROM once_only;\nDROP TABLE once_only;",
    stdout: "1\n",
  },
  {
    name: "ON_ERROR_ROLLBACK goes on after an error in a transaction that has only read",
    args: ["-v", "ON_ERROR_ROLLBACK=on"],
    script:
      "CREATE TEMP TABLE r (x int);\nBEGIN;\nSELECT count(*) FROM r;\nSELECT * FROM nope;\nINSERT INTO r VALUES (1);\nCOMMIT;\nSELECT * FROM r;",
    stdout: "0\n1\n",
    stderr: /ERROR: {2}42P01: /,
  },
  {
    name: "without ON_ERROR_ROLLBACK an error aborts the transaction",
    script:
      "CREATE TEMP TABLE r (x int);\nBEGIN;\nINSERT INTO r VALUES (1);\nSELECT * FROM nope;\nSELECT 1;\nCOMMIT;\nSELECT count(*) FROM r;",
    stdout: "0\n",
    stderr: /ERROR: {2}25P02: current transaction is aborted/,
  },
  {
    name: "\\gset and \\if decide on results",
    script: String.raw`SELECT count(*) > 5 AS many, max(x) AS most FROM (VALUES (1), (2)) v(x) \gset
\if :many
\echo many
\elif :{?most}
SELECT :most * 2;
\endif
\set AUTOCOMMIT off
CREATE TEMP TABLE a (x int);
ROLLBACK;
\set AUTOCOMMIT on
SELECT to_regclass('a') IS NULL;`,
    stdout: "4\nt\n",
  },
  {
    name: "\\; sends several statements at once, in one transaction",
    script:
      "CREATE TEMP TABLE m (x int PRIMARY KEY);\nINSERT INTO m VALUES (1)\\; INSERT INTO m VALUES (1);\nSELECT count(*) FROM m;\n" +
      "INSERT INTO m VALUES (1)\\; SELECT x FROM m\\; SELECT 'last';",
    stdout: "0\n1\nlast\n",
    stderr: /ERROR: {2}23505: /,
  },
  {
    name: "FETCH_COUNT reads a long result through a cursor",
    args: ["-v", "FETCH_COUNT=100"],
    script: "SELECT g FROM generate_series(1, 1050) g ORDER BY g DESC;",
    stdout: Array.from({ length: 1050 }, (_, index) => `${1050 - index}\n`).join(""),
  },
  {
    name: "\\errverbose and LAST_ERROR_SQLSTATE tell the last error",
    script: "SELECT 1 / (x - 1) FROM (VALUES (1)) v(x);\n\\echo :LAST_ERROR_SQLSTATE :ERROR",
    stdout: "22012 true\n",
    stderr: /ERROR: {2}22012: division by zero/,
  },
];
async function runScript(environment: Environment, script: Script): Promise<Run> {
  const directory = await Deno.makeTempDir({ prefix: "eider_psql_" });
  try {
    await Deno.mkdir(`${directory}/part`);
    for (const [name, text] of Object.entries(script.files ?? {})) {
      await Deno.writeTextFile(`${directory}/${name}`, text);
    }
    const args = ["-X", "-q", "-A", "-t", "-v", "VERBOSITY=verbose", ...script.args ?? [], "-f", "-"];
    return await run(environment, "psql", args, { stdin: `${script.script}\n`, directory });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
const scriptReference = once(() => referenceEnvironment("scripts"));
for (const script of scripts) {
  testWith(["psql"], `psql script: ${script.name}`, async () => {
    const environments = [await workspaceEnvironment()];
    if (binaries !== null) environments.unshift(await scriptReference());
    for (const environment of environments) {
      const place = environment["PGUSER"] === "reference" ? "PostgreSQL" : "Eider";
      const { code, stdout, stderr } = await runScript(environment, script);
      equal(stdout, script.stdout, `${place}: ${stderr}`);
      equal(code, script.code ?? 0, `${place}: ${stderr}`);
      if (script.stderr === undefined) equal(stderr, "", place);
      else match(stderr, script.stderr, place);
    }
  });
}
testWith(
  ["psql"],
  "psql script: ON_ERROR_ROLLBACK after a write is refused, and the transaction is aborted",
  async () => {
    // DuckDB cannot undo a part of a transaction: going back behind what it has written would lose or keep too much.
    const { stdout, stderr } = await runScript(await workspaceEnvironment(), {
      name: "",
      args: ["-v", "ON_ERROR_ROLLBACK=on"],
      script:
        "CREATE TEMP TABLE r (x int);\nBEGIN;\nINSERT INTO r VALUES (1);\nSELECT * FROM nope;\nINSERT INTO r VALUES (2);\nCOMMIT;\nSELECT count(*) FROM r;",
      stdout: "",
    });
    match(stderr, /ERROR: {2}0A000: /);
    match(stderr, /ERROR: {2}25P02: /);
    equal(stdout, "0\n");
  },
);
// pg_dump
/** Passes bytes both ways and replaces the server's major version in its ParameterStatus by an older one. */
class VersionRelay {
  readonly port: number;
  readonly #listener: Deno.TcpListener;
  readonly #done: Promise<void>;
  constructor(targetPort: number, majorVersion: number) {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.port = this.#listener.addr.port;
    this.#done = this.#serve(targetPort, majorVersion);
  }
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#done;
  }

  async #serve(targetPort: number, majorVersion: number): Promise<void> {
    const connections: Promise<unknown>[] = [];
    for await (const client of this.#listener) {
      const server = await Deno.connect({ hostname: "127.0.0.1", port: targetPort });
      connections.push(Promise.allSettled([
        client.readable.pipeTo(server.writable),
        server.readable.pipeThrough(replacingVersion(majorVersion)).pipeTo(client.writable),
      ]));
    }
    await Promise.all(connections);
  }
}

/** Two digits stand for two digits, so no length changes. It is told in one piece, with what follows the authentication. */
function replacingVersion(majorVersion: number): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  const before = "server_version\0";
  let isReplaced = false;
  return new TransformStream({
    transform(chunk, controller) {
      const at = isReplaced ? -1 : new TextDecoder("latin1").decode(chunk).indexOf(before);
      if (at >= 0) {
        chunk.set(new TextEncoder().encode(String(majorVersion)), at + before.length);
        isReplaced = true;
      }
      controller.enqueue(chunk);
    },
  });
}

async function dump(path: string, args: readonly string[]): Promise<Run> {
  const environment = await workspaceEnvironment();
  const version = Number(
    /(\d+)/.exec((await run(environment, path, ["--version"])).stdout.replace("pg_dump", ""))?.[1],
  );
  await using relay = new VersionRelay(Number(environment["PGPORT"]), version);
  // The relay reads the protocol, so there is no TLS on it.
  return await run({ ...environment, PGPORT: String(relay.port), PGSSLMODE: "disable" }, path, args);
}

const dumpedDefinitions = `
CREATE TABLE dump_items (id integer PRIMARY KEY, label text NOT NULL, price numeric(12,2) DEFAULT 0, made timestamp, CHECK (price >= 0));
CREATE TABLE dump_parts (item integer REFERENCES dump_items (id), pos smallint, note text, UNIQUE (item, pos));
CREATE INDEX dump_parts_note ON dump_parts (note);
CREATE VIEW dump_cheap AS SELECT id, label FROM dump_items WHERE price < 10;
COMMENT ON TABLE dump_items IS 'what we sell';
INSERT INTO dump_items VALUES (1, 'one', 9.5, '2024-01-02 03:04:05'), (2, E'tab\\there', NULL, NULL);
INSERT INTO dump_parts VALUES (1, 1, 'žluť'), (1, 2, NULL);
`;

const dumpable = once(async () => {
  const environment = await workspaceEnvironment();
  await query(environment, dumpedDefinitions);
  return environment;
});

/** Loads a dump into an empty database of the real PostgreSQL. The owner's role is made first: dumps name it. */
async function restored(database: string, text: string): Promise<Environment> {
  const environment = await referenceEnvironment(database);
  const { code, stderr } = await run(environment, "psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-"], {
    stdin: text,
  });
  equal(code, 0, `${stderr}\n${text}`);
  return environment;
}

const described = String.raw`\d dump_items
\d dump_parts`;

testTool("pg_dump", "-t with --schema-only gives definitions that make the same tables in PostgreSQL", async (path) => {
  await dumpable();
  const tables = ["--table=dump_items", "--table=dump_parts"];
  const { code, stdout, stderr } = await dump(path, ["--schema-only", "--no-owner", "--no-privileges", ...tables]);
  equal(code, 0, stderr);
  const direct = await referenceEnvironment("dump_direct");
  await query(direct, dumpedDefinitions);
  const through = await restored("dump_through", stdout);
  const shown = async (environment: Environment) =>
    (await run(environment, "psql", ["-X", "-q", "-f", "-"], { stdin: described })).stdout
      .replaceAll(/ +\n/g, "\n");
  equal(await shown(through), await shown(direct));
});

testTool("pg_dump", "-t dumps a table with its rows", async (path) => {
  await dumpable();
  const { code, stdout, stderr } = await dump(path, ["--no-owner", "-t", "dump_items"]);
  equal(code, 0, stderr);
  const environment = await restored("dump_rows", stdout);
  equal(
    await query(environment, "SELECT * FROM dump_items ORDER BY id"),
    "1|one|9.50|2024-01-02 03:04:05\n2|tab\there||",
  );
});

testTool("pg_dump", "--schema-only dumps the workspace with project tables as they are", async (path) => {
  await dumpable();
  const schemas = ["--schema=public", "--schema=in_c_sales"];
  const { code, stdout, stderr } = await dump(path, ["--schema-only", "--no-owner", "--no-privileges", ...schemas]);
  equal(code, 0, stderr);
  match(stdout, /CREATE TABLE in_c_sales\.orders \(/);
  match(stdout, /CREATE VIEW public\.dump_cheap AS/);
  const environment = await restored("dump_schema", stdout.replace(/^CREATE SCHEMA public;$/m, ""));
  const tables = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = 'in_c_sales' ORDER BY 2";
  equal(await query(environment, tables), "in_c_sales|customers\nin_c_sales|orders");
  equal(await query(environment, "SELECT to_regclass('dump_cheap')"), "dump_cheap");
});
