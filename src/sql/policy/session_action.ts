/** What SET, BEGIN, FETCH and the other session commands of PostgreSQL's grammar ask for, as plain data. */
import { AppError } from "../../errors/app_error.ts";
import type { PgNode } from "../pg_parser.ts";
import type { IsolationLevel, StatementAction, TransactionModes } from "../statement.ts";
import { constantText, definitionText } from "./copy_options.ts";
import { child, list, text } from "./tree_facts.ts";
import { zoneOfInterval } from "../fixed_offset.ts";

const isolationLevels: readonly string[] = ["read uncommitted", "read committed", "repeatable read", "serializable"];

export function transactionModes(definitions: readonly PgNode[]): TransactionModes {
  let [readOnly, deferrable]: (boolean | null)[] = [null, null];
  let isolation: IsolationLevel | null = null;
  for (const item of definitions) {
    const definition = child(item, "DefElem") ?? {};
    const value = definitionText(definition).toLowerCase();
    const name = text(definition, "defname");
    if (name === "transaction_read_only") readOnly = value === "1" || value === "true";
    else if (name === "transaction_deferrable") deferrable = value === "1" || value === "true";
    else if (name === "transaction_isolation" && isolationLevels.includes(value)) isolation = value as IsolationLevel;
  }
  return { readOnly: readOnly ?? null, isolation, deferrable: deferrable ?? null };
}

export interface Described {
  readonly tag: string;
  readonly action: StatementAction;
}

/** TransactionStmt; throws `feature_not_supported` for two-phase commit. */
export function describeTransaction(node: PgNode): Described {
  const name = text(node, "savepoint_name");
  const chain = node["chain"] === true;
  const kind = text(node, "kind").replace("TRANS_STMT_", "");
  switch (kind) {
    case "BEGIN":
    case "START":
      return {
        tag: kind === "BEGIN" ? "BEGIN" : "START TRANSACTION",
        action: { type: "begin", ...transactionModes(list(node, "options")) },
      };
    case "COMMIT":
      return { tag: "COMMIT", action: { type: "commit", chain } };
    case "ROLLBACK":
      return { tag: "ROLLBACK", action: { type: "rollback", chain } };
    case "SAVEPOINT":
      return { tag: "SAVEPOINT", action: { type: "savepoint", name } };
    case "RELEASE":
      return { tag: "RELEASE", action: { type: "release_savepoint", name } };
    case "ROLLBACK_TO":
      return { tag: "ROLLBACK", action: { type: "rollback_to_savepoint", name } };
    default:
      throw new AppError("feature_not_supported", "two-phase commit is not supported: PREPARE TRANSACTION");
  }
}

/** DuckDB's name for the search path is taken as PostgreSQL's. */
function settingName(name: string): string {
  return name.toLowerCase() === "schema" ? "search_path" : name;
}

/** VariableSetStmt: SET, RESET and their special forms. */
export function describeSet(node: PgNode): Described {
  const name = settingName(text(node, "name"));
  const kind = text(node, "kind");
  const local = node["is_local"] === true;
  if (kind === "VAR_RESET_ALL") return { tag: "RESET", action: { type: "reset", name: null } };
  if (kind === "VAR_RESET") return { tag: "RESET", action: { type: "reset", name } };
  if (kind === "VAR_SET_MULTI") {
    if (name !== "TRANSACTION" && name !== "SESSION CHARACTERISTICS") {
      throw new AppError("feature_not_supported", `SET ${name} is not supported`);
    }
    const modes = transactionModes(list(node, "args"));
    return { tag: "SET", action: { type: "set_transaction", session: name !== "TRANSACTION", ...modes } };
  }
  if (kind === "VAR_SET_CURRENT") throw new AppError("feature_not_supported", "SET … FROM CURRENT is not supported");
  const isDefault = kind === "VAR_SET_DEFAULT";
  const values = isDefault ? [] : list(node, "args").map((value) => settingValue(name, value));
  return { tag: "SET", action: { type: "set", name, values, local, isDefault } };
}

/** The only value that is no constant: SET TIME ZONE INTERVAL '+02:00' HOUR TO MINUTE. */
function settingValue(name: string, argument: PgNode): string {
  const interval = child(child(child(argument, "TypeCast") ?? {}, "arg") ?? {}, "A_Const");
  if (interval !== null) {
    const text = constantText(interval);
    return name.toLowerCase() === "timezone" ? zoneOfInterval(text) ?? text : text;
  }
  const constant = child(argument, "A_Const");
  return constant === null ? "" : constantText(constant);
}

/** `howMany` of FETCH ALL in libpg-query's tree. */
const fetchAll = 2_147_483_647;

export function describeFetch(node: PgNode): Described {
  const isMove = node["ismove"] === true;
  const direction = text(node, "direction").replace("FETCH_", "").toLowerCase() as
    | "forward"
    | "backward"
    | "absolute"
    | "relative";
  const howMany = Number(node["howMany"] ?? 0);
  const counted = direction === "forward" || direction === "backward";
  const reversed = counted && howMany < 0;
  const count = counted && Math.abs(howMany) >= fetchAll ? "all" : reversed ? -howMany : howMany;
  return {
    tag: isMove ? "MOVE" : "FETCH",
    action: {
      type: isMove ? "move" : "fetch",
      name: text(node, "portalname"),
      direction: reversed ? (direction === "forward" ? "backward" : "forward") : direction,
      count,
    },
  };
}

export function describeDiscard(node: PgNode): Described {
  const what = text(node, "target").replace("DISCARD_", "").toLowerCase() as "all" | "plans" | "sequences" | "temp";
  return { tag: `DISCARD ${what.toUpperCase()}`, action: { type: "discard", what } };
}
