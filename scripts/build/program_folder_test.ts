import { deepEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { assets, filesOf, withLatin1Only, writtenFiles } from "./program_folder.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

Deno.test("every module that reads files beside it is in the build's list, with two folders between it and the root", async () => {
  const found: string[] = [];
  for (const path of (await filesOf(`${root}src`)).filter((one) => one.endsWith(".ts"))) {
    if (/_test\.ts$|(^|\/)testdata\/|(^|\/)testing_|_testing\.ts$/.test(path)) continue;
    const source = await Deno.readTextFile(`${root}src/${path}`);
    if (/import\.meta\.(url|dirname|filename)|import\.meta\.resolve/.test(source)) found.push(`src/${path}`);
  }
  deepEqual(found.sort(), [...assets, ...writtenFiles].map(({ module }) => module).sort());
  // Their `../../NAME` must lead from app/code to the same place as from their own folder.
  deepEqual(assets.filter(({ module }) => module.split("/").length !== 3), []);
  // A written file is named as `../NAME` in src, and app/NAME is there from app/code; or as `../../NAME` in a folder of src.
  const leadsElsewhere = ({ module, to }: { module: string; to: string }) =>
    module.split("/").length === 2 ? !/^app\/[^/]+$/.test(to) : module.split("/").length !== 3 || to.includes("/");
  deepEqual(writtenFiles.filter(leadsElsewhere), []);
});

Deno.test("a script keeps its meaning when its characters beyond Latin-1 are written as escapes", () => {
  const source = 'const šč = "“é”"; [`${šč}😀`, /[…—]/.test("…"), /^😀$/u.test("😀")]';
  const escaped = withLatin1Only(source);
  deepEqual([...escaped].filter((character) => character > "\xff"), []);
  deepEqual((0, eval)(`(() => { ${source.replace("; [", "; return [")}; })()`), ["“é”😀", true, true]);
  deepEqual((0, eval)(`(() => { ${escaped.replace("; [", "; return [")}; })()`), ["“é”😀", true, true]);
});

Deno.test("no raw template of src has a character that the build would write as an escape", async () => {
  const found: string[] = [];
  for (const path of (await filesOf(`${root}src`)).filter((one) => one.endsWith(".ts"))) {
    const source = await Deno.readTextFile(`${root}src/${path}`);
    for (const [raw] of source.matchAll(/String\.raw`[^`]*`/g)) {
      if (withLatin1Only(raw) !== raw) found.push(`src/${path}: ${raw}`);
    }
  }
  deepEqual(found, []);
});
