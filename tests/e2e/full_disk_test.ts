/** The data folder on a file system of 96 MB that really fills up: a tmpfs, which only root can mount. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { TestProject } from "../support/project.ts";
import { TestServer } from "../support/server.ts";
import { connect, refusedWith } from "../support/sql.ts";
import { mountSmall, skippedWithoutMount } from "./small_disk.ts";

const fileSystemMegabytes = 96;

const reason = skippedWithoutMount;

/** Rows that do not compress: 1 MB for about 10,000 of them. */
function* randomCsv(rowCount: number): Iterable<Uint8Array> {
  const encoder = new TextEncoder();
  yield encoder.encode("id,noise\n");
  for (let id = 0; id < rowCount;) {
    let text = "";
    for (const end = Math.min(rowCount, id + 500); id < end; id++) {
      text += `${id},${crypto.randomUUID()}${crypto.randomUUID()}${crypto.randomUUID()}\n`;
    }
    yield encoder.encode(text);
  }
}

/** Writes until the file system has no byte left. */
async function fill(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true });
  const block = new Uint8Array(64 * 1024);
  try {
    for (;;) if (await file.write(block) === 0) return;
  } catch (error) {
    match(String(error), /space/i);
  }
}

const noiseCsv = (rowCount: number) => new Blob([...randomCsv(rowCount)] as Uint8Array<ArrayBuffer>[]);

Deno.test({
  name: `on a full disk an import and a statement fail with their reason, and nothing that was there is lost${reason}`,
  ignore: reason !== "",
  fn: async () => {
    await using disk = await mountSmall(fileSystemMegabytes);
    ok(disk !== null);
    await using server = await TestServer.start({ dataDir: disk.folder });
    const project = await TestProject.withSales(server.rest);
    const workspace = await project.workspace();
    await using client = await connect(workspace);
    const ballast = `${disk.folder}/ballast`;
    await Deno.writeFile(ballast, new Uint8Array(16_000_000));
    await client.query("CREATE TABLE kept AS SELECT range AS n FROM range(1000)");

    await project.import("in.c-sales.noise", noiseCsv(1_000));

    // The upload and the version file together do not fit.
    const refused = await project.rest.request(
      "POST",
      `${project.path}/tables/in.c-sales.noise/import?mode=full&format=csv`,
      { raw: noiseCsv(600_000) },
    );
    equal(refused.status, 507, refused.text);
    equal((refused.body as { code: string }).code, "disk_full");
    equal(await client.value("SELECT count(*) FROM in_c_sales.noise"), "1000");

    const full = await refusedWith(
      "53100",
      client.query("CREATE TABLE big AS SELECT uuid()::varchar || uuid()::varchar AS noise FROM range(3000000)"),
    );
    match(full.message, /space|disk/i);
    equal(await client.value("SELECT count(*) FROM kept"), "1000");

    // The administrator makes room: everything goes on, without a restart.
    await Deno.remove(ballast);
    await client.query("INSERT INTO kept VALUES (1000)");
    equal(await client.value("SELECT count(*) FROM kept"), "1001");
    await project.import("in.c-sales.noise", noiseCsv(20_000));
    equal(await client.value("SELECT count(*) FROM in_c_sales.noise"), "20000");
    const ready = await fetch(`${server.baseUrl}/ready`);
    deepEqual([ready.status, await ready.text() !== ""], [200, true]);
  },
});

Deno.test({
  name: `on a full disk a change of the metadata is 507, reading goes on, and nothing acknowledged is lost${reason}`,
  ignore: reason !== "",
  fn: async () => {
    const disk = await mountSmall(fileSystemMegabytes);
    ok(disk !== null);
    await using _mounted = disk;
    await using server = await TestServer.start({ dataDir: `${disk.folder}/data` });
    const project = await TestProject.withSales(server.rest);
    const workspace = await project.workspace();
    await using client = await connect(workspace);
    const ballast = `${disk.folder}/ballast`;
    await fill(ballast);
    // The log has some room in its last block: it takes a few changes until the disk refuses one.
    let acknowledged = 0;
    let refused: { status: number; code: string } | null = null;
    for (let turn = 0; refused === null && turn < 2_000; turn++) {
      const answer = await server.rest.request<{ code: string }>("POST", "/projects", {
        json: { id: `p${turn}`, name: "x".repeat(100) },
      });
      if (answer.status === 201) acknowledged += 1;
      else refused = { status: answer.status, code: answer.body.code };
    }
    deepEqual(refused, { status: 507, code: "disk_full" });
    await project.rest.expect(200, "GET", project.path);
    equal(await client.value("SELECT count(*) FROM in_c_sales.orders"), "100");
    equal((await fetch(`${server.baseUrl}/live`)).status, 200);
    const health = await (await fetch(`${server.baseUrl}/api/v1/health`)).json();
    equal(health.checks.disk.status, "degraded");

    await Deno.remove(ballast);
    await server.rest.expect(201, "POST", "/projects", { json: { id: "after", name: "after" } });
    for (let turn = 0; turn < acknowledged; turn++) await server.rest.expect(200, "GET", `/projects/p${turn}`);
    await server.stop();
    await server.startProcess();
    for (let turn = 0; turn < acknowledged; turn++) await server.rest.expect(200, "GET", `/projects/p${turn}`);
    await server.rest.expect(200, "GET", "/projects/after");
  },
});
