import { equal } from "node:assert/strict";
import { createHash } from "node:crypto";
import { modelFingerprint } from "./rules.ts";

Deno.test("the rules of documents are those that their number stands for", async () => {
  const folder = new URL("./", import.meta.url);
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(".ts") && !/_test(ing)?\.ts$/.test(name) && name !== "rules.ts") names.push(name);
  }
  const hash = createHash("sha256");
  // Comments and layout change no rule.
  for (const name of [...names.sort(), "../duration.ts"]) {
    const text = await Deno.readTextFile(new URL(name, folder));
    hash.update(text.replaceAll(/\/\*\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "").replaceAll(/\s+/g, ""));
  }
  const fingerprint = hash.digest("hex");
  const advice =
    `the model has changed. If a document that passed before might be refused now, raise documentRules in ` +
    `src/dashboards/model/rules.ts; then note modelFingerprint = "${fingerprint}" there`;
  equal(fingerprint === modelFingerprint ? "" : advice, "");
});
