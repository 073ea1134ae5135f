/**
 * The profile of a statement's own run, with the time of each operator, out of DuckDB's profiler.
 *
 * The bindings have no call for it and DuckDB writes it to a file or to stdout, which is the control channel here. So it writes into
 * an anonymous file in memory (`memfd_create`), reached by a link in the worker's temporary folder: nothing of a plan comes onto a disk,
 * and a full one cannot fail the statement. Where the system has no such file (not Linux with glibc), there is no profiler.
 *
 * A session may not set profiling itself (`sql/policy`), so nothing of a user's is disturbed. With profiling on, a `select 1` took
 * 1.5 to 2 times as long (docs/benchmarks.md); it is switched on for single statements only (`pgwire/session/slow_plans.ts`).
 */
import { join } from "node:path";
import type { PlanNode } from "../ipc/messages.ts";
import { type Connection, quoteLiteral, run } from "./duckdb.ts";
import { readPlan } from "./plan.ts";

/** Larger plans are of no use to a reader. */
const planBytesMax = 4 * 1024 * 1024;

interface MemoryFiles {
  readonly symbols: {
    memfd_create(name: Uint8Array<ArrayBuffer>, flags: number): number;
    close(descriptor: number): number;
    ftruncate(descriptor: number, length: bigint): number;
  };
}

let library: MemoryFiles | null | undefined;
let fileCount = 0;

function memoryFiles(): MemoryFiles | null {
  if (library !== undefined) return library;
  try {
    library = Deno.dlopen("libc.so.6", {
      memfd_create: { parameters: ["buffer", "u32"], result: "i32" },
      close: { parameters: ["i32"], result: "i32" },
      ftruncate: { parameters: ["i32", "i64"], result: "i32" },
    });
  } catch {
    library = null;
  }
  return library;
}

const settings = [
  "SET profiling_coverage='ALL'",
  `SET custom_profiling_settings='${
    JSON.stringify({ OPERATOR_NAME: "true", OPERATOR_TIMING: "true", OPERATOR_CARDINALITY: "true", EXTRA_INFO: "true" })
  }'`,
];

/** One connection's profiler. Invariant: profiling is on in the connection exactly when `on` is true. */
export class ConnectionProfiler {
  readonly #connection: Connection;
  readonly #directory: string;
  #file: { readonly descriptor: number; readonly link: string } | null = null;
  #broken = false;
  on = false;

  /** `directory` must be one that the instance may write to. */
  constructor(connection: Connection, directory: string) {
    this.#connection = connection;
    this.#directory = directory;
  }

  /** Switches profiling on for what runs next; false when there is none. The connection is free. */
  async start(): Promise<boolean> {
    if (this.on) return true;
    if (this.#broken) return false;
    try {
      if (this.#file === null) {
        this.#file = await this.#open();
        if (this.#file === null) return false;
        // Before profiling is on: without a file its output would go to stdout.
        const statements = [...settings, `SET profiling_output=${quoteLiteral(this.#file.link)}`];
        await run(this.#connection, statements.join("; "));
      }
      await run(this.#connection, "SET enable_profiling='json'");
      this.on = true;
      return true;
    } catch {
      // Left on with a file that cannot be written, it would fail every statement.
      this.#broken = true;
      await run(this.#connection, "PRAGMA disable_profiling").catch(() => undefined);
      return false;
    }
  }

  /** Forgets what was profiled before: the setting itself was, too. Call right before the statement. */
  clear(): void {
    if (this.#file !== null) memoryFiles()?.symbols.ftruncate(this.#file.descriptor, 0n);
  }

  /** The last statement's plan; null when it failed, as DuckDB then writes none. */
  read(): PlanNode | null {
    if (this.#file === null) return null;
    const path = `/proc/self/fd/${this.#file.descriptor}`;
    try {
      if (Deno.statSync(path).size > planBytesMax) return null;
      return readPlan(Deno.readTextFileSync(path));
    } catch {
      return null;
    }
  }

  /** Switches profiling off. In an aborted transaction DuckDB takes no setting: then it stays on, and false is given. */
  async stop(): Promise<boolean> {
    if (!this.on) return true;
    try {
      await run(this.#connection, "PRAGMA disable_profiling");
      this.on = false;
    } catch {
      return false;
    }
    return true;
  }

  close(): void {
    if (this.#file === null) return;
    memoryFiles()?.symbols.close(this.#file.descriptor);
    try {
      Deno.removeSync(this.#file.link);
    } catch {
      // The folder went first.
    }
    this.#file = null;
    this.#broken = true;
  }

  async #open(): Promise<{ descriptor: number; link: string } | null> {
    const files = memoryFiles();
    if (files === null) return null;
    const closeOnExec = 1;
    const descriptor = files.symbols.memfd_create(new TextEncoder().encode("plan\0"), closeOnExec);
    if (descriptor < 0) return null;
    const link = join(this.#directory, `plan_${Deno.pid}_${++fileCount}.txt`);
    try {
      await Deno.symlink(`/proc/self/fd/${descriptor}`, link);
      return { descriptor, link };
    } catch (error) {
      files.symbols.close(descriptor);
      throw error;
    }
  }
}
