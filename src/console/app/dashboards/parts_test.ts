/** The console's small pure parts: addresses, places in JSON, links, imports, and who may ask the server next. */
import { deepEqual, equal, rejects } from "node:assert/strict";
import { readAddress, writeAddress } from "./address.ts";
import { Slots } from "./data.ts";
import { nameOf, readImport } from "./import_file.ts";
import { offsetOfPointer } from "./json_place.ts";
import { pageUrl } from "./links.ts";

Deno.test("an address gives back what was written into it", () => {
  const address = {
    range: { from: "now-6h", to: "now" },
    refresh: "30s",
    timeZone: "Europe/Prague",
    values: { host: ["a", "b&c"], text: "", one: "x" },
    panel: null,
  };
  deepEqual(readAddress(writeAddress(address)), address);
  deepEqual(readAddress(new URLSearchParams("")), {
    range: null,
    refresh: null,
    timeZone: null,
    values: {},
    panel: null,
  });
});

Deno.test("offsetOfPointer finds a value's place in any layout of a JSON text", () => {
  const text = '{ "a,]": [1, {"b\\"": "x}"}, [ ]],\n "c/d": {"e": null} }';
  const at = (pointer: string) => text.slice(offsetOfPointer(text, pointer) ?? 0);
  equal(at("/c~1d/e").startsWith("null"), true);
  equal(at('/a,]/1/b"').startsWith('"x}"'), true);
  equal(at("/a,]/2").startsWith("[ ]"), true);
  equal(at("/c~1d/missing/deeper").startsWith('{"e"'), true);
  equal(offsetOfPointer("", "/a"), null);
});

Deno.test("pageUrl makes links of pages only, with values encoded", () => {
  equal(pageUrl("https://x.example/?q=$name", { name: "a&b" }, "http://here/"), "https://x.example/?q=a%26b");
  equal(pageUrl("/console/", {}, "http://here/x"), "http://here/console/");
  for (const url of ["javascript:alert(1)", " JAVASCRIPT:alert(1)", "data:text/html,x", "vbscript:x", "http://"]) {
    equal(pageUrl(url, {}, "http://here/"), null, url);
  }
  equal(pageUrl("$name", { name: "javascript:alert(1)" }, "http://here/"), "http://here/javascript%3Aalert(1)");
});

Deno.test("readImport tells Perses, Grafana and exported files apart, in JSON and YAML", async () => {
  equal((await readImport('{"kind": "Dashboard", "metadata": {"name": "a"}, "spec": {}}')).kind, "dashboard");
  const yaml = await readImport("kind: Dashboard\nmetadata:\n  name: from-yaml\nspec: {}\n");
  equal(yaml.kind === "dashboard" && yaml.name, "from-yaml");
  equal((await readImport('{"dashboard": {"panels": []}}')).kind, "grafana");
  equal((await readImport('{"schemaVersion": 36}')).kind, "grafana");
  const file = await readImport('{"documents": [1, 2]}');
  equal(file.kind === "file" && file.count, 2);
  await rejects(readImport("{"), /no JSON/);
  await rejects(readImport("{}"), /no dashboard/);
  await rejects(readImport("a: [1"), /neither JSON nor YAML/);
  equal(nameOf("Ředitelská: tabule / 1"), "reditelska-tabule-1");
});

Deno.test("Slots lets a few run, the rest in their order, and forgets who has gone away", async () => {
  const slots = new Slots(2);
  const open: (() => void)[] = [];
  const started: string[] = [];
  const begin = (name: string, signal = new AbortController().signal) =>
    slots.run(() => {
      started.push(name);
      return new Promise<string>((resolve) => open.push(() => resolve(name)));
    }, signal);
  const gone = new AbortController();
  const runs = [begin("a"), begin("b")];
  const cut = begin("c", gone.signal);
  const last = begin("d");
  await Promise.resolve();
  deepEqual(started, ["a", "b"]);
  gone.abort(new Error("gone"));
  await rejects(cut, /gone/);
  open[0]!();
  equal(await runs[0], "a");
  await Promise.resolve();
  deepEqual(started, ["a", "b", "d"]);
  open[1]!();
  open[2]!();
  deepEqual(await Promise.all([...runs, last]), ["a", "b", "d"]);
});
