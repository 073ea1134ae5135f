/**
 * SCRAM authentication of one connection. Unknown users go through the same exchange with a mock verifier and get the
 * same answer as a wrong password. AuthenticationOk is not sent here: the worker's session begins with it.
 */
import { Buffer } from "node:buffer";
import { AppError } from "../../errors/app_error.ts";
import { mockScramVerifier, parseScramVerifier } from "../scram.ts";
import { makeServerNonce, offeredMechanisms, ScramExchange } from "../scram_exchange.ts";
import type { AuthFailures } from "./auth_failures.ts";
import type { ClientConnection } from "./client_connection.ts";
import type { Credential } from "./ports.ts";
import {
  decodeSaslInitialResponse,
  encodeAuthenticationSasl,
  encodeAuthenticationSaslContinue,
  encodeAuthenticationSaslFinal,
  saslMessageBytesMax,
} from "./startup_messages.ts";

/** The message type of SASLInitialResponse, SASLResponse and PasswordMessage. */
const passwordMessageType = "p".charCodeAt(0);

export interface AuthenticateOptions {
  readonly username: string;
  findCredential(username: string): Promise<Credential | null>;
  readonly failures: AuthFailures;
  /** Keys the mock verifiers of unknown users. */
  readonly mockSecret: Uint8Array;
}

/** The user's credential once the password has been proved. Throws AppError, or ConnectionEnded. */
export async function authenticate(connection: ClientConnection, options: AuthenticateOptions): Promise<Credential> {
  const { username, failures } = options;
  const refused = () => new AppError("invalid_password", `password authentication failed for user "${username}"`);
  if (failures.isBlocked(connection.clientAddress, username)) throw refused();

  const credential = await options.findCredential(username);
  const verifier = credential === null
    ? mockScramVerifier(username, options.mockSecret)
    : parseScramVerifier(credential.verifier);

  const channelBinding = connection.tls?.channelBinding ?? null;
  const mechanisms = offeredMechanisms(channelBinding);
  connection.write(encodeAuthenticationSasl(mechanisms));
  const initial = decodeSaslInitialResponse(await readSaslMessage(connection));
  if (initial === null) throw new AppError("protocol_violation", "malformed SASLInitialResponse message");
  const mechanism = mechanisms.find((offered) => offered === initial.mechanism);
  if (mechanism === undefined) {
    throw new AppError(
      "protocol_violation",
      `client selected an invalid SASL authentication mechanism; offered: ${mechanisms.join(", ")}`,
    );
  }

  let clientFirst = initial.data;
  if (clientFirst === null) {
    connection.write(encodeAuthenticationSaslContinue(Buffer.alloc(0)));
    clientFirst = await readSaslMessage(connection);
  }
  const exchange = new ScramExchange({
    mechanism,
    channelBinding,
    verifier,
    doomed: credential === null,
    serverNonce: makeServerNonce(),
  });
  connection.write(encodeAuthenticationSaslContinue(exchange.start(clientFirst)));
  const clientFinal = await readSaslMessage(connection);

  // No await from here to the record of a failure: parallel attempts cannot slip past the limit together.
  if (failures.isBlocked(connection.clientAddress, username)) throw refused();
  const serverFinal = exchange.finish(clientFinal);
  if (serverFinal === null || credential === null) {
    failures.record(connection.clientAddress, username);
    throw refused();
  }
  connection.writeWithNext(encodeAuthenticationSaslFinal(serverFinal));
  return credential;
}

async function readSaslMessage(connection: ClientConnection): Promise<Buffer> {
  const header = await connection.read(5);
  const type = header.readUInt8(0);
  if (type !== passwordMessageType) {
    throw new AppError("protocol_violation", `expected SASL response, got message type ${type}`);
  }
  const length = header.readInt32BE(1) - 4;
  if (length < 0 || length > saslMessageBytesMax) {
    throw new AppError(
      "protocol_violation",
      `invalid length of SASL message: ${length}; expected at most ${saslMessageBytesMax} bytes`,
    );
  }
  return await connection.read(length);
}
