/**
 * The test command (`deno task test [PATH …] [--filter TEXT]`): runs `deno test` over src and tests, streams its output, names each
 * skipped test with its reason and closes with the line `N passed, N failed, N skipped`. Without a path it is the whole suite.
 *
 * Counts come from the summary that `deno test` prints, names of skipped tests from its JUnit report. A run without a
 * summary (a module that does not load, a crash of the test process) counts as one failure: it is never taken for a pass.
 */
/** What one run of `deno test` gave. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The summary line, such as `FAILED | 2 passed (1 step) | 2 failed | 1 ignored (1 step) (422ms)`; null if there is none. */
export function parseSummary(output: string): TestCounts | null {
  // deno-lint-ignore no-control-regex
  const plain = output.replaceAll(/\x1b\[[0-9;]*m/g, "");
  const summary = /^(?:ok|FAILED) \| (\d+) passed(?: \([^)]*\))? \| (\d+) failed(?: \([^)]*\))?(.*)$/gm;
  const last = [...plain.matchAll(summary)].at(-1);
  if (last === undefined) return null;
  const ignored = /\| (\d+) ignored/.exec(last[3] ?? "");
  return { passed: Number(last[1]), failed: Number(last[2]), skipped: Number(ignored?.[1] ?? 0) };
}

const noReason = "no reason given";

export interface SkippedTest {
  readonly name: string;
  readonly reason: string;
}

/** The skipped tests of a JUnit report. `tests/support/claim.ts` writes the reason at the end of the test's name. */
export function parseSkipped(junit: string): readonly SkippedTest[] {
  const skipped: SkippedTest[] = [];
  for (const [, attributes, body] of junit.matchAll(/<testcase ([^>]*)>([\s\S]*?)<\/testcase>/g)) {
    if (!/<skipped\b/.test(body ?? "")) continue;
    const name = unescapeXml(/(?:^|\s)name="([^"]*)"/.exec(attributes ?? "")?.[1] ?? "(unnamed)");
    const parts = /^(.*) \(skipped: (.*)\)$/s.exec(name);
    skipped.push({ name: parts?.[1] ?? name, reason: parts?.[2] ?? noReason });
  }
  return skipped;
}

function unescapeXml(text: string): string {
  const names: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replaceAll(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => names[name] ?? "");
}

/**
 * The environment of the tests: without the developer's `EIDER_` settings, which would change what the tests start.
 * `EIDER_TEST_…` names, such as `EIDER_TEST_BINARY`, are for the tests.
 */
export function testEnvironment(environment: Readonly<Record<string, string>>): Record<string, string> {
  const isSetting = (name: string) => name.startsWith("EIDER_") && !name.startsWith("EIDER_TEST_");
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !isSetting(name)));
}

/** The line that CI and people look for. */
export function summaryLine(counts: TestCounts): string {
  return `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
}

/** One `deno test` process. */
export interface Lane {
  /** Stands before each of its lines where several run side by side. */
  readonly label: string;
  readonly paths: readonly string[];
}

/**
 * The whole suite runs in two processes side by side: each file waits for processes that it has started most of the time, and what is
 * loaded for one file is loaded again for the next. Both take about equally long.
 */
export const wholeSuite: readonly Lane[] = [
  { label: "e2e ", paths: ["tests/e2e"] },
  { label: "rest", paths: ["src", "scripts", "tests"] },
];

/**
 * The paths of a lane, without what another lane has. `--ignore` would not do: it leaves nothing out of a folder that is named
 * itself. `entriesOf` gives the paths directly in a folder.
 */
export function lanePaths(lane: Lane, lanes: readonly Lane[], entriesOf: (folder: string) => string[]): string[] {
  const others = lanes.filter((other) => other !== lane).flatMap(({ paths }) => paths);
  return lane.paths.flatMap((path) =>
    others.some((other) => other.startsWith(`${path}/`))
      ? entriesOf(path).filter((entry) => !others.includes(entry))
      : [path]
  );
}

/** Folders, and files with tests. */
function testPathsIn(folder: string): string[] {
  const entries = [...Deno.readDirSync(folder)].filter(({ name, isDirectory }) =>
    isDirectory || name.endsWith("_test.ts")
  );
  return entries.map(({ name }) => `${folder}/${name}`).sort();
}

/** A process that prints nothing for so long is stuck: no single test may take a third of it. */
const silenceMaxMs = 5 * 60_000;

async function runTests(parameters: readonly string[]): Promise<number> {
  const hasPath = parameters.some((parameter) => !parameter.startsWith("-"));
  const lanes = hasPath ? [{ label: "", paths: [] }] : wholeSuite;
  const results = await Promise.all(
    lanes.map((lane) => runLane(lane, [...parameters, ...lanePaths(lane, lanes, testPathsIn)])),
  );
  console.log("");
  let counts: TestCounts = { passed: 0, failed: 0, skipped: 0 };
  for (const result of results) {
    for (const line of result.notes) console.log(line);
    counts = {
      passed: counts.passed + result.counts.passed,
      failed: counts.failed + result.counts.failed,
      skipped: counts.skipped + result.counts.skipped,
    };
  }
  if (counts.passed + counts.failed + counts.skipped === 0) {
    console.log("No test was found: counted as one failure.");
    counts = { ...counts, failed: 1 };
  }
  console.log(summaryLine(counts));
  return counts.failed === 0 ? 0 : 1;
}

interface LaneResult {
  readonly counts: TestCounts;
  /** What was skipped and why, and what is wrong with the run itself. */
  readonly notes: readonly string[];
}

async function runLane({ label }: Lane, parameters: readonly string[]): Promise<LaneResult> {
  const folder = await Deno.makeTempDir({ prefix: "eider_test_" });
  const junitPath = `${folder}/junit.xml`;
  try {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", "--no-check", `--junit-path=${junitPath}`, ...parameters],
      env: testEnvironment(Deno.env.toObject()),
      clearEnv: true,
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const { output, lastLine, isStuck } = await tee(child, label);
    const status = await child.status;

    const notes: string[] = [];
    let counts = parseSummary(output);
    if (isStuck) {
      const minutes = silenceMaxMs / 60_000;
      notes.push(`The test process printed nothing for ${minutes} minutes and was ended: a failure. Last: ${lastLine}`);
      counts = { passed: 0, skipped: 0, ...counts, failed: (counts?.failed ?? 0) + 1 };
    } else if (counts === null) {
      notes.push(`The test process ended without a summary (exit code ${status.code}): counted as one failure.`);
      counts = { passed: 0, failed: 1, skipped: 0 };
    } else if (counts.failed === 0 && !status.success && counts.passed + counts.skipped > 0) {
      notes.push(`The test process ended with exit code ${status.code}: counted as one failure.`);
      counts = { ...counts, failed: 1 };
    }
    const unrun = parseSkipped(await Deno.readTextFile(junitPath).catch(() => ""));
    // The report calls skipped what could not run because a file's beforeAll failed, which the summary leaves out, and what
    // `--filter` left out.
    const bare = unrun.filter((test) => test.reason === noReason);
    const notRun = unrun.length > counts.skipped && !isFiltered(parameters) ? bare : [];
    counts = { ...counts, failed: counts.failed + notRun.length };
    for (const test of notRun) notes.push(`not run: ${test.name}`);
    const skipped = unrun.filter((test) => !bare.includes(test) || (notRun.length === 0 && !isFiltered(parameters)));
    for (const test of skipped) notes.push(`skipped: ${test.name}: ${test.reason}`);
    return { counts, notes };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function isFiltered(parameters: readonly string[]): boolean {
  return parameters.some((parameter) => /^--filter(=|$)/.test(parameter));
}

/** Passes a process's output on, whole lines where it has a label, and gives its last megabyte; the summary is at the end. */
async function tee(
  child: Deno.ChildProcess,
  label: string,
): Promise<{ output: string; lastLine: string; isStuck: boolean }> {
  const charactersMax = 1024 * 1024;
  const decoder = new TextDecoder();
  let tail = "";
  let unfinished = "";
  let isStuck = false;
  const end = () => {
    isStuck = true;
    child.kill("SIGKILL");
  };
  let guard = setTimeout(end, silenceMaxMs);
  for await (const chunk of child.stdout as ReadableStream<Uint8Array>) {
    clearTimeout(guard);
    guard = setTimeout(end, silenceMaxMs);
    const text = decoder.decode(chunk, { stream: true });
    tail = (tail + text).slice(-charactersMax);
    const lines = (unfinished + text).split("\n");
    unfinished = lines.pop() ?? "";
    if (label === "") await writeAll(chunk);
    else if (lines.length > 0) await writeAll(encoder.encode(lines.map((line) => `${label} | ${line}\n`).join("")));
  }
  clearTimeout(guard);
  const lastLine = tail.trimEnd().split("\n").at(-1) ?? "";
  return { output: tail, lastLine, isStuck };
}

const encoder = new TextEncoder();

async function writeAll(bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length;) offset += await Deno.stdout.write(bytes.subarray(offset));
}

if (import.meta.main) Deno.exit(await runTests(Deno.args));
