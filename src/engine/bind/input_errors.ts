/** The errors of PostgreSQL's input functions, in its words. */
import { AppError } from "../../errors/app_error.ts";
import { formatTypeName } from "../../pgwire/types.ts";

/** A rejected value is quoted in the error, but only this many characters of it. */
const quotedCharactersMax = 200;

function quoted(text: string): string {
  return text.length <= quotedCharactersMax ? `"${text}"` : `"${text.slice(0, quotedCharactersMax)}…"`;
}

export function invalidSyntax(typeOid: number, text: string): AppError {
  return new AppError(
    "invalid_text_representation",
    `invalid input syntax for type ${formatTypeName(typeOid)}: ${quoted(text)}`,
  );
}

export function invalidDateTime(typeOid: number, text: string): AppError {
  // PostgreSQL's input functions name these types without "without time zone".
  const name = formatTypeName(typeOid).replace(" without time zone", "");
  return new AppError("invalid_datetime_format", `invalid input syntax for type ${name}: ${quoted(text)}`);
}

export function dateTimeOverflow(text: string): AppError {
  return new AppError("datetime_overflow", `date/time field value out of range: ${quoted(text)}`);
}

export function outOfRange(typeOid: number, text: string): AppError {
  return new AppError(
    "numeric_out_of_range",
    `value ${quoted(text)} is out of range for type ${formatTypeName(typeOid)}`,
  );
}

export function invalidBinary(typeOid: number, reason: string): AppError {
  return new AppError(
    "invalid_binary_representation",
    `incorrect binary data format for type ${formatTypeName(typeOid)}: ${reason}`,
  );
}
