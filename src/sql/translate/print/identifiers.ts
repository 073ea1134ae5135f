/** Names and string literals of DuckDB SQL: the one place that decides about quotes. */
import { functionWords, notBareFunctionOrType, notBareTypes, reservedWords } from "./keywords.ts";
import { refuse } from "./tree.ts";

const plainName = /^[a-z_][a-z0-9_]*$/;

function quoted(name: string): string {
  if (name === "") refuse("an empty name");
  if (name.includes("\0")) refuse("a name with a zero byte");
  return `"${name.replaceAll('"', '""')}"`;
}

/** The name of a table, column, alias, schema, window, constraint or collation. */
export function nameText(name: string): string {
  return plainName.test(name) && !reservedWords.has(name) ? name : quoted(name);
}

/** A name with its qualifiers; absent ones are left out. */
export function qualifiedName(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").map((part) => nameText(part!)).join(".");
}

/** The name of a function to call, with its qualifiers. */
export function functionNameText(parts: readonly string[]): string {
  const [last, ...before] = parts.toReversed();
  if (last === undefined) refuse("a function without a name");
  if (before.length === 0 && functionWords.has(last)) return last;
  const text = notBareFunctionOrType.has(last) ? quoted(last) : nameText(last);
  return [...before.toReversed().map(nameText), text].join(".");
}

/** The name of a type that the user or DuckDB defines, with its qualifiers; also that of an argument before `:=`. */
export function typeNameText(parts: readonly string[]): string {
  const [last, ...before] = parts.toReversed();
  if (last === undefined) refuse("a type without a name");
  const text = notBareFunctionOrType.has(last) || notBareTypes.has(last) ? quoted(last) : nameText(last);
  return [...before.toReversed().map(nameText), text].join(".");
}

/** A string literal. DuckDB's has no escapes, so only the quote itself is doubled. */
export function literalText(value: string): string {
  if (value.includes("\0")) refuse("a string with a zero byte");
  return `'${value.replaceAll("'", "''")}'`;
}
