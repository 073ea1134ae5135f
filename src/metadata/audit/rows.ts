/** Rows of the audit log's tables: their columns, how they are written and read, and filters as SQL. */
import {
  type DuckDBAppender,
  DuckDBBlobValue,
  type DuckDBConnection,
  DuckDBTimestampMillisecondsValue,
  type DuckDBValue,
} from "@duckdb/node-api";
import { Buffer } from "node:buffer";
import type { AuditAction, AuditFilter, AuditOutcome, StoredAuditEntry } from "../../audit/types.ts";

/**
 * The time is kept in milliseconds, the hash as 32 bytes. The index serves a user's trail: with a month a file it finds a
 * few entries among a million in a millisecond. Entries are never updated, so no index is ever in the way of one.
 */
export function createPartitionSql(alias: string): string {
  return `CREATE TABLE ${alias}.partition (
      format INTEGER NOT NULL, month VARCHAR NOT NULL, first_seq BIGINT NOT NULL, previous_hash BLOB NOT NULL);
    CREATE TABLE ${alias}.entry (
      seq BIGINT NOT NULL, time TIMESTAMP_MS NOT NULL, actor VARCHAR NOT NULL, action VARCHAR NOT NULL,
      object_kind VARCHAR, object_id VARCHAR, project VARCHAR, version_before BIGINT, version_after BIGINT,
      address VARCHAR, user_agent VARCHAR, result VARCHAR NOT NULL, code VARCHAR, details VARCHAR NOT NULL,
      hash BLOB NOT NULL);
    CREATE INDEX entry_actor ON ${alias}.entry (actor);`;
}

export const entryColumns =
  "seq, time, actor, action, object_kind, object_id, project, version_before, version_after, " +
  "address, user_agent, result, code, details, hash";

export function appendEntry(appender: DuckDBAppender, entry: StoredAuditEntry): void {
  const text = (value: string | null) => value === null ? appender.appendNull() : appender.appendVarchar(value);
  const whole = (value: number | null) => value === null ? appender.appendNull() : appender.appendBigInt(BigInt(value));
  whole(entry.sequence);
  appender.appendTimestampMilliseconds(new DuckDBTimestampMillisecondsValue(BigInt(entry.timeMs)));
  text(entry.actor);
  text(entry.action);
  text(entry.objectKind);
  text(entry.objectId);
  text(entry.project);
  whole(entry.versionBefore);
  whole(entry.versionAfter);
  text(entry.address);
  text(entry.userAgent);
  text(entry.result);
  text(entry.code);
  text(entry.detailsText);
  appender.appendBlob(Buffer.from(entry.hash, "hex"));
  appender.endRow();
}

/** A row with `entryColumns`. It gives what stands there, also when somebody has put nonsense in place. */
export function readEntry(row: readonly DuckDBValue[]): StoredAuditEntry {
  const time = row[1];
  const hash = row[14];
  return {
    sequence: Number(row[0]),
    timeMs: time instanceof DuckDBTimestampMillisecondsValue ? Number(time.millis) : 0,
    actor: String(row[2]),
    action: String(row[3]) as AuditAction,
    objectKind: textOrNull(row[4]),
    objectId: textOrNull(row[5]),
    project: textOrNull(row[6]),
    versionBefore: numberOrNull(row[7]),
    versionAfter: numberOrNull(row[8]),
    address: textOrNull(row[9]),
    userAgent: textOrNull(row[10]),
    result: String(row[11]) as AuditOutcome,
    code: textOrNull(row[12]),
    detailsText: String(row[13]),
    hash: hash instanceof DuckDBBlobValue ? Buffer.from(hash.bytes).toString("hex") : "",
  };
}

function textOrNull(value: DuckDBValue | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

function numberOrNull(value: DuckDBValue | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}

/** A condition and its parameters. `firstParameter` is the number of the first `$n` that is free. */
export function filterSql(
  filter: AuditFilter,
  beforeSequence: number | null = null,
): { where: string; parameters: (string | bigint)[] } {
  const conditions: string[] = [];
  const parameters: (string | bigint)[] = [];
  const add = (condition: string, value: string | bigint | undefined) => {
    if (value === undefined) return;
    parameters.push(value);
    conditions.push(condition.replace("?", `$${parameters.length}`));
  };
  add("seq < ?", beforeSequence === null ? undefined : BigInt(beforeSequence));
  add("time >= make_timestamp_ms(?)", filter.fromMs === undefined ? undefined : BigInt(Math.ceil(filter.fromMs)));
  add("time < make_timestamp_ms(?)", filter.toMs === undefined ? undefined : BigInt(Math.ceil(filter.toMs)));
  add("actor = ?", filter.actor);
  add("action = ?", filter.action);
  add("object_kind = ?", filter.objectKind);
  add("object_id = ?", filter.objectId);
  add("project = ?", filter.project);
  add("result = ?", filter.result);
  return { where: conditions.length === 0 ? "true" : conditions.join(" AND "), parameters };
}

/** Runs one statement with parameters and gives its entries. */
export async function queryEntries(
  connection: DuckDBConnection,
  sql: string,
  parameters: readonly (string | bigint)[],
): Promise<StoredAuditEntry[]> {
  const statement = await connection.prepare(sql);
  try {
    for (const [index, value] of parameters.entries()) {
      if (typeof value === "string") statement.bindVarchar(index + 1, value);
      else statement.bindBigInt(index + 1, value);
    }
    const reader = await statement.runAndReadAll();
    return reader.getRows().map(readEntry);
  } finally {
    statement.destroySync();
  }
}

/** The same, in blocks and without holding more than one. The connection must run nothing else meanwhile. */
export async function* streamEntries(
  connection: DuckDBConnection,
  sql: string,
  parameters: readonly (string | bigint)[],
): AsyncIterable<readonly StoredAuditEntry[]> {
  const statement = await connection.prepare(sql);
  try {
    for (const [index, value] of parameters.entries()) {
      if (typeof value === "string") statement.bindVarchar(index + 1, value);
      else statement.bindBigInt(index + 1, value);
    }
    const result = await statement.stream();
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return;
      yield chunk.getRows().map(readEntry);
    }
  } finally {
    statement.destroySync();
  }
}
