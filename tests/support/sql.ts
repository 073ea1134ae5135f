/** The `pg` client (npm) against a workspace. */
import { equal, ok } from "node:assert/strict";
import process from "node:process";
import pg from "pg";
import type { WorkspaceAnswer } from "./rest.ts";

/** A `pg` client that keeps the errors of its connection and knows when it ended. */
export class SqlClient extends pg.Client {
  /** Errors that came outside of a query, such as 57P01. */
  readonly connectionErrors: Error[] = [];
  readonly ended: Promise<void>;

  constructor(config: pg.ClientConfig) {
    super(config);
    this.on("error", (error) => this.connectionErrors.push(error));
    this.ended = new Promise((resolve) => this.once("end", () => resolve()));
  }

  /** The only value of a one-row, one-column answer. */
  async value(sql: string, parameters: unknown[] = []): Promise<unknown> {
    const result = await this.query<unknown[]>({ text: sql, values: parameters, rowMode: "array" });
    equal(result.rows.length, 1, `rows of ${sql}`);
    return result.rows[0]?.[0];
  }

  /** Rows as arrays. */
  async rowsOf(sql: string, parameters: unknown[] = []): Promise<unknown[][]> {
    return (await this.query<unknown[]>({ text: sql, values: parameters, rowMode: "array" })).rows;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end().catch(() => {});
  }
}

/** The client's configuration for a workspace: TLS without a look at the certificate, unless told otherwise. */
export function clientConfig(workspace: WorkspaceAnswer, overrides: pg.ClientConfig = {}): pg.ClientConfig {
  const { port, database, username, password } = workspace.connection;
  return {
    host: "127.0.0.1",
    port,
    database,
    user: username,
    password,
    ssl: { rejectUnauthorized: false },
    ...overrides,
  };
}

/** Connects; the client ends with the scope (`await using`). */
export async function connect(workspace: WorkspaceAnswer, overrides: pg.ClientConfig = {}): Promise<SqlClient> {
  const client = new SqlClient(clientConfig(workspace, overrides));
  await client.connect();
  return client;
}

/** What a query or connection attempt was refused with. Fails when it was not refused, or without a SQLSTATE. */
export async function refusal(attempt: Promise<unknown>): Promise<pg.DatabaseError> {
  const thrown = await attempt.then(() => null, (error: unknown) => error);
  ok(thrown !== null, "it was not refused");
  ok(thrown instanceof Error, String(thrown));
  ok(typeof (thrown as pg.DatabaseError).code === "string", `no SQLSTATE: ${thrown.stack}`);
  return thrown as pg.DatabaseError;
}

/** Fails unless the attempt is refused with this SQLSTATE; gives the error. */
export async function refusedWith(sqlstate: string, attempt: Promise<unknown>): Promise<pg.DatabaseError> {
  const error = await refusal(attempt);
  equal(error.code, sqlstate, `${error.code}: ${error.message}`);
  return error;
}

/** What a connection attempt is refused with. */
export async function connectionRefusal(
  workspace: WorkspaceAnswer,
  overrides: pg.ClientConfig = {},
): Promise<pg.DatabaseError> {
  const client = new SqlClient(clientConfig(workspace, overrides));
  try {
    return await refusal(client.connect());
  } finally {
    await client.end().catch(() => {});
  }
}

// pg reads these; a developer's own must not change what the tests connect to
for (const name of ["PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGSSLMODE", "PGOPTIONS"]) {
  delete process.env[name];
}
