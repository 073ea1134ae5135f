/** Share links over HTTP: what they open, and by trying, everything that they must not. Each attempt is in the audit log. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { TestProject } from "../support/project.ts";
import type { List, Problem, Rest, RestAnswer } from "../support/rest.ts";
import { eventually, sharedServer, TestServer } from "../support/server.ts";

const server = sharedServer({
  config: {
    trusted_proxies: "127.0.0.1",
    share_failures_per_minute: 1000,
    share_frame_ancestors: "https://wiki.example",
  },
});

interface ShareAnswer {
  readonly id: string;
  readonly token: string;
  readonly status: string;
  readonly use_count: number;
  readonly expires_at: string | null;
}

interface Opened {
  readonly dashboard: { readonly metadata: Record<string, unknown>; readonly spec: Record<string, unknown> };
  readonly variables: Record<string, unknown>;
  readonly view: string | null;
}

const secretQuery = "SELECT salary FROM in_c_hr.people";

/** Panels `cpu` (one query) and `text` (none), variables region (list), host (text), and things that are nobody's business. */
function dashboardSpec(title: string, changed: { readonly query?: string; readonly datasources?: object } = {}) {
  return {
    display: { name: title },
    duration: "1h",
    variables: [
      {
        kind: "ListVariable",
        spec: {
          name: "region",
          defaultValue: "north",
          allowAllValue: false,
          allowMultiple: true,
          plugin: { kind: "StaticListVariable", spec: { values: ["north", { value: "south", label: "South" }] } },
        },
      },
      { kind: "TextVariable", spec: { name: "host", value: "alpha" } },
    ],
    datasources: changed.datasources ?? {
      hidden: { default: true, plugin: { kind: "PrometheusDatasource", spec: { directUrl: "http://inside" } } },
    },
    links: [{ url: "/projects/secret_project/dashboards/payroll" }],
    panels: {
      cpu: {
        kind: "Panel",
        spec: {
          display: { name: "CPU" },
          plugin: { kind: "TimeSeriesChart", spec: { legend: { position: "right" } } },
          queries: [{
            kind: "TimeSeriesQuery",
            spec: { plugin: { kind: "DuckDBTimeSeriesQuery", spec: { query: changed.query ?? secretQuery } } },
          }],
        },
      },
      text: { kind: "Panel", spec: { plugin: { kind: "Markdown", spec: { text: "$region" } } } },
    },
    layouts: [],
  };
}

async function makeProject(...dashboards: string[]): Promise<TestProject> {
  const project = await TestProject.create(server.current.rest, "share");
  for (const name of dashboards) await putDashboard(project, name);
  return project;
}

async function putDashboard(
  project: Pick<TestProject, "id" | "path" | "rest">,
  name: string,
  changed: Parameters<typeof dashboardSpec>[1] = {},
): Promise<void> {
  const file = [{ kind: "Dashboard", metadata: { name, project: project.id }, spec: dashboardSpec(name, changed) }];
  const answer = await project.rest.request("POST", `${project.path}/dashboard-import`, { json: file });
  ok(answer.status < 300, answer.text);
}

const sharesPath = (project: TestProject, name: string) => `${project.path}/dashboards/${name}/shares`;

async function share(project: TestProject, name: string, wishes: Record<string, unknown> = {}): Promise<ShareAnswer> {
  return await project.rest.expect<ShareAnswer>(201, "POST", sharesPath(project, name), {
    json: { expires_in_seconds: 3600, ...wishes },
  });
}

const visitor = (): Rest => server.current.rest.as(null);
const open = <Body = Opened>(token: string, address?: string): Promise<RestAnswer<Body>> =>
  visitor().request<Body>("GET", `/share/${token}`, address === undefined ? {} : { headers: forwarded(address) });
const forwarded = (address: string) => ({ "x-forwarded-for": address });

const hour = { from: "2026-01-01T00:00:00Z", to: "2026-01-01T01:00:00Z" };
const query = (token: string, body: Record<string, unknown> = {}) =>
  visitor().request<Problem>("POST", `/share/${token}/query`, { json: { panel: "cpu", query: 0, ...hour, ...body } });

/** The reasons in the audit log for this share, newest first. */
async function reasons(filter: string): Promise<unknown[][]> {
  const { items } = await server.current.rest.expect<List<Record<string, unknown>>>(
    200,
    "GET",
    `/internal/audit?limit=1000&${filter}`,
  );
  return items.map((entry) => [entry["action"], entry["result"], entry["code"]]);
}

Deno.test("a share link opens its dashboard without a key and shows only what is needed", async () => {
  const project = await makeProject("sales");
  const made = await share(project, "sales", { variables: { region: ["south"] }, label: "for the board" });
  match(made.token, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const opened = await open(made.token);
  equal(opened.status, 200);
  deepEqual(opened.body.variables, { region: ["south"], host: "alpha" });
  equal(opened.body.view, null);
  for (const hidden of [secretQuery, "salary", "inside", "secret_project", "payroll", project.id, "north"]) {
    ok(!opened.text.includes(hidden), `${hidden} is in ${opened.text}`);
  }
  deepEqual(Object.keys(opened.body.dashboard.spec).sort(), ["display", "duration", "layouts", "panels", "variables"]);
  deepEqual(opened.body.dashboard.spec["variables"], [
    {
      kind: "ListVariable",
      spec: {
        name: "region",
        defaultValue: ["south"],
        allowAllValue: false,
        allowMultiple: true,
        plugin: { kind: "StaticListVariable", spec: { values: ["south"] } },
      },
    },
    { kind: "TextVariable", spec: { name: "host", value: "alpha", constant: true } },
  ]);
  deepEqual(
    ["cache-control", "referrer-policy", "content-security-policy", "x-frame-options"].map((name) =>
      opened.headers.get(name)
    ),
    ["no-store", "no-referrer", "default-src 'none'; frame-ancestors https://wiki.example", null],
  );
  const listed = await project.rest.expect<List<ShareAnswer>>(200, "GET", sharesPath(project, "sales"));
  deepEqual(listed.items.map(({ id, use_count, status, token }) => [id, use_count, status, token]), [
    [made.id, 1, "active", undefined],
  ]);
  deepEqual(await reasons(`actor=share:${made.id}`), [["open_share", "ok", null]]);
});

Deno.test("the dashboard's own query runs with the link's variables", async () => {
  const project = await makeProject();
  const workspace = await project.workspace();
  const plugin = { kind: "DuckDBDatasource", spec: { source: "workspace", workspace: workspace.id } };
  const text = "SELECT $__start AS at, length($region) AS letters, '$host' AS host";
  await putDashboard(project, "own", { query: text, datasources: { own: { default: true, plugin } } });
  const made = await share(project, "own", { variables: { host: "beta" } });
  const answer = await query(made.token, { variables: { region: "north" } });
  equal(answer.status, 200, answer.text);
  deepEqual((answer.body as unknown as { series: unknown }).series, [
    { name: "beta", labels: { host: "beta" }, values: [[Date.parse(hour.from), 5]] },
  ]);
});

Deno.test("the server's history is open through a link only when the administrator wrote and shared the dashboard", async () => {
  const admin = server.current.rest;
  await admin.expect(200, "POST", "/internal/jobs/metric_sampling/run");
  const project = await makeProject();
  const history = {
    query: "SELECT $__start AS at, count(*) AS samples FROM metrics",
    datasources: { own: { default: true, plugin: { kind: "DuckDBDatasource", spec: { source: "history" } } } },
  };
  const asAdmin = { id: project.id, path: project.path, rest: admin };
  const makeShare = (rest: Rest, name: string) =>
    rest.expect<ShareAnswer>(201, "POST", sharesPath(project, name), { json: { expires_in_seconds: 3600 } });
  await putDashboard(asAdmin, "theirs", history);
  await putDashboard(project, "ours", history);
  const open = await makeShare(admin, "theirs");
  const data = await query(open.token);
  equal(data.status, 200, data.text);
  const [series] = (data.body as unknown as { series: { values: [number, number][] }[] }).series;
  ok((series?.values[0]?.[1] ?? 0) > 50, data.text);
  for (
    const [what, rest, name] of [["key's link", project.rest, "theirs"], ["key's document", admin, "ours"]] as const
  ) {
    const closed = await query((await makeShare(rest, name)).token);
    deepEqual([closed.status, closed.body.code], [502, "upstream_failed"], what);
  }
  const edited = { ...history, query: "SELECT $__start AS at, max(value) AS other FROM metrics" };
  const spec = dashboardSpec("theirs", edited);
  await project.rest.expect(200, "PUT", `${project.path}/dashboards/theirs`, { json: { kind: "Dashboard", spec } });
  equal((await query(open.token)).status, 502, "a project's key has changed what the administrator shared");
  await admin.expect(200, "PUT", `${project.path}/dashboards/theirs/state`, { json: { state: "active" } });
  equal((await query(open.token)).status, 502, "a state is no authorship");
});

Deno.test("a query that fails tells the visitor nothing of it", async () => {
  const project = await makeProject("failing");
  const made = await share(project, "failing");
  const answer = await query(made.token, { variables: { region: "north" } });
  deepEqual([answer.status, answer.body.code], [502, "upstream_failed"]);
  ok(!/salary|datasource|hidden/.test(answer.text), answer.text);
});

Deno.test("whatever is wrong with a link, the answer is the same, and the audit log knows why", async () => {
  const project = await makeProject("one");
  const answers: [string, RestAnswer<Problem>][] = [];
  const attempt = async (reason: string, token: string, address?: string) => {
    answers.push([reason, await open<Problem>(token, address)]);
  };
  const office = await share(project, "one", { allowed_cidrs: ["192.0.2.0/24", "2001:db8::/32"] });
  await attempt("wrong_address", office.token);
  await attempt("wrong_address", office.token, "192.0.3.1");
  await attempt("wrong_address", office.token, "192.0.2.1, 203.0.113.9");
  await attempt("wrong_address", office.token, "2001:db9::1");
  const revoked = await share(project, "one");
  await project.rest.expect(204, "DELETE", `${sharesPath(project, "one")}/${revoked.id}`);
  await attempt("revoked", revoked.token);
  const used = await share(project, "one", { uses_max: 1 });
  equal((await open(used.token)).status, 200);
  await attempt("used_up", used.token);
  const short = await share(project, "one", { expires_in_seconds: 1 });
  await eventually("it has expired", async () => (await open(short.token)).status === 404);
  await attempt("expired", short.token);
  await attempt("unknown", crypto.randomUUID());
  await attempt("malformed", "not-a-token");
  await attempt("malformed", `${office.token}x`);
  const bodies = new Set(answers.map(([, { text }]) => text));
  deepEqual([bodies.size, [...new Set(answers.map(([, { status }]) => status))]], [1, [404]]);
  equal(answers[0]?.[1].body.code, "share_not_found");
  for (const [reason = "", id] of [["wrong_address", office.id], ["revoked", revoked.id], ["expired", short.id]]) {
    await eventually(
      `the audit log has ${reason}`,
      async () =>
        (await reasons(`actor=share:${id}`)).some(([action, result, code]) =>
          action === "open_share" && result === "refused" && code === reason
        ),
    );
  }
  for (const address of ["192.0.2.77", "::ffff:192.0.2.77", "2001:db8:1::1", "203.0.113.9, 192.0.2.1"]) {
    equal((await open(office.token, address)).status, 200, address);
  }
});

Deno.test("other panels, other queries, other texts and changed variables are refused", async () => {
  const project = await makeProject("mine", "other");
  const made = await share(project, "mine", { variables: { region: "south" } });
  const attempts: [string, Record<string, unknown>, number, string | null][] = [
    ["a panel that is not there", { panel: "secret" }, 403, "other_panel"],
    ["an inherited name as a panel", { panel: "constructor" }, 403, "other_panel"],
    ["a query index beyond", { query: 1 }, 403, "other_query"],
    ["a panel without queries", { panel: "text" }, 403, "other_query"],
    ["a changed fixed variable", { variables: { region: "north" } }, 403, "changed_variable"],
    ["a wider fixed variable", { variables: { region: ["south", "north"] } }, 403, "changed_variable"],
    ["a changed default", { variables: { host: "alpha' OR 1=1" } }, 403, "changed_variable"],
    ["a variable that is not there", { variables: { nobody: "x" } }, 403, "changed_variable"],
    ["an inherited name as a variable", { variables: { toString: "x" } }, 403, "changed_variable"],
    ["a text of its own", { sql: "SELECT 1" }, 422, "bad_request"],
    ["a dashboard of its own", { dashboard: "other" }, 422, "bad_request"],
    ["a project of its own", { project: "other" }, 422, "bad_request"],
    ["a negative index", { query: -1 }, 422, "bad_request"],
    ["time that goes back", { from: hour.to, to: hour.from }, 422, "bad_request"],
  ];
  for (const [what, body, status, reason] of attempts) {
    const answer = await query(made.token, body);
    equal(answer.status, status, `${what}: ${answer.text}`);
    ok(!answer.text.includes("salary"), what);
    // ten of a minute stand in full; they are written after the answer
    if (attempts.findIndex(([one]) => one === what) >= 10) continue;
    await eventually(`the audit log has ${what}`, async () => {
      const [newest] = await reasons(`actor=share:${made.id}`);
      return JSON.stringify(newest) === JSON.stringify(["query_share", "refused", reason]);
    });
  }
});

Deno.test("a link opens nothing else of the server", async () => {
  const project = await makeProject("only");
  const made = await share(project, "only");
  const asKey = server.current.rest.as(made.token);
  for (const path of ["/projects", project.path, sharesPath(project, "only"), "/internal/audit"]) {
    equal((await asKey.request("GET", path)).status, 401, path);
  }
  for (const path of [`/share/${made.token}/../other`, `/share/${made.token}/dashboards/other`, "/share/", "/share"]) {
    equal((await visitor().request("GET", path)).status, 404, path);
  }
  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    equal((await visitor().request(method, `/share/${made.token}`)).status, 405, method);
  }
});

Deno.test("uses are counted once each, also when many come at the same moment", async () => {
  const project = await makeProject("counted");
  const made = await share(project, "counted", { uses_max: 3 });
  const answers = await Promise.all(Array.from({ length: 12 }, () => open(made.token)));
  deepEqual(answers.map(({ status }) => status).sort(), [...Array(3).fill(200), ...Array(9).fill(404)]);
  const view = answers.find(({ status }) => status === 200)?.body.view ?? "";
  equal((await query(made.token)).status, 404);
  equal((await query(made.token, { view })).status, 502);
  equal((await query(made.token, { view: view.replace(/.$/, (end) => end === "A" ? "B" : "A") })).status, 404);
  const other = await share(project, "counted", { uses_max: 1 });
  equal((await query(other.token, { view })).status, 404);
});

Deno.test("a dashboard that was deleted and made again under its name is not opened by the old link", async () => {
  const project = await makeProject("phoenix");
  const made = await share(project, "phoenix");
  const removed = await server.current.rest.request("DELETE", `${project.path}/dashboards/phoenix`);
  if (removed.status === 405 || removed.status === 404) {
    // Deleting is Perses' route; a project that goes takes its dashboards with it all the same.
    await server.current.rest.expect(204, "DELETE", project.path);
    await server.current.rest.expect(201, "POST", "/projects", { json: { id: project.id, name: "again" } });
    equal((await open(made.token)).status, 404);
    await putDashboard({ id: project.id, path: project.path, rest: server.current.rest }, "phoenix");
  } else await putDashboard(project, "phoenix");
  equal((await open(made.token)).status, 404);
  await eventually(
    "the audit log has why",
    async () => (await reasons(`actor=share:${made.id}`)).some(([, , code]) => code === "dashboard_replaced"),
  );
});

Deno.test("a link is renewed and limited without changing, and a revoked one stays revoked", async () => {
  const project = await makeProject("renewed");
  const made = await share(project, "renewed", { expires_in_seconds: 1 });
  await eventually("it has expired", async () => (await open(made.token)).status === 404);
  equal((await open(made.token)).status, 404);
  const place = `${sharesPath(project, "renewed")}/${made.id}`;
  await project.rest.expect(200, "PATCH", place, { json: { expires_in_seconds: 60 } });
  equal((await open(made.token)).status, 200);
  await project.rest.expect(200, "PATCH", place, { json: { allowed_cidrs: ["198.51.100.0/24"] } });
  equal((await open(made.token)).status, 404);
  await project.rest.expect(200, "PATCH", place, { json: { allowed_cidrs: [], uses_max: 1 } });
  equal((await open(made.token)).status, 404); // used once already
  await project.rest.expect(204, "DELETE", place);
  const revived = await project.rest.request<Problem>("PATCH", place, { json: { expires_in_seconds: 60 } });
  deepEqual([revived.status, revived.body.code], [409, "conflict"]);
});

Deno.test("wishes that cannot be are refused with their pointers", async () => {
  const project = await makeProject("wishes");
  const cases: [Record<string, unknown>, string][] = [
    [{}, "/expires_at"],
    [{ expires_at: "never" }, "/expires_at"],
    [{ expires_at: "2020-01-01T00:00:00Z" }, "/expires_at"],
    [{ expires_at: "2999-01-01T00:00:00Z" }, "/expires_at"],
    [{ expires_at: "2999-01-01T00:00:00Z", expires_in_seconds: 5 }, "/expires_in_seconds"],
    [{ expires_in_seconds: 60, uses_max: 0 }, "/uses_max"],
    [{ expires_in_seconds: 60, allowed_cidrs: ["192.0.2.0/24", "192.0.2.0/33"] }, "/allowed_cidrs/1"],
    [{ expires_in_seconds: 60, variables: { nobody: "x" } }, "/variables/nobody"],
    [{ expires_in_seconds: 60, variables: { region: "west" } }, "/variables/region"],
    [{ expires_in_seconds: 60, surprise: 1 }, "/surprise"],
  ];
  for (const [json, pointer] of cases) {
    const answer = await project.rest.request<Problem>("POST", sharesPath(project, "wishes"), { json });
    deepEqual([answer.status, answer.body.errors?.map((one) => one.pointer)], [422, [pointer]], answer.text);
  }
  equal(
    (await project.rest.request("POST", sharesPath(project, "nothing"), { json: { expires_in_seconds: 1 } })).status,
    404,
  );
  const other = await makeProject("wishes");
  const made = await share(project, "wishes");
  equal((await other.rest.request("DELETE", `${sharesPath(project, "wishes")}/${made.id}`)).status, 404);
  equal((await other.rest.request("DELETE", `${sharesPath(other, "wishes")}/${made.id}`)).status, 404);
  equal((await open(made.token)).status, 200);
});

Deno.test("an address that guesses must wait, others need not, and no token gets into log or audit", async () => {
  await using own = await TestServer.start({ config: { share_failures_per_minute: 3, trusted_proxies: "127.0.0.1" } });
  const guess = (address: string) =>
    own.rest.as(null).request("GET", `/share/${crypto.randomUUID()}`, { headers: forwarded(address) });
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 5; attempt++) statuses.push((await guess("192.0.2.1")).status);
  deepEqual(statuses, [404, 404, 404, 429, 429]);
  equal((await guess("192.0.2.2")).status, 404);
  const six = [];
  for (let attempt = 0; attempt < 4; attempt++) six.push((await guess(`2001:db8::${attempt}`)).status);
  deepEqual(six, [404, 404, 404, 429]);
  const entries = await own.rest.request("GET", "/internal/audit?action=open_share");
  const tokenForm = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-/;
  ok(!tokenForm.test(entries.text), entries.text);
  ok(!own.logLines.some((line) => tokenForm.test(JSON.stringify(line))));
});
