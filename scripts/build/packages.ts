/**
 * The npm packages that are part of an executable: what `deno.lock` has, from the imports of `deno.json` on, without what
 * only tests use and without other platforms' native libraries. For the licences and for the bill of materials.
 */
import type { Platform } from "./platform.ts";

/** Imports of `deno.json` that nothing in `src/` loads. */
const forTestsOnly: readonly string[] = ["pg", "@types/pg", "puppeteer-core"];

export interface DenoLock {
  readonly version: string;
  /** `npm:hono@4.13.19` -> `4.13.19`, with the versions of its peers behind a `_`. */
  readonly specifiers: Readonly<Record<string, string>>;
  /** By `name@version`, with peers as above. A dependency is a name, or `name@version` where the lock has several. */
  readonly npm: Readonly<
    Record<string, {
      readonly integrity: string;
      readonly dependencies?: readonly string[];
      readonly optionalDependencies?: readonly string[];
      readonly os?: readonly string[];
      readonly cpu?: readonly string[];
    }>
  >;
}

export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  readonly dependencies: readonly LockedPackage[];
}

/** The packages that `imports` name, with their dependencies as objects of the same list's packages. */
export function importedPackages(
  imports: Readonly<Record<string, string>>,
  lock: DenoLock,
  platform: Platform,
): LockedPackage[] {
  if (lock.version !== "5") throw new Error(`deno.lock: version ${lock.version} is not known here, only 5`);
  const keys = Object.keys(lock.npm);
  const made = new Map<string, LockedPackage>();

  /** `tslib` or `tslib@2.9.1` -> its key in the lock. */
  const keyOf = (dependency: string): string => {
    const found = keys.filter((key) => {
      const { name, version } = splitKey(key);
      return dependency === key || dependency === name || dependency === `${name}@${version}`;
    });
    if (found.length !== 1) throw new Error(`deno.lock: ${dependency} is not one package: ${found.join(", ")}`);
    return found[0]!;
  };
  const make = (key: string): LockedPackage => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const locked = lock.npm[key]!;
    const dependencies: LockedPackage[] = [];
    const one = { ...splitKey(key), integrity: locked.integrity, dependencies };
    made.set(key, one);
    const optional = (locked.optionalDependencies ?? []).map(keyOf).filter((other) => isFor(platform, lock, other));
    for (const other of [...(locked.dependencies ?? []).map(keyOf), ...optional]) dependencies.push(make(other));
    return one;
  };

  return Object.values(imports).filter((specifier) => specifier.startsWith("npm:"))
    .filter((specifier) => !forTestsOnly.includes(splitKey(specifier.slice("npm:".length)).name))
    .map((specifier) => make(`${splitKey(specifier.slice("npm:".length)).name}@${lock.specifiers[specifier]}`));
}

/** The packages and all that they depend on, each once, by name and version. */
export function withDependencies(packages: readonly LockedPackage[]): LockedPackage[] {
  const all = new Set<LockedPackage>();
  const add = (one: LockedPackage): void => {
    if (all.has(one)) return;
    all.add(one);
    one.dependencies.forEach(add);
  };
  packages.forEach(add);
  const order = (a: string, b: string) => a < b ? -1 : a > b ? 1 : 0;
  return [...all].sort((a, b) => order(a.name, b.name) || order(a.version, b.version));
}

/** `@hono/zod-openapi@1.6.3_hono@4.13.19` -> name and version, without peers. */
function splitKey(key: string): { name: string; version: string } {
  const parts = /^(@?[^@]+)@([^_]+)/.exec(key);
  if (parts === null) throw new Error(`${key} is not name@version`);
  return { name: parts[1]!, version: parts[2]! };
}

function isFor(platform: Platform, lock: DenoLock, key: string): boolean {
  const [os = "", cpu = ""] = platform.name.split("-");
  const locked = lock.npm[key]!;
  // The lock does not tell the C library; packages for musl carry it in their name.
  return (locked.os?.includes(os) ?? true) && (locked.cpu?.includes(cpu) ?? true) &&
    !splitKey(key).name.endsWith("-musl");
}
