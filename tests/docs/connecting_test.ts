/** docs/connecting.md: every example that is not marked "not run" prints what the page shows, on the demo project's tables. */
import { equal, ok } from "node:assert/strict";
import { missingOf, skipNote } from "../clients/check_program.ts";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import { sharedServer } from "../support/server.ts";
import { examplesOf } from "./examples.ts";
import { needsOf, runExample } from "./run_example.ts";

const root = new URL("../../", import.meta.url);
const examples = examplesOf(await Deno.readTextFile(new URL("docs/connecting.md", root)));
const server = sharedServer();

const workspaceOf = once(async () => {
  const project = await TestProject.create(server.current.rest, "guide");
  await project.bucket("in.c-shop");
  for (const name of ["customers", "products"]) {
    await project.import(`in.c-shop.${name}`, await Deno.readFile(new URL(`demo/shop/${name}.csv`, root)));
  }
  return await project.workspace();
});

for (const example of examples) {
  const { output } = example;
  if (output === null) continue;
  const missing = missingOf(needsOf(example));
  Deno.test({
    name: `docs/connecting.md, ${example.name} (${example.language}) prints what the page shows${skipNote(missing)}`,
    ignore: missing.length > 0,
    fn: async () => {
      const printed = await runExample(example, await workspaceOf(), `${server.current.dataDir}/certs/server.crt`);
      equal(printed.trimEnd(), output.trimEnd());
    },
  });
}

Deno.test("docs/connecting.md says of every block that no test runs that it is not run", () => {
  const notRun = examples.filter((example) => example.output === null);
  ok(notRun.length < examples.length / 4, `${notRun.length} of ${examples.length} blocks are not run`);
  for (const { name, introduction } of notRun) ok(/not run/i.test(introduction), name);
});
