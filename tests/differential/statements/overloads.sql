-- Functions of several types where the types come late: in constraints, defaults, indexes, correlated subqueries and over aggregates.
CREATE TABLE checked (code text CHECK (length(code) > 1), raw bytea CHECK (length(raw) <= 4), day timestamp CHECK (to_char(day, 'YYYY') >= '2000' AND date_trunc('day', day) = day), short text DEFAULT substring('abcdef' FROM 2 FOR 3), made text DEFAULT to_char(42, 'FM000'), tidy text CHECK (btrim(tidy) = tidy AND tidy = lpad(tidy, 3)));
INSERT INTO checked (code, raw, day, tidy) VALUES ('ab', decode('00ff', 'hex'), '2024-01-01', 'xyz') RETURNING code, short, made;
INSERT INTO checked (code) VALUES ('a');
INSERT INTO checked (raw) VALUES (decode('0011223344', 'hex'));
INSERT INTO checked (day) VALUES ('1999-12-31');
INSERT INTO checked (day) VALUES ('2024-01-01 10:00');
INSERT INTO checked (tidy) VALUES ('ab ');
CREATE INDEX checked_length ON checked (length(code));
--! differs(sqlstate): an index may be made over any function
CREATE INDEX checked_part ON checked (substring(code, 1, 1), to_char(day, 'YYYY-MM'));
SELECT code FROM checked WHERE length(code) = 2;
CREATE TABLE measured (id int, code text, raw bytea, day date, moment timestamptz, span interval, amount numeric(8, 2), whole int, big bigint, ratio float8);
INSERT INTO measured VALUES (1, 'abc', decode('00ff10', 'hex'), '2024-02-29', '2024-02-29 13:14:15+00', '1 day 02:03:04', 12.50, 12, 18, 0.5), (2, 'de', decode('61', 'hex'), '2024-03-01', '2024-03-01 00:00:00+00', '3 mons', 7.25, 18, 12, 2.5);
SELECT id, (SELECT length(m.code)), (SELECT length(m.raw)), (SELECT octet_length(m.raw)) FROM measured m ORDER BY id;
SELECT id, (SELECT substring(m.code, 2)), (SELECT substring(m.raw, 2)), (SELECT substr(m.code, 1, 1)), (SELECT substring(m.code FROM '[a-c]+')) FROM measured m ORDER BY id;
SELECT id, (SELECT to_char(m.day, 'DD.MM.YYYY')), (SELECT to_char(m.moment, 'HH24:MI')), (SELECT to_char(m.amount, '990.00')), (SELECT to_char(m.span, 'DD HH24')) FROM measured m ORDER BY id;
--! differs(types, rows): date_trunc of a date is a timestamp without zone
SELECT id, (SELECT date_trunc('month', m.moment)), (SELECT date_trunc('month', m.day)), (SELECT date_part('day', m.moment)) FROM measured m ORDER BY id;
SELECT id, (SELECT age(timestamptz '2025-01-01 00:00:00+00', m.moment)), (SELECT age(timestamp '2025-01-01', m.day)) FROM measured m ORDER BY id;
SELECT id, (SELECT gcd(m.whole, 30)), (SELECT gcd(m.big, 30)), (SELECT lcm(m.whole, m.big)) FROM measured m ORDER BY id;
SELECT id, (SELECT btrim(m.code, 'a')), (SELECT ltrim(m.code, 'a')), (SELECT rtrim(m.code, 'ce')), (SELECT lpad(m.code, 5, '*')) FROM measured m ORDER BY id;
SELECT id, (SELECT overlay(m.code PLACING 'XX' FROM 2 FOR 1)), (SELECT position('b' IN m.code)), (SELECT encode(m.raw, 'hex')) FROM measured m ORDER BY id;
SELECT id, (SELECT concat(m.code, '/', m.day, '/', m.amount)), (SELECT format('%s-%s', m.code, m.whole)), (SELECT quote_literal(m.code)) FROM measured m ORDER BY id;
SELECT id, (SELECT json_build_object('code', m.code, 'day', m.day, 'whole', m.whole)), (SELECT to_json(m.code)) FROM measured m ORDER BY id;
SELECT id, (SELECT timezone('Europe/Prague', m.moment)), (SELECT m.moment AT TIME ZONE 'UTC') FROM measured m ORDER BY id;
SELECT id, (SELECT date_bin('1 hour', m.moment, timestamptz '2024-01-01 00:00:00+00')) FROM measured m ORDER BY id;
SELECT id, (SELECT width_bucket(m.amount, 0, 20, 4)), (SELECT width_bucket(m.ratio, 0, 5, 10)), (SELECT to_hex(m.whole)), (SELECT to_hex(m.big)) FROM measured m ORDER BY id;
SELECT id, (SELECT isfinite(m.day)), (SELECT isfinite(m.span)), (SELECT regexp_replace(m.code, '[ad]', 'X')), (SELECT string_to_array(m.code, 'b')) FROM measured m ORDER BY id;
SELECT m.id, c.n, c.part FROM measured m, LATERAL (SELECT length(m.code) AS n, substring(m.raw, 1, 1) AS part) c ORDER BY m.id;
SELECT m.id FROM measured m WHERE EXISTS (SELECT 1 FROM measured o WHERE length(o.code) < length(m.code)) ORDER BY m.id;
SELECT m.id FROM measured m WHERE (SELECT max(length(o.raw)) FROM measured o WHERE substr(o.code, 1, 1) <> substr(m.code, 1, 1)) = 3 ORDER BY m.id;
SELECT m.id, (SELECT string_agg(substring(o.code, 1, length(m.code)), ',' ORDER BY o.id) FROM measured o) FROM measured m ORDER BY m.id;
SELECT length(max(code)), substring(min(code), 1, 2), to_char(max(moment), 'YYYY-MM-DD'), to_char(max(amount), 'FM990.0'), date_trunc('year', min(moment)) FROM measured;
--! differs(types): sum of integers is numeric, whatever their size
SELECT to_hex(max(whole)), gcd(max(whole), min(whole)), sum(whole), btrim(max(code), 'd'), lpad(min(code), 4, '-') FROM measured;
SELECT concat(max(code), min(day)), format('%s of %s', min(whole), max(amount)), json_build_object('most', max(whole)), length(string_agg(code, ',')) FROM measured;
SELECT id, length(lag(code) OVER (ORDER BY id)), substring(first_value(code) OVER (ORDER BY id), 1, 1), to_char(max(day) OVER (), 'YYYYMM') FROM measured ORDER BY id;
SELECT length(code), count(*), max(length(raw)) FROM measured GROUP BY length(code) HAVING max(length(code)) > 1 ORDER BY length(code);
--! differs(types): sum of integers is numeric, whatever their size
SELECT sum(length(code)), avg(length(raw))::numeric(8, 2), count(*) FILTER (WHERE length(code) > 2) FROM measured;
UPDATE measured SET code = lpad(code, 4, '0') WHERE length(code) < 3 RETURNING id, code, length(code);
UPDATE measured m SET code = substring(o.code, 1, 3) FROM measured o WHERE o.id = m.id AND length(o.code) = 4 RETURNING m.id, m.code;
CREATE VIEW lengths AS SELECT id, (SELECT length(m.code)) AS n, to_char(day, 'MM') AS month, substring(raw, 1, 1) AS first FROM measured m;
SELECT * FROM lengths ORDER BY id;
SELECT id, span / 2, span / 1.5, whole / 5, big / 5, ratio / 2, (SELECT m.whole / 5) FROM measured m ORDER BY id;
SELECT id, to_char(day, 'YYYY-MM-DD'), to_char(moment, 'Day DD Mon'), to_char(amount, 'FM99.0'), to_char(span, 'DD') FROM measured ORDER BY id;
SELECT length((SELECT max(code) FROM measured)), substring((SELECT max(code) FROM measured), 1, 1), to_char((SELECT max(day) FROM measured), 'DD');
SELECT length(12);
