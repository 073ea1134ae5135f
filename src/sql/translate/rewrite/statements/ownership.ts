/**
 * Who owns the sequences of serial columns, after a workspace's file has been opened again: DuckDB keeps it in memory
 * only.
 */

/**
 * A query that gives one statement a row (column `statement`), to be carried out with `database` first in the search
 * path. A sequence is a serial column's when it has the name that PostgreSQL gives it, and is the column's default.
 */
export function ownershipQuery(database: string): string {
  const quoted = (column: string) => `'"' || replace(${column}, '"', '""') || '"'`;
  const sequence = ["database_name", "schema_name", "sequence_name"].map((name) => quoted(`s.${name}`)).join(
    " || '.' || ",
  );
  const table = ["schema_name", "table_name"].map((name) => quoted(`c.${name}`)).join(" || '.' || ");
  return `SELECT 'ALTER SEQUENCE ' || ${sequence} || ' OWNED BY ' || ${table} AS statement
    FROM duckdb_columns() AS c JOIN duckdb_sequences() AS s
      ON s.database_oid = c.database_oid AND s.schema_oid = c.schema_oid
      AND s.sequence_name = c.table_name || '_' || c.column_name || '_seq'
    WHERE c.database_name = '${database.replaceAll("'", "''")}' AND starts_with(c.column_default, 'nextval(')
      AND contains(c.column_default, s.sequence_name)
    ORDER BY 1`;
}
