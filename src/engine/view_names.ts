/** Which of the workspace's committed relations are views. */
import { ownRows } from "../sql/catalog/relations/objects.ts";
import { quoteLiteral } from "./duckdb.ts";
import type { Lookups } from "./lookups.ts";

/** `schemas` as PostgreSQL shows them. */
export async function isView(lookups: Lookups, schemas: readonly string[], name: string): Promise<boolean> {
  const found = await lookups.rows(
    `SELECT 1 FROM ${ownRows("duckdb_views", "view_name")} AS views
     WHERE lower(view_name)=lower(${quoteLiteral(name)}) AND shown_schema IN (${
      schemas.map(quoteLiteral).join(", ")
    }) LIMIT 1`,
  );
  return found.length > 0;
}
