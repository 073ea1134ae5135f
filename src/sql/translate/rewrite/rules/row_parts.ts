/** What ROW(…) and arrays are made of, and whether they are there. */
import { caseWhen, cast, nullConstant } from "../build.ts";
import { bodyOf, list, type PgNode, stringOf } from "../tree.ts";

/** Null for what is no ROW(…). */
export function fieldsOf(node: PgNode): readonly PgNode[] | null {
  const row = bodyOf(node, "RowExpr");
  return row === null ? null : list(row, "args");
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
  return caseWhen([[isGiven, value]], cast(nullConstant(), "bool"));
}
