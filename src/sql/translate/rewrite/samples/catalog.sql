# Names of the catalog, and values of reg… types.
SELECT relname, pg_class.relname, pg_catalog.pg_class.relname FROM pg_class WHERE oid = 1259
--> relname name, relname name, relname name => pg_class | pg_class | pg_class
SELECT c.relname FROM pg_catalog.pg_class AS c WHERE c.oid = 'pg_class'::regclass
--> relname name => pg_class
SELECT 'pg_class'::regclass, 'pg_catalog.pg_class'::regclass::oid, 1259::regclass, '1259'::regclass, 'pg_class'::regclass::text
--> regclass regclass, oid oid, regclass regclass, regclass regclass, text text => pg_class | 1259 | pg_class | pg_class | pg_class
SELECT 'int4'::regtype, 'integer'::regtype::oid, 23::regtype::text, 'text[]'::regtype, 'timestamp with time zone'::regtype
--> regtype regtype, oid oid, text text, regtype regtype, regtype regtype => integer | 23 | integer | text[] | timestamp with time zone
SELECT 'pg_catalog'::regnamespace, 11::regnamespace::text, 'pg_catalog'::regnamespace::oid
--> regnamespace regnamespace, text text, oid oid => pg_catalog | pg_catalog | 11
SELECT NULL::regclass, NULL::regtype::text
--> regclass regclass, text text => NULL | NULL
SELECT 'nothing_like_it'::regclass
--> error 42P01
SELECT 'nothing_like_it'::regtype
--> error 42704
SELECT 'nothing_like_it'::regnamespace
--> error 3F000
SELECT to_regclass('pg_class'), to_regclass('nothing_like_it'), to_regtype('int8')
--> to_regclass regclass, to_regclass regclass, to_regtype regtype => pg_class | NULL | bigint
SELECT oid::regclass FROM pg_class WHERE oid IN (1259, 1247) ORDER BY oid
--> oid regclass => pg_type ; pg_class
SELECT oid::regclass AS r FROM pg_class WHERE oid IN (1259, 1247) ORDER BY r
--> r regclass => pg_type ; pg_class
SELECT oid::regclass::text || '!' FROM pg_class WHERE oid = 1259
--> ?column? text => pg_class!
SELECT 'table ' || oid::regclass FROM pg_class WHERE oid = 1259
--> ?column? text => table pg_class
SELECT oid::regclass = 'pg_class', oid::regclass IN ('pg_type', 'pg_class'), oid::regclass::text = 'pg_class' FROM pg_class WHERE oid = 1259
--> error 22P02
--! ?column? boolean, ?column? boolean, ?column? boolean => t | t | t -- a name beside a regclass is looked up
SELECT oid = 'pg_class'::regclass, oid = ANY ('{1259,5}'), oid = ANY (ARRAY['pg_class'::regclass]) FROM pg_class WHERE oid = 1259
--> ?column? boolean, ?column? boolean, ?column? boolean => t | t | t
SELECT '{pg_class,pg_type}'::regclass[], ARRAY['int4', 'text']::regtype[]
--> regclass regclass[], array regtype[] => {pg_class,pg_type} | {integer,text}
--! regclass text[], array text[] => {pg_class,pg_type} | {integer,text} -- an array of names is one of text
SELECT array_agg(x::regtype ORDER BY x) FROM (VALUES (23), (25)) v(x)
--> array_agg regtype[] => {integer,text}
--! array_agg text[] => {integer,text} -- an array of names is one of text
SELECT typname, typelem::regtype, typarray::regtype FROM pg_type WHERE oid = 23
--> typname name, typelem regtype, typarray regtype => int4 | - | integer[]
SELECT pg_typeof(1), pg_typeof('a'::text), pg_typeof(ARRAY[1]), pg_typeof('pg_class'::regclass), pg_typeof(now()), pg_typeof(1.5)
--> pg_typeof regtype, pg_typeof regtype, pg_typeof regtype, pg_typeof regtype, pg_typeof regtype, pg_typeof regtype => integer | text | integer[] | regclass | timestamp with time zone | numeric
SELECT pg_typeof(1)::text, pg_typeof(1) = 'integer'::regtype
--> pg_typeof text, ?column? boolean => integer | t
SELECT format_type(23, NULL), pg_catalog.format_type(1043, 14), format('%s', 'pg_class'::regclass), concat('pg_type'::regclass, '?')
--> format_type text, format_type text, format text, concat text => integer | character varying(10) | pg_class | pg_type?
SELECT tableoid, tableoid::regclass, xmin IS NULL FROM pg_class WHERE oid = 1259
--> tableoid oid, tableoid regclass, ?column? boolean => 1259 | pg_class | f
SELECT nspname FROM pg_namespace n WHERE n.oid = 11 AND pg_catalog.lower(n.nspname) = 'pg_catalog'
--> nspname name => pg_catalog
SELECT typname FROM pg_type, pg_namespace WHERE pg_type.typnamespace = pg_namespace.oid AND pg_namespace.nspname = 'pg_catalog' AND typname = 'int4'
--> typname name => int4
SELECT attname, atttypid::regtype FROM pg_attribute WHERE attrelid = 'pg_namespace'::regclass AND attnum > 0 ORDER BY attnum
--> attname name, atttypid regtype => oid | oid ; nspname | name ; nspowner | oid ; nspacl | aclitem[]
SELECT table_name FROM information_schema.tables WHERE table_name = 'nothing_like_it'
--> table_name name =>
SELECT 5 / pg_catalog.length('ab'), pg_catalog.upper('a'), pg_catalog.count(*) FROM (VALUES (1)) v
--> ?column? integer, upper text, count bigint => 2 | A | 1
SELECT 1 FROM pg_catalog.nothing_like_it
--> error 42P01
SELECT regtype, n FROM (SELECT 23::regtype, 1 AS n UNION ALL SELECT 25, 2) s ORDER BY n
--> regtype regtype, n integer => integer | 1 ; text | 2
SELECT DISTINCT oid::regclass FROM pg_class WHERE oid = 1259
--> oid regclass => pg_class
SELECT oid::regclass, count(*) FROM pg_class WHERE oid = 1259 GROUP BY oid::regclass
--> oid regclass, count bigint => pg_class | 1
SELECT conname FROM pg_constraint WHERE conrelid = 'pg_class'::regclass AND conkey[1] = 1 AND contype = 'x'
--> conname name =>
