/**
 * The server's own metrics over the last days, in a DuckDB file, so that its dashboards work without a Prometheus. The file
 * belongs to a worker process, like a workspace's: no SQL of a reader runs in the server.
 *
 * Samples wait in memory and are written together, since each writing may have to start that process; a server that is killed loses
 * those of the last minutes. Invariant: `#waiting` holds at most `waitingSamplesMax`, the newest ones.
 */

/** One series at one moment. */
export interface HistorySample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** A session with the history's database. */
export interface HistorySession {
  query(
    query: { readonly sql: string; readonly parameters: readonly []; readonly rowsMax: number },
  ): Promise<{ readonly rows: readonly (readonly (string | null)[])[] }>;
  copyIn(sql: string, rows: string): Promise<unknown>;
  close(): void;
}

export interface MetricHistoryOptions {
  readonly sample: () => Promise<readonly HistorySample[]>;
  readonly open: () => Promise<HistorySession>;
  /** Ends the history's process, when nobody else uses it. */
  readonly release: () => Promise<void>;
  readonly now: () => number;
  readonly retentionMs: number;
  /** Stored samples; beyond it the oldest go before their time. */
  readonly storedSamplesMax: number;
}

/** 15 minutes of 1,100 series sampled every 15 s. */
export const waitingSamplesMax = 66_000;
const hourMs = 3_600_000;

const schema = `CREATE TABLE IF NOT EXISTS metrics (
  at timestamptz NOT NULL, name text NOT NULL, labels text NOT NULL, value double precision NOT NULL)`;
/** Counters begin again at 0 with each start of the server: a fall is a new beginning. */
const increases = `CREATE OR REPLACE VIEW increases AS
  SELECT at, name, labels, CASE WHEN value >= before THEN value - before ELSE value END AS increase,
    extract(epoch FROM at - at_before)::double precision AS seconds
  FROM (SELECT at, name, labels, value, lag(value) OVER series AS before, lag(at) OVER series AS at_before
    FROM metrics WINDOW series AS (PARTITION BY name, labels ORDER BY at)) AS steps
  WHERE before IS NOT NULL`;

export class MetricHistory {
  readonly #options: MetricHistoryOptions;
  #waiting: string[] = [];
  #waitingRounds = 0;
  #lostCount = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: MetricHistoryOptions) {
    this.#options = options;
  }

  /** Samples that were dropped because they could not be written in time. */
  get lostCount(): number {
    return this.#lostCount;
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** How often `record` was called since the last writing. */
  get waitingRounds(): number {
    return this.#waitingRounds;
  }

  /** Notes the present value of every series. */
  async record(): Promise<void> {
    const at = new Date(this.#options.now()).toISOString();
    const samples = await this.#options.sample();
    this.#waitingRounds++;
    for (const { name, labels, value } of samples) {
      this.#waiting.push(`${at}\t${name}\t${labelsText(labels)}\t${value}\n`);
    }
    const excess = this.#waiting.length - waitingSamplesMax;
    if (excess <= 0) return;
    this.#waiting.splice(0, excess);
    this.#lostCount += excess;
  }

  /**
   * Writes what waits and drops what is too old; one writing at a time. What could not be written waits for the next one, and the
   * error is thrown. `release` tells whether the history's process may end afterwards.
   */
  flush(options: { readonly release: boolean }): Promise<void> {
    const writing = this.#writing.catch(() => undefined).then(() => this.#flush());
    this.#writing = writing.finally(() => options.release ? this.#options.release() : undefined);
    return this.#writing;
  }

  async #flush(): Promise<void> {
    const rows = this.#waiting;
    if (rows.length === 0) return;
    this.#waiting = [];
    let written = false;
    try {
      const session = await this.#options.open();
      try {
        const run = (sql: string) => session.query({ sql, parameters: [], rowsMax: 1 });
        await run(schema);
        await run(increases);
        await session.copyIn("COPY metrics FROM STDIN", rows.join(""));
        written = true;
        this.#waitingRounds = 0;
        await this.#prune(run);
      } finally {
        session.close();
      }
    } finally {
      if (!written) this.#waiting = [...rows, ...this.#waiting];
    }
  }

  async #prune(run: (sql: string) => ReturnType<HistorySession["query"]>): Promise<void> {
    const oldest = this.#options.now() - this.#options.retentionMs;
    await run(`DELETE FROM metrics WHERE at < '${new Date(oldest).toISOString()}'`);
    for (;;) {
      const { rows: [row] } = await run("SELECT count(*), extract(epoch FROM min(at)) FROM metrics");
      const [count, firstSeconds] = row ?? [];
      if (Number(count) <= this.#options.storedSamplesMax) return;
      const next = new Date(Number(firstSeconds) * 1000 + hourMs).toISOString();
      await run(`DELETE FROM metrics WHERE at < '${next}'`);
    }
  }
}

/** JSON with its fields in order, so that a series has one text; escaped for COPY's text format. */
function labelsText(labels: Readonly<Record<string, string | number>>): string {
  const sorted = Object.fromEntries(Object.entries(labels).sort(([a], [b]) => a < b ? -1 : 1));
  return JSON.stringify(sorted).replaceAll("\\", "\\\\").replaceAll("\t", "\\t").replaceAll("\n", "\\n");
}
