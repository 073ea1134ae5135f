/** Keeping dashboards over REST: history, states, trash, search, files, and who may do what. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { sharedServer } from "../support/server.ts";
import { TestProject } from "../support/project.ts";
import type { KeyAnswer, List, Rest } from "../support/rest.ts";

const server = sharedServer();

interface Summary {
  readonly id: number;
  readonly name: string;
  readonly title: string | null;
  readonly state: string;
  readonly version: number;
  readonly tags: readonly string[];
  readonly created_by: string;
  readonly updated_by: string;
  readonly score?: number;
}
interface Document {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly version: number; readonly annotations?: Record<string, string> };
  readonly spec: Record<string, unknown>;
}
interface StateChange {
  readonly at: string;
  readonly by: string;
  readonly from: string;
  readonly to: string;
  readonly message: string | null;
}

interface Version {
  readonly version: number;
  readonly created_by: string;
  readonly origin: string;
  readonly message: string | null;
}
interface ImportAnswer {
  readonly created: readonly { kind: string; name: string }[];
  readonly replaced: readonly { name: string; version: number }[];
  readonly unchanged: readonly { name: string }[];
  readonly skipped: readonly { name: string }[];
}

function textPanel(text: string) {
  return { kind: "Panel", spec: { plugin: { kind: "Markdown", spec: { text } } } };
}

function dashboard(title: string, more: { description?: string; tags?: string[]; panels?: unknown } = {}) {
  const display = { name: title, ...(more.description === undefined ? {} : { description: more.description }) };
  return {
    kind: "Dashboard",
    metadata: { ...(more.tags === undefined ? {} : { tags: more.tags }) },
    spec: { display, panels: more.panels ?? {}, layouts: [], duration: "1h" },
  };
}

async function save(project: TestProject, name: string, document: unknown, headers: Record<string, string> = {}) {
  return await project.rest.request<Document>("PUT", `${project.path}/dashboards/${name}`, { json: document, headers });
}

const newProject = () => TestProject.create(server.current.rest, "boards");

Deno.test("PUT creates with 201 and changes with 200; ETag follows the version, If-Match guards, a blind PUT overwrites", async () => {
  const project = await newProject();
  const created = await save(project, "d", dashboard("one"));
  deepEqual([created.status, created.headers.get("etag"), created.body.metadata.version], [201, '"v0"', 0]);
  const path = `${project.path}/dashboards/d`;
  const seen = await project.rest.request<Summary>("GET", path);
  equal(seen.headers.get("etag"), '"v0"');
  const guarded = await save(project, "d", dashboard("two"), { "if-match": seen.headers.get("etag") ?? "" });
  deepEqual([guarded.status, guarded.headers.get("etag")], [200, '"v1"']);
  const stale = { json: dashboard("stale"), headers: { "if-match": '"v0"' } };
  const problem = await project.rest.refused(412, "precondition_failed", "PUT", path, stale);
  match(problem.detail, /present version is 1, and 0 was expected/);
  equal((await save(project, "d", dashboard("blind"))).status, 200);
  await project.rest.refused(412, "precondition_failed", "PUT", path, {
    json: dashboard("x"),
    headers: { "if-none-match": "*" },
  });
  await project.rest.refused(412, "precondition_failed", "DELETE", path, { headers: { "if-match": '"v1"' } });
  await project.rest.refused(422, "invalid_request", "PUT", path, {
    json: dashboard("x"),
    headers: { "if-match": "W/1" },
  });
  await project.rest.refused(404, "not_found", "PUT", `${project.path}/dashboards/new`, {
    json: dashboard("x"),
    headers: { "if-match": '"v0"' },
  });
  deepEqual((await project.rest.expect<Summary>(200, "GET", path)).version, 2);
});

Deno.test("of two writers with If-Match one wins and the other is told; without it both are stored", async () => {
  const project = await newProject();
  await save(project, "d", dashboard("start"));
  const both = (headers: Record<string, string>) =>
    Promise.all(["left", "right"].map((title) => save(project, "d", dashboard(title), headers)));
  deepEqual((await both({ "if-match": '"v0"' })).map(({ status }) => status).sort(), [200, 412]);
  deepEqual((await both({})).map(({ body }) => body.metadata.version).sort(), [2, 3]);
  const makers = await Promise.all(["left", "right", "third"].map((title) => save(project, "new", dashboard(title))));
  deepEqual(makers.map(({ status }) => status).sort(), [200, 200, 201]);
  const onlyNew = { "if-none-match": "*" };
  const first = await Promise.all(["left", "right"].map((title) => save(project, "once", dashboard(title), onlyNew)));
  deepEqual(first.map(({ status }) => status).sort(), [201, 412]);
});

Deno.test("history names author and message; versions are read, compared and restored as new ones", async () => {
  const project = await newProject();
  const path = `${project.path}/dashboards/d`;
  await save(project, "d", dashboard("one", { tags: ["a"] }), { "x-change-message": "first" });
  await server.current.rest.expect(200, "PUT", `${path}?message=${encodeURIComponent("größer")}`, {
    json: dashboard("two", { panels: { p: textPanel("x") } }),
  });
  const { items } = await project.rest.expect<List<Version>>(200, "GET", `${path}/versions`);
  deepEqual(
    items.map(({ version, created_by, origin, message }) => [version, created_by, origin, message]),
    [[1, "admin", "update", "größer"], [0, `${project.id}/first key`, "create", "first"]],
  );
  const first = await project.rest.expect<{ spec: unknown; tags: string[] }>(200, "GET", `${path}/versions/0`);
  deepEqual([first.spec, first.tags], [dashboard("one").spec, ["a"]]);
  const compared = await project.rest.expect<{ differences: unknown[] }>(200, "GET", `${path}/compare?from=0`);
  deepEqual(compared.differences, [
    { op: "remove", path: "/tags/0", former: "a" },
    { op: "replace", path: "/spec/display/name", value: "two", former: "one" },
    { op: "add", path: "/spec/panels/p", value: textPanel("x") },
  ]);
  await project.rest.refused(412, "precondition_failed", "POST", `${path}/versions/0/restore`, {
    headers: { "if-match": '"v0"' },
  });
  const restored = await project.rest.request<Summary>("POST", `${path}/versions/0/restore`, {
    headers: { "if-match": '"v1"' },
  });
  deepEqual([restored.status, restored.headers.get("etag"), restored.body.title, restored.body.tags], [
    200,
    '"v2"',
    "one",
    ["a"],
  ]);
  await project.rest.refused(404, "not_found", "GET", `${path}/versions/9`);
  await project.rest.refused(404, "not_found", "GET", `${path}/compare?from=0&to=9`);
  await project.rest.refused(404, "not_found", "POST", `${path}/versions/9/restore`);
  await project.rest.refused(422, "invalid_request", "GET", `${path}/compare?from=x`);
});

Deno.test("a change message sent as UTF-8 bytes in a header is kept, one too long is refused", async () => {
  const project = await newProject();
  const bytes = String.fromCharCode(...new TextEncoder().encode("größer 🙂"));
  await save(project, "d", dashboard("x"), { "x-change-message": bytes });
  const { items } = await project.rest.expect<List<Version>>(200, "GET", `${project.path}/dashboards/d/versions`);
  equal(items[0]?.message, "größer 🙂");
  const long = { json: dashboard("x"), headers: { "x-change-message": "x".repeat(501) } };
  await project.rest.refused(422, "invalid_request", "PUT", `${project.path}/dashboards/d`, long);
});

Deno.test("states: a draft is listed, an archived one is not and refuses changes with the way out", async () => {
  const project = await newProject();
  const path = `${project.path}/dashboards/d`;
  await save(project, "d", dashboard("x"));
  const names = async (query = "") =>
    (await project.rest.expect<List<Summary>>(200, "GET", `${project.path}/dashboards${query}`)).items.map(({ name }) =>
      name
    );
  await project.rest.expect(200, "PUT", `${path}/state`, { json: { state: "draft" } });
  deepEqual(await names(), ["d"]);
  deepEqual(await names("?state=active"), []);
  await project.rest.expect(200, "PUT", `${path}/state`, { json: { state: "archived" } });
  deepEqual([await names(), await names("?state=archived,draft")], [[], ["d"]]);
  const refused = await project.rest.refused(409, "conflict", "PUT", path, { json: dashboard("y") });
  match(JSON.stringify(refused), /Make it active first/);
  equal(
    (await project.rest.expect<Summary>(201, "POST", `${path}/copy`, { json: { name: "e", title: "E" } })).title,
    "E",
  );
  await project.rest.refused(422, "invalid_request", "PUT", `${path}/state`, { json: { state: "deleted" } });
  await project.rest.refused(422, "invalid_request", "GET", `${project.path}/dashboards?state=deleted`);
});

Deno.test("DELETE goes to the trash; undelete brings it back, into a taken name only under another", async () => {
  const project = await newProject();
  const path = `${project.path}/dashboards/d`;
  await save(project, "d", dashboard("old"));
  await save(project, "d", dashboard("older"));
  await project.rest.expect(204, "DELETE", path);
  await project.rest.refused(404, "not_found", "GET", path);
  equal((await save(project, "d", dashboard("successor"))).status, 201);
  const trash = `${project.path}/deleted-dashboards`;
  const [deleted] = (await project.rest.expect<List<Summary>>(200, "GET", trash)).items;
  equal(deleted?.title, "older");
  const taken = await project.rest.refused(409, "conflict", "POST", `${trash}/${deleted?.id}/undelete`);
  match(JSON.stringify(taken), /under another name/);
  await project.rest.refused(422, "invalid_request", "POST", `${trash}/${deleted?.id}/undelete`, {
    json: { name: "a b" },
  });
  const back = await project.rest.expect<Summary>(200, "POST", `${trash}/${deleted?.id}/undelete`, {
    json: { name: "d2" },
  });
  deepEqual([back.name, back.version, back.state], ["d2", 1, "active"]);
  await project.rest.expect(204, "DELETE", `${project.path}/dashboards/d2`);
  await project.rest.expect(204, "DELETE", `${trash}/${deleted?.id}`);
  await project.rest.refused(404, "not_found", "POST", `${trash}/${deleted?.id}/undelete`);
});

Deno.test("the history shows each change of state: who, when and why, from the draft into the trash and back", async () => {
  const project = await newProject();
  const path = `${project.path}/dashboards/d`;
  await save(project, "d", dashboard("first"));
  const to = (state: string, message: string) =>
    project.rest.expect(200, "PUT", `${path}/state?message=${message}`, { json: { state } });
  await to("draft", "unready");
  await to("draft", "still");
  await save(project, "d", dashboard("second"));
  await to("archived", "done");
  await project.rest.request("DELETE", path, { headers: { "x-change-message": "by mistake" } });
  const [deleted] = (await project.rest.expect<List<Summary>>(200, "GET", `${project.path}/deleted-dashboards`)).items;
  const undelete = `${project.path}/deleted-dashboards/${deleted?.id}/undelete`;
  await project.rest.expect(200, "POST", undelete, { json: { name: "e" } });
  const history = await project.rest.expect<List<{ version: number; state_changes: StateChange[] }>>(
    200,
    "GET",
    `${project.path}/dashboards/e/versions`,
  );
  deepEqual(
    history.items.map(({ version, state_changes }) => [
      version,
      state_changes.map(({ from, to, message }) => [from, to, message]),
    ]),
    [
      [1, [["deleted", "archived", 'undeleted from "d"'], ["archived", "deleted", "by mistake"], [
        "draft",
        "archived",
        "done",
      ]]],
      [0, [["active", "draft", "unready"]]],
    ],
  );
  const changes = history.items.flatMap(({ state_changes }) => state_changes);
  const times = changes.map(({ at }) => at);
  deepEqual(times, times.toSorted().toReversed());
  match(times[0] ?? "", /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  deepEqual([...new Set(changes.map(({ by }) => by))], [`${project.id}/first key`]);
});

Deno.test("search finds by name, title, tag and description, with typing errors, the best first", async () => {
  const project = await newProject();
  await save(
    project,
    "k8s-nodes",
    dashboard("Kubernetes Nodes", { tags: ["platform"], description: "memory and disk" }),
  );
  await save(
    project,
    "payments",
    dashboard("Payments latency", { tags: ["money"], description: "runs on kubernetes" }),
  );
  const search = async (query: string) =>
    (await project.rest.expect<{ items: Summary[] }>(
      200,
      "GET",
      `${project.path}/dashboard-search?q=${encodeURIComponent(query)}`,
    ))
      .items.map(({ name }) => name);
  deepEqual(await search("kubernetes"), ["k8s-nodes", "payments"]);
  deepEqual(await search("kuberntes nodes"), ["k8s-nodes"]);
  deepEqual(await search("paymnets"), ["payments"]);
  deepEqual(await search("MONEY"), ["payments"]);
  deepEqual(await search("disk"), ["k8s-nodes"]);
  deepEqual(await search("nothing-like-it"), []);
  await project.rest.refused(422, "invalid_request", "GET", `${project.path}/dashboard-search?q=`);
});

async function importFile(rest: Rest, project: string, file: unknown, mode = "skip") {
  const raw = typeof file === "string" ? file : JSON.stringify(file);
  return await rest.request<ImportAnswer>("POST", `/projects/${project}/dashboard-import?mode=${mode}`, { raw });
}

Deno.test("a project's file goes into another project and comes out the same; skip and replace do what they say", async () => {
  const [source, target] = [await newProject(), await newProject()];
  const documents = [
    { kind: "Folder", metadata: { name: "f" }, spec: { items: [{ kind: "Dashboard", name: "a" }] } },
    { kind: "Dashboard", metadata: { name: "a", tags: ["t"] }, spec: dashboard("A").spec },
    {
      kind: "Dashboard",
      metadata: { name: "b" },
      spec: dashboard("B", { panels: { p: textPanel("x".repeat(2_000_000)) } }).spec,
    },
    { kind: "Variable", metadata: { name: "v" }, spec: { kind: "TextVariable", spec: { value: "1" } } },
    { kind: "Datasource", metadata: { name: "ds" }, spec: { default: true, plugin: { kind: "X", spec: {} } } },
  ];
  const first = await importFile(source.rest, source.id, documents);
  equal(first.status, 200, first.text);
  equal(first.body.created.length, 5);
  await source.rest.expect(200, "PUT", `${source.path}/dashboards/b/state`, { json: { state: "archived" } });
  const file = await source.rest.expect<{ documents: Document[]; format: string }>(
    200,
    "GET",
    `${source.path}/dashboard-export`,
  );
  equal((await importFile(target.rest, target.id, file)).body.created.length, 5);
  const again = await target.rest.expect<{ documents: Document[] }>(200, "GET", `${target.path}/dashboard-export`);
  const content = (documents: readonly Document[]) =>
    documents.map(({ kind, metadata, spec }) => [kind, metadata.name, metadata.annotations, spec]);
  deepEqual(content(again.documents), content(file.documents));
  equal((await importFile(target.rest, target.id, file)).body.skipped.length, 5);
  equal((await importFile(target.rest, target.id, file, "replace")).body.unchanged.length, 5);
  const changed = {
    ...file,
    documents: file.documents.map((one) => one.metadata.name === "a" ? { ...one, spec: dashboard("A2").spec } : one),
  };
  const replaced = await importFile(target.rest, target.id, changed, "replace");
  deepEqual(replaced.body.replaced, [{ kind: "Dashboard", name: "a", version: 1 }]);
});

Deno.test("a broken file names document and pointer, and nothing of it is stored", async () => {
  const project = await newProject();
  const good = { kind: "Dashboard", metadata: { name: "good" }, spec: dashboard("G").spec };
  const broken: [unknown, number, string, string | null][] = [
    ["{", 400, "invalid_json", null],
    [{}, 422, "invalid_request", "/format"],
    [{ format: "eider-dashboards", format_version: 2, documents: [] }, 422, "invalid_request", "/format_version"],
    [{ format: "eider-dashboards", format_version: 1 }, 422, "invalid_request", "/documents"],
    [[good, { ...good, metadata: { name: "a/b" } }], 422, "invalid_request", "/1/metadata/name"],
    [[good, { kind: "game", metadata: { name: "x" }, spec: {} }], 422, "invalid_request", "/1/kind"],
    [
      {
        format: "eider-dashboards",
        format_version: 1,
        documents: [good, { ...good, metadata: { name: "x" }, spec: 7 }],
      },
      422,
      "invalid_request",
      "/documents/1/spec",
    ],
    [[good, { ...good, metadata: { name: "e" }, kind: "EphemeralDashboard" }], 422, "invalid_request", "/1/spec/ttl"],
    [[good, good], 422, "invalid_request", "/1/metadata/name"],
    [[good, { kind: "GlobalVariable", metadata: { name: "g" }, spec: {} }], 422, "invalid_request", "/1/kind"],
    [[good, null], 422, "invalid_request", "/1"],
  ];
  for (const [file, status, code, pointer] of broken) {
    const answer = await importFile(project.rest, project.id, file);
    const problem = answer.body as unknown as { code: string; detail: string; errors?: { pointer: string }[] };
    deepEqual([answer.status, problem.code], [status, code], answer.text);
    if (pointer !== null) equal(problem.errors?.[0]?.pointer, pointer, answer.text);
  }
  deepEqual((await project.rest.expect<List<Summary>>(200, "GET", `${project.path}/dashboards`)).items, []);
});

Deno.test("an import over its limit is refused, with and without a declared length", async () => {
  const project = await newProject();
  const path = `${project.path}/dashboard-import`;
  const size = 64 * 1024 * 1024 + 1;
  await project.rest.refused(413, "body_too_large", "POST", path, { raw: new Uint8Array(size).fill(32) });
  let sent = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(new Uint8Array(1024 * 1024).fill(32));
      if (++sent > 70) controller.close();
    },
  });
  await project.rest.refused(413, "body_too_large", "POST", path, { raw: stream });
});

Deno.test("a read key sees everything and changes nothing; another project's key sees nothing; no key is 401", async () => {
  const [project, other] = [await newProject(), await newProject()];
  await save(project, "d", dashboard("x"));
  const { key } = await project.rest.expect<KeyAnswer>(201, "POST", `${project.path}/keys`, {
    json: { name: "r", role: "read" },
  });
  const reader = server.current.rest.as(key);
  const reads = [
    "dashboards",
    "dashboards/d",
    "dashboards/d/versions",
    "dashboards/d/versions/0",
    "dashboards/d/compare?from=0",
    "deleted-dashboards",
    "dashboard-search?q=x",
    "dashboard-export",
  ];
  for (const path of reads) {
    await reader.expect(200, "GET", `${project.path}/${path}`);
    await other.rest.refused(404, "not_found", "GET", `${project.path}/${path}`);
    await server.current.rest.as(null).refused(401, "unauthorized", "GET", `${project.path}/${path}`);
    const missing = await server.current.rest.request("GET", `/projects/nope/${path}`);
    equal(missing.status, 404, path);
  }
  const writes: [string, string, unknown][] = [
    ["PUT", "dashboards/d", dashboard("y")],
    ["DELETE", "dashboards/d", undefined],
    ["PUT", "dashboards/d/state", { state: "draft" }],
    ["POST", "dashboards/d/copy", { name: "e" }],
    ["POST", "dashboards/d/versions/0/restore", undefined],
    ["POST", "deleted-dashboards/1/undelete", {}],
    ["DELETE", "deleted-dashboards/1", undefined],
    ["POST", "dashboard-import", []],
  ];
  for (const [method, path, json] of writes) {
    const options = json === undefined ? {} : { json };
    await reader.refused(403, "forbidden", method, `${project.path}/${path}`, options);
    await other.rest.refused(404, "not_found", method, `${project.path}/${path}`, options);
  }
  await project.rest.refused(404, "not_found", "POST", `${project.path}/dashboards/d/copy`, {
    json: { name: "e", project_id: other.id },
  });
  await server.current.rest.expect(201, "POST", `${project.path}/dashboards/d/copy`, {
    json: { name: "e", project_id: other.id },
  });
  await project.rest.refused(403, "forbidden", "GET", "/dashboard-provisioning");
});

Deno.test("deleting a project deletes its dashboards, and a new one of that name starts empty", async () => {
  const project = await newProject();
  await save(project, "d", dashboard("x"));
  await project.rest.expect(204, "DELETE", project.path);
  await server.current.rest.expect(201, "POST", "/projects", { json: { id: project.id, name: "again" } });
  const list = await server.current.rest.expect<List<Summary>>(200, "GET", `${project.path}/dashboards`);
  deepEqual(list.items, []);
  const trash = await server.current.rest.expect<List<Summary>>(200, "GET", `${project.path}/deleted-dashboards`);
  deepEqual(trash.items, []);
});

Deno.test("lists go on page by page, and OpenAPI describes the routes", async () => {
  const project = await newProject();
  for (const name of ["a", "b", "c"]) await save(project, name, dashboard(name));
  const names: string[] = [];
  for (let cursor: string | null = "", pages = 0; cursor !== null && pages < 5; pages++) {
    const query: string = cursor === "" ? "" : `&cursor=${cursor}`;
    const page: List<Summary> = await project.rest.expect(
      200,
      "GET",
      `${project.path}/dashboards?limit=2&order=updated${query}`,
    );
    names.push(...page.items.map(({ name }) => name));
    cursor = page.next_cursor;
  }
  deepEqual(names, ["c", "b", "a"]);
  const document = await server.current.rest.expect<{ paths: Record<string, unknown> }>(200, "GET", "/openapi.json");
  ok("/projects/{project_id}/dashboards/{name}/versions/{version}/restore" in document.paths);
});
