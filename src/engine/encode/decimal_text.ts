/** DECIMAL as text: the scaled integer with its point put in. Trailing zeros stay, as in numeric(p,s), unless trimmed. */
import type duckdb from "@duckdb/node-bindings";
import { ScaledIntegers } from "./integer_sources.ts";
import { NumberText, powersOfTen } from "./number_text.ts";

export class DecimalText extends NumberText {
  readonly #integers: ScaledIntegers;
  readonly #scale: number;
  readonly #trimmed: boolean;

  /** `trimmed` leaves trailing zeros of the fraction out, as `numeric` without precision has none of its own. */
  constructor(width: number, scale: number, trimmed = false) {
    super();
    this.#integers = new ScaledIntegers(width);
    this.#scale = scale;
    this.#trimmed = trimmed;
  }

  protected override loadValues(vector: duckdb.Vector, rowCount: number): void {
    this.#integers.load(vector, rowCount);
  }

  override measure(from: number, to: number): void {
    const integers = this.#integers;
    const scale = this.#scale;
    const fixed = scale >= 1 && scale <= 8 && !this.#trimmed;
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
        const text = decimalText(integers.exact(row), scale);
        this.setText(index, this.#trimmed ? text.replace(/\.?0+$/, "") : text);
      }
    }
  }
}

/** `scaled / 10^scale` with exactly `scale` decimals. */
export function decimalText(scaled: bigint, scale: number): string {
  const negative = scaled < 0n;
  const digits = (negative ? -scaled : scaled).toString().padStart(scale + 1, "0");
  const integer = digits.slice(0, digits.length - scale);
  const text = scale === 0 ? digits : `${integer}.${digits.slice(digits.length - scale)}`;
  return negative ? `-${text}` : text;
}
