/** PostgreSQL's types of result columns, where DuckDB's own type would describe them as another one. */
import type { ScopeColumn } from "./scope.ts";
import type { StaticType } from "./static_types.ts";
import type { OutputType } from "../types.ts";

/** The others are described by DuckDB's type: int4 is INTEGER, text VARCHAR, and so on. */
const described: ReadonlySet<string> = new Set<OutputType>([
  "oid",
  "name",
  "char",
  "varchar",
  "xid",
  "xid8",
  "tid",
  "inet",
  "int2vector",
  "oidvector",
  "pg_node_tree",
  "bpchar",
  "jsonb",
  "jsonb[]",
  "record",
  "regclass",
  "regnamespace",
  "regproc",
  "regprocedure",
  "regrole",
  "regtype",
  "aclitem[]",
  "char[]",
  "name[]",
  "oid[]",
]);

/** `varchar(3)`, of a cast that gives the column its type. */
const lengthLimited = /^(?:varchar|bpchar)\(\d+\)$/;

export function outputTypesOf(columns: readonly ScopeColumn[]): readonly (OutputType | null)[] {
  const types = columns.map((column) => outputType(column.type));
  const last = types.findLastIndex((type) => type !== null);
  return types.slice(0, last + 1);
}

function outputType(type: StaticType): OutputType | null {
  if (type === null) return null;
  return described.has(type) || lengthLimited.test(type) ? type as OutputType : null;
}
