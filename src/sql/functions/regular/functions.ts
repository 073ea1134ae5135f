/** PostgreSQL's functions of regular expressions, over `match.ts` (documentation, "POSIX Regular Expressions"). */
import { sqlError } from "../errors.ts";
import { type Match, next, search } from "./match.ts";
import { nativePattern, type NativePurpose } from "./native.ts";
import { parseRegularExpression } from "./parse.ts";
import { compile, type Program } from "./program.ts";
import type { RegularExpression } from "./syntax.ts";

interface Compiled {
  readonly expression: RegularExpression;
  /** Made at the first use: mostly DuckDB runs the pattern. */
  program: Program | null;
}

/** A statement uses a few patterns; a column of patterns only loses the cache. */
const cacheMax = 200;
const cache = new Map<string, Compiled>();

function compiled(pattern: string, flags: string): Compiled {
  const key = `${flags}/${pattern}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made: Compiled = { expression: parseRegularExpression(pattern, flags), program: null };
  if (cache.size >= cacheMax) cache.clear();
  cache.set(key, made);
  return made;
}

/** Compiled once; the last patterns are remembered. */
export function programOf(pattern: string, flags: string): Program {
  const entry = compiled(pattern, flags);
  entry.program ??= compile(entry.expression);
  return entry.program;
}

/** `g` is not an option of the expression but of regexp_replace and regexp_matches. */
export function withoutGlobal(flags: string): string {
  return flags.replaceAll("g", "");
}

function refuseGlobal(flags: string, name: string): void {
  if (flags.includes("g")) throw sqlError("22023", `${name} does not support the "global" option`);
}

/** RE2's pattern, or null when DuckDB cannot do it. Throws for a malformed pattern. */
export function regexpNative(pattern: string, flags: string, purpose: string): string | null {
  if (purpose === "test") refuseGlobal(flags, "regexp_like()");
  if (purpose === "first") refuseGlobal(flags, "regexp_match()");
  return nativePattern(compiled(pattern, withoutGlobal(flags)).expression, purpose as NativePurpose);
}

/** `\1`, `\&` and `\\` as RE2 writes them; a group that the pattern lacks is empty. */
export function regexpNativeReplacement(pattern: string, flags: string, replacement: string): string {
  const { groupCount } = compiled(pattern, withoutGlobal(flags)).expression;
  return replacement.replace(/\\([\s\S]?)/g, (_, character: string) => {
    if (character === "&") return "\\0";
    if (/[1-9]/.test(character)) return Number(character) <= groupCount ? `\\${character}` : "";
    return character === "\\" || character === "" ? "\\\\" : `\\\\${character}`;
  });
}

export function regexpTest(text: string, pattern: string, flags: string): boolean {
  refuseGlobal(flags, "regexp_like()");
  return search(programOf(pattern, flags), text, 0) !== null;
}

/** All matches from `from` on, each behind the one before it; after an empty one the search goes on a character later. */
function* matches(program: Program, text: string, from: number): Iterable<Match> {
  for (let position = from; position <= text.length;) {
    const match = search(program, text, position);
    if (match === null) return;
    yield match;
    position = match[1]! > match[0]! ? match[1]! : next(text, match[1]!);
  }
}

/** The groups' texts, or the whole match when there are none. */
function captured(match: Match, text: string): (string | null)[] {
  const from = match.length > 2 ? 1 : 0;
  const parts: (string | null)[] = [];
  for (let group = from; group < match.length / 2; group++) parts.push(groupText(match, text, group));
  return parts;
}

function groupText(match: Match, text: string, group: number): string | null {
  const start = match[2 * group] ?? -1;
  const end = match[2 * group + 1] ?? -1;
  return start < 0 || end < 0 ? null : text.slice(start, end);
}

/** JSON of the array of texts, or null without a match. */
export function regexpMatch(text: string, pattern: string, flags: string): string | null {
  refuseGlobal(flags, "regexp_match()");
  const match = search(programOf(pattern, flags), text, 0);
  return match === null ? null : JSON.stringify(captured(match, text));
}

/** JSON of the array of arrays of texts. */
export function regexpMatches(text: string, pattern: string, flags: string): string {
  const program = programOf(pattern, withoutGlobal(flags));
  const all: (string | null)[][] = [];
  for (const match of matches(program, text, 0)) {
    all.push(captured(match, text));
    if (!flags.includes("g")) break;
  }
  return JSON.stringify(all);
}

/** JSON of the parts between matches; an empty match at either end or behind another match splits nothing. */
export function regexpSplit(text: string, pattern: string, flags: string): string {
  refuseGlobal(flags, "regexp_split_to_array()");
  const parts: string[] = [];
  let from = 0;
  for (const match of matches(programOf(pattern, flags), text, 0)) {
    const [start, end] = [match[0]!, match[1]!];
    if (start === end && (start >= text.length || start === from)) continue;
    parts.push(text.slice(from, start));
    from = end;
  }
  parts.push(text.slice(from));
  return JSON.stringify(parts);
}

/** `start` counts characters from 1. Without `g` and with occurrence 1 the first match is replaced, with occurrence 0 all. */
export function regexpReplace(
  text: string,
  pattern: string,
  replacement: string,
  flags: string,
  start: bigint,
  occurrence: bigint,
): string {
  requireAtLeast("start", start, 1n);
  requireAtLeast("n", occurrence, 0n);
  const program = programOf(pattern, withoutGlobal(flags));
  let result = "";
  let from = 0;
  let count = 0n;
  for (const match of matches(program, text, offsetOf(text, start))) {
    count++;
    if (occurrence !== 0n && count < occurrence) continue;
    result += text.slice(from, match[0]!) + expanded(replacement, match, text);
    from = match[1]!;
    if (occurrence !== 0n) break;
  }
  return result + text.slice(from);
}

function expanded(replacement: string, match: Match, text: string): string {
  return replacement.replace(/\\([\s\S]?)/g, (whole: string, character: string) => {
    if (character === "&") return groupText(match, text, 0) ?? "";
    if (/[1-9]/.test(character)) return groupText(match, text, Number(character)) ?? "";
    return character === "\\" ? "\\" : whole;
  });
}

export function regexpCount(text: string, pattern: string, start: bigint, flags: string): bigint {
  refuseGlobal(flags, "regexp_count()");
  requireAtLeast("start", start, 1n);
  let count = 0n;
  for (const _ of matches(programOf(pattern, flags), text, offsetOf(text, start))) count++;
  return count;
}

/** Where the match begins, or with `endOption` 1 the character behind it; 0 without one. */
export function regexpInstr(
  text: string,
  pattern: string,
  start: bigint,
  occurrence: bigint,
  endOption: bigint,
  flags: string,
  group: bigint,
): bigint {
  refuseGlobal(flags, "regexp_instr()");
  if (endOption !== 0n && endOption !== 1n) {
    throw sqlError("22023", `invalid value for parameter "endoption": ${endOption}`);
  }
  requireAtLeast("subexpr", group, 0n);
  const match = nthMatch(text, pattern, start, occurrence, flags);
  const position = match?.[2 * Number(group) + Number(endOption)] ?? -1;
  return position < 0 ? 0n : BigInt([...text.slice(0, position)].length + 1);
}

export function regexpSubstr(
  text: string,
  pattern: string,
  start: bigint,
  occurrence: bigint,
  flags: string,
  group: bigint,
): string | null {
  refuseGlobal(flags, "regexp_substr()");
  requireAtLeast("subexpr", group, 0n);
  const match = nthMatch(text, pattern, start, occurrence, flags);
  return match === null ? null : groupText(match, text, Number(group));
}

function nthMatch(text: string, pattern: string, start: bigint, occurrence: bigint, flags: string): Match | null {
  requireAtLeast("start", start, 1n);
  requireAtLeast("n", occurrence, 1n);
  let count = 0n;
  for (const match of matches(programOf(pattern, flags), text, offsetOf(text, start))) {
    if (++count === occurrence) return match;
  }
  return null;
}

/** UTF-16 offset of the character at `position`, which counts from 1; beyond the text when it is shorter. */
function offsetOf(text: string, position: bigint): number {
  let offset = 0;
  for (let count = 1n; count < position && offset <= text.length; count++) offset = next(text, offset);
  return offset;
}

function requireAtLeast(name: string, value: bigint, min: bigint): void {
  if (value < min) throw sqlError("22023", `invalid value for parameter "${name}": ${value}`);
}
