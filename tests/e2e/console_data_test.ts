/** The console's pages for data and SQL, in a browser as a person uses them. */
import { equal, match, ok } from "node:assert/strict";
import { ConsolePage, testInBrowser } from "../support/browser.ts";
import { TestProject } from "../support/project.ts";
import type { List, WorkspaceAnswer } from "../support/rest.ts";
import { eventually, sharedServer } from "../support/server.ts";
import { connect } from "../support/sql.ts";

const server = sharedServer({ config: { slow_query_threshold_ms: 0 } });

/** The text of the first element that fits, once it is there. */
async function textOf({ page }: ConsolePage, selector: string): Promise<string> {
  const element = await page.waitForSelector(selector);
  return await element?.evaluate((node) => (node as unknown as { innerText: string }).innerText) ?? "";
}

async function fill({ page }: ConsolePage, name: string, value: string): Promise<void> {
  await page.locator(`dialog input[name=${name}]`).fill(value);
}

let uploads = "";
Deno.test.beforeAll(async () => {
  uploads = await Deno.makeTempDir({ prefix: "eider_uploads_" });
});
Deno.test.afterAll(() => Deno.remove(uploads, { recursive: true }));

/** The browser reads the file when it is sent, not when it is chosen. */
async function chooseFile(console: ConsolePage, name: string, text: string): Promise<void> {
  await Deno.writeTextFile(`${uploads}/${name}`, text);
  const input = await console.page.waitForSelector("dialog input[type=file]");
  await input?.uploadFile(`${uploads}/${name}`);
  await console.sees(`${name}, `);
}

testInBrowser(
  "a bucket is made, a file becomes a table, a bad one says why, and an earlier version comes back",
  async () => {
    const project = await TestProject.create(server.current.rest, "tables");
    await using console = await ConsolePage.open(server.current, `/console/#/projects/${project.id}`);
    await console.click("New bucket");
    await fill(console, "id", "in.c-shop");
    await console.click("Create bucket");
    await console.sees("schema in_c_shop");

    await console.click("Upload file");
    await chooseFile(console, "Big Orders.csv", "id,city\n1,Praha\n2,\n3,Brno\n");
    await fill(console, "primary_key", "id");
    await console.page.locator("dialog button[type=submit]").click();
    await console.sees("3 rows of Big Orders.csv");
    await console.click("Open the table", "a");
    await console.sees("All 3 rows");
    equal(await textOf(console, ".result-grid tbody td.null"), "NULL");
    match(await textOf(console, ".result-grid thead"), /id\s+BIGINT/i);

    await console.click("Upload file");
    await chooseFile(console, "more.csv", "id,city\nx,Plzen\n");
    await console.page.locator("dialog button[type=submit]").click();
    match(await textOf(console, "dialog [role=alert]"), /id/);
    await console.page.locator("dialog input[type=file]").wait();
    await chooseFile(console, "more.csv", "id,city\n4,Plzen\n");
    await console.page.locator("dialog button[type=submit]").click();
    await console.sees("1 row of more.csv");
    await console.click("Done");
    await console.sees("All 4 rows");

    await console.click("Versions", "a");
    await console.page.locator('button[aria-label="Restore version 1"]').click();
    await console.sees("The table has 4 rows now and will have 3 rows");
    await console.page.locator("dialog button[type=submit]").click();
    await console.page.waitForSelector("dialog", { hidden: true });
    await console.page.locator('::-p-xpath(//tr[contains(., "restore")][contains(., "current")])').wait();
    await console.click("Rows", "a");
    await console.sees("All 3 rows");

    await console.page.goto(`${server.current.rest.baseUrl}/console/#/projects/${project.id}/tables`);
    await console.page.locator('button[aria-label="Delete bucket in.c-shop"]').click();
    match(await textOf(console, "dialog .name-list"), /big_orders/);
    await console.page.keyboard.press("Escape");
    await console.page.waitForSelector("dialog", { hidden: true });
  },
);

testInBrowser(
  "keys and workspaces are made and shown once; what is shown connects; a deletion names what goes",
  async () => {
    const project = await TestProject.withSales(server.current.rest, "places");
    await using console = await ConsolePage.open(server.current, `/console/#/projects/${project.id}/keys`);
    await console.click("New key");
    await fill(console, "name", "reporting");
    await console.click("Create key");
    const key = await textOf(console, "dialog .copy-line code");
    await project.rest.as(key).expect(200, "GET", project.path);
    await console.click("Done");

    await console.click("Workspaces", "a");
    await console.click("New workspace");
    await fill(console, "name", "monday");
    await fill(console, "ttl_hours", "5");
    await console.page.locator("dialog summary").click();
    await console.page.locator("dialog ::-p-text(in.c-sales.customers)").click();
    await console.click("Create workspace");
    await console.sees("The password is shown only now");
    const psql = await textOf(console, "dialog .code-block pre");
    const [, username = "", password = ""] = /postgresql:\/\/([^:]+):([^@]+)@/.exec(psql) ?? [];
    const { items } = await project.rest.expect<List<WorkspaceAnswer>>(200, "GET", `${project.path}/workspaces`);
    const [workspace] = items;
    ok(workspace !== undefined);
    await using client = await connect(workspace, { user: username, password });
    equal(await client.value("SELECT count(*)::int FROM customers"), 4);
    await console.click("Done");
    await console.click("monday", "a");
    await console.sees("Made in the workspace");
    match(await console.text(), /expires in 4 h 59 min/);

    await console.click("Sessions", "a");
    await console.page.locator('button[aria-label^="Disconnect "]').click();
    await console.page.locator("dialog button[type=submit]").click();
    await client.ended;
    equal((client.connectionErrors[0] as unknown as { code: string }).code, "57P01");

    await console.click("Query log", "a");
    await console.page.locator("::-p-text(FROM customers)").click();
    await console.sees("Plan");
    await console.page.keyboard.press("Escape");
    await console.click("Delete");
    match(await textOf(console, "dialog .name-list"), /table customers, 4 rows/);
    await console.click("Delete workspace");
    await console.sees("There is no workspace yet");
  },
);

testInBrowser(
  "SQL runs at the cursor, marks its errors, gives several results, is cancelled; a reader's key reads",
  async () => {
    const project = await TestProject.withSales(server.current.rest, "desk");
    const workspace = await project.workspace();
    const { key } = await project.rest.expect<{ key: string }>(201, "POST", `${project.path}/keys`, {
      json: { name: "reader", role: "read" },
    });
    await using console = await ConsolePage.open(
      server.current,
      `/console/#/sql/${project.id}/${workspace.id}`,
      project.rest.key,
    );
    const write = async (text: string) => {
      await console.page.locator(".cm-content").click();
      await console.page.keyboard.down("Control");
      await console.page.keyboard.press("a");
      await console.page.keyboard.up("Control");
      await console.page.keyboard.sendCharacter(text);
    };
    const runHere = async () => {
      await console.page.keyboard.down("Control");
      await console.page.keyboard.press("Enter");
      await console.page.keyboard.up("Control");
    };
    await console.page.locator(".names details").wait();
    match(await textOf(console, ".names"), /in_c_sales\s+customers/);

    await write("SELECT 'first';\n\nSELECT id, NULL AS nothing FROM in_c_sales.orders ORDER BY id");
    await runHere();
    await console.sees("100 rows");
    equal(await textOf(console, ".result-grid tbody tr:not(.spacer) td.number"), "1");
    await console.page.locator(".result-grid").click();
    await console.page.keyboard.press("End");
    const drawnRows = (await console.page.$$(".result-grid tbody tr")).length;
    ok(drawnRows < 100, `${drawnRows} of 100 rows are in the page`);

    await console.click("Run all");
    await console.sees("1. SELECT 1");
    await write("SELECT 1;\nSELECT nmae FROM in_c_sales.customers;");
    await console.click("Run all");
    await console.sees("ERROR 42703");
    equal(await textOf(console, ".sql-error-mark"), "nmae");

    await write("SELECT count(*) FROM range(100000000000) a, range(100) b");
    await runHere();
    await console.click("Cancel");
    await console.sees("ERROR 57014");
    await eventually("the query's session has ended", async () => {
      const { items } = await project.rest.expect<List<unknown>>(
        200,
        "GET",
        `${project.workspacePath(workspace)}/sessions`,
      );
      return items.length === 0;
    });
    await console.click("History");
    match(await textOf(console, ".history"), /SELECT count\(\*\) FROM range/);

    await console.page.evaluate((value) => sessionStorage.setItem("eider.key", value), key);
    await console.page.reload();
    await console.sees("Your key reads only");
    await write("CREATE TABLE mine (x int)");
    await runHere();
    await console.sees("ERROR 25006");
  },
);

testInBrowser("the administrator sees the server's health, runs a job and changes a setting", async () => {
  await using console = await ConsolePage.open(server.current, "/console/#/server");
  await console.sees("healthy");
  await console.click("Jobs", "a");
  await console.page.locator('button[aria-label="Run leftover_files now"]').click();
  await console.page.locator('::-p-xpath(//tr[contains(., "leftover_files")][contains(., "succeeded")])').wait();
  await console.click("Settings", "a");
  await console.page.locator('::-p-xpath(//label[contains(., "slow_query_threshold_ms")]//input)').fill("250");
  await console.click("Save");
  await eventually("the setting is changed", async () => {
    const settings = await server.current.rest.expect<{ slow_query_threshold_ms: number }>(
      200,
      "GET",
      "/internal/settings",
    );
    return settings.slow_query_threshold_ms === 250;
  });
});
