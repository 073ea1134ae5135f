/** Templates of to_char and to_number for numbers (PostgreSQL documentation, "Template Patterns for Numeric Formatting"). */
import { sqlError } from "../errors.ts";

export type NumberItem =
  /** `9`, `0`, or the decimal point `.` or `D`. */
  | { readonly kind: "digit"; readonly zero: boolean }
  | { readonly kind: "point" }
  | { readonly kind: "group" }
  | { readonly kind: "currency" }
  | { readonly kind: "sign"; readonly sign: "S" | "MI" | "PL" | "SG" | "PR" }
  | { readonly kind: "roman"; readonly upper: boolean }
  | { readonly kind: "ordinal"; readonly upper: boolean }
  | { readonly kind: "shift" }
  | { readonly kind: "text"; readonly text: string };

export interface NumberTemplate {
  readonly items: readonly NumberItem[];
  readonly fillMode: boolean;
  /** Digits before the point, without those behind `V`. */
  readonly wholeDigits: number;
  readonly fractionDigits: number;
  /** Digits behind `V`. */
  readonly shiftDigits: number;
  readonly hasPoint: boolean;
  readonly isScientific: boolean;
  readonly roman: "upper" | "lower" | null;
  /** Index of the first digit position that is `0`, when it stands before the point; -1 without one. */
  readonly zeroFrom: number;
  /** Digit positions up to and with the last `0`. */
  readonly zeroTo: number;
  readonly signs: ReadonlySet<"S" | "MI" | "PL" | "SG" | "PR">;
  /** `S` behind all digits, or behind the point. */
  readonly signBehind: boolean;
}

const cacheMax = 200;
const cache = new Map<string, NumberTemplate>();

/** Throws SQLSTATE 42601 for patterns that do not go together. */
export function parseNumberTemplate(template: string): NumberTemplate {
  const known = cache.get(template);
  if (known !== undefined) return known;
  const parsed = parse(template);
  if (cache.size >= cacheMax) cache.clear();
  cache.set(template, parsed);
  return parsed;
}

/** In the order in which they are looked for; each also in lower case. */
const keywordPattern =
  /^(?:EEEE|eeee|FM|fm|MI|mi|PL|pl|PR|pr|RN|rn|SG|sg|SP|sp|TH|th|[,.09BbCcDdGgLlSsVv]|"(?:[^"\\]|\\[\s\S])*"?|\\"|[\s\S])/u;

function refuse(message: string): Error {
  return sqlError("42601", message);
}

function parse(template: string): NumberTemplate {
  const items: NumberItem[] = [];
  const signs = new Set<"S" | "MI" | "PL" | "SG" | "PR">();
  let [wholeDigits, fractionDigits, shiftDigits] = [0, 0, 0];
  let [fillMode, hasPoint, hasShift, isScientific] = [false, false, false, false];
  let roman: "upper" | "lower" | null = null;
  let [zeroFrom, zeroTo] = [-1, 0];
  let digitsBeforeSign = -1;
  let signBehindPoint = false;
  for (let rest = template; rest !== "";) {
    const word = keywordPattern.exec(rest)![0];
    rest = rest.slice(word.length);
    if (isScientific && /^[9.0DVSdvs]|^(?:MI|PL|SG|PR|RN|EEEE)$/i.test(word)) {
      throw refuse('"EEEE" must be the last pattern used');
    }
    switch (word.toUpperCase()) {
      case "9":
      case "0":
        if (signs.has("PR")) throw refuse(`"${word}" must be ahead of "PR"`);
        items.push({ kind: "digit", zero: word === "0" });
        if (word === "0" && zeroFrom < 0 && !hasPoint) zeroFrom = wholeDigits;
        if (hasPoint) fractionDigits++;
        else if (hasShift) shiftDigits++;
        else wholeDigits++;
        if (word === "0") zeroTo = wholeDigits + shiftDigits + fractionDigits;
        break;
      case ".":
      case "D":
        if (hasPoint) throw refuse("multiple decimal points");
        if (hasShift) throw refuse('cannot use "V" and decimal point together');
        hasPoint = true;
        items.push({ kind: "point" });
        break;
      case ",":
      case "G":
        items.push({ kind: "group" });
        break;
      case "V":
        if (hasPoint) throw refuse('cannot use "V" and decimal point together');
        hasShift = true;
        items.push({ kind: "shift" });
        break;
      case "S":
        if (signs.has("S")) throw refuse('cannot use "S" twice');
        if (signs.size > 0) throw refuse('cannot use "S" and "PL"/"MI"/"SG"/"PR" together');
        digitsBeforeSign = wholeDigits + shiftDigits;
        signBehindPoint = hasPoint;
        signs.add("S");
        items.push({ kind: "sign", sign: "S" });
        break;
      case "MI":
      case "PL":
      case "SG":
        if (signs.has("S")) throw refuse(`cannot use "S" and "${word.toUpperCase()}" together`);
        signs.add(word.toUpperCase() as "MI");
        items.push({ kind: "sign", sign: word.toUpperCase() as "MI" });
        break;
      case "PR":
        if (signs.size > 0) throw refuse('cannot use "PR" and "S"/"PL"/"MI"/"SG" together');
        signs.add("PR");
        items.push({ kind: "sign", sign: "PR" });
        break;
      case "RN":
        roman = word === "RN" ? "upper" : "lower";
        items.push({ kind: "roman", upper: word === "RN" });
        break;
      case "TH":
        items.push({ kind: "ordinal", upper: word === "TH" });
        break;
      case "L":
        items.push({ kind: "currency" });
        break;
      case "EEEE":
        if (fillMode || roman !== null || hasShift || signs.size > 0) {
          throw refuse('"EEEE" is incompatible with other formats');
        }
        isScientific = true;
        break;
      case "FM":
        fillMode = true;
        break;
      case "B":
      case "C":
      case "SP":
        break;
      default:
        items.push(...textItems(word));
    }
  }
  return {
    items,
    fillMode,
    wholeDigits,
    fractionDigits,
    shiftDigits,
    hasPoint,
    isScientific,
    roman,
    zeroFrom,
    zeroTo,
    signs,
    signBehind: signBehindPoint || digitsBeforeSign === wholeDigits + shiftDigits,
  };
}

/** A quoted text, an escaped quote or one character. */
function textItems(word: string): NumberItem[] {
  const text = word.startsWith('"')
    ? word.slice(1).replace(/"$/, "").replace(/\\([\s\S])/g, "$1")
    : word === '\\"'
    ? '"'
    : word;
  return Array.from(text, (character) => ({ kind: "text", text: character }));
}
