-- What generated statements found (tests/differential/generated), each made small.
CREATE TABLE drawn (id int PRIMARY KEY, small smallint, n int, weight float8, ok bool, name text, day date, clock time, span interval);
INSERT INTO drawn VALUES (1, 1, 10, 0.5, true, 'Ada', '2024-02-29', '10:00', '1 day'), (2, NULL, -3, 1.25, false, 'Božena', '2024-03-01', '23:59:59.5', '1 mon -2 days'), (3, 32767, NULL, NULL, NULL, '', NULL, NULL, NULL), (4, 0, 0, 0, true, NULL, '1999-12-31', '00:00', '00:00'), (5, -7, 7, -2.5, false, 'O''Neil', '2024-02-29', '12:34:56', '-3 hours');
-- The number of places of a shift is taken modulo the bits, and bits may fall out.
SELECT 1 << -2, 1 << 31, 3 << 31, 5 << 33, -5 >> 1, -5 >> 33, 1::bigint << 63, 7::bigint << 62, id << 2, n >> 1, n << 31 FROM drawn ORDER BY id;
SELECT -2147483648, -2147483648 - 0, array[-2147483648], array_append('{}'::int[], -2147483648);
SELECT abs(-2147483648);
-- An array that was made longer is still one.
SELECT (array[1, 2, 3] || 1) || 1, (1 || '{}'::int[]) || 1, 1 || (array[2] || 3), (array['a'] || 'b'::text) || 'c'::text;
-- NULL before the check of another argument.
SELECT split_part('a', NULL, 0), decode(md5(NULL::text), 'hex'), decode(NULL, 'base64');
SELECT date_trunc('century', timestamptz '2024-10-27 00:30:00+02', 'UTC'), date_trunc('millennium', timestamptz '2024-10-27', 'Europe/Prague'), date_trunc('day', timestamptz '2024-10-27 23:30+00', 'Europe/Prague');
-- What a FILTER leaves out is not evaluated.
SELECT sum(10 / n) FILTER (WHERE n <> 0), count(10 / n) FILTER (WHERE n > 0), string_agg((10 / n)::text, ',' ORDER BY id) FILTER (WHERE n <> 0) FROM drawn;
SELECT max(small % n) FILTER (WHERE false), sum(n) FILTER (WHERE n > 3), array_agg(DISTINCT 7 / n) FILTER (WHERE n <> 0) FROM drawn;
SELECT id, sum(10 / n) FILTER (WHERE n <> 0) OVER (ORDER BY id), count(*) FILTER (WHERE length(substr(name, 1, 1)) = 1) OVER (ORDER BY id) FROM drawn ORDER BY id;
-- DISTINCT and ORDER BY of expressions and constants in an aggregate.
SELECT array_agg(DISTINCT width_bucket(weight, 0, 10, 5)), string_agg(DISTINCT 'a', ','), string_agg('a', ',' ORDER BY 'a' DESC, id), string_agg(DISTINCT lpad(ok::text, 5), '|'), array_agg(DISTINCT upper(ok::text)), string_agg(DISTINCT n::text, ',') FILTER (WHERE n > 4) FROM drawn;
SELECT string_agg(DISTINCT upper(name), ','), array_agg(DISTINCT upper(name)) FROM drawn WHERE id > 90;
SELECT ok, array_agg(DISTINCT upper(name)), string_agg(DISTINCT left(name, 1), '') FROM drawn GROUP BY ok ORDER BY ok;
-- Differences of columns are an integer or an interval.
SELECT clock - time '01:00', (clock + span) - clock, day - date '2024-01-01', day - day FROM drawn ORDER BY id;
-- Functions in arguments of functions are planned as fast as one of them, also around a column of an outer query.
SELECT (substr((substr(((substr(day::text, 1, 8) || '05')::date)::text, 1, 8) || '05')::date::text, 1, 8) || '05')::date FROM drawn ORDER BY id;
SELECT (SELECT substr(substr(substr(substr(o.name, 1, 8), 1, 7), 1, 6), 1, 5) FROM drawn i WHERE i.id = o.id) FROM drawn o ORDER BY id;
SELECT concat(concat(concat('a', id), concat('b', name)), concat(name, 'c')) FROM drawn ORDER BY id;
SELECT replace(overlay(substr(lpad(left(name, -1), 6, '*'), 2, 4) placing 'x' from 2), '*', '-'), quote_literal(quote_literal(quote_literal(name))) FROM drawn ORDER BY id;
SELECT string_agg(name, NULL ORDER BY id), string_agg(name, NULL::text ORDER BY id DESC), string_agg(DISTINCT upper(name), NULL) FROM drawn;
-- NULL is no element of any array.
CREATE TABLE drawn_lists (id int, nums int[], labels text[]);
INSERT INTO drawn_lists VALUES (1, '{1,2,3}', '{a}'), (2, '{}', '{}'), (3, NULL, NULL), (4, '{3,NULL,1}', '{c,NULL}');
SELECT id, array[3, NULL, 1] <@ array[1, 2, 3], nums @> array[1, NULL], nums <@ array[1, 2, 3], nums @> array[1], array[1, 2, 3] @> nums, nums @> '{}', labels <@ '{a,c}', nums @> nums, labels && array[NULL, 'c'] FROM drawn_lists ORDER BY id;
SELECT id FROM drawn_lists WHERE nums @> '{1}' ORDER BY id;
SELECT array_positions(array[1, 2, 1], 1) || (-1);
