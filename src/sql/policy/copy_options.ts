/** Options of COPY, from both of PostgreSQL's syntaxes; https://www.postgresql.org/docs/16/sql-copy.html. */
import { AppError } from "../../errors/app_error.ts";
import type { PgNode } from "../pg_parser.ts";
import type { CopyOptions } from "../statement.ts";
import { child, list, stringOf, text } from "./tree_facts.ts";

const booleanWords: Readonly<Record<string, boolean>> = {
  true: true,
  on: true,
  "1": true,
  yes: true,
  false: false,
  off: false,
  "0": false,
  no: false,
};

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

function booleanOf(name: string, definition: PgNode): boolean {
  const value = definitionText(definition).toLowerCase();
  if (value === "") return true;
  const boolean = booleanWords[value];
  if (boolean === undefined) throw new AppError("syntax_error", `COPY: ${name} requires a Boolean value: ${value}`);
  return boolean;
}

function columnsOf(definition: PgNode): readonly string[] | "all" {
  const argument = child(definition, "arg");
  if (argument === null || child(argument, "A_Star") !== null) return "all";
  const items = child(argument, "List");
  return items === null ? [stringOf(argument)] : list(items, "items").map(stringOf);
}

function oneCharacter(name: string, value: string): string {
  if (value.length !== 1 || value === "\n" || value === "\r") {
    throw new AppError("invalid_parameter_value", `COPY ${name} must be a single one-byte character: "${value}"`);
  }
  return value;
}

/**
 * Throws `syntax_error` for an unknown or repeated option, `feature_not_supported` for a format or option that a
 * workspace does not have, `invalid_parameter_value` for a bad value.
 */
export function readCopyOptions(definitions: readonly PgNode[]): CopyOptions {
  const given = new Map<string, PgNode>();
  for (const item of definitions) {
    const definition = child(item, "DefElem") ?? item;
    const name = text(definition, "defname").toLowerCase();
    if (given.has(name)) throw new AppError("syntax_error", `COPY: conflicting or redundant option "${name}"`);
    given.set(name, definition);
  }
  const known =
    "format delimiter null header quote escape force_quote force_not_null force_null encoding default freeze";
  for (const name of given.keys()) {
    if (!known.split(" ").includes(name)) {
      throw new AppError("feature_not_supported", `COPY option "${name}" is not supported: accepted are ${known}`);
    }
  }
  const textOf = (name: string) => {
    const definition = given.get(name);
    return definition === undefined ? null : definitionText(definition);
  };
  const format = (textOf("format") ?? "text").toLowerCase();
  if (format !== "text" && format !== "csv" && format !== "binary") {
    throw new AppError(
      "feature_not_supported",
      `COPY format "${format}" is not supported: accepted are text, csv, binary`,
    );
  }
  const columns = (name: string) => {
    const definition = given.get(name);
    return definition === undefined ? [] : columnsOf(definition);
  };
  const quote = oneCharacter("quote", textOf("quote") ?? '"');
  const header = given.get("header");
  return {
    format,
    delimiter: oneCharacter("delimiter", textOf("delimiter") ?? (format === "csv" ? "," : "\t")),
    null: textOf("null") ?? (format === "csv" ? "" : "\\N"),
    header: header === undefined
      ? false
      : definitionText(header).toLowerCase() === "match"
      ? "match"
      : booleanOf("header", header),
    quote,
    escape: oneCharacter("escape", textOf("escape") ?? quote),
    forceQuote: columns("force_quote"),
    forceNotNull: columns("force_not_null"),
    forceNull: columns("force_null"),
    encoding: textOf("encoding"),
    default: textOf("default"),
  };
}
