/**
 * The names, OIDs and columns of PostgreSQL 16's relations in pg_catalog, from `postgres_columns.txt`: what each
 * emulated relation must look like, and what the catalog says of itself.
 */
import type { CatalogColumn, CatalogColumnType } from "../types.ts";
import text from "./postgres_columns.txt" with { type: "text" };

export interface PostgresColumn extends CatalogColumn {
  readonly notNull: boolean;
}

export interface PostgresRelation {
  readonly name: string;
  readonly oid: number;
  readonly kind: "table" | "view";
  readonly columns: readonly PostgresColumn[];
}

/** By name, in the order of the file, which is the alphabet's. */
export const postgresRelations: ReadonlyMap<string, PostgresRelation> = new Map(
  dataLines(text).map((line) => {
    const relation = parseRelation(line);
    return [relation.name, relation] as const;
  }),
);

/** The lines of a data file that are neither empty nor a comment. */
export function dataLines(file: string): string[] {
  return file.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

/** Reads `pg_am 2601 table: oid oid!, amname name!, …`. */
function parseRelation(line: string): PostgresRelation {
  const match = /^(\w+) (\d+) (table|view): (.+)$/.exec(line);
  if (match === null) throw new Error(`not a relation: ${line}`);
  const [, name, oid, kind, columns] = match as unknown as [string, string, string, "table" | "view", string];
  return { name, oid: Number(oid), kind, columns: columns.split(", ").map(parseColumn) };
}

function parseColumn(text: string): PostgresColumn {
  const match = /^(\w+) ([a-z0-9_]+(?:\[\])?)(!?)$/.exec(text);
  if (match === null) throw new Error(`not a column: ${text}`);
  const [, name, type, mark] = match as unknown as [string, string, string, string];
  return { name, type: type as CatalogColumnType, notNull: mark === "!" };
}
