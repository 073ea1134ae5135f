# Constants in PostgreSQL's forms, and casts.
SELECT '{1,2}'::int[], '{"a b",NULL,c}'::text[], '{}'::int[], '{{1,2},{3,4}}'::int[], ' { 1 , 2 } '::int8[]
--> int4 integer[], text text[], int4 integer[], int4 integer[], int8 bigint[] => {1,2} | {"a b",NULL,c} | {} | {{1,2},{3,4}} | {1,2}
SELECT '{"a\"b","c\\d",null,"null"}'::text[], '[0:1]={5,6}'::int[]
--> text text[], int4 integer[] => {"a\"b","c\\d",NULL,"null"} | [0:1]={5,6}
--! text text[], int4 integer[] => {"a\"b","c\\d",NULL,"null"} | {5,6} -- lists count from 1
SELECT '{1,2'::int[]
--> error 22P02
SELECT '{1,a}'::int[]
--> error 22P02
SELECT ARRAY['1', '2']::int[], ARRAY[]::text[], ARRAY[1, 2]::text[]
--> array integer[], array text[], array text[] => {1,2} | {} | {1,2}
SELECT '1 2'::int2vector, (('1 2'::int2vector)[0])
--> int2vector int2vector, int2vector smallint => 1 2 | 1
SELECT '\x00ff'::bytea, 'abc'::bytea, '\000a\\'::bytea, '\xDE AD'::bytea
--> bytea bytea, bytea bytea, bytea bytea, bytea bytea => \x00ff | \x616263 | \x00615c | \xdead
SELECT 't'::bool, 'on'::bool, 'yes'::bool, '0'::bool, 'off'::bool, ' TRUE '::bool, 'n'::bool
--> bool boolean, bool boolean, bool boolean, bool boolean, bool boolean, bool boolean, bool boolean => t | t | t | f | f | t | f
SELECT 'maybe'::bool
--> error 22P02
SELECT 'abc'::varchar(2), 12345::varchar(3), 'abc'::varchar
--> varchar varchar, varchar varchar, varchar varchar => ab | 123 | abc
SELECT x::varchar(2) FROM (VALUES ('abcd')) v(x)
--> x varchar => ab
SELECT '1.5'::int
--> error 22P02
SELECT ' 12 '::int, '-7'::int8, '12'::oid, '-1'::oid
--> int4 integer, int8 bigint, oid oid, oid oid => 12 | -7 | 12 | 4294967295
SELECT 'x'::oid
--> error 22P02
SELECT 1.5::int, 2.5::float8::int, '1.5'::float8, '1e3'::float8, 'NaN'::float8, '-Infinity'::float8
--> int4 integer, int4 integer, float8 double precision, float8 double precision, float8 double precision, float8 double precision => 2 | 2 | 1.5 | 1000 | NaN | -Infinity
SELECT 1.5::numeric, '2.50'::numeric, 1.123456789012345::numeric, 1::numeric(5, 2), 3::numeric
--> numeric numeric, numeric numeric, numeric numeric, numeric numeric, numeric numeric => 1.5 | 2.50 | 1.123456789012345 | 1.00 | 3
SELECT 1::float8, 1.5::float, 1.5::real, 0.1::float8 + 0.2::float8
--> float8 double precision, float8 double precision, float4 real, ?column? double precision => 1 | 1.5 | 1.5 | 0.30000000000000004
SELECT '1-2'::interval, '1 12:59:10'::interval, '@ 1 minute'::interval, 'P1Y2M'::interval, 'P1DT2H3M4.5S'::interval
--> interval interval, interval interval, interval interval, interval interval, interval interval => 1 year 2 mons | 1 day 12:59:10 | 00:01:00 | 1 year 2 mons | 1 day 02:03:04.5
SELECT '-1 days +02:03'::interval, '1 day ago'::interval, '1.5 days'::interval, '1.5 months'::interval, '2 weeks'::interval
--> interval interval, interval interval, interval interval, interval interval, interval interval => -1 days +02:03:00 | -1 days | 1 day 12:00:00 | 1 mon 15 days | 14 days
SELECT '1 year 2 mons 3 days 04:05:06.789'::interval, '1y2mon3d'::interval, '10'::interval, '1 decade'::interval
--> interval interval, interval interval, interval interval, interval interval => 1 year 2 mons 3 days 04:05:06.789 | 1 year 2 mons 3 days | 00:00:10 | 10 years
SELECT interval '1' day, interval '1-2' year to month, interval '10:20' minute to second, interval '1 10' day to hour
--> interval interval, interval interval, interval interval, interval interval => 1 day | 1 year 2 mons | 00:10:20 | 1 day 10:00:00
SELECT interval '90' minute, interval '1.5' hour, interval '2' year
--> interval interval, interval interval, interval interval => 01:30:00 | 01:00:00 | 2 years
SELECT 'x y'::interval
--> error 22007
SELECT 'Jan 31 2025'::date, '20250131'::date, '1/31/2025'::date, '31 Jan 2025'::date, '2025-Jan-31'::date, 'January 8, 1999'::date
--> date date, date date, date date, date date, date date, date date => 2025-01-31 | 2025-01-31 | 2025-01-31 | 2025-01-31 | 2025-01-31 | 1999-01-08
SELECT '0044-03-15 BC'::date, '2025-01-31'::date, 'epoch'::date, '2025-1-3'::date
--> date date, date date, date date, date date => 0044-03-15 BC | 2025-01-31 | 1970-01-01 | 2025-01-03
SELECT '2025-01-31 10:00'::timestamp, '20250131T101112'::timestamp, 'Jan 31 2025 10:00 PM'::timestamp, '2025-01-31T10:00:00.5'::timestamp
--> timestamp timestamp without time zone, timestamp timestamp without time zone, timestamp timestamp without time zone, timestamp timestamp without time zone => 2025-01-31 10:00:00 | 2025-01-31 10:11:12 | 2025-01-31 22:00:00 | 2025-01-31 10:00:00.5
SELECT '2025-01-31 10:00 UTC'::timestamptz, '2025-01-31 10:00:00+02'::timestamptz, '2025-01-31 10:00 PST'::timestamptz
--> timestamptz timestamp with time zone, timestamptz timestamp with time zone, timestamptz timestamp with time zone => 2025-01-31 10:00:00+00 | 2025-01-31 08:00:00+00 | 2025-01-31 18:00:00+00
SELECT '2025-01-31 10:00:00 Europe/Prague'::timestamptz, '2025-01-31 10:00:00+0530'::timestamptz, '2025-01-31'::timestamptz
--> timestamptz timestamp with time zone, timestamptz timestamp with time zone, timestamptz timestamp with time zone => 2025-01-31 09:00:00+00 | 2025-01-31 04:30:00+00 | 2025-01-31 00:00:00+00
SELECT '2025-01-31 10:00:00+02'::timestamp, 'infinity'::timestamp, '-infinity'::date
--> timestamp timestamp without time zone, timestamp timestamp without time zone, date date => 2025-01-31 10:00:00 | infinity | -infinity
SELECT '10:00 PM'::time, '101112'::time, '10:00'::time, '12:30 am'::time
--> time time without time zone, time time without time zone, time time without time zone, time time without time zone => 22:00:00 | 10:11:12 | 10:00:00 | 00:30:00
SELECT 'today'::date = current_date, 'yesterday'::date = current_date - 1, 'tomorrow'::date - 'today'::date, 'now'::timestamptz = now()
--> ?column? boolean, ?column? boolean, ?column? integer, ?column? boolean => t | t | 1 | t
SELECT date '2025-02-30'
--> error 22008
SELECT 'not a date'::date
--> error 22007
SELECT '{"a": 1}'::json, '{"a": 1}'::jsonb ->> 'a'
--> json json, ?column? text => {"a": 1} | 1
SELECT B'101', X'1F', B'101'::bit(5), 5::bit(8)
--> ?column? bit, ?column? bit, bit bit, bit bit => 101 | 00011111 | 10100 | 00000101
--! ?column? bit varying, ?column? bit varying, bit bit varying, bit bit varying => 101 | 00011111 | 10100 | 00000101 -- a bit string of any length is one type
SELECT E'a\nb', $$q$$, 'it''s', $tag$x$tag$
--> ?column? text, ?column? text, ?column? text, ?column? text => a\nb | q | it's | x
SELECT 1_000
--> error 42601
--! ?column? integer => 1000 -- PostgreSQL has it since 16
SELECT true::text, 1.0::float8::text, 1e20::float8::text, '1 day 02:03'::interval::text, ARRAY[1, NULL]::text, '\x01'::bytea::text
--> text text, text text, text text, text text, array text, text text => true | 1 | 1e+20 | 1 day 02:03:00 | {1,NULL} | \x01
SELECT x::text FROM (VALUES (1.0::float8)) v(x)
--> x text => 1
SELECT '550e8400-e29b-41d4-a716-446655440000'::uuid, 'x'::name || 'y'
--> uuid uuid, ?column? text => 550e8400-e29b-41d4-a716-446655440000 | xy
