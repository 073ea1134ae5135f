-- json and jsonb as applications and reports use them.
CREATE TABLE documents (id int PRIMARY KEY, body jsonb, raw json);
INSERT INTO documents VALUES (1, '{"name": "Ada", "tags": ["x", "y"], "address": {"city": "London", "zip": null}, "age": 36}', '{"b": 1, "a": [1, 2]}'), (2, '{"name": "Bob", "tags": [], "age": 41.5}', '[1, {"k": "v"}]'), (3, NULL, 'null');
--! differs(types): a jsonb column of a table is kept as it was written, and described as json
SELECT id, body ->> 'name', body -> 'age', (body ->> 'age')::numeric, body #>> '{address,city}', body -> 'tags' ->> 0, body -> 'tags' -> -1 FROM documents ORDER BY id;
SELECT id FROM documents WHERE body @> '{"name": "Ada"}' ORDER BY id;
SELECT id FROM documents WHERE body ->> 'name' = 'Bob';
SELECT id FROM documents WHERE body -> 'tags' ? 'x';
SELECT id FROM documents WHERE body ?| ARRAY['address', 'nope'] ORDER BY id;
SELECT id FROM documents WHERE body ?& ARRAY['name', 'age'] ORDER BY id;
--! differs(types): a jsonb column of a table is kept as it was written, and described as json
SELECT id, body ? 'address', body -> 'address' -> 'zip', body -> 'address' ->> 'zip', body -> 'nope' FROM documents ORDER BY id;
--! differs(rows): json keeps the spaces that it was written with, and jsonb is written without any
SELECT id, raw -> 'a', raw -> 'a' -> 1, raw -> 0, raw -> 1 ->> 'k', raw #> '{a,0}', raw #>> '{a}' FROM documents ORDER BY id;
SELECT id, jsonb_typeof(body), jsonb_typeof(body -> 'age'), jsonb_typeof(body -> 'address' -> 'zip'), json_typeof(raw) FROM documents ORDER BY id;
SELECT id, jsonb_array_length(body -> 'tags') FROM documents WHERE body IS NOT NULL ORDER BY id;
SELECT d.id, t.value FROM documents d, jsonb_array_elements_text(d.body -> 'tags') AS t(value) ORDER BY 1, 2;
SELECT d.id, t.tag, t.place FROM documents d CROSS JOIN LATERAL jsonb_array_elements_text(d.body -> 'tags') WITH ORDINALITY AS t(tag, place) ORDER BY 1, 3;
SELECT d.id, e.key, e.value FROM documents d, jsonb_each_text(d.body) e WHERE e.key IN ('name', 'age') ORDER BY 1, 2;
SELECT d.id, jsonb_object_keys(d.body) AS key FROM documents d ORDER BY 1, 2;
SELECT id, body - 'tags' - 'address', body || '{"new": true}', body - ARRAY['name', 'age'], body #- '{address,zip}' FROM documents WHERE id = 1;
SELECT '["a", "b", "c"]'::jsonb - 1, '["a", "b"]'::jsonb - -1, '["a", "b"]'::jsonb - 'a', '[1]'::jsonb || '2'::jsonb, '{"a": 1}'::jsonb || '[2]'::jsonb;
SELECT jsonb_set('{"a": {"b": 1}}', '{a,b}', '2'), jsonb_set('{"a": 1}', '{b}', '"x"'), jsonb_set('{"a": 1}', '{b}', '"x"', false), jsonb_set('[1, 2]', '{0}', '9');
SELECT jsonb_insert('{"a": [0, 1, 2]}', '{a,1}', '"new"'), jsonb_insert('{"a": [0, 1, 2]}', '{a,1}', '"new"', true);
SELECT jsonb_path_query_array('{"a": [1, 2, 3, 4]}', '$.a[*] ? (@ > 2)'), jsonb_path_exists('{"a": 1}', '$.b'), jsonb_path_match('{"a": 3}', '$.a == 3');
SELECT * FROM jsonb_path_query('{"a": [{"b": 1}, {"b": 2}]}', '$.a[*].b') AS v;
SELECT '{"a": [1, 2]}'::jsonb @? '$.a[*] ? (@ > 1)', '{"a": [1, 2]}'::jsonb @@ '$.a[0] == 1';
SELECT jsonb_pretty('{"a": [1, {"b": null}], "c": "x"}');
SELECT to_jsonb(ROW(1, 'x')), to_json(ARRAY['a', NULL]), to_jsonb(date '2024-01-02'), to_json(timestamp '2024-01-02 03:04:05'), to_jsonb(1.50), to_json(NULL::text);
SELECT row_to_json(r), to_jsonb(r) FROM (SELECT 1 AS a, 'x'::text AS b, NULL::int AS c, ARRAY[1, 2] AS d, true AS e) r;
SELECT row_to_json(ROW(1, 'a')), row_to_json(d) FROM (SELECT id, body ->> 'name' AS name FROM documents WHERE id = 2) d;
SELECT json_build_object('a', 1, 'b', json_build_array(1, 'x', NULL), 'c', '{"d": 1}'::json), jsonb_build_object('x', NULL, 'y', 1.5, 'z', date '2024-01-01');
SELECT json_build_object(), json_build_array(), jsonb_build_array(1, 2.5, 'x', true, NULL);
SELECT json_object('{a,1,b,2}'), json_object('{a,b}', '{1,2}'), jsonb_object(ARRAY['k', 'v']);
SELECT json_agg(body ->> 'name' ORDER BY id), jsonb_agg(id ORDER BY id DESC), jsonb_object_agg(id, body -> 'age') FROM documents;
SELECT json_agg(json_build_object('id', id, 'name', body ->> 'name') ORDER BY id) FROM documents;
SELECT * FROM jsonb_to_recordset('[{"a": 1, "b": "x"}, {"a": 2}]') AS t(a int, b text);
SELECT * FROM json_to_record('{"a": 1, "b": [1, 2], "c": "x"}') AS t(a int, b int[], c text, d text);
SELECT * FROM jsonb_each('{"a": 1, "b": {"c": 2}}') ORDER BY key;
--! differs(rows): json keeps the spaces that it was written with, and jsonb is written without any
SELECT * FROM json_array_elements('[1, "a", null, {"b": 2}]') WITH ORDINALITY AS t(v, n);
SELECT '{"a": 1}'::jsonb = '{"a": 1.0}'::jsonb, '{"b": 1, "a": 2}'::jsonb = '{"a": 2, "b": 1}'::jsonb, '[1, 2]'::jsonb @> '[2]', '"a"'::jsonb < '"b"'::jsonb;
SELECT ('{"a": true}'::jsonb -> 'a')::bool, ('{"a": 5}'::jsonb -> 'a')::int, ('{"a": 1.5}'::jsonb -> 'a')::numeric, ('{"a": 2}'::jsonb ->> 'a')::bigint + 1;
SELECT '{"a": "x\ny", "b": "\u017e", "c": "\""}'::jsonb ->> 'a', '{"b": "\u017e"}'::json ->> 'b', '"q\"q"'::jsonb #>> '{}';
SELECT jsonb_strip_nulls('{"a": null, "b": [null], "c": {"d": null}}'), json_array_length('[1, [2, 3]]');
SELECT (body ->> 'age')::float8 AS age, count(*) FROM documents WHERE body IS NOT NULL GROUP BY 1 ORDER BY 1;
SELECT coalesce(body ->> 'missing', 'default'), body ->> 'name' || '!' FROM documents ORDER BY id;
SELECT id FROM documents ORDER BY body ->> 'name' DESC NULLS LAST, id;
SELECT body ->> 'name' AS name FROM documents WHERE (body ->> 'age')::numeric > 40;
--! differs(types): a jsonb column of a table is kept as it was written, and described as json
SELECT body['name'], body['address']['city'], body['tags'][1] FROM documents WHERE id = 1;
--! differs(types): a jsonb column of a table is kept as it was written, and described as json
UPDATE documents SET body = jsonb_set(body, '{age}', to_jsonb(37)) WHERE id = 1 RETURNING body -> 'age';
--! differs(types): a jsonb column of a table is kept as it was written, and described as json
UPDATE documents SET body = body || jsonb_build_object('seen', true) WHERE id = 2 RETURNING body;
UPDATE documents SET body = body - 'seen' WHERE body ? 'seen' RETURNING id;
INSERT INTO documents (id, body) VALUES (4, '{"a": 1,}');
--! differs(types): a jsonb column of a table is kept as it was written, and described as json
INSERT INTO documents (id, body) VALUES (4, to_jsonb(ARRAY[1, 2])) RETURNING body;
--! differs(rows): a scalar is no array of one element
SELECT '{"a": 1}'::jsonb -> 'a' -> 'b', '[]'::jsonb -> 0, 'null'::jsonb ->> 'x', '5'::jsonb -> 0;
SELECT '{"a":'::json;
SELECT jsonb_array_elements('{"a": 1}');
SELECT jsonb_object_keys('[1]');
SELECT jsonb_array_length('{"a": 1}');
SELECT json_object('{a,b,c}');
SELECT jsonb_path_query('{}', '$.');
--! differs(sqlstate): a JSON text that is no number is 22P02
SELECT '"abc"'::jsonb::int;
SELECT jsonb_set('1', '{a}', '2');
SELECT 1 -> 'a';
SELECT json_build_object('a');
SELECT json_build_object(NULL, 1);
--! differs(sqlstate): json values are compared as their text
SELECT '{"a": 1}'::json = '{"a": 1}'::json;
--! differs(types, rows): json values are compared as their text
SELECT DISTINCT body -> 'tags' FROM documents WHERE id < 3 ORDER BY 1;
SELECT max(body ->> 'name'), min((body ->> 'age')::int) FROM documents WHERE id = 1;
SELECT jsonb_each_text('{"a": 1}');
--! differs(sqlstate): jsonb_populate_record is refused: json_to_record takes the columns
SELECT jsonb_populate_record(NULL::documents, '{"id": 9}');
--! differs(sqlstate): jsonb_populate_record is refused: json_to_record takes the columns
SELECT (jsonb_populate_record(NULL::documents, '{"id": 9}')).id;
