/** Which of the workspace's relations are views. */
import { ownRows } from "../sql/catalog/relations/objects.ts";
import { type Connection, quoteLiteral, rows } from "./duckdb.ts";

/** `schemas` as PostgreSQL shows them. The connection must be free. */
export async function isView(connection: Connection, schemas: readonly string[], name: string): Promise<boolean> {
  const found = await rows(
    connection,
    `SELECT 1 FROM ${ownRows("duckdb_views", "view_name")} AS views
     WHERE lower(view_name)=lower(${quoteLiteral(name)}) AND shown_schema IN (${
      schemas.map(quoteLiteral).join(", ")
    }) LIMIT 1`,
  );
  return found.length > 0;
}
