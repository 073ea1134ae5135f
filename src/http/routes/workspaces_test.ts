import assert from "node:assert/strict";
import { AppError } from "../../errors/app_error.ts";
import { hourMs, makeTestWorkspaces, openSession } from "../../workspaces/test_support.ts";
import type { WorkspaceSettings } from "../../workspaces/types.ts";
import { createApp } from "../app.ts";
import { hashKey, type KeyRole } from "../auth.ts";
import { pgwireAuthRoutes } from "./pgwire_auth.ts";
import { sessionRoutes } from "./sessions.ts";
import { workspaceRoutes } from "./workspaces.ts";

const administrator = "administrator-key";
const keys: Record<string, { id: string; project_id: string; role: KeyRole }> = {
  "alpha-admin": { id: "key_1", project_id: "alpha", role: "admin" },
  "alpha-read": { id: "key_2", project_id: "alpha", role: "read" },
  "beta-admin": { id: "key_3", project_id: "beta", role: "admin" },
};
const base = "/projects/alpha/workspaces";
const missing = `${base}/ws_000000000000`;

/** What `JSON.parse` gives: the assertions are the check. */
type Body = ReturnType<typeof JSON.parse>;

async function setUp(overrides: Partial<WorkspaceSettings> = {}) {
  const test = await makeTestWorkspaces(overrides);
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const app = createApp({
    log,
    authentication: {
      adminKeyHash: () => hashKey(administrator),
      findKey: (hash) => Promise.resolve(Object.entries(keys).find(([key]) => hashKey(key) === hash)?.[1] ?? null),
    },
    version: "0.0.0",
    routes: [workspaceRoutes(test.service), sessionRoutes(test.service), pgwireAuthRoutes(test.service)],
  });
  /** Sends a request and checks the status; gives the parsed body, null when there is none. */
  async function send(
    expected: number,
    method: string,
    path: string,
    body?: unknown,
    key: string | null = administrator,
  ): Promise<Body> {
    const response = await app.request(path, {
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    assert.equal(response.status, expected, `${method} ${path}: ${text}`);
    const parsed = text === "" ? null : JSON.parse(text);
    if (expected >= 400) {
      assert.equal(response.headers.get("content-type"), "application/problem+json");
      assert.equal(parsed.status, expected);
    }
    return parsed;
  }
  const make = (fields: Record<string, unknown> = {}) => send(201, "POST", base, { name: "analysis", ...fields });
  return { ...test, test, send, make, [Symbol.asyncDispose]: () => test[Symbol.asyncDispose]() };
}

const pointers = (problem: Body) => problem.errors.map((error: { pointer: string }) => error.pointer).sort();

Deno.test("POST workspaces answers with everything that a client needs to connect", async () => {
  await using at = await setUp();
  const made = await at.make({ ttl_hours: 2, size_limit_gb: 1.5, memory_limit: "2GB", max_result_rows: 10 });
  const { username, password } = made.connection;
  assert.deepEqual(made, {
    id: made.id,
    name: "analysis",
    project_id: "alpha",
    branch_id: null,
    status: "active",
    created_at: "2026-01-02T03:04:05.000Z",
    expires_at: "2026-01-02T05:04:05.000Z",
    size_limit_gb: 1.5,
    memory_limit: "2GB",
    memory_limit_now: null,
    max_result_rows: 10,
    max_result_bytes: 100_000_000,
    threads: 2,
    temp_storage_limit: "10GB",
    max_queries_per_minute: 0,
    max_statement_bytes: 16_000_000,
    max_connections: 5,
    size_bytes: 0,
    active_sessions: 0,
    connection: {
      host: "db.example.com",
      port: 54321,
      database: `workspace_${made.id}`,
      username,
      password,
      ssl_mode: "require",
      connection_string:
        `postgresql://${username}:${password}@db.example.com:54321/workspace_${made.id}?sslmode=require`,
    },
    attached_tables: [
      { schema: "in_c_sales", table: "orders", rows: 30 },
      { schema: "in_c_sales", table: "customers", rows: 7 },
    ],
  });
});

Deno.test("POST workspaces points at every bad field", async () => {
  await using at = await setUp();
  const cases: [Record<string, unknown>, string[]][] = [
    [{}, ["/name"]],
    [{ name: "" }, ["/name"]],
    [{ name: "a\nb" }, ["/name"]],
    [{ name: "x".repeat(129) }, ["/name"]],
    [{ name: "x", colour: "red" }, ["/colour"]],
    [{ name: "x", ttl_hours: 0, size_limit_gb: -1 }, ["/size_limit_gb", "/ttl_hours"]],
    [{ name: "x", threads: 0, max_connections: 0, temp_storage_limit: "much", max_statement_bytes: -1 }, [
      "/max_connections",
      "/max_statement_bytes",
      "/temp_storage_limit",
      "/threads",
    ]],
    [{ name: "x", max_connections: 101 }, ["/max_connections"]],
    [{ name: "x", ttl_hours: 169, memory_limit: "17GB" }, ["/memory_limit", "/ttl_hours"]],
    [{ name: "x", ttl_hours: "soon" }, ["/ttl_hours"]],
    [{ name: "x", memory_limit: "lots" }, ["/memory_limit"]],
    [{ name: "x", memory_limit: 1000 }, ["/memory_limit"]],
    [{ name: "x", max_result_rows: 1.5, max_result_bytes: -1 }, ["/max_result_bytes", "/max_result_rows"]],
    [{ name: "x", preload_tables: ["in.c-sales.orders", "nope"] }, ["/preload_tables/1"]],
  ];
  for (const [body, expected] of cases) {
    const problem = await at.send(422, "POST", base, body);
    assert.equal(problem.code, "invalid_request");
    assert.deepEqual(pointers(problem), expected, JSON.stringify(body));
  }
  assert.deepEqual((await at.send(200, "GET", base)).items, []);
});

Deno.test("POST workspaces is 404 for an unknown project or branch and 409 over the limit", async () => {
  await using at = await setUp({ workspacesPerProjectMax: 1 });
  await at.send(404, "POST", "/projects/nope/workspaces", { name: "x" });
  await at.send(404, "POST", "/projects/alpha/branches/br_9/workspaces", { name: "x" });
  await at.make();
  assert.equal((await at.send(409, "POST", base, { name: "x" })).code, "workspace_limit_reached");
});

Deno.test("POST workspaces with preload_tables loads them, and a failed load makes no workspace", async () => {
  await using at = await setUp();
  const made = await at.make({ preload_tables: ["in.c-sales.orders"] });
  const detail = await at.send(200, "GET", `${base}/${made.id}`);
  assert.deepEqual(detail.workspace_objects, [{ name: "orders", type: "table", rows: 5 }]);
  at.supervisor.failNext = { command: "load", error: new AppError("disk_full", "no room") };
  await at.send(507, "POST", base, { name: "x", preload_tables: ["in.c-sales.orders"] });
  assert.equal((await at.send(200, "GET", base)).items.length, 1);
});

Deno.test("GET workspaces pages through all of a project, without passwords", async () => {
  await using at = await setUp();
  const ids: string[] = [];
  for (let index = 0; index < 5; index++) {
    ids.push((await at.make()).id);
    if (index % 2 === 0) at.clock.nowMs += 1;
  }
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? "" : `&cursor=${cursor}`;
    const page: Body = await at.send(200, "GET", `${base}?limit=2${query}`);
    assert.ok(page.items.length <= 2);
    for (const item of page.items) {
      seen.push(item.id);
      assert.equal(item.connection.password, undefined);
    }
    cursor = page.next_cursor;
  } while (cursor !== null);
  assert.deepEqual(seen.toSorted(), ids.toSorted());
  await at.send(422, "GET", `${base}?limit=0`);
  await at.send(422, "GET", `${base}?cursor=MTpub25zZW5zZQ`);
  await at.send(404, "GET", "/projects/nope/workspaces");
});

Deno.test("GET a workspace adds size, sessions and objects, and leaves the password out", async () => {
  await using at = await setUp();
  const made = await at.make();
  await at.send(200, "POST", `${base}/${made.id}/load`, { tables: [{ source: "in.c-sales.orders" }] });
  openSession(at.test, made.id);
  const detail = await at.send(200, "GET", `${base}/${made.id}`);
  const { password, connection_string: _string, ...connection } = made.connection;
  assert.deepEqual(detail, {
    ...made,
    connection: {
      ...connection,
      connection_string:
        `postgresql://${connection.username}@db.example.com:54321/workspace_${made.id}?sslmode=require`,
    },
    size_bytes: 4096,
    active_sessions: 1,
    memory_limit_now: "4GB",
    workspace_objects: [{ name: "orders", type: "table", rows: 5 }],
  });
  assert.ok(!JSON.stringify(detail).includes(password));
  await at.send(404, "GET", missing);
});

Deno.test("PATCH changes what it names and answers with the workspace", async () => {
  await using at = await setUp();
  const made = await at.make({ memory_limit: "1GB" });
  const path = `${base}/${made.id}`;
  at.clock.nowMs += hourMs;
  const changed = await at.send(200, "PATCH", path, { name: "renamed", ttl_hours: 1, max_result_rows: 0 });
  assert.deepEqual(
    [changed.name, changed.expires_at, changed.max_result_rows, changed.memory_limit],
    ["renamed", "2026-01-02T05:04:05.000Z", 0, "1GB"],
  );
  assert.equal(changed.connection.password, undefined);
  assert.equal((await at.send(200, "PATCH", path, { memory_limit: null })).memory_limit, "4GB");
  const limits = { threads: 1, temp_storage_limit: "1GB", max_queries_per_minute: 60, max_connections: 9 };
  const limited = await at.send(200, "PATCH", path, { ...limits, max_statement_bytes: 0 });
  assert.deepEqual({ ...limited, ...limits, max_statement_bytes: 0 }, limited);
  assert.equal((await at.send(200, "PATCH", path, { threads: null })).threads, 2);
  assert.equal((await at.send(200, "PATCH", path, {})).name, "renamed");
  assert.deepEqual(pointers(await at.send(422, "PATCH", path, { ttl_hours: 169 })), ["/ttl_hours"]);
  assert.deepEqual(pointers(await at.send(422, "PATCH", path, { id: "ws_1" })), ["/id"]);
  await at.send(404, "PATCH", missing, { name: "x" });
});

Deno.test("DELETE removes a workspace once", async () => {
  await using at = await setUp();
  const made = await at.make();
  await at.send(204, "DELETE", `${base}/${made.id}`);
  await at.send(404, "DELETE", `${base}/${made.id}`);
  await at.send(404, "GET", `${base}/${made.id}`);
});

Deno.test("load answers with what it loaded and refuses unknown tables, columns and shapes by pointer", async () => {
  await using at = await setUp();
  const path = `${base}/${(await at.make()).id}/load`;
  const tables = [{ source: "in.c-sales.orders", destination: "o", columns: ["id"], where: "id > '5'" }];
  assert.deepEqual(await at.send(200, "POST", path, { tables }), {
    loaded: [{ source: "in.c-sales.orders", destination: "o", rows: 5, size_bytes: 64 }],
    workspace_size_bytes: 4096,
  });
  const cases: [unknown, string[]][] = [
    [{}, ["/tables"]],
    [{ tables: [] }, ["/tables"]],
    [{ tables: [{ source: "nope" }] }, ["/tables/0/source"]],
    [{ tables: [{ source: "in.c-sales.orders", columns: ["nope"] }] }, ["/tables/0/columns/0"]],
    [{ tables: [{ source: "in.c-sales.orders", columns: [] }] }, ["/tables/0/columns"]],
    [{ tables: [{ source: "in.c-sales.orders", destination: "a.b" }] }, ["/tables/0/destination"]],
    [{ tables: [{ source: "in.c-sales.orders", filter: "x" }] }, ["/tables/0/filter"]],
  ];
  for (const [body, expected] of cases) {
    assert.deepEqual(pointers(await at.send(422, "POST", path, body)), expected, JSON.stringify(body));
  }
  at.supervisor.failNext = { command: "load", error: new AppError("duplicate_table", '"o" already exists') };
  assert.equal((await at.send(409, "POST", path, { tables })).code, "duplicate_table");
  at.supervisor.failNext = { command: "load", error: new AppError("undefined_column", "no x") };
  assert.deepEqual(pointers(await at.send(422, "POST", path, { tables })), ["/tables/0/where"]);
  at.supervisor.failNext = { command: "load", error: new AppError("workspace_size_exceeded", "full") };
  await at.send(507, "POST", path, { tables });
  await at.send(404, "POST", `${missing}/load`, { tables });
});

Deno.test("clear and object drop empty a workspace, and a project table is refused", async () => {
  await using at = await setUp();
  const { id } = await at.make({ preload_tables: ["in.c-sales.orders", "in.c-sales.customers"] });
  await at.send(204, "DELETE", `${base}/${id}/objects/orders`);
  await at.send(404, "DELETE", `${base}/${id}/objects/orders`);
  assert.equal((await at.send(403, "DELETE", `${base}/${id}/objects/in_c_sales.orders`)).code, "read_only");
  assert.deepEqual(await at.send(200, "POST", `${base}/${id}/clear`), {
    message: "Workspace cleared",
    workspace_id: id,
    dropped: 1,
  });
  await at.send(404, "POST", `${missing}/clear`);
  await at.send(404, "DELETE", `${missing}/objects/orders`);
});

Deno.test("an object's name is taken from the path as it is, percent signs decoded", async () => {
  await using at = await setUp();
  const { id } = await at.make();
  at.supervisor.objects.set(id, [{ name: "my table/ž", type: "view", rows: null }]);
  await at.send(204, "DELETE", `${base}/${id}/objects/${encodeURIComponent("my table/ž")}`);
});

Deno.test("a credentials reset shows a new password once, and the internal check takes only that one", async () => {
  await using at = await setUp();
  const made = await at.make();
  const { username } = made.connection;
  const reset = await at.send(200, "POST", `${base}/${made.id}/credentials/reset`);
  assert.equal(reset.connection.username, username);
  assert.match(reset.connection.password, /^[A-Za-z0-9_-]{32}$/);
  const check = (expected: number, password: string) =>
    at.send(expected, "POST", "/internal/pgwire/auth", { username, password });
  assert.equal((await check(401, made.connection.password)).code, "invalid_password");
  assert.equal((await check(200, reset.connection.password)).workspace_id, made.id);
  await at.send(404, "POST", `${missing}/credentials/reset`);
});

Deno.test("POST /internal/pgwire/auth tells a proxy where a session goes, and only the administrator", async () => {
  await using at = await setUp();
  const made = await at.send(201, "POST", "/projects/alpha/branches/br_1/workspaces", { name: "dev", ttl_hours: 1 });
  const { username, password } = made.connection;
  const path = "/internal/pgwire/auth";
  assert.deepEqual(await at.send(200, "POST", path, { username, password }), {
    workspace_id: made.id,
    project_id: "alpha",
    branch_id: "br_1",
    username,
    database: `workspace_${made.id}`,
    host: "db.example.com",
    port: 54321,
    ssl_mode: "require",
    expires_at: made.expires_at,
    memory_limit: "4GB",
    max_result_rows: 100_000,
    max_result_bytes: 100_000_000,
  });
  await at.send(401, "POST", path, { username: "nobody", password });
  await at.send(401, "POST", path, { username, password: "" });
  assert.deepEqual(pointers(await at.send(422, "POST", path, { username })), ["/password"]);
  await at.send(403, "POST", path, { username, password }, "alpha-admin");
  await at.send(401, "POST", path, { username, password }, null);
  at.clock.nowMs += hourMs;
  await at.send(401, "POST", path, { username, password: "wrong" });
  assert.equal((await at.send(410, "POST", path, { username, password })).code, "workspace_expired");
});

Deno.test("a branch has its own workspaces, which its project can use as well", async () => {
  await using at = await setUp();
  const branch = "/projects/alpha/branches/br_1/workspaces";
  const dev = await at.send(201, "POST", branch, { name: "dev" });
  assert.equal(dev.branch_id, "br_1");
  assert.deepEqual(dev.attached_tables.at(-1), { schema: "in_c_dev", table: "extra", rows: 1 });
  const main = await at.make();
  assert.deepEqual((await at.send(200, "GET", branch)).items.map((item: Body) => item.id), [dev.id]);
  assert.equal((await at.send(200, "GET", base)).items.length, 2);
  await at.send(200, "GET", `${branch}/${dev.id}`);
  await at.send(404, "GET", `${branch}/${main.id}`);
  await at.send(404, "DELETE", `${branch}/${main.id}`);
  await at.send(404, "GET", "/projects/alpha/branches/br_9/workspaces");
  await at.send(200, "POST", `${base}/${dev.id}/load`, { tables: [{ source: "in.c-dev.extra" }] });
  await at.send(204, "DELETE", `${branch}/${dev.id}`);
});

Deno.test("an expired workspace is 410 for everything but the list, its deletion, and a PATCH that revives it", async () => {
  await using at = await setUp();
  const { id } = await at.make();
  const path = `${base}/${id}`;
  at.clock.nowMs += 24 * hourMs;
  const requests: [string, string, unknown?][] = [
    ["GET", path],
    ["PATCH", path, { name: "x" }],
    ["POST", `${path}/clear`],
    ["POST", `${path}/load`, { tables: [{ source: "in.c-sales.orders" }] }],
    ["POST", `${path}/credentials/reset`],
    ["DELETE", `${path}/objects/t`],
    ["GET", `${path}/sessions`],
    ["DELETE", `${path}/sessions/pgs_1`],
    ["POST", `${path}/sessions/pgs_1/heartbeat`],
    ["POST", `${path}/disconnect-all`],
  ];
  for (const [method, url, body] of requests) {
    assert.equal((await at.send(410, method, url, body)).code, "workspace_expired");
  }
  assert.equal((await at.send(200, "GET", base)).items[0].status, "expired");
  assert.equal((await at.send(200, "PATCH", path, { ttl_hours: 1 })).status, "active");
  await at.send(200, "GET", path);
  at.clock.nowMs += hourMs;
  await at.send(204, "DELETE", path);
});

Deno.test("sessions are listed, kept alive, disconnected one by one and all together", async () => {
  await using at = await setUp();
  const { id } = await at.make();
  const other = await at.make();
  const path = `${base}/${id}`;
  const ends: string[] = [];
  const [first, second, third] = [1, 2, 3].map(() => openSession(at.test, id, ends));
  at.sessions.queryStarted(first ?? "", "select 1", at.clock.nowMs);
  const listed = await at.send(200, "GET", `${path}/sessions`);
  assert.equal(listed.items.length, 3);
  assert.deepEqual(listed.items[0], {
    project_id: "alpha",
    session_id: first,
    workspace_id: id,
    username: `${id}_user`,
    client_address: "192.0.2.1",
    application_name: "psql",
    tls: true,
    state: "active",
    current_query: "select 1",
    current_query_started_at: "2026-01-02T03:04:05.000Z",
    query_count: 0,
    bytes_received: 0,
    bytes_sent: 0,
    started_at: "2026-01-02T03:04:05.000Z",
    last_activity_at: "2026-01-02T03:04:05.000Z",
  });
  const page = await at.send(200, "GET", `${path}/sessions?limit=2`);
  const rest = await at.send(200, "GET", `${path}/sessions?limit=2&cursor=${page.next_cursor}`);
  assert.deepEqual([page.items.length, rest.items.length, rest.next_cursor], [2, 1, null]);

  at.clock.nowMs += 1000;
  const beat = await at.send(200, "POST", `${path}/sessions/${second}/heartbeat`);
  assert.equal(beat.last_activity_at, "2026-01-02T03:04:06.000Z");
  await at.send(404, "POST", `${base}/${other.id}/sessions/${second}/heartbeat`);
  await at.send(404, "DELETE", `${base}/${other.id}/sessions/${second}`);

  assert.deepEqual(await at.send(200, "DELETE", `${path}/sessions/${second}`), {
    message: "Session disconnected",
    session_id: second,
  });
  await at.send(404, "DELETE", `${path}/sessions/${second}`);
  await at.send(404, "POST", `${path}/sessions/${second}/heartbeat`);
  assert.deepEqual(await at.send(200, "POST", `${path}/disconnect-all`), {
    message: "All sessions disconnected",
    count: 2,
  });
  assert.deepEqual((await at.send(200, "GET", `${path}/sessions`)).items, []);
  assert.equal(ends.length, 3);
  assert.match(ends[0] ?? "", /^admin_shutdown: terminating connection/);
  assert.ok(third);
  for (const suffix of ["/sessions", "/sessions/pgs_1/heartbeat", "/disconnect-all"]) {
    await at.send(404, suffix === "/sessions" ? "GET" : "POST", `${missing}${suffix}`);
  }
});

Deno.test("a read key looks but changes nothing, and another project's key sees nothing", async () => {
  await using at = await setUp();
  const { id } = await at.send(201, "POST", base, { name: "x" }, "alpha-admin");
  await at.send(200, "GET", base, undefined, "alpha-read");
  await at.send(200, "GET", `${base}/${id}`, undefined, "alpha-read");
  await at.send(200, "GET", `${base}/${id}/sessions`, undefined, "alpha-read");
  const changes: [string, string, unknown?][] = [
    ["POST", base, { name: "x" }],
    ["PATCH", `${base}/${id}`, { name: "x" }],
    ["DELETE", `${base}/${id}`],
    ["POST", `${base}/${id}/clear`],
    ["POST", `${base}/${id}/load`, { tables: [{ source: "in.c-sales.orders" }] }],
    ["POST", `${base}/${id}/credentials/reset`],
    ["POST", `${base}/${id}/disconnect-all`],
    ["POST", "/projects/alpha/branches/br_1/workspaces", { name: "x" }],
  ];
  for (const [method, path, body] of changes) {
    assert.equal((await at.send(403, method, path, body, "alpha-read")).code, "forbidden");
    await at.send(404, method, path, body, "beta-admin");
    await at.send(401, method, path, body, null);
  }
  await at.send(404, "GET", `/projects/beta/workspaces/${id}`, undefined, "beta-admin");
  await at.send(404, "GET", `/projects/beta/workspaces/${id}`);
});
