/** `format(text, …)` (PostgreSQL documentation, "format"): %s %I %L, positions `n$`, widths, `-`, `*`. */
import { sqlError } from "./errors.ts";
import { quoteIdentifierText, quoteLiteralText } from "./quoting.ts";

/** %, position, flags and width (a number, `*` or `*n$`), conversion. */
const specifier = /%(?:%|(?:(\d+)\$)?(-*)(?:(\d+)|(\*)(?:(\d+)\$)?)?([\s\S])?)/g;

/** Throws `invalid_parameter_value` for a template that does not fit; `values` are the arguments' texts. */
export function formatText(template: string, values: readonly (string | null)[]): string {
  let next = 0;
  const take = (position: string | undefined): string | null => {
    if (position === "0") throw invalid("format specifies argument 0, but arguments are numbered from 1");
    const index = position === undefined ? next : Number(position) - 1;
    if (index >= values.length) throw invalid("too few arguments for format()");
    next = index + 1;
    return values[index]!;
  };
  return template.replace(
    specifier,
    (
      whole: string,
      position: string | undefined,
      flags: string | undefined,
      width: string | undefined,
      star: string | undefined,
      starPosition: string | undefined,
      conversion: string | undefined,
    ) => {
      if (whole === "%%") return "%";
      if (conversion === undefined) throw invalid("unterminated format() type specifier");
      let columns = width === undefined ? 0 : Number(width);
      if (star !== undefined) {
        const given = take(starPosition);
        columns = given === null ? 0 : Number(given);
        if (!Number.isInteger(columns)) throw invalid(`width of format() is not a whole number: "${given}"`);
      }
      if (!/[sIL]/.test(conversion)) throw invalid(`unrecognized format() type specifier "${conversion}"`);
      const value = converted(take(position), conversion);
      const padded = " ".repeat(Math.max(0, Math.min(Math.abs(columns), widthMax) - [...value].length));
      return columns < 0 || flags !== "" ? value + padded : padded + value;
    },
  );
}

/** No value is made wider, so that a template cannot ask for gigabytes. */
const widthMax = 10_000_000;

function converted(value: string | null, conversion: string): string {
  switch (conversion) {
    case "I":
      if (value === null) throw sqlError("22004", "null values cannot be formatted as an SQL identifier");
      return quoteIdentifierText(value);
    case "L":
      return value === null ? "NULL" : quoteLiteralText(value);
    default:
      return value ?? "";
  }
}

function invalid(message: string): Error {
  return sqlError("22023", message);
}
