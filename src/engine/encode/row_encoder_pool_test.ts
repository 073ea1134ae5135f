import assert from "node:assert/strict";
import { pooledColumnsMax, RowEncoderPool } from "./row_encoder_pool.ts";

const utc = { timeZone: "UTC", extraFloatDigits: 1 };
const integer = { name: "INTEGER" } as const;

Deno.test("an encoder that was given back is taken again by a result of the same columns, formats and settings only", () => {
  const pool = new RowEncoderPool();
  const first = pool.take([integer], [0], utc);
  const second = pool.take([integer], [0], utc);
  assert.notEqual(first, second);
  pool.give(first);
  assert.notEqual(pool.take([integer], [1], utc), first);
  assert.notEqual(pool.take([{ name: "BIGINT" }], [0], utc), first);
  assert.notEqual(pool.take([integer, integer], [0, 0], utc), first);
  assert.notEqual(pool.take([integer], [0], { ...utc, timeZone: "Europe/Prague" }), first);
  assert.notEqual(pool.take([integer], [0], { ...utc, extraFloatDigits: 0 }), first);
  assert.equal(pool.take([integer], [0], utc), first);
  assert.notEqual(pool.take([integer], [0], utc), first);
});

Deno.test("numerics of another width, scale or origin, and shown types, have encoders of their own", () => {
  const pool = new RowEncoderPool();
  const decimal = { name: "DECIMAL", width: 12, scale: 2 } as const;
  const encoder = pool.take([decimal], [0], utc);
  pool.give(encoder);
  assert.notEqual(pool.take([{ ...decimal, scale: 3 }], [0], utc), encoder);
  assert.notEqual(pool.take([{ ...decimal, computed: true }], [0], utc), encoder);
  assert.equal(pool.take([decimal], [0], utc), encoder);
  const name = pool.take([{ name: "VARCHAR", shownAs: "name" }], [0], utc);
  pool.give(name);
  assert.notEqual(pool.take([{ name: "VARCHAR" }], [0], utc), name);
});

Deno.test("encoders of nested types and enums are not kept", () => {
  const pool = new RowEncoderPool();
  const list = { name: "LIST", child: integer } as const;
  const encoder = pool.take([list], [0], utc);
  pool.give(encoder);
  assert.notEqual(pool.take([list], [0], utc), encoder);
});

Deno.test("the pool keeps encoders of a bounded number of columns", () => {
  const pool = new RowEncoderPool();
  const encoders = Array.from({ length: pooledColumnsMax + 1 }, () => pool.take([integer], [0], utc));
  for (const encoder of encoders) pool.give(encoder);
  assert.equal(pool.take([integer], [0], utc), encoders.at(-1));
  assert.equal(encoders.includes(pool.take([integer], [0], utc)), false);
});
