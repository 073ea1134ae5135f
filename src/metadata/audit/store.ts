/**
 * The audit log's store (docs/adr/0006-an-audit-log-chained-by-hash.md): a DuckDB file a month, all attached to one
 * instance of their own, so that pruning a month is deleting a file. A batch is one transaction a month and on disk when
 * `append` resolves. Only the last file is open for writing.
 *
 * Invariant: `#head` is the last entry on disk, or, when entries have vanished from the end before the start, the head that
 * was noted then; so the gap stays visible in the chain for ever.
 */
import { type DuckDBConnection, type DuckDBInstance } from "@duckdb/node-api";
import { existsSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import * as path from "node:path";
import { firstHash } from "../../audit/chain.ts";
import type {
  AuditFilter,
  AuditPage,
  AuditPartition,
  AuditStore,
  ChainHead,
  StoredAuditEntry,
} from "../../audit/types.ts";
import { auditFolder, HeadFile, listPartitionFiles, monthBounds, monthOf, partitionFile, readHead } from "./files.ts";
import { appendEntry, createPartitionSql, entryColumns, filterSql, streamEntries } from "./rows.ts";
import {
  aliasOf,
  type AttachedPartition,
  attachFile,
  attachPartition,
  openAuditEngine,
  readPartition,
} from "./source.ts";
import { newest, trailOf, trailOfAll } from "./queries.ts";
import { AppError } from "../../errors/app_error.ts";
import { translateDuckDbError } from "../pool/duckdb_error.ts";

/** The methods of `observability/log.ts` that the store calls. */
export interface AuditStoreLogger {
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** A clock that is set back a little around a month's turn must not begin a file for each of its moods. */
const backwardToleranceMs = 3_600_000;
/** Statements that read at once; what waits is bounded by the requests in hand. */
const readersMax = 4;
/** Each is a file on the disk until it is sent. */
const parquetExportsMax = 2;
const exportPrefix = "export-";

export async function openAuditStore(dataDir: string, logger: AuditStoreLogger): Promise<AuditStore> {
  const folder = auditFolder(dataDir);
  const headFile = await HeadFile.open(folder);
  try {
    const instance = await openAuditEngine();
    try {
      return await DuckDbAuditStore.open(instance, folder, headFile, logger);
    } catch (error) {
      instance.closeSync();
      throw translateDuckDbError(error);
    }
  } catch (error) {
    await headFile.close();
    throw error;
  }
}

class DuckDbAuditStore implements AuditStore {
  readonly missingAtEnd: number;
  readonly #instance: DuckDBInstance;
  readonly #writer: DuckDBConnection;
  readonly #folder: string;
  readonly #headFile: HeadFile;
  readonly #logger: AuditStoreLogger;
  readonly #partitions: AttachedPartition[];
  readonly #idleReaders: DuckDBConnection[] = [];
  /** Names of partitions that are being read, once for each reader. */
  readonly #inUse: string[] = [];
  #exporting = 0;
  #head: ChainHead;
  /** Where the next entry is written; null before the first one, and after a file that cannot be written. */
  #current: AttachedPartition | null;

  private constructor(parts: {
    instance: DuckDBInstance;
    writer: DuckDBConnection;
    folder: string;
    headFile: HeadFile;
    logger: AuditStoreLogger;
    partitions: AttachedPartition[];
    head: ChainHead;
    missingAtEnd: number;
  }) {
    this.#instance = parts.instance;
    this.#writer = parts.writer;
    this.#folder = parts.folder;
    this.#headFile = parts.headFile;
    this.#logger = parts.logger;
    this.#partitions = parts.partitions;
    this.#head = parts.head;
    this.missingAtEnd = parts.missingAtEnd;
    const last = parts.partitions.at(-1);
    this.#current = last !== undefined && last.unreadable === null && parts.missingAtEnd === 0 ? last : null;
  }

  static async open(
    instance: DuckDBInstance,
    folder: string,
    headFile: HeadFile,
    logger: AuditStoreLogger,
  ): Promise<DuckDbAuditStore> {
    const writer = await instance.connect();
    for (const name of readdirSync(folder)) {
      if (name.startsWith(exportPrefix)) await rm(path.join(folder, name), { force: true }); // of a crash
    }
    const files = listPartitionFiles(folder);
    const partitions: AttachedPartition[] = [];
    for (const [index, file] of files.entries()) {
      const isLast = index === files.length - 1;
      // A crash right after a new file was begun leaves the one before with a write-ahead log.
      const mode = isLast || existsSync(path.join(folder, `${file.name}.wal`)) ? "write" : "read";
      const partition = await attachPartition(writer, folder, file, mode);
      if (isLast && partition.unreadable !== null && await isEmpty(writer, partition)) {
        // Begun, but nothing was ever committed into it.
        await writer.run(`DETACH ${partition.alias}`);
        await removeFiles(folder, file.name);
        continue;
      }
      if (partition.unreadable !== null) {
        logger.error("a month of the audit log cannot be read", { file: file.name, reason: partition.unreadable });
      }
      partitions.push(partition);
    }
    const stored = await lastStored(writer, partitions);
    const noted = await readHead(folder);
    const missing = noted !== null && noted.sequence > stored.sequence ? noted.sequence - stored.sequence : 0;
    const head = missing > 0 && noted !== null ? noted : stored;
    if (missing > 0) {
      logger.error("audit entries are missing at the end of the log", {
        from: stored.sequence + 1,
        to: head.sequence,
      });
    }
    if (noted === null && stored.sequence > 0) logger.error("the note of the audit log's end (head) was missing");
    await headFile.write(head);
    return new DuckDbAuditStore({
      instance,
      writer,
      folder,
      headFile,
      logger,
      partitions,
      head,
      missingAtEnd: missing,
    });
  }

  head(): ChainHead {
    return this.#head;
  }

  notedHead(): Promise<ChainHead | null> {
    return readHead(this.#folder);
  }

  partitions(): readonly AuditPartition[] {
    return [...this.#partitions];
  }

  async append(entries: readonly StoredAuditEntry[]): Promise<void> {
    try {
      for (let begin = 0; begin < entries.length;) {
        const first = entries[begin];
        if (first === undefined) return;
        const partition = await this.#partitionFor(first);
        let end = begin + 1;
        while (end < entries.length && fits(partition, entries[end]!.timeMs)) end += 1;
        await this.#write(partition, entries.slice(begin, end));
        begin = end;
      }
    } catch (error) {
      throw translateDuckDbError(error);
    }
  }

  async list(filter: AuditFilter, limit: number, beforeSequence: number | null): Promise<AuditPage> {
    const rows: StoredAuditEntry[] = [];
    const candidates = this.#readable(beforeSequence).toReversed();
    const { actor } = filter;
    for (let index = 0; index < candidates.length && rows.length <= limit; index++) {
      const wanted = limit + 1 - rows.length;
      const rest = candidates.slice(index);
      // A user with few entries in many months: after the newest month, all others in two statements side by side.
      if (actor !== undefined && index === 1 && rest.length > 1) {
        const trail = { ...filter, actor };
        const found = await Promise.all(
          trailGroups(rest).map((months) =>
            this.#reading(months, (connection) => trailOfAll(connection, months, trail, beforeSequence, wanted))
          ),
        );
        rows.push(...found.flat());
        break;
      }
      const [partition] = rest;
      if (partition === undefined) break;
      const end = this.#endOf(partition);
      rows.push(
        ...await this.#reading(
          [partition],
          (connection) =>
            actor === undefined
              ? newest(connection, partition, filter, beforeSequence, wanted, end)
              : trailOf(connection, partition, { ...filter, actor }, beforeSequence, wanted, end),
        ),
      );
    }
    const items = rows.slice(0, limit);
    return { items, nextSequence: rows.length > limit ? items.at(-1)?.sequence ?? null : null };
  }

  async *stream(filter: AuditFilter): AsyncIterable<readonly StoredAuditEntry[]> {
    const { where, parameters } = filterSql(filter);
    for (const { name } of this.#readable(null)) {
      // Pruned meanwhile: there is nothing of it any more.
      const partition = this.#partitions.find((one) => one.name === name);
      if (partition === undefined) continue;
      yield* this.#streaming(partition, where, parameters);
    }
  }

  readPartition(name: string): AsyncIterable<readonly StoredAuditEntry[]> {
    const partition = this.#partitions.find((one) => one.name === name);
    if (partition === undefined) throw new Error(`${name} was pruned meanwhile`);
    return this.#pinned(partition, readPartition(this.#instance, partition));
  }

  async exportParquet(filter: AuditFilter): Promise<ReadableStream<Uint8Array>> {
    if (this.#exporting >= parquetExportsMax) {
      throw new AppError("too_many_requests", `audit export: ${parquetExportsMax} Parquet files are being made; wait`);
    }
    this.#exporting += 1;
    const place = path.join(this.#folder, `${exportPrefix}${crypto.randomUUID()}`);
    try {
      await this.#writeParquet(filter, place);
      const file = await Deno.open(place);
      return file.readable;
    } finally {
      this.#exporting -= 1;
      // An open file can be read to its end without its name, and nothing is left behind.
      await rm(place, { force: true });
    }
  }

  async #writeParquet(filter: AuditFilter, place: string): Promise<void> {
    const { where, parameters } = filterSql(filter);
    const partitions = this.#readable(null);
    const columns = "seq, time::TIMESTAMP AS time, " + entryColumns.split(", ").slice(2, -1).join(", ") +
      ", lower(hex(hash)) AS hash";
    const sources = partitions.map(({ alias }) => `SELECT ${columns} FROM ${alias}.entry WHERE ${where}`);
    const query = sources.length > 0 ? sources.join(" UNION ALL ") : emptyExport;
    await this.#reading(partitions, async (connection) => {
      const sql = `COPY (${query}) TO '${place.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`;
      const statement = await connection.prepare(sql);
      try {
        for (const [index, value] of sources.length > 0 ? parameters.entries() : []) {
          if (typeof value === "string") statement.bindVarchar(index + 1, value);
          else statement.bindBigInt(index + 1, value);
        }
        await statement.run();
      } finally {
        statement.destroySync();
      }
    });
  }

  async prunableBefore(timeMs: number): Promise<{ through: ChainHead; partitionCount: number } | null> {
    let through: ChainHead | null = null;
    let count = 0;
    for (const [index, partition] of this.#partitions.entries()) {
      const next = this.#partitions[index + 1];
      if (next === undefined || partition === this.#current || next.unreadable !== null) break;
      if (!await this.#isOlder(partition, timeMs)) break;
      // What the next month continues is what this one ended with.
      through = { sequence: next.firstSequence - 1, hash: next.previousHash };
      count += 1;
    }
    return through === null ? null : { through, partitionCount: count };
  }

  async deleteThrough(sequence: number): Promise<number> {
    let count = 0;
    for (;;) {
      const [first, next] = this.#partitions;
      if (first === undefined || next === undefined || next.firstSequence - 1 > sequence) return count;
      if (this.#inUse.includes(first.name)) return count;
      this.#partitions.shift();
      if (first.unreadable === null) await this.#writer.run(`DETACH ${first.alias}`);
      await removeFiles(this.#folder, first.name);
      count += 1;
    }
  }

  async close(): Promise<void> {
    try {
      if (this.#current !== null) await this.#writer.run(`CHECKPOINT ${this.#current.alias}`);
    } catch (error) {
      // Nothing is lost: the write-ahead log has it.
      this.#logger.warn("audit log closed without a checkpoint", { error: String(error) });
    }
    this.#instance.closeSync();
    await this.#headFile.close();
  }

  async #write(partition: AttachedPartition, entries: readonly StoredAuditEntry[]): Promise<void> {
    await this.#writer.run("BEGIN");
    try {
      const appender = await this.#writer.createAppender("entry", "main", partition.alias.slice(1, -1));
      try {
        for (const entry of entries) appendEntry(appender, entry);
        appender.flushSync();
      } finally {
        appender.closeSync();
      }
      await this.#writer.run("COMMIT");
    } catch (error) {
      await this.#writer.run("ROLLBACK").catch(() => {});
      // A commit that failed on its way may have happened all the same.
      const last = await lastOf(this.#writer, partition).catch(() => null);
      if (last !== null && last.sequence > this.#head.sequence) await this.#moveHead(last);
      throw error;
    }
    const last = entries.at(-1);
    if (last !== undefined) await this.#moveHead({ sequence: last.sequence, hash: last.hash });
  }

  /** The entries are on disk already; a note that cannot be written is only behind them. */
  async #moveHead(head: ChainHead): Promise<void> {
    this.#head = head;
    await this.#headFile.write(head).catch((error) =>
      this.#logger.warn("the note of the audit log's end could not be written", { error: String(error) })
    );
  }

  async #partitionFor(entry: StoredAuditEntry): Promise<AttachedPartition> {
    const current = this.#current;
    if (current !== null && fits(current, entry.timeMs)) return current;
    const file = partitionFile(entry.sequence, monthOf(entry.timeMs));
    const alias = aliasOf(file);
    if (current !== null) await this.#writer.run(`CHECKPOINT ${current.alias}`);
    await attachFile(this.#writer, this.#folder, file, "write");
    try {
      await this.#writer.run("BEGIN");
      await this.#writer.run(createPartitionSql(alias));
      await this.#writer.run(
        `INSERT INTO ${alias}.partition VALUES (1, '${file.month}', ${file.firstSequence}, unhex('${this.#head.hash}'))`,
      );
      await this.#writer.run("COMMIT");
    } catch (error) {
      await this.#writer.run("ROLLBACK").catch(() => {});
      await this.#writer.run(`DETACH ${alias}`).catch(() => {});
      await removeFiles(this.#folder, file.name);
      throw error;
    }
    const partition = { ...file, alias, previousHash: this.#head.hash, unreadable: null };
    this.#partitions.push(partition);
    this.#current = partition;
    return partition;
  }

  #readable(beforeSequence: number | null): AttachedPartition[] {
    return this.#partitions.filter((partition) =>
      partition.unreadable === null && (beforeSequence === null || partition.firstSequence < beforeSequence)
    );
  }

  /** One beyond the last entry of this partition. */
  #endOf(partition: AttachedPartition): number {
    const next = this.#partitions[this.#partitions.indexOf(partition) + 1];
    return next?.firstSequence ?? this.#head.sequence + 1;
  }

  async *#streaming(
    partition: AttachedPartition,
    where: string,
    parameters: readonly (string | bigint)[],
  ): AsyncIterable<readonly StoredAuditEntry[]> {
    const connection = await this.#instance.connect();
    try {
      const sql = `SELECT ${entryColumns} FROM ${partition.alias}.entry WHERE ${where}`;
      yield* this.#pinned(partition, streamEntries(connection, sql, parameters));
    } finally {
      connection.disconnectSync();
    }
  }

  /** Keeps the file from being pruned while it is read. */
  async *#pinned<Item>(partition: AttachedPartition, items: AsyncIterable<Item>): AsyncIterable<Item> {
    this.#inUse.push(partition.name);
    try {
      yield* items;
    } finally {
      this.#inUse.splice(this.#inUse.indexOf(partition.name), 1);
    }
  }

  async #reading<Result>(
    partitions: readonly AttachedPartition[],
    work: (connection: DuckDBConnection) => Promise<Result>,
  ): Promise<Result> {
    const names = partitions.map(({ name }) => name);
    this.#inUse.push(...names);
    const connection = this.#idleReaders.pop() ?? await this.#instance.connect();
    try {
      return await work(connection);
    } catch (error) {
      throw translateDuckDbError(error);
    } finally {
      for (const name of names) this.#inUse.splice(this.#inUse.indexOf(name), 1);
      if (this.#idleReaders.length < readersMax) this.#idleReaders.push(connection);
      else connection.disconnectSync();
    }
  }

  async #isOlder(partition: AttachedPartition, timeMs: number): Promise<boolean> {
    // A damaged month cannot be asked; its name says when it ended.
    if (partition.unreadable !== null) return monthBounds(partition.month).endMs <= timeMs;
    const reader = await this.#reading(
      [partition],
      (connection) => connection.runAndReadAll(`SELECT epoch_ms(max(time)) FROM ${partition.alias}.entry`),
    );
    const newestMs = reader.getRows()[0]?.[0];
    return newestMs === null || newestMs === undefined || Number(newestMs) < timeMs;
  }
}

/** Fewer months are not worth a second statement. */
const groupedMonthsMin = 4;

/** The newer half and the older half: each is read by a thread of its own, as the engine's statements have one. */
function trailGroups(months: readonly AttachedPartition[]): (readonly AttachedPartition[])[] {
  if (months.length < groupedMonthsMin) return [months];
  const half = Math.ceil(months.length / 2);
  return [months.slice(0, half), months.slice(half)];
}

const emptyExport = "SELECT NULL::BIGINT AS seq, NULL::TIMESTAMP AS time WHERE false";

function fits(partition: AttachedPartition, timeMs: number): boolean {
  const { startMs, endMs } = monthBounds(partition.month);
  return timeMs >= startMs - backwardToleranceMs && timeMs < endMs;
}

async function lastOf(connection: DuckDBConnection, partition: AttachedPartition): Promise<ChainHead | null> {
  const [last] = await newest(connection, partition, {}, null, 1, null);
  return last === undefined ? null : { sequence: last.sequence, hash: last.hash };
}

/** The last entry that any readable file has; of a file without entries, what it continues. */
async function lastStored(connection: DuckDBConnection, partitions: readonly AttachedPartition[]): Promise<ChainHead> {
  for (const partition of partitions.toReversed()) {
    if (partition.unreadable !== null) continue;
    return await lastOf(connection, partition) ??
      { sequence: partition.firstSequence - 1, hash: partition.previousHash };
  }
  return { sequence: 0, hash: firstHash };
}

async function isEmpty(connection: DuckDBConnection, partition: AttachedPartition): Promise<boolean> {
  try {
    const reader = await connection.runAndReadAll(
      `SELECT count(*) FROM duckdb_tables() WHERE database_name = '${partition.alias.slice(1, -1)}'`,
    );
    const attached = await connection.runAndReadAll(
      `SELECT count(*) FROM duckdb_databases() WHERE database_name = '${partition.alias.slice(1, -1)}'`,
    );
    return Number(attached.getRows()[0]?.[0]) === 1 && Number(reader.getRows()[0]?.[0]) === 0;
  } catch {
    return false;
  }
}

async function removeFiles(folder: string, name: string): Promise<void> {
  await rm(path.join(folder, name), { force: true });
  await rm(path.join(folder, `${name}.wal`), { force: true });
}
