/**
 * Types by OID: `format_type`, and the helpers of information_schema about a type's size.
 */
import type { MacroFunction } from "../../functions/types.ts";
import { modifierAbsent } from "./builtin_types.ts";
import { lookup, macro, pg } from "./macro.ts";

const formatType = macro(
  "format_type",
  `(type_oid, modifier) AS ${
    lookup("__eider_shown_type", "type_oid::BIGINT", `coalesce(modifier, ${modifierAbsent})::BIGINT`)
  }`,
);

/** The functions that PostgreSQL's information_schema is made of, some of which tools call. They need no relation. */
export const informationSchemaHelpers: readonly MacroFunction[] = [
  macro("_pg_truetypid", "(att, typ) AS CASE WHEN typ.typtype = 'd' THEN typ.typbasetype ELSE att.atttypid END"),
  macro("_pg_truetypmod", "(att, typ) AS CASE WHEN typ.typtype = 'd' THEN typ.typtypmod ELSE att.atttypmod END"),
  macro(
    "_pg_char_max_length",
    `(typid, typmod) AS CASE WHEN typmod = -1 THEN NULL WHEN typid IN (1042, 1043) THEN typmod - 4
      WHEN typid IN (1560, 1562) THEN typmod END`,
  ),
  macro(
    "_pg_char_octet_length",
    `(typid, typmod) AS CASE WHEN typid NOT IN (25, 1042, 1043) THEN NULL WHEN typmod = -1 OR typid = 25 THEN 1073741824
      ELSE (typmod - 4) * 4 END`,
  ),
  macro(
    "_pg_numeric_precision",
    `(typid, typmod) AS CASE typid WHEN 21 THEN 16 WHEN 23 THEN 32 WHEN 20 THEN 64 WHEN 700 THEN 24 WHEN 701 THEN 53
      WHEN 1700 THEN CASE WHEN typmod = -1 THEN NULL ELSE ((typmod - 4) >> 16) & 65535 END END::INTEGER`,
  ),
  macro(
    "_pg_numeric_precision_radix",
    "(typid, typmod) AS CASE WHEN typid IN (20, 21, 23, 700, 701) THEN 2 WHEN typid = 1700 THEN 10 END",
  ),
  macro(
    "_pg_numeric_scale",
    `(typid, typmod) AS CASE WHEN typid IN (20, 21, 23) THEN 0
      WHEN typid = 1700 AND typmod <> -1 THEN (xor((typmod - 4) & 2047, 1024) - 1024) END::INTEGER`,
  ),
  macro(
    "_pg_datetime_precision",
    `(typid, typmod) AS CASE WHEN typid = 1082 THEN 0 WHEN typid IN (1083, 1114, 1184, 1266) THEN CASE
      WHEN typmod < 0 THEN 6 ELSE typmod END
      WHEN typid = 1186 THEN CASE WHEN typmod < 0 OR typmod & 65535 = 65535 THEN 6
        ELSE typmod & 65535 END END::INTEGER`,
  ),
  macro(
    "_pg_interval_type",
    `(typid, modifier) AS CASE WHEN typid = 1186 THEN nullif(regexp_extract(
      upper(__eider_format_type(1186::BIGINT, modifier::BIGINT)), '^INTERVAL[()0-9]* (.*)$', 1), '') END`,
  ),
  /** A list of rows (x, n). */
  macro("_pg_expandarray", "(elements) AS list_transform(elements, lambda x, n: struct_pack(x := x, n := n::INTEGER))"),
];

export const typeFunctions: readonly MacroFunction[] = [
  formatType,
  macro(
    "_pg_index_position",
    `(index_oid, attribute) AS (SELECT nullif(list_position(@i.indkey, attribute), 0)::INTEGER
      FROM ${pg("pg_index")} AS @i WHERE @i.indexrelid = index_oid)`,
  ),
];
