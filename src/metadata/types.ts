/**
 * What the rest of the server sees of the metadata store. Implemented by `pool.ts`; repositories
 * (`*_repository.ts`) take these interfaces, so that they work inside and outside of a transaction.
 */
export type SqlParameter = string | number | bigint | boolean | null;
/**
 * A value as read: BOOLEAN boolean; integer types number (bigint beyond 2^53); DOUBLE and DECIMAL number; VARCHAR, UUID
 * and JSON string; TIMESTAMPTZ and TIMESTAMP an RFC 3339 UTC string with milliseconds ("2026-01-02T03:04:05.678Z").
 */
export type SqlValue = string | number | bigint | boolean | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

export interface MetadataConnection {
  /** Runs one statement with `$1`-style parameters and gives all rows. */
  query<Row extends SqlRow = SqlRow>(sql: string, parameters?: readonly SqlParameter[]): Promise<Row[]>;
  /** Runs one statement and gives the number of changed rows. */
  execute(sql: string, parameters?: readonly SqlParameter[]): Promise<number>;
}

export interface PoolStats {
  readonly open: number;
  readonly idle: number;
  readonly inUse: number;
  readonly waiters: number;
  /** Sum of time spent waiting for a connection since start, seconds. */
  readonly waitSecondsTotal: number;
  readonly waitCount: number;
}

export interface MetadataPool extends MetadataConnection {
  /**
   * Runs `work` inside BEGIN/COMMIT on one connection; ROLLBACK when it throws. A transaction conflict is retried a few
   * times with a short random pause, so `work` must have no effect outside of the database.
   */
  withTransaction<T>(work: (transaction: MetadataConnection) => Promise<T>): Promise<T>;
  ping(): Promise<void>;
  stats(): PoolStats;
  /** Resolves when running queries have ended, the database is checkpointed and its file is closed. */
  close(): Promise<void>;
}
