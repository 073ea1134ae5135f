import { equal, throws } from "node:assert/strict";
import { AppError } from "../../../../errors/app_error.ts";
import { loadPolicyParser, parsePostgres } from "../../../pg_parser.ts";
import { printStatement } from "../../print/mod.ts";
import { type FactsByTable, factsKey } from "../../table_facts.ts";
import { child } from "../tree.ts";
import { needsConflictFacts, withConflictFacts } from "./conflicts.ts";

await loadPolicyParser();

const column = (name: string, isNullable: boolean, value: string | null = null) => ({
  name,
  type: "INTEGER",
  staticType: "int4",
  default: value,
  isGenerated: false,
  isNullable,
});

const facts: FactsByTable = new Map([
  [factsKey(null, "t"), {
    columns: [column("a", false, "nextval('q')"), column("b", false), column("c", true)],
    keys: [{ constraint: "t_pkey", isPrimary: true, columns: ["a"] }, {
      constraint: "t_b_key",
      isPrimary: false,
      columns: ["b"],
    }],
  }],
  [factsKey(null, "plain"), { columns: [column("a", true)], keys: [] }],
]);

function treeOf(sql: string) {
  return child((parsePostgres(sql) ?? [])[0] ?? {}, "stmt") ?? {};
}

function changed(sql: string): string {
  return printStatement(withConflictFacts(treeOf(sql), facts))?.text ?? "";
}

const checkOfB =
  "(SELECT CASE WHEN count(*) FILTER (WHERE true) > count(DISTINCT (CAST(b AS INTEGER), true)) FILTER (WHERE true) THEN " +
  "error('eider:21000:ON CONFLICT DO UPDATE command cannot affect row a second time') ELSE true END FROM __eider_proposed)";

const samples: readonly (readonly [given: string, expected: string])[] = [
  [
    "INSERT INTO t (b) VALUES (1) ON CONFLICT ON CONSTRAINT t_b_key DO NOTHING",
    "INSERT INTO t (b) VALUES (1) ON CONFLICT (b) DO NOTHING",
  ],
  [
    "INSERT INTO t (b, c) VALUES (1, 2) ON CONFLICT ON CONSTRAINT t_b_key DO UPDATE SET c = 1",
    "INSERT INTO t (b, c) VALUES (1, 2) ON CONFLICT (b) DO UPDATE SET c = 1",
  ],
  ["INSERT INTO plain VALUES (1), (2) ON CONFLICT DO NOTHING", "INSERT INTO plain VALUES (1), (2)"],
  // Keys that cannot be NULL, or that each row gets anew, need no look.
  [
    "INSERT INTO t (b) VALUES (1), (1) ON CONFLICT DO NOTHING",
    "INSERT INTO t (b) VALUES (1), (1) ON CONFLICT DO NOTHING",
  ],
  [
    "INSERT INTO t (b) VALUES (1), (1) ON CONFLICT (a) DO UPDATE SET c = 1",
    "INSERT INTO t (b) VALUES (1), (1) ON CONFLICT (a) DO UPDATE SET c = 1",
  ],
  [
    "INSERT INTO t (b, c) VALUES ($1, 2), (3, NULL) ON CONFLICT (b) DO UPDATE SET c = 1",
    "WITH __eider_proposed(b, c) AS MATERIALIZED (VALUES (CAST($1 AS INTEGER), 2), (3, CAST(NULL AS INTEGER))) " +
    `INSERT INTO t (b, c) SELECT * FROM __eider_proposed WHERE ${checkOfB} ON CONFLICT (b) DO UPDATE SET c = 1`,
  ],
];

for (const [given, expected] of samples) {
  Deno.test(`what the keys say of: ${given}`, () => {
    equal(changed(given), expected);
  });
}

Deno.test("ON CONFLICT ON CONSTRAINT with a name that no key has is 42704 and names those that there are", () => {
  throws(
    () => changed("INSERT INTO t (b) VALUES (1) ON CONFLICT ON CONSTRAINT nope DO NOTHING"),
    (error) => error instanceof AppError && error.sqlstate === "42704" && /"t_pkey", "t_b_key"/.test(error.hint ?? ""),
  );
});

Deno.test("a single row without a constraint's name needs no look at the table", () => {
  equal(needsConflictFacts(treeOf("INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET b = 1")), false);
  equal(needsConflictFacts(treeOf("INSERT INTO t (a) SELECT 1 ON CONFLICT DO NOTHING")), false);
  equal(needsConflictFacts(treeOf("INSERT INTO t (a) VALUES (1), (2) ON CONFLICT (a) DO UPDATE SET b = 1")), true);
  equal(needsConflictFacts(treeOf("INSERT INTO t (a) VALUES (1) ON CONFLICT ON CONSTRAINT x DO NOTHING")), true);
});
