-- Types that DuckDB does not have: what of a result is described by them, and the text of jsonb and of rows.
CREATE TABLE items (id int PRIMARY KEY, j jsonb, k json);
INSERT INTO items VALUES (1, '{"z":1,"a":{"y":2,"x":[1,2]}}', '{"z":1,"a":{"y":2}}');
SELECT 'abc'::varchar(2) AS x, 'ab'::char(4) || '|', 'abc'::varchar, max('a'::varchar), coalesce('a'::varchar, 'b');
SELECT 'items'::regclass, 'items'::regclass::text, to_regclass('nope'), 'int4'::regtype, 'now'::regproc, 'public'::regnamespace, pg_typeof(1), pg_typeof('a'::text), to_regtype('nope');
SELECT 'items'::regclass AS r ORDER BY r;
SELECT relname, oid::regclass FROM pg_class WHERE relname = 'pg_type' ORDER BY oid::regclass;
SELECT DISTINCT pg_typeof(x) FROM (VALUES (1), (2)) t(x);
SELECT typname, typinput FROM pg_type WHERE typname = 'int4';
SELECT * FROM pg_cast WHERE castsource = 'int4'::regtype AND casttarget = 'int8'::regtype AND false;
--! differs(types): a reg… value of a UNION is described as text
SELECT 'items'::regclass UNION ALL SELECT 'items'::regclass;
CREATE TABLE named_by AS SELECT 'items'::regclass::text AS r;
SELECT r FROM named_by;
SELECT ROW(1, 'a', NULL), ROW(1.5, true)::text, (1, 2), ROW(1, ARRAY[1, 2]), (ROW(1, 'x')).f1, ROW('a b', 'q"u', '', NULL, 'x,y', E'b\\c'), ROW(ROW(1, 'a b'), date '2024-01-02');
SELECT t FROM (VALUES (1, 'x'), (2, NULL)) t(a, b);
SELECT x IS NULL, count(*) FROM (SELECT ROW(1, 2) AS x) q GROUP BY 1;
SELECT jsonb_each_text('{"a": 1}'), json_each('{"a": [1]}');
SELECT '{"b":1,"a":2,"aa":[1,2],"a":3}'::jsonb, '{"b":1,  "a":2}'::json, to_jsonb(1.50), jsonb_build_object('k', ARRAY[1, 2]), '[]'::jsonb, '"x\u0041"'::jsonb, '1e3'::jsonb, '-0'::jsonb, '1.50'::jsonb, 'null'::jsonb, NULL::jsonb;
SELECT '{"a":{"b":[1,2]}}'::jsonb -> 'a', '{"a":{"b":[1,2]}}'::jsonb ->> 'a', '{"a":{"b":[1,2]}}'::jsonb #> '{a,b}', '{"a":{"b":[1,2]}}'::jsonb #>> '{a}', '{"a":"{\"b\":1}"}'::jsonb ->> 'a', '{"a":{"b":1}}'::json ->> 'a';
SELECT '{"a":1}'::jsonb::text, ('{"b":1}'::jsonb || '{"a":[1,2]}')::text, '[1,2]'::json::text, length('{"a":1}'::jsonb::text);
SELECT '{"a": 1}'::jsonb = '{"a": 1.0}'::jsonb, '{"b": 1, "a": 2}'::jsonb = '{"a": 2, "b": 1}'::jsonb, '"a"'::jsonb < '"b"'::jsonb, '{"a": 1}'::jsonb <> '{"a":1}', '[1, 2]'::jsonb > '[1]'::jsonb;
SELECT json_agg(x), jsonb_agg(x), jsonb_object_agg(x, x) FROM (VALUES (1), (2)) t(x);
SELECT array_agg('{"a":1}'::jsonb), ARRAY['{"a":1}'::jsonb];
SELECT e ->> 'n', e.value FROM jsonb_array_elements('[{"n": 1}, {"n": 2}]') AS e;
SELECT id, k -> 'a', k ->> 'a', k FROM items;
--! differs(types, rows): a jsonb column of a table is kept as it was written, and described as json
SELECT id, j -> 'a', j FROM items;
