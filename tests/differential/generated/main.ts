/**
 * A run by hand: `deno run -A tests/differential/generated/main.ts --seed 1 --count 5000 --seconds 300 --topic texts`. Prints each
 * difference with its smallest statement, then how many there are of each shape; ends with 1 where something does. `--show` prints the statements of the seeds
 * instead of running them, `--refused` also those that PostgreSQL
 * refused, `--trace` each statement before it runs.
 */
import { parseArgs } from "node:util";
import { type Finding, generate, run } from "./run.ts";
import { Sides } from "./sides.ts";
import { readTopics } from "./grammar.ts";
import { render } from "./tree.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    count: { type: "string", default: "1000" },
    seconds: { type: "string", default: "300" },
    findings: { type: "string", default: "200" },
    topic: { type: "string", multiple: true, default: [] },
    refused: { type: "boolean", default: false },
    trace: { type: "boolean", default: false },
    show: { type: "boolean", default: false },
  },
});
const firstSeed = wholeNumber("seed", values.seed);
const count = wholeNumber("count", values.count);
const chosen = values.topic;
const topics = Object.keys(readTopics());
for (const topic of chosen) {
  if (!topics.includes(topic)) refuse(`--topic ${topic}: there are ${topics.join(", ")}`);
}

if (values.show) {
  for (let seed = firstSeed; seed < firstSeed + count; seed++) console.log(render(generate(seed, chosen).tree) + ";");
} else {
  await using sides = await Sides.start();
  const timeoutMs = wholeNumber("seconds", values.seconds) * 1000;
  const findingsMax = wholeNumber("findings", values.findings);
  const onStatement = (seed: number, sql: string) => values.trace && console.error(`${seed}: ${sql}`);
  const options = {
    firstSeed,
    count,
    timeoutMs,
    topics: chosen,
    findingsMax,
    onStatement,
    onFinding: (finding: Finding) => print(finding.shape, [finding]),
  };
  const report = await run(sides.reference, sides.client, options);
  const byShape = Map.groupBy(report.findings, (finding) => finding.shape);
  for (const [shape, findings] of [...byShape].sort(([a], [b]) => a < b ? -1 : 1)) {
    console.log(`${String(findings.length).padStart(4)}  ${shape}`);
  }
  for (const [reason, count] of report.known) console.log(`${String(count).padStart(4)}  known: ${reason}`);
  const { statements, refusals, failed, differing } = report;
  console.log(
    `${statements} statements: PostgreSQL refused ${refusals.length} and failed in ${failed}; ${differing} differ, in ${byShape.size} shapes`,
  );
  if (values.refused) { for (const refusal of refusals) console.log(refusal); }
  Deno.exitCode = differing > 0 ? 1 : 0;
}

function print(shape: string, findings: readonly Finding[]): void {
  const { sql, seed, outcome: { expected, actual } } = findings.reduce((a, b) => b.sql.length < a.sql.length ? b : a);
  console.log(`${shape}  (${findings.length}, seed ${seed})\n  ${sql}`);
  for (const [side, answer] of [["PostgreSQL", expected], ["Eider", actual]] as const) {
    const { sqlstate, message, tag, names, types, rows } = answer;
    const shown = sqlstate === ""
      ? JSON.stringify({ tag, names, types, rows: rows.slice(0, 8) })
      : `${sqlstate} ${message}`;
    console.log(`  ${side.padEnd(10)} ${shown.slice(0, 500)}`);
  }
  console.log("");
}

function wholeNumber(name: string, text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : refuse(`--${name} ${text}: a whole number is needed`);
}

function refuse(message: string): never {
  console.error(message);
  Deno.exit(2);
}
