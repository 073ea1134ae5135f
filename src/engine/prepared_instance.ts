/**
 * An instance of DuckDB with the emulated catalog, before it is known whose workspace it will be: what a spare process makes while nobody waits for it.
 *
 * The first question of a session about the catalog took 0.8 s of processor time: views and macros are made, lists of PostgreSQL's own objects read, and
 * all the code runs for the first time. `prepareInstance` asks the usual questions of an empty workspace, so that all of that has happened.
 */
import duckdb, { type Database } from "@duckdb/node-bindings";
import { loadPolicyParser, parseStatements } from "../sql/policy/mod.ts";
import { translate } from "../sql/translate/mod.ts";
import { CatalogEmulation } from "./catalog_emulation.ts";
import { rows, run } from "./duckdb.ts";
import { fixedSettings } from "./opening.ts";
import { identify } from "./session_identity.ts";
import usualQuestions from "./usual_questions.sql" with { type: "text" };

export interface PreparedInstance {
  readonly instance: Database;
  readonly catalog: CatalogEmulation;
}

/** Until a workspace says what it may have. */
const memoryLimit = "100MB";

export async function openInstance(): Promise<PreparedInstance> {
  const config = duckdb.create_config();
  duckdb.set_config(config, "memory_limit", memoryLimit);
  duckdb.set_config(config, "threads", "1");
  const instance = await duckdb.open(":memory:", config);
  const control = await duckdb.connect(instance);
  await run(control, fixedSettings);
  duckdb.disconnect_sync(control);
  return { instance, catalog: await CatalogEmulation.open(instance) };
}

/** No session has these. */
const [processId, username, database] = [0, "", ""];

/** Stops between two questions when `wanted` says no; what is made by then can be used. */
export async function prepareInstance(wanted: () => boolean): Promise<PreparedInstance> {
  const prepared = await openInstance();
  if (!wanted()) return prepared;
  const { instance, catalog } = prepared;
  await loadPolicyParser();
  const connection = await duckdb.connect(instance);
  try {
    await identify(connection, { username, database, backendProcessId: processId, version: "" });
    for (const statement of parseStatements(usualQuestions)) {
      if (!wanted()) break;
      const translation = translate(statement);
      const [text] = translation.texts;
      await catalog.install(text);
      await catalog.refresh(translation, processId);
      await catalog.ensureMemos(text, { processId, connection, ownState: null });
      await rows(connection, text);
    }
  } finally {
    catalog.memos.forget(processId);
    await catalog.memos.forgetUser(username);
    duckdb.disconnect_sync(connection);
  }
  return prepared;
}
