-- Queries: joins, subqueries, set operations, recursion, rows, typing of branches, NULL logic.
CREATE TABLE employees (id int PRIMARY KEY, name text, boss int, pay numeric(8, 2), hired date, team text);
INSERT INTO employees VALUES (1, 'Eva', NULL, 100.00, '2020-01-01', 'x'), (2, 'Jan', 1, 80.50, '2021-05-01', 'x'), (3, 'Ota', 1, 70.00, '2022-02-02', 'y'), (4, 'Pia', 2, 60.00, NULL, 'y'), (5, 'Quido', 4, NULL, '2023-03-03', NULL);
WITH RECURSIVE tree AS (SELECT id, name, boss, 1 AS depth, ARRAY[id] AS path FROM employees WHERE boss IS NULL UNION ALL SELECT e.id, e.name, e.boss, t.depth + 1, t.path || e.id FROM employees e JOIN tree t ON e.boss = t.id) SELECT * FROM tree ORDER BY path;
WITH RECURSIVE t(n) AS (VALUES (1) UNION SELECT n % 4 + 1 FROM t) SELECT * FROM t ORDER BY n;
WITH RECURSIVE fib(a, b) AS (SELECT 0, 1 UNION ALL SELECT b, a + b FROM fib WHERE b < 50) SELECT a FROM fib;
--! differs(sqlstate): SEARCH and CYCLE are refused: keep the path in an array
WITH RECURSIVE t AS (SELECT id, boss FROM employees WHERE id = 1 UNION ALL SELECT e.id, e.boss FROM employees e JOIN t ON e.boss = t.id) SEARCH DEPTH FIRST BY id SET ord SELECT id FROM t ORDER BY ord;
--! differs(sqlstate): SEARCH and CYCLE are refused: keep the path in an array
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n % 3 + 1 FROM t) CYCLE n SET looped USING path SELECT n, looped FROM t ORDER BY array_length(path, 1);
WITH RECURSIVE d(day) AS (SELECT date '2024-01-30' UNION ALL SELECT day + 1 FROM d WHERE day < date '2024-02-02') SELECT day, extract(dow FROM day)::int FROM d;
WITH a AS MATERIALIZED (SELECT 1 AS x), b AS NOT MATERIALIZED (SELECT x + 1 AS y FROM a) SELECT x, y FROM a, b;
WITH a AS (SELECT 1), b AS (SELECT * FROM a) SELECT * FROM b;
SELECT e.name, b.name AS boss FROM employees e LEFT JOIN employees b ON b.id = e.boss ORDER BY e.id;
SELECT team, top.name, top.pay FROM (SELECT DISTINCT team FROM employees) t LEFT JOIN LATERAL (SELECT name, pay FROM employees e WHERE e.team = t.team ORDER BY pay DESC LIMIT 1) top ON true ORDER BY team;
SELECT e.id, x.n FROM employees e CROSS JOIN LATERAL (SELECT count(*) AS n FROM employees u WHERE u.boss = e.id) x WHERE x.n > 0 ORDER BY 1;
SELECT e.id, g FROM employees e, generate_series(1, e.id) g WHERE e.id < 3 ORDER BY 1, 2;
SELECT a.id, b.id FROM employees a RIGHT JOIN employees b ON a.boss = b.id AND a.id > 2 ORDER BY b.id, a.id;
SELECT * FROM (SELECT 1 AS a, 2 AS b) x NATURAL JOIN (SELECT 1 AS a, 3 AS c) y;
SELECT * FROM (VALUES (1, 'a')) x(id, v) JOIN (VALUES (1, 'b')) y(id, v) USING (id);
SELECT * FROM (VALUES (1, 'a')) x(id, v) FULL JOIN (VALUES (2, 'b')) y(id, w) USING (id) ORDER BY id;
SELECT DISTINCT ON (team) team, name, pay FROM employees ORDER BY team, pay DESC NULLS LAST;
--! differs(sqlstate): ORDER BY of a DISTINCT query may name other columns
SELECT DISTINCT ON (team) team, name FROM employees ORDER BY name;
SELECT name FROM employees ORDER BY pay DESC NULLS LAST, name;
SELECT name FROM employees ORDER BY pay NULLS FIRST LIMIT 2;
SELECT name, pay AS salary FROM employees ORDER BY salary USING >, name;
SELECT name FROM employees ORDER BY team DESC, id OFFSET 1 ROWS FETCH NEXT 2 ROWS ONLY;
--! differs(sqlstate): FETCH FIRST … WITH TIES is refused
SELECT team FROM employees ORDER BY team FETCH FIRST 1 ROWS WITH TIES;
SELECT id FROM employees ORDER BY id LIMIT ALL;
SELECT id FROM employees ORDER BY id LIMIT NULL OFFSET 3;
SELECT id FROM employees LIMIT -1;
SELECT id FROM employees OFFSET -1;
SELECT name FROM employees ORDER BY lower(name) DESC, -id LIMIT 1;
SELECT id FROM employees ORDER BY 3;
--! differs(sqlstate): ORDER BY of a DISTINCT query may name other columns
SELECT DISTINCT team FROM employees ORDER BY id;
SELECT id FROM employees UNION SELECT 9 ORDER BY id DESC LIMIT 2;
--! differs(rows): values of different scales in one column have the same number of decimals
SELECT 1 AS a UNION ALL SELECT 2.5 ORDER BY a;
SELECT 1 UNION SELECT NULL ORDER BY 1;
SELECT 'a' UNION SELECT NULL UNION SELECT 'b' ORDER BY 1 NULLS FIRST;
(SELECT 1 UNION ALL SELECT 1) EXCEPT ALL SELECT 1;
SELECT 1 INTERSECT ALL SELECT 1 UNION SELECT 2 ORDER BY 1;
(SELECT id FROM employees ORDER BY id LIMIT 1) UNION ALL (SELECT id FROM employees ORDER BY id DESC LIMIT 1);
SELECT 1, 2 UNION SELECT 3;
--! differs(sqlstate): mixed branches become text
SELECT 1 UNION SELECT 'a';
--! differs(sqlstate): mixed branches become text
SELECT date '2024-01-01' UNION SELECT 'x';
SELECT name FROM employees WHERE (team, boss) IN (('x', 1), ('y', 2)) ORDER BY 1;
SELECT name FROM employees WHERE (team, boss) = ('y', 1);
SELECT name FROM employees WHERE (id, boss) > (2, 1) ORDER BY id;
SELECT ROW(1, NULL) IS NULL, ROW(NULL, NULL) IS NULL, ROW(1, NULL) IS NOT NULL, ROW(1, 2) = ROW(1, NULL), (1, 2) < (1, 3), ROW(1, 2) IS DISTINCT FROM ROW(1, 2), (1, NULL) <> (2, NULL);
SELECT ROW(1, 'a', NULL), ROW(1.5, true)::text, (1, 2);
SELECT name FROM employees WHERE id IN (SELECT boss FROM employees) ORDER BY id;
SELECT name FROM employees WHERE id NOT IN (SELECT boss FROM employees) ORDER BY id;
SELECT name FROM employees e WHERE NOT EXISTS (SELECT FROM employees u WHERE u.boss = e.id) ORDER BY id;
SELECT name FROM employees WHERE pay >= ALL (SELECT pay FROM employees WHERE pay IS NOT NULL);
SELECT name FROM employees WHERE pay > ANY (SELECT pay FROM employees WHERE team = 'x') ORDER BY id;
SELECT 1 = ANY (SELECT NULL::int), 1 <> ALL (SELECT NULL::int), 1 IN (SELECT 1 WHERE false), NULL IN (SELECT 1 WHERE false), 1 NOT IN (2, NULL), 1 > ALL (SELECT 1 WHERE false);
SELECT NULL AND false, NULL OR true, NOT NULL, NULL = NULL, NULL <> 1, NULL IS UNKNOWN, true IS NOT FALSE, (NULL::bool) IS TRUE;
SELECT 2 BETWEEN SYMMETRIC 3 AND 1, 2 NOT BETWEEN 3 AND 5, NULL BETWEEN 1 AND 2, 5 BETWEEN 1 AND NULL, 0 BETWEEN 1 AND NULL, 'b' BETWEEN 'a' AND 'c';
SELECT 1 IS DISTINCT FROM 2, NULL IS DISTINCT FROM NULL, 1 IS NOT DISTINCT FROM 1, 'a' IS DISTINCT FROM NULL;
SELECT 'yes'::bool, 'off'::bool, 't'::bool AND 'f'::bool, true = 't', true::text, true::int, 0::bool, bool 'on', 'TRUE'::boolean;
SELECT CASE WHEN true THEN 'a' ELSE NULL END, CASE WHEN false THEN 1 END, CASE 1 WHEN 1 THEN 1.5 ELSE 2 END, CASE WHEN NULL THEN 1 ELSE 2 END, CASE 'a' WHEN 'a' THEN now() ELSE NULL END IS NOT NULL;
--! differs(types, rows): values of different scales in one column have the same number of decimals
SELECT coalesce(NULL, NULL), coalesce(NULL, 'a'), coalesce(1, 2.5), coalesce(NULL, date '2024-01-01'), nullif('a', 'a'), nullif(1, 2), nullif('', ''), greatest(NULL, 1, 2), least('b', 'a'), greatest('2024-01-01', date '2023-01-01');
SELECT '1' = 1, '5' > 4, 1 + '2', '3' * 2, 'a' = 'a ', '1.5'::text = 1.5::text, '2024-01-01' < now(), NULL + 1, - '5'::int;
SELECT 'x' AS a, NULL AS b, '5' AS c, pg_typeof('x'), pg_typeof(NULL), pg_typeof(1.5), pg_typeof(5000000000), pg_typeof('1' || 'a'), pg_typeof(ARRAY['a']);
SELECT (SELECT max(pay) FROM employees), (SELECT name FROM employees WHERE id = 99), EXISTS (SELECT 1 FROM employees WHERE false), ARRAY(SELECT id FROM employees ORDER BY 1);
SELECT (SELECT id FROM employees);
SELECT (SELECT id, name FROM employees LIMIT 1);
SELECT (SELECT e.pay - avg(pay) FROM employees) > 0 FROM employees e ORDER BY id;
SELECT team, count(*), (SELECT count(*) FROM employees u WHERE u.team IS NOT DISTINCT FROM e.team) FROM employees e GROUP BY team ORDER BY team;
VALUES (1, 'a'), (2, NULL) ORDER BY 1 DESC;
VALUES (1, 'a'), (2);
SELECT * FROM (VALUES (1, 'x'::text), (2, 'y')) AS v(n, t) WHERE n IN (VALUES (2), (3));
SELECT count(*) > -1 FROM employees TABLESAMPLE BERNOULLI (50);
SELECT count(*) FROM employees TABLESAMPLE SYSTEM (100) REPEATABLE (1);
SELECT * FROM generate_series(1, 10, 3) AS s(n);
SELECT * FROM generate_series(3, 1);
SELECT * FROM generate_series(3, 1, -1) WITH ORDINALITY;
SELECT generate_series(1, 2, 0);
--! differs(modifiers): a series of numerics is described with its precision
SELECT * FROM generate_series(1.0, 2.0, 0.5);
SELECT * FROM ROWS FROM (generate_series(1, 2), generate_series(1, 3)) AS t(a, b);
SELECT id, name FROM employees WHERE name LIKE 'E%' OR name ~ '^[PQ]' ORDER BY id FOR SHARE;
--! differs(types): a row of a table is a record, not of the type of the table
SELECT e FROM employees e WHERE id = 1;
SELECT e.* FROM employees e WHERE id = 1;
SELECT count(e), count(e.*), count(DISTINCT e.team) FROM employees e;
SELECT (e).name FROM employees e WHERE (e).id = 2;
SELECT employees.name FROM employees, (SELECT 1 AS one) o WHERE employees.id = o.one;
SELECT "name" AS "Name", pay "Pay it", id AS select FROM employees LIMIT 1;
SELECT current_user = user, current_schema = 'public', current_catalog IS NOT NULL, version() LIKE 'PostgreSQL%';
SELECT ctid IS NOT NULL FROM employees LIMIT 1;
--! differs(sqlstate): tables have no tableoid
SELECT tableoid::regclass FROM employees LIMIT 1;
SELECT name, CASE WHEN pay > 75 THEN 'high' WHEN pay IS NULL THEN 'none' ELSE 'low' END AS band, count(*) OVER (PARTITION BY pay > 75) FROM employees ORDER BY id;
SELECT date_part('year', hired) AS year, count(*) FROM employees WHERE hired IS NOT NULL GROUP BY 1 HAVING count(*) > 0 ORDER BY 1;
SELECT name || ' (' || coalesce(team, '?') || ')' FROM employees ORDER BY 1;
SELECT sum(pay) FILTER (WHERE team = 'x') AS x, sum(pay) FILTER (WHERE team = 'y') AS y, string_agg(name, ',' ORDER BY pay DESC NULLS LAST) FROM employees;
SELECT t.team, t.total, round(100 * t.total / sum(t.total) OVER (), 2) AS share FROM (SELECT team, sum(pay) AS total FROM employees GROUP BY team) t ORDER BY share DESC NULLS LAST;
SELECT min(name), max(hired), min(hired::timestamp), max(team), count(hired) FROM employees;
SELECT id % 2 = 0 AS even, array_agg(name ORDER BY name) FROM employees GROUP BY even ORDER BY even;
SELECT a.* FROM employees a WHERE a.pay = (SELECT max(b.pay) FROM employees b WHERE b.team = a.team) ORDER BY a.id;
