import { deepEqual } from "node:assert/strict";
import duckdb from "@duckdb/node-bindings";
import { AppError } from "../errors/app_error.ts";
import { explainConstraintError } from "./constraint_error.ts";
import { run } from "./duckdb.ts";
import { translateEngineError } from "./engine_error.ts";

/** Texts, details and names are those of a real PostgreSQL 15 for the same tables, but for DETAIL of a row that fails. */
const cases: readonly {
  readonly sql: string;
  readonly table: string;
  readonly schema?: string;
  readonly message: string;
  readonly detail?: string;
  readonly object: AppError["object"];
}[] = [
  {
    sql: "INSERT INTO k VALUES (1, 'q', 1, 1, 'a')",
    table: "k",
    message: 'duplicate key value violates unique constraint "k_pkey"',
    detail: "Key (id)=(1) already exists.",
    object: { schema: "public", table: "k", constraint: "k_pkey" },
  },
  {
    sql: "INSERT INTO k VALUES (2, 'a: b, n: c', 1, 1, 'a')",
    table: "K",
    message: 'duplicate key value violates unique constraint "k_b_n_key"',
    detail: "Key (b, n)=(a: b, n: c, 1) already exists.",
    object: { schema: "public", table: "k", constraint: "k_b_n_key" },
  },
  {
    sql: "INSERT INTO k VALUES (2, 'A: B, N: C', 3, 4, 'a')",
    table: "k",
    message: 'duplicate key value violates unique constraint "k_lower"',
    detail: "Key (lower(b))=(a: b, n: c) already exists.",
    object: { schema: "public", table: "k", constraint: "k_lower" },
  },
  {
    sql: "INSERT INTO k VALUES (2, 'z', NULL, 1, 'a')",
    table: "k",
    message: 'null value in column "n" of relation "k" violates not-null constraint',
    object: { schema: "public", table: "k", column: "n" },
  },
  {
    sql: "INSERT INTO k VALUES (2, 'z', 3, -1, 'a')",
    table: "k",
    message: 'new row for relation "k" violates check constraint "k_d_check"',
    object: { schema: "public", table: "k", constraint: "k_d_check" },
  },
  {
    sql: "INSERT INTO k VALUES (2, 'z', 3, 1, 'abcd')",
    table: "k",
    message: "value too long for type character varying(3)",
    object: {},
  },
  {
    sql: "INSERT INTO f VALUES (7, 'x')",
    table: "f",
    message: 'insert or update on table "f" violates foreign key constraint "f_k_id_fkey"',
    detail: 'Key (k_id)=(7) is not present in table "k".',
    object: { schema: "public", table: "f", constraint: "f_k_id_fkey" },
  },
  {
    sql: "DELETE FROM k",
    table: "k",
    message: 'update or delete on table "k" violates foreign key constraint "f_k_id_fkey" on table "f"',
    detail: 'Key (id)=(1) is still referenced from table "f".',
    object: { schema: "public", table: "f", constraint: "f_k_id_fkey" },
  },
  {
    sql: "INSERT INTO s.k VALUES (1)",
    table: "k",
    schema: "s",
    message: 'duplicate key value violates unique constraint "k_pkey"',
    detail: "Key (other)=(1) already exists.",
    object: { schema: "s", table: "k", constraint: "k_pkey" },
  },
];

Deno.test("a violated constraint is told in PostgreSQL's words, with its name and its table's", async () => {
  const instance = await duckdb.open(":memory:");
  const connection = await duckdb.connect(instance);
  try {
    await run(
      connection,
      `SET errors_as_json=true;
       CREATE TABLE k (id INTEGER PRIMARY KEY, b VARCHAR, n INTEGER NOT NULL, d INTEGER CHECK (d > 0),
         v VARCHAR CHECK (len(v) <= 3), UNIQUE (b, n));
       CREATE UNIQUE INDEX k_lower ON k(lower(b));
       CREATE TABLE f (k_id INTEGER REFERENCES k(id), x VARCHAR);
       CREATE SCHEMA s; CREATE TABLE s.k (other INTEGER PRIMARY KEY);
       INSERT INTO k VALUES (1, 'a: b, n: c', 1, 1, 'a'); INSERT INTO f VALUES (1, 'x'); INSERT INTO s.k VALUES (1)`,
    );
    for (const { sql, table, schema, message, detail, object } of cases) {
      const failure = await run(connection, sql).then(() => null, (error: unknown) => translateEngineError(error, sql));
      const error = await explainConstraintError(
        failure!,
        { schema: schema ?? null, name: table },
        ["pg_temp_1", "public", "s"],
        connection,
      );
      deepEqual([sql, error.message, error.detail, error.object], [sql, message, detail, object]);
      deepEqual(error.kind, failure?.kind);
    }
  } finally {
    duckdb.disconnect_sync(connection);
    duckdb.close_sync(instance);
  }
});

Deno.test("a key of which the constraint cannot be told keeps DuckDB's words", async () => {
  const instance = await duckdb.open(":memory:");
  const connection = await duckdb.connect(instance);
  try {
    await run(connection, "CREATE TABLE two (a INTEGER UNIQUE, b INTEGER UNIQUE)");
    const failure = new AppError("unique_violation", 'PRIMARY KEY or UNIQUE constraint violation: duplicate key "5"');
    const error = await explainConstraintError(failure, { schema: null, name: "two" }, ["public"], connection);
    deepEqual(error, failure);
  } finally {
    duckdb.disconnect_sync(connection);
    duckdb.close_sync(instance);
  }
});
