/**
 * A short run of generated statements with fixed seeds: Eider answers as PostgreSQL does. What is found by longer runs by hand
 * (`main.ts`) becomes a written statement in `../statements`.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { findBinaries } from "../../support/postgres.ts";
import { compare } from "./compare.ts";
import { knownDifferences, knownReason } from "./known.ts";
import { generate, grammar, run } from "./run.ts";
import { Sides } from "./sides.ts";
import { optional, piece, render, smallerTrees } from "./tree.ts";

const missing = findBinaries() === null ? " (skipped: a PostgreSQL server not installed)" : "";
const statementCount = 250;
/** Far beyond what it takes. */
const timeoutMs = 240_000;

Deno.test({
  name: `${statementCount} generated statements are answered as PostgreSQL does${missing}`,
  ignore: missing !== "",
  fn: async (test) => {
    await using sides = await Sides.start();
    await test.step("no unknown difference", async () => {
      const options = { firstSeed: 1, count: statementCount, timeoutMs, topics: [], findingsMax: 5 };
      const report = await run(sides.reference, sides.client, options);
      const found = report.findings.map(({ seed, shape, sql }) => `seed ${seed}: ${shape}\n${sql}`);
      equal(report.differing, 0, `${report.differing} differ, the first ones are\n${found.join("\n")}`);
      equal(report.statements, statementCount, "the time was up");
      // who refuses and fails in most statements compares little
      ok(report.refusals.length < statementCount / 20, report.refusals.join("\n"));
      ok(report.failed < statementCount / 4, `${report.failed} failed`);
    });
    for (const { reason, example } of knownDifferences) {
      await test.step(`known: ${reason}`, async () => {
        equal(
          knownReason(
            await compare(sides.reference, sides.client, {
              sql: example,
              changedTable: /^insert/.test(example) ? "people" : null,
            }),
          ),
          reason,
        );
      });
    }
  },
});

Deno.test("a seed gives the same statement every time, and another seed another one", () => {
  const texts = [1, 2, 3, 4, 5].map((seed) => render(generate(seed).tree));
  deepEqual(texts, [1, 2, 3, 4, 5].map((seed) => render(generate(seed).tree)));
  equal(new Set(texts).size, texts.length);
});

Deno.test("every rule of the grammar is drawn within some thousand statements", () => {
  const rules = [...grammar.rules.values()].flat().map((rule) => rule.template);
  const drawn = new Set<string>();
  for (let seed = 1; seed <= 4000; seed++) collect(generate(seed).tree, drawn);
  deepEqual(rules.filter((rule) => !drawn.has(rule)), []);
});

Deno.test("a tree is made smaller by leaving out, by a part of the same kind and by a constant", () => {
  const one = piece("int4", "1");
  const sum = { ...piece("int4", piece("int4", "7"), " + ", one), rule: "{int4} + {int4}" };
  const tree = piece("query", "select ", sum, optional(" limit 1"));
  const texts = [...smallerTrees(tree, (kind) => kind === "int4" ? ["0"] : [])].map(render);
  deepEqual(texts, ["select 7 limit 1", "select 1 limit 1", "select 0 limit 1", "select 7 + 1"]);
});

function collect(tree: ReturnType<typeof piece>, drawn: Set<string>): void {
  if (tree.rule !== undefined) drawn.add(tree.rule);
  for (const part of tree.parts) if (typeof part !== "string") collect(part, drawn);
}
