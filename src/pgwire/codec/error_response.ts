/**
 * ErrorResponse and NoticeResponse (PostgreSQL documentation, "Error and Notice Message Fields"): severity, SQLSTATE
 * and text from the error catalogue.
 */
import type { AppError } from "../../errors/app_error.ts";
import { catalogue } from "../../errors/catalogue.ts";
import { LocatedError } from "./located_error.ts";
import type { MessageWriter } from "./message_writer.ts";

const errorType = 69;
const noticeType = 78;

/** `severity` overrides the catalogue's: what ends a connection is FATAL, what a session survives is an ERROR. */
export function errorResponse(
  writer: MessageWriter,
  error: AppError,
  severity: "ERROR" | "FATAL" = catalogue[error.kind].severity,
): void {
  const start = writer.begin(errorType);
  field(writer, "S", severity);
  field(writer, "V", severity);
  field(writer, "C", error.sqlstate);
  field(writer, "M", error.message);
  if (error.detail !== undefined) field(writer, "D", error.detail);
  if (error.hint !== undefined) field(writer, "H", error.hint);
  if (error.position !== undefined) field(writer, "P", String(error.position));
  if (error instanceof LocatedError) field(writer, "W", error.context);
  const { schema, table, column, constraint, routine } = error.object ?? {};
  if (schema !== undefined) field(writer, "s", schema);
  if (table !== undefined) field(writer, "t", table);
  if (column !== undefined) field(writer, "c", column);
  if (constraint !== undefined) field(writer, "n", constraint);
  if (routine !== undefined) field(writer, "R", routine);
  writer.byte(0);
  writer.end(start);
}

export interface Notice {
  readonly severity: "WARNING" | "NOTICE" | "DEBUG" | "INFO" | "LOG";
  readonly sqlstate: string;
  readonly message: string;
  readonly hint?: string;
}

export function noticeResponse(writer: MessageWriter, notice: Notice): void {
  const start = writer.begin(noticeType);
  field(writer, "S", notice.severity);
  field(writer, "V", notice.severity);
  field(writer, "C", notice.sqlstate);
  field(writer, "M", notice.message);
  if (notice.hint !== undefined) field(writer, "H", notice.hint);
  writer.byte(0);
  writer.end(start);
}

function field(writer: MessageWriter, code: string, value: string): void {
  writer.byte(code.charCodeAt(0));
  writer.cstring(value);
}
