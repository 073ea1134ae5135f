/** DuckDB's words for a text that is no value of a type, in PostgreSQL's words. */
import type { ErrorKind } from "../errors/catalogue.ts";

export interface ConversionError {
  readonly kind: ErrorKind;
  readonly message: string;
}

/** DuckDB's name of the target in "Could not convert string 'x' to INT32" -> PostgreSQL's type. */
const typeNames: Readonly<Record<string, string>> = {
  BOOL: "boolean",
  INT8: "smallint",
  INT16: "smallint",
  INT32: "integer",
  INT64: "bigint",
  FLOAT: "real",
  DOUBLE: "double precision",
  INTERVAL: "interval",
  DECIMAL: "numeric",
  UUID: "uuid",
};
const integerTypes: ReadonlySet<string> = new Set(["smallint", "integer", "bigint"]);
const dateTypes = "date|timestamp|time";

/** null for a message that is already as good as PostgreSQL's. */
export function readConversionError(message: string): ConversionError | null {
  const text = /^Could not convert string ['"]([\s\S]*)['"] to (\w+)/.exec(message);
  if (text !== null) return notConverted(text[1]!, text[2]!);
  const decimal = /^Failed to cast decimal value \S+ to type (INT(?:8|16|32|64))\b/.exec(message)?.[1];
  if (decimal !== undefined) return { kind: "numeric_out_of_range", message: `${typeNames[decimal]} out of range` };
  const date = new RegExp(`^(?:invalid )?(${dateTypes}) field (format|value out of range): "([\\s\\S]*?)"`, "i").exec(
    message,
  );
  if (date === null) return null;
  const [, type, what, value] = date;
  return what === "format"
    ? { kind: "invalid_datetime_format", message: `invalid input syntax for type ${type!.toLowerCase()}: "${value}"` }
    : { kind: "datetime_overflow", message: `date/time field value out of range: "${value}"` };
}

function notConverted(value: string, target: string): ConversionError | null {
  // UINT8 and its like stand for the index of an enum's label; INT128 for a UUID or a hugeint.
  if (/^UINT\d+$/.test(target)) {
    return { kind: "invalid_text_representation", message: `invalid input value for enum: "${value}"` };
  }
  const type = typeNames[target];
  if (type === undefined) return null;
  if (integerTypes.has(type) && /^\s*[+-]?\d+\s*$/.test(value)) {
    return { kind: "numeric_out_of_range", message: `value "${value}" is out of range for type ${type}` };
  }
  const kind = type === "interval" ? "invalid_datetime_format" : "invalid_text_representation";
  return { kind, message: `invalid input syntax for type ${type}: "${value}"` };
}
