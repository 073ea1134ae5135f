/**
 * The translation of a statement from PostgreSQL's dialect to DuckDB's: parse, rewrite the tree, print it. A statement
 * that DuckDB reads as PostgreSQL does keeps its text, and one that is not PostgreSQL's grammar goes to DuckDB as it
 * is.
 *
 *     await loadPolicyParser();                  // once a process
 *     const translation = translate(statement);  // made once for each parsed statement
 */
import { AppError } from "../../errors/app_error.ts";
import { parsePostgres, type PgNode, PgSyntaxError } from "../pg_parser.ts";
import type { ParsedStatement } from "../statement.ts";
import { originsOf } from "./column_origins.ts";
import { outputTypesOf } from "./rewrite/output_types.ts";
import { isTranslatedByPrinting, printStatement } from "./print/mod.ts";
import { unprintableName } from "./rewrite/unprintable.ts";
import { mustBePrinted } from "./rewrite/source_text.ts";
import { rewriteStatement } from "./rewrite/statement.ts";
import { qualified } from "./permanent_names.ts";
import { withDependentColumns } from "./rewrite/dependent_columns.ts";
import { needsConflictFacts, withConflictFacts } from "./rewrite/statements/conflicts.ts";
import { rewriteStatements } from "./rewrite/statements/mod.ts";
import { mustBeStaged, stagedTexts } from "./staged/plan.ts";
import type { FactsByTable } from "./table_facts.ts";
import { bodyOf, child, list, withFields } from "./rewrite/tree.ts";
import { withViewSource } from "./rewrite/view_source.ts";
import { sourcePosition } from "./rewrite/source_position.ts";
import { type TableColumns, wantedTables } from "./table_columns.ts";
import type { Printed, Translation } from "./types.ts";

export type { OutputType, Translation } from "./types.ts";

/** parseStatements gives the same object for the same text, so that this follows its bound. */
const known = new WeakMap<ParsedStatement, Translation>();

/** Throws `feature_not_supported` for what has no honest equivalent, and errors that PostgreSQL finds in constants. */
export function translate(statement: ParsedStatement): Translation {
  const before = known.get(statement);
  if (before !== undefined) return before;
  const translation = translateNew(statement);
  known.set(statement, translation);
  return translation;
}

/**
 * As `translate` or `translateWithColumns`, but of the statement's tree after `change`; null when nothing is changed or the outcome cannot be printed. Made anew
 * at each call.
 */
export function translateChanged(
  statement: ParsedStatement,
  change: (root: PgNode) => PgNode,
  columns?: TableColumns,
): Translation | null {
  const root = parsedTree(statement);
  if (root === null) return null;
  try {
    const changed = change(root);
    return changed === root ? null : translateTree(changed, statement, columns, true);
  } catch (error) {
    if (error instanceof RangeError || error instanceof AppError) return null;
    throw error;
  }
}

function parsedTree(statement: ParsedStatement): PgNode | null {
  const { text } = statement;
  if (statement.dialect === "duckdb" || statement.action.type !== "execute" || lambdaCall.test(text)) return null;
  const root = parsedRoot(text);
  return root === null || statement.insertColumns === undefined ? root : namingColumns(root, statement.insertColumns);
}

/** `INSERT INTO t VALUES (…)` as `INSERT INTO t (columns) VALUES (…)`. */
function namingColumns(root: PgNode, names: readonly string[]): PgNode {
  const insert = bodyOf(root, "InsertStmt");
  if (insert === null || list(insert, "cols").length > 0) return root;
  const cols = names.map((name) => ({ ResTarget: { name, location: -1 } }));
  return { InsertStmt: withFields(insert, { cols }) };
}

/** As `translate`, where somebody has looked up the columns of `wantedTables`. */
export function translateWithColumns(statement: ParsedStatement, columns: TableColumns): Translation {
  return translateNew(statement, columns);
}

function translateNew(statement: ParsedStatement, columns?: TableColumns): Translation {
  const { text } = statement;
  const root = parsedTree(statement);
  if (root === null) return unchanged(text);
  try {
    return translateTree(root, statement, columns);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new AppError("program_limit", "the statement is too deeply nested to be translated");
  }
}

/**
 * `list_filter(l, x -> x > 1)`: PostgreSQL's grammar takes the arrow for an operator that binds tighter than the
 * comparison.
 */
const lambdaCall = new RegExp(
  "\\b(?:(?:list|array)_(?:transform|apply|filter|reduce)|apply|reduce)\\s*\\([^;]*[\\w)]\\s*->",
  "i",
);

function parsedRoot(text: string): PgNode | null {
  try {
    const nodes = parsePostgres(text);
    return nodes?.length === 1 ? child(nodes[0]!, "stmt") : null;
  } catch (error) {
    // What only DuckDB can read inside an EXPLAIN or the like.
    if (error instanceof PgSyntaxError) return null;
    throw error;
  }
}

/** `isChanged`: the root is not what `text` says, so that the text cannot stand for it. */
function translateTree(
  root: PgNode,
  { text, permanentNames, insertColumns, tableFacts, columnNames }: ParsedStatement,
  columns?: TableColumns,
  isChanged = permanentNames !== undefined || insertColumns !== undefined || tableFacts !== undefined,
): Translation {
  const grouped = tableFacts === undefined ? root : withDependentColumns(root, tableFacts);
  const rewritten = rewriteStatement(grouped, text, { nameColumns: true }, columns);
  const known = tableFacts === undefined ? rewritten.root : withConflictFacts(rewritten.root, tableFacts);
  const statement = rewritten.scope.statement;
  const facts = {
    relations: statement.relations,
    outputTypes: outputTypesOf(rewritten.columns),
    origins: originsOf(root),
    notices: [...statement.notices],
    wantedTables: columns === undefined ? wantedTables(text, statement.tables) : [],
    wantsFacts: tableFacts === undefined && needsConflictFacts(root),
    ...(columns === undefined ? {} : { columns }),
  };
  const staging = mustBeStaged(known, tableFacts);
  if (staging === "yes") {
    return { ...facts, ...stagedTranslation(known, text, permanentNames, tableFacts, columnNames) };
  }
  if (staging === "perhaps") return { ...unchanged(text), ...facts, wantsFacts: true };
  const { statements, notices } = rewriteStatements(withViewSource(known, text));
  facts.notices.push(...notices);
  const same = !isChanged && statements.length === 1 && statements[0] === root;
  if (same && !mustBePrinted(text, root) && !isTranslatedByPrinting(root)) return { ...unchanged(text), ...facts };
  const named = permanentNames === undefined ? statements : statements.map((item) => qualified(item, permanentNames));
  const printed = named.map(printStatement);
  const missing = printed.indexOf(null);
  if (missing >= 0 && isChanged) {
    throw new AppError("feature_not_supported", "a changed tree cannot be printed");
  }
  if (missing >= 0) return withoutPrinter(root, text, statements[missing]!, facts);
  const last = printed.at(-1)!;
  const texts = printed.map((item) => item!.text) as [string, ...string[]];
  return { texts, originalPosition: positions(last, text), ...facts };
}

/** Its texts are those that are prepared, and the steps, so that all that they use is made ready. */
function stagedTranslation(
  root: PgNode,
  source: string,
  permanentNames: ParsedStatement["permanentNames"],
  facts: FactsByTable | undefined,
  columnNames: ParsedStatement["columnNames"],
): Pick<Translation, "texts" | "originalPosition" | "wantsFacts" | "wantedNames" | "staged"> {
  const named = permanentNames === undefined ? root : qualified(root, permanentNames);
  const staged = stagedTexts(named, facts ?? new Map(), columnNames ?? null);
  const prepared = (node: PgNode) => {
    const printed = printStatement(node);
    if (printed === null) throw new AppError("feature_not_supported", "a part of this statement is not supported");
    return { text: printed.text, originalPosition: positions(printed, source) };
  };
  const probes = staged.probes.map(prepared);
  const shape = staged.shape === null ? null : prepared(staged.shape);
  const wantsFacts = facts === undefined || staged.wanted.some((text) => columnNames?.get(text) === undefined);
  const { steps, result, countedSteps, tables } = staged;
  const all = [...probes, ...(shape === null ? [] : [shape])].map(({ text }) => text);
  return {
    texts: [...all, ...steps] as unknown as [string, ...string[]],
    originalPosition: (position) => position,
    wantsFacts,
    wantedNames: staged.wanted,
    ...(wantsFacts ? {} : { staged: { probes, shape, steps, result, countedSteps, tables } }),
  };
}

/**
 * The printer does not know some node. The text as it is says the same to DuckDB when all that was to change were names
 * of result columns; a statement whose meaning depends on the rewriting is refused.
 */
function withoutPrinter(
  root: PgNode,
  text: string,
  unprintable: PgNode,
  facts: Pick<
    Translation,
    "relations" | "outputTypes" | "origins" | "notices" | "wantedTables" | "wantsFacts" | "columns"
  >,
): Translation {
  const unnamed = rewriteStatements(rewriteStatement(root, text, { nameColumns: false }).root).statements;
  if (unnamed.length === 1 && unnamed[0] === root) return { ...unchanged(text), ...facts };
  const name = unprintableName(unprintable);
  throw new AppError("feature_not_supported", `${name} is not supported`);
}

function unchanged(text: string): Translation {
  return {
    texts: [text],
    originalPosition: (position) => position,
    relations: new Set(),
    outputTypes: [],
    origins: null,
    notices: [],
    wantedTables: [],
    wantsFacts: false,
  };
}

function positions(printed: Printed, source: string): (position: number) => number {
  return (position) => sourcePosition(printed, source, position);
}
