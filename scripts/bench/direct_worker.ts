/**
 * A worker without a server: the same process that serves a workspace, driven over its control channel, with sessions on
 * its own socket. What it is slower through the server is the splice's price.
 */
import { fileURLToPath } from "node:url";
import { readLines } from "./lines.ts";
import type { CatalogTable, CommandBody, LaunchSpec, SessionHeader, WorkerMessage } from "../../src/ipc/messages.ts";
import { encodeSessionHeader } from "../../src/supervisor/session_socket.ts";
import { RawClient } from "./raw_client.ts";

export class DirectWorker {
  readonly processId: number;
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;
  readonly #messages: AsyncIterator<string>;
  readonly #commands: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  #socketPath = "";
  #commandCount = 0;

  private constructor(child: Deno.ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
    this.processId = child.pid;
    this.#messages = readLines(child.stdout)[Symbol.asyncIterator]();
    this.#commands = child.stdin.getWriter();
  }

  /** A new workspace that reads these tables, with no limit on results. */
  static async start(tables: readonly CatalogTable[], tableFolder: string, threads: number): Promise<DirectWorker> {
    const folder = await Deno.makeTempDir({ prefix: "eider_bench_worker_" });
    const main = fileURLToPath(new URL("../../main.ts", import.meta.url));
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--no-check", main, "worker", `--socket-directory=${folder}`],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const worker = new DirectWorker(child, folder);
    const ready = await worker.#nextMessage("ready");
    if (ready.event === "ready") worker.#socketPath = ready.socket_path;
    await Deno.mkdir(`${folder}/temp`);
    await worker.#command({ command: "open_workspace", spec: specOf(folder, tables, tableFolder, threads) });
    return worker;
  }

  connect(): Promise<RawClient> {
    const header: SessionHeader = {
      session_id: "pgs_000000000000",
      username: "bench",
      database: "workspace_ws_bench",
      client_address: "127.0.0.1",
      backend_process_id: 1,
      backend_secret_key: 1,
      startup_parameters: {},
      tls: false,
    };
    return RawClient.connectWorker(this.#socketPath, encodeSessionHeader(header));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#commands.close(); // it ends itself when its parent is gone
    await this.#child.status;
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #command(body: CommandBody): Promise<void> {
    this.#commandCount += 1;
    const line = JSON.stringify({ ...body, id: this.#commandCount }) + "\n";
    await this.#commands.write(new TextEncoder().encode(line));
    await this.#nextMessage("reply");
    this.#drainMessages();
  }

  async #nextMessage(event: WorkerMessage["event"]): Promise<WorkerMessage> {
    for (;;) {
      const { value, done } = await this.#messages.next();
      if (done === true) throw new Error("the worker ended");
      const message = JSON.parse(value) as WorkerMessage;
      if (message.event === "failed") throw new Error(`worker: ${message.error.detail}`);
      if (message.event === event) return message;
    }
  }

  /** Nobody needs the later events, but their pipe must not fill up. */
  async #drainMessages(): Promise<void> {
    while ((await this.#messages.next()).done !== true);
  }
}

function specOf(folder: string, tables: readonly CatalogTable[], tableFolder: string, threads: number): LaunchSpec {
  return {
    workspace_id: "ws_bench",
    project_id: "bench",
    branch_id: null,
    database: "workspace_ws_bench",
    file_path: `${folder}/ws_bench.duckdb`,
    temp_directory: `${folder}/temp`,
    temp_bytes_max: 10e9,
    memory_bytes_max: 4e9,
    threads,
    allowed_directories: [tableFolder],
    result_rows_max: 0,
    result_bytes_max: 0,
    size_bytes_max: 10e9,
    queries_per_minute_max: 0,
    statement_bytes_max: 0,
    query_timeout_ms: 300_000,
    idle_timeout_ms: 3_600_000,
    catalog: { schemas: [...new Set(tables.map((table) => table.schema))], tables: [...tables] },
  };
}
