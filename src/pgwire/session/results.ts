/** What a result must satisfy before and while it is sent, and what is said when it ends. */
import { AppError } from "../../errors/app_error.ts";
import type { EncodeSettings } from "../../engine/encode/create_column_encoder.ts";
import type { SessionSettings } from "../../sql/settings.ts";
import type { EngineColumn, EngineResult } from "../../engine/statement.ts";
import type { LaunchSpec } from "../../ipc/messages.ts";
import type { ParsedStatement } from "../../sql/statement.ts";
import { fieldTypeOf } from "../types.ts";
import type { ColumnTable } from "./column_tables.ts";
import type { Executed, Field, Portal } from "./portal.ts";

export type ResultLimits = Pick<LaunchSpec, "result_rows_max" | "result_bytes_max">;

/** What RowDescription says of the columns; `tables` may be shorter. */
export function fieldsOf(columns: readonly EngineColumn[], tables: readonly ColumnTable[]): readonly Field[] {
  return columns.map((column, index) => {
    const table = tables[index];
    return { name: column.name, type: fieldTypeOf(column.type), ...(table === undefined ? {} : { table }) };
  });
}

/** Throws `program_limit` when the portal has given more than the workspace allows. 0 means no limit. */
export function checkLimits(portal: Portal, limits: ResultLimits): void {
  if (limits.result_rows_max > 0 && portal.rowCount > limits.result_rows_max) {
    throw new AppError(
      "program_limit",
      `result exceeds workspace_max_result_rows: more than ${limits.result_rows_max} rows`,
      {
        hint: "Add LIMIT, use COPY (…) TO STDOUT, or have max_result_rows raised (PATCH of the workspace).",
      },
    );
  }
  if (limits.result_bytes_max > 0 && portal.byteCount > limits.result_bytes_max) {
    throw new AppError(
      "program_limit",
      `result exceeds workspace_max_result_bytes: more than ${limits.result_bytes_max} bytes`,
      {
        hint:
          "Select fewer rows or columns, use COPY (…) TO STDOUT, or have max_result_bytes raised (PATCH of the workspace).",
      },
    );
  }
}

/** A table may have changed since Describe told the client the columns. */
export function requireSameColumns(portal: Portal, columns: readonly EngineColumn[]): void {
  const described = portal.prepared.columns;
  if (described === null) return;
  const same = described.length === columns.length && columns.every((column, index) => {
    const before = described[index];
    return before !== undefined &&
      fieldTypeOf(before.type).oid === fieldTypeOf(column.type).oid;
  });
  if (same) return;
  // JDBC parses the statement again when it reads this routine's name.
  throw new AppError("feature_not_supported", "cached plan must not change result type", {
    object: { routine: "RevalidateCachedQuery" },
  });
}

/** The command tag of a statement that returned no rows. */
export async function tagOf(parsed: ParsedStatement, result: EngineResult): Promise<string> {
  switch (parsed.tag) {
    case "INSERT":
      return `INSERT 0 ${result.changedRowCount}`;
    case "UPDATE":
    case "DELETE":
    case "MERGE":
      return `${parsed.tag} ${result.changedRowCount}`;
    case "SELECT":
      // CREATE TABLE AS and SELECT INTO.
      return `SELECT ${await result.countValue()}`;
    default:
      return parsed.tag;
  }
}

/** The command tag of a statement that returned rows. */
export function rowsTag(verb: string, rowCount: number): string {
  switch (verb) {
    case "INSERT":
      return `INSERT 0 ${rowCount}`;
    case "UPDATE":
    case "DELETE":
    case "MERGE":
      return `${verb} ${rowCount}`;
    case "EXPLAIN":
    case "SHOW":
      return verb;
    default:
      return `SELECT ${rowCount}`;
  }
}

/** How a simple query gets its rows: as text, but those of a BINARY cursor in binary. */
export function simpleFormats(parsed: ParsedStatement, portals: ReadonlyMap<string, Portal>): readonly (0 | 1)[] {
  const { action } = parsed;
  return action.type === "fetch" && portals.get(action.name)?.cursor?.binary === true ? [1] : [];
}

/** For a Describe that cannot be answered: rows will come, and only they tell their types. */
export function unknownColumns(): AppError {
  return new AppError("indeterminate_datatype", "could not determine the columns of the result before its execution", {
    hint: "Give the parameters a type with a cast, such as $1::text.",
  });
}

/** The number in a command tag: rows returned, changed or copied. */
export function rowsOf(executed: Executed): number {
  if (executed.suspended) return 0;
  const match = /(\d+)$/.exec(executed.tag);
  return match === null ? 0 : Number(match[1]);
}

/** How values are written: the session's time zone and digits of floating point numbers. */
export function encodeSettingsOf(settings: SessionSettings): EncodeSettings {
  return {
    timeZone: settings.show("TimeZone"),
    extraFloatDigits: Number(settings.show("extra_float_digits")),
  };
}
