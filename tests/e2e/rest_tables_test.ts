import { deepEqual, equal, match, ok } from "node:assert/strict";
import { residentBytes, sharedServer } from "../support/server.ts";
import { once } from "../support/once.ts";
import { ordersCsv, TestProject } from "../support/project.ts";
import type { List, Problem } from "../support/rest.ts";

interface TableAnswer {
  readonly id: string;
  readonly columns: readonly { readonly name: string; readonly type: string; readonly nullable: boolean }[];
  readonly primary_key: readonly string[];
  readonly rows: number;
  readonly version: number;
}

interface ImportAnswer {
  readonly rows: number;
  readonly imported_rows: number;
  readonly version: number;
}

interface PreviewAnswer {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly (string | number | boolean | null)[])[];
}

const server = sharedServer();
const projectOf = once(() => TestProject.withSales(server.current.rest));

async function table(project: TestProject, tableId: string): Promise<TableAnswer> {
  return await project.rest.expect<TableAnswer>(200, "GET", `${project.path}/tables/${tableId}`);
}

async function preview(project: TestProject, tableId: string): Promise<PreviewAnswer> {
  return await project.rest.expect<PreviewAnswer>(200, "GET", `${project.path}/tables/${tableId}/preview`);
}

function importPath(project: TestProject, tableId: string, mode = "full", format = "csv"): string {
  return `${project.path}/tables/${tableId}/import?mode=${mode}&format=${format}`;
}

async function createUsers(project: TestProject, name: string): Promise<string> {
  await project.rest.expect(201, "POST", `${project.path}/tables`, {
    json: {
      bucket_id: "in.c-sales",
      name,
      columns: [{ name: "id", type: "INTEGER", nullable: false }, { name: "name", type: "VARCHAR" }],
      primary_key: ["id"],
    },
  });
  return `in.c-sales.${name}`;
}

Deno.test("buckets: created, listed, read, deleted; one with tables only by force", async () => {
  const project = await TestProject.withSales(server.current.rest, "buckets");
  const rest = project.rest;
  const bucket = await rest.expect<{ id: string; description: string }>(201, "POST", `${project.path}/buckets`, {
    json: { id: "out.c-reports", description: "What leaves" },
  });
  equal(bucket.description, "What leaves");
  await rest.refused(409, null, "POST", `${project.path}/buckets`, { json: { id: "out.c-reports" } });
  await rest.refused(422, "invalid_request", "POST", `${project.path}/buckets`, { json: { id: "no spaces / here" } });
  const list = await rest.expect<List<{ id: string }>>(200, "GET", `${project.path}/buckets`);
  deepEqual(list.items.map(({ id }) => id), ["in.c-sales", "out.c-reports"]);
  await rest.expect(200, "GET", `${project.path}/buckets/out.c-reports`);
  await rest.expect(204, "DELETE", `${project.path}/buckets/out.c-reports`);
  await rest.refused(404, "not_found", "GET", `${project.path}/buckets/out.c-reports`);
  await rest.refused(409, null, "DELETE", `${project.path}/buckets/in.c-sales`);
});

Deno.test("two buckets that would share one SQL schema: the second is refused with 409", async () => {
  const project = await TestProject.create(server.current.rest, "clashing");
  await project.bucket("in.c-sales");
  await project.rest.refused(409, null, "POST", `${project.path}/buckets`, { json: { id: "in.c_sales" } });
});

Deno.test("tables: created empty, listed, read, deleted", async () => {
  const project = await projectOf();
  const id = await createUsers(project, "made");
  const made = await table(project, id);
  equal(made.rows, 0);
  deepEqual(made.primary_key, ["id"]);
  deepEqual(made.columns, [{ name: "id", type: "INTEGER", nullable: false }, {
    name: "name",
    type: "VARCHAR",
    nullable: true,
  }]);
  const list = await project.rest.expect<List<TableAnswer>>(200, "GET", `${project.path}/tables`);
  ok(list.items.some((item) => item.id === id));
  await project.rest.expect(204, "DELETE", `${project.path}/tables/${id}`);
  await project.rest.refused(404, "not_found", "GET", `${project.path}/tables/${id}`);
  await project.rest.refused(404, "not_found", "DELETE", `${project.path}/tables/${id}`);
});

Deno.test("a table definition is checked: bucket, name, columns, types, key", async () => {
  const project = await projectOf();
  const good = { bucket_id: "in.c-sales", name: "checked", columns: [{ name: "id", type: "INTEGER" }] };
  const path = `${project.path}/tables`;
  await project.rest.refused(404, "not_found", "POST", path, { json: { ...good, bucket_id: "in.c-missing" } });
  const bad: [object, RegExp][] = [
    [{ columns: [] }, /^\/columns/],
    [{ columns: [{ name: "id", type: "NO_SUCH_TYPE" }] }, /^\/columns\/0\/type/],
    [{ columns: [{ name: "id", type: "INTEGER" }, { name: "ID", type: "INTEGER" }] }, /^\/columns\/1/],
    [{ primary_key: ["missing"] }, /^\/primary_key/],
    [{ name: "with/slash" }, /^\/name/],
    [{ name: "" }, /^\/name/],
  ];
  for (const [change, pointer] of bad) {
    const problem = await project.rest.refused(422, "invalid_request", "POST", path, { json: { ...good, ...change } });
    ok(problem.errors?.some((error) => pointer.test(error.pointer)), JSON.stringify(problem));
  }
});

Deno.test("a CSV import creates a missing table and infers its types", async () => {
  const project = await projectOf();
  const answer = await project.rest.expect<ImportAnswer>(201, "POST", importPath(project, "in.c-sales.inferred"), {
    raw: 'id,price,day,at,ok,text\n1,1.50,2024-01-31,2024-01-31 10:00:00,true,"a, ""b""\nc"\n2,,,,,\n',
  });
  equal(answer.rows, 2);
  equal(answer.imported_rows, 2);
  const inferred = await table(project, "in.c-sales.inferred");
  deepEqual(inferred.columns.map(({ type }) => type.replace(/DECIMAL.*/, "DOUBLE")), [
    "BIGINT",
    "DOUBLE",
    "DATE",
    "TIMESTAMP",
    "BOOLEAN",
    "VARCHAR",
  ]);
  const { rows } = await preview(project, "in.c-sales.inferred");
  equal(rows[0]?.[5], 'a, "b"\nc');
  deepEqual(rows[1]?.slice(1, 5), [null, null, null, null]);
});

Deno.test("JSON lines and Parquet import like CSV", async () => {
  const project = await projectOf();
  const lines = '{"id": 1, "name": "a"}\n{"id": 2, "name": null}\n';
  await project.rest.expect(201, "POST", importPath(project, "in.c-sales.lines", "full", "json"), { raw: lines });
  equal((await table(project, "in.c-sales.lines")).rows, 2);
  const parquet = await project.rest.fetch("GET", `${project.path}/tables/in.c-sales.orders/export?format=parquet`);
  equal(parquet.status, 200);
  const bytes = await parquet.bytes();
  equal(new TextDecoder().decode(bytes.subarray(0, 4)), "PAR1");
  await project.rest.expect(201, "POST", importPath(project, "in.c-sales.copied", "full", "parquet"), { raw: bytes });
  const orders = await preview(project, "in.c-sales.orders");
  const copied = await preview(project, "in.c-sales.copied");
  deepEqual(copied.rows, orders.rows);
  deepEqual(copied.columns.map(({ type }) => type), orders.columns.map(({ type }) => type));
});

Deno.test("full replaces, append adds, upsert replaces by primary key", async () => {
  const project = await projectOf();
  const id = await createUsers(project, "modes");
  const send = (mode: string, raw: string) =>
    project.rest.expect<ImportAnswer>(200, "POST", importPath(project, id, mode), { raw });
  equal((await send("full", "id,name\n1,a\n2,b\n")).rows, 2);
  equal((await send("append", "id,name\n3,c\n")).rows, 3);
  const upserted = await send("upsert", "id,name\n2,B\n4,d\n");
  equal(upserted.rows, 4);
  equal(upserted.imported_rows, 2);
  const names = async () => (await preview(project, id)).rows.toSorted((a, b) => Number(a[0]) - Number(b[0]));
  deepEqual(await names(), [[1, "a"], [2, "B"], [3, "c"], [4, "d"]]);
  equal((await send("full", "id,name\n9,z\n")).rows, 1);
  deepEqual(await names(), [[9, "z"]]);
});

Deno.test("upsert needs a primary key, append keeps it unique", async () => {
  const project = await projectOf();
  await project.rest.refused(422, null, "POST", importPath(project, "in.c-sales.orders", "upsert"), {
    raw: ordersCsv(1),
  });
  const id = await createUsers(project, "unique");
  await project.rest.expect(200, "POST", importPath(project, id), { raw: "id,name\n1,a\n" });
  const again = await project.rest.request("POST", importPath(project, id, "append"), { raw: "id,name\n1,again\n" });
  ok([409, 422].includes(again.status), again.text);
  deepEqual((await preview(project, id)).rows, [[1, "a"]]);
});

Deno.test("a broken CSV names line and column, and the old version stays", async () => {
  const project = await projectOf();
  const id = await createUsers(project, "broken");
  await project.rest.expect(200, "POST", importPath(project, id), { raw: "id,name\n1,kept\n" });
  const before = await table(project, id);
  const cases: [string, string, RegExp[]][] = [
    ["a value of the wrong type", "id,name\n1,a\n2,b\nthree,c\n", [/line:? 4|line 4/i, /id/]],
    ["a field too many", "id,name\n1,a\n2,b,c\n", [/line:? 3/i]],
    ["a missing value in a column that is not nullable", "id,name\n1,a\n,b\n", [/line:? 3/i, /id/]],
    ["an unknown column", "id,nickname\n1,a\n", [/nickname|name/]],
    ["no header", "", []],
    ["a text without its closing quote", 'id,name\n1,"a\n2,b\n', []],
    ["a duplicate key", "id,name\n1,a\n1,b\n", []],
    ["bytes that are not UTF-8", "id,name\n1,\xff\xfe\n", []],
  ];
  for (const [what, csv, expected] of cases) {
    const raw = Uint8Array.from(csv, (character) => character.charCodeAt(0));
    const answer = await project.rest.request<Problem>("POST", importPath(project, id), { raw });
    ok([409, 422].includes(answer.status), `${what}: ${answer.status} ${answer.text}`);
    for (const pattern of expected) {
      match(`${answer.body.detail} ${JSON.stringify(answer.body.errors ?? [])}`, pattern, what);
    }
    ok(!answer.text.includes(server.current.dataDir), `${what}: a path of the server is shown: ${answer.text}`);
  }
  deepEqual(await table(project, id), before);
  deepEqual((await preview(project, id)).rows, [[1, "kept"]]);
});

Deno.test("a failed import of a new table leaves no table", async () => {
  const project = await projectOf();
  const answer = await project.rest.request("POST", importPath(project, "in.c-sales.unborn", "full", "parquet"), {
    raw: "this is no Parquet file",
  });
  equal(answer.status, 422, answer.text);
  await project.rest.refused(404, "not_found", "GET", `${project.path}/tables/in.c-sales.unborn`);
});

Deno.test("import refuses an unknown bucket, mode and format", async () => {
  const project = await projectOf();
  const csv = { raw: "id\n1\n" };
  await project.rest.refused(404, "not_found", "POST", importPath(project, "in.c-missing.t"), csv);
  await project.rest.refused(422, "invalid_request", "POST", importPath(project, "in.c-sales.t", "merge"), csv);
  await project.rest.refused(422, "invalid_request", "POST", importPath(project, "in.c-sales.t", "full", "xml"), csv);
});

Deno.test("imports into one table at once are serialised: every append counts", async () => {
  const project = await projectOf();
  const id = await createUsers(project, "crowded");
  const writers = Array.from(
    { length: 8 },
    (_, writer) =>
      project.rest.expect<ImportAnswer>(200, "POST", importPath(project, id, "append"), {
        raw: `id,name\n${writer * 2},w\n${writer * 2 + 1},w\n`,
      }),
  );
  const answers = await Promise.all(writers);
  equal(new Set(answers.map(({ version }) => version)).size, 8);
  equal((await table(project, id)).rows, 16);
});

Deno.test("imports into different tables at once all succeed", async () => {
  const project = await projectOf();
  await Promise.all(Array.from({ length: 6 }, (_, index) => project.import(`in.c-sales.side${index}`, ordersCsv(200))));
  for (let index = 0; index < 6; index++) equal((await table(project, `in.c-sales.side${index}`)).rows, 200);
});

Deno.test("preview gives columns and the first rows, numbers beyond 2^53 as strings", async () => {
  const project = await projectOf();
  await project.import("in.c-sales.big", "n,d\n9007199254740993,0.1\n");
  const { rows, columns } = await preview(project, "in.c-sales.big");
  deepEqual(columns.map(({ name }) => name), ["n", "d"]);
  deepEqual(rows, [["9007199254740993", 0.1]]);
  const path = `${project.path}/tables/in.c-sales.orders/preview`;
  equal((await project.rest.expect<PreviewAnswer>(200, "GET", `${path}?limit=3`)).rows.length, 3);
  await project.rest.refused(422, "invalid_request", "GET", `${path}?limit=0`);
});

Deno.test("export gives the table back in each format", async () => {
  const project = await projectOf();
  const path = `${project.path}/tables/in.c-sales.customers/export`;
  const csv = await project.rest.request("GET", `${path}?format=csv`);
  match(csv.headers.get("content-type") ?? "", /text\/csv/);
  equal(csv.text, 'id,name,city\n1,Ada,Praha\n2,Božena,Brno\n3,Čeněk,Praha\n4,"Dvořák, Jan",Ostrava\n');
  const json = await project.rest.request("GET", `${path}?format=json`);
  deepEqual(json.text.trim().split("\n").map((line) => JSON.parse(line).name), [
    "Ada",
    "Božena",
    "Čeněk",
    "Dvořák, Jan",
  ]);
  await project.rest.refused(422, "invalid_request", "GET", `${path}?format=xlsx`);
  await project.rest.refused(404, "not_found", "GET", `${project.path}/tables/in.c-sales.none/export?format=csv`);
});

Deno.test("versions are listed, newest first, and restore makes an earlier one current again", async () => {
  const project = await projectOf();
  const id = await createUsers(project, "history");
  for (const name of ["first", "second"]) {
    await project.rest.expect(200, "POST", importPath(project, id), { raw: `id,name\n1,${name}\n` });
  }
  const path = `${project.path}/tables/${id}/versions`;
  const versions = await project.rest.expect<List<{ version: number }>>(200, "GET", path);
  deepEqual(versions.items.map(({ version }) => version), [3, 2, 1]);
  const restored = await project.rest.expect<TableAnswer>(200, "POST", `${path}/2/restore`);
  equal(restored.rows, 1);
  deepEqual((await preview(project, id)).rows, [[1, "first"]]);
  await project.rest.refused(404, "not_found", "POST", `${path}/99/restore`);
});

Deno.test("a 300 MB upload is streamed: the server's memory does not grow with it", async () => {
  const project = await projectOf();
  const line = `${"1234567,abcdefghijklmnopqrstuvwxyz,2024-01-31\n".repeat(1400)}`;
  const pieces = Math.ceil(300e6 / line.length);
  const body = ReadableStream.from((function* () {
    yield "n,text,day\n";
    for (let index = 0; index < pieces; index++) yield line;
  })()).pipeThrough(new TextEncoderStream());
  const before = residentBytes(server.current.processId);
  const answer = await project.rest.expect<ImportAnswer>(201, "POST", importPath(project, "in.c-sales.large"), {
    raw: body,
  });
  equal(answer.rows, pieces * 1400);
  const grownBytes = residentBytes(server.current.processId) - before;
  ok(grownBytes < 150e6, `the server grew by ${grownBytes} bytes`);
});
