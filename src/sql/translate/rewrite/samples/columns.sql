# Names and types of result columns.
SELECT 1, 'a', NULL, true, 1.5
--> ?column? integer, ?column? text, ?column? text, ?column? boolean, ?column? numeric => 1 | a | NULL | t | 1.5
SELECT 1 + 1, -x, x::text, (x), NOT true FROM (VALUES (2)) v(x)
--> ?column? integer, ?column? integer, x text, x integer, ?column? boolean => 2 | -2 | 2 | 2 | f
SELECT count(*), max(x), sum(x)::int, lower('A'), coalesce(x, 1), nullif(x, 1) FROM (VALUES (1)) v(x) GROUP BY x
--> count bigint, max integer, sum integer, lower text, coalesce integer, nullif integer => 1 | 1 | 1 | a | 1 | NULL
SELECT greatest(1, 2), least(1, 2), CASE WHEN true THEN 1 END, CASE WHEN false THEN 1 ELSE lower('A') END
--> error 42804
SELECT ARRAY[1, 2], EXISTS (SELECT 1), ARRAY(SELECT 1), (SELECT 5), (SELECT 5 AS q), (SELECT lower('A'))
--> array integer[], exists boolean, array integer[], ?column? integer, q integer, lower text => {1,2} | t | {1} | 5 | 5 | a
SELECT (SELECT * FROM (SELECT 7 AS seven) s)
--> seven integer => 7
SELECT (ARRAY[1, 2])[1], x[2] FROM (VALUES (ARRAY[3, 4])) v(x)
--> array integer, x integer => 1 | 4
SELECT 1::int, '1'::int8, 1::float8, 'x'::varchar, lower('A')::text, 1::text::varchar
--> int4 integer, int8 bigint, float8 double precision, varchar varchar, lower text, varchar varchar => 1 | 1 | 1 | x | a | 1
SELECT date '2025-01-01', interval '1 day', timestamp '2025-01-01', time '10:00'
--> date date, interval interval, timestamp timestamp without time zone, time time without time zone => 2025-01-01 | 1 day | 2025-01-01 00:00:00 | 10:00:00
SELECT current_date = current_date, current_user = current_user
--> ?column? boolean, ?column? boolean => t | t
SELECT position('b' IN 'abc'), substring('abc' FROM 2 FOR 1), trim(both 'x' FROM 'xax')
--> position integer, substring text, btrim text => 2 | b | a
SELECT 'a' LIKE 'b', 1 BETWEEN 0 AND 2, 1 IN (1, 2), 1 IS NULL, 1 IS DISTINCT FROM 2
--> ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean => f | t | t | f | t
SELECT grouping(x), x FROM (VALUES (1)) v(x) GROUP BY x
--> grouping integer, x integer => 0 | 1
SELECT row_number() OVER (), sum(1) OVER (ORDER BY x) FROM (VALUES (1)) v(x)
--> row_number bigint, sum bigint => 1 | 1
SELECT a.x, b.x AS y, a.* FROM (VALUES (1)) a(x), (VALUES (2)) b(x)
--> x integer, y integer, x integer => 1 | 2 | 1
SELECT Count(*) AS Total, "Total", Total AS TOTAL FROM (VALUES (1, 2)) v("Total", total) GROUP BY 2, 3
--> total bigint, Total integer, total integer => 1 | 1 | 2
--! total bigint, Total integer, total integer => 1 | 1 | 1 -- names are the same in any case in DuckDB
SELECT * FROM (SELECT 1, 'x'::text, lower('A'), upper('b')) s
--> ?column? integer, text text, lower text, upper text => 1 | x | a | B
SELECT lower, s."?column?" FROM (SELECT 1, lower('A')) s
--> lower text, ?column? integer => a | 1
WITH c AS (SELECT 1, count(*)) SELECT * FROM c
--> ?column? integer, count bigint => 1 | 1
WITH c(a, b) AS (SELECT 1, count(*)) SELECT * FROM c
--> a integer, b bigint => 1 | 1
WITH c AS (SELECT NULL AS n) SELECT n, n || 'x' FROM c
--> n text, ?column? text => NULL | NULL
SELECT 1 AS a UNION SELECT 2 ORDER BY 1
--> a integer => 1 ; 2
SELECT count(*) UNION ALL SELECT 5 ORDER BY 1
--> count bigint => 1 ; 5
SELECT NULL UNION SELECT 2 ORDER BY 1
--> ?column? integer => 2 ; NULL
VALUES (1, 'a'), (2, 'b')
--> column1 integer, column2 text => 1 | a ; 2 | b
VALUES (2), (1) ORDER BY 1 LIMIT 1
--> column1 integer => 1
VALUES (2), (1) ORDER BY column1 DESC
--> column1 integer => 2 ; 1
SELECT * FROM (VALUES (1, 'a')) v
--> column1 integer, column2 text => 1 | a
SELECT column2 FROM (VALUES (1, 'a')) v(x)
--> column2 text => a
WITH v AS (VALUES (1, 2)) SELECT * FROM v
--> column1 integer, column2 integer => 1 | 2
SELECT 1 UNION ALL VALUES (2) ORDER BY 1
--> ?column? integer => 1 ; 2
VALUES (1) UNION ALL SELECT 2 ORDER BY 1
--> column1 integer => 1 ; 2
SELECT x::int FROM (VALUES (1.4), (1.6), (0.9)) v(x) ORDER BY x + 0.0
--> x integer => 1 ; 1 ; 2
SELECT -x AS x FROM (VALUES (1), (2)) v(x) ORDER BY x
--> x integer => -2 ; -1
SELECT lower(x) FROM (VALUES ('B'), ('a')) v(x) GROUP BY lower(x) ORDER BY lower(x) || 'x'
--> lower text => a ; b
SELECT x::text FROM (VALUES (2), (10)) v(x) ORDER BY x
--> x text => 10 ; 2
SELECT x::text FROM (VALUES (2), (10)) v(x) GROUP BY x ORDER BY v.x
--> x text => 2 ; 10
SELECT sum(x), x % 2 FROM (VALUES (1), (2), (3)) v(x) GROUP BY x % 2 ORDER BY sum(x)
--> sum bigint, ?column? integer => 2 | 0 ; 4 | 1
SELECT 1 AS "limit", 2 AS show, 3 AS pivot
--> limit integer, show integer, pivot integer => 1 | 2 | 3
SELECT show, pivot, qualify FROM (VALUES (1, 2, 3)) v(show, pivot, qualify)
--> show integer, pivot integer, qualify integer => 1 | 2 | 3
SELECT 'a'::name, 'a'::"char", 1::oid, '1 2'::int2vector, '1 2'::oidvector
--> name name, char char, oid oid, int2vector int2vector, oidvector oidvector => a | a | 1 | 1 2 | 1 2
SELECT CASE WHEN true THEN 5::oid ELSE 0 END, coalesce(NULL::oid, 0)
--> case oid, coalesce oid => 5 | 0
SELECT min(x), max(x) FROM (VALUES (5::oid)) v(x)
--> min oid, max oid => 5 | 5
SELECT x FROM (SELECT y AS x FROM (SELECT 5::oid AS y) a) b
--> x oid => 5
SELECT * FROM (SELECT 'pg_class'::regclass AS r, 1 AS n) s
--> r regclass, n integer => pg_class | 1
SELECT s.*, r::oid FROM (SELECT 'pg_class'::regclass AS r, 1 AS n) s
--> r regclass, n integer, r oid => pg_class | 1 | 1259
SELECT x::text, count(*) FROM (VALUES (1.5::float8), (2)) v(x) GROUP BY x::text ORDER BY x::text
--> x text, count bigint => 1.5 | 1 ; 2 | 1
SELECT max(x)::text, (x * 2)::text FROM (VALUES (1::float8), (2)) v(x) GROUP BY x ORDER BY 1
--> max text, text text => 1 | 2 ; 2 | 4
SELECT DISTINCT x::text FROM (VALUES (1::float8), (2)) v(x) WHERE x::text <> '3' ORDER BY 1
--> x text => 1 ; 2
