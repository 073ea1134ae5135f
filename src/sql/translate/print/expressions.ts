/** Expressions that are neither operators nor calls: columns, rows, arrays, subscripts, CASE, subqueries, collations. */
import { bracketedExpressions, expression, expressions, level } from "./brackets.ts";
import { nameText } from "./identifiers.ts";
import {
  type A_Indices,
  type A_Indirection,
  bodyOf,
  type CaseExpr,
  type CollateClause,
  type ColumnRef,
  lastPart,
  type Node,
  refuse,
  refuseOtherFields,
  type RowExpr,
  type SelectStmt,
  stringOf,
  type SubLink,
} from "./tree.ts";
import type { NodePrinters, Writer } from "./writer.ts";

function printColumn(out: Writer, column: ColumnRef): void {
  out.place(column.location);
  out.list(column.fields ?? [], (field) => out.write(isStar(field) ? "*" : nameText(stringOf(field))), ".");
}

function isStar(node: Node | undefined): boolean {
  return bodyOf(node, "A_Star") !== null;
}

function subscript(out: Writer, indices: A_Indices): void {
  refuseOtherFields(indices, ["is_slice", "lidx", "uidx"]);
  out.write("[");
  if (indices.is_slice === true) {
    if (indices.lidx !== undefined) expression(out, indices.lidx);
    out.write(":");
  }
  if (indices.uidx !== undefined) expression(out, indices.uidx);
  out.write("]");
}

/** Subscripts and fields. `(r).*` spreads a struct into columns, which DuckDB does for a column's name and with `unnest`. */
function printIndirection(out: Writer, indirection: A_Indirection): void {
  const steps = [...indirection.indirection ?? []];
  const isColumn = bodyOf(indirection.arg, "ColumnRef") !== null;
  const spreads = isStar(steps.at(-1));
  if (spreads) steps.pop();
  if (spreads) out.translates();
  const asColumn = spreads && isColumn && steps.length === 0;
  if (spreads && !asColumn) out.write("unnest(");
  const bare = asColumn || bodyOf(indirection.arg, "ParamRef") !== null ||
    isColumn && (steps[0] === undefined || bodyOf(steps[0], "A_Indices") !== null);
  if (bare) out.node(indirection.arg);
  else out.bracketedNode(indirection.arg);
  for (const step of steps) {
    const indices = bodyOf(step, "A_Indices");
    if (indices !== null) subscript(out, indices);
    else out.write(`.${nameText(stringOf(step))}`);
  }
  if (spreads) out.write(asColumn ? ".*" : ")");
}

function printRow(out: Writer, row: RowExpr): void {
  const fields = row.args ?? [];
  if (fields.length === 0) refuse("a row without fields");
  out.place(row.location);
  // one field in plain brackets would be that field
  if (row.row_format !== "COERCE_IMPLICIT_CAST" || fields.length === 1) out.write("row");
  bracketedExpressions(out, fields);
}

function printCase(out: Writer, choice: CaseExpr): void {
  out.place(choice.location);
  out.write("CASE");
  if (choice.arg !== undefined) {
    out.write(" ");
    expression(out, choice.arg);
  }
  for (const branch of choice.args ?? []) out.node(branch);
  if (choice.defresult !== undefined) {
    out.write(" ELSE ");
    expression(out, choice.defresult);
  }
  out.write(" END");
}

/** Names of collations that compare bytes, as DuckDB does without one. */
const byteCollations: ReadonlySet<string> = new Set(["C", "POSIX", "ucs_basic", "C.utf8", "C.UTF-8", "pg_c_utf8"]);

/** DuckDB's name of a collation; null for the default one, which it has no name for. */
export function collationText(names: readonly Node[] | undefined): string | null {
  const name = lastPart(names);
  if (name === "default") return null;
  return byteCollations.has(name) ? '"C"' : nameText(name);
}

function printCollation(out: Writer, clause: CollateClause): void {
  const name = collationText(clause.collname);
  if (name === null || (clause.collname?.length ?? 0) > 1) out.translates();
  if (name === null) return out.node(clause.arg);
  expression(out, clause.arg, level.atom);
  out.write(" ");
  out.place(clause.location);
  out.write(`COLLATE ${name}`);
}

/** EXISTS asks for rows only, and PostgreSQL lets its SELECT have no columns. */
function withColumns(out: Writer, subquery: Node | undefined): Node | undefined {
  const select = bodyOf(subquery, "SelectStmt");
  const isBare = select !== null && select.targetList === undefined && select.valuesLists === undefined &&
    select.larg === undefined;
  if (!isBare) return subquery;
  out.translates();
  const one: Node = { ResTarget: { val: { A_Const: { ival: { ival: 1 }, location: -1 } }, location: -1 } };
  return { SelectStmt: { ...select, targetList: [one] } satisfies SelectStmt };
}

function printSubquery(out: Writer, link: SubLink): void {
  switch (link.subLinkType) {
    case "EXPR_SUBLINK":
      out.place(link.location);
      return out.bracketedNode(link.subselect);
    case "EXISTS_SUBLINK":
      out.place(link.location);
      out.write("EXISTS ");
      return out.bracketedNode(withColumns(out, link.subselect));
    case "ARRAY_SUBLINK":
      out.place(link.location);
      out.write("ARRAY");
      return out.bracketedNode(link.subselect);
    case "ANY_SUBLINK":
    case "ALL_SUBLINK": {
      const isAny = link.subLinkType === "ANY_SUBLINK";
      expression(out, link.testexpr, level.otherOperator);
      out.write(" ");
      out.place(link.location);
      if (link.operName === undefined) out.write(isAny ? "IN " : refuse("ALL without an operator"));
      else out.write(`${comparison(lastPart(link.operName))} ${isAny ? "ANY" : "ALL"} `);
      return out.bracketedNode(link.subselect);
    }
    default:
      return refuse(`a subquery of the kind ${link.subLinkType}`);
  }
}

function comparison(operator: string): string {
  return /^(=|<>|!=|<|>|<=|>=)$/.test(operator) ? operator : refuse(`${operator} with ANY or ALL`);
}

export const expressionPrinters = {
  ColumnRef: { fields: ["fields"], print: printColumn },
  A_Star: { fields: [], print: (out) => out.write("*") },
  A_Indirection: { fields: ["arg", "indirection"], print: printIndirection },
  A_ArrayExpr: {
    fields: ["elements", "list_start", "list_end"],
    print(out, array) {
      out.place(array.location);
      out.write("[");
      expressions(out, array.elements);
      out.write("]");
    },
  },
  RowExpr: { fields: ["args", "row_format"], print: printRow },
  CaseExpr: { fields: ["arg", "args", "defresult"], print: printCase },
  CaseWhen: {
    fields: ["expr", "result"],
    print(out, branch) {
      out.write(" ");
      out.place(branch.location);
      out.write("WHEN ");
      expression(out, branch.expr);
      out.write(" THEN ");
      expression(out, branch.result);
    },
  },
  CoalesceExpr: {
    fields: ["args"],
    print(out, choice) {
      out.place(choice.location);
      out.write("coalesce");
      bracketedExpressions(out, choice.args);
    },
  },
  MinMaxExpr: {
    fields: ["op", "args"],
    print(out, choice) {
      out.place(choice.location);
      out.write(choice.op === "IS_LEAST" ? "least" : "greatest");
      bracketedExpressions(out, choice.args);
    },
  },
  GroupingFunc: {
    fields: ["args"],
    print(out, grouping) {
      out.place(grouping.location);
      out.write("grouping");
      bracketedExpressions(out, grouping.args);
    },
  },
  CollateClause: { fields: ["arg", "collname"], print: printCollation },
  SetToDefault: {
    fields: [],
    print(out, value) {
      out.place(value.location);
      out.write("DEFAULT");
    },
  },
  MergeSupportFunc: {
    // the type of its result is always text
    fields: ["msftype"],
    print(out, value) {
      out.place(value.location);
      out.translates();
      out.write("merge_action");
    },
  },
  SubLink: { fields: ["subLinkType", "testexpr", "operName", "subselect"], print: printSubquery },
} satisfies NodePrinters;
