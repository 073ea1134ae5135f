import assert from "node:assert/strict";
import { AppError } from "../errors/app_error.ts";
import { clearWorkspace, dropWorkspaceObject, loadIntoWorkspace } from "./contents.ts";
import type { LoadTableRequest } from "./requests.ts";
import { makeTestWorkspaces, type TestWorkspaces } from "./test_support.ts";

async function setUp(test: TestWorkspaces) {
  const made = await test.service.create("alpha", null, { name: "x" });
  const reference = { projectId: "alpha", workspaceId: made.workspace.id };
  return { reference, load: (...tables: LoadTableRequest[]) => loadIntoWorkspace(test.service, reference, tables) };
}

function pointers(error: AppError): string[] {
  assert.equal(error.kind, "invalid_request");
  return error.fields.map((field) => field.pointer);
}

Deno.test("a load is sent with the catalog's spelling, after the catalog itself", async () => {
  await using test = await makeTestWorkspaces();
  const { load } = await setUp(test);
  const answer = await load(
    { source: "in.c-sales.orders", destination: "big", columns: ["ID", "amount"], where: "amount > 100" },
    { source: "IN_C_SALES.Customers" },
  );
  assert.deepEqual(answer.loaded.map((item) => [item.source, item.destination]), [
    ["in.c-sales.orders", "big"],
    ["IN_C_SALES.Customers", "customers"],
  ]);
  assert.deepEqual(test.supervisor.commands.map(({ body }) => body.command), ["refresh_catalog", "load"]);
  assert.deepEqual(test.supervisor.sent("load")[0]?.items[0], {
    source: "in.c-sales.orders",
    schema: "in_c_sales",
    table: "orders",
    destination: "big",
    columns: ["id", "Amount"],
    where: "amount > 100",
  });
});

Deno.test("everything that a load names wrongly is pointed at, and no worker is started", async () => {
  await using test = await makeTestWorkspaces();
  const { load } = await setUp(test);
  const loading = load(
    { source: "in.c-sales.nope" },
    { source: "in.c-sales.orders", columns: ["id", "nope", "ID"] },
    { source: "in.c-sales.customers", destination: "ORDERS" },
    { source: "in.c-sales.orders" },
  );
  await assert.rejects(loading, (error: AppError) => {
    assert.deepEqual(pointers(error), [
      "/tables/0/source",
      "/tables/1/columns/1",
      "/tables/1/columns/2",
      "/tables/2/destination",
      "/tables/3/source",
    ]);
    return true;
  });
  assert.equal(test.supervisor.workers.size, 0);
});

Deno.test("a condition that does not work is the request's fault; other failures stay what they are", async () => {
  await using test = await makeTestWorkspaces();
  const { load } = await setUp(test);
  const fail = (kind: "syntax_error" | "duplicate_table") => {
    test.supervisor.failNext = { command: "load", error: new AppError(kind, "because") };
  };
  fail("syntax_error");
  const loading = load({ source: "in.c-sales.customers" }, { source: "in.c-sales.orders", where: "amount >" });
  await assert.rejects(loading, (error: AppError) => {
    assert.deepEqual(pointers(error), ["/tables/1/where"]);
    return true;
  });
  fail("duplicate_table");
  await assert.rejects(load({ source: "in.c-sales.orders", where: "true" }), { kind: "duplicate_table" });
});

Deno.test("an object is dropped once, and a project table never", async () => {
  await using test = await makeTestWorkspaces();
  const { reference, load } = await setUp(test);
  await load({ source: "in.c-sales.orders" });
  await dropWorkspaceObject(test.service, reference, "orders");
  await assert.rejects(dropWorkspaceObject(test.service, reference, "orders"), { kind: "not_found" });
  for (const name of ["in_c_sales.orders", "in.c-sales.orders"]) {
    await assert.rejects(dropWorkspaceObject(test.service, reference, name), { kind: "read_only" });
  }
  assert.equal(test.supervisor.sent("drop_object").length, 2);
});

Deno.test("clear tells how many objects it dropped", async () => {
  await using test = await makeTestWorkspaces();
  const { reference, load } = await setUp(test);
  await load({ source: "in.c-sales.orders" }, { source: "in.c-sales.customers" });
  assert.equal(await clearWorkspace(test.service, reference), 2);
  assert.equal(await clearWorkspace(test.service, reference), 0);
});
