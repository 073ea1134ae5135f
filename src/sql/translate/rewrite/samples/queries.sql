# Clauses of SELECT.
SELECT x FROM (VALUES (1), (2)) v(x) FOR UPDATE
--> x integer => 1 ; 2
SELECT x FROM (VALUES (1), (2)) v(x) ORDER BY x FOR SHARE OF v NOWAIT
--> x integer => 1 ; 2
SELECT DISTINCT ON (x) x, y FROM (VALUES (1, 2), (1, 1)) v(x, y) ORDER BY x, y
--> x integer, y integer => 1 | 1
SELECT x FROM (VALUES (1), (2), (3)) v(x) ORDER BY x USING > FETCH FIRST 2 ROWS ONLY
--> x integer => 3 ; 2
SELECT x FROM (VALUES (1), (2), (3)) v(x) ORDER BY x OFFSET 1 ROW FETCH NEXT ROW ONLY
--> x integer => 2
SELECT x FROM (VALUES (1), (2)) v(x) ORDER BY 1 LIMIT ALL
--> x integer => 1 ; 2
SELECT x FROM (VALUES (1), (2)) v(x) ORDER BY 1 LIMIT NULL OFFSET 1
--> x integer => 2
SELECT x FROM (VALUES (1), (NULL)) v(x) ORDER BY x DESC
--> x integer => NULL ; 1
SELECT EXISTS (SELECT FROM (VALUES (1)) v), EXISTS (SELECT WHERE false)
--> exists boolean, exists boolean => t | f
SELECT x, count(*) FILTER (WHERE y > 1) FROM (VALUES (1, 1), (1, 2)) v(x, y) GROUP BY x HAVING count(*) > 1
--> x integer, count bigint => 1 | 1
SELECT grouping(x), x FROM (VALUES (1), (2)) v(x) GROUP BY ROLLUP (x) ORDER BY 2
--> grouping integer, x integer => 0 | 1 ; 0 | 2 ; 1 | NULL
SELECT sum(x) OVER (ORDER BY x ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), row_number() OVER w FROM (VALUES (1), (2)) v(x) WINDOW w AS (ORDER BY x)
--> sum bigint, row_number bigint => 1 | 1 ; 3 | 2
WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT * FROM r
--> n integer => 1 ; 2 ; 3
WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT n, n * 2 FROM r ORDER BY n
--> n integer, ?column? integer => 1 | 2 ; 2 | 4 ; 3 | 6
WITH pg_class AS (SELECT 'mine'::text AS relname) SELECT relname FROM pg_class
--> relname text => mine
WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS y FROM a) SELECT x, y FROM a, b
--> x integer, y integer => 1 | 2
SELECT * FROM (VALUES (1)) a(x) JOIN (VALUES (1, 2)) b(x, y) USING (x)
--> x integer, y integer => 1 | 2
SELECT * FROM (VALUES (1)) a(x) NATURAL JOIN (VALUES (1, 2)) b(x, y)
--> x integer, y integer => 1 | 2
SELECT * FROM (VALUES (1)) a(x) LEFT JOIN LATERAL (SELECT a.x + 1) b ON true
--> x integer, ?column? integer => 1 | 2
SELECT a.x, b.* FROM (VALUES (1)) a(x), LATERAL (SELECT a.x * 10 AS y) b
--> x integer, y integer => 1 | 10
SELECT x FROM (VALUES (1)) v(x) WHERE (x, 1) IN (SELECT 1, 1)
--> x integer => 1
SELECT string_agg(x, ',' ORDER BY x), array_agg(x ORDER BY x DESC), bool_and(true), every(true) FROM (VALUES ('a'), ('b')) v(x)
--> string_agg text, array_agg text[], bool_and boolean, every boolean => a,b | {b,a} | t | t
SELECT 1 INTERSECT SELECT 1 EXCEPT SELECT 2
--> ?column? integer => 1
(SELECT 1 AS a ORDER BY a LIMIT 1) UNION ALL (SELECT 2) ORDER BY a DESC
--> a integer => 2 ; 1
SELECT x FROM (VALUES (1), (1)) v(x) GROUP BY 1
--> x integer => 1
SELECT x AS y FROM (VALUES (1), (1)) v(x) GROUP BY y
--> y integer => 1
SELECT FROM (VALUES (1)) v
-->  =>
--! error 0A000 -- DuckDB has no row without columns
SELECT x FROM (VALUES (1), (1), (2)) v(x) ORDER BY x FETCH FIRST 1 ROW WITH TIES
--> x integer => 1 ; 1
--! error 0A000 -- DuckDB has no such FETCH
