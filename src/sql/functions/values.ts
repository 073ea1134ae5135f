/** Any value as PostgreSQL's text; everything that takes "any" argument (concat, format, quote_literal, json) stands on these. */
import { noOverload } from "./overloads.ts";
import { quotientTypeName } from "../quotient_type.ts";
import { javaScript, macro } from "./macro.ts";
import type { SqlFunction } from "./types.ts";
import { jsonListText, postgresText } from "./value_text.ts";

/**
 * Common types are told apart by overloads, the others by a CASE over `typeof`, which is a constant: a branch that does not apply costs
 * nothing when the statement runs. Every branch costs some 0.1 ms when it is planned, so there are few.
 */
const generalText = `CASE
  WHEN typeof(value) IN ('HUGEINT', 'UUID', 'TIME', 'UBIGINT', 'BIT') THEN value::VARCHAR
  WHEN typeof(value) IN ('DECIMAL(38,10)', '${quotientTypeName}') THEN rtrim(rtrim(value::VARCHAR, '0'), '.')
  WHEN typeof(value) LIKE 'DECIMAL%)' THEN value::VARCHAR
  WHEN typeof(value) IN ('DATE', 'TIMESTAMP', 'TIMESTAMP WITH TIME ZONE') AND NOT contains(value::VARCHAR, '(') THEN value::VARCHAR
  WHEN typeof(value) = 'DOUBLE' AND strpos(value::VARCHAR, '.') BETWEEN 1 AND 16 AND NOT contains(value::VARCHAR, 'e')
    THEN CASE WHEN ends_with(value::VARCHAR, '.0') THEN left(value::VARCHAR, -2) ELSE value::VARCHAR END
  WHEN regexp_matches(typeof(value), 'STRUCT|MAP|UNION|JSON|VARIANT') THEN __eider_json_list_text(to_json(value)::VARCHAR, typeof(value))
  ELSE __eider_text(value::VARCHAR, typeof(value)) END`;

export const valueFunctions: readonly SqlFunction[] = [
  noOverload,
  javaScript("__eider_text", ["VARCHAR", "VARCHAR"], "VARCHAR", postgresText),
  javaScript("__eider_json_list_text", ["VARCHAR", "VARCHAR"], "VARCHAR", jsonListText),
  // `value::text`. Structs, maps and unions are JSON, as they are shown.
  macro(
    "__text",
    "(value VARCHAR) AS value",
    "(value BIGINT) AS value::VARCHAR",
    "(value BOOLEAN) AS value::VARCHAR",
    `(value) AS ${generalText}`,
  ),
  // What PostgreSQL's output function writes: t and f for booleans.
  macro(
    "__output_text",
    "(value VARCHAR) AS value",
    "(value BIGINT) AS value::VARCHAR",
    "(value BOOLEAN) AS left(value::VARCHAR, 1)",
    `(value) AS ${generalText}`,
  ),
  // A field in the text of a row: in quotes where it would not be read as itself otherwise.
  macro(
    "__row_field",
    String.raw`(value) AS CASE WHEN value = '' OR regexp_matches(value, '[(),"\\s]')
      THEN '"' || replace(replace(value, '', '\'), '"', '""') || '"' ELSE value END`,
  ),
];
