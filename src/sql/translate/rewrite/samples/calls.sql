# Calls of functions: macros over aggregates, names with pg_catalog, JSON, sequences.
SELECT to_char(sum(x), '999'), coalesce(round(avg(x)), 0), concat(max(x), '-', min(x)), format('%s', count(*)) FROM (VALUES (1), (2)) v(x)
--> to_char text, coalesce numeric, concat text, format text =>    3 | 2 | 2-1 | 2
SELECT x FROM (VALUES (1), (2)) v(x) GROUP BY x HAVING round(sum(x)::numeric, 1) > 1 ORDER BY round(sum(x)::numeric, 1)
--> x integer => 2
SELECT sum(x) / count(*) = 1, sum(x) FILTER (WHERE x > 1) / nullif(count(x), 0) = 1 FROM (VALUES (1), (2)) v(x)
--> ?column? boolean, ?column? boolean => t | t
SELECT x, lpad(max(x) OVER (), 3, '0') FROM (VALUES ('a'), ('b')) v(x) ORDER BY x
--> x text, lpad text => a | 00b ; b | 00b
SELECT array_to_string(array_agg(x ORDER BY x), ','), array_length(array_agg(x), 1), split_part(string_agg(x, ','), ',', 1) FROM (VALUES ('a')) v(x)
--> array_to_string text, array_length integer, split_part text => a | 1 | a
SELECT to_char(max(d), 'YYYY'), date_trunc('month', max(d))::date FROM (VALUES (date '2025-01-05')) v(d)
--> to_char text, date_trunc date => 2025 | 2025-01-01
SELECT pg_catalog.upper('a'), pg_catalog.length('ab'), pg_catalog.max(x) FROM (VALUES (1)) v(x)
--> upper text, length integer, max integer => A | 2 | 1
SELECT overlay('abc' PLACING 'X' FROM 2), substring('foobar' FROM 'o(.)b'), trim(LEADING '0' FROM '007'), position('b' IN 'abc')
--> overlay text, substring text, ltrim text, position integer => aXc | o | 7 | 2
SELECT json_agg(x), json_agg(x ORDER BY x DESC), jsonb_agg(x ORDER BY x) FILTER (WHERE x > 1), json_object_agg(x, x) FROM (VALUES (1), (2)) v(x)
--> json_agg json, json_agg json, jsonb_agg jsonb, json_object_agg json => [1, 2] | [2, 1] | [2] | { "1" : 1, "2" : 2 }
SELECT json_agg(x) OVER (ORDER BY x) FROM (VALUES (1), (2)) v(x)
--> json_agg json => [1] ; [1, 2]
SELECT json_build_object('a', 1), jsonb_set('{"a":1}', '{a}', '2'), jsonb_array_length('[1]')
--> json_build_object json, jsonb_set jsonb, jsonb_array_length integer => {"a" : 1} | {"a": 2} | 1
SELECT '{"a":1}'::jsonb ? 'a', '{"a":1,"b":2}'::jsonb @> '{"a":1}', '{"a":1}'::jsonb <@ '{"a":1,"b":2}', '{"a":1}'::jsonb ?| ARRAY['x', 'a'], '{"a":1}'::jsonb ?& '{a,b}'
--> ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean => t | t | t | t | f
SELECT '{"a":1}'::jsonb || '{"b":2}', '{"a":1,"b":2}'::jsonb - 'a', '{"a":{"b":1}}'::jsonb #- '{a,b}'
--> ?column? jsonb, ?column? jsonb, ?column? jsonb => {"a": 1, "b": 2} | {"b": 2} | {"a": {}}
SELECT * FROM jsonb_each_text('{"a":1,"b":"x"}') AS e(k, v)
--> k text, v text => a | 1 ; b | x
SELECT key, value FROM json_each('{"a":1}')
--> key text, value json => a | 1
SELECT * FROM json_array_elements_text('["a","b"]') WITH ORDINALITY
--> value text, ordinality bigint => a | 1 ; b | 2
SELECT (regexp_match('abc', '(b)(c)'))[2], regexp_replace('abc', 'b', 'X'), (regexp_matches('abc', '(b)(c)'))[1]
--> regexp_match text, regexp_replace text, regexp_matches text => c | aXc | b
SELECT * FROM pg_get_keywords() WHERE word = 'select'
--> word text, catcode char, barelabel boolean, catdesc text, baredesc text => select | R | t | reserved | can be bare label
SELECT relid FROM pg_partition_tree('pg_class')
--> relid regclass =>
SELECT count(*) FROM pg_options_to_table(ARRAY['a=1', 'b=2'])
--> count bigint => 2
SELECT age(xmin) >= 0 FROM pg_class WHERE oid = 1259
--> ?column? boolean => t
SELECT NULLIF(current_setting('search_path'), '') IS NOT NULL
--> ?column? boolean => t
SELECT * FROM no_such_function(1)
--> error 42883
--! error 42P01 -- the error's code is the engine's
SELECT no_such_function(1)
--> error 42883
--! error 42704 -- the error's code is the engine's
SELECT (SELECT to_char(v.d, 'YYYY')) FROM (VALUES (date '2025-01-05')) v(d)
--> to_char text => 2025
SELECT x, y FROM (VALUES (1.25), (2)) v(x), LATERAL (SELECT round(v.x, 1) AS y) l ORDER BY x
--> x numeric, y numeric => 1.25 | 1.3 ; 2 | 2.0
--! x numeric, y numeric => 1.25 | 1.3 ; 2.00 | 2.0 -- a column of decimals has one scale
SELECT x FROM (VALUES (1.5), (3)) v(x) WHERE EXISTS (SELECT FROM (VALUES (2)) w(z) WHERE round(v.x) = w.z)
--> x numeric => 1.5
SELECT (SELECT json_build_object('a', v.x = 1, 'b', w.y) FROM (VALUES (5)) w(y)) FROM (VALUES (1)) v(x)
--> json_build_object json => {"a" : true, "b" : 5}
SELECT x, p FROM (VALUES ('a,b')) v(x), regexp_split_to_table(v.x, ',') p ORDER BY p
--> x text, p text => a,b | a ; a,b | b
SELECT (SELECT concat(v.x, '!', max(w.y)) FROM (VALUES (5)) w(y)) FROM (VALUES (1)) v(x)
--> concat text => 1!5
SELECT x, (SELECT count(*) FROM (VALUES (1), (2)) w(y) WHERE w.y / v.x > 1) FROM (VALUES (1)) v(x)
--> x integer, count bigint => 1 | 1
SELECT obj_description(format('%s.%I', x, y)::regclass, 'pg_class'), has_table_privilege(concat(x, '.', y), 'SELECT') FROM (VALUES ('pg_catalog', 'pg_class')) v(x, y)
--> obj_description text, has_table_privilege boolean => NULL | t
