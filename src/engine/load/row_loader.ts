/**
 * Takes rows of a COPY into a table: values are collected in DuckDB's layout, and batches of them are inserted by one prepared
 * statement that reads them through a `RowFeed`. While DuckDB inserts a batch the next one is collected, so at most two are in
 * memory. All of it happens in the connection's own transaction; who calls rolls that back when anything fails.
 */
import duckdb from "@duckdb/node-bindings";
import { AppError } from "../../errors/app_error.ts";
import { type CopyRow, defaultField, nullField } from "../../pgwire/copy/copy_row.ts";
import type { Connection } from "../duckdb.ts";
import { translateEngineError } from "../engine_error.ts";
import { type ColumnLoader, FixedLoader, type SealedColumn, vectorRows } from "./column_loader.ts";
import { createColumnLoader } from "./create_column_loader.ts";
import { RowFeed, type RowFeeds, type SealedRows } from "./row_feed.ts";

/** DuckDB's row group: a batch of this size is written as one. */
const batchRowsMax = 122_880;
/** With long values a batch ends earlier: two of them are in memory, and DuckDB's copy of one. */
const batchBytesMax = 16 * 1024 * 1024;
/** A piece of a column ends earlier than at a vector's size when its values are this long. */
const pieceBytesMax = 4 * 1024 * 1024;

export interface LoadColumn {
  readonly name: string;
  readonly logicalType: duckdb.LogicalType;
  /** SQL of what the option DEFAULT's text stands for; null where the column has no default, or the option is not given. */
  readonly defaultSql: string | null;
}

export interface RowLoaderOptions {
  readonly connection: Connection;
  readonly feeds: RowFeeds;
  /** The table as SQL. */
  readonly table: string;
  readonly columns: readonly LoadColumn[];
  readonly timeZone: string;
}

interface Batch {
  readonly pieces: SealedRows[];
  /** The line of each row, a piece's in one array. */
  readonly lines: Float64Array[];
}

/** Says for each row whether the column's default is meant. */
class DefaultFlags extends FixedLoader {
  override readonly width = 1;

  flag(isDefault: boolean): void {
    this.append(() => this.bytes[this.count] = isDefault ? 1 : 0);
  }

  protected override putText(): void {}
  protected override putBinary(): void {}
}

export class RowLoader {
  readonly #connection: Connection;
  readonly #feeds: RowFeeds;
  readonly #feed: RowFeed;
  readonly #columns: readonly LoadColumn[];
  readonly #loaders: readonly ColumnLoader[];
  readonly #binaryLengths: readonly number[];
  readonly #flags: readonly (DefaultFlags | null)[];
  readonly #insertSql: string;
  #statement: duckdb.PreparedStatement | null = null;
  #pieceRows = 0;
  #pieceBytes = 0;
  #lines = new Float64Array(vectorRows);
  #batch: Batch = { pieces: [], lines: [] };
  #batchRows = 0;
  #batchBytes = 0;
  #running: Promise<unknown> | null = null;
  #runningBatch: Batch | null = null;
  /** The batch that DuckDB refused, for `findLine`. */
  #refused: Batch | null = null;
  /** Index of the column whose value was refused by the last `append`; -1 when the row itself was. */
  failedColumn = -1;
  rowCount = 0;

  constructor({ connection, feeds, table, columns, timeZone }: RowLoaderOptions) {
    this.#connection = connection;
    this.#feeds = feeds;
    this.#columns = columns;
    const loadable = columns.map(({ logicalType }) => createColumnLoader(logicalType, timeZone));
    this.#loaders = loadable.map(({ loader }) => loader);
    this.#binaryLengths = loadable.map(({ binaryLength }) => binaryLength);
    this.#flags = columns.map(({ defaultSql }) => defaultSql === null ? null : new DefaultFlags());
    const names = columns.map((_, index) => `value${index}`);
    const types = loadable.map(({ logicalType }) => logicalType);
    const values = columns.map(({ defaultSql }, index) => {
      if (defaultSql === null) return `value${index}`;
      names.push(`default${index}`);
      types.push(duckdb.create_logical_type(duckdb.Type.BOOLEAN));
      return `CASE WHEN default${index} THEN (${defaultSql}) ELSE value${index} END`;
    });
    this.#feed = new RowFeed(names, types);
    const targets = columns.map(({ name }) => quote(name));
    this.#insertSql = `INSERT INTO ${table} (${targets.join(", ")}) SELECT ${
      values.join(", ")
    } FROM ${this.#feed.call}`;
  }

  /** Prepares the INSERT: throws what is wrong with the table or its columns. */
  async open(): Promise<void> {
    this.#feeds.set(this.#feed.token, this.#feed);
    try {
      this.#statement = await duckdb.prepare(this.#connection, this.#insertSql);
    } catch (error) {
      throw translateEngineError(error);
    }
  }

  /**
   * Adds a row. Throws PostgreSQL's error for a value that its column does not take, `failedColumn` says which; the rows before
   * it are not touched by that.
   */
  append(row: CopyRow, format: "text" | "binary"): void {
    const loaders = this.#loaders;
    const { bytes, starts, ends, count } = row;
    this.failedColumn = -1;
    if (count > loaders.length) throw refused("extra data after last expected column");
    let byteCount = 0;
    for (let index = 0; index < loaders.length; index++) {
      this.failedColumn = -1;
      if (index >= count) throw refused(`missing data for column "${this.#columns[index]!.name}"`);
      this.failedColumn = index;
      const end = ends[index]!;
      const flags = this.#flags[index]!;
      if (flags !== null) flags.flag(end === defaultField);
      if (end >= 0) {
        const start = starts[index]!;
        byteCount += end - start;
        if (format === "text") loaders[index]!.appendText(bytes, start, end);
        else {
          checkLength(end - start, this.#binaryLengths[index]!);
          loaders[index]!.appendBinary(bytes, start, end);
        }
      } else if (end === nullField || flags !== null) {
        loaders[index]!.appendNull();
      } else {
        this.failedColumn = -1;
        throw refused(`unexpected default marker in COPY data: column "${this.#columns[index]!.name}" has no default`);
      }
    }
    this.#lines[this.#pieceRows] = row.lineNumber;
    this.#pieceRows++;
    this.#pieceBytes += byteCount;
    this.rowCount++;
    if (this.#pieceRows === vectorRows || this.#pieceBytes >= pieceBytesMax) this.#sealPiece();
  }

  /** DuckDB refused a batch, or was interrupted at it. */
  get hasFailed(): boolean {
    return this.#refused !== null;
  }

  get columnNames(): readonly string[] {
    return this.#columns.map(({ name }) => name);
  }

  /** Enough rows are there for `insert`. */
  get full(): boolean {
    return this.#batchRows >= batchRowsMax || this.#batchBytes >= batchBytesMax;
  }

  /** Waits for the batch before, if DuckDB is still at it, and starts to insert what was collected. Throws what DuckDB refuses. */
  async insert(): Promise<void> {
    this.#sealPiece();
    await this.settle();
    if (this.#batchRows === 0) return;
    this.#runningBatch = this.#batch;
    this.#batch = { pieces: [], lines: [] };
    this.#batchRows = 0;
    this.#batchBytes = 0;
    this.#feed.batch = this.#runningBatch.pieces;
    this.#running = duckdb.execute_prepared(this.#statement!);
    // Its failure belongs to the next call; without a handler it would count as unhandled until then.
    this.#running.catch(() => undefined);
  }

  /** Waits until DuckDB has inserted what it was given. */
  async settle(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    try {
      await running;
    } catch (error) {
      this.#refused = this.#runningBatch;
      throw translateEngineError(error);
    } finally {
      this.#runningBatch = null;
    }
  }

  /**
   * The lines of the refused batch's rows that fit `condition`, at most two, in order. It is SQL over columns named as the table's.
   * The connection must be free and its transaction rolled back.
   */
  async findLines(condition: string): Promise<number[]> {
    const refusedBatch = this.#refused;
    if (refusedBatch === null) return [];
    this.#feed.batch = refusedBatch.pieces;
    const columns = this.#columns.map(({ name }, index) => `value${index} AS ${quote(name)}`).join(", ");
    const sql = `SELECT __row FROM (SELECT ${columns}, (row_number() OVER ()) - 1 AS __row FROM ${this.#feed.call})
      WHERE ${condition} ORDER BY 1 LIMIT 2`;
    const result = await duckdb.query(this.#connection, sql);
    const chunk = await duckdb.fetch_chunk(result);
    const count = chunk === null ? 0 : duckdb.data_chunk_get_size(chunk);
    if (chunk === null || count === 0) return [];
    const data = duckdb.vector_get_data(duckdb.data_chunk_get_vector(chunk, 0), count * 8);
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const lines = refusedBatch.lines.flatMap((piece) => [...piece]);
    return Array.from({ length: count }, (_, index) => lines[Number(view.getBigInt64(index * 8, true))] ?? 0);
  }

  /** Ends a statement that still runs and forgets the rows. */
  async close(): Promise<void> {
    if (this.#running !== null) {
      duckdb.interrupt(this.#connection);
      await this.#running.catch(() => undefined);
    }
    this.#feeds.delete(this.#feed.token);
    if (this.#statement !== null) duckdb.destroy_prepare_sync(this.#statement);
    this.#statement = null;
  }

  #sealPiece(): void {
    const rowCount = this.#pieceRows;
    if (rowCount === 0) return;
    const columns: SealedColumn[] = this.#loaders.map((loader) => {
      this.#batchBytes += loader.heapBytes + loader.width * rowCount;
      return loader.seal(rowCount);
    });
    for (const flags of this.#flags) if (flags !== null) columns.push(flags.seal(rowCount));
    this.#batch.pieces.push({ columns, rowCount });
    this.#batch.lines.push(this.#lines.subarray(0, rowCount));
    this.#lines = new Float64Array(vectorRows);
    this.#batchRows += rowCount;
    this.#pieceRows = 0;
    this.#pieceBytes = 0;
  }
}

/** What PostgreSQL's receive functions say of a value that is too short or too long. */
function checkLength(length: number, expected: number): void {
  if (expected <= 0 || length === expected) return;
  if (length > expected) throw new AppError("invalid_binary_representation", "incorrect binary data format");
  const what = expected === 1 ? "no" : "insufficient";
  throw new AppError("protocol_violation_in_message", `${what} data left in message`);
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function refused(message: string): AppError {
  return new AppError("import_failed", message);
}
