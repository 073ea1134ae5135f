import assert from "node:assert/strict";
import type { PgNode } from "../../pg_parser.ts";
import { duckdbTypeName, unconstrainedNumeric } from "./mod.ts";
import { openSampleDatabase, parseExpression, parseStatement } from "./testing_samples.ts";

/** The type's node of `NULL::type`. */
function typeNode(type: string): PgNode {
  return (parseExpression(`NULL::${type}`)["TypeCast"] as PgNode)["typeName"] as PgNode;
}

const types: readonly (readonly [string, string])[] = [
  ["bool", "BOOLEAN"],
  ["boolean", "BOOLEAN"],
  ["int", "INTEGER"],
  ["int2", "SMALLINT"],
  ["smallint", "SMALLINT"],
  ["int4", "INTEGER"],
  ["int8", "BIGINT"],
  ["bigint", "BIGINT"],
  ["pg_catalog.int8", "BIGINT"],
  ["real", "FLOAT"],
  ["float4", "FLOAT"],
  ["float", "DOUBLE"],
  ["float(24)", "FLOAT"],
  ["double precision", "DOUBLE"],
  ["numeric", "DECIMAL(38,10)"],
  ["decimal", "DECIMAL(38,10)"],
  ["numeric(12,2)", "DECIMAL(12,2)"],
  ["numeric(12)", "DECIMAL(12,0)"],
  ["numeric(50,4)", "DECIMAL(38,4)"],
  ["money", "DECIMAL(38,2)"],
  ["text", "VARCHAR"],
  ["varchar", "VARCHAR"],
  ["varchar(20)", "VARCHAR"],
  ["character varying(20)", "VARCHAR"],
  ["char(3)", "VARCHAR"],
  ["bpchar", "VARCHAR"],
  [`"char"`, "VARCHAR"],
  ["name", "VARCHAR"],
  ["citext", "VARCHAR"],
  ["xml", "VARCHAR"],
  ["inet", "VARCHAR"],
  ["tsvector", "VARCHAR"],
  ["unknown", "VARCHAR"],
  ["bytea", "BLOB"],
  ["json", "JSON"],
  ["jsonb", "JSON"],
  ["uuid", "UUID"],
  ["bit(3)", "BIT"],
  ["bit varying(3)", "BIT"],
  ["date", "DATE"],
  ["time", "TIME"],
  ["time(3)", "TIME"],
  ["time with time zone", "TIMETZ"],
  ["timestamp", "TIMESTAMP"],
  ["timestamp(3) without time zone", "TIMESTAMP"],
  ["timestamptz", "TIMESTAMPTZ"],
  ["timestamp with time zone", "TIMESTAMPTZ"],
  ["interval", "INTERVAL"],
  ["interval day to second(3)", "INTERVAL"],
  ["oid", "UINTEGER"],
  ["xid", "UINTEGER"],
  ["xid8", "UBIGINT"],
  ["regclass", "UINTEGER"],
  ["pg_catalog.regtype", "UINTEGER"],
  ["regprocedure", "UINTEGER"],
  ["int2vector", "SMALLINT[]"],
  ["oidvector", "UINTEGER[]"],
  ["int[]", "INTEGER[]"],
  ["int[3][4]", "INTEGER[][]"],
  ["numeric(5,1)[]", "DECIMAL(5,1)[]"],
  ["text array", "VARCHAR[]"],
  ["mood", "mood"],
  ["main.mood", "main.mood"],
  [`"Mood Type"[]`, `"Mood Type"[]`],
  ["hugeint", "hugeint"],
  ["double", "double"],
  ["utinyint", "utinyint"],
  ["timestamp_ns", "timestamp_ns"],
  ["vector(3)", "vector(3)"],
];

Deno.test("duckdbTypeName gives DuckDB's type", () => {
  for (const [type, expected] of types) assert.equal(duckdbTypeName(typeNode(type)), expected, type);
  assert.equal(duckdbTypeName({ TypeName: typeNode("int") }), "INTEGER");
  assert.equal(unconstrainedNumeric, "DECIMAL(38,10)");
});

Deno.test("DuckDB has every type that a system type becomes", async () => {
  await using database = await openSampleDatabase();
  const own = new Set(types.map(([, name]) => name).filter((name) => /^[A-Z]/.test(name)));
  for (const name of own) assert.deepEqual(await database.rows(`SELECT CAST(NULL AS ${name})`), ["null"], name);
});

Deno.test("what is no type in DuckDB has no name", () => {
  assert.equal(duckdbTypeName(typeNode("serial")), null);
  assert.equal(duckdbTypeName(typeNode("numeric(5,-2)")), null);
  assert.equal(duckdbTypeName(typeNode("numeric(50,40)")), null);
  const definition = parseStatement("CREATE FUNCTION f(x t.a%TYPE) RETURNS SETOF int LANGUAGE sql AS ''");
  const { returnType } = definition["CreateFunctionStmt"] as { returnType: PgNode };
  assert.equal(duckdbTypeName(returnType), null);
});
