/**
 * From the first byte to the StartupMessage or CancelRequest (PostgreSQL documentation, "Message Flow": Start-up, SSL
 * Session Encryption, GSSAPI Session Encryption; `ProcessStartupPacket` for order and messages).
 *
 * One port takes all three ways in: a first byte of 0x16 is a TLS ClientHello (direct TLS, PostgreSQL 17), anything else
 * the length of a start-up packet, which may ask for TLS first. GSSAPI encryption is always declined.
 */
import { Buffer } from "node:buffer";
import { AppError } from "../../errors/app_error.ts";
import type { CertificatePair } from "../certificate_pair.ts";
import { ConnectionEnded } from "./byte_reader.ts";
import { alpnProtocol, type ClientConnection } from "./client_connection.ts";
import {
  decodeStartupPacket,
  encodeNegotiateProtocolVersion,
  type StartupPacket,
  startupPacketBytesMax,
  startupPacketBytesMin,
} from "./startup_messages.ts";

/** `tls.ContentType.handshake`, the first byte of a TLS record with a ClientHello. */
const tlsHandshakeByte = 0x16;

export interface StartupRequest {
  readonly kind: "startup";
  /** Empty when the client named none. */
  readonly username: string;
  /** Empty when the client named none. */
  readonly database: string;
  readonly applicationName: string;
  readonly parameters: ReadonlyMap<string, string>;
}

export interface CancelRequest {
  readonly kind: "cancel";
  readonly processId: number;
  readonly secretKey: Uint8Array;
}

/**
 * Negotiates encryption and reads the request. `certificate` is null when TLS is disabled.
 * Throws AppError for what the client may be told, ConnectionEnded when nobody is left to tell.
 */
export async function readStartup(
  connection: ClientConnection,
  certificate: () => CertificatePair | null,
): Promise<StartupRequest | CancelRequest> {
  if (connection.tls === null && await connection.peek() === tlsHandshakeByte) {
    const pair = certificate();
    if (pair === null) throw new ConnectionEnded("a direct TLS connection came while TLS is disabled");
    connection.startTls(pair);
    await requireAlpn(connection);
  } else if (connection.tls !== null) {
    await requireAlpn(connection);
  }

  const answered = { ssl: connection.tls !== null, gss: connection.tls !== null };
  while (true) {
    const packet = await readStartupPacket(connection);
    switch (packet.kind) {
      case "ssl_request": {
        if (answered.ssl) throw unsupportedVersion(1234, 5679);
        answered.ssl = true;
        const pair = certificate();
        if (pair === null) {
          connection.write(Buffer.from("N"));
          break;
        }
        // CVE-2021-23222: what somebody in between put after the request must not count as sent under TLS.
        if (connection.bufferedByteCount > 0) {
          throw new AppError("protocol_violation", "received unencrypted data after SSL request");
        }
        connection.write(Buffer.from("S"));
        connection.startTls(pair);
        answered.gss = true;
        break;
      }
      case "gss_encryption_request":
        if (answered.gss) throw unsupportedVersion(1234, 5680);
        answered.gss = true;
        connection.write(Buffer.from("N"));
        break;
      case "cancel_request":
        return { kind: "cancel", processId: packet.processId, secretKey: packet.secretKey };
      case "unsupported_version":
        throw unsupportedVersion(packet.major, packet.minor);
      case "malformed":
        throw new AppError("protocol_violation", packet.reason);
      case "startup":
        return acceptStartup(connection, packet);
      default:
        return packet satisfies never;
    }
  }
}

/** PostgreSQL 17 demands it of direct TLS, so that a TLS stream meant for another protocol is not taken for ours. */
async function requireAlpn(connection: ClientConnection): Promise<void> {
  await connection.peek(); // the first decrypted byte: the handshake is over
  if (connection.tls?.alpn() !== alpnProtocol) {
    throw new AppError(
      "protocol_violation",
      `direct TLS connection without ALPN: expected the protocol "${alpnProtocol}"`,
    );
  }
}

async function readStartupPacket(connection: ClientConnection): Promise<StartupPacket> {
  const length = (await connection.read(4)).readInt32BE(0);
  if (length < startupPacketBytesMin || length > startupPacketBytesMax) {
    throw new AppError(
      "protocol_violation",
      `invalid length of startup packet: ${length}; expected ${startupPacketBytesMin} to ${startupPacketBytesMax} bytes`,
    );
  }
  return decodeStartupPacket(await connection.read(length - 4));
}

function acceptStartup(
  connection: ClientConnection,
  packet: Extract<StartupPacket, { kind: "startup" }>,
): StartupRequest {
  if (packet.minorVersion > 0 || packet.protocolOptions.length > 0) {
    connection.write(encodeNegotiateProtocolVersion(packet.protocolOptions));
  }
  if (asksForReplication(packet.parameters.get("replication"))) {
    throw new AppError("unsupported_protocol", "replication connections are not supported");
  }
  return {
    kind: "startup",
    username: packet.parameters.get("user") ?? "",
    database: packet.parameters.get("database") ?? "",
    applicationName: packet.parameters.get("application_name") ?? "",
    parameters: packet.parameters,
  };
}

/** A boolean as PostgreSQL's `parse_bool` reads it, or the word `database`. */
function asksForReplication(value: string | undefined): boolean {
  if (value === undefined) return false;
  const text = value.toLowerCase();
  return !["0", "of", "off", "f", "fa", "fal", "fals", "false", "n", "no"].includes(text);
}

function unsupportedVersion(major: number, minor: number): AppError {
  return new AppError(
    "unsupported_protocol",
    `unsupported frontend protocol ${major}.${minor}: server supports 3.0 to 3.0`,
  );
}
