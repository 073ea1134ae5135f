/**
 * The sessions of a workspace as SQL sees them: what pg_stat_activity, pg_settings, pg_cursors and pg_prepared_statements show, and
 * what set_config(), pg_cancel_backend() and pg_notify() reach. Sessions enter themselves; the key is their backend process id.
 */
export interface SessionActivity {
  readonly username: string;
  readonly applicationName: string;
  readonly clientAddress: string;
  readonly clientPort: number;
  /** null when the connection is not encrypted; its fields where the front does not know. */
  readonly tls: { readonly version: string | null; readonly cipher: string | null } | null;
  readonly backendStartMs: number;
  /** null outside a transaction. */
  readonly transactionStartMs: number | null;
  readonly queryStartMs: number | null;
  readonly stateChangeMs: number;
  readonly state: string;
  readonly query: string;
}

export interface SettingRow {
  readonly name: string;
  readonly setting: string;
  readonly description: string;
  readonly bootValue: string;
  readonly resetValue: string;
}

export interface PreparedStatementRow {
  readonly name: string;
  readonly statement: string;
  readonly prepareTimeMs: number;
  readonly parameterOids: readonly number[];
  readonly fromSql: boolean;
}

export interface CursorRow {
  readonly name: string;
  readonly statement: string;
  readonly isHoldable: boolean;
  readonly isBinary: boolean;
  readonly isScrollable: boolean;
  readonly creationTimeMs: number;
}

export interface SessionAccess {
  readonly backendProcessId: number;
  readonly username: string;
  /** It may only read, and end nobody else's statements. */
  readonly readOnly: boolean;
  activity(): SessionActivity;
  settings(): readonly SettingRow[];
  preparedStatements(): readonly PreparedStatementRow[];
  cursors(): readonly CursorRow[];
  /** Throws `unknown_setting`. */
  setting(name: string): string;
  /** Sets it as SET does, to its default for null, and gives the new value. */
  setSetting(name: string, value: string | null, isLocal: boolean): string;
  cancel(): void;
  terminate(): void;
  notify(channel: string, payload: string): void;
  warn(message: string): void;
}

export type SessionDirectory = Map<number, SessionAccess>;
