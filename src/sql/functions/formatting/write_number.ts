/** to_char of numbers (PostgreSQL documentation, "Data Type Formatting Functions"). */
import { type Digits, roundedDecimal, roundedDouble, scientific } from "./decimal.ts";
import { type NumberTemplate, parseNumberTemplate } from "./number_template.ts";
import { withOrdinal } from "./write_date_time.ts";

/** Decimal digits that a double and a float keep: no more are written. */
const floatDigits: Readonly<Record<string, number>> = { DOUBLE: 15, FLOAT: 6 };

/** `text` and `type` are DuckDB's text and type of the number. */
export function writeNumber(text: string, type: string, template: string): string {
  const parsed = parseNumberTemplate(template);
  const float = floatDigits[type];
  const value = float === undefined ? text : floatText(text, type);
  if (!/\d/.test(value)) return notFinite(value, parsed);
  if (parsed.isScientific) return scientific(value, float !== undefined, parsed.fractionDigits);
  if (parsed.roman !== null) return romanText(value, float !== undefined, parsed);
  const shifted = parsed.shiftDigits === 0
    ? value
    : `${value.replace(/e.*/i, "")}e${exponentOf(value) + parsed.shiftDigits}`;
  return written(
    float === undefined ? decimalDigits(shifted, parsed) : doubleDigits(Number(shifted), float, parsed),
    parsed,
  );
}

/** A float is the double with its exact binary value. */
function floatText(text: string, type: string): string {
  if (type === "DOUBLE" || !/\d/.test(text)) return text;
  return String(Math.fround(Number(text)));
}

function exponentOf(text: string): number {
  return Number(/e([-+]?\d+)$/i.exec(text)?.[1] ?? 0);
}

function notFinite(text: string, template: NumberTemplate): string {
  if (template.isScientific) {
    return ` ${"#".repeat(template.wholeDigits)}.${"#".repeat(template.fractionDigits + 4)}`;
  }
  const isNaN = /nan/i.test(text);
  return written({ negative: text.startsWith("-"), whole: isNaN ? "NaN" : "Infinity", fraction: "" }, template);
}

function decimalDigits(text: string, { fractionDigits }: NumberTemplate): Digits {
  return roundedDecimal(text, fractionDigits);
}

function doubleDigits(value: number, digitsMax: number, { fractionDigits }: NumberTemplate): Digits {
  const wholeLength = roundedDouble(value, 0).whole.length;
  return roundedDouble(value, Math.max(0, Math.min(fractionDigits, digitsMax - wholeLength)));
}

const romanParts = [
  [1000, "M"],
  [900, "CM"],
  [500, "D"],
  [400, "CD"],
  [100, "C"],
  [90, "XC"],
  [50, "L"],
  [40, "XL"],
  [10, "X"],
  [9, "IX"],
  [5, "V"],
  [4, "IV"],
  [1, "I"],
] as const;
const romanWidth = 15;

function romanText(text: string, isDouble: boolean, template: NumberTemplate): string {
  const { negative, whole } = isDouble ? roundedDouble(Number(text), 0) : roundedDecimal(text, 0);
  const value = negative ? 0 : Number(whole);
  let rest = value;
  let roman = "";
  for (const [part, letters] of romanParts) {
    for (; rest >= part && value < 4000; rest -= part) roman += letters;
  }
  if (value < 1 || value > 3999) roman = "#".repeat(romanWidth);
  const shown = template.roman === "lower" ? roman.toLowerCase() : roman;
  const padded = template.fillMode ? shown : shown.padStart(romanWidth);
  return template.items.map((item) => item.kind === "roman" ? padded : item.kind === "text" ? item.text : "").join("");
}

/** Where the signs of a number go: a column of its own before the digits, unless the template places it. */
interface Sign {
  /** Before the first digit. */
  readonly before: string;
  /** Behind the last digit. */
  readonly behind: string;
}

function signOf(negative: boolean, template: NumberTemplate): Sign {
  const { signs, fillMode } = template;
  if (signs.has("MI") || signs.has("SG")) return { before: "", behind: "" };
  if (signs.has("S")) {
    const sign = negative ? "-" : "+";
    return template.signBehind ? { before: "", behind: sign } : { before: sign, behind: "" };
  }
  const column = fillMode ? "" : " ";
  if (signs.has("PR")) return negative ? { before: "<", behind: ">" } : { before: column, behind: column };
  if (signs.has("PL")) return { before: negative ? "-" : column, behind: "" };
  return { before: negative ? "-" : column, behind: "" };
}

function written(value: Digits, template: NumberTemplate): string {
  const { fillMode, zeroFrom, fractionDigits } = template;
  const positions = template.wholeDigits + template.shiftDigits;
  const tooLarge = value.whole.length > positions;
  const whole = tooLarge ? "#".repeat(positions) : value.whole;
  const fraction = tooLarge ? "#".repeat(fractionDigits) : value.fraction;
  const blanks = positions - whole.length;
  // A zero before the point is not shown where the template asks for decimals and has no 0 before the point.
  const hidesZero = whole === "0" && fractionDigits > 0 && zeroFrom < 0;
  const shownFraction = fillMode && template.hasPoint
    ? relevantFraction(fraction, whole.length, template, blanks)
    : fraction;
  const sign = signOf(value.negative, template);
  let text = "";
  let signWritten = false;
  /** Whether the last position wrote a digit: only then a group separator follows. */
  let inDigits = false;
  let position = 0;
  let inFraction = 0;
  let lastDigitEnd = 0;
  const writeSign = () => {
    if (!signWritten) text += sign.before;
    signWritten = true;
  };
  items: for (const item of template.items) {
    switch (item.kind) {
      case "digit": {
        inDigits = false;
        if (position < positions) {
          const at = position++;
          if (at < blanks) {
            if (zeroFrom >= 0 && at >= zeroFrom) {
              writeSign();
              text += "0";
              inDigits = true;
            } else if (!fillMode) text += " ";
          } else if (hidesZero && !(fillMode && shownFraction === "")) {
            if (!fillMode) text += " ";
          } else {
            writeSign();
            text += whole[at - blanks]!;
            inDigits = true;
          }
        } else {
          const digit = shownFraction[inFraction++];
          if (digit !== undefined) {
            writeSign();
            text += digit;
            inDigits = true;
          }
        }
        lastDigitEnd = text.length;
        break;
      }
      case "point":
        inDigits = false;
        // Without decimals the text ends before the point.
        if (fraction === "" && !tooLarge) break items;
        writeSign();
        text += ".";
        lastDigitEnd = text.length;
        break;
      case "group":
        if (inDigits) text += ",";
        else if (!fillMode) text += " ";
        break;
      case "currency":
        text += " ";
        break;
      case "sign":
        text += placedSign(item.sign, value.negative, fillMode);
        break;
      case "ordinal":
        if (!value.negative && !tooLarge && !template.hasPoint) {
          text += withOrdinal(whole, item.upper ? "upper" : "lower").slice(whole.length);
        }
        break;
      case "roman":
      case "shift":
        break;
      case "text":
        text += item.text;
        break;
      default: {
        const unknown: never = item;
        throw new TypeError(`unknown item ${String(unknown)}`);
      }
    }
  }
  const endsEarly = template.hasPoint && fraction === "" && !tooLarge;
  return signWritten && sign.behind !== "" && !endsEarly
    ? text.slice(0, lastDigitEnd) + sign.behind + text.slice(lastDigitEnd)
    : text;
}

/** FM leaves out zeros at the end that no `0` of the template asks for. */
function relevantFraction(fraction: string, wholeLength: number, template: NumberTemplate, blanks: number): string {
  const asked = Math.min(template.zeroTo - blanks - wholeLength, fraction.length);
  const stripped = fraction.replace(/0+$/, "");
  return fraction.slice(0, Math.max(stripped.length, asked, 0));
}

function placedSign(sign: "S" | "MI" | "PL" | "SG" | "PR", negative: boolean, fillMode: boolean): string {
  switch (sign) {
    case "MI":
      return negative ? "-" : fillMode ? "" : " ";
    case "PL":
      return negative ? (fillMode ? "" : " ") : "+";
    case "SG":
      return negative ? "-" : "+";
    case "S":
    case "PR":
      return "";
  }
}
