/**
 * pg_attribute and pg_attrdef: columns of own tables and views, of indexes and sequences, of project tables, and of the emulated relations. A type's OID
 * and modifier are those that a query's result has (`__type_oid`, `__type_modifier`).
 */
import { shownSql } from "../functions/shown_sql.ts";
import { madeMemo } from "../memo/define.ts";
import { madePart } from "../memo/parts.ts";
import type { MadeMemo } from "../memo/types.ts";
import { type PostgresTypeRow, postgresTypeRows, typeOid } from "../relations/postgres_types.ts";
import type { SystemRelation } from "../relations/system_relations.ts";
import type { CatalogRelation } from "../types.ts";
import { madeRelation, type NamedValues } from "./define.ts";
import { ownIndexes, placeOf, projectKeys } from "./keys.ts";
import { defaultOid, relationOid } from "./object_hash.ts";
import { type ColumnType, type OwnColumn, ownColumns, ownSequences, ownTables, projectColumns } from "./sources.ts";

/** Texts in PostgreSQL's own tables have collation C, not the default one. */
const collationC = 950;
const [int4, int4Array] = [typeOid("int4"), typeOid("_int4")];

interface Attribute {
  readonly relationOid: number;
  readonly name: string;
  readonly number: number;
  readonly type: ColumnType;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  readonly isGenerated: boolean;
}

const factsByOid: ReadonlyMap<number, PostgresTypeRow> = new Map(postgresTypeRows.map((type) => [type.oid, type]));

/** How deep an array's brackets go: `INTEGER[][3]` has 2. */
function dimensions(type: string): number {
  return /(\[\d*\])*$/.exec(type)![0].replace(/[^\]]/g, "").length;
}

function attributeValues(
  attribute: Omit<Attribute, "type"> & { typeOid: number; modifier: number; dimensions: number },
  facts: PostgresTypeRow,
  collation: number,
): NamedValues {
  return {
    attrelid: attribute.relationOid,
    attname: attribute.name,
    atttypid: attribute.typeOid,
    attlen: facts.length,
    attnum: attribute.number,
    attcacheoff: -1,
    atttypmod: attribute.modifier,
    attndims: attribute.dimensions,
    attbyval: facts.byValue,
    attalign: facts.alignment,
    attstorage: facts.storage,
    attnotnull: attribute.notNull,
    atthasdef: attribute.hasDefault,
    attgenerated: attribute.isGenerated ? "s" : "",
    attislocal: true,
    attstattarget: -1,
    attcollation: collation,
  };
}

const attributeColumns = Object.keys(attributeValues(
  {
    relationOid: 0,
    name: "",
    number: 0,
    notNull: false,
    hasDefault: false,
    isGenerated: false,
    typeOid: 0,
    modifier: 0,
    dimensions: 0,
  },
  postgresTypeRows[0]!,
  0,
));

/** An enum has facts of its own kind: those of a number. None where a type has no facts. */
function valuesOf(attribute: Attribute): NamedValues[] {
  const { text, builtInOid, enumOid, modifier } = attribute.type;
  const facts = factsByOid.get(enumOid === null ? builtInOid : text.endsWith("]") ? int4Array : int4);
  if (facts === undefined) return [];
  return [attributeValues(
    { ...attribute, typeOid: enumOid ?? builtInOid, modifier, dimensions: dimensions(text) },
    facts,
    facts.collationOid,
  )];
}

/** `DEFAULT(…)` and `GENERATED ALWAYS AS(…)` look alike in the list of columns, but not in the text of the table. */
function isGenerated({ name, type, value }: OwnColumn, tableSql: string): boolean {
  if (value === null || tableSql === "") return false;
  const beginnings = [` ${name} `, `(${name} `, `"${name.replaceAll('"', '""')}" `];
  return beginnings.some((beginning) => tableSql.includes(`${beginning}${type.text} GENERATED ALWAYS AS(`));
}

const sequenceColumns: readonly (readonly [string, string, string])[] = [
  ["last_value", "BIGINT", "int8"],
  ["log_cnt", "BIGINT", "int8"],
  ["is_called", "BOOLEAN", "bool"],
];
const plainType = (text: string, type: string): ColumnType => ({
  text,
  builtInOid: typeOid(type),
  enumOid: null,
  modifier: -1,
});
/** Of an expression in an index. */
const expressionType = plainType("VARCHAR", "text");
const usual = { notNull: false, hasDefault: false, isGenerated: false } as const;

/** Of all relations but the emulated ones. */
const attributes: MadeMemo<readonly Attribute[]> = madeMemo(
  "attributes",
  [ownColumns, ownTables, ownIndexes, ownSequences, projectColumns, projectKeys],
  ({ lookUp }) => {
    const oids = new Map<string, number>();
    const oidOf = (schema: string, name: string): number => {
      const place = placeOf(schema, name);
      let oid = oids.get(place);
      if (oid === undefined) oids.set(place, oid = relationOid(schema, name));
      return oid;
    };
    const generatedSql = new Map(
      lookUp(ownTables).map(({ schema, name, generatedSql }) => [placeOf(schema, name), generatedSql]),
    );
    const indexes = [...lookUp(ownIndexes), ...lookUp(projectKeys)];
    return [
      ...lookUp(ownColumns).map((column): Attribute => ({
        relationOid: oidOf(column.schema, column.relation),
        name: column.name,
        number: column.number,
        type: column.type,
        notNull: !column.isNullable,
        hasDefault: column.value !== null,
        isGenerated: isGenerated(column, generatedSql.get(placeOf(column.schema, column.relation)) ?? ""),
      })),
      ...lookUp(projectColumns).map((column): Attribute => ({
        ...usual,
        relationOid: oidOf(column.schema, column.relation),
        name: column.name,
        number: column.number,
        type: column.type,
        notNull: !column.isNullable || column.keyPosition !== null,
      })),
      ...indexes.flatMap(({ schema, name, keys }) =>
        keys.map((key, index): Attribute => ({
          ...usual,
          relationOid: oidOf(schema, name),
          name: key.number === 0 ? "expr" : key.key,
          number: index + 1,
          type: key.type ?? expressionType,
        }))
      ),
      ...lookUp(ownSequences).flatMap(({ schema, name }) =>
        sequenceColumns.map(([column, text, type], index): Attribute => ({
          ...usual,
          relationOid: oidOf(schema, name),
          name: column,
          number: index + 1,
          type: plainType(text, type),
          notNull: true,
        }))
      ),
    ];
  },
);

function emulatedAttributes({ oid, kind, columns }: SystemRelation): NamedValues[] {
  return columns.flatMap(({ name, type, notNull }, index) => {
    const column = typeOid(type);
    const facts = factsByOid.get(column);
    if (facts === undefined) return [];
    const collation = kind === "r" && facts.collationOid !== 0 ? collationC : facts.collationOid;
    return [attributeValues(
      { ...usual, relationOid: oid, name, number: index + 1, notNull, typeOid: column, modifier: -1, dimensions: 0 },
      facts,
      collation,
    )];
  });
}

export interface ColumnDefault {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly number: number;
  /** SQL as PostgreSQL writes it. */
  readonly value: string;
}

/**
 * `nextval('main.a_seq')` as PostgreSQL writes it: without database and schema `public`, with the cast that tools look
 * for.
 */
function postgresDefault(value: string, database: string): string {
  const shown = shownSql(value, database).replaceAll(`nextval('${database}.`, "nextval('");
  return shown.replace(/^nextval\('(?:main\.)?(.*)'\)$/, "nextval('$1'::regclass)");
}

/** Only own tables have defaults; what a column is generated from is one, too. */
export const columnDefaults: MadeMemo<readonly ColumnDefault[]> = madeMemo(
  "defaults of columns",
  [ownColumns],
  ({ lookUp, database }) =>
    lookUp(ownColumns).flatMap(({ schema, relation, name, number, value }) =>
      value === null ? [] : [{ schema, table: relation, column: name, number, value: postgresDefault(value, database) }]
    ),
);

/** SQL in parentheses: shown_schema, table_name, column_name, column_index, value. */
export const columnDefaultRows = `(${
  madePart(
    "column_defaults",
    [
      { name: "shown_schema", type: "VARCHAR" },
      { name: "table_name", type: "VARCHAR" },
      { name: "column_name", type: "VARCHAR" },
      { name: "column_index", type: "INTEGER" },
      { name: "value", type: "VARCHAR" },
    ],
    "definitions",
    [columnDefaults],
    ({ lookUp }) => ({
      fixed: [],
      others: lookUp(columnDefaults).map((found) => [
        found.schema,
        found.table,
        found.column,
        found.number,
        found.value,
      ]),
    }),
  )
})`;

export function attributeRelations(emulated: readonly SystemRelation[]): CatalogRelation[] {
  return [
    madeRelation({
      name: "pg_attribute",
      columns: attributeColumns,
      of: [attributes],
      fixed: () => emulated.flatMap(emulatedAttributes),
      make: ({ lookUp }) => lookUp(attributes).flatMap(valuesOf),
    }),
    madeRelation({
      name: "pg_attrdef",
      columns: ["oid", "adrelid", "adnum", "adbin"],
      of: [columnDefaults],
      make: ({ lookUp }) =>
        lookUp(columnDefaults).map(({ schema, table, column, number, value }) => ({
          oid: defaultOid(schema, table, column),
          adrelid: relationOid(schema, table),
          adnum: number,
          adbin: value,
        })),
    }),
  ];
}

/** Numbers by name and relation's OID, as texts; those of the emulated relations, too. */
export function columnNumbers(
  emulated: readonly SystemRelation[],
): MadeMemo<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const fixed = emulated.map(({ oid, columns }) =>
    [String(oid), new Map(columns.map(({ name }, index) => [name, String(index + 1)]))] as const
  );
  return madeMemo("columns of relations", [attributes], ({ lookUp }) => {
    const numbers = new Map<string, Map<string, string>>(fixed);
    for (const { relationOid, name, number } of lookUp(attributes)) {
      const key = String(relationOid);
      const known = numbers.get(key);
      if (known === undefined) numbers.set(key, new Map([[name, String(number)]]));
      else known.set(name, String(number));
    }
    return numbers;
  });
}
