/** Constants and parameters. */
import { literalText } from "./identifiers.ts";
import { type A_Const, type Node, refuse } from "./tree.ts";
import type { NodePrinters } from "./writer.ts";

/** A number that PostgreSQL's parser keeps as text: beyond 32 bits, with a point, or in base 2, 8 or 16. */
function numberText(text: string): string {
  const [, sign, digits] = /^(-?)(.*)$/.exec(text.replaceAll("_", ""))!;
  if (/^0[xob][0-9a-f]+$/i.test(digits!)) return sign + BigInt(digits!).toString();
  if (!/^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(digits!)) refuse(`the number ${text}`);
  return text.replaceAll("_", "");
}

/** The zeros and ones of `b101` or `x1F`; DuckDB has no bit string literals (its `x'1F'` is the string "x1F"). */
export function bitsOf(bitString: string): string {
  const digits = bitString.slice(1);
  if (bitString.startsWith("b")) return digits;
  return [...digits].map((digit) => parseInt(digit, 16).toString(2).padStart(4, "0")).join("");
}

export function bitText(bits: string): string {
  return `CAST(${literalText(bits)} AS BIT)`;
}

function constantSql(constant: A_Const): string {
  if (constant.isnull === true) return "NULL";
  if (constant.ival !== undefined) return String(constant.ival.ival ?? 0);
  if (constant.fval !== undefined) return numberText(constant.fval.fval ?? "");
  if (constant.boolval !== undefined) return constant.boolval.boolval === true ? "true" : "false";
  if (constant.sval !== undefined) return literalText(constant.sval.sval ?? "");
  if (constant.bsval !== undefined) return bitText(bitsOf(constant.bsval.bsval ?? ""));
  return refuse("a constant without a value");
}

/** For rewritten constants: `location` -1, so that it has no place. */
export function stringConstant(text: string): Node {
  return { A_Const: { sval: { sval: text }, location: -1 } };
}

export const constantPrinters = {
  A_Const: {
    fields: ["isnull", "ival", "fval", "boolval", "sval", "bsval"],
    print(out, constant) {
      if (constant.bsval !== undefined) out.translates();
      out.place(constant.location);
      out.write(constantSql(constant));
    },
  },
  ParamRef: {
    fields: ["number"],
    print(out, parameter) {
      if (parameter.number === undefined || parameter.number < 1) refuse("a parameter without a number");
      out.place(parameter.location);
      out.write(`$${parameter.number}`);
    },
  },
} satisfies NodePrinters;
