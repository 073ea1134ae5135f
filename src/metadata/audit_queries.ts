/**
 * Looks for the newest entries in the audit log's months. A user's trail goes by the index of each month, which finds a few
 * entries among a million in a millisecond; everything else is a scan that ends early or skips what is older
 * (measured in docs/adr/0006-an-audit-log-chained-by-hash.md).
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import type { AuditFilter, StoredAuditEntry } from "../audit/types.ts";
import { entryColumns, filterSql, queryEntries } from "./audit_rows.ts";
import type { AttachedPartition } from "./audit_source.ts";

/** Entries of one user in one month up to this many come from the index; more of them from the newest blocks. */
const trailProbeRows = 500;

/** The newest entries of one month, by a scan that ends early or skips what is older. */
export function newest(
  connection: DuckDBConnection,
  partition: AttachedPartition,
  filter: AuditFilter,
  beforeSequence: number | null,
  limit: number,
): Promise<StoredAuditEntry[]> {
  const { where, parameters } = filterSql(filter, beforeSequence);
  const sql = `SELECT ${entryColumns} FROM ${partition.alias}.entry WHERE ${where} ORDER BY seq DESC LIMIT ${limit}`;
  return queryEntries(connection, sql, parameters);
}

/** The same for one user. DuckDB takes the index only without ORDER BY, so few entries are sorted here. */
export async function trailOf(
  connection: DuckDBConnection,
  partition: AttachedPartition,
  filter: AuditFilter,
  beforeSequence: number | null,
  limit: number,
): Promise<StoredAuditEntry[]> {
  const { where, parameters } = filterSql(filter, beforeSequence);
  const source = `FROM ${partition.alias}.entry WHERE ${where}`;
  const probe = await connection.prepare(`SELECT seq ${source} LIMIT ${trailProbeRows}`);
  let count: number;
  try {
    for (const [index, value] of parameters.entries()) {
      if (typeof value === "string") probe.bindVarchar(index + 1, value);
      else probe.bindBigInt(index + 1, value);
    }
    count = (await probe.runAndReadAll()).currentRowCount;
  } finally {
    probe.destroySync();
  }
  if (count === 0) return [];
  if (count >= trailProbeRows) return await newest(connection, partition, filter, beforeSequence, limit);
  const rows = await queryEntries(connection, `SELECT ${entryColumns} ${source}`, parameters);
  return rows.sort((left, right) => right.sequence - left.sequence).slice(0, limit);
}

/** Few entries of one user in each of many months: one statement for all, then again where there were many. */
export async function trailOfAll(
  connection: DuckDBConnection,
  partitions: readonly AttachedPartition[],
  filter: AuditFilter,
  beforeSequence: number | null,
  wanted: number,
): Promise<StoredAuditEntry[]> {
  const { where, parameters } = filterSql(filter, beforeSequence);
  const probe = partitions.map(({ alias }) =>
    `(SELECT ${entryColumns} FROM ${alias}.entry WHERE ${where} LIMIT ${trailProbeRows})`
  ).join(" UNION ALL ");
  const found = await queryEntries(connection, probe, parameters);
  const rows: StoredAuditEntry[] = [];
  for (const [index, partition] of partitions.entries()) {
    if (rows.length >= wanted) break;
    const endSequence = partitions[index - 1]?.firstSequence ?? Infinity;
    const own = found.filter(({ sequence }) => sequence >= partition.firstSequence && sequence < endSequence);
    rows.push(
      ...(own.length < trailProbeRows
        ? own.sort((left, right) => right.sequence - left.sequence)
        : await newest(connection, partition, filter, beforeSequence, wanted - rows.length)),
    );
  }
  return rows.slice(0, wanted);
}
