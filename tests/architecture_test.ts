/**
 * The layering of `src/`, read from its imports: which area may use which, and which library has its home where
 * (docs/ARCHITECTURE.md, "Modules"). A broken rule is named with the file and what it imports.
 */
import { deepEqual } from "node:assert/strict";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

interface ImportEdge {
  readonly from: string;
  /** A path below the root, or a package's name. */
  readonly to: string;
  /** Erased when the program runs. */
  readonly typeOnly: boolean;
}

/** What each area may import, besides itself. `errors` is everywhere; `server` and `cli` join all of them. */
const allowedAreas: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  memory: [],
  addresses: ["errors"],
  audit: ["errors"],
  ipc: ["errors"],
  observability: ["errors", "ipc"],
  config: ["errors", "observability", "addresses"],
  metadata: ["errors", "ipc", "observability", "storage", "workspaces", "dashboards", "config", "audit"],
  storage: ["errors", "ipc"],
  workspaces: ["errors", "ipc", "storage"],
  dashboards: ["errors", "addresses", "audit"],
  jobs: ["errors"],
  sql: ["errors"],
  engine: ["errors", "ipc", "sql", "pgwire"],
  pgwire: ["errors", "ipc", "sql"],
  "pgwire/front": ["errors", "ipc", "pgwire"],
  "pgwire/client": ["errors", "pgwire"],
  history: ["errors"],
  "pgwire/session": ["errors", "ipc", "sql", "engine", "pgwire"],
  worker: ["errors", "ipc", "memory", "sql", "engine", "pgwire", "pgwire/session"],
  supervisor: ["errors", "ipc"],
  http: [
    "errors",
    "ipc",
    "config",
    "storage",
    "workspaces",
    "dashboards",
    "jobs",
    "observability",
    "audit",
    "addresses",
  ],
  console: ["errors"],
};
const joiningAreas: readonly string[] = ["server", "cli"];

/** Each library is imported by these areas only. */
const libraryHomes: Readonly<Record<string, readonly string[]>> = {
  // in a worker: storage jobs, which write version files
  "@duckdb/node-api": ["engine", "metadata", "worker"],
  "@duckdb/node-bindings": ["engine", "metadata"],
  "@hono/zod-openapi": ["http"],
  "hono": ["http"],
  "prom-client": ["observability"],
  "libpg-query": ["sql"],
  "@peculiar/x509": ["pgwire"],
  "commander": ["cli"],
  // in the console: files that somebody imports in the browser
  "yaml": ["config", "dashboards", "console"],
  "dompurify": ["console"],
  "echarts": ["console"],
  "marked": ["console"],
  "ipaddr.js": ["addresses"],
  // in dashboards: provisioned files
  "pg": [],
};

/** Imports and re-exports, static or dynamic, whose module is written as a literal. */
export function parseImports(file: string, source: string): ImportEdge[] {
  const edges: ImportEdge[] = [];
  const statement = /^[ \t]*(import|export)\s+(type\s+)?(?:[^;"'`]*?\sfrom\s+)?["']([^"']+)["']/gm;
  for (const [, , type, specifier] of source.matchAll(statement)) {
    edges.push({ from: file, to: resolve(file, specifier!), typeOnly: type !== undefined });
  }
  for (const [, specifier] of source.matchAll(/\bimport\(\s*["']([^"']+)["']\s*\)/g)) {
    edges.push({ from: file, to: resolve(file, specifier!), typeOnly: false });
  }
  return edges;
}

function resolve(file: string, specifier: string): string {
  if (specifier.startsWith(".")) {
    return relative("/", fileURLToPath(new URL(specifier, `file:///${file}`)));
  }
  return specifier.replace(/^npm:/, "").replace(/^((?:@[^/]+\/)?[^/@]+).*$/, "$1");
}

/**
 * `src/http/routes/tables.ts` is of the area `http`; a file of `src` itself belongs to none. The two sides of the wire
 * protocol live in different processes and are areas of their own.
 */
function areaOf(path: string): string | null {
  return /^src\/(pgwire\/(?:client|front|session)|[^/]+)\//.exec(path)?.[1] ?? null;
}

function isTest(path: string): boolean {
  return /_test\.ts$|(^|\/)(test_support|[a-z_]*fixture[a-z_]*|fake_[a-z_]*|[a-z_]*_test_[a-z_]*|testing_[a-z_]*|[a-z_]*_testing)\.ts$/
    .test(path);
}

/** The rules that an edge breaks, as sentences. */
export function brokenRules(edge: ImportEdge): string[] {
  const from = areaOf(edge.from);
  if (from === null || isTest(edge.from)) return [];
  const broken: string[] = [];
  const homes = libraryHomes[edge.to];
  if (homes !== undefined && !homes.includes(from) && !edge.typeOnly) {
    broken.push(`${edge.from} imports ${edge.to}, whose home is ${homes.join(" and ") || "tests/"}`);
  }
  const to = areaOf(edge.to);
  if (to !== null && to !== from && !joiningAreas.includes(from)) {
    if (edge.to === "src/metadata/types.ts") return broken;
    const allowed = allowedAreas[from];
    if (allowed === undefined) broken.push(`${edge.from}: the area ${from} has no row in tests/architecture_test.ts`);
    else if (!allowed.includes(to)) {
      broken.push(`${edge.from} imports ${edge.to}: ${from} may import ${allowed.join(", ") || "nothing"}`);
    }
  }
  if (edge.to.startsWith("src/") && isTest(edge.to)) broken.push(`${edge.from} imports the test file ${edge.to}`);
  if (to === "server" && from !== "server" && from !== "cli") {
    broken.push(`${edge.from} imports ${edge.to}: only the command line starts the server`);
  }
  return broken;
}

async function* sourceFiles(folder: string): AsyncIterable<string> {
  for await (const entry of Deno.readDir(`${root}${folder}`)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* sourceFiles(path);
    else if (entry.name.endsWith(".ts")) yield path;
  }
}

async function importEdges(): Promise<ImportEdge[]> {
  const edges: ImportEdge[] = [];
  for await (const file of sourceFiles("src")) edges.push(...parseImports(file, await Deno.readTextFile(root + file)));
  return edges;
}

Deno.test("parseImports finds static, type-only, side-effect, re-exported and dynamic imports", () => {
  const source = `
import { a } from "../errors/app_error.ts";
import type { B } from "./types.ts";
import {
  c,
  d,
} from "hono/cors";
import "npm:@duckdb/node-api@1.5.5-r.5";
export * from "./other.ts";
const late = await import("../server/server.ts");
`;
  deepEqual(parseImports("src/http/app.ts", source), [
    { from: "src/http/app.ts", to: "src/errors/app_error.ts", typeOnly: false },
    { from: "src/http/app.ts", to: "src/http/types.ts", typeOnly: true },
    { from: "src/http/app.ts", to: "hono", typeOnly: false },
    { from: "src/http/app.ts", to: "@duckdb/node-api", typeOnly: false },
    { from: "src/http/app.ts", to: "src/http/other.ts", typeOnly: false },
    { from: "src/http/app.ts", to: "src/server/server.ts", typeOnly: false },
  ]);
});

Deno.test("brokenRules names the offending edge", () => {
  deepEqual(brokenRules({ from: "src/engine/a.ts", to: "src/http/app.ts", typeOnly: true }), [
    "src/engine/a.ts imports src/http/app.ts: engine may import errors, ipc, sql, pgwire",
  ]);
  deepEqual(brokenRules({ from: "src/storage/a.ts", to: "hono", typeOnly: false }), [
    "src/storage/a.ts imports hono, whose home is http",
  ]);
  deepEqual(brokenRules({ from: "src/workspaces/a.ts", to: "src/metadata/types.ts", typeOnly: true }), []);
});

Deno.test("every import in src keeps to the layers", async () => {
  deepEqual((await importEdges()).flatMap(brokenRules), []);
});

Deno.test("no two files of src import each other in a circle", async () => {
  const targets = new Map<string, string[]>();
  for (const edge of await importEdges()) {
    if (!edge.to.startsWith("src/") || edge.typeOnly) continue;
    targets.set(edge.from, [...targets.get(edge.from) ?? [], edge.to]);
  }
  const finished = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" -> "));
    if (finished.has(file) || path.includes(file)) return;
    for (const target of targets.get(file) ?? []) visit(target, [...path, file]);
    finished.add(file);
  };
  for (const file of targets.keys()) visit(file, []);
  deepEqual(circles, []);
});

Deno.test("what a worker loads has no server library in it", async () => {
  const edges = await importEdges();
  const reached = new Set(["src/worker/worker_main.ts"]);
  for (const file of reached) {
    for (const edge of edges) if (edge.from === file && !edge.typeOnly) reached.add(edge.to);
  }
  const forbidden = ["hono", "@hono/zod-openapi", "prom-client", "commander", "yaml", "@peculiar/x509"];
  deepEqual(forbidden.filter((name) => reached.has(name)), []);
});
