/**
 * PostgreSQL's own parser (libpg-query, WASM) behind one synchronous function that cannot be broken by its input.
 *
 * Measured: a text whose tree is some 8,000 levels deep overflows the JavaScript stack inside WASM; the module's own
 * stack pointer then stays where it was, and after about 29 such texts the parser returns garbage for every text. So
 * texts that are too deep are not given to it (`parseable`), and after any failure that is not a syntax error the
 * module is thrown away and made anew (7 ms, in the background); until then `parsePostgres` answers null.
 */
// deno-lint-ignore-file camelcase -- the names of libpg-query's exports and of PostgreSQL's parse tree
import makeModule from "libpg-query/wasm/libpg-query.js";

/** A node of the parse tree as libpg-query's JSON gives it: `{SelectStmt: {…}}` where a type can vary. */
export interface PgNode {
  readonly [field: string]: unknown;
}

export class PgSyntaxError extends Error {
  override readonly name = "PgSyntaxError";
  /** 1-based, in characters; 0 when unknown. */
  readonly position: number;
  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

interface PgModule {
  lengthBytesUTF8(text: string): number;
  stringToUTF8(text: string, pointer: number, bytesMax: number): void;
  UTF8ToString(pointer: number): string;
  getValue(pointer: number, type: "i32"): number;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  _wasm_parse_query_raw(pointer: number): number;
  _wasm_free_parse_result(pointer: number): void;
  _wasm_normalize_query(pointer: number): number;
  _wasm_free_string(pointer: number): void;
}

/** Longer texts are mostly data (an INSERT of many rows); their tree costs 30 times their size and 0.3 ms a kB. */
export const parseTextLengthMax = 128 * 1024;
/**
 * Operators, joins, set operations and the like in one list item, and open brackets: a third of what breaks the
 * parser.
 */
export const parseDepthMax = 2_000;

let module: PgModule | null = null;
let loading: Promise<void> | null = null;

/** Loads the WASM module once; later calls answer at once. */
export function loadPolicyParser(): Promise<void> {
  if (module !== null) return Promise.resolve();
  loading ??= (makeModule as unknown as () => Promise<PgModule>)().then((loaded) => {
    module = loaded;
    loading = null;
  });
  return loading;
}

/**
 * The statements of `text` (the `stmts` list of the parse result), or null when the parser cannot be used for it.
 * Throws `PgSyntaxError`; throws when `loadPolicyParser` has never finished.
 */
export function parsePostgres(text: string): PgNode[] | null {
  if (module === null) {
    if (loading === null) throw new Error("loadPolicyParser() has not been awaited");
    return null;
  }
  const parser = module;
  let answer: { tree: string } | PgSyntaxError;
  try {
    answer = parseRaw(parser, text);
  } catch {
    module = null;
    loadPolicyParser().catch(() => {});
    return null;
  }
  if (answer instanceof PgSyntaxError) throw answer;
  return (JSON.parse(answer.tree) as { stmts?: PgNode[] }).stmts ?? [];
}

function parseRaw(parser: PgModule, text: string): { tree: string } | PgSyntaxError {
  const bytes = parser.lengthBytesUTF8(text) + 1;
  const textPointer = parser._malloc(bytes);
  let resultPointer = 0;
  try {
    parser.stringToUTF8(text, textPointer, bytes);
    resultPointer = parser._wasm_parse_query_raw(textPointer);
    // struct PgQueryParseResult { char *parse_tree; char *stderr_buffer; PgQueryError *error; }
    const errorPointer = parser.getValue(resultPointer + 8, "i32");
    if (errorPointer !== 0) {
      // struct PgQueryError { char *message; char *funcname; char *filename; int lineno; int cursorpos; char *context;
      // }
      const message = parser.UTF8ToString(parser.getValue(errorPointer, "i32"));
      return new PgSyntaxError(message, Math.max(0, parser.getValue(errorPointer + 16, "i32")));
    }
    return { tree: parser.UTF8ToString(parser.getValue(resultPointer, "i32")) };
  } finally {
    parser._free(textPointer);
    if (resultPointer !== 0) parser._wasm_free_parse_result(resultPointer);
  }
}

/**
 * The text with its constants replaced by `$1`, `$2`, … as PostgreSQL's query statistics do; null when the parser cannot be
 * used now. Only for a text that `parsePostgres` has read: for another one the answer may be an error's message.
 *
 * It leaves constants of definitions (defaults, CHECK, the SELECT of a view), of COPY's options, of EXECUTE and of some
 * utility statements as they are, and comments too: the caller masks what is left.
 */
export function normalizePostgres(text: string): string | null {
  if (module === null) return null;
  const parser = module;
  try {
    const bytes = parser.lengthBytesUTF8(text) + 1;
    const textPointer = parser._malloc(bytes);
    let resultPointer = 0;
    try {
      parser.stringToUTF8(text, textPointer, bytes);
      resultPointer = parser._wasm_normalize_query(textPointer);
      return resultPointer === 0 ? null : parser.UTF8ToString(resultPointer);
    } finally {
      parser._free(textPointer);
      if (resultPointer !== 0) parser._wasm_free_string(resultPointer);
    }
  } catch {
    module = null;
    loadPolicyParser().catch(() => {});
    return null;
  }
}
