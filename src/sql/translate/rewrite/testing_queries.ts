/**
 * For tests: statements of PostgreSQL through the whole translation into a DuckDB instance with a workspace database
 * and the objects of the emulated catalog that they name, each with its outcome as a client would see it.
 *
 * In a sample file (`samples/*.sql`) a line is a statement, `--> outcome` below it what PostgreSQL 15 answered, and
 * `--! outcome` what Eider answers where that is another one, with the reason after ` -- `. An outcome is `name type,
 * name type => value | value ; value`, or `error SQLSTATE`. Lines that begin with `#` are comments.
 */
import duckdb from "@duckdb/node-bindings";
import { columnTypeOf } from "../../../engine/encode/column_type.ts";
import { createRowEncoder } from "../../../engine/encode/row_encoder.ts";
import { translateEngineError } from "../../../engine/engine_error.ts";
import { openTestingMemos } from "../../../engine/memo/testing_memos.ts";
import { registerScalarFunction } from "../../../engine/scalar_functions.ts";
import { AppError } from "../../../errors/app_error.ts";
import { MessageWriter } from "../../../pgwire/codec/message_writer.ts";
import { shownColumns } from "../../../pgwire/session/output_types.ts";
import { fieldTypeOf, formatTypeName } from "../../../pgwire/types.ts";
import { baseStatements, javaScriptFunctions, objectsFor } from "../../catalog/install.ts";
import { stateTablePath } from "../../catalog/state.ts";
import type { JavaScriptFunction } from "../../functions/types.ts";
import { loadPolicyParser, parseStatements } from "../../policy/mod.ts";
import { translate, type Translation } from "../mod.ts";

/** Translates one statement; the parser is loaded by `openTestingQueries` or the test itself. */
export function translated(sql: string): Translation {
  const [statement] = parseStatements(sql);
  if (statement === undefined) throw new Error(`no statement: ${sql}`);
  return translate(statement);
}

export interface TestingQueries {
  /** See the module's comment. */
  outcome(sql: string): Promise<string>;
  /** What the last outcome that was an error came from. */
  lastError(): unknown;
  /** Throws when the statement cannot be translated or prepared. */
  prepare(sql: string): Promise<void>;
  close(): void;
}

const database = "workspace_ws_test";

const openingStatements = [
  "SET integer_division=true",
  "SET ieee_floating_point_ops=false",
  "SET default_null_order='nulls_last_on_asc_first_on_desc'",
  "SET TimeZone='UTC'",
  "ATTACH ':memory:' AS __eider",
  ...baseStatements,
  `ATTACH ':memory:' AS ${database}`,
  `INSERT INTO ${stateTablePath("workspace")} VALUES ('${database}', '2026-01-01 00:00:00+00')`,
  `SET search_path='${database}.main'`,
  "CREATE TEMP MACRO current_user() AS 'analyst'",
  "CREATE TEMP MACRO session_user() AS 'analyst'",
  "CREATE TEMP MACRO current_database() AS 'workspace_ws_test'",
  "CREATE TEMP MACRO current_schema() AS 'public'",
  "CREATE TEMP MACRO pg_backend_pid() AS 77",
];

/** In place of the engine's, which asks the session. */
const settingFunction: JavaScriptFunction = {
  kind: "javascript",
  name: "__eider_setting",
  parameters: ["BIGINT", "VARCHAR", "BOOLEAN"],
  returns: "VARCHAR",
  volatile: true,
  call: (_processId: bigint, name: string) => name === "search_path" ? '"$user", public' : null,
};

/** In place of the engine's, which knows the enums of a workspace: here is none. */
const enumFunction: JavaScriptFunction = {
  kind: "javascript",
  name: "__eider_enum_oid",
  parameters: ["VARCHAR"],
  returns: "BIGINT",
  volatile: true,
  call: () => null,
};

export async function openTestingQueries(setUp: readonly string[] = []): Promise<TestingQueries> {
  await loadPolicyParser();
  const instance = await duckdb.open(":memory:");
  const connection = await duckdb.connect(instance);
  for (const definition of [...javaScriptFunctions, settingFunction, enumFunction]) {
    registerScalarFunction(connection, definition);
  }
  const searchPath = (name: string) => name === "search_path" ? '"$user", public' : "";
  const memos = openTestingMemos(connection, { processId: 77, username: "analyst", database, setting: searchPath });
  const present = new Set<string>();
  /** Makes what the text names, as the engine does. */
  const provide = async (text: string) => {
    for (const object of objectsFor(text, present)) {
      await duckdb.query(connection, object.sql);
      present.add(object.key);
    }
  };
  const run = async (text: string) => {
    await provide(text);
    await memos.ensure(text, provide);
    const result = await duckdb.query(connection, text);
    if (!/^\s*(select|with|from|values)\b/i.test(text)) memos.changed();
    return result;
  };
  for (const statement of [...openingStatements, ...setUp]) await run(statement);
  let lastError: unknown = null;
  return {
    async outcome(sql) {
      try {
        const translation = translated(sql);
        let result: duckdb.Result | null = null;
        for (const text of translation.texts) result = await run(text);
        return await describe(result!, translation);
      } catch (error) {
        lastError = error;
        return `error ${sqlstateOf(error)}`;
      }
    },
    lastError: () => lastError,
    async prepare(sql) {
      const text = translated(sql).texts.at(-1)!;
      await provide(text);
      await memos.ensure(text, provide);
      duckdb.destroy_prepare_sync(await duckdb.prepare(connection, text));
    },
    close() {
      duckdb.disconnect_sync(connection);
      duckdb.close_sync(instance);
    },
  };
}

async function describe(result: duckdb.Result, translation: Translation): Promise<string> {
  const count = duckdb.column_count(result);
  const columns = Array.from({ length: count }, (_, at) => ({
    name: duckdb.column_name(result, at),
    type: columnTypeOf(duckdb.column_logical_type(result, at)),
  }));
  const types = shownColumns(columns, translation.outputTypes).map(({ type }) => type);
  const names = types.map((type, at) => {
    const given = translation.outputTypes[at]?.replace(/\(.*/, "");
    return `${duckdb.column_name(result, at)} ${given ?? formatTypeName(fieldTypeOf(type).oid)}`;
  });
  const encoder = createRowEncoder(types, types.map(() => 0), { timeZone: "UTC", extraFloatDigits: 1 });
  const rows: string[] = [];
  for (;;) {
    const chunk = await duckdb.fetch_chunk(result);
    const rowCount = chunk === null ? 0 : duckdb.data_chunk_get_size(chunk);
    if (chunk === null || rowCount === 0) break;
    for (let row = 0; row < rowCount; row++) {
      const writer = new MessageWriter(64);
      encoder.encodeChunk(chunk, row, row + 1, writer);
      rows.push(valuesOf(writer.take()).join(" | "));
    }
  }
  return outcomeText(names, rows);
}

export function outcomeText(names: readonly string[], rows: readonly string[]): string {
  return `${names.join(", ")} => ${rows.join(" ; ")}`.replaceAll("\n", "\\n").trimEnd();
}

/** The values of a DataRow; NULL for null. */
function valuesOf(bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const values: string[] = [];
  let position = 7;
  for (let at = 0; at < view.getInt16(5); at++) {
    const length = view.getInt32(position);
    position += 4;
    if (length < 0) values.push("NULL");
    else {
      values.push(new TextDecoder().decode(bytes.subarray(position, position + length)));
      position += length;
    }
  }
  return values;
}

function sqlstateOf(error: unknown): string {
  if (error instanceof AppError) return error.sqlstate;
  const marked = /eider:(\w{5}):/.exec(String(error));
  return marked?.[1] ?? translateEngineError(error).sqlstate;
}

export interface QuerySample {
  readonly sql: string;
  readonly postgres: string;
  /** Eider's own outcome where it is another one. */
  readonly expected: string;
}

export function readQuerySamples(text: string): readonly QuerySample[] {
  const samples: { sql: string; postgres: string; expected: string }[] = [];
  for (const line of text.split("\n")) {
    const last = samples.at(-1);
    if (line.startsWith("--> ") && last !== undefined) last.postgres = last.expected = line.slice(4).trimEnd();
    else if (line.startsWith("--! ") && last !== undefined) last.expected = line.slice(4).split(" -- ")[0]!.trimEnd();
    else if (line.trim() !== "" && !line.startsWith("#")) samples.push({ sql: line, postgres: "", expected: "" });
  }
  return samples;
}
