/**
 * DuckDB's errors whose kind their exception type does not tell: "Binder Error" may be an unknown function, a grouping error or a missing
 * column. Found by sending the same statements to PostgreSQL (`tests/differential`); the messages are those of DuckDB 1.5.
 */
import type { ErrorKind } from "../errors/catalogue.ts";

/** The first that matches the beginning of a message; all begin with different words, so that their order means nothing. */
const kinds: readonly (readonly [pattern: RegExp, kind: ErrorKind])[] = [
  // Calls.
  [/^Macro .*\) does not support the supplied arguments/i, "undefined_function"],
  [/^UNNEST\(\) can only be applied to lists/i, "undefined_function"],
  [/^Cannot (?:concatenate|compare values of) types? /i, "undefined_function"],
  [/^Unknown ordered aggregate/i, "feature_not_supported"],
  [
    /^(?:Scalar|Aggregate) Function with name (?:rank|dense_rank|row_number|ntile|lag|lead|first_value|last_value|nth_value|cume_dist|percent_rank) does not exist/i,
    "wrong_object_type",
  ],
  // Aggregates and windows.
  [/^aggregate function calls cannot /i, "grouping_error"],
  [/ clause cannot contain aggregates!/i, "grouping_error"],
  [/^GROUPING (?:statement|function) cannot be used without groups/i, "grouping_error"],
  [/ clause cannot contain window functions!/i, "windowing_error"],
  [/^frame (?:starting|ending|start|end) /i, "windowing_error"],
  [/^window ".*" does not exist/i, "undefined_object"],
  [/^GROUP BY term out of range/i, "invalid_column_reference"],
  [/^PERCENTILEs can only take parameters in the range/i, "numeric_out_of_range"],
  // Names.
  [/^Ambiguous reference to table .*duplicate alias/i, "duplicate_alias"],
  [/^Duplicate CTE name/i, "duplicate_alias"],
  [/^table ".*" has \d+ columns available but \d+ columns specified/i, "invalid_column_reference"],
  [/^Column ".*" does not exist on (?:left|right) side of join/i, "undefined_column"],
  [/^Circular reference to CTE/i, "invalid_recursion"],
  // Definitions.
  [/^table ".*" has more than one primary key/i, "invalid_table_definition"],
  [/^Failed to create foreign key: referenced table .* does not have a primary key or unique/i, "invalid_foreign_key"],
  [/^Table does not contain column .* referenced in check constraint/i, "undefined_column"],
  [/^table ".*" does not have a column named/i, "undefined_column"],
  [/^Could not rename .* another entry with this name already exists/i, "duplicate_table"],
  [/^Could not drop the table because this table is main key table/i, "dependent_objects"],
  [/^Attempted to create ENUM type with duplicate value/i, "unique_violation"],
  [/^MINVALUE \(.*\) must be less than MAXVALUE/i, "invalid_parameter_value"],
  // Values.
  [/^Could not cast value .* to DECIMAL/i, "numeric_out_of_range"],
  [/^A?(?:COS|SIN) is undefined outside/i, "numeric_out_of_range"],
  [/^Unknown TimeZone/i, "invalid_parameter_value"],
];

/** null where the exception type says enough. */
export function kindOfKnownMessage(message: string): ErrorKind | null {
  for (const [pattern, kind] of kinds) if (pattern.test(message)) return kind;
  return null;
}
