/** PostgreSQL type names as people write them in SQL, such as in `PREPARE q (integer, character varying(10))`. */
import { type PostgresTypeName, postgresTypes } from "./types.ts";

const aliases: Readonly<Record<string, PostgresTypeName>> = {
  "boolean": "bool",
  "smallint": "int2",
  "int": "int4",
  "integer": "int4",
  "bigint": "int8",
  "real": "float4",
  "double precision": "float8",
  "decimal": "numeric",
  "character varying": "varchar",
  "character": "bpchar",
  "timestamp without time zone": "timestamp",
  "timestamp with time zone": "timestamptz",
  "time without time zone": "time",
  "time with time zone": "timetz",
};

/** The OID of a type by any of its names; 0, which leaves the type to be inferred, when the name is not known. */
export function oidOfTypeName(text: string): number {
  const isArray = text.endsWith("[]");
  const plain = text.toLowerCase().replace(/^pg_catalog\./, "").replace(/\[\]$/, "").replace(/\s*\([^)]*\)/, "").trim();
  const name = aliases[plain] ?? plain;
  const type = Object.values(postgresTypes).find((candidate) => candidate.name === name);
  if (type === undefined) return 0;
  return isArray ? type.arrayOid : type.oid;
}
