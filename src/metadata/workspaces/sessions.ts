/** The `pg_sessions` table (migration 003): one row a PostgreSQL session, kept after it ends. */
import type { MetadataPool, SqlParameter } from "../types.ts";
import type { SessionRecord, SessionStore } from "../../workspaces/sessions.ts";

/** `SessionStore` over the metadata pool. */
export class MetadataSessionStore implements SessionStore {
  constructor(private readonly pool: MetadataPool) {}

  save(sessions: readonly SessionRecord[]): Promise<void> {
    return this.pool.withTransaction(async (transaction) => {
      for (const session of sessions) {
        await transaction.execute(
          `INSERT INTO pg_sessions (id, workspace_id, project_id, username, client_address, application_name, tls,
             started_at, last_activity_at, ended_at, end_reason, query_count, bytes_received, bytes_sent)
           VALUES ($1, $2, $3, $4, $5, $6, $7, CAST($8 AS TIMESTAMPTZ), CAST($9 AS TIMESTAMPTZ),
             CAST($10 AS TIMESTAMPTZ), $11, CAST($12 AS BIGINT), CAST($13 AS BIGINT), CAST($14 AS BIGINT))
           ON CONFLICT (id) DO UPDATE SET application_name = excluded.application_name,
             last_activity_at = excluded.last_activity_at, ended_at = excluded.ended_at,
             end_reason = excluded.end_reason, query_count = excluded.query_count,
             bytes_received = excluded.bytes_received, bytes_sent = excluded.bytes_sent`,
          [
            session.id,
            session.workspaceId,
            session.projectId,
            session.username,
            session.clientAddress,
            session.applicationName,
            session.tls,
            toTimestamp(session.startedAtMs),
            toTimestamp(session.lastActivityAtMs),
            session.endedAtMs === null ? null : toTimestamp(session.endedAtMs),
            session.endReason,
            session.queryCount,
            session.bytesReceived,
            session.bytesSent,
          ],
        );
      }
    });
  }

  closeOpen(exceptIds: readonly string[], reason: string, nowMs: number): Promise<number> {
    return this.#change(
      `UPDATE pg_sessions SET ended_at = CAST($1 AS TIMESTAMPTZ), end_reason = $2
       WHERE ended_at IS NULL AND id NOT IN (SELECT unnest(CAST(CAST($3 AS JSON) AS VARCHAR[])))`,
      [toTimestamp(nowMs), reason, JSON.stringify(exceptIds)],
    );
  }

  prune(endedBeforeMs: number): Promise<number> {
    return this.#change("DELETE FROM pg_sessions WHERE ended_at < CAST($1 AS TIMESTAMPTZ)", [
      toTimestamp(endedBeforeMs),
    ]);
  }

  /** One statement in a transaction, because that is repeated after a conflict with a batch that is being saved. */
  #change(sql: string, parameters: readonly SqlParameter[]): Promise<number> {
    return this.pool.withTransaction((transaction) => transaction.execute(sql, parameters));
  }
}

function toTimestamp(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
