/**
 * The messages before a session exists (PostgreSQL documentation, "Message Formats"): the untyped start-up packets, the
 * SASL messages, and the errors and notices that the front writes itself. Pure functions over bytes.
 */
import { Buffer } from "node:buffer";
import type { AppError } from "../../errors/app_error.ts";
import { errorResponse } from "../codec/error_response.ts";
import { MessageWriter } from "../codec/message_writer.ts";

/** PostgreSQL's MAX_STARTUP_PACKET_LENGTH, the length word included. */
export const startupPacketBytesMax = 10_000;
/** Length word and request code. */
export const startupPacketBytesMin = 8;
/** PostgreSQL's PG_MAX_SASL_MESSAGE_LENGTH. */
export const saslMessageBytesMax = 1024;

/** 3.0, the only minor version spoken here; a client asking for a newer one is told with NegotiateProtocolVersion. */
const protocolVersion = 3 << 16;
const sslRequestCode = 80877103;
const gssEncryptionRequestCode = 80877104;
const cancelRequestCode = 80877102;

export type StartupPacket =
  | { readonly kind: "ssl_request" }
  | { readonly kind: "gss_encryption_request" }
  | { readonly kind: "cancel_request"; readonly processId: number; readonly secretKey: Uint8Array }
  | { readonly kind: "unsupported_version"; readonly major: number; readonly minor: number }
  | {
    readonly kind: "startup";
    readonly minorVersion: number;
    /** All but the protocol options. The last one wins where a name comes twice, as in PostgreSQL. */
    readonly parameters: ReadonlyMap<string, string>;
    /** Names that begin with `_pq_.`; none of them is known here. */
    readonly protocolOptions: readonly string[];
  }
  | { readonly kind: "malformed"; readonly reason: string };

/** Decodes what follows the length word. Never throws: what it cannot read is `malformed`. */
export function decodeStartupPacket(body: Uint8Array): StartupPacket {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (bytes.length < 4) return { kind: "malformed", reason: "invalid length of startup packet" };
  const code = bytes.readUInt32BE(0);
  if (code === sslRequestCode || code === gssEncryptionRequestCode) {
    if (bytes.length !== 4) return { kind: "malformed", reason: "invalid length of encryption request" };
    return { kind: code === sslRequestCode ? "ssl_request" : "gss_encryption_request" };
  }
  if (code === cancelRequestCode) {
    // Keys of protocol 3.2 may have up to 256 bytes; a key of another length than ours matches no session.
    if (bytes.length < 12 || bytes.length > 8 + 256) {
      return { kind: "malformed", reason: "invalid length of cancel request packet" };
    }
    return { kind: "cancel_request", processId: bytes.readInt32BE(4), secretKey: bytes.subarray(8) };
  }
  const major = code >>> 16;
  const minor = code & 0xffff;
  if (major !== 3) return { kind: "unsupported_version", major, minor };
  return decodeParameters(bytes, minor);
}

function decodeParameters(bytes: Buffer, minorVersion: number): StartupPacket {
  const parameters = new Map<string, string>();
  const protocolOptions: string[] = [];
  let offset = 4;
  const readText = (): string | null => {
    const end = bytes.indexOf(0, offset);
    if (end === -1) return null;
    const text = bytes.toString("utf8", offset, end);
    offset = end + 1;
    return text;
  };
  while (offset < bytes.length && bytes[offset] !== 0) {
    const name = readText();
    const value = readText();
    if (name === null || value === null) {
      return { kind: "malformed", reason: "invalid startup packet layout: unterminated parameter" };
    }
    if (name.startsWith("_pq_.")) protocolOptions.push(name);
    else parameters.set(name, value);
  }
  if (offset !== bytes.length - 1) {
    return { kind: "malformed", reason: "invalid startup packet layout: expected terminator as last byte" };
  }
  return { kind: "startup", minorVersion, parameters, protocolOptions };
}

/** NegotiateProtocolVersion: what is spoken instead, and the options that were not understood. */
export function encodeNegotiateProtocolVersion(unknownOptions: readonly string[]): Uint8Array {
  return message("v", (writer) => {
    writer.int32(protocolVersion);
    writer.int32(unknownOptions.length);
    for (const option of unknownOptions) writer.cstring(option);
  });
}

/** AuthenticationSASL: the mechanisms, best first. */
export function encodeAuthenticationSasl(mechanisms: readonly string[]): Uint8Array {
  return message("R", (writer) => {
    writer.int32(10);
    for (const mechanism of mechanisms) writer.cstring(mechanism);
    writer.byte(0);
  });
}

export function encodeAuthenticationSaslContinue(data: Uint8Array): Uint8Array {
  return message("R", (writer) => {
    writer.int32(11);
    writer.raw(data);
  });
}

export function encodeAuthenticationSaslFinal(data: Uint8Array): Uint8Array {
  return message("R", (writer) => {
    writer.int32(12);
    writer.raw(data);
  });
}

export interface SaslInitialResponse {
  readonly mechanism: string;
  /** Null when the client waits for an empty challenge first (length -1). */
  readonly data: Uint8Array | null;
}

/** The body of a SASLInitialResponse, or null when it is malformed. */
export function decodeSaslInitialResponse(body: Uint8Array): SaslInitialResponse | null {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const end = bytes.indexOf(0);
  if (end === -1 || bytes.length < end + 5) return null;
  const mechanism = bytes.toString("latin1", 0, end);
  const length = bytes.readInt32BE(end + 1);
  const data = bytes.subarray(end + 5);
  if (length === -1) return data.length === 0 ? { mechanism, data: null } : null;
  return length === data.length ? { mechanism, data } : null;
}

/** ErrorResponse for an error that ends the connection: its severity is FATAL whatever the catalogue says. */
export function encodeFatalError(error: AppError): Uint8Array {
  const writer = new MessageWriter(256);
  errorResponse(writer, error, "FATAL");
  return writer.take();
}

function message(type: string, write: (writer: MessageWriter) => void): Uint8Array {
  const writer = new MessageWriter(256);
  const start = writer.begin(type.charCodeAt(0));
  write(writer);
  writer.end(start);
  return writer.take();
}
