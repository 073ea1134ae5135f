/**
 * Roles: the workspace's user, who may log in, and `project`, who owns the project's tables and cannot. There are no
 * others, no memberships and no passwords to be seen.
 */
import type { CatalogRelation } from "../types.ts";
import { emptyRelation, relation } from "./define.ts";
import { roleOids } from "./objects.ts";

const roles = `(
  SELECT unnest([${roleOids.user}, ${roleOids.project}]) AS oid, unnest([current_user, 'project']) AS name,
    unnest([true, false]) AS may_log_in) AS roles`;

/** What PostgreSQL shows of a password to those who may not see it. */
const hiddenPassword = "'********'";

const attributes = {
  oid: "oid",
  rolname: "name",
  rolinherit: "true",
  rolcanlogin: "may_log_in",
  rolsuper: "false",
  rolcreaterole: "false",
  rolcreatedb: "false",
  rolreplication: "false",
  rolbypassrls: "false",
  rolconnlimit: "-1",
};

const user = {
  usename: "name",
  usesysid: "oid",
  usecreatedb: "false",
  usesuper: "false",
  userepl: "false",
  usebypassrls: "false",
};

export const roleRelations: readonly CatalogRelation[] = [
  relation("pg_authid", attributes, `FROM ${roles}`),
  relation("pg_roles", { ...attributes, rolpassword: hiddenPassword }, `FROM ${roles}`),
  relation("pg_user", { ...user, passwd: hiddenPassword }, `FROM ${roles} WHERE may_log_in`),
  relation("pg_shadow", user, `FROM ${roles} WHERE may_log_in`),
  relation("pg_group", { groname: "name", grosysid: "oid", grolist: "[]" }, `FROM ${roles} WHERE NOT may_log_in`),
  emptyRelation("pg_auth_members"),
  emptyRelation("pg_db_role_setting"),
];
