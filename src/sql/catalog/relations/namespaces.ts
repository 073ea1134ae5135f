/** pg_namespace: the workspace's schemas, the project's buckets, and PostgreSQL's own. */
import type { CatalogRelation } from "../types.ts";
import { relation } from "./define.ts";
import { ownRows, roleOids, schemaOid, stateRows, temporarySchema } from "./objects.ts";

/** In PostgreSQL too everybody may look into these two. */
const everybody = "[concat(current_user, '=UC/', current_user), concat('=U/', current_user)]";

export const namespaces: readonly CatalogRelation[] = [
  relation(
    "pg_namespace",
    { oid: schemaOid("nspname"), nspname: "nspname", nspowner: "nspowner", nspacl: "nspacl" },
    `FROM (
      SELECT shown_schema AS nspname, ${roleOids.user} AS nspowner,
        CASE WHEN shown_schema = 'public' THEN ${everybody} END AS nspacl
      FROM ${ownRows("duckdb_schemas", "schema_name")} AS own WHERE shown_schema <> '${temporarySchema}'
      UNION ALL
      SELECT schema_name, ${roleOids.project}, ['project=UC/project', concat(current_user, '=U/project')]
      FROM ${stateRows("project_schemas", "schema_name")} AS buckets
      UNION ALL
      SELECT unnest(['pg_catalog', 'information_schema', 'pg_toast', '${temporarySchema}']), ${roleOids.user},
        unnest([${everybody}, ${everybody}, NULL, NULL])
    ) AS schemas`,
  ),
];
