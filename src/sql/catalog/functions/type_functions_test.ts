import { withFunctionsCatalog } from "./testing_functions.ts";

withFunctionsCatalog("type functions", async (catalog, claim) => {
  await claim("format_type prints types as PostgreSQL does", async () => {
    await catalog.gives([
      ["format_type(1700, 786438)", "numeric(12,2)"],
      ["format_type(1042, NULL)", "character"],
      ["format_type(1042, -1)", "bpchar"],
      ["format_type(1114, 3)", "timestamp(3) without time zone"],
      ["format_type(__regtype('mood'), -1)", "mood"],
      ["format_type(__regtype('mood[]'), NULL)", "mood[]"],
      ["format_type(0, NULL)", "-"],
      ["format_type(99999, -1)", "???"],
      ["format_type(NULL, -1)", null],
    ]);
  });

  await claim("the helpers of information_schema size types as PostgreSQL's do", async () => {
    await catalog.gives([
      ["_pg_numeric_precision(1700, 786438)", "12"],
      ["_pg_numeric_scale(1700, 786438)", "2"],
      ["_pg_numeric_precision(1700, -1)", null],
      ["_pg_numeric_scale(1700, -1)", null],
      ["_pg_numeric_precision_radix(1700, -1)", "10"],
      ["_pg_numeric_precision(701, -1)", "53"],
      ["_pg_numeric_scale(23, -1)", "0"],
      ["_pg_char_max_length(1043, 14)", "10"],
      ["_pg_char_max_length(1560, 3)", "3"],
      ["_pg_char_max_length(25, -1)", null],
      ["_pg_char_octet_length(1043, 14)", "40"],
      ["_pg_char_octet_length(25, -1)", "1073741824"],
      ["_pg_char_octet_length(23, -1)", null],
      ["_pg_datetime_precision(1114, -1)", "6"],
      ["_pg_datetime_precision(1186, 2147418115)", "3"],
      ["_pg_datetime_precision(1082, -1)", "0"],
      ["_pg_interval_type(1186, -1)", null],
      ["_pg_interval_type(1186, 327679)", "YEAR"],
      ["_pg_interval_type(1186, 470286339)", "DAY TO SECOND(3)"],
    ]);
  });

  await claim("_pg_expandarray numbers elements, _pg_index_position finds a column in a key", async () => {
    await catalog.gives([
      ["_pg_expandarray([3, 5])", "[{'x': 3, 'n': 1}, {'x': 5, 'n': 2}]"],
      ["_pg_expandarray(NULL::SMALLINT[])", null],
      ["_pg_index_position(__regclass('t_b_c_key'), 3)", "2"],
      ["_pg_index_position(__regclass('t_b_c_key'), 1)", null],
    ]);
  });

  await claim("_pg_truetypid and _pg_truetypmod take rows", async () => {
    await catalog.gives([[
      `_pg_truetypid(a, t) || ' ' || _pg_truetypmod(a, t) FROM __eider.pg.pg_attribute a
        JOIN __eider.pg.pg_type t ON t.oid = a.atttypid
        WHERE a.attrelid = __regclass('t') AND a.attname = 'c'`,
      "1700 786438",
    ]]);
  });
});
