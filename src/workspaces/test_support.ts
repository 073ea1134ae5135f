/**
 * What the tests of workspaces and of their routes stand on: the real repository over a real metadata pool, and in
 * place of worker processes a supervisor that keeps objects in memory and records what it was asked. Clock and
 * randomness are the test's.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { AppError } from "../errors/app_error.ts";
import type { CatalogTable, CommandBody, LaunchSpec, ProjectCatalog } from "../ipc/messages.ts";
import upSql from "../metadata/migrations/003_workspaces.up.sql" with { type: "text" };
import limitsSql from "../metadata/migrations/006_workspace_limits.up.sql" with { type: "text" };
import { openMetadataPool } from "../metadata/pool/pool.ts";
import { MetadataWorkspaceRepository } from "../metadata/workspaces/repository.ts";
import { MetadataSessionStore } from "../metadata/workspaces/sessions.ts";
import { WorkspaceJobs } from "./jobs.ts";
import type { RandomBytes } from "./naming.ts";
import { WorkspaceService } from "./service.ts";
import { SessionRegistry } from "./sessions.ts";
import type { StoragePort, SupervisorPort, WorkerPort, WorkspaceLogger, WorkspaceSettings } from "./types.ts";

export const startMs = Date.parse("2026-01-02T03:04:05.000Z");
export const hourMs = 3_600_000;

export class FakeClock {
  nowMs = startMs;
  readonly now = () => this.nowMs;
}

/** Bytes that differ from call to call and are the same in every run. */
export function countingRandom(): RandomBytes {
  let call = 0;
  return (count) => {
    call += 1;
    return Uint8Array.from({ length: count }, (_, index) => (index < 2 ? call >> (8 * index) : index * 37) & 0xff);
  };
}

function sampleTable(tableId: string, columns: readonly string[], rows: number): CatalogTable {
  const parts = tableId.split(".");
  const name = parts.pop() ?? "";
  return {
    table_id: tableId,
    schema: parts.join(".").replaceAll(/[^A-Za-z0-9_]/g, "_").toLowerCase(),
    name,
    version: 1,
    file_path: `/nowhere/${tableId}.v1.duckdb`,
    columns: columns.map((column) => ({ name: column, type: "VARCHAR", nullable: true })),
    primary_key: [],
    rows,
    size_bytes: 1000,
  };
}

/** Project `alpha` with two tables and the branch `br_1`, which has a third; project `beta`, empty. */
export class FakeStorage implements StoragePort {
  readonly projects = new Set(["alpha", "beta"]);
  readonly branches = new Set(["br_1"]);
  readonly tables = [
    sampleTable("in.c-sales.orders", ["id", "Amount", "city"], 30),
    sampleTable("in.c-sales.customers", ["id", "name"], 7),
  ];
  readonly branchTable = sampleTable("in.c-dev.extra", ["id"], 1);

  assertExists(projectId: string, branchId: string | null): Promise<void> {
    if (!this.projects.has(projectId)) {
      return Promise.reject(new AppError("not_found", `project: "${projectId}" does not exist`));
    }
    const isKnown = branchId === null || (projectId === "alpha" && this.branches.has(branchId));
    return isKnown
      ? Promise.resolve()
      : Promise.reject(new AppError("not_found", `branch: "${branchId}" does not exist`));
  }

  async projectCatalog(projectId: string, branchId: string | null): Promise<ProjectCatalog> {
    await this.assertExists(projectId, branchId);
    const tables = projectId === "alpha" ? [...this.tables, ...(branchId === null ? [] : [this.branchTable])] : [];
    return { schemas: [...new Set(tables.map((table) => table.schema))], tables };
  }
}

interface FakeWorker extends WorkerPort {
  readonly spec: LaunchSpec;
}

/** Workers without processes. A workspace's objects outlive its worker, as its file does. */
export class FakeSupervisor implements SupervisorPort {
  readonly commands: { workspaceId: string; body: CommandBody }[] = [];
  readonly stopped: string[] = [];
  readonly workers = new Map<string, FakeWorker>();
  readonly objects = new Map<string, { name: string; type: "table" | "view"; rows: number | null }[]>();
  /** Thrown by the next command of this name. */
  failNext: { command: CommandBody["command"]; error: Error } | undefined;
  launchSpec: (workspaceId: string) => Promise<LaunchSpec> = () => Promise.reject(new Error("not wired"));

  async acquire(workspaceId: string): Promise<WorkerPort> {
    const running = this.workers.get(workspaceId);
    if (running !== undefined) return running;
    const spec = await this.launchSpec(workspaceId);
    await mkdir(dirname(spec.file_path), { recursive: true });
    await writeFile(spec.file_path, "x".repeat(100));
    const worker = {
      workspaceId,
      spec,
      sessionCount: 0,
      memoryLimitBytes: spec.memory_bytes_max,
      call: (body: CommandBody) => this.#call(workspaceId, body),
    };
    this.workers.set(workspaceId, worker);
    return worker;
  }

  running(workspaceId: string): WorkerPort | undefined {
    return this.workers.get(workspaceId);
  }

  runningWorkspaces(): readonly WorkerPort[] {
    return [...this.workers.values()];
  }

  isInUse(workspaceId: string): boolean {
    return this.workers.has(workspaceId);
  }

  async refreshCatalog(workspaceId: string, catalog: ProjectCatalog): Promise<void> {
    await this.workers.get(workspaceId)?.call({ command: "refresh_catalog", catalog });
  }

  stopWorkspace(workspaceId: string): Promise<void> {
    if (this.workers.delete(workspaceId)) this.stopped.push(workspaceId);
    return Promise.resolve();
  }

  /** The bodies of a command that were sent, in order. */
  sent<Name extends CommandBody["command"]>(name: Name): Extract<CommandBody, { command: Name }>[] {
    return this.commands.map(({ body }) => body).filter((body) => body.command === name) as Extract<
      CommandBody,
      { command: Name }
    >[];
  }

  #call(workspaceId: string, body: CommandBody): Promise<unknown> {
    this.commands.push({ workspaceId, body });
    if (this.failNext?.command === body.command) {
      const { error } = this.failNext;
      this.failNext = undefined;
      return Promise.reject(error);
    }
    const objects = this.objects.get(workspaceId) ?? [];
    this.objects.set(workspaceId, objects);
    switch (body.command) {
      case "describe":
        return Promise.resolve({ size_bytes: 4096, memory_bytes: 1, objects });
      case "load":
        for (const item of body.items) objects.push({ name: item.destination, type: "table", rows: 5 });
        return Promise.resolve({
          loaded: body.items.map(({ source, destination }) => ({ source, destination, rows: 5, size_bytes: 64 })),
          workspace_size_bytes: 4096,
        });
      case "clear":
        return Promise.resolve({ dropped: objects.splice(0).length });
      case "drop_object": {
        const index = objects.findIndex((object) => object.name === body.name);
        if (index < 0) return Promise.reject(new AppError("not_found", `workspace object not found: "${body.name}"`));
        objects.splice(index, 1);
        return Promise.resolve({ dropped: body.name });
      }
      default:
        return Promise.resolve(null);
    }
  }
}

export class FakeMetrics {
  readonly removed: string[] = [];

  removeWorkspace(workspaceId: string): void {
    this.removed.push(workspaceId);
  }
}

export interface TestWorkspaces extends AsyncDisposable {
  /** Messages of warnings. */
  readonly logLines: readonly string[];
  readonly logger: WorkspaceLogger;
  readonly service: WorkspaceService;
  readonly jobs: WorkspaceJobs;
  readonly sessions: SessionRegistry;
  readonly sessionStore: MetadataSessionStore;
  readonly repository: MetadataWorkspaceRepository;
  readonly storage: FakeStorage;
  readonly supervisor: FakeSupervisor;
  readonly metrics: FakeMetrics;
  readonly clock: FakeClock;
  readonly settings: WorkspaceSettings;
  /** Runs one query against the metadata store. */
  query(sql: string): Promise<Readonly<Record<string, unknown>>[]>;
}

/** A workspaces domain over a fresh metadata store in a temporary folder. */
export async function makeTestWorkspaces(overrides: Partial<WorkspaceSettings> = {}): Promise<TestWorkspaces> {
  const directory = await mkdtemp(join(tmpdir(), "eider-workspaces-"));
  const pool = await openMetadataPool({ dataDir: directory });
  for (const statement of `${upSql}\n${limitsSql}`.split(/;\s*$/m)) {
    if (statement.trim() !== "") await pool.execute(statement);
  }
  const clock = new FakeClock();
  const random = countingRandom();
  const storage = new FakeStorage();
  const supervisor = new FakeSupervisor();
  const metrics = new FakeMetrics();
  const logLines: string[] = [];
  const logger = { info: () => {}, warn: (message: string) => void logLines.push(message) };
  const repository = new MetadataWorkspaceRepository(pool);
  const sessionStore = new MetadataSessionStore(pool);
  const settings: WorkspaceSettings = {
    dataDirectory: directory,
    defaultTtlHours: 24,
    maxTtlHours: 168,
    expiredRetentionHours: 24,
    defaultSizeLimitGb: 10,
    defaultMemoryLimitBytes: 4e9,
    memoryBudgetBytes: 16e9,
    tempBytesMax: 10e9,
    attachedTablesMax: 1000,
    maxResultRows: 100_000,
    maxResultBytes: 100_000_000,
    workspacesPerProjectMax: 10,
    queriesPerMinuteMax: 0,
    statementBytesMax: 16e6,
    connectionsPerWorkspaceMax: 5,
    connectionsTotalMax: 100,
    queryTimeoutMs: 300_000,
    idleTimeoutMs: 3_600_000,
    threads: 2,
    stopTimeoutMs: 1000,
    ...overrides,
  };
  const sessions = new SessionRegistry({
    store: sessionStore,
    connectionsPerWorkspaceMax: 5,
    logger,
    random,
    now: clock.now,
    monotonicMs: clock.now,
    flushIntervalMs: 0,
  });
  const service = new WorkspaceService({
    repository,
    storage,
    supervisor: () => supervisor,
    sessions,
    passwords: {
      makeVerifier: (password) => Promise.resolve(`verifier of ${password}`),
      verify: (password, verifier) => Promise.resolve(verifier === `verifier of ${password}`),
    },
    metrics,
    logger,
    address: { host: "db.example.com", pgTls: "prefer", pgPort: () => 54321 },
    settings,
    random,
    now: clock.now,
  });
  supervisor.launchSpec = (workspaceId) => service.launchSpec(workspaceId);
  const jobs = new WorkspaceJobs({
    service,
    repository,
    sessions,
    logger,
    dataDirectory: directory,
    expiredRetentionHours: settings.expiredRetentionHours,
    idleTimeoutMs: 3_600_000,
    now: clock.now,
  });
  return {
    logLines,
    logger,
    service,
    jobs,
    sessions,
    sessionStore,
    repository,
    storage,
    supervisor,
    metrics,
    clock,
    settings,
    query: (sql) => pool.query(sql),
    async [Symbol.asyncDispose]() {
      await pool.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A session of a workspace that closes when it is told to end; `ends` records how. */
export function openSession(
  test: TestWorkspaces,
  workspaceId: string,
  ends: string[] = [],
): string {
  const id: string = test.sessions.open({
    workspaceId,
    projectId: "alpha",
    username: `${workspaceId}_user`,
    clientAddress: "192.0.2.1",
    applicationName: "psql",
    tls: true,
    terminate: (kind, detail) => {
      ends.push(`${kind}: ${detail}`);
      test.sessions.close(id, kind);
    },
  });
  return id;
}
