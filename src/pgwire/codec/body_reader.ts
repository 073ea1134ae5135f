/**
 * Reads the body of one message, field by field. Whatever does not fit is an ERROR of kind
 * `protocol_violation_in_message`: the framing is intact, so the connection can go on.
 */
import { AppError } from "../../errors/app_error.ts";

const textDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class BodyReader {
  readonly #body: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  constructor(body: Uint8Array) {
    this.#body = body;
    this.#view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  }

  get remaining(): number {
    return this.#body.length - this.#position;
  }

  byte(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  int16(): number {
    return this.#view.getInt16(this.#advance(2));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2));
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4));
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  /** The next `byteCount` bytes, as a view of the body. */
  bytes(byteCount: number): Uint8Array {
    const start = this.#advance(byteCount);
    return this.#body.subarray(start, start + byteCount);
  }

  /** Everything that is left. */
  rest(): Uint8Array {
    return this.bytes(this.remaining);
  }

  /** UTF-8 text up to a zero byte, which is passed over. */
  cstring(): string {
    const end = this.#body.indexOf(0, this.#position);
    if (end === -1) throw new AppError("protocol_violation_in_message", "invalid string in message: no terminator");
    const text = decodeText(this.#body.subarray(this.#position, end));
    this.#position = end + 1;
    return text;
  }

  /** A count of items of at least `itemBytes` bytes each: refused before anything is allocated for them. */
  count(itemBytes: number): number {
    const count = this.uint16();
    if (count * itemBytes > this.remaining) throw insufficientData();
    return count;
  }

  /** Refuses bytes behind the last field. */
  end(): void {
    if (this.remaining !== 0) {
      throw new AppError(
        "protocol_violation_in_message",
        `invalid message format: ${this.remaining} bytes after the last field`,
      );
    }
  }

  #advance(byteCount: number): number {
    const start = this.#position;
    if (byteCount > this.#body.length - start) throw insufficientData();
    this.#position = start + byteCount;
    return start;
  }
}

/** Throws `character_not_in_repertoire` for bytes that are not UTF-8. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return textDecoder.decode(bytes);
  } catch (cause) {
    throw new AppError("character_not_in_repertoire", 'invalid byte sequence for encoding "UTF8"', { cause });
  }
}

function insufficientData(): AppError {
  return new AppError("protocol_violation_in_message", "insufficient data left in message");
}
