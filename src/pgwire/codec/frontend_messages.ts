/**
 * The messages of a client after start-up, decoded strictly: counts are checked against the bytes that are there, the
 * only negative length is -1 (NULL), bytes behind the last field are refused. PostgreSQL documentation, "Message
 * Formats".
 */
import { AppError } from "../../errors/app_error.ts";
import { BodyReader } from "./body_reader.ts";

export type ObjectKind = "statement" | "portal";

/** A parameter of Bind; `bytes` is a view of the message, null for NULL. */
export interface BoundParameter {
  readonly bytes: Uint8Array | null;
  readonly format: 0 | 1;
}

export type FrontendMessage =
  | { readonly type: "query"; readonly text: string }
  | {
    readonly type: "parse";
    readonly name: string;
    readonly text: string;
    /** 0 where the client leaves a type open; may be shorter than the statement's parameters. */
    readonly parameterOids: readonly number[];
  }
  | {
    readonly type: "bind";
    readonly portal: string;
    readonly statement: string;
    readonly parameters: readonly BoundParameter[];
    /** None (all text), one for all columns, or one a column. */
    readonly resultFormats: readonly (0 | 1)[];
  }
  | { readonly type: "describe"; readonly kind: ObjectKind; readonly name: string }
  /** `rowsMax` 0 means all rows. */
  | { readonly type: "execute"; readonly portal: string; readonly rowsMax: number }
  | { readonly type: "close"; readonly kind: ObjectKind; readonly name: string }
  | { readonly type: "flush" }
  | { readonly type: "sync" }
  | { readonly type: "terminate" }
  /** PasswordMessage, SASLInitialResponse or SASLResponse: which one depends on what was asked. */
  | { readonly type: "authentication"; readonly data: Uint8Array }
  | { readonly type: "copy_data"; readonly data: Uint8Array }
  | { readonly type: "copy_done" }
  | { readonly type: "copy_fail"; readonly reason: string };

/** Throws `protocol_violation` for an unknown type, `protocol_violation_in_message` for a malformed body. */
export function decodeFrontendMessage(type: number, body: Uint8Array): FrontendMessage {
  const reader = new BodyReader(body);
  const message = decodeBody(type, reader);
  reader.end();
  return message;
}

function decodeBody(type: number, reader: BodyReader): FrontendMessage {
  switch (String.fromCharCode(type)) {
    case "Q":
      return { type: "query", text: reader.cstring() };
    case "P":
      return decodeParse(reader);
    case "B":
      return decodeBind(reader);
    case "D":
      return { type: "describe", kind: objectKind(reader, "DESCRIBE"), name: reader.cstring() };
    case "E":
      return { type: "execute", portal: reader.cstring(), rowsMax: Math.max(0, reader.int32()) };
    case "C":
      return { type: "close", kind: objectKind(reader, "CLOSE"), name: reader.cstring() };
    case "H":
      return { type: "flush" };
    case "S":
      return { type: "sync" };
    case "X":
      return { type: "terminate" };
    case "p":
      return { type: "authentication", data: reader.rest() };
    case "d":
      return { type: "copy_data", data: reader.rest() };
    case "c":
      return { type: "copy_done" };
    case "f":
      return { type: "copy_fail", reason: reader.cstring() };
    default:
      throw new AppError("protocol_violation", `invalid frontend message type ${type}`);
  }
}

function decodeParse(reader: BodyReader): FrontendMessage {
  const name = reader.cstring();
  const text = reader.cstring();
  const parameterOids: number[] = [];
  for (let left = reader.count(4); left > 0; left--) parameterOids.push(reader.uint32());
  return { type: "parse", name, text, parameterOids };
}

function decodeBind(reader: BodyReader): FrontendMessage {
  const portal = reader.cstring();
  const statement = reader.cstring();
  const formats = decodeFormats(reader);
  const parameterCount = reader.count(4);
  if (formats.length > 1 && formats.length !== parameterCount) {
    throw new AppError(
      "protocol_violation_in_message",
      `bind message has ${formats.length} parameter formats but ${parameterCount} parameters`,
    );
  }
  const parameters: BoundParameter[] = [];
  for (let index = 0; index < parameterCount; index++) {
    const format = (formats.length === 1 ? formats[0] : formats[index]) ?? 0;
    const length = reader.int32();
    if (length < -1) {
      throw new AppError("protocol_violation_in_message", `invalid parameter length: ${length}, only -1 means NULL`);
    }
    parameters.push({ bytes: length === -1 ? null : reader.bytes(length), format });
  }
  return { type: "bind", portal, statement, parameters, resultFormats: decodeFormats(reader) };
}

function decodeFormats(reader: BodyReader): (0 | 1)[] {
  const formats: (0 | 1)[] = [];
  for (let left = reader.count(2); left > 0; left--) {
    const format = reader.int16();
    if (format !== 0 && format !== 1) {
      throw new AppError("invalid_parameter_value", `unsupported format code: ${format}, 0 (text) or 1 (binary)`);
    }
    formats.push(format);
  }
  return formats;
}

function objectKind(reader: BodyReader, message: string): ObjectKind {
  const subtype = reader.byte();
  if (subtype === 83) return "statement";
  if (subtype === 80) return "portal";
  throw new AppError("protocol_violation_in_message", `invalid ${message} message subtype ${subtype}`);
}
