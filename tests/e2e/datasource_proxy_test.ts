/**
 * The datasource proxy: what reaches an upstream and what does not, SQL in Perses' shape, and a real Prometheus behind a datasource, with
 * the dashboards of Prometheus' templates.
 */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { datasourceRequests } from "../../src/server/datasource_requests.ts";
import { testWith } from "../support/claim.ts";
import type { PersesDocument, PersesMessage } from "../support/perses.ts";
import { TestProject } from "../support/project.ts";
import { PrometheusStack } from "../support/prometheus.ts";
import type { KeyAnswer, Rest } from "../support/rest.ts";
import { eventually, sharedServer } from "../support/server.ts";

const server = sharedServer();

interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** An HTTP server on the loopback that answers by path, and remembers what came. */
class Upstream implements AsyncDisposable {
  readonly received: Received[] = [];
  readonly #closing = Promise.withResolvers<void>();
  readonly #left = Promise.withResolvers<unknown>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      const { pathname, search } = new URL(request.url);
      const headers = Object.fromEntries(request.headers);
      this.received.push({ method: request.method, path: pathname + search, headers, body: await request.text() });
      switch (pathname) {
        case "/base/redirect":
          return new Response(null, { status: 302, headers: { location: "/base/ok" } });
        case "/base/teapot":
          return Response.json({ error: "short and stout" }, { status: 418, headers: { "set-cookie": "a=b" } });
        case "/base/endless":
          return new Response(endless());
        case "/base/silent":
          request.signal.addEventListener("abort", this.#left.resolve);
          await this.#closing.promise;
          return new Response(null);
        default:
          return Response.json({ ok: true });
      }
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/base`;
  }

  /** A request that waited for nothing was given up. */
  get left(): Promise<unknown> {
    return this.#left.promise;
  }

  get last(): Received | undefined {
    return this.received.at(-1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.resolve();
    await this.#server.shutdown();
  }
}

function endless(): ReadableStream<Uint8Array> {
  const chunk = new Uint8Array(1024 * 1024);
  return new ReadableStream({ pull: (controller) => controller.enqueue(chunk) });
}

function httpDatasource(name: string, spec: Record<string, unknown>) {
  const plugin = { kind: "PrometheusDatasource", spec: { proxy: { kind: "HTTPProxy", spec } } };
  return { kind: "Datasource", metadata: { name }, spec: { default: false, plugin } };
}

async function projectWith(
  ...datasources: readonly { metadata: { name: string }; spec: unknown }[]
): Promise<TestProject> {
  const project = await TestProject.create(server.current.rest, "proxy");
  for (const json of datasources) {
    await project.rest.expect(200, "POST", `/api/v1/projects/${project.id}/datasources`, { json });
  }
  return project;
}

async function readerOf(project: TestProject): Promise<Rest> {
  const key = await project.rest.expect<KeyAnswer>(201, "POST", `${project.path}/keys`, {
    json: { name: "reader", role: "read" },
  });
  return project.rest.as(key.key);
}

Deno.test("a request goes on with method, path, query and body, with the datasource's headers and not the client's key", async () => {
  await using upstream = new Upstream();
  const project = await projectWith(httpDatasource("api", {
    url: upstream.url,
    headers: { "x-secret": "kept here" },
    allowHeaders: ["x-scope", "authorization", "cookie"],
  }));
  const path = `/proxy/projects/${project.id}/datasources/api`;
  const reader = await readerOf(project);
  const posted = await reader.request("POST", `${path}/api/v1/query?a=%2F&b`, {
    raw: "query=up",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      cookie: "session=1",
      "x-scope": "tenant",
      "x-other": "stays",
      "x-secret": "forged",
    },
  });
  equal(posted.status, 200, posted.text);
  deepEqual(posted.body, { ok: true });
  const { method, path: seen, body, headers } = upstream.last!;
  deepEqual([method, seen, body], ["POST", "/base/api/v1/query?a=%2F&b", "query=up"]);
  deepEqual(
    ["authorization", "cookie", "x-other", "x-scope", "x-secret", "content-type"].map((name) => headers[name]),
    [undefined, undefined, undefined, "tenant", "kept here", "application/x-www-form-urlencoded"],
  );
  for (const verb of ["GET", "PUT", "PATCH", "DELETE"]) {
    equal((await reader.request(verb, `${path}/x`)).status, 200);
    equal(upstream.last?.method, verb);
  }
  const teapot = await reader.request("GET", `${path}/teapot`);
  deepEqual([teapot.status, teapot.body, teapot.headers.get("set-cookie")], [418, { error: "short and stout" }, null]);
  equal(teapot.headers.get("content-security-policy"), "sandbox");
});

Deno.test("redirects, silence and answers without end are cut off", async () => {
  await using upstream = new Upstream();
  const project = await projectWith(httpDatasource("api", { url: upstream.url, timeout: "1s" }));
  const path = `/proxy/projects/${project.id}/datasources/api`;
  const redirect = await project.rest.request<PersesMessage>("GET", `${path}/redirect`);
  deepEqual([redirect.status, /redirects are not followed/.test(redirect.body.message)], [502, true]);
  const silent = await project.rest.request<PersesMessage>("GET", `${path}/silent`);
  deepEqual([silent.status, /no answer/.test(silent.body.message)], [502, true]);
  const patient = await projectWith(httpDatasource("api", { url: upstream.url, timeout: "5m" }));
  const leaving = new AbortController();
  const waiting = patient.rest.fetch("GET", `/proxy/projects/${patient.id}/datasources/api/silent`, {
    signal: leaving.signal,
  });
  const count = upstream.received.length;
  await eventually("it waits", () => upstream.received.length > count);
  leaving.abort();
  await rejects(waiting);
  await upstream.left;
  equal(server.current.stderrText, "");
  const response = await project.rest.fetch("GET", `${path}/endless`);
  let byteCount = 0;
  const reading = (async () => {
    for await (const chunk of response.body ?? []) byteCount += chunk.length;
  })();
  await rejects(reading, "the answer ended as if it were whole");
  ok(byteCount <= 32 * 1024 * 1024, String(byteCount));
});

Deno.test("only allowed endpoints are asked, and no path leads out of the datasource", async () => {
  await using upstream = new Upstream();
  const allowedEndpoints = [{ endpointPattern: "(?i)/api/v1/(?P<what>labels|query)", method: "GET" }];
  const project = await projectWith(
    httpDatasource("narrow", { url: upstream.url, allowedEndpoints }),
    httpDatasource("wide", { url: upstream.url }),
  );
  const ask = (name: string, method: string, path: string) =>
    project.rest.request<PersesMessage>(method, `/proxy/projects/${project.id}/datasources/${name}${path}`);
  equal((await ask("narrow", "GET", "/API/v1/labels?x=1")).status, 200);
  const before = upstream.received.length;
  for (
    const [method, path] of [["POST", "/api/v1/labels"], ["GET", "/api/v1/labels/x"], ["GET", ""], [
      "GET",
      "/x/api/v1/query",
    ]] as const
  ) {
    const answer = await ask("narrow", method, path);
    deepEqual([answer.status, /does not allow/.test(answer.body.message)], [403, true], `${method} ${path}`);
  }
  for (const path of ["/..%2fadmin", "/a/%2e%2e%5cadmin", "/..%252fadmin"]) {
    equal((await ask("wide", "GET", path)).status, 400, path);
  }
  equal(upstream.received.length, before, "something got through");
});

Deno.test("who may read a place may ask its datasources: the project's, a dashboard's, the server's", async () => {
  await using upstream = new Upstream();
  const admin = server.current.rest;
  const project = await projectWith(httpDatasource("api", { url: upstream.url }));
  const other = await projectWith();
  const theirs = `/proxy/projects/${project.id}/datasources/api/x`;
  const refused = await other.rest.request<PersesMessage>("GET", theirs);
  deepEqual([refused.status, /missing 'read' permission/.test(refused.body.message)], [403, true]);
  equal((await admin.as(null).request("GET", theirs)).status, 401);
  const missing = await project.rest.request<PersesMessage>("GET", theirs.replace("api/x", "none/x"));
  deepEqual([missing.status, missing.body.message], [404, "document not found"]);
  equal(upstream.received.length, 0);

  const { spec } = httpDatasource("x", { url: upstream.url });
  const global = { kind: "GlobalDatasource", metadata: { name: "everywhere" }, spec };
  await admin.expect(200, "POST", "/api/v1/globaldatasources", { json: global });
  equal((await project.rest.request("GET", "/proxy/globaldatasources/everywhere/x")).status, 200);
  const dashboard = { kind: "Dashboard", spec: { panels: {}, layouts: [], datasources: { Local: spec } } };
  await project.rest.expect(201, "PUT", `${project.path}/dashboards/board`, { json: dashboard });
  const local = `/proxy/projects/${project.id}/dashboards/board/datasources/Local/x`;
  equal((await project.rest.request("GET", local)).status, 200);
  equal((await other.rest.request("GET", local)).status, 403);
  equal((await project.rest.request("GET", local.replace("Local", "constructor"))).status, 404);
  const direct = {
    ...httpDatasource("direct", {}),
    spec: { default: false, plugin: { kind: "PrometheusDatasource", spec: { directUrl: upstream.url } } },
  };
  await project.rest.expect(200, "POST", `/api/v1/projects/${project.id}/datasources`, { json: direct });
  const noProxy = await project.rest.request<PersesMessage>("GET", theirs.replace("api/x", "direct/x"));
  deepEqual([noProxy.status, /it has no proxy/.test(noProxy.body.message)], [400, true]);
});

Deno.test("a DuckDBDatasource answers POST {query} in the shape of Perses' SQL proxy, read-only", async () => {
  const admin = server.current.rest;
  const project = await TestProject.withSales(admin, "sqlproxy");
  const workspace = await project.workspace();
  const duckdb = (name: string, spec: Record<string, unknown>, kind = "Datasource") => ({
    kind,
    metadata: { name },
    spec: { default: false, plugin: { kind: "DuckDBDatasource", spec } },
  });
  const inProject = `/api/v1/projects/${project.id}/datasources`;
  const own = { source: "workspace", workspace: workspace.id };
  await project.rest.expect(200, "POST", inProject, { json: duckdb("own", own) });
  await project.rest.expect(200, "POST", inProject, { json: duckdb("history", { source: "history" }) });
  const path = `/proxy/projects/${project.id}/datasources/own`;
  const reader = await readerOf(project);
  const sql = (query: string) => reader.request<PersesMessage>("POST", path, { json: { query } });
  const answer = await sql("SELECT name, count(*) AS orders FROM in_c_sales.customers GROUP BY 1 ORDER BY 1 LIMIT 1");
  deepEqual(answer.body as unknown, {
    columns: [{ name: "name", type: "text" }, { name: "orders", type: "bigint" }],
    rows: [{ name: "Ada", orders: 1 }],
  });
  const write = await sql("CREATE TABLE x AS SELECT 1 AS one");
  const onlySelect = [400, "bad request: only SELECT queries are allowed through the SQL proxy"];
  deepEqual([write.status, write.body.message], onlySelect);
  for (const text of ["DROP TABLE in_c_sales.customers", "/* x */ DELETE FROM in_c_sales.customers -- SELECT"]) {
    const refused = await sql(text);
    deepEqual([refused.status, refused.body.message], onlySelect);
  }
  equal((await sql("-- the newest\nSELECT /* one */ 1 AS one")).status, 200);
  equal((await reader.request("GET", path)).status, 405);
  equal((await reader.request("POST", path, { json: { query: "" } })).status, 400);
  equal((await reader.request("POST", path, { raw: "SELECT 1" })).status, 415);
  const history = { json: { query: "SELECT count(*) AS samples FROM metrics" } };
  const historyPath = path.replace("/own", "/history");
  const closed = await reader.request<PersesMessage>("POST", historyPath, history);
  deepEqual([closed.status, /only the administrator/.test(closed.body.message)], [403, true]);
  await admin.expect(200, "POST", "/internal/jobs/metric_sampling/run");
  const open = await admin.expect<{ rows: { samples: number }[] }>(200, "POST", historyPath, history);
  ok((open.rows[0]?.samples ?? 0) > 50);
  await admin.expect(200, "POST", "/api/v1/globaldatasources", { json: duckdb("one-ws", own, "GlobalDatasource") });
  const elsewhere = await reader.request<PersesMessage>("POST", "/proxy/globaldatasources/one-ws", {
    json: { query: "SELECT 1" },
  });
  deepEqual([elsewhere.status, /which is in a project/.test(elsewhere.body.message)], [400, true]);
});

Deno.test("a datasource that is not stored is tried with the rules of a stored one, by who may create it", async () => {
  await using upstream = new Upstream();
  const admin = server.current.rest;
  const project = await projectWith();
  const reader = await readerOf(project);
  const base = `/proxy/unsaved/projects/${project.id}`;
  const { spec } = httpDatasource("x", {
    url: upstream.url,
    headers: { "x-secret": "of the form" },
    allowedEndpoints: [{ endpointPattern: "/api/v1/.*", method: "POST" }, {
      endpointPattern: "/redirect",
      method: "GET",
    }],
  });
  const post = (rest: Rest, path: string, json: unknown) => rest.request<PersesMessage>("POST", path, { json });
  const asked = { method: "POST", body: btoa("query=up"), spec };
  for (const path of [`${base}/datasources`, `${base}/dashboards/any/datasources`]) {
    const answer = await post(project.rest, `${path}/api/v1/query?a=%2F`, asked);
    deepEqual([answer.status, answer.body as unknown], [200, { ok: true }], answer.text);
    const { method, path: seen, body, headers } = upstream.last!;
    deepEqual([method, seen, body], ["POST", "/base/api/v1/query?a=%2F", "query=up"]);
    deepEqual([headers["authorization"], headers["x-secret"]], [undefined, "of the form"]);
  }
  equal((await post(admin, "/proxy/unsaved/globaldatasources/api/v1/query", asked)).status, 200);
  const count = upstream.received.length;
  const refusals: readonly (readonly [number, Rest, string, unknown, RegExp])[] = [
    [
      403,
      reader,
      `${base}/datasources/api/v1/x`,
      asked,
      /missing 'create' permission in '.*' project for 'Datasource' kind/,
    ],
    [403, project.rest, "/proxy/unsaved/globaldatasources/x", asked, /missing 'create' global permission/],
    [401, admin.as(null), `${base}/datasources/api/v1/x`, asked, /^unauthorized/],
    [403, project.rest, `${base}/datasources/admin`, asked, /does not allow POST \/admin/],
    [403, project.rest, `${base}/datasources/api/v1/x`, { ...asked, method: "PUT" }, /does not allow PUT/],
    [400, project.rest, `${base}/datasources/api/v1/..%2fadmin`, asked, /leads out/],
    [400, project.rest, `${base}/datasources/api/v1/x`, { spec }, /^bad request: missing field 'method'$/],
    [
      400,
      project.rest,
      `${base}/datasources/api/v1/x`,
      { ...asked, method: "BREW" },
      /^bad request: invalid method "BREW"$/,
    ],
    [400, project.rest, `${base}/datasources/api/v1/x`, { ...asked, body: "*" }, /base64/],
    [400, project.rest, `${base}/datasources/api/v1/x`, { method: "GET" }, /spec cannot be empty/],
    [
      400,
      project.rest,
      `${base}/datasources/x`,
      { method: "GET", spec: httpDatasource("x", {}).spec },
      /url cannot be empty/,
    ],
  ];
  for (const [status, rest, path, json, message] of refusals) {
    const answer = await post(rest, path, json);
    deepEqual([answer.status, message.test(answer.body.message)], [status, true], `${path}: ${answer.text}`);
  }
  equal(upstream.received.length, count, "something got through");
  const redirect = await post(project.rest, `${base}/datasources/redirect`, { method: "GET", spec });
  deepEqual([redirect.status, /redirects are not followed/.test(redirect.body.message)], [502, true]);
  equal((await project.rest.request("GET", `${base}/datasources/api/v1/x`)).status, 405);
  equal((await project.rest.request("POST", `${base}/datasources/api/v1/x`, { raw: "{}" })).status, 415);
  const sql = { default: false, plugin: { kind: "DuckDBDatasource", spec: { source: "history" } } };
  const query = { method: "POST", body: btoa(JSON.stringify({ query: "SELECT 1 AS one" })), spec: sql };
  const rows = await post(admin, "/proxy/unsaved/globaldatasources/", query);
  deepEqual((rows.body as unknown as { rows: unknown }).rows, [{ one: 1 }], rows.text);
  equal((await post(project.rest, `${base}/datasources/`, query)).status, 403);
});

Deno.test("no datasource is at a cloud's metadata address: saved, unsaved, direct, in a panel", async () => {
  const url = "http://169.254.169.254";
  const { spec } = httpDatasource("cloud", { url });
  const direct = { default: false, plugin: { kind: "PrometheusDatasource", spec: { directUrl: url } } };
  const project = await projectWith({ metadata: { name: "cloud" }, kind: "Datasource", spec } as never, {
    metadata: { name: "direct" },
    kind: "Datasource",
    spec: direct,
  } as never);
  const refused = /169\.254\.169\.254 must not be asked: it is in 169\.254\.0\.0\/16, which is denied/;
  const inProject = `projects/${project.id}/datasources`;
  const saved = await project.rest.request<PersesMessage>("GET", `/proxy/${inProject}/cloud/latest/meta-data`);
  const unsaved = await project.rest.request<PersesMessage>("POST", `/proxy/unsaved/${inProject}/latest`, {
    json: { method: "GET", spec },
  });
  for (const { status, body } of [saved, unsaved]) deepEqual([status, refused.test(body.message)], [403, true]);
  for (const name of ["cloud", "direct"]) {
    const plugin = {
      kind: "PrometheusTimeSeriesQuery",
      spec: { query: "up", datasource: { kind: "PrometheusDatasource", name } },
    };
    const answer = await project.rest.request<{ detail: string }>("POST", `${project.path}/panel-query`, {
      json: { plugin, from: 0, to: 60_000 },
    });
    deepEqual([answer.status, refused.test(answer.body.detail)], [403, true], answer.text);
  }
});

Deno.test("a connection goes to the address that was checked, not to what the name means by then; one that is shut gives way", async () => {
  await using upstream = new Upstream();
  const { port } = new URL(upstream.url);
  const resolved: string[] = [];
  const { fetchJson, passOn } = datasourceRequests({
    denied: [],
    allowed: [],
    resolve: (hostname) => {
      resolved.push(hostname);
      return Promise.resolve(["127.0.0.2", "127.0.0.1"]);
    },
  });
  const url = `http://nobody-has-this-name.invalid:${port}/base`;
  const target = { url, headers: {}, timeoutMs: 10_000, allowedEndpoints: [] };
  deepEqual(await fetchJson(target, "/x", new URLSearchParams("a=1")), { ok: true });
  equal(upstream.last?.headers["host"], `nobody-has-this-name.invalid:${port}`);
  const body = new TextEncoder().encode("once");
  const answer = await passOn({ url, method: "POST", headers: new Headers(), body, timeoutMs: 10_000 });
  deepEqual([await answer.json(), upstream.last?.body], [{ ok: true }, "once"]);
  deepEqual([resolved.length, upstream.received.length], [2, 2]);
});

interface Data {
  readonly series: readonly { readonly name: string; readonly values: readonly (readonly [number, number | null])[] }[];
}

testWith(
  ["prometheus", "prometheus-alertmanager"],
  "a real Prometheus behind a datasource: series, the proxy, variables with all, and every query of the templates is PromQL",
  async () => {
    await using stack = await PrometheusStack.start({
      target: `127.0.0.1:${server.current.httpPort}`,
      rules: "groups: []",
      webhookUrl: "http://127.0.0.1:9/",
    });
    await eventually("the server is scraped", async () => (await stack.query('up{job="eider"} == 1')).length === 1);
    const project = await projectWith({
      ...httpDatasource("prom", { url: stack.url }),
      spec: { ...httpDatasource("prom", { url: stack.url }).spec, default: true },
    });
    const now = Date.now();
    const range = { from: now - 60_000, to: now + 60_000, interval_ms: 1000 };
    const spec = {
      variables: [{
        kind: "ListVariable",
        spec: {
          name: "job",
          allowAllValue: true,
          allowMultiple: true,
          defaultValue: "$__all",
          plugin: { kind: "PrometheusLabelValuesVariable", spec: { labelName: "job", matchers: ["up"] } },
        },
      }],
      panels: {
        up: {
          kind: "Panel",
          spec: {
            plugin: { kind: "TimeSeriesChart", spec: {} },
            queries: [{
              kind: "TimeSeriesQuery",
              spec: {
                plugin: {
                  kind: "PrometheusTimeSeriesQuery",
                  spec: { query: 'up{job=~"$job"}', seriesNameFormat: "{{job}} is up" },
                },
              },
            }],
          },
        },
      },
      layouts: [],
    };
    await project.rest.expect(201, "PUT", `${project.path}/dashboards/up`, { json: { kind: "Dashboard", spec } });
    const path = `${project.path}/dashboards/up`;
    const { items } = await project.rest.expect<{ items: unknown[] }>(200, "POST", `${path}/variables`, { json: {} });
    deepEqual(items, [{
      name: "job",
      kind: "ListVariable",
      title: "job",
      options: [{ value: "eider", label: "eider" }],
      value: "$__all",
      query_value: ["eider"],
      error: null,
      allow_all: true,
      allow_multiple: true,
      hidden: false,
    }]);
    const panel = { panel: "up", ...range };
    for (const job of ["$__all", "eider", ["eider", "other"]]) {
      const data = await project.rest.expect<Data>(200, "POST", `${path}/query`, {
        json: { ...panel, variables: { job } },
      });
      deepEqual(data.series.map(({ name }) => name), ["eider is up"]);
      ok(data.series[0]!.values.some(([, value]) => value === 1));
    }
    const proxied = await project.rest.expect<{ status: string; data: { result: unknown[] } }>(
      200,
      "GET",
      `/proxy/projects/${project.id}/datasources/prom/api/v1/query?query=up`,
    );
    deepEqual([proxied.status, proxied.data.result.length], ["success", 1]);

    for (const name of ["model-serving", "training-job", "notebook-server", "data-pipeline"]) {
      const document = await project.rest.expect<PersesDocument>(
        201,
        "POST",
        `${project.path}/dashboard-templates/${name}/instantiate`,
        { json: { name, parameters: name === "data-pipeline" ? { datasource: "prom" } : {} } },
      );
      const resolved = await project.rest.expect<{ items: { name: string; query_value: string; error: null }[] }>(
        200,
        "POST",
        `${project.path}/dashboards/${name}/variables`,
        { json: {} },
      );
      deepEqual(
        resolved.items.map(({ query_value, error }) => [query_value, error]).flat().join(),
        resolved.items.map(() => ".*,").join(),
      );
      const variables = Object.fromEntries(resolved.items.map((item) => [item.name, "$__all"]));
      const panels = document.spec["panels"] as Record<string, { spec: { queries?: unknown[] } }>;
      for (const [key, { spec: { queries = [] } }] of Object.entries(panels)) {
        for (const query of queries.keys()) {
          const answer = await project.rest.request<Data>("POST", `${project.path}/dashboards/${name}/query`, {
            json: { panel: key, query, ...range, interval_ms: 15_000, variables },
          });
          equal(answer.status, 200, `${name}/${key}: ${answer.text}`);
          if (name === "notebook-server" && key === "process_memory") {
            match(answer.body.series[0]?.name ?? "", /^127\.0\.0\.1:\d+$/);
          }
        }
      }
    }
  },
);
