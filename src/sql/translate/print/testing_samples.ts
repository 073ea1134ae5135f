/** For the printer's tests: parsing, comparing trees, and a DuckDB with the tables that the samples are about. */
import duckdb, { type DuckDBConnection } from "@duckdb/node-api";
import { duckdbTypeName } from "./mod.ts";
import { loadPolicyParser, parsePostgres, type PgNode } from "../../pg_parser.ts";

await loadPolicyParser();

/** The `stmt` node of a text with one statement. */
export function parseStatement(sql: string): PgNode {
  const statements = parsePostgres(sql);
  if (statements?.length !== 1) throw new Error(`not one statement: ${sql}`);
  return statements[0]!["stmt"] as PgNode;
}

/** The node of an expression. */
export function parseExpression(sql: string): PgNode {
  const select = parseStatement(`SELECT ${sql}`)["SelectStmt"] as PgNode;
  const [target] = select["targetList"] as [PgNode];
  return (target["ResTarget"] as PgNode)["val"] as PgNode;
}

const positions: ReadonlySet<string> = new Set([
  "location",
  "rexpr_list_start",
  "rexpr_list_end",
  "list_start",
  "list_end",
  "name_location",
]);

/** A tree without what says where it stood, and with DuckDB's types, so that `text` and `VARCHAR` are the same. */
export function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== "object" || value === null) return value;
  if ("names" in value) return duckdbTypeName(value as PgNode)?.toLowerCase();
  const fields = Object.entries(value).filter(([field]) => !positions.has(field));
  return Object.fromEntries(fields.map(([field, item]) => [field, comparable(item)]));
}

const tables: readonly string[] = [
  "SET integer_division = true",
  "SET TimeZone = 'UTC'",
  "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')",
  `CREATE TABLE t AS SELECT i::INTEGER AS a, 'x' || i AS b, i * 1.5::DOUBLE AS c, DATE '2020-01-01' + i::INTEGER AS d,
    TIMESTAMP '2020-01-01 10:20:30.456789' + i * INTERVAL 1 DAY AS ts, [i, i + 1]::INTEGER[] AS l,
    {'f': i::INTEGER, 'g': 'g' || i} AS r, ('{"k": ' || i || '}')::JSON AS j, i % 2 = 0 AS p, 'ok'::mood AS m
    FROM range(5) AS q(i)`,
  "CREATE TABLE s AS SELECT i::INTEGER AS a, 'y' || i AS b, i::SMALLINT AS k FROM range(1, 4) AS q(i)",
  "CREATE TABLE u (id INTEGER PRIMARY KEY, v VARCHAR DEFAULT 'v', w INTEGER)",
  "INSERT INTO u VALUES (1, 'one', 10), (2, 'two', 20)",
  `CREATE TABLE "Mixed Case" ("select" INTEGER, "a""b" VARCHAR)`,
  "CREATE SEQUENCE seq",
  "CREATE SCHEMA other",
  "CREATE TABLE other.t AS SELECT 1 AS a",
];

export interface SampleDatabase extends AsyncDisposable {
  readonly connection: DuckDBConnection;
  /** Rows, each value as DuckDB's own text. */
  rows(sql: string): Promise<string[]>;
  /** Throws DuckDB's error when the statement cannot be prepared. */
  prepare(sql: string): Promise<void>;
}

export async function openSampleDatabase(): Promise<SampleDatabase> {
  const instance = await duckdb.DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  for (const statement of tables) await connection.run(statement);
  return {
    connection,
    async rows(sql) {
      const reader = await connection.runAndReadAll(sql);
      return reader.getRows().map((row) => row.map((value) => String(value)).join("|"));
    },
    async prepare(sql) {
      const prepared = await connection.prepare(sql);
      prepared.destroySync();
    },
    [Symbol.asyncDispose]() {
      connection.closeSync();
      instance.closeSync();
      return Promise.resolve();
    },
  };
}
