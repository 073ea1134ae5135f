import assert from "node:assert/strict";
import { join } from "node:path";
import { silentLogger } from "../../observability/log.ts";
import type { NewKeptQuery, QueryLogStore } from "../../observability/query_log_types.ts";
import { openQueryLogStore, queryLogFileName } from "./store.ts";

const hourMs = 3_600_000;

interface Fixture extends AsyncDisposable {
  readonly dataDir: string;
  readonly errors: string[];
  open(): Promise<QueryLogStore>;
}

async function fixture(): Promise<Fixture> {
  const dataDir = await Deno.makeTempDir();
  const errors: string[] = [];
  const stores: QueryLogStore[] = [];
  return {
    dataDir,
    errors,
    async open() {
      const store = await openQueryLogStore({
        dataDir,
        logger: { ...silentLogger, error: (message) => void errors.push(message) },
        now: () => Date.UTC(2026, 0, 2, 3, 4, 5),
        monotonicNow: () => performance.now(),
      });
      stores.push(store);
      return store;
    },
    async [Symbol.asyncDispose]() {
      for (const store of stores) await store.close();
      await Deno.remove(dataDir, { recursive: true });
    },
  };
}

function row(overrides: Partial<NewKeptQuery> = {}): NewKeptQuery {
  return {
    timestamp: "2026-01-01T00:00:00.123Z",
    workspace_id: "ws_1",
    project_id: "p",
    branch_id: null,
    session_id: "pgs_1",
    username: "u",
    client_ip: "::1",
    application_name: 'quo"te\\',
    mode: "full",
    query: "SELECT 'é😀\u0001'",
    query_truncated: false,
    query_length: 14,
    query_hash: "sha256:00",
    duration_ms: 1.25,
    rows_returned: 3,
    bytes_returned: 5_000_000_000,
    status: "success",
    error: null,
    sqlstate: null,
    slow: false,
    plan: null,
    ...overrides,
  };
}

const page = { limit: 100, beforeId: null };

Deno.test("rows come back as they went in, newest first, also after a new start", async () => {
  await using files = await fixture();
  const plan = {
    source: "explain" as const,
    text: "SCAN",
    root: { operator: "SCAN", timing_ms: null, rows: null, estimated_rows: 1, details: { Table: "t" }, children: [] },
  };
  const first = await files.open();
  await first.append([row(), row({ query: null, slow: true, plan, error: "no", sqlstate: "42601", status: "error" })]);
  await first.close();
  const second = await files.open();
  await second.append([row({ branch_id: "br" })]);
  assert.deepEqual(await second.list({ projectId: "p" }, page), [
    { id: 3, ...row({ branch_id: "br" }) },
    { id: 2, ...row({ query: null, slow: true, plan, error: "no", sqlstate: "42601", status: "error" }) },
    { id: 1, ...row() },
  ]);
  assert.deepEqual(files.errors, []);
});

Deno.test("filters leave what they say, and a page goes on below an id", async () => {
  await using files = await fixture();
  const store = await files.open();
  await store.append([
    row({ timestamp: "2026-01-01T10:00:00.000Z", query: "one 100%" }),
    row({ timestamp: "2026-01-01T11:00:00.000Z", query: "TWO_x", username: "v", duration_ms: 50 }),
    row({ timestamp: "2026-01-01T12:00:00.000Z", query: "three", workspace_id: "ws_2", status: "timeout", slow: true }),
    row({ project_id: "other", branch_id: "br" }),
  ]);
  const ids = async (filter: Parameters<QueryLogStore["list"]>[0], beforeId: number | null = null) =>
    (await store.list(filter, { limit: 2, beforeId })).map(({ id }) => id);
  assert.deepEqual(await ids({ projectId: null }), [4, 3]);
  assert.deepEqual(await ids({ projectId: null }, 3), [2, 1]);
  assert.deepEqual(await ids({ projectId: "p" }, 3), [2, 1]);
  assert.deepEqual(await ids({ projectId: null, branchId: "br" }), [4]);
  assert.deepEqual(await ids({ projectId: "p", workspaceId: "ws_2" }), [3]);
  assert.deepEqual(await ids({ projectId: "p", status: "timeout" }), [3]);
  assert.deepEqual(await ids({ projectId: "p", username: "v" }), [2]);
  assert.deepEqual(await ids({ projectId: "p", minDurationMs: 50 }), [2]);
  assert.deepEqual(await ids({ projectId: "p", text: "two_" }), [2]);
  assert.deepEqual(await ids({ projectId: "p", text: "%" }), [1]);
  assert.deepEqual(await ids({ projectId: "p", text: "' OR true --" }), []);
  assert.deepEqual(await ids({ projectId: "p", slow: true }), [3]);
  const at = Date.UTC(2026, 0, 1, 11);
  assert.deepEqual(await ids({ projectId: "p", fromMs: at }), [3, 2]);
  assert.deepEqual(await ids({ projectId: "p", toMs: at }), [1]);
  assert.deepEqual(await ids({ projectId: "p", fromMs: at, toMs: at + hourMs }), [2]);
  assert.deepEqual(await ids({ projectId: "p", fromMs: 8e15 }), []);
});

Deno.test("an export holds the filtered rows and leaves no file behind", async () => {
  await using files = await fixture();
  const store = await files.open();
  await store.append([row(), row({ project_id: "other" })]);
  const { body, sizeBytes } = await store.exportParquet({ projectId: "p", text: "select" });
  const bytes = new Uint8Array(await new Response(body).arrayBuffer());
  assert.equal(bytes.length, sizeBytes);
  assert.equal(new TextDecoder().decode(bytes.slice(0, 4)), "PAR1");
  assert.deepEqual([...Deno.readDirSync(files.dataDir)].filter(({ name }) => name.includes("export")), []);
});

Deno.test("rows go by age, and the file does not grow while as many come as go", async () => {
  await using files = await fixture();
  const store = await files.open();
  const startMs = Date.UTC(2026, 0, 1);
  const sizes: number[] = [];
  for (let day = 0; day < 10; day++) {
    for (let batch = 0; batch < 3; batch++) {
      const timestamp = new Date(startMs + day * 24 * hourMs + batch * hourMs).toISOString();
      await store.append(
        Array.from({ length: 1_000 }, () => row({ timestamp, query: `SELECT '${crypto.randomUUID().repeat(5)}'` })),
      );
    }
    await store.prune(startMs + (day - 1) * 24 * hourMs);
    sizes.push(Deno.statSync(join(files.dataDir, queryLogFileName)).size);
  }
  const [newest] = await store.list({ projectId: "p" }, { limit: 1, beforeId: null });
  assert.equal(newest?.id, 30_000);
  const kept = await store.list({ projectId: "p", toMs: startMs + 8 * 24 * hourMs }, { limit: 1, beforeId: null });
  assert.deepEqual(kept, []);
  assert.ok(sizes[9]! <= 1.5 * Math.max(...sizes.slice(2, 5)), JSON.stringify(sizes));
});

Deno.test("a file that is no query log, or damaged, is set aside and a new one is used", async () => {
  await using files = await fixture();
  const path = join(files.dataDir, queryLogFileName);
  await Deno.writeTextFile(path, "not a database ".repeat(2_000));
  const store = await files.open();
  await store.append([row()]);
  assert.equal((await store.list({ projectId: "p" }, page)).length, 1);
  const aside = [...Deno.readDirSync(files.dataDir)].map(({ name }) => name).filter((name) => name.includes("damaged"));
  assert.deepEqual(aside, ["query_log.damaged-20260102T030405Z.duckdb"]);
  assert.equal(files.errors.length, 1);
  assert.match(files.errors[0]!, /set aside/);
});
