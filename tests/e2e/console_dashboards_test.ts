/** Dashboards in the console, in a browser as a person uses them: pictures, variables, time, lists, changes, share links. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Dialog } from "puppeteer-core";
import { ConsolePage, testInBrowser } from "../support/browser.ts";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import { eventually, sharedServer } from "../support/server.ts";

const server = sharedServer({ config: { share_frame_ancestors: "https://wiki.example" } });

const series = (query: string) => ({
  kind: "TimeSeriesQuery",
  spec: { plugin: { kind: "DuckDBTimeSeriesQuery", spec: { query } } },
});
const rows = (query: string) => ({ kind: "Query", spec: { plugin: { kind: "DuckDBQuery", spec: { query } } } });

function panel(name: string, kind: string, spec: object, ...queries: object[]) {
  return { kind: "Panel", spec: { display: { name, description: `About ${name}` }, plugin: { kind, spec }, queries } };
}

const wave = "SELECT $__start + i * interval '1 minute' AS at, 'host ' || n AS host, 10.0 * n + i % 7 AS value " +
  "FROM range(0, 61) a(i), range(1, 3) b(n)";
const cities = "SELECT * FROM (VALUES ('Praha', 1048576.0), ('Brno', 2048.0)) AS v(city, amount)";
const hostile = `
## **Read** me
<script>document.title = "hacked"</script>
<img src="https://elsewhere.example/x.png" alt="a picture" onerror="document.title = 'hacked'">
<iframe srcdoc="<script>parent.document.title = 'hacked'</script>"></iframe>
<svg onload="document.title = 'hacked'"><a xlink:href="javascript:document.title = 'hacked'">svg</a></svg>
<form action="https://elsewhere.example"><input name="key"></form>
<p style="position: fixed; inset: 0" id="app" class="problem">over it</p>

[a link](javascript:document.title='hacked') [a page](https://example.com/) <a href="data:text/html,x">data</a>`;

const panels = {
  lines: panel("Lines", "TimeSeriesChart", {
    legend: { position: "bottom", mode: "table", values: ["max"] },
    yAxis: { format: { unit: "percent" } },
    thresholds: { steps: [{ value: 12, color: "#D62828" }] },
  }, series(wave)),
  stat: panel("Stat", "StatChart", { calculation: "max", format: { unit: "seconds" }, sparkline: {} }, series(wave)),
  gauge: panel("Gauge", "GaugeChart", { calculation: "last", format: { unit: "percent" } }, series(wave)),
  bar: panel("Bar", "BarChart", { calculation: "last" }, rows(cities)),
  pie: panel("Pie", "PieChart", { calculation: "last", radius: 50, legend: { position: "right" } }, rows(cities)),
  table: panel("Table", "Table", {
    columnSettings: [{ name: "city", header: "City" }, { name: "amount", header: "Amount", format: { unit: "bytes" } }],
  }, rows(cities)),
  text: panel("Text", "Markdown", { text: hostile }),
  status: panel("Status", "StatusHistoryChart", {
    mappings: [{ kind: "Range", spec: { from: 0, result: { value: "fine", color: "#2a9d5c" } } }],
    legend: { position: "bottom" },
  }, series(wave)),
  heat: panel("Heat", "HeatMapChart", {}, series(wave)),
  histogram: panel("Histogram", "HistogramChart", {}, series(wave)),
  scatter: panel("Scatter", "ScatterChart", {}, rows("SELECT i AS x, i * i AS y FROM range(0, 9) r(i)")),
  logs: panel("Logs", "LogsTable", {}, rows("SELECT $__start AS at, 'a line of the log' AS message, 'x' AS level")),
  odd: panel("Odd", "TraceTable", {}, rows(cities)),
  nothing: panel("Nothing", "TimeSeriesChart", {}, series(`${wave} WHERE n > 9`)),
  broken: panel("Broken", "TimeSeriesChart", {}, series("SELECT nothing FROM nowhere")),
  "half-broken": panel("Half", "TimeSeriesChart", {}, series(wave), series("SELECT nothing FROM nowhere_else")),
};
const chartKeys = ["lines", "bar", "pie", "heat", "histogram", "scatter", "half-broken"];

function dashboardOf(spec: object) {
  return {
    kind: "Dashboard",
    spec: {
      datasources: { history: { default: true, plugin: { kind: "DuckDBDatasource", spec: { source: "history" } } } },
      duration: "1h",
      ...spec,
    },
  };
}

function grid(keys: readonly string[], display?: object) {
  const items = keys.map((key, index) => ({
    ...{ x: index % 4 * 6, y: Math.floor(index / 4) * 6, width: 6, height: 6 },
    content: { $ref: `#/spec/panels/${key}` },
  }));
  return { kind: "Grid", spec: { ...(display === undefined ? {} : { display }), items } };
}

const list = (name: string, more: object, plugin: object) => ({
  kind: "ListVariable",
  spec: { name, display: { name: `The ${name}` }, allowAllValue: false, allowMultiple: false, ...more, plugin },
});
const countries = "(VALUES ('cz', 'Praha'), ('cz', 'Brno'), ('sk', 'Bratislava')) AS v(country, city)";
const variables = [
  list("country", {}, { kind: "StaticListVariable", spec: { values: ["cz", { value: "sk", label: "Slovakia" }] } }),
  list("city", { allowMultiple: true, allowAllValue: true, defaultValue: "$__all" }, {
    kind: "DuckDBValuesVariable",
    spec: { query: `SELECT city FROM ${countries} WHERE country = $country` },
  }),
  { kind: "TextVariable", spec: { name: "note", value: "hello" } },
];
const chosen = panel(
  "Of $country",
  "Table",
  {},
  rows(`SELECT city, $note AS note FROM ${countries} WHERE city IN ($city) ORDER BY city`),
);

const project = once(async () => {
  const made = await TestProject.create(server.current.rest, "boards");
  const put = (name: string, spec: object) =>
    server.current.rest.expect(201, "PUT", `${made.path}/dashboards/${name}`, { json: dashboardOf(spec) });
  const keys = Object.keys(panels);
  await put("kinds", {
    display: { name: "All kinds" },
    panels,
    layouts: [grid(keys.slice(0, 8), { title: "Open", collapse: { open: true } }), grid(keys.slice(8))],
  });
  await put("chosen", { display: { name: "Chosen" }, variables, panels: { chosen }, layouts: [grid(["chosen"])] });
  return made;
});

async function open(path: string): Promise<ConsolePage> {
  const { id } = await project();
  return await ConsolePage.open(server.current, `/console/#/dashboards/${id}${path}`);
}

const textOf = (page: ConsolePage, selector: string) =>
  page.page.$eval(selector, (element) => (element as unknown as { innerText: string }).innerText);

async function shows(page: ConsolePage, selector: string, text: RegExp): Promise<void> {
  await eventually(`${selector} shows ${text}`, async () => text.test(await textOf(page, selector).catch(() => "")));
}

const queryOf = (page: ConsolePage) => new URLSearchParams(page.page.url().split("?")[1] ?? "");

testInBrowser("every kind of panel is drawn, by itself; errors and what is not drawn are said in words", async () => {
  await using console = await open("/kinds");
  await console.page.setViewport({ width: 1400, height: 2600 });
  for (const key of chartKeys) await console.page.locator(`[data-panel="${key}"] [data-drawn]`).wait();
  await shows(console, "[data-panel=lines] .legend", /host 1\s+16%[^]*host 2\s+26%/);
  await shows(console, "[data-panel=stat]", /host 1[^]*16 s[^]*host 2[^]*26 s/);
  equal((await console.page.$$("[data-panel=stat] svg polyline")).length, 2);
  await console.page.locator("[data-panel=gauge] svg[aria-label='host 1 14%']").wait();
  await console.page.locator("[data-panel=gauge] svg[aria-label='host 2 24%']").wait();
  await shows(console, "[data-panel=table]", /City\s+Amount\s+Praha\s+1 MiB\s+Brno\s+2 KiB/);
  await shows(console, "[data-panel=status]", /host 1[^]*host 2[^]*fine/);
  await shows(console, "[data-panel=logs]", /a line of the log/);
  await shows(console, "[data-panel=odd]", /does not draw a TraceTable[^]*Praha/);
  await shows(console, "[data-panel=nothing]", /No data/);
  await shows(console, "[data-panel=broken] [role=alert]", /relation "nowhere" does not exist/);
  await shows(console, "[data-panel=half-broken] [role=alert]", /"nowhere_else" does not exist/);
  match(await textOf(console, "[data-panel=lines] .panel-info"), /i/);

  await console.click("host 2");
  await shows(console, "[data-panel=lines] .legend [aria-pressed=false]", /host 1/);
  await console.page.locator(".board-fold").click();
  equal(await console.page.$("[data-panel=lines]"), null);
});

testInBrowser("a hostile text in a dashboard runs nothing, loads nothing and covers nothing", async () => {
  await using console = await open("/kinds?panel=text");
  const markdown = ".markdown";
  await shows(console, markdown, /Read me[^]*over it/);
  match(await textOf(console, markdown), /a picture/);
  equal(
    (await console.page.$$(`${markdown} :is(script, img, iframe, svg, form, input, style, [style], [id], [class])`))
      .length,
    0,
  );
  const links = await console.page.$$eval(
    `${markdown} a`,
    (found) => found.map((link) => [link.textContent, link.getAttribute("href"), link.getAttribute("rel")]),
  );
  deepEqual(links.filter(([, href]) => href !== null), [["a page", "https://example.com/", "noopener noreferrer"]]);
  const page = console.page;
  equal(await page.title(), "All kinds · Eider");
});

testInBrowser("variables and time are in the address, which shows the same picture again", async () => {
  await using console = await open("/chosen");
  await shows(console, "[data-panel=chosen]", /Of cz[^]*Brno\s+hello\s+Praha\s+hello/);
  await console.page.locator("select[aria-label='The country']").fill("sk");
  await shows(console, "[data-panel=chosen]", /Of sk[^]*Bratislava/);
  equal(queryOf(console).get("var-country"), "sk");
  await console.page.locator("select[aria-label='The country']").fill("cz");
  await console.click("All");
  await console.page.locator("label ::-p-text(Brno)").click();
  await console.page.keyboard.press("Escape");
  await eventually("only Brno is shown", async () => !/Praha/.test(await textOf(console, "[data-panel=chosen]")));
  deepEqual(queryOf(console).getAll("var-city"), ["Brno"]);
  // Another country has no Brno: the choice is let go, and all of it is shown.
  await console.page.locator("select[aria-label='The country']").fill("sk");
  await shows(console, "[data-panel=chosen]", /Bratislava/);
  await eventually("the city is let go", () => Promise.resolve(!queryOf(console).has("var-city")));

  await console.click("Last hour");
  await console.click("Last 15 minutes");
  await console.sees("Last 15 minutes");
  equal(queryOf(console).get("from"), "now-15m");
  await console.page.reload();
  await shows(console, "[data-panel=chosen]", /Of sk[^]*Bratislava/);
  await console.sees("Last 15 minutes");

  const { id } = await project();
  await console.page.goto(
    `${server.current.baseUrl}/console/#/dashboards/${id}/kinds?panel=lines&from=2026-01-01T10:00:00Z&to=2026-01-01T11:00:00Z&tz=Asia/Kolkata`,
  );
  await console.page.locator("[data-panel=lines] [data-drawn]").wait();
  await console.sees("2026-01-01 15:30:00 – 2026-01-01 16:30:00");
  const box = await (await console.page.$(".chart-canvas"))!.boundingBox();
  ok(box !== null);
  const [left, right, y] = [box.x + box.width * 0.4, box.x + box.width * 0.6, box.y + box.height / 2];
  await console.page.mouse.move(left, y);
  await console.page.mouse.down();
  await console.page.mouse.move(right, y, { steps: 4 });
  await console.page.mouse.up();
  await eventually(
    "the address has the marked time",
    () => Promise.resolve(queryOf(console).get("from") !== "2026-01-01T10:00:00Z"),
  );
  const [from, to] = ["from", "to"].map((name) => Date.parse(queryOf(console).get(name) ?? ""));
  ok(to! - from! > 300_000 && to! - from! < 1_200_000, `${to! - from!} ms`);
  await console.page.locator("button[title=Earlier]").click();
  await eventually(
    "half a range earlier",
    () => Promise.resolve(Date.parse(queryOf(console).get("from") ?? "") < from!),
  );
});

testInBrowser("dashboards are listed, found, liked, copied, archived, deleted and brought back", async () => {
  const { id } = await project();
  await using console = await ConsolePage.open(server.current, `/console/#/dashboards/${id}`);
  const rowOf = (name: string) => `tr[data-dashboard="${name}"]`;
  await console.page.locator(rowOf("kinds")).wait();
  await console.page.locator("input[name=q]").fill("chosenn");
  await console.page.keyboard.press("Enter");
  await eventually("only one is found", async () => await console.page.$(rowOf("kinds")) === null);
  await console.page.locator(`${rowOf("chosen")} .star`).click();
  await console.page.locator(`${rowOf("chosen")} .star[aria-pressed=true]`).wait();
  await console.page.goto(`${server.current.baseUrl}/console/#/dashboards/${id}?view=favourites`);
  await console.page.locator(rowOf("chosen")).wait();

  const answer = (text: string) => console.page.once("dialog", (dialog: Dialog) => void dialog.accept(text));
  await console.click("All");
  answer("second");
  await console.page.locator(`${rowOf("chosen")} ::-p-text(Duplicate)`).click();
  await console.page.locator(rowOf("second")).wait();
  await console.page.locator(`${rowOf("second")} ::-p-text(Archive)`).click();
  await eventually("the archived one is not listed", async () => await console.page.$(rowOf("second")) === null);
  await console.page.locator("select[aria-label=State]").fill("archived");
  await console.page.locator(`${rowOf("second")} ::-p-text(Bring back)`).click();
  await console.page.locator("select[aria-label=State]").fill("");
  await console.page.locator(`${rowOf("second")} ::-p-text(Delete)`).click();
  await eventually("the deleted one is not listed", async () => await console.page.$(rowOf("second")) === null);
  await console.click("Deleted");
  await console.page.locator(`${rowOf("second")} ::-p-text(Undelete)`).click();
  await console.sees("Nothing is deleted.");
  equal((await server.current.rest.request("GET", `/projects/${id}/dashboards/second`)).status, 200);
});

testInBrowser(
  "a dashboard is made from a template with its parameters, and imported from Grafana and YAML",
  async () => {
    const { id } = await project();
    await using console = await ConsolePage.open(server.current, `/console/#/dashboards/${id}`);
    await console.click("New from template");
    await console.click("Server Health");
    await console.page.locator("dialog input[name=name]").fill("kinds");
    await console.click("Make the dashboard");
    await shows(console, "dialog [role=alert]", /kinds/);
    await console.page.locator("dialog input[name=name]").fill("health");
    await console.page.locator("dialog input[name=title]").fill("Our health");
    await console.page.locator("dialog input[name=memory_limit_bytes]").fill("2000000000");
    await console.click("Make the dashboard");
    await console.sees("Our health");
    await shows(console, "[data-panel=uptime]", /Running for/);
    const made = await server.current.rest.expect<{ spec: { panels: Record<string, unknown> } }>(
      200,
      "GET",
      `/api/v1/projects/${id}/dashboards/health`,
    );
    match(JSON.stringify(made.spec.panels["memory"]), /2000000000/);

    const grafana = {
      title: "Old board",
      schemaVersion: 36,
      panels: [{
        type: "text",
        title: "Words",
        gridPos: { x: 0, y: 0, w: 12, h: 4 },
        options: { content: "from *Grafana*" },
      }],
    };
    const importing = async (source: string) => {
      await console.page.goto(`${server.current.baseUrl}/console/#/dashboards/${id}`);
      await console.click("Import");
      await console.page.locator("dialog textarea").fill(source);
      await console.page.locator("dialog button[type=submit]").click();
    };
    await importing(JSON.stringify(grafana));
    await console.sees("Words");
    await shows(console, ".markdown", /from Grafana/);
    match(console.page.url(), /\/old-board$/);
    await importing(
      "kind: Dashboard\nmetadata:\n  name: from-yaml\nspec:\n  display:\n    name: Of YAML\n  panels: {}\n  layouts: []\n",
    );
    await console.sees("This dashboard places no panels yet.");
    await importing("{}");
    await shows(console, "dialog [role=alert]", /no dashboard of Perses/);
  },
);

testInBrowser(
  "a document is changed as JSON: its problems have places, and nobody's change is overwritten unseen",
  async () => {
    const { id, path } = await project();
    const spec = { display: { name: "First" }, panels: {}, layouts: [] };
    await server.current.rest.expect(201, "PUT", `${path}/dashboards/changing`, { json: dashboardOf(spec) });
    await using console = await ConsolePage.open(server.current, `/console/#/dashboards/${id}/changing/edit`);
    const area = "textarea[name=document]";
    const write = async (change: (text: string) => string) => {
      await console.page.locator(area).wait();
      const text = await console.page.$eval(area, (element) => (element as unknown as { value: string }).value);
      await console.page.locator(area).fill(change(text));
    };
    await write((text) => text.replace('"duration": "1h"', '"duration": "1 hour"'));
    await console.page.locator("button[type=submit]").click();
    await shows(console, ".problem-list", /\/spec\/duration/);
    await console.click("/spec/duration");
    const place = await console.page.$eval(area, (element) => {
      const { value, selectionStart } = element as unknown as { value: string; selectionStart: number };
      return value.slice(selectionStart, selectionStart + 8);
    });
    equal(place, '"1 hour"');
    await write((text) => text.replace("1 hour", "2h"));
    await console.page.locator("input[name=message]").fill("two hours");
    await console.page.locator("button[type=submit]").click();
    await console.sees("Saved as version 1.");

    await server.current.rest.expect(200, "PUT", `${path}/dashboards/changing`, {
      json: dashboardOf({ ...spec, display: { name: "Theirs" } }),
    });
    await write((text) => text.replace("First", "Mine"));
    await console.page.locator("button[type=submit]").click();
    await shows(console, ".conflict", /version/);
    await shows(console, ".differences", /\/spec\/display\/name[^]*First[^]*Theirs/);
    await console.click("Save mine over it");
    await console.sees("Saved as version 3.");

    await console.page.goto(`${server.current.baseUrl}/console/#/dashboards/${id}/changing/history`);
    await console.sees("two hours");
    await console.page.locator("input[aria-label='from version 0']").click();
    await console.click("Compare 0 with 3");
    await shows(console, ".differences", /First[^]*Mine/);
    await console.page.locator("tr:nth-child(2) ::-p-text(Restore)").click();
    await console.sees("Version 2 is the present one again, as version 4.");
  },
);

testInBrowser("preferences: the theme, the time zone and the dashboard to begin with", async () => {
  const { id } = await project();
  await using console = await open("/chosen");
  await console.sees("Of cz");
  await console.click("Preferences", "a");
  await console.page.locator("select[name=theme]").fill("dark");
  await console.page.locator("input[name=time_zone]").fill("Nowhere/Else");
  await console.click("Save");
  await shows(console, "form [role=alert]", /Nowhere\/Else/);
  await console.page.locator("input[name=time_zone]").fill("Asia/Kolkata");
  await console.page.locator("select[name=default_dashboard]").fill(`${id}/chosen`);
  await console.click("Save");
  await console.sees("Saved.");
  equal(await console.page.$eval("html", (html) => html.getAttribute("data-theme")), "dark");
  await console.page.goto(`${server.current.baseUrl}/docs`);
  await console.page.goto(`${server.current.baseUrl}/console/`);
  await console.sees("Of cz");
  await console.page.locator("button[title='Time range']").click();
  equal(
    await console.page.$eval("input[name=zone]", (input) => (input as unknown as { value: string }).value),
    "Asia/Kolkata",
  );
  await server.current.rest.expect(200, "PUT", "/api/v1/user/preferences", { json: {} });
});

testInBrowser(
  "a share link is made in the console, opens without a key, counts once, and ends when it is revoked",
  async () => {
    const { path } = await project();
    const { baseUrl } = server.current;
    await using console = await open("/chosen?var-country=sk");
    await shows(console, "[data-panel=chosen]", /Bratislava/);
    await console.click("Share");
    await console.page.locator("dialog input[name=label]").fill("for the board");
    await console.page.locator("dialog input[name=uses]").fill("2");
    await console.page.locator("dialog input[name=networks]").fill("127.0.0.0/8, nonsense");
    await console.click("Make a link");
    await shows(console, "dialog [role=alert]", /\/allowed_cidrs/);
    await console.page.locator("dialog input[name=networks]").fill("127.0.0.0/8");
    await console.click("Make a link");
    await console.page.locator("input[name=share-link]").wait();
    const link = await console.page.$eval(
      "input[name=share-link]",
      (input) => (input as unknown as { value: string }).value,
    );
    await console.sees("for the board");
    await console.sees("0 of 2");

    const html = await fetch(link, { headers: { accept: "text/html,*/*;q=0.8" } });
    const page = await html.text();
    const header = (name: string) => html.headers.get(name) ?? "";
    deepEqual(["cache-control", "referrer-policy", "x-robots-tag", "x-content-type-options", "vary"].map(header), [
      "no-store",
      "no-referrer",
      "noindex, nofollow",
      "nosniff",
      "Accept",
    ]);
    match(header("content-security-policy"), /^default-src 'self';.*frame-ancestors https:\/\/wiki\.example$/);
    const wrong = `${baseUrl}/share/00000000-0000-4000-8000-000000000000`;
    equal(await (await fetch(wrong, { headers: { accept: "text/html" } })).text(), page);
    const [share] = (await server.current.rest.expect<{ items: { use_count: number }[] }>(
      200,
      "GET",
      `${path}/dashboards/chosen/shares`,
    )).items;
    equal(share?.use_count, 0);

    await using visitor = await ConsolePage.open(server.current, new URL(link).pathname, null);
    await shows(visitor, "[data-panel=chosen]", /Of sk[^]*Bratislava\s+hello/);
    equal(await visitor.page.$("select[aria-label='The country']"), null);
    await visitor.click("Last hour");
    await visitor.click("Last 5 minutes");
    await visitor.sees("Last 5 minutes");
    await shows(visitor, "[data-panel=chosen]", /Bratislava/);
    await console.page.reload();
    await console.click("Share");
    await console.sees("1 of 2");
    await console.click("Revoke");
    await console.sees("revoked");
    await visitor.page.goto(link);
    await shows(visitor, "[role=alert]", /^This link does not open anything, or not any more, or not from here\.$/);
    equal((await fetch(link)).headers.get("content-type"), "application/problem+json");
  },
);
