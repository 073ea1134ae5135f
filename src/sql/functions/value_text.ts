/**
 * PostgreSQL's text of a value, made from DuckDB's text of it and the name of its DuckDB type. They differ for floating-point
 * numbers (`1.0`, `1e16`), intervals, bytes, dates before Christ, `numeric` without precision and lists.
 *
 * Assumes how DuckDB 1.5 writes a list: `[1, NULL, 'a b']`, with quotes and backslashes where a text needs them.
 */
import { quotientTypeName } from "../quotient_type.ts";
import { AppError } from "../../errors/app_error.ts";

/** `type` is DuckDB's `typeof`. A boolean stays `true`; inside a list it is `t`, as PostgreSQL's output function has it. */
export function postgresText(text: string, type: string): string {
  if (type.endsWith("]")) return arrayText(parseListText(text, type));
  switch (type) {
    case "DOUBLE":
      return floatText(text, 15);
    case "FLOAT":
      return floatText(text, 6);
    case "INTERVAL":
      return intervalText(text);
    case "BLOB":
      return bytesText(text);
    case "DECIMAL(38,10)":
    case quotientTypeName:
      return text.replace(/\.?0+$/, "");
    default:
      return beforeChristLast(text, type);
  }
}

/** A list whose innermost elements are shown as JSON, by its JSON text, or such a value itself; `type` says how deep it is. */
export function jsonListText(json: string, type: string): string | null {
  const depth = /(?:\[\d*\])*$/.exec(type)![0].split("[").length - 1;
  const list = (value: unknown, level: number): TextList =>
    (value as unknown[]).map((element) =>
      element === null ? null : level > 1 ? list(element, level - 1) : JSON.stringify(element)
    );
  if (json === "null") return null;
  return depth === 0 ? json : arrayText(list(JSON.parse(json), depth));
}

/** A list, its elements as PostgreSQL's text; null is NULL. */
export type TextList = readonly (string | null | TextList)[];

/** Takes DuckDB's text of a list apart; `type` is the list's, such as `INTEGER[][]`. */
export function parseListText(text: string, type: string): TextList {
  const elementType = type.replace(/\[\d*\]$/, "");
  const nested = elementType.endsWith("]");
  const elements: (string | null | TextList)[] = [];
  let position = 1;
  while (position < text.length - 1) {
    const end = elementEnd(text, position);
    const source = text.slice(position, end);
    position = end + 2;
    if (source === "NULL") elements.push(null);
    else if (nested) elements.push(parseListText(source, elementType));
    else elements.push(outputText(postgresText(unquoted(source), elementType), elementType));
  }
  return elements;
}

/** What PostgreSQL's output function writes: as the cast to text, but `t` and `f`. */
export function outputText(text: string, type: string): string {
  return type === "BOOLEAN" ? text.slice(0, 1) : text;
}

/** Where the element that begins at `start` ends: at a comma or the closing bracket of its own level. */
function elementEnd(text: string, start: number): number {
  let depth = 0;
  let inQuotes = false;
  for (let position = start; position < text.length; position++) {
    const character = text[position];
    if (inQuotes) {
      if (character === "\\") position++;
      else if (character === "'") inQuotes = false;
    } else if (character === "'" && (position === start || "[ ".includes(text[position - 1]!))) inQuotes = true;
    else if (character === "[") depth++;
    else if (character === "]" && depth-- === 0) return position;
    else if (character === "," && depth === 0 && text[position + 1] === " ") return position;
  }
  throw new AppError("internal", "the text of a list does not end");
}

function unquoted(source: string): string {
  return source.startsWith("'") ? source.slice(1, -1).replace(/\\([\s\S])/g, "$1") : source;
}

/** `{1,NULL,"a b",{2}}` (PostgreSQL documentation, "Array Input and Output Syntax"). */
export function arrayText(elements: TextList): string {
  const shown = elements.map((element) =>
    element === null ? "NULL" : typeof element === "string" ? quotedElement(element) : arrayText(element)
  );
  return `{${shown.join(",")}}`;
}

function quotedElement(text: string): string {
  if (text !== "" && !/[{}",\\\s]/.test(text) && text.toLowerCase() !== "null") return text;
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** The shortest digits as DuckDB gives them; with an exponent from 10^`plainDigits` on, and below 0.0001. */
export function floatText(text: string, plainDigits: number): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text);
  if (match === null) {
    return text === "nan" ? "NaN" : text === "inf" ? "Infinity" : text === "-inf" ? "-Infinity" : text;
  }
  const [, sign, whole = "", fraction = "", exponentText = "0"] = match;
  const all = whole + fraction;
  const leading = /^0*/.exec(all)![0].length;
  const digits = all.slice(leading).replace(/0+$/, "");
  if (digits === "") return `${sign}0`;
  const exponent = whole.length - leading - 1 + Number(exponentText);
  if (exponent < -4 || exponent >= plainDigits) {
    const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
    return `${sign}${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return sign + digits.padEnd(exponent + 1, "0");
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

/** `1 year 2 mons -3 days +04:05:06`: after a negative part a positive one has its sign. */
function intervalText(text: string): string {
  const parts: string[] = [];
  let negativeBefore = false;
  for (const match of text.matchAll(/(-?)(\d+) (year|month|day)s?|(-?)(\d+:\d\d:\d\d(?:\.\d+)?)/g)) {
    const [, sign = "", count, unit, clockSign = "", clock] = match;
    const negative = (clock === undefined ? sign : clockSign) === "-";
    const shownSign = negative ? "-" : negativeBefore ? "+" : "";
    if (clock !== undefined) parts.push(shownSign + clock);
    else parts.push(`${shownSign}${count} ${unit === "month" ? "mon" : unit}${count === "1" && !negative ? "" : "s"}`);
    negativeBefore = negative;
  }
  return parts.length === 0 ? text : parts.join(" ");
}

/** DuckDB writes bytes as `\x00ab`: what is printable as itself, the rest as `\xHH`. */
function bytesText(text: string): string {
  let hex = "\\x";
  for (let position = 0; position < text.length; position++) {
    if (text[position] === "\\" && text[position + 1] === "x") {
      hex += text.slice(position + 2, position + 4).toLowerCase();
      position += 3;
    } else hex += text.charCodeAt(position).toString(16).padStart(2, "0");
  }
  return hex;
}

function beforeChristLast(text: string, type: string): string {
  if (!text.includes(" (BC)") || !/^(DATE|TIMESTAMP)/.test(type)) return text;
  return `${text.replace(" (BC)", "")} BC`;
}
