/**
 * The real server as a process of its own: temporary data folder, every port chosen by the system, gone with its data
 * at the end of the scope (`await using`). `EIDER_TEST_BINARY` names an executable to test in place of `main.ts`.
 */
import denoConfig from "../../deno.json" with { type: "json" };
import { fileURLToPath } from "node:url";
import { Rest } from "./rest.ts";

/** How long a test waits for something that the server must do before it fails. Generous: the machine may be busy. */
export const patienceMs = 60_000;
/** Kept log lines: enough for every test, bounded for a server that never stops talking. */
const logLinesMax = 20_000;

/** Many workspaces at once on a small machine, and their processes gone soon after the last session. */
const testDefaults = {
  workspace_default_memory_limit: "512MB",
  workspaces_memory_budget: "64GB",
  worker_idle_seconds: 2,
  spare_workers: 0,
  max_workspaces_per_project: 1000,
};

/** One line of the server's log. */
export interface LogLine {
  readonly level?: string;
  readonly message?: string;
  readonly [field: string]: unknown;
}

export interface ServerOptions {
  /** Configuration by key, as in the contract: `{ idle_timeout_seconds: 1 }`. */
  readonly config?: Readonly<Record<string, string | number | boolean>>;
  /** A folder to start on; by default a new one, which is removed at the end. */
  readonly dataDir?: string;
  /** The administrator's key; null lets the server generate one. */
  readonly adminKey?: string | null;
}

/** The command line of the program under test. */
export function programCommand(parameters: readonly string[]): { command: string; args: string[] } {
  const binary = Deno.env.get("EIDER_TEST_BINARY");
  if (binary !== undefined && binary !== "") return { command: binary, args: [...parameters] };
  const main = fileURLToPath(new URL("../../main.ts", import.meta.url));
  // What `deno task start` runs, with its flags for the runtime: `deno run … main.ts serve`.
  const words = denoConfig.tasks.start.command.split(" ");
  return { command: Deno.execPath(), args: [...words.slice(1, words.indexOf("main.ts")), main, ...parameters] };
}

/** A configuration as flags. */
export function configFlags(config: Readonly<Record<string, string | number | boolean>>): string[] {
  return Object.entries(config).map(([key, value]) => `--${key.replaceAll("_", "-")}=${value}`);
}

/** A running server process. */
export class TestServer {
  readonly dataDir: string;
  readonly logLines: LogLine[] = [];
  readonly #options: ServerOptions;
  readonly #ownsDataDir: boolean;
  #child: Deno.ChildProcess | undefined;
  #exit: Promise<Deno.CommandStatus> | undefined;
  #hasExited = false;
  #stderrText = "";
  readonly #logListeners = new Set<() => void>();
  httpPort = 0;
  pgPort = 0;
  pgDirectTlsPort = 0;
  adminKey: string;

  private constructor(options: ServerOptions, dataDir: string) {
    this.#options = options;
    this.#ownsDataDir = options.dataDir === undefined;
    this.dataDir = dataDir;
    this.adminKey = options.adminKey ?? "test_admin_key_0123456789_0123456789";
  }

  /** Starts a server and resolves when it listens. */
  static async start(options: ServerOptions = {}): Promise<TestServer> {
    const dataDir = options.dataDir ?? await Deno.makeTempDir({ prefix: "eider_e2e_" });
    const server = new TestServer(options, dataDir);
    try {
      await server.startProcess();
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  /** Starts the process again on the same data, after `stop` or `kill`. Ports may differ. */
  async startProcess(config: ServerOptions["config"] = this.#options.config): Promise<void> {
    this.logLines.length = 0;
    this.#stderrText = "";
    this.#hasExited = false;
    const { command, args } = programCommand([
      "serve",
      ...configFlags({
        data_dir: this.dataDir,
        http_port: 0,
        pg_port: 0,
        pg_direct_tls_port: 0,
        ...(this.#options.adminKey === null ? {} : { admin_key: this.adminKey }),
        ...testDefaults,
        ...config,
      }),
    ]);
    const child = new Deno.Command(command, { args, stdin: "null", stdout: "piped", stderr: "piped" }).spawn();
    this.#child = child;
    this.#exit = child.status.then((status) => {
      this.#hasExited = true;
      for (const listener of this.#logListeners) listener();
      return status;
    });
    void this.#readLog(child.stdout);
    void this.#readStderr(child.stderr);
    const listening = await this.waitForLog((line) => line.message === "listening");
    this.httpPort = Number(listening["http_port"]);
    this.pgPort = Number(listening["pg_port"]);
    this.pgDirectTlsPort = Number(listening["pg_direct_tls_port"]);
    const generated = this.logLines.find((line) => line.message === "admin key generated");
    if (generated !== undefined) this.adminKey = String(generated["admin_key"]);
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.httpPort}`;
  }

  get processId(): number {
    if (this.#child === undefined) throw new Error("the server was not started");
    return this.#child.pid;
  }

  /** What the server wrote to stderr. */
  get stderrText(): string {
    return this.#stderrText;
  }

  /** REST with the administrator's key. */
  get rest(): Rest {
    return new Rest(this.baseUrl, this.adminKey);
  }

  /** The first log line, written already or soon, that fits. Rejects when the process ends or patience does. */
  waitForLog(fits: (line: LogLine) => boolean): Promise<LogLine> {
    const { promise, resolve, reject } = Promise.withResolvers<LogLine>();
    const look = () => {
      const line = this.logLines.find(fits);
      if (line !== undefined) finish(() => resolve(line));
      else if (this.#hasExited) finish(() => reject(new Error(`the server ended: ${this.describeOutput()}`)));
    };
    const timer = setTimeout(
      () => finish(() => reject(new Error(`no such log line after ${patienceMs} ms: ${this.describeOutput()}`))),
      patienceMs,
    );
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      this.#logListeners.delete(look);
      settle();
    };
    this.#logListeners.add(look);
    look();
    return promise;
  }

  /** The end of what the server printed, for failure texts. */
  describeOutput(): string {
    const lines = this.logLines.slice(-20).map((line) => JSON.stringify(line));
    return `\n${lines.join("\n")}\n${this.#stderrText.slice(-4_000)}`;
  }

  /** Asks the process to end (SIGTERM) and gives its status. */
  async stop(): Promise<Deno.CommandStatus> {
    this.signal("SIGTERM");
    return await this.exit();
  }

  /** Ends the process at once (SIGKILL). */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.exit();
  }

  signal(name: Deno.Signal): void {
    if (!this.#hasExited) this.#child?.kill(name);
  }

  /** Resolves when the process has ended. */
  exit(): Promise<Deno.CommandStatus> {
    if (this.#exit === undefined) throw new Error("the server was not started");
    return this.#exit;
  }

  /** Processes that are workers of this server, by their parent. */
  workerProcessIds(): number[] {
    return childProcessIds(this.processId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#exit !== undefined && !this.#hasExited) {
      this.signal("SIGTERM");
      const timer = setTimeout(() => this.signal("SIGKILL"), 20_000);
      await this.#exit;
      clearTimeout(timer);
    }
    if (this.#ownsDataDir) await removeFolder(this.dataDir);
  }

  async #readLog(stdout: ReadableStream<Uint8Array>): Promise<void> {
    let rest = "";
    for await (const text of stdout.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.logLines.push(parseLogLine(line));
      if (this.logLines.length > logLinesMax) this.logLines.splice(0, this.logLines.length - logLinesMax);
      for (const listener of this.#logListeners) listener();
    }
  }

  async #readStderr(stderr: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stderr) {
      this.#stderrText = (this.#stderrText + decoder.decode(chunk, { stream: true })).slice(-100_000);
    }
  }
}

function parseLogLine(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { message: line, level: "unparsable" };
  }
}

/** Removes a folder in which ending processes may still close files. */
async function removeFolder(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    await Deno.remove(path, { recursive: true });
  }
}

/**
 * One server for all tests of a file: it starts before the first and ends after the last. Call it once, at the top
 * level of the file.
 */
export function sharedServer(options: ServerOptions = {}): { readonly current: TestServer } {
  let server: TestServer | undefined;
  Deno.test.beforeAll(async () => {
    server = await TestServer.start(options);
  });
  Deno.test.afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
  });
  return {
    get current(): TestServer {
      if (server === undefined) throw new Error("the server is started before the first test, not at import");
      return server;
    },
  };
}

/** Direct children of a process (Linux). */
export function childProcessIds(parentId: number): number[] {
  const ids: number[] = [];
  for (const entry of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(entry.name)) continue;
    if (parentProcessId(Number(entry.name)) === parentId) ids.push(Number(entry.name));
  }
  return ids;
}

function parentProcessId(processId: number): number | undefined {
  try {
    // "pid (name) state parent …"; the name may hold spaces and parentheses
    const stat = Deno.readTextFileSync(`/proc/${processId}/stat`);
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined;
  }
}

/** Whether the process exists and is no zombie (Linux). */
export function isProcessRunning(processId: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${processId}/stat`);
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}

/** Resident memory of a process in bytes (Linux). */
export function residentBytes(processId: number): number {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${processId}/status`));
  return Number(match?.[1] ?? 0) * 1024;
}

/** Asks again, at short intervals, until the answer is there; rejects when patience ends. */
export async function eventually<T>(what: string, ask: () => T | undefined | false | Promise<T | undefined | false>) {
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer as T;
    if (performance.now() > deadlineMs) throw new Error(`still not so after ${patienceMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
