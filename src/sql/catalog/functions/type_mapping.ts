/**
 * From the text of a DuckDB type, as `duckdb_columns().data_type` has it, to PostgreSQL's type: OID, modifier and
 * length. They are those of the wire protocol (`fieldTypeOf` in `src/pgwire/types.ts`; a test compares the two for
 * every type), so that a column is described alike in a result, in pg_attribute and in information_schema.
 */
import { quotientTypeName } from "../../quotient_type.ts";
import type { MacroFunction } from "../../functions/types.ts";
import { macro } from "./macro.ts";

interface MappedType {
  readonly oid: number;
  readonly arrayOid: number;
  readonly length: number;
  /** Names of DuckDB types, without arguments. */
  readonly duckdb: string;
}

function mapped(oid: number, arrayOid: number, length: number, duckdb: string): MappedType {
  return { oid, arrayOid, length, duckdb };
}

/** `pg_type.oid`, `typarray` and `typlen`; the most frequent first, because the names are searched in this order. */
const mappedTypes: readonly MappedType[] = [
  mapped(25, 1009, -1, "VARCHAR"),
  mapped(20, 1016, 8, "BIGINT UINTEGER"),
  mapped(23, 1007, 4, "INTEGER USMALLINT"),
  mapped(1700, 1231, -1, "DECIMAL HUGEINT UBIGINT UHUGEINT BIGNUM"),
  mapped(701, 1022, 8, "DOUBLE"),
  mapped(16, 1000, 1, "BOOLEAN"),
  mapped(1082, 1182, 4, "DATE"),
  mapped(1114, 1115, 8, "TIMESTAMP TIMESTAMP_S TIMESTAMP_MS TIMESTAMP_NS"),
  mapped(1184, 1185, 8, "TIMESTAMP_WITH_TIME_ZONE"),
  mapped(114, 199, -1, "JSON STRUCT MAP UNION"),
  mapped(2950, 2951, 16, "UUID"),
  mapped(21, 1005, 2, "SMALLINT TINYINT UTINYINT"),
  mapped(700, 1021, 4, "FLOAT"),
  mapped(1186, 1187, 16, "INTERVAL"),
  mapped(1083, 1183, 8, "TIME TIME_NS"),
  mapped(1266, 1270, 12, "TIME_WITH_TIME_ZONE"),
  mapped(17, 1001, -1, "BLOB GEOMETRY"),
  mapped(1562, 1563, -1, "BIT"),
];

/** Whatever is not above, ENUM among it, is sent as text. */
const otherwise = mappedTypes[0]!;

const names = mappedTypes.flatMap((type) =>
  type.duckdb.split(" ").map((name) => ({ type, text: /_WITH_/.test(name) ? name.replaceAll("_", " ") : name }))
);

/** A list constant as text: it costs nothing to bind, where a CASE with as many branches takes 5 ms (DuckDB 1.5.5). */
function constantList(values: readonly (string | number)[], type: string): string {
  return `CAST('[${values.join(", ")}]' AS ${type}[])`;
}

/** `DECIMAL(12,2)[]` is a DECIMAL. Lists end with `[]`, arrays with `[3]`; those of any depth have one array type. */
const position = `system.main.list_position(${constantList(names.map(({ text }) => text), "VARCHAR")}, ` +
  "system.main.split_part(system.main.split_part(type, '(', 1), '[', 1))";
const isList = "system.main.ends_with(type, ']')";

function lookUp(value: (type: MappedType) => number, engineType: string): string {
  const values = constantList(names.map(({ type }) => value(type)), engineType);
  return `coalesce(system.main.array_extract(${values}, ${position}), ${value(otherwise)})`;
}

/** DuckDB's DECIMALs that stand for `numeric` without precision. */
const unconstrainedNumerics = `('DECIMAL(38,10)', '${quotientTypeName}')`;
const decimalArgument = (expression: string) => `CAST(system.main.regexp_extract(type, '${expression}', 1) AS INTEGER)`;

export const typeMapping: readonly MacroFunction[] = [
  macro(
    "__type_oid",
    `(type) AS CAST(CASE WHEN ${isList} THEN ${lookUp((type) => type.arrayOid, "UINTEGER")} ` +
      `ELSE ${lookUp((type) => type.oid, "UINTEGER")} END AS UINTEGER)`,
  ),
  macro(
    "__type_modifier",
    `(type) AS CASE WHEN system.main.starts_with(type, 'DECIMAL(') AND NOT ${isList} ` +
      `AND type NOT IN ${unconstrainedNumerics} THEN ${decimalArgument(String.raw`\((\d+),`)} * 65536 + ` +
      `${decimalArgument(String.raw`,(\d+)\)`)} + 4 ELSE -1 END`,
  ),
  macro(
    "__type_length",
    `(type) AS CAST(CASE WHEN ${isList} THEN -1 ELSE ${lookUp((type) => type.length, "SMALLINT")} END AS SMALLINT)`,
  ),
];
