/** Options of COPY, from both of PostgreSQL's syntaxes; https://www.postgresql.org/docs/16/sql-copy.html. */
import { AppError } from "../../errors/app_error.ts";
import type { PgNode } from "../pg_parser.ts";
import type { CopyOptions } from "../statement.ts";
import { child, list, stringOf, text } from "./tree_facts.ts";

/** The value of a DefElem as text: a word, string, number or boolean; "" when there is none. */
export function definitionText(definition: PgNode): string {
  const argument = child(definition, "arg");
  if (argument === null) return "";
  const boolean = child(argument, "Boolean");
  if (boolean !== null) return boolean["boolval"] === true ? "true" : "false";
  const integer = child(argument, "Integer");
  if (integer !== null) return String(integer["ival"] ?? 0);
  const float = child(argument, "Float");
  if (float !== null) return text(float, "fval");
  const constant = child(argument, "A_Const");
  if (constant !== null) return constantText(constant);
  return stringOf(argument);
}

/** The value of an A_Const as text; "" for NULL. */
export function constantText(constant: PgNode): string {
  const sval = child(constant, "sval");
  if (sval !== null) return text(sval, "sval");
  const ival = child(constant, "ival");
  if (ival !== null) return String(ival["ival"] ?? 0);
  const fval = child(constant, "fval");
  if (fval !== null) return text(fval, "fval");
  const boolval = child(constant, "boolval");
  if (boolval !== null) return boolval["boolval"] === true ? "true" : "false";
  return "";
}

/** Option by name in lower case. */
type Given = ReadonlyMap<string, PgNode>;

const optionNames: ReadonlySet<string> = new Set(
  "format freeze delimiter null default header quote escape force_quote force_not_null force_null encoding".split(" "),
);

/**
 * Throws PostgreSQL's errors: `syntax_error` for an unknown or repeated option or one without its value, `feature_not_supported` for
 * what the format does not have, `invalid_parameter_value` for a bad value. What only one direction has is for `checkCopyDirection`.
 */
export function readCopyOptions(definitions: readonly PgNode[]): CopyOptions {
  const given = new Map<string, PgNode>();
  for (const item of definitions) {
    const definition = child(item, "DefElem") ?? item;
    const name = text(definition, "defname").toLowerCase();
    if (!optionNames.has(name)) throw new AppError("syntax_error", `option "${name}" not recognized`);
    if (given.has(name)) throw new AppError("syntax_error", "conflicting or redundant options");
    given.set(name, definition);
  }
  const format = textOf(given, "format") ?? "text";
  if (format !== "text" && format !== "csv" && format !== "binary") {
    throw new AppError("invalid_parameter_value", `COPY format "${format}" not recognized`);
  }
  if (given.has("freeze")) booleanOf(given, "freeze");
  if (format === "binary") {
    for (const name of ["delimiter", "null", "default"]) {
      if (given.has(name)) throw new AppError("syntax_error", `cannot specify ${name.toUpperCase()} in BINARY mode`);
    }
  }
  const isCsv = format === "csv";
  const quote = textOf(given, "quote") ?? '"';
  const options: CopyOptions = {
    format,
    delimiter: textOf(given, "delimiter") ?? (isCsv ? "," : "\t"),
    null: textOf(given, "null") ?? (isCsv ? "" : "\\N"),
    header: headerOf(given),
    quote,
    escape: textOf(given, "escape") ?? quote,
    forceQuote: columnsOf(given, "force_quote"),
    forceNotNull: columnsOf(given, "force_not_null"),
    forceNull: columnsOf(given, "force_null"),
    encoding: textOf(given, "encoding"),
    default: textOf(given, "default"),
  };
  checkLineEnds(options);
  if (format === "binary" && options.header !== false) throw unsupported("cannot specify HEADER in BINARY mode");
  checkCsvOptions(options, given);
  checkMarkers(options);
  return options;
}

/** Throws `feature_not_supported` for options that a COPY in this direction does not have. */
export function checkCopyDirection(options: CopyOptions, direction: "from" | "to"): void {
  if (direction === "from") {
    if (options.forceQuote.length > 0) throw unsupported("COPY force quote only available using COPY TO");
    return;
  }
  if (options.forceNotNull.length > 0) throw unsupported("COPY force not null only available using COPY FROM");
  if (options.forceNull.length > 0) throw unsupported("COPY force null only available using COPY FROM");
  if (options.header === "match") throw unsupported('cannot use "match" with HEADER in COPY TO');
  if (options.default !== null) throw unsupported("COPY DEFAULT only available using COPY FROM");
}

function unsupported(detail: string): AppError {
  return new AppError("feature_not_supported", detail);
}

/** null when the option is not given. */
function textOf(given: Given, name: string): string | null {
  const definition = given.get(name);
  if (definition === undefined) return null;
  if (child(definition, "arg") === null) throw new AppError("syntax_error", `${name} requires a parameter`);
  return definitionText(definition);
}

function headerOf(given: Given): CopyOptions["header"] {
  const definition = given.get("header");
  if (definition === undefined) return false;
  const isMatch = child(child(definition, "arg") ?? {}, "String") !== null &&
    definitionText(definition).toLowerCase() === "match";
  return isMatch ? "match" : booleanOf(given, "header", ' or "match"');
}

function booleanOf(given: Given, name: string, orElse = ""): boolean {
  const definition = given.get(name)!;
  if (child(definition, "arg") === null) return true;
  switch (definitionText(definition).toLowerCase()) {
    case "true":
    case "on":
    case "1":
      return true;
    case "false":
    case "off":
    case "0":
      return false;
    default:
      throw new AppError("syntax_error", `${name} requires a Boolean value${orElse}`);
  }
}

/** Names of columns; `*` means all of them, for FORCE_NULL and FORCE_NOT_NULL as in PostgreSQL 17. */
function columnsOf(given: Given, name: string): readonly string[] | "all" {
  const definition = given.get(name);
  if (definition === undefined) return [];
  const argument = child(definition, "arg");
  if (argument !== null && child(argument, "A_Star") !== null) return "all";
  const items = argument === null ? null : child(argument, "List");
  if (items === null) {
    throw new AppError("invalid_parameter_value", `argument to option "${name}" must be a list of column names`);
  }
  return list(items, "items").map(stringOf);
}

function isOneByte(value: string): boolean {
  return value.length === 1 && value.charCodeAt(0) < 0x80;
}

function checkLineEnds(options: CopyOptions): void {
  if (!isOneByte(options.delimiter)) throw unsupported("COPY delimiter must be a single one-byte character");
  const lineEnd = /[\r\n]/;
  if (lineEnd.test(options.delimiter)) {
    throw new AppError("invalid_parameter_value", "COPY delimiter cannot be newline or carriage return");
  }
  for (const [what, value] of [["null", options.null], ["default", options.default ?? ""]] as const) {
    if (lineEnd.test(value)) {
      throw new AppError(
        "invalid_parameter_value",
        `COPY ${what} representation cannot use newline or carriage return`,
      );
    }
  }
  if (options.format !== "csv" && /[\\.a-z0-9]/.test(options.delimiter)) {
    throw new AppError("invalid_parameter_value", `COPY delimiter cannot be "${options.delimiter}"`);
  }
}

function checkCsvOptions(options: CopyOptions, given: Given): void {
  const isCsv = options.format === "csv";
  for (const name of ["quote", "escape"] as const) {
    if (!isCsv && given.has(name)) throw unsupported(`COPY ${name} available only in CSV mode`);
    if (isCsv && !isOneByte(options[name])) throw unsupported(`COPY ${name} must be a single one-byte character`);
    if (isCsv && name === "quote" && options.delimiter === options.quote) {
      throw new AppError("invalid_parameter_value", "COPY delimiter and quote must be different");
    }
  }
  for (const name of ["force_quote", "force_not_null", "force_null"]) {
    if (!isCsv && given.has(name)) throw unsupported(`COPY ${name.replaceAll("_", " ")} available only in CSV mode`);
  }
}

/** The texts that stand for NULL and for a default must be told from delimiters, quotes and each other. */
function checkMarkers(options: CopyOptions): void {
  for (const [what, value] of [["NULL", options.null], ["DEFAULT", options.default ?? ""]] as const) {
    if (value.includes(options.delimiter)) {
      throw unsupported(`COPY delimiter must not appear in the ${what} specification`);
    }
    if (options.format === "csv" && value.includes(options.quote)) {
      throw unsupported(`CSV quote character must not appear in the ${what} specification`);
    }
  }
  if (options.default === options.null) {
    throw unsupported("NULL specification and DEFAULT specification cannot be the same");
  }
}
