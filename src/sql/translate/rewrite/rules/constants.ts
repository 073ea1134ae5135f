/** Constants without a cast. */
import { cast } from "../build.ts";
import { bodyOf, child, type PgNode, text } from "../tree.ts";

export function isNullConstant(node: PgNode): boolean {
  return bodyOf(node, "A_Const")?.["isnull"] === true;
}

/** The text of a string constant without a cast, else null. */
export function constantText(node: PgNode | null | undefined): string | null {
  const constant = child(bodyOf(node, "A_Const"), "sval");
  return constant === null ? null : text(constant, "sval");
}

/** DuckDB's decimals have at most so many digits. */
const digitsMax = 38;
const numberWithExponent = /^(-?)(\d*)(?:\.(\d*))?e([-+]?\d{1,3})$/i;

/** `1.5e-3` is numeric in PostgreSQL, `0.0015`, and a double in DuckDB. One with more digits than DuckDB has stays a double. */
export function rewriteConstant(node: PgNode): PgNode {
  const body = bodyOf(node, "A_Const");
  const written = text(child(body, "fval"), "fval").replaceAll("_", "");
  const match = numberWithExponent.exec(written);
  if (match === null) return node;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  const scale = Math.max(digits.length - point, 0);
  if (Math.abs(Number(exponent)) > digitsMax || scale > digitsMax) return node;
  const integral = (point <= 0 ? "" : digits.slice(0, point).padEnd(point, "0")).replace(/^0+/, "");
  const precision = integral.length + scale;
  if (precision > digitsMax) return node;
  const decimals = scale === 0 ? "" : `.${digits.slice(Math.max(point, 0)).padStart(scale, "0")}`;
  const constant = { A_Const: { fval: { fval: `${sign}${integral || "0"}${decimals}` }, location: body!["location"] } };
  return cast(constant, "numeric", [Math.max(precision, 1), scale]);
}

/** The digits of a number that is no integer of up to 31 bits, without a cast, else null. */
export function constantNumber(node: PgNode): string | null {
  const constant = child(bodyOf(node, "A_Const"), "fval");
  return constant === null ? null : text(constant, "fval");
}
