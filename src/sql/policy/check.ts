/** The decision: may this session run this statement. Pure; costs a few set look-ups. */
import { AppError } from "../../errors/app_error.ts";
import type { FunctionUse, ParsedStatement } from "../statement.ts";
import { forbiddenFunctionReason, hiddenSetting } from "./functions.ts";
import { checkChange, checkRead, isInternalDatabase, type PolicyContext } from "./relations.ts";
import { isServerSetting } from "./server_settings.ts";

/**
 * Throws `insufficient_privilege` (42501) for what reaches outside the workspace, `read_only` (25006) for a change of
 * the project's data, `feature_not_supported` for what DuckDB cannot do.
 */
export function checkStatement(statement: ParsedStatement, context: PolicyContext): void {
  const { denials, functions, reads, changes } = statement.facts;
  const denial = denials[0];
  if (denial !== undefined) {
    throw new AppError(denial.kind, denial.detail, {
      ...(denial.hint === undefined ? {} : { hint: denial.hint }),
      ...(denial.position === undefined ? {} : { position: denial.position }),
    });
  }
  for (const use of functions) checkFunction(use);
  for (const change of changes) checkChange(change, context);
  // What DuckDB's dialect names is DuckDB's own.
  const { emulatedRelations: _emulated, ...withoutEmulation } = context;
  const readContext = statement.dialect === "postgresql" ? context : withoutEmulation;
  for (const read of reads) checkRead(read, readContext);
  const { action } = statement;
  switch (action.type) {
    case "set":
      checkSetting(action.name);
      if (action.name.toLowerCase() === "search_path") checkSearchPath(action.values, context);
      break;
    case "reset":
      if (action.name !== null) checkSetting(action.name);
      break;
    case "lock":
      for (const relation of action.relations) checkRead(relation, context);
      break;
    case "prepare":
    case "declare_cursor":
    case "copy_to_stdout":
      checkStatement(action.statement, context);
      break;
  }
}

function checkFunction(use: FunctionUse): void {
  const reason = forbiddenFunctionReason(use.name, use.position);
  if (reason !== null) {
    throw new AppError("insufficient_privilege", `permission denied for function ${use.name}: it ${reason}`);
  }
  if (use.name !== "current_setting") return;
  if (use.literal === null) {
    throw new AppError(
      "insufficient_privilege",
      "permission denied for function current_setting: its argument must be one string",
    );
  }
  if (hiddenSetting(use.literal)) {
    throw new AppError("insufficient_privilege", `permission denied to examine "${use.literal}"`);
  }
}

function checkSetting(name: string): void {
  if (!isServerSetting(name)) return;
  throw new AppError("insufficient_privilege", `permission denied to set parameter "${name}"`);
}

/** Entries may name a schema, or a schema of the workspace's own database or of `project`; see SessionSettings. */
function checkSearchPath(values: readonly string[], context: PolicyContext): void {
  const own = context.database.toLowerCase();
  for (const entry of values.flatMap((value) => value.split(","))) {
    const parts = entry.trim().replaceAll('"', "").toLowerCase().split(".");
    const first = parts[0]!;
    const foreign = parts.length > 1
      ? first !== own && !(first === "project" && context.projectSchemas.has(parts[1]!))
      : first !== own && (isInternalDatabase(first) || /^workspace_ws_/.test(first) || databaseNames.has(first));
    if (foreign || parts.length > 2) {
      throw new AppError("insufficient_privilege", `permission denied for database "${first}"`, {
        hint: `A workspace works in its own database: ${context.database}.`,
      });
    }
  }
}

const databaseNames: ReadonlySet<string> = new Set(["memory", "system", "temp", "project"]);
