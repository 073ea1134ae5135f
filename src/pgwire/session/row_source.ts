/**
 * Where a portal's rows come from: a running DuckDB stream, or the spool it was moved into.
 *
 * Invariant: rows leave in order, each once. `park` moves what is left of a live stream into a spool, so that the connection
 * may run another statement; a source that is neither done nor parked owns its connection.
 */
import type { DataChunk } from "@duckdb/node-bindings";
import type { EncodeSettings } from "../../engine/encode/create_column_encoder.ts";
import { createRowEncoder, type RowEncoder } from "../../engine/encode/row_encoder.ts";
import { chunkRowCount, type EngineColumn, type EngineResult } from "../../engine/statement.ts";
import { MessageWriter } from "../codec/message_writer.ts";
import type { SessionOutput } from "./output.ts";
import { RowSpool } from "./spool.ts";

/** Throws when `rowCount` rows and `byteCount` bytes more are not allowed. */
export type CountRows = (rowCount: number, byteCount: number) => void;

/** Rows encoded in one go: small enough that a block stays bounded when the values are long. */
const rowsPerStepMax = 2048;

export class RowSource {
  readonly columns: readonly EngineColumn[];
  readonly #result: EngineResult;
  readonly #encoder: RowEncoder;
  #chunk: DataChunk | null = null;
  #row = 0;
  #exhausted = false;
  #spool: RowSpool | null = null;

  constructor(
    result: EngineResult,
    columns: readonly EngineColumn[],
    formats: readonly (0 | 1)[],
    settings: EncodeSettings,
  ) {
    this.#result = result;
    this.columns = columns;
    this.#encoder = createRowEncoder(columns.map((column) => column.type), formats, settings);
  }

  /** True while the DuckDB connection must not run anything else. */
  get live(): boolean {
    return this.#spool === null && !this.#exhausted;
  }

  /** Sends up to `rowsMax` rows as DataRow messages. `done` means that no row is left. */
  async send(rowsMax: number, output: SessionOutput, count: CountRows): Promise<{ rowCount: number; done: boolean }> {
    let sent = 0;
    while (sent < rowsMax && !output.closed) {
      if (this.#spool !== null) {
        const rows = await this.#spool.take(rowsMax - sent);
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
      this.#encoder.encodeChunk(chunk, this.#row, end, output.writer);
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
    this.#encoder.encodeChunk(chunk, this.#row, end, writer);
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
      const rows = await this.#spool?.take(rowsMax - skipped) ?? null;
      if (rows === null) break;
      skipped += rows.rowCount;
    }
    return skipped;
  }

  /** Computes the rest and keeps it, so that the connection is free. */
  async park(directory: string): Promise<void> {
    if (!this.live) return;
    const spool = new RowSpool(directory);
    for (let chunk = await this.#current(); chunk !== null; chunk = await this.#current()) {
      const writer = new MessageWriter();
      const rowCount = chunkRowCount(chunk) - this.#row;
      this.#encoder.encodeChunk(chunk, this.#row, chunkRowCount(chunk), writer);
      this.#row = chunkRowCount(chunk);
      await spool.append(writer.take().slice(), rowCount);
    }
    this.#spool = spool;
  }

  /** Drops what is left. The caller has interrupted the connection if the stream is long. */
  async close(): Promise<void> {
    this.#spool?.close();
    if (!this.#exhausted) await this.#result.settle();
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
