-- What DBeaver asks when a connection is opened and its tree is browsed. CheckTools.java explains the lines of comments.

-- @ session
-- = public
SELECT current_schema(), session_user

-- @ search path
-- = "$user", public
SHOW search_path

-- @ version
-- = PostgreSQL*
SELECT version()

-- @ this database
-- = UTF8
-- ? SELECT current_database()
SELECT db.oid, db.*, pg_catalog.pg_encoding_to_char(db.encoding) AS encoding_name FROM pg_catalog.pg_database db WHERE datallowconn AND NOT datistemplate AND db.datname = ?

-- @ a setting
-- = standard_conforming_strings | on
-- ? SELECT 'standard_conforming_strings'
SELECT * FROM pg_catalog.pg_settings WHERE name = ?

-- @ is typcategory there
-- rows 0
SELECT typcategory FROM pg_catalog.pg_type WHERE 1 <> 1 LIMIT 1

-- @ data types
-- = int8 | b | N
-- = tcolor | e | E
SELECT t.oid, t.*, c.relkind, format_type(nullif(t.typbasetype, 0), t.typtypmod) AS base_type_name, d.description
FROM pg_catalog.pg_type t
LEFT OUTER JOIN pg_catalog.pg_type et ON et.oid = t.typelem
LEFT OUTER JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
LEFT OUTER JOIN pg_catalog.pg_description d ON t.oid = d.objoid
WHERE t.typname IS NOT NULL AND (c.relkind IS NULL OR c.relkind = 'c') AND (et.typcategory IS NULL OR et.typcategory <> 'C')

-- @ labels of an enum
-- = red
-- = green
-- rows 2
-- ? SELECT oid FROM pg_type WHERE typname = 'tcolor'
SELECT e.enumlabel FROM pg_catalog.pg_enum e WHERE e.enumtypid = ? ORDER BY e.enumsortorder

-- @ schemas
-- = 2200 | public
-- = in_c_sales
-- = 11 | pg_catalog
SELECT n.oid, n.*, d.description FROM pg_catalog.pg_namespace n
LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = n.oid AND d.objsubid = 0 AND d.classoid = 'pg_namespace'::regclass
ORDER BY nspname

-- @ tables of the own schema
-- = tauthor | p | r | people who write
-- = tview | v
-- = tsequence | S
-- ? SELECT oid FROM pg_namespace WHERE nspname = 'public'
SELECT c.oid, c.*, d.description, pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS partition_expr, pg_catalog.pg_get_partkeydef(c.oid) AS partition_key
FROM pg_catalog.pg_class c
LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass
WHERE c.relnamespace = ? AND c.relkind NOT IN ('i', 'I', 'c')

-- @ tables of a bucket
-- = customers | r
-- = orders | r
-- rows 2
-- ? SELECT oid FROM pg_namespace WHERE nspname = 'in_c_sales'
SELECT c.oid, c.*, d.description, pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS partition_expr, pg_catalog.pg_get_partkeydef(c.oid) AS partition_key
FROM pg_catalog.pg_class c
LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass
WHERE c.relnamespace = ? AND c.relkind NOT IN ('i', 'I', 'c')

-- @ columns of an own table
-- = tauthor | id | 23 | t
-- = tauthor | name | 25 | t | full name
-- = tauthor | rating | 1700 | 327686 | f | t | 1.5*
-- rows 3
-- ? SELECT 'tauthor'::regclass::oid
SELECT c.relname, a.*, pg_catalog.pg_get_expr(ad.adbin, ad.adrelid, true) AS def_value, dsc.description, dep.objid
FROM pg_catalog.pg_attribute a
INNER JOIN pg_catalog.pg_class c ON (a.attrelid = c.oid)
LEFT OUTER JOIN pg_catalog.pg_attrdef ad ON (a.attrelid = ad.adrelid AND a.attnum = ad.adnum)
LEFT OUTER JOIN pg_catalog.pg_description dsc ON (c.oid = dsc.objoid AND a.attnum = dsc.objsubid)
LEFT OUTER JOIN pg_depend dep ON dep.refobjid = a.attrelid AND dep.deptype = 'i' AND dep.refobjsubid = a.attnum AND dep.classid = dep.refclassid
WHERE NOT a.attisdropped AND c.relkind NOT IN ('i', 'I', 'c') AND c.oid = ? AND a.attnum > 0 ORDER BY a.attnum

-- @ columns of a project table
-- = orders | id | 20
-- = orders | ordered_at | 1114
-- = orders | note | 25
-- rows 5
-- ? SELECT 'in_c_sales.orders'::regclass::oid
SELECT c.relname, a.*, pg_catalog.pg_get_expr(ad.adbin, ad.adrelid, true) AS def_value, dsc.description, dep.objid
FROM pg_catalog.pg_attribute a
INNER JOIN pg_catalog.pg_class c ON (a.attrelid = c.oid)
LEFT OUTER JOIN pg_catalog.pg_attrdef ad ON (a.attrelid = ad.adrelid AND a.attnum = ad.adnum)
LEFT OUTER JOIN pg_catalog.pg_description dsc ON (c.oid = dsc.objoid AND a.attnum = dsc.objsubid)
LEFT OUTER JOIN pg_depend dep ON dep.refobjid = a.attrelid AND dep.deptype = 'i' AND dep.refobjsubid = a.attnum AND dep.classid = dep.refclassid
WHERE NOT a.attisdropped AND c.relkind NOT IN ('i', 'I', 'c') AND c.oid = ? AND a.attnum > 0 ORDER BY a.attnum

-- @ constraints
-- = tauthor_pkey | p | {1} | tauthor
-- = tbook_author_id_fkey | f | {2} | {1} | tbook | 2200
-- = c | tbook | *title*
-- ? SELECT oid FROM pg_namespace WHERE nspname = 'public'
SELECT c.oid, c.*, t.relname AS tabrelname, rt.relnamespace AS refnamespace, d.description,
  case when c.contype = 'c' then "substring"(pg_get_constraintdef(c.oid), 7) else null end consrc_copy
FROM pg_catalog.pg_constraint c
INNER JOIN pg_catalog.pg_class t ON t.oid = c.conrelid
LEFT OUTER JOIN pg_catalog.pg_class rt ON rt.oid = c.confrelid
LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_constraint'::regclass
WHERE t.relnamespace = ? ORDER BY c.oid

-- @ indexes
-- = t | t | tbook_pkey | 2200 | tbook
-- = f | f | tbook_title | 2200 | tbook
-- rows 2
-- ? SELECT 'tbook'::regclass::oid
SELECT i.*, i.indkey AS keys, c.relname, c.relnamespace, c.relam, c.reltablespace, tc.relname AS tabrelname, dsc.description,
  pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS pred_expr, pg_catalog.pg_get_expr(i.indexprs, i.indrelid, true) AS expr,
  pg_catalog.pg_relation_size(i.indexrelid) AS index_rel_size, pg_catalog.pg_stat_get_numscans(i.indexrelid) AS index_num_scans
FROM pg_catalog.pg_index i
INNER JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
INNER JOIN pg_catalog.pg_class tc ON tc.oid = i.indrelid
LEFT OUTER JOIN pg_catalog.pg_description dsc ON i.indexrelid = dsc.objoid
WHERE i.indrelid = ? ORDER BY tabrelname, c.relname

-- @ definition of an index
-- = CREATE INDEX tbook_title ON public.tbook USING btree (title)
-- ? SELECT 'tbook_title'::regclass::oid
SELECT pg_catalog.pg_get_indexdef(?)

-- @ definition of a view
-- = *SELECT*tbook*
-- ? SELECT 'tview'::regclass::oid
SELECT pg_catalog.pg_get_viewdef(?, true)

-- @ references to a table
-- = tbook | tbook_author_id_fkey
-- rows 1
-- ? SELECT 'tauthor'::regclass::oid
SELECT c.oid, cl.relname, c.conname, c.conrelid FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_class cl ON cl.oid = c.conrelid WHERE c.contype = 'f' AND c.confrelid = ?

-- @ functions of a schema
-- rows 0
-- ? SELECT oid FROM pg_namespace WHERE nspname = 'public'
SELECT p.oid AS poid, p.*, pg_catalog.pg_get_expr(p.proargdefaults, 0) AS arg_defaults, d.description
FROM pg_catalog.pg_proc p LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = p.oid WHERE p.pronamespace = ? ORDER BY p.proname

-- @ a system function
-- = initcap | text
-- ? SELECT oid FROM pg_namespace WHERE nspname = 'pg_catalog'
SELECT p.proname, pg_catalog.pg_get_function_result(p.oid), pg_catalog.pg_get_function_identity_arguments(p.oid), l.lanname
FROM pg_catalog.pg_proc p LEFT JOIN pg_catalog.pg_language l ON l.oid = p.prolang WHERE p.pronamespace = ? AND p.proname = 'initcap'

-- @ sequences
-- = public | tsequence | 1 | 1
-- ? SELECT 'public'
SELECT schemaname, sequencename, start_value, increment_by, min_value, max_value, cache_size, cycle, last_value FROM pg_catalog.pg_sequences WHERE schemaname = ?

-- @ roles
-- = $USER | t
SELECT a.oid, a.*, pd.description FROM pg_catalog.pg_roles a LEFT JOIN pg_catalog.pg_shdescription pd ON a.oid = pd.objoid ORDER BY a.rolname

-- @ tablespaces
-- = pg_default
SELECT t.oid, t.*, pg_catalog.pg_tablespace_location(t.oid) loc FROM pg_catalog.pg_tablespace t

-- @ sizes of tables
-- = orders
-- ? SELECT oid FROM pg_namespace WHERE nspname = 'in_c_sales'
SELECT c.oid, c.relname, pg_catalog.pg_total_relation_size(c.oid) AS total_rel_size, pg_catalog.pg_relation_size(c.oid) AS rel_size
FROM pg_class c WHERE c.relnamespace = ? AND c.relkind = 'r' AND pg_catalog.pg_total_relation_size(c.oid) > 0

-- @ size of this database
-- = t
SELECT pg_catalog.pg_database_size(current_database()) > 0

-- @ parents of a table
-- rows 0
-- ? SELECT 'tbook'::regclass::oid
SELECT i.*, c.relnamespace FROM pg_catalog.pg_inherits i, pg_catalog.pg_class c WHERE i.inhrelid = ? AND c.oid = i.inhparent ORDER BY i.inhseqno

-- @ triggers
-- rows 0
-- ? SELECT 'tbook'::regclass::oid
SELECT x.oid, x.*, p.pronamespace AS func_schema_id, d.description, pg_catalog.pg_get_triggerdef(x.oid) AS definition
FROM pg_catalog.pg_trigger x
LEFT OUTER JOIN pg_catalog.pg_proc p ON p.oid = x.tgfoid
LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = x.oid AND d.objsubid = 0
WHERE x.tgrelid = ? AND NOT x.tgisinternal

-- @ rules
-- ? SELECT 'tbook'::regclass::oid
-- rows 0
SELECT r.oid, r.*, pg_catalog.pg_get_ruledef(r.oid) AS definition FROM pg_catalog.pg_rewrite r WHERE r.ev_class = ?

-- @ policies
-- rows 0
-- ? SELECT 'tbook'::regclass::oid
SELECT pol.oid, pol.*, pg_catalog.pg_get_expr(pol.polqual, pol.polrelid) FROM pg_catalog.pg_policy pol WHERE pol.polrelid = ?

-- @ privileges of a project table
-- = $USER | SELECT
-- ? SELECT 'in_c_sales'
-- ? SELECT 'orders'
SELECT * FROM information_schema.table_privileges WHERE table_catalog = current_database() AND table_schema = ? AND table_name = ?

-- @ extensions and what can be installed
SELECT e.oid, e.*, n.nspname AS schema_name FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace ORDER BY e.extname

-- @ available extensions
SELECT ext.name, ext.default_version, ext.installed_version, ext.comment FROM pg_catalog.pg_available_extensions ext ORDER BY ext.name

-- @ languages
-- = sql
SELECT l.oid, l.* FROM pg_catalog.pg_language l ORDER BY l.oid

-- @ access methods
-- = btree | i
SELECT am.oid, am.* FROM pg_catalog.pg_am am ORDER BY am.oid

-- @ encodings
-- = UTF8
SELECT DISTINCT pg_catalog.pg_encoding_to_char(contoencoding) FROM pg_catalog.pg_conversion WHERE pg_catalog.pg_encoding_to_char(contoencoding) = 'UTF8'

-- @ foreign servers
-- rows 0
SELECT fs.oid, fs.*, p.fdwname FROM pg_catalog.pg_foreign_server fs LEFT OUTER JOIN pg_catalog.pg_foreign_data_wrapper p ON p.oid = fs.srvfdw ORDER BY fs.srvname

-- @ event triggers
-- rows 0
SELECT oid, * FROM pg_catalog.pg_event_trigger

-- @ sessions
-- = $USER | active
SELECT sa.* FROM pg_catalog.pg_stat_activity sa

-- @ locks
SELECT coalesce(psa.datname, '') AS datname, pl.locktype, pl.mode, psa.pid FROM pg_catalog.pg_locks pl JOIN pg_catalog.pg_stat_activity psa ON pl.pid = psa.pid

-- @ statistics of a table
-- = public | tauthor
-- ? SELECT 'tauthor'::regclass::oid
SELECT * FROM pg_catalog.pg_stat_all_tables WHERE relid = ?

-- @ dependencies of a view
SELECT DISTINCT dep.deptype, dep.classid, cl.relkind, cl.relname FROM pg_depend dep LEFT JOIN pg_class cl ON dep.objid = cl.oid WHERE dep.refobjid = 'tbook'::regclass::oid

-- @ rows of a table as its data tab asks for them
-- = 1 | 2 | 0.25
-- rows 100
SELECT x.* FROM in_c_sales.orders x

-- @ count of rows
-- = 100
SELECT count(*) FROM in_c_sales.orders

-- @ rows filtered and ordered
-- = 100 | 1 | 25
-- rows 3
SELECT * FROM (SELECT * FROM in_c_sales.orders) dbvrcnt WHERE amount >= 24.5 ORDER BY id DESC
