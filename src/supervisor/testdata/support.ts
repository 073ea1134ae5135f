/** What the supervisor's tests share. */
import { createServer, type Server, type Socket } from "node:net";
import type { CatalogTable, LaunchSpec, ProjectCatalog, SessionHeader } from "../../ipc/messages.ts";
import type { SupervisorEvents, SupervisorLogger, WorkerCommand, WorkerExit } from "../settings.ts";
import { makeSupervisor, type Supervisor } from "../supervisor.ts";
import type { SupervisorConfig } from "../settings.ts";

export const silentLogger: SupervisorLogger = { debug() {}, info() {}, warn() {}, error() {} };

/** A program beside this file as a worker. */
export function workerCommandOf(name: string): () => WorkerCommand {
  const path = `${import.meta.dirname}/${name}`;
  return () => ({ executable: Deno.execPath(), args: ["run", "-A", "--no-check", "--quiet", path] });
}

export function tableOf(filePath: string): CatalogTable {
  return {
    table_id: "in.c-sales.orders",
    schema: "in_c_sales",
    name: "orders",
    version: 1,
    file_path: filePath,
    columns: [],
    primary_key: [],
    rows: 0,
    size_bytes: 0,
  };
}

export function catalogOf(...filePaths: string[]): ProjectCatalog {
  return { schemas: ["in_c_sales"], tables: filePaths.map(tableOf) };
}

export function specOf(workspaceId: string, changes: Partial<LaunchSpec> = {}): LaunchSpec {
  return {
    workspace_id: workspaceId,
    project_id: "p_1",
    branch_id: null,
    database: `workspace_${workspaceId}`,
    file_path: `/nowhere/${workspaceId}.duckdb`,
    temp_directory: "/nowhere/tmp",
    temp_bytes_max: 1_000_000,
    memory_bytes_max: 100 * 1024 * 1024,
    threads: 1,
    allowed_directories: [],
    result_rows_max: 0,
    result_bytes_max: 0,
    size_bytes_max: 0,
    queries_per_minute_max: 0,
    statement_bytes_max: 0,
    query_timeout_ms: 0,
    idle_timeout_ms: 0,
    catalog: catalogOf("/nowhere/orders.v1.duckdb"),
    ...changes,
  };
}

export function headerOf(sessionId: string): SessionHeader {
  return {
    session_id: sessionId,
    username: "user",
    database: "workspace",
    client_address: "127.0.0.1",
    backend_process_id: 1,
    backend_secret_key: 2,
    startup_parameters: { application_name: "test" },
    tls: false,
  };
}

/** The next line that a session's socket gives. */
export function lineOf(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const onData = (chunk: Uint8Array) => {
      text += new TextDecoder().decode(chunk);
      if (!text.includes("\n")) return;
      socket.off("data", onData).off("close", onClose).pause();
      resolve(text.slice(0, text.indexOf("\n")));
    };
    const onClose = () => reject(new Error(`the socket closed after: ${JSON.stringify(text)}`));
    socket.on("data", onData).once("close", onClose);
    socket.resume();
  });
}

export function closed(socket: Socket): Promise<void> {
  if (socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => void socket.once("close", () => resolve()).resume());
}

/** True when no process has this number; a zombie counts as gone, since only its parent's table keeps it. */
export function isGone(processId: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${processId}/stat`);
    return stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
  } catch {
    return true;
  }
}

/** Resolves when none of these processes is left; they are nobody's children here, so there is no event to wait for. */
export async function allGone(processIds: readonly number[]): Promise<void> {
  while (!processIds.every(isGone)) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Lets storage jobs with the file `socket:PATH` begin, tells when they have, and ends them on demand. */
export interface Gate extends AsyncDisposable {
  readonly path: string;
  /** Resolves when so many jobs in all have begun. */
  begun(count: number): Promise<void>;
  /** Ends all that have begun. */
  open(): void;
}

export async function makeGate(): Promise<Gate> {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/gate`;
  const sockets: Socket[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const server: Server = createServer((socket) => {
    socket.on("error", () => {});
    sockets.push(socket);
    for (const { count, resolve } of waiting) if (sockets.length >= count) resolve();
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path: `socket:${path}`,
    begun: (count) => new Promise((resolve) => sockets.length >= count ? resolve() : waiting.push({ count, resolve })),
    open: () => sockets.forEach((socket) => socket.destroy()),
    async [Symbol.asyncDispose]() {
      sockets.forEach((socket) => socket.destroy());
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await Deno.remove(directory, { recursive: true });
    },
  };
}

export interface TestSupervisor extends Supervisor, AsyncDisposable {
  readonly exits: readonly WorkerExit[];
  /** Resolves with the first exit that fits, past or future. */
  exit(fits: (exit: WorkerExit) => boolean): Promise<WorkerExit>;
}

export interface TestSupervisorOptions {
  readonly config?: Partial<SupervisorConfig>;
  readonly launchSpec?: (workspaceId: string) => Promise<LaunchSpec>;
  readonly workerCommand?: () => WorkerCommand;
  readonly events?: SupervisorEvents;
  readonly logger?: SupervisorLogger;
}

/** A supervisor over the fake worker, without a spare unless asked for one. */
export async function startSupervisor(options: TestSupervisorOptions = {}): Promise<TestSupervisor> {
  const exits: WorkerExit[] = [];
  const waiting: { fits: (exit: WorkerExit) => boolean; resolve: (exit: WorkerExit) => void }[] = [];
  const supervisor = await makeSupervisor({
    launchSpec: options.launchSpec ?? ((workspaceId) => Promise.resolve(specOf(workspaceId))),
    workerCommand: options.workerCommand ?? workerCommandOf("fake_worker.ts"),
    logger: options.logger ?? silentLogger,
    events: {
      ...options.events,
      onWorkerExit: (exit) => {
        exits.push(exit);
        for (const { fits, resolve } of waiting) if (fits(exit)) resolve(exit);
        options.events?.onWorkerExit?.(exit);
      },
    },
    config: { spareCount: 0, ...options.config },
  });
  return Object.assign(supervisor, {
    exits,
    exit: (fits: (exit: WorkerExit) => boolean) =>
      new Promise<WorkerExit>((resolve) => {
        const past = exits.find(fits);
        if (past !== undefined) resolve(past);
        else waiting.push({ fits, resolve });
      }),
    [Symbol.asyncDispose]: () => supervisor.close(2_000),
  });
}
