/**
 * Casts. What PostgreSQL does to a value because of the type's modifiers (the length of a varchar, the fields of an interval)
 * is spelled out, since DuckDB's types have none of them.
 */
import { expression } from "./brackets.ts";
import { bitsOf, bitText } from "./constants.ts";
import { literalText } from "./identifiers.ts";
import {
  bodyOf,
  constantText,
  isNullConstant,
  type Node,
  refuse,
  refuseOtherFields,
  type TypeCast,
  type TypeName,
} from "./tree.ts";
import { systemTypeName, typeFields, typeModifiers } from "./types.ts";
import type { NodePrinters, Writer } from "./writer.ts";

/** Bits of an interval's first modifier: the fields from the first to the last one named, or all. */
const field = { month: 1 << 1, year: 1 << 2, day: 1 << 3, hour: 1 << 10, minute: 1 << 11, second: 1 << 12 } as const;
const allFields = 0x7fff;

/** How the text of an interval constant is read when it names fields: what it must look like, and the same for DuckDB. */
const intervalTexts: ReadonlyMap<number, readonly [RegExp, string]> = new Map<number, readonly [RegExp, string]>([
  [field.year, [/^([+-]?\d+)(?: *years?)?$/i, "$1 year"]],
  [field.month, [/^([+-]?\d+)(?: *mon(?:th)?s?)?$/i, "$1 month"]],
  [field.day, [/^([+-]?\d+)(?: *days?)?$/i, "$1 day"]],
  [field.hour, [/^([+-]?\d+)(?: *hours?)?$/i, "$1 hour"]],
  [field.minute, [/^([+-]?\d+)(?: *min(?:ute)?s?)?$/i, "$1 minute"]],
  [field.second, [/^([+-]?\d+(?:\.\d+)?)(?: *sec(?:ond)?s?)?$/i, "$1 second"]],
  [field.year | field.month, [/^(\d+)-(\d+)$/, "$1 years $2 months"]],
  [field.day | field.hour, [/^(\d+) (\d+)$/, "$1 days $2 hours"]],
  [field.day | field.hour | field.minute, [/^(\d+) (\d+:\d+)$/, "$1 days $2:00"]],
  [field.day | field.hour | field.minute | field.second, [/^(\d+) (\d+:\d+:\d+(?:\.\d+)?)$/, "$1 days $2"]],
  [field.hour | field.minute, [/^(\d+:\d+)$/, "$1:00"]],
  [field.hour | field.minute | field.second, [/^(\d+:\d+:\d+(?:\.\d+)?)$/, "$1"]],
  [field.minute | field.second, [/^(\d+:\d+(?:\.\d+)?)$/, "00:$1"]],
]);

/** An interval constant with fields, as one without; the seconds' precision is dropped. */
function intervalConstant(text: string, fields: number): string {
  if (fields === allFields) return text;
  const [pattern, replacement] = intervalTexts.get(fields) ?? refuse("an interval with these fields");
  if (!pattern.test(text.trim())) refuse(`interval '${text}' with fields`);
  return text.trim().replace(pattern, replacement);
}

function plainCast(out: Writer, value: Node | undefined, type: TypeName): void {
  out.write("CAST(");
  expression(out, value);
  out.write(" AS ");
  out.body("TypeName", type);
  out.write(")");
}

function intervalCast(out: Writer, cast: TypeCast, type: TypeName, fields: number): void {
  const text = constantText(cast.arg);
  if (text === null && !isNullConstant(cast.arg)) {
    if (fields !== allFields) refuse("a cast to an interval with fields");
    return plainCast(out, cast.arg, type);
  }
  out.write(`CAST(${text === null ? "NULL" : literalText(intervalConstant(text, fields))} AS INTERVAL)`);
}

/** A cast to varchar(n) cuts the text; one to char(n) too, and its trailing spaces never count. */
function textCast(out: Writer, cast: TypeCast, type: TypeName, length: number): void {
  if (isNullConstant(cast.arg)) return plainCast(out, cast.arg, type);
  const text = constantText(cast.arg);
  if (text !== null) return out.write(`CAST(${literalText([...text].slice(0, length).join(""))} AS VARCHAR)`);
  out.write("left(");
  plainCast(out, cast.arg, type);
  out.write(`, ${length})`);
}

/** A cast to bit(n) or varbit(n) cuts a bit string, and bit(n) fills it with zeros; what it does to numbers is its own matter. */
function bitCast(out: Writer, cast: TypeCast, type: TypeName, length: number, fills: boolean): void {
  if (isNullConstant(cast.arg)) return plainCast(out, cast.arg, type);
  const bitString = bodyOf(cast.arg, "A_Const")?.bsval?.bsval;
  const bits = bitString === undefined ? constantText(cast.arg) : bitsOf(bitString);
  if (bits === null) refuse("a cast to bit(n) of a value that is not written out");
  out.write(bitText(bits.slice(0, length).padEnd(fills ? length : 0, "0")));
}

/** Fractional digits of a timestamp that `date_trunc` can give, with what rounds to them. */
const roundings: ReadonlyMap<number, readonly [unit: string, half: string]> = new Map([
  [0, ["second", "500 milliseconds"]],
  [3, ["millisecond", "500 microseconds"]],
]);

/** Prints a timestamp rounded to that many fractional digits; other numbers than 0 and 3 leave all six. */
export function roundedTimestamp(out: Writer, digits: number | null, print: () => void): void {
  const rounding = digits === null ? undefined : roundings.get(digits);
  if (rounding === undefined) return print();
  out.translates();
  out.write(`date_trunc('${rounding[0]}', `);
  print();
  out.write(` + CAST('${rounding[1]}' AS INTERVAL))`);
}

function printCast(out: Writer, cast: TypeCast): void {
  const type = cast.typeName ?? refuse("a cast without a type");
  // PostgreSQL's errors about the value of a literal point at the literal
  const constant = bodyOf(cast.arg, "A_Const");
  out.place(constant === null ? cast.location : constant.location);
  refuseOtherFields(type, typeFields);
  const modifiers = type.arrayBounds === undefined ? typeModifiers(type) : [];
  const [first] = modifiers;
  if (first === undefined) return plainCast(out, cast.arg, type);
  if (systemTypeName(type) !== "numeric") out.translates();
  switch (systemTypeName(type)) {
    case "interval":
      return intervalCast(out, cast, type, first);
    case "varchar":
    case "bpchar":
      return textCast(out, cast, type, first);
    case "bit":
      return bitCast(out, cast, type, first, true);
    case "varbit":
      return bitCast(out, cast, type, first, false);
    case "timestamp":
    case "timestamptz":
      return roundedTimestamp(out, first, () => plainCast(out, cast.arg, type));
    default:
      return plainCast(out, cast.arg, type);
  }
}

export const castPrinters = {
  TypeCast: { fields: ["arg", "typeName"], print: printCast },
} satisfies NodePrinters;
