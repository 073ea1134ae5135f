/**
 * The OIDs of the analyst's enum types. DuckDB's columns know an enum's labels and not its name, so a column has the OID of the one type
 * with these labels; where two types have the same labels it stays text, which its values are on the wire in any case.
 */
import type { ColumnType } from "../pgwire/types.ts";
import { objectOidExpression } from "../sql/catalog/functions/object_oid.ts";
import { quoteLiteral } from "./duckdb.ts";
import type { Lookups } from "./lookups.ts";

export interface EnumOids {
  readonly oid: number;
  readonly arrayOid: number;
}

/** By the labels (`keyOf`); null for labels that two types have. */
export type EnumTypes = ReadonlyMap<string, EnumOids | null>;

/** As whom is asked sees them. */
export async function readEnumTypes(lookups: Pick<Lookups, "rows">, database: string): Promise<EnumTypes> {
  const schema = "CASE schema_name WHEN 'main' THEN 'public' ELSE schema_name END";
  const found = await lookups.rows(
    `SELECT to_json(labels), ${objectOidExpression("'type'", schema, "type_name")},
       ${objectOidExpression("'array_type'", schema, "type_name")}
     FROM duckdb_types() WHERE database_name=${quoteLiteral(database)} AND labels IS NOT NULL`,
  );
  const types = new Map<string, EnumOids | null>();
  for (const [labels, oid, arrayOid] of found) {
    const key = keyOf(JSON.parse(labels ?? "[]") as string[]);
    types.set(key, types.has(key) ? null : { oid: Number(oid), arrayOid: Number(arrayOid) });
  }
  return types;
}

/** What `duckdb_columns().data_type` says of columns of these types, and of lists of them -> OID. */
export function enumOidsByText(enums: EnumTypes): ReadonlyMap<string, number> {
  const oids = new Map<string, number>();
  for (const [key, type] of enums) {
    if (type === null) continue;
    const labels = (JSON.parse(key) as string[]).map(quoteLiteral).join(", ");
    oids.set(`ENUM(${labels})`, type.oid);
    oids.set(`ENUM(${labels})[]`, type.arrayOid);
  }
  return oids;
}

function keyOf(labels: readonly string[]): string {
  return JSON.stringify(labels);
}

/** Whether the type is an enum, or a list of them. */
export function hasEnum(type: ColumnType): boolean {
  return type.name === "ENUM" || ((type.name === "LIST" || type.name === "ARRAY") && hasEnum(type.child));
}

/** The same type, with the OIDs of the enum in it. */
export function withEnumOids(type: ColumnType, enums: EnumTypes): ColumnType {
  if (!hasEnum(type)) return type;
  if (type.name === "ENUM") {
    const oids = enums.get(keyOf(type.values)) ?? null;
    return oids === null ? type : { ...type, oids };
  }
  return type.name === "LIST" || type.name === "ARRAY" ? { ...type, child: withEnumOids(type.child, enums) } : type;
}

/** The element type of each enum's array type. */
export function enumElementsOf(enums: EnumTypes): ReadonlyMap<number, number> {
  return new Map([...enums.values()].flatMap((oids) => oids === null ? [] : [[oids.arrayOid, oids.oid] as const]));
}
