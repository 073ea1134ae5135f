import assert from "node:assert/strict";
import { RefusedWrite, type ResourceWrite, type WriteRule } from "../../dashboards/repository.ts";
import { AppError } from "../../errors/app_error.ts";
import type { ErrorKind } from "../../errors/catalogue.ts";
import { queryWords } from "../../dashboards/search_text.ts";
import { versionsKept } from "./rows.ts";
import { stateChangesKept } from "./state_changes.ts";
import { changeBy, dashboardDocument, withDashboards } from "./testing_dashboards.ts";

function kind(expected: ErrorKind, text = /./): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.kind, expected, error.message);
    assert.match(`${error.message} ${error.hint ?? ""}`, text);
    return true;
  };
}

const admin = changeBy("admin");
const firstPage = { limit: 100, after: null };
const place = { project: "p1", name: "d" };
const live = { project: "p1", states: ["draft", "active"], tags: [] } as const;

Deno.test("the history says who, when, how and why, newest first, page by page", () =>
  withDashboards(async ({ store, repository }) => {
    await store.create(dashboardDocument("d"), changeBy("p1/ann", { message: "made" }));
    await store.update(dashboardDocument("d", { title: "two", tags: ["t"] }), changeBy("p1/bob"));
    const { items, next } = await repository.versions(place, firstPage);
    assert.equal(next, null);
    assert.deepEqual(
      items.map(({ version, createdBy, origin, message, tags }) => ({ version, createdBy, origin, message, tags })),
      [
        { version: 1, createdBy: "p1/bob", origin: "update", message: null, tags: ["t"] },
        { version: 0, createdBy: "p1/ann", origin: "create", message: "made", tags: null },
      ],
    );
    const first = await repository.versions(place, { limit: 1, after: null });
    const second = await repository.versions(place, { limit: 1, after: first.next });
    assert.deepEqual([...first.items, ...second.items], items);
    assert.equal(second.next, null);
    assert.deepEqual((await repository.version(place, 0)).spec, dashboardDocument("d").spec);
    await assert.rejects(repository.version(place, 2), kind("not_found", /present version is 1/));
    await assert.rejects(repository.versions({ project: "p1", name: "nope" }, firstPage), kind("not_found"));
  }));

Deno.test("restore makes an earlier document and its tags the next version, on top of the expected one only", () =>
  withDashboards(async ({ store, repository }) => {
    await store.create(dashboardDocument("d", { title: "one", tags: ["a"] }), admin);
    await store.update(dashboardDocument("d", { title: "two" }), admin);
    await assert.rejects(
      repository.restore(place, 0, changeBy("x", { expectedVersion: 0 })),
      kind("precondition_failed"),
    );
    const summary = await repository.restore(place, 0, changeBy("p1/eve", { expectedVersion: 1 }));
    assert.deepEqual([summary.version, summary.title, summary.tags, summary.updatedBy], [2, "one", ["a"], "p1/eve"]);
    const [newest] = (await repository.versions(place, firstPage)).items;
    assert.deepEqual([newest?.origin, newest?.message], ["restore", "version 0 restored"]);
  }));

Deno.test("a dashboard whose present document is broken is restored to an earlier version", () =>
  withDashboards(async ({ pool, store, repository }) => {
    await store.create(dashboardDocument("d", { title: "good" }), admin);
    await store.update(dashboardDocument("d", { title: "bad" }), admin);
    await pool.execute("UPDATE dashboard_version SET document = 'z:broken' WHERE version = 1");
    await assert.rejects(repository.version(place, 1), kind("io_error", /another version/));
    await assert.rejects(repository.restore(place, 1, admin), kind("io_error"));
    await repository.restore(place, 0, admin);
    const found = await store.find({ kind: "Dashboard", ...place });
    assert.deepEqual(found?.spec["display"], { name: "good" });
  }));

Deno.test("an archived dashboard is read but not listed, and refuses changes until it is active again", () =>
  withDashboards(async ({ store, repository }) => {
    await store.create(dashboardDocument("d"), admin);
    const archived = await repository.setState(place, "archived", changeBy("p1/ann"));
    assert.deepEqual([archived.state, archived.stateChangedBy, archived.version], ["archived", "p1/ann", 0]);
    assert.deepEqual(await store.list({ kind: "Dashboard", project: "p1" }), []);
    assert.deepEqual((await repository.list(live, "name", firstPage)).items, []);
    assert.equal((await repository.list({ ...live, states: ["archived"] }, "name", firstPage)).items.length, 1);
    const found = await store.find({ kind: "Dashboard", ...place });
    assert.deepEqual(found?.metadata.annotations, { "eider/state": "archived" });
    await assert.rejects(store.update(dashboardDocument("d"), admin), kind("conflict", /PUT .*\/state/));
    await assert.rejects(repository.restore(place, 0, admin), kind("conflict"));
    await assert.rejects(store.create(dashboardDocument("d"), admin), kind("conflict", /exists already/));
    await repository.setState(place, "active", admin);
    assert.equal((await store.update(dashboardDocument("d"), admin)).metadata.version, 1);
  }));

Deno.test("a deleted dashboard comes back with its history and state, under another name when its own is taken", () =>
  withDashboards(async ({ store, repository }) => {
    await store.create(dashboardDocument("d", { title: "old" }), admin);
    await store.update(dashboardDocument("d", { title: "newer" }), admin);
    await repository.setState(place, "draft", admin);
    await repository.delete(place, changeBy("p1/ann"));
    assert.equal(await repository.summary(place), null);
    await store.create(dashboardDocument("d", { title: "successor" }), admin);
    const [deleted] = (await repository.trash("p1", firstPage)).items;
    assert.deepEqual([deleted?.name, deleted?.title, deleted?.stateChangedBy], ["d", "newer", "p1/ann"]);
    const id = deleted?.id ?? 0;
    await assert.rejects(repository.undelete("p1", id, null, admin), kind("conflict", /another name/));
    await assert.rejects(repository.undelete("p2", id, "x", admin), kind("not_found"));
    const back = await repository.undelete("p1", id, "d2", admin);
    assert.deepEqual([back.id, back.name, back.state, back.version, back.title], [id, "d2", "draft", 1, "newer"]);
    assert.equal((await repository.versions({ project: "p1", name: "d2" }, firstPage)).items.length, 2);
    assert.deepEqual((await repository.trash("p1", firstPage)).items, []);
    await assert.rejects(repository.undelete("p1", id, "d3", admin), kind("not_found"));
    const [hit] = await repository.searchCandidates(["d2"], live, 10);
    assert.equal(hit?.name, "d2");
  }));

Deno.test("the same name is deleted again and again, and each deletion can be undeleted by itself", () =>
  withDashboards(async ({ store, repository }) => {
    for (const title of ["a", "b", "c"]) {
      await store.create(dashboardDocument("d", { title }), admin);
      await repository.delete(place, admin);
    }
    const { items } = await repository.trash("p1", firstPage);
    assert.deepEqual(items.map(({ title }) => title), ["c", "b", "a"]);
    const pages = [];
    for (let after: string | null = null, count = 0; count < 3; count++) {
      const page = await repository.trash("p1", { limit: 1, after });
      pages.push(...page.items);
      after = page.next;
    }
    assert.deepEqual(pages, items);
    const back = await repository.undelete("p1", items[1]?.id ?? 0, null, admin);
    assert.equal(back.title, "b");
    await repository.purge("p1", items[0]?.id ?? 0);
    await assert.rejects(repository.purge("p1", items[0]?.id ?? 0), kind("not_found"));
    await assert.rejects(repository.purge("p1", back.id), kind("not_found"));
  }));

Deno.test("purging removes what was deleted before a time, with its history, and nothing else", () =>
  withDashboards(async ({ pool, store, repository }) => {
    for (const name of ["old", "new", "kept"]) await store.create(dashboardDocument(name), admin);
    await repository.delete({ project: "p1", name: "old" }, admin);
    const [old] = (await repository.trash("p1", firstPage)).items;
    await repository.delete({ project: "p1", name: "new" }, admin);
    assert.equal(await repository.purgeDeletedBefore(old?.stateChangedAt ?? ""), 0);
    const [recent] = (await repository.trash("p1", firstPage)).items;
    assert.equal(await repository.purgeDeletedBefore(recent?.stateChangedAt ?? ""), 1);
    assert.deepEqual(await pool.query("SELECT count(*) AS n FROM dashboard_version"), [{ n: 2 }]);
    assert.equal((await repository.trash("p1", firstPage)).items.length, 1);
  }));

Deno.test("expired ephemeral dashboards are removed", () =>
  withDashboards(async ({ store, repository }) => {
    for (const [name, ttl] of [["short", "1s"], ["long", "1d"]] as const) {
      await store.create({ kind: "EphemeralDashboard", project: "p1", name, tags: null, spec: { ttl } }, admin);
    }
    const later = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();
    assert.equal(await repository.purgeExpiredEphemerals(later(0)), 0);
    assert.equal(await repository.purgeExpiredEphemerals(later(60)), 1);
    const left = await store.list({ kind: "EphemeralDashboard", project: "p1" });
    assert.deepEqual(left.map(({ metadata }) => metadata.name), ["long"]);
  }));

Deno.test("lists are by name or the last changed first, page by page, and narrowed by tags", () =>
  withDashboards(async ({ store, repository }) => {
    for (const name of ["b", "a", "c"]) {
      await store.create(dashboardDocument(name, { tags: name === "a" ? ["x", 'q","r'] : ["x"] }), admin);
    }
    await store.update(dashboardDocument("b", { tags: ["y"] }), admin);
    for (const [order, expected] of [["name", ["a", "b", "c"]], ["updated", ["b", "c", "a"]]] as const) {
      const names: string[] = [];
      let after: string | null = null;
      do {
        const page: { items: readonly { name: string }[]; next: string | null } = await repository.list(live, order, {
          limit: 2,
          after,
        });
        names.push(...page.items.map(({ name }) => name));
        after = page.next;
      } while (after !== null);
      assert.deepEqual(names, expected, order);
    }
    const withTags = async (...tags: string[]) =>
      (await repository.list({ ...live, tags }, "name", firstPage)).items.map(({ name }) => name);
    assert.deepEqual(await withTags("x"), ["a", "c"]);
    assert.deepEqual(await withTags("x", 'q","r'), ["a"]);
    assert.deepEqual(await withTags('","'), []);
    await assert.rejects(
      repository.list(live, "name", { limit: 2, after: "a b c" }),
      kind("invalid_request", /cursor/),
    );
  }));

Deno.test("a broken row of dashboard breaks neither lists nor search", () =>
  withDashboards(async ({ pool, store, repository }) => {
    await store.create(dashboardDocument("good", { tags: ["x"] }), admin);
    await store.create(dashboardDocument("broken", { tags: ["x"] }), admin);
    await pool.execute("UPDATE dashboard SET tags = '[\"x', title = 'broken' WHERE name = 'broken'");
    await pool.execute(
      "UPDATE dashboard_version SET document = '\\x00' WHERE id = (SELECT version_id FROM dashboard WHERE name = 'broken')",
    );
    assert.equal((await repository.list(live, "name", firstPage)).items.length, 2);
    assert.equal((await repository.list({ ...live, tags: ["x"] }, "name", firstPage)).items.length, 1);
    assert.equal((await repository.searchCandidates(["broken"], live, 10)).length, 1);
    const { resources, unreadable } = await repository.contents("p1");
    assert.deepEqual(resources.map(({ metadata }) => metadata.name), ["good"]);
    assert.deepEqual(unreadable, [{ kind: "Dashboard", project: "p1", name: "broken" }]);
  }));

Deno.test("changes of state are bounded, go with their version and with the dashboard, and an import's stand among them", () =>
  withDashboards(async ({ pool, projects, store, repository }) => {
    const count = async () => Number((await pool.query("SELECT count(*) AS n FROM dashboard_state_change"))[0]?.["n"]);
    const changes = async () =>
      (await repository.versions(place, firstPage)).items.map((
        { version, stateChanges },
      ) => [version, stateChanges.length]);
    await store.create(dashboardDocument("d"), admin);
    for (let round = 0; round < stateChangesKept / 2 + 3; round++) {
      for (const state of ["draft", "active"] as const) await repository.setState(place, state, changeBy("p1/ann"));
    }
    assert.deepEqual(await changes(), [[0, stateChangesKept]]);
    await repository.write("p1", [write("d", "changed", "archived")], importRule("replace"), admin);
    assert.deepEqual(await changes(), [[1, 1], [0, stateChangesKept - 1]]);
    await repository.setState(place, "active", admin);
    for (let version = 2; version <= versionsKept; version++) {
      await store.update(dashboardDocument("d", { title: String(version) }), admin);
    }
    assert.equal(await count(), 2);
    await store.delete({ kind: "Dashboard", ...place }, changeBy("p1/ann", { message: "gone" }));
    assert.equal(await count(), 3);
    const [deleted] = (await repository.trash("p1", firstPage)).items;
    await repository.purge("p1", deleted?.id ?? 0);
    assert.equal(await count(), 0);
    await store.create(dashboardDocument("d"), admin);
    await repository.setState(place, "draft", admin);
    await projects.deleteProject("p1", () => "folder");
    assert.equal(await count(), 0);
  }));

Deno.test("search candidates hold every word, or one like it, of those projects and states only", () =>
  withDashboards(async ({ store, repository }) => {
    await store.create(dashboardDocument("k", { title: "Kubernetes Kubelet", description: "pods & nodes" }), admin);
    await store.create(dashboardDocument("pg-main", { title: "PostgreSQL", tags: ["Datenbänke"] }), admin);
    await store.create(dashboardDocument("k", { project: "p2", title: "Kubernetes" }), admin);
    const names = async (query: string, project: string | null = "p1") =>
      (await repository.searchCandidates(queryWords(query), { ...live, project }, 10)).map(({ name }) => name);
    const first = async (query: string) => (await names(query))[0];
    assert.equal(await first("kubernets"), "k");
    assert.equal(await first("ubelet"), "k");
    assert.equal(await first("kubelet pods"), "k");
    assert.equal(await first("datenbanke"), "pg-main");
    assert.equal(await first("postgersql"), "pg-main");
    assert.equal(await first("main"), "pg-main");
    assert.deepEqual(await names("kubelet zebra"), []);
    assert.deepEqual(await names("%"), []);
    assert.deepEqual((await names("kubernetes", null)).length, 2);
    await repository.setState({ project: "p1", name: "k" }, "archived", admin);
    assert.equal((await names("kubelet")).includes("k"), false);
  }));

const importRule = (whenTaken: WriteRule["whenTaken"]): WriteRule => ({ origin: "import", whenTaken });
const write = (name: string, title: string, state: ResourceWrite["state"] = null): ResourceWrite => ({
  document: dashboardDocument(name, { title }),
  state,
});

Deno.test("a batch is written whole or not at all", () =>
  withDashboards(async ({ pool, store, repository }) => {
    await store.create(dashboardDocument("taken", { title: "mine" }), admin);
    const folder = { document: { ...dashboardDocument("f"), kind: "Folder" as const }, state: null };
    await assert.rejects(
      repository.write("p1", [write("new", "n"), folder, write("taken", "theirs")], importRule("refuse"), admin),
      (error) => {
        assert.ok(error instanceof RefusedWrite);
        assert.equal(error.index, 2);
        return kind("conflict")(error.cause);
      },
    );
    assert.deepEqual(await pool.query("SELECT count(*) AS n FROM dashboard_version"), [{ n: 1 }]);
    assert.deepEqual(await store.list({ kind: "Folder", project: "p1" }), []);
    const outcomes = await repository.write(
      "p1",
      [write("new", "n", "draft"), folder, write("taken", "x")],
      importRule("skip"),
      admin,
    );
    assert.deepEqual(outcomes.map(({ outcome }) => outcome), ["created", "created", "skipped"]);
    const again = await repository.write(
      "p1",
      [write("new", "n"), folder, write("taken", "theirs", "archived")],
      importRule("replace"),
      admin,
    );
    assert.deepEqual(again.map(({ outcome, version }) => [outcome, version]), [["unchanged", 0], ["unchanged", 0], [
      "replaced",
      1,
    ]]);
    assert.equal((await repository.summary({ project: "p1", name: "new" }))?.state, "draft");
    assert.equal((await repository.summary({ project: "p1", name: "taken" }))?.state, "archived");
    await assert.rejects(
      repository.write(
        "nope",
        [{ document: dashboardDocument("x", { project: "nope" }), state: null }],
        importRule("skip"),
        admin,
      ),
    );
  }));

Deno.test("what a file owns is changed and deleted by that file only", () =>
  withDashboards(async ({ store, repository }) => {
    const kinds = ["Dashboard", "Datasource", "Variable", "Folder"] as const;
    const from = (file: string, takes = false): WriteRule => ({
      origin: "provision",
      whenTaken: "replace",
      provisionedFrom: file,
      takesFrom: () => takes,
    });
    for (const resourceKind of kinds) {
      const document = { ...dashboardDocument("d"), kind: resourceKind };
      const changed = { ...dashboardDocument("d", { title: "changed" }), kind: resourceKind };
      const put = async (file: string, takes: boolean, content: typeof document) =>
        (await repository.write("p1", [{ document: content, state: null }], from(file, takes), admin))[0]?.outcome;
      const key = { kind: resourceKind, project: "p1", name: "d" };
      assert.equal(await put("a.yaml", false, document), "created");
      assert.equal(await put("a.yaml", false, document), "unchanged");
      const found = await store.find(key);
      assert.deepEqual(found?.metadata.annotations, { "eider/provisioned-from": "a.yaml" });
      await assert.rejects(store.update(changed, admin), kind("conflict", /a\.yaml/));
      await assert.rejects(store.delete(key, admin), kind("conflict", /a\.yaml/));
      await assert.rejects(put("b.yaml", false, changed), (error) => kind("conflict")((error as RefusedWrite).cause));
      assert.equal(await put("b.yaml", true, document), "unchanged");
      assert.equal(await put("b.yaml", false, changed), "replaced");
      const [owned] = await repository.provisioned();
      assert.deepEqual(owned, { key, file: "b.yaml" });
      await repository.deleteProvisioned({ key, file: "a.yaml" }, admin);
      assert.notEqual(await store.find(key), null);
      await repository.deleteProvisioned({ key, file: "b.yaml" }, admin);
      assert.equal(await store.find(key), null);
      assert.deepEqual(await repository.provisioned(), []);

      await store.create(document, admin);
      await assert.rejects(
        put("a.yaml", true, changed),
        (error) => kind("conflict", /was not provisioned/)((error as RefusedWrite).cause),
      );
      assert.equal(await put("a.yaml", false, document), "unchanged");
      assert.equal((await store.find(key))?.metadata.version, 0);
      await repository.deleteProvisioned({ key, file: "a.yaml" }, admin);
    }
  }));

Deno.test("templates are kept per project beside the system's, and their uses are counted once", () =>
  withDashboards(async ({ projects, repository, templates }) => {
    const described = { title: "T", description: null, category: "ml", parameters: [{ name: "env" }] };
    await templates.ensureSystem([{ name: "training", ...described }, { name: "dropped", ...described }]);
    await templates.ensureSystem([{ name: "training", ...described, title: "Training" }]);
    const spec = { panels: {} };
    const made = await templates.create("p1", { name: "mine", ...described, spec }, changeBy("p1/ann"));
    assert.deepEqual([made.key, made.version, made.usageCount], ["p1/mine", 0, 0]);
    await assert.rejects(templates.create("p1", { name: "mine", ...described, spec }, admin), kind("conflict"));
    await assert.rejects(templates.create("nope", { name: "mine", ...described, spec }, admin), kind("not_found"));
    await assert.rejects(
      templates.update("p1", { name: "mine", ...described, spec }, changeBy("x", { expectedVersion: 3 })),
      kind("precondition_failed"),
    );
    await templates.update(
      "p1",
      { name: "mine", ...described, spec: { panels: { a: 1 } } },
      changeBy("x", { expectedVersion: 0 }),
    );
    assert.deepEqual((await templates.find("p1", "mine"))?.spec, { panels: { a: 1 } });
    assert.deepEqual((await templates.find(null, "training"))?.spec, null);
    assert.equal(await templates.find("p2", "mine"), null);

    for (const [name, templateKey] of [["d1", "/training"], ["d2", "/training"], ["d3", "p1/mine"]] as const) {
      await repository.write(
        "p1",
        [write(name, name)],
        { origin: "template", whenTaken: "refuse", templateKey },
        admin,
      );
    }
    await assert.rejects(
      repository.write(
        "p1",
        [write("d1", "x")],
        { origin: "template", whenTaken: "refuse", templateKey: "/training" },
        admin,
      ),
    );
    assert.equal((await repository.summary({ project: "p1", name: "d3" }))?.templateKey, "p1/mine");
    assert.equal(await templates.countUses(), 3);
    assert.equal(await templates.countUses(), 0);
    const { items } = await templates.list("p1", firstPage);
    assert.deepEqual(items.map(({ key, title, usageCount }) => [key, title, usageCount]), [
      ["/training", "Training", 2],
      ["p1/mine", "T", 1],
    ]);
    assert.match(items[0]?.lastUsedAt ?? "", /^\d{4}-/);
    const first = await templates.list("p1", { limit: 1, after: null });
    const second = await templates.list("p1", { limit: 1, after: first.next });
    assert.deepEqual([...first.items, ...second.items], items);
    assert.deepEqual((await templates.list("p2", firstPage)).items.map(({ key }) => key), ["/training"]);
    await templates.delete("p1", "mine", admin);
    await assert.rejects(templates.delete("p1", "mine", admin), kind("not_found"));
    await templates.create("p1", { name: "mine", ...described, spec }, admin);
    await projects.deleteProject("p1", () => "folder");
    assert.equal(await templates.find("p1", "mine"), null);
  }));
