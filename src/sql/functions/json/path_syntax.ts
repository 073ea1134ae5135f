/** Parses SQL/JSON paths (PostgreSQL documentation, "The SQL/JSON Path Language"). */
import { sqlError } from "../errors.ts";
import { JsonNumber, type JsonValue, parseJson } from "./value.ts";

export type Arithmetic = "+" | "-" | "*" | "/" | "%";
export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";
export type Method = "type" | "size" | "double" | "ceiling" | "floor" | "abs" | "keyvalue";

export type PathNode =
  | { readonly kind: "root" }
  | { readonly kind: "current" }
  | { readonly kind: "last" }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "literal"; readonly value: JsonValue }
  | { readonly kind: "member"; readonly base: PathNode; readonly key: string }
  | { readonly kind: "anyMember"; readonly base: PathNode }
  /** `subscripts` null: `[*]`; one without `to` is a single element. */
  | { readonly kind: "elements"; readonly base: PathNode; readonly subscripts: readonly Subscript[] | null }
  /** `.**{from to to}`; null is `last`. */
  | { readonly kind: "descendants"; readonly base: PathNode; readonly from: number | null; readonly to: number | null }
  | { readonly kind: "method"; readonly base: PathNode; readonly name: Method }
  | { readonly kind: "filter"; readonly base: PathNode; readonly condition: PathNode }
  | { readonly kind: "sign"; readonly negative: boolean; readonly operand: PathNode }
  | { readonly kind: "arithmetic"; readonly operator: Arithmetic; readonly left: PathNode; readonly right: PathNode }
  | { readonly kind: "comparison"; readonly operator: Comparison; readonly left: PathNode; readonly right: PathNode }
  | { readonly kind: "and" | "or"; readonly left: PathNode; readonly right: PathNode }
  | { readonly kind: "not" | "isUnknown" | "exists"; readonly operand: PathNode }
  | { readonly kind: "startsWith"; readonly operand: PathNode; readonly prefix: PathNode }
  | { readonly kind: "likeRegex"; readonly operand: PathNode; readonly pattern: string; readonly flags: string };

export interface Subscript {
  readonly from: PathNode;
  readonly to: PathNode | null;
}

export interface JsonPath {
  readonly isStrict: boolean;
  readonly root: PathNode;
}

const cacheMax = 200;
const cache = new Map<string, JsonPath>();

export function parseJsonPath(text: string): JsonPath {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const parsed = new Parser(text).parse();
  if (cache.size >= cacheMax) cache.clear();
  cache.set(text, parsed);
  return parsed;
}

interface Token {
  readonly kind: "word" | "string" | "number" | "variable" | "mark" | "end";
  readonly text: string;
}

const tokenPattern =
  /\s+|\/\*[\s\S]*?\*\/|(?<string>"(?:[^"\\]|\\[\s\S])*")|(?<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)|\$(?:"(?<quotedVariable>(?:[^"\\]|\\[\s\S])*)"|(?<variable>[\p{L}\p{N}_]+))|(?<word>[\p{L}_$][\p{L}\p{N}_$]*)|(?<mark>\*\*|==|!=|<>|<=|>=|&&|\|\||[-+*\/%.()[\]{}?@,!<>$])/uy;

function tokens(text: string): Token[] {
  const list: Token[] = [];
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < text.length) {
    const match = tokenPattern.exec(text);
    if (match === null) throw invalid(text);
    const { string, number, quotedVariable, variable, word, mark } = match.groups!;
    if (string !== undefined) list.push({ kind: "string", text: JSON.parse(string) as string });
    else if (number !== undefined) list.push({ kind: "number", text: number });
    else if (quotedVariable !== undefined || variable !== undefined) {
      list.push({ kind: "variable", text: quotedVariable ?? variable! });
    } else if (word !== undefined) list.push({ kind: word === "$" ? "mark" : "word", text: word });
    else if (mark !== undefined) list.push({ kind: "mark", text: mark });
  }
  return list;
}

function invalid(text: string): Error {
  return sqlError("42601", `syntax error in jsonpath input: "${text}"`);
}

const depthMax = 200;
const comparisons: Readonly<Record<string, Comparison>> = {
  "==": "==",
  "!=": "!=",
  "<>": "!=",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
};
const methods: ReadonlySet<string> = new Set(["type", "size", "double", "ceiling", "floor", "abs", "keyvalue"]);

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #position = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokens(text);
  }

  parse(): JsonPath {
    const isStrict = this.#takeWord("strict");
    if (!isStrict) this.#takeWord("lax");
    const root = this.#or();
    if (this.#peek().kind !== "end") throw invalid(this.#text);
    return { isStrict, root };
  }

  #peek(): Token {
    return this.#tokens[this.#position] ?? { kind: "end", text: "" };
  }

  #take(mark: string): boolean {
    const { kind, text } = this.#peek();
    if (kind !== "mark" || text !== mark) return false;
    this.#position++;
    return true;
  }

  #takeWord(word: string): boolean {
    const { kind, text } = this.#peek();
    if (kind !== "word" || text !== word) return false;
    this.#position++;
    return true;
  }

  #expect(mark: string): void {
    if (!this.#take(mark)) throw invalid(this.#text);
  }

  #string(): string {
    const { kind, text } = this.#peek();
    if (kind !== "string") throw invalid(this.#text);
    this.#position++;
    return text;
  }

  #or(): PathNode {
    if (++this.#depth > depthMax) throw sqlError("54001", "jsonpath is nested too deeply");
    let left = this.#and();
    while (this.#take("||")) left = { kind: "or", left, right: this.#and() };
    this.#depth--;
    return left;
  }

  #and(): PathNode {
    let left = this.#comparison();
    while (this.#take("&&")) left = { kind: "and", left, right: this.#comparison() };
    return left;
  }

  #comparison(): PathNode {
    if (this.#take("!")) return { kind: "not", operand: this.#comparison() };
    const left = this.#sum();
    const operator = this.#peek().kind === "mark" ? comparisons[this.#peek().text] : undefined;
    if (operator !== undefined) {
      this.#position++;
      return { kind: "comparison", operator, left, right: this.#sum() };
    }
    if (this.#takeWord("starts")) {
      if (!this.#takeWord("with")) throw invalid(this.#text);
      return { kind: "startsWith", operand: left, prefix: this.#primary() };
    }
    if (this.#takeWord("like_regex")) {
      const pattern = this.#string();
      return { kind: "likeRegex", operand: left, pattern, flags: this.#takeWord("flag") ? this.#string() : "" };
    }
    if (this.#takeWord("is")) {
      if (!this.#takeWord("unknown")) throw invalid(this.#text);
      return { kind: "isUnknown", operand: left };
    }
    return left;
  }

  #sum(): PathNode {
    let left = this.#product();
    for (;;) {
      const operator = this.#take("+") ? "+" : this.#take("-") ? "-" : null;
      if (operator === null) return left;
      left = { kind: "arithmetic", operator, left, right: this.#product() };
    }
  }

  #product(): PathNode {
    let left = this.#signed();
    for (;;) {
      const operator = this.#take("*") ? "*" : this.#take("/") ? "/" : this.#take("%") ? "%" : null;
      if (operator === null) return left;
      left = { kind: "arithmetic", operator, left, right: this.#signed() };
    }
  }

  #signed(): PathNode {
    if (this.#take("-")) return { kind: "sign", negative: true, operand: this.#signed() };
    if (this.#take("+")) return { kind: "sign", negative: false, operand: this.#signed() };
    let node = this.#primary();
    for (;;) {
      const next = this.#accessor(node);
      if (next === null) return node;
      node = next;
    }
  }

  #primary(): PathNode {
    const token = this.#peek();
    this.#position++;
    switch (token.kind) {
      case "string":
        return { kind: "literal", value: token.text };
      case "number":
        return { kind: "literal", value: parseJson(numberText(token.text)) };
      case "variable":
        return { kind: "variable", name: token.text };
      case "word":
        if (token.text === "true" || token.text === "false") return { kind: "literal", value: token.text === "true" };
        if (token.text === "null") return { kind: "literal", value: null };
        if (token.text === "last") return { kind: "last" };
        if (token.text === "exists") {
          this.#expect("(");
          const operand = this.#or();
          this.#expect(")");
          return { kind: "exists", operand };
        }
        throw invalid(this.#text);
      case "mark":
        if (token.text === "$") return { kind: "root" };
        if (token.text === "@") return { kind: "current" };
        if (token.text === "(") {
          const inner = this.#or();
          this.#expect(")");
          return inner;
        }
        throw invalid(this.#text);
      case "end":
        throw invalid(this.#text);
    }
  }

  #accessor(base: PathNode): PathNode | null {
    if (this.#take("[")) return { kind: "elements", base, subscripts: this.#subscripts() };
    if (this.#take("?")) {
      this.#expect("(");
      const condition = this.#or();
      this.#expect(")");
      return { kind: "filter", base, condition };
    }
    if (!this.#take(".")) return null;
    if (this.#take("**")) return this.#descendants(base);
    if (this.#take("*")) return { kind: "anyMember", base };
    const token = this.#peek();
    if (token.kind === "end" || token.kind === "mark" || token.kind === "number") throw invalid(this.#text);
    this.#position++;
    const key = token.kind === "variable" ? `$${token.text}` : token.text;
    if (token.kind === "word" && this.#take("(")) {
      this.#expect(")");
      if (!methods.has(key)) throw sqlError("0A000", `jsonpath item method .${key}() is not supported`);
      return { kind: "method", base, name: key as Method };
    }
    return { kind: "member", base, key };
  }

  #subscripts(): Subscript[] | null {
    if (this.#take("*")) {
      this.#expect("]");
      return null;
    }
    const list: Subscript[] = [];
    do {
      const from = this.#sum();
      list.push({ from, to: this.#takeWord("to") ? this.#sum() : null });
    } while (this.#take(","));
    this.#expect("]");
    return list;
  }

  #descendants(base: PathNode): PathNode {
    if (!this.#take("{")) return { kind: "descendants", base, from: 0, to: null };
    const from = this.#level();
    const to = this.#takeWord("to") ? this.#level() : from;
    this.#expect("}");
    return { kind: "descendants", base, from, to };
  }

  #level(): number | null {
    if (this.#takeWord("last")) return null;
    const { kind, text } = this.#peek();
    if (kind !== "number" || !/^\d+$/.test(text)) throw invalid(this.#text);
    this.#position++;
    return Number(text);
  }
}

/** `.5` and `1.` are numbers in a path, though not in JSON. */
function numberText(text: string): string {
  return text.replace(/^\./, "0.").replace(/\.(?=e|$)/i, "");
}

export function isNumber(value: JsonValue): value is JsonNumber {
  return value instanceof JsonNumber;
}
