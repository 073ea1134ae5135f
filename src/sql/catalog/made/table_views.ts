/** pg_tables and pg_indexes, and what the statistics views are made of: tables and indexes by name. */
import { quoteIdentifier } from "../functions/keywords.ts";
import { shownSql } from "../functions/shown_sql.ts";
import { madePart } from "../memo/parts.ts";
import { roleOids } from "../relations/objects.ts";
import { schemaNameOf, type SystemRelation } from "../relations/system_relations.ts";
import type { CatalogRelation } from "../types.ts";
import { relations, tableFacts } from "./classes.ts";
import { madeRelation, type NamedValues } from "./define.ts";
import { ownIndexes, placeOf, projectKeys } from "./keys.ts";

/** SQL without parentheses: oid, schema_name, name, row_count of the tables of workspace and project. */
export const userTables = madePart(
  "user_tables",
  [
    { name: "oid", type: "UINTEGER" },
    { name: "schema_name", type: "VARCHAR" },
    { name: "name", type: "VARCHAR" },
    { name: "row_count", type: "BIGINT" },
  ],
  "data",
  [relations, tableFacts],
  ({ lookUp }) => ({
    fixed: [],
    others: lookUp(relations).filter(({ kind }) => kind === "r").map(({ oid, schema, name }) => [
      oid,
      schema,
      name,
      lookUp(tableFacts).get(placeOf(schema, name))?.rowCount ?? 0,
    ]),
  }),
);

/** SQL without parentheses: schema_name, table_name, index_name of the indexes of workspace and project. */
export const userIndexes = madePart(
  "user_indexes",
  [
    { name: "schema_name", type: "VARCHAR" },
    { name: "table_name", type: "VARCHAR" },
    { name: "index_name", type: "VARCHAR" },
  ],
  "definitions",
  [ownIndexes, projectKeys],
  ({ lookUp }) => ({
    fixed: [],
    others: [...lookUp(ownIndexes), ...lookUp(projectKeys)].map(({ schema, table, name }) => [schema, table, name]),
  }),
);

/** CREATE INDEX as PostgreSQL prints it; `keys` are ready to be printed. */
export function indexDefinition(
  index: { schema: string; table: string; name: string; isUnique: boolean },
  keys: readonly string[],
): string {
  const place = `${quoteIdentifier(index.schema)}.${quoteIdentifier(index.table)}`;
  const unique = index.isUnique ? "UNIQUE " : "";
  return `CREATE ${unique}INDEX ${quoteIdentifier(index.name)} ON ${place} USING btree (${keys.join(", ")})`;
}

function tables(system: readonly SystemRelation[]): CatalogRelation {
  const values = (
    schema: string,
    name: string,
    owner: string,
    hasIndexes: boolean,
    hasTriggers: boolean,
  ): NamedValues => ({
    schemaname: schema,
    tablename: name,
    tableowner: owner,
    hasindexes: hasIndexes,
    hasrules: false,
    hastriggers: hasTriggers,
    rowsecurity: false,
  });
  return madeRelation({
    name: "pg_tables",
    columns: Object.keys(values("", "", "", false, false)),
    of: [relations, tableFacts],
    fixed: (username) =>
      system.filter(({ kind }) => kind === "r").map((table) =>
        values(schemaNameOf(table), table.name, username, false, false)
      ),
    make: ({ lookUp, username }) =>
      lookUp(relations).filter(({ kind }) => kind === "r").map(({ schema, name, owner }) => {
        const facts = lookUp(tableFacts).get(placeOf(schema, name));
        const ownerName = owner === roleOids.project ? "project" : username;
        return values(schema, name, ownerName, facts?.hasIndex ?? false, facts?.hasTriggers ?? false);
      }),
  });
}

export function tableViews(system: readonly SystemRelation[]): CatalogRelation[] {
  return [
    tables(system),
    madeRelation({
      name: "pg_indexes",
      columns: ["schemaname", "tablename", "indexname", "indexdef"],
      of: [ownIndexes, projectKeys],
      make: ({ lookUp, database }) =>
        [
          ...lookUp(ownIndexes),
          ...lookUp(projectKeys).map((key) => ({
            ...key,
            isUnique: true,
            isKey: true,
            keyNames: key.keys.map((entry) => entry.key),
          })),
        ].map((index) => {
          const keys = index.keyNames.map((key) =>
            !index.isKey && key.startsWith("(") ? shownSql(key, database) : quoteIdentifier(key)
          );
          return {
            schemaname: index.schema,
            tablename: index.table,
            indexname: index.name,
            indexdef: indexDefinition(index, keys),
          };
        }),
    }),
  ];
}
