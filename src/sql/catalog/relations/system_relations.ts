/**
 * The emulated relations themselves, as rows that pg_class and pg_attribute have for them: PostgreSQL's OIDs, kinds and
 * columns.
 */
import type { CatalogRelation } from "../types.ts";
import { schemaOids } from "./objects.ts";
import { dataLines, type PostgresColumn, postgresRelations } from "./postgres_columns.ts";
import informationOids from "./postgres_information_oids.txt" with { type: "text" };

export interface SystemRelation {
  readonly oid: number;
  readonly name: string;
  readonly namespaceOid: number;
  /** pg_class.relkind. */
  readonly kind: "r" | "v";
  readonly columns: readonly PostgresColumn[];
}

const oidsOfInformationSchema: ReadonlyMap<string, number> = new Map(
  dataLines(informationOids).map((line) => {
    const [name, oid] = line.split(" ") as [string, string];
    return [name, Number(oid)] as const;
  }),
);

/** Throws when PostgreSQL's information_schema has no relation of that name. */
export function systemRelations(informationSchema: readonly CatalogRelation[]): SystemRelation[] {
  const kindOf = (kind: CatalogRelation["kind"]) => kind === "table" ? "r" : "v";
  const catalog = [...postgresRelations.values()].map(({ oid, name, kind, columns }): SystemRelation => ({
    oid,
    name,
    namespaceOid: schemaOids.pg_catalog,
    kind: kindOf(kind),
    columns,
  }));
  const information = informationSchema.map(({ name, kind, columns }): SystemRelation => {
    const oid = oidsOfInformationSchema.get(name);
    if (oid === undefined) throw new Error(`PostgreSQL has no information_schema.${name}`);
    return {
      oid,
      name,
      namespaceOid: schemaOids.information_schema,
      kind: kindOf(kind),
      columns: columns.map((column) => ({ ...column, notNull: false })),
    };
  });
  return [...catalog, ...information];
}

export function schemaNameOf(relation: SystemRelation): string {
  return relation.namespaceOid === schemaOids.pg_catalog ? "pg_catalog" : "information_schema";
}
