/** PostgreSQL's session information functions, as temporary macros of one connection. */
import { type Connection, quoteIdentifier, quoteLiteral, run } from "./duckdb.ts";

export interface SessionIdentity {
  readonly username: string;
  /** The workspace's own database. */
  readonly database: string;
  readonly backendProcessId: number;
  /** What `version()` answers. */
  readonly version: string;
}

/** Temporary macros hide built-in functions of the same name. */
export async function identify(connection: Connection, identity: SessionIdentity): Promise<void> {
  const user = quoteLiteral(identity.username);
  const database = quoteLiteral(identity.database);
  const functions: Readonly<Record<string, string>> = {
    current_user: user,
    session_user: user,
    user,
    current_role: user,
    current_database: database,
    current_catalog: database,
    pg_backend_pid: String(identity.backendProcessId),
    version: quoteLiteral(identity.version),
  };
  const macros = Object.entries(functions).map(([name, value]) =>
    `CREATE TEMP MACRO ${quoteIdentifier(name)}() AS ${value}`
  );
  await run(connection, macros.join("; "));
}
