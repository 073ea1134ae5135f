import { deepEqual, equal } from "node:assert/strict";
import { lanePaths, parseSkipped, parseSummary, summaryLine, testEnvironment, wholeSuite } from "./test.ts";

Deno.test("parseSummary reads the last summary line, coloured or not, with steps or without", () => {
  const cases: readonly [string, ReturnType<typeof parseSummary>][] = [
    ["ok | 12 passed | 0 failed (3s)\n", { passed: 12, failed: 0, skipped: 0 }],
    ["FAILED | 2 passed (1 step) | 2 failed | 1 ignored (1 step) (422ms)\n", { passed: 2, failed: 2, skipped: 1 }],
    ["ok | 1 passed | 0 failed\nok | 4 passed (2 steps) | 0 failed | 3 ignored (1s)\n", {
      passed: 4,
      failed: 0,
      skipped: 3,
    }],
    ["\x1b[0m\x1b[31mFAILED\x1b[0m | 5 passed | 1 failed (1 step) | 2 filtered out \x1b[0m(9ms)\x1b[0m\n", {
      passed: 5,
      failed: 1,
      skipped: 0,
    }],
  ];
  for (const [output, counts] of cases) deepEqual(parseSummary(output), counts, output);
});

Deno.test("parseSummary gives null when the test process printed no summary", () => {
  equal(parseSummary("error: Module not found\n"), null);
  equal(parseSummary(""), null);
});

Deno.test("parseSkipped names each skipped test and its reason", () => {
  const junit = `<testsuites><testsuite name="a">
    <testcase name="runs" classname="a" time="0.1"></testcase>
    <testcase name="psql &lt;reads&gt; (skipped: psql is not installed)" classname="a"><skipped/></testcase>
    <testcase name="fails" classname="a"><failure message="x">y</failure></testcase>
    <testcase name="bare" classname="a">
      <skipped/>
    </testcase></testsuite></testsuites>`;
  deepEqual(parseSkipped(junit), [
    { name: "psql <reads>", reason: "psql is not installed" },
    { name: "bare", reason: "no reason given" },
  ]);
});

Deno.test("summaryLine has the form that CI looks for", () => {
  equal(summaryLine({ passed: 3, failed: 0, skipped: 1 }), "3 passed, 0 failed, 1 skipped");
});

Deno.test("testEnvironment leaves a developer's own settings out", () => {
  deepEqual(
    testEnvironment({ PATH: "/bin", EIDER_DATA_DIR: "/x", EIDER_CONFIG: "y", EIDER_TEST_BINARY: "dist/eider" }),
    {
      PATH: "/bin",
      EIDER_TEST_BINARY: "dist/eider",
    },
  );
});

Deno.test("the lanes of the whole suite leave each other's tests out", () => {
  const entries = (folder: string) => [`${folder}/a_test.ts`, `${folder}/clients`, `${folder}/e2e`];
  deepEqual(wholeSuite.map((lane) => lanePaths(lane, wholeSuite, entries)), [
    ["tests/e2e"],
    ["src", "scripts", "tests/a_test.ts", "tests/clients"],
  ]);
});
