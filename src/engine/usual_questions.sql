-- What clients ask first, of a workspace in which nothing is (prepared_instance.ts): the relations and functions count, not the answers.
SELECT n.nspname, c.relname, c.relkind, pg_catalog.pg_get_userbyid(c.relowner) AS owner, pg_catalog.obj_description(c.oid, 'pg_class') AS comment
FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND c.relname OPERATOR(pg_catalog.~) '^(t)$' COLLATE pg_catalog.default AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 1, 2;

SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull, a.attidentity, a.attgenerated,
  (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid, true) FROM pg_catalog.pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef),
  (SELECT co.collname FROM pg_catalog.pg_collation co, pg_catalog.pg_type ty WHERE co.oid = a.attcollation AND ty.oid = a.atttypid AND co.oid <> ty.typcollation),
  pg_catalog.col_description(a.attrelid, a.attnum) AS comment
FROM pg_catalog.pg_attribute a WHERE a.attrelid = '1259'::pg_catalog.regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum;

SELECT i.relname, x.indisprimary, x.indisunique, pg_catalog.pg_get_indexdef(x.indexrelid, 0, true) AS definition,
  pg_catalog.pg_get_constraintdef(con.oid, true) AS constraint_definition, con.contype
FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
LEFT JOIN pg_catalog.pg_constraint con ON con.conrelid = x.indrelid AND con.conindid = x.indexrelid WHERE x.indrelid = '1259' ORDER BY 2 DESC, 1;

SELECT con.conname, con.conrelid::pg_catalog.regclass AS on_table, pg_catalog.pg_get_constraintdef(con.oid, true) AS definition
FROM pg_catalog.pg_constraint con WHERE con.confrelid = '1259' AND con.contype = 'f' ORDER BY 1;

SELECT t.oid, t.typname, n.nspname, t.typtype, t.typelem, t.typrelid, pg_catalog.format_type(t.oid, NULL) AS shown
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_catalog.pg_enum e ON e.enumtypid = t.oid
WHERE t.typname = 'int4' AND pg_catalog.pg_type_is_visible(t.oid);

SELECT table_schema, table_name, table_type FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema');

SELECT column_name, ordinal_position, data_type, is_nullable, column_default FROM information_schema.columns WHERE table_name = 't';
