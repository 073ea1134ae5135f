/**
 * `json_to_record(…) AS t(a int, b text)` and `json_to_recordset`, which take the fields of JSON objects as columns of the types that are
 * written beside the alias. The other functions with such a list are refused.
 */
import { AppError } from "../../../errors/app_error.ts";
import {
  aliasBody,
  call,
  cast,
  columnRef,
  operator,
  rangeFunction,
  rangeSubselect,
  selectBody,
  target,
  textConstant,
} from "./build.ts";
import { innerScope, type RewrittenFrom, type Scope, subqueryRole, unknownRelation } from "./scope.ts";
import { isArray, isJson, isText, typeOfTypeName } from "./static_types.ts";
import { bodyOf, child, list, type PgNode, stringOf, text } from "./tree.ts";

const recordFunctions: ReadonlySet<string> = new Set([
  "json_to_record",
  "jsonb_to_record",
  "json_to_recordset",
  "jsonb_to_recordset",
]);

/** `item` is the body of the RangeFunction. Throws for what is not supported. */
export function rewriteRecordFunction(item: PgNode, functionCalls: readonly PgNode[], beside: Scope): RewrittenFrom {
  const [first] = functionCalls;
  const name = stringOf(list(bodyOf(first, "FuncCall"), "funcname").at(-1));
  const [source] = list(bodyOf(first, "FuncCall"), "args");
  const definitions = list(item, "coldeflist").map((node) => bodyOf(node, "ColumnDef"));
  if (functionCalls.length !== 1 || source === undefined || definitions.length === 0 || !recordFunctions.has(name)) {
    throw new AppError(
      "feature_not_supported",
      "a column definition list after this function in FROM is not supported",
      {
        hint: "json_to_record and json_to_recordset take one; of other JSON take the fields out with -> and ->>.",
      },
    );
  }
  const alias = text(child(item, "alias"), "aliasname") || name;
  const value = columnRef("record", "fields");
  const targets = definitions.map((definition) => target(fieldValue(value, definition!), text(definition, "colname")));
  const query = selectBody(targets, [recordsOf(name, source)]);
  const rewritten = beside.statement.rewriteQuery(query, innerScope(beside), subqueryRole);
  const columns = definitions.map((definition) => ({
    name: text(definition, "colname"),
    type: typeOfTypeName(child(definition, "typeName") ?? {}),
  }));
  return {
    item: rangeSubselect(rewritten.body, aliasBody(alias), true),
    relations: [{ ...unknownRelation(alias), columns }],
    columns,
  };
}

/** Each object, as `record.fields`. */
function recordsOf(name: string, source: PgNode): PgNode {
  const alias = aliasBody("record", ["fields"]);
  if (name.endsWith("set")) return rangeFunction(call(["jsonb_array_elements"], [source]), alias);
  return rangeSubselect(selectBody([target(cast(source, "jsonb"), "fields")]), alias, true);
}

function fieldValue(record: PgNode, definition: PgNode): PgNode {
  const typeName = child(definition, "typeName") ?? {};
  const type = typeOfTypeName(typeName);
  const key = textConstant(text(definition, "colname"));
  if (isJson(type)) return operator(record, "->", key);
  const field = operator(record, isArray(type) ? "->" : "->>", key);
  return isText(type) && list(typeName, "typmods").length === 0
    ? field
    : { TypeCast: { arg: field, typeName, location: -1 } };
}
