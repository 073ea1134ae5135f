/**
 * COPY … FROM STDIN: the client's bytes become rows, and the rows go into the table in batches, all in the session's transaction.
 * Memory holds a row, two batches and what the message queue lets wait, however long the data is; nothing is written to disk but
 * by DuckDB itself. PostgreSQL documentation, "COPY" and "COPY Operations".
 */
import { setImmediate } from "node:timers";
import { AppError } from "../../errors/app_error.ts";
import type { WorkspaceEngine } from "../../engine/workspace_engine.ts";
import type { Connection } from "../../engine/duckdb.ts";
import { columnsOf, defaultsOf, generatedColumns } from "../../engine/load/load_target.ts";
import { findRefusedRow } from "../../engine/load/refused_row.ts";
import { type LoadColumn, RowLoader } from "../../engine/load/row_loader.ts";
import { checkCopyDirection } from "../../sql/policy/copy_options.ts";
import type { StatementAction } from "../../sql/statement.ts";
import { copyInResponse } from "../codec/backend_messages.ts";
import { BinaryRows } from "../copy/binary_rows.ts";
import { locate } from "../copy/copy_error.ts";
import { type CopyRow, type CopyRowReader, nullField } from "../copy/copy_row.ts";
import { LineRows } from "../copy/line_rows.ts";
import type { CopyInput } from "./copy_input.ts";
import { chosenColumns, copyTableSql, requireColumns } from "./copy_table.ts";
import type { SessionOutput } from "./output.ts";
import type { Transaction } from "./transaction.ts";

export type CopyInAction = Extract<StatementAction, { type: "copy_from_stdin" }>;

/** Decoded in one go, half a millisecond's work; a message may have up to 1 GB. DuckDB waits for this thread meanwhile. */
const pieceBytesMax = 32 * 1024;
/** Whether the workspace still has room is asked again after so many bytes. */
const roomCheckBytes = 16 * 1024 * 1024;

export interface CopyInPorts {
  readonly engine: WorkspaceEngine;
  /** Free. */
  readonly connection: Connection;
  readonly transaction: Transaction;
  readonly input: CopyInput;
  readonly output: SessionOutput;
  /** Where a timestamptz without a zone lies. */
  readonly timeZone: string;
}

/**
 * Carries the COPY out and gives the number of rows. A COPY of its own is committed before the client hears of it; one of several
 * statements waits for their end. Whatever is thrown, the caller rolls the transaction back.
 */
export async function copyIn(action: CopyInAction, ports: CopyInPorts, signal: AbortSignal): Promise<number> {
  const { engine, transaction, input } = ports;
  checkCopyDirection(action.options, "from");
  if (transaction.readOnly) {
    throw new AppError("read_only", "cannot execute COPY FROM in a read-only transaction");
  }
  await engine.writes.allowed(signal);
  await engine.checkRoomToWrite();
  const isAlone = !transaction.open;
  await transaction.beginImplicit();
  transaction.noteWrite();
  const rowCount = await copyRows(action, ports, signal);
  if (isAlone && input.endsUnit()) {
    engine.definitionEpoch++;
    await transaction.commit();
  }
  return rowCount;
}

async function copyRows(action: CopyInAction, ports: CopyInPorts, signal: AbortSignal): Promise<number> {
  const table = action.table.name;
  const loader = await openLoader(action, ports);
  try {
    const reader: CopyRowReader = action.options.format === "binary"
      ? new BinaryRows(loader.columnNames.length)
      : new LineRows(action.options, loader.columnNames);
    const format = action.options.format === "binary" ? 1 : 0;
    signal.throwIfAborted();
    copyInResponse(ports.output.writer, format, loader.columnNames.map(() => format));
    await ports.output.flush();
    await receive(reader, loader, action, ports, signal);
    return loader.rowCount;
  } catch (error) {
    throw loader.hasFailed && !signal.aborted ? await withRefusedLine(error, loader, table, ports) : error;
  } finally {
    await loader.close();
  }
}

async function openLoader({ table, columns: names, options }: CopyInAction, ports: CopyInPorts): Promise<RowLoader> {
  const { connection } = ports;
  const sql = copyTableSql(table, ports.engine.spec.database);
  try {
    const all = await columnsOf(connection, sql);
    const generated = await generatedColumns(connection, sql, all);
    const chosen = chosenColumns(all, names, generated, table.name);
    requireColumns("FORCE_NOT_NULL", options.forceNotNull, chosen, all, table.name);
    requireColumns("FORCE_NULL", options.forceNull, chosen, all, table.name);
    const defaults = options.default === null ? new Map<string, string>() : await defaultsOf(connection, sql);
    const columns: LoadColumn[] = chosen.map((column) => ({
      ...column,
      defaultSql: defaults.get(column.name) ?? null,
    }));
    const feeds = ports.engine.rowFeeds;
    const loader = new RowLoader({ connection, feeds, table: sql, columns, timeZone: ports.timeZone });
    try {
      await loader.open();
      return loader;
    } catch (error) {
      await loader.close();
      throw error;
    }
  } catch (error) {
    if (error instanceof AppError && error.kind === "wrong_object_type") {
      throw new AppError("wrong_object_type", `cannot copy to view "${table.name}"`, { cause: error });
    }
    throw error;
  }
}

async function receive(
  reader: CopyRowReader,
  loader: RowLoader,
  { table, options }: CopyInAction,
  { engine, input }: CopyInPorts,
  signal: AbortSignal,
): Promise<void> {
  const isBinary = options.format === "binary";
  const place = () => ({ table: table.name, lineNumber: reader.row.lineNumber, column: null, text: null });
  let bytesUntilCheck = roomCheckBytes;
  // Asked once before the first bytes: PostgreSQL is at line 1 then.
  await loadRows(reader, loader, isBinary, table.name);
  for (;;) {
    const message = await input.read(signal).catch((error) => {
      throw locate(error, place());
    });
    if (message === null) break;
    for (let at = 0; at < message.length; at += pieceBytesMax) {
      try {
        reader.push(message.subarray(at, at + pieceBytesMax));
      } catch (error) {
        throw locate(error, place());
      }
      await loadRows(reader, loader, isBinary, table.name);
      // DuckDB asks this thread for the rows of the batch before, and other sessions are here, too.
      await new Promise<void>((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
    }
    bytesUntilCheck -= message.length;
    if (bytesUntilCheck <= 0) {
      bytesUntilCheck = roomCheckBytes;
      await engine.checkRoomToWrite();
    }
  }
  reader.end();
  await loadRows(reader, loader, isBinary, table.name);
  await loader.insert();
  await loader.settle();
}

/** Loads the rows that can be decoded by now. A bad one is reported after the rows before it, which may be refused themselves. */
async function loadRows(reader: CopyRowReader, loader: RowLoader, isBinary: boolean, table: string): Promise<void> {
  let bad: unknown;
  try {
    while (nextRow(reader, loader)) {
      loader.append(reader.row, isBinary ? "binary" : "text");
      if (loader.full) await loader.insert();
    }
    return;
  } catch (error) {
    if (loader.hasFailed) throw error;
    const { row } = reader;
    const column = Math.max(loader.failedColumn, reader.failedField);
    bad = locate(error, {
      table,
      lineNumber: row.lineNumber,
      column: column < 0 ? null : loader.columnNames[column]!,
      text: isBinary ? null : column < 0 ? reader.line() : fieldText(row, column),
    });
  }
  await loader.insert();
  await loader.settle();
  throw bad;
}

function nextRow(reader: CopyRowReader, loader: RowLoader): boolean {
  loader.failedColumn = -1;
  return reader.next();
}

function fieldText(row: CopyRow, column: number): Uint8Array | "null" {
  const end = row.ends[column]!;
  return end === nullField ? "null" : row.bytes.slice(row.starts[column]!, end);
}

async function withRefusedLine(
  error: unknown,
  loader: RowLoader,
  table: string,
  { engine, connection, transaction }: CopyInPorts,
): Promise<unknown> {
  if (!(error instanceof AppError)) return error;
  engine.definitionEpoch++;
  await transaction.fail();
  const refused = await findRefusedRow(error, loader, connection, table);
  return refused === null ? error : locate(error, { table, ...refused, text: null });
}
