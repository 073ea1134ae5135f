/**
 * Where a portal's rows come from: a running DuckDB stream, or the spool it was moved into.
 *
 * Invariant: rows leave in order, each once. `park` moves what is left of a live stream into a spool, so that the connection
 * may run another statement; a source that is neither done nor parked owns its connection.
 */
import type { DataChunk } from "@duckdb/node-bindings";
import type { EncodeSettings } from "../../engine/encode/create_column_encoder.ts";
import { AppError } from "../../errors/app_error.ts";
import type { RowEncoder } from "../../engine/encode/row_encoder.ts";
import { type PooledEncoder, RowEncoderPool } from "../../engine/encode/row_encoder_pool.ts";
import { chunkRowCount, type EngineColumn, type EngineResult } from "../../engine/statement.ts";
import { MessageWriter } from "../codec/message_writer.ts";
import { CursorSpool } from "./cursor_spool.ts";
import type { SessionOutput } from "./output.ts";
import { RowSpool } from "./spool.ts";

/** Throws when `rowCount` rows and `byteCount` bytes more are not allowed. */
export type CountRows = (rowCount: number, byteCount: number) => void;

/** Rows encoded in one go: small enough that a block stays bounded when the values are long. */
const rowsPerStepMax = 2048;
/** Choices of formats whose encoders a cursor keeps. */
const encodersMax = 4;
/** A result of more has left too much in its encoders for them to be kept. */
const smallResultRows = 256;
const smallResultBytes = 64 * 1024;

const encoderPool = new RowEncoderPool();

type Format = 0 | 1;

/** Rows left over: in the formats of the portal, or in both for a cursor. */
interface ParkedRows {
  readonly rowsLeft: number;
  take(rowsMax: number, formats: readonly Format[]): Promise<{ bytes: Uint8Array; rowCount: number } | null>;
  close(): void;
}

export interface RowSourceOptions {
  /** One a column; those of every `send` unless it names others. */
  readonly formats: readonly Format[];
  readonly settings: EncodeSettings;
  /** Of a cursor, whose FETCHes choose the formats. */
  readonly anyFormat?: boolean;
}

export class RowSource {
  readonly columns: readonly EngineColumn[];
  readonly #result: EngineResult;
  readonly #options: RowSourceOptions;
  readonly #encoders = new Map<string, PooledEncoder>();
  /** Rows and bytes that were encoded. */
  #rowCount = 0;
  #byteCount = 0;
  #chunk: DataChunk | null = null;
  #row = 0;
  #exhausted = false;
  #spool: ParkedRows | null = null;

  constructor(result: EngineResult, columns: readonly EngineColumn[], options: RowSourceOptions) {
    this.#result = result;
    this.columns = columns;
    this.#options = options;
  }

  /** True while the DuckDB connection must not run anything else. */
  get live(): boolean {
    return this.#spool === null && !this.#exhausted;
  }

  /** Sends up to `rowsMax` rows as DataRow messages. `done` means that no row is left. */
  async send(
    rowsMax: number,
    output: SessionOutput,
    count: CountRows,
    formats: readonly Format[] = this.#options.formats,
  ): Promise<{ rowCount: number; done: boolean }> {
    if (this.#spool !== null && this.#options.anyFormat !== true) this.#requireOwnFormats(formats);
    const encoder = this.#encoder(formats);
    let sent = 0;
    while (sent < rowsMax && !output.closed) {
      if (this.#spool !== null) {
        const rows = await this.#spool.take(rowsMax - sent, formats);
        if (rows === null) break;
        count(rows.rowCount, rows.bytes.length);
        await output.flush();
        await output.write(rows.bytes);
        sent += rows.rowCount;
        continue;
      }
      const chunk = await this.#current();
      if (chunk === null) break;
      const end = Math.min(chunkRowCount(chunk), this.#row + Math.min(rowsMax - sent, rowsPerStepMax));
      const before = output.writer.length;
      this.#encode(encoder, chunk, end, output.writer);
      count(end - this.#row, output.writer.length - before);
      sent += end - this.#row;
      this.#row = end;
      await output.flushBlock();
    }
    return { rowCount: sent, done: this.done };
  }

  /** Encodes up to `rowsMax` rows into `writer` instead of sending them; gives how many, 0 at the end. */
  async encodeNext(rowsMax: number, writer: MessageWriter): Promise<number> {
    const chunk = await this.#current();
    if (chunk === null) return 0;
    const end = Math.min(chunkRowCount(chunk), this.#row + rowsMax);
    const count = end - this.#row;
    this.#encode(this.#encoder(this.#options.formats), chunk, end, writer);
    this.#row = end;
    return count;
  }

  get done(): boolean {
    return this.#spool === null ? this.#exhausted : this.#spool.rowsLeft === 0;
  }

  /** Passes over up to `rowsMax` rows. */
  async skip(rowsMax: number, directory: string): Promise<number> {
    await this.park(directory);
    let skipped = 0;
    while (skipped < rowsMax) {
      const rows = await this.#spool?.take(rowsMax - skipped, this.#options.formats) ?? null;
      if (rows === null) break;
      skipped += rows.rowCount;
    }
    return skipped;
  }

  /** Computes the rest and keeps it, so that the connection is free. */
  async park(directory: string): Promise<void> {
    if (!this.live) return;
    this.#spool = this.#options.anyFormat === true
      ? await this.#parkInBothFormats(new CursorSpool(directory))
      : await this.#park(new RowSpool(directory));
  }

  async #park(spool: RowSpool): Promise<RowSpool> {
    const encoder = this.#encoder(this.#options.formats);
    for (let chunk = await this.#current(); chunk !== null; chunk = await this.#current()) {
      await spool.append(this.#rest(chunk, encoder), chunkRowCount(chunk) - this.#row);
      this.#row = chunkRowCount(chunk);
    }
    return spool;
  }

  async #parkInBothFormats(spool: CursorSpool): Promise<CursorSpool> {
    const [text, binary] = ([0, 1] as const).map((format) => this.#encoder(this.columns.map(() => format)));
    for (let chunk = await this.#current(); chunk !== null; chunk = await this.#current()) {
      await spool.append(this.#rest(chunk, text!), this.#rest(chunk, binary!), chunkRowCount(chunk) - this.#row);
      this.#row = chunkRowCount(chunk);
    }
    return spool;
  }

  #requireOwnFormats(formats: readonly Format[]): void {
    if (formats.every((format, index) => format === this.#options.formats[index])) return;
    throw new AppError("feature_not_supported", "a portal that was bound to one format cannot be fetched in another", {
      hint: "Use DECLARE, or the formats that Bind gave.",
    });
  }

  /** The rows of the present chunk that were not sent. */
  #rest(chunk: DataChunk, encoder: RowEncoder): Uint8Array {
    const writer = new MessageWriter();
    this.#encode(encoder, chunk, chunkRowCount(chunk), writer);
    return writer.take().slice();
  }

  #encode(encoder: RowEncoder, chunk: DataChunk, rowTo: number, writer: MessageWriter): void {
    this.#byteCount += encoder.encodeChunk(chunk, this.#row, rowTo, writer);
    this.#rowCount += rowTo - this.#row;
  }

  /** At most one a choice of formats, and a client has one or two. */
  #encoder(formats: readonly Format[]): PooledEncoder {
    const key = formats.join("");
    const before = this.#encoders.get(key);
    if (before !== undefined) return before;
    const encoder = encoderPool.take(this.columns.map((column) => column.type), formats, this.#options.settings);
    if (this.#encoders.size >= encodersMax) this.#encoders.clear();
    this.#encoders.set(key, encoder);
    return encoder;
  }

  /** Drops what is left. The caller has interrupted the connection if the stream is long. */
  async close(): Promise<void> {
    this.#spool?.close();
    if (!this.#exhausted) await this.#result.settle();
    else if (this.#rowCount <= smallResultRows && this.#byteCount <= smallResultBytes) {
      for (const encoder of this.#encoders.values()) encoderPool.give(encoder);
    }
    this.#encoders.clear();
    this.#exhausted = true;
    this.#chunk = null;
  }

  async #current(): Promise<DataChunk | null> {
    if (this.#chunk !== null && this.#row < chunkRowCount(this.#chunk)) return this.#chunk;
    if (this.#exhausted) return null;
    this.#chunk = await this.#result.next();
    this.#row = 0;
    if (this.#chunk === null) this.#exhausted = true;
    return this.#chunk;
  }
}
