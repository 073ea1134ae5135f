/** Variables of a panel become parameters, never text. */
import { deepEqual, throws } from "node:assert/strict";
import { bindPanelVariables } from "./panel_variables.ts";

const range = { fromMs: 1_700_000_000_000, toMs: 1_700_003_600_000, intervalMs: 15_000 };
const variables = new Map<string, string | readonly string[]>([
  ["country", "CZ"],
  ["several", ["a", "b.c"]],
  ["none", []],
  ["evil", "'; DROP TABLE t; --"],
]);

function bound(text: string) {
  const { sql, parameters } = bindPanelVariables(text, range, variables);
  return [sql, parameters.map(({ value }) => value)];
}

const samples: readonly (readonly [text: string, sql: string, values: readonly (string | null)[]])[] = [
  ["SELECT 1", "SELECT 1", []],
  ["SELECT $country, ${country}", "SELECT $1, $2", ["CZ", "CZ"]],
  ["WHERE c IN ($several)", "WHERE c IN ($1, $2)", ["a", "b.c"]],
  ["WHERE c IN (${several:csv})", "WHERE c IN ($1, $2)", ["a", "b.c"]],
  ["WHERE c IN ($none)", "WHERE c IN (NULL)", []],
  ["WHERE c ~ ${several:regex}", "WHERE c ~ $1", ["(a|b\\.c)"]],
  ["WHERE c = '$country'", "WHERE c = $1", ["CZ"]],
  ["WHERE c LIKE '%${country}-x%'", "WHERE c LIKE ('%' || $1 || '-x%')", ["CZ"]],
  ["WHERE c = $evil", "WHERE c = $1", ["'; DROP TABLE t; --"]],
  ["WHERE c = 'it''s $evil'", "WHERE c = ('it''s ' || $1)", ["'; DROP TABLE t; --"]],
  ['SELECT "$country" -- $country', 'SELECT "$country" -- $country', []],
  [
    "SELECT $$ $country $$, $x$ $country $x$ /* $country */",
    "SELECT $$ $country $$, $x$ $country $x$ /* $country */",
    [],
  ],
  ["WHERE at >= $__start AND at < $__end", "WHERE at >= $1 AND at < $2", [
    "2023-11-14T22:13:20.000Z",
    "2023-11-14T23:13:20.000Z",
  ]],
  ["time_bucket($__interval, at), $__interval_ms, $__from", "time_bucket($1, at), $2, $3", [
    "15000 milliseconds",
    "15000",
    "1700000000000",
  ]],
];

for (const [text, sql, values] of samples) {
  Deno.test(`${text} is bound as ${sql}`, () => deepEqual(bound(text), [sql, values]));
}

Deno.test("a variable without a value, and a parameter by number, are refused by name", () => {
  throws(() => bound("SELECT $missing"), /variable "missing" has no value: known are \$country, /);
  throws(() => bound("SELECT $1"), /variable "1" has no value/);
});
