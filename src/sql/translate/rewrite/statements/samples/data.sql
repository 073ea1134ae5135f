# ON CONFLICT
CREATE TABLE t (a int PRIMARY KEY, b text, c int DEFAULT 5)
--> ok
INSERT INTO t (a, b) VALUES (1, 'x') ON CONFLICT DO NOTHING
--> INSERT 1
INSERT INTO t (a, b) VALUES (1, 'y') ON CONFLICT DO NOTHING
--> INSERT 0
INSERT INTO t (a, b) VALUES (1, 'y') ON CONFLICT (a) DO UPDATE SET b = EXCLUDED.b, c = t.c + 1 RETURNING *
--> 1|y|6
INSERT INTO t AS o (a, b) VALUES (1, 'z') ON CONFLICT (a) DO UPDATE SET (b, c) = (EXCLUDED.b, o.c + 1) WHERE o.c < 100 RETURNING o.a, o.b, o.c
--> 1|z|7
INSERT INTO t (a, b) VALUES (1, 'q') ON CONFLICT (a) DO UPDATE SET b = 'no' WHERE t.c > 100 RETURNING *
--> (no rows)
INSERT INTO t (a, b) VALUES (1, 'k') ON CONFLICT ON CONSTRAINT t_pkey DO UPDATE SET b = EXCLUDED.b RETURNING b
--> k
INSERT INTO t (a, b) VALUES (1, 'n'), (2, 'm') ON CONFLICT ON CONSTRAINT t_pkey DO NOTHING RETURNING a, b
--> 2|m
INSERT INTO t VALUES (1, 'n', 1), (2, 'm', 1) ON CONFLICT ON CONSTRAINT t_pkey DO NOTHING
--> INSERT 0
INSERT INTO t (a, b) VALUES (1, 'w') ON CONFLICT (a) WHERE a > 0 DO NOTHING
--> INSERT 0
INSERT INTO t (a, b) VALUES (3, 'y') ON CONFLICT (lower(b)) DO NOTHING
--> error 42P10
--! error 0A000
INSERT INTO t (a, b) VALUES (1, 'y') ON CONFLICT (a) DO UPDATE SET c = (SELECT 3)
--> INSERT 1
--! error 0A000
SELECT * FROM t ORDER BY a
--> 1|k|3 / 2|m|5
--! 1|k|7 / 2|m|5: the statement before was refused

# INSERT forms
CREATE TABLE t (a int DEFAULT 1, b text DEFAULT 'd')
--> ok
INSERT INTO t DEFAULT VALUES RETURNING *
--> 1|d
INSERT INTO t VALUES (5)
--> INSERT 1
--! error 42601: DuckDB wants a value for each column, or their names
INSERT INTO t VALUES (DEFAULT, 'x'), (2, DEFAULT) RETURNING a, b
--> 1|x / 2|d
INSERT INTO t AS q (a) VALUES (9) RETURNING q.a, upper(q.b)
--> 9|D
INSERT INTO t AS q (a) SELECT 10 RETURNING *
--> 10|d
WITH n AS (SELECT 20 AS a) INSERT INTO t (a) SELECT a FROM n RETURNING a
--> 20
INSERT INTO t (a, b) VALUES (1)
--> error 42601
INSERT INTO nothing VALUES (1)
--> error 42P01
INSERT INTO t (nothing) VALUES (1)
--> error 42703

# UPDATE and DELETE with other tables
CREATE TABLE t (a int, b int)
--> ok
CREATE TABLE s (a int, c int)
--> ok
INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)
--> INSERT 3
INSERT INTO s VALUES (1, 10), (2, 20)
--> INSERT 2
UPDATE t AS x SET b = y.c FROM s AS y WHERE x.a = y.a RETURNING x.a, x.b
--> 1|10 / 2|20
UPDATE t SET (a, b) = (SELECT s.a + 100, s.c + 1 FROM s WHERE s.a = t.a) WHERE a = 1 RETURNING a, b
--> 101|11
UPDATE t SET (a, b) = (SELECT s.a, s.c FROM s) WHERE a = 2
--> error 21000
UPDATE t SET (a, b) = (7, DEFAULT) WHERE a = 3 RETURNING a, b
--> 7|NULL
UPDATE t SET b = (SELECT max(c) FROM s) WHERE a = 101
--> UPDATE 1
UPDATE t SET b = s.c FROM s WHERE t.a = s.a RETURNING *
--> 2|20|2|20
--! error 0A000
UPDATE t SET b = s.c FROM s WHERE t.a = s.a RETURNING t.a, s.c
--> 2|20
--! error 0A000
DELETE FROM t USING s WHERE t.a = s.a RETURNING t.a
--> 2
DELETE FROM t USING s WHERE t.a = s.a RETURNING s.c
--> (no rows)
--! error 0A000
DELETE FROM ONLY t AS x WHERE x.a = 7 RETURNING x.*
--> 7|NULL
SELECT a, b FROM t
--> 101|20
DELETE FROM t
--> DELETE 1

# MERGE
CREATE TABLE t (a int PRIMARY KEY, b int)
--> ok
INSERT INTO t VALUES (1, 1), (2, 2)
--> INSERT 2
MERGE INTO t USING (VALUES (1, 10), (3, 30)) AS s (a, b) ON t.a = s.a WHEN MATCHED THEN UPDATE SET b = s.b WHEN NOT MATCHED THEN INSERT (a, b) VALUES (s.a, s.b)
--> MERGE 2
MERGE INTO t AS x USING (SELECT 2 AS a) AS s ON x.a = s.a WHEN MATCHED AND x.b = 2 THEN DELETE WHEN MATCHED THEN DO NOTHING
--> MERGE 1
MERGE INTO t USING (SELECT 1 AS a) AS s ON t.a = s.a WHEN MATCHED THEN UPDATE SET (a, b) = (5, 50)
--> MERGE 1
SELECT a, b FROM t ORDER BY a
--> 3|30 / 5|50

# views
CREATE TABLE t (a int)
--> ok
INSERT INTO t VALUES (1), (2)
--> INSERT 2
CREATE VIEW v (x) WITH (security_barrier) AS SELECT a FROM t
--> ok
SELECT x FROM v ORDER BY x
--> 1 / 2
CREATE OR REPLACE VIEW v AS SELECT a AS x FROM t WHERE a > 1
--> ok
SELECT x FROM v
--> 2
CREATE RECURSIVE VIEW n (i) AS SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4
--> ok
SELECT sum(i) FROM n
--> 10
CREATE TEMP VIEW tv AS SELECT 1 AS a
--> ok
SELECT a FROM tv
--> 1
CREATE VIEW v AS SELECT 1
--> error 42P07
CREATE VIEW c AS SELECT a FROM t WITH CHECK OPTION
--> ok
--! error 0A000
