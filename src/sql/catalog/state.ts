/**
 * What the catalog shows that DuckDB does not know: tables in `__eider.state`, filled by the engine. The project's tables are
 * written at the start and after every import; the rows of sessions just before a statement that reads them.
 */
import { catalogDatabase } from "./types.ts";

export interface StateTable {
  readonly name: string;
  /** Column definitions in DuckDB SQL. */
  readonly columns: string;
}

export const stateTables: readonly StateTable[] = [
  /** One row: the workspace's own database in DuckDB, and when its process started. */
  { name: "workspace", columns: "database_name VARCHAR, started_at TIMESTAMPTZ" },
  { name: "project_schemas", columns: "schema_name VARCHAR" },
  {
    name: "project_tables",
    columns: "schema_name VARCHAR, table_name VARCHAR, row_count BIGINT, size_bytes BIGINT",
  },
  {
    name: "project_columns",
    /** `position` and `key_position` count from 1; `key_position` is null for a column outside the primary key. */
    columns: "schema_name VARCHAR, table_name VARCHAR, column_name VARCHAR, position INTEGER, data_type VARCHAR, " +
      "nullable BOOLEAN, key_position INTEGER",
  },
  /** Own tables, written before a statement that asks for sizes; `schema_name` as PostgreSQL shows it. */
  { name: "table_sizes", columns: "schema_name VARCHAR, table_name VARCHAR, size_bytes BIGINT" },
  {
    name: "sessions",
    columns: "pid INTEGER, username VARCHAR, application_name VARCHAR, client_addr VARCHAR, client_port INTEGER, " +
      "backend_start TIMESTAMPTZ, xact_start TIMESTAMPTZ, query_start TIMESTAMPTZ, state_change TIMESTAMPTZ, " +
      "state VARCHAR, query VARCHAR, tls BOOLEAN, tls_version VARCHAR, tls_cipher VARCHAR",
  },
  /** Of every session of the workspace, by `pid`; `boot_value` is the default, `reset_value` what RESET gives. */
  {
    name: "settings",
    columns: "pid INTEGER, name VARCHAR, setting VARCHAR, description VARCHAR, boot_value VARCHAR, reset_value VARCHAR",
  },
  {
    name: "prepared_statements",
    columns: "pid INTEGER, name VARCHAR, statement VARCHAR, prepare_time TIMESTAMPTZ, parameter_oids UINTEGER[], " +
      "from_sql BOOLEAN",
  },
  {
    name: "cursors",
    columns: "pid INTEGER, name VARCHAR, statement VARCHAR, is_holdable BOOLEAN, is_binary BOOLEAN, " +
      "is_scrollable BOOLEAN, creation_time TIMESTAMPTZ",
  },
];

export function stateTablePath(name: string): string {
  return `${catalogDatabase}.state.${name}`;
}
