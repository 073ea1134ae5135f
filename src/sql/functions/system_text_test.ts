import assert from "node:assert/strict";
import { hashBytes, hashBytesExtended, hashInteger, hashLarge } from "./hash.ts";
import { parseSize, prettySize } from "./size_text.ts";
import { postgresTypeName } from "./type_name.ts";

Deno.test("hashes are those of PostgreSQL", () => {
  const texts: readonly (readonly [string, bigint, bigint])[] = [
    ["", -1477818771n, -6939563903564495251n],
    ["a", 1075015857n, 3591986179850072241n],
    ["abc", -785388649n, -6747756470228489321n],
    ["hello world, how are you", -14574851n, -2496122026219955459n],
    ["exactly 12ch", 2029429224n, -4626977693404585496n],
    ["é", -983094517n, -763932721387459829n],
    ["a longer text of more than twenty-four bytes", -1752336318n, -4905229519984691134n],
  ];
  for (const [text, plain, extended] of texts) {
    assert.equal(hashBytes(text), plain);
    assert.equal(hashBytesExtended(text, 0n), extended);
  }
  assert.equal(hashBytesExtended("abc", 42n), 4423357919252764502n);
  const numbers: readonly (readonly [bigint, bigint])[] = [
    [0n, -272711505n],
    [42n, 1509752520n],
    [-1n, 385747274n],
    [4294967296n, -1905060026n],
    [-4294967297n, -1242090879n],
    [9223372036854775807n, -1524351049n],
  ];
  for (const [value, hash] of numbers) assert.equal(hashLarge(value), hash);
  assert.equal(hashInteger(42n), hashLarge(42n));
  assert.equal(hashInteger(-1n), hashLarge(-1n));
});

Deno.test("prettySize keeps a unit up to ten times the next", () => {
  assert.deepEqual(
    [
      "0",
      "10239",
      "10240",
      "-123456",
      "10485247",
      "10485248",
      "123456789012",
      "1234567.5",
      "1.5",
      "99999999999999999999",
    ].map(prettySize),
    ["0 bytes", "10239 bytes", "10 kB", "-121 kB", "10239 kB", "10 MB", "115 GB", "1206 kB", "1.5 bytes", "88818 PB"],
  );
});

Deno.test("parseSize reads numbers with and without a unit", () => {
  assert.deepEqual(["1 GB", "1.5kB", " 100 ", "-1 mb", "1e3", ".5 kB", "2TB"].map(parseSize), [
    1073741824n,
    1536n,
    100n,
    -1048576n,
    1000n,
    512n,
    2199023255552n,
  ]);
  for (const text of ["", "x", "1 XB", "1 2", "kB", "99999999 PB"]) assert.throws(() => parseSize(text));
});

Deno.test("postgresTypeName knows scalars, arrays and what is shown as JSON", () => {
  assert.deepEqual(
    [
      "INTEGER",
      "DECIMAL(10,2)[]",
      "VARCHAR[][]",
      "STRUCT(a INTEGER)",
      "MAP(VARCHAR, INTEGER)[]",
      "ENUM('a')",
      "INTEGER[3]",
      '"NULL"',
    ]
      .map(postgresTypeName),
    ["integer", "numeric[]", "text[]", "json", "json[]", "text", "integer[]", "unknown"],
  );
});
