/**
 * ROW(…): PostgreSQL calls its fields f1, f2 and so on, where DuckDB's have no names, and writes it as `(1,a)`.
 */
import { call, caseWhen, cast, operator, textConstant } from "../build.ts";
import type { Scope } from "../scope.ts";
import { bodyOf, list, mapList, type PgNode, stringOf, withFields } from "../tree.ts";
import { callMacro } from "./macro_calls.ts";
import { isNullConstant } from "./constants.ts";

/** Functions that show the names of a row's fields. */
const showingNames: ReadonlySet<string> = new Set(
  ("to_json to_jsonb row_to_json json_agg jsonb_agg json_build_object json_build_array jsonb_build_object " +
    "jsonb_build_array json_object_agg jsonb_object_agg").split(" "),
);

function fieldsOf(node: PgNode): readonly PgNode[] | null {
  const row = bodyOf(node, "RowExpr");
  return row === null ? null : list(row, "args");
}

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

/** `(ROW(1, 'a')).f2` is that field. */
export function fieldOfRow(body: PgNode): PgNode | null {
  const fields = fieldsOf(body["arg"] as PgNode);
  const [step, ...others] = list(body, "indirection");
  const place = /^f(\d+)$/.exec(stringOf(step))?.[1];
  return fields === null || others.length > 0 || place === undefined ? null : fields[Number(place) - 1] ?? null;
}

/** `value` where `array` is not NULL, and NULL otherwise. */
export function unlessNull(array: PgNode, value: PgNode): PgNode {
  const isGiven = { NullTest: { arg: array, nulltesttype: "IS_NOT_NULL", location: -1 } };
  return caseWhen([[isGiven, value]], cast({ A_Const: { isnull: true, location: -1 } }, "bool"));
}
