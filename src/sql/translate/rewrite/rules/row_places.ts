/**
 * Comparisons with a row's place (`ctid`). It is shown as text, `(page,line)`, whose order is another one, so what is compared is
 * DuckDB's number of the row; a constant becomes the number of the first or the last row that is meant. DuckDB also skips by
 * it what cannot be meant, as tools that read a table in ranges of pages expect.
 */
import { columnRef, macroCall, operator } from "../build.ts";
import { bodyOf, child, list, type PgNode, stringOf, stringsOf, text, withFields } from "../tree.ts";

const placeMacro = "__ctid";
const firstMacro = "__ctid_first";
const lastMacro = "__ctid_last";

/** The place of a row of this relation. */
export function placeOf(alias: string): PgNode {
  return macroCall(placeMacro, [columnRef(alias, "rowid")]);
}

/** Which end of a place's rows, of which there is one or none, a comparison is with: line 0 lies before the page's first row. */
const macroByOperator: Readonly<Record<string, string>> = {
  "=": lastMacro,
  "<": firstMacro,
  ">=": firstMacro,
  "<=": lastMacro,
  ">": lastMacro,
};
const mirrored: Readonly<Record<string, string>> = { "=": "=", "<": ">", ">": "<", "<=": ">=", ">=": "<=" };

/** The comparison by numbers of rows, or null when it is of something else. `body` is of an A_Expr whose operands are rewritten. */
export function rewritePlaceComparison(body: PgNode): PgNode | null {
  const left = child(body, "lexpr");
  const right = child(body, "rexpr");
  if (left === null || right === null) return null;
  const leftRow = rowOf(left);
  const kind = text(body, "kind");
  if (kind === "AEXPR_BETWEEN" || kind === "AEXPR_NOT_BETWEEN") {
    const [from, to] = list(bodyOf(right, "List"), "items");
    if (leftRow === null || from === undefined || to === undefined) return null;
    const items = [numberOf(from, firstMacro), numberOf(to, lastMacro)];
    return { A_Expr: withFields(body, { lexpr: leftRow, rexpr: { List: { items } } }) };
  }
  if (kind === "AEXPR_IN") {
    const items = list(bodyOf(right, "List"), "items");
    if (leftRow === null || items.length === 0) return null;
    const numbers = items.map((item) => numberOf(item, lastMacro));
    return { A_Expr: withFields(body, { lexpr: leftRow, rexpr: { List: { items: numbers } } }) };
  }
  if (kind !== "AEXPR_OP") return null;
  const name = stringsOf(body, "name").at(-1) ?? "";
  if (leftRow !== null && macroByOperator[name] !== undefined) {
    return operator(leftRow, name, numberOf(right, macroByOperator[name]));
  }
  const rightRow = rowOf(right);
  const mirror = mirrored[name];
  if (rightRow === null || mirror === undefined) return null;
  return operator(rightRow, mirror, numberOf(left, macroByOperator[mirror]!));
}

/** `rowid` of the relation whose `ctid` this is. */
function rowOf(node: PgNode): PgNode | null {
  const body = bodyOf(node, "FuncCall");
  if (body === null || stringOf(list(body, "funcname").at(-1)) !== placeMacro) return null;
  return list(body, "args")[0] ?? null;
}

function numberOf(node: PgNode, macro: string): PgNode {
  return rowOf(node) ?? macroCall(macro, [node]);
}
