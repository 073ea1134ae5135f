/** Data for panels: SQL in a workspace, the server's own history, variables as values, rights and limits. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { connect } from "../support/sql.ts";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import type { List } from "../support/rest.ts";
import { eventually, sharedServer } from "../support/server.ts";

const server = sharedServer();
const place = once(async () => {
  const project = await TestProject.withSales(server.current.rest, "panels");
  return { project, workspace: await project.workspace() };
});

const day = { from: "2025-01-01T00:00:00Z", to: "2025-02-01T00:00:00Z" };

interface Answer {
  readonly type: string;
  readonly series: readonly { name: string; labels: Record<string, string>; values: [number, number | null][] }[];
  readonly columns: readonly { name: string; type: string }[];
  readonly rows: readonly Record<string, unknown>[];
  readonly truncated: boolean;
  readonly detail: string;
  readonly code: string;
}

async function query(
  plugin: { kind: string; spec: Record<string, unknown> },
  more: Record<string, unknown> = {},
  rest?: TestProject["rest"],
): Promise<{ status: number; body: Answer }> {
  const { project, workspace } = await place();
  const datasources = {
    own: {
      default: true,
      plugin: { kind: "DuckDBDatasource", spec: { source: "workspace", workspace: workspace.id } },
    },
    history: { default: false, plugin: { kind: "DuckDBDatasource", spec: { source: "history" } } },
  };
  const answer = await (rest ?? project.rest).request("POST", `${project.path}/panel-query`, {
    json: { plugin, datasources, ...day, ...more },
  });
  return { status: answer.status, body: answer.body as Answer };
}

Deno.test("a DuckDBTimeSeriesQuery gives a series for each value column and label, on project tables", async () => {
  const { status, body } = await query({
    kind: "DuckDBTimeSeriesQuery",
    spec: {
      query: `SELECT date_trunc('week', ordered_at) AS week, city, sum(amount) AS amount
        FROM in_c_sales.orders o JOIN in_c_sales.customers c ON c.id = o.customer_id
        WHERE ordered_at >= $__start AND ordered_at < $__end AND city IN ($city) GROUP BY 1, 2 ORDER BY 1`,
    },
  }, { variables: { city: ["Praha", "Brno"] } });
  equal(status, 200, JSON.stringify(body));
  equal(body.type, "time_series");
  deepEqual(body.series.map((series) => series.name).sort(), ["Brno", "Praha"]);
  const praha = body.series.find((series) => series.name === "Praha")!;
  deepEqual(praha.labels, { city: "Praha" });
  equal(praha.values[0]![0], Date.parse("2024-12-30T00:00:00Z"));
  ok(praha.values.every(([, value]) => typeof value === "number"));
});

Deno.test("a DuckDBQuery gives a table, and a value that is no SQL stays a value", async () => {
  const { status, body } = await query({
    kind: "DuckDBQuery",
    spec: { query: "SELECT $evil AS evil, '<$evil>' AS inside, 1.5 AS number, true AS yes, NULL AS nothing" },
  }, { variables: { evil: "'; DROP TABLE x; --" } });
  equal(status, 200, JSON.stringify(body));
  deepEqual(body.rows, [
    { evil: "'; DROP TABLE x; --", inside: "<'; DROP TABLE x; -->", number: 1.5, yes: true, nothing: null },
  ]);
});

Deno.test("a panel's query cannot write, and names its error and place", async () => {
  const { workspace } = await place();
  await using client = await connect(workspace);
  await client.query("CREATE TABLE kept AS SELECT 1 AS one");
  for (const text of ["DELETE FROM kept RETURNING one", "CREATE TABLE other AS SELECT 1", "DROP TABLE kept"]) {
    const { status, body } = await query({ kind: "DuckDBQuery", spec: { query: text } });
    ok(status >= 400 && /read-only/.test(body.detail), `${text}: ${status} ${body.detail}`);
  }
  equal(await client.value("SELECT count(*) FROM kept"), "1");
  const wrong = await query({ kind: "DuckDBQuery", spec: { query: "SELECT nothing FROM in_c_sales.orders" } });
  deepEqual([wrong.status, /nothing/.test(wrong.body.detail)], [400, true]);
  const undefinedVariable = await query({ kind: "DuckDBQuery", spec: { query: "SELECT $nobody" } });
  deepEqual([undefinedVariable.status, /"nobody" has no value/.test(undefinedVariable.body.detail)], [422, true]);
});

Deno.test("a result over the limit is cut and says so", async () => {
  const { body } = await query({ kind: "DuckDBQuery", spec: { query: "SELECT * FROM range(60000)" } });
  deepEqual([body.rows.length, body.truncated], [50_000, true]);
});

Deno.test("a workspace of another project cannot be a datasource", async () => {
  const other = await TestProject.withSales(server.current.rest, "panels-other");
  const theirs = await other.workspace();
  const { project } = await place();
  const answer = await project.rest.request("POST", `${project.path}/panel-query`, {
    json: {
      plugin: { kind: "DuckDBQuery", spec: { query: "SELECT 1" } },
      datasources: {
        x: { default: true, plugin: { kind: "DuckDBDatasource", spec: { source: "workspace", workspace: theirs.id } } },
      },
      ...day,
    },
  });
  equal(answer.status, 404);
});

Deno.test("the server's own history answers the administrator in SQL, and nobody else", async () => {
  const { project } = await place();
  const admin = server.current.rest;
  equal((await admin.request("POST", "/internal/jobs/metric_sampling/run")).status, 200);
  const text = "SELECT at, name, value FROM metrics WHERE name = 'workers_active' ORDER BY at";
  const history = { kind: "DuckDBTimeSeriesQuery", spec: { query: text, datasource: { name: "history" } } };
  const { status, body } = await query(history, {}, admin);
  equal(status, 200, JSON.stringify(body));
  deepEqual(body.series.map((series) => series.name), ["workers_active"]);
  ok(body.series[0]!.values.length >= 1);
  equal((await query(history, {}, project.rest)).status, 403);
  const write = await query(
    { kind: "DuckDBQuery", spec: { ...history.spec, query: "DELETE FROM metrics" } },
    {},
    admin,
  );
  ok(write.status >= 400, "the history is read-only");
  const workspaces = await admin.request("GET", "/metrics");
  ok(!workspaces.text.includes("ws_server_history"));
});

const twoPanels = {
  variables: [
    {
      kind: "ListVariable",
      spec: {
        name: "city",
        allowAllValue: true,
        allowMultiple: true,
        defaultValue: "$__all",
        sort: "alphabetical-desc",
        plugin: {
          kind: "DuckDBValuesVariable",
          spec: {
            query: "SELECT DISTINCT city, upper(city) FROM in_c_sales.customers WHERE city <> '$without' ORDER BY 1",
          },
        },
      },
    },
    { kind: "TextVariable", spec: { name: "without", value: "Ostrava" } },
    {
      kind: "ListVariable",
      spec: {
        name: "broken",
        allowAllValue: false,
        allowMultiple: false,
        plugin: { kind: "DuckDBValuesVariable", spec: { query: "SELECT nothing FROM nowhere" } },
      },
    },
  ],
  panels: Object.fromEntries(
    [["customers", "SELECT name FROM in_c_sales.customers WHERE city IN ($city) ORDER BY 1"], [
      "one",
      "SELECT 1 AS one",
    ]]
      .map(([key, text]) => [key, {
        kind: "Panel",
        spec: {
          plugin: { kind: "Table", spec: {} },
          queries: [{ kind: "Query", spec: { plugin: { kind: "DuckDBQuery", spec: { query: text } } } }],
        },
      }]),
  ),
  layouts: [],
};

const stored = once(async () => {
  const { project, workspace } = await place();
  const plugin = { kind: "DuckDBDatasource", spec: { source: "workspace", workspace: workspace.id } };
  const document = {
    kind: "Dashboard",
    metadata: { name: "stored" },
    spec: { ...twoPanels, datasources: { own: { default: true, plugin } } },
  };
  await project.rest.expect(200, "POST", `/api/v1/projects/${project.id}/dashboards`, { json: document });
  const key = await project.rest.expect<{ key: string }>(201, "POST", `${project.path}/keys`, {
    json: { name: "viewer", role: "read" },
  });
  return { path: `${project.path}/dashboards/stored`, reader: project.rest.as(key.key) };
});

Deno.test("a stored dashboard runs only its own queries, also for a key that only reads", async () => {
  const { path, reader } = await stored();
  const ask = (json: Record<string, unknown>) =>
    reader.request<Answer>("POST", `${path}/query`, { json: { ...day, ...json } });
  deepEqual((await ask({ panel: "one" })).body.rows, [{ one: 1 }]);
  const praha = await ask({ panel: "customers", variables: { city: ["Praha"] } });
  deepEqual(praha.body.rows, [{ name: "Ada" }, { name: "Čeněk" }]);
  for (const other of [{ panel: "two" }, { panel: "one", query: 1 }, { panel: "constructor" }]) {
    const answer = await ask(other);
    deepEqual([answer.status, answer.body.code], [404, "not_found"], JSON.stringify(other));
  }
  const forged = await ask({ panel: "one", plugin: { kind: "DuckDBQuery", spec: { query: "SELECT 2 AS two" } } });
  deepEqual(forged.body.rows ?? [{ one: 1 }], [{ one: 1 }]);
  const missing = await reader.request("POST", path.replace("stored", "nowhere") + "/query", {
    json: { panel: "one", ...day },
  });
  deepEqual([missing.status, /nowhere/.test(missing.text)], [404, true]);
  const { project } = await place();
  const stranger = await TestProject.create(server.current.rest, "stranger");
  equal((await stranger.rest.request("POST", `${path}/query`, { json: { panel: "one", ...day } })).status, 404);
  ok(path.startsWith(project.path));
});

Deno.test("variables have their values, one that fails hinders no other, and all is every value", async () => {
  const { path, reader } = await stored();
  const { items } = await reader.expect<{ items: Record<string, unknown>[] }>(200, "POST", `${path}/variables`, {
    json: {},
  });
  deepEqual(items.slice(0, 2), [
    {
      name: "without",
      kind: "TextVariable",
      title: "without",
      options: null,
      value: "Ostrava",
      query_value: "Ostrava",
      error: null,
      allow_all: false,
      allow_multiple: false,
      hidden: false,
    },
    {
      name: "city",
      kind: "ListVariable",
      title: "city",
      options: [{ value: "Praha", label: "PRAHA" }, { value: "Brno", label: "BRNO" }],
      value: "$__all",
      query_value: ["Praha", "Brno"],
      error: null,
      allow_all: true,
      allow_multiple: true,
      hidden: false,
    },
  ]);
  deepEqual([items[2]?.["name"], items[2]?.["options"], items[2]?.["value"]], ["broken", [], null]);
  ok(/nowhere/.test(String(items[2]?.["error"])), String(items[2]?.["error"]));
  const chosen = await reader.expect<{ items: Record<string, unknown>[] }>(200, "POST", `${path}/variables`, {
    json: { variables: { without: "Praha", city: ["Brno"] } },
  });
  deepEqual([chosen.items[1]?.["value"], (chosen.items[1]?.["options"] as unknown[]).length], [["Brno"], 2]);
  const all = await reader.expect<Answer>(200, "POST", `${path}/query`, {
    json: { panel: "customers", ...day, variables: { city: "$__all", without: "Brno" } },
  });
  deepEqual(all.rows.map(({ name }) => name), ["Ada", "Dvořák, Jan", "Čeněk"]);
});

Deno.test("the query log has a panel's SQL, who asked and how it ended, and none of the server's own statements", async () => {
  const { project, workspace } = await place();
  equal(
    (await query({ kind: "DuckDBQuery", spec: { query: "SELECT 42 AS logged WHERE $city = 'Praha'" } }, {
      variables: { city: "Praha" },
    })).status,
    200,
  );
  const refused = await query({ kind: "DuckDBQuery", spec: { query: "CREATE TABLE written AS SELECT 'logged' AS x" } });
  equal(refused.body.code, "read_only");
  const path = `${project.workspacePath(workspace)}/queries?limit=2`;
  const rows = await eventually("both statements are logged", async () => {
    const { items } = await project.rest.expect<List<Record<string, unknown>>>(200, "GET", path);
    return String(items[0]?.["query"]).startsWith("CREATE TABLE written") && items;
  });
  deepEqual(rows.map((row) => [row["query"], row["status"], row["sqlstate"], row["application_name"]]), [
    ["CREATE TABLE written AS SELECT 'logged' AS x", "error", "25006", "eider dashboards"],
    ["SELECT 42 AS logged WHERE $1 = 'Praha'", "success", null, "eider dashboards"],
  ]);
  ok(String(rows[0]?.["username"]).startsWith(`${project.id}/`), String(rows[0]?.["username"]));
});

Deno.test("a slow panel does not hold up the others of its workspace", async () => {
  const { project } = await place();
  const workspace = await project.workspace();
  const own = { source: "workspace", workspace: workspace.id };
  const datasources = { own: { default: true, plugin: { kind: "DuckDBDatasource", spec: own } } };
  const ask = (text: string) => query({ kind: "DuckDBQuery", spec: { query: text } }, { datasources });
  const endless = "SELECT count(*) AS endless FROM range(1000000) a, range(1000000) b";
  const slow = ask(endless);
  await using client = await connect(workspace);
  const running = async () =>
    (await client.rowsOf(
      "SELECT pid FROM pg_stat_activity WHERE application_name = 'eider dashboards' AND query LIKE '%AS endless%'",
    )).length;
  await eventually("the slow one runs", async () => await running() === 1);
  const quick = await Promise.all([1, 2, 3, 4, 5].map((number) => ask(`SELECT ${number} AS number`)));
  deepEqual(quick.map(({ body }) => body.rows), [1, 2, 3, 4, 5].map((number) => [{ number }]));
  equal(await running(), 1);
  await project.rest.expect(204, "DELETE", `${project.path}/workspaces/${workspace.id}`);
  ok((await slow).status >= 400);
});
