import { equal } from "node:assert/strict";
import { openTestingCatalog } from "../testing_catalog.ts";
import { quoteIdentifier } from "./keywords.ts";

/** Name, as PostgreSQL's quote_ident prints it. */
const names: readonly (readonly [string, string])[] = [
  ["orders", "orders"],
  ["name", "name"],
  ["_a1$", "_a1$"],
  ["Orders", '"Orders"'],
  ["order", '"order"'],
  ["between", '"between"'],
  ["left", '"left"'],
  ["1a", '"1a"'],
  ['a"b', '"a""b"'],
  ["größe", '"größe"'],
  ["", '""'],
];

Deno.test("quoteIdentifier quotes what is no plain word or a key word", () => {
  for (const [name, text] of names) equal(quoteIdentifier(name), text);
});

Deno.test("__quoted_name says the same in SQL", async () => {
  const catalog = await openTestingCatalog();
  try {
    for (const [name, text] of names) {
      equal(await catalog.value(`SELECT __eider.pg.__quoted_name('${name}')`), text);
    }
  } finally {
    catalog.close();
  }
});

Deno.test("pg_get_keywords lists each key word with its category", async () => {
  const catalog = await openTestingCatalog();
  try {
    const rows = await catalog.rows(
      `SELECT k.* FROM (SELECT unnest(__eider.pg.pg_get_keywords()) AS k)
        WHERE k.word IN ('select', 'as', 'left', 'between', 'abort', 'isnull') ORDER BY k.word`,
    );
    equal(
      rows.map((row) => row.join("|")).join("\n"),
      [
        "abort|U|true|unreserved|can be bare label",
        "as|R|false|reserved|requires AS",
        "between|C|true|unreserved (cannot be function or type name)|can be bare label",
        "isnull|T|false|reserved (can be function or type name)|requires AS",
        "left|T|true|reserved (can be function or type name)|can be bare label",
        "select|R|true|reserved|can be bare label",
      ].join("\n"),
    );
  } finally {
    catalog.close();
  }
});
