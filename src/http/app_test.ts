import assert from "node:assert/strict";
import { createRoute, z } from "@hono/zod-openapi";
import { AppError } from "../errors/app_error.ts";
import { createApp, jsonAnswer, jsonBody, problemAnswer, type RequestObservation, type RouteModule } from "./app.ts";
import { hashKey, type KeyRole, requireAdministrator } from "./auth.ts";
import { decodeCursor, encodeCursor, pageAnswer, pageQuerySchema, pageRequest } from "./pagination.ts";

const adminKey = "administrator-key";
const keys: Record<string, { id: string; project_id: string; role: KeyRole }> = {
  "writer": { id: "key_1", project_id: "alpha", role: "admin" },
  "reader": { id: "key_2", project_id: "alpha", role: "read" },
};

const sampleRoutes: RouteModule = (app) => {
  app.openapi(
    createRoute({
      method: "post",
      path: "/projects/{project_id}/things",
      tags: ["things"],
      request: {
        params: z.object({ project_id: z.string() }),
        body: jsonBody(z.strictObject({ name: z.string(), columns: z.array(z.strictObject({ type: z.string() })) })),
      },
      responses: { 201: jsonAnswer(z.object({ name: z.string() }), "Made"), ...problemAnswer },
    }),
    (context) => context.json({ name: context.req.valid("json").name }, 201),
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{project_id}/things",
      request: { params: z.object({ project_id: z.string() }), query: pageQuerySchema },
      responses: {
        200: jsonAnswer(z.object({ items: z.array(z.string()), next_cursor: z.string().nullable() }), "Things"),
        ...problemAnswer,
      },
    }),
    (context) => {
      const { limit, after } = pageRequest(context.req.valid("query"));
      return context.json(pageAnswer({ items: [String(limit), after ?? "-"], next: "k" }, (item) => item), 200);
    },
  );
  app.get("/internal/thing", (context) => {
    requireAdministrator(context);
    return context.text("ok");
  });
  app.get("/internal/defect", () => {
    throw new Error("secret cause");
  });
  app.get("/internal/busy", () => {
    throw new AppError("too_many_requests", "busy", { hint: "wait" });
  });
};

function setUp() {
  const observations: RequestObservation[] = [];
  const logged: { message: string; fields: Record<string, unknown> }[] = [];
  const record = (message: string, fields: Record<string, unknown> = {}) => void logged.push({ message, fields });
  const app = createApp({
    log: { info: record, warn: record, error: record },
    authentication: {
      adminKeyHash: () => hashKey(adminKey),
      findKey: (hash) => Promise.resolve(Object.entries(keys).find(([key]) => hashKey(key) === hash)?.[1] ?? null),
    },
    version: "0.0.0",
    routes: [sampleRoutes],
    publicRoutes: [(app) => void app.get("/live", (context) => context.text("live"))],
    onRequest: (observation) => void observations.push(observation),
  });
  const send = (method: string, path: string, key: string | null, body?: unknown, headers: HeadersInit = {}) =>
    app.request(path, {
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
  return { app, send, observations, logged };
}

async function problem(response: Response): Promise<Record<string, unknown>> {
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  const body = await response.json();
  assert.equal(body.status, response.status);
  return body;
}

Deno.test("a request without a key, with a wrong key or with another scheme is 401 with WWW-Authenticate", async () => {
  const { app, send } = setUp();
  for (
    const response of [
      await send("GET", "/projects/alpha/things", null),
      await send("GET", "/projects/alpha/things", "wrong"),
      await app.request("/projects/alpha/things", { headers: { authorization: "Basic abc" } }),
    ]
  ) {
    assert.equal(response.status, 401);
    assert.match(response.headers.get("www-authenticate") ?? "", /^Bearer/);
    assert.equal((await problem(response))["code"], "unauthorized");
  }
});

Deno.test("a project key reaches its project, gets 404 elsewhere, and 403 with the role read for a change", async () => {
  const { send } = setUp();
  const thing = { name: "a", columns: [] };
  assert.equal((await send("POST", "/projects/alpha/things", "writer", thing)).status, 201);
  assert.equal((await send("GET", "/projects/alpha/things", "reader")).status, 200);
  assert.equal((await send("POST", "/projects/alpha/things", "reader", thing)).status, 403);
  assert.equal((await send("GET", "/projects/beta/things", "writer")).status, 404);
  assert.equal((await send("GET", "/projects/beta/things", adminKey)).status, 200);
  assert.equal((await send("GET", "/internal/thing", "writer")).status, 403);
  assert.equal((await send("GET", "/internal/thing", adminKey)).status, 200);
});

Deno.test("a bad field is 422 with its JSON pointer, an unknown field too", async () => {
  const { send } = setUp();
  const body = { name: 1, columns: [{ type: "INTEGER" }, { type: 2, "a/b": 3 }] };
  const response = await send("POST", "/projects/alpha/things", adminKey, body);
  assert.equal(response.status, 422);
  const errors = (await problem(response))["errors"] as { pointer: string }[];
  assert.deepEqual(errors.map((error) => error.pointer).sort(), ["/columns/1/a~1b", "/columns/1/type", "/name"]);
});

Deno.test("malformed JSON is 400, another content type 415", async () => {
  const { send } = setUp();
  const malformed = await send("POST", "/projects/alpha/things", adminKey, "{");
  assert.equal((await problem(malformed))["code"], "invalid_json");
  assert.equal(malformed.status, 400);
  const form = await send("POST", "/projects/alpha/things", adminKey, "a=b", {
    "content-type": "application/x-www-form-urlencoded",
  });
  assert.equal(form.status, 415);
});

Deno.test("a JSON body over the limit is 413, with and without Content-Length", async () => {
  const { app, send } = setUp();
  const text = JSON.stringify({ name: "x".repeat(1024 * 1024), columns: [] });
  const declared = await send("POST", "/projects/alpha/things", adminKey, text, { "content-length": `${text.length}` });
  assert.equal(declared.status, 413);
  assert.equal((await problem(declared))["code"], "body_too_large");
  const endless = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(65536)) });
  const streamed = await app.request("/projects/alpha/things", {
    method: "POST",
    headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
    body: endless,
  });
  assert.equal(streamed.status, 413);
});

Deno.test("a JSON body without Content-Length is read", async () => {
  const { app } = setUp();
  const response = await app.request("/projects/alpha/things", {
    method: "POST",
    headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
    body: new Blob([JSON.stringify({ name: "streamed", columns: [] })]).stream(),
  });
  assert.equal(response.status, 201);
  assert.deepEqual(await response.json(), { name: "streamed" });
});

Deno.test("an unknown route is 404 and a wrong method 405 with Allow, OPTIONS 204 with it, all without a key", async () => {
  const { send } = setUp();
  const unknown = await send("GET", "/nope", null);
  assert.equal(unknown.status, 404);
  assert.equal((await problem(unknown))["code"], "not_found");
  const method = await send("DELETE", "/projects/alpha/things", null);
  assert.equal(method.status, 405);
  assert.equal(method.headers.get("allow"), "GET, HEAD, OPTIONS, POST");
  const options = await send("OPTIONS", "/projects/alpha/things", null);
  assert.deepEqual([options.status, options.headers.get("allow"), await options.text()], [
    204,
    "GET, HEAD, OPTIONS, POST",
    "",
  ]);
  assert.equal((await send("OPTIONS", "/nothing", null)).status, 404);
  assert.equal((await send("POST", "/live", null)).status, 405);
});

Deno.test("an unknown error is internal with an incident id, and only the log has the cause", async () => {
  const { send, logged } = setUp();
  const response = await send("GET", "/internal/defect", adminKey);
  assert.equal(response.status, 500);
  const body = await problem(response);
  assert.equal(body["code"], "internal");
  assert.ok(!JSON.stringify(body).includes("secret cause"));
  assert.equal(logged[0]?.fields["incident_id"], body["incident_id"]);
  assert.match(String(logged[0]?.fields["cause"]), /secret cause/);
});

Deno.test("a retryable refusal carries Retry-After and its hint", async () => {
  const { send } = setUp();
  const response = await send("GET", "/internal/busy", adminKey);
  assert.equal(response.status, 429);
  assert.equal(response.headers.get("retry-after"), "1");
  assert.equal((await problem(response))["hint"], "wait");
});

Deno.test("list parameters default, are bounded, and a cursor comes back as it was given", async () => {
  const { send } = setUp();
  const first = await (await send("GET", "/projects/alpha/things", adminKey)).json();
  assert.deepEqual(first.items, ["100", "-"]);
  const second = await send("GET", `/projects/alpha/things?limit=1000&cursor=${first.next_cursor}`, adminKey);
  assert.deepEqual((await second.json()).items, ["1000", "k"]);
  for (const query of ["limit=0", "limit=1001", "limit=x", "cursor=%%%", "cursor=abc"]) {
    assert.equal((await send("GET", `/projects/alpha/things?${query}`, adminKey)).status, 422, query);
  }
  assert.equal(decodeCursor(encodeCursor("in.c-sälës")), "in.c-sälës");
});

Deno.test("every request is observed with its route pattern, and public routes need no key", async () => {
  const { send, observations } = setUp();
  await send("GET", "/projects/alpha/things", null);
  await send("GET", "/live", null);
  await send("GET", "/nope", null);
  await send("BREW", "/live", null);
  assert.deepEqual(observations.map(({ route, method, status }) => [route, method, status]), [
    ["/projects/:project_id/things", "GET", 401],
    ["/live", "GET", 200],
    ["unmatched", "GET", 404],
    ["unmatched", "OTHER", 405],
  ]);
});

Deno.test("openapi.json lists the routes and docs shows them without a script or another host", async () => {
  const { send } = setUp();
  const document = await (await send("GET", "/openapi.json", null)).json();
  assert.equal(document.openapi, "3.1.0");
  assert.ok(document.paths["/projects/{project_id}/things"].post);
  assert.ok(document.components.securitySchemes.bearer);
  const page = await (await send("GET", "/docs", null)).text();
  assert.match(page, /\/projects\/\{project_id\}\/things/);
  assert.doesNotMatch(page, /<script|https?:\/\//);
});
