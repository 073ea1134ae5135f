/** Real worker processes under a real supervisor, without the rest of the server. */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { join } from "node:path";
import type {
  CatalogTable,
  LaunchSpec,
  ProjectCatalog,
  SessionHeader,
  VersionWritten,
} from "../../src/ipc/messages.ts";
import type { WorkerEvent } from "../../src/ipc/channel.ts";
import { silentLogger } from "../../src/observability/log.ts";
import type { SupervisorConfig, WorkerExit } from "../../src/supervisor/settings.ts";
import { makeSupervisor, type Supervisor } from "../../src/supervisor/supervisor.ts";
import { type BackendMessage, frontend } from "../support/wire.ts";

const mainPath = join(import.meta.dirname!, "..", "..", "main.ts");

export interface RealSupervisor extends Supervisor, AsyncDisposable {
  readonly directory: string;
  readonly exits: readonly WorkerExit[];
  /** Resolves with the next event that fits. */
  nextEvent(fits: (event: WorkerEvent) => boolean): Promise<WorkerEvent>;
  /** Tables that a workspace sees when its worker starts. */
  catalog: ProjectCatalog;
}

/** Supervises `main.ts worker` over a temporary data folder. */
export async function superviseRealWorkers(
  config: Partial<SupervisorConfig> = {},
  directory?: string,
): Promise<RealSupervisor> {
  const folder = directory ?? await Deno.makeTempDir({ prefix: "eider_test_" });
  const exits: WorkerExit[] = [];
  const waiting: { fits: (event: WorkerEvent) => boolean; resolve: (event: WorkerEvent) => void }[] = [];
  const supervisor = await makeSupervisor({
    launchSpec: (workspaceId) => Promise.resolve(specOf(folder, workspaceId, real.catalog)),
    workerCommand: () => ({
      executable: Deno.execPath(),
      args: ["run", "-A", "--quiet", "--no-check", "--cached-only", mainPath],
    }),
    logger: silentLogger,
    events: {
      onWorkerExit: (exit) => void exits.push(exit),
      onWorkerEvent: (_workspaceId, event) => {
        for (const { fits, resolve } of waiting) if (fits(event)) resolve(event);
      },
    },
    config: { spareCount: 0, ...config },
  });
  const real: RealSupervisor = Object.assign(supervisor, {
    directory: folder,
    exits,
    nextEvent: (fits: (event: WorkerEvent) => boolean) =>
      new Promise<WorkerEvent>((resolve) => void waiting.push({ fits, resolve })),
    catalog: { schemas: [], tables: [] } as ProjectCatalog,
    [Symbol.asyncDispose]: async () => {
      await supervisor.close(1_000);
      if (directory === undefined) await Deno.remove(folder, { recursive: true });
    },
  });
  return real;
}

function specOf(directory: string, workspaceId: string, catalog: ProjectCatalog): LaunchSpec {
  return {
    workspace_id: workspaceId,
    project_id: "p_1",
    branch_id: null,
    database: `workspace_${workspaceId}`,
    file_path: join(directory, `${workspaceId}.duckdb`),
    temp_directory: join(directory, "tmp", workspaceId),
    temp_bytes_max: 1_000_000_000,
    memory_bytes_max: 500_000_000,
    threads: 2,
    allowed_directories: [directory],
    result_rows_max: 0,
    result_bytes_max: 0,
    size_bytes_max: 1_000_000_000,
    queries_per_minute_max: 0,
    statement_bytes_max: 0,
    query_timeout_ms: 0,
    idle_timeout_ms: 0,
    catalog,
  };
}

/** Imports `text` as CSV in a storage process and gives the table as a catalog shows it. */
export async function importCsv(supervisor: RealSupervisor, name: string, text: string): Promise<CatalogTable> {
  const source = join(supervisor.directory, `${name}.csv`);
  const target = join(supervisor.directory, `${name}.v1.duckdb`);
  await Deno.writeTextFile(source, text);
  const written = await supervisor.runStorageJob({
    job: "import",
    source_path: source,
    format: "csv",
    mode: "full",
    base_path: null,
    target_path: target,
    columns: null,
    primary_key: [],
    temp_directory: join(supervisor.directory, "tmp"),
    memory_bytes_max: 500_000_000,
  }) as VersionWritten;
  return {
    table_id: `in.c-sales.${name}`,
    schema: "in_c_sales",
    name,
    version: 1,
    file_path: target,
    columns: written.columns,
    primary_key: [],
    rows: written.rows,
    size_bytes: written.size_bytes,
  };
}

/** A session as the worker sees it: from AuthenticationOk on. */
export class WorkerSession implements AsyncDisposable {
  readonly id: string;
  readonly #socket: Socket;
  readonly #messages: BackendMessage[] = [];
  #received = Buffer.alloc(0);
  #changed = Promise.withResolvers<void>();
  #ended = false;

  static async open(supervisor: Supervisor, workspaceId: string, sessionId: string): Promise<WorkerSession> {
    const worker = await supervisor.acquire(workspaceId);
    const session = new WorkerSession(sessionId, await worker.openSession(headerOf(workspaceId, sessionId)));
    await session.#until((message) => message.type === "Z");
    return session;
  }

  private constructor(id: string, socket: Socket) {
    this.id = id;
    this.#socket = socket;
    socket.on("data", (bytes: Uint8Array) => this.#take(bytes));
    socket.once("close", () => {
      this.#ended = true;
      this.#changed.resolve();
    });
  }

  /** Sends a simple query without waiting for its answer. */
  send(sql: string): void {
    this.#socket.write(frontend.query(sql));
  }

  /** The first column of the first row, null without rows; throws the SQLSTATE of an error. */
  async value(sql: string): Promise<string | null> {
    this.send(sql);
    return await this.answer();
  }

  /** The answer to what was sent: as `value`. */
  async answer(): Promise<string | null> {
    const messages = await this.#until((message) => message.type === "Z");
    const error = messages.find((message) => message.type === "E");
    if (error !== undefined) throw new Error(sqlstateOf(error));
    const row = messages.find((message) => message.type === "D");
    if (row === undefined) return null;
    const length = row.body.readInt32BE(2);
    return length === -1 ? null : row.body.toString("utf8", 6, 6 + length);
  }

  /** SQLSTATEs of the errors that came before the socket closed. */
  async closed(): Promise<string[]> {
    while (!this.#ended) await this.#nextChange();
    return this.#messages.filter((message) => message.type === "E").map(sqlstateOf);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.closed();
  }

  async #until(isLast: (message: BackendMessage) => boolean): Promise<BackendMessage[]> {
    for (;;) {
      const position = this.#messages.findIndex(isLast);
      if (position !== -1) return this.#messages.splice(0, position + 1);
      if (this.#ended) throw new Error(`closed: ${this.#messages.map((message) => message.type).join("")}`);
      await this.#nextChange();
    }
  }

  async #nextChange(): Promise<void> {
    await this.#changed.promise;
    this.#changed = Promise.withResolvers();
  }

  #take(bytes: Uint8Array): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    while (this.#received.length >= 5) {
      const end = 1 + this.#received.readInt32BE(1);
      if (this.#received.length < end) break;
      this.#messages.push({ type: String.fromCharCode(this.#received[0]!), body: this.#received.subarray(5, end) });
      this.#received = this.#received.subarray(end);
    }
    this.#changed.resolve();
  }
}

function sqlstateOf(message: BackendMessage): string {
  return /\0C([0-9A-Z]{5})\0/.exec(`\0${message.body.toString("latin1")}`)?.[1] ?? "no SQLSTATE";
}

function headerOf(workspaceId: string, sessionId: string): SessionHeader {
  return {
    session_id: sessionId,
    username: "user",
    database: `workspace_${workspaceId}`,
    client_address: "127.0.0.1",
    backend_process_id: 1,
    backend_secret_key: 2,
    startup_parameters: { user: "user", database: `workspace_${workspaceId}`, application_name: "test" },
    tls: false,
  };
}
