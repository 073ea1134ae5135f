import assert from "node:assert/strict";
import { DuckDBInstance } from "@duckdb/node-api";
import { AppError } from "../errors/app_error.ts";
import type { ErrorKind } from "../errors/catalogue.ts";
import { SessionSettings, type SettingsEnvironment } from "./settings.ts";
import { parseStartupOptions } from "./settings_values.ts";

const environment: SettingsEnvironment = {
  database: "workspace_ws_1",
  username: "ws_1_abc",
  projectSchemas: () => ["in_c_sales", "out_c_report"],
  ownSchemas: () => ["mine", "Odd Name"],
};

const make = (startup: Record<string, string> = {}) => new SessionSettings(environment, startup);

function refuses(kind: ErrorKind, run: () => unknown, message?: string): void {
  assert.throws(run, (error: unknown) => {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.kind, kind, error.message);
    if (message !== undefined) assert.equal(error.message, message);
    return true;
  });
}

Deno.test("the parameters that PostgreSQL reports at start-up are reported", () => {
  const status = new Map(make().parameterStatus().map(({ name, value }) => [name, value]));
  const expected = "server_version server_encoding client_encoding application_name DateStyle IntervalStyle TimeZone " +
    "integer_datetimes standard_conforming_strings is_superuser session_authorization in_hot_standby " +
    "default_transaction_read_only scram_iterations search_path";
  assert.deepEqual([...status.keys()].sort(), expected.split(" ").sort());
  assert.equal(status.get("server_version"), "16.4 (Eider)");
  assert.equal(status.get("session_authorization"), "ws_1_abc");
  assert.equal(status.get("TimeZone"), "UTC");
});

Deno.test("start-up parameters become what RESET goes back to, names in any case", () => {
  const settings = make({
    user: "u",
    database: "d",
    application_name: "psql",
    timezone: "europe/prague",
    "_pq_.x": "1",
    options: "-c statement_timeout=5s --search-path=in_c_sales -cextra_float_digits=3 -c app.tenant=a\\ b",
  });
  assert.equal(settings.show("application_name"), "psql");
  assert.equal(settings.show("TIMEZONE"), "Europe/Prague");
  assert.equal(settings.show("statement_timeout"), "5s");
  assert.equal(settings.milliseconds("statement_timeout"), 5_000);
  assert.equal(settings.show("search_path"), "in_c_sales");
  assert.equal(settings.show("extra_float_digits"), "3");
  assert.equal(settings.show("app.tenant"), "a b");
  settings.set("application_name", ["x"]);
  settings.reset("application_name");
  assert.equal(settings.show("application_name"), "psql");
});

Deno.test("SET checks values as PostgreSQL does and SHOW prints them as PostgreSQL does", () => {
  const samples: readonly [name: string, value: string, shown: string][] = [
    ["statement_timeout", "1500", "1500ms"],
    ["statement_timeout", "60000", "1min"],
    ["statement_timeout", "2 h", "2h"],
    ["statement_timeout", "1.5s", "1500ms"],
    ["statement_timeout", "0", "0"],
    ["idle_in_transaction_session_timeout", "10min", "10min"],
    ["work_mem", "64MB", "64MB"],
    ["work_mem", "100", "100kB"],
    ["extra_float_digits", "-15", "-15"],
    ["random_page_cost", "1.1", "1.1"],
    ["jit", "tru", "on"],
    ["row_security", "0", "off"],
    ["bytea_output", "ESCAPE", "escape"],
    ["IntervalStyle", "iso_8601", "iso_8601"],
    ["client_min_messages", "Warning", "warning"],
    ["standard_conforming_strings", "true", "on"],
    ["synchronous_commit", "off", "off"],
    ["client_encoding", "utf-8", "UTF8"],
    ["client_encoding", "'UNICODE'".slice(1, -1), "UTF8"],
    ["client_encoding", "sql_ascii", "SQL_ASCII"],
    ["DateStyle", "ISO", "ISO, MDY"],
    ["DateStyle", "iso, dmy", "ISO, DMY"],
    ["DateStyle", "European", "ISO, DMY"],
    ["DateStyle", "ymd", "ISO, YMD"],
    ["TimeZone", "america/new_york", "America/New_York"],
    ["TimeZone", "-7", "<-07>+07"],
    ["TimeZone", "GMT-2", "GMT-2"],
    ["TimeZone", "+00:00", "+00:00"],
    ["TimeZone", "<+02>-02", "<+02>-02"],
    ["TimeZone", "+02:00", "+02:00"],
    ["default_transaction_isolation", "Read Committed", "read committed"],
    ["session_authorization", "ws_1_abc", "ws_1_abc"],
    ["role", "none", "none"],
    ["my.own", "anything at all", "anything at all"],
  ];
  for (const [name, value, shown] of samples) {
    const settings = make();
    settings.set(name, [value]);
    assert.equal(settings.show(name.toUpperCase()), shown, `${name} = ${value}`);
  }
});

Deno.test("bad values, unknown and fixed settings are refused with PostgreSQL's errors", () => {
  const settings = make();
  const samples: readonly [ErrorKind, string, string[], string?][] = [
    ["unknown_setting", "nonsense", ["1"], 'unrecognized configuration parameter "nonsense"'],
    ["setting_read_only", "server_version", ["1"], 'parameter "server_version" cannot be changed'],
    ["setting_read_only", "is_superuser", ["on"]],
    ["invalid_parameter_value", "jit", ["perhaps"], 'parameter "jit" requires a Boolean value'],
    ["invalid_parameter_value", "statement_timeout", ["-1"]],
    [
      "invalid_parameter_value",
      "statement_timeout",
      ["5 parsecs"],
      'invalid value for parameter "statement_timeout": "5 parsecs"',
    ],
    ["invalid_parameter_value", "extra_float_digits", ["4"]],
    ["invalid_parameter_value", "extra_float_digits", ["1", "2"], "SET extra_float_digits takes only one argument"],
    ["invalid_parameter_value", "standard_conforming_strings", ["off"]],
    ["invalid_parameter_value", "TimeZone", ["Mars/Olympus"], 'invalid value for parameter "TimeZone": "Mars/Olympus"'],
    ["invalid_parameter_value", "TimeZone", ["x'; ATTACH 'y"]],
    ["invalid_parameter_value", "TimeZone", ["+13:00"]],
    ["feature_not_supported", "TimeZone", ["-05:45"], 'TimeZone "-05:45" is not supported: this offset has minutes'],
    ["invalid_parameter_value", "DateStyle", ["nonsense"]],
    ["feature_not_supported", "DateStyle", ["German"]],
    ["feature_not_supported", "client_encoding", ["LATIN1"]],
    ["invalid_parameter_value", "client_encoding", ["nonsense"]],
    ["insufficient_privilege", "role", ["postgres"]],
    ["insufficient_privilege", "session_authorization", ["postgres"]],
  ];
  for (const [kind, name, values, message] of samples) refuses(kind, () => settings.set(name, values), message);
  refuses("unknown_setting", () => settings.show("nonsense"));
  refuses("unknown_setting", () => settings.show("not.set"));
  refuses("unknown_setting", () => make({ nonsense: "1" }));
  refuses("invalid_parameter_value", () => make({ options: "-d 5" }));
  refuses("invalid_parameter_value", () => parseStartupOptions("-c"));
});

Deno.test("a change reports its ParameterStatus and the statement for DuckDB, and only when the value differs", () => {
  const settings = make();
  assert.deepEqual(settings.set("TimeZone", ["Asia/Tokyo"]), {
    reports: [{ name: "TimeZone", value: "Asia/Tokyo" }],
    duckdbStatements: ["SET TimeZone = 'Asia/Tokyo'"],
    warning: null,
  });
  assert.deepEqual(settings.set("TimeZone", ["Asia/Tokyo"]).reports, []);
  assert.deepEqual(settings.set("timezone", ["5"]).duckdbStatements, ["SET TimeZone = 'Etc/GMT-5'"]);
  assert.deepEqual(settings.set("timezone", ["-05:30"]).duckdbStatements, ["SET TimeZone = 'Asia/Kolkata'"]);
  assert.deepEqual(settings.set("timezone", [], { isDefault: true }).duckdbStatements, ["SET TimeZone = 'UTC'"]);
  assert.deepEqual(settings.set("statement_timeout", ["1s"]), { reports: [], duckdbStatements: [], warning: null });
});

Deno.test("search_path: public is main, unknown schemas are left out, the rest of the schemas follow", () => {
  const settings = make();
  const entries = (...values: string[]) => {
    settings.set("search_path", values);
    return settings.searchPathEntries();
  };
  const rest = ["project.in_c_sales", "project.out_c_report", "workspace_ws_1.mine", "workspace_ws_1.odd name"];
  assert.deepEqual(settings.searchPathEntries(), ["workspace_ws_1.main", ...rest]);
  assert.equal(settings.show("search_path"), '"$user", public');
  assert.deepEqual(entries("$user", "public"), ["workspace_ws_1.main", ...rest]);
  assert.deepEqual(entries("nope", "pg_catalog"), ["workspace_ws_1.main", ...rest]);
  assert.deepEqual(entries("in_c_sales"), ["project.in_c_sales", "workspace_ws_1.main", ...rest.slice(1)]);
  assert.equal(entries("mine", "public")[0], "workspace_ws_1.mine");
  assert.equal(entries("workspace_ws_1.mine")[0], "workspace_ws_1.mine");
  assert.equal(entries("project.out_c_report")[0], "project.out_c_report");
  assert.equal(entries("workspace_ws_1")[0], "workspace_ws_1.main");
  assert.equal(entries('out_c_report, "Odd Name"')[1], "workspace_ws_1.odd name");
  assert.equal(settings.show("search_path"), 'out_c_report, "Odd Name"');
  assert.deepEqual(settings.set("search_path", ["public"]).duckdbStatements, [
    `SET search_path = 'workspace_ws_1.main,project.in_c_sales,project.out_c_report,workspace_ws_1.mine,workspace_ws_1."odd name"'`,
  ]);
  settings.set("search_path", [""]);
  assert.equal(settings.show("search_path"), "");
});

Deno.test("the statements for DuckDB run on the real DuckDB", async () => {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  for (
    const sql of [
      "ATTACH ':memory:' AS workspace_ws_1",
      "ATTACH ':memory:' AS project",
      "CREATE SCHEMA project.in_c_sales",
      "CREATE SCHEMA project.out_c_report",
      "CREATE SCHEMA workspace_ws_1.mine",
      'CREATE SCHEMA workspace_ws_1."Odd Name"',
    ]
  ) await connection.run(sql);
  const settings = make();
  for (const sql of settings.duckdbStatements()) await connection.run(sql);
  for (
    const zone of [
      "Europe/Prague",
      "-7",
      "+5",
      "GMT-2",
      "-03:00",
      "<+02>-02",
      "UTC",
      "Asia/Calcutta",
      "America/Argentina/Buenos_Aires",
    ]
  ) {
    for (const sql of settings.set("TimeZone", [zone]).duckdbStatements) await connection.run(sql);
  }
  for (const path of [["in_c_sales"], ["mine", "public"], ["Odd Name"], ["$user"]]) {
    for (const sql of settings.set("search_path", path).duckdbStatements) await connection.run(sql);
  }
  connection.closeSync();
  instance.closeSync();
});

Deno.test("a rolled-back transaction takes its SETs with it, a committed one keeps all but SET LOCAL", () => {
  const settings = make();
  settings.set("application_name", ["before"]);
  settings.beginTransaction();
  settings.set("application_name", ["inside"]);
  settings.set("TimeZone", ["Asia/Tokyo"], { local: true });
  assert.equal(settings.show("TimeZone"), "Asia/Tokyo");
  const undone = settings.rollbackTransaction();
  assert.deepEqual(undone.reports, [
    { name: "application_name", value: "before" },
    { name: "TimeZone", value: "UTC" },
  ]);
  assert.deepEqual(undone.duckdbStatements, ["SET TimeZone = 'UTC'"]);
  settings.beginTransaction();
  settings.set("application_name", ["kept"]);
  settings.set("application_name", ["for now"], { local: true });
  settings.set("TimeZone", ["Asia/Tokyo"], { local: true });
  assert.equal(settings.show("application_name"), "for now");
  assert.deepEqual(settings.commitTransaction().reports, [
    { name: "application_name", value: "kept" },
    { name: "TimeZone", value: "UTC" },
  ]);
  assert.equal(settings.inTransaction, false);
});

Deno.test("SET after SET LOCAL in one transaction stays after it", () => {
  const settings = make();
  settings.beginTransaction();
  settings.set("application_name", ["local"], { local: true });
  settings.set("application_name", ["session"]);
  settings.commitTransaction();
  assert.equal(settings.show("application_name"), "session");
});

Deno.test("SET LOCAL outside a transaction only warns", () => {
  const settings = make();
  const change = settings.set("application_name", ["x"], { local: true });
  assert.equal(change.warning, "SET LOCAL can only be used in transaction blocks");
  assert.equal(settings.show("application_name"), "");
});

Deno.test("a rollback to a savepoint takes back what was set after it, again and again", () => {
  const settings = make();
  settings.beginTransaction();
  settings.set("application_name", ["one"]);
  settings.savepoint("s");
  for (let round = 0; round < 2; round++) {
    settings.set("application_name", ["two"]);
    settings.savepoint("inner");
    settings.set("lock_timeout", ["1s"], { local: true });
    assert.deepEqual(settings.rollbackToSavepoint("s").reports, [{ name: "application_name", value: "one" }]);
    assert.equal(settings.show("lock_timeout"), "0");
  }
  settings.releaseSavepoint("s");
  settings.set("application_name", ["three"]);
  settings.rollbackToSavepoint("s");
  assert.equal(settings.show("application_name"), "three");
  settings.rollbackTransaction();
  assert.equal(settings.show("application_name"), "");
});

Deno.test("a transaction begins with the session's default characteristics", () => {
  const settings = make();
  settings.set("default_transaction_read_only", ["on"]);
  assert.equal(settings.boolean("transaction_read_only"), true);
  settings.beginTransaction();
  assert.equal(settings.boolean("transaction_read_only"), true);
  settings.set("transaction_read_only", ["off"]);
  assert.equal(settings.boolean("transaction_read_only"), false);
  settings.commitTransaction();
  assert.equal(settings.boolean("transaction_read_only"), true);
});

Deno.test("RESET ALL goes back to the start, but for role and transaction characteristics", () => {
  const settings = make({ application_name: "app" });
  settings.set("application_name", ["x"]);
  settings.set("search_path", ["in_c_sales"]);
  settings.set("a.b", ["1"]);
  const change = settings.reset(null);
  assert.deepEqual(change.reports.map(({ name }) => name), ["application_name", "search_path"]);
  assert.equal(change.duckdbStatements.length, 1);
  refuses("unknown_setting", () => settings.show("a.b"));
});

Deno.test("SHOW ALL lists every setting once, sorted, with a description", () => {
  const all = make().showAll();
  assert.ok(all.length > 90);
  assert.equal(new Set(all.map(({ name }) => name.toLowerCase())).size, all.length);
  assert.ok(all.every(({ description }) => description.length > 10));
  assert.equal(all[0]!.name, "application_name");
});
