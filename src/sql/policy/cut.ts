/** Cutting parts out of a statement's text by its tokens. Offsets and indexes are those of one statement. */
import type { Token } from "../scanner.ts";
import { isSymbol, isWord } from "./token_facts.ts";

/** Index of the bracket that closes the one at `open`, or -1. */
export function closingIndex(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let index = open; index < tokens.length; index++) {
    const token = tokens[index]!;
    if (token.kind !== "symbol") continue;
    if (token.value === "(" || token.value === "[" || token.value === "{") depth++;
    else if (token.value === ")" || token.value === "]" || token.value === "}") {
      depth--;
      if (depth === 0) return index;
    }
  }
  return -1;
}

/** Index of the first of `words` outside brackets, from `start` on, or -1. */
export function wordIndex(tokens: readonly Token[], start: number, ...words: string[]): number {
  for (let index = start; index < tokens.length; index++) {
    if (isSymbol(tokens[index], "(") || isSymbol(tokens[index], "[") || isSymbol(tokens[index], "{")) {
      index = closingIndex(tokens, index);
      if (index < 0) return -1;
    } else if (isWord(tokens[index], ...words)) {
      return index;
    }
  }
  return -1;
}

/** The texts between the commas of tokens `start` to `end` (exclusive). */
export function commaParts(text: string, tokens: readonly Token[], start: number, end: number): string[] {
  const parts: string[] = [];
  let first = start;
  for (let index = start; index <= end; index++) {
    if (index < end && !isSymbol(tokens[index], ",")) {
      if (tokens[index]!.kind === "symbol" && "([{".includes(tokens[index]!.value)) {
        const close = closingIndex(tokens, index);
        index = close < 0 ? end - 1 : close;
      }
      continue;
    }
    if (index > first) parts.push(text.slice(tokens[first]!.start, tokens[index - 1]!.end));
    first = index + 1;
  }
  return parts;
}

/** Where the inner statement of a PREPARE, DECLARE, COPY (…) or EXPLAIN lies: token indexes, `end` exclusive. */
export interface InnerRange {
  readonly start: number;
  readonly end: number;
}

/** The inner statement of a wrapping command, or null when this is none. */
export function innerRange(tokens: readonly Token[]): InnerRange | null {
  const [first] = tokens;
  const end = tokens.length;
  let start = -1;
  if (isWord(first, "prepare")) {
    const keyword = wordIndex(tokens, 2, "as");
    start = keyword < 0 ? -1 : keyword + 1;
  } else if (isWord(first, "declare")) {
    const keyword = wordIndex(tokens, 2, "for");
    start = keyword < 0 ? -1 : keyword + 1;
  } else if (isWord(first, "copy") && isSymbol(tokens[1], "(")) {
    const close = closingIndex(tokens, 1);
    return close < 3 ? null : { start: 2, end: close };
  } else if (isWord(first, "explain")) {
    start = 1;
    if (isSymbol(tokens[1], "(") && explainOptions(tokens)) start = closingIndex(tokens, 1) + 1;
    while (isWord(tokens[start], "analyze", "analyse", "verbose")) start++;
  }
  return start > 0 && start < end ? { start, end } : null;
}

/** `EXPLAIN (ANALYZE, …) SELECT`, told from `EXPLAIN (SELECT …)`. */
function explainOptions(tokens: readonly Token[]): boolean {
  return isWord(
    tokens[2],
    ..."analyze analyse verbose costs settings generic_plan buffers serialize wal timing summary memory format".split(
      " ",
    ),
  );
}
