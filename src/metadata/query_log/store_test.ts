import assert from "node:assert/strict";
import { join } from "node:path";
import { silentLogger } from "../../observability/log.ts";
import type { NewKeptQuery, QueryLogStore } from "../../observability/query_log_types.ts";
import { openQueryLogStore, queryLogFileName } from "./store.ts";

const hourMs = 3_600_000;

interface Fixture extends AsyncDisposable {
  readonly dataDir: string;
  readonly errors: string[];
  /** Rows that went because of their size. */
  readonly outgrown: number[];
  readonly warnings: string[];
  open(bytesMax?: number): Promise<QueryLogStore>;
}

async function fixture(): Promise<Fixture> {
  const dataDir = await Deno.makeTempDir();
  const errors: string[] = [];
  const outgrown: number[] = [];
  const warnings: string[] = [];
  const stores: QueryLogStore[] = [];
  return {
    dataDir,
    errors,
    outgrown,
    warnings,
    async open(bytesMax = 0) {
      const store = await openQueryLogStore({
        dataDir,
        logger: {
          ...silentLogger,
          warn: (message) => void warnings.push(message),
          error: (message) => void errors.push(message),
        },
        bytesMax,
        onOutgrown: (rows) => void outgrown.push(rows),
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

Deno.test("beyond its size the oldest rows go while the newest stay, the drop is told, and the file stops growing", async () => {
  await using test = await fixture();
  const bytesMax = 6_000_000;
  const store = await test.open(bytesMax);
  const noise = () => crypto.getRandomValues(new Uint8Array(2000)).toHex();
  const sizes: number[] = [];
  for (let round = 0; round < 14; round++) {
    const rows = Array.from({ length: 300 }, (_unused, index) => row({ query: `${round}.${index} ${noise()}` }));
    await store.append(rows);
    sizes.push(Deno.statSync(join(test.dataDir, queryLogFileName)).size);
  }
  const kept = await store.list({ projectId: null }, { limit: 100_000, beforeId: null });
  assert.ok(kept[0]?.query?.startsWith("13.299 "), "the newest row is kept");
  // A row is 2 to 4 kB, as DuckDB chooses to compress it; a removal leaves nine tenths of the limit.
  assert.ok(kept.length > 1000 && kept.length < 3000, `${kept.length} rows are kept`);
  assert.deepEqual(kept.map(({ id }) => id), kept.map((_row, index) => 14 * 300 - index), "without a gap");
  assert.equal(test.outgrown.reduce((sum, rows) => sum + rows, 0) + kept.length, 14 * 300, "each removed row is told");
  assert.equal(test.warnings.length, test.outgrown.length);
  assert.match(test.warnings[0] ?? "", /query_audit_max_bytes/);
  assert.ok(Math.max(...sizes) < 3 * bytesMax, `the file was at most ${Math.max(...sizes)} bytes`);
});

Deno.test("a limit that is lower than what a log holds already takes effect with the next pruning", async () => {
  await using test = await fixture();
  const unlimited = await test.open();
  const noise = () => crypto.getRandomValues(new Uint8Array(2000)).toHex();
  await unlimited.append(Array.from({ length: 2000 }, () => row({ query: noise() })));
  await unlimited.close();
  assert.deepEqual(test.outgrown, []);
  const limited = await test.open(3_000_000);
  await limited.prune(0);
  const kept = await limited.list({ projectId: null }, { limit: 10_000, beforeId: null });
  assert.equal(test.outgrown[0], 2000 - kept.length);
  assert.ok(kept.length > 500 && kept.length < 1500, `${kept.length} rows are kept`);
});
