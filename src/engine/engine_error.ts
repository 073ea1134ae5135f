/**
 * Translates DuckDB's errors into the catalogue, once, where the engine ends. With `errors_as_json` on, most messages are a
 * JSON object `{exception_type, exception_message, position?, error_subtype?, type?, name?}`; some carry a text prefix
 * ("Parser Error: ") or none of it, and are read by their prefix.
 */
import { AppError } from "../errors/app_error.ts";
import type { ErrorKind } from "../errors/catalogue.ts";
import { kindOfSqlstate } from "../errors/kind_of_sqlstate.ts";
import { raisedErrorPrefix } from "../sql/functions/types.ts";
import { readConversionError } from "./conversion_error.ts";
import { kindOfKnownMessage } from "./known_messages.ts";
import { inPostgresWords, usefulHint } from "./postgres_words.ts";
import { readLengthLimit } from "../sql/translate/rewrite/statements/mod.ts";

interface EngineErrorFields {
  readonly type: string;
  readonly message: string;
  /** 0-based byte offset into the statement. */
  readonly position: number | undefined;
  readonly subtype: string;
  readonly entryType: string;
  readonly candidates: string;
}

/** The text that a project table's placeholder raises when it is read before its file was attached. */
export const notAttachedMarker = "eider: project table is not attached yet";

/** `originalPosition` leads from a position in `statementText` to the one in the text that the client sent. */
export function translateEngineError(
  error: unknown,
  statementText = "",
  originalPosition: (position: number) => number = (position) => position,
): AppError {
  if (error instanceof AppError) return error;
  const raw = error instanceof Error ? error.message : String(error);
  const fields = readFields(raw);
  const raised = raisedError(fields.message, error);
  if (raised !== null) return raised;
  const cleaned = clean(fields.message);
  const conversion = fields.type === "Conversion" ? readConversionError(cleaned.message) : null;
  const kind = conversion?.kind ?? kindOf(fields, statementText);
  const message = conversion?.message ?? inPostgresWords(cleaned.message, statementText);
  const hint = conversion === null ? usefulHint(cleaned.message, cleaned.hint) : "";
  const position = fields.position === undefined ? undefined : characterPosition(statementText, fields.position);
  return new AppError(kind, message, {
    cause: error,
    ...(hint === "" ? {} : { hint }),
    ...(position === undefined ? {} : { position: originalPosition(position) }),
  });
}

/** What a macro or function of ours raised: `eider:22012:division by zero`, perhaps with DuckDB's words before it. */
function raisedError(message: string, cause: unknown): AppError | null {
  const match = new RegExp(`${raisedErrorPrefix}([0-9A-Z]{5}):([\\s\\S]*)$`).exec(message);
  if (match === null) return null;
  return new AppError(kindOfSqlstate(match[1]!), match[2]!, { cause });
}

/** True when a project table's placeholder was read. */
export function isNotAttached(error: unknown): boolean {
  return error instanceof Error && error.message.includes(notAttachedMarker);
}

/** True when a prepared statement's version file was replaced and detached since. Nothing of the statement has run then. */
export function isDetached(error: unknown): boolean {
  return error instanceof Error &&
    /Prepared statement requires database .* but it was not attached/.test(error.message);
}

/** True for the error that `interrupt()` causes. */
export function isInterrupt(error: unknown): boolean {
  const message = error instanceof Error ? error.message : String(error);
  return /INTERRUPT/.test(message.slice(0, 200)) || /"exception_type":"Interrupt"/i.test(message.slice(0, 200));
}

function readFields(raw: string): EngineErrorFields {
  const start = raw.indexOf("{");
  if (start >= 0 && start < 60 && raw.includes('"exception_type"')) {
    try {
      const json = JSON.parse(raw.slice(start)) as Record<string, string | undefined>;
      return {
        type: json["exception_type"] ?? "",
        message: json["exception_message"] ?? raw,
        position: json["position"] === undefined ? undefined : Number(json["position"]),
        subtype: json["error_subtype"] ?? "",
        entryType: json["type"] ?? "",
        candidates: json["candidates"] ?? "",
      };
    } catch {
      // Not JSON after all: read by prefix below.
    }
  }
  const match = /^([A-Za-z -]+?) Error: ([\s\S]*)$/.exec(raw);
  return {
    type: match?.[1] ?? "",
    message: match?.[2] ?? raw,
    position: undefined,
    subtype: "",
    entryType: "",
    candidates: "",
  };
}

function kindOf(fields: EngineErrorFields, statementText: string): ErrorKind {
  const { type, message, subtype } = fields;
  const known = kindOfKnownMessage(message);
  if (known !== null) return known;
  switch (type) {
    case "Parser":
      return "syntax_error";
    case "Syntax":
      return /^Invalid escape string/i.test(message) ? "invalid_escape_sequence" : "syntax_error";
    case "Catalog":
      return catalogKind(fields);
    case "Binder":
      if (subtype === "COLUMN_NOT_FOUND" || /does not have a column|column .* not found/i.test(message)) {
        return "undefined_column";
      }
      if (/^Ambiguous/i.test(message)) return "ambiguous_column";
      if (/must appear in the GROUP BY/i.test(message)) return "grouping_error";
      if (/No function matches/i.test(message)) return "undefined_function";
      if (/best candidate function/i.test(message)) return "ambiguous_function";
      if (/Referenced table .* not found/i.test(message)) return "undefined_table";
      if (/read-only|read only/i.test(message)) return "read_only";
      if (/duplicate alias|duplicate column/i.test(message)) return "duplicate_column";
      if (/cannot (cast|compare|mix)|type mismatch/i.test(message)) return "datatype_mismatch";
      if (/generated column/i.test(message)) return "generated_always";
      if (/LIMIT\/OFFSET cannot be negative|LIMIT must not be negative/i.test(message)) {
        // DuckDB does not say which of both it is.
        return /\blimit\b/i.test(statementText) ? "invalid_row_count_in_limit" : "invalid_row_count_in_offset";
      }
      if (/OFFSET must not be negative/i.test(message)) return "invalid_row_count_in_offset";
      if (/ORDER term out of range/i.test(message)) return "invalid_column_reference";
      if (/specified columns as conflict target are not referenced/i.test(message)) return "invalid_column_reference";
      if (/Cannot change the type of a column|Conflict target has to be provided/i.test(message)) {
        return "feature_not_supported";
      }
      if (/not (yet )?supported|unsupported/i.test(message)) return "feature_not_supported";
      if (/parameter/i.test(message)) return "undefined_parameter";
      return "syntax_error";
    case "Constraint":
      if (/NOT NULL/i.test(message)) return "not_null_violation";
      if (/foreign key/i.test(message)) return "foreign_key_violation";
      if (/main key table of the table/i.test(message)) return "dependent_objects";
      if (/CHECK constraint/i.test(message)) {
        return isLengthLimit(message) ? "string_data_right_truncation" : "check_violation";
      }
      if (/PRIMARY KEY|UNIQUE|duplicate key/i.test(message)) return "unique_violation";
      return "check_violation";
    case "Conversion":
      if (/out of range|overflow/i.test(message)) {
        return /date|time/i.test(message) ? "datetime_overflow" : "numeric_out_of_range";
      }
      if (/(date|time|timestamp|interval) (field|value)|timestamp field/i.test(message)) {
        return "invalid_datetime_format";
      }
      if (/^(Unimplemented type for cast|Unsupported cast)/i.test(message)) return "cannot_coerce";
      return "invalid_text_representation";
    case "Out of Range":
      if (/square root of a negative/i.test(message)) return "invalid_argument_for_power";
      if (/cannot take logarithm/i.test(message)) return "invalid_argument_for_logarithm";
      return "numeric_out_of_range";
    case "Mismatch Type":
    case "Invalid type":
      return "datatype_mismatch";
    case "Interrupt":
    case "INTERRUPT":
      return "query_canceled";
    case "Out of Memory":
      return "out_of_memory";
    case "TransactionContext":
      if (/duplicate key/i.test(message)) return "unique_violation";
      if (/aborted/i.test(message)) return "failed_transaction";
      if (/conflict/i.test(message)) return "serialization_failure";
      if (/no transaction is active/i.test(message)) return "no_active_transaction";
      return "active_transaction";
    case "Transaction":
      return "serialization_failure";
    case "Dependency":
      return "dependent_objects";
    case "Permission":
      return "insufficient_privilege";
    case "Not implemented":
      return "feature_not_supported";
    case "IO":
      return /no space left|disk full|ENOSPC/i.test(message) ? "disk_full" : "io_error";
    case "Invalid Input":
      if (/attached in read-only mode/i.test(message)) return "read_only";
      if (/More than one row returned by a subquery/i.test(message)) return "cardinality_violation";
      if (/Values were not provided for the following prepared statement parameters/i.test(message)) {
        return "undefined_parameter";
      }
      if (/division by zero/i.test(message)) return "division_by_zero";
      if (/^Argument for ntile/i.test(message)) return "invalid_argument_for_ntile";
      if (/^(missing|unexpected|invalid|bad|no argument for) .*: /.test(message)) return "invalid_regular_expression";
      if (message.includes(notAttachedMarker)) return "io_error";
      return "invalid_parameter_value";
    case "INTERNAL":
    case "Fatal":
    case "FATAL":
      return "internal";
    default:
      return /INTERRUPT/.test(message) ? "query_canceled" : "data_exception";
  }
}

const relationTypes: ReadonlySet<string> = new Set(["Table", "View", "Index", "Sequence"]);

/** Whether the failed CHECK is the limit of a varchar(n) column. */
function isLengthLimit(message: string): boolean {
  const expression = /with expression (CHECK\(.*\))/s.exec(message)?.[1];
  return expression !== undefined && readLengthLimit(expression) !== null;
}

function catalogKind(fields: EngineErrorFields): ErrorKind {
  const { message, entryType } = fields;
  if (/attached in read-only mode/i.test(message)) return "read_only";
  if (/because schema .* does not exist/i.test(message)) return "undefined_table";
  if (/already exists/i.test(message)) {
    if (entryType === "Schema") return "duplicate_schema";
    if (/^Column/i.test(message)) return "duplicate_column";
    return relationTypes.has(entryType) ? "duplicate_table" : "duplicate_object";
  }
  if (/is of type .* trying to|is not an? (table|view)/i.test(message)) return "wrong_object_type";
  if (/unrecognized configuration parameter/i.test(message)) return "unknown_setting";
  if (/Function|Macro/i.test(entryType)) return "undefined_function";
  if (entryType === "Schema" || /^Schema/i.test(message)) return "undefined_schema";
  // A sequence is a relation, and what is missing is one; an index that is missing is an object.
  if (entryType === "Sequence" || entryType === "Table" || entryType === "View") return "undefined_table";
  if (/^(Table|View|Sequence)/i.test(message)) return "undefined_table";
  return "undefined_object";
}

/** The first line is the message; what DuckDB suggests below it becomes the hint. Internal aliases and paths are cut out. */
function clean(text: string): { message: string; hint: string } {
  const withoutAliases = text.replace(/"\/[^"\n]*\/([^"/\n]+)"/g, '"$1"').replace(
    /"?__t\d+_v\d+(?:_\d+)?"?\."?main"?\."?data"?/g,
    "project table",
  )
    .replace(/\n+LINE \d+:[\s\S]*$/, "");
  const [first = "", ...rest] = withoutAliases.split("\n");
  const hint = rest.map((line) => line.trim()).filter((line) => line !== "").slice(0, 6).join(" ");
  return { message: first.trim(), hint };
}

/** A 0-based UTF-8 byte offset as PostgreSQL's 1-based character position. */
function characterPosition(text: string, byteOffset: number): number | undefined {
  const bytes = new TextEncoder().encode(text);
  if (!(byteOffset >= 0 && byteOffset <= bytes.length)) return undefined;
  return [...new TextDecoder().decode(bytes.subarray(0, byteOffset))].length + 1;
}
