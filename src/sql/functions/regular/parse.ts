/**
 * Parses PostgreSQL's advanced regular expressions (documentation, "Regular Expression Syntax"). Basic expressions (flag b) and
 * collating elements of several characters are not known.
 */
import { sqlError } from "../errors.ts";
import {
  anyButNewline,
  anyCharacter,
  type CharacterSet,
  classContents,
  type ClassMember,
  type ClassName,
  type RegularExpression,
  type RegularNode,
  singleCharacter,
} from "./syntax.ts";

/** As PostgreSQL's DUPMAX. */
const repeatMax = 255;
/** Brackets within brackets, so that the parser's own recursion is bounded. */
const depthMax = 500;

interface Options {
  ignoreCase: boolean;
  expanded: boolean;
  literal: boolean;
  /** `.` and negated brackets match a newline. */
  dotNewline: boolean;
  /** `^` and `$` match at newlines. */
  lineAnchors: boolean;
}

/** Throws SQLSTATE 2201B for a malformed pattern, 22023 for an unknown flag. `g` must have been taken out of `flags`. */
export function parseRegularExpression(pattern: string, flags: string): RegularExpression {
  const options: Options = {
    ignoreCase: false,
    expanded: false,
    literal: false,
    dotNewline: true,
    lineAnchors: false,
  };
  for (const flag of flags) {
    if (!setOption(options, flag)) throw sqlError("22023", `invalid regular expression option: "${flag}"`);
  }
  let body = pattern;
  if (body.startsWith("***=")) {
    options.literal = true;
    body = body.slice(4);
  } else if (!options.literal) {
    if (body.startsWith("***:")) body = body.slice(4);
    const embedded = /^\(\?([a-z]+)\)/.exec(body);
    if (embedded !== null) {
      for (const flag of embedded[1]!) if (!setOption(options, flag)) throw invalid("invalid embedded option");
      body = body.slice(embedded[0].length);
    }
  }
  return new Parser([...body].map((character) => character.codePointAt(0)!), options).parse();
}

function setOption(options: Options, flag: string): boolean {
  switch (flag) {
    case "i":
      options.ignoreCase = true;
      return true;
    case "c":
      options.ignoreCase = false;
      return true;
    case "n":
    case "m":
      options.dotNewline = false;
      options.lineAnchors = true;
      return true;
    case "p":
      options.dotNewline = false;
      options.lineAnchors = false;
      return true;
    case "w":
      options.dotNewline = true;
      options.lineAnchors = true;
      return true;
    case "s":
      options.dotNewline = true;
      options.lineAnchors = false;
      return true;
    case "x":
      options.expanded = true;
      return true;
    case "t":
      options.expanded = false;
      return true;
    case "q":
      options.literal = true;
      return true;
    case "e":
      return true;
    default:
      return false;
  }
}

function invalid(reason: string): Error {
  return sqlError("2201B", `invalid regular expression: ${reason}`);
}

const classEscapes: Readonly<Record<string, ClassMember>> = {
  d: { name: "digit", negated: false },
  D: { name: "digit", negated: true },
  s: { name: "space", negated: false },
  S: { name: "space", negated: true },
  w: { name: "word", negated: false },
  W: { name: "word", negated: true },
};
const characterEscapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  B: 92,
  e: 27,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
};
const placeEscapes = {
  A: "textStart",
  m: "wordStart",
  M: "wordEnd",
  y: "wordEdge",
  Y: "notWordEdge",
  Z: "textEnd",
} as const;

class Parser {
  readonly #codes: readonly number[];
  readonly #options: Options;
  #position = 0;
  #groupCount = 0;
  #depth = 0;
  /** Groups whose closing bracket has been read: only those can be referred to. */
  readonly #closed = new Set<number>();

  constructor(codes: readonly number[], options: Options) {
    this.#codes = codes;
    this.#options = options;
  }

  parse(): RegularExpression {
    const root: RegularNode = this.#options.literal
      ? { kind: "sequence", parts: this.#codes.map((code) => ({ kind: "set", set: singleCharacter(code) })) }
      : this.#choice(true);
    if (!this.#options.literal && this.#position < this.#codes.length) throw invalid("parentheses () not balanced");
    return { root, groupCount: this.#groupCount, ignoreCase: this.#options.ignoreCase };
  }

  #peek(ahead = 0): string {
    const code = this.#codes[this.#position + ahead];
    return code === undefined ? "" : String.fromCodePoint(code);
  }

  #take(text: string): boolean {
    for (let index = 0; index < text.length; index++) if (this.#peek(index) !== text[index]) return false;
    this.#position += text.length;
    return true;
  }

  #choice(capturing: boolean): RegularNode {
    if (++this.#depth > depthMax) throw invalid("too complex");
    const options = [this.#sequence(capturing)];
    while (this.#take("|")) options.push(this.#sequence(capturing));
    this.#depth--;
    return options.length === 1 ? options[0]! : { kind: "choice", options };
  }

  #sequence(capturing: boolean): RegularNode {
    const parts: RegularNode[] = [];
    for (;;) {
      this.#skipIgnored();
      const next = this.#peek();
      if (next === "" || next === "|" || next === ")") break;
      parts.push(this.#quantified(this.#atom(capturing)));
    }
    return parts.length === 1 ? parts[0]! : { kind: "sequence", parts };
  }

  /** Comments `(?#…)`, and in expanded syntax white space and comments to the end of the line. */
  #skipIgnored(): void {
    for (;;) {
      if (this.#peek() === "(" && this.#peek(1) === "?" && this.#peek(2) === "#") {
        while (this.#peek() !== ")" && this.#peek() !== "") this.#position++;
        this.#position++;
      } else if (this.#options.expanded && /\s/.test(this.#peek())) this.#position++;
      else if (this.#options.expanded && this.#peek() === "#") {
        while (this.#peek() !== "\n" && this.#peek() !== "") this.#position++;
      } else return;
    }
  }

  #quantified(part: RegularNode): RegularNode {
    this.#skipIgnored();
    const bounds = this.#bounds();
    if (bounds === null) return part;
    if (part.kind === "assertion" || part.kind === "look") throw invalid("quantifier operand invalid");
    const lazy = this.#take("?");
    this.#skipIgnored();
    const next = this.#peek();
    if (next === "*" || next === "+" || next === "?" || (next === "{" && /\d/.test(this.#peek(1)))) {
      throw invalid("quantifier operand invalid");
    }
    return { kind: "repeat", part, min: bounds.min, max: bounds.max, greedy: bounds.fixed ? null : !lazy };
  }

  #bounds(): { min: number; max: number | null; fixed: boolean } | null {
    if (this.#take("*")) return { min: 0, max: null, fixed: false };
    if (this.#take("+")) return { min: 1, max: null, fixed: false };
    if (this.#take("?")) return { min: 0, max: 1, fixed: false };
    if (this.#peek() !== "{" || !/\d/.test(this.#peek(1))) return null;
    this.#position++;
    const min = this.#number();
    const fixed = !this.#take(",");
    const max = fixed ? min : /\d/.test(this.#peek()) ? this.#number() : null;
    if (!this.#take("}")) throw invalid("braces {} not balanced");
    if (min > repeatMax || (max ?? 0) > repeatMax || (max !== null && max < min)) {
      throw invalid("invalid repetition count(s)");
    }
    return { min, max, fixed };
  }

  #number(): number {
    let digits = "";
    while (/\d/.test(this.#peek()) && digits.length < 5) {
      digits += this.#peek();
      this.#position++;
    }
    return Number(digits);
  }

  #atom(capturing: boolean): RegularNode {
    const { dotNewline, lineAnchors } = this.#options;
    if (this.#take("(")) return this.#group(capturing);
    if (this.#take("[[:<:]]")) return { kind: "assertion", place: "wordStart" };
    if (this.#take("[[:>:]]")) return { kind: "assertion", place: "wordEnd" };
    if (this.#take("[")) return { kind: "set", set: this.#brackets() };
    if (this.#take(".")) return { kind: "set", set: dotNewline ? anyCharacter : anyButNewline };
    if (this.#take("^")) return { kind: "assertion", place: lineAnchors ? "lineStart" : "textStart" };
    if (this.#take("$")) return { kind: "assertion", place: lineAnchors ? "lineEnd" : "textEnd" };
    if (this.#take("\\")) return this.#escape();
    const code = this.#codes[this.#position]!;
    if ("*+?".includes(String.fromCodePoint(code))) throw invalid("quantifier operand invalid");
    this.#position++;
    return { kind: "set", set: singleCharacter(code) };
  }

  #group(capturing: boolean): RegularNode {
    const look = this.#take("?=")
      ? { ahead: true, negative: false }
      : this.#take("?!")
      ? { ahead: true, negative: true }
      : this.#take("?<=")
      ? { ahead: false, negative: false }
      : this.#take("?<!")
      ? { ahead: false, negative: true }
      : null;
    const plain = look === null && this.#take("?:");
    if (look === null && !plain && this.#peek() === "?") throw invalid("quantifier operand invalid");
    // Nothing captures inside a lookaround.
    const captures = look === null && !plain && capturing;
    const index = captures ? ++this.#groupCount : 0;
    const part = this.#choice(capturing && look === null);
    if (!this.#take(")")) throw invalid("parentheses () not balanced");
    if (look !== null) return { kind: "look", part, ...look };
    if (!captures) return { kind: "sequence", parts: [part] };
    this.#closed.add(index);
    return { kind: "group", part, index };
  }

  #escape(): RegularNode {
    const letter = this.#peek();
    if (letter === "") throw invalid("invalid escape \\ sequence");
    const member = classEscapes[letter];
    if (member !== undefined) {
      this.#position++;
      return { kind: "set", set: { ranges: [], classes: [{ ...member, negated: false }], negated: member.negated } };
    }
    const place = placeEscapes[letter as keyof typeof placeEscapes];
    if (place !== undefined) {
      this.#position++;
      return { kind: "assertion", place };
    }
    const reference = this.#reference();
    if (reference !== null) return { kind: "reference", index: reference };
    return { kind: "set", set: singleCharacter(this.#characterEscape()) };
  }

  /** `\1`, or `\12` when group 12 ends before it; another number of several digits is an octal code. */
  #reference(): number | null {
    let digits = "";
    while (/[0-9]/.test(this.#peek(digits.length)) && digits.length < 3) digits += this.#peek(digits.length);
    if (digits === "" || digits.startsWith("0")) return null;
    const index = Number(digits);
    if (!this.#closed.has(index)) {
      if (digits.length > 1) return null;
      throw invalid("invalid backreference number");
    }
    this.#position += digits.length;
    return index;
  }

  /** Behind the backslash; also inside brackets. */
  #characterEscape(): number {
    const letter = this.#peek();
    this.#position++;
    switch (letter) {
      case "c": {
        const code = this.#codes[this.#position++];
        if (code === undefined) throw invalid("invalid escape \\ sequence");
        return code & 31;
      }
      case "u":
        return this.#hexadecimal(4, 4);
      case "U":
        return this.#hexadecimal(8, 8);
      case "x":
        return this.#hexadecimal(1, 255);
    }
    const known = characterEscapes[letter];
    if (known !== undefined) return known;
    if (/[0-7]/.test(letter)) {
      let digits = letter;
      while (digits.length < 3 && /[0-7]/.test(this.#peek())) {
        digits += this.#peek();
        this.#position++;
      }
      return parseInt(digits, 8);
    }
    if (/[A-Za-z0-9]/.test(letter)) throw invalid("invalid escape \\ sequence");
    return letter.codePointAt(0)!;
  }

  #hexadecimal(lengthMin: number, lengthMax: number): number {
    let digits = "";
    while (digits.length < lengthMax && /[0-9a-fA-F]/.test(this.#peek())) {
      digits += this.#peek();
      this.#position++;
    }
    const code = parseInt(digits.slice(-8), 16);
    if (digits.length < lengthMin || code > 0x10ffff) throw invalid("invalid escape \\ sequence");
    return code;
  }

  /** Behind the opening bracket. */
  #brackets(): CharacterSet {
    const negated = this.#take("^");
    const ranges: (readonly [number, number])[] = [];
    const classes: ClassMember[] = [];
    let first = true;
    while (first || this.#peek() !== "]") {
      if (this.#peek() === "") throw invalid("brackets [] not balanced");
      const member = this.#bracketMember();
      first = false;
      if (typeof member !== "number") {
        classes.push(member);
        continue;
      }
      if (this.#peek() === "-" && this.#peek(1) !== "]") {
        this.#position++;
        const end = this.#bracketMember();
        if (typeof end !== "number" || end < member) throw invalid("invalid character range");
        ranges.push([member, end]);
      } else ranges.push([member, member]);
    }
    this.#position++;
    if (negated && !this.#options.dotNewline) ranges.push([10, 10]);
    return { ranges, classes, negated };
  }

  #bracketMember(): number | ClassMember {
    if (this.#take("[:")) {
      const name = this.#until(":]");
      if (!(name in classContents)) throw invalid("invalid character class");
      const caseless = this.#options.ignoreCase && (name === "upper" || name === "lower");
      return { name: caseless ? "alpha" : name as ClassName, negated: false };
    }
    for (const mark of [".", "="]) {
      if (!this.#take(`[${mark}`)) continue;
      const characters = [...this.#until(`${mark}]`)];
      if (characters.length !== 1) throw invalid("invalid collating element");
      return characters[0]!.codePointAt(0)!;
    }
    if (this.#take("\\")) {
      const member = classEscapes[this.#peek()];
      if (member === undefined) return this.#characterEscape();
      this.#position++;
      return member;
    }
    return this.#codes[this.#position++]!;
  }

  #until(end: string): string {
    let text = "";
    while (!this.#take(end)) {
      if (this.#peek() === "") throw invalid("brackets [] not balanced");
      text += this.#peek();
      this.#position++;
    }
    return text;
  }
}
