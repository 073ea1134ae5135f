/**
 * The name that PostgreSQL gives to a result column without AS. A name found deep inside counts more than the name of a
 * type or a CASE around it: `lower(x)::text` is `lower`, `1::text` is `text`, `1 + 1` is `?column?`.
 */
import { typeOfTypeName } from "./static_types.ts";
import { bodyOf, child, list, type PgNode, stringOf, stringsOf, text, typeOfNode } from "./tree.ts";

export const unnamedColumn = "?column?";

interface Found {
  readonly name: string;
  /** A type's or CASE's name, which gives way to one found elsewhere. */
  readonly weak: boolean;
}

/**
 * For an expression as written; null where the name is that of a column which only the relation knows (`(SELECT * FROM
 * t)`).
 */
export function columnName(node: PgNode): string | null {
  const found = figure(node);
  return found === unknownName ? null : found?.name ?? unnamedColumn;
}

const unknownName: Found = { name: "", weak: false };

const fixedNames: Readonly<Record<string, string>> = {
  A_ArrayExpr: "array",
  RowExpr: "row",
  CoalesceExpr: "coalesce",
  GroupingFunc: "grouping",
  MergeSupportFunc: "merge_action",
  XmlSerialize: "xmlserialize",
  JsonParseExpr: "json",
  JsonScalarExpr: "json_scalar",
  JsonSerializeExpr: "json_serialize",
  JsonObjectConstructor: "json_object",
  JsonArrayConstructor: "json_array",
  JsonArrayQueryConstructor: "json_array",
  JsonObjectAgg: "json_objectagg",
  JsonArrayAgg: "json_arrayagg",
};

function figure(node: PgNode | null): Found | null {
  if (node === null) return null;
  const type = typeOfNode(node);
  const body = child(node, type);
  if (body === null) return null;
  const fixed = fixedNames[type];
  if (fixed !== undefined) return { name: fixed, weak: false };
  switch (type) {
    case "ColumnRef": {
      const name = stringOf(list(body, "fields").at(-1));
      return name === "" ? null : { name, weak: false };
    }
    case "A_Indirection": {
      const name = stringsOf(body, "indirection").findLast((field) => field !== "");
      return name === undefined ? figure(child(body, "arg")) : { name, weak: false };
    }
    case "FuncCall":
      return { name: stringsOf(body, "funcname").at(-1)!, weak: false };
    case "A_Expr":
      return text(body, "kind") === "AEXPR_NULLIF" ? { name: "nullif", weak: false } : null;
    case "TypeCast": {
      const inner = figure(child(body, "arg"));
      return inner !== null && !inner.weak ? inner : { name: typeNameShown(body), weak: true };
    }
    case "CollateClause":
      return figure(child(body, "arg"));
    case "CaseExpr": {
      const inner = figure(child(body, "defresult"));
      return inner !== null && !inner.weak ? inner : { name: "case", weak: true };
    }
    case "SubLink":
      return subLinkName(body);
    case "MinMaxExpr":
      return { name: text(body, "op") === "IS_LEAST" ? "least" : "greatest", weak: false };
    case "SQLValueFunction":
      return { name: text(body, "op").replace(/^SVFOP_/, "").replace(/_N$/, "").toLowerCase(), weak: false };
    case "XmlExpr":
      return { name: text(body, "op") === "IS_XMLCONCAT" ? "xmlconcat" : "xmlelement", weak: false };
    case "JsonFuncExpr":
      return { name: text(body, "op").replace(/_OP$/, "").toLowerCase(), weak: false };
    default:
      return null;
  }
}

function typeNameShown(cast: PgNode): string {
  const name = stringsOf(child(cast, "typeName"), "names").at(-1);
  return name ?? typeOfTypeName(child(cast, "typeName") ?? {});
}

function subLinkName(body: PgNode): Found | null {
  switch (text(body, "subLinkType")) {
    case "EXISTS_SUBLINK":
      return { name: "exists", weak: false };
    case "ARRAY_SUBLINK":
      return { name: "array", weak: false };
    case "EXPR_SUBLINK": {
      const select = bodyOf(child(body, "subselect"), "SelectStmt");
      const name = select === null ? "" : firstColumnName(select);
      return name === "" ? unknownName : { name, weak: false };
    }
    default:
      return null;
  }
}

function firstColumnName(select: PgNode): string {
  const left = child(select, "larg");
  if (left !== null) return firstColumnName(left);
  if (list(select, "valuesLists").length > 0) return "column1";
  const target = bodyOf(list(select, "targetList")[0], "ResTarget");
  const value = child(target, "val");
  if (text(target, "name") !== "" || value === null) return text(target, "name");
  const fields = list(bodyOf(value, "ColumnRef"), "fields");
  if ("A_Star" in (fields.at(-1) ?? {})) return "";
  return columnName(value) ?? "";
}
