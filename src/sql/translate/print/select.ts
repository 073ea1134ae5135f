/** SELECT, VALUES, set operations and WITH. */
import { bracketedExpressions, expression, expressions, level } from "./brackets.ts";
import { columnNames, fromItems } from "./from.ts";
import { nameText } from "./identifiers.ts";
import {
  bodyOf,
  type CommonTableExpr,
  type GroupingSet,
  isNullConstant,
  itemsOf,
  type Node,
  refuse,
  refuseOtherFields,
  requireFields,
  type SelectStmt,
  tagOf,
  type WithClause,
} from "./tree.ts";
import { sortClause, windowClause } from "./windows.ts";
import type { NodePrinters, Writer } from "./writer.ts";

/** `lockingClause` (FOR UPDATE) is left out: DuckDB locks no rows, a conflict shows at the change itself. */
const selectFields = [
  "distinctClause",
  "targetList",
  "fromClause",
  "whereClause",
  "groupClause",
  "havingClause",
  "windowClause",
  "valuesLists",
  "sortClause",
  "limitOffset",
  "limitCount",
  "limitOption",
  "lockingClause",
  "withClause",
  "op",
  "all",
  "larg",
  "rarg",
] as const;

function isSetOperation(select: SelectStmt): boolean {
  return select.op !== undefined && select.op !== "SETOP_NONE";
}

/** A part of a set operation with clauses of its own, which without brackets would be the whole operation's. */
function hasOwnClauses(select: SelectStmt): boolean {
  return select.sortClause !== undefined || select.limitCount !== undefined || select.limitOffset !== undefined ||
    select.withClause !== undefined;
}

/** UNION and EXCEPT have one precedence, INTERSECT a higher one; all group to the left. */
function continuesLeft(left: SelectStmt, operation: SelectStmt): boolean {
  if (!isSetOperation(left) || hasOwnClauses(left)) return false;
  return operation.op !== "SETOP_INTERSECT" || left.op === "SETOP_INTERSECT";
}

function operand(out: Writer, select: SelectStmt | undefined): void {
  if (select === undefined) refuse("a set operation without an operand");
  if (isSetOperation(select) || hasOwnClauses(select)) out.brackets(() => out.body("SelectStmt", select));
  else out.body("SelectStmt", select);
}

function operationWords(select: SelectStmt): string {
  const all = select.all === true ? " ALL" : "";
  switch (select.op) {
    case "SETOP_UNION":
      return ` UNION${all} `;
    case "SETOP_INTERSECT":
      return ` INTERSECT${all} `;
    case "SETOP_EXCEPT":
      return ` EXCEPT${all} `;
    default:
      return refuse(`the set operation ${select.op}`);
  }
}

/** Left operands are not printed by recursion: generated statements have chains of hundreds. */
function setOperations(out: Writer, last: SelectStmt): void {
  const chain = [last];
  for (;;) {
    const left = chain.at(-1)!.larg;
    if (left === undefined || !continuesLeft(left, chain.at(-1)!)) {
      operand(out, left);
      break;
    }
    refuseOtherFields(left, selectFields);
    chain.push(left);
  }
  for (const operation of chain.toReversed()) {
    out.write(operationWords(operation));
    operand(out, operation.rarg);
  }
}

/** The columns of a SELECT or RETURNING. */
export function targetList(out: Writer, targets: readonly Node[]): void {
  let lead = "";
  for (const node of targets) {
    const target = requireFields(node, "ResTarget", ["name", "val"]);
    out.write(lead);
    lead = ", ";
    expression(out, target.val);
    if (target.name !== undefined) out.write(` AS ${nameText(target.name)}`);
  }
}

/** Rows of VALUES. */
function valuesRows(out: Writer, rows: readonly Node[]): void {
  out.write("VALUES ");
  out.list(rows, (row) => bracketedExpressions(out, itemsOf(row)));
}

function selectCore(out: Writer, select: SelectStmt): void {
  if (select.valuesLists !== undefined) return valuesRows(out, select.valuesLists);
  const targets = select.targetList ?? refuse("a SELECT without columns");
  out.write("SELECT ");
  if (select.distinctClause !== undefined) {
    out.write("DISTINCT ");
    // plain DISTINCT is a list with an empty item
    const [first] = select.distinctClause;
    if (first !== undefined && Object.keys(first).length > 0) {
      out.write("ON ");
      bracketedExpressions(out, select.distinctClause);
      out.write(" ");
    }
  }
  targetList(out, targets);
  if (select.fromClause !== undefined) {
    out.write(" FROM ");
    fromItems(out, select.fromClause);
  }
  whereClause(out, select.whereClause);
  if (select.groupClause !== undefined) {
    out.write(" GROUP BY ");
    expressions(out, select.groupClause);
  }
  if (select.havingClause !== undefined) {
    out.write(" HAVING ");
    expression(out, select.havingClause);
  }
  if (select.windowClause !== undefined) windowClause(out, select.windowClause);
}

export function whereClause(out: Writer, condition: Node | undefined): void {
  if (condition === undefined) return;
  out.write(" WHERE ");
  expression(out, condition);
}

/** A number of rows; DuckDB has `LIMIT 10 %`, so what is not plain stands in brackets. */
function rowCount(out: Writer, word: string, count: Node | undefined): void {
  if (count === undefined || isNullConstant(count)) return;
  out.write(` ${word} `);
  if (["A_Const", "ParamRef", "SubLink"].includes(tagOf(count))) expression(out, count, level.unary);
  else out.brackets(() => expression(out, count));
}

function printSelect(out: Writer, select: SelectStmt): void {
  if (select.lockingClause !== undefined) out.translates();
  if (select.limitOption === "LIMIT_OPTION_WITH_TIES") refuse("FETCH FIRST … WITH TIES");
  withClause(out, select.withClause);
  if (isSetOperation(select)) setOperations(out, select);
  else selectCore(out, select);
  if (select.sortClause !== undefined) sortClause(out, select.sortClause);
  rowCount(out, "LIMIT", select.limitCount);
  rowCount(out, "OFFSET", select.limitOffset);
}

function printCommonTable(out: Writer, table: CommonTableExpr): void {
  out.place(table.location);
  out.write(nameText(table.ctename ?? ""));
  columnNames(out, table.aliascolnames);
  out.write(" AS ");
  if (table.ctematerialized === "CTEMaterializeAlways") out.write("MATERIALIZED ");
  if (table.ctematerialized === "CTEMaterializeNever") out.write("NOT MATERIALIZED ");
  if (bodyOf(table.ctequery, "SelectStmt") === null) refuse("a WITH query that changes data");
  out.bracketedNode(table.ctequery);
}

/** WITH and the space after it; nothing for none. */
export function withClause(out: Writer, clause: WithClause | undefined): void {
  if (clause === undefined) return;
  refuseOtherFields(clause, ["ctes", "recursive"]);
  out.write(clause.recursive === true ? "WITH RECURSIVE " : "WITH ");
  out.list(clause.ctes ?? [], (table) => out.node(table));
  out.write(" ");
}

function printGroupingSet(out: Writer, set: GroupingSet): void {
  out.place(set.location);
  switch (set.kind) {
    case "GROUPING_SET_EMPTY":
      return out.write("()");
    case "GROUPING_SET_ROLLUP":
      out.write("ROLLUP ");
      break;
    case "GROUPING_SET_CUBE":
      out.write("CUBE ");
      break;
    case "GROUPING_SET_SETS":
      out.write("GROUPING SETS ");
      break;
    default:
      refuse(`the grouping set ${set.kind}`);
  }
  bracketedExpressions(out, set.content);
}

export const selectPrinters = {
  SelectStmt: { fields: selectFields, print: printSelect },
} satisfies NodePrinters;

/** Parts of a SELECT that are nodes of their own. */
export const selectPartPrinters = {
  CommonTableExpr: {
    fields: ["ctename", "aliascolnames", "ctematerialized", "ctequery"],
    print: printCommonTable,
  },
  GroupingSet: { fields: ["kind", "content"], print: printGroupingSet },
} satisfies NodePrinters;
