/** The README and the documents say what is so: every configuration key, every file they link to. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { readStatements, withTable } from "../scripts/compatibility_page.ts";
import { makeConfigKeys } from "../src/config/keys.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

Deno.test("the README's configuration table has every key with its default, and no other", async () => {
  const readme = await Deno.readTextFile(`${root}README.md`);
  const shown = [...readme.matchAll(/^\| `([a-z_]+)` \| (.*?) \|/gm)].map(([, key, value]) => [key!, value!] as const);
  const keys = Object.values(makeConfigKeys(1));
  deepEqual(shown.map(([key]) => key).sort(), keys.map(({ key }) => key).sort());
  for (const [key, value] of shown) {
    const expected = keys.find((one) => one.key === key)?.default;
    const text = expected === null ? /^(none|auto|generated)$/ : null;
    if (text !== null) ok(text.test(value), `${key}: ${value}`);
    else deepEqual(value, typeof expected === "object" ? JSON.stringify(expected) : String(expected), key);
  }
});

Deno.test("every relative link of README and docs leads to a file", async () => {
  const broken: string[] = [];
  const documents = [
    "README.md",
    "docs/ARCHITECTURE.md",
    "docs/connecting.md",
    "docs/console.md",
    "docs/install.md",
    "docs/monitoring.md",
    "docs/operations.md",
    "docs/sql.md",
    "docs/audit.md",
    "docs/sharing.md",
    "docs/perses.md",
    "docs/dashboard-templates.md",
    "docs/postgres-compatibility.md",
    "docs/query-log.md",
    "docs/adr/0003-a-self-extracting-executable.md",
    "docs/adr/0004-translation-and-an-emulated-catalog.md",
    "docs/adr/0006-an-audit-log-chained-by-hash.md",
  ];
  for (const document of documents) {
    const text = await Deno.readTextFile(root + document);
    for (const [, target] of text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
      const url = new URL(target!, `file://${root}${document}`);
      await Deno.stat(url).catch(() => broken.push(`${document}: ${target}`));
    }
  }
  deepEqual(broken, []);
});

Deno.test("the compatibility page lists the known differences of the compared statements", async () => {
  const page = await Deno.readTextFile(`${root}docs/postgres-compatibility.md`);
  equal(page, withTable(page, await readStatements()), "run deno run -A scripts/compatibility_page.ts");
});
