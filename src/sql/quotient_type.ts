/**
 * The decimal that stands for PostgreSQL's numeric where it is an average or a quotient. PostgreSQL gives such a value at least 16 significant digits; this
 * type holds 20 decimals, and where it is shown a value has as many as PostgreSQL would write (`engine/encode/quotient_digits.ts`). No other type has this width, so that it marks them.
 */
export const quotientType = { width: 37, scale: 20 } as const;

/** In DuckDB's words. */
export const quotientTypeName = `DECIMAL(${quotientType.width},${quotientType.scale})`;
