# Operators.
SELECT 'abc' ~ 'b', 'abc' ~* 'B', 'abc' !~ 'b', 'abc' !~* 'x', 'abc' ~ '^b', 'a.c' ~ 'a\.c'
--> ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean => t | t | f | t | f | t
SELECT 'abc' OPERATOR(pg_catalog.~) '^(abc)$' COLLATE pg_catalog.default
--> ?column? boolean => t
SELECT 'foo bar' ~ '\mbar\M', 'foobar' ~ '\mbar', 'foobar' ~ 'foo(?=bar)', E'a\nb' ~ 'a.b', 'aa' ~ '(a)\1'
--> ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean => t | f | t | t | t
SELECT 'abc' ~ x FROM (VALUES ('b'), ('^c'), (NULL)) v(x)
--> ?column? boolean => t ; f ; NULL
SELECT 'abc' LIKE 'a%', 'a_c' LIKE 'a\_c', 'abc' LIKE 'a\_c', 'abc' NOT LIKE 'x%', 'ABC' ILIKE 'a%', 'a\b' LIKE 'a\\b'
--> ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean => t | t | f | t | t | t
SELECT x FROM (VALUES ('a_c'), ('abc')) v(x) WHERE x LIKE 'a' || '\_' || 'c'
--> x text => a_c
SELECT 'a%b' LIKE 'a#%b' ESCAPE '#', 'abc' ~~ 'a%', 'abc' !~~ 'b%', 'ABC' ~~* 'a%', 'abc' OPERATOR(pg_catalog.~~) 'a%'
--> ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean => t | t | t | t | t
SELECT 'abc' SIMILAR TO 'a(b|c)%', 'abc' NOT SIMILAR TO 'b', 'a.c' SIMILAR TO 'a.c', 'abc' SIMILAR TO 'a.c'
--> ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean => t | t | t | f
SELECT 'a' LIKE ANY (ARRAY['a%', 'b%']), 'a' !~~ ALL ('{x%,y%}'), 'abc' ~ ANY (ARRAY['x', 'b']), 'a' LIKE ALL (ARRAY[]::text[])
--> ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean => t | t | t | t
SELECT x LIKE ANY (y) FROM (VALUES ('ab', ARRAY['x%', 'a%']), ('c', ARRAY['x'])) v(x, y)
--> ?column? boolean => t ; f
SELECT 7 / 2, 7 % 3, -7 / 2, -7 % 3, 7.5 / 2.5, 2 ^ 3, |/ 16.0, @ -5
--> ?column? integer, ?column? integer, ?column? integer, ?column? integer, ?column? numeric, ?column? double precision, ?column? double precision, ?column? integer => 3 | 1 | -3 | -1 | 3.0000000000000000 | 8 | 4 | 5
SELECT x / y FROM (VALUES (7, 2)) v(x, y)
--> ?column? integer => 3
SELECT x / y FROM (VALUES (1, 0)) v(x, y)
--> error 22012
SELECT x % y FROM (VALUES (1, 0)) v(x, y)
--> error 22012
SELECT 10 / x, 10.0 / x FROM (VALUES (4)) v(x)
--> ?column? integer, ?column? numeric => 2 | 2.5000000000000000
SELECT 1 / 0
--> error 22012
SELECT sum(x) / count(*) FROM (VALUES (1), (4)) v(x)
--> ?column? bigint => 2
SELECT 5 # 3, 5 & 3, 5 | 3, ~5, 1 << 4, 16 >> 2
--> ?column? integer, ?column? integer, ?column? integer, ?column? integer, ?column? integer, ?column? integer => 6 | 1 | 7 | -6 | 16 | 4
SELECT ARRAY[1, 2] || 3, 1 || ARRAY[2, 3], ARRAY[1] || ARRAY[2], ARRAY[1] || NULL, NULL || ARRAY[1]
--> ?column? integer[], ?column? integer[], ?column? integer[], ?column? integer[], ?column? integer[] => {1,2,3} | {1,2,3} | {1,2} | {1} | {1}
SELECT 'a' || 1, 1 || 'a', 'a' || NULL, 'a' || true, 'a' || 1.5::float8, 'a' || date '2025-01-01'
--> ?column? text, ?column? text, ?column? text, ?column? text, ?column? text, ?column? text => a1 | 1a | NULL | atrue | a1.5 | a2025-01-01
SELECT ARRAY[1, 2] @> ARRAY[1], ARRAY[1] <@ ARRAY[1, 2], ARRAY[1, 2] && ARRAY[2, 3], ARRAY[1, 2] = '{1,2}'
--> ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean => t | t | t | t
SELECT 3 = ANY (ARRAY[1, 2, 3]), 3 <> ALL ('{1,2}'), NULL = ANY ('{}'), 3 = ANY ('{1,3}'), 3 > ALL ('{1,2}'), 1 = ANY (NULL::int[])
--> ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean => t | t | f | t | t | NULL
--! ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean => t | t | f | t | t | f -- no array has no items
SELECT x FROM (VALUES (1), (2)) v(x) WHERE x = ANY ('{2,3}')
--> x integer => 2
SELECT x FROM (VALUES ('a'), ('b')) v(x) WHERE x <> ALL ('{b,c}')
--> x text => a
SELECT date '2025-03-01' - date '2025-01-01', date '2025-01-01' + 3, date '2025-01-10' - 3, date '2025-01-01' + time '10:00'
--> ?column? integer, ?column? date, ?column? date, ?column? timestamp without time zone => 59 | 2025-01-04 | 2025-01-07 | 2025-01-01 10:00:00
SELECT timestamp '2025-03-01' - timestamp '2025-01-01 12:00', timestamp '2025-01-01' + interval '1 month', time '10:00' - time '09:00'
--> ?column? interval, ?column? timestamp without time zone, ?column? interval => 58 days 12:00:00 | 2025-02-01 00:00:00 | 01:00:00
SELECT interval '1 day' * 1.5, interval '1 day' / 2, 2 * interval '1 hour', - interval '1 day', interval '1 day' / 0.5
--> ?column? interval, ?column? interval, ?column? interval, ?column? interval, ?column? interval => 1 day 12:00:00 | 12:00:00 | 02:00:00 | -1 days | 2 days
SELECT timestamptz '2025-01-01 00:00+00' AT TIME ZONE 'Europe/Prague', timestamp '2025-01-01' AT TIME ZONE 'UTC'
--> timezone timestamp without time zone, timezone timestamp with time zone => 2025-01-01 01:00:00 | 2025-01-01 00:00:00+00
SELECT (date '2020-01-01', date '2020-03-01') OVERLAPS (date '2020-02-01', date '2020-04-01'), (date '2020-01-01', interval '1 day') OVERLAPS (date '2020-02-01', date '2020-04-01')
--> overlaps boolean, overlaps boolean => t | f
SELECT (date '2020-01-01', date '2020-02-01') OVERLAPS (date '2020-02-01', date '2020-04-01'), (date '2020-02-01', date '2020-02-01') OVERLAPS (date '2020-02-01', date '2020-04-01')
--> overlaps boolean, overlaps boolean => f | t
SELECT 5 BETWEEN SYMMETRIC 6 AND 1, 5 NOT BETWEEN 1 AND 3, 5 BETWEEN 1 AND 3 = false
--> ?column? boolean, ?column? boolean, ?column? boolean => t | t | t
SELECT ROW(1, 'a') = ROW(1, 'a'), (1, 2) < (1, 3), (1, 2) IN ((1, 2), (3, 4))
--> ?column? boolean, ?column? boolean, ?column? boolean => t | t | t
SELECT 'a' IS DISTINCT FROM NULL, 1 IS NOT DISTINCT FROM 1, true IS NOT TRUE, NULL IS UNKNOWN
--> ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean => t | t | f | t
SELECT 'abc' COLLATE "C" < 'abd', 'a' COLLATE "default", 'b' COLLATE pg_catalog."C"
--> ?column? boolean, ?column? text, ?column? text => t | a | b
SELECT 'a' COLLATE "nowhere"
--> error 42704
SELECT '{"a":{"b":[1,2]}}'::json -> 'a' -> 'b' ->> 0, '{"a":{"b":[1,2]}}'::jsonb #>> '{a,b,1}', '[1,2,3]'::json -> -1
--> ?column? text, ?column? text, ?column? json => 1 | 2 | 3
SELECT '{"a":{"b":[1,2]}}'::json #> '{a,b}' ->> 0, '{"a":{"0":5}}'::json #>> ARRAY['a', '0'], '{"a":1}'::json ->> 'a' = '1'
--> ?column? text, ?column? text, ?column? boolean => 1 | 5 | t
SELECT j ->> 'k' = 'v', (j ->> 'n')::int + 1 FROM (VALUES ('{"k":"v","n":2}'::json)) t(j)
--> ?column? boolean, ?column? integer => t | 3
SELECT 2 + 3 * 4 ^ 2, -2 ^ 2, 2 ^ 3 ^ 2, NOT true = false
--> ?column? double precision, ?column? double precision, ?column? double precision, ?column? boolean => 50 | 4 | 64 | t
