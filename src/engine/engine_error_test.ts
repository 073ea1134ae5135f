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
