/**
 * The built-in alerts end to end: real events in a real server, a real webhook on the loopback. Each type fires with exactly
 * its payload and resolves once.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { TestProject } from "../support/project.ts";
import type { List, SessionAnswer } from "../support/rest.ts";
import { eventually, sharedServer, TestServer } from "../support/server.ts";
import { connect, connectionRefusal, refusal } from "../support/sql.ts";
import { TestWebhook } from "../support/webhook.ts";

interface Payload {
  readonly alert: string;
  readonly status: "firing" | "resolved";
  readonly severity: string;
  readonly timestamp: string;
  readonly summary: string;
  readonly description: string;
  readonly context: Record<string, string | number | null>;
  readonly labels: Record<string, string>;
  readonly value: number;
}

const hook = new TestWebhook<Payload>();
const windowSeconds = 3;
const server = sharedServer({
  config: {
    alert_webhook_url: hook.url("/hook/secret-path"),
    alert_webhook_headers: '{"Authorization": "Bearer hook-secret", "X-Team": "data"}',
    alert_window_seconds: windowSeconds,
    alert_min_interval_seconds: 1,
    slow_query_threshold_ms: 1500,
    alert_auth_failures: 5,
    db_max_open_conns: 1,
    auth_failures_per_minute: 1000,
  },
});
Deno.test.afterAll(async () => await hook[Symbol.asyncDispose]());

const payloadKeys = [
  "alert",
  "context",
  "description",
  "labels",
  "severity",
  "status",
  "summary",
  "timestamp",
  "value",
];

function of(alert: string, subject: (payload: Payload) => boolean = () => true): Payload[] {
  return hook.requests.map(({ body }) => body).filter((body) => body.alert === alert && subject(body));
}

/** The payload of the first firing, checked for its form. */
async function firing(alert: string, subject: (payload: Payload) => boolean = () => true): Promise<Payload> {
  const { body } = await hook.waitFor(
    `${alert} firing`,
    (payload) => payload.alert === alert && payload.status === "firing" && subject(payload),
  );
  deepEqual(Object.keys(body).sort(), payloadKeys);
  match(body.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  ok(body.summary.length > 10 && body.description.length > 40, body.summary);
  return body;
}

/** Waits until it is over; gives how often the webhook was told so. */
async function resolvedCount(alert: string, subject: (payload: Payload) => boolean): Promise<number> {
  const isResolved = (payload: Payload) => payload.alert === alert && payload.status === "resolved" && subject(payload);
  const { body } = await hook.waitFor(`${alert} resolved`, isResolved);
  deepEqual(Object.keys(body).sort(), payloadKeys);
  match(body.summary, /^Resolved: /);
  return of(alert, subject).filter(({ status }) => status === "resolved").length;
}

async function firingNow(): Promise<string[]> {
  const list = await server.current.rest.expect<List<{ alert: string }>>(200, "GET", "/internal/alerts");
  return list.items.map(({ alert }) => alert);
}

Deno.test("failing statements fire PGWireHighErrorRate for their workspace, which resolves once", async () => {
  const project = await TestProject.create(server.current.rest, "errors");
  const [workspace, healthy] = [await project.workspace(), await project.workspace({ name: "healthy" })];
  await using client = await connect(workspace);
  await using other = await connect(healthy);
  for (let count = 0; count < 12; count++) {
    await other.value("SELECT 1");
    if (count % 2 === 0) await refusal(client.query("SELECT nowhere"));
    else await client.value("SELECT 1");
  }
  const isOurs = (payload: Payload) => payload.context["workspace"] === workspace.id;
  const payload = await firing("PGWireHighErrorRate", isOurs);
  equal(payload.severity, "critical");
  deepEqual(payload.context, { project: project.id, workspace: workspace.id });
  deepEqual(payload.labels, {
    instance: `localhost:${server.current.pgPort}`,
    project_id: project.id,
    workspace_id: workspace.id,
  });
  ok(payload.value > 0.05 && payload.value <= 1, String(payload.value));
  ok((await firingNow()).includes("PGWireHighErrorRate"));
  equal(await resolvedCount("PGWireHighErrorRate", isOurs), 1);
  deepEqual(of("PGWireHighErrorRate", (one) => one.context["workspace"] === healthy.id), []);
});

Deno.test("1,000 failed logins fire PGWireAuthFailures a few times, not 1,000", async () => {
  const workspace = await (await TestProject.create(server.current.rest, "guess")).workspace();
  const attempt = () => connectionRefusal(workspace, { password: "wrong", ssl: false });
  const guesser = async () => {
    for (let count = 0; count < 100; count++) equal((await attempt()).code, "28P01");
  };
  await Promise.all(Array.from({ length: 10 }, guesser));
  const payload = await firing("PGWireAuthFailures");
  equal(payload.severity, "warning");
  deepEqual(payload.context, { client_ip: "127.0.0.1", attempted_username: workspace.connection.username });
  equal(payload.labels["client_ip"], "127.0.0.1");
  ok(payload.value >= 5, String(payload.value));
  equal(await resolvedCount("PGWireAuthFailures", () => true), 1);
  const told = of("PGWireAuthFailures").length;
  ok(told <= 10, `${told} notifications`);
  const metrics = (await server.current.rest.request("GET", "/metrics")).text;
  match(metrics, /^pgwire_connections_total\{status="auth_failed"\} 1000$/m);
});

Deno.test("a slow statement fires PGWireSlowQueries with its session and hash", async () => {
  const project = await TestProject.create(server.current.rest, "slow");
  const workspace = await project.workspace();
  await using client = await connect(workspace);
  const sessions = await project.rest.expect<List<SessionAnswer>>(
    200,
    "GET",
    `${project.workspacePath(workspace)}/sessions`,
  );
  await client.query("SELECT pg_sleep(1.6)");
  const isOurs = (payload: Payload) => payload.context["workspace"] === workspace.id;
  const payload = await firing("PGWireSlowQueries", isOurs);
  const path = `${project.workspacePath(workspace)}/queries?slow=true`;
  const log = await project.rest.expect<List<{ query_hash: string }>>(200, "GET", path);
  match(log.items[0]?.query_hash ?? "", /^sha256:[0-9a-f]{64}$/);
  deepEqual(payload.context, {
    project: project.id,
    workspace: workspace.id,
    session: sessions.items[0]?.id ?? sessions.items[0]?.session_id,
    query_hash: log.items[0]?.query_hash,
  });
  ok(payload.value >= 1.6 && payload.value < 60, String(payload.value));
  equal(await resolvedCount("PGWireSlowQueries", isOurs), 1);
});

Deno.test("a workspace fires WorkspaceSizeExceeded from 90 % on, critical when full, and resolves below", async () => {
  const project = await TestProject.create(server.current.rest, "size");
  const workspace = await project.workspace();
  await using client = await connect(workspace);
  await client.query("CREATE TABLE filler AS SELECT range AS id, md5(range::text) AS text FROM range(60000)");
  const sizeBytes = await eventually("the size is measured", async () => {
    const { text } = await server.current.rest.request("GET", "/metrics");
    const found = new RegExp(`^workspace_size_bytes\\{workspace_id="${workspace.id}"\\} (\\d+)$`, "m").exec(text);
    return Number(found?.[1]) > 500_000 && Number(found?.[1]);
  });
  const setLimit = (limitBytes: number) =>
    project.rest.expect(200, "PATCH", project.workspacePath(workspace), { json: { size_limit_gb: limitBytes / 1e9 } });
  const isOurs = (payload: Payload) => payload.context["workspace"] === workspace.id;

  const nearLimit = Math.round(sizeBytes / 0.95);
  await setLimit(nearLimit);
  const warning = await firing("WorkspaceSizeExceeded", isOurs);
  equal(warning.severity, "warning");
  deepEqual(warning.context, { project: project.id, workspace: workspace.id, current: sizeBytes, limit: nearLimit });
  equal(warning.value, 0.95);

  await setLimit(sizeBytes);
  const full = await firing("WorkspaceSizeExceeded", (one) => isOurs(one) && one.severity === "critical");
  deepEqual([full.context["current"], full.context["limit"], full.value], [sizeBytes, sizeBytes, 1]);

  await setLimit(1e9);
  equal(await resolvedCount("WorkspaceSizeExceeded", isOurs), 1);
  deepEqual(of("WorkspaceSizeExceeded", isOurs).map(({ status }) => status), ["firing", "firing", "resolved"]);
});

Deno.test("a worker that is killed fires WorkerRestarts, which resolves once", async () => {
  const project = await TestProject.create(server.current.rest, "killed");
  const workspace = await project.workspace();
  const before = new Set(server.current.workerProcessIds());
  await using client = await connect(workspace);
  await client.value("SELECT 1");
  const workers = server.current.workerProcessIds().filter((id) => !before.has(id));
  equal(workers.length, 1);
  Deno.kill(workers[0]!, "SIGKILL");
  await client.ended;
  const isOurs = (payload: Payload) => payload.context["workspace"] === workspace.id;
  const payload = await firing("WorkerRestarts", isOurs);
  deepEqual(payload.context, { project: project.id, workspace: workspace.id, reason: "crashed", sessions_lost: 1 });
  equal(payload.value, 1);
  equal(await resolvedCount("WorkerRestarts", isOurs), 1);
});

Deno.test("callers that queue for the metadata store fire MetadataPoolPressure, which resolves once", async () => {
  const project = await TestProject.create(server.current.rest, "busy");
  await eventually("no earlier test's pressure", async () => !(await firingNow()).includes("MetadataPoolPressure"));
  const startedAt = new Date(Date.now() + 2_000).toISOString();
  await eventually("what was on its way is there", () => new Date().toISOString() > startedAt);
  const isLater = (payload: Payload) => payload.timestamp > startedAt;
  let isOver = false;
  const caller = async () => {
    while (!isOver) await project.rest.expect(200, "GET", `${project.path}/workspaces`);
  };
  const callers = Promise.all(Array.from({ length: 30 }, caller));
  const payload = await firing("MetadataPoolPressure", isLater).finally(() => isOver = true);
  await callers;
  deepEqual(payload.context, { instance: `localhost:${server.current.pgPort}` });
  ok(payload.value >= 0.5, String(payload.value));
  equal(await resolvedCount("MetadataPoolPressure", isLater), 1);
});

Deno.test("notifications carry the configured headers, and the log holds no secret", async () => {
  const project = await TestProject.create(server.current.rest, "headers");
  equal(project.id.length > 0, true);
  const answer = await server.current.rest.expect(200, "POST", "/internal/alerts/test");
  equal((answer as { delivered: boolean }).delivered, true);
  for (const { headers, path } of hook.requests) {
    equal(headers.get("authorization"), "Bearer hook-secret");
    equal(headers.get("x-team"), "data");
    equal(headers.get("content-type"), "application/json");
    equal(path, "/hook/secret-path");
  }
  const log = JSON.stringify(server.current.logLines);
  ok(!log.includes("hook-secret") && !log.includes("secret-path"), "a secret is in the log");
});

Deno.test("a deleted workspace's alert resolves", async () => {
  const project = await TestProject.create(server.current.rest, "deleted");
  const workspace = await project.workspace({ size_limit_gb: 0.0000001 });
  await using client = await connect(workspace);
  await client.query("CREATE TABLE t (a int)").catch(() => {});
  const isOurs = (payload: Payload) => payload.context["workspace"] === workspace.id;
  await firing("WorkspaceSizeExceeded", isOurs);
  await project.rest.expect(204, "DELETE", project.workspacePath(workspace));
  equal(await resolvedCount("WorkspaceSizeExceeded", isOurs), 1);
});

Deno.test("PGWireServerDown is said at a stop and resolves at the next start; a kill is found at the next start", async () => {
  await using webhook = new TestWebhook<Payload>();
  await using server = await TestServer.start({
    config: { alert_webhook_url: webhook.url(), alert_window_seconds: 1, alert_min_interval_seconds: 0 },
  });
  const instance = `localhost:${server.pgPort}`;
  equal(webhook.requests.length, 0, "a first start is no news");
  equal((await server.stop()).code, 0);
  const stopping = webhook.requests[0]?.body;
  deepEqual(
    [stopping?.alert, stopping?.status, stopping?.severity, stopping?.context],
    ["PGWireServerDown", "firing", "info", { instance }],
  );
  await server.startProcess();
  await webhook.waitFor("resolved", (body) => body.status === "resolved");
  equal(webhook.requests.length, 2);

  await server.kill();
  await server.startProcess();
  const recovered = await webhook.waitFor("the kill", (body) => body.severity === "critical");
  deepEqual(recovered.body.context, { instance: `localhost:${server.pgPort}` });
  await eventually("both resolved", () => webhook.requests.length === 4);
  deepEqual(webhook.requests.map(({ body }) => body.status), ["firing", "resolved", "firing", "resolved"]);
});
