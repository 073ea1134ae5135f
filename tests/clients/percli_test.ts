/** percli, Perses' own client, against the real server: its commands in the order in which a person learns them. */
import { deepEqual, equal, match } from "node:assert/strict";
import { parse } from "yaml";
import { hasPersesData, persesData, type PersesDocument, readPersesFile } from "../support/perses.ts";
import type { KeyAnswer } from "../support/rest.ts";
import { sharedServer } from "../support/server.ts";
import { clientsFolder } from "./check_program.ts";

const program = `${clientsFolder}percli/percli`;
const hasProgram = await Deno.stat(program).then(() => true, () => false);
const missing = [
  ...(hasProgram ? [] : ["percli not installed"]),
  ...(hasPersesData ? [] : ["shared/data/perses not here"]),
];
const remark = missing.length === 0 ? "" : ` (skipped: ${missing.join(", ")})`;
const server = sharedServer();

/** percli with its configuration in a folder of its own, in which it also runs. */
class Percli {
  constructor(readonly folder: string) {}

  async run(...parameters: readonly string[]): Promise<{ code: number; text: string }> {
    const command = new Deno.Command(program, {
      args: ["--percliconfig", `${this.folder}/config.json`, ...parameters],
      cwd: this.folder,
      stdin: "null",
    });
    const { code, stdout, stderr } = await command.output();
    return { code, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
  }

  /** The text; fails unless percli succeeds. */
  async does(...parameters: readonly string[]): Promise<string> {
    const { code, text } = await this.run(...parameters);
    equal(code, 0, `percli ${parameters.join(" ")}: ${text}`);
    return text;
  }
}

function testPercli(name: string, use: (percli: Percli) => Promise<void>): void {
  Deno.test({
    name: `percli: ${name}${remark}`,
    ignore: missing.length > 0,
    fn: async () => {
      const folder = await Deno.makeTempDir({ prefix: "eider_percli_" });
      try {
        const percli = new Percli(folder);
        await percli.does("login", server.current.baseUrl, "-u", "admin", "-p", server.current.adminKey);
        await use(percli);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

testPercli("login, whoami, version, config, refresh, plugins", async (percli) => {
  match(await percli.does("whoami"), /User used: admin/);
  match(await percli.does("version"), /version: \d+\.\d+\.\d+/);
  match(await percli.does("config", "--online"), /enable_auth: true/);
  match(await percli.does("refresh"), /token has been refreshed/);
  match(await percli.does("plugin", "list"), /DuckDBTimeSeriesQuery/);
});

testPercli("apply creates the project, applies again, describes with the same meaning, deletes", async (percli) => {
  const file = `${persesData}cd-prometheus.yaml`;
  const missingProject = await percli.run("apply", "-f", file, "-p", "perses-dev");
  match(missingProject.text, /metadata.project "perses-dev" doesn't exist/);
  await percli.does("apply", "-f", file, "-p", "perses-dev", "--create-project");
  await percli.does("apply", "-f", file, "-p", "perses-dev");
  const [original] = await readPersesFile("cd-prometheus.yaml");
  for (const shape of ["yaml", "json"]) {
    const described = parse(
      await percli.does("describe", "dashboard", "prometheus-overview", "-p", "perses-dev", "-o", shape),
    ) as PersesDocument;
    equal(described.metadata.version, 1);
    deepEqual(described.spec, original!.spec);
    const list = parse(await percli.does("get", "dashboards", "prom", "-p", "perses-dev", "-o", shape)) as unknown[];
    equal(list.length, 1);
  }
  match(await percli.does("get", "dash", "-a"), /prometheus-overview +│ perses-dev/);
  match(await percli.does("delete", "dash", "prometheus-overview", "-p", "perses-dev"), /has been deleted/);
  match((await percli.run("delete", "dash", "prometheus-overview", "-p", "perses-dev")).text, /is not found/);
  await percli.does("delete", "project", "perses-dev");
});

testPercli("every kind of the sample files is applied, listed and deleted", async (percli) => {
  await percli.does("apply", "-f", `${persesData}perses-dev-6-project.json`);
  for (const file of ["perses-dev-8-datasource.json", "perses-dev-11-variable.json", "perses-dev-12-folder.json"]) {
    await percli.does("apply", "-f", persesData + file, "--force");
  }
  match(await percli.does("get", "datasources", "-p", "perses"), /prometheusdemobrowser/);
  match(await percli.does("get", "variables", "-p", "perses"), /job +│ perses +│ ListVariable/);
  match(await percli.does("get", "folders", "-a"), /features +│ testing/);
  await percli.does("delete", "-f", `${persesData}perses-dev-8-datasource.json`);
  for (const project of ["perses", "incredibleproject", "testing"]) await percli.does("delete", "project", project);
});

testPercli("lint --online, migrate --online and dac preview", async (percli) => {
  match(await percli.does("lint", "--online", "-f", `${persesData}cd-kubelet.yaml`), /resources look good/);
  const migrated = parse(
    await percli.does("migrate", "--online", "-f", `${persesData}grafana-basic.json`),
  ) as PersesDocument;
  equal(migrated.metadata.name, "random");
  await percli.does("apply", "-f", `${persesData}cd-kubelet.yaml`, "-p", "perses-dev", "--create-project");
  await Deno.mkdir(`${percli.folder}/built`);
  await Deno.copyFile(`${persesData}cd-kubelet.yaml`, `${percli.folder}/built/kubelet_output.yaml`);
  match(await percli.does("dac", "preview", "-d", "built", "-p", "perses-dev", "--ttl", "1h"), /ephemeraldashboards/);
  match(await percli.does("get", "edash", "-p", "perses-dev"), /kubelet-overview/);
  match(await percli.does("dac", "diff", "-d", "built", "-p", "perses-dev"), /dashboard: kubelet-overview/);
  await percli.does("delete", "project", "perses-dev");
});

testPercli("a project's key reads its own project and nothing else", async (percli) => {
  const { rest, baseUrl } = server.current;
  for (const id of ["mine", "theirs"]) await rest.expect(201, "POST", "/projects", { json: { id, name: id } });
  const { key } = await rest.expect<KeyAnswer>(201, "POST", "/projects/mine/keys", {
    json: { name: "reader", role: "read" },
  });
  await percli.does("login", baseUrl, "-u", "mine/reader", "-p", key);
  match(await percli.does("whoami"), /User used: mine\/reader/);
  const projects = await percli.does("get", "projects");
  deepEqual([projects.includes("mine"), projects.includes("theirs")], [true, false]);
  const refused = await percli.run("get", "dash", "-p", "theirs");
  match(refused.text, /missing 'read' permission in 'theirs' project for 'Dashboard' kind/);
  equal(refused.code === 0, false);
});
