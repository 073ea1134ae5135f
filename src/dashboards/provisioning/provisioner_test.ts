import assert from "node:assert/strict";
import {
  changeBy,
  dashboardDocument,
  type DashboardFixture,
  withDashboards,
} from "../../metadata/dashboards/testing_dashboards.ts";
import { anyDocument, type DocumentModel } from "../model_port.ts";
import { AppError } from "../../errors/app_error.ts";
import { Provisioner, type ProvisioningReport } from "./provisioner.ts";

interface ProvisioningFixture extends DashboardFixture {
  readonly folder: string;
  readonly make: (options?: { prune?: boolean; model?: DocumentModel }) => Provisioner;
  readonly write: (path: string, text: string) => Promise<void>;
  readonly lines: string[];
  /** `name@version` of a project's dashboards. */
  readonly dashboards: (project?: string) => Promise<string[]>;
}

function withFolder(use: (fixture: ProvisioningFixture) => Promise<void>): Promise<void> {
  return withDashboards(async (fixture) => {
    const folder = await Deno.makeTempDir();
    const lines: string[] = [];
    const log = {
      info: () => {},
      warn: (_message: string, fields?: Record<string, unknown>) =>
        lines.push(`${fields?.["file"]}: ${fields?.["detail"]}`),
    };
    let clock = 1_700_000_000;
    try {
      await use({
        ...fixture,
        folder,
        lines,
        make: (options = {}) =>
          new Provisioner({
            folder,
            prune: options.prune ?? false,
            repository: fixture.repository,
            model: options.model ?? anyDocument,
            log,
          }),
        write: async (path, text) => {
          await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
          await Deno.writeTextFile(`${folder}/${path}`, text);
          // Two writes within one tick of the file system's clock would look the same.
          await Deno.utime(`${folder}/${path}`, ++clock, clock);
        },
        dashboards: async (project = "p1") =>
          (await fixture.store.list({ kind: "Dashboard", project })).map(({ metadata }) =>
            `${metadata.name}@${metadata.version}`
          ),
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

const yaml = (name: string, title = name, project: string | null = "p1") =>
  `kind: Dashboard\nmetadata:\n  name: ${name}\n${
    project === null ? "" : `  project: ${project}\n`
  }spec:\n  display: {name: "${title}"}\n  panels: {}\n`;
const json = (name: string, kind = "Dashboard") =>
  JSON.stringify({ kind, metadata: { name, project: "p1" }, spec: { display: { name }, panels: {} } });
const counts = (
  { created, changed, unchanged, deleted, orphaned }: ProvisioningReport,
) => [created, changed, unchanged, deleted, orphaned];

Deno.test("documents of YAML, several in a file, JSON and arrays are made, in the project they or their folder name", () =>
  withFolder(async ({ make, write, dashboards, store }) => {
    await write("one.yaml", yaml("a"));
    await write("deep/er/two.yml", `${yaml("b")}---\n${yaml("c", "c", "p2")}---\n`);
    await write("three.json", `[${json("d")}, ${json("v", "Variable")}]`);
    await write("p2/four.yaml", yaml("e", "e", null));
    await write("project.yaml", "kind: Project\nmetadata: {name: p1}\nspec: {}\n");
    await write("ignored.txt", "x");
    await write(".hidden/x.yaml", yaml("hidden"));
    const report = await make().run();
    assert.deepEqual([report.problems, counts(report)], [[], [6, 0, 0, 0, 0]]);
    assert.deepEqual([await dashboards(), await dashboards("p2")], [["a@0", "b@0", "d@0"], ["c@0", "e@0"]]);
    const found = await store.find({ kind: "Dashboard", project: "p1", name: "b" });
    assert.deepEqual(found?.metadata.annotations, { "eider/provisioned-from": "deep/er/two.yml" });
  }));

Deno.test("only a changed content makes a new version, in this run of the server and in the next", () =>
  withFolder(async ({ make, write, dashboards }) => {
    await write("a.yaml", yaml("a"));
    const provisioner = make();
    await provisioner.run();
    assert.deepEqual(counts(await provisioner.run()), [0, 0, 1, 0, 0]);
    await write("a.yaml", `# a comment\n${yaml("a")}`);
    assert.deepEqual(counts(await provisioner.run()), [0, 0, 1, 0, 0]);
    assert.deepEqual(counts(await make().run()), [0, 0, 1, 0, 0]);
    assert.deepEqual(await dashboards(), ["a@0"]);
    await write("a.yaml", yaml("a", "another title"));
    assert.deepEqual(counts(await provisioner.run()), [0, 1, 0, 0, 0]);
    assert.deepEqual(await dashboards(), ["a@1"]);
  }));

Deno.test("what is in no file any more stays without prune, still owned, and goes to the trash with it", () =>
  withFolder(async ({ make, write, dashboards, folder, repository, store }) => {
    await write("a.yaml", `${yaml("a")}---\n${yaml("b")}`);
    await write("v.json", json("v", "Variable"));
    await make().run();
    await write("a.yaml", yaml("a"));
    await Deno.remove(`${folder}/v.json`);
    assert.deepEqual(counts(await make().run()), [0, 0, 1, 0, 2]);
    assert.deepEqual(await dashboards(), ["a@0", "b@0"]);
    await assert.rejects(store.update(dashboardDocument("b"), changeBy("admin")), /provisioned from a\.yaml/);
    assert.deepEqual(counts(await make({ prune: true }).run()), [0, 0, 1, 2, 0]);
    assert.deepEqual(await dashboards(), ["a@0"]);
    const { items } = await repository.trash("p1", { limit: 10, after: null });
    assert.deepEqual(items.map(({ name, stateChangedBy }) => [name, stateChangedBy]), [["b", "provisioning"]]);
  }));

Deno.test("a broken file is named with its place, loses nothing to prune, and does not stop the others", () =>
  withFolder(async ({ make, write, dashboards, lines }) => {
    await write("a.yaml", yaml("a"));
    await write("b.yaml", yaml("b"));
    const provisioner = make({ prune: true });
    await provisioner.run();
    await write("a.yaml", `${yaml("a")}---\nkind: Dashboard\nmetadata: {name: "a/b", project: p1}\nspec: {}\n`);
    await write("b.yaml", yaml("b", "changed"));
    await write("c.yaml", "kind: [\n");
    await write("d.json", "{");
    await write("e.yaml", `${yaml("x")}---\n${yaml("x")}`);
    await write("f.yaml", json("eph", "EphemeralDashboard"));
    await write("g.yaml", yaml("g", "g", "nope"));
    const report = await provisioner.run();
    assert.deepEqual(await dashboards(), ["a@0", "b@1"]);
    const patterns = [
      /^a\.yaml: \/1 \(Dashboard "a\/b"\): .*\/metadata\/name/,
      /^c\.yaml: .*document 1 is not valid YAML at line/,
      /^d\.json: .*not valid JSON/,
      /^e\.yaml: .*twice/,
      /^f\.yaml: .*EphemeralDashboard/,
      /^g\.yaml: .*project: "nope" does not exist/,
    ];
    assert.equal(report.problems.length, patterns.length, JSON.stringify(report.problems));
    assert.match(report.problems.at(-1)?.hint ?? "", /Make the project: POST \/projects/);
    for (const [index, pattern] of patterns.entries()) assert.match(lines[index] ?? "", pattern);
    await provisioner.run();
    assert.equal(lines.length, patterns.length, "what was wrong before is not logged again");
    assert.equal(provisioner.lastReport?.problems.length, patterns.length);
  }));

Deno.test("a document that the model refuses leaves its whole file unapplied", () =>
  withFolder(async ({ make, write, dashboards }) => {
    await write("a.yaml", `${yaml("good")}---\n${yaml("bad")}`);
    const model: DocumentModel = {
      check: (document) =>
        document.name === "bad"
          ? Promise.reject(
            new AppError("invalid_request", "no", { fields: [{ pointer: "/spec/panels", detail: "no" }] }),
          )
          : Promise.resolve(document),
    };
    const report = await make({ model }).run();
    assert.match(report.problems[0]?.detail ?? "", /^\/1 \(Dashboard "bad"\): no$/);
    assert.deepEqual(await dashboards(), []);
  }));

Deno.test("what somebody else has made is not overwritten; once it is the same, or gone, the file takes over", () =>
  withFolder(async ({ make, write, dashboards, store }) => {
    await store.create(dashboardDocument("a", { title: "by hand" }), changeBy("p1/ann"));
    await write("a.yaml", yaml("a", "by file"));
    const provisioner = make({ prune: true });
    const report = await provisioner.run();
    assert.match(report.problems[0]?.detail ?? "", /exists already and was not provisioned/);
    assert.match(report.problems[0]?.hint ?? "", /Delete it/);
    assert.deepEqual(await dashboards(), ["a@0"]);
    await store.delete({ kind: "Dashboard", project: "p1", name: "a" }, changeBy("p1/ann"));
    assert.deepEqual(counts(await provisioner.run()), [1, 0, 0, 0, 0]);
  }));

Deno.test("a dashboard that moves to another file keeps its history; one that stands in two files is refused", () =>
  withFolder(async ({ make, write, folder, dashboards, repository }) => {
    await write("a.yaml", yaml("d"));
    const provisioner = make({ prune: true });
    await provisioner.run();
    await write("b.yaml", yaml("d", "second"));
    const report = await provisioner.run();
    assert.match(report.problems[0]?.detail ?? "", /provisioned from a\.yaml already/);
    await Deno.remove(`${folder}/a.yaml`);
    assert.deepEqual(counts(await provisioner.run()), [0, 1, 0, 0, 0]);
    assert.deepEqual(await dashboards(), ["d@1"]);
    assert.equal((await repository.provisioned())[0]?.file, "b.yaml");
  }));

Deno.test("a folder that is missing is a problem, and prunes nothing; through links, as Kubernetes mounts it, it is read", () =>
  withFolder(async ({ make, write, folder, dashboards }) => {
    await write("..2026/a.yaml", yaml("a"));
    await Deno.symlink(`${folder}/..2026`, `${folder}/..data`);
    await Deno.symlink("..data/a.yaml", `${folder}/a.yaml`);
    const provisioner = make({ prune: true });
    assert.deepEqual(counts(await provisioner.run()), [1, 0, 0, 0, 0]);
    await Deno.rename(folder, `${folder}-gone`);
    const report = await provisioner.run();
    await Deno.rename(`${folder}-gone`, folder);
    assert.match(report.problems[0]?.detail ?? "", /the folder cannot be read/);
    assert.equal(report.deleted, 0);
    assert.deepEqual(await dashboards(), ["a@0"]);
  }));

Deno.test("a folder without any file, as an unmounted volume is, prunes nothing and says so; one with an empty file prunes all", () =>
  withFolder(async ({ make, write, folder, dashboards }) => {
    await write("a.yaml", yaml("a"));
    const provisioner = make({ prune: true });
    await provisioner.run();
    await Deno.remove(`${folder}/a.yaml`);
    const report = await provisioner.run();
    assert.match(report.problems[0]?.detail ?? "", /the folder has no \.yaml, \.yml or \.json file, and 1 that came/);
    assert.deepEqual(counts(report), [0, 0, 0, 0, 1]);
    assert.deepEqual(await dashboards(), ["a@0"]);
    await write("empty.json", "[]");
    assert.deepEqual(counts(await provisioner.run()), [0, 0, 0, 1, 0]);
    assert.deepEqual(await dashboards(), []);
  }));

Deno.test("links that lead nowhere, in a circle or to a folder above hinder no other file, and prune nothing", () =>
  withFolder(async ({ make, write, folder, dashboards }) => {
    await write("a.yaml", yaml("a"));
    await write("b.yaml", yaml("b"));
    const provisioner = make({ prune: true });
    assert.deepEqual(counts(await provisioner.run()), [2, 0, 0, 0, 0]);
    await Deno.remove(`${folder}/b.yaml`);
    await Deno.symlink("nowhere.yaml", `${folder}/b.yaml`);
    await Deno.symlink("circle.json", `${folder}/circle.json`);
    await Deno.symlink("nowhere", `${folder}/no-document`);
    await Deno.mkdir(`${folder}/below`);
    await Deno.symlink("..", `${folder}/below/above`);
    await write("c.yaml", yaml("c"));
    const report = await provisioner.run();
    assert.deepEqual(report.problems.map(({ file }) => file), ["b.yaml", "circle.json"]);
    assert.deepEqual([report.created, report.deleted], [1, 0]);
    assert.deepEqual(await dashboards(), ["a@0", "b@0", "c@0"]);
  }));

Deno.test("a YAML file whose aliases multiply is refused", () =>
  withFolder(async ({ make, write }) => {
    const levels = Array.from({ length: 9 }, (_, index) =>
      `l${index + 1}: &l${index + 1} [${Array(9).fill(`*l${index}`).join(", ")}]`);
    await write("bomb.yaml", `l0: &l0 [x]\n${levels.join("\n")}\nkind: Dashboard\n`);
    const report = await make().run();
    assert.match(report.problems[0]?.detail ?? "", /alias/i);
  }));
