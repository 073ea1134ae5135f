-- Django, Sequelize, TypeORM, Knex, SQLAlchemy in Superset, GORM: how they look at tables.

-- @ Django: tables and views
-- = tbook | t
-- = tview | v
SELECT c.relname, CASE WHEN c.relispartition THEN 'p' WHEN c.relkind IN ('m', 'v') THEN 'v' ELSE 't' END, obj_description(c.oid, 'pg_class')
FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('f', 'm', 'p', 'r', 'v') AND n.nspname NOT IN ('pg_catalog', 'pg_toast') AND pg_catalog.pg_table_is_visible(c.oid)

-- @ Django: columns
-- = id | f | nextval('tbook_id_seq'::regclass) | NULL | f
SELECT a.attname AS column_name, NOT (a.attnotnull OR (t.typtype = 'd' AND t.typnotnull)) AS is_nullable, pg_get_expr(ad.adbin, ad.adrelid) AS column_default,
  CASE WHEN collname = 'default' THEN NULL ELSE collname END AS collation, a.attidentity != '' AS is_autofield, col_description(a.attrelid, a.attnum) AS column_comment
FROM pg_attribute a LEFT JOIN pg_attrdef ad ON a.attrelid = ad.adrelid AND a.attnum = ad.adnum LEFT JOIN pg_collation co ON a.attcollation = co.oid JOIN pg_type t ON a.atttypid = t.oid
JOIN pg_class c ON a.attrelid = c.oid JOIN pg_namespace n ON c.relnamespace = n.oid
WHERE c.relkind IN ('f', 'm', 'p', 'r', 'v') AND c.relname = 'tbook' AND n.nspname NOT IN ('pg_catalog', 'pg_toast') AND pg_catalog.pg_table_is_visible(c.oid)

-- @ Django: constraints
-- = tbook_pkey | {id} | p | NULL
-- = tbook_author_id_fkey | {author_id} | f | tauthor.id
SELECT c.conname, array(SELECT attname FROM unnest(c.conkey) WITH ORDINALITY cols(colid, arridx) JOIN pg_attribute AS ca ON cols.colid = ca.attnum WHERE ca.attrelid = c.conrelid ORDER BY cols.arridx), c.contype,
  (SELECT fkc.relname || '.' || fka.attname FROM pg_attribute AS fka JOIN pg_class AS fkc ON fka.attrelid = fkc.oid WHERE fka.attrelid = c.confrelid AND fka.attnum = c.confkey[1]), cl.reloptions
FROM pg_constraint AS c JOIN pg_class AS cl ON c.conrelid = cl.oid WHERE cl.relname = 'tbook' AND pg_catalog.pg_table_is_visible(cl.oid)

-- @ Django: indexes with their order
-- = tbook_title | {title} | f | f | {ASC} | btree
SELECT indexname, array_agg(attname ORDER BY arridx), indisunique, indisprimary, array_agg(ordering ORDER BY arridx), amname, exprdef, s2.attoptions
FROM (
  SELECT c2.relname AS indexname, idx.*, attr.attname, am.amname,
    CASE WHEN idx.indexprs IS NOT NULL THEN pg_get_indexdef(idx.indexrelid) END AS exprdef,
    CASE am.amname WHEN 'btree' THEN CASE (option & 1) WHEN 1 THEN 'DESC' ELSE 'ASC' END END AS ordering, c2.reloptions AS attoptions
  FROM (SELECT * FROM pg_index i, unnest(i.indkey, i.indoption) WITH ORDINALITY koi(key, option, arridx)) idx
  LEFT JOIN pg_class c ON idx.indrelid = c.oid LEFT JOIN pg_class c2 ON idx.indexrelid = c2.oid LEFT JOIN pg_am am ON c2.relam = am.oid
  LEFT JOIN pg_attribute attr ON attr.attrelid = c.oid AND attr.attnum = idx.key
  WHERE c.relname = 'tbook' AND pg_catalog.pg_table_is_visible(c.oid)
) s2 GROUP BY indexname, indisunique, indisprimary, amname, exprdef, attoptions

-- @ Sequelize: how a connection begins
SET client_min_messages TO warning; SET TIME ZONE INTERVAL '+00:00' HOUR TO MINUTE

-- @ Sequelize: the moment in that zone
-- = 2024-01-15 12:00:00+00
SELECT timestamptz '2024-01-15 12:00:00+00'

-- @ Sequelize: a table
-- = id | Constraint | NO
-- = title | NULL | YES
SELECT pk.constraint_type AS "Constraint", c.column_name AS "Field", CASE WHEN pk.constraint_type IS NOT NULL THEN 'Constraint' END AS kind, c.column_default AS "Default", c.is_nullable AS "Null",
  (SELECT array_agg(e.enumlabel) FROM pg_catalog.pg_type t JOIN pg_catalog.pg_enum e ON t.oid = e.enumtypid WHERE t.typname = c.udt_name) AS "special",
  (SELECT pgd.description FROM pg_catalog.pg_statio_all_tables AS st INNER JOIN pg_catalog.pg_description pgd ON (pgd.objoid = st.relid) WHERE c.ordinal_position = pgd.objsubid AND c.table_name = st.relname) AS "Comment"
FROM information_schema.columns c LEFT JOIN (SELECT tc.table_schema, tc.table_name, cu.column_name, tc.constraint_type FROM information_schema.table_constraints tc
  JOIN information_schema.key_column_usage cu ON tc.table_schema = cu.table_schema AND tc.table_name = cu.table_name AND tc.constraint_name = cu.constraint_name AND tc.constraint_type = 'PRIMARY KEY') pk
  ON pk.table_schema = c.table_schema AND pk.table_name = c.table_name AND pk.column_name = c.column_name
WHERE c.table_name = 'tbook' AND c.table_schema = 'public'

-- @ TypeORM: columns with their types
-- = public | tbook | tags | text[]
SELECT columns.table_schema, columns.table_name, columns.column_name, pg_catalog.format_type(col_attr.atttypid, col_attr.atttypmod) AS format_type, pg_catalog.col_description(('"' || table_catalog || '"."' || table_schema || '"."' || table_name || '"')::regclass::oid, ordinal_position) AS description
FROM information_schema.columns LEFT JOIN pg_catalog.pg_attribute AS col_attr ON col_attr.attname = columns.column_name
  AND col_attr.attrelid = (SELECT cls.oid FROM pg_catalog.pg_class AS cls LEFT JOIN pg_catalog.pg_namespace AS ns ON ns.oid = cls.relnamespace WHERE cls.relname = columns.table_name AND ns.nspname = columns.table_schema)
WHERE (table_schema = 'public' AND table_name = 'tbook')

-- @ Superset: views and their text
-- = tview | v
SELECT c.relname, c.relkind, pg_catalog.pg_get_viewdef(c.oid) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind IN ('v', 'm')

-- @ Metabase: privileges
-- = public | tbook | t
SELECT t.schemaname, t.tablename, has_table_privilege(format('%I.%I', t.schemaname, t.tablename), 'SELECT') AS "select", pg_has_role(current_user, t.tableowner, 'USAGE') AS owned
FROM pg_catalog.pg_tables t WHERE t.schemaname = 'public'

-- @ GORM: columns and their types
-- = id | NO | bigint | int8
SELECT c.column_name, c.is_nullable = 'YES' AS nullable, c.udt_name, c.character_maximum_length, c.numeric_precision, c.numeric_precision_radix, c.numeric_scale, c.datetime_precision,
  8 * typlen AS bits, c.column_default, pd.description, c.identity_increment, c.is_nullable AS "NO", format_type(t.oid, NULL) AS type, c.udt_name AS name
FROM information_schema.columns AS c JOIN pg_type AS t ON c.udt_name = t.typname LEFT JOIN pg_catalog.pg_description AS pd
  ON pd.objsubid = c.ordinal_position AND pd.objoid = (SELECT oid FROM pg_catalog.pg_class WHERE relname = c.table_name AND relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = c.table_schema))
WHERE table_catalog = current_database() AND table_schema = current_schema() AND table_name = 'tbook'

-- @ Tableau: its look for temporary tables
CREATE LOCAL TEMPORARY TABLE "#Tableau_1_Connect" (x INTEGER NOT NULL) ON COMMIT PRESERVE ROWS

-- @ Tableau: rows into a table of its own
INSERT INTO "#Tableau_1_Connect" VALUES (1)

-- @ Tableau: SELECT INTO
SELECT "X".x AS "$temp0_output" INTO TEMP "#Tableau_2" FROM "#Tableau_1_Connect" "X" GROUP BY 1

-- @ Tableau: reads it
-- = 1
SELECT * FROM "#Tableau_2"

-- @ Tableau: and drops it
DROP TABLE "#Tableau_1_Connect"
