import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openUploadFile } from "../../storage/upload.ts";
import { runStorageJob } from "../../worker/storage_jobs.ts";
import { answer, makeShop, orders, problem, rowsOf, startStorage } from "./storage_fixture.ts";

Deno.test("a project is made with a key that works, renamed, listed and deleted with its files", async () => {
  await using fixture = await startStorage();
  const key = await makeShop(fixture);
  assert.match(key, /^eider_[A-Za-z0-9_-]{43}$/);
  await answer(await fixture.upload(`${orders}/import`, "id\n1\n", key), 201);
  assert.deepEqual(await answer(await fixture.send("GET", "/projects/shop", undefined, key), 200), {
    id: "shop",
    name: "Shop",
    created_at: "2026-01-02T03:04:05.000Z",
  });
  const renamed = await answer(await fixture.send("PATCH", "/projects/shop", { name: "Store" }, key), 200);
  assert.equal(renamed["name"], "Store");
  const made = await answer(await fixture.send("POST", "/projects", { name: "Second" }), 201);
  assert.match(String(made["id"]), /^p_[0-9a-f]{12}$/);
  const listed = await answer(await fixture.send("GET", "/projects?limit=1"), 200);
  assert.equal((listed["items"] as unknown[]).length, 1);
  const rest = await answer(await fixture.send("GET", `/projects?cursor=${listed["next_cursor"]}`), 200);
  assert.deepEqual([(rest["items"] as { id: string }[])[0]?.id, rest["next_cursor"]], ["shop", null]);
  const own = await answer(await fixture.send("GET", "/projects", undefined, key), 200);
  assert.deepEqual((own["items"] as { id: string }[]).map((item) => item.id), ["shop"]);

  await answer(await fixture.send("DELETE", "/projects/shop"), 204);
  assert.ok(fixture.events.includes("project deleted shop"));
  assert.ok(!existsSync(join(fixture.dataDirectory, "project_shop")));
  await problem(await fixture.send("GET", "/projects/shop"), 404, "not_found");
  await problem(await fixture.send("GET", "/projects/shop", undefined, key), 401, "unauthorized");
  await answer(await fixture.send("POST", "/projects", { id: "shop", name: "Again" }), 201);
  assert.deepEqual((await answer(await fixture.send("GET", "/projects/shop/tables"), 200))["items"], []);
});

Deno.test("creating a project refuses a taken id, a bad id, a bad body and a project key", async () => {
  await using fixture = await startStorage();
  const key = await makeShop(fixture);
  await problem(await fixture.send("POST", "/projects", { id: "shop", name: "x" }), 409, "conflict");
  for (const id of ["", "a b", "../x", "_x", "a_branch_b", "x".repeat(65)]) {
    await problem(await fixture.send("POST", "/projects", { id, name: "x" }), 422, "invalid_request");
  }
  await problem(await fixture.send("POST", "/projects", { name: "" }), 422, "invalid_request");
  await problem(await fixture.send("POST", "/projects", { name: "x" }, key), 403, "forbidden");
  await problem(await fixture.send("PATCH", "/projects/none", { name: "x" }), 404, "not_found");
  await problem(await fixture.send("DELETE", "/projects/none"), 404, "not_found");
});

Deno.test("keys: a read key reads only, is listed without its text, and the last admin key is kept", async () => {
  await using fixture = await startStorage();
  const admin = await makeShop(fixture);
  const made = await answer(
    await fixture.send("POST", "/projects/shop/keys", { name: "bi", role: "read" }, admin),
    201,
  );
  const reader = String(made["key"]);
  assert.equal(made["role"], "read");
  await answer(await fixture.send("GET", "/projects/shop/buckets", undefined, reader), 200);
  await problem(await fixture.send("POST", "/projects/shop/buckets", { id: "x" }, reader), 403, "forbidden");
  const listed = await answer(await fixture.send("GET", "/projects/shop/keys", undefined, admin), 200);
  const items = listed["items"] as { id: string; role: string }[];
  assert.equal(items.length, 2);
  assert.ok(!JSON.stringify(listed).includes(reader));
  const adminId = items.find((item) => item.role === "admin")?.id;
  await problem(await fixture.send("DELETE", `/projects/shop/keys/${adminId}`, undefined, admin), 409, "conflict");
  await answer(await fixture.send("DELETE", `/projects/shop/keys/${made["id"]}`, undefined, admin), 204);
  await problem(await fixture.send("GET", "/projects/shop", undefined, reader), 401, "unauthorized");
  await answer(await fixture.send("DELETE", `/projects/shop/keys/${adminId}`), 204);
  await problem(await fixture.send("DELETE", `/projects/shop/keys/${adminId}`), 404, "not_found");
  await problem(
    await fixture.send("POST", "/projects/shop/keys", { name: "x", role: "owner" }),
    422,
    "invalid_request",
  );
});

Deno.test("another project's buckets and tables are 404 for a project key", async () => {
  await using fixture = await startStorage();
  await makeShop(fixture);
  const other = String((await answer(await fixture.send("POST", "/projects", { name: "o" }), 201))["api_key"]);
  for (const path of ["/projects/shop", "/projects/shop/buckets", orders, `${orders}/preview`]) {
    await problem(await fixture.send("GET", path, undefined, other), 404, "not_found");
  }
  await problem(await fixture.upload(`${orders}/import`, "id\n1\n", other), 404, "not_found");
});

Deno.test("buckets: made once per schema, read, listed, and deleted only when empty or forced", async () => {
  await using fixture = await startStorage();
  await makeShop(fixture);
  const bucket = await answer(await fixture.send("GET", "/projects/shop/buckets/in.c-sales"), 200);
  assert.equal(bucket["schema"], "in_c_sales");
  await problem(await fixture.send("POST", "/projects/shop/buckets", { id: "in.c-sales" }), 409, "conflict");
  await problem(
    await fixture.send("POST", "/projects/shop/buckets", { id: "IN.c_sales" }),
    409,
    "conflict",
    /in_c_sales/,
  );
  for (const id of ["main", "pg_catalog", "a/b", "_workspaces", "", "-x"]) {
    await problem(await fixture.send("POST", "/projects/shop/buckets", { id }), 422, "invalid_request");
  }
  await answer(await fixture.upload(`${orders}/import`, "id\n1\n"), 201);
  await problem(await fixture.send("DELETE", "/projects/shop/buckets/in.c-sales"), 409, "dependent_objects");
  await answer(await fixture.send("DELETE", "/projects/shop/buckets/in.c-sales?force=true"), 204);
  await problem(await fixture.send("GET", orders), 404, "not_found");
  await problem(await fixture.send("DELETE", "/projects/shop/buckets/in.c-sales"), 404, "not_found");
  await problem(await fixture.send("GET", "/projects/none/buckets"), 404, "not_found");
});

Deno.test("an empty table has its declared columns in DuckDB's own type names", async () => {
  await using fixture = await startStorage();
  await makeShop(fixture);
  const input = {
    bucket_id: "in.c-sales",
    name: "orders",
    columns: [
      { name: "id", type: "int", nullable: true },
      { name: "price", type: "numeric(10, 2)" },
      { name: "at", type: "timestamptz", nullable: false },
    ],
    primary_key: ["id"],
  };
  const table = await answer(await fixture.send("POST", "/projects/shop/tables", input), 201);
  assert.deepEqual(table["columns"], [
    { name: "id", type: "INTEGER", nullable: false },
    { name: "price", type: "DECIMAL(10,2)", nullable: true },
    { name: "at", type: "TIMESTAMP WITH TIME ZONE", nullable: false },
  ]);
  assert.deepEqual([table["id"], table["version"], table["rows"]], ["in.c-sales.orders", 1, 0]);
  await problem(await fixture.send("POST", "/projects/shop/tables", input), 409, "conflict");
  await problem(await fixture.send("POST", "/projects/shop/tables", { ...input, name: "ORDERS" }), 409, "conflict");
  await problem(
    await fixture.send("POST", "/projects/shop/tables", { ...input, bucket_id: "none", name: "x" }),
    404,
    "not_found",
  );
  for (
    const type of ["INTEGER[]", "STRUCT(a INT)", "DECIMAL(39,2)", "DECIMAL(3,4)", "nope", "INTEGER); DROP TABLE x"]
  ) {
    const response = await fixture.send("POST", "/projects/shop/tables", {
      ...input,
      name: "x",
      columns: [{ name: "id", type }],
    });
    const body = await answer(response, 422);
    assert.equal((body["errors"] as { pointer: string }[])[0]?.pointer, "/columns/0/type");
  }
  for (
    const changed of [
      { name: "a.b" },
      { name: "../x" },
      { columns: [] },
      { columns: [{ name: "a", type: "INT" }, { name: "A", type: "INT" }] },
      { primary_key: ["none"] },
      { unknown: 1 },
    ]
  ) {
    await problem(
      await fixture.send("POST", "/projects/shop/tables", { ...input, name: "x", ...changed }),
      422,
      "invalid_request",
    );
  }
});

Deno.test("an import makes the table with 201, later ones answer 200 and move the pointer", async () => {
  await using fixture = await startStorage();
  await makeShop(fixture);
  const made = await answer(await fixture.upload(`${orders}/import?primary_key=id`, "id,name\n1,a\n2,b\n"), 201);
  assert.deepEqual({ ...made, size_bytes: 0 }, {
    table_id: "in.c-sales.orders",
    version: 1,
    rows: 2,
    imported_rows: 2,
    size_bytes: 0,
    columns: [{ name: "id", type: "BIGINT", nullable: false }, { name: "name", type: "VARCHAR", nullable: true }],
  });
  assert.deepEqual(await rowsOf(fixture), [[1, "a"], [2, "b"]]);
  const upserted = await answer(await fixture.upload(`${orders}/import?mode=upsert`, "id,name\n2,B\n3,C\n"), 200);
  assert.deepEqual([upserted["version"], upserted["rows"], upserted["imported_rows"]], [2, 3, 2]);
  const appended = await fixture.upload(`${orders}/import?mode=append&format=json`, '{"id":4,"name":"d"}\n');
  assert.equal((await answer(appended, 200))["rows"], 4);
  assert.deepEqual(await rowsOf(fixture), [[1, "a"], [2, "B"], [3, "C"], [4, "d"]]);
  await answer(await fixture.upload(`${orders}/import?mode=full`, "id,name\n9,z\n"), 200);
  assert.deepEqual(await rowsOf(fixture), [[9, "z"]]);
  assert.equal(fixture.events.filter((event) => event === "catalog shop -").length, 5);
  assert.equal(fixture.files().filter((file) => file.includes("_tmp")).length, 0);
});

Deno.test("a refused import changes nothing and leaves no file behind", async () => {
  await using fixture = await startStorage();
  await makeShop(fixture);
  await answer(await fixture.upload(`${orders}/import`, "id,name\n1,a\n"), 201);
  const files = fixture.files();
  const cases: [string, string, number, string, RegExp][] = [
    ["", "id,name\n1,a\nx,b\n", 422, "import_failed", /^line 3, column "id": "x" is not a valid BIGINT$/],
    ["?mode=append", "id\n1\n", 422, "import_failed", /missing "name"/],
    ["?mode=upsert", "id,name\n1,a\n", 422, "invalid_request", /primary key/],
    ["?format=parquet", "id,name\n1,a\n", 422, "import_failed", /not Parquet/],
    ["?format=xml", "x", 422, "invalid_request", /format/],
    ["?mode=merge", "x", 422, "invalid_request", /mode/],
    ["?mod=append", "id,name\n2,b\n", 422, "invalid_request", /\/mod unknown field/],
    ["?primary_key=id", "id,name\n1,a\n", 422, "invalid_request", /primary_key/],
    ["", "", 422, "import_failed", /empty/],
  ];
  for (const [query, content, status, code, detail] of cases) {
    await problem(await fixture.upload(`${orders}/import${query}`, content), status, code, detail);
  }
  const missing = "/projects/shop/tables";
  await problem(await fixture.upload(`${missing}/none.orders/import`, "id\n1\n"), 404, "not_found", /bucket/);
  await problem(await fixture.upload(`${missing}/orders/import`, "id\n1\n"), 404, "not_found");
  await problem(await fixture.upload(`${missing}/in.c-sales.a b/import`, "id\n1\n"), 422, "invalid_request");
  await problem(
    await fixture.upload(`${missing}/in.c-sales.new/import?primary_key=no`, "id\n1\n"),
    422,
    "invalid_request",
    /"no" is not a column of the file/,
  );
  assert.deepEqual(fixture.files(), files);
  assert.deepEqual(await rowsOf(fixture), [[1, "a"]]);
});

Deno.test("a disk that fills up during upload or import answers 507 and the old version stays", async () => {
  await using fixture = await startStorage();
  await makeShop(fixture);
  await answer(await fixture.upload(`${orders}/import`, "id\n1\n"), 201);
  const files = fixture.files();
  const full = () => Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  fixture.openUpload = async (path) => {
    const file = await openUploadFile(path);
    return { write: () => Promise.reject(full()), close: () => file.close() };
  };
  await problem(await fixture.upload(`${orders}/import`, "id\n2\n"), 507, "disk_full");
  fixture.openUpload = null;
  fixture.jobHook = async (job) => {
    await runStorageJob(job);
    const { jobFailure } = await import("../../worker/storage_jobs_session.ts");
    throw jobFailure(new Error('IO Error: Could not write file "x": No space left on device'), "import");
  };
  await problem(await fixture.upload(`${orders}/import`, "id\n2\n"), 507, "disk_full");
  fixture.jobHook = null;
  assert.deepEqual(fixture.files(), files);
  assert.deepEqual(await rowsOf(fixture), [[1]]);
});

Deno.test("an upload that breaks off changes nothing", async () => {
  await using fixture = await startStorage();
  await makeShop(fixture);
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(new TextEncoder().encode("id\n1\n"));
      controller.error(new Error("connection reset"));
    },
  });
  const response = await fixture.app.request(`${orders}/import`, {
    method: "POST",
    headers: { authorization: "Bearer administrator-key-for-tests" },
    body,
  });
  await problem(response, 422, "import_failed", /connection ended/);
  assert.deepEqual(fixture.files(), []);
});

Deno.test("a multipart or compressed upload is 415 instead of a table of garbage", async () => {
  await using fixture = await startStorage();
  await makeShop(fixture);
  for (const headers of [{ "content-type": "multipart/form-data; boundary=x" }, { "content-encoding": "gzip" }]) {
    const response = await fixture.app.request(`${orders}/import`, {
      method: "POST",
      headers: { authorization: "Bearer administrator-key-for-tests", ...headers },
      body: "id\n1\n",
    });
    await problem(response, 415, "unsupported_media_type");
  }
});
