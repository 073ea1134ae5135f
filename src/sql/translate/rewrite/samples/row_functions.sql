# Functions that return rows, in FROM and in the select list.
SELECT * FROM generate_series(1, 3)
--> generate_series integer => 1 ; 2 ; 3
SELECT * FROM generate_series(1, 3) g
--> g integer => 1 ; 2 ; 3
SELECT g FROM generate_series(1, 3) g
--> g integer => 1 ; 2 ; 3
SELECT g + 1 FROM generate_series(1, 3) AS g WHERE g > 1
--> ?column? integer => 3 ; 4
SELECT * FROM generate_series(1, 10, 4) AS t(x)
--> x integer => 1 ; 5 ; 9
SELECT * FROM generate_series(3, 1, -1) x
--> x integer => 3 ; 2 ; 1
SELECT * FROM generate_series(1::int8, 2) g
--> g bigint => 1 ; 2
SELECT * FROM generate_series(1.0, 2.0, 0.5) g
--> g numeric => 1.0 ; 1.5 ; 2.0
SELECT * FROM generate_series(timestamp '2025-01-01', timestamp '2025-01-03', '1 day') d
--> d timestamp without time zone => 2025-01-01 00:00:00 ; 2025-01-02 00:00:00 ; 2025-01-03 00:00:00
SELECT * FROM generate_series('2025-01-01'::date, '2025-01-03'::date, '1 day') d
--> d timestamp with time zone => 2025-01-01 00:00:00+00 ; 2025-01-02 00:00:00+00 ; 2025-01-03 00:00:00+00
SELECT d::date FROM generate_series('2025-01-31'::timestamp, '2025-03-31', '1 month') AS t(d)
--> d date => 2025-01-31 ; 2025-02-28 ; 2025-03-28
SELECT * FROM generate_series('2025-01-01 00:00+00'::timestamptz, '2025-01-01 02:00+00', interval '1 hour') h
--> h timestamp with time zone => 2025-01-01 00:00:00+00 ; 2025-01-01 01:00:00+00 ; 2025-01-01 02:00:00+00
SELECT x, g FROM (VALUES (1), (2)) v(x), generate_series(1, x) g ORDER BY 1, 2
--> x integer, g integer => 1 | 1 ; 2 | 1 ; 2 | 2
SELECT x, g FROM (VALUES (1), (2)) v(x) LEFT JOIN generate_series(1, 1) g ON g = x ORDER BY 1
--> x integer, g integer => 1 | 1 ; 2 | NULL
SELECT * FROM pg_catalog.generate_series(1, 2) WITH ORDINALITY
--> generate_series integer, ordinality bigint => 1 | 1 ; 2 | 2
SELECT * FROM unnest(ARRAY[1, 2]) x
--> x integer => 1 ; 2
SELECT unnest FROM unnest(ARRAY[1, 2])
--> unnest integer => 1 ; 2
SELECT * FROM unnest(ARRAY['a', 'b']) WITH ORDINALITY
--> unnest text, ordinality bigint => a | 1 ; b | 2
SELECT * FROM unnest(ARRAY['a', 'b']) WITH ORDINALITY AS u(v, i)
--> v text, i bigint => a | 1 ; b | 2
SELECT * FROM unnest('{a,b}'::text[]) AS u
--> u text => a ; b
SELECT * FROM unnest(ARRAY[1, 2], ARRAY['a', 'b', 'c']) AS u(a, b)
--> a integer, b text => 1 | a ; 2 | b ; NULL | c
SELECT * FROM ROWS FROM (generate_series(1, 2), unnest(ARRAY['x'])) AS u(a, b)
--> a integer, b text => 1 | x ; 2 | NULL
SELECT generate_series(1, 3), 'a'
--> generate_series integer, ?column? text => 1 | a ; 2 | a ; 3 | a
SELECT unnest(ARRAY[1, 2]), unnest(ARRAY['a', 'b', 'c'])
--> unnest integer, unnest text => 1 | a ; 2 | b ; NULL | c
SELECT x, unnest(y) FROM (VALUES (1, ARRAY[2, 3])) v(x, y)
--> x integer, unnest integer => 1 | 2 ; 1 | 3
SELECT * FROM regexp_split_to_table('a,b', ',') p
--> p text => a ; b
SELECT regexp_split_to_table('a,b', ',')
--> regexp_split_to_table text => a ; b
SELECT * FROM regexp_matches('a1b2', '[a-z]\d', 'g') m
--> m text[] => {a1} ; {b2}
SELECT regexp_matches('a1b2', '([a-z])(\d)', 'g')
--> regexp_matches text[] => {a,1} ; {b,2}
SELECT * FROM string_to_table('a,b', ',')
--> string_to_table text => a ; b
SELECT generate_subscripts(ARRAY[5, 6], 1)
--> generate_subscripts integer => 1 ; 2
SELECT s FROM generate_subscripts(ARRAY[5, 6], 1) s
--> s integer => 1 ; 2
SELECT generate_subscripts('5 6'::int2vector, 1)
--> generate_subscripts integer => 0 ; 1
SELECT (information_schema._pg_expandarray(ARRAY[5, 6])).n
--> n integer => 1 ; 2
SELECT * FROM information_schema._pg_expandarray(ARRAY[5, 6]) AS a
--> x integer, n integer => 5 | 1 ; 6 | 2
SELECT (k).x, (k).n FROM (SELECT information_schema._pg_expandarray('7 8'::int2vector) AS k) s ORDER BY 2
--> x smallint, n integer => 7 | 1 ; 8 | 2
SELECT * FROM current_database() d WHERE false
--> d name =>
SELECT * FROM lower('A')
--> lower text => a
SELECT l || 'x' FROM upper('a') AS l
--> ?column? text => Ax
SELECT * FROM upper('a') AS l(x)
--> x text => A
