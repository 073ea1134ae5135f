/** What to call a construct that the printer does not know, for the error that refuses it. */
import { printExpression } from "../print/mod.ts";
import { isObject, type PgNode, stringsOf, typeOfNode } from "./tree.ts";

const statementNames: Readonly<Record<string, string>> = {
  SelectStmt: "this SELECT",
  RangeTableFunc: "XMLTABLE",
  JsonTable: "JSON_TABLE",
  RangeTableSample: "this TABLESAMPLE",
  CurrentOfExpr: "WHERE CURRENT OF",
};

/** The innermost node that is not printed, by its function, operator or kind. */
export function unprintableName(root: PgNode): string {
  const found = innermost(root);
  const type = typeOfNode(found);
  const body = found[type];
  if (!isObject(body)) return type;
  if (type === "FuncCall") return `the function ${stringsOf(body, "funcname").at(-1)}() in this form`;
  if (type === "A_Expr") return `the operator ${stringsOf(body, "name").at(-1)} in this form`;
  if (type === "TypeCast") return "this cast";
  return statementNames[type] ?? type.replace(/Stmt$/, "").replace(/([a-z])([A-Z])/g, "$1 $2").toUpperCase();
}

function innermost(node: PgNode): PgNode {
  for (const inside of nodesIn(node)) {
    if (expressionKinds.has(typeOfNode(inside)) && printExpression(inside) === null) return innermost(inside);
    if (!expressionKinds.has(typeOfNode(inside))) {
      const deeper = innermost(inside);
      if (deeper !== inside) return deeper;
    }
  }
  return node;
}

const expressionKinds: ReadonlySet<string> = new Set(
  "A_ArrayExpr A_Const A_Expr A_Indirection BooleanTest BoolExpr CaseExpr CoalesceExpr CollateClause ColumnRef " +
    "FuncCall MinMaxExpr NullTest ParamRef RowExpr SQLValueFunction TypeCast XmlExpr"
      .split(" "),
);

function* nodesIn(node: PgNode): Generator<PgNode> {
  const type = typeOfNode(node);
  const body = type === "" ? node : node[type];
  if (!isObject(body)) return;
  for (const value of Object.values(body)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (isObject(item)) yield item;
    }
  }
}
