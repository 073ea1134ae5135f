-- Npgsql (.NET, Power BI): what it asks at the first connection with a database, in one simple query of four statements, and what its pool sends.

-- @ version, types, fields of composite types and labels of enums
-- = int4 | b | f | NULL
-- = _int4 | a | f | 23
-- = int4range | r | f | 23
-- = int4multirange | m | f | 3904
-- = text | b
-- = jsonb | b
-- = tcolor | e
-- = _tcolor | a
-- = record | p
SELECT version();
SELECT s.nspname, t.oid, t.typname, t.typtype, t.typnotnull, t.elemtypoid
FROM (
  SELECT k.oid, k.typnamespace, k.typname, k.typtype, k.typrelid, k.typnotnull, k.relkind, e.oid AS elemtypoid, e.typname AS elemtypname,
    ec.relkind AS elemrelkind, CASE WHEN ep.proname = 'array_recv' THEN 'a' ELSE e.typtype END AS elemtyptype
  FROM (
    SELECT t.oid, typnamespace, typname, typrelid, typnotnull, relkind, typelem AS elemoid,
      CASE WHEN p.proname = 'array_recv' THEN 'a' ELSE t.typtype END AS typtype,
      CASE WHEN p.proname = 'array_recv' THEN t.typelem WHEN t.typtype = 'r' THEN rngsubtype
        WHEN t.typtype = 'm' THEN (SELECT rngtypid FROM pg_range WHERE rngmultitypid = t.oid)
        WHEN t.typtype = 'd' THEN t.typbasetype END AS elemtypoid
    FROM pg_type AS t LEFT JOIN pg_class AS c ON (c.oid = t.typrelid) LEFT JOIN pg_proc AS p ON p.oid = t.typreceive
    LEFT JOIN pg_range ON (pg_range.rngtypid = t.oid)
  ) AS k
  LEFT JOIN pg_type AS e ON e.oid = elemtypoid LEFT JOIN pg_class AS ec ON (ec.oid = e.typrelid) LEFT JOIN pg_proc AS ep ON ep.oid = e.typreceive
) AS t
JOIN pg_namespace AS s ON (s.oid = typnamespace)
WHERE typtype IN ('b', 'r', 'm', 'e', 'd') OR (typtype = 'c' AND relkind = 'c') OR (typtype = 'p' AND typname IN ('record', 'void')) OR
  (typtype = 'a' AND (elemtyptype IN ('b', 'r', 'm', 'e', 'd') OR (elemtyptype = 'p' AND elemtypname IN ('record', 'void')) OR
    (elemtyptype = 'c' AND elemrelkind = 'c')))
ORDER BY CASE WHEN typtype IN ('b', 'e', 'p') THEN 0 WHEN typtype = 'r' THEN 1 WHEN typtype = 'm' THEN 2 WHEN typtype = 'c' THEN 3
  WHEN typtype = 'd' AND elemtyptype <> 'a' THEN 4 WHEN typtype = 'a' THEN 5 WHEN typtype = 'd' AND elemtyptype = 'a' THEN 6 END;
SELECT t.oid, a.attname, a.atttypid FROM pg_type AS t JOIN pg_namespace AS s ON (s.oid = t.typnamespace) JOIN pg_class AS c ON (c.oid = t.typrelid)
JOIN pg_attribute AS a ON (a.attrelid = t.typrelid) WHERE (t.typtype = 'c' AND c.relkind = 'c') AND attnum > 0 AND NOT attisdropped ORDER BY t.oid, a.attnum;
SELECT pg_type.oid, enumlabel FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid ORDER BY oid, enumsortorder;

-- @ labels of enums
-- = tcolor | red
SELECT typname, enumlabel FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid ORDER BY typname, enumsortorder

-- @ reset of a pooled connection
CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *; DISCARD SEQUENCES; DISCARD TEMP

-- @ discard
DISCARD ALL

-- @ key columns of a result's tables
-- = public | tbook | id | f | f
-- = public | tbook | title
SELECT n.nspname, c.relname, a.attname, CASE WHEN a.attnotnull THEN false ELSE true END, a.attidentity <> '', a.attnum, c.oid, pg_get_expr(d.adbin, d.adrelid),
  CASE WHEN d.adbin IS NOT NULL AND a.attidentity = '' AND pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval%' THEN true ELSE false END AS isautoincrement,
  CASE WHEN ((c.relkind = ANY (ARRAY['r', 'p'])) OR ((c.relkind = ANY (ARRAY['v', 'f'])) AND pg_column_is_updatable(c.oid, a.attnum, false))) AND a.attidentity NOT IN ('a')
    THEN 'true'::boolean ELSE 'false'::boolean END AS is_updatable,
  EXISTS (SELECT * FROM pg_index WHERE pg_index.indrelid = c.oid AND pg_index.indisprimary AND a.attnum = ANY (indkey)) AS isprimarykey,
  EXISTS (SELECT * FROM pg_index WHERE pg_index.indrelid = c.oid AND pg_index.indisunique AND pg_index.indnkeyatts = 1 AND a.attnum = pg_index.indkey[0]) AS isunique
FROM pg_attribute a JOIN pg_class c ON a.attrelid = c.oid JOIN pg_namespace n ON n.oid = c.relnamespace LEFT OUTER JOIN pg_attrdef d ON a.attrelid = d.adrelid AND a.attnum = d.adnum
WHERE a.atttypid <> 0 AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT a.attisdropped AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND c.relname = 'tbook' AND a.attnum > 0
ORDER BY a.attnum
