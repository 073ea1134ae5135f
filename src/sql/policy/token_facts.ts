/**
 * Facts about a statement from its tokens alone, for texts that PostgreSQL's parser does not know. Conservative: where
 * the tokens leave open what a name or a string is, it counts as what would be refused.
 *
 * Measured on DuckDB 1.5.5: a string or a file-like name is read as a file after FROM, JOIN, a comma of a FROM list,
 * a prefix alias (`FROM a: 'f'`), ONLY, USING, TABLE, SUMMARIZE, DESCRIBE, DESC, SHOW, PIVOT and UNPIVOT, at any
 * depth. A FROM list ends at one of the reserved words below, which cannot be aliases unless quoted.
 */
import type { Token } from "../scanner.ts";
import { FactsBuilder, type RelationName } from "../statement.ts";
import { forbiddenRelations, isInternalDatabase } from "./relations.ts";

const introducers: ReadonlySet<string> = new Set(
  "from join into update table summarize describe desc show pivot unpivot pivot_wider pivot_longer using only lateral truncate"
    .split(" "),
);
const listEnds: ReadonlySet<string> = new Set(
  "select where group having order limit offset window qualify returning union intersect except".split(" "),
);
/** Functions whose own syntax has FROM in their parentheses, where a string is a plain value. */
const functionsWithFrom: ReadonlySet<string> = new Set("extract trim substring overlay position".split(" "));

export function isName(token: Token | undefined): token is Token {
  return token !== undefined && (token.kind === "word" || token.kind === "quoted");
}

export function isWord(token: Token | undefined, ...words: string[]): boolean {
  return token?.kind === "word" && words.includes(token.value);
}

export function isSymbol(token: Token | undefined, symbol: string): boolean {
  return token?.kind === "symbol" && token.value === symbol;
}

/** The dotted name that starts at `index`, and the index after it; null when there is none. */
export function readName(tokens: readonly Token[], index: number): { parts: string[]; next: number } | null {
  if (!isName(tokens[index])) return null;
  const parts = [tokens[index]!.value];
  let next = index + 1;
  while (isSymbol(tokens[next], ".") && isName(tokens[next + 1])) {
    parts.push(tokens[next + 1]!.value);
    next += 2;
  }
  return { parts, next };
}

export function relationFromParts(parts: readonly string[]): RelationName {
  const name = parts.at(-1)!;
  // More parts than DuckDB's grammar has: joined, so that nothing is left out of the check.
  const catalog = parts.length > 2 ? parts.slice(0, -2).join(".") : null;
  return { catalog, schema: parts.at(-2) ?? null, name };
}

interface Frame {
  /** In a FROM list of this bracket depth. */
  inFrom: boolean;
  /** The bracket stands where a relation is expected, so its first token does too. */
  readonly relationStart: boolean;
  /** FROM belongs to the syntax of a function such as extract(). */
  readonly functionFrom: boolean;
}

/** Function uses, relation reads, string-literal relations and nested data changes of `tokens`. */
export function collectTokenFacts(tokens: readonly Token[], facts: FactsBuilder): void {
  const frames: Frame[] = [{ inFrom: false, relationStart: false, functionFrom: false }];
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index]!;
    const previous = tokens[index - 1];
    const frame = frames.at(-1)!;
    const relation = expectsRelation(tokens, index, frame);
    if (token.kind === "symbol") {
      if (token.value === "(" || token.value === "[" || token.value === "{") {
        frames.push(openFrame(tokens, index, relation, previous));
        if (token.value === "(" && isName(previous)) collectFunction(tokens, index - 1, facts);
      } else if ((token.value === ")" || token.value === "]" || token.value === "}") && frames.length > 1) {
        frames.pop();
      }
      continue;
    }
    if ((token.kind === "string" || token.kind === "parameter") && relation) {
      facts.deny(
        "insufficient_privilege",
        `permission denied: a ${token.kind} in the place of a table names a file, and a workspace's SQL cannot read files`,
        "Import the file into a project table over the REST API.",
      );
    }
    if (!isName(token)) continue;
    checkNameAnywhere(token, facts);
    if (relation) collectRead(tokens, index, facts);
    if (token.kind !== "word") continue;
    if (listEnds.has(token.value)) frame.inFrom = false;
    if ((token.value === "from" && !isFunctionFrom(tokens, index, frame)) || token.value === "using") {
      frame.inFrom = true;
    }
    collectNestedChange(tokens, index, facts);
  }
}

function openFrame(tokens: readonly Token[], index: number, relation: boolean, previous: Token | undefined): Frame {
  const isCall = isName(previous) && !(previous.kind === "word" && introducers.has(previous.value));
  const isValues = isWord(tokens[index + 1], "values") && isSymbol(tokens[index + 2], "(");
  const relationStart = relation && !isCall && !isValues && isSymbol(tokens[index], "(");
  return {
    inFrom: relationStart,
    relationStart,
    functionFrom: previous?.kind === "word" && functionsWithFrom.has(previous.value),
  };
}

function isFunctionFrom(tokens: readonly Token[], index: number, frame: Frame): boolean {
  if (frame.functionFrom) return true;
  if (!isWord(tokens[index - 1], "distinct")) return false;
  // IS [NOT] DISTINCT FROM
  const before = tokens[index - 2];
  return isWord(before, "is") || (isWord(before, "not") && isWord(tokens[index - 3], "is"));
}

function expectsRelation(tokens: readonly Token[], index: number, frame: Frame): boolean {
  const previous = tokens[index - 1];
  if (previous === undefined) return false;
  if (previous.kind === "word") {
    if (!introducers.has(previous.value)) return false;
    return previous.value !== "from" || !isFunctionFrom(tokens, index - 1, frame);
  }
  if (isSymbol(previous, ",") || isSymbol(previous, ":")) return frame.inFrom;
  return isSymbol(previous, "(") && frame.relationStart;
}

/** Names that no honest statement of DuckDB's dialect holds anywhere: refused without asking where they stand. */
function checkNameAnywhere(token: Token, facts: FactsBuilder): void {
  if (isInternalDatabase(token.value) && /^__t?\d/.test(token.value)) {
    facts.deny("insufficient_privilege", `permission denied for database "${token.value}"`);
  } else if (forbiddenRelations.has(token.value)) {
    facts.reads.push({ catalog: null, schema: null, name: token.value });
  }
}

function collectRead(tokens: readonly Token[], index: number, facts: FactsBuilder): void {
  const token = tokens[index]!;
  if (token.kind === "word" && (introducers.has(token.value) || listEnds.has(token.value))) return;
  if (token.kind === "word" && token.value === "databases" && isWord(tokens[index - 1], "show")) {
    facts.deny("insufficient_privilege", "permission denied: SHOW DATABASES shows the server's databases");
  }
  const name = readName(tokens, index)!;
  // A call is checked as a function, a prefix alias (`a: t`) by what follows the colon.
  if (isSymbol(tokens[name.next], "(") || (name.parts.length === 1 && isSymbol(tokens[name.next], ":"))) return;
  facts.reads.push(relationFromParts(name.parts));
}

function collectFunction(tokens: readonly Token[], index: number, facts: FactsBuilder): void {
  const chained = isSymbol(tokens[index - 1], ".");
  if (isColumnList(tokens, chained ? index - 2 : index)) return;
  const argument = tokens[index + 2];
  const plain = !chained || isWord(tokens[index - 2], "pg_catalog");
  const after = tokens[index + 3];
  const whole = argument?.kind === "string" && (isSymbol(after, ")") || isSymbol(after, ","));
  const literal = plain && whole ? argument.value : null;
  const position = isWord(tokens[index - 1], "select", "distinct") ? "scalar" : "either";
  facts.functions.push({ name: tokens[index]!.value, position, literal });
}

/** `INSERT INTO t (…`, `CREATE TABLE t (…`: a list of columns, not of arguments. */
function isColumnList(tokens: readonly Token[], index: number): boolean {
  const [before, earlier] = [tokens[index - 1], tokens[index - 2]];
  if (isWord(before, "into")) return isWord(earlier, "insert", "replace", "ignore", "merge");
  return isWord(before, "table") && isWord(earlier, "create", "replace", "temp", "temporary");
}

/** INSERT INTO, DELETE FROM, UPDATE, MERGE INTO and TRUNCATE with their target, wherever they stand. */
function collectNestedChange(tokens: readonly Token[], index: number, facts: FactsBuilder): void {
  const change = (command: string, at: number) => {
    const start = isWord(tokens[at], "only", "table") ? at + 1 : at;
    const name = readName(tokens, start);
    if (name !== null) facts.change(command, "rows", "table", relationFromParts(name.parts));
  };
  const [first, second, third] = [tokens[index]!.value, tokens[index + 1], tokens[index + 2]];
  if (first === "insert") {
    if (isWord(second, "into")) change("INSERT", index + 2);
    else if (isWord(second, "or") && isWord(tokens[index + 3], "into") && third !== undefined) {
      change("INSERT", index + 4);
    }
  } else if (first === "delete" && isWord(second, "from")) {
    change("DELETE", index + 2);
  } else if (first === "merge" && isWord(second, "into")) {
    change("MERGE", index + 2);
  } else if (first === "truncate") {
    change("TRUNCATE TABLE", index + 1);
  } else if (first === "update" && !isWord(tokens[index - 1], "do", "then", "for") && !isWord(second, "set")) {
    const name = readName(tokens, isWord(second, "only") ? index + 2 : index + 1);
    if (name !== null && hasSet(tokens, name.next)) change("UPDATE", index + 1);
  }
}

/** `UPDATE t [[AS] alias] SET`, told from a column that is named update. */
function hasSet(tokens: readonly Token[], index: number): boolean {
  return tokens.slice(index, index + 4).some((token) => isWord(token, "set"));
}
