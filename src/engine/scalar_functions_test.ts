import assert from "node:assert/strict";
import duckdb from "@duckdb/node-bindings";
import { AppError } from "../errors/app_error.ts";
import { rows } from "./duckdb.ts";
import { translateEngineError } from "./engine_error.ts";
import { registerScalarFunction } from "./scalar_functions.ts";

const instance = await duckdb.open(":memory:");
const connection = await duckdb.connect(instance);
registerScalarFunction(connection, {
  kind: "javascript",
  name: "__eider_joined",
  parameters: ["VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN"],
  returns: "VARCHAR",
  volatile: false,
  call: (text: string, integer: bigint, number: number, flag: boolean) =>
    integer === 5n ? null : `${text}/${integer}/${number}/${flag}`,
});
registerScalarFunction(connection, {
  kind: "javascript",
  name: "__eider_failing",
  parameters: ["BIGINT"],
  returns: "BIGINT",
  volatile: true,
  call: (value: bigint) => {
    if (value === 3n) throw new AppError("division_by_zero", "division by zero");
    return value * 2n;
  },
});

Deno.test("a JavaScript function gets values of each type and gives text, long or short", async () => {
  assert.deepEqual(
    await rows(
      connection,
      "SELECT __eider_joined('a text longer than twelve bytes, žluť', -9223372036854775808, 0.5, true)",
    ),
    [["a text longer than twelve bytes, žluť/-9223372036854775808/0.5/true"]],
  );
});

Deno.test("NULL among the arguments gives NULL without a call, and a function may give NULL", async () => {
  assert.deepEqual(await rows(connection, "SELECT __eider_joined(NULL, 1, 1, true), __eider_joined('x', 5, 1, true)"), [
    [null, null],
  ]);
});

Deno.test("a JavaScript function is called for every row of many chunks", async () => {
  assert.deepEqual(
    await rows(connection, "SELECT sum(__eider_failing(range + 10))::BIGINT FROM range(5000)"),
    [[String((5000 * 4999 / 2 + 50_000) * 2)]],
  );
});

Deno.test("an AppError thrown in a JavaScript function reaches the client with its SQLSTATE", async () => {
  await assert.rejects(
    rows(connection, "SELECT __eider_failing(range) FROM range(5)").catch((error) => {
      throw translateEngineError(error);
    }),
    (error) => error instanceof AppError && error.sqlstate === "22012" && error.message === "division by zero",
  );
});

Deno.test("error('eider:SQLSTATE:message') in SQL raises that SQLSTATE", async () => {
  await assert.rejects(
    rows(connection, `SELECT error('eider:42P01:relation "x" does not exist')`).catch((error) => {
      throw translateEngineError(error);
    }),
    (error) =>
      error instanceof AppError && error.sqlstate === "42P01" && error.message === 'relation "x" does not exist',
  );
});
