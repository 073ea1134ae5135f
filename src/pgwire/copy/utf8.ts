/** UTF-8 as PostgreSQL checks it: no zero byte, no overlong form, no surrogate, nothing beyond U+10FFFF. */
import { isUtf8 } from "node:buffer";
import { invalidByteSequence } from "./copy_error.ts";

/** Throws `character_not_in_repertoire` for the first bad character. */
export function checkUtf8(bytes: Uint8Array): void {
  if (isUtf8(bytes) && !bytes.includes(0)) return;
  const bad = firstInvalid(bytes);
  if (bad < bytes.length) throw invalidByteSequence(characterAt(bytes, bad));
}

/** Text that comes in pieces: `take` gives what of it is surely valid, as UTF-8. */
export interface TextStream {
  take(chunk: Uint8Array): Uint8Array;
  /** Nothing follows. */
  end(): void;
  /** Set when a bad character was met; everything before it has been given then. */
  readonly error: unknown;
}

/** Checks a stream of UTF-8. */
export class Utf8Stream implements TextStream {
  /** The beginning of a character whose other bytes are still to come: up to 3 bytes. */
  #rest = new Uint8Array(0);
  error: unknown = null;

  /** A view of `chunk` unless a character was split. */
  take(chunk: Uint8Array): Uint8Array {
    if (this.error !== null) return chunk.subarray(0, 0);
    let bytes = chunk;
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + chunk.length);
      bytes.set(this.#rest);
      bytes.set(chunk, this.#rest.length);
    }
    const whole = bytes.length - splitBytes(bytes);
    const valid = bytes.subarray(0, whole);
    if (isUtf8(valid) && !valid.includes(0)) {
      this.#rest = bytes.slice(whole);
      return valid;
    }
    const bad = firstInvalid(bytes);
    const character = characterAt(bytes, bad);
    // All bytes that its first one announces are shown: those still to come are waited for.
    if (character.length < lengthByLead(bytes[bad]!)) this.#rest = character.slice();
    else this.error = invalidByteSequence(character);
    return bytes.subarray(0, bad);
  }

  end(): void {
    if (this.error === null && this.#rest.length > 0) this.error = invalidByteSequence(this.#rest);
  }
}

/** Length of the character that begins with this byte, by that byte alone. */
function lengthByLead(byte: number): number {
  if ((byte & 0xe0) === 0xc0) return 2;
  if ((byte & 0xf0) === 0xe0) return 3;
  if ((byte & 0xf8) === 0xf0) return 4;
  return 1;
}

function characterAt(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.subarray(at, at + lengthByLead(bytes[at] ?? 0));
}

/** Bytes at the end that begin a character without ending it. */
function splitBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    return lengthByLead(byte) > back ? back : 0;
  }
  return 0;
}

/** Index of the first byte that begins no valid character; the length when all are valid. */
function firstInvalid(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length) {
    const lead = bytes[at]!;
    if (lead === 0) return at;
    if (lead < 0x80) {
      at++;
      continue;
    }
    const length = lengthByLead(lead);
    if (length === 1 || !isUtf8(bytes.subarray(at, at + length))) return at;
    at += length;
  }
  return at;
}
