/** What belongs to the server as a whole: the database, tablespaces, collations, languages, time zones. */
import type { CatalogRelation } from "../types.ts";
import { objectOid, relation } from "./define.ts";
import { roleOids, schemaOids } from "./objects.ts";
import { dataLines } from "./postgres_columns.ts";
import conversions from "./postgres_conversions.txt" with { type: "text" };
import { staticRows } from "./static_rows.ts";

/** SQL of the OID of the workspace's database, the only one there is. */
export const databaseOid = objectOid("database", "''", "current_database()");

const owner = String(roleOids.user);
const defaultTablespace = 1663;
/** pg_enc: UTF8. */
const utf8 = 6;

export const serverRelations: readonly CatalogRelation[] = [
  relation("pg_database", {
    oid: databaseOid,
    datname: "current_database()",
    datdba: owner,
    encoding: String(utf8),
    datlocprovider: "'c'",
    datallowconn: "true",
    datconnlimit: "-1",
    // The first ordinary transaction: nothing is ever frozen here.
    datfrozenxid: "3",
    datminmxid: "1",
    dattablespace: String(defaultTablespace),
    datcollate: "'C'",
    datctype: "'C'",
  }, ""),
  relation(
    "pg_tablespace",
    { oid: "oid", spcname: "name", spcowner: owner },
    `FROM ${
      staticRows(["oid UINTEGER", "name VARCHAR"], [[defaultTablespace, "pg_default"], [1664, "pg_global"]])
    } AS spaces`,
  ),
  relation(
    "pg_collation",
    {
      oid: "oid",
      collname: "name",
      collnamespace: String(schemaOids.pg_catalog),
      collowner: owner,
      collprovider: "provider",
      collisdeterministic: "true",
      collencoding: "-1",
      collcollate: "locale",
      collctype: "locale",
      colliculocale: "icu_locale",
    },
    // After PostgreSQL's three those of DuckDB that a COLLATE can name.
    `FROM (
      SELECT oid, name, provider, locale, NULL AS icu_locale FROM ${
      staticRows(["oid UINTEGER", "name VARCHAR", "provider VARCHAR", "locale VARCHAR?"], [
        [100, "default", "d", ""],
        [950, "C", "c", "C"],
        [951, "POSIX", "c", "POSIX"],
      ])
    } AS fixed
      UNION ALL
      SELECT ${objectOid("collation", "'pg_catalog'", "collname")}, collname, 'i', NULL, collname
      FROM system.main.pragma_collations()
    ) AS collations`,
  ),
  relation(
    "pg_language",
    { oid: "oid", lanname: "name", lanowner: owner, lanpltrusted: "trusted" },
    `FROM ${
      staticRows(["oid UINTEGER", "name VARCHAR", "trusted BOOLEAN"], [
        [12, "internal", false],
        [13, "c", false],
        [14, "sql", true],
      ])
    } AS languages`,
  ),
  relation(
    "pg_timezone_names",
    { name: "name", abbrev: "abbrev", utc_offset: "utc_offset", is_dst: "is_dst" },
    "FROM system.main.pg_timezone_names()",
  ),
  relation(
    "pg_conversion",
    {
      oid: "oid",
      conname: "name",
      connamespace: String(schemaOids.pg_catalog),
      conowner: owner,
      conforencoding: "from_encoding",
      contoencoding: "to_encoding",
      conproc: "function",
      condefault: "true",
    },
    `FROM ${
      staticRows(
        ["oid UINTEGER", "name VARCHAR", "from_encoding INTEGER", "to_encoding INTEGER", "function UINTEGER"],
        dataLines(conversions).map((line) => line.split(" ").map((part, index) => index === 1 ? part : Number(part))),
      )
    } AS conversions`,
  ),
  // The names of zones that are abbreviations: DuckDB accepts these and no others.
  relation(
    "pg_timezone_abbrevs",
    { abbrev: "name", utc_offset: "utc_offset", is_dst: "is_dst" },
    "FROM system.main.pg_timezone_names() WHERE regexp_full_match(name, '[A-Z]{3,5}')",
  ),
];
