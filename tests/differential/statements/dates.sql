-- Dates, times, intervals.
SELECT date '2024-02-29', time '10:20:30.5', timestamp '2024-01-02 03:04:05', timestamptz '2024-01-02 03:04:05+02', interval '1 day 2 hours';
SELECT '2024-01-31'::date + 1, '2024-03-01'::date - 1, '2024-03-01'::date - '2024-02-01'::date;
SELECT '2024-01-31'::date + interval '1 month', '2024-01-31'::timestamp + interval '1 month 1 day';
SELECT timestamp '2024-01-02 00:00' - timestamp '2024-01-01 12:00', timestamp '2024-03-01' - interval '1 day';
SELECT date '2024-01-01' + time '10:00';
--! differs(rows): extract gives whole numbers and doubles, not numeric
SELECT extract(year FROM date '2024-05-06'), extract(month FROM timestamp '2024-05-06 07:08:09'), extract(epoch FROM timestamp '1970-01-02');
SELECT date_part('dow', date '2024-05-06'), date_part('isodow', date '2024-05-05'), date_part('week', date '2024-01-01'), date_part('doy', date '2024-12-31');
SELECT date_part('quarter', date '2024-05-06'), date_part('century', date '2024-05-06'), date_part('isoyear', date '2021-01-01');
--! differs(rows): extract gives whole numbers and doubles, not numeric
SELECT extract(hour FROM time '10:20:30'), extract(second FROM timestamp '2024-01-01 00:00:12.345'), extract(day FROM interval '3 days 4 hours');
--! differs(types, rows): date_trunc of a date is a timestamp without zone
SELECT date_trunc('month', timestamp '2024-05-06 07:08:09'), date_trunc('hour', timestamp '2024-05-06 07:08:09'), date_trunc('week', date '2024-05-08');
SELECT date_trunc('quarter', timestamp '2024-05-06'), date_trunc('decade', timestamp '2024-05-06');
SELECT age(timestamp '2024-03-15', timestamp '2023-01-10'), age(date '2024-01-01', date '2023-12-25');
SELECT to_char(timestamp '2024-05-06 07:08:09', 'YYYY-MM-DD HH24:MI:SS'), to_char(date '2024-05-06', 'Day, DD Month YYYY');
SELECT to_char(timestamp '2024-05-06 17:08:09', 'FMDay, FMDD FMMonth YYYY HH12:MI AM'), to_char(date '2024-05-06', 'Q IW IYYY DDD D J');
SELECT to_char(timestamp '2024-05-06 07:08:09.123', 'MS US SSSS'), to_char(date '2024-05-01', 'DDth Mon YY');
SELECT to_date('06.05.2024', 'DD.MM.YYYY'), to_timestamp('2024-05-06 07:08', 'YYYY-MM-DD HH24:MI'), to_timestamp(0);
SELECT make_date(2024, 2, 29), make_time(8, 15, 23.5), make_timestamp(2013, 7, 15, 8, 15, 23.5), make_interval(days => 10, hours => 2);
SELECT interval '1 year 2 months 3 days 04:05:06', interval '-1 day', interval '1.5 hours', interval '90 minutes', interval '1 week';
SELECT interval '1 day' * 2, interval '1 hour' / 2, - interval '1 day', interval '1 day' + interval '12 hours';
SELECT justify_days(interval '35 days'), justify_hours(interval '27 hours'), justify_interval(interval '1 mon -1 hour');
SELECT '1 day'::interval = '24 hours'::interval, '1 month'::interval > '29 days'::interval;
SELECT 'infinity'::timestamp, '-infinity'::date, isfinite('infinity'::date), isfinite(date '2024-01-01');
SELECT '0044-03-15 BC'::date, '12345-01-01'::date;
SELECT timestamptz '2024-07-01 12:00:00+00' AT TIME ZONE 'Europe/Prague', timestamp '2024-07-01 12:00:00' AT TIME ZONE 'Europe/Prague';
SELECT (date '2024-01-01', date '2024-02-01') OVERLAPS (date '2024-01-15', date '2024-03-01');
SELECT d::date FROM generate_series(date '2024-01-01', date '2024-01-03', interval '1 day') d;
SELECT d FROM generate_series(timestamp '2024-01-01', timestamp '2024-01-01 02:00', interval '1 hour') d;
SELECT '20240506'::date, 'May 6, 2024'::date, '6 May 2024'::date, '2024-5-6'::date;
--! differs(rows): more than six decimals of a second are cut, not rounded
SELECT '2024-01-01T10:20:30Z'::timestamptz, '2024-01-01 10:20:30.123456789'::timestamp;
SELECT '10:20'::time, '10:20:30 PM'::time, '24:00:00'::time;
SELECT '2024-13-01'::date;
SELECT '25:00'::time;
--! differs(sqlstate): an unknown interval unit is 22P02
SELECT '1 fortnight'::interval;
SELECT now() = transaction_timestamp(), current_date = now()::date, localtimestamp IS NOT NULL, clock_timestamp() >= now();
SELECT date_bin('15 minutes', timestamp '2024-02-11 15:44:17', timestamp '2001-01-01');
SELECT timestamp '2024-01-01' < timestamptz '2024-01-02', date '2024-01-01' = timestamp '2024-01-01';
--! differs(rows): extract gives whole numbers and doubles, not numeric
SELECT extract(epoch FROM interval '1 day 1 second'), extract(milliseconds FROM time '10:20:30.5'), extract(timezone FROM timestamptz '2024-01-01 00:00+00');
SELECT to_char(interval '26 hours 3 minutes', 'HH24:MI:SS'), to_char(time '15:04', 'HH:MI AM');
SELECT timestamp '2024-01-01 10:00' + 30 * interval '1 minute', date '2024-01-31' - interval '1 month';
SELECT 'epoch'::timestamp, 'today'::date = current_date, 'tomorrow'::date - current_date;
SELECT date '2024-01-01'::text, timestamp '2024-01-01'::text, interval '1 day'::text, '2024-01-01'::date::timestamp;
SELECT min(d), max(d) FROM (VALUES (date '2024-01-01'), (date '2023-01-01')) t(d);
SELECT timetz '10:00:00+02', timestamptz '2024-01-01 00:00:00 Europe/Prague';
SELECT EXTRACT(YEAR FROM now()) >= 2024, date_part('year', timestamp '2024-01-01') = 2024;
