/**
 * The printer: a PostgreSQL parse tree as DuckDB SQL, the last step of the translation (docs/sql.md). It knows DuckDB's grammar
 * and the places where the same words mean something else there; names of functions, tables and operators that DuckDB lacks
 * are the rewriting's, which runs before.
 *
 * Each kind of node has a printing function in the table below, which names every field that it reads. A kind or field beyond
 * them makes the answer null, so nothing that a statement says is dropped.
 */
import type { PgNode } from "../../pg_parser.ts";
import type { PrintStatement } from "../types.ts";
import { alterationPrinters } from "./alterations.ts";
import { castPrinters } from "./casts.ts";
import { constantPrinters } from "./constants.ts";
import { dataChangePrinters } from "./data_changes.ts";
import { definitionPrinters } from "./definitions.ts";
import { expressionPrinters } from "./expressions.ts";
import { fromPrinters } from "./from.ts";
import { functionPrinters } from "./function_calls.ts";
import { jsonPrinters } from "./json.ts";
import { operatorPrinters } from "./operators.ts";
import { selectPartPrinters, selectPrinters } from "./select.ts";
import { sequencePrinters } from "./sequences.ts";
import { tablePrinters } from "./tables.ts";
import { type Node, type NodeTag, tagOf, Unprintable } from "./tree.ts";
import { typePrinters } from "./types.ts";
import { sortPrinters } from "./windows.ts";
import { type NodePrinters, Writer } from "./writer.ts";

export { duckdbTypeName, unconstrainedNumeric } from "./types.ts";

const expressionTable: NodePrinters = {
  ...castPrinters,
  ...constantPrinters,
  ...expressionPrinters,
  ...functionPrinters,
  ...jsonPrinters,
  ...operatorPrinters,
  ...sortPrinters,
  ...typePrinters,
};

const statementTable: NodePrinters = {
  ...alterationPrinters,
  ...dataChangePrinters,
  ...definitionPrinters,
  ...selectPrinters,
  ...sequencePrinters,
  ...tablePrinters,
};

const printers: NodePrinters = { ...expressionTable, ...fromPrinters, ...selectPartPrinters, ...statementTable };

function printWith(kinds: NodePrinters, node: PgNode): Writer | null {
  try {
    const tree = node as Node;
    if (kinds[tagOf(tree) as NodeTag] === undefined) return null;
    const out = new Writer(printers);
    out.node(tree);
    return out;
  } catch (error) {
    // a RangeError is the end of the stack: a tree within the depth, but the caller had used most of it
    if (error instanceof Unprintable || error instanceof RangeError) return null;
    throw error;
  }
}

/** Prints the `stmt` node of a statement, such as `{SelectStmt: {…}}`. */
export const printStatement: PrintStatement = (statement) => printWith(statementTable, statement)?.printed() ?? null;

/**
 * Whether the printer itself translates something in a statement, so that the source's own text would be refused by DuckDB or mean
 * something else there (`LIKE 'a\_b'`, a FOR UPDATE, `= ANY` in an outer join …). False for what has no text.
 */
export function isTranslatedByPrinting(statement: PgNode): boolean {
  return printWith(statementTable, statement)?.isTranslated ?? false;
}

/** Prints an expression, such as `{A_Expr: {…}}`; null as for statements. */
export function printExpression(node: PgNode): string | null {
  return printWith(expressionTable, node)?.printed().text ?? null;
}
