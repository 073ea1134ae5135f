/**
 * A statement's structure: its text without any value, for a query log that must not hold data. PostgreSQL's own normaliser
 * (libpg-query) replaces the constants that it knows; what it leaves (definitions, COPY's options, comments) and the texts that
 * it cannot read (DuckDB's dialect) pass `maskLiterals`, which knows only what a literal looks like.
 *
 * A text that no parser takes has no structure: a misplaced quote turns a value into words. Of such a text only the first
 * keyword is kept.
 */
import { normalizePostgres, parseTextLengthMax } from "./pg_parser.ts";

/** Which parser has read the text; "none" when it is no statement. */
export type StructureDialect = "postgresql" | "duckdb" | "none";

/** Longer texts are mostly data, and their beginning tells what they do with it. */
export const structureTextLengthMax = parseTextLengthMax;

const placeholder = "?";
const keywords: ReadonlySet<string> = new Set(
  ("abort alter analyze attach begin call checkpoint close cluster comment commit copy create deallocate declare delete " +
    "describe detach discard do drop end execute explain export fetch from grant import insert install listen load lock " +
    "merge move notify pivot pragma prepare reassign refresh reindex release reset revoke rollback savepoint security " +
    "select set show start summarize table truncate unlisten unpivot update use vacuum values with").split(" "),
);

/** The structure of one statement's text. Never throws. */
export function structureOf(text: string, dialect: StructureDialect): string {
  if (dialect === "none") return firstKeyword(text);
  if (dialect === "postgresql" && text.length <= structureTextLengthMax) {
    const normalized = normalizePostgres(text);
    // An error's message in place of a text would not begin as the text does.
    if (normalized !== null && firstWord(normalized) === firstWord(text)) return maskLiterals(normalized);
  }
  return maskLiterals(text.slice(0, structureTextLengthMax));
}

function firstWord(text: string): string {
  return /^[\s(]*([A-Za-z_]*)/.exec(text)?.[1]?.toLowerCase() ?? "";
}

function firstKeyword(text: string): string {
  const word = /^[\s(;]*([A-Za-z]{2,12})\b/.exec(text.slice(0, 1_000))?.[1]?.toLowerCase() ?? "";
  return keywords.has(word) ? `${word.toUpperCase()} (not parsed)` : "(not parsed)";
}

const stringStart = /(?:[eEbBxXnN]|[uU]&)?'/y;
const dollarStart = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
const parameterPattern = /\$(?:\d+|[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)/y;
const wordPattern = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
/** Whatever goes on like a number, also one that no database takes: `1_000.5e-3`, `0x1F`, `12abc`. */
const numberPattern = /\.?\d(?:[eE][+-]?\d|[\w.\u0080-\uffff])*/y;
const otherPattern = /[^'"$.\w\s\/\-\u0080-\uffff]+/y;
const spacePattern = /\s+/y;

/**
 * The text with `?` for each string, number and dollar-quoted body, comments left out, runs of white space as one blank. Names
 * (also quoted ones) and parameters stay. What is not closed is taken to be open to the end.
 */
export function maskLiterals(text: string): string {
  const parts: string[] = [];
  let offset = 0;
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = offset;
    return pattern.exec(text)?.[0] ?? null;
  };
  const blank = () => {
    if (parts.length > 0 && parts.at(-1) !== " ") parts.push(" ");
  };
  while (offset < text.length) {
    const space = match(spacePattern);
    if (space !== null) {
      blank();
      offset += space.length;
      continue;
    }
    if (text.startsWith("--", offset)) {
      const end = text.slice(offset).search(/[\r\n]/);
      offset = end < 0 ? text.length : offset + end;
      blank();
      continue;
    }
    if (text.startsWith("/*", offset)) {
      offset = endOfComment(text, offset);
      blank();
      continue;
    }
    const string = match(stringStart);
    if (string !== null) {
      offset = endOfString(text, offset + string.length, /^[eE]/.test(string));
      // A continued string is one string.
      if (!(parts.at(-1) === placeholder || parts.at(-1) === " " && parts.at(-2) === placeholder)) {
        parts.push(placeholder);
      }
      continue;
    }
    if (text[offset] === '"') {
      const end = endOfQuoted(text, offset + 1);
      parts.push(end === null ? placeholder : text.slice(offset, end));
      offset = end ?? text.length;
      continue;
    }
    const tag = match(dollarStart);
    if (tag !== null) {
      const close = text.indexOf(tag, offset + tag.length);
      offset = close < 0 ? text.length : close + tag.length;
      parts.push(placeholder);
      continue;
    }
    const kept = match(parameterPattern) ?? match(wordPattern);
    if (kept !== null) {
      parts.push(kept);
      offset += kept.length;
      continue;
    }
    const number = match(numberPattern);
    if (number !== null) {
      parts.push(placeholder);
      offset += number.length;
      continue;
    }
    const other = match(otherPattern) ?? text[offset]!;
    parts.push(other);
    offset += other.length;
  }
  return parts.join("").trimEnd();
}

/** The offset behind a string whose content begins at `offset`. */
function endOfString(text: string, offset: number, escapes: boolean): number {
  for (let index = offset;; index++) {
    const character = text[index];
    if (character === undefined) return text.length;
    if (character === "\\" && escapes) index++;
    else if (character === "'") {
      if (text[index + 1] !== "'") return index + 1;
      index++;
    }
  }
}

/** The offset behind a quoted name whose content begins at `offset`, null when it is not closed. */
function endOfQuoted(text: string, offset: number): number | null {
  for (let close = text.indexOf('"', offset); close >= 0; close = text.indexOf('"', close + 2)) {
    if (text[close + 1] !== '"') return close + 1;
  }
  return null;
}

/** Block comments nest. */
function endOfComment(text: string, start: number): number {
  const marker = /\/\*|\*\//g;
  marker.lastIndex = start + 2;
  for (let depth = 1; depth > 0;) {
    const found = marker.exec(text);
    if (found === null) return text.length;
    depth += found[0] === "/*" ? 1 : -1;
    if (depth === 0) return marker.lastIndex;
  }
  return text.length;
}
