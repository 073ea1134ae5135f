import assert from "node:assert/strict";
import type { ResourceDocument, ResourceKey, ResourceKind } from "../../dashboards/types.ts";
import { AppError } from "../../errors/app_error.ts";
import type { ErrorKind } from "../../errors/catalogue.ts";
import { changeBy, dashboardDocument, insertTestProject, withDashboards } from "./testing_dashboards.ts";

function kind(expected: ErrorKind, text = /./): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.kind, expected, error.message);
    assert.match(`${error.message} ${error.hint ?? ""}`, text);
    return true;
  };
}

const admin = changeBy("admin");
const timeForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/;

const oneOfEachKind: readonly ResourceDocument[] = [
  dashboardDocument("a.b", { tags: ["x"], spec: { panels: { p: { text: "ä€\u0000𝄞" } }, big: "word ".repeat(9000) } }),
  { kind: "EphemeralDashboard", project: "p1", name: "a.b", tags: null, spec: { ttl: "1h30m", panels: {} } },
  {
    kind: "Datasource",
    project: "p1",
    name: "prom",
    tags: [],
    spec: { default: true, plugin: { kind: "X", spec: {} } },
  },
  { kind: "Variable", project: "p1", name: "env", tags: null, spec: { kind: "TextVariable", spec: { value: "" } } },
  { kind: "Folder", project: "p1", name: "f", tags: null, spec: { display: { name: "F" }, items: [] } },
  { kind: "GlobalDatasource", project: null, name: "prom", tags: null, spec: { default: false } },
  { kind: "GlobalVariable", project: null, name: "env", tags: ["t"], spec: { kind: "TextVariable" } },
];

for (const document of oneOfEachKind) {
  Deno.test(`a ${document.kind} is created, read, listed, changed and deleted, its version counting from 0`, () =>
    withDashboards(async ({ store }) => {
      const key: ResourceKey = { kind: document.kind, project: document.project, name: document.name };
      const created = await store.create(document, admin);
      assert.equal(created.metadata.version, 0);
      assert.equal(created.metadata.createdAt, created.metadata.updatedAt);
      assert.match(created.metadata.createdAt, timeForm);
      assert.equal(created.metadata.project, document.project ?? undefined);
      assert.deepEqual(created.metadata.tags, document.tags ?? undefined);
      assert.deepEqual(created.spec, document.spec);
      assert.deepEqual(await store.find(key), created);
      assert.deepEqual(await store.list({ kind: document.kind, project: document.project }), [created]);
      assert.deepEqual(await store.list({ kind: document.kind, project: null }), [created]);
      assert.deepEqual(
        await store.list({ kind: document.kind, project: document.project, metadataOnly: true }),
        [{ ...created, spec: {} }],
      );
      if (document.project !== null) {
        assert.deepEqual(await store.list({ kind: document.kind, project: "p2" }), []);
      }
      assert.equal((await store.list({ kind: document.kind, project: null, namePrefix: "z" })).length, 0);
      assert.equal((await store.list({ kind: document.kind, project: null, namePrefix: document.name })).length, 1);
      await assert.rejects(store.create(document, admin), kind("conflict", /exists already/));

      const changed = await store.update(
        { ...document, spec: { ...document.spec, more: [1, null, { a: true }] } },
        admin,
      );
      assert.equal(changed.metadata.version, 1);
      assert.equal(changed.metadata.createdAt, created.metadata.createdAt);
      assert.ok(changed.metadata.updatedAt > created.metadata.updatedAt);
      assert.deepEqual(await store.find(key), changed);

      await assert.rejects(store.update(document, changeBy("a", { expectedVersion: 0 })), kind("precondition_failed"));
      await assert.rejects(
        store.delete(key, changeBy("a", { expectedVersion: 2 })),
        kind("precondition_failed", /present version is 1, and 2 was expected/),
      );
      assert.deepEqual(await store.find(key), changed);
      assert.equal((await store.update(document, changeBy("a", { expectedVersion: 1 }))).metadata.version, 2);

      await store.delete(key, admin);
      assert.equal(await store.find(key), null);
      assert.deepEqual(await store.list({ kind: document.kind, project: null }), []);
      await assert.rejects(store.delete(key, admin), kind("not_found"));
      await assert.rejects(store.update(document, admin), kind("not_found"));
      assert.equal((await store.create(document, admin)).metadata.version, 0);
    }));
}

Deno.test("a name means another resource in another project, and in another kind", () =>
  withDashboards(async ({ store }) => {
    for (const project of ["p1", "p2"]) {
      await store.create(dashboardDocument("same", { project, title: project }), admin);
    }
    await store.create({ ...dashboardDocument("same"), kind: "Folder" }, admin);
    const all = await store.list({ kind: "Dashboard", project: null });
    assert.deepEqual(all.map(({ metadata }) => metadata.project), ["p1", "p2"]);
    await store.delete({ kind: "Dashboard", project: "p1", name: "same" }, admin);
    assert.equal((await store.list({ kind: "Dashboard", project: null })).length, 1);
    assert.equal((await store.list({ kind: "Folder", project: "p1" })).length, 1);
  }));

Deno.test("a list is ordered by name, and its prefix is no pattern", () =>
  withDashboards(async ({ store }) => {
    for (const name of ["b_x", "bax", "a", "b.x"]) await store.create(dashboardDocument(name), admin);
    const names = async (namePrefix?: string) =>
      (await store.list({ kind: "Dashboard", project: "p1", ...(namePrefix === undefined ? {} : { namePrefix }) }))
        .map(({ metadata }) => metadata.name);
    assert.deepEqual(await names(), ["a", "b.x", "b_x", "bax"]);
    assert.deepEqual(await names("b_"), ["b_x"]);
    assert.deepEqual(await names("%"), []);
  }));

Deno.test("nothing is created in a project that does not exist", () =>
  withDashboards(async ({ store }) => {
    for (const document of oneOfEachKind.filter(({ project }) => project !== null)) {
      await assert.rejects(store.create({ ...document, project: "nope" }, admin), kind("not_found", /project: "nope"/));
    }
  }));

Deno.test("of writers who read the same version, one succeeds and the others are told; blind ones all succeed", () =>
  withDashboards(async ({ store }) => {
    await store.create(dashboardDocument("d"), admin);
    const writes = (expectedVersion: number | null) =>
      Promise.allSettled(
        Array.from({ length: 12 }, (_, index) =>
          store.update(dashboardDocument("d", { title: `t${index}` }), {
            author: "a",
            message: null,
            expectedVersion,
          })),
      );
    const guarded = await writes(0);
    assert.equal(guarded.filter(({ status }) => status === "fulfilled").length, 1);
    for (const outcome of guarded) if (outcome.status === "rejected") kind("precondition_failed")(outcome.reason);
    const blind = await writes(null);
    const versions = blind.map((outcome) =>
      outcome.status === "fulfilled" ? outcome.value.metadata.version : outcome.reason
    );
    assert.deepEqual(versions.sort((a, b) => a - b), [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
  }));

Deno.test("of writers who create the same name at once, in one project or globally, exactly one succeeds", () =>
  withDashboards(async ({ store }) => {
    const kinds: readonly [ResourceKind, string | null][] = [["Dashboard", "p1"], ["GlobalVariable", null]];
    for (const [resourceKind, project] of kinds) {
      const outcomes = await Promise.allSettled(
        Array.from(
          { length: 8 },
          () => store.create({ ...dashboardDocument("d"), kind: resourceKind, project }, admin),
        ),
      );
      assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
      for (const outcome of outcomes) if (outcome.status === "rejected") kind("conflict")(outcome.reason);
    }
  }));

Deno.test("saves in many projects at once all succeed, each with its own history", () =>
  withDashboards(async ({ pool, projects, store }) => {
    const ids = Array.from({ length: 12 }, (_, index) => `many${index}`);
    for (const id of ids) await insertTestProject(projects, id);
    await Promise.all(ids.map(async (project) => {
      await store.create(dashboardDocument("d", { project }), admin);
      for (let count = 0; count < 5; count++) await store.update(dashboardDocument("d", { project }), admin);
    }));
    assert.deepEqual(
      await pool.query(
        `SELECT d.version, count(DISTINCT v.id) AS kept, max(v.version) AS newest
         FROM dashboard d JOIN dashboard_version v ON v.dashboard_id = d.id GROUP BY ALL`,
      ),
      [{ version: 5, kept: 6 * ids.length, newest: 5 }],
    );
  }));

Deno.test("the history keeps the last 50 versions, the present one among them", () =>
  withDashboards(async ({ pool, store }) => {
    await store.create(dashboardDocument("d"), admin);
    await store.create(dashboardDocument("other"), admin);
    for (let count = 1; count <= 53; count++) await store.update(dashboardDocument("d", { title: `t${count}` }), admin);
    assert.deepEqual(
      await pool.query(
        `SELECT count(*) AS kept, min(v.version) AS oldest, max(v.version) AS newest
         FROM dashboard_version v JOIN dashboard d ON d.id = v.dashboard_id GROUP BY d.name ORDER BY d.name`,
      ),
      [{ kept: 50, oldest: 4, newest: 53 }, { kept: 1, oldest: 0, newest: 0 }],
    );
    const found = await store.find({ kind: "Dashboard", project: "p1", name: "d" });
    assert.deepEqual(found?.spec["display"], { name: "t53" });
  }));

Deno.test("deleting a project deletes all its resources in the same transaction, and no other project's", () =>
  withDashboards(async ({ pool, projects, store }) => {
    for (const document of oneOfEachKind) {
      await store.create(document, admin);
      if (document.project !== null) await store.create({ ...document, project: "p2" }, admin);
    }
    await store.create(dashboardDocument("gone"), admin);
    await store.delete({ kind: "Dashboard", project: "p1", name: "gone" }, admin);
    await projects.deleteProject("p1", () => "folder");
    for (const table of ["dashboard", "dashboard_version", "ephemeral_dashboard", "folder"]) {
      assert.deepEqual(await pool.query(`SELECT DISTINCT project_id FROM ${table}`), [{ project_id: "p2" }], table);
    }
    for (const table of ["datasource", "variable"]) {
      assert.deepEqual(
        await pool.query(`SELECT DISTINCT project_id FROM ${table} ORDER BY 1`),
        [{ project_id: "" }, { project_id: "p2" }],
        table,
      );
    }
  }));

Deno.test("a stored document that cannot be read breaks no list, and says so when it is asked for", () =>
  withDashboards(async ({ pool, store, warnings }) => {
    const broken = ["{", "z:%%%", "z:" + btoa("no deflate stream"), "[1]", "null", ""];
    const good = dashboardDocument("good");
    await store.create(good, admin);
    for (const [index, text] of broken.entries()) {
      const name = `broken${index}`;
      await store.create(dashboardDocument(name), admin);
      await pool.execute(
        "UPDATE dashboard_version SET document = $1 WHERE id = (SELECT version_id FROM dashboard WHERE name = $2)",
        [text, name],
      );
      await store.create({ kind: "Folder", project: "p1", name, tags: null, spec: {} }, admin);
      await pool.execute("UPDATE folder SET document = $1 WHERE name = $2", [text, name]);
      await assert.rejects(
        store.find({ kind: "Dashboard", project: "p1", name }),
        kind("io_error", /Restore an earlier/),
      );
      await assert.rejects(store.find({ kind: "Folder", project: "p1", name }), kind("io_error", /PUT/));
    }
    const names = (await store.list({ kind: "Dashboard", project: "p1" })).map(({ metadata }) => metadata.name);
    assert.deepEqual(names, ["good"]);
    assert.deepEqual(await store.list({ kind: "Folder", project: null }), []);
    assert.equal(warnings.length, 2 * broken.length);
    await store.update(dashboardDocument("broken0"), admin);
    await store.delete({ kind: "Dashboard", project: "p1", name: "broken1" }, admin);
    await store.delete({ kind: "Folder", project: "p1", name: "broken1" }, admin);
    assert.deepEqual((await store.list({ kind: "Dashboard", project: "p1" })).length, 2);
  }));

Deno.test("an ephemeral dashboard expires its ttl after its last change, and needs one above 0", () =>
  withDashboards(async ({ pool, store }) => {
    const document: ResourceDocument = {
      kind: "EphemeralDashboard",
      project: "p1",
      name: "e",
      tags: null,
      spec: { ttl: "1d2h3m4s5ms" },
    };
    const { metadata } = await store.create(document, admin);
    const expiry = async () =>
      Date.parse(String((await pool.query("SELECT expires_at FROM ephemeral_dashboard"))[0]?.["expires_at"]));
    assert.equal(await expiry() - Date.parse(metadata.updatedAt), ((26 * 60 + 3) * 60 + 4) * 1000 + 5);
    const changed = await store.update({ ...document, spec: { ttl: "500y" } }, admin);
    assert.ok(await expiry() > Date.parse(changed.metadata.updatedAt) + 499 * 365 * 86_400_000);
    await store.update({ ...document, spec: { ttl: "99999y" } }, admin);
    assert.equal(new Date(await expiry()).getUTCFullYear(), 9999);
    for (const ttl of ["0", "", "1h1d", "soon", null, 5]) {
      await assert.rejects(store.update({ ...document, spec: { ttl } }, admin), kind("invalid_request", /ttl/));
    }
  }));

Deno.test("a document is checked while its row is what was written under the present rules, and is listed as text", () =>
  withDashboards(async ({ pool, store, repository, warnings }) => {
    const spec = { panels: {}, layouts: [], duration: "1h", display: { name: "x".repeat(3000) } };
    for (const name of ["a", "damaged", "mended", "other-rules", "restored"]) {
      await store.create(dashboardDocument(name, { spec }), admin);
    }
    const row = (name: string) => `(SELECT version_id FROM dashboard WHERE live_key = 'p1/${name}')`;
    const set = (name: string, assignments: string) =>
      pool.execute(`UPDATE dashboard_version SET ${assignments} WHERE id = ${row(name)}`);
    await set("damaged", "document = 'z:' || substr(document, 9)");
    await set("mended", `document = '{"mended": true}'`);
    await set("other-rules", "checked = regexp_replace(checked, '^[0-9]+', '0')");
    await repository.restore({ project: "p1", name: "restored" }, 0, admin);
    const texts = await store.listTexts({ kind: "Dashboard", project: "p1" });
    assert.deepEqual(texts.map(({ metadata, isChecked }) => [metadata.name, isChecked]), [
      ["a", true],
      ["mended", false],
      ["other-rules", false],
      ["restored", false],
    ]);
    assert.deepEqual(warnings, ["damaged"]);
    assert.deepEqual(JSON.parse(texts[0]?.specText ?? ""), spec);
    assert.deepEqual(texts[1]?.specText, '{"mended": true}');
    const listed = await store.list({ kind: "Dashboard", project: "p1" });
    assert.deepEqual(
      listed.map(({ kind, metadata, spec }) => ({ kind, metadata, spec })),
      texts.map(({ kind, metadata, specText }) => ({ kind, metadata, spec: JSON.parse(specText) as unknown })),
    );
  }));
