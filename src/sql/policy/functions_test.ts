import assert from "node:assert/strict";
import { DuckDBInstance } from "@duckdb/node-api";
import { settingDefinitions } from "../settings_definitions.ts";
import {
  allowedPragmas,
  allowedTableFunctions,
  forbiddenFunctionReason,
  forbiddenFunctions,
  hiddenSetting,
} from "./functions.ts";
import { isServerSetting } from "./server_settings.ts";

async function column(sql: string): Promise<string[]> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(sql);
  connection.closeSync();
  instance.closeSync();
  return reader.getRows().map((row) => String(row[0]));
}

const ofType = (types: string) =>
  column(`SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE function_type IN (${types})`);

Deno.test("every table function of the real DuckDB is either allowed or forbidden by name", async () => {
  const names = await ofType("'table', 'table_macro'");
  assert.ok(names.length > 90);
  // histogram is decided by where it stands.
  const unknown = names.filter((name) =>
    !allowedTableFunctions.has(name) && !forbiddenFunctions.has(name) && name !== "histogram"
  );
  assert.deepEqual(unknown, [], "read what these do, then add them to functions.ts");
});

Deno.test("no table function is both allowed and forbidden", () => {
  assert.deepEqual([...allowedTableFunctions].filter((name) => forbiddenFunctionReason(name, "table") !== null), []);
});

Deno.test("every pragma of the real DuckDB is either allowed or forbidden by name", async () => {
  const names = await ofType("'pragma'");
  const unknown = names.filter((name) => !allowedPragmas.has(name) && !forbiddenFunctions.has(name));
  assert.deepEqual(unknown, [], "read what these do, then add them to functions.ts");
});

Deno.test("every scalar function, aggregate and macro of the real DuckDB was reviewed", async () => {
  const text = await Deno.readTextFile(new URL("./reviewed_functions.txt", import.meta.url));
  const lines = text.split("\n").filter((line) => !line.startsWith("# "));
  const reviewed = new Set(lines.join(" ").toLowerCase().split(/\s+/));
  const names = await ofType("'scalar', 'aggregate', 'macro'");
  const unknown = names.filter((name) => !name.startsWith("icu_collate_") && !reviewed.has(name));
  assert.deepEqual(unknown, [], "read what these do, then list them as reviewed");
});

Deno.test("every setting of the real DuckDB is the server's, but for those that a PostgreSQL session has", async () => {
  const names = await column("SELECT name FROM duckdb_settings()");
  const open = names.filter((name) => !isServerSetting(name)).map((name) => name.toLowerCase());
  assert.deepEqual(open.sort(), ["schema", "search_path", "timezone"]);
  assert.deepEqual([...settingDefinitions.keys()].filter(isServerSetting), []);
});

Deno.test("names that extensions would bring are refused, a user's own macro is not", () => {
  for (
    const name of [
      "read_xlsx",
      "sqlite_scan",
      "postgres_query",
      "st_read",
      "iceberg_scan",
      "delta_scan",
      "scan_arrow_ipc",
    ]
  ) {
    assert.ok(forbiddenFunctionReason(name, "table") !== null, name);
  }
  for (const name of ["top_customers", "reading_list", "my_read_model", "scandal"]) {
    assert.equal(forbiddenFunctionReason(name, "table"), null, name);
  }
});

Deno.test("current_setting hides paths and secrets, not what a session has", () => {
  for (
    const name of [
      "temp_directory",
      "Allowed_Directories",
      "secret_directory",
      "http_proxy_password",
      "log_query_path",
      "a b",
    ]
  ) {
    assert.ok(hiddenSetting(name), name);
  }
  for (const name of ["TimeZone", "search_path", "server_version", "bytea_output", "app.user"]) {
    assert.ok(!hiddenSetting(name), name);
  }
});
