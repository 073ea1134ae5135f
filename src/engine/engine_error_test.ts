import assert from "node:assert/strict";
import { rows } from "./duckdb.ts";
import duckdb from "@duckdb/node-bindings";
import { isInterrupt, translateEngineError } from "./engine_error.ts";

const cases: readonly (readonly [sql: string, sqlstate: string, position: number | undefined])[] = [
  ["selec 1", "42601", 1],
  ["select 'é', nope from t", "42703", 13],
  ["select * from nope", "42P01", 15],
  ["select * from nos.t", "42P01", 15],
  ["select foo(1)", "42883", 8],
  ["select 'abc'::int", "22P02", 13],
  ["select 'x'::date", "22007", 11],
  ["select 300::utinyint", "22003", 11],
  ["select a, count(*) from t", "42803", 8],
  ["select a from t, t t2", "42702", 8],
  ["insert into t values (1, null)", "23502", undefined],
  ["insert into t values (1, 'a'), (1, 'b')", "23505", undefined],
  ["insert into t (a, zz) values (1, 2)", "42703", undefined],
  ["create table t (a int)", "42P07", undefined],
  ["create schema s", "42P06", undefined],
  ["drop table nope", "42P01", undefined],
  ["drop view t", "42809", undefined],
  ["select (select a from range(3) r(a))", "21000", undefined],
  ["select 9223372036854775807 + 1", "22003", undefined],
  ["select sum(b) from t", "42883", 8],
  ["select a from t where row_number() over () = 1", "42P20", 23],
  ["select sum(row_number() over ()) from t", "42803", 12],
  ["select max(max(a)) from t", "42803", 12],
  ["select a from t where count(*) > 1", "42803", 23],
  ["select sum(a) over nope from t", "42704", undefined],
  ["select rank() from t", "42809", 8],
  ["select a from t group by 3", "42P10", undefined],
  ["select unnest(5)", "42883", 8],
  ["select [1] || 'a'", "42883", 15],
  ["select date '2024-01-01' > 5", "42883", 26],
  ["select * from t x, t x", "42712", undefined],
  ["with c as (select 1), c as (select 2) select 1", "42712", undefined],
  ["select * from (select 1, 2) u(a, b, c)", "42P10", undefined],
  ["select * from t join (select 1 as z) u using (nope)", "42703", undefined],
  ["create table u (a int primary key, b int primary key)", "42P16", undefined],
  ["create table u (a varchar references t (b))", "42830", undefined],
  ["create table u (a int check (nope > 1))", "42703", undefined],
  ["create table u (a int, primary key (nope))", "42703", undefined],
  ["select 1000::decimal(3, 0)", "22003", 12],
  ["select a from t limit -1", "2201W", 23],
  ["select a from t offset -1", "2201X", 24],
];

Deno.test("engine errors get PostgreSQL's SQLSTATE and the position in the statement", async () => {
  const instance = await duckdb.open(":memory:");
  const connection = await duckdb.connect(instance);
  await rows(connection, "SET errors_as_json=true");
  await rows(connection, "CREATE TABLE t (a int PRIMARY KEY, b varchar NOT NULL)");
  await rows(connection, "CREATE SCHEMA s");
  for (const [sql, sqlstate, position] of cases) {
    const error = await rows(connection, sql).then(() => null, (reason) => translateEngineError(reason, sql));
    assert.ok(error !== null, sql);
    assert.deepEqual([sql, error.sqlstate, error.position], [sql, sqlstate, position], error.message);
    assert.doesNotMatch(error.message, /exception_type/);
  }
  duckdb.disconnect_sync(connection);
  duckdb.close_sync(instance);
});

Deno.test("an interrupted statement is query_canceled", async () => {
  const instance = await duckdb.open(":memory:");
  const connection = await duckdb.connect(instance);
  const running = rows(connection, "SELECT count(*) FROM range(100000000000)");
  const timer = setInterval(() => duckdb.interrupt(connection), 20);
  try {
    const error = await running.then(() => null, (reason: unknown) => reason);
    assert.ok(isInterrupt(error));
    assert.equal(translateEngineError(error).kind, "query_canceled");
  } finally {
    clearInterval(timer);
    duckdb.disconnect_sync(connection);
    duckdb.close_sync(instance);
  }
});

const wordings: readonly (readonly [sql: string, message: string, hint?: string])[] = [
  ["select nope from t", 'column "nope" does not exist', 'Candidate bindings: "a"'],
  ["select t.nope from t", "column t.nope does not exist", 'Candidate bindings: "a", "b"'],
  ["select nope", 'column "nope" does not exist'],
  ["update t set zz = 1", 'column "zz" does not exist', 'Did you mean: "a", "b"'],
  ["insert into t (a, zz) values (1, 2)", 'column "zz" of relation "t" does not exist', 'Did you mean: "a", "b"'],
  ["select * from pg_nope", 'relation "pg_nope" does not exist'],
  ["select * from nos.t", 'relation "nos.t" does not exist'],
  ["drop table nope", 'table "nope" does not exist'],
  ["drop schema nope", 'schema "nope" does not exist'],
  ["create table t (a int)", 'relation "t" already exists'],
  ["create schema s", 'schema "s" already exists'],
  ["select u.a from t", 'missing FROM-clause entry for table "u"', 'Candidate tables: "t"'],
  ["select a from t, t t2", 'column reference "a" is ambiguous', 'Write "t.a" or "t2.a".'],
  ["select (select a from range(3) r(a))", "more than one row returned by a subquery used as an expression"],
  ["select 2147483647::int + 1::int", "integer out of range"],
  ["insert into t values (1, 'a', 3)", "INSERT has more expressions than target columns"],
];

Deno.test("the commonest messages are in PostgreSQL's words, and what DuckDB suggests is the hint", async () => {
  const instance = await duckdb.open(":memory:");
  const connection = await duckdb.connect(instance);
  await rows(connection, "SET errors_as_json=true");
  await rows(connection, "CREATE TABLE t (a int PRIMARY KEY, b varchar NOT NULL)");
  await rows(connection, "CREATE SCHEMA s");
  const failure = async (sql: string) => {
    const error = await rows(connection, sql).then(() => null, (reason) => translateEngineError(reason, sql));
    assert.ok(error !== null, sql);
    return error;
  };
  for (const [sql, message, hint] of wordings) {
    const error = await failure(sql);
    assert.deepEqual([sql, error.message, error.hint], [sql, message, hint]);
  }
  assert.equal((await failure("select abs(date '2024-01-01')")).message, "function abs(date) does not exist");
  assert.equal((await failure("select b + 1 from t")).message, "operator does not exist: text + integer");
  assert.match(
    (await failure("select a, count(*) from t")).message,
    /^column "a" must .* be used in an aggregate function$/,
  );
  duckdb.disconnect_sync(connection);
  duckdb.close_sync(instance);
});
