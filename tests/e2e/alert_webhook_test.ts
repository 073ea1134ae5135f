/** The alert webhook end to end when it misbehaves: it hangs, refuses, fails, redirects; and what chat services get. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { Socket } from "node:net";
import { TestProject } from "../support/project.ts";
import { eventually, TestServer } from "../support/server.ts";
import { connect, connectionRefusal } from "../support/sql.ts";
import { TestWebhook } from "../support/webhook.ts";

interface Told {
  readonly alert: string;
  readonly status: string;
}

interface Tested {
  readonly delivered: boolean;
  readonly webhook_status: number | null;
  readonly webhook_body: string | null;
  readonly error: string | null;
}

/** One failed login is an alert. */
async function startServer(config: Record<string, string | number>): Promise<TestServer> {
  return await TestServer.start({
    config: { alert_auth_failures: 1, alert_window_seconds: 3, auth_failures_per_minute: 1000, ...config },
  });
}

async function failLogin(server: TestServer): Promise<void> {
  const project = await TestProject.create(server.rest, "login");
  const workspace = await project.workspace();
  equal((await connectionRefusal(workspace, { password: "wrong" })).code, "28P01");
}

async function sentCount(server: TestServer, alert: string, status: string): Promise<number> {
  const { text } = await server.rest.request("GET", "/metrics");
  return Number(new RegExp(`^alerts_sent_total\\{alert="${alert}",status="${status}"\\} (\\d+)$`, "m").exec(text)?.[1]);
}

Deno.test("an alert whose webhook answers 500 is tried again until it is taken, and counted as sent once", async () => {
  await using webhook = new TestWebhook<Told>((number) => new Response(null, { status: number <= 2 ? 500 : 204 }));
  await using server = await startServer({ alert_webhook_url: webhook.url() });
  await failLogin(server);
  await eventually("sent", async () => await sentCount(server, "PGWireAuthFailures", "sent") === 1);
  equal(webhook.requests.length, 3);
  for (const { body } of webhook.requests) deepEqual(body, webhook.requests[0]?.body);
  equal(await sentCount(server, "PGWireAuthFailures", "failed"), 0);
});

Deno.test("an alert whose webhook hangs is given up in bounded time; SQL goes on, and later alerts arrive", async () => {
  let hangs = true;
  await using webhook = new TestWebhook<Told>(() =>
    hangs ? new Promise<Response>(() => undefined) : new Response("ok")
  );
  await using server = await startServer({
    alert_webhook_url: webhook.url(),
    alert_webhook_timeout_seconds: 0.2,
    alert_min_interval_seconds: 0,
  });
  await failLogin(server);
  await webhook.waitFor("the first attempt", () => true);
  await using client = await connect(await (await TestProject.create(server.rest, "on")).workspace());
  equal(await client.value("SELECT 1"), 1);
  const given = await server.waitForLog((line) => line.message === "alert not delivered");
  match(String(given["detail"]), /^no answer within 0\.2 s; given up after 5 attempts$/);
  ok(await sentCount(server, "PGWireAuthFailures", "failed") >= 1);
  hangs = false;
  await failLogin(server);
  await eventually("a later one arrives", async () => await sentCount(server, "PGWireAuthFailures", "sent") >= 1);
});

Deno.test("a webhook that refuses connections is found again when it is back, and a stop does not wait for it", async () => {
  const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = free.addr as Deno.NetAddr;
  free.close();
  await using server = await startServer({ alert_webhook_url: `http://127.0.0.1:${port}/hook/secret-token` });
  const tested = await server.rest.expect<Tested>(200, "POST", "/internal/alerts/test");
  deepEqual([tested.delivered, tested.webhook_status], [false, null]);
  match(tested.error ?? "", /^cannot be reached: .*refused/);
  await failLogin(server);
  await eventually("it fires", async () => {
    const list = await server.rest.expect<{ items: Told[] }>(200, "GET", "/internal/alerts");
    return list.items.some(({ alert }) => alert === "PGWireAuthFailures");
  });
  const arrived = Promise.withResolvers<Told>();
  const late = Deno.serve({ hostname: "127.0.0.1", port, onListen: () => undefined }, async (request) => {
    arrived.resolve(await request.json() as Told);
    return new Response();
  });
  equal((await arrived.promise).alert, "PGWireAuthFailures");
  await late.shutdown();
  equal((await server.stop()).code, 0);
  const log = JSON.stringify(server.logLines);
  ok(!log.includes("secret-token"), "the webhook's path is in the log");
});

Deno.test("a redirect is not followed: no other address gets the alert or its headers", async () => {
  await using other = new TestWebhook<Told>();
  await using webhook = new TestWebhook<Told>(() =>
    new Response(null, { status: 307, headers: { location: other.url("/elsewhere") } })
  );
  await using server = await startServer({
    alert_webhook_url: webhook.url(),
    alert_webhook_headers: '{"X-Secret": "for-the-webhook-only"}',
  });
  const tested = await server.rest.expect<Tested>(200, "POST", "/internal/alerts/test");
  deepEqual([tested.delivered, tested.webhook_status], [false, 307]);
  match(tested.error ?? "", /redirect, which is not followed: set alert_webhook_url/);
  await failLogin(server);
  await eventually("given up", async () => await sentCount(server, "PGWireAuthFailures", "failed") === 1);
  deepEqual([webhook.requests.length, other.requests.length], [2, 0], "a redirect is not tried again");
});

Deno.test("between two notifications of one alert lies the minimum interval", async () => {
  await using webhook = new TestWebhook<Told & { timestamp: string }>();
  await using server = await startServer({
    alert_webhook_url: webhook.url(),
    alert_window_seconds: 1,
    alert_min_interval_seconds: 4,
  });
  // The window is over long before the interval: without it there would be a message a second.
  await eventually("three notifications", async () => {
    await failLogin(server);
    return webhook.requests.filter(({ body }) => body.alert === "PGWireAuthFailures").length >= 3;
  });
  const times = webhook.requests.filter(({ body }) => body.alert === "PGWireAuthFailures")
    .map(({ body }) => Date.parse(body.timestamp));
  for (let index = 1; index < times.length; index++) {
    ok(times[index]! - times[index - 1]! >= 3_900, `${times[index]! - times[index - 1]!} ms`);
  }
});

Deno.test("the test endpoint shows the webhook's answer without secrets, to the administrator only", async () => {
  await using webhook = new TestWebhook<Told>((_, request) =>
    new Response(`got ${request.headers.get("x-key")} at ${new URL(request.url).pathname}`, { status: 400 })
  );
  await using server = await startServer({
    alert_webhook_url: webhook.url("/hooks/T0/secret"),
    alert_webhook_headers: '{"X-Key": "header-secret"}',
  });
  const tested = await server.rest.expect<Tested & { duration_ms: number }>(200, "POST", "/internal/alerts/test");
  deepEqual({ ...tested, duration_ms: 0 }, {
    delivered: false,
    webhook_status: 400,
    webhook_body: "got (hidden) at (hidden)",
    duration_ms: 0,
    error: "answered 400",
  });
  deepEqual(webhook.requests.map(({ body }) => body.alert), ["AlertTest"]);
  const project = await TestProject.create(server.rest, "nosy");
  await project.rest.refused(403, "forbidden", "POST", "/internal/alerts/test");
  await project.rest.refused(403, "forbidden", "GET", "/internal/alerts");
  await server.rest.as(null).refused(401, "unauthorized", "POST", "/internal/alerts/test");
});

Deno.test("without a webhook the test endpoint says which key to set", async () => {
  await using server = await startServer({});
  const problem = await server.rest.refused(409, "conflict", "POST", "/internal/alerts/test");
  match(problem.detail, /alert_webhook_url: not set/);
});

const presets: readonly [string, (body: Record<string, unknown>) => unknown][] = [
  ["slack", (body) => (body["attachments"] as { blocks: unknown[] }[])[0]?.blocks.length],
  ["discord", (body) => (body["embeds"] as { title: string }[])[0]?.title],
  ["teams", (body) => (body["attachments"] as { content: { type: string } }[])[0]?.content.type],
];
for (const [format, look] of presets) {
  Deno.test(`the webhook gets ${format}'s body with alert_webhook_format=${format}`, async () => {
    await using webhook = new TestWebhook();
    await using server = await startServer({ alert_webhook_url: webhook.url(), alert_webhook_format: format });
    await failLogin(server);
    const { body } = await webhook.waitFor("an alert", (got) => JSON.stringify(got).includes("PGWireAuthFailures"));
    ok(look(body) !== undefined, JSON.stringify(body));
  });
}

/** A socket that speaks from another address of the loopback. */
class SocketFrom extends Socket {
  constructor(private readonly sourceAddress: string) {
    super();
  }

  override connect(...parameters: unknown[]): this {
    const [port, host] = parameters as [number, string];
    return super.connect({ port, host, localAddress: this.sourceAddress });
  }
}

Deno.test("with a webhook that hangs, 100 alerts wait, the oldest are dropped, and the server goes on", async () => {
  await using webhook = new TestWebhook<Told>(() => new Promise<Response>(() => undefined));
  await using server = await startServer({
    alert_webhook_url: webhook.url(),
    alert_webhook_timeout_seconds: 300,
    alert_window_seconds: 300,
    max_connections_total: 200,
  });
  const workspace = await (await TestProject.create(server.rest, "flood")).workspace();
  const attempt = async (number: number) => {
    const stream = () => new SocketFrom(`127.0.1.${number}`);
    const refused = await connectionRefusal(workspace, { password: "wrong", ssl: false, stream });
    equal(refused.code, "28P01");
  };
  for (let number = 1; number <= 120; number++) await attempt(number);
  await eventually(
    "120 addresses fire, 100 wait, one is being sent, the others are dropped",
    async () => {
      const list = await server.rest.expect<{ items: Told[]; webhook: { waiting: number } }>(
        200,
        "GET",
        "/internal/alerts",
      );
      const dropped = await sentCount(server, "PGWireAuthFailures", "dropped");
      return list.items.length >= 120 && list.webhook.waiting === 100 && dropped >= 19;
    },
  );
  equal(webhook.requests.length, 1);
  await using client = await connect(workspace);
  equal(await client.value("SELECT 1"), 1);
  equal((await server.stop()).code, 0, "a stop gives the webhook a moment and drops the rest");
});
