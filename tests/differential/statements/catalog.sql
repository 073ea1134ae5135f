-- The catalog as tools read it.
CREATE TABLE items (id int PRIMARY KEY, label text NOT NULL, price numeric(12, 2) DEFAULT 0, tags text[], made timestamp, ok boolean);
CREATE TABLE parts (item int REFERENCES items (id), pos smallint, note varchar, UNIQUE (item, pos));
CREATE INDEX parts_note ON parts (note);
CREATE VIEW cheap AS SELECT id, label FROM items WHERE price < 10;
SELECT relname, relkind, relnatts, relpersistence FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY relname;
SELECT attname, atttypid, attlen, attnum, atttypmod, attnotnull, atthasdef FROM pg_attribute WHERE attrelid = 'items'::regclass AND attnum > 0 ORDER BY attnum;
SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a WHERE a.attrelid = 'items'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum;
SELECT conname, contype, conkey FROM pg_constraint WHERE conrelid IN ('items'::regclass, 'parts'::regclass) ORDER BY conname;
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'parts'::regclass ORDER BY conname;
SELECT indexrelid::regclass::text, indrelid::regclass::text, indnatts, indisunique, indisprimary, indkey FROM pg_index WHERE indrelid = 'items'::regclass;
SELECT tablename, indexname FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2;
SELECT schemaname, tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 2;
SELECT schemaname, viewname FROM pg_views WHERE schemaname = 'public';
SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'items'::regclass;
--! differs(types, modifiers, rows): yes_or_no and character_data columns of information_schema are described as text
SELECT table_schema, table_name, table_type, is_insertable_into FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name;
--! differs(types, modifiers): yes_or_no and character_data columns of information_schema are described as text
SELECT column_name, ordinal_position, is_nullable, data_type, numeric_precision, numeric_scale, udt_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'items' ORDER BY ordinal_position;
--! differs(types): yes_or_no and character_data columns of information_schema are described as text
SELECT constraint_name, constraint_type FROM information_schema.table_constraints WHERE table_schema = 'public' AND constraint_type <> 'CHECK' ORDER BY 1;
SELECT constraint_name, table_name, column_name, ordinal_position FROM information_schema.key_column_usage WHERE table_schema = 'public' ORDER BY 1, 4;
--! differs(types): yes_or_no and character_data columns of information_schema are described as text
SELECT constraint_name, unique_constraint_name, update_rule, delete_rule FROM information_schema.referential_constraints WHERE constraint_schema = 'public';
SELECT schema_name FROM information_schema.schemata WHERE schema_name IN ('public', 'information_schema', 'pg_catalog') ORDER BY 1;
SELECT oid, typname, typlen, typtype, typcategory, typelem, typarray FROM pg_type WHERE oid IN (16, 17, 20, 21, 23, 25, 26, 114, 700, 701, 1043, 1082, 1114, 1184, 1186, 1700, 2950, 1007) ORDER BY oid;
SELECT typname, nspname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE typname IN ('int4', 'text', '_text', 'name') ORDER BY 1;
--! differs(types): a reg… value is described as text
SELECT 'items'::regclass, 'items'::regclass::text, 'public.items'::regclass::text, to_regclass('nope') IS NULL;
SELECT 'nope'::regclass;
SELECT 'int4'::regtype, 'integer'::regtype::text, 'nope'::regtype;
SELECT 23::regtype::text, 'text'::regtype::oid, format_type(1700, 786438), format_type(1043, 14), format_type(1007, NULL), format_type(0, NULL);
SELECT pg_table_is_visible('items'::regclass), has_table_privilege('items', 'SELECT'), has_table_privilege('items', 'INSERT, UPDATE'), has_schema_privilege('public', 'USAGE');
SELECT has_table_privilege('nope', 'SELECT');
SELECT current_schema(), current_schemas(false), current_schemas(true);
SELECT nspname FROM pg_namespace WHERE nspname IN ('pg_catalog', 'public', 'information_schema') ORDER BY 1;
SELECT count(*) FROM pg_database WHERE datname = current_database();
SELECT rolname = current_user, rolcanlogin FROM pg_roles WHERE rolname = current_user;
SELECT amname FROM pg_am WHERE amname IN ('btree', 'heap') ORDER BY 1;
SELECT name, setting FROM pg_settings WHERE name IN ('standard_conforming_strings', 'integer_datetimes', 'client_encoding') ORDER BY 1;
--! differs(rows): there are no internal triggers behind foreign keys
SELECT count(*) FROM pg_trigger;
SELECT count(*) FROM pg_matviews;
SELECT count(*) FROM pg_policies;
SELECT count(*) FROM pg_inherits;
SELECT obj_description('items'::regclass), col_description('items'::regclass, 1);
SELECT pg_get_viewdef('cheap'::regclass) LIKE '%price%';
SELECT pg_relation_size('items') >= 0, pg_total_relation_size('items') >= 0, pg_size_pretty(10240::bigint);
SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'public' ORDER BY 1;
SELECT state, query LIKE 'SELECT state%' FROM pg_stat_activity WHERE pid = pg_backend_pid();
SELECT c.relname, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey) WHERE i.indisprimary AND c.relname = 'items';
SELECT (information_schema._pg_expandarray(ARRAY['a', 'b'])).n;
SELECT a.attname, (i.keys).n FROM (SELECT indrelid, information_schema._pg_expandarray(indkey) AS keys FROM pg_index WHERE indrelid = 'parts'::regclass AND indisunique) i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = (i.keys).x ORDER BY 2;
SELECT unnest(indkey) FROM pg_index WHERE indrelid = 'items'::regclass;
SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database();
SELECT version() LIKE 'PostgreSQL%', current_setting('server_version_num')::int >= 150000;
SELECT relname, age(relfrozenxid) IS NOT NULL FROM pg_class WHERE relname = 'items';
SELECT t.typname, e.enumlabel FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid;
SELECT proname FROM pg_proc WHERE proname = 'upper' LIMIT 1;
--! differs(tag, rows): no extension is listed
SELECT extname FROM pg_extension WHERE extname = 'plpgsql';
SELECT collname FROM pg_collation WHERE collname IN ('C', 'default') ORDER BY 1;
SELECT * FROM pg_catalog.nope;
SELECT * FROM information_schema.nope;
SELECT pg_catalog.nope(1);
SELECT tableoid::regclass::text FROM pg_class WHERE relname = 'items';
SELECT c.relname FROM pg_catalog.pg_class c WHERE c.relname OPERATOR(pg_catalog.~) '^(items)$' COLLATE pg_catalog.default AND pg_catalog.pg_table_is_visible(c.oid);
DROP VIEW cheap;
DROP TABLE parts;
DROP TABLE items;
-- LEFT JOIN with a function of the catalog in its condition.
create table own (a int primary key, b text default 'q');
select c.relname, d.adbin is not null as has from pg_class c join pg_attribute a on a.attrelid = c.oid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum and pg_get_expr(d.adbin, d.adrelid) is not null where c.relname = 'own' and a.attnum > 0 order by 1, 2;
select c.relname, n.nspname from pg_class c left join pg_namespace n on n.oid = c.relnamespace and pg_table_is_visible(c.oid) where c.relname = 'own';
select c.relname, n.nspname from pg_class c left join pg_namespace n on n.oid = c.relnamespace and c.oid = 'own'::regclass where c.relname in ('own', 'own_pkey') order by 1;
select c.relname, i.indrelid::regclass::text from pg_class c left join pg_index i on i.indexrelid = c.oid and pg_get_indexdef(i.indexrelid) like '%UNIQUE%' where c.relname like 'own%' order by 1;
select c.relname, d.description from pg_class c left join pg_description d on d.objoid = c.oid and d.description = obj_description(c.oid, 'pg_class') where c.relname = 'own';
select a.attname, t.typname from pg_attribute a left join pg_type t on t.oid = a.atttypid and format_type(a.atttypid, a.atttypmod) = 'text' where a.attrelid = 'own'::regclass and a.attnum > 0 order by 1;
select c.relname, n.nspname from pg_class c left join pg_namespace n on n.oid = c.relnamespace and has_table_privilege(c.oid, 'select') where c.relname = 'own';
select c.relname, n.nspname from pg_class c left join pg_namespace n on n.oid = c.relnamespace and has_schema_privilege(n.oid, 'usage') where c.relname = 'own';
select c.conname, pg_get_constraintdef(c.oid), x.relname from pg_constraint c left join pg_class x on x.oid = c.conrelid and pg_get_constraintdef(c.oid) like 'PRIMARY%' where c.conname = 'own_pkey';
drop table own;
