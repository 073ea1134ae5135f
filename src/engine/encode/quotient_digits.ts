/**
 * How many decimals PostgreSQL writes of a quotient (`select_div_scale` in its numeric.c): at least 16 significant digits, counted in groups of
 * four from the point on. It decides by the operands; here the quotient itself is looked at, which says the same unless both operands begin
 * with the same group of digits: then PostgreSQL writes four zeros more.
 */
import { quotientType } from "../../sql/quotient_type.ts";

const significantDigits = 16;
const groupDigits = 4;
const unit = 10n ** BigInt(quotientType.scale);

export interface RoundedQuotient {
  /** With `scale` decimals. */
  readonly scaled: bigint;
  readonly scale: number;
}

/** `scaled` has the decimals of the type. */
export function roundQuotient(scaled: bigint): RoundedQuotient {
  const magnitude = scaled < 0n ? -scaled : scaled;
  const scale = magnitude < unit ? quotientType.scale : Math.max(
    significantDigits - groupDigits * Math.floor(((magnitude / unit).toString().length - 1) / groupDigits),
    0,
  );
  const divisor = 10n ** BigInt(quotientType.scale - scale);
  // Halves away from zero, as numeric rounds.
  const rounded = (magnitude + divisor / 2n) / divisor;
  return { scaled: scaled < 0n ? -rounded : rounded, scale };
}
