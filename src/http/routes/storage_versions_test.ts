import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { VersionWritten } from "../../ipc/messages.ts";
import { runStorageJob } from "../../worker/storage_jobs.ts";
import { answer, makeShop, orders, problem, rowsOf, startStorage } from "./storage_fixture.ts";

Deno.test("two imports into one table run one after the other, into two tables side by side", async () => {
  await using fixture = await startStorage();
  await makeShop(fixture);
  const running = new Set<string>();
  const overlaps: string[] = [];
  let waiting = 2;
  const bothStarted = Promise.withResolvers<void>();
  fixture.jobHook = async (job) => {
    assert.ok(job.job === "import");
    const table = job.target_path.replace(/\.v\d+\.duckdb$/, "");
    if (running.has(table)) overlaps.push(table);
    running.add(table);
    // The first of each table waits until both tables are at work: they run side by side.
    if (--waiting === 0) bothStarted.resolve();
    await bothStarted.promise;
    const written = await runStorageJob(job) as VersionWritten;
    running.delete(table);
    return written;
  };
  const other = "/projects/shop/tables/in.c-sales.items";
  const responses = await Promise.all([
    fixture.upload(`${orders}/import?mode=append`, "id\n1\n"),
    fixture.upload(`${orders}/import?mode=append`, "id\n1\n"),
    fixture.upload(`${orders}/import?mode=append`, "id\n1\n"),
    fixture.upload(`${other}/import?mode=append`, "id\n1\n"),
  ]);
  assert.deepEqual(responses.map((response) => response.status).sort(), [200, 200, 201, 201]);
  assert.deepEqual(overlaps, []);
  fixture.jobHook = null;
  assert.deepEqual(await rowsOf(fixture), [[1], [1], [1]]);
});

Deno.test("a table's line is bounded: the import beyond it is 429", async () => {
  await using fixture = await startStorage();
  await makeShop(fixture);
  const gate = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  fixture.jobHook = async (job) => {
    started.resolve();
    await gate.promise;
    return await runStorageJob(job);
  };
  const first = fixture.upload(`${orders}/import?mode=append`, "id\n1\n");
  await started.promise;
  const places = Array.from(
    { length: 15 },
    () =>
      fixture.storage.tables.takePlace({ projectId: "shop", branchId: null }, {
        id: "in.c-sales.orders",
        key: "in_c_sales.orders",
        bucketId: "in.c-sales",
        schema: "in_c_sales",
        name: "orders",
      }),
  );
  await problem(await fixture.upload(`${orders}/import`, "id\n1\n"), 429, "too_many_requests");
  for (const place of places) place.release();
  gate.resolve();
  await answer(await first, 201);
});

Deno.test("an export streams the file with its type and name, and nothing is left on disk", async () => {
  await using fixture = await startStorage();
  await makeShop(fixture);
  await answer(await fixture.upload(`${orders}/import`, 'id,name\n1,"a, b"\n2,\n'), 201);
  const files = fixture.files();
  const csv = await fixture.send("GET", `${orders}/export`);
  assert.equal(csv.headers.get("content-type"), "text/csv; charset=utf-8");
  assert.equal(csv.headers.get("content-disposition"), 'attachment; filename="in.c-sales.orders.csv"');
  const text = await csv.text();
  assert.equal(text, 'id,name\n1,"a, b"\n2,\n');
  assert.equal(csv.headers.get("content-length"), String(text.length));
  const json = await fixture.send("GET", `${orders}/export?format=json`);
  assert.equal(await json.text(), '{"id":1,"name":"a, b"}\n{"id":2,"name":null}\n');
  const parquet = new Uint8Array(await (await fixture.send("GET", `${orders}/export?format=parquet`)).arrayBuffer());
  assert.equal(new TextDecoder().decode(parquet.slice(0, 4)), "PAR1");
  await answer(await fixture.upload("/projects/shop/tables/in.c-sales.copy/import?format=parquet", parquet), 201);
  assert.deepEqual(await rowsOf(fixture, "/projects/shop/tables/in.c-sales.copy"), [[1, "a, b"], [2, null]]);
  assert.deepEqual(fixture.files().filter((file) => !file.includes("copy")), files);
  await problem(await fixture.send("GET", `${orders}/export?format=xls`), 422, "invalid_request");
  await problem(await fixture.send("GET", "/projects/shop/tables/in.c-sales.no/export"), 404, "not_found");
});

Deno.test("versions are listed newest first, and a restored one is a new version over the same file", async () => {
  await using fixture = await startStorage();
  await makeShop(fixture);
  for (const value of ["1", "2", "3"]) await fixture.upload(`${orders}/import`, `id\n${value}\n`);
  const files = fixture.files();
  const restored = await answer(await fixture.send("POST", `${orders}/versions/1/restore`), 200);
  assert.equal(restored["version"], 4);
  assert.deepEqual(await rowsOf(fixture), [[1]]);
  assert.deepEqual(fixture.files(), files);
  const first = await answer(await fixture.send("GET", `${orders}/versions?limit=3`), 200);
  const items = first["items"] as { version: number; current: boolean; origin: string }[];
  assert.deepEqual(items.map(({ version, current, origin }) => [version, current, origin]), [
    [4, true, "restore"],
    [3, false, "full"],
    [2, false, "full"],
  ]);
  const rest = await answer(await fixture.send("GET", `${orders}/versions?cursor=${first["next_cursor"]}`), 200);
  assert.deepEqual((rest["items"] as { version: number }[]).map(({ version }) => version), [1]);
  await problem(await fixture.send("POST", `${orders}/versions/99/restore`), 404, "not_found");
  await problem(await fixture.send("POST", `${orders}/versions/x/restore`), 422, "invalid_request");
});

Deno.test("a branch starts with the project's tables, and neither sees the other's later changes", async () => {
  await using fixture = await startStorage();
  await makeShop(fixture);
  await answer(await fixture.upload(`${orders}/import`, "id\n1\n"), 201);
  const branch = await answer(await fixture.send("POST", "/projects/shop/branches", { name: "dev" }), 201);
  const branchId = String(branch["id"]);
  await problem(await fixture.send("POST", "/projects/shop/branches", { name: "dev" }), 409, "conflict");
  const branchOrders = `/projects/shop/branches/${branchId}/tables/in.c-sales.orders`;
  assert.deepEqual(await rowsOf(fixture, branchOrders), [[1]]);
  await answer(await fixture.upload(`${branchOrders}/import?mode=append`, "id\n2\n"), 200);
  await answer(await fixture.upload(`${orders}/import?mode=append`, "id\n3\n"), 200);
  assert.deepEqual(await rowsOf(fixture, branchOrders), [[1], [2]]);
  assert.deepEqual(await rowsOf(fixture), [[1], [3]]);
  assert.ok(fixture.events.includes(`catalog shop ${branchId}`));
  const catalog = await fixture.storage.projectCatalog("shop", branchId);
  assert.deepEqual(catalog.schemas, ["in_c_sales"]);
  const folder = join(fixture.dataDirectory, `project_shop_branch_${branchId}`);
  assert.equal(catalog.tables[0]?.file_path, join(folder, "in_c_sales", "orders.v2.duckdb"));
  assert.deepEqual(
    (await answer(await fixture.send("GET", "/projects/shop/branches"), 200))["items"],
    [{ id: branchId, name: "dev", project_id: "shop", created_at: "2026-01-02T03:04:05.000Z" }],
  );
  await answer(await fixture.send("DELETE", `/projects/shop/branches/${branchId}`), 204);
  assert.ok(!existsSync(folder));
  await problem(await fixture.send("GET", branchOrders), 404, "not_found");
  await problem(await fixture.send("GET", "/projects/shop/branches/none/tables"), 404, "not_found");
  assert.deepEqual(await rowsOf(fixture), [[1], [3]]);
});

Deno.test("the cleanup keeps what a pointer, a branch, the window or a worker needs, and removes the rest", async () => {
  await using fixture = await startStorage();
  await makeShop(fixture);
  await fixture.upload(`${orders}/import`, "id\n1\n");
  const branch = await answer(await fixture.send("POST", "/projects/shop/branches", { name: "dev" }), 201);
  for (let value = 2; value <= 14; value++) await fixture.upload(`${orders}/import`, `id\n${value}\n`);
  const folder = "project_shop/in_c_sales";
  const path = (version: number) => join(fixture.dataDirectory, folder, `orders.v${version}.duckdb`);
  assert.deepEqual(await fixture.storage.cleanUp(), { versionsRemoved: 0, filesRemoved: 0 });
  fixture.nowMs += 8 * 24 * 60 * 60 * 1000;
  fixture.filesInUse.add(path(2));
  // Versions 1 to 4 are beyond the newest ten; 1 is the branch's, 2 a worker's.
  assert.deepEqual(await fixture.storage.cleanUp(), { versionsRemoved: 4, filesRemoved: 2 });
  assert.deepEqual([1, 2, 3, 4, 5].map((version) => existsSync(path(version))), [true, true, false, false, true]);
  fixture.filesInUse.clear();
  await answer(await fixture.send("DELETE", `/projects/shop/branches/${branch["id"]}`), 204);
  assert.deepEqual(await fixture.storage.cleanUp(), { versionsRemoved: 0, filesRemoved: 2 });
  await answer(await fixture.send("DELETE", orders), 204);
  assert.equal((await fixture.storage.cleanUp()).filesRemoved, 10);
  assert.deepEqual(fixture.files(), []);
  // A table that is made again never reuses a file name.
  assert.equal((await answer(await fixture.upload(`${orders}/import`, "id\n1\n"), 201))["version"], 15);
});

Deno.test("a catalog that was just handed out keeps its files for a while", async () => {
  await using fixture = await startStorage();
  await makeShop(fixture);
  await fixture.upload(`${orders}/import`, "id\n1\n");
  const catalog = await fixture.storage.projectCatalog("shop", null);
  await fixture.send("DELETE", orders);
  assert.equal((await fixture.storage.cleanUp()).filesRemoved, 0);
  assert.ok(existsSync(String(catalog.tables[0]?.file_path)));
  fixture.nowMs += 60 * 60 * 1000;
  assert.equal((await fixture.storage.cleanUp()).filesRemoved, 1);
});

Deno.test("after a crash the next start removes orphans and half-removed projects, and nothing else", async () => {
  await using fixture = await startStorage();
  await makeShop(fixture);
  await fixture.upload(`${orders}/import`, "id\n1\n");
  const kept = fixture.files();
  const folder = join(fixture.dataDirectory, "project_shop");
  const workspaceFile = join(folder, "_workspaces", "ws_1.duckdb");
  const spill = join(folder, "_tmp", "ws_1", "spill.tmp");
  for (const path of ["_workspaces", "_tmp/ws_1", "_tmp/storage-1"]) mkdirSync(join(folder, path), { recursive: true });
  for (
    const path of [
      workspaceFile,
      spill,
      join(folder, "_tmp", "storage-1", "upload"),
      join(folder, "in_c_sales", "orders.v2.duckdb"),
      join(folder, "in_c_sales", "orders.v3.duckdb.partial"),
      join(folder, "in_c_sales", "orders.v3.duckdb.partial.wal"),
    ]
  ) writeFileSync(path, "x");
  assert.equal((await fixture.restarted().cleanUp()).filesRemoved, 4);
  assert.deepEqual(
    fixture.files(),
    [...kept, workspaceFile, spill].map((path) => path.replace(fixture.dataDirectory + "/", "")).sort(),
  );
  assert.equal(readFileSync(workspaceFile, "utf8"), "x");
  assert.deepEqual(await rowsOf(fixture), [[1]]);
});

Deno.test("the same route list stands under the project and under a branch, and openapi.json has all of it", async () => {
  await using fixture = await startStorage();
  const document = await answer(await fixture.app.request("/openapi.json"), 200);
  const paths = document["paths"] as Record<string, Record<string, unknown>>;
  for (const prefix of ["/projects/{project_id}", "/projects/{project_id}/branches/{branch_id}"]) {
    for (
      const [path, methods] of [
        ["/buckets", ["get", "post"]],
        ["/buckets/{bucket_id}", ["delete", "get"]],
        ["/tables", ["get", "post"]],
        ["/tables/{table_id}", ["delete", "get"]],
        ["/tables/{table_id}/preview", ["get"]],
        ["/tables/{table_id}/import", ["post"]],
        ["/tables/{table_id}/export", ["get"]],
        ["/tables/{table_id}/versions", ["get"]],
        ["/tables/{table_id}/versions/{version}/restore", ["post"]],
      ] as const
    ) {
      assert.deepEqual(Object.keys(paths[prefix + path] ?? {}).sort(), [...methods].sort(), prefix + path);
    }
  }
  assert.equal((await fixture.app.request("/docs")).status, 200);
});
