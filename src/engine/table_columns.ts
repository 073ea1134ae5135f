/**
 * The columns of tables whose types the translation asks for. Asks the session's own connection, which sees its temporary and uncommitted
 * tables.
 */
import type { ColumnType } from "../pgwire/types.ts";
import type { ParsedStatement } from "../sql/statement.ts";
import { translateWithColumns } from "../sql/translate/mod.ts";
import type { ScopeColumn } from "../sql/translate/table_columns.ts";
import { enumType } from "../sql/translate/table_columns.ts";
import type { Translation } from "../sql/translate/types.ts";
import type { Connection } from "./duckdb.ts";
import { EngineStatement } from "./statement.ts";

/** The same translation, or a better one. The connection is free; the tables are attached. */
export async function withTableColumns(
  parsed: ParsedStatement,
  translation: Translation,
  connection: Connection,
): Promise<Translation> {
  if (translation.wantedTables.length === 0) return translation;
  const tables = new Map<string, readonly ScopeColumn[]>();
  for (const path of translation.wantedTables) {
    const columns = await columnsOf(path, connection);
    if (columns?.some(({ type }) => type !== null)) tables.set(path, columns);
  }
  return tables.size === 0 ? translation : translateWithColumns(parsed, tables);
}

/** Null for what cannot be asked, such as a name that does not exist: the statement itself tells that. */
export async function columnsOf(path: string, connection: Connection): Promise<readonly ScopeColumn[] | null> {
  try {
    const statement = await EngineStatement.prepare(connection, `FROM ${path} LIMIT 0`);
    try {
      return statement.columns()?.map(({ name, type }) => ({ name, type: typeName(type) })) ?? null;
    } finally {
      statement.dispose();
    }
  } catch {
    return null;
  }
}

/** PostgreSQL's internal names. */
const scalarNames: Readonly<Partial<Record<ColumnType["name"], string>>> = {
  BOOLEAN: "bool",
  SMALLINT: "int2",
  INTEGER: "int4",
  BIGINT: "int8",
  FLOAT: "float4",
  DOUBLE: "float8",
  DECIMAL: "numeric",
  VARCHAR: "text",
  JSON: "json",
  BLOB: "bytea",
  DATE: "date",
  TIME: "time",
  TIMESTAMP: "timestamp",
  TIMESTAMPTZ: "timestamptz",
  INTERVAL: "interval",
  UUID: "uuid",
};

/** PostgreSQL's internal name, null for what it does not have, such as a struct. */
function typeName(type: ColumnType): string | null {
  if (type.name === "ENUM") return enumType;
  if (type.name !== "LIST") return scalarNames[type.name] ?? null;
  const element = typeName(type.child);
  return element === null ? null : `${element}[]`;
}
