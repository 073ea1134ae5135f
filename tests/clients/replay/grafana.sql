-- Grafana's PostgreSQL data source: its query builder and its look for extensions.

-- @ version
-- = 1*
SELECT current_setting('server_version_num')::int / 100 AS version

-- @ is TimescaleDB there
SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'

-- @ tables of the search path
-- = tbook
-- = in_c_sales.orders
SELECT CASE WHEN quote_ident(table_schema) IN (SELECT CASE WHEN trim(s[i]) = '"$user"' THEN user ELSE trim(s[i]) END
  FROM generate_series(array_lower(string_to_array(current_setting('search_path'), ','), 1), array_upper(string_to_array(current_setting('search_path'), ','), 1)) AS i,
  string_to_array(current_setting('search_path'), ',') s) THEN quote_ident(table_name) ELSE quote_ident(table_schema) || '.' || quote_ident(table_name) END AS "table"
FROM information_schema.tables WHERE quote_ident(table_schema) NOT IN ('information_schema', 'pg_catalog', '_timescaledb_cache', '_timescaledb_catalog') ORDER BY 1

-- @ columns of a table
-- = title | *
SELECT quote_ident(column_name) AS "column", data_type AS "type" FROM information_schema.columns WHERE quote_ident(table_name) = 'tbook' AND quote_ident(table_schema) = 'public'

-- @ a time series in buckets
-- = 100
SELECT floor(extract(epoch FROM made) / 3600) * 3600 AS "time", sum(amount) AS "value" FROM (SELECT timestamp '2024-01-01 00:10:00' AS made, 40 AS amount UNION ALL SELECT timestamp '2024-01-01 00:50:00', 60) AS rows
WHERE made BETWEEN '2024-01-01T00:00:00Z' AND '2024-01-02T00:00:00Z' GROUP BY 1 ORDER BY 1
