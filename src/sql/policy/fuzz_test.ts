/**
 * Random statements against the real engine: whatever the policy lets through runs on an instance that is set up as a
 * worker's, in a folder whose files hold a marker. No answer may hold the marker, no file may appear, and the project's
 * views must stay as they are. The seed is fixed, so that a finding can be repeated; set POLICY_FUZZ_SEED and
 * POLICY_FUZZ_ROUNDS for more.
 */
import assert from "node:assert/strict";
import type { DuckDBConnection } from "@duckdb/node-api";
import { AppError } from "../../errors/app_error.ts";
import { seededRandom } from "../testing_random.ts";
import { checkStatement, loadPolicyParser, type ParsedStatement, parseStatements } from "./mod.ts";
import { context, makeTestInstance, marker } from "./testing_instance.ts";

await loadPolicyParser();

const functions = `read_csv READ_CSV "read_csv" "Read_Csv" read_csv_auto read_text read_blob system.main.read_csv
"system"."main"."read_csv_auto" main.read_csv read_json sniff_csv glob parquet_scan read_parquet query query_table read_duckdb
histogram histogram_values duckdb_databases duckdb_settings parquet_metadata summary repeat json_execute_serialized_sql`
  .split(/\s+/);
const spaces = [
  " ",
  " ",
  " ",
  "\n",
  "\t",
  "/**/",
  "/* ' */",
  '/* " */',
  "--x\n",
  " /* /* */ */ ",
  "\u00a0",
  "\u200b",
  "\r",
  "--'\n",
];
const aliases = ["", "", "", " z", " as z", ' as "where"', " set", " values", " z(c,d)", " tablesample 50%", " as 'q'"];

/** Writes one random text of one or more statements. */
class StatementWriter {
  readonly #random: () => number;
  readonly #folder: string;
  #depth = 0;
  #number = 0;

  constructor(random: () => number, folder: string) {
    this.#random = random;
    this.#folder = folder;
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random() * items.length)]!;
  }

  #call(makers: readonly (() => string)[]): string {
    return this.#pick(makers)();
  }

  #space = () => this.#pick(spaces);

  #file = (): string => {
    const folder = this.#folder;
    const path = this.#pick([
      "x.csv",
      `${folder}/x.csv`,
      "*.csv",
      "./x.csv",
      `${folder}/x.json`,
      "x.parquet",
      "other.duckdb",
      "X.CSV",
    ]);
    const [head, tail] = [path.slice(0, 2), path.slice(2)];
    return this.#pick([
      `'${path}'`,
      `E'${path}'`,
      `e'${path.replace("x", "\\x78")}'`,
      `$$${path}$$`,
      `$a$${path}$a$`,
      `'${head}'\n'${tail}'`,
      `'${head}'--\n'${tail}'`,
      `"${path}"`,
      `U&'${path}'`,
      `"${path.replace(/\.([a-z]+)$/i, '"."$1')}"`,
      "x.csv",
      'x ."csv"',
    ]);
  };

  #function = (): string => {
    const argument = this.#call([
      this.#file,
      () => `[${this.#file()}]`,
      () => `(select ${this.#file()})`,
      () => `'from ''x.csv'''`,
    ]);
    return `${this.#pick(functions)}${this.#pick(["", "", this.#space()])}(${argument})`;
  };

  #relation = (): string => {
    const inner = this.#call([
      this.#file,
      this.#file,
      this.#function,
      () => "orders",
      () => "in_c_sales.orders",
      () => "range(2)",
      () => `(${this.#query()})`,
      () => `(${this.#file()} join range(1) on true)`,
      () => `a:${this.#space()}${this.#file()}`,
      () => `only ${this.#file()}`,
      () => `(${this.#pick(["table", "show", "describe", "summarize"])} ${this.#file()})`,
      () => `(pivot ${this.#file()} on b)`,
      () => this.#pick(["duckdb_databases", "pg_settings", "__t1_v1.data", "memory.main.x"]),
    ]);
    return inner + this.#pick(aliases);
  };

  #from = (): string => {
    const tail = this.#call([
      () => "",
      () => "",
      () => `,${this.#space()}${this.#relation()}`,
      () => ` ${this.#pick(["left", "natural", "cross", "positional", "asof", "semi"])} join ${this.#relation()}`,
      () => ` join range(1) on true, ${this.#relation()}`,
      () => ` pivot (count(*) for a in (1)), ${this.#relation()}`,
    ]);
    return `from${this.#space()}${this.#relation()}${tail}`;
  };

  #columns = (): string =>
    this.#call([
      () =>
        this.#pick([
          "*",
          "b",
          "1",
          "count(*)",
          "columns(*)",
          "trim(from 'x')",
          "1 is distinct from 'x.csv'",
          "{'a': 'b'}",
        ]),
      () => `(${this.#query()})`,
      () => `exists(${this.#query()})`,
      this.#function,
    ]);

  #query = (): string => {
    if (this.#depth > 3) return "select 1";
    this.#depth++;
    const query = this.#call([
      () => `select${this.#space()}${this.#columns()}${this.#space()}${this.#from()}`,
      this.#from,
      () => `${this.#from()} select ${this.#columns()}`,
      () => `with q as (${this.#query()}) ${this.#query()}`,
      () => `${this.#query()} union all by name ${this.#query()}`,
      () => `${this.#pick(["table", "summarize", "describe"])} ${this.#relation()}`,
      () => `(${this.#query()})`,
    ]);
    this.#depth--;
    return query;
  };

  statement(): string {
    const name = `n${++this.#number}`;
    const project = this.#pick(["in_c_sales.orders", "orders", '"IN_C_SALES"."Orders"', "project.in_c_sales.orders"]);
    return this.#call([
      this.#query,
      this.#query,
      () => `explain analyze ${this.#query()}`,
      () => `create table ${name} as ${this.#query()}; from ${name}`,
      () => `create view ${name} as ${this.#query()}; from ${name}`,
      () => `create macro ${name}() as table ${this.#query()}; from ${name}()`,
      () =>
        `create macro ${name}(p) as table from ${
          this.#pick(["query_table(p)", "p", "read_csv(p)"])
        }; from ${name}('x.csv')`,
      () => `insert into own ${this.#query()}; from own`,
      () => `set variable v = (${this.#query()}); select getvariable('v')`,
      () => `update own set b = q.b ${this.#from()}; from own`,
      () => `merge into own using ${this.#relation()} on true when matched then update set b = 'x'; from own`,
      () => `copy (${this.#query()}) to ${this.#pick(["stdout", "'out.csv'"])}`,
      () => `prepare ${name} as ${this.#query()}`,
      () => `create type ${name} as enum (${this.#query()}); select enum_range(null::${name})`,
      () => `drop ${this.#pick(["view", "table", "schema"])} if exists ${this.#pick([project, "in_c_sales"])} cascade`,
      () => `alter ${this.#pick(["view", "table"])} ${project} rename to zz`,
      () => `create or replace view ${project.replace(/^orders$/, "in_c_sales.zz")} as select 1`,
      () => `comment on ${this.#pick(["view", "table"])} ${project} is 'x'`,
      () => `comment on column ${project}.id is 'x'`,
      () => `create schema ${this.#pick(["project.foo", "in_c_sales"])}`,
      () => `attach ${this.#file()} as zz`,
    ]);
  }
}

const stateQuery =
  `SELECT database_name, schema_name, view_name, comment FROM duckdb_views() WHERE database_name = 'project'
  UNION ALL SELECT database_name, schema_name, NULL, NULL FROM duckdb_schemas() WHERE database_name IN ('project', 'memory')
  UNION ALL SELECT database_name, NULL, NULL, NULL FROM duckdb_databases()
  UNION ALL SELECT database_name, column_name, comment, NULL FROM duckdb_columns() WHERE comment IS NOT NULL
  ORDER BY ALL`;

/** What DuckDB is given for a statement that the session does not answer itself. */
function runnable(statement: ParsedStatement): string | null {
  const { action } = statement;
  if (action.type === "execute") return statement.text;
  if (action.type === "copy_to_stdout") return action.query;
  return action.type === "prepare" ? action.text : null;
}

/** Runs the statements up to the first refusal or error; everything that DuckDB answered, errors included. */
async function runAccepted(connection: DuckDBConnection, text: string): Promise<string[]> {
  const answers: string[] = [];
  try {
    for (const statement of parseStatements(text)) {
      checkStatement(statement, context);
      const sql = runnable(statement);
      if (sql === null) return answers;
      const reader = await connection.runAndReadAll(sql);
      answers.push(JSON.stringify(reader.getRowsJson()));
    }
  } catch (error) {
    assert.ok(error instanceof Error);
    if (!(error instanceof AppError)) answers.push(error.message);
  }
  return answers;
}

Deno.test("no random statement that the policy lets through reads a file or changes the project", async () => {
  const seed = Number(Deno.env.get("POLICY_FUZZ_SEED") ?? 1);
  const rounds = Number(Deno.env.get("POLICY_FUZZ_ROUNDS") ?? 1_000);
  await using instance = await makeTestInstance();
  const previousFolder = Deno.cwd();
  // Relative file names must lead to the files, or the test would prove nothing.
  Deno.chdir(instance.folder);
  try {
    const admin = await instance.connect();
    await admin.run("CREATE TABLE own (a BIGINT, b VARCHAR)");
    const control = await admin.runAndReadAll("FROM 'x.csv'");
    assert.match(JSON.stringify(control.getRowsJson()), new RegExp(marker));
    const state = async () => JSON.stringify((await admin.runAndReadAll(stateQuery)).getRowsJson());
    const [before, filesBefore] = [await state(), instance.files()];
    const writer = new StatementWriter(seededRandom(seed), instance.folder);
    let answered = 0;
    for (let round = 0; round < rounds; round++) {
      const text = writer.statement();
      const connection = await instance.connect();
      const answers = await runAccepted(connection, text);
      connection.closeSync();
      answered += answers.length;
      for (const answer of answers) assert.ok(!answer.includes(marker), `round ${round}: ${text}`);
      if (/drop|alter|comment|create|attach|copy/.test(text)) {
        assert.equal(await state(), before, `round ${round}: ${text}`);
      }
    }
    assert.deepEqual(instance.files(), filesBefore);
    assert.ok(answered > rounds / 20, `${answered} answers: the writer makes too few statements that pass`);
    admin.closeSync();
  } finally {
    Deno.chdir(previousFolder);
  }
});
