-- Dates, times and intervals.
SELECT date_trunc('microseconds', timestamp '2024-05-06 07:08:09.123456'), date_trunc('milliseconds', timestamp '2024-05-06 07:08:09.123456'), date_trunc('second', timestamp '2024-05-06 07:08:09.9'), date_trunc('minute', timestamp '2024-05-06 07:08:09'), date_trunc('day', timestamp '2024-05-06 07:08:09');
SELECT date_trunc('week', timestamp '2024-05-05'), date_trunc('quarter', timestamp '2024-05-05'), date_trunc('year', timestamp '2024-05-05'), date_trunc('decade', timestamp '2024-05-05'), date_trunc('century', timestamp '2024-05-05'), date_trunc('millennium', timestamp '2024-05-05');
SELECT date_trunc('day', timestamptz '2024-05-06 23:30:00+00', 'Europe/Prague'), date_trunc('hour', interval '3 days 04:05:06'), date_trunc('month', interval '1 year 40 days');
SELECT date_trunc('month', date '2024-05-06')::date, date_trunc('MONTH', timestamptz '2024-05-06 12:00:00+00');
SELECT date_trunc('fortnight', timestamp '2024-05-05');
SELECT extract(century FROM date '2024-05-06')::int, extract(decade FROM date '2024-05-06')::int, extract(doy FROM date '2024-05-06')::int, extract(dow FROM date '2024-05-05')::int, extract(isodow FROM date '2024-05-05')::int, extract(week FROM date '2024-12-30')::int, extract(isoyear FROM date '2024-12-30')::int, extract(quarter FROM date '2024-05-06')::int, extract(millennium FROM date '2024-05-06')::int, extract(julian FROM date '2024-05-06')::int;
--! differs(rows): extract gives whole numbers and doubles, not numeric
SELECT extract(year FROM timestamp '2024-05-06 07:08:09.5'), extract(second FROM timestamp '2024-05-06 07:08:09.5'), extract(milliseconds FROM timestamp '2024-05-06 07:08:09.5'), extract(microseconds FROM time '07:08:09.5'), extract(epoch FROM timestamptz '2024-05-06 07:08:09.5+00'), extract(epoch FROM interval '1 month 2 days');
SELECT extract(timezone FROM timestamptz '2024-07-01 00:00+00'), extract(timezone_hour FROM timestamptz '2024-07-01 00:00+00'), extract(timezone_minute FROM timestamptz '2024-07-01 00:00+00');
SELECT extract(year FROM interval '14 months'), extract(month FROM interval '14 months'), extract(day FROM interval '40 days 30 hours'), extract(hour FROM interval '40 days 30 hours'), extract(minute FROM interval '90 minutes'), extract(quarter FROM interval '14 months');
SELECT date_part('hour', timestamp '2024-05-06 07:08:09'), date_part('epoch', date '2024-05-06'), date_part('second', interval '1 minute 1.5 seconds'), date_part('day', timestamp '2024-05-06' - timestamp '2024-04-01');
--! differs(sqlstate): a date has an hour, which is 0
SELECT extract(hour FROM date '2024-05-06');
SELECT extract(nope FROM timestamp '2024-05-06');
SELECT interval '1 day' + interval '25 hours', interval '2 months' - interval '1 day', interval '1 hour' * 1.5, interval '1 month' * 0.5, interval '1 day' / 3, 2 * interval '1 week', -interval '1 month 2 days';
SELECT justify_days(interval '65 days'), justify_hours(interval '50 hours 10 minutes'), justify_interval(interval '1 month -1 day'), justify_interval(interval '40 days 30 hours');
SELECT make_interval(1, 2, 3, 4, 5, 6, 7.5), make_interval(weeks => 2), make_interval(secs => 3661), make_date(2024, 5, 6), make_timestamp(2024, 5, 6, 7, 8, 9.5), make_timestamptz(2024, 5, 6, 7, 8, 9, 'UTC');
SELECT make_date(2024, 2, 30);
SELECT make_time(25, 0, 0);
SELECT age(date '2024-05-06', date '2000-02-29'), age(timestamp '2024-01-01', timestamp '2024-03-15 12:00'), age(timestamptz '2024-05-06 00:00+00', timestamptz '2024-05-05 12:00+00');
SELECT age(date '2020-01-01') > interval '1 year', age(now()) < interval '1 day';
SELECT to_char(timestamp '2024-05-06 07:08:09.123456', 'YYYY-MM-DD"T"HH24:MI:SS.US'), to_char(timestamp '2024-05-06 17:08:09', 'HH12:MI:SS PM'), to_char(timestamp '2024-05-06', 'Dy Mon DD YYYY'), to_char(timestamp '2024-05-06', 'FMMonth FMDD, YYYY'), to_char(timestamp '2024-05-06', 'YY Y,YYY CC J Q WW IW D ID DDD');
SELECT to_char(date '2024-05-06', 'MONTH|Month|month|MON|mon'), to_char(date '2024-05-06', 'DAY|day|DY|dy'), to_char(date '2024-05-01', 'DDth DDTH FMDDth'), to_char(timestamp '2024-05-06 00:05', 'HH HH12 HH24 AM a.m.'), to_char(date '2024-05-06', 'RM rm IYYY IYY IY I');
SELECT to_char(timestamptz '2024-05-06 07:08:09+00', 'TZ tz OF TZH:TZM'), to_char(timestamp '2024-05-06 07:08:09', 'SSSS SSSSS'), to_char(timestamp '2024-05-06 07:08:09.25', 'FF1 FF3 FF6 MS'), to_char(date '0044-03-15 BC', 'YYYY BC');
SELECT to_char(interval '3 days 04:05:06', 'DD HH24:MI:SS'), to_char(interval '100 hours', 'HH24'), to_char(time '15:30', 'HH12:MI am');
SELECT to_timestamp('2024-05-06 07:08:09', 'YYYY-MM-DD HH24:MI:SS'), to_timestamp('06/May/24', 'DD/Mon/YY'), to_timestamp(1714979289), to_timestamp(1714979289.5), to_timestamp('12:30 PM', 'HH12:MI PM')::time;
SELECT to_date('20240506', 'YYYYMMDD'), to_date('6 May 2024', 'DD Month YYYY'), to_date('2024-127', 'YYYY-DDD'), to_date('24-5-6', 'YY-MM-DD'), to_date('2024-19', 'IYYY-IW');
SELECT to_date('2024-13-01', 'YYYY-MM-DD');
SELECT to_date('abc', 'YYYY-MM-DD');
SELECT to_timestamp('2024-05-06 25:00', 'YYYY-MM-DD HH24:MI');
SELECT timestamptz '2024-07-01 12:00:00+00' AT TIME ZONE 'America/New_York', timestamp '2024-07-01 12:00:00' AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Tokyo', timestamptz '2024-01-01 00:00+00' AT TIME ZONE '+02:00', timestamptz '2024-01-01 00:00+00' AT TIME ZONE interval '-3 hours';
SELECT now() AT TIME ZONE 'Nowhere/City';
SELECT date_bin('1 day', timestamp '2024-05-06 07:08:09', timestamp '2024-01-01'), date_bin(interval '15 min', timestamptz '2024-05-06 07:08:09+00', timestamptz '2024-01-01 00:00+00');
SELECT date_bin('1 month', timestamp '2024-05-06', timestamp '2024-01-01');
--! differs(rows): a period without an end overlaps what its start overlaps
SELECT (date '2024-01-01', interval '10 days') OVERLAPS (date '2024-01-05', date '2024-01-20'), (time '10:00', time '11:00') OVERLAPS (time '11:00', time '12:00'), (timestamp '2024-01-01', NULL) OVERLAPS (timestamp '2024-01-01', timestamp '2024-01-02');
SELECT generate_series(date '2024-01-30', date '2024-02-02', '1 day')::date;
SELECT generate_series(timestamp '2024-01-31', timestamp '2024-05-01', interval '1 month');
SELECT d::date, count(*) OVER () FROM generate_series('2024-01-01'::timestamptz, '2024-01-03'::timestamptz, '1 day'::interval) AS d;
SELECT generate_series(timestamp '2024-01-03', timestamp '2024-01-01', interval '-1 day');
--! differs(sqlstate): a series with a step of no time has no rows
SELECT generate_series(timestamp '2024-01-03', timestamp '2024-01-01', interval '0');
SELECT date 'infinity', timestamp '-infinity', 'infinity'::timestamptz > now(), isfinite(timestamp 'infinity'), isfinite(interval '1 day'), date '-infinity' < date '0001-01-01';
--! differs(rows): the year of a date BC counts from 0
SELECT date '0044-03-15 BC', timestamp '0001-01-01 00:00 BC', date '0044-03-15 BC' + 1, extract(year FROM date '0044-03-15 BC')::int, date '9999-12-31' + 1;
SELECT date '2024-03-31' - interval '1 month', date '2024-02-29' + interval '1 year', timestamp '2024-03-31 01:00' + interval '1 day 1 hour', date '2024-01-31' + interval '1 month' * 1;
SELECT date '2024-03-10' - date '2024-03-01', timestamp '2024-03-10 12:00' - timestamp '2024-03-01', time '10:00' - time '08:30', time '23:00' + interval '2 hours', timestamptz '2024-03-10 00:00+00' - timestamptz '2024-03-09 12:00+00';
SELECT date '2024-03-01' + 7, 7 + date '2024-03-01', date '2024-03-01' - 1, date '2024-03-01' + time '10:30', date '2024-03-01' = timestamp '2024-03-01', date '2024-03-01' < timestamptz '2024-03-02 00:00+00';
SELECT '2024-05-06 07:08:09+02'::timestamptz, '2024-05-06T07:08:09.123Z'::timestamptz, '2024-05-06 07:08 America/New_York'::timestamptz, '2024-05-06 07:08:09 PST'::timestamptz, '20240506T070809'::timestamp, 'Mon May 6 07:08:09 2024'::timestamp;
SELECT '1 year 2 mons -3 days +04:05:06'::interval, '@ 1 day ago'::interval, 'P1Y2M3DT4H5M6S'::interval, '1 02:03:04'::interval, '04:05'::interval, '1.5 days'::interval, '2 weeks'::interval, '1 decade'::interval, '500 ms'::interval;
--! differs(modifiers): intervals carry no type modifier
SELECT interval '1' year, interval '5' minute, interval '1 2' day to hour, interval '10:20' minute to second, interval '1.5' second;
--! differs(modifiers, rows): time(n) keeps all digits
SELECT '10:11:12.345678'::time, '10:11'::time(0), '10:11:12.345678'::time(2), '2024-05-06 10:11:12.345678'::timestamp(3), '04:05 PM'::time, 'allballs'::time, '10:00+02'::timetz;
SELECT timestamp '2024-05-06 07:08:09'::date, timestamp '2024-05-06 07:08:09'::time, '07:08:09'::time::interval, interval '30 hours'::time, timestamptz '2024-05-06 07:08:09+00'::timestamp, date '2024-05-06'::timestamptz;
SELECT greatest(date '2024-01-01', date '2024-05-06'), least(timestamp '2024-01-01', timestamp '2023-01-01'), date '2024-01-05' BETWEEN '2024-01-01' AND '2024-02-01', '2024-01-05'::date IN ('2024-01-05', '2024-01-06');
SELECT interval '1 month' = interval '30 days', interval '1 day' > interval '23 hours', interval '1 year' = interval '365 days', max(i) FROM (VALUES (interval '1 day'), (interval '2 hours')) t(i);
SELECT sum(i), avg(i), min(i), max(i) FROM (VALUES (interval '1 day'), (interval '2 hours'), (NULL)) t(i);
SELECT g, sum(b - a), avg(b - a) FROM (VALUES (1, timestamp '2024-01-01', timestamp '2024-01-02'), (1, '2024-01-01', '2024-01-01 12:00')) t(g, a, b) GROUP BY g;
--! differs(sqlstate): dates have an average
SELECT avg(d) FROM (VALUES (date '2024-01-01')) t(d);
SELECT sum(d) FROM (VALUES (date '2024-01-01')) t(d);
SELECT current_date - current_date, current_timestamp = now(), current_time IS NOT NULL, localtime IS NOT NULL, extract(year FROM current_date)::int = date_part('year', now())::int, statement_timestamp() >= transaction_timestamp();
SELECT 'now'::timestamp <= now()::timestamp, 'today'::date = current_date, 'yesterday'::date = current_date - 1, timestamp 'tomorrow' = current_date + 1;
SELECT '2024-02-30'::date;
SELECT '2023-02-29'::timestamp;
SELECT 'June'::date;
SELECT '2024-01-01 25:00'::timestamp;
SELECT '99:99'::time;
SELECT 'abc'::interval;
--! differs(sqlstate): a unit may be given twice in an interval
SELECT '1 day 1 day'::interval;
SELECT '300000-01-01'::timestamp;
SELECT date '2024-01-01' + date '2024-01-01';
SELECT date '2024-01-01' + 'abc';
SELECT date '2024-01-01' - '2023-12-01', timestamp '2024-01-01' - '2023-12-31', timestamp '2024-01-01' + '1 day', now() + '1 hour' > now();
SELECT timestamp '2024-01-01' - '1 day';
SELECT date '2024-01-01' = 'abc';
SELECT timestamp '2024-01-01' * 2;
SELECT interval '1 day' > 5;
SELECT date_part('month', '2024-01-01');
SELECT timestamp '2024-05-06 07:08:09' - interval '1 month' AS earlier, date '2024-05-06' - make_interval(months => 1), date '2024-05-06' + 3 * interval '1 day';
SELECT timezone('UTC', timestamp '2024-01-01'), isfinite(now()), date '2024-05-06'::text || '!', to_char(now(), 'YYYY') = extract(year FROM now())::text;
