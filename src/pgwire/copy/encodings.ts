/**
 * Encodings of a COPY stream, by PostgreSQL's names: UTF-8, and those with one byte a character. PostgreSQL documentation,
 * "Character Set Support". The tables are the runtime's own (WHATWG Encoding), except for LATIN1, which means windows-1252 there.
 */
import { AppError } from "../../errors/app_error.ts";
import { invalidByteSequence } from "./copy_error.ts";
import { type TextStream, Utf8Stream } from "./utf8.ts";

/** PostgreSQL's name, its other names, and the runtime's label; the label is null where the bytes are taken as they are. */
const encodings: readonly (readonly [name: string, others: string, label: string | null])[] = [
  ["UTF8", "unicode", null],
  ["SQL_ASCII", "sqlascii", null],
  ["LATIN1", "iso88591", "latin1"],
  ["LATIN2", "iso88592", "iso-8859-2"],
  ["LATIN3", "iso88593", "iso-8859-3"],
  ["LATIN4", "iso88594", "iso-8859-4"],
  ["LATIN5", "iso88599", "windows-1254"],
  ["LATIN6", "iso885910", "iso-8859-10"],
  ["LATIN7", "iso885913", "iso-8859-13"],
  ["LATIN8", "iso885914", "iso-8859-14"],
  ["LATIN9", "iso885915", "iso-8859-15"],
  ["LATIN10", "iso885916", "iso-8859-16"],
  ["ISO_8859_5", "iso88595", "iso-8859-5"],
  ["ISO_8859_6", "iso88596", "iso-8859-6"],
  ["ISO_8859_7", "iso88597", "iso-8859-7"],
  ["ISO_8859_8", "iso88598", "iso-8859-8"],
  ["KOI8R", "koi8", "koi8-r"],
  ["KOI8U", "", "koi8-u"],
  ["WIN866", "windows866 alt", "ibm866"],
  ["WIN874", "windows874", "windows-874"],
  ["WIN1250", "windows1250", "windows-1250"],
  ["WIN1251", "windows1251 win", "windows-1251"],
  ["WIN1252", "windows1252", "windows-1252"],
  ["WIN1253", "windows1253", "windows-1253"],
  ["WIN1254", "windows1254", "windows-1254"],
  ["WIN1255", "windows1255", "windows-1255"],
  ["WIN1256", "windows1256", "windows-1256"],
  ["WIN1257", "windows1257", "windows-1257"],
  ["WIN1258", "windows1258 abc tcvn tcvn5712 vscii", "windows-1258"],
];

/** Encodings of PostgreSQL with several bytes a character, which are not understood here. */
const multibyte: ReadonlySet<string> = new Set(
  ("eucjp eucjis2004 euckr euccn euctw johab sjis shiftjis shiftjis2004 mskanji win932 windows932 gbk win936 windows936 " +
    "gb18030 big5 win950 windows950 uhc win949 windows949 muleinternal").split(" "),
);

export interface Encoding {
  readonly name: string;
  /** Code point by byte, -1 where the encoding has none; null when the bytes are taken as UTF-8. */
  readonly codePoints: Int32Array | null;
}

/** Throws `invalid_parameter_value` for an unknown name, `feature_not_supported` for one with several bytes a character. */
export function encodingByName(name: string): Encoding {
  const key = keyOf(name);
  const known = encodings.find(([own, others]) => keyOf(own) === key || others.split(" ").includes(key));
  if (known === undefined || key === "") {
    if (multibyte.has(key)) {
      throw new AppError("feature_not_supported", `COPY: encoding "${name}" is not supported: use UTF8`);
    }
    throw new AppError("invalid_parameter_value", 'argument to option "encoding" must be a valid encoding name');
  }
  const [postgresName, , label] = known;
  return { name: postgresName, codePoints: label === null ? null : codePointsOf(postgresName, label) };
}

function keyOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

function codePointsOf(name: string, label: string): Int32Array {
  const decoder = new TextDecoder(label, { fatal: true });
  // An ISO 8859 encoding has control characters where its windows sister has letters.
  const controlsMax = name.startsWith("LATIN") ? 0x9f : 0x7f;
  return Int32Array.from({ length: 256 }, (_, byte) => {
    if (byte <= controlsMax || label === "latin1") return byte;
    try {
      const codePoint = decoder.decode(Uint8Array.of(byte)).codePointAt(0) ?? -1;
      // The runtime gives control characters for bytes that a windows encoding leaves free.
      return label.startsWith("windows-") && codePoint < 0xa0 ? -1 : codePoint;
    } catch {
      return -1;
    }
  });
}

/** A check of the stream's bytes, or their translation into UTF-8; null means UTF-8. */
export function createTextStream(name: string | null): TextStream {
  if (name === null) return new Utf8Stream();
  const encoding = encodingByName(name);
  return encoding.codePoints === null ? new Utf8Stream() : new SingleByteStream(encoding.name, encoding.codePoints);
}

class SingleByteStream implements TextStream {
  error: unknown = null;
  readonly #name: string;
  /** The UTF-8 form of each byte, or null. */
  readonly #sequences: readonly (Uint8Array | null)[];

  constructor(name: string, codePoints: Int32Array) {
    const encoder = new TextEncoder();
    this.#name = name;
    this.#sequences = Array.from(
      codePoints,
      (point) => point <= 0 ? null : encoder.encode(String.fromCodePoint(point)),
    );
  }

  take(chunk: Uint8Array): Uint8Array {
    if (this.error !== null) return chunk.subarray(0, 0);
    const utf8 = new Uint8Array(chunk.length * 3);
    let written = 0;
    for (const byte of chunk) {
      const sequence = this.#sequences[byte]!;
      if (sequence === null) {
        this.error = byte === 0
          ? invalidByteSequence(Uint8Array.of(0), this.#name)
          : noEquivalent([byte], this.#name, "UTF8");
        break;
      }
      if (sequence.length === 1) utf8[written++] = byte;
      else for (const part of sequence) utf8[written++] = part;
    }
    return utf8.subarray(0, written);
  }

  end(): void {}
}

function noEquivalent(bytes: readonly number[], from: string, to: string): AppError {
  const sequence = bytes.map((byte) => `0x${byte.toString(16).padStart(2, "0")}`).join(" ");
  return new AppError(
    "character_not_in_repertoire",
    `character with byte sequence ${sequence} in encoding "${from}" has no equivalent in encoding "${to}"`,
  );
}

/** Translates UTF-8 into an encoding. */
export type FromUtf8 = (text: Uint8Array) => Uint8Array;

/** null when the bytes stay as they are. Throws as `encodingByName` does. */
export function createFromUtf8(name: string | null): FromUtf8 | null {
  if (name === null) return null;
  const { codePoints, name: postgresName } = encodingByName(name);
  if (codePoints === null) return null;
  const byteOf = new Map<number, number>();
  codePoints.forEach((point, byte) => {
    if (point >= 0) byteOf.set(point, byte);
  });
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return (text) => {
    if (text.every((byte) => byte < 0x80)) return text;
    const encoded: number[] = [];
    for (const character of decoder.decode(text)) {
      const byte = byteOf.get(character.codePointAt(0)!);
      if (byte === undefined) throw noEquivalent([...new TextEncoder().encode(character)], "UTF8", postgresName);
      encoded.push(byte);
    }
    return Uint8Array.from(encoded);
  };
}
