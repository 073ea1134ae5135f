import { deepEqual, equal, ok, throws } from "node:assert/strict";
import denoConfig from "../../deno.json" with { type: "json" };
import { type DenoLock, importedPackages, withDependencies } from "./packages.ts";
import { thisPlatform } from "./platform.ts";
import { npmLock } from "./sbom.ts";

const platform = thisPlatform("linux", "x86_64");
const lock: DenoLock = {
  version: "5",
  specifiers: { "npm:app@1.0.0": "1.0.0_peer@1.0.0", "npm:old@1.0.0": "1.0.0", "npm:pg@8.0.0": "8.0.0" },
  npm: {
    "app@1.0.0_peer@1.0.0": { integrity: "sha512-app", dependencies: ["peer", "@s/tool@2.0.0"] },
    "peer@1.0.0": {
      integrity: "sha512-peer",
      dependencies: ["app"],
      optionalDependencies: ["n-linux-x64", "n-linux-x64-musl", "n-darwin"],
    },
    "old@1.0.0": { integrity: "sha512-old", dependencies: ["@s/tool@1.0.0"] },
    "@s/tool@1.0.0": { integrity: "sha512-t1" },
    "@s/tool@2.0.0": { integrity: "sha512-t2" },
    "n-linux-x64@1.0.0": { integrity: "sha512-n", os: ["linux"], cpu: ["x64"] },
    "n-linux-x64-musl@1.0.0": { integrity: "sha512-m", os: ["linux"], cpu: ["x64"] },
    "n-darwin@1.0.0": { integrity: "sha512-d", os: ["darwin"], cpu: ["x64"] },
    "pg@8.0.0": { integrity: "sha512-pg" },
  },
};
const imports = { app: "npm:app@1.0.0", old: "npm:old@1.0.0", pg: "npm:pg@8.0.0", local: "./x.ts" };
const names = (packages: readonly { name: string; version: string }[]) =>
  packages.map(({ name, version }) => `${name}@${version}`);

Deno.test("importedPackages follows the lock in circles and to several versions, and leaves tests and other platforms out", () => {
  const imported = importedPackages(imports, lock, platform);
  deepEqual(names(imported), ["app@1.0.0", "old@1.0.0"]);
  deepEqual(names(withDependencies(imported)), [
    "@s/tool@1.0.0",
    "@s/tool@2.0.0",
    "app@1.0.0",
    "n-linux-x64@1.0.0",
    "old@1.0.0",
    "peer@1.0.0",
  ]);
});

Deno.test("importedPackages refuses a lock of another version, or one that does not know a dependency", () => {
  throws(() => importedPackages(imports, { ...lock, version: "6" }, platform), /version 6 is not known/);
  const broken = { ...lock, npm: { ...lock.npm, "old@1.0.0": { integrity: "", dependencies: ["none"] } } };
  throws(() => importedPackages(imports, broken, platform), /none is not one package/);
});

Deno.test("npmLock has each package once at the top, and another version below those that need it", () => {
  const made = npmLock("eider", "1.2.3", importedPackages(imports, lock, platform), () => "MIT");
  deepEqual(Object.entries(made.packages).map(([path, { version }]) => `${path} ${version}`).sort(), [
    " 1.2.3",
    "node_modules/@s/tool 2.0.0",
    "node_modules/app 1.0.0",
    "node_modules/n-linux-x64 1.0.0",
    "node_modules/old 1.0.0",
    "node_modules/old/node_modules/@s/tool 1.0.0",
    "node_modules/peer 1.0.0",
  ]);
  deepEqual(made.packages["node_modules/app"], {
    version: "1.0.0",
    integrity: "sha512-app",
    license: "MIT",
    dependencies: { peer: "1.0.0", "@s/tool": "2.0.0" },
  });
});

Deno.test("of the real lock, DuckDB's library of one platform is in, and what only tests use is not", async () => {
  const real = JSON.parse(await Deno.readTextFile(new URL("../../deno.lock", import.meta.url))) as DenoLock;
  const found = withDependencies(importedPackages(denoConfig.imports, real, platform)).map(({ name }) => name);
  deepEqual(found.filter((name) => name.startsWith("@duckdb/")), [
    "@duckdb/node-api",
    "@duckdb/node-bindings",
    "@duckdb/node-bindings-linux-x64",
  ]);
  ok(found.includes("libpg-query") && found.includes("hono"));
  equal(found.some((name) => /^(pg|@types\/pg|puppeteer-core)$/.test(name)), false, found.join(" "));
});
