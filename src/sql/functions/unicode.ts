/** Unicode escapes and normal forms. */
import { sqlError } from "./errors.ts";

/** `\XXXX`, `\+XXXXXX`, `\uXXXX`, `\UXXXXXXXX` and `\\` (PostgreSQL documentation, "unistr"). */
export function decodeEscapes(text: string): string {
  const decoded = text.replace(
    /\\(?:(\\)|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|\+([0-9a-fA-F]{6})|([0-9a-fA-F]{4})|)/g,
    (_, backslash?: string, short?: string, long?: string, six?: string, four?: string) => {
      if (backslash !== undefined) return "\\";
      const digits = short ?? long ?? six ?? four;
      if (digits === undefined) throw sqlError("42601", "invalid Unicode escape");
      const code = parseInt(digits, 16);
      if (code === 0 || code > 0x10ffff) throw sqlError("42601", `invalid Unicode code point: ${digits}`);
      return String.fromCharCode(...utf16(code));
    },
  );
  if (!decoded.isWellFormed()) throw sqlError("42601", "invalid Unicode surrogate pair");
  return decoded;
}

/** A surrogate pair may also be written as two escapes, so halves are let through here and judged at the end. */
function utf16(code: number): number[] {
  return code < 0x10000 ? [code] : [0xd800 + ((code - 0x10000) >> 10), 0xdc00 + ((code - 0x10000) & 0x3ff)];
}

/** `form` is NFC, NFD, NFKC or NFKD. */
export function normalizedText(text: string, form: string): string {
  if (!/^NFK?[CD]$/i.test(form)) throw sqlError("22023", `invalid normalization form: ${form}`);
  return text.normalize(form.toUpperCase());
}

export function isNormalizedText(text: string, form: string): boolean {
  return normalizedText(text, form) === text;
}
