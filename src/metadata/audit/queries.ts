/**
 * Looks for the newest entries in the audit log's months. A user's trail goes by the index of each month, which finds a few
 * entries among a million in a millisecond; everything else is a scan that ends early or skips what is older
 * (measured in docs/adr/0006-an-audit-log-chained-by-hash.md).
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import type { AuditFilter, StoredAuditEntry } from "../../audit/types.ts";
import { entryColumns, filterSql, queryEntries } from "./rows.ts";
import type { AttachedPartition } from "./source.ts";

/** Entries of one user in one month up to this many come from the index; more of them from the newest blocks. */
const trailProbeRows = 500;
/** How many of a month's last entries are looked through, then how many more. */
const windows = [4_096, 65_536, Infinity];

/**
 * The newest entries of one month, looked for in its last few thousand first: most of what is asked for stands there, and
 * DuckDB skips the rest by each block's least and greatest seq. `endSequence` is beyond the month's last entry, null when
 * that is not known.
 */
export async function newest(
  connection: DuckDBConnection,
  partition: AttachedPartition,
  filter: AuditFilter,
  beforeSequence: number | null,
  limit: number,
  endSequence: number | null,
): Promise<StoredAuditEntry[]> {
  const rows: StoredAuditEntry[] = [];
  const end = Math.min(beforeSequence ?? Infinity, endSequence ?? Infinity);
  let before: number | null = end === Infinity ? null : end;
  for (const windowEntries of end === Infinity ? [Infinity] : windows) {
    const from = Math.max(partition.firstSequence, end - windowEntries);
    const { where, parameters } = filterSql(filter, before);
    const sql = `SELECT ${entryColumns} FROM ${partition.alias}.entry WHERE ${where}` +
      (from > partition.firstSequence ? ` AND seq >= ${from}` : "") +
      ` ORDER BY seq DESC LIMIT ${limit - rows.length}`;
    rows.push(...await queryEntries(connection, sql, parameters));
    if (rows.length >= limit || from <= partition.firstSequence || end === Infinity) break;
    before = from;
  }
  return rows;
}

/**
 * The same for one user of few entries. DuckDB takes the index only when the user is the statement's one condition and
 * nothing is sorted, so the rest of the filter is applied here.
 */
export async function trailOf(
  connection: DuckDBConnection,
  partition: AttachedPartition,
  filter: TrailFilter,
  beforeSequence: number | null,
  limit: number,
  endSequence: number | null,
): Promise<StoredAuditEntry[]> {
  const source = `FROM ${partition.alias}.entry WHERE actor = $1 LIMIT ${trailProbeRows}`;
  const count = await countRows(connection, `SELECT seq ${source}`, filter.actor);
  if (count === 0) return [];
  if (count >= trailProbeRows) {
    return await newest(connection, partition, filter, beforeSequence, limit, endSequence);
  }
  const rows = await queryEntries(connection, `SELECT ${entryColumns} ${source}`, [filter.actor]);
  return chosen(rows, filter, beforeSequence, limit);
}

/** Few entries of one user in each of many months, newest month first: one statement for all, then again where there were many. */
export async function trailOfAll(
  connection: DuckDBConnection,
  partitions: readonly AttachedPartition[],
  filter: TrailFilter,
  beforeSequence: number | null,
  wanted: number,
): Promise<StoredAuditEntry[]> {
  const probe = partitions.map(({ alias }) =>
    `(SELECT ${entryColumns} FROM ${alias}.entry WHERE actor = $1 LIMIT ${trailProbeRows})`
  ).join(" UNION ALL ");
  const found = await queryEntries(connection, probe, [filter.actor]);
  const rows: StoredAuditEntry[] = [];
  for (const [index, partition] of partitions.entries()) {
    if (rows.length >= wanted) break;
    const endSequence = partitions[index - 1]?.firstSequence ?? null;
    const own = found.filter(({ sequence }) =>
      sequence >= partition.firstSequence && sequence < (endSequence ?? Infinity)
    );
    rows.push(
      ...(own.length < trailProbeRows
        ? chosen(own, filter, beforeSequence, wanted - rows.length)
        : await newest(connection, partition, filter, beforeSequence, wanted - rows.length, endSequence)),
    );
  }
  return rows;
}

export type TrailFilter = AuditFilter & { readonly actor: string };

async function countRows(connection: DuckDBConnection, sql: string, actor: string): Promise<number> {
  const statement = await connection.prepare(sql);
  try {
    statement.bindVarchar(1, actor);
    return (await statement.runAndReadAll()).currentRowCount;
  } finally {
    statement.destroySync();
  }
}

/** What `filterSql` says, for entries that are here already; newest first. */
function chosen(
  entries: readonly StoredAuditEntry[],
  filter: AuditFilter,
  beforeSequence: number | null,
  limit: number,
): StoredAuditEntry[] {
  return entries.filter((entry) =>
    entry.sequence < (beforeSequence ?? Infinity) &&
    entry.timeMs >= (filter.fromMs ?? -Infinity) &&
    entry.timeMs < (filter.toMs ?? Infinity) &&
    (filter.action === undefined || entry.action === filter.action) &&
    (filter.objectKind === undefined || entry.objectKind === filter.objectKind) &&
    (filter.objectId === undefined || entry.objectId === filter.objectId) &&
    (filter.project === undefined || entry.project === filter.project) &&
    (filter.result === undefined || entry.result === filter.result)
  ).sort((left, right) => right.sequence - left.sequence).slice(0, limit);
}
