/** PostgreSQL's names of DuckDB's types, as pg_typeof shows them. */

const names: Readonly<Record<string, string>> = {
  '"NULL"': "unknown",
  BOOLEAN: "boolean",
  TINYINT: "smallint",
  UTINYINT: "smallint",
  SMALLINT: "smallint",
  USMALLINT: "integer",
  INTEGER: "integer",
  UINTEGER: "bigint",
  BIGINT: "bigint",
  UBIGINT: "numeric",
  HUGEINT: "numeric",
  UHUGEINT: "numeric",
  BIGNUM: "numeric",
  FLOAT: "real",
  DOUBLE: "double precision",
  VARCHAR: "text",
  JSON: "json",
  BLOB: "bytea",
  GEOMETRY: "bytea",
  BIT: "bit varying",
  DATE: "date",
  TIME: "time without time zone",
  TIME_NS: "time without time zone",
  "TIME WITH TIME ZONE": "time with time zone",
  TIMESTAMP: "timestamp without time zone",
  TIMESTAMP_S: "timestamp without time zone",
  TIMESTAMP_MS: "timestamp without time zone",
  TIMESTAMP_NS: "timestamp without time zone",
  "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
  INTERVAL: "interval",
  UUID: "uuid",
};

/** `type` is DuckDB's `typeof`. Arrays of all depths have one type. */
export function postgresTypeName(type: string): string {
  const element = type.replace(/(?:\[\d*\])+$/, "");
  const suffix = element === type ? "" : "[]";
  if (element.startsWith("DECIMAL")) return `numeric${suffix}`;
  if (element.startsWith("ENUM")) return `text${suffix}`;
  if (/^(?:STRUCT|MAP|UNION)\(|^VARIANT$/.test(element)) return `json${suffix}`;
  return (names[element] ?? element.toLowerCase()) + suffix;
}
