/** Templates over REST: the system's own show data of a server that has worked, users keep theirs, parameters are checked. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { connect, refusedWith } from "../support/sql.ts";
import { once } from "../support/once.ts";
import type { PersesDocument } from "../support/perses.ts";
import { TestProject } from "../support/project.ts";
import type { KeyAnswer, List, Problem } from "../support/rest.ts";
import { eventually, sharedServer } from "../support/server.ts";

const server = sharedServer({ config: { slow_query_threshold_ms: 1, worker_idle_seconds: 300, db_max_open_conns: 1 } });

interface Template {
  readonly name: string;
  readonly title: string;
  readonly system: boolean;
  readonly version: number;
  readonly usage_count: number;
  readonly parameters: readonly { readonly name: string; readonly default?: unknown }[];
  readonly spec: Record<string, unknown>;
}
interface Panel {
  readonly spec: {
    readonly plugin: { readonly kind: string };
    readonly queries?: readonly { readonly spec: { readonly plugin: { readonly kind: string } } }[];
  };
}
interface Data {
  readonly type: string;
  readonly series?: readonly {
    readonly name: string;
    readonly values: readonly (readonly [number, number | null])[];
  }[];
  readonly rows?: readonly Record<string, unknown>[];
  readonly detail?: string;
}

const pathOf = (project: Pick<TestProject, "path">, name = "") =>
  `${project.path}/dashboard-templates${name === "" ? "" : `/${name}`}`;

/** Traffic of every kind before and between two samples: a counter's first value is no increase. */
const place = once(async () => {
  const admin = server.current.rest;
  const project = await TestProject.withSales(admin, "templates");
  const workspace = await project.workspace();
  const sample = () => admin.expect(200, "POST", "/internal/jobs/metric_sampling/run");
  const traffic = async () => {
    await using client = await connect(workspace);
    for (let count = 0; count < 5; count++) {
      await client.query("SELECT count(*) FROM in_c_sales.orders a, in_c_sales.orders b");
      await refusedWith("42703", client.query("SELECT nowhere FROM in_c_sales.orders"));
      await Promise.all(Array.from({ length: 5 }, () => admin.expect(200, "GET", "/projects")));
    }
    for (const job of ["sizes", "expiry"]) await admin.expect(200, "POST", `/internal/jobs/${job}/run`);
  };
  await traffic();
  await eventually("the worker has told its memory", async () => {
    return (await admin.request("GET", "/metrics")).text.includes(
      `workspace_memory_bytes{workspace_id="${workspace.id}"}`,
    );
  });
  await sample();
  await traffic();
  await sample();
  return { admin, project, workspace };
});

async function runAll(document: PersesDocument, variables: Record<string, unknown>): Promise<Map<string, Data[]>> {
  const { admin, project } = await place();
  const found = new Map<string, Data[]>();
  const now = Date.now();
  for (const [key, panel] of Object.entries(document.spec["panels"] as Record<string, Panel>)) {
    const answers: Data[] = [];
    for (const query of (panel.spec.queries ?? []).keys()) {
      const path = `${project.path}/dashboards/${document.metadata.name}/query`;
      const json = { panel: key, query, from: now - 600_000, to: now + 60_000, variables };
      const answer = await admin.request<Data>("POST", path, { json });
      equal(answer.status, 200, `${document.metadata.name}/${key}: ${answer.text}`);
      answers.push(answer.body);
    }
    found.set(key, answers);
  }
  return found;
}

const hasData = ({ series, rows }: Data): boolean =>
  (rows?.length ?? 0) > 0 || (series ?? []).some(({ values }) => values.some(([, value]) => value !== null));

for (const name of ["server-health", "workspaces-pgwire", "slow-queries"]) {
  Deno.test(`every panel of a dashboard made from ${name} shows data of the server's own history`, async () => {
    const { admin, project, workspace } = await place();
    const document = await admin.expect<PersesDocument>(201, "POST", `${pathOf(project, name)}/instantiate`, {
      json: { name },
    });
    const variables = name === "server-health" ? {} : { workspace: "$__all" };
    const empty: string[] = [];
    for (const [key, answers] of await runAll(document, variables)) {
      if (answers.some((answer) => !hasData(answer))) empty.push(key);
    }
    deepEqual(empty, [], `panels without data: ${empty.join(", ")}`);
    if (name === "server-health") return;
    const own = await runAll(document, { workspace: [workspace.id] });
    ok([...own].filter(([key]) => key !== "where_to_look").every(([, answers]) => answers.every(hasData)));
    const others = await runAll(document, { workspace: ["ws_other"] });
    const statements = others.get("statements") ?? others.get("slow");
    deepEqual(statements?.map(({ series }) => series), [[]], "a filter that filters nothing");
    const items = await admin.expect<List<{ name: string; value: unknown; query_value: unknown; options: unknown }>>(
      200,
      "POST",
      `${project.path}/dashboards/${name}/variables`,
      { json: {} },
    );
    const [variable] = items.items;
    deepEqual([variable?.value, variable?.query_value], ["$__all", "*"]);
    deepEqual(variable?.options, [{ value: workspace.id, label: workspace.id }]);
  });
}

Deno.test("the list has the system's and the project's templates, and the hourly job counts their uses", async () => {
  const admin = server.current.rest;
  const project = await TestProject.create(admin, "counted");
  const made = await project.rest.expect<Template>(201, "POST", pathOf(project), {
    json: { name: "mine", spec: { display: { name: "Mine" }, panels: {}, layouts: [] } },
  });
  deepEqual([made.title, made.system, made.usage_count], ["Mine", false, 0]);
  for (const name of ["one", "two"]) {
    const document = await project.rest.expect<PersesDocument>(201, "POST", `${pathOf(project, "mine")}/instantiate`, {
      json: { name },
    });
    equal(document.metadata.name, name);
  }
  const summary = await project.rest.expect<{ template: string; title: string }>(
    200,
    "GET",
    `${project.path}/dashboards/one`,
  );
  deepEqual([summary.template, summary.title], [`${project.id}/mine`, "Mine"]);
  await admin.expect(200, "POST", "/internal/jobs/template_usage/run");
  const { items } = await project.rest.expect<List<Template>>(200, "GET", pathOf(project));
  equal(items.length, 8);
  equal(items.find(({ name }) => name === "mine")?.usage_count, 2);
  equal(items.filter(({ system }) => system).length, 7);
  const other = await TestProject.create(admin, "counted");
  const theirs = await other.rest.expect<List<Template>>(200, "GET", pathOf(other));
  ok(!theirs.items.some(({ name }) => name === "mine"), "another project's template is seen");
  await other.rest.refused(404, "not_found", "GET", pathOf(other, "mine"));
});

Deno.test("a wrong parameter is refused with its pointer, and nothing is made", async () => {
  const { project, workspace } = await place();
  const template = {
    name: "typed",
    title: "Typed",
    parameters: [
      { name: "workspace", title: "Workspace", type: "workspace", required: true },
      { name: "limit", title: "Limit", type: "number", default: 3 },
      { name: "source", title: "Source", type: "datasource", datasource_kind: "PrometheusDatasource" },
    ],
    spec: {
      datasources: {
        own: {
          default: true,
          plugin: { kind: "DuckDBDatasource", spec: { source: "workspace", workspace: "{{workspace}}" } },
        },
      },
      panels: {
        p: {
          kind: "Panel",
          spec: {
            plugin: {
              kind: "StatChart",
              spec: { calculation: "last", thresholds: { steps: [{ value: "{{limit}}" }] } },
            },
            queries: [{
              kind: "Query",
              spec: { plugin: { kind: "DuckDBQuery", spec: { query: "SELECT {{limit}} AS it" } } },
            }],
          },
        },
      },
      layouts: [],
    },
  };
  const made = await project.rest.expect<Template>(201, "POST", pathOf(project), { json: template });
  deepEqual(made.parameters.map(({ name }) => name), ["workspace", "limit", "source"]);
  const other = await TestProject.create(server.current.rest, "templates-other");
  const theirs = await other.workspace();
  const attempts: readonly (readonly [Record<string, unknown>, string])[] = [
    [{}, "/parameters/workspace"],
    [{ workspace: theirs.id }, "/parameters/workspace"],
    [{ workspace: workspace.id, limit: "many" }, "/parameters/limit"],
    [{ workspace: workspace.id, source: "nowhere" }, "/parameters/source"],
    [{ workspace: workspace.id, unknown: 1 }, "/parameters/unknown"],
  ];
  for (const [parameters, pointer] of attempts) {
    const problem = await project.rest.refused(
      422,
      "invalid_request",
      "POST",
      `${pathOf(project, "typed")}/instantiate`,
      {
        json: { name: "typed", parameters },
      },
    );
    deepEqual(problem.errors?.map((error) => error.pointer), [pointer], problem.detail);
  }
  await project.rest.refused(404, "not_found", "GET", `${project.path}/dashboards/typed`);
  const board = await project.rest.expect<PersesDocument>(201, "POST", `${pathOf(project, "typed")}/instantiate`, {
    json: { name: "typed", title: "My board", parameters: { workspace: workspace.id } },
  });
  equal((board.spec["display"] as { name: string }).name, "My board");
  match(JSON.stringify(board.spec), /"steps":\[\{"value":3\}\]/);
  const data = await project.rest.expect<Data>(200, "POST", `${project.path}/dashboards/typed/query`, {
    json: { panel: "p", from: 0, to: 1000 },
  });
  deepEqual(data.rows, [{ it: 3 }]);
  await project.rest.refused(409, "conflict", "POST", `${pathOf(project, "typed")}/instantiate`, {
    json: { name: "typed", parameters: { workspace: workspace.id } },
  });
});

Deno.test("a system template refuses changes and says how to make one's own; that one can be changed and deleted", async () => {
  const project = await TestProject.create(server.current.rest, "own");
  const spec = { panels: {}, layouts: [], duration: "1h" };
  for (const [method, json] of [["PUT", { spec }], ["DELETE", undefined]] as const) {
    const problem = await project.rest.request<Problem & { hint: string }>(
      method,
      pathOf(project, "model-serving"),
      json === undefined ? {} : { json },
    );
    deepEqual([problem.status, problem.body.code], [409, "conflict"]);
    match(problem.text, /from_template/);
  }
  await project.rest.refused(409, "conflict", "POST", pathOf(project), { json: { name: "model-serving", spec } });
  const copy = await project.rest.expect<Template>(201, "POST", pathOf(project), {
    json: { name: "my-serving", from_template: "model-serving", title: "Our models" },
  });
  deepEqual(copy.parameters.map(({ name }) => name), ["datasource", "latency_seconds", "error_percent"]);
  const seen = await project.rest.request<Template>("GET", pathOf(project, "my-serving"));
  equal(seen.headers.get("etag"), '"v0"');
  ok(Object.keys(seen.body.spec["panels"] as object).length > 10);
  const guarded = { json: { title: "Changed", spec }, headers: { "if-match": '"v0"' } };
  equal((await project.rest.expect<Template>(200, "PUT", pathOf(project, "my-serving"), guarded)).version, 1);
  await project.rest.refused(412, "precondition_failed", "PUT", pathOf(project, "my-serving"), guarded);
  const reader = await project.rest.expect<KeyAnswer>(201, "POST", `${project.path}/keys`, {
    json: { name: "reader", role: "read" },
  });
  const reading = project.rest.as(reader.key);
  await reading.expect(200, "GET", pathOf(project, "my-serving"));
  await reading.refused(403, "forbidden", "POST", `${pathOf(project, "my-serving")}/instantiate`, {
    json: { name: "x" },
  });
  await project.rest.expect(204, "DELETE", pathOf(project, "my-serving"));
  await project.rest.refused(404, "not_found", "GET", pathOf(project, "my-serving"));
});

Deno.test("a template from a dashboard, and what could not become a dashboard is refused with the document's pointer", async () => {
  const project = await TestProject.create(server.current.rest, "made");
  const spec = { display: { name: "Base" }, panels: {}, layouts: [], duration: "1h" };
  await project.rest.expect(201, "PUT", `${project.path}/dashboards/base`, { json: { kind: "Dashboard", spec } });
  const made = await project.rest.expect<Template>(201, "POST", pathOf(project), {
    json: { name: "based", from_dashboard: "base" },
  });
  equal(made.title, "Base");
  const refused = (json: unknown) => project.rest.refused(422, "invalid_request", "POST", pathOf(project), { json });
  const pointers = async (json: unknown) => (await refused(json)).errors?.map(({ pointer }) => pointer);
  deepEqual(await pointers({ name: "x", from_dashboard: "none" }), ["/from_dashboard"]);
  deepEqual(await pointers({ name: "x" }), ["/spec"]);
  deepEqual(await pointers({ name: "x", spec, from_dashboard: "base" }), ["/from_dashboard"]);
  deepEqual(await pointers({ name: "x", spec: { ...spec, duration: "soon" } }), ["/spec/duration"]);
  deepEqual(
    await pointers({ name: "x", spec, parameters: [{ name: "a", title: "A", type: "choice" }] }),
    ["/parameters/0/choices"],
  );
});
