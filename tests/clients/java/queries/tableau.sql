-- What Tableau asks and the statements that its worksheets make. CheckTools.java explains the lines of comments.

-- @ can temporary tables be made
CREATE LOCAL TEMPORARY TABLE "#Tableau_1_Connect" ("COL" INTEGER) ON COMMIT PRESERVE ROWS

-- @ the temporary table is filled
INSERT INTO "#Tableau_1_Connect" ("COL") VALUES (1)

-- @ the temporary table is read
-- = 1
SELECT "COL" FROM "#Tableau_1_Connect"

-- @ the temporary table is dropped
DROP TABLE "#Tableau_1_Connect"

-- @ schemas
-- = in_c_sales
-- = public
SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_toast' AND nspname <> 'information_schema' ORDER BY nspname

-- @ tables as its ODBC layer asks
-- = in_c_sales | orders | r
-- = public | tbook | r
-- = public | tview | v
select nspname, relname, relkind from pg_catalog.pg_class c, pg_catalog.pg_namespace n where relkind in ('r', 'v', 'm', 'f', 'p') and nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'pg_temp_1') and n.oid = relnamespace order by nspname, relname

-- @ foreign keys
-- = public | tbook | author_id | public | tauthor | id
SELECT tc.table_schema, tc.table_name, kcu.column_name, ccu.table_schema AS foreign_table_schema, ccu.table_name AS foreign_table_name, ccu.column_name AS foreign_column_name
FROM information_schema.table_constraints AS tc
JOIN information_schema.key_column_usage AS kcu ON tc.constraint_name = kcu.constraint_name AND tc.table_schema = kcu.table_schema
JOIN information_schema.constraint_column_usage AS ccu ON ccu.constraint_name = tc.constraint_name
WHERE tc.constraint_type = 'FOREIGN KEY'

-- @ description of a table
-- = 1 | 2
SELECT * FROM (SELECT * FROM "in_c_sales"."orders") "TableauSQL" ORDER BY 1 LIMIT 1

-- @ measure by month
-- = 2025-01-01* | 1262.5
-- rows 1
SELECT DATE_TRUNC('MONTH', CAST("orders"."ordered_at" AS DATE)) AS "tmn:ordered_at:ok", SUM("orders"."amount") AS "sum:amount:ok"
FROM "in_c_sales"."orders" "orders" GROUP BY 1 HAVING (COUNT(1) > 0)

-- @ date parts as integers
-- = 2025 | 1 | 100
SELECT CAST(TRUNC(EXTRACT(YEAR FROM "orders"."ordered_at")) AS INTEGER) AS "yr:ordered_at:ok", CAST(TRUNC(EXTRACT(QUARTER FROM "orders"."ordered_at")) AS INTEGER) AS "qr:ordered_at:ok",
  COUNT(DISTINCT "orders"."id") AS "ctd:id:ok"
FROM "in_c_sales"."orders" "orders" GROUP BY 1, 2

-- @ a join with a calculated field
-- = Ada | 25 | low
SELECT "customers"."name" AS "name", COUNT("orders"."id") AS "cnt:id:ok", (CASE WHEN (SUM("orders"."amount") > 1000000) THEN 'high' ELSE 'low' END) AS "usr:Calculation_1:nk"
FROM "in_c_sales"."orders" "orders" INNER JOIN "in_c_sales"."customers" "customers" ON ("orders"."customer_id" = "customers"."id") GROUP BY 1

-- @ a filter's domain
-- = Praha
-- rows 3
SELECT "customers"."city" AS "city" FROM "in_c_sales"."customers" "customers" GROUP BY 1 ORDER BY 1 ASC NULLS FIRST

-- @ top customers
-- = Dvořák, Jan
SELECT "customers"."name" AS "name", "t0"."X_measure__0" AS "$__alias__0" FROM "in_c_sales"."customers" "customers"
INNER JOIN (SELECT "orders"."customer_id" AS "customer_id", SUM("orders"."amount") AS "X_measure__0" FROM "in_c_sales"."orders" "orders" GROUP BY 1 ORDER BY 2 DESC, 1 ASC LIMIT 2) "t0"
ON ("customers"."id" IS NOT DISTINCT FROM "t0"."customer_id") ORDER BY 2 DESC
