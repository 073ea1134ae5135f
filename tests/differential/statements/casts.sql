-- Casts and literals.
SELECT 1::text, '1'::int + 1, 1.9::int, '1.5'::float8, 'true'::bool, 1::bool::text;
SELECT CAST('42' AS bigint), CAST(1 AS text) || 'x', CAST(NULL AS int), int '7';
SELECT '2024-01-01'::timestamp::date, '2024-01-01 10:00'::timestamp::time, '10:00'::time::text;
SELECT 'a'::text::varchar(1), 'abc'::varchar, 'abc'::char, 'abc'::bpchar;
SELECT '{1,2}'::int[]::text, ARRAY[1, 2]::text[], ARRAY['1', '2']::int[], '{t,f}'::bool[], '{2024-01-01}'::date[];
SELECT '550e8400-e29b-41d4-a716-446655440000'::uuid, 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid;
SELECT '1'::oid, 26::oid, 'x'::name, 'r'::"char";
SELECT 1::int8::int2, 100000::int8::int2;
SELECT 'abc'::float8;
SELECT 'abc'::uuid;
SELECT ''::int;
--! differs(sqlstate): floating point overflow is infinity
SELECT '1e400'::float8;
SELECT 'NaN'::float4, 'inf'::float4;
SELECT 1::numeric(5, 2), 1.005::numeric(5, 2), -1.005::numeric(5, 2), 12.345::numeric(4, 1);
SELECT 123.456::float4, 123.456::float8, 16777217::float4;
SELECT interval '1 day'::text, '1 day'::interval::text, 'P1Y2M3DT4H5M6S'::interval, '1-2'::interval;
SELECT '\xdeadbeef'::bytea::text, 'abc'::bytea::text, E'\\000'::bytea;
SELECT null::int, null::text, null::date;
SELECT 'yes'::bool, 'n'::bool, 'tru'::bool, 'off'::bool;
SELECT 5::text::int::numeric::float8;
SELECT '[1,2]'::json::text, '{"a":1}'::jsonb::text;
--! differs(modifiers): intervals carry no type modifier
SELECT '12:34:56'::interval, '3 days'::interval::text, interval '2' day, interval '3-4' year to month;
--! differs(types): bit(n) is described as bit varying, and functions over bits give bigint
SELECT x'1F', x'ff'::int, B'1010'::int, 10::bit(8)::text;
SELECT '10.5'::money IS NOT NULL;
--! differs(rows): inet is text
SELECT '192.168.0.1'::inet::text;
SELECT date '2024-01-01'::timestamptz, '2024-01-01 00:00:00'::timestamptz::timestamp;
SELECT 1 = '1', '2024-01-01' = date '2024-01-01', 'a' = 'a'::text, 1.0 = 1;
SELECT 1 = 'a';
SELECT 'a' + 1;
SELECT true + 1;
--! differs(sqlstate): integers are taken for booleans
SELECT 1 AND true;
SELECT now()::int;
SELECT '{1,2}'::int;
SELECT ARRAY[1, 'a'];
--! differs(sqlstate): mixed branches become text
SELECT coalesce(1, 'a');
--! differs(sqlstate): mixed branches become text
SELECT CASE WHEN true THEN 1 ELSE 'x' END;
SELECT 1::nope;
SELECT cast(1.5 as int), cast('1' as smallint);
SELECT '1'::"char", ascii('a'::"char"::text);
