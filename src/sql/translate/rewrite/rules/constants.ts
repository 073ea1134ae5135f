/** Constants without a cast. */
import { bodyOf, child, type PgNode, text } from "../tree.ts";

export function isNullConstant(node: PgNode): boolean {
  return bodyOf(node, "A_Const")?.["isnull"] === true;
}

/** The text of a string constant without a cast, else null. */
export function constantText(node: PgNode | null | undefined): string | null {
  const constant = child(bodyOf(node, "A_Const"), "sval");
  return constant === null ? null : text(constant, "sval");
}

/** The digits of a number that is no integer of up to 31 bits, without a cast, else null. */
export function constantNumber(node: PgNode): string | null {
  const constant = child(bodyOf(node, "A_Const"), "fval");
  return constant === null ? null : text(constant, "fval");
}
