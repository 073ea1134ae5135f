/**
 * Options of CREATE SEQUENCE and of identity columns. DuckDB has START, INCREMENT, MINVALUE, MAXVALUE and CYCLE; `AS
 * type` becomes a bound, CACHE only makes PostgreSQL faster, OWNED BY is a statement of its own.
 */
import { AppError } from "../../../../errors/app_error.ts";
import { bodyOf, child, list, type PgNode, stringOf, stringsOf, text } from "../tree.ts";
import { refuse } from "./result.ts";

export interface SequenceOptions {
  /** The same array when DuckDB has all of them. */
  readonly options: readonly PgNode[];
  /**
   * `[schema, table, column]` of OWNED BY, without schema when there is none; null without OWNED BY and for OWNED BY
   * NONE.
   */
  readonly ownedBy: readonly string[] | null;
  /** Of an identity column's SEQUENCE NAME. */
  readonly name: readonly string[] | null;
}

const typeBounds: Readonly<Record<string, readonly [least: string, most: string]>> = {
  int2: ["-32768", "32767"],
  smallint: ["-32768", "32767"],
  int4: ["-2147483648", "2147483647"],
  integer: ["-2147483648", "2147483647"],
  int8: ["", ""],
  bigint: ["", ""],
};

export function optionName(option: PgNode): string {
  return text(bodyOf(option, "DefElem"), "defname");
}

export function optionValue(option: PgNode): PgNode | null {
  return child(bodyOf(option, "DefElem"), "arg");
}

/** The number of an option's `Integer` or `Float` node as text, else null. */
export function optionNumber(option: PgNode | undefined): string | null {
  if (option === undefined) return null;
  const value = optionValue(option);
  const integer = bodyOf(value, "Integer");
  if (integer !== null) return String(integer["ival"] ?? 0);
  const float = bodyOf(value, "Float");
  return float === null ? null : text(float, "fval");
}

export function defElem(name: string, value: PgNode | null): PgNode {
  return { DefElem: { defname: name, ...(value === null ? {} : { arg: value }), defaction: "DEFELEM_UNSPEC" } };
}

/** Large numbers are `Float` nodes, as PostgreSQL's parser gives them. */
export function numberNode(digits: string): PgNode {
  const value = Number(digits);
  return Math.abs(value) <= 2147483647 ? { Integer: { ival: value } } : { Float: { fval: digits } };
}

/** `columnType` is that of the identity column, null for CREATE SEQUENCE, which may name a type itself. */
export function sequenceOptions(all: readonly PgNode[], columnType: string | null = null): SequenceOptions {
  const kept: PgNode[] = [];
  let typeName = columnType;
  let ownedBy: readonly string[] | null = null;
  let name: readonly string[] | null = null;
  for (const option of all) {
    const value = optionValue(option);
    switch (optionName(option)) {
      case "as":
        typeName = typeOfOption(value);
        break;
      case "owned_by": {
        const parts = list(bodyOf(value, "List"), "items").map(stringOf);
        ownedBy = parts.length === 1 ? null : parts;
        break;
      }
      case "sequence_name":
        name = list(bodyOf(value, "List"), "items").map(stringOf);
        break;
      case "cache":
      case "logged":
        break;
      case "restart":
        return refuse("CREATE SEQUENCE … RESTART is not supported", "Write START WITH.");
      default:
        kept.push(option);
    }
  }
  const bounded = typeName === null ? kept : withTypeBound(kept, typeName);
  return { options: bounded.length === all.length && bounded === kept ? all : bounded, ownedBy, name };
}

function typeOfOption(value: PgNode | null): string {
  const name = stringsOf(bodyOf(value, "TypeName"), "names").at(-1) ?? "";
  if (typeBounds[name] === undefined) {
    throw new AppError("invalid_parameter_value", "sequence type must be smallint, integer, or bigint");
  }
  return name;
}

/** An ascending sequence ends at its type's largest value, a descending one at its smallest. */
function withTypeBound(options: readonly PgNode[], typeName: string): readonly PgNode[] {
  const [least, most] = typeBounds[typeName] ?? ["", ""];
  const increment = optionNumber(options.find((option) => optionName(option) === "increment")) ?? "1";
  const [field, bound] = increment.startsWith("-") ? ["minvalue", least] : ["maxvalue", most];
  if (bound === "") return options;
  const others = options.filter((option) => optionName(option) !== field || optionValue(option) !== null);
  if (others.some((option) => optionName(option) === field)) return options;
  return [...others, defElem(field, numberNode(bound))];
}
