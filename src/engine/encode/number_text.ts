/**
 * Numbers as text: integers, decimals and floats all come down to a sign, an integer part and up to eight decimals,
 * which `measure` of a subclass leaves in the arrays here and `write` turns into digits. What does not fit that form
 * (17-digit doubles, NaN, 128-bit integers beyond 2^53) is kept as ready text.
 */
import { blockRows, ColumnEncoder } from "./column_encoder.ts";
import { digitCount, writeAscii, writeDigitsBefore, writeEightDigits, writePaddedBefore } from "./digits.ts";

const negativeFlag = 0x80;
const readyTextFlag = 0x40;
const scaleMask = 0x0f;

/** Powers of ten up to 10^22, all exact as doubles. */
export const powersOfTen: Float64Array = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

export abstract class NumberText extends ColumnEncoder {
  /** The integer part in three limbs: its last eight digits, the eight before them, what is left. */
  readonly #low = new Int32Array(blockRows);
  readonly #middle = new Int32Array(blockRows);
  readonly #top = new Int32Array(blockRows);
  readonly #fraction = new Int32Array(blockRows);
  /** Scale (0 to 8) and flags. */
  readonly #form = new Uint8Array(blockRows);
  readonly #texts: string[] = new Array<string>(blockRows).fill("");

  /** Value `index` is ±`integer`, an integer of at most 2^53. */
  protected setInteger(index: number, negative: boolean, integer: number): void {
    let digits = 0;
    this.#form[index] = negative ? negativeFlag : 0;
    if (integer < 1e8) {
      this.#low[index] = integer;
      digits = digitCount(integer);
    } else {
      const middle = Math.floor(integer / 1e8);
      this.#low[index] = integer - middle * 1e8;
      this.#middle[index] = middle;
      digits = 8 + digitCount(middle);
    }
    this.lengths[index] = digits + (negative ? 1 : 0);
  }

  /** Value `index` is ±(top * 10^16 + middle * 10^8 + low), at least 10^8; top below 10^8. */
  protected setLimbs(index: number, negative: boolean, top: number, middle: number, low: number): void {
    this.#form[index] = negative ? negativeFlag : 0;
    this.#low[index] = low;
    this.#middle[index] = middle;
    this.#top[index] = top;
    const digits = top === 0 ? 8 + digitCount(middle) : 16 + digitCount(top);
    this.lengths[index] = negative ? digits + 1 : digits;
  }

  /** Value `index` is ±(integer + fraction / 10^scale), 1 <= scale <= 8, integer at most 2^53. */
  protected setFixed(index: number, negative: boolean, integer: number, fraction: number, scale: number): void {
    let digits = 0;
    if (integer < 1e8) {
      this.#low[index] = integer;
      digits = digitCount(integer);
    } else {
      const middle = Math.floor(integer / 1e8);
      this.#low[index] = integer - middle * 1e8;
      this.#middle[index] = middle;
      digits = 8 + digitCount(middle);
    }
    this.#fraction[index] = fraction;
    this.#form[index] = negative ? scale | negativeFlag : scale;
    this.lengths[index] = digits + scale + (negative ? 2 : 1);
  }

  /** Value `index` is this ASCII text. */
  protected setText(index: number, text: string): void {
    this.#texts[index] = text;
    this.#form[index] = readyTextFlag;
    this.lengths[index] = text.length;
  }

  override write(from: number, to: number, bytes: Uint8Array, view: DataView, cursors: Int32Array): void {
    const lengths = this.lengths;
    const forms = this.#form;
    const lows = this.#low;
    for (let index = 0, count = to - from; index < count; index++) {
      const length = lengths[index]!;
      let position = cursors[index]!;
      view.setInt32(position, length);
      position += 4;
      if (length < 0) {
        cursors[index] = position;
        continue;
      }
      let end = position + length;
      cursors[index] = end;
      const form = forms[index]!;
      if ((form & readyTextFlag) !== 0) {
        writeAscii(bytes, position, this.#texts[index]!);
        continue;
      }
      if ((form & negativeFlag) !== 0) bytes[position++] = 45;
      const scale = form & scaleMask;
      if (scale !== 0) {
        writePaddedBefore(bytes, view, end, this.#fraction[index]!, scale);
        end -= scale + 1;
        bytes[end] = 46;
      }
      const digits = end - position;
      if (digits <= 8) {
        writeDigitsBefore(bytes, view, end, lows[index]!);
      } else {
        writeEightDigits(view, end - 8, lows[index]!);
        if (digits <= 16) {
          writeDigitsBefore(bytes, view, end - 8, this.#middle[index]!);
        } else {
          writeEightDigits(view, end - 16, this.#middle[index]!);
          writeDigitsBefore(bytes, view, end - 16, this.#top[index]!);
        }
      }
    }
  }
}
