import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { sharedServer } from "../support/server.ts";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import type { BranchAnswer, KeyAnswer, List, Problem, ProjectAnswer } from "../support/rest.ts";

const server = sharedServer();
const salesOf = once(() => TestProject.withSales(server.current.rest));
const rfc3339Utc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

Deno.test("POST /projects answers 201 with id, name, created_at and an admin key that works", async () => {
  const project = await server.current.rest.expect<ProjectAnswer>(201, "POST", "/projects", {
    json: { name: "First" },
  });
  match(project.id, /^p_[0-9a-f]+$/);
  equal(project.name, "First");
  match(project.created_at, rfc3339Utc);
  match(project.api_key, /^eider_[A-Za-z0-9_-]{43}$/);
  const shown = await server.current.rest.as(project.api_key)
    .expect<Record<string, unknown>>(200, "GET", `/projects/${project.id}`);
  equal(shown["id"], project.id);
  ok(!JSON.stringify(shown).includes(project.api_key), "the key is shown once");
});

Deno.test("a project's id is taken once: 409", async () => {
  await server.current.rest.expect(201, "POST", "/projects", { json: { id: "taken", name: "a" } });
  await server.current.rest.refused(409, null, "POST", "/projects", { json: { id: "taken", name: "b" } });
});

Deno.test("a bad field gives 422 with its JSON pointer", async () => {
  const cases: [unknown, string][] = [
    [{}, "/name"],
    [{ name: 7 }, "/name"],
    [{ name: "x", id: "../etc" }, "/id"],
    [{ name: "x", id: "" }, "/id"],
    [{ name: "x", surplus: 1 }, "/surplus"],
    [{ name: "line\nbreak\u0000" }, "/name"],
  ];
  for (const [json, pointer] of cases) {
    const problem = await server.current.rest.refused(422, "invalid_request", "POST", "/projects", { json });
    ok(problem.errors?.some((error) => error.pointer === pointer), JSON.stringify(problem));
  }
});

Deno.test("malformed JSON is 400, another content type 415, a JSON body over the limit 413", async () => {
  const rest = server.current.rest;
  const json = { "content-type": "application/json" };
  await rest.refused(400, "invalid_json", "POST", "/projects", { raw: '{"name": ', headers: json });
  const asText = { raw: "name=x", headers: { "content-type": "text/plain" } };
  ok([415, 422].includes((await rest.request("POST", "/projects", asText)).status));
  const large = JSON.stringify({ name: "x".repeat(2_000_000) });
  await rest.refused(413, "body_too_large", "POST", "/projects", { raw: large, headers: json });
});

Deno.test("an unknown path is 404, a known one with another method 405 with Allow", async () => {
  const rest = server.current.rest;
  await rest.refused(404, "not_found", "GET", "/nothing/here");
  const answer = await rest.request<Problem>("PUT", "/projects", { json: {} });
  equal(answer.status, 405);
  match(answer.headers.get("allow") ?? "", /GET.*POST/);
});

Deno.test("a 201 names the place of what was made, OPTIONS what a path takes, and the address itself leads to the documentation", async () => {
  const rest = server.current.rest;
  const made = await rest.request<{ id: string }>("POST", "/projects", { json: { name: "placed" } });
  equal(made.headers.get("location"), `/projects/${made.body.id}`);
  const path = `/projects/${made.body.id}`;
  const bucket = await rest.request("POST", `${path}/buckets`, { json: { id: "in.c-x" } });
  equal(bucket.headers.get("location"), `${path}/buckets/in.c-x`);
  const imported = await rest.request("POST", `${path}/tables/in.c-x.t/import`, { raw: "a\n1\n" });
  equal(imported.headers.get("location"), `${path}/tables/in.c-x.t`);
  const key = await rest.request("POST", `${path}/keys`, { json: { name: "k", role: "read" } });
  deepEqual([key.status, key.headers.get("location")], [201, null], "a key cannot be read again");
  const options = await fetch(`${rest.baseUrl}${path}`, { method: "OPTIONS" });
  deepEqual([options.status, options.headers.get("allow")], [204, "DELETE, GET, HEAD, OPTIONS, PATCH"]);
  const root = await fetch(`${rest.baseUrl}/`, { redirect: "manual" });
  await root.body?.cancel();
  deepEqual([root.status, root.headers.get("location")], [302, "/console/"]);
});

Deno.test("without a key, with a wrong one or another scheme: 401 with WWW-Authenticate", async () => {
  const anonymous = server.current.rest.as(null);
  for (const headers of [{}, { authorization: "Bearer eider_wrong" }, { authorization: "Basic YTpi" }]) {
    const answer = await anonymous.request<Problem>("GET", "/projects", { headers });
    equal(answer.status, 401);
    equal(answer.body.code, "unauthorized");
    ok(answer.headers.get("www-authenticate"));
  }
});

Deno.test("another project's things are 404, not 403", async () => {
  const mine = await TestProject.create(server.current.rest, "mine");
  const theirs = await salesOf();
  const workspace = await theirs.workspace();
  for (
    const path of [
      theirs.path,
      `${theirs.path}/keys`,
      `${theirs.path}/tables`,
      `${theirs.path}/tables/in.c-sales.orders`,
      `${theirs.path}/workspaces`,
      theirs.workspacePath(workspace),
    ]
  ) {
    const theirsToMe = await mine.rest.refused(404, "not_found", "GET", path);
    const missing = await mine.rest.refused(404, "not_found", "GET", path.replace(theirs.id, "missing"));
    equal(theirsToMe.detail.replaceAll(theirs.id, "missing"), missing.detail, "nothing tells whether it exists");
  }
  await mine.rest.refused(404, "not_found", "DELETE", mine.workspacePath(workspace));
});

Deno.test("a project key lists no other project and creates none", async () => {
  const mine = await TestProject.create(server.current.rest, "alone");
  await mine.rest.refused(403, "forbidden", "POST", "/projects", { json: { name: "another" } });
  const answer = await mine.rest.request<List<ProjectAnswer>>("GET", "/projects");
  if (answer.status === 200) deepEqual(answer.body.items.map(({ id }) => id), [mine.id]);
  else equal(answer.status, 403);
});

Deno.test("PATCH renames a project, DELETE removes it with its workspaces", async () => {
  const project = await TestProject.withSales(server.current.rest, "shortlived");
  const workspace = await project.workspace();
  const renamed = await project.rest.expect<ProjectAnswer>(200, "PATCH", project.path, { json: { name: "renamed" } });
  equal(renamed.name, "renamed");
  await project.rest.refused(422, "invalid_request", "PATCH", project.path, { json: { name: 3 } });
  const deleted = await server.current.rest.request("DELETE", project.path);
  equal(deleted.status, 204);
  await server.current.rest.refused(404, "not_found", "GET", project.path);
  await server.current.rest.refused(404, "not_found", "GET", project.workspacePath(workspace));
  equal((await project.rest.request("GET", "/projects")).status, 401, "its keys are dead");
});

Deno.test("keys: created, listed without their text, deleted; read keys only read", async () => {
  const project = await TestProject.withSales(server.current.rest, "keys");
  const key = await project.rest.expect<KeyAnswer>(201, "POST", `${project.path}/keys`, {
    json: { name: "dashboard", role: "read" },
  });
  equal(key.role, "read");
  const keys = await project.rest.expect<List<KeyAnswer>>(200, "GET", `${project.path}/keys`);
  equal(keys.items.length, 2);
  ok(!JSON.stringify(keys).includes(key.key));

  const reader = project.rest.as(key.key);
  await reader.expect(200, "GET", `${project.path}/tables`);
  await reader.refused(403, "forbidden", "POST", `${project.path}/buckets`, { json: { id: "in.c-x" } });
  await reader.refused(403, "forbidden", "POST", `${project.path}/workspaces`, { json: { name: "x" } });
  await reader.refused(403, "forbidden", "DELETE", project.path);

  await project.rest.expect(204, "DELETE", `${project.path}/keys/${key.id}`);
  equal((await reader.request("GET", `${project.path}/tables`)).status, 401);
  await project.rest.refused(404, "not_found", "DELETE", `${project.path}/keys/${key.id}`);
  await project.rest.refused(422, "invalid_request", "POST", `${project.path}/keys`, {
    json: { name: "x", role: "root" },
  });
});

Deno.test("lists page with limit and cursor, each item once", async () => {
  const rest = server.current.rest;
  for (let index = 0; index < 5; index++) await TestProject.create(rest, "paged");
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? "limit=2" : `limit=2&cursor=${encodeURIComponent(cursor)}`;
    const page: List<ProjectAnswer> = await rest.expect<List<ProjectAnswer>>(200, "GET", `/projects?${query}`);
    ok(page.items.length <= 2);
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.next_cursor;
  } while (cursor !== null);
  const all = await rest.expect<List<ProjectAnswer>>(200, "GET", "/projects?limit=1000");
  equal(all.next_cursor, null);
  deepEqual(seen, all.items.map(({ id }) => id));
  for (const query of ["limit=0", "limit=1001", "limit=many", "cursor=%00nonsense"]) {
    await rest.refused(422, "invalid_request", "GET", `/projects?${query}`);
  }
});

Deno.test("branches: created, listed, read, deleted; a name is taken once", async () => {
  const project = await TestProject.withSales(server.current.rest, "branches");
  const branch = await project.branch("experiment");
  const list = await project.rest.expect<List<BranchAnswer>>(200, "GET", `${project.path}/branches`);
  deepEqual(list.items.map(({ name }) => name), ["experiment"]);
  equal((await project.rest.expect<BranchAnswer>(200, "GET", `${project.path}/branches/${branch.id}`)).id, branch.id);
  await project.rest.refused(409, null, "POST", `${project.path}/branches`, { json: { name: "experiment" } });
  const tables = await project.rest.expect<List<{ id: string }>>(
    200,
    "GET",
    `${project.path}/branches/${branch.id}/tables`,
  );
  deepEqual(tables.items.map(({ id }) => id).sort(), ["in.c-sales.customers", "in.c-sales.orders"]);
  await project.rest.expect(204, "DELETE", `${project.path}/branches/${branch.id}`);
  await project.rest.refused(404, "not_found", "GET", `${project.path}/branches/${branch.id}`);
  await project.rest.refused(404, "not_found", "GET", `${project.path}/branches/${branch.id}/tables`);
});

Deno.test("deleting a table in a branch leaves the project's table", async () => {
  const project = await TestProject.withSales(server.current.rest, "pruned");
  const branch = await project.branch("pruning");
  await project.rest.expect(204, "DELETE", `${project.path}/branches/${branch.id}/tables/in.c-sales.orders`);
  await project.rest.expect(200, "GET", `${project.path}/tables/in.c-sales.orders`);
});

Deno.test("openapi.json describes every route of the contract, /docs shows it without foreign hosts", async () => {
  const anonymous = server.current.rest.as(null);
  const document = await anonymous.expect<{ openapi: string; paths: Record<string, Record<string, unknown>> }>(
    200,
    "GET",
    "/openapi.json",
  );
  match(document.openapi, /^3\./);
  const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{[^}]*\}/g, "{}")}`)
  );
  for (const route of contractRoutes) ok(routes.includes(route), `${route} is missing`);
  const page = await anonymous.request("GET", "/docs");
  equal(page.status, 200);
  match(page.headers.get("content-type") ?? "", /text\/html/);
  ok(!/(src|href)="https?:\/\//.test(page.text));
});

const ofScope = (scope: string) => [
  `POST ${scope}/buckets`,
  `GET ${scope}/buckets`,
  `GET ${scope}/buckets/{}`,
  `DELETE ${scope}/buckets/{}`,
  `POST ${scope}/tables`,
  `GET ${scope}/tables`,
  `GET ${scope}/tables/{}`,
  `DELETE ${scope}/tables/{}`,
  `POST ${scope}/tables/{}/import`,
  `GET ${scope}/tables/{}/preview`,
  `GET ${scope}/tables/{}/export`,
  `GET ${scope}/tables/{}/versions`,
  `POST ${scope}/tables/{}/versions/{}/restore`,
  `POST ${scope}/workspaces`,
  `GET ${scope}/workspaces`,
  `GET ${scope}/workspaces/{}`,
  `DELETE ${scope}/workspaces/{}`,
];

/** The contract's REST section; `…/queries` comes with the audit log. */
const contractRoutes = [
  "POST /projects",
  "GET /projects",
  "GET /projects/{}",
  "PATCH /projects/{}",
  "DELETE /projects/{}",
  "POST /projects/{}/keys",
  "GET /projects/{}/keys",
  "DELETE /projects/{}/keys/{}",
  "POST /projects/{}/branches",
  "GET /projects/{}/branches",
  "GET /projects/{}/branches/{}",
  "DELETE /projects/{}/branches/{}",
  ...ofScope("/projects/{}"),
  ...ofScope("/projects/{}/branches/{}"),
  "PATCH /projects/{}/workspaces/{}",
  "POST /projects/{}/workspaces/{}/clear",
  "DELETE /projects/{}/workspaces/{}/objects/{}",
  "POST /projects/{}/workspaces/{}/load",
  "POST /projects/{}/workspaces/{}/credentials/reset",
  "GET /projects/{}/workspaces/{}/sessions",
  "DELETE /projects/{}/workspaces/{}/sessions/{}",
  "POST /projects/{}/workspaces/{}/sessions/{}/heartbeat",
  "POST /projects/{}/workspaces/{}/disconnect-all",
  "GET /projects/{}/sessions",
  "POST /projects/{}/disconnect-all",
  "GET /internal/sessions",
  "POST /internal/disconnect-all",
  "GET /internal/jobs",
  "POST /internal/jobs/{}/run",
  "POST /internal/pgwire/auth",
  "GET /metrics",
  "GET /api/v1/health",
  "GET /ready",
  "GET /live",
  "GET /metrics/health",
];

Deno.test("health names the build: its commit and time in an executable, nothing in a checkout", async () => {
  const health = await server.current.rest.as(null).expect<{ commit: string; buildTime: string }>(
    200,
    "GET",
    "/api/v1/health",
  );
  const isExecutable = (Deno.env.get("EIDER_TEST_BINARY") ?? "") !== "";
  match(health.commit, isExecutable ? /^[0-9a-f]{40}$/ : /^$/);
  match(health.buildTime, isExecutable ? /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/ : /^$/);
});

Deno.test("health and metrics answer without a key", async () => {
  const anonymous = server.current.rest.as(null);
  for (const path of ["/ready", "/live"]) await anonymous.expect(200, "GET", path);
  const health = await anonymous.expect<{ database: boolean; version: string; checks: Record<string, unknown> }>(
    200,
    "GET",
    "/api/v1/health",
  );
  deepEqual([health.database, Object.keys(health.checks)], [true, ["database", "workers", "disk"]]);
  const figures = await anonymous.request("GET", "/metrics/health");
  equal(figures.status, 200);
  for (
    const name of ["healthy", "response_time_seconds", "open_connections", "in_use_connections", "utilization_percent"]
  ) ok(new RegExp(`^database_${name} \\d`, "m").test(figures.text), name);
  for (const name of ["wait_count", "wait_duration_seconds"]) {
    ok(new RegExp(`^database_${name} \\d`, "m").test(figures.text), name);
  }
  const metrics = await anonymous.request("GET", "/metrics");
  equal(metrics.status, 200);
  for (
    const name of [
      "pgwire_connections_total",
      "pgwire_queries_total",
      "pgwire_query_duration_seconds",
      "pgwire_sessions_total",
      "pgwire_auth_duration_seconds",
      "pgwire_bytes_total",
      "workers_active",
      "http_requests_total",
      "http_request_duration_seconds",
      "metadata_pool_connections",
      "process_resident_memory_bytes",
    ]
  ) ok(new RegExp(`^# TYPE ${name} `, "m").test(metrics.text), `${name} is missing`);
});

Deno.test("an external proxy authenticates users with the administrator's key only", async () => {
  const project = await salesOf();
  const { connection, id } = await project.workspace({ name: "proxied" });
  const rest = server.current.rest;
  const json = { username: connection.username, password: connection.password };
  const answer = await rest.expect<Record<string, unknown>>(200, "POST", "/internal/pgwire/auth", { json });
  equal(answer["workspace_id"], id);
  ok(!JSON.stringify(answer).includes(connection.password));
  const wrong = { json: { ...json, password: "wrong" } };
  const unknown = { json: { ...json, username: "ws_0_0" } };
  const wrongAnswer = await rest.refused(401, null, "POST", "/internal/pgwire/auth", wrong);
  const unknownAnswer = await rest.refused(401, null, "POST", "/internal/pgwire/auth", unknown);
  equal(wrongAnswer.detail, unknownAnswer.detail);
  notEqual((await project.rest.request("POST", "/internal/pgwire/auth", { json })).status, 200);
});
