-- INSERT … ON CONFLICT: rows that meet twice, constraints by name, tables without keys.
CREATE TABLE twice (k text PRIMARY KEY, n int);
INSERT INTO twice VALUES ('q', 1), ('q', 2) ON CONFLICT (k) DO UPDATE SET n = excluded.n;
INSERT INTO twice VALUES ('q', 1), ('r', 2) ON CONFLICT (k) DO UPDATE SET n = excluded.n;
INSERT INTO twice VALUES ('q', 10), ('r', 20), ('s', 30) ON CONFLICT (k) DO UPDATE SET n = excluded.n RETURNING k, n;
INSERT INTO twice SELECT k, n FROM (VALUES ('t', 1), ('u', 2), ('t', 3)) v(k, n) ON CONFLICT (k) DO UPDATE SET n = excluded.n;
INSERT INTO twice (n, k) SELECT g, 'x' || g FROM generate_series(1, 3) g ON CONFLICT (k) DO UPDATE SET n = excluded.n RETURNING k;
INSERT INTO twice (n, k) SELECT g, 'x' || g % 2 FROM generate_series(1, 3) g ON CONFLICT (k) DO UPDATE SET n = excluded.n;
WITH v AS (SELECT 'w' AS k UNION ALL SELECT 'w') INSERT INTO twice (k) SELECT k FROM v ON CONFLICT (k) DO UPDATE SET n = 0;
INSERT INTO twice VALUES ('z', 1), ('z', 2) ON CONFLICT (k) DO NOTHING RETURNING n;
INSERT INTO twice VALUES ('y', 1), ('y', 2) ON CONFLICT DO NOTHING RETURNING n;
SELECT * FROM twice ORDER BY k;
EXPLAIN (COSTS off) INSERT INTO nowhere VALUES (1), (2) ON CONFLICT (a) DO UPDATE SET a = 1;
CREATE TABLE pairs (a int, b text, c numeric(6, 2) DEFAULT 1.5, d date, UNIQUE (a, b), UNIQUE (d));
INSERT INTO pairs VALUES (1, 'x', 2, '2024-01-01'), (1, 'y', 3, '2024-01-02') ON CONFLICT (a, b) DO UPDATE SET c = excluded.c RETURNING *;
INSERT INTO pairs (a, b, c) VALUES (1, 'x', 7), (1, 'x', 8) ON CONFLICT (a, b) DO UPDATE SET c = excluded.c;
--! differs(sqlstate): of several rows with NULL in the same key ON CONFLICT would keep one, so they are refused
INSERT INTO pairs (a, b, c) VALUES (1, NULL, 7), (1, NULL, 8) ON CONFLICT (a, b) DO UPDATE SET c = excluded.c RETURNING c;
INSERT INTO pairs (a, b, c) VALUES (1, 'x', 9), (2, 'x', 9) ON CONFLICT ON CONSTRAINT pairs_a_b_key DO UPDATE SET c = excluded.c RETURNING a, b, c;
INSERT INTO pairs (a, b, d) VALUES (5, 'n', '2024-01-01') ON CONFLICT ON CONSTRAINT pairs_d_key DO UPDATE SET a = 50 RETURNING a, b, d;
INSERT INTO pairs (a, b, d) VALUES (6, 'n', '2024-01-01') ON CONFLICT ON CONSTRAINT pairs_d_key DO NOTHING RETURNING a;
INSERT INTO pairs (d) VALUES ('2024-01-01') ON CONFLICT ON CONSTRAINT pairs_d_key DO NOTHING;
INSERT INTO pairs (a, b, d) VALUES (6, 'n', '2024-01-01') ON CONFLICT ON CONSTRAINT nope DO NOTHING;
INSERT INTO pairs (a, b, d) VALUES (6, 'n', '2024-01-01') ON CONFLICT ON CONSTRAINT pairs_a_b_key DO NOTHING;
--! differs(sqlstate): of several rows with NULL in the same key ON CONFLICT would keep one, so they are refused
INSERT INTO pairs (a) VALUES (8), (8) ON CONFLICT (a, b) DO NOTHING;
--! differs(sqlstate): of several rows with NULL in the same key ON CONFLICT would keep one, so they are refused
INSERT INTO pairs (d) SELECT NULL FROM generate_series(1, 2) ON CONFLICT DO NOTHING;
INSERT INTO pairs (a, b, c) VALUES (1, NULL, 7), (2, NULL, 8) ON CONFLICT (a, b) DO UPDATE SET c = excluded.c;
TRUNCATE pairs;
INSERT INTO pairs (a, b, c) VALUES (1, NULL, 7), (2, NULL, 8), (3, 'x', 9), (3, 'x', 10) ON CONFLICT (a, b) DO NOTHING;
SELECT a, b, c, d FROM pairs ORDER BY c, a, b, d;
CREATE TABLE numbered (id serial PRIMARY KEY, part int DEFAULT 7, name text, UNIQUE (part, name));
--! differs(rows): rows that an INSERT with ON CONFLICT adds are returned in another order
INSERT INTO numbered (name) VALUES ('a'), ('b') ON CONFLICT (part, name) DO UPDATE SET name = 'never' RETURNING id, name;
--! differs(sqlstate): rows with the same key are met twice also where ON CONFLICT DO UPDATE changes that key
INSERT INTO numbered (name) VALUES ('a'), ('a') ON CONFLICT (part, name) DO UPDATE SET name = 'never';
--! differs(rows): rows that an INSERT with ON CONFLICT adds are returned in another order
INSERT INTO numbered (name) VALUES ('c'), ('d') ON CONFLICT (id) DO UPDATE SET name = 'never' RETURNING name;
--! differs(rows): rows that an INSERT with ON CONFLICT adds are returned in another order
INSERT INTO numbered (id, part, name) VALUES (1, DEFAULT, 'm'), (2, DEFAULT, 'n') ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING id, part, name;
INSERT INTO numbered (id, name) VALUES (1, 'm2'), (1.4, 'n2') ON CONFLICT (id) DO UPDATE SET name = excluded.name;
CREATE TABLE free (a int, b text);
INSERT INTO free VALUES (1, 'a') ON CONFLICT DO NOTHING;
INSERT INTO free VALUES (1, 'a'), (1, 'a') ON CONFLICT DO NOTHING RETURNING a;
INSERT INTO free VALUES (1, 'a') ON CONFLICT ON CONSTRAINT free_pkey DO NOTHING;
INSERT INTO free VALUES (1, 'a') ON CONFLICT (a) DO NOTHING;
INSERT INTO free VALUES (1, 'a') ON CONFLICT (a) DO UPDATE SET b = 'x';
SELECT count(*) FROM free;
CREATE TEMP TABLE passing (k int PRIMARY KEY, v text);
INSERT INTO passing VALUES (1, 'a'), (1, 'b') ON CONFLICT (k) DO UPDATE SET v = excluded.v;
--! differs(rows): rows that an INSERT with ON CONFLICT adds are returned in another order
INSERT INTO passing VALUES (1, 'a'), (2, 'b') ON CONFLICT ON CONSTRAINT passing_pkey DO UPDATE SET v = excluded.v RETURNING *;
BEGIN;
CREATE TABLE within (k int PRIMARY KEY, v text UNIQUE);
INSERT INTO within VALUES (1, 'a') ON CONFLICT ON CONSTRAINT within_v_key DO NOTHING;
INSERT INTO within VALUES (3, 'a') ON CONFLICT ON CONSTRAINT within_v_key DO UPDATE SET k = 4 RETURNING *;
INSERT INTO within VALUES (5, 'e'), (5, 'f') ON CONFLICT (k) DO UPDATE SET v = excluded.v;
SELECT 1;
ROLLBACK;
