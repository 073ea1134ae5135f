/** to_number of a text (PostgreSQL documentation, "Data Type Formatting Functions"). */
import { sqlError } from "../errors.ts";
import { parseNumberTemplate } from "./number_template.ts";

/** The number as decimal text. A character that the template does not expect is passed over, unless it belongs to the number. */
export function readNumber(text: string, template: string): string {
  const parsed = parseNumberTemplate(template);
  if (parsed.roman !== null) throw sqlError("0A000", '"RN" not supported for input');
  if (parsed.isScientific) throw sqlError("0A000", '"EEEE" not supported for input');
  let digits = "";
  let hasPoint = false;
  let negative: boolean | null = null;
  let position = 0;
  const character = () => text[position] ?? "";
  const takeSign = (): boolean => {
    if (negative !== null) return false;
    const next = character();
    const negativeMark = next === "-" || (next === "<" && parsed.signs.has("PR"));
    if (!negativeMark && next !== "+") return false;
    negative = negativeMark;
    position++;
    return true;
  };
  /** Passes over up to `count` characters that cannot belong to a number. */
  const passOver = (count: number): void => {
    for (let passed = 0; passed < count && position < text.length && !/[0-9.,+-]/.test(character()); passed++) {
      position++;
    }
  };
  /** A position of the template stands for one character, whatever it is; a space and a sign before it do not count. */
  const takePosition = (): void => {
    if (character() === " ") position++;
    takeSign();
    if (/[0-9]/.test(character())) digits += character();
    else if (character() === "." && !hasPoint && parsed.hasPoint) {
      hasPoint = true;
      digits += ".";
    }
    position++;
  };
  for (const item of parsed.items) {
    if (position >= text.length) break;
    switch (item.kind) {
      case "digit":
      case "point":
        takePosition();
        break;
      case "group":
        // With FM the separator is left to the position behind it.
        if (character() === "," && !parsed.fillMode) position++;
        break;
      case "sign":
        if (item.sign === "S") takePosition();
        else if (item.sign !== "PR" && !takeSign()) passOver(1);
        break;
      case "currency":
      case "text":
        passOver(1);
        break;
      case "ordinal":
        passOver(2);
        break;
      case "shift":
      case "roman":
        break;
      default: {
        const unknown: never = item;
        throw new TypeError(`unknown item ${String(unknown)}`);
      }
    }
  }
  takeSign();
  if (!/\d/.test(digits)) throw sqlError("22P02", `invalid input syntax for type numeric: "${text}"`);
  const value = `${negative === true ? "-" : ""}${digits.replace(/\.$/, "").replace(/^\./, "0.")}`;
  return parsed.shiftDigits === 0 ? value : shiftedRight(value, parsed.shiftDigits);
}

/** Divided by 10^places. */
function shiftedRight(value: string, places: number): string {
  const sign = value.startsWith("-") ? "-" : "";
  const [whole = "", fraction = ""] = value.replace("-", "").split(".");
  const digits = whole.padStart(places + 1, "0");
  return `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}${fraction}`;
}
