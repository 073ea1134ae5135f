-- Arrays and json.
SELECT ARRAY[1, 2, 3], ARRAY['a', NULL, 'b c'], ARRAY[]::int[], '{1,2,NULL}'::int[], '{"a,b",c}'::text[];
SELECT ARRAY[[1, 2], [3, 4]], '{{1,2},{3,4}}'::int[];
SELECT (ARRAY[1, 2, 3])[1], (ARRAY[1, 2, 3])[2:3], (ARRAY[1, 2])[5];
SELECT array_length(ARRAY[1, 2, 3], 1), array_length(ARRAY[]::int[], 1), cardinality(ARRAY[1, 2]), array_upper(ARRAY[1, 2], 1), array_ndims(ARRAY[[1], [2]]);
SELECT ARRAY[1, 2] || 3, 0 || ARRAY[1], ARRAY[1] || ARRAY[2, 3], array_append(ARRAY[1], 2), array_prepend(0, ARRAY[1]), array_cat(ARRAY[1], ARRAY[2]);
SELECT array_position(ARRAY['a', 'b'], 'b'), array_positions(ARRAY[1, 2, 1], 1), array_remove(ARRAY[1, 2, 1], 1), array_replace(ARRAY[1, 2], 2, 9);
SELECT ARRAY[1, 2, 3] @> ARRAY[2], ARRAY[1] <@ ARRAY[1, 2], ARRAY[1, 2] && ARRAY[2, 3], ARRAY[1, 2] = ARRAY[1, 2], ARRAY[1, 2] < ARRAY[1, 3];
SELECT unnest(ARRAY[1, 2, 3]);
SELECT * FROM unnest(ARRAY['a', 'b']) AS t(x);
SELECT x FROM unnest(ARRAY[3, 1, 2]) x ORDER BY x;
SELECT * FROM unnest(ARRAY[1, 2], ARRAY['a', 'b']) AS t(n, l);
SELECT a, i FROM unnest(ARRAY['x', 'y']) WITH ORDINALITY AS t(a, i);
SELECT array_agg(x ORDER BY x DESC) FROM (VALUES (1), (2), (3)) t(x);
SELECT array_agg(x) FROM (VALUES (1)) t(x) WHERE false;
SELECT 2 = ANY (ARRAY[1, 2]), 2 = ALL (ARRAY[2, 2]), 2 = ANY ('{1,2}'), 'a' = ANY ('{a,b}'::text[]);
SELECT generate_subscripts(ARRAY['a', 'b'], 1);
--! differs(types): json and jsonb are one type, shown as json
SELECT array_to_json(ARRAY[1, 2]), to_json('a'::text), to_json(1), to_jsonb(true);
SELECT '{1,2'::int[];
SELECT '{a}'::int[];
SELECT array_fill(7, ARRAY[3]), array_dims(ARRAY[1, 2]);
SELECT '{"a": 1, "b": [1, 2]}'::json -> 'a', '{"a": 1}'::json ->> 'a', '[1, 2, 3]'::json -> 1, '{"a": {"b": "c"}}'::json #>> '{a,b}';
--! differs(types): json and jsonb are one type, shown as json
SELECT '{"a": 1}'::jsonb -> 'a', '{"a": "x"}'::jsonb ->> 'a', '{"a": {"b": 2}}'::jsonb #> '{a,b}', '{"a": null}'::jsonb ->> 'a';
SELECT '{"a": 1, "b": 2}'::jsonb @> '{"a": 1}'::jsonb, '{"a": 1}'::jsonb ? 'a', '{"a": 1}'::jsonb ?| ARRAY['b', 'a'], '{"a": 1}'::jsonb ?& ARRAY['b', 'a'];
--! differs(types): json and jsonb are one type, shown as json
SELECT json_build_object('a', 1, 'b', 'x'), json_build_array(1, 'a', NULL, true), jsonb_build_object('k', ARRAY[1, 2]);
SELECT json_array_length('[1, 2, 3]'), jsonb_array_length('[]'), json_typeof('{"a":1}'), jsonb_typeof('"x"'), json_typeof('null');
SELECT json_object_keys('{"a": 1, "b": 2}');
SELECT * FROM json_each('{"a": 1, "b": "x"}');
SELECT * FROM jsonb_each_text('{"a": 1, "b": "x"}');
SELECT * FROM json_array_elements('[1, "a"]');
SELECT value FROM json_array_elements_text('["x", "y"]');
--! differs(rows): json and jsonb are one type, shown as json
SELECT e ->> 'n' FROM jsonb_array_elements('[{"n": 1}, {"n": 2}]') AS e;
SELECT json_agg(x ORDER BY x) FROM (VALUES (1), (2)) t(x);
SELECT json_object_agg(k, v) FROM (VALUES ('a', 1)) t(k, v);
SELECT row_to_json(t) FROM (SELECT 1 AS a, 'x' AS b) t;
--! differs(types): json and jsonb are one type, shown as json
SELECT json_strip_nulls('{"a": null, "b": 1}'), jsonb_set('{"a": 1}', '{a}', '2'), jsonb_pretty('{"a": 1}');
SELECT json_extract_path('{"a": {"b": 1}}', 'a', 'b'), json_extract_path_text('{"a": "x"}', 'a');
--! differs(types): json and jsonb are one type, shown as json
SELECT '{"a": 1}'::jsonb || '{"b": 2}'::jsonb, '{"a": 1, "b": 2}'::jsonb - 'a';
SELECT '{"a": 1}'::jsonb = '{"a": 1}'::jsonb, '[1, 2]'::jsonb <@ '[1, 2, 3]'::jsonb;
SELECT '{bad'::json;
SELECT '{"b": 1, "a": 2}'::json, ('{"a": "1"}'::json ->> 'a')::int + 1;
--! differs(types): json and jsonb are one type, shown as json
SELECT jsonb_path_exists('{"a": [1, 2]}', '$.a'), jsonb_path_query_first('{"a": 5}', '$.a');
SELECT (ARRAY['a', 'b', 'c'])[array_length(ARRAY[1, 2], 1)];
SELECT array(SELECT x FROM (VALUES (2), (1)) t(x) ORDER BY x);
SELECT ROW(1, 'a') = ROW(1, 'a'), ROW(1, 2) < ROW(1, 3), (1, 2) IN ((1, 2), (3, 4));
