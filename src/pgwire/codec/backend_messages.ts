/**
 * The server's messages after authentication, each appended to a `MessageWriter` (PostgreSQL documentation, "Message
 * Formats"). DataRow comes from `engine/encode/row_encoder.ts`; here is only the one for a few ready texts.
 */
import type { MessageWriter } from "./message_writer.ts";

export { errorResponse, type Notice, noticeResponse } from "./error_response.ts";

/** 'I' idle, 'T' in a transaction, 'E' in a failed transaction. */
export type TransactionStatus = "I" | "T" | "E";

/** A column of RowDescription. */
export interface FieldDescription {
  readonly name: string;
  /** The table that the column is of and its number there; without it 0 and 0, as for an expression. */
  readonly table?: { readonly tableOid: number; readonly attribute: number };
  readonly typeOid: number;
  readonly typeLength: number;
  readonly typeModifier: number;
  readonly format: 0 | 1;
}

function code(character: string): number {
  return character.charCodeAt(0);
}

function empty(writer: MessageWriter, type: string): void {
  writer.end(writer.begin(code(type)));
}

export function authenticationOk(writer: MessageWriter): void {
  const start = writer.begin(code("R"));
  writer.int32(0);
  writer.end(start);
}

export function backendKeyData(writer: MessageWriter, processId: number, secretKey: number): void {
  const start = writer.begin(code("K"));
  writer.int32(processId);
  writer.int32(secretKey);
  writer.end(start);
}

export function parameterStatus(writer: MessageWriter, name: string, value: string): void {
  const start = writer.begin(code("S"));
  writer.cstring(name);
  writer.cstring(value);
  writer.end(start);
}

export function readyForQuery(writer: MessageWriter, status: TransactionStatus): void {
  const start = writer.begin(code("Z"));
  writer.byte(code(status));
  writer.end(start);
}

export function rowDescription(writer: MessageWriter, fields: readonly FieldDescription[]): void {
  const start = writer.begin(code("T"));
  writer.int16(fields.length);
  for (const field of fields) {
    writer.cstring(field.name);
    writer.int32(field.table?.tableOid ?? 0);
    writer.int16(field.table?.attribute ?? 0);
    writer.int32(field.typeOid);
    writer.int16(field.typeLength);
    writer.int32(field.typeModifier);
    writer.int16(field.format);
  }
  writer.end(start);
}

/** One row of texts, for answers that do not come from the engine. */
export function dataRowOfTexts(writer: MessageWriter, values: readonly (string | null)[]): void {
  const start = writer.begin(code("D"));
  writer.int16(values.length);
  for (const value of values) {
    const lengthAt = writer.length;
    writer.int32(-1);
    if (value === null) continue;
    writer.text(value);
    writer.view.setInt32(lengthAt, writer.length - lengthAt - 4);
  }
  writer.end(start);
}

/** `tag` as PostgreSQL's, such as `SELECT 5` or `INSERT 0 1`. */
export function commandComplete(writer: MessageWriter, tag: string): void {
  const start = writer.begin(code("C"));
  writer.cstring(tag);
  writer.end(start);
}

export function emptyQueryResponse(writer: MessageWriter): void {
  empty(writer, "I");
}

export function noData(writer: MessageWriter): void {
  empty(writer, "n");
}

export function parseComplete(writer: MessageWriter): void {
  empty(writer, "1");
}

export function bindComplete(writer: MessageWriter): void {
  empty(writer, "2");
}

export function closeComplete(writer: MessageWriter): void {
  empty(writer, "3");
}

/** NotificationResponse: what another session, or this one, sent with NOTIFY. */
export function notificationResponse(
  writer: MessageWriter,
  processId: number,
  channel: string,
  payload: string,
): void {
  const start = writer.begin(code("A"));
  writer.int32(processId);
  writer.cstring(channel);
  writer.cstring(payload);
  writer.end(start);
}

export function portalSuspended(writer: MessageWriter): void {
  empty(writer, "s");
}

export function parameterDescription(writer: MessageWriter, typeOids: readonly number[]): void {
  const start = writer.begin(code("t"));
  writer.int16(typeOids.length);
  for (const oid of typeOids) writer.int32(oid);
  writer.end(start);
}

/** `format` is that of the whole copy, `columnFormats` that of each column. */
export function copyOutResponse(writer: MessageWriter, format: 0 | 1, columnFormats: readonly (0 | 1)[]): void {
  copyResponse(writer, "H", format, columnFormats);
}

function copyResponse(writer: MessageWriter, type: "G" | "H", format: 0 | 1, columnFormats: readonly (0 | 1)[]): void {
  const start = writer.begin(code(type));
  writer.byte(format);
  writer.int16(columnFormats.length);
  for (const columnFormat of columnFormats) writer.int16(columnFormat);
  writer.end(start);
}

/** As `copyOutResponse`, for data that the client is to send. */
export function copyInResponse(writer: MessageWriter, format: 0 | 1, columnFormats: readonly (0 | 1)[]): void {
  copyResponse(writer, "G", format, columnFormats);
}

/** CopyData with a text in UTF-8. */
export function copyText(writer: MessageWriter, text: string): void {
  const start = writer.begin(code("d"));
  writer.text(text);
  writer.end(start);
}

export function copyDone(writer: MessageWriter): void {
  empty(writer, "c");
}
