/**
 * information_schema: roles and privileges. The workspace's user owns all that is in the workspace, `project` owns the
 * project's tables, which the user may read; everybody may read the catalog.
 */
import type { CatalogRelation } from "../types.ts";
import { catalogName, emptyInformationRelation, informationRelation, pg } from "./information_schema_define.ts";

const user = "current_user()";
const tableWords = "['INSERT', 'SELECT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']";
const columnWords = "['INSERT', 'SELECT', 'UPDATE', 'REFERENCES']";
const isSystem = "n.nspname IN ('pg_catalog', 'information_schema')";

/** One row a grant on a table or view `c`: grantor, grantee, privilege_type, is_grantable. */
function grants(words: string): string {
  return `(
    SELECT c.oid, c.relname, n.nspname, CASE WHEN c.relowner = 11 THEN 'project' ELSE ${user} END AS grantor,
      CASE WHEN ${isSystem} THEN 'PUBLIC' ELSE ${user} END AS grantee,
      unnest(CASE WHEN ${isSystem} OR c.relowner = 11 THEN ['SELECT'] ELSE ${words} END) AS privilege_type,
      CASE WHEN ${isSystem} OR c.relowner = 11 THEN 'NO' ELSE 'YES' END AS is_grantable
    FROM ${pg("pg_class")} c JOIN ${
    pg("pg_namespace")
  } n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'v', 'f', 'p'))`;
}

const granted = {
  grantor: "g.grantor",
  grantee: "g.grantee",
  privilege_type: "g.privilege_type",
  is_grantable: "g.is_grantable",
};
const ofTable = { table_catalog: catalogName, table_schema: "g.nspname", table_name: "g.relname" };
/** role_…_grants leave out what everybody may do. */
const ofRoles = "WHERE g.grantee <> 'PUBLIC'";

function tableGrants(name: string, condition: string): CatalogRelation {
  return informationRelation(
    name,
    { ...granted, ...ofTable, with_hierarchy: "CASE WHEN g.privilege_type = 'SELECT' THEN 'YES' ELSE 'NO' END" },
    `FROM ${grants(tableWords)} AS g ${condition}`,
  );
}

function columnGrants(name: string, condition: string): CatalogRelation {
  return informationRelation(
    name,
    { ...granted, ...ofTable, column_name: "a.attname" },
    `FROM ${grants(columnWords)} AS g JOIN ${
      pg("pg_attribute")
    } a ON a.attrelid = g.oid AND a.attnum > 0 AND NOT a.attisdropped ${condition}`,
  );
}

function routineGrants(name: string, grantee: string): CatalogRelation {
  return informationRelation(
    name,
    {
      grantor: user,
      grantee,
      specific_catalog: catalogName,
      specific_schema: "n.nspname",
      specific_name: "p.proname || '_' || p.oid",
      routine_catalog: catalogName,
      routine_schema: "n.nspname",
      routine_name: "p.proname",
      privilege_type: "'EXECUTE'",
      is_grantable: `CASE WHEN ${grantee} = 'PUBLIC' THEN 'NO' ELSE 'YES' END`,
    },
    `FROM ${pg("pg_proc")} p JOIN ${pg("pg_namespace")} n ON n.oid = p.pronamespace`,
  );
}

function sequenceUsage(name: string): CatalogRelation {
  return informationRelation(
    name,
    {
      grantor: user,
      grantee: user,
      object_catalog: catalogName,
      object_schema: "n.nspname",
      object_name: "c.relname",
      object_type: "'SEQUENCE'",
      privilege_type: "'USAGE'",
      is_grantable: "'YES'",
    },
    `FROM ${pg("pg_class")} c JOIN ${pg("pg_namespace")} n ON n.oid = c.relnamespace WHERE c.relkind = 'S'`,
  );
}

export const informationPrivileges: readonly CatalogRelation[] = [
  informationRelation("enabled_roles", { role_name: user }, ""),
  tableGrants("table_privileges", ""),
  tableGrants("role_table_grants", ofRoles),
  columnGrants("column_privileges", ""),
  columnGrants("role_column_grants", ofRoles),
  routineGrants("routine_privileges", "'PUBLIC'"),
  routineGrants("role_routine_grants", user),
  sequenceUsage("usage_privileges"),
  sequenceUsage("role_usage_grants"),
  // No role is a member of another, and there are no composite types.
  ...["applicable_roles", "administrable_role_authorizations", "udt_privileges", "role_udt_grants"].map(
    emptyInformationRelation,
  ),
];
