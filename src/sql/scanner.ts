/**
 * A small SQL lexer: enough to split a text into statements and to look at its tokens, for texts that PostgreSQL's
 * parser does not know (DuckDB's dialect) and for cutting sub-texts (the query of a COPY, the arguments of an
 * EXECUTE) out of any statement.
 *
 * It follows DuckDB's lexer, which is PostgreSQL's `scan.l` of an older version: `'…'`, `E'…'` (also continued over a
 * line break or a comment), `"…"`, `$tag$…$tag$`, `--` to the end of the line, nested block comments. Where the two
 * databases could read the same characters differently, it throws or marks the token, so that a text never means one
 * thing to the policy and another to the engine. Offsets are UTF-16 units.
 */
import { AppError } from "../errors/app_error.ts";

export type TokenKind = "word" | "quoted" | "string" | "number" | "parameter" | "symbol";

export interface Token {
  readonly kind: TokenKind;
  /**
   * word and quoted: the name in lower case, quotes removed and doubled quotes undone (DuckDB compares names without
   * regard to case, quoted or not); string: its content, escapes undone only where that is trivial; else the text.
   */
  readonly value: string;
  readonly start: number;
  readonly end: number;
  /** A string that goes on after a comment (`'a' -- c` newline `'b'`): PostgreSQL and DuckDB read it differently. */
  readonly ambiguous?: boolean;
}

/**
 * Characters that DuckDB takes for white space outside quotes (its parser replaces them before lexing) and PostgreSQL
 * takes for letters. Measured on 1.5.5 over the whole basic plane; see scanner_test.ts.
 */
const unicodeSpace = /[\u00a0\u2000-\u200d\u202f\u205f\u2060\u3000\ufeff]/;
const wordStart = /[A-Za-z_\u0080-\uffff]/;
const wordPattern = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
const numberPattern = /(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+)?/y;
const dollarTagPattern = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
const parameterPattern = /\$(?:\d+|[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)/y;

/** 1-based position in characters (code points), as the wire protocol counts, of a UTF-16 offset. */
export function characterPosition(text: string, offset: number): number {
  let position = 1;
  for (let index = 0; index < offset && index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= 0xd800 && unit <= 0xdbff && index + 1 < text.length) index++;
    position++;
  }
  return position;
}

function syntaxError(text: string, offset: number, detail: string, hint?: string): AppError {
  return new AppError("syntax_error", detail, {
    position: characterPosition(text, offset),
    ...(hint === undefined ? {} : { hint }),
  });
}

/**
 * The tokens of `text` without white space and comments.
 * Throws `syntax_error` for an unterminated string, identifier, dollar quote or comment and for a Unicode space outside
 * quotes, and `character_not_in_repertoire` for a NUL or a lone surrogate.
 */
export function scanTokens(text: string): Token[] {
  if (text.includes("\0") || !text.isWellFormed()) {
    throw new AppError(
      "character_not_in_repertoire",
      "the statement text holds a NUL or a character that is not UTF-8",
    );
  }
  return new Scanner(text).scan();
}

class Scanner {
  readonly #text: string;
  #offset = 0;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): Token[] {
    const tokens: Token[] = [];
    for (;;) {
      this.#skipSpace();
      if (this.#offset >= this.#text.length) return tokens;
      tokens.push(this.#next());
    }
  }

  #next(): Token {
    const text = this.#text;
    const start = this.#offset;
    const character = text[start]!;
    if (character === "'") return this.#string(start, start, false);
    if (character === '"') return this.#quoted(start, start);
    const following = text[start + 1];
    if (following === "'") {
      if (character === "e" || character === "E") return this.#string(start, start + 1, true);
      if (/[bBxXnN]/.test(character)) return this.#string(start, start + 1, false);
    }
    if ((character === "u" || character === "U") && following === "&" && /['"]/.test(text[start + 2] ?? "")) {
      throw syntaxError(
        text,
        start,
        "U& strings and identifiers are not supported",
        "Write the characters themselves.",
      );
    }
    if (wordStart.test(character)) return this.#word(start);
    if (character >= "0" && character <= "9") return this.#match(numberPattern, "number", start);
    if (character === "." && following !== undefined && following >= "0" && following <= "9") {
      return this.#match(numberPattern, "number", start);
    }
    if (character === "$") return this.#dollar(start);
    this.#offset = start + 1;
    return { kind: "symbol", value: character, start, end: start + 1 };
  }

  #match(pattern: RegExp, kind: TokenKind, start: number): Token {
    pattern.lastIndex = start;
    const value = pattern.exec(this.#text)![0];
    this.#offset = start + value.length;
    return { kind, value, start, end: this.#offset };
  }

  #word(start: number): Token {
    const token = this.#match(wordPattern, "word", start);
    const space = token.value.search(unicodeSpace);
    if (space >= 0) throw this.#unicodeSpaceError(start + space);
    return { ...token, value: token.value.toLowerCase() };
  }

  #unicodeSpaceError(offset: number): AppError {
    const code = this.#text.charCodeAt(offset).toString(16).toUpperCase().padStart(4, "0");
    return syntaxError(
      this.#text,
      offset,
      `syntax error: the character U+${code} stands outside quotes, where a plain space is expected`,
    );
  }

  #quoted(start: number, quote: number): Token {
    const end = this.#text.indexOf('"', quote + 1);
    let close = end;
    while (close >= 0 && this.#text[close + 1] === '"') close = this.#text.indexOf('"', close + 2);
    if (close < 0) throw syntaxError(this.#text, start, "unterminated quoted identifier");
    this.#offset = close + 1;
    const value = this.#text.slice(quote + 1, close).replaceAll('""', '"').toLowerCase();
    return { kind: "quoted", value, start, end: this.#offset };
  }

  /**
   * A string and its continuations: `'a'` newline `'b'` is one string, and stays an escape string if it began as one.
   */
  #string(start: number, quote: number, escapes: boolean): Token {
    let value = this.#stringSegment(start, quote, escapes);
    let ambiguous = false;
    for (;;) {
      const end = this.#offset;
      const sawComment = this.#skipLineSpace();
      const sawNewline = /[\n\r]/.test(this.#text.slice(end, this.#offset));
      if (this.#text[this.#offset] !== "'" || !sawNewline) {
        this.#offset = end;
        return { kind: "string", value, start, end, ...(ambiguous ? { ambiguous } : {}) };
      }
      if (sawComment) ambiguous = true;
      value += this.#stringSegment(start, this.#offset, escapes);
    }
  }

  #stringSegment(start: number, quote: number, escapes: boolean): string {
    const text = this.#text;
    let index = quote + 1;
    for (;;) {
      const character = text[index];
      if (character === undefined) throw syntaxError(text, start, "unterminated quoted string");
      if (character === "\\" && escapes) index += 2;
      else if (character !== "'") index++;
      else if (text[index + 1] === "'") index += 2;
      else break;
    }
    this.#offset = index + 1;
    const raw = text.slice(quote + 1, index).replaceAll("''", "'");
    return escapes ? raw.replace(/\\(['"\\])/g, "$1") : raw;
  }

  #dollar(start: number): Token {
    const text = this.#text;
    dollarTagPattern.lastIndex = start;
    const tag = dollarTagPattern.exec(text)?.[0];
    if (tag !== undefined) {
      const space = tag.search(unicodeSpace);
      if (space >= 0) throw this.#unicodeSpaceError(start + space);
      const close = text.indexOf(tag, start + tag.length);
      if (close < 0) throw syntaxError(text, start, "unterminated dollar-quoted string");
      this.#offset = close + tag.length;
      return { kind: "string", value: text.slice(start + tag.length, close), start, end: this.#offset };
    }
    parameterPattern.lastIndex = start;
    if (parameterPattern.test(text)) {
      const token = this.#match(parameterPattern, "parameter", start);
      const space = token.value.search(unicodeSpace);
      if (space >= 0) throw this.#unicodeSpaceError(start + space);
      return token;
    }
    this.#offset = start + 1;
    return { kind: "symbol", value: "$", start, end: start + 1 };
  }

  #skipSpace(): void {
    for (;;) {
      this.#skipLineSpace();
      if (!this.#text.startsWith("/*", this.#offset)) return;
      this.#skipBlockComment();
    }
  }

  /** Skips white space and `--` comments; whether there was a comment. */
  #skipLineSpace(): boolean {
    const text = this.#text;
    let sawComment = false;
    for (;;) {
      const code = text.charCodeAt(this.#offset);
      if (code === 32 || (code >= 9 && code <= 13)) {
        this.#offset++;
      } else if (code === 45 && text.charCodeAt(this.#offset + 1) === 45) {
        sawComment = true;
        while (this.#offset < text.length && !/[\n\r]/.test(text[this.#offset]!)) this.#offset++;
      } else {
        return sawComment;
      }
    }
  }

  #skipBlockComment(): void {
    const text = this.#text;
    const start = this.#offset;
    const marker = /\/\*|\*\//g;
    marker.lastIndex = start + 2;
    let depth = 1;
    while (depth > 0) {
      const match = marker.exec(text);
      if (match === null) throw syntaxError(text, start, "unterminated /* comment");
      depth += match[0] === "/*" ? 1 : -1;
    }
    this.#offset = marker.lastIndex;
  }
}

export interface StatementPiece {
  /** From the first to the last token, without the semicolon and without comments around it. */
  readonly text: string;
  readonly offset: number;
  /** Offsets are within `text`. */
  readonly tokens: readonly Token[];
}

/** Splits at every semicolon outside quotes and comments, wherever it stands (as DuckDB's grammar does). */
export function splitStatements(text: string): StatementPiece[] {
  const pieces: StatementPiece[] = [];
  let tokens: Token[] = [];
  const flush = () => {
    const first = tokens[0];
    if (first === undefined) return;
    const offset = first.start;
    const end = tokens.at(-1)!.end;
    pieces.push({
      text: text.slice(offset, end),
      offset,
      tokens: offset === 0
        ? tokens
        : tokens.map((token) => ({ ...token, start: token.start - offset, end: token.end - offset })),
    });
    tokens = [];
  };
  for (const token of scanTokens(text)) {
    if (token.kind === "symbol" && token.value === ";") flush();
    else tokens.push(token);
  }
  flush();
  return pieces;
}
