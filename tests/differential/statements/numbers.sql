-- Arithmetic and numeric functions.
SELECT abs(-5), abs(-5.5), sign(-3), ceil(1.2), floor(-1.2), ceiling(1.0), round(2.5), round(3.5), round(-2.5);
SELECT round(2.345, 2), round(1234.5, -2), trunc(2.999), trunc(2.999, 1), trunc(-2.5);
SELECT round(2.5::float8), round(3.5::float8), round(0.5::float8);
--! differs(types, rows): numeric division, avg and log give doubles
SELECT sqrt(16), cbrt(27), power(2, 10), exp(0), ln(1), log(100), log(2, 8);
SELECT mod(7, 3), mod(-7, 3), div(7, 2), div(-7, 2), 7 % -3, gcd(12, 18), lcm(4, 6), factorial(5);
SELECT pi(), degrees(pi()), radians(180), sin(0), cos(0), atan2(1, 1);
SELECT width_bucket(5.35, 0.024, 10.06, 5), width_bucket(0, 1, 10, 3), width_bucket(15, 1, 10, 3);
SELECT 5 & 3, 5 | 3, 5 # 3, ~5, 1 << 4, 16 >> 2;
SELECT 1.50, 1.5 + 1.25, 1.10 * 2, -0.0, 100000000000000000000.5;
SELECT 1.5::numeric, 2::numeric, '3.14'::numeric, '1e3'::numeric, '-0.001'::numeric;
SELECT 1.2345::numeric(10, 2), 1.235::numeric(10, 2), 5::numeric(6, 3), '12.5'::decimal(5, 1);
SELECT 12345.678::numeric(5, 2);
SELECT 'NaN'::float8, 'Infinity'::float8, '-inf'::float8, 'NaN'::float8 = 'NaN'::float8, 'NaN'::float8 > 1e308;
--! differs(sqlstate): floating point overflow is infinity
SELECT 1e308::float8 * 10;
SELECT 0.1::float8 + 0.2::float8, 0.1::float4, 1e20::float8, 1e-7::float8, 123456789.123::float8, 1::float8 / 3;
SELECT 1.0::float8, 100::float8, 1e15::float8, 1e16::float8, -0.0::float8;
SELECT 3.7::int, -3.7::int, 2.5::int, 3.5::int, 2.5::float8::int, 1e3::int;
--! differs(rows): numeric division, avg and log give doubles
SELECT 1::numeric / 4, 2::numeric * 1.5;
SELECT sum(x), avg(x), min(x), max(x), count(x) FROM (VALUES (1::bigint), (2), (3)) t(x);
SELECT sum(x), min(x), max(x) FROM (VALUES (1.5::float8), (2.5)) t(x);
SELECT avg(x) FROM (VALUES (1.0::float8), (2.0)) t(x);
SELECT count(*), count(x), count(DISTINCT x) FROM (VALUES (1), (1), (NULL)) t(x);
SELECT sum(x) FROM (VALUES (1)) t(x) WHERE false;
SELECT bool_and(x > 0), bool_or(x > 2), every(x > 1) FROM (VALUES (1), (2), (3)) t(x);
SELECT bit_and(x), bit_or(x) FROM (VALUES (5), (3)) t(x);
SELECT stddev_pop(x), var_pop(x) FROM (VALUES (1.0::float8), (3.0)) t(x);
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x) FROM (VALUES (1.0::float8), (2.0), (4.0)) t(x);
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY x) FROM (VALUES (1), (2), (4)) t(x);
SELECT mode() WITHIN GROUP (ORDER BY x) FROM (VALUES (1), (2), (2)) t(x);
SELECT corr(x, y) FROM (VALUES (1.0::float8, 2.0::float8), (2, 4), (3, 6)) t(x, y);
SELECT sum(x) FILTER (WHERE x > 1) FROM (VALUES (1::bigint), (2), (3)) t(x);
SELECT a, sum(b) FROM (VALUES (1, 2::bigint), (1, 3), (2, 4)) t(a, b) GROUP BY a ORDER BY a;
SELECT a, sum(b) FROM (VALUES (1, 2::bigint), (1, 3), (2, 4)) t(a, b) GROUP BY 1 HAVING sum(b) > 4 ORDER BY 1;
SELECT a, b, count(*) FROM (VALUES (1, 2), (1, 3)) t(a, b) GROUP BY ROLLUP (a, b) ORDER BY a, b;
SELECT a, grouping(a) FROM (VALUES (1), (2)) t(a) GROUP BY GROUPING SETS ((a), ()) ORDER BY 1;
SELECT x, row_number() OVER (ORDER BY x), rank() OVER (ORDER BY x), dense_rank() OVER (ORDER BY x) FROM (VALUES (1), (1), (2)) t(x) ORDER BY 1, 2;
SELECT x, lag(x) OVER (ORDER BY x), lead(x, 1, 0) OVER (ORDER BY x), first_value(x) OVER (ORDER BY x) FROM (VALUES (1), (2), (3)) t(x) ORDER BY x;
SELECT x, sum(x) OVER (ORDER BY x ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM (VALUES (1::bigint), (2), (3)) t(x) ORDER BY x;
SELECT x, ntile(2) OVER (ORDER BY x), cume_dist() OVER (ORDER BY x), percent_rank() OVER (ORDER BY x) FROM (VALUES (1), (2)) t(x) ORDER BY x;
SELECT x, count(*) OVER w FROM (VALUES (1), (1), (2)) t(x) WINDOW w AS (PARTITION BY x) ORDER BY x;
SELECT generate_series(1, 3);
SELECT * FROM generate_series(1, 3);
SELECT g FROM generate_series(2, 10, 4) g;
SELECT g.n FROM generate_series(3, 1, -1) AS g(n);
SELECT * FROM generate_series(1, 2) WITH ORDINALITY;
SELECT random() BETWEEN 0 AND 1, setseed(0.5) IS NULL;
SELECT sqrt(-1);
SELECT ln(0);
--! differs(sqlstate): power of impossible arguments is infinity or NaN
SELECT power(0, -1);
--! differs(sqlstate): power of impossible arguments is infinity or NaN
SELECT (-8) ^ (1.0 / 3);
--! differs(types, modifiers): bit(n) is described as bit varying, and functions over bits give bigint
SELECT 10::bit(4), B'101', b'101' & b'110', length(B'1010');
SELECT scale(1.230), trim_scale(1.230), min_scale(1.230);
SELECT '1_000'::text, 1000000;
SELECT int4 '5', float8 '2.5', numeric '1.5', bool 'true';
SELECT 7.0 % 2, -7.5 % 2;
SELECT num_nulls(1, NULL, 2), num_nonnulls(1, NULL, 2);
