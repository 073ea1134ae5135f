import assert from "node:assert/strict";
import { runCli } from "./cli.ts";
import { version } from "./version.ts";

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: readonly string[];
}

async function run(...parameters: string[]): Promise<Outcome> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli(parameters, { out: (text) => out.push(text), err: (text) => err.push(text) });
  return { code, out: out.join("\n"), err };
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a wrong command line gives one line that names the fault and what is accepted, and exit code 2", async () => {
  const cases: readonly [readonly string[], RegExp][] = [
    [["frobnicate"], /^eider: unknown subcommand frobnicate: accepted are serve, demo, migrate, backup, .*, version$/],
    [["migrat", "up"], /; did you mean migrate\?$/],
    [["serve", "--htpp-port", "1"], /^eider serve: unknown flag --htpp-port: .* such as --http-port$/],
    [["--htpp-port=1"], /^eider serve: unknown flag --htpp-port: /],
    [["config", "--worker-idle"], /^eider config: unknown flag --worker-idle: `eider config --help` lists/],
    [["serve", "-x"], /^eider serve: unknown flag -x: /],
    [
      ["serve", "--http-port"],
      /^eider serve: flag --http-port has no value: accepted is a whole number from 0 to 65535/,
    ],
    [["serve", "--config"], /flag --config has no value: accepted is the path of a YAML file$/],
    [["serve", "now"], /^eider serve: unexpected now: accepted is eider serve \[flags\]$/],
    [["--http-port", "99999"], /^eider: http_port: "99999" \(flag --http-port\) is not a whole number from 0 to 65535/],
    [["config", "--pg-tls=on"], /\(flag --pg-tls\) is not one of disable, prefer, require$/],
    [["config", "--config", "/nonexistent.yaml"], /nonexistent\.yaml: cannot be read \(no such file\)$/],
    [["migrate"], /^eider migrate: ACTION is missing: accepted is eider migrate up\|down\|status \[flags\]$/],
    [["migrate", "sideways"], /^eider migrate: sideways is not an action: accepted are up, down, status$/],
    [["migrate", "up", "--to", "x"], /^eider migrate up: --to x: accepted is a schema version/],
    [["backup"], /^eider backup: DIR is missing: accepted is eider backup DIR \[flags\]$/],
    [["version", "--short"], /^eider version: unknown flag --short: /],
  ];
  for (const [parameters, expected] of cases) {
    const { code, out, err } = await run(...parameters);
    assert.equal(code, 2, parameters.join(" "));
    assert.equal(out, "", parameters.join(" "));
    assert.equal(err.length, 1, parameters.join(" "));
    assert.ok(!err[0]?.includes("\n"), err[0] ?? "");
    assert.match(err[0] ?? "", expected);
  }
});

Deno.test("help and version are answers: stdout, exit code 0", async () => {
  for (const parameters of [["--help"], ["-h"], ["help"], ["serve", "--help"], ["help", "migrate"]]) {
    const { code, out, err } = await run(...parameters);
    assert.deepEqual([code, err], [0, []], parameters.join(" "));
    assert.match(out, /^Usage: eider/, parameters.join(" "));
  }
  const help = (await run("serve", "--help")).out;
  for (const [flag, shown] of [["pg-direct-tls-port", "none"], ["tls-cert", "auto"], ["admin-key", "generated"]]) {
    assert.match(help, new RegExp(`^ +--${flag} <value> .*\\(default ${shown}\\)$`, "m"));
  }
  for (const parameters of [["version"], ["--version"], ["-V"]]) {
    const { code, out } = await run(...parameters);
    assert.deepEqual([code, out], [0, `eider ${version} (Deno ${Deno.version.deno})`]);
  }
  assert.ok(!(await run("--help")).out.includes("worker"), "the worker is not for people");
});

Deno.test("eider config prints what file and flags make of the configuration, without secrets", () =>
  withFolder(async (folder) => {
    const file = `${folder}/eider.yaml`;
    await Deno.writeTextFile(file, "http_port: 1234\nadmin_key: secret_secret_secret\npg_port: 1\n");
    const { code, out } = await run("config", "--config", file, "--pg-port=0", "--query-audit-enabled", "false");
    assert.equal(code, 0);
    assert.match(out, /^http_port: 1234 # file /m);
    assert.match(out, /^pg_port: 0 # flag --pg-port$/m);
    assert.match(out, /^query_audit_enabled: false # flag /m);
    assert.match(out, /^admin_key: \(hidden\) # file /m);
    assert.ok(!out.includes("secret_secret"));
    assert.match(out, /^tls_cert: auto$/m);
    assert.match(
      (await run("config", "--slow-query-explain", "--pg-port", "0")).out,
      /^slow_query_explain: true # flag/m,
    );
  }));

Deno.test("eider migrate goes up, down and shows the status, which makes no store where there is none", () =>
  withFolder(async (folder) => {
    const dataDir = `${folder}/data`;
    const before = await run("migrate", "status", "--data-dir", dataDir);
    assert.equal(before.code, 0);
    assert.match(before.out, /^001 {2}settings +pending$/m);
    await assert.rejects(Deno.stat(dataDir), Deno.errors.NotFound);

    const up = await run("migrate", "up", "--data-dir", dataDir, "--to=1");
    assert.deepEqual([up.code, up.out], [0, "schema version 0 -> 1"]);
    assert.match((await run("migrate", "status", "--data-dir", dataDir)).out, /^001 {2}settings +applied {2}\d{4}-/m);
    assert.equal((await run("migrate", "up", "--data-dir", dataDir, "--to=1")).out, "schema version 1: nothing to do");
    const tooFar = await run("migrate", "up", "--data-dir", dataDir, "--to=999");
    assert.deepEqual([tooFar.code, tooFar.err.length], [2, 1]);
    assert.match(tooFar.err[0] ?? "", /^eider: migrate up: 999 is not a version from 1 to \d+$/);
    assert.equal((await run("migrate", "down", "--data-dir", dataDir)).out, "schema version 1 -> 0");
  }));

Deno.test("a store that cannot be used gives one line and exit code 1", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/metadata.duckdb`, "nonsense");
    const { code, err } = await run("migrate", "status", "--data-dir", folder);
    assert.deepEqual([code, err.length], [1, 1]);
    assert.match(err[0] ?? "", /^eider: .*metadata\.duckdb: cannot be opened/);
  }));
