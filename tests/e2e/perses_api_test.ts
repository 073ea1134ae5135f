/** percli's request sequences (`shared/design/perses/api.md`, section 4) against the real server. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import {
  applyAsPercli,
  hasPersesData,
  persesDataRemark,
  type PersesDocument,
  persesRefusal,
  readPersesFile,
} from "../support/perses.ts";
import type { KeyAnswer } from "../support/rest.ts";
import { sharedServer } from "../support/server.ts";

const server = sharedServer();

function dashboard(name: string, more: Record<string, unknown> = {}): PersesDocument {
  const spec = { display: { name: `Board ${name}` }, panels: {}, layouts: [], duration: "1h", ...more };
  return { kind: "Dashboard", metadata: { name }, spec } as unknown as PersesDocument;
}

async function createProject(name: string): Promise<string> {
  const body = { kind: "Project", metadata: { name }, spec: { display: { name: `Project ${name}` } } };
  await server.current.rest.expect(200, "POST", "/api/v1/projects", { json: body });
  return name;
}

Deno.test("login: configuration, token, whoami, refresh, logout; a wrong password is 400", async () => {
  const { rest, adminKey } = server.current;
  const anonymous = rest.as(null);
  const config = await anonymous.expect<{ security: Record<string, unknown> }>(200, "GET", "/api/config");
  equal(config.security["enable_auth"], true);
  deepEqual((config.security["authentication"] as Record<string, unknown>)["providers"], { enable_native: true });
  const login = "/api/auth/providers/native/login";
  const token = await anonymous.expect<Record<string, string>>(200, "POST", login, {
    json: { login: "admin", password: adminKey },
  });
  equal(token["token_type"], "Bearer");
  const whoami = () => rest.as(token["access_token"]!).expect<PersesDocument>(200, "GET", "/api/v1/user/whoami");
  deepEqual([(await whoami()).kind, (await whoami()).metadata.name], ["User", "admin"]);
  const refresh = { refresh_token: token["refresh_token"] };
  const refreshed = await anonymous.expect<Record<string, string>>(200, "POST", "/api/auth/refresh", { json: refresh });
  equal(refreshed["access_token"], token["access_token"]);
  for (const body of [{ login: "admin", password: "wrong" }, { login: "root", password: adminKey }, {}]) {
    equal((await persesRefusal(anonymous, 400, "POST", login, body)).message, "bad request: wrong login or password ");
  }
  await persesRefusal(anonymous, 400, "POST", "/api/auth/refresh", { refresh_token: "wrong" });
  const logout = await fetch(`${rest.baseUrl}/api/auth/logout`, { redirect: "manual" });
  await logout.body?.cancel();
  equal(logout.status, 302);
  match((await persesRefusal(anonymous, 401, "GET", "/api/v1/user/whoami")).message, /^unauthorized: /);
});

Deno.test("a project's key logs in by its name, sees its project only, and is dead at once when deleted", async () => {
  const { rest } = server.current;
  await createProject("keyed");
  await createProject("other");
  await rest.expect(200, "POST", "/api/v1/projects/other/dashboards", { json: dashboard("theirs") });
  const key = await rest.expect<KeyAnswer>(201, "POST", "/projects/keyed/keys", {
    json: { name: "ci bot", role: "read" },
  });
  const login = "/api/auth/providers/native/login";
  for (const name of ["keyed/ci bot", "ci bot"]) {
    await rest.as(null).expect(200, "POST", login, { json: { login: name, password: key.key } });
  }
  await persesRefusal(rest.as(null), 400, "POST", login, { login: "other/ci bot", password: key.key });
  const reader = rest.as(key.key);
  equal((await reader.expect<PersesDocument>(200, "GET", "/api/v1/user/whoami")).metadata.name, "keyed/ci bot");
  const names = async (path: string) =>
    (await reader.expect<PersesDocument[]>(200, "GET", path)).map(({ metadata }) => metadata.name);
  deepEqual(await names("/api/v1/projects"), ["keyed"]);
  deepEqual(await names("/api/v1/dashboards"), []);
  deepEqual(await names("/api/v1/globaldatasources"), []);
  const forbidden = "forbidden access: missing 'read' permission in 'other' project for 'Dashboard' kind";
  for (const path of ["/projects/other/dashboards", "/projects/other/dashboards/theirs", "/dashboards?project=other"]) {
    equal((await persesRefusal(reader, 403, "GET", `/api/v1${path}`)).message, forbidden);
  }
  // One that does not exist is answered the same way.
  equal(
    (await persesRefusal(reader, 403, "GET", "/api/v1/projects/missing/dashboards")).message,
    forbidden.replace("other", "missing"),
  );
  equal(
    (await persesRefusal(reader, 403, "POST", "/api/v1/projects/keyed/dashboards", dashboard("d"))).message,
    "forbidden access: missing 'create' permission in 'keyed' project for 'Dashboard' kind",
  );
  equal(
    (await persesRefusal(reader, 403, "POST", "/api/v1/projects", { kind: "Project", metadata: { name: "x" } }))
      .message,
    "forbidden access: missing 'create' global permission for 'Project' kind",
  );
  await persesRefusal(reader, 403, "POST", "/api/v1/globalvariables", {});
  await rest.expect(204, "DELETE", `/projects/keyed/keys/${key.id}`);
  await persesRefusal(reader, 401, "GET", "/api/v1/projects");
  await persesRefusal(rest.as(null), 400, "POST", "/api/auth/refresh", { refresh_token: key.key });
});

Deno.test("a project made by Perses is the server's project: key, name, description, deletion with all in it", async () => {
  const { rest } = server.current;
  const display = { name: "Data Team", description: "ours" };
  const body = { kind: "Project", metadata: { name: "DataTeam", tags: ["a"] }, spec: { display } };
  const created = await rest.request<PersesDocument>("POST", "/api/v1/projects", { json: body });
  equal(created.status, 200);
  deepEqual([created.body.metadata.name, created.body.metadata.version, created.body.spec], ["datateam", 0, {
    display,
  }]);
  const own = rest.as(created.headers.get("x-eider-api-key"));
  equal((await own.expect<{ name: string }>(200, "GET", "/projects/datateam")).name, "Data Team");
  equal((await persesRefusal(rest, 409, "POST", "/api/v1/projects", body)).message, "document already exists");
  const changed = await own.expect<PersesDocument>(200, "PUT", "/api/v1/projects/DataTeam", {
    json: { ...body, spec: { display: { ...display, name: "Team" } } },
  });
  deepEqual([changed.metadata.version, changed.metadata.createdAt], [1, created.body.metadata.createdAt]);
  equal((await rest.expect<{ name: string }>(200, "GET", "/projects/datateam")).name, "Team");
  await rest.expect(200, "PATCH", "/projects/datateam", { json: { name: "Renamed" } });
  const seen = await own.expect<PersesDocument>(200, "GET", "/api/v1/projects/datateam");
  deepEqual([seen.spec, seen.metadata.tags], [{ display: { ...display, name: "Renamed" } }, ["a"]]);
  await own.expect(200, "POST", "/api/v1/projects/datateam/dashboards", { json: dashboard("d") });
  await rest.expect(204, "DELETE", "/api/v1/projects/datateam");
  equal((await persesRefusal(rest, 404, "GET", "/api/v1/projects/datateam")).message, "document not found");
  await rest.expect(200, "POST", "/api/v1/projects", { json: body });
  deepEqual(await rest.expect(200, "GET", "/api/v1/projects/datateam/dashboards"), []);
});

Deno.test("a project with capitals that REST made is found whatever the case", async () => {
  const { rest } = server.current;
  await rest.expect(201, "POST", "/projects", { json: { id: "MixedCase", name: "Mixed" } });
  await rest.expect(200, "POST", "/api/v1/projects/mixedcase/dashboards", { json: dashboard("d") });
  const found = await rest.expect<PersesDocument>(200, "GET", "/api/v1/projects/MIXEDCASE/dashboards/D");
  equal(found.metadata.project, "MixedCase");
  const body = { kind: "Project", metadata: { name: "mixedcase" } };
  await persesRefusal(rest, 409, "POST", "/api/v1/projects", body);
});

Deno.test("apply: POST, then 409 and PUT; times, versions and the client's own values", async () => {
  const { rest } = server.current;
  await createProject("applied");
  const document = dashboard("Board");
  deepEqual(await applyAsPercli(rest, "applied", document), ["POST"]);
  const path = "/api/v1/projects/applied/dashboards/board";
  const first = await rest.expect<PersesDocument>(200, "GET", path);
  match(first.metadata.createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
  deepEqual([first.metadata.version, first.metadata.updatedAt], [0, first.metadata.createdAt]);
  const mine = { ...document, metadata: { ...document.metadata, version: 42, createdAt: "2001-01-01T00:00:00Z" } };
  deepEqual(await applyAsPercli(rest, "applied", mine), ["POST", "PUT"]);
  const second = await rest.expect<PersesDocument>(200, "GET", path);
  deepEqual([second.metadata.version, second.metadata.createdAt], [1, first.metadata.createdAt]);
  ok(second.metadata.updatedAt > first.metadata.updatedAt);
  deepEqual(second.spec, document.spec);
  equal(
    (await persesRefusal(rest, 409, "POST", "/api/v1/dashboards", {
      ...document,
      metadata: { name: "BOARD", project: "Applied" },
    })).message,
    "document already exists",
  );
});

Deno.test("refusals have Perses' statuses and texts", async () => {
  const { rest } = server.current;
  await createProject("refusing");
  const base = "/api/v1/projects/refusing/dashboards";
  const cases: readonly (readonly [number, string, string, unknown, string])[] = [
    [
      400,
      "POST",
      "/api/v1/projects/nowhere/dashboards",
      dashboard("d"),
      `bad request: metadata.project "nowhere" doesn't exist`,
    ],
    [
      400,
      "GET",
      "/api/v1/projects/nowhere/dashboards",
      undefined,
      `bad request: metadata.project "nowhere" doesn't exist`,
    ],
    [400, "POST", "/api/v1/dashboards", dashboard("d"), "bad request: metadata.project cannot be empty"],
    [404, "GET", `${base}/missing`, undefined, "document not found"],
    [404, "PUT", `${base}/missing`, dashboard("missing"), "document not found"],
    [404, "DELETE", `${base}/missing`, undefined, "document not found"],
    [404, "DELETE", "/api/v1/projects/nowhere/dashboards/d", undefined, "document not found"],
    [404, "GET", "/api/v1/globalvariables/missing", undefined, "document not found"],
    [
      400,
      "POST",
      base,
      { kind: "Folder", metadata: { name: "f" } },
      'bad request: invalid kind: "Folder" for a Dashboard type',
    ],
    [
      400,
      "PUT",
      `${base}/one`,
      dashboard("two"),
      "bad request: name parameter value 'one' does not match provided metadata value 'two'",
    ],
    [
      400,
      "GET",
      "/api/v1/projects/refusing/dashboards?project=applied",
      undefined,
      "bad request: the project name in the path (refusing) and the project name in the query parameter (applied) are different",
    ],
    [
      400,
      "GET",
      "/api/v1/dashboards?project=a%20b",
      undefined,
      'bad request: the project name in the query parameter is invalid: "a b" is not a correct name. ' +
      "It should match the regexp: ^[a-zA-Z0-9_.-]+$",
    ],
    [
      400,
      "POST",
      "/api/v1/projects/NoWhere/dashboards",
      dashboard("d"),
      `bad request: metadata.project "NoWhere" doesn't exist`,
    ],
    [
      400,
      "GET",
      "/api/v1/projects/nowhere/dashboards/d",
      undefined,
      `bad request: metadata.project "nowhere" doesn't exist`,
    ],
    [
      400,
      "GET",
      "/proxy/projects/nowhere/datasources/d/x",
      undefined,
      `bad request: metadata.project "nowhere" doesn't exist`,
    ],
    [
      400,
      "GET",
      `${base}?metadata_only=banana`,
      undefined,
      'bad request: strconv.ParseBool: parsing "banana": invalid syntax',
    ],
    [400, "POST", "/api/v1/view", {}, "bad request: project cannot be empty"],
    [400, "POST", "/api/v1/view", { project: "refusing" }, "bad request: dashboard cannot be empty"],
    [400, "POST", "/api/migrate", {}, "bad request: grafanaDashboard cannot be empty"],
  ];
  for (const [status, method, path, body, message] of cases) {
    equal((await persesRefusal(rest, status, method, path, body)).message, message);
  }
  const wrongType = await rest.request("POST", base, { raw: "{}", headers: { "content-type": "text/plain" } });
  deepEqual([wrongType.status, wrongType.text.includes('"unsupported media type"')], [415, true]);
  const headers = { "content-type": "application/json" };
  equal((await rest.request("POST", base, { raw: "{", headers })).status, 400);
  const large = await rest.request("POST", "/api/migrate", { raw: " ".repeat(1_100_000), headers });
  equal(large.status, 413);
  const broken = dashboard("d", { panels: { "x y": {} }, duration: "5x" });
  const { message, problems } = await persesRefusal(rest, 400, "POST", base, broken);
  match(message, /^bad request: "x y" is not a correct name/);
  deepEqual(problems?.map(({ pointer }) => pointer), [
    "/spec/panels/x y",
    "/spec/panels/x y/spec/plugin/kind",
    "/spec/duration",
  ]);
});

Deno.test("lists: prefix of the name, project, metadata only, datasources by plugin and default", async () => {
  const { rest } = server.current;
  await createProject("listed");
  for (const name of ["alpha", "alps", "beta"]) {
    await rest.expect(200, "POST", "/api/v1/projects/listed/dashboards", { json: dashboard(name) });
  }
  const list = async (path: string) => await rest.expect<PersesDocument[]>(200, "GET", path);
  const names = async (path: string) => (await list(path)).map(({ metadata }) => metadata.name);
  deepEqual(await names("/api/v1/projects/listed/dashboards"), ["alpha", "alps", "beta"]);
  deepEqual(await names("/api/v1/projects/listed/dashboards?name=AL"), ["alpha", "alps"]);
  deepEqual(await names("/api/v1/projects/listed/dashboards?name=%25"), []);
  deepEqual(await names("/api/v1/dashboards?project=Listed&name=b"), ["beta"]);
  deepEqual((await list("/api/v1/dashboards?project=listed&metadata_only=true")).map(({ spec }) => spec), [{}, {}, {}]);
  deepEqual((await list("/api/v1/dashboards?project=listed&metadata_only=T&name=b")).map(({ spec }) => spec), [{}]);
  deepEqual(await names("/api/v1/dashboards?project=nowhere"), []);
  deepEqual(await names("/api/v1/projects?name=list"), ["listed"]);
  const datasource = (name: string, isDefault: boolean, kind: string) => ({
    kind: "Datasource",
    metadata: { name },
    spec: { default: isDefault, plugin: { kind, spec: { directUrl: "http://localhost:9090" } } },
  });
  const sources = "/api/v1/projects/listed/datasources";
  for (
    const body of [
      datasource("p1", true, "PrometheusDatasource"),
      datasource("p2", false, "PrometheusDatasource"),
      datasource("l1", true, "LokiDatasource"),
    ]
  ) await rest.expect(200, "POST", sources, { json: body });
  deepEqual(await names(`${sources}?kind=PrometheusDatasource`), ["p1", "p2"]);
  deepEqual(await names(`${sources}?kind=prometheusdatasource`), []);
  deepEqual(await names(`${sources}?default=TRUE`), ["l1", "p1"]);
  deepEqual(await names(`${sources}?kind=PrometheusDatasource&default=false`), ["p2"]);
  match(
    (await persesRefusal(rest, 400, "POST", sources, datasource("p3", true, "PrometheusDatasource"))).message,
    /datasource "p3" cannot be a default "PrometheusDatasource" because there is already one defined named "p1"$/,
  );
});

Deno.test("two writers: a blind PUT wins, one with an old If-Match is 412", async () => {
  const { rest } = server.current;
  await createProject("written");
  const path = "/api/v1/projects/written/dashboards/d";
  await rest.expect(200, "POST", "/api/v1/projects/written/dashboards", { json: dashboard("d") });
  const etag = (await rest.request("GET", path)).headers.get("etag") ?? "";
  const put = (headers: Record<string, string>) => rest.request("PUT", path, { json: dashboard("d"), headers });
  equal((await put({})).status, 200);
  const stale = await put({ "if-match": etag });
  deepEqual([stale.status, typeof (stale.body as { message: string }).message], [412, "string"]);
  equal((await put({ "if-match": '"v1"' })).headers.get("etag"), '"v2"');
  equal((await put({ "if-match": "W/x" })).status, 400);
});

Deno.test("global datasources and variables, folders, variables, ephemeral dashboards: created, read, deleted", async () => {
  const { rest } = server.current;
  await createProject("kinds");
  const variable = { kind: "TextVariable", spec: { value: "x" } };
  const plugin = { kind: "PrometheusDatasource", spec: { directUrl: "http://localhost:9090" } };
  const folder = { items: [{ kind: "Dashboard", name: "d" }] };
  const cases: readonly (readonly [string, string, unknown])[] = [
    ["globalvariables", "GlobalVariable", variable],
    ["globaldatasources", "GlobalDatasource", { default: false, plugin }],
    ["projects/kinds/variables", "Variable", variable],
    ["projects/kinds/folders", "Folder", folder],
    ["projects/kinds/ephemeraldashboards", "EphemeralDashboard", { ttl: "1h", ...dashboard("x").spec }],
  ];
  for (const [path, kind, spec] of cases) {
    await rest.expect(200, "POST", `/api/v1/${path}`, { json: { kind, metadata: { name: "one" }, spec } });
    const found = await rest.expect<PersesDocument>(200, "GET", `/api/v1/${path}/one`);
    deepEqual([found.kind, found.spec], [kind, spec]);
    equal((await rest.expect<unknown[]>(200, "GET", `/api/v1/${path}`)).length, 1, path);
    await rest.expect(204, "DELETE", `/api/v1/${path}/one`);
    deepEqual(await rest.expect(200, "GET", `/api/v1/${path}`), []);
  }
});

Deno.test("validate keeps nothing, migrate makes a document that can be stored, search finds it, a view is counted", async () => {
  const { rest } = server.current;
  await createProject("tools");
  const anonymous = rest.as(null);
  equal((await anonymous.request("POST", "/api/validate/dashboards", { json: dashboard("d") })).text, "");
  const stat = { kind: "Panel", spec: { plugin: { kind: "StatChart", spec: {} } } };
  const wrong = dashboard("d", { panels: { p: stat } });
  match(
    (await persesRefusal(anonymous, 400, "POST", "/api/validate/dashboards", wrong)).message,
    /invalid panel plugin "StatChart": spec.calculation: field is required but not present$/,
  );
  const grafana = { title: "Kettle temperatures", panels: [{ type: "stat", targets: [{ expr: "kettle" }] }] };
  const migrated = await anonymous.expect<PersesDocument>(200, "POST", "/api/migrate", {
    json: { grafanaDashboard: grafana },
  });
  equal(migrated.metadata.name, "kettle-temperatures");
  await rest.expect(200, "POST", "/api/v1/projects/tools/dashboards", { json: migrated });
  const [hit] = await rest.expect<{ displayName: string; metadata: { project: string } }[]>(
    200,
    "GET",
    "/api/v1/search/dashboards?query=ketle&project=tools",
  );
  deepEqual([hit?.displayName, hit?.metadata.project], ["Kettle temperatures", "tools"]);
  const view = { project: "tools", dashboard: "kettle-temperatures", render_time: 1 };
  equal((await rest.request("POST", "/api/v1/view", { json: view })).status, 200);
  await persesRefusal(rest, 404, "POST", "/api/v1/view", { ...view, dashboard: "none" });
  match((await anonymous.request("GET", "/metrics")).text, /^dashboard_views_total 1$/m);
  const plugins = await anonymous.expect<{ kind: string }[]>(200, "GET", "/api/v1/plugins");
  ok(plugins.length > 20 && plugins.every(({ kind }) => kind === "PluginModule"));
  const openapi = await anonymous.expect<{ paths: Record<string, unknown> }>(200, "GET", "/openapi.json");
  ok("/api/v1/projects/{project}/dashboards/{name}" in openapi.paths);
});

Deno.test({
  name: `the real documents go in and come out with the same meaning, or are refused${persesDataRemark}`,
  ignore: !hasPersesData,
  fn: async () => {
    const { rest } = server.current;
    const files = ["perses-dev-6-project.json", "perses-dev-8-datasource.json", "perses-dev-11-variable.json"];
    files.push("perses-dev-12-folder.json", "perses-dac-expected.json", "cd-prometheus.yaml", "cd-kubelet.yaml");
    files.push("cd-istio-performance.yaml", "cd-k8s-namespace-resources.yaml", "perses-migrated-basic.json");
    files.push("perses-migrated-panel-repeat.json", "perses-migrated-row-repeat.json", "perses-e2e-empty.json");
    files.push("perses-validate-regex-in-variable.json", "perses-cli-multiple-resources.json");
    const projects = new Set<string>();
    for (const file of files) {
      for (const document of await readPersesFile(file)) {
        const isProject = document.kind === "Project";
        const project = isProject ? null : document.metadata.project || "testing";
        if (project !== null && !projects.has(project.toLowerCase())) await createIfMissing(project);
        projects.add((project ?? document.metadata.name).toLowerCase());
        await applyAsPercli(rest, project, document);
        const plural = `${document.kind.toLowerCase()}s`;
        const path = isProject ? `/api/v1/${plural}` : `/api/v1/projects/${project}/${plural}`;
        const stored = await rest.expect<PersesDocument>(200, "GET", `${path}/${document.metadata.name}`);
        const expected = isProject && document.spec === undefined ? stored.spec : document.spec;
        deepEqual(stored.spec, expected, `${file}: ${document.metadata.name}`);
      }
    }
    for (const file of ["perses-cli-unknown-kind.json", "cd-blackbox-operator-cr.json"]) {
      const [document] = await readPersesFile(file);
      const { message } = await persesRefusal(rest, 400, "POST", "/api/v1/projects/testing/dashboards", document);
      match(message, /^bad request: unknown kind "(game|PersesDashboard)" used/);
    }
  },
});

/** What `percli apply --create-project` does when it reads that the project does not exist. */
async function createIfMissing(name: string): Promise<void> {
  const body = { kind: "Project", metadata: { name } };
  const { status, text } = await server.current.rest.request("POST", "/api/v1/projects", { json: body });
  ok(status === 200 || status === 409, text);
}
