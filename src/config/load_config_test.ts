import assert from "node:assert/strict";
import { AppError } from "../errors/app_error.ts";
import { environmentName, flagName, makeConfigKeys } from "./keys.ts";
import { type ConfigInput, loadConfig, resolveConfig } from "./load_config.ts";
import { printConfig } from "./print_config.ts";

function withFile<T>(text: string, use: (file: string) => T): T {
  const file = Deno.makeTempFileSync({ suffix: ".yaml" });
  try {
    Deno.writeTextFileSync(file, text);
    return use(file);
  } finally {
    Deno.removeSync(file);
  }
}

function refusal(input: ConfigInput): string {
  try {
    loadConfig(input);
  } catch (error) {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.kind, "config_invalid");
    assert.ok(!error.message.includes("\n"), `one line: ${error.message}`);
    return error.message;
  }
  throw new assert.AssertionError({ message: "the configuration was accepted" });
}

Deno.test("loadConfig without any source gives the contract's defaults", () => {
  const config = loadConfig({ memoryTotalBytes: 16e9 });
  assert.equal(config.httpHost, "127.0.0.1");
  assert.equal(config.httpPort, 8000);
  assert.equal(config.pgPort, 5432);
  assert.equal(config.pgDirectTlsPort, null);
  assert.equal(config.tlsCert, null);
  assert.equal(config.adminKey, null);
  assert.equal(config.workspaceDefaultMemoryLimitBytes, 4e9);
  assert.equal(config.workspacesMemoryBudgetBytes, 12e9);
  assert.equal(config.workspaceMaxTempStorageBytes, 10e9);
  assert.equal(config.workspaceMaxResultRows, 100_000);
  assert.equal(config.workspaceMaxResultBytes, 100_000_000);
  assert.equal(config.queryAuditEnabled, true);
  assert.deepEqual(config.alertWebhookHeaders, {});
  assert.equal(config.dbConnMaxLifetimeSeconds, 300);
  assert.equal(config.workerIdleSeconds, 300);
  assert.equal(config.spareWorkers, 1);
  assert.ok(config.dataDir.startsWith("/") && config.dataDir.endsWith("/data"), "absolute");
});

Deno.test("every key has a default that its own schema accepts, and says what it accepts", () => {
  for (const key of Object.values(makeConfigKeys(8e9))) {
    assert.ok(key.schema.safeParse(key.default).success, key.key);
    assert.match(key.key, /^[a-z][a-z0-9_]*$/);
    assert.ok(key.accepted.length > 0 && key.meaning.length > 0, key.key);
  }
});

Deno.test("a flag goes before the environment, which goes before the file, which goes before the default", () => {
  withFile("http_port: 1001\npg_port: 1001\nlog_level: debug\npublic_host: from.file\n", (file) => {
    const { config, sources } = resolveConfig({
      file,
      environment: { EIDER_PG_PORT: "1002", EIDER_LOG_LEVEL: "warn", PATH: "/bin" },
      flags: { log_level: "error" },
    });
    assert.deepEqual(
      [config.httpPort, config.pgPort, config.logLevel, config.publicHost, config.logFormat],
      [1001, 1002, "error", "from.file", "json"],
    );
    assert.deepEqual(
      [sources.httpPort, sources.pgPort, sources.logLevel, sources.logFormat],
      [`file ${file}`, "environment EIDER_PG_PORT", "flag --log-level", "default"],
    );
  });
});

Deno.test("EIDER_CONFIG names the file, and an explicit file goes before it", () => {
  withFile("http_port: 1001\n", (fromEnvironment) => {
    assert.equal(loadConfig({ environment: { EIDER_CONFIG: fromEnvironment } }).httpPort, 1001);
    withFile("http_port: 1002\n", (file) => {
      assert.equal(loadConfig({ file, environment: { EIDER_CONFIG: fromEnvironment } }).httpPort, 1002);
    });
  });
});

Deno.test("values are read in each form that a source can hold", () => {
  const cases: readonly [string, string | boolean, (config: ReturnType<typeof loadConfig>) => unknown, unknown][] = [
    ["workspace_default_memory_limit", "512MiB", (config) => config.workspaceDefaultMemoryLimitBytes, 536_870_912],
    ["workspace_default_memory_limit", "1.5 GB", (config) => config.workspaceDefaultMemoryLimitBytes, 1.5e9],
    ["workspaces_memory_budget", "50%", (config) => config.workspacesMemoryBudgetBytes, 8e9],
    ["workspaces_memory_budget", "2GB", (config) => config.workspacesMemoryBudgetBytes, 2e9],
    ["workspace_max_result_bytes", "0", (config) => config.workspaceMaxResultBytes, 0],
    ["workspace_max_result_bytes", "1MB", (config) => config.workspaceMaxResultBytes, 1e6],
    ["http_port", "0", (config) => config.httpPort, 0],
    ["pg_direct_tls_port", "none", (config) => config.pgDirectTlsPort, null],
    ["pg_direct_tls_port", "0", (config) => config.pgDirectTlsPort, 0],
    ["idle_timeout_seconds", "0.5", (config) => config.idleTimeoutSeconds, 0.5],
    ["query_audit_enabled", "off", (config) => config.queryAuditEnabled, false],
    ["query_audit_enabled", true, (config) => config.queryAuditEnabled, true],
    ["admin_key", "", (config) => config.adminKey, null],
    ["alert_webhook_headers", '{"X-Token":"abc"}', (config) => config.alertWebhookHeaders, { "X-Token": "abc" }],
    ["alert_webhook_url", "https://hooks.example/x", (config) => config.alertWebhookUrl, "https://hooks.example/x"],
  ];
  for (const [key, value, read, expected] of cases) {
    const config = loadConfig({ flags: { [key]: value }, memoryTotalBytes: 16e9 });
    assert.deepEqual(read(config), expected, `${key} ${value}`);
  }
});

Deno.test("a bad value is refused with key, value, source and accepted form", () => {
  const cases: readonly [string, string, RegExp][] = [
    ["http_port", "65536", /^http_port: "65536" \(flag --http-port\) is not a whole number from 0 to 65535/],
    ["http_port", "", /^http_port: "" /],
    ["http_port", "80.5", /^http_port: "80.5"/],
    ["http_port", "-1", /^http_port: "-1"/],
    ["pg_tls", "on", /is not one of disable, prefer, require$/],
    ["idle_timeout_seconds", "5m", /is not a number of seconds from 0 \(none\) to 2000000$/],
    ["connection_timeout_seconds", "0", /is not a number of seconds above 0/],
    ["workspace_default_memory_limit", "4 gigs", /is not a size such as 4GB/],
    ["workspace_default_memory_limit", "0", /is not a size such as 4GB/],
    ["workspaces_memory_budget", "120%", /is not a percentage such as 75%, or a size/],
    ["query_audit_enabled", "maybe", /is not true or false$/],
    ["http_host", "a b", /is not a host name or address$/],
    ["public_host", "https://db.example.com", /is not a host name or address$/],
    ["query_audit_mode", "none", /is not one of full, structure, hash_only$/],
    ["alert_webhook_url", "ftp://x", /is not an http or https address, or none$/],
    ["alert_webhook_headers", "{", /is not header names and values/],
    ["alert_webhook_headers", '{"a b":"c"}', /is not header names and values/],
    ["public_host", "", /^public_host: "" \(flag --public-host\) is not a host name or address$/],
  ];
  for (const [key, value, expected] of cases) assert.match(refusal({ flags: { [key]: value } }), expected);
  assert.match(refusal({ environment: { EIDER_HTTP_PORT: "x" } }), /^http_port: "x" \(environment EIDER_HTTP_PORT\)/);
  withFile("http_port: [1]\n", (file) => {
    assert.equal(refusal({ file }).startsWith(`http_port: [1] (file ${file}) is not a whole number`), true);
  });
});

Deno.test("a refused secret does not appear in the error", () => {
  const message = refusal({ environment: { EIDER_ADMIN_KEY: "hunter2" } });
  assert.ok(!message.includes("hunter2"), message);
  assert.match(message, /^admin_key: the value \(environment EIDER_ADMIN_KEY\) is not 16 to 200/);
  assert.ok(!refusal({ flags: { alert_webhook_headers: "{sekret" } }).includes("sekret"));
});

Deno.test("an unknown key is refused by name in each source, with the name that was probably meant", () => {
  withFile("htpp_port: 1\n", (file) => {
    assert.match(refusal({ file }), /^htpp_port \(file .*\): unknown key.*, such as http_port$/);
  });
  assert.match(
    refusal({ environment: { EIDER_HTTP_PROT: "1" } }),
    /^EIDER_HTTP_PROT \(environment\): unknown key.*, such as EIDER_HTTP_PORT$/,
  );
  assert.match(refusal({ flags: { nonsense: "1" } }), /^--nonsense \(flags\): unknown key/);
});

Deno.test("names that tests and Kubernetes set are not taken for keys", () => {
  const environment = {
    EIDER_TEST_SEED: "1",
    EIDER_PORT: "tcp://10.0.0.1:8000",
    EIDER_PORT_8000_TCP_ADDR: "10.0.0.1",
    EIDER_SERVICE_HOST: "10.0.0.1",
  };
  assert.equal(loadConfig({ environment }).httpPort, 8000);
});

Deno.test("a broken file is refused with its name and what is wrong", () => {
  assert.match(refusal({ file: "/nonexistent/eider.yaml" }), /eider\.yaml: cannot be read \(no such file\)$/);
  withFile("http_port: [1\n", (file) => assert.match(refusal({ file }), /: not YAML \(.* at line \d+, column \d+\)$/));
  withFile("http_port: 1\nhttp_port: 2\n", (file) => assert.match(refusal({ file }), /not YAML \(Map keys must be/));
  withFile("- a\n", (file) => assert.match(refusal({ file }), /is not a mapping of keys to values/));
  withFile("", (file) => assert.equal(loadConfig({ file }).httpPort, 8000));
});

Deno.test("keys that contradict each other are refused", () => {
  assert.match(refusal({ flags: { tls_cert: "a.pem" } }), /^tls_key: not set, but tls_cert is/);
  assert.match(refusal({ flags: { workspace_default_ttl_hours: "200" } }), /^workspace_default_ttl_hours: 200 .* 168/);
  assert.match(refusal({ flags: { pg_port: "8000" } }), /^pg_port: 8000 \(flag --pg-port\) is already http_port/);
  assert.equal(loadConfig({ flags: { pg_port: "0", http_port: "0" } }).pgPort, 0);
});

Deno.test("printConfig shows every key, hides secrets, and is read back as the same configuration", () => {
  const resolved = resolveConfig({
    memoryTotalBytes: 16e9,
    environment: { EIDER_ADMIN_KEY: "0123456789abcdef-secret" },
    flags: {
      alert_webhook_url: "https://hooks.example/T0/secret",
      alert_webhook_headers: '{"Authorization":"Bearer secret"}',
      workspace_max_temp_storage: "3GiB",
    },
  });
  const printed = printConfig(resolved);
  assert.ok(!printed.includes("secret"), printed);
  assert.match(printed, /^admin_key: \(hidden\) # environment EIDER_ADMIN_KEY$/m);
  assert.match(printed, /^ {2}Authorization: \(hidden\)$/m);
  assert.match(printed, /^workspace_max_temp_storage: 3GiB # flag --workspace-max-temp-storage$/m);
  assert.match(printed, /^http_port: 8000$/m);
  for (const key of Object.values(resolved.keys)) assert.match(printed, new RegExp(`^${key.key}:`, "m"));

  const plain = resolveConfig({ flags: { http_port: "9000" }, memoryTotalBytes: 16e9 });
  withFile(printConfig(plain), (file) => assert.deepEqual(loadConfig({ file }), plain.config));
});

Deno.test("names in the environment and on the command line follow from the key", () => {
  assert.equal(environmentName("http_port"), "EIDER_HTTP_PORT");
  assert.equal(flagName("http_port"), "--http-port");
});
