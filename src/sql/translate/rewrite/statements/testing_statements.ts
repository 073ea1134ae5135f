/**
 * For tests: statements of PostgreSQL through the rewriting and the printer into a DuckDB instance with a workspace
 * database, each with its outcome in the words of the sample files (`samples/*.sql`).
 *
 * In a sample file `# name` begins a scenario in an empty database, a line is a statement, `--> outcome` below it what
 * PostgreSQL 15 answered, and `--! outcome` what Eider answers where that is another one, with the reason after `: `.
 */
import duckdb, { type DuckDBConnection } from "@duckdb/node-api";
import { translateEngineError } from "../../../../engine/engine_error.ts";
import { AppError } from "../../../../errors/app_error.ts";
import { parsePostgres, type PgNode } from "../../../pg_parser.ts";
import { printStatement } from "../../print/mod.ts";
import { mustBePrinted } from "../source_text.ts";
import { rewriteStatement } from "../statement.ts";
import { child } from "../tree.ts";
import { readLengthLimit } from "./length_limit.ts";
import { rewriteStatements } from "./mod.ts";

export interface TestedStatement {
  readonly texts: readonly string[];
  readonly notices: readonly string[];
}

/** The texts of a statement; the statement itself when nothing changes. Throws what the rewriting throws. */
export function translated(statement: string): TestedStatement {
  const root = child((parsePostgres(statement) ?? [])[0] ?? {}, "stmt") ?? {};
  const expressions = rewriteStatement(root, statement, { nameColumns: false }).root;
  const { statements, notices } = rewriteStatements(expressions);
  const [first] = statements;
  if (statements.length === 1 && first === root && !mustBePrinted(statement, root)) {
    return { texts: [statement], notices };
  }
  return { texts: statements.map(printed), notices };
}

function printed(statement: PgNode): string {
  const answer = printStatement(statement);
  if (answer === null) throw new Error(`the printer does not know ${JSON.stringify(statement)}`);
  return answer.text;
}

export interface TestingWorkspace {
  /** Carries a statement out, several texts in one transaction, and says what came of it. */
  outcome(statement: string): Promise<string>;
  /** Runs DuckDB's SQL and gives the rows. */
  run(sql: string): Promise<readonly (readonly unknown[])[]>;
  close(): void;
}

const openingStatements = [
  "SET search_path='workspace_ws_test.main'",
  "SET integer_division=true",
  "SET default_null_order='nulls_last_on_asc_first_on_desc'",
  "SET TimeZone='UTC'",
  "SET errors_as_json=true",
];

export async function openTestingWorkspace(file = ":memory:"): Promise<TestingWorkspace> {
  const instance = await duckdb.DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(`ATTACH '${file}' AS workspace_ws_test`);
  for (const statement of openingStatements) await connection.run(statement);
  return {
    async outcome(statement) {
      try {
        return await carryOut(connection, statement);
      } catch (error) {
        return `error ${sqlstateOf(error)}`;
      }
    },
    run: async (sql) => (await connection.runAndReadAll(sql)).getRows(),
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function carryOut(connection: DuckDBConnection, statement: string): Promise<string> {
  const { texts } = translated(statement);
  if (texts.length > 1) await connection.run("BEGIN");
  try {
    let rows: readonly (readonly unknown[])[] = [];
    for (const text of texts) rows = (await connection.runAndReadAll(text)).getRows();
    if (texts.length > 1) await connection.run("COMMIT");
    return describe(statement, rows);
  } catch (error) {
    if (texts.length > 1) await connection.run("ROLLBACK");
    throw error;
  }
}

/** Rows, a command with its count, or `ok`. */
function describe(statement: string, rows: readonly (readonly unknown[])[]): string {
  const isDefinition = /^(CREATE|DROP|ALTER|TRUNCATE|COMMENT)\b/i.test(statement);
  if (isDefinition || /^SELECT .*\bINTO (TEMP )?\w+ (FROM|UNION)/i.test(statement)) return "ok";
  const command = /\b(INSERT|UPDATE|DELETE|MERGE)\b/i.exec(statement)?.[1]?.toUpperCase();
  if (command !== undefined && !/\bRETURNING\b/i.test(statement)) return `${command} ${String(rows[0]?.[0])}`;
  return rows.length === 0 ? "(no rows)" : rows.map((row) => row.map(shown).join("|")).join(" / ");
}

function shown(value: unknown): string {
  if (value === null) return "NULL";
  return value === true ? "t" : value === false ? "f" : String(value);
}

function sqlstateOf(error: unknown): string {
  if (error instanceof AppError) return error.sqlstate;
  const message = error instanceof Error ? error.message : String(error);
  const marked = /eider:(\w{5}):/.exec(message);
  if (marked !== null) return marked[1]!;
  const check = /CHECK constraint failed on table .* with expression (CHECK\(.*\))"\}$/.exec(message);
  if (check !== null && readLengthLimit(check[1]!.replaceAll('\\"', '"')) !== null) return "22001";
  return translateEngineError(error).sqlstate;
}

export interface Scenario {
  readonly name: string;
  readonly steps: readonly { readonly statement: string; readonly postgres: string; readonly expected: string }[];
}

/** Reads a sample file. A statement without an outcome has "". */
export function readScenarios(text: string): readonly Scenario[] {
  const scenarios: { name: string; steps: { statement: string; postgres: string; expected: string }[] }[] = [];
  for (const line of text.split("\n")) {
    const step = scenarios.at(-1)?.steps.at(-1);
    if (line.startsWith("# ")) scenarios.push({ name: line.slice(2), steps: [] });
    else if (line.startsWith("--> ") && step !== undefined) {
      step.postgres = line.slice(4);
      step.expected = line.slice(4);
    } else if (line.startsWith("--! ") && step !== undefined) step.expected = line.slice(4).split(": ")[0]!;
    else if (line.trim() !== "") scenarios.at(-1)!.steps.push({ statement: line, postgres: "", expected: "" });
  }
  return scenarios;
}
