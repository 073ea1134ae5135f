/** What the server does with dashboards on its own: the cleanup of the trash, and rows of the file that are broken. */
import { deepEqual, equal, match } from "node:assert/strict";
import { openMetadataPool } from "../../src/metadata/pool/pool.ts";
import { eventually, TestServer } from "../support/server.ts";
import { TestProject } from "../support/project.ts";
import type { List } from "../support/rest.ts";

const document = (title: string) => ({
  kind: "Dashboard",
  metadata: {},
  spec: { display: { name: title }, panels: {} },
});

interface Summary {
  readonly id: number;
  readonly name: string;
  readonly title: string;
}

Deno.test("what is deleted longer than the retention goes for good at the next cleanup", async () => {
  const config = { dashboards_deleted_retention_days: 0, session_cleanup_interval_seconds: 0.2 };
  await using server = await TestServer.start({ config });
  const project = await TestProject.create(server.rest);
  for (const name of ["gone", "kept"]) {
    await project.rest.expect(201, "PUT", `${project.path}/dashboards/${name}`, { json: document(name) });
  }
  await project.rest.expect(204, "DELETE", `${project.path}/dashboards/gone`);
  await eventually("the trash is empty", async () => {
    const { items } = await project.rest.expect<List<Summary>>(200, "GET", `${project.path}/deleted-dashboards`);
    return items.length === 0;
  });
  await project.rest.expect(200, "GET", `${project.path}/dashboards/kept`);
});

Deno.test("rows broken in the file itself break no list, search or export, and can be restored", async () => {
  await using server = await TestServer.start();
  const project = await TestProject.create(server.rest);
  for (const name of ["good", "bad", "worse"]) {
    await project.rest.expect(201, "PUT", `${project.path}/dashboards/${name}`, { json: document(`${name} one`) });
    await project.rest.expect(200, "PUT", `${project.path}/dashboards/${name}`, { json: document(`${name} two`) });
  }
  await server.stop();
  const pool = await openMetadataPool({ dataDir: server.dataDir });
  const present = "(SELECT version_id FROM dashboard WHERE name = $2)";
  await pool.execute(`UPDATE dashboard_version SET document = $1 WHERE id = ${present}`, ['{"display": ', "bad"]);
  await pool.execute(`UPDATE dashboard_version SET document = $1 WHERE id = ${present}`, ["z:AAAA", "worse"]);
  await pool.execute("UPDATE dashboard SET tags = 'no JSON' WHERE name = 'worse'");
  await pool.close();
  await server.startProcess();

  const rest = server.rest.as(project.rest.key);
  const list = await rest.expect<List<Summary>>(200, "GET", `${project.path}/dashboards`);
  deepEqual(list.items.map(({ name }) => name), ["bad", "good", "worse"]);
  const tagged = await rest.expect<List<Summary>>(200, "GET", `${project.path}/dashboards?tag=x`);
  deepEqual(tagged.items, []);
  const found = await rest.expect<List<Summary>>(200, "GET", `${project.path}/dashboard-search?q=two`);
  equal(found.items.length, 3);
  const file = await rest.expect<{ documents: { metadata: { name: string } }[]; unreadable: unknown[] }>(
    200,
    "GET",
    `${project.path}/dashboard-export`,
  );
  deepEqual(file.documents.map(({ metadata }) => metadata.name), ["good"]);
  deepEqual(file.unreadable, [{ kind: "Dashboard", name: "bad" }, { kind: "Dashboard", name: "worse" }]);
  const problem = await rest.refused(500, "io_error", "GET", `${project.path}/dashboards/bad/compare?from=0`);
  match(problem.detail, /stored document of version 1 cannot be read/);
  await rest.expect(200, "POST", `${project.path}/dashboards/bad/versions/0/restore`);
  const restored = await rest.expect<{ spec: unknown }>(200, "GET", `${project.path}/dashboards/bad/versions/2`);
  deepEqual(restored.spec, { ...document("bad one").spec, duration: "1h", layouts: [] });
  await rest.expect(204, "DELETE", `${project.path}/dashboards/worse`);
});
