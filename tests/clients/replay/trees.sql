-- Which view reads which table: dbt, Superset, DBeaver and pgAdmin draw trees from these.

-- @ dbt: relations that others read
-- = public | tbook | public | tview
WITH relation AS (SELECT pg_rewrite.ev_class AS class, pg_rewrite.oid AS id FROM pg_rewrite),
class AS (SELECT oid AS id, relname AS name, relnamespace AS schema, relkind AS kind FROM pg_class),
dependency AS (SELECT DISTINCT pg_depend.objid AS id, pg_depend.refobjid AS ref FROM pg_depend),
schema AS (SELECT pg_namespace.oid AS id, pg_namespace.nspname AS name FROM pg_namespace WHERE nspname != 'information_schema' AND nspname NOT LIKE 'pg\_%'),
referenced AS (SELECT relation.id AS id, rc.name, rc.schema, rc.kind FROM relation JOIN class AS rc ON relation.class = rc.id WHERE rc.kind IN ('r', 'v', 'm')),
relationships AS (
  SELECT DISTINCT referenced.name AS dependent_name, referenced.schema AS dependent_schema, dependent_class.name, dependent_class.schema
  FROM referenced JOIN dependency ON referenced.id = dependency.id JOIN class AS dependent_class ON dependency.ref = dependent_class.id AND dependent_class.kind IN ('r', 'v', 'm'))
SELECT s1.name AS referenced_schema, relationships.name AS referenced_name, s2.name AS dependent_schema, dependent_name
FROM relationships JOIN schema s1 ON relationships.schema = s1.id JOIN schema s2 ON relationships.dependent_schema = s2.id
WHERE (relationships.name, s1.name) <> (dependent_name, s2.name) ORDER BY 1, 2, 3, 4

-- @ columns that a view reads
-- = tview | tbook | id
-- = tview | tbook | title
SELECT v.relname, t.relname, a.attname FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass JOIN pg_class v ON v.oid = r.ev_class
JOIN pg_class t ON t.oid = d.refobjid AND d.refclassid = 'pg_class'::regclass JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE v.relname = 'tview' AND d.deptype = 'n' ORDER BY 1, 2, 3

-- @ tables of a view
-- = public | tview | public | tbook
SELECT view_schema, view_name, table_schema, table_name FROM information_schema.view_table_usage WHERE view_name = 'tview'

-- @ columns of a view's tables
-- = tview | tbook | title
SELECT view_name, table_name, column_name FROM information_schema.view_column_usage WHERE view_name = 'tview' ORDER BY 1, 2, 3

-- @ objects that depend on a table
-- = tview | v
SELECT DISTINCT c.relname, c.relkind FROM pg_depend dep LEFT JOIN pg_rewrite rw ON dep.objid = rw.oid JOIN pg_class c ON c.oid = rw.ev_class
WHERE dep.refobjid = 'tbook'::regclass::oid AND dep.classid = 'pg_rewrite'::regclass AND c.relname <> 'tbook'
