/** For tests: a DuckDB instance with a workspace database, the emulated catalog, and `project` with two tables. */
import duckdb from "@duckdb/node-api";
import { AppError } from "../../errors/app_error.ts";
import { loadPolicyParser } from "../pg_parser.ts";
import type { JavaScriptFunction } from "../functions/types.ts";
import { registerScalarFunction } from "../../engine/scalar_functions.ts";
import type { Connection } from "../../engine/duckdb.ts";
import { openTestingMemos } from "../../engine/memo/testing_memos.ts";
import { allObjects, baseStatements, javaScriptFunctions } from "./install.ts";
import { stateTablePath } from "./state.ts";
import { catalogDatabase } from "./types.ts";

export const testDatabase = "workspace_ws_test";

export interface TestingCatalog {
  /** All rows, each value as DuckDB's own text; null stays null. */
  rows(sql: string): Promise<(string | null)[][]>;
  /** The first value of the first row. */
  value(sql: string): Promise<string | null>;
  run(sql: string): Promise<void>;
  close(): void;
}

const sessionMacros = [
  "CREATE TEMP MACRO current_user() AS 'ws_test_user'",
  "CREATE TEMP MACRO session_user() AS 'ws_test_user'",
  `CREATE TEMP MACRO current_database() AS '${testDatabase}'`,
  "CREATE TEMP MACRO pg_backend_pid() AS 77",
];

/** In place of `engine/session_functions.ts`: settings in a map, and nobody to signal. */
function standIns(settings: Map<string, string>): readonly JavaScriptFunction[] {
  const define = (
    name: string,
    parameters: JavaScriptFunction["parameters"],
    returns: JavaScriptFunction["returns"],
    call: JavaScriptFunction["call"],
  ): JavaScriptFunction => ({ kind: "javascript", name, parameters, returns, volatile: true, call });
  return [
    define(
      "__eider_setting",
      ["BIGINT", "VARCHAR", "BOOLEAN"],
      "VARCHAR",
      (_pid: bigint, name: string, missingOk: boolean) => {
        const value = settings.get(name.toLowerCase()) ?? null;
        if (value === null && !missingOk) {
          throw new AppError("unknown_setting", `unrecognized configuration parameter "${name}"`);
        }
        return value;
      },
    ),
    define(
      "__eider_set_setting",
      ["BIGINT", "VARCHAR", "VARCHAR", "BOOLEAN", "BOOLEAN"],
      "VARCHAR",
      (_pid: bigint, name: string, value: string) => {
        settings.set(name.toLowerCase(), value);
        return value;
      },
    ),
    define(
      "__eider_signal",
      ["BIGINT", "BIGINT", "VARCHAR"],
      "BOOLEAN",
      (_own: bigint, target: bigint) => target === 77n,
    ),
    define("__eider_enum_oid", ["VARCHAR"], "BIGINT", () => null),
    define("__eider_notify", ["BIGINT", "VARCHAR", "VARCHAR"], "VARCHAR", () => ""),
  ];
}

/** With project schema in_c_sales: customers(id BIGINT primary key, name VARCHAR) and orders(id, customer_id, amount DECIMAL(12,2)). */
export async function openTestingCatalog(): Promise<TestingCatalog> {
  await loadPolicyParser();
  const instance = await duckdb.DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const native = (connection as unknown as { connection: Connection }).connection;
  const settings = new Map([["search_path", '"$user", public'], ["server_version_num", "160000"]]);
  for (const definition of [...standIns(settings), ...javaScriptFunctions]) registerScalarFunction(native, definition);
  const memos = openTestingMemos(native, {
    processId: 77,
    username: "ws_test_user",
    database: testDatabase,
    setting: (name) => settings.get(name.toLowerCase()) ?? "",
  });
  for (const macro of sessionMacros) await connection.run(macro);
  for (
    const statement of [
      `ATTACH ':memory:' AS ${catalogDatabase}`,
      ...baseStatements,
      ...allObjects(new Set()).map((object) => object.sql),
    ]
  ) {
    try {
      await connection.run(statement);
    } catch (error) {
      throw new Error(`${String(error)}\nin: ${statement}`);
    }
  }
  const state = stateTablePath;
  const setUp = [
    `ATTACH ':memory:' AS ${testDatabase}`,
    "ATTACH ':memory:' AS project",
    "CREATE SCHEMA project.in_c_sales",
    "CREATE VIEW project.in_c_sales.customers AS SELECT NULL::BIGINT AS id, NULL::VARCHAR AS name",
    "CREATE VIEW project.in_c_sales.orders AS SELECT NULL::BIGINT AS id, NULL::BIGINT AS customer_id, NULL::DECIMAL(12,2) AS amount",
    `INSERT INTO ${state("workspace")} VALUES ('${testDatabase}', '2026-01-01 00:00:00+00')`,
    `INSERT INTO ${state("project_schemas")} VALUES ('in_c_sales')`,
    `INSERT INTO ${
      state("project_tables")
    } VALUES ('in_c_sales', 'customers', 4, 4096), ('in_c_sales', 'orders', 100, 8192)`,
    `INSERT INTO ${state("project_columns")} VALUES
      ('in_c_sales', 'customers', 'id', 1, 'BIGINT', false, 1), ('in_c_sales', 'customers', 'name', 2, 'VARCHAR', true, NULL),
      ('in_c_sales', 'orders', 'id', 1, 'BIGINT', true, NULL), ('in_c_sales', 'orders', 'customer_id', 2, 'BIGINT', true, NULL),
      ('in_c_sales', 'orders', 'amount', 3, 'DECIMAL(12,2)', true, NULL)`,
    `INSERT INTO ${
      state("sessions")
    } VALUES (77, 'ws_test_user', 'psql', '127.0.0.1', 40000, now(), NULL, now(), now(), 'active', 'SELECT 1',
      true, 'TLSv1.3', 'TLS_AES_256_GCM_SHA384')`,
    `INSERT INTO ${
      state("settings")
    } VALUES (77, 'search_path', '"$user", public', 'the path', '"$user", public', '"$user", public'),
      (77, 'server_version_num', '160000', 'version', '160000', '160000')`,
    `SET search_path='${testDatabase}.main,project.in_c_sales'`,
    "SET integer_division=true",
    "SET default_null_order='nulls_last_on_asc_first_on_desc'",
    "SET TimeZone='UTC'",
  ];
  for (const statement of setUp) await connection.run(statement);
  let prepared = "";
  const rows = async (sql: string) => {
    await memos.ensure(/^EXECUTE /.test(sql) ? prepared : sql);
    const reader = await connection.runAndReadAll(sql);
    return reader.getRows().map((row) => row.map((value) => value === null ? null : String(value)));
  };
  return {
    rows,
    value: async (sql) => (await rows(sql))[0]?.[0] ?? null,
    run: async (sql) => {
      if (/^PREPARE /.test(sql)) prepared += sql;
      await memos.ensure(sql);
      await connection.run(sql);
      memos.changed();
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
