/** DECIMAL as text: the scaled integer with its point put in. Trailing zeros stay, as in numeric(p,s), unless trimmed. */
import type duckdb from "@duckdb/node-bindings";
import { ScaledIntegers } from "./integer_sources.ts";
import { NumberText, powersOfTen } from "./number_text.ts";
import { roundQuotient } from "./quotient_digits.ts";

/** `needed` leaves trailing zeros out, as `numeric` without precision has none of its own; `quotient` is that of quotient_digits.ts. */
export type DecimalsShown = "all" | "needed" | "quotient";

export class DecimalText extends NumberText {
  readonly #integers: ScaledIntegers;
  readonly #scale: number;
  readonly #shown: DecimalsShown;

  constructor(width: number, scale: number, shown: DecimalsShown = "all") {
    super();
    this.#integers = new ScaledIntegers(width);
    this.#scale = scale;
    this.#shown = shown;
  }

  protected override loadValues(vector: duckdb.Vector, rowCount: number): void {
    this.#integers.load(vector, rowCount);
  }

  override measure(from: number, to: number): void {
    const integers = this.#integers;
    const scale = this.#scale;
    const fixed = scale >= 1 && scale <= 8 && this.#shown === "all";
    const power = powersOfTen[fixed ? scale : 0]!;
    const nulls = this.markNulls(from, to);
    for (let row = from; row < to; row++) {
      const index = row - from;
      if (nulls && this.lengths[index] === -1) continue;
      const value = integers.small(row);
      if (value === value && (fixed || scale === 0)) {
        const magnitude = value < 0 ? -value : value;
        if (fixed) {
          // Exact: the quotient of two integers up to 2^53 never rounds up to the next integer.
          const integer = Math.floor(magnitude / power);
          this.setFixed(index, value < 0, integer, magnitude - integer * power, scale);
        } else {
          this.setInteger(index, value < 0, magnitude);
        }
      } else {
        this.setText(index, shownText(integers.exact(row), scale, this.#shown));
      }
    }
  }
}

function shownText(scaled: bigint, scale: number, shown: DecimalsShown): string {
  if (shown === "quotient") {
    const rounded = roundQuotient(scaled);
    return decimalText(rounded.scaled, rounded.scale);
  }
  const text = decimalText(scaled, scale);
  return shown === "needed" ? text.replace(/\.?0+$/, "") : text;
}

/** `scaled / 10^scale` with exactly `scale` decimals. */
export function decimalText(scaled: bigint, scale: number): string {
  const negative = scaled < 0n;
  const digits = (negative ? -scaled : scaled).toString().padStart(scale + 1, "0");
  const integer = digits.slice(0, digits.length - scale);
  const text = scale === 0 ? digits : `${integer}.${digits.slice(digits.length - scale)}`;
  return negative ? `-${text}` : text;
}
