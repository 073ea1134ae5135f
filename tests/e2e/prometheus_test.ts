/**
 * The metrics of a server that does real work, as Prometheus sees them: Debian's promtool, Prometheus and Alertmanager check the
 * scrape, the rules of packaging/prometheus, and every query of the Grafana dashboard.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { testWith } from "../support/claim.ts";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import { PrometheusStack, promtool } from "../support/prometheus.ts";
import type { WorkspaceAnswer } from "../support/rest.ts";
import { eventually, sharedServer } from "../support/server.ts";
import { connect, connectionRefusal, refusedWith, type SqlClient } from "../support/sql.ts";
import { TestWebhook } from "../support/webhook.ts";

const packaging = fileURLToPath(new URL("../../packaging/", import.meta.url));
const builtIn = new TestWebhook();
const server = sharedServer({
  config: {
    alert_webhook_url: builtIn.url(),
    slow_query_threshold_ms: 300,
    query_timeout_seconds: 2,
    max_connections_per_workspace: 2,
    spare_workers: 1,
    worker_idle_seconds: 300,
    auth_failures_per_minute: 1000,
    db_max_open_conns: 1,
  },
});
const sessions: SqlClient[] = [];
Deno.test.afterAll(async () => {
  for (const session of sessions) await session.end().catch(() => {});
  await builtIn[Symbol.asyncDispose]();
});

interface Work {
  readonly workspace: WorkspaceAnswer;
  readonly deleted: WorkspaceAnswer;
}

/** Every outcome of connections and statements, a worker's end, a deleted workspace; one session stays open. */
const work = once(async (): Promise<Work> => {
  const rest = server.current.rest;
  const project = await TestProject.withSales(rest, "metrics");
  const [workspace, deleted] = [await project.workspace(), await project.workspace({ name: "deleted" })];
  const client = await connect(workspace);
  sessions.push(client);
  for (let count = 0; count < 20; count++) await client.query("SELECT count(*) FROM in_c_sales.orders");
  await client.query("CREATE TABLE kept AS SELECT range AS id FROM range(10000)");
  for (let count = 0; count < 5; count++) await refusedWith("42703", client.query("SELECT nowhere FROM kept"));
  await refusedWith("57014", client.query("SELECT pg_sleep(30)"));
  await cancelled(client, workspace);

  for (let count = 0; count < 12; count++) {
    equal((await connectionRefusal(workspace, { password: "wrong" })).code, "28P01");
  }
  await using second = await connect(workspace);
  equal((await connectionRefusal(workspace)).code, "53300");
  await second.query("SELECT 1");
  const expiring = await project.workspace({ name: "expiring", ttl_hours: 0.0002 });
  await eventually("it expires", async () => {
    return (await project.rest.request("GET", project.workspacePath(expiring))).status === 410;
  });
  equal((await connectionRefusal(expiring)).code, "28000");

  await using gone = await connect(deleted);
  await gone.query("SELECT 1");
  await project.rest.expect(204, "DELETE", project.workspacePath(deleted));
  await gone.ended;

  const before = new Set(server.current.workerProcessIds());
  const crashing = await project.workspace({ name: "crashing" });
  await using victim = await connect(crashing);
  await victim.query("SELECT 1");
  await eventually("its process runs", () => server.current.workerProcessIds().some((id) => !before.has(id)));
  const workerStarted = server.current.logLines.findLast((line) => line.message === "worker started");
  equal(workerStarted?.["workspace_id"], crashing.id);
  Deno.kill(Number(workerStarted?.["worker_pid"]), "SIGKILL");
  await victim.ended;

  for (const path of ["/nothing/here", "/nothing/there", `/projects/${project.id}/nothing`]) {
    await rest.request("GET", path);
  }
  await rest.request("PROPFIND", "/projects");
  await Promise.all(Array.from({ length: 10 }, () => rest.request("GET", "/projects")));
  return { workspace, deleted };
});

/** A statement that its user cancels, from a connection of its own as libpq does it. */
async function cancelled(client: SqlClient, workspace: WorkspaceAnswer): Promise<void> {
  const answer = refusedWith("57014", client.query("SELECT count(*) FROM range(1000000000000000)"));
  const { rest } = server.current;
  const path = `/projects/${workspace.project_id}/workspaces/${workspace.id}/sessions`;
  await eventually("it runs", async () => {
    const list = await rest.expect<{ items: { state: string }[] }>(200, "GET", path);
    return list.items[0]?.state === "active";
  });
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
  using socket = await Deno.connect({ hostname: "127.0.0.1", port: server.current.pgPort });
  const request = new DataView(new ArrayBuffer(16));
  for (const [index, value] of [16, 80877102, processID, secretKey].entries()) request.setInt32(4 * index, value);
  await socket.write(new Uint8Array(request.buffer));
  await answer;
}

async function scrape(): Promise<string> {
  const answer = await server.current.rest.as(null).request("GET", "/metrics");
  equal(answer.status, 200);
  match(answer.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  return answer.text;
}

/** The value of one series, NaN when it is not there. */
function valueOf(text: string, series: string): number {
  const line = text.split("\n").find((one) => one.startsWith(`${series} `));
  return line === undefined ? NaN : Number(line.slice(series.length + 1));
}

Deno.test("every series of the contract shows the work that was done", async () => {
  const { workspace, deleted } = await work();
  await eventually("memory and size are measured, bytes reported", async () => {
    const text = await scrape();
    const label = `{workspace_id="${workspace.id}"}`;
    return valueOf(text, `workspace_memory_bytes${label}`) > 1e6 && valueOf(text, `workspace_size_bytes${label}`) > 0 &&
      valueOf(text, 'pgwire_bytes_total{direction="received"}') > 1000;
  });
  const text = await scrape();
  const ws = `workspace_id="${workspace.id}"`;
  const exactly: Record<string, number> = {
    'pgwire_connections_total{status="success"}': 4,
    'pgwire_connections_total{status="auth_failed"}': 12,
    'pgwire_connections_total{status="limit_reached"}': 1,
    [`pgwire_connections_active{${ws}}`]: 1,
    [`pgwire_queries_total{${ws},status="error"}`]: 5,
    [`pgwire_queries_total{${ws},status="timeout"}`]: 1,
    [`pgwire_queries_total{${ws},status="cancelled"}`]: 1,
    'worker_restarts_total{reason="crashed"}': 1,
    'worker_restarts_total{reason="unresponsive"}': 0,
    'http_requests_total{route="unmatched",method="GET",status="404"}': 3,
  };
  for (const [series, value] of Object.entries(exactly)) equal(valueOf(text, series), value, series);
  const atLeast: Record<string, number> = {
    'pgwire_connections_total{status="expired"}': 1,
    [`pgwire_queries_total{${ws},status="success"}`]: 22,
    [`pgwire_query_duration_seconds_count{${ws}}`]: 29,
    [`pgwire_query_duration_seconds_bucket{le="+Inf",${ws}}`]: 29,
    [`pgwire_slow_queries_total{${ws}}`]: 1,
    pgwire_sessions_total: 4,
    pgwire_auth_duration_seconds_count: 17,
    'pgwire_bytes_total{direction="sent"}': 1000,
    [`workspace_size_limit_bytes{${ws}}`]: 1e9,
    workers_active: 1,
    'http_requests_total{route="/projects/:project_id/workspaces",method="POST",status="201"}': 4,
    'http_request_duration_seconds_count{route="/projects",method="GET"}': 10,
    'metadata_pool_connections{state="in_use"}': 0,
    'metadata_pool_connections{state="idle"}': 0,
    metadata_pool_wait_seconds_count: 1,
    process_resident_memory_bytes: 1e6,
  };
  for (const [series, value] of Object.entries(atLeast)) {
    ok(valueOf(text, series) >= value, `${series}: ${valueOf(text, series)}`);
  }
  ok(!text.includes(deleted.id), "a series of the deleted workspace is left");
  const routes = new Set([...text.matchAll(/ ?route="([^"]*)"/g)].map(([, route]) => route!));
  for (const route of routes) ok(!route.includes(workspace.id) && !route.includes(workspace.project_id), route);
  const methods = new Set([...text.matchAll(/method="([^"]*)"/g)].map(([, method]) => method));
  deepEqual([...methods].filter((method) => !["GET", "POST", "DELETE", "OTHER"].includes(method!)), []);
  for (const [name, help] of [...text.matchAll(/^# HELP (\S+) (.*)$/gm)].map(([, ...both]) => both)) {
    ok((help?.length ?? 0) > 5, `${name} has no help`);
  }
});

testWith(["promtool"], "promtool finds nothing wrong with the scrape, the rules and the configuration", async () => {
  await work();
  deepEqual(await promtool(["check", "metrics"], await scrape()), { code: 0, output: "" });
  const rules = await promtool(["check", "rules", `${packaging}prometheus/alerts.yml`]);
  match(rules.output, /SUCCESS: 8 rules found/);
  equal((await promtool(["check", "config", `${packaging}prometheus/prometheus.yml`])).code, 0);
  const tested = await promtool(["test", "rules", `${packaging}prometheus/alerts_test.yml`]);
  deepEqual([tested.code, /FAILED/.test(tested.output)], [0, false], tested.output);
});

/** The rules as shipped, with times that a test can wait for. */
async function hurriedRules(): Promise<string> {
  const text = await Deno.readTextFile(`${packaging}prometheus/alerts.yml`);
  return text.replaceAll(/^( +for:) \w+$/gm, "$1 1s").replaceAll(/\[(5|15)m\]/g, "[20s]");
}

interface AlertmanagerMessage {
  readonly status: string;
  readonly alerts: readonly { readonly labels: Record<string, string>; readonly annotations: Record<string, string> }[];
}

interface Dashboard {
  readonly panels: readonly {
    readonly type: string;
    readonly title: string;
    readonly targets?: readonly { expr: string }[];
  }[];
  readonly templating: { readonly list: readonly { readonly type: string; readonly definition?: string }[] };
}

async function dashboard(): Promise<Dashboard> {
  return JSON.parse(await Deno.readTextFile(`${packaging}grafana/eider.json`)) as Dashboard;
}

Deno.test("the dashboard asks only for metrics that the server exports, and for all of the contract's", async () => {
  await work();
  const exported = new Set([...(await scrape()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!));
  const expressions = (await dashboard()).panels.flatMap((panel) => panel.targets?.map(({ expr }) => expr) ?? []);
  ok(expressions.length >= 30, String(expressions.length));
  const asked = new Set<string>();
  for (const expression of expressions) {
    for (const [name] of expression.matchAll(/\b[a-z]+_[a-z0-9_]+(?=\{)/g)) {
      asked.add(name.replace(/_(bucket|sum|count)$/, ""));
    }
  }
  deepEqual([...asked].filter((name) => !exported.has(name)), []);
  const ours = [...exported].filter((name) => /^(pgwire|workspace|worker|http|metadata|background|alerts)/.test(name));
  deepEqual(ours.filter((name) => !asked.has(name)), []);
});

const programs = ["promtool", "prometheus", "prometheus-alertmanager"];
testWith(
  programs,
  "Prometheus scrapes the server, the dashboard's queries answer, and an alert reaches a webhook",
  async () => {
    const { workspace } = await work();
    await using webhook = new TestWebhook<AlertmanagerMessage>();
    await using stack = await PrometheusStack.start({
      target: `127.0.0.1:${server.current.httpPort}`,
      rules: await hurriedRules(),
      webhookUrl: webhook.url(),
    });
    await eventually("the server is scraped", async () => (await stack.query('up{job="eider"} == 1')).length === 1);

    let isOver = false;
    const failing = (async () => {
      while (!isOver) {
        await connectionRefusal(workspace, { password: "wrong" });
        await sessions[0]?.query("SELECT 1");
      }
    })();
    const { body } = await webhook.waitFor(
      "PGWireAuthFailures",
      (message) => message.alerts.some(({ labels }) => labels["alertname"] === "PGWireAuthFailures"),
    );
    const alert = body.alerts.find(({ labels }) => labels["alertname"] === "PGWireAuthFailures");
    deepEqual([body.status, alert?.labels["severity"], alert?.labels["job"]], ["firing", "warning", "eider"]);
    match(alert?.annotations["summary"] ?? "", /^\d+(\.\d+)? failed logins on 127\.0\.0\.1:\d+ in five minutes$/);

    await server.current.rest.expect(200, "POST", "/internal/alerts/test"); // an increase of alerts_sent_total
    const { panels, templating } = await dashboard();
    for (const { title, targets } of panels) {
      for (const { expr } of targets ?? []) {
        const expression = expr.replaceAll("$__rate_interval", "20s").replaceAll("$instance", ".*")
          .replaceAll("$workspace", ".*");
        await eventually(`${title}: ${expression} answers`, async () => (await stack.query(expression)).length > 0);
      }
    }
    for (const { type, definition } of templating.list) {
      if (type !== "query") continue;
      const [, selector, label] = /^label_values\((.+), (\w+)\)$/.exec(definition ?? "") ?? [];
      const found = await stack.query(`count by (${label}) (${selector!.replaceAll("$instance", ".*")})`);
      ok(found.length > 0, String(definition));
    }
    isOver = true;
    await failing;
  },
);
