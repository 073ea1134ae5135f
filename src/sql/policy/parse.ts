/**
 * Texts to statements. A text is split by our own scanner, then each statement is given to PostgreSQL's parser; what
 * that does not know is looked at token by token as DuckDB's dialect, and what is neither is a syntax error with
 * PostgreSQL's message. A refusal is recorded as a fact and thrown by `checkStatement`, so that the statements before
 * it can run.
 */
import { AppError } from "../../errors/app_error.ts";
import { parseDepthMax, parsePostgres, parseTextLengthMax, PgSyntaxError } from "../pg_parser.ts";
import type { PgNode } from "../pg_parser.ts";
import { characterPosition, scanTokens, splitStatements, type Token } from "../scanner.ts";
import { FactsBuilder, type ParsedStatement, type StatementFacts } from "../statement.ts";
import { innerRange } from "./cut.ts";
import { describeDuckdb } from "./duckdb_statement.ts";
import { StatementCache } from "./statement_cache.ts";
import { collectTokenFacts, isWord } from "./token_facts.ts";
import { child, collectTreeFacts, unwrap } from "./tree_facts.ts";
import { type DescribeInput, describeTree, type Description } from "./tree_statement.ts";

const cache = new StatementCache();
/** PREPARE of EXPLAIN of a query is the deepest that means something. */
const wrapDepthMax = 4;
/** PostgreSQL's NAMEDATALEN - 1: its parser cuts longer names, DuckDB does not. */
const pgNameBytesMax = 63;

interface Piece {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly offset: number;
  readonly depth: number;
}

/**
 * The statements of `sql`, in order; empty for white space and comments alone. The result is shared: do not change it.
 * Throws `syntax_error` with the position in `sql` when neither dialect knows a statement, `program_limit` for one
 * too deep to be read.
 */
export function parseStatements(sql: string): ParsedStatement[] {
  const known = cache.get(sql);
  if (known !== undefined) return known as ParsedStatement[];
  const statements = splitStatements(sql).map((piece) => {
    try {
      return parsePiece({ ...piece, depth: 0 });
    } catch (error) {
      throw moveError(error, sql, piece.offset);
    }
  });
  cache.set(sql, statements);
  return statements;
}

/** An error's position within a statement becomes one within the whole text. */
function moveError(error: unknown, sql: string, offset: number): unknown {
  if (!(error instanceof AppError) || error.position === undefined || offset === 0) return error;
  return new AppError(error.kind, error.message, {
    position: error.position + characterPosition(sql, offset) - 1,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}

/** Only for tests: how full the cache is. */
export function cacheStats(): { readonly texts: number; readonly bytes: number } {
  return { texts: cache.textCount, bytes: cache.bytes };
}

function parsePiece(piece: Piece): ParsedStatement {
  if (piece.depth > wrapDepthMax) throw new AppError("syntax_error", "syntax error: statements are nested too deeply");
  let syntaxError: PgSyntaxError | null = null;
  if (suitsPostgres(piece)) {
    try {
      const nodes = parsePostgres(piece.text);
      const root = nodes?.length === 1 ? child(nodes[0]!, "stmt") : null;
      if (root !== null) return fromTree(piece, root);
    } catch (error) {
      if (!(error instanceof PgSyntaxError)) throw error;
      syntaxError = error;
    }
  }
  const statement = fromTokens(piece);
  if (statement !== null) return statement;
  if (syntaxError !== null) {
    throw new AppError("syntax_error", syntaxError.message, { position: Math.max(1, syntaxError.position) });
  }
  throw new AppError("program_limit", "the statement is too long or too deeply nested to be read");
}

const sessionWords: ReadonlySet<string> = new Set(
  "begin start commit end abort rollback savepoint release fetch move close deallocate listen notify unlisten".split(
    " ",
  ),
);

/** Whether PostgreSQL's parser can read the text safely and to the same tokens as DuckDB. */
function suitsPostgres(piece: Piece): boolean {
  const { text, tokens } = piece;
  if (text.length > parseTextLengthMax) return false;
  // These never reach DuckDB, so a name that PostgreSQL cuts to 63 bytes is cut for both sides.
  const longNames = tokens[0]?.kind === "word" && sessionWords.has(tokens[0].value);
  for (const token of tokens) {
    if (token.ambiguous === true) return false;
    if (longNames || (token.kind !== "quoted" && token.kind !== "word")) continue;
    // A UTF-16 unit is at most three bytes.
    if (token.value.length * 3 > pgNameBytesMax && new TextEncoder().encode(token.value).length > pgNameBytesMax) {
      return false;
    }
  }
  return nestingDepth(tokens) <= parseDepthMax;
}

/**
 * An upper bound for the depth of the parse tree: open brackets, plus operators in a row, plus joins and set
 * operations, which lean to the left. AND, OR and lists are flat.
 */
function nestingDepth(tokens: readonly Token[]): number {
  const saved: [operators: number, clauses: number][] = [];
  let [operators, clauses, below, deepest] = [0, 0, 0, 0];
  for (const token of tokens) {
    if (token.kind === "symbol") {
      if (token.value === "(" || token.value === "[") {
        saved.push([operators, clauses]);
        below += operators + clauses + 1;
        operators = clauses = 0;
      } else if (token.value === ")" || token.value === "]") {
        [operators, clauses] = saved.pop() ?? [0, 0];
        below = Math.max(0, below - operators - clauses - 1);
      } else if (token.value === ",") operators = 0;
      else operators++;
    } else if (isWord(token, "not", "is", "case", "collate", "at", "between", "like", "in")) operators++;
    else if (isWord(token, "join", "union", "except", "intersect")) clauses++;
    else continue;
    deepest = Math.max(deepest, below + operators + clauses);
  }
  return deepest;
}

function parseQuery(query: string, depth: number): ParsedStatement {
  return parsePiece({ text: query, tokens: scanTokens(query), offset: 0, depth: depth + 1 });
}

/** The statement inside a PREPARE, DECLARE, COPY (…) or EXPLAIN, parsed by itself. */
function parseInner(piece: Piece): DescribeInput["inner"] {
  const range = innerRange(piece.tokens);
  if (range === null) return null;
  const inside = piece.tokens.slice(range.start, range.end);
  const start = inside[0]!.start;
  const tokens = inside.map((token) => ({ ...token, start: token.start - start, end: token.end - start }));
  const text = piece.text.slice(start, inside.at(-1)!.end);
  try {
    const offset = piece.offset + start;
    return { range, statement: parsePiece({ text, tokens, offset, depth: piece.depth + 1 }) };
  } catch (error) {
    throw moveError(error, piece.text, start);
  }
}

const wrapTypes: ReadonlySet<string> = new Set(["PrepareStmt", "DeclareCursorStmt", "ExplainStmt", "CopyStmt"]);

function fromTree(piece: Piece, root: PgNode): ParsedStatement {
  const [type, node] = unwrap(root);
  const facts = new FactsBuilder();
  const inner = wrapTypes.has(type) ? parseInner(piece) : null;
  if (inner === null) collectTreeFacts(root, facts);
  else facts.addAll(inner.statement.facts);
  const dialect = inner?.statement.dialect ?? "postgresql";
  return finish(piece, dialect, facts, inner, (input) => describeTree(type, node, input))!;
}

function fromTokens(piece: Piece): ParsedStatement | null {
  const facts = new FactsBuilder();
  const inner = isWord(piece.tokens[0], "prepare", "declare", "copy", "explain") ? parseInner(piece) : null;
  if (inner === null) collectTokenFacts(piece.tokens, facts);
  else facts.addAll(inner.statement.facts);
  if (inner !== null && !isWord(piece.tokens[0], "explain")) {
    const wrapper = parseWrapper(piece, inner.range.start, inner.range.end);
    if (wrapper !== null) return finish(piece, "duckdb", facts, inner, (input) => describeTree(...wrapper, input));
  }
  return finish(piece, "duckdb", facts, inner, describeDuckdb);
}

/**
 * PostgreSQL's tree of `PREPARE … AS SELECT 1` for a PREPARE of a statement that only DuckDB knows; null if still
 * none.
 */
function parseWrapper(piece: Piece, start: number, end: number): [type: string, node: PgNode] | null {
  const { text, tokens } = piece;
  const after = tokens[end] === undefined ? "" : text.slice(tokens[end].start);
  try {
    const nodes = parsePostgres(`${text.slice(0, tokens[start]!.start)}SELECT 1${after}`);
    const root = nodes?.length === 1 ? child(nodes[0]!, "stmt") : null;
    return root === null ? null : unwrap(root);
  } catch (error) {
    if (error instanceof PgSyntaxError) return null;
    throw error;
  }
}

function finish(
  piece: Piece,
  dialect: ParsedStatement["dialect"],
  facts: FactsBuilder,
  inner: DescribeInput["inner"],
  describe: (input: DescribeInput) => Description | null,
): ParsedStatement | null {
  const { text, tokens, offset } = piece;
  let description: Description | null;
  try {
    description = describe({ text, tokens, inner, facts, parseQuery: (query) => parseQuery(query, piece.depth) });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    facts.deny(error.kind, error.message, error.hint);
    description = { kind: "utility", tag: "", returnsRows: false, writes: true, action: { type: "execute" } };
  }
  if (description === null) return null;
  return { text, offset, ...description, dialect, facts: dedupe(facts.facts()) };
}

/** A text of 10,000 rows may call one function 10,000 times. */
function dedupe(facts: StatementFacts): StatementFacts {
  return {
    denials: facts.denials.slice(0, 1),
    functions: distinct(facts.functions),
    reads: distinct(facts.reads),
    changes: distinct(facts.changes),
  };
}

function distinct<T>(items: readonly T[]): readonly T[] {
  if (items.length < 2) return items;
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
