/**
 * Questions about the workspace's committed objects, on a connection of their own: DuckDB's list functions and its errors for missing
 * names open every attached database, which in a session's transaction would fix what it sees of the emulated catalog.
 *
 * Invariant: one question at a time.
 */
import duckdb, { type Database } from "@duckdb/node-bindings";
import { type Connection, quoteIdentifier, rows } from "./duckdb.ts";
import { identify } from "./session_identity.ts";
import { EngineStatement } from "./statement.ts";

export class Lookups {
  readonly #connection: Connection;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** `database` is the workspace's own. */
  static async open(instance: Database, database: string): Promise<Lookups> {
    const connection = await duckdb.connect(instance);
    await identify(connection, { username: "", database, backendProcessId: 0, version: "" });
    return new Lookups(connection);
  }

  /** Each value as PostgreSQL's text. */
  rows(sql: string): Promise<(string | null)[][]> {
    return this.#exclusive(() => rows(this.#connection, sql));
  }

  /** The columns of a table or view by its database, schema and name; null when there is none. */
  columnsOf(path: readonly string[]): Promise<readonly string[] | null> {
    return this.#exclusive(() => columnNames(this.#connection, path));
  }

  /** Waits for the question that is being answered. */
  async close(): Promise<void> {
    await this.#queue;
    duckdb.disconnect_sync(this.#connection);
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}

/** As `Lookups.columnsOf`, as another connection sees it, which must be free. */
export async function columnNames(connection: Connection, path: readonly string[]): Promise<readonly string[] | null> {
  try {
    const statement = await EngineStatement.prepare(connection, `SELECT * FROM ${path.map(quoteIdentifier).join(".")}`);
    const columns = statement.columns();
    statement.dispose();
    return columns?.map(({ name }) => name) ?? null;
  } catch {
    return null;
  }
}
