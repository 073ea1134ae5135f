-- Statements that fail, and how.
CREATE TABLE strict (id int PRIMARY KEY, code varchar(3) NOT NULL, n int CHECK (n > 0), small smallint, amount numeric(5, 2), day date, flag boolean, CONSTRAINT code_once UNIQUE (code), CONSTRAINT n_small CHECK (n < 100));
INSERT INTO strict VALUES (1, 'abc', 5, 1, 1.5, '2024-01-01', true);
CREATE TABLE parts (id int PRIMARY KEY, strict_id int NOT NULL REFERENCES strict (id));
INSERT INTO parts VALUES (1, 1);
INSERT INTO strict (id, code, n) VALUES (1, 'x', 5);
INSERT INTO strict (id, code, n) VALUES (2, 'abc', 5);
INSERT INTO strict (id, code, n) VALUES (2, 'abcd', 5);
INSERT INTO strict (id, code, n) VALUES (2, NULL, 5);
INSERT INTO strict (id) VALUES (2);
INSERT INTO strict (id, code, n) VALUES (2, 'x', 0);
INSERT INTO strict (id, code, n) VALUES (2, 'x', 100);
INSERT INTO strict (id, code, n, small) VALUES (2, 'x', 1, 40000);
INSERT INTO strict (id, code, amount) VALUES (2, 'x', 1000);
INSERT INTO strict (id, code, day) VALUES (2, 'x', '2024-02-31');
INSERT INTO strict (id, code, day) VALUES (2, 'x', 'soon');
INSERT INTO strict (id, code, flag) VALUES (2, 'x', 'maybe');
INSERT INTO strict (id, code) VALUES ('two', 'x');
--! differs(sqlstate): a value of an unsuitable type for a column is 42846, or converted
INSERT INTO strict (id, code, day) VALUES (2, 'x', 5);
--! differs(sqlstate): a value of an unsuitable type for a column is 42846, or converted
INSERT INTO strict (id, code, n) VALUES (3, 'y', true);
--! differs(sqlstate): a value of an unsuitable type for a column is 42846, or converted
INSERT INTO strict (id, code, flag) VALUES (4, 'z', 1);
--! differs(tag): a value of an unsuitable type for a column is 42846, or converted
DELETE FROM strict WHERE id > 1;
INSERT INTO strict (id, id) VALUES (1, 2);
INSERT INTO strict (id, code) VALUES (2, 'x', 3);
INSERT INTO strict (id, code) SELECT 2;
INSERT INTO strict (nope) VALUES (1);
INSERT INTO nope VALUES (1);
INSERT INTO parts VALUES (2, 99);
INSERT INTO parts VALUES (2, NULL);
--! differs(sqlstate): a row that a foreign key refers to cannot be changed
UPDATE strict SET code = NULL WHERE id = 1;
UPDATE strict SET n = -1 WHERE id = 1;
--! differs(sqlstate): a row that a foreign key refers to cannot be changed
UPDATE strict SET code = 'toolong' WHERE id = 1;
UPDATE strict SET nope = 1;
UPDATE strict SET id = 'x';
UPDATE strict SET n = (SELECT 1 UNION SELECT 2);
UPDATE strict SET n = 1, n = 2;
UPDATE nope SET a = 1;
DELETE FROM strict WHERE id = 1;
DELETE FROM nope;
DELETE FROM strict WHERE nope = 1;
DROP TABLE strict;
SELECT nope FROM strict;
SELECT strict.nope FROM strict;
SELECT s.id FROM strict;
SELECT strict.id FROM strict s;
SELECT id FROM strict, parts;
SELECT a.id FROM strict a, strict a;
SELECT * FROM strict JOIN parts USING (nope);
SELECT * FROM strict JOIN parts ON strict.id = parts.nope;
SELECT id, count(*) FROM strict;
SELECT code, max(n) FROM strict GROUP BY n;
SELECT * FROM strict GROUP BY code;
SELECT max(max(n)) FROM strict;
SELECT id FROM strict WHERE count(*) > 1;
SELECT id FROM strict HAVING id > 1;
SELECT id FROM strict ORDER BY nope;
SELECT id FROM strict GROUP BY nope;
SELECT nope(id) FROM strict;
SELECT lower(id, code) FROM strict;
SELECT id + code FROM strict;
SELECT id || n FROM strict;
SELECT code + 1 FROM strict;
SELECT day + 1.5 FROM strict;
SELECT day * 2 FROM strict;
SELECT flag + 1 FROM strict;
--! differs(sqlstate): integers are taken for booleans
SELECT id FROM strict WHERE code;
--! differs(sqlstate): integers are taken for booleans
SELECT id FROM strict WHERE id;
--! differs(sqlstate): text and numbers are compared, as numbers
SELECT id FROM strict WHERE code = 5;
SELECT id FROM strict WHERE id = 'x';
SELECT id FROM strict WHERE day = 'x';
SELECT id FROM strict WHERE day > 5;
--! differs(sqlstate): integers are taken for booleans
SELECT id FROM strict WHERE flag = 1;
--! differs(sqlstate): integers are taken for booleans
SELECT NOT id FROM strict;
SELECT -code FROM strict;
--! differs(sqlstate): integers are taken for booleans
SELECT id AND flag FROM strict;
--! differs(sqlstate): integers are taken for booleans
SELECT CASE WHEN id THEN 1 END FROM strict;
SELECT CASE WHEN flag THEN id ELSE code END FROM strict;
SELECT coalesce(id, code) FROM strict;
SELECT id IN ('a') FROM strict;
--! differs(sqlstate): text and numbers are compared, as numbers
SELECT id IN (code) FROM strict;
SELECT id UNION SELECT code FROM strict;
--! differs(sqlstate): mixed branches become text
SELECT id FROM strict UNION SELECT code FROM strict;
SELECT code::int FROM strict;
SELECT day::int FROM strict;
SELECT flag::date FROM strict;
SELECT id::date FROM strict;
SELECT id::boolean, flag::int, code::varchar(2), amount::int, day::text FROM strict;
SELECT code::date FROM strict;
SELECT '{}'::int, 1;
SELECT 'a'::nope;
SELECT 1::public.nope;
--! differs(sqlstate): a function in an unknown schema is 42883
SELECT nope.f(1);
SELECT f(1) FROM nope.t;
SELECT * FROM nope.strict;
--! differs(sqlstate): another database is 42501
SELECT * FROM a.b.c;
SELECT 1 FROM;
SELECT FROM WHERE;
SELEKT 1;
SELECT (1;
SELECT 1);
SELECT 'abc;
SELECT "abc;
SELECT * FROM strict WHERE;
SELECT 1 1;
INSERT strict VALUES (1);
--! differs(sqlstate): CREATE TABLE without a name is 42501
CREATE TABLE;
UPDATE strict id = 1;
SELECT 1 AS;
SELECT 1 LIMIT 'x';
SELECT 1 LIMIT (SELECT id, n FROM strict);
--! differs(sqlstate): a column in LIMIT is an unknown column
SELECT id FROM strict LIMIT id;
SELECT $1;
SELECT $1::int;
SELECT 1 + $2;
--! differs(sqlstate): generate_series takes the last value alone, too
SELECT * FROM generate_series(1);
SELECT * FROM nofunction(1);
SELECT substring('a' FROM 'x' FOR 'y' FOR 'z');
SELECT array_agg();
--! differs(sqlstate): count() is count(*)
SELECT count();
SELECT sum(*) FROM strict;
SELECT sum(1, 2);
SELECT upper();
--! differs(sqlstate): constants of unknown type have another overload
SELECT abs('x');
SELECT abs('x'::text);
--! differs(sqlstate): constants of unknown type have another overload
SELECT round('a', 2);
SELECT now(5);
SELECT length(1, 2);
SELECT extract(year FROM 5);
--! differs(sqlstate): constants of unknown type have another overload
SELECT to_char('x', 'y');
SELECT DISTINCT ON (nope) id FROM strict;
WITH a AS (SELECT 1), a AS (SELECT 2) SELECT 1;
--! differs(sqlstate): more names than columns in WITH are ignored
WITH a(x, y) AS (SELECT 1) SELECT * FROM a;
WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT x FROM r) SELECT * FROM r;
WITH RECURSIVE r(n) AS (SELECT n FROM r) SELECT * FROM r;
SELECT * FROM (SELECT 1, 2) t(a, b, c);
--! differs(sqlstate): a subquery in FROM needs no alias
SELECT * FROM (SELECT 1);
SELECT * FROM (VALUES (1, 2), (3)) t;
--! differs(sqlstate): a name of five parts is an unknown table
SELECT a.b.c.d.e FROM strict;
CREATE TABLE strict (id int);
CREATE TABLE twice (a int, a int);
CREATE TABLE keys (a int PRIMARY KEY, b int PRIMARY KEY);
CREATE TABLE bad (a nope);
--! differs(sqlstate): a default is converted where a row needs it
CREATE TABLE bad (a int DEFAULT 'x');
CREATE TABLE bad (a int, FOREIGN KEY (a) REFERENCES nope (id));
CREATE TABLE bad (a int REFERENCES strict (nope));
CREATE TABLE bad (a int REFERENCES strict (n));
CREATE TABLE bad (a int CHECK (nope > 1));
CREATE TABLE bad (a int, PRIMARY KEY (nope));
CREATE TABLE nope.t (a int);
CREATE VIEW strict AS SELECT 1;
CREATE VIEW v AS SELECT nope FROM strict;
--! differs(sqlstate): columns of a view may have the same name
CREATE VIEW v AS SELECT 1 AS a, 2 AS a;
CREATE INDEX i ON strict (nope);
CREATE INDEX i ON nope (id);
--! differs(sqlstate): indexes, sequences and tables have names of their own
CREATE INDEX parts_pkey ON parts (id);
CREATE SCHEMA public;
--! differs(sqlstate): indexes, sequences and tables have names of their own
CREATE SEQUENCE strict;
CREATE TYPE t AS ENUM ('a', 'a');
ALTER TABLE strict ADD COLUMN id int;
ALTER TABLE strict ADD COLUMN x nope;
ALTER TABLE strict RENAME COLUMN nope TO x;
ALTER TABLE strict RENAME COLUMN n TO id;
ALTER TABLE strict RENAME TO parts;
ALTER TABLE strict DROP COLUMN nope;
ALTER TABLE strict ALTER COLUMN nope SET NOT NULL;
ALTER TABLE nope RENAME TO x;
DROP VIEW strict;
DROP TABLE IF EXISTS nope.nope;
DROP INDEX nope;
DROP SEQUENCE nope;
DROP SCHEMA nope;
DROP TYPE nope;
DROP VIEW nope;
TRUNCATE nope;
COMMENT ON TABLE nope IS 'x';
SELECT nextval('nope');
SELECT currval('nope');
SELECT setval('nope', 1);
SELECT 'nope'::regclass;
SELECT 'nope'::regtype;
SELECT to_regclass('nope'), to_regtype('nope');
SELECT 99999::regclass;
EXECUTE nope;
DEALLOCATE nope;
CLOSE nope;
FETCH nope;
SET nope = 1;
SHOW nope;
SET TimeZone = 'Nope';
SET statement_timeout = 'abc';
SET work_mem = '-1';
SET default_transaction_isolation = 'nope';
SAVEPOINT a;
RELEASE a;
ROLLBACK TO a;
COMMIT;
BEGIN;
SELECT nope;
SELECT 1;
SAVEPOINT a;
ROLLBACK;
BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY;
CREATE TABLE x (a int);
ROLLBACK;
BEGIN READ ONLY;
UPDATE strict SET n = 1;
ROLLBACK;
BEGIN;
SELECT 1;
--! differs(sqlstate): what cannot run inside of a transaction is not always refused there
SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;
ROLLBACK;
BEGIN;
--! differs(sqlstate): what cannot run inside of a transaction is not always refused there
VACUUM;
ROLLBACK;
BEGIN;
--! differs(sqlstate): what cannot run inside of a transaction is not always refused there
CREATE DATABASE nope;
ROLLBACK;
EXPLAIN SELECT nope;
LOCK TABLE nope;
--! differs(sqlstate): statements without effect do not look for their objects
REINDEX TABLE nope;
--! differs(sqlstate): statements without effect do not look for their objects
ANALYZE nope;
--! differs(sqlstate): statements without effect do not look for their objects
GRANT SELECT ON nope TO PUBLIC;
--! differs(sqlstate): statements without effect do not look for their objects
REFRESH MATERIALIZED VIEW nope;
CALL nope();
