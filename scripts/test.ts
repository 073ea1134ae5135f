/**
 * The test command (`deno task test [PATH …] [--filter TEXT]`): runs `deno test` over src and tests, streams its output, names each
 * skipped test with its reason and closes with the line `N passed, N failed, N skipped`.
 *
 * Counts come from the summary that `deno test` prints, names of skipped tests from its JUnit report. A run without a
 * summary (a module that does not load, a crash of the test process) counts as one failure: it is never taken for a pass.
 */
const defaultPaths = ["src", "tests", "scripts"];

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

async function runTests(parameters: readonly string[]): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "eider_test_" });
  const junitPath = `${folder}/junit.xml`;
  try {
    const hasPath = parameters.some((parameter) => !parameter.startsWith("-"));
    const child = new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", "--no-check", `--junit-path=${junitPath}`, ...parameters, ...(hasPath ? [] : defaultPaths)],
      env: testEnvironment(Deno.env.toObject()),
      clearEnv: true,
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const output = await tee(child.stdout);
    const status = await child.status;

    let counts = parseSummary(output);
    if (counts === null) {
      console.log(`\nThe test process ended without a summary (exit code ${status.code}): counted as one failure.`);
      counts = { passed: 0, failed: 1, skipped: 0 };
    } else if (counts.failed === 0 && !status.success) {
      console.log(`\nThe test process ended with exit code ${status.code}: counted as one failure.`);
      counts = { ...counts, failed: 1 };
    } else if (counts.passed + counts.failed + counts.skipped === 0) {
      console.log("\nNo test was found: counted as one failure.");
      counts = { ...counts, failed: 1 };
    }
    const unrun = parseSkipped(await Deno.readTextFile(junitPath).catch(() => ""));
    console.log("");
    // The report calls skipped what could not run because a file's beforeAll failed; the summary leaves that out.
    const notRun = unrun.length > counts.skipped ? unrun.filter((test) => test.reason === noReason) : [];
    counts = { ...counts, failed: counts.failed + notRun.length, skipped: unrun.length - notRun.length };
    for (const test of unrun) {
      console.log(notRun.includes(test) ? `not run: ${test.name}` : `skipped: ${test.name}: ${test.reason}`);
    }
    console.log(summaryLine(counts));
    return counts.failed === 0 ? 0 : 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Passes a stream on to stdout and gives its last megabyte as text; the summary is at the end. */
async function tee(stream: ReadableStream<Uint8Array>): Promise<string> {
  const charactersMax = 1024 * 1024;
  const decoder = new TextDecoder();
  let tail = "";
  for await (const chunk of stream) {
    await writeAll(chunk);
    tail = (tail + decoder.decode(chunk, { stream: true })).slice(-charactersMax);
  }
  return tail;
}

async function writeAll(bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length;) offset += await Deno.stdout.write(bytes.subarray(offset));
}

if (import.meta.main) Deno.exit(await runTests(Deno.args));
