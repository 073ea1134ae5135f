/**
 * ROW(…): PostgreSQL calls its fields f1, f2 and so on, where DuckDB's have no names, and writes it as `(1,a)`.
 */
import { call, cast, operator, textConstant } from "../build.ts";
import { withType } from "../infer.ts";
import type { Scope } from "../scope.ts";
import { list, mapList, type PgNode, withFields } from "../tree.ts";
import { callMacro } from "./macro_calls.ts";
import { isNullConstant } from "./constants.ts";
import { shown } from "./reg_values.ts";
import { fieldsOf } from "./row_parts.ts";

/** Functions that show the names of a row's fields. */
const showingNames: ReadonlySet<string> = new Set(
  ("to_json to_jsonb row_to_json json_agg jsonb_agg json_build_object json_build_array jsonb_build_object " +
    "jsonb_build_array json_object_agg jsonb_object_agg").split(" "),
);

/** Rows among the arguments of a function that makes JSON of them, with names. */
export function withNamedRows(name: string, body: PgNode): PgNode {
  if (!showingNames.has(name)) return body;
  return withFields(body, { args: mapList(list(body, "args"), namedRow) });
}

function namedRow(node: PgNode): PgNode {
  const fields = fieldsOf(node);
  if (fields === null || fields.length === 0) return node;
  const named = fields.map((arg, at) => ({
    NamedArgExpr: { name: `f${at + 1}`, arg: namedRow(arg), argnumber: -1, location: -1 },
  }));
  return call(["struct_pack"], named);
}

/** A row that a client gets as such: a struct whose fields have names; null for what is no ROW(…), and for one without fields. */
export function record(node: PgNode, scope: Scope): PgNode | null {
  const fields = fieldsOf(node);
  if (fields === null || fields.length === 0) return null;
  const named = fields.map((field, at) => {
    const arg = isNullConstant(field) ? cast(field, "text") : record(field, scope) ?? shown(field, scope);
    return { NamedArgExpr: { name: `f${at + 1}`, arg, argnumber: -1, location: -1 } };
  });
  return withType(call(["struct_pack"], named), "record", scope);
}

/** A row as PostgreSQL's text, rewritten parts inside; null for what is no ROW(…). */
export function rowText(node: PgNode, scope: Scope): PgNode | null {
  const fields = fieldsOf(node);
  if (fields === null || !scope.statement.names.macros.has("__row_field")) return null;
  const texts = fields.map((field) => {
    if (isNullConstant(field)) return textConstant("");
    const inner = rowText(field, scope) ?? callMacro("__output_text", [field], scope);
    const shown = callMacro("__row_field", [inner], scope);
    return { CoalesceExpr: { args: [shown, textConstant("")], location: -1 } };
  });
  const joined = texts.reduce<PgNode | null>(
    (left, right) => left === null ? right : operator(operator(left, "||", textConstant(",")), "||", right),
    null,
  );
  return operator(operator(textConstant("("), "||", joined ?? textConstant("")), "||", textConstant(")"));
}
