/**
 * Reads the names that people write into strings: `public.orders`, `"My schema"."T"`, `lower(text)`. As in PostgreSQL's
 * regclassin and its relatives (documentation, 8.19 Object Identifier Types).
 */
import { builtinTypeOid, formatBuiltinType } from "./builtin_types.ts";
import { macro, pureFunction } from "./macro.ts";

/** Separates the parts in the text that a JavaScript function returns. */
const separator = "\u001f";

/** The parts of a dotted name, unquoted words in lower case; null when the text is none. */
export function nameParts(text: string): string[] | null {
  const part = /\s*(?:"((?:[^"]|"")+)"|([^\s".]+))\s*(\.|$)/y;
  const parts: string[] = [];
  for (let more = true; more;) {
    const match = part.exec(text);
    if (match === null) return null;
    parts.push(match[1] === undefined ? match[2]!.toLowerCase() : match[1].replaceAll('""', '"'));
    more = match[3] === ".";
  }
  return parts;
}

/**
 * `name(type, type)`: the parts of the name, and the OIDs of its built-in argument types; null when it is not of that
 * form.
 */
export function procedureParts(text: string): { readonly parts: string[]; readonly typeOids: number[] } | null {
  const match = /^\s*((?:"(?:[^"]|"")+"|[^"(])+)\(([^]*)\)\s*$/.exec(text);
  const parts = match === null ? null : nameParts(match[1]!);
  if (match === null || parts === null) return null;
  const list = match[2]!.trim();
  const typeOids = list === ""
    ? []
    : splitTypes(list).map((name) => name.toLowerCase() === "none" ? 0 : builtinTypeOid(name));
  return typeOids.includes(null) ? null : { parts, typeOids: typeOids as number[] };
}

/** At the commas outside brackets: `numeric(10,2), text`. */
function splitTypes(list: string): string[] {
  return (list.match(/(?:\([^)]*\)|[^,])+/g) ?? []).map((name) => name.trim());
}

export const nameSyntaxFunctions = [
  pureFunction("name_parts", ["VARCHAR"], "VARCHAR", (text: string) => nameParts(text)?.join(separator) ?? null),
  pureFunction("procedure_parts", ["VARCHAR"], "VARCHAR", (text: string) => {
    const found = procedureParts(text);
    return found === null ? null : [...found.parts, found.typeOids.join(" ")].join(separator);
  }),
  pureFunction(
    "format_type",
    ["BIGINT", "BIGINT"],
    "VARCHAR",
    (oid: bigint, modifier: bigint) => formatBuiltinType(Number(oid), Number(modifier)),
  ),
  macro("__name_parts", "(name_text) AS string_split(__eider_name_parts(name_text), chr(31))"),
  /** Name parts, and at the end the OIDs of the arguments' types, separated by spaces. */
  macro("__procedure_parts", "(name_text) AS string_split(__eider_procedure_parts(name_text), chr(31))"),
];
