/**
 * Runs a client's check program against the real server over TLS. The program is written in the client's own language, finds the
 * workspace in the usual PG… variables, and prints one line a check: `ok NAME` or `not ok NAME: what was wrong`.
 *
 * Every program works on the same data: project tables in_c_sales.customers (4 rows) and in_c_sales.orders (100 rows).
 */
import { equal, fail, ok } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import type { WorkspaceAnswer } from "../support/rest.ts";
import { sharedServer } from "../support/server.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** Where `scripts/install_clients.sh` puts what it installs. */
export const clientsFolder = `${root}.clients/`;
const timeoutMs = 300_000;

export interface CheckProgram {
  /** The client, as the test's name says it. */
  readonly client: string;
  /** First the executable; it must exist, otherwise the test is skipped. */
  readonly command: readonly [string, ...string[]];
  /** Further files or commands that must exist. */
  readonly needs?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Directory to run in; by default the project's. */
  readonly directory?: string;
  /** How many checks the program makes at least: a program that ends early must not pass. */
  readonly checksMin: number;
}

/** The server and project that the check programs of one test file share. */
export function clientBench() {
  const server = sharedServer({ config: { max_connections_per_workspace: 30 } });
  const projectOf = once(() => TestProject.withSales(server.current.rest, "clients"));
  return {
    server,
    workspace: async (): Promise<WorkspaceAnswer> => await (await projectOf()).workspace(),
  };
}

export function testProgram(bench: ReturnType<typeof clientBench>, program: CheckProgram): void {
  const missing = missingOf([program.command[0], ...program.needs ?? []]);
  Deno.test({
    name: `${program.client}: every check of its program passes${skipNote(missing)}`,
    ignore: missing.length > 0,
    fn: async () => {
      const workspace = await bench.workspace();
      const { code, output } = await run(program, workspace);
      const failed = output.split("\n").filter((line) => line.startsWith("not ok "));
      if (failed.length > 0) fail(`${failed.length} checks failed\n${failed.join("\n")}`);
      equal(code, 0, output);
      const passed = output.split("\n").filter((line) => line.startsWith("ok "));
      ok(passed.length >= program.checksMin, `${passed.length} checks of at least ${program.checksMin}\n${output}`);
    },
  });
}

/** Those of the paths and commands that do not exist here. */
export function missingOf(needs: readonly string[]): string[] {
  return needs.filter((path) => !exists(path));
}

/** What a test's name says when something that it needs is missing. */
export function skipNote(missing: readonly string[]): string {
  if (missing.length === 0) return "";
  return ` (skipped: ${missing.map((path) => path.replace(root, "")).join(", ")} not installed)`;
}

/** The environment in which libpq and its like find the workspace. */
export function clientEnvironment(workspace: WorkspaceAnswer): Record<string, string> {
  const { port, database, username, password } = workspace.connection;
  return {
    PATH: Deno.env.get("PATH") ?? "",
    HOME: Deno.env.get("HOME") ?? "/tmp",
    LC_ALL: "C.UTF-8",
    PGHOST: "127.0.0.1",
    PGPORT: String(port),
    PGDATABASE: database,
    PGUSER: username,
    PGPASSWORD: password,
    PGSSLMODE: "require",
  };
}

async function run(program: CheckProgram, workspace: WorkspaceAnswer): Promise<{ code: number; output: string }> {
  const [command, ...args] = program.command;
  const child = new Deno.Command(command, {
    args,
    cwd: program.directory ?? root,
    env: { ...clientEnvironment(workspace), ...program.environment },
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(timeoutMs),
  });
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** A path that exists, or a command on PATH. */
function exists(path: string): boolean {
  const candidates = path.includes("/")
    ? [path]
    : (Deno.env.get("PATH") ?? "").split(":").map((part) => `${part}/${path}`);
  return candidates.some((candidate) => {
    try {
      return Deno.statSync(candidate) !== null;
    } catch {
      return false;
    }
  });
}
