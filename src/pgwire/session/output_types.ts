/** Gives result columns the PostgreSQL types that the translation knows and DuckDB does not have. */
import { type EnumTypes, withEnumOids } from "../../engine/enum_types.ts";
import type { EngineColumn } from "../../engine/statement.ts";
import type { OutputType } from "../../sql/translate/types.ts";
import type { ColumnType } from "../types.ts";

/** The same columns, where `outputTypes` says nothing or does not fit the engine's type. */
export function shownColumns(
  columns: readonly EngineColumn[],
  outputTypes: readonly (OutputType | null)[],
  enums: EnumTypes | null = null,
): readonly EngineColumn[] {
  if (enums !== null) columns = columns.map((column) => ({ ...column, type: withEnumOids(column.type, enums) }));
  if (outputTypes.length === 0) return columns;
  return columns.map((column, index) => {
    const output = outputTypes[index] ?? null;
    return output === null ? column : { ...column, type: shownType(column.type, output) };
  });
}

/** Indexes of the columns of a computed numeric. */
export function computedOf(columns: readonly EngineColumn[]): ReadonlySet<number> {
  return new Set(
    columns.flatMap(({ type }, index) => type.name === "DECIMAL" && type.computed === true ? [index] : []),
  );
}

/** The same columns, where what the engine says of its result lacks which numerics are computed. */
export function withComputed(
  columns: readonly EngineColumn[],
  computed: ReadonlySet<number>,
): readonly EngineColumn[] {
  if (computed.size === 0) return columns;
  return columns.map((column, index) =>
    computed.has(index) && column.type.name === "DECIMAL"
      ? { ...column, type: { ...column.type, computed: true as const } }
      : column
  );
}

/** What the modifier of a length counts besides it (VARHDRSZ). */
const headerBytes = 4;

function shownType(type: ColumnType, output: OutputType): ColumnType {
  const limited = /^(varchar|bpchar)\((\d+)\)$/.exec(output);
  if (limited !== null) {
    const shownAs = limited[1] as "varchar" | "bpchar";
    return type.name === "VARCHAR" ? { name: "VARCHAR", shownAs, modifier: Number(limited[2]) + headerBytes } : type;
  }
  switch (output) {
    case "regproc":
    case "regtype":
    case "regclass":
    case "regnamespace":
    case "regrole":
    case "regprocedure":
      if (type.name === "STRUCT") return { ...type, shownAs: output };
      return type.name === "UINTEGER" ? { name: "UINTEGER", shownAs: "oid" } : type;
    case "record":
      return type.name === "STRUCT" ? { ...type, shownAs: "record" } : type;
    case "jsonb":
      return type.name === "JSON" ? { name: "JSON", shownAs: "jsonb" } : type;
    case "jsonb[]":
      return type.name === "LIST" ? { name: "LIST", child: shownType(type.child, "jsonb") } : type;
    case "oid":
      return type.name === "UINTEGER" ? { name: "UINTEGER", shownAs: "oid" } : type;
    case "numeric":
      return type.name === "DECIMAL" ? { ...type, computed: true } : type;
    case "xid":
      return type.name === "UINTEGER" ? { name: "UINTEGER", shownAs: "xid" } : type;
    case "name":
    case "char":
    case "varchar":
    case "bpchar":
    case "tid":
      return type.name === "VARCHAR" ? { name: "VARCHAR", shownAs: output } : type;
    case "int2vector":
      return type.name === "LIST" ? { ...type, shownAs: "int2vector" } : type;
    case "oidvector":
      return type.name === "LIST" ? { name: "LIST", child: shownType(type.child, "oid"), shownAs: "oidvector" } : type;
    case "oid[]":
    case "regtype[]":
      return type.name === "LIST" ? { name: "LIST", child: shownType(type.child, "oid") } : type;
    case "name[]":
    case "char[]":
      return type.name === "LIST"
        ? { name: "LIST", child: shownType(type.child, output === "name[]" ? "name" : "char") }
        : type;
    default:
      // DuckDB's own type says it well enough: text, bool, int4, timestamptz, lists of them.
      return type;
  }
}
