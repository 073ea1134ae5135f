/**
 * Looks up what a translation must know of a table that a statement changes (`sql/translate/table_facts.ts`). Asks the session's own
 * connection, which sees its temporary and uncommitted tables and must be free.
 */
import type { FactColumn, FactKey, TableFacts } from "../sql/translate/table_facts.ts";
import { type Connection, quoteIdentifier, quoteLiteral, rows } from "./duckdb.ts";
import { columnsOf } from "./table_columns.ts";

/** `places`: `database.schema` in the order in which DuckDB looks. Null when there is no table of the name. */
export async function readTableFacts(
  connection: Connection,
  places: readonly string[],
  name: string,
): Promise<TableFacts | null> {
  const found = await rows(
    connection,
    `SELECT database_name, schema_name, table_name, sql FROM duckdb_tables() WHERE lower(table_name) = ${
      quoteLiteral(name.toLowerCase())
    }`,
  );
  for (const place of places) {
    const row = found.find(([database, schema]) => `${database}.${schema}` === place);
    if (row === undefined) continue;
    const [database, schema, table, definition] = row.map(String) as [string, string, string, string];
    const isThis = `database_name = ${quoteLiteral(database)} AND schema_name = ${quoteLiteral(schema)} AND ` +
      `table_name = ${quoteLiteral(table)}`;
    const path = [database, schema, table].map(quoteIdentifier).join(".");
    return {
      columns: await readColumns(connection, isThis, path, definition),
      keys: await readKeys(connection, isThis, table),
    };
  }
  return null;
}

async function readColumns(
  connection: Connection,
  isThis: string,
  path: string,
  definition: string,
): Promise<readonly FactColumn[]> {
  const types = new Map((await columnsOf(path, connection))?.map((column) => [column.name, column.type]));
  const found = await rows(
    connection,
    `SELECT column_name, data_type, column_default, CAST(is_nullable AS VARCHAR) FROM duckdb_columns() WHERE ${isThis} ORDER BY column_index`,
  );
  return found.map(([name, type, value, nullable]) => ({
    name: String(name),
    type: String(type),
    staticType: types.get(String(name)) ?? null,
    default: value ?? null,
    isNullable: nullable === "true",
    isGenerated: value !== null && isGenerated(definition, String(name), String(type)),
  }));
}

/** `DEFAULT(…)` and `GENERATED ALWAYS AS(…)` look alike in `duckdb_columns()`, but not in the text of the table. */
function isGenerated(definition: string, name: string, type: string): boolean {
  const beginnings = [` ${name} `, `(${name} `, `${quoteIdentifier(name)} `];
  return beginnings.some((beginning) => definition.includes(`${beginning}${type} GENERATED ALWAYS AS(`));
}

/** The lists as JSON, so that a name may have a comma in it. */
async function readKeys(connection: Connection, isThis: string, table: string): Promise<readonly FactKey[]> {
  const constraints = await rows(
    connection,
    `SELECT constraint_type, CAST(to_json(constraint_column_names) AS VARCHAR) FROM duckdb_constraints()
     WHERE ${isThis} AND constraint_type IN ('PRIMARY KEY', 'UNIQUE') ORDER BY constraint_index`,
  );
  const indexes = await rows(
    connection,
    `SELECT CAST(to_json(CAST(expressions AS VARCHAR[])) AS VARCHAR) FROM duckdb_indexes() WHERE ${isThis} AND is_unique`,
  );
  return [
    ...constraints.map(([type, json]) => {
      const columns = JSON.parse(String(json)) as string[];
      return {
        constraint: type === "PRIMARY KEY" ? `${table}_pkey` : `${table}_${columns.join("_")}_key`,
        isPrimary: type === "PRIMARY KEY",
        columns,
      };
    }),
    ...indexes.map(([json]) => ({
      constraint: null,
      isPrimary: false,
      columns: (JSON.parse(String(json)) as string[]).map(unquoted),
    })),
  ];
}

function unquoted(name: string): string {
  return name.startsWith('"') && name.endsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
