import { equal } from "node:assert/strict";
import { loadPolicyParser, parsePostgres } from "../../pg_parser.ts";
import { printStatement } from "../print/mod.ts";
import { type FactsByTable, factsKey } from "../table_facts.ts";
import { withDependentColumns } from "./dependent_columns.ts";
import { child } from "./tree.ts";

await loadPolicyParser();

const column = (name: string) => ({
  name,
  type: "INTEGER",
  staticType: "int4",
  default: null,
  isGenerated: false,
  isNullable: true,
});

const facts: FactsByTable = new Map([
  [factsKey(null, "t"), {
    columns: ["id", "a", "b"].map(column),
    keys: [{ constraint: "t_pkey", isPrimary: true, columns: ["id"] }],
  }],
  [factsKey(null, "u"), {
    columns: ["x", "y", "a"].map(column),
    keys: [{ constraint: "u_x_key", isPrimary: false, columns: ["x"] }],
  }],
]);

const samples: readonly (readonly [given: string, group: string | null])[] = [
  ["SELECT id, a FROM t GROUP BY id", "id, t.a"],
  ["SELECT a, b FROM t GROUP BY t.id", "t.id, t.a, t.b"],
  ["SELECT id, a FROM t GROUP BY 1", "1, t.a"],
  ["SELECT s.* FROM t AS s GROUP BY s.id", "s.id, s.a, s.b"],
  ["SELECT 1 FROM t GROUP BY id HAVING max(a) > b", "id, t.a, t.b"],
  ["SELECT t.a, u.y FROM t, u GROUP BY t.id, u.x", "t.id, u.x, t.a"],
  ["SELECT a FROM t GROUP BY b", null],
  ["SELECT y FROM u GROUP BY x", null],
  ["SELECT a FROM t GROUP BY ROLLUP(id)", null],
];

for (const [given, group] of samples) {
  Deno.test(`columns that depend on the key: ${given}`, () => {
    const root = child((parsePostgres(given) ?? [])[0] ?? {}, "stmt") ?? {};
    const changed = withDependentColumns(root, facts);
    if (group === null) equal(changed, root);
    else equal(/GROUP BY (.*?)(?: HAVING|$)/.exec(printStatement(changed)?.text ?? "")?.[1], group);
  });
}
