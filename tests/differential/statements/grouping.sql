-- Aggregates, grouping sets, ordered sets, filters.
CREATE TABLE orders (id int, customer text, city text, total numeric(8, 2), items int, weight float8, placed date);
INSERT INTO orders VALUES (1, 'a', 'Praha', 10.00, 1, 1.5, '2024-01-01'), (2, 'a', 'Brno', 20.00, 2, 2.5, '2024-01-15'), (3, 'b', 'Praha', 5.50, 3, NULL, '2024-02-01'), (4, 'c', 'Brno', 7.25, NULL, 4.0, '2024-02-10'), (5, 'b', NULL, 7.25, 2, 0.5, NULL);
SELECT customer, city, sum(total), grouping(customer, city) FROM orders GROUP BY CUBE (customer, city) ORDER BY 4, 1, 2;
SELECT customer, city, sum(items) FROM orders GROUP BY ROLLUP (customer, city) ORDER BY customer, city, 3;
SELECT customer, city, count(*) FROM orders GROUP BY GROUPING SETS ((customer), (city), ()) ORDER BY 1, 2, 3;
SELECT customer, grouping(customer) AS is_total, sum(items) FROM orders GROUP BY ROLLUP (customer) HAVING sum(items) > 2 ORDER BY 2, 1;
SELECT coalesce(city, 'none'), CASE WHEN grouping(city) = 1 THEN 'all' ELSE city END, count(*) FROM orders GROUP BY ROLLUP (city) ORDER BY 3, 1, 2;
SELECT customer, date_trunc('month', placed::timestamp) AS month, count(*) FROM orders GROUP BY customer, GROUPING SETS ((date_trunc('month', placed::timestamp)), ()) ORDER BY 1, 2, 3;
SELECT count(*), count(city), count(DISTINCT city), count(DISTINCT (customer, city)) FROM orders;
SELECT sum(items), sum(total), sum(weight), min(placed), max(city), min(customer) FROM orders;
SELECT avg(items), avg(total), avg(weight) FROM orders;
SELECT avg(items) = 2, round(avg(items), 2), round(avg(total), 2), avg(items)::int FROM orders;
SELECT customer, avg(items) FROM orders GROUP BY customer ORDER BY customer;
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY items), percentile_cont(0.25) WITHIN GROUP (ORDER BY weight), percentile_disc(0.5) WITHIN GROUP (ORDER BY total) FROM orders;
SELECT percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY weight), percentile_disc(ARRAY[0.1, 0.9]) WITHIN GROUP (ORDER BY items) FROM orders;
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY total) FROM orders;
SELECT customer, percentile_cont(0.9) WITHIN GROUP (ORDER BY weight DESC) FROM orders GROUP BY customer ORDER BY customer;
SELECT mode() WITHIN GROUP (ORDER BY city), mode() WITHIN GROUP (ORDER BY total DESC) FROM orders;
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY placed), percentile_disc(0.5) WITHIN GROUP (ORDER BY city) FROM orders;
--! differs(sqlstate): hypothetical-set aggregates are refused
SELECT rank(2) WITHIN GROUP (ORDER BY items), dense_rank(2) WITHIN GROUP (ORDER BY items) FROM orders;
SELECT count(*) FILTER (WHERE city = 'Praha'), sum(total) FILTER (WHERE items > 1), array_agg(id ORDER BY id) FILTER (WHERE city IS NOT NULL) FROM orders;
SELECT string_agg(customer, '; ' ORDER BY id DESC), string_agg(DISTINCT customer, ','), string_agg(city, '') FROM orders;
SELECT array_agg(city ORDER BY id), array_agg(DISTINCT customer ORDER BY customer DESC), array_agg(items ORDER BY items NULLS FIRST) FROM orders;
SELECT bool_and(items > 0), bool_or(items > 2), every(weight > 0) FROM orders;
SELECT stddev(weight), stddev_samp(weight), stddev_pop(weight), variance(weight), var_samp(weight) FROM orders;
--! differs(types, rows): standard deviations and variances of integers and numerics are doubles
SELECT round(stddev(items), 6), round(variance(total), 4), round(var_pop(items), 4) FROM orders;
--! differs(rows): the last digits of correlations and regressions differ
SELECT corr(weight, id), covar_pop(weight, id), covar_samp(weight, id), regr_slope(weight, id), regr_intercept(weight, id), regr_count(weight, id) FROM orders;
--! differs(rows): the last digits of correlations and regressions differ
SELECT regr_r2(weight, id), regr_avgx(weight, id), regr_avgy(weight, id), regr_sxx(weight, id), regr_syy(weight, id), regr_sxy(weight, id) FROM orders;
SELECT bit_and(items), bit_or(items), bit_xor(items) FROM orders;
SELECT sum(placed - date '2024-01-01'), min(placed - date '2024-01-01'), max(age(placed, date '2024-01-01')) FROM orders;
SELECT sum(interval '1 hour' * items), avg(interval '1 hour' * items) FROM orders;
SELECT sum(items::smallint), sum(items::bigint), sum(items::real), sum(items::numeric) FROM orders;
SELECT sum(CASE WHEN city = 'Praha' THEN 1 ELSE 0 END), sum((city = 'Praha')::int), 100.0 * sum(items) / count(*) FROM orders;
SELECT customer AS c, count(*) AS n FROM orders GROUP BY c ORDER BY n DESC, c;
SELECT upper(customer) AS customer, count(*) FROM orders GROUP BY upper(customer) ORDER BY 1;
SELECT count(*) FROM orders HAVING count(*) > 100;
SELECT customer FROM orders GROUP BY customer HAVING count(*) > 1 AND max(total) > 7 ORDER BY customer;
SELECT max(total) - min(total), sum(total) / sum(items), sum(items) / count(*), sum(total) * 1.21 FROM orders;
SELECT json_agg(customer ORDER BY id), jsonb_agg(DISTINCT customer), json_object_agg(id, customer ORDER BY id) FROM orders;
SELECT json_agg(o ORDER BY id) FROM (SELECT id, customer FROM orders WHERE id < 3) o;
SELECT max(ARRAY[id, items]), min(ROW(customer, id)::text) FROM orders;
SELECT customer, total FROM orders GROUP BY customer;
SELECT customer, sum(total) FROM orders;
SELECT sum(count(*)) FROM orders GROUP BY city;
SELECT sum(customer) FROM orders;
SELECT avg(city) FROM orders;
SELECT customer FROM orders WHERE sum(items) > 1;
--! differs(sqlstate): string_agg takes numbers
SELECT string_agg(items, ',') FROM orders;
SELECT grouping(city) FROM orders;
SELECT percentile_cont(1.5) WITHIN GROUP (ORDER BY weight) FROM orders;
SELECT sum(1 / (items - 2)) FROM orders;
SELECT avg(1.0 / (items - 2)) FROM orders;
SELECT sum(items), avg(items), max(items), count(items), array_agg(items), string_agg(city, ',') FROM orders WHERE false;
SELECT id, total FROM orders GROUP BY 1, 2 ORDER BY 2 DESC, 1 LIMIT 2;
SELECT city, count(*) FROM orders GROUP BY 3;
SELECT sum(2147483647 + items::bigint), sum(9223372036854775807) FROM orders WHERE id < 3;
