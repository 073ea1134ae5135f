/** For tests: the storage routes over a real metadata store, real files and jobs that run in this process. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StorageJob } from "../../ipc/messages.ts";
import { migrateUp } from "../../metadata/migrations/migrations.ts";
import { openMetadataPool } from "../../metadata/pool/pool.ts";
import { MetadataProjectRepository } from "../../metadata/storage/repository.ts";
import { ProjectChanges } from "../../metadata/storage/shared.ts";
import { MetadataTableRepository } from "../../metadata/storage/tables.ts";
import { silentLogger } from "../../observability/log.ts";
import { createStorage, type Storage } from "../../storage/storage.ts";
import type { OpenUpload } from "../../storage/upload.ts";
import { runStorageJob } from "../../worker/storage_jobs.ts";
import { createApp, type EiderApp } from "../app.ts";
import { hashKey } from "../auth.ts";
import { projectRoutes } from "./projects.ts";
import { tableRoutes } from "./tables.ts";

export const administratorKey = "administrator-key-for-tests";

export interface StorageFixture extends AsyncDisposable {
  readonly app: EiderApp;
  readonly storage: Storage;
  readonly dataDirectory: string;
  /** What storage told the rest of the server, in order. */
  readonly events: string[];
  /** What `filesInUse` answers. */
  readonly filesInUse: Set<string>;
  /** Runs instead of the job when set. */
  jobHook: ((job: StorageJob) => Promise<unknown>) | null;
  openUpload: OpenUpload | null;
  nowMs: number;
  send(method: string, path: string, body?: unknown, key?: string): Promise<Response>;
  /** Sends a file to an import. */
  upload(path: string, content: string | Uint8Array<ArrayBuffer>, key?: string): Promise<Response>;
  /** Version files and temporary entries below the data folder. */
  files(): string[];
  /** A second storage over the same files and metadata, as after a restart. */
  restarted(): Storage;
}

export async function startStorage(): Promise<StorageFixture> {
  const dataDirectory = mkdtempSync(join(tmpdir(), "eider-storage-"));
  const pool = await openMetadataPool({ dataDir: dataDirectory });
  await migrateUp(pool, silentLogger);
  const changes = new ProjectChanges(pool);
  const events: string[] = [];
  const filesInUse = new Set<string>();
  const makeStorage = (): Storage =>
    createStorage({
      projectRepository: new MetadataProjectRepository(pool, changes),
      tableRepository: new MetadataTableRepository(pool, changes),
      jobs: { runStorageJob: (job) => (fixture.jobHook ?? runStorageJob)(job), filesInUse: () => filesInUse },
      events: {
        onCatalogChanged: (projectId, branchId) => {
          events.push(`catalog ${projectId} ${branchId ?? "-"}`);
          return Promise.resolve();
        },
        onProjectDeleted: (projectId) => Promise.resolve(void events.push(`project deleted ${projectId}`)),
        onBranchDeleted: (projectId) => Promise.resolve(void events.push(`branch deleted ${projectId}`)),
      },
      settings: { dataDirectory, jobMemoryBytesMax: 256 * 1024 * 1024 },
      log: silentLogger,
      now: () => fixture.nowMs,
      openUpload: async (path) => {
        const { openUploadFile } = await import("../../storage/upload.ts");
        return await (fixture.openUpload ?? openUploadFile)(path);
      },
    });
  const storage = makeStorage();
  const app = createApp({
    log: silentLogger,
    authentication: { adminKeyHash: () => hashKey(administratorKey), findKey: (hash) => storage.findKey(hash) },
    version: "0.0.0",
    routes: [projectRoutes(storage.projects), tableRoutes(storage)],
  });
  const fixture: StorageFixture = {
    app,
    storage,
    dataDirectory,
    events,
    filesInUse,
    jobHook: null,
    openUpload: null,
    nowMs: Date.UTC(2026, 0, 2, 3, 4, 5),
    send: async (method, path, body, key = administratorKey) =>
      await app.request(path, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    upload: async (path, content, key = administratorKey) =>
      await app.request(path, {
        method: "POST",
        headers: { authorization: `Bearer ${key}` },
        body: new Blob([content]).stream(),
      }),
    files: () =>
      readdirSync(dataDirectory, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.startsWith("metadata"))
        .map((entry) => join(entry.parentPath, entry.name).slice(dataDirectory.length + 1)).sort(),
    restarted: makeStorage,
    async [Symbol.asyncDispose]() {
      await pool.close();
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
  return fixture;
}

/** The table that most storage tests use. */
export const orders = "/projects/shop/tables/in.c-sales.orders";

/** The JSON body of an answer with this status. */
export async function answer(response: Response, status: number): Promise<Record<string, unknown>> {
  const text = await response.text();
  assert.equal(response.status, status, text);
  return text === "" ? {} : JSON.parse(text);
}

/** Checks a problem+json answer. */
export async function problem(response: Response, status: number, code: string, detail?: RegExp): Promise<void> {
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  const body = await answer(response, status);
  assert.equal(body["code"], code);
  if (detail !== undefined) assert.match(String(body["detail"]), detail);
}

/** Project `shop` with bucket `in.c-sales`; gives the project's first key. */
/** A project `shop` with bucket `in.c-sales`. */
export async function makeShop(fixture: StorageFixture): Promise<string> {
  const project = await answer(await fixture.send("POST", "/projects", { id: "shop", name: "Shop" }), 201);
  await answer(await fixture.send("POST", "/projects/shop/buckets", { id: "in.c-sales" }), 201);
  return String(project["api_key"]);
}

/** The rows that a table's preview shows. */
export async function rowsOf(fixture: StorageFixture, table = orders): Promise<unknown> {
  return (await answer(await fixture.send("GET", `${table}/preview`), 200))["rows"];
}
