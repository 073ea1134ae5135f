/** Character encodings other than UTF8, and bytea's escape format. Bytes are hexadecimal text. */
import { sqlError } from "./errors.ts";

/** Bytes as text: those above 126 and zero as `\ooo`, a backslash twice. */
export function encodeEscapedBytes(hex: string): string {
  let text = "";
  for (const byte of bytesOf(hex)) {
    if (byte === 0 || byte > 127) text += `\\${byte.toString(8).padStart(3, "0")}`;
    else text += byte === 92 ? "\\\\" : String.fromCharCode(byte);
  }
  return text;
}

export function decodeEscapedBytes(text: string): string {
  const bytes: number[] = [];
  const source = new TextEncoder().encode(text);
  for (let position = 0; position < source.length; position++) {
    if (source[position] !== 92) {
      bytes.push(source[position]!);
      continue;
    }
    const escape = /^(?:\\|[0-3][0-7]{2})/.exec(String.fromCharCode(...source.subarray(position + 1, position + 4)));
    if (escape === null) throw sqlError("22P02", "invalid input syntax for type bytea");
    bytes.push(escape[0] === "\\" ? 92 : parseInt(escape[0], 8));
    position += escape[0].length;
  }
  return hexOf(bytes);
}

/** PostgreSQL's names (pg_encoding_to_char) and the WHATWG's. */
const decoderNames: Readonly<Record<string, string>> = {
  LATIN2: "iso-8859-2",
  LATIN3: "iso-8859-3",
  LATIN4: "iso-8859-4",
  LATIN6: "iso-8859-10",
  LATIN7: "iso-8859-13",
  LATIN8: "iso-8859-14",
  LATIN9: "iso-8859-15",
  LATIN10: "iso-8859-16",
  ISO88595: "iso-8859-5",
  ISO88596: "iso-8859-6",
  ISO88597: "iso-8859-7",
  ISO88598: "iso-8859-8",
  KOI8R: "koi8-r",
  KOI8U: "koi8-u",
  WIN866: "ibm866",
  WIN874: "windows-874",
  WIN1250: "windows-1250",
  WIN1251: "windows-1251",
  WIN1252: "windows-1252",
  WIN1253: "windows-1253",
  WIN1254: "windows-1254",
  WIN1255: "windows-1255",
  WIN1256: "windows-1256",
  WIN1257: "windows-1257",
  WIN1258: "windows-1258",
};
const manyByteDecoderNames: Readonly<Record<string, string>> = {
  BIG5: "big5",
  EUCJP: "euc-jp",
  EUCKR: "euc-kr",
  GB18030: "gb18030",
  GBK: "gbk",
  SJIS: "shift_jis",
  UHC: "euc-kr",
};

/** Upper case, without the `-`, `_` and spaces that PostgreSQL ignores; other spellings of LATIN1 and WIN1252. */
function canonicalName(name: string): string {
  const canonical = name.toUpperCase().replace(/[^A-Z0-9]/g, "");
  return canonical === "ISO88591" ? "LATIN1" : canonical.replace(/^WINDOWS/, "WIN");
}

export function fromEncoding(hex: string, encoding: string): string {
  const name = canonicalName(encoding);
  const bytes = Uint8Array.from(bytesOf(hex));
  if (name === "LATIN1") return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const label = decoderNames[name] ?? manyByteDecoderNames[name];
  if (label === undefined) throw sqlError("22023", `invalid source encoding name "${encoding}"`);
  try {
    return new TextDecoder(label, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw sqlError("22021", `invalid byte sequence for encoding "${name}"`);
  }
}

/** Into encodings of one byte a character. */
export function toEncoding(text: string, encoding: string): string {
  const name = canonicalName(encoding);
  if (manyByteDecoderNames[name] !== undefined) {
    throw sqlError(
      "0A000",
      `conversion into encoding "${encoding}" is not supported; UTF8 and encodings of one byte are`,
    );
  }
  const table = name === "LATIN1" ? null : byteTable(name, encoding);
  const bytes = Array.from(text, (character) => {
    const code = character.codePointAt(0)!;
    const byte = table === null ? (code < 256 ? code : undefined) : table.get(code);
    if (byte === undefined) {
      throw sqlError("22P05", `character "${character}" has no equivalent in encoding "${name}"`);
    }
    return byte;
  });
  return hexOf(bytes);
}

const byteTables = new Map<string, ReadonlyMap<number, number>>();

function byteTable(name: string, encoding: string): ReadonlyMap<number, number> {
  const known = byteTables.get(name);
  if (known !== undefined) return known;
  const label = decoderNames[name];
  if (label === undefined) throw sqlError("22023", `invalid destination encoding name "${encoding}"`);
  const decoder = new TextDecoder(label);
  const table = new Map<number, number>();
  for (let byte = 0; byte < 256; byte++) table.set(decoder.decode(Uint8Array.of(byte)).codePointAt(0)!, byte);
  table.delete(0xfffd);
  byteTables.set(name, table);
  return table;
}

function bytesOf(hex: string): number[] {
  return Array.from({ length: hex.length / 2 }, (_, index) => parseInt(hex.slice(2 * index, 2 * index + 2), 16));
}

function hexOf(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
