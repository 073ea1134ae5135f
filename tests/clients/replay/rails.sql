-- Ruby: what ActiveRecord asks about types, tables, keys and indexes.

-- @ types by their input function
-- = tcolor | 0 | , | enum_in | NULL | e
-- = _tcolor
-- = int4range
SELECT t.typname, t.typelem, t.typdelim, t.typinput, r.rngsubtype, t.typtype, t.typbasetype FROM pg_type AS t LEFT JOIN pg_range AS r ON oid = rngtypid
WHERE t.typname IN ('int2', 'int4', 'text', 'jsonb') OR t.typtype IN ('r', 'e') OR t.typinput = 'array_in(cstring,oid,integer)'::regprocedure OR t.typelem != 0

-- @ columns
-- = id | bigint | nextval('tbook_id_seq'::regclass) | t | 20 | -1
-- = tags | text[] | NULL | f | 1009
-- = rank | numeric(5,2) | 1.5 | f | 1700 | 327686
SELECT a.attname, format_type(a.atttypid, a.atttypmod), pg_get_expr(d.adbin, d.adrelid), a.attnotnull, a.atttypid, a.atttypmod, c.collname, col_description(a.attrelid, a.attnum) AS comment
FROM pg_attribute a LEFT JOIN pg_attrdef d ON a.attrelid = d.adrelid AND a.attnum = d.adnum LEFT JOIN pg_type t ON a.atttypid = t.oid
LEFT JOIN pg_collation c ON a.attcollation = c.oid AND a.attcollation <> t.typcollation
WHERE a.attrelid = '"tbook"'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum

-- @ columns of the primary key
-- = id
SELECT a.attname FROM (SELECT indrelid, indkey, generate_subscripts(indkey, 1) idx FROM pg_index WHERE indrelid = '"tbook"'::regclass AND indisprimary) i
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[i.idx] ORDER BY i.idx

-- @ indexes
-- = tbook_title | f | 3 | CREATE INDEX tbook_title ON public.tbook USING btree (title)
SELECT DISTINCT i.relname, d.indisunique, d.indkey, pg_get_indexdef(d.indexrelid), pg_catalog.obj_description(i.oid, 'pg_class') AS comment FROM pg_class t
INNER JOIN pg_index d ON t.oid = d.indrelid INNER JOIN pg_class i ON d.indexrelid = i.oid LEFT JOIN pg_namespace n ON n.oid = i.relnamespace
WHERE i.relkind IN ('i', 'I') AND d.indisprimary = 'f' AND t.relname = 'tbook' AND n.nspname = ANY (current_schemas(false)) ORDER BY i.relname

-- @ foreign keys
-- = tauthor | author_id | id | tbook_author_id_fkey | a | a
SELECT t2.oid::regclass::text AS to_table, a1.attname AS column, a2.attname AS primary_key, c.conname AS name, c.confupdtype AS on_update, c.confdeltype AS on_delete, c.convalidated AS valid
FROM pg_constraint c JOIN pg_class t1 ON c.conrelid = t1.oid JOIN pg_class t2 ON c.confrelid = t2.oid JOIN pg_attribute a1 ON a1.attnum = c.conkey[1] AND a1.attrelid = t1.oid
JOIN pg_attribute a2 ON a2.attnum = c.confkey[1] AND a2.attrelid = t2.oid JOIN pg_namespace t3 ON c.connamespace = t3.oid
WHERE c.contype = 'f' AND t1.relname = 'tbook' AND t3.nspname = ANY (current_schemas(false)) ORDER BY c.conname

-- @ check constraints
-- = tbook_title_check
SELECT conname, pg_get_constraintdef(c.oid) AS constraintdef, c.convalidated AS valid FROM pg_constraint c JOIN pg_class t ON c.conrelid = t.oid WHERE c.contype = 'c' AND t.relname = 'tbook'

-- @ the sequence of the primary key
-- = id | public | tbook_id_seq
SELECT attr.attname, nsp.nspname, seq.relname FROM pg_class seq, pg_attribute attr, pg_depend dep, pg_constraint cons, pg_namespace nsp
WHERE seq.oid = dep.objid AND seq.relkind = 'S' AND attr.attrelid = dep.refobjid AND attr.attnum = dep.refobjsubid AND attr.attrelid = cons.conrelid AND attr.attnum = cons.conkey[1]
  AND seq.relnamespace = nsp.oid AND cons.contype = 'p' AND dep.classid = 'pg_class'::regclass AND dep.refobjid = '"tbook"'::regclass

-- @ settings at the start
SET client_min_messages TO 'warning'; SET standard_conforming_strings = on; SET intervalstyle = iso_8601; SET SESSION timezone TO 'UTC'; RESET intervalstyle; RESET client_min_messages

-- @ longest identifier
-- = 63
SHOW max_identifier_length
