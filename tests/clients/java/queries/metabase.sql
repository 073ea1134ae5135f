-- What Metabase asks at a sync, and the statements that its questions make. CheckTools.java explains the lines of comments.

-- @ tables
-- = in_c_sales | orders | TABLE
-- = public | tauthor | TABLE | people who write
-- = public | tview | VIEW
SELECT "n"."nspname" AS "schema", "c"."relname" AS "name", CASE "c"."relkind" WHEN 'r' THEN 'TABLE' WHEN 'p' THEN 'PARTITIONED TABLE' WHEN 'v' THEN 'VIEW' WHEN 'f' THEN 'FOREIGN TABLE'
  WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE NULL END AS "type", "d"."description" AS "description", NULLIF("stat"."n_live_tup", 0) AS "estimated_row_count"
FROM "pg_catalog"."pg_class" AS "c" INNER JOIN "pg_catalog"."pg_namespace" AS "n" ON "c"."relnamespace" = "n"."oid"
LEFT JOIN "pg_catalog"."pg_description" AS "d" ON ("c"."oid" = "d"."objoid") AND ("d"."objsubid" = 0) AND ("d"."classoid" = 'pg_class'::regclass)
LEFT JOIN "pg_stat_user_tables" AS "stat" ON ("n"."nspname" = "stat"."schemaname") AND ("c"."relname" = "stat"."relname")
WHERE ("n"."nspname" !~ '^pg_') AND ("n"."nspname" <> 'information_schema') AND "c"."relkind" IN ('r', 'p', 'v', 'f', 'm') ORDER BY "type" ASC, "schema" ASC, "name" ASC

-- @ fields
-- = id | int4 | 0 | public | tauthor | t
-- = name | text | 1 | public | tauthor | f | full name | t
-- = color | tcolor | public | tauthor2 | f
-- = amount | float8 | 2 | in_c_sales | orders | f
SELECT "c"."column_name" AS "name", CASE WHEN "c"."udt_schema" IN ('public', 'pg_catalog') THEN FORMAT('%s', "c"."udt_name") ELSE FORMAT('"%s"."%s"', "c"."udt_schema", "c"."udt_name") END AS "database-type",
  "c"."ordinal_position" - 1 AS "database-position", "c"."table_schema" AS "table-schema", "c"."table_name" AS "table-name", "pk"."column_name" IS NOT NULL AS "pk?",
  COL_DESCRIPTION(CAST(CAST(FORMAT('%I.%I', CAST("c"."table_schema" AS TEXT), CAST("c"."table_name" AS TEXT)) AS REGCLASS) AS OID), "c"."ordinal_position") AS "field-comment",
  (("column_default" IS NULL) OR (LOWER("column_default") = 'null')) AND ("is_nullable" = 'NO') AND NOT ((("column_default" IS NOT NULL) AND ("column_default" LIKE '%nextval(%')) OR ("is_identity" <> 'NO')) AS "database-required",
  (("column_default" IS NOT NULL) AND ("column_default" LIKE '%nextval(%')) OR ("is_identity" <> 'NO') AS "database-is-auto-increment"
FROM "information_schema"."columns" AS "c"
LEFT JOIN (SELECT "tc"."table_schema", "tc"."table_name", "kc"."column_name" FROM "information_schema"."table_constraints" AS "tc"
  INNER JOIN "information_schema"."key_column_usage" AS "kc" ON ("tc"."constraint_name" = "kc"."constraint_name") AND ("tc"."table_schema" = "kc"."table_schema") AND ("tc"."table_name" = "kc"."table_name")
  WHERE "tc"."constraint_type" = 'PRIMARY KEY') AS "pk"
ON ("c"."table_schema" = "pk"."table_schema") AND ("c"."table_name" = "pk"."table_name") AND ("c"."column_name" = "pk"."column_name")
WHERE c.table_schema !~ '^information_schema|catalog_history|pg_'
UNION ALL
SELECT "pa"."attname" AS "name", CASE WHEN "ptn"."nspname" IN ('public', 'pg_catalog') THEN FORMAT('%s', "pt"."typname") ELSE FORMAT('"%s"."%s"', "ptn"."nspname", "pt"."typname") END AS "database-type",
  "pa"."attnum" - 1 AS "database-position", "pn"."nspname" AS "table-schema", "pc"."relname" AS "table-name", FALSE AS "pk?", NULL AS "field-comment", FALSE AS "database-required", FALSE AS "database-is-auto-increment"
FROM "pg_catalog"."pg_class" AS "pc" INNER JOIN "pg_catalog"."pg_namespace" AS "pn" ON "pn"."oid" = "pc"."relnamespace" INNER JOIN "pg_catalog"."pg_attribute" AS "pa" ON "pa"."attrelid" = "pc"."oid"
INNER JOIN "pg_catalog"."pg_type" AS "pt" ON "pt"."oid" = "pa"."atttypid" INNER JOIN "pg_catalog"."pg_namespace" AS "ptn" ON "ptn"."oid" = "pt"."typnamespace"
WHERE "pc"."relkind" = 'm' AND "pa"."attnum" >= 1
ORDER BY "table-schema" ASC, "table-name" ASC, "database-position" ASC

-- @ foreign keys
-- = public | tbook | author_id | public | tauthor | id
-- rows 1
SELECT "fk_ns"."nspname" AS "fk-table-schema", "fk_table"."relname" AS "fk-table-name", "fk_column"."attname" AS "fk-column-name", "pk_ns"."nspname" AS "pk-table-schema",
  "pk_table"."relname" AS "pk-table-name", "pk_column"."attname" AS "pk-column-name"
FROM "pg_constraint" AS "c" INNER JOIN "pg_class" AS "fk_table" ON "c"."conrelid" = "fk_table"."oid" INNER JOIN "pg_namespace" AS "fk_ns" ON "c"."connamespace" = "fk_ns"."oid"
INNER JOIN "pg_attribute" AS "fk_column" ON "c"."conrelid" = "fk_column"."attrelid" INNER JOIN "pg_class" AS "pk_table" ON "c"."confrelid" = "pk_table"."oid"
INNER JOIN "pg_namespace" AS "pk_ns" ON "pk_table"."relnamespace" = "pk_ns"."oid" INNER JOIN "pg_attribute" AS "pk_column" ON "c"."confrelid" = "pk_column"."attrelid"
WHERE fk_ns.nspname !~ '^information_schema|catalog_history|pg_' AND "c"."contype" = 'f'::char AND "fk_column"."attnum" = ANY("c"."conkey") AND "pk_column"."attnum" = ANY("c"."confkey")
ORDER BY "fk-table-schema" ASC, "fk-table-name" ASC

-- @ first columns of indexes
-- = public | tbook | title
-- = public | tauthor | id
SELECT "tmp"."table-schema", "tmp"."table-name", TRIM(BOTH '"' FROM PG_GET_INDEXDEF("tmp"."ci_oid", "tmp"."pos", FALSE)) AS "field-name"
FROM (SELECT "n"."nspname" AS "table-schema", "ct"."relname" AS "table-name", "ci"."oid" AS "ci_oid", (information_schema._pg_expandarray("i"."indkey")).n AS "pos"
  FROM "pg_catalog"."pg_class" AS "ct" INNER JOIN "pg_catalog"."pg_namespace" AS "n" ON "ct"."relnamespace" = "n"."oid" INNER JOIN "pg_index" AS "i" ON "ct"."oid" = "i"."indrelid"
  INNER JOIN "pg_catalog"."pg_class" AS "ci" ON "ci"."oid" = "i"."indexrelid"
  WHERE (pg_catalog.pg_get_expr("i"."indpred", "i"."indrelid") IS NULL) AND n.nspname !~ '^information_schema|catalog_history|pg_') AS "tmp"
WHERE "tmp"."pos" = 1

-- @ privileges
-- = in_c_sales | orders | t | f
-- = public | tbook | t | t
with table_privileges as (
  select NULL as role, t.schemaname as schema, t.objectname as table,
    pg_catalog.has_any_column_privilege(current_user, '"' || replace(t.schemaname, '"', '""') || '"' || '.' || '"' || replace(t.objectname, '"', '""') || '"', 'select') as "select",
    pg_catalog.has_any_column_privilege(current_user, '"' || replace(t.schemaname, '"', '""') || '"' || '.' || '"' || replace(t.objectname, '"', '""') || '"', 'references') as "update",
    pg_catalog.has_table_privilege(current_user, '"' || replace(t.schemaname, '"', '""') || '"' || '.' || '"' || replace(t.objectname, '"', '""') || '"', 'truncate') as "delete"
  from (select schemaname, tablename as objectname from pg_catalog.pg_tables union select schemaname, viewname as objectname from pg_catalog.pg_views
    union select schemaname, matviewname as objectname from pg_catalog.pg_matviews) t
  where t.schemaname !~ '^pg_' and t.schemaname <> 'information_schema' and pg_catalog.has_schema_privilege(current_user, t.schemaname, 'usage'))
select t.* from table_privileges t where t.select or t.update or t.delete

-- @ enums
-- = public | tcolor
SELECT nspname, typname FROM pg_type t LEFT JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.oid IN (SELECT DISTINCT enumtypid FROM pg_enum e)

-- @ schemas that the user may read
-- = in_c_sales
SELECT n.nspname FROM pg_namespace n WHERE has_schema_privilege(n.nspname, 'USAGE') AND n.nspname NOT LIKE 'pg\_%'

-- @ time zone
-- = $TIMEZONE
SELECT current_setting('TIMEZONE')

-- @ samples for fingerprints
-- = 1 | 2 | 0.25 | note 1
-- rows 100
SELECT "source"."id", "source"."customer_id", "source"."amount", "source"."substring1" FROM (SELECT "in_c_sales"."orders"."id" AS "id", "in_c_sales"."orders"."customer_id" AS "customer_id",
  "in_c_sales"."orders"."amount" AS "amount", SUBSTRING("in_c_sales"."orders"."note", 1, 1234) AS "substring1" FROM "in_c_sales"."orders" LIMIT 10000) AS "source"

-- @ sum by month
-- = 2025-01-01 00:00:00 | 1262.5
SELECT DATE_TRUNC('month', "in_c_sales"."orders"."ordered_at") AS "ordered_at", SUM("in_c_sales"."orders"."amount") AS "sum" FROM "in_c_sales"."orders"
GROUP BY DATE_TRUNC('month', "in_c_sales"."orders"."ordered_at") ORDER BY DATE_TRUNC('month', "in_c_sales"."orders"."ordered_at") ASC

-- @ by week that begins on Sunday
-- = 2024-12-29 00:00:00
SELECT (DATE_TRUNC('week', ("ordered_at" + INTERVAL '1 day')) + INTERVAL '-1 day') AS "ordered_at", COUNT(*) AS "count" FROM "in_c_sales"."orders" GROUP BY 1 ORDER BY 1 ASC

-- @ by day of the week
-- rows 7
SELECT CAST(extract(dow from "ordered_at") AS integer) + 1 AS "ordered_at", count(*) AS "count" FROM "in_c_sales"."orders" GROUP BY CAST(extract(dow from "ordered_at") AS integer) + 1 ORDER BY 1

-- @ histogram
-- = 0 | 19
-- = 20 | 20
SELECT FLOOR(("in_c_sales"."orders"."amount" / 5.0)) * 5.0 AS "amount", COUNT(*) AS "count" FROM "in_c_sales"."orders" GROUP BY 1 ORDER BY 1 ASC

-- @ joined with a filter in a parameter
-- = Ada
-- rows 2
-- ? SELECT 'Praha'
SELECT "source"."name" FROM (SELECT "c"."name" AS "name", "c"."city" AS "city" FROM "in_c_sales"."customers" AS "c") AS "source" WHERE "source"."city" = ? ORDER BY 1 LIMIT 1048575

-- @ relative dates
-- rows 0
SELECT "id" FROM "in_c_sales"."orders" WHERE "ordered_at" >= DATE_TRUNC('month', (NOW() + INTERVAL '1 month')) AND "ordered_at" < DATE_TRUNC('month', (NOW() + INTERVAL '2 month'))
