/**
 * Cuts a COPY stream in text or CSV format into lines, as PostgreSQL does: the first line's end decides which line ends are
 * valid, a backslash (text) or quotes (CSV) protect one, `\.` ends the data. PostgreSQL documentation, "COPY", file formats.
 */
import { badCopyFormat } from "./copy_error.ts";
import { InputBuffer } from "./input_buffer.ts";

const newline = 10;
const carriageReturn = 13;
const period = 46;
const backslash = 92;

type LineEnd = "unknown" | "newline" | "carriage return" | "both";

export interface LineReaderOptions {
  /** CSV's quote and escape characters; null for the text format. */
  readonly csv: { readonly quote: number; readonly escape: number } | null;
}

/**
 * Invariant: between `buffer.start` and `#position` lies the beginning of one line, in which no line end was found yet. The scan
 * goes on there, so a line that comes in many pieces is looked at once.
 */
export class LineReader {
  readonly buffer: InputBuffer = new InputBuffer();
  /** The line found last is `buffer.bytes[lineStart, lineEnd)`, valid until the next `push`. */
  lineStart = 0;
  lineEnd = 0;
  /** PostgreSQL's count: of lines, and of line ends within quotes. */
  lineNumber = 0;
  /** `\.` was read. */
  finished = false;
  readonly #csv: boolean;
  readonly #quote: number;
  /** -1 when it is the quote itself. */
  readonly #escape: number;
  /** 1 for bytes that mean something here. */
  readonly #special = new Uint8Array(256);
  #position = 0;
  #lineEnd: LineEnd = "unknown";
  #begun = false;
  #first = true;
  #quoted = false;
  #escaped = false;
  #ended = false;

  constructor(options: LineReaderOptions) {
    this.#csv = options.csv !== null;
    this.#quote = options.csv?.quote ?? -1;
    this.#escape = options.csv === null || options.csv.escape === options.csv.quote ? -1 : options.csv.escape;
    for (const byte of [newline, carriageReturn, backslash, this.#quote, this.#escape]) {
      if (byte >= 0) this.#special[byte] = 1;
    }
  }

  push(chunk: Uint8Array): void {
    const taken = this.buffer.start;
    this.buffer.push(chunk);
    this.#position -= taken;
  }

  end(): void {
    this.#ended = true;
  }

  /**
   * Finds the next line; false when more bytes are needed, or at the end. Throws 22P04 for a line end of another kind than the
   * first, or a broken end marker.
   */
  next(): boolean {
    if (this.finished) return false;
    if (!this.#begun) {
      this.#begun = true;
      this.#first = true;
      this.#quoted = false;
      this.#escaped = false;
      this.lineNumber++;
    }
    return this.#csv ? this.#scanCsv() : this.#scanText();
  }

  #scanText(): boolean {
    const { bytes, end } = this.buffer;
    const special = this.#special;
    let position = this.#position;
    for (;;) {
      while (position < end && special[bytes[position]!] === 0) position++;
      this.#position = position;
      if (position >= end) return this.#ended && this.#lastLine();
      const byte = bytes[position]!;
      if (byte === newline) return this.#newline();
      if (byte === carriageReturn) {
        if (!this.#hasNext()) return false;
        return this.#carriageReturn();
      }
      if (position + 1 >= end) {
        if (!this.#ended) return false;
        position++;
      } else if (bytes[position + 1] === period) {
        const marker = this.#endMarker();
        if (marker === "more") return false;
        if (marker === "end") return this.#finish();
        throw badCopyFormat("end-of-copy marker corrupt");
      } else {
        position += 2;
      }
    }
  }

  #scanCsv(): boolean {
    const { bytes, end } = this.buffer;
    const special = this.#special;
    let position = this.#position;
    for (;;) {
      const before = position;
      while (position < end && special[bytes[position]!] === 0) position++;
      if (position > before) {
        this.#first = false;
        this.#escaped = false;
      }
      this.#position = position;
      if (position >= end) return this.#ended && this.#lastLine();
      const byte = bytes[position]!;
      if ((byte === backslash || byte === carriageReturn) && !this.#hasNext()) return false;
      const isMarker = byte === backslash && this.#first && position + 1 < end && bytes[position + 1] === period;
      const marker = isMarker ? this.#endMarker() : "data";
      if (marker === "more") return false;
      if (byte === this.#escape && this.#quoted) this.#escaped = !this.#escaped;
      if (byte === this.#quote && !this.#escaped) this.#quoted = !this.#quoted;
      if (byte !== this.#escape) this.#escaped = false;
      if (this.#quoted) {
        if (byte === (this.#lineEnd === "newline" ? newline : carriageReturn)) this.lineNumber++;
      } else if (byte === newline) {
        return this.#newline();
      } else if (byte === carriageReturn) {
        return this.#carriageReturn();
      }
      if (marker === "end") return this.#finish();
      this.#first = false;
      position++;
    }
  }

  #hasNext(): boolean {
    return this.#ended || this.#position + 1 < this.buffer.end;
  }

  #newline(): boolean {
    if (this.#lineEnd === "carriage return" || this.#lineEnd === "both") {
      throw this.#csv
        ? badCopyFormat("unquoted newline found in data", "Use quoted CSV field to represent newline.")
        : badCopyFormat("literal newline found in data", 'Use "\\n" to represent newline.');
    }
    this.#lineEnd = "newline";
    return this.#found(1);
  }

  /** The byte behind it is there, or the stream has ended. */
  #carriageReturn(): boolean {
    if (this.#lineEnd === "carriage return") return this.#found(1);
    const followed = this.#position + 1 < this.buffer.end && this.buffer.bytes[this.#position + 1] === newline;
    if (this.#lineEnd === "newline" || (this.#lineEnd === "both" && !followed)) {
      throw this.#csv
        ? badCopyFormat("unquoted carriage return found in data", "Use quoted CSV field to represent carriage return.")
        : badCopyFormat("literal carriage return found in data", 'Use "\\r" to represent carriage return.');
    }
    this.#lineEnd = followed ? "both" : "carriage return";
    return this.#found(followed ? 2 : 1);
  }

  #found(lineEndBytes: 0 | 1 | 2): boolean {
    this.lineStart = this.buffer.start;
    this.lineEnd = this.#position;
    this.#position += lineEndBytes;
    this.buffer.start = this.#position;
    this.#begun = false;
    return true;
  }

  /** What stands behind the last line end, if anything does. */
  #lastLine(): boolean {
    if (this.buffer.start >= this.buffer.end) return false;
    return this.#found(0);
  }

  /** `\.` stands at `#position`. In CSV it is data unless it is a line of its own. */
  #endMarker(): "more" | "end" | "data" {
    const { bytes, end } = this.buffer;
    let position = this.#position + 2;
    const byteAt = (at: number): number => at < end ? bytes[at]! : 0;
    const needed = this.#lineEnd === "both" ? 2 : 1;
    if (position + needed > end && !this.#ended) return "more";
    if (this.#lineEnd === "both") {
      const byte = byteAt(position++);
      if (byte === newline && !this.#csv) {
        throw badCopyFormat("end-of-copy marker does not match previous newline style");
      }
      if (byte !== carriageReturn) return "data";
    }
    const byte = byteAt(position);
    if (byte !== newline && byte !== carriageReturn) return "data";
    if (this.#lineEnd !== "unknown" && byte !== (this.#lineEnd === "carriage return" ? carriageReturn : newline)) {
      throw badCopyFormat("end-of-copy marker does not match previous newline style");
    }
    return "end";
  }

  /** Data before the marker in its line is a row. */
  #finish(): boolean {
    this.finished = true;
    this.lineStart = this.buffer.start;
    this.lineEnd = this.#position;
    this.buffer.start = this.buffer.end;
    this.#position = this.buffer.end;
    return this.lineEnd > this.lineStart;
  }
}
