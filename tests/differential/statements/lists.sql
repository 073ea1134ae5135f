-- Arrays.
CREATE TABLE lists (id int PRIMARY KEY, n int[], t text[], m int[][], d date[]);
INSERT INTO lists VALUES (1, '{1,2,3}', '{a,b,NULL}', '{{1,2},{3,4}}', '{2024-01-01}'), (2, '{}', ARRAY['x y', 'q"q', ''], NULL, NULL), (3, NULL, NULL, NULL, '{}');
--! differs(types): arrays of several dimensions are arrays of arrays
SELECT id, n[1], n[2:3], n[:2], n[2:], t[3], m[2][1], m[1:1], m[3], d[1] FROM lists ORDER BY id;
SELECT id, array_length(n, 1), cardinality(n), array_dims(n), array_ndims(m), array_lower(n, 1), array_upper(t, 1), array_length(m, 2), cardinality(m) FROM lists ORDER BY id;
SELECT id, n || 4, 0 || n, n || ARRAY[8, 9], n || NULL, array_append(n, 7), array_prepend(7, n), array_cat(n, n) FROM lists ORDER BY id;
SELECT id, n @> ARRAY[1], n <@ ARRAY[1, 2, 3, 4], n && ARRAY[3, 9], n = ARRAY[1, 2, 3], n < ARRAY[2] FROM lists ORDER BY id;
SELECT id, 2 = ANY (n), 1 <= ALL (n), 'a' = ANY (t), 5 <> ALL (n), 9 > SOME (n) FROM lists ORDER BY id;
SELECT id, array_remove(n, 2), array_replace(n, 1, 100), array_remove(t, NULL), array_replace(t, NULL, 'z'), array_position(t, 'b'), array_position(n, 2, 3) FROM lists ORDER BY id;
SELECT id, array_to_string(n, '-'), array_to_string(t, ',', '*'), array_to_string(d, ';') FROM lists ORDER BY id;
SELECT l.id, u.x FROM lists l, unnest(l.n) AS u(x) ORDER BY 1, 2;
SELECT l.id, u.x, u.i FROM lists l LEFT JOIN LATERAL unnest(l.t) WITH ORDINALITY AS u(x, i) ON true ORDER BY 1, 3;
SELECT * FROM unnest(ARRAY[1, 2, 3], ARRAY['a', 'b'], ARRAY[true]) AS t(a, b, c);
SELECT * FROM unnest(ARRAY[1, 2], ARRAY['a', 'b']) WITH ORDINALITY AS t(a, b, n);
SELECT unnest(ARRAY[1, 2]), unnest(ARRAY['a', 'b', 'c']);
SELECT id, unnest(n) FROM lists ORDER BY 1, 2;
--! differs(tag, types, rows): arrays of several dimensions are arrays of arrays
SELECT unnest('{{1,2},{3,4}}'::int[]);
SELECT array_agg(x ORDER BY x DESC NULLS LAST), array_agg(DISTINCT x) FROM unnest(ARRAY[3, 1, NULL, 3]) x;
SELECT array_agg(n) FROM lists WHERE id = 1;
--! differs(types, rows): values of different scales in one column have the same number of decimals
SELECT ARRAY(SELECT id FROM lists ORDER BY id DESC), ARRAY(SELECT 1 WHERE false), ARRAY[1, 2.5], ARRAY[1, NULL], ARRAY['a', 'b']::varchar[];
SELECT '{1,2,3}'::int[] = ARRAY[1, 2, 3], ARRAY[1, 2] || '{3}', '{"a b","c,d","e\"f",NULL,"NULL",""}'::text[], '{ a , b }'::text[];
SELECT string_to_array('1,2,3', ',')::int[], array_to_string(string_to_array('a b c', ' '), '_'), string_to_array('abc', NULL), string_to_array('', ','), string_to_array('a', '');
--! differs(sqlstate): arrays of several dimensions are arrays of arrays
SELECT array_fill(0, ARRAY[2, 2]), array_fill('x'::text, ARRAY[2]), trim_array(ARRAY[1, 2, 3], 1), array_positions(ARRAY[1, 2, 1], 1);
SELECT ARRAY[1, 2, 3]::text, ARRAY[1.5, 2]::int[], ARRAY['2024-01-01']::date[], ARRAY[true, false]::text[], ARRAY[ARRAY[1], ARRAY[2]]::text;
SELECT generate_subscripts('{a,b,c}'::text[], 1) AS s, generate_series(1, 3) AS g;
SELECT id FROM lists WHERE id = ANY (ARRAY[1, 3]) ORDER BY id;
SELECT id FROM lists WHERE id = ANY (SELECT unnest(ARRAY[2, 3])) ORDER BY id;
SELECT id FROM lists WHERE id <> ALL ('{1,2}'::int[]);
SELECT id FROM lists WHERE t && ARRAY['x y'] OR 'a' = ANY (t) ORDER BY id;
SELECT id FROM lists WHERE n IS NOT NULL AND n <> '{}' ORDER BY n;
SELECT array_agg(DISTINCT t.x ORDER BY t.x) FROM lists, unnest(t) AS t(x);
SELECT max(n), min(n) FROM lists;
UPDATE lists SET n = array_append(n, 10) WHERE id = 2 RETURNING n;
--! differs(sqlstate): an element of an array cannot be assigned
UPDATE lists SET n[1] = 50 WHERE id = 1 RETURNING n;
SELECT (ARRAY['a', 'b'])[0], ('{7,8,9}'::int[])[-1], ('{7,8,9}'::int[])[1:10], (ARRAY[1, 2, 3])[3:1];
--! differs(sqlstate): arrays of several dimensions are arrays of arrays
SELECT ARRAY[[1, 2], [3]];
SELECT '{1,{2}}'::int[];
SELECT ARRAY[1, 2] || 'a';
SELECT array_length(5, 1);
SELECT unnest(5);
--! differs(sqlstate): ANY of what is no array is 0A000
SELECT 1 = ANY (5);
--! differs(sqlstate): an empty array has a type
SELECT ARRAY[];
--! differs(sqlstate): array_fill of no dimensions is NULL
SELECT array_fill(1, NULL);
SELECT trim_array(ARRAY[1], 5);
SELECT array_position(ARRAY[1, 2], 'x');
SELECT ARRAY[1, 2] + 1;
--! differs(sqlstate): text and numbers are compared, as numbers
SELECT ARRAY[1] = ARRAY['a'];
SELECT array_remove(ARRAY[1, 2], 'a');
--! differs(sqlstate): string constants are arrays beside columns and operators only
SELECT CASE WHEN 1 = 1 THEN ARRAY[1] ELSE '{}' END, coalesce(NULL, ARRAY['a']), array_cat('{1}', '{2}'::int[]);
SELECT cardinality(ARRAY[]::int[]), array_length('{}'::int[], 1), array_dims('{}'::int[]), '{}'::int[] = '{}'::int[], ARRAY[]::text[] || 'a'::text;
SELECT ROW(1, ARRAY[1, 2]), (ROW(1, 'x')).f1;
