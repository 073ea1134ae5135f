/** A provisioning folder as an administrator has it, and what becomes of it over REST. */
import { deepEqual, equal, match } from "node:assert/strict";
import { eventually, TestServer } from "../support/server.ts";
import type { List } from "../support/rest.ts";

const yaml = (title: string) =>
  `kind: Dashboard\nmetadata: {name: d, project: p}\nspec:\n  display: {name: ${title}}\n  panels: {}\n  layouts: []\n`;

interface Summary {
  readonly version: number;
  readonly title: string;
  readonly provisioned_from: string | null;
}

Deno.test("a provisioned dashboard follows its file, refuses edits with a way out, and survives a restart without a new version", async () => {
  const folder = await Deno.makeTempDir({ prefix: "eider_provisioning_" });
  const config = { dashboards_provisioning_dir: folder, dashboards_provisioning_interval_seconds: 0.1 };
  try {
    await Deno.writeTextFile(`${folder}/d.yaml`, yaml("one"));
    await using server = await TestServer.start({ config });
    const { rest } = server;
    const waiting = await rest.expect<{ last_run: { problems: { file: string; detail: string }[] } }>(
      200,
      "GET",
      "/dashboard-provisioning",
    );
    match(waiting.last_run.problems[0]?.detail ?? "", /project: "p" does not exist/);
    await rest.expect(201, "POST", "/projects", { json: { id: "p", name: "p" } });
    const path = "/projects/p/dashboards/d";
    await eventually("it is provisioned", async () => (await rest.request("GET", path)).status === 200);
    deepEqual((await rest.expect<Summary>(200, "GET", path)).provisioned_from, "d.yaml");

    const document = { kind: "Dashboard", metadata: {}, spec: { display: { name: "edited" }, panels: {} } };
    for (
      const [method, place, json] of [["PUT", path, document], ["PUT", `${path}/state`, { state: "archived" }], [
        "DELETE",
        path,
        undefined,
      ]] as const
    ) {
      const problem = await rest.refused(409, "conflict", method, place, json === undefined ? {} : { json });
      match(JSON.stringify(problem), /provisioned from d\.yaml.*save your own copy: POST/);
    }
    await rest.expect(201, "POST", `${path}/copy`, { json: { name: "mine" } });
    await rest.expect(200, "PUT", "/projects/p/dashboards/mine", { json: document });
    const { items } = await rest.expect<List<{ message: string }>>(200, "GET", "/projects/p/dashboards/mine/versions");
    equal(items.at(-1)?.message, "copied from p/d, version 0");

    await Deno.writeTextFile(`${folder}/d.yaml`, yaml("two"));
    await eventually("it is changed", async () => (await rest.expect<Summary>(200, "GET", path)).title === "two");
    await server.stop();
    await server.startProcess();
    deepEqual((await server.rest.expect<Summary>(200, "GET", path)).version, 1);
    await server.stop();
    await Deno.writeTextFile(`${folder}/d.yaml`, "");
    await server.startProcess({ ...config, dashboards_provisioning_prune: true });
    await server.rest.refused(404, "not_found", "GET", path);
    const trash = await server.rest.expect<List<Summary>>(200, "GET", "/projects/p/deleted-dashboards");
    deepEqual(trash.items.map(({ title }) => title), ["two"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
