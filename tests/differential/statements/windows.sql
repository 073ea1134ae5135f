-- Window functions, as reports write them.
CREATE TABLE sales (id int PRIMARY KEY, region text, day date, amount numeric(10, 2), units int);
INSERT INTO sales VALUES (1, 'north', '2024-01-01', 10.00, 1), (2, 'north', '2024-01-02', 20.50, 2), (3, 'north', '2024-01-02', 5.25, NULL), (4, 'south', '2024-01-01', 7.00, 4), (5, 'south', '2024-01-05', 9.99, 3), (6, NULL, '2024-01-07', 100.00, 9);
SELECT id, row_number() OVER (PARTITION BY region ORDER BY day, id), rank() OVER (PARTITION BY region ORDER BY day), dense_rank() OVER (PARTITION BY region ORDER BY day) FROM sales ORDER BY id;
SELECT id, lag(units) OVER w, lag(units, 2) OVER w, lag(units, 1, -1) OVER w, lead(amount) OVER w, lead(region, 1, 'none') OVER w FROM sales WINDOW w AS (ORDER BY id) ORDER BY id;
SELECT id, first_value(id) OVER w, last_value(id) OVER w, nth_value(id, 2) OVER w FROM sales WINDOW w AS (PARTITION BY region ORDER BY id) ORDER BY id;
SELECT id, last_value(id) OVER (PARTITION BY region ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM sales ORDER BY id;
SELECT id, ntile(3) OVER (ORDER BY id), ntile(4) OVER (PARTITION BY region ORDER BY id) FROM sales ORDER BY id;
SELECT id, percent_rank() OVER (ORDER BY day), cume_dist() OVER (ORDER BY day) FROM sales ORDER BY id;
SELECT id, sum(units) OVER (ORDER BY id), count(units) OVER (ORDER BY id), count(*) OVER () FROM sales ORDER BY id;
SELECT id, sum(amount) OVER (PARTITION BY region ORDER BY day ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM sales ORDER BY id;
SELECT id, sum(units) OVER (ORDER BY day RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), sum(units) OVER (ORDER BY day, id ROWS UNBOUNDED PRECEDING) FROM sales ORDER BY id;
SELECT id, count(*) OVER (ORDER BY day RANGE BETWEEN '1 day' PRECEDING AND '1 day' FOLLOWING) FROM sales ORDER BY id;
SELECT id, count(*) OVER (ORDER BY day RANGE BETWEEN interval '2 days' PRECEDING AND CURRENT ROW) FROM sales ORDER BY id;
SELECT id, sum(units) OVER (ORDER BY units RANGE BETWEEN 2 PRECEDING AND 1 FOLLOWING) FROM sales ORDER BY id;
SELECT id, array_agg(id) OVER (ORDER BY day GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM sales ORDER BY id;
SELECT id, sum(id) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW) FROM sales ORDER BY id;
SELECT id, count(*) OVER (ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE TIES), count(*) OVER (ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE GROUP) FROM sales ORDER BY id;
SELECT id, min(units) OVER (ORDER BY id ROWS 2 PRECEDING), max(units) OVER (ORDER BY id ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING) FROM sales ORDER BY id;
SELECT id, sum(units) OVER w, rank() OVER (w ORDER BY units DESC NULLS LAST) FROM sales WINDOW w AS (PARTITION BY region) ORDER BY id;
SELECT region, sum(amount) AS total, rank() OVER (ORDER BY sum(amount) DESC), sum(sum(units)) OVER (ORDER BY region NULLS FIRST) FROM sales GROUP BY region ORDER BY region;
SELECT id, units - lag(units) OVER (ORDER BY id) AS step, amount - lag(amount, 1, 0.00) OVER (ORDER BY id) AS change FROM sales ORDER BY id;
SELECT id, string_agg(region, ',') OVER (ORDER BY id), bool_and(units > 1) OVER (ORDER BY id) FROM sales ORDER BY id;
SELECT * FROM (SELECT id, region, row_number() OVER (PARTITION BY region ORDER BY amount DESC) AS place FROM sales) ranked WHERE place = 1 ORDER BY id;
SELECT id, count(*) FILTER (WHERE units > 1) OVER (ORDER BY id) FROM sales ORDER BY id;
SELECT id, avg(units::float8) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM sales ORDER BY id;
SELECT DISTINCT region, max(units) OVER (PARTITION BY region) FROM sales ORDER BY region;
SELECT id FROM sales ORDER BY row_number() OVER (ORDER BY id DESC);
SELECT id FROM sales WHERE row_number() OVER () = 1;
SELECT sum(row_number() OVER ()) FROM sales;
SELECT rank() FROM sales;
SELECT id, sum(units) OVER nope FROM sales;
SELECT ntile(0) OVER (ORDER BY id) FROM sales;
--! differs(sqlstate): impossible arguments of window functions give NULL
SELECT nth_value(id, 0) OVER (ORDER BY id) FROM sales;
SELECT id, sum(units) OVER (ORDER BY id ROWS BETWEEN CURRENT ROW AND 1 PRECEDING) FROM sales;
--! differs(sqlstate): impossible arguments of window functions give NULL
SELECT id, sum(units) OVER (ORDER BY id ROWS BETWEEN -1 PRECEDING AND CURRENT ROW) FROM sales;
