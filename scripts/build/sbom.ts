/**
 * `deno run -A scripts/build/sbom.ts OUT`: the executable's bill of materials as CycloneDX JSON, for this platform.
 *
 * No tool reads deno.lock, but npm's own `npm sbom` reads a package-lock.json, so one is made from it in a temporary
 * folder: the same versions and checksums, nothing is resolved anew and nothing is downloaded.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import denoConfig from "../../deno.json" with { type: "json" };
import { mustRun } from "./command.ts";
import { packageFolder, statedLicense } from "./licenses.ts";
import { type DenoLock, importedPackages, type LockedPackage, withDependencies } from "./packages.ts";
import { thisPlatform } from "./platform.ts";

const npmTimeoutMs = 2 * 60_000;

interface NpmLockEntry {
  /** Of the root alone. */
  readonly name?: string;
  readonly version: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

export interface NpmLock {
  readonly name: string;
  readonly version: string;
  readonly lockfileVersion: 3;
  /** By the path that npm would install to. */
  readonly packages: Readonly<Record<string, NpmLockEntry>>;
}

/**
 * The packages as npm would lay them out: each at the top, unless another version is there already; then below those that
 * need it.
 */
export function npmLock(
  name: string,
  version: string,
  imported: readonly LockedPackage[],
  licenseOf: (one: LockedPackage) => string | undefined,
): NpmLock {
  const top = new Map<string, LockedPackage>();
  for (const one of [...imported, ...withDependencies(imported).toReversed()]) {
    if (!top.has(one.name)) top.set(one.name, one);
  }
  const packages: Record<string, NpmLockEntry> = { "": { name, version, dependencies: versionsOf(imported) } };
  const place = (path: string, one: LockedPackage): void => {
    const license = licenseOf(one);
    packages[path] = {
      version: one.version,
      integrity: one.integrity,
      ...(license === undefined ? {} : { license }),
      dependencies: versionsOf(one.dependencies),
    };
    for (const dependency of one.dependencies) {
      if (top.get(dependency.name) !== dependency) place(`${path}/node_modules/${dependency.name}`, dependency);
    }
  };
  for (const one of top.values()) place(`node_modules/${one.name}`, one);
  return { name, version, lockfileVersion: 3, packages };
}

function versionsOf(packages: readonly LockedPackage[]): Record<string, string> {
  return Object.fromEntries(packages.map(({ name, version }) => [name, version]));
}

async function writeSbom(out: string): Promise<number> {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const lock = JSON.parse(await Deno.readTextFile(join(root, "deno.lock"))) as DenoLock;
  // The runtime is no import; as a component it is known by its npm package, whose version is the running one.
  const runtime: LockedPackage = { name: "deno", version: Deno.version.deno, integrity: "", dependencies: [] };
  const imported = [...importedPackages(denoConfig.imports, lock, thisPlatform()), runtime];
  const licenses = new Map<LockedPackage, string | undefined>([[runtime, "MIT"]]);
  for (const one of withDependencies(imported)) {
    if (one !== runtime) licenses.set(one, await statedLicense(packageFolder(root, one.name, one.version)));
  }
  const made = npmLock(denoConfig.name, denoConfig.version, imported, (one) => licenses.get(one));
  const temporary = await Deno.makeTempDir({ prefix: "eider_sbom_" });
  // npm takes the component's name from the folder.
  const folder = join(temporary, denoConfig.name);
  try {
    await Deno.mkdir(folder);
    const { name, version, dependencies } = { ...made, ...made.packages[""]! };
    const manifest = { name, version, license: "Apache-2.0", dependencies };
    await Deno.writeTextFile(join(folder, "package.json"), JSON.stringify(manifest));
    await Deno.writeTextFile(join(folder, "package-lock.json"), JSON.stringify(made));
    const text = await mustRun(
      "npm",
      ["sbom", "--silent", "--sbom-format=cyclonedx", "--sbom-type=application", "--package-lock-only"],
      { cwd: folder, timeoutMs: npmTimeoutMs },
    );
    const bill = JSON.parse(text.slice(text.indexOf("{"))) as { components: unknown[] };
    await Deno.writeTextFile(out, JSON.stringify(bill, null, 2) + "\n");
    return bill.components.length;
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
}

if (import.meta.main) {
  const [out = ""] = Deno.args;
  if (out === "") {
    console.error("sbom: OUT is missing: accepted is the path of a file");
    Deno.exit(2);
  }
  console.log(`${out}: ${await writeSbom(out)} components`);
}
