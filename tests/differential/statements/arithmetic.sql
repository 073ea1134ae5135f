-- Numbers: scales of numeric, rounding, overflow, division, bits.
SELECT 1.5 + 1.25, 1.10 * 2.0, 3.00 - 1.5, 0.1 + 0.2, 1.5 * 1.5 * 1.5, -1.50, +2.0, 1e3, 1.5e-3, 100::numeric;
SELECT 10 / 4.0, 1.0 / 3, 2.0 / 3, 10.0 / 5, 1 / 3.0, 100.00 / 7, 0.001 / 3, 7.5 / 2.5;
SELECT 1::numeric / 3, 2::numeric / 3::numeric, 10000::numeric / 3, 1e10 / 7, 0::numeric / 5;
SELECT 12345678901234567890.123456789 + 1, 0.00000000000000000001 * 2, 123456789012345678901234567890 + 1;
SELECT '0.1234567890123456789'::numeric, '12345678901234567890.12345'::numeric, 1.12345678901234567::numeric, '1e-15'::numeric;
SELECT 3.14159265358979::numeric(10, 4), 99.995::numeric(5, 2), -0.5::numeric(1, 0), 5::numeric(3);
SELECT 1000::numeric(3, 0);
SELECT 99.999::numeric(4, 2);
SELECT round(2.5), round(-2.5), round(3.14159, 3), round(1234.567, -2), round(0.5::float8), round(1.5::float8), round(2.675, 2), round(10, 2), round(1e15 + 0.5);
SELECT trunc(3.99), trunc(-3.99), trunc(3.14159, 2), trunc(1234.567, -2), trunc(2.9::float8), ceil(3.01), ceil(-3.99), floor(3.99), floor(-3.01), ceil(3::float8);
--! differs(sqlstate): round takes digits for a double, too
SELECT round(2.345::float8, 2);
SELECT div(7, 2), div(-7, 2), div(7.5, 2), mod(7, -3), mod(-7, 3), mod(7.5, 2), -7 % 3, 7 % -3, 7.5 % 2.5, 7::bigint % 4;
SELECT 7 / 2, -7 / 2, 7 / -2, 7::bigint / 2, 7::smallint / 2::smallint, 7 / 2::float8, 7.0::float4 / 2;
SELECT abs(-7), abs(-7.5), abs(-7.5::float8), abs((-7)::smallint), sign(-2.5), sign(3), sign(0::float8), @(-5);
--! differs(types, rows): power, sqrt, exp, ln and log of a numeric are doubles
SELECT power(2, 3), power(2.0, 3), power(2::numeric, 0.5), 2 ^ 3, 2.0 ^ 3, 2 ^ 0.5, power(9::float8, 0.5), exp(1.0), exp(1), sqrt(2), sqrt(2.0), sqrt(4::numeric), cbrt(27.0);
--! differs(types, rows): power, sqrt, exp, ln and log of a numeric are doubles
SELECT ln(2.0), ln(2), log(100), log(100.0), log(2.0, 64.0), log10(1000), log10(1000.0), ln(10::float8), exp(0.5::float8);
SELECT power(0, 0), power(-8, 3), power(2, -1), power(2.5::float8, 2), power(10, 20);
SELECT sqrt(-1);
SELECT ln(0);
SELECT ln(-1.0);
SELECT log(0);
--! differs(sqlstate): power of impossible arguments is infinity or NaN
SELECT power(-1, 0.5);
--! differs(sqlstate): power of impossible arguments is infinity or NaN
SELECT power(0, -1);
--! differs(sqlstate): floating point overflow is infinity
SELECT exp(1000::float8);
SELECT acos(2);
SELECT factorial(-1);
SELECT 1 / 0;
SELECT 1.0 / 0;
SELECT 1::float8 / 0::float8;
SELECT 1 % 0;
SELECT mod(1, 0);
SELECT div(1, 0);
SELECT 0.0 / 0.0;
SELECT x / y FROM (VALUES (1, 1), (1, 0)) t(x, y);
SELECT sum(x / y) FROM (VALUES (1, 1), (1, 0)) t(x, y);
SELECT avg(x::float8 / y) FROM (VALUES (1, 1), (1, 0)) t(x, y);
SELECT count(*) FROM (VALUES (1, 1), (1, 0)) t(x, y) WHERE x / y > 0;
SELECT CASE WHEN y = 0 THEN 0 ELSE x / y END, x / nullif(y, 0) FROM (VALUES (1, 1), (1, 0)) t(x, y);
SELECT 2147483647 + 1;
SELECT 2147483647::int * 2;
SELECT -2147483648 - 1;
SELECT 9223372036854775807 + 1;
SELECT 9223372036854775807::bigint * 2;
SELECT 32767::smallint + 1::smallint;
SELECT 200::smallint * 200::smallint;
SELECT abs((-2147483648)::int);
SELECT -((-2147483648)::int);
SELECT (-2147483648)::int / -1;
SELECT 3000000000::int;
SELECT 40000::smallint;
SELECT 1e20::bigint;
SELECT 1e40::float4;
SELECT 2147483648::int;
SELECT 2.5::int, 3.5::int, -2.5::int, 0.5::int, 2.4999::int, 2.5::float8::int, 3.5::float8::int, 2.5::bigint, 1.5::smallint, '7'::smallint;
SELECT 'NaN'::float8::int;
--! differs(sqlstate): numeric has neither NaN nor infinity
SELECT 'Infinity'::float8::numeric;
--! differs(sqlstate): numeric has neither NaN nor infinity
SELECT 'NaN'::numeric, 'NaN'::numeric = 'NaN'::numeric, 'Infinity'::numeric;
SELECT 'Infinity'::float8 - 'Infinity'::float8, 'NaN'::float8 > 1, -'Infinity'::float8, 'inf'::float4;
SELECT width_bucket(5, 0, 10, 5), width_bucket(-1, 0, 10, 5), width_bucket(10, 0, 10, 5), width_bucket(5.5::float8, 10, 0, 5), width_bucket(3, ARRAY[1, 3, 5]);
SELECT width_bucket(5, 0, 10, 0);
SELECT width_bucket(5, 1, 1, 5);
SELECT 91 & 15, 32 | 3, 17 # 5, ~1, 1 << 4, -8 >> 2, 5::bigint & 3, 1::bigint << 40, 7::smallint & 3::smallint;
--! differs(types, modifiers): bit(n) is described as bit varying, and functions over bits give bigint
SELECT B'101' & B'110', B'101' | B'010', ~B'101', B'1010' << 1, length(B'1010'), B'10' || B'01', 5::bit(8), '101'::bit(3)::int, get_bit(B'101', 0), bit_count(B'1011');
SELECT gcd(1071, 462), lcm(12, 18), factorial(10), scale(1.500), min_scale(1.500), trim_scale(1.500), sign(-0.0), gcd(0, 0);
SELECT sin(1), cos(1), tan(1), asin(0.5), acos(0.5), atan(1), atan2(1, 2), cot(1), sinh(1), cosh(1), tanh(1), sind(30), cosd(60), pi();
SELECT degrees(1), radians(90.0), 1e308::float8, 5e-324::float8, 1.0::float8 / 3, 0.1::float8 + 0.2, 1e15::float8 + 0.3, 100000000000000000000::float8, 3.0::float4, 0.1::float4 + 0.2::float4;
SELECT 1::int2 + 1, 1 + 1::int8, 1 + 1.0, 1 + 1::float4, 1::float4 + 1::float8, 1.0 + 1::float8, 1::int2 * 1::int2, 1::int2 + 1::int8, 2::int2 / 1.0;
SELECT 5::text::numeric, '  12.50 '::numeric, '1_000'::text, '.5'::numeric, '5.'::numeric, '-1e-2'::numeric, '+5'::int;
SELECT '1.5'::int;
SELECT '1,000'::int;
--! differs(sqlstate): numbers in base 16 are read in text
SELECT '0x1F'::int;
SELECT ''::numeric;
SELECT 'abc'::bigint;
SELECT '99999999999'::int;
SELECT '1e5'::int;
--! differs(sqlstate): floating point overflow is infinity
SELECT '1e400'::float8;
SELECT avg(x), sum(x), min(x), max(x) FROM (VALUES (1), (2), (4)) t(x);
SELECT avg(x), sum(x) FROM (VALUES (1.5), (2.25)) t(x);
SELECT avg(x), sum(x) FROM (VALUES (1::bigint), (2)) t(x);
SELECT avg(x), sum(x), avg(x)::int, round(avg(x)) FROM (VALUES (1::smallint), (2)) t(x);
--! differs(rows): the last digits of what is computed from an average differ
SELECT avg(x) * 2, avg(x) + 1, round(avg(x), 2), avg(x) > 1.5, avg(x)::float8, avg(x)::text FROM (VALUES (1), (2), (4)) t(x);
SELECT g, round(avg(x), 1), round(100.0 * count(*) / sum(count(*)) OVER (), 1) FROM (VALUES ('a', 1), ('a', 2), ('b', 4)) t(g, x) GROUP BY g ORDER BY g;
SELECT round(count(*) * 100.0 / 7, 2), count(*) / 2, count(*) / 2.0, (count(*)::float8 / 3)::numeric(6, 3), sum(x)::numeric / count(*) FROM (VALUES (1), (2), (4)) t(x);
--! differs(rows): an average or quotient has four zeros less where both numbers begin with the same digits
SELECT x, avg(x) OVER (ORDER BY x), avg(x) OVER () FROM (VALUES (1), (2), (4)) t(x) ORDER BY x;
SELECT sum(x) FROM (VALUES (9223372036854775807), (1)) t(x);
SELECT sum(x) FROM (VALUES (2147483647), (1)) t(x);
SELECT sum(0.1::float8), sum(0.1), sum(1.10), sum(x) FROM (VALUES (1.005), (2.0)) t(x);
CREATE TABLE amounts (id int, free numeric, fixed numeric(12, 4), whole numeric(20, 0));
INSERT INTO amounts VALUES (1, 1.5, 1.5, 1), (2, 0.123456789, 0.12345, 12345678901234567890), (3, '12345678901234567.12', 99999999.9999, 0), (4, NULL, NULL, NULL);
SELECT * FROM amounts ORDER BY id;
--! differs(rows): numeric without precision has 10 decimals, and no trailing zeros
SELECT id, free * 2, free / 3, fixed / 3, fixed * free, whole + 1, round(free, 2), free::int8 FROM amounts WHERE id = 1;
--! differs(rows): an average or quotient of 13 and more digits before the point has four decimals
SELECT sum(free), avg(free), sum(fixed), avg(fixed), max(whole) FROM amounts;
--! differs(rows): numeric without precision has 10 decimals, and no trailing zeros
INSERT INTO amounts (id, free) VALUES (5, 0.1234567890123456789) RETURNING free;
--! differs(sqlstate): numeric without precision has 10 decimals, and no trailing zeros
INSERT INTO amounts (id, free) VALUES (6, 123456789012345678901234567890.5) RETURNING free;
SELECT random() BETWEEN 0 AND 1, random() <> random(), floor(random() * 10) < 10;
SELECT numeric '1.0' = 1, 1.0::float8 = 1.0, 0.1::float8 = 0.1, 1 = 1.0::float4, 10 > 9.99, 1::smallint = 1::bigint;
--! differs(types, rows): a smallint and an integer constant make a smallint
SELECT greatest(1, 2.5), least(1, 2.5::float8), coalesce(NULL, 1, 2.5), nullif(1, 1.0), CASE WHEN true THEN 1 ELSE 2.5 END, greatest(1::smallint, 2);
SELECT 5 BETWEEN 1 AND 10.5, 5 IN (1, 5.0), 1 IN (1.5, '1'), 2 = ANY (ARRAY[1, 2.0]);
