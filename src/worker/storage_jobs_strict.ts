/**
 * Where DuckDB's casts from text lose something in silence, an import looks first: `1.5` into an INTEGER becomes 2,
 * `2024-01-02 10:00` into a DATE loses its time, `…T03:04:05+02:00` into a TIMESTAMP its offset, and a column that was
 * sniffed as BIGINT turns `007` into 7. These are the conditions, as SQL over a VARCHAR expression.
 */

const integerTypes = new Set([
  "TINYINT",
  "SMALLINT",
  "INTEGER",
  "BIGINT",
  "HUGEINT",
  "UTINYINT",
  "USMALLINT",
  "UINTEGER",
  "UBIGINT",
  "UHUGEINT",
]);

export function isIntegerType(type: string): boolean {
  return integerTypes.has(type);
}

/**
 * The condition under which a text that DuckDB can cast to a declared `type` keeps its meaning, or null where the cast
 * itself is strict enough. `1.0` and `1e3` are integers; midnight is a date.
 */
export function losslessCondition(type: string, text: string): string | null {
  if (isIntegerType(type)) return `regexp_full_match(trim(${text}), '[+-]?[0-9]+(\\.0*)?([eE][+]?[0-9]+)?')`;
  if (type === "DATE") return `regexp_full_match(trim(${text}), '[^ T]+([ T]00:00(:00(\\.0+)?)?Z?)?')`;
  if (/^TIMESTAMP(_S|_MS|_NS)?$/.test(type)) {
    return `(NOT regexp_matches(${text}, ':[0-9.]+ *[+-][0-9]{2}(:?[0-9]{2})? *$') ` +
      `OR regexp_matches(${text}, '[+-]00(:?00)? *$'))`;
  }
  return null;
}

/** From a sniffed type to the types that are tried on all values, most specific first; VARCHAR is what remains. */
export function candidateTypes(sniffed: string): readonly string[] {
  switch (sniffed) {
    case "BIGINT":
      return ["BIGINT", "DOUBLE"];
    case "DATE":
      return ["DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"];
    case "TIMESTAMP":
      return ["TIMESTAMP", "TIMESTAMP WITH TIME ZONE"];
    case "BOOLEAN":
    case "DOUBLE":
    case "TIME":
    case "TIMESTAMP WITH TIME ZONE":
      return [sniffed];
    default:
      return [];
  }
}

/** Whether a text would come back from `type` as what it was; leading zeros and long digits stay text. */
export function sniffCondition(type: string, text: string): string {
  const castable = `TRY_CAST(${text} AS ${type}) IS NOT NULL`;
  switch (type) {
    case "BIGINT":
      return `(${castable} AND regexp_full_match(${text}, ' *[+-]?(0|[1-9][0-9]*) *'))`;
    case "DOUBLE":
      // Up to 16 digits before a point are how other programs print a double.
      return `(${castable} AND NOT regexp_matches(${text}, '^ *[+-]?(0[0-9]|[0-9]{16,} *$|[0-9]{17,}\\.)'))`;
    case "TIMESTAMP":
      return `(${castable} AND NOT regexp_matches(${text}, ':[0-9.]+ *(Z|z|[+-][0-9]{2}(:?[0-9]{2})?) *$'))`;
    default: {
      const lossless = losslessCondition(type, text);
      return lossless === null ? `(${castable})` : `(${castable} AND ${lossless})`;
    }
  }
}
