import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { WorkspaceEngine } from "../../engine/workspace_engine.ts";
import { loadPolicyParser } from "../../sql/pg_parser.ts";
import { parseStatements } from "../../sql/policy/mod.ts";
import { SessionSettings } from "../../sql/settings.ts";
import { translate } from "../../sql/translate/mod.ts";
import { SessionObjects } from "./session_objects.ts";
import { TableAccess } from "./table_access.ts";
import { Transaction } from "./transaction.ts";

Deno.test("the whole catalog is made in the background only once an open transaction has used some of it", async () => {
  await loadPolicyParser();
  const directory = await Deno.makeTempDir();
  const engine = await WorkspaceEngine.open({
    workspace_id: "ws_a1",
    project_id: "p",
    branch_id: null,
    database: "workspace_ws_a1",
    file_path: join(directory, "ws_a1.duckdb"),
    temp_directory: join(directory, "tmp"),
    temp_bytes_max: 1e9,
    memory_bytes_max: 1e9,
    threads: 2,
    allowed_directories: [],
    result_rows_max: 0,
    result_bytes_max: 0,
    size_bytes_max: 1e9,
    queries_per_minute_max: 0,
    statement_bytes_max: 0,
    query_timeout_ms: 0,
    idle_timeout_ms: 0,
    catalog: { schemas: [], tables: [] },
  }, () => undefined);
  try {
    let asked = 0;
    engine.catalog.installSoon = () => void asked++;
    const connection = await engine.connect();
    const settings = new SessionSettings(
      { database: "workspace_ws_a1", username: "u", projectSchemas: () => [], ownSchemas: () => [] },
      {},
    );
    const transaction = new Transaction({ connection, settings, engine, objects: new SessionObjects(), now: () => 0 });
    const tables = new TableAccess({ engine, connection, settings, backendProcessId: 1 }, transaction, async () => {});
    const use = async (sql: string) => {
      const parsed = parseStatements(sql)[0]!;
      await tables.ensureCatalog(parsed, translate(parsed));
      return [asked, engine.catalog.clock > 0];
    };
    await transaction.begin({ readOnly: false, fixedSnapshot: false });
    deepEqual(await use("SELECT 1"), [0, false]);
    deepEqual(await use("CREATE TABLE t (a int)"), [0, false]);
    await transaction.rollback();
    deepEqual(await use("SELECT quote_ident('x')"), [0, true]);
    await transaction.begin({ readOnly: false, fixedSnapshot: false });
    deepEqual(await use("SELECT quote_ident('x')"), [1, true]);
    await transaction.rollback();
    engine.disconnect(connection);
    equal(asked, 1);
  } finally {
    await engine.close();
    await Deno.remove(directory, { recursive: true });
  }
});
