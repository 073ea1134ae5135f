/**
 * The server's side of one SCRAM-SHA-256 or SCRAM-SHA-256-PLUS exchange (RFC 5802 sections 5 to 7, RFC 5929 for
 * `tls-server-end-point`), with the checks and messages of PostgreSQL's `auth-scram.c`. Pure: bytes in, bytes out; the
 * nonce comes in as a parameter.
 *
 *   start(client-first)  -> server-first   gs2 header, nonce, salt and iterations
 *   finish(client-final) -> server-final   channel binding, nonce and proof checked, or null when the proof is wrong
 *
 * Malformed messages and failed bindings are AppErrors. A wrong proof is an answer, not an error: the caller words it so
 * that it does not tell whether the user exists.
 */
import { Buffer } from "node:buffer";
import { randomBytes, timingSafeEqual } from "node:crypto";
import { AppError } from "../errors/app_error.ts";
import { hmac, scramKeyByteCount, type ScramVerifier, sha256 } from "./scram.ts";

export const scramPlain = "SCRAM-SHA-256";
export const scramPlus = "SCRAM-SHA-256-PLUS";
export type ScramMechanism = typeof scramPlain | typeof scramPlus;

/** What to offer, best first: with a channel (TLS) to bind to, also the -PLUS form. */
export function offeredMechanisms(channelBinding: Uint8Array | null): readonly ScramMechanism[] {
  return channelBinding === null ? [scramPlain] : [scramPlus, scramPlain];
}

export interface ScramExchangeOptions {
  readonly mechanism: ScramMechanism;
  /** The `tls-server-end-point` hash of the server certificate in use; null when -PLUS was not offered. */
  readonly channelBinding: Uint8Array | null;
  readonly verifier: ScramVerifier;
  /** The verifier is a mock: run the whole exchange, then refuse whatever the proof is. */
  readonly doomed: boolean;
  /** Printable, without comma. */
  readonly serverNonce: string;
}

/** 18 random bytes, as PostgreSQL's. */
export function makeServerNonce(): string {
  return randomBytes(18).toString("base64");
}

/** Invariant: `finish` runs only after `start`, each once; a second call is a defect of the caller. */
export class ScramExchange {
  readonly #options: ScramExchangeOptions;
  #state: "new" | "started" | "ended" = "new";
  #gs2Header = "";
  #clientFirstBare = "";
  #serverFirst = "";
  #nonce = "";

  constructor(options: ScramExchangeOptions) {
    this.#options = options;
  }

  start(clientFirst: Uint8Array): Uint8Array {
    this.#advance("new", "started");
    const text = toText(clientFirst);
    const match = /^(n|y|p=([^,]*)),(a=[^,]*)?,(.*)$/s.exec(text);
    if (match === null) throw malformed("the GS2 header is not one of n, y and p=");
    const [, flag = "", bindingName, authorizationIdentity, bare = ""] = match;
    this.#checkBindingFlag(flag, bindingName);
    if (authorizationIdentity !== undefined) {
      throw new AppError("unsupported_protocol", "client uses authorization identity, but it is not supported");
    }
    if (bare.startsWith("m=")) {
      throw new AppError("unsupported_protocol", "client requires an unsupported SCRAM extension");
    }
    // The user name of this message is ignored, as in PostgreSQL: the start-up packet names the user.
    const attributes = /^n=[^,]*,r=([\x21-\x2b\x2d-\x7e]+)(?:,[A-Za-z]=[^,]*)*$/.exec(bare);
    if (attributes === null) throw malformed("the first message needs n= and a printable r=");
    this.#gs2Header = `${flag},,`;
    this.#clientFirstBare = bare;
    this.#nonce = `${attributes[1]}${this.#options.serverNonce}`;
    const salt = Buffer.from(this.#options.verifier.salt).toString("base64");
    this.#serverFirst = `r=${this.#nonce},s=${salt},i=${this.#options.verifier.iterations}`;
    return toBytes(this.#serverFirst);
  }

  /** The server-final message, which proves to the client that the server knows the verifier; null for a wrong proof. */
  finish(clientFinal: Uint8Array): Uint8Array | null {
    this.#advance("started", "ended");
    const match = /^(c=([A-Za-z0-9+/]*={0,2}),r=([^,]*)(?:,[A-Za-z]=[^,]*)*),p=([A-Za-z0-9+/]*={0,2})$/
      .exec(toText(clientFinal));
    if (match === null) throw malformed("the final message needs c=, r= and p=, in this order");
    const [, withoutProof = "", binding = "", nonce = "", proofText = ""] = match;
    this.#checkBinding(binding);
    if (!equalInConstantTime(toBytes(nonce), toBytes(this.#nonce))) {
      throw new AppError("protocol_violation", "invalid SCRAM response: nonce does not match");
    }
    const proof = Buffer.from(proofText, "base64");
    if (proof.length !== scramKeyByteCount || proof.toString("base64") !== proofText) {
      throw malformed("the proof is not 32 bytes in base64");
    }

    const { verifier, doomed } = this.#options;
    const authMessage = toBytes(`${this.#clientFirstBare},${this.#serverFirst},${withoutProof}`);
    const clientSignature = hmac(verifier.storedKey, authMessage);
    const clientKey = Buffer.alloc(scramKeyByteCount);
    for (let i = 0; i < scramKeyByteCount; i += 1) clientKey[i] = (proof[i] ?? 0) ^ (clientSignature[i] ?? 0);
    const proofMatches = timingSafeEqual(sha256(clientKey), verifier.storedKey);
    const serverSignature = hmac(verifier.serverKey, authMessage).toString("base64");
    return proofMatches && !doomed ? toBytes(`v=${serverSignature}`) : null;
  }

  /** RFC 5802 section 6, and PostgreSQL's `read_client_first_message`. */
  #checkBindingFlag(flag: string, bindingName: string | undefined): void {
    const { mechanism, channelBinding } = this.#options;
    if (bindingName === undefined) {
      if (mechanism === scramPlus) {
        throw malformed("the client selected SCRAM-SHA-256-PLUS, but its message has no channel binding");
      }
      // 'y': the client could bind, but saw no -PLUS offer. We made one, so somebody in between removed it.
      if (flag === "y" && channelBinding !== null) {
        throw new AppError(
          "invalid_authorization",
          "SCRAM channel binding negotiation error: the client thinks that this server does not support channel " +
            "binding, but it does",
        );
      }
      return;
    }
    if (mechanism !== scramPlus) {
      throw malformed("the client selected SCRAM-SHA-256 without channel binding, but its message has one");
    }
    if (bindingName !== "tls-server-end-point") {
      throw new AppError(
        "protocol_violation",
        `unsupported SCRAM channel-binding type: "${printable(bindingName)}"; supported: tls-server-end-point`,
      );
    }
  }

  #checkBinding(binding: string): void {
    const { mechanism, channelBinding } = this.#options;
    const header = toBytes(this.#gs2Header);
    if (mechanism === scramPlus) {
      if (channelBinding === null) throw new Error("SCRAM-SHA-256-PLUS was negotiated without a channel to bind to");
      const expected = Buffer.concat([header, channelBinding]).toString("base64");
      if (!equalInConstantTime(toBytes(binding), toBytes(expected))) {
        throw new AppError("invalid_authorization", "SCRAM channel binding check failed");
      }
      return;
    }
    if (binding !== Buffer.from(header).toString("base64")) {
      throw new AppError(
        "protocol_violation",
        "unexpected SCRAM channel-binding attribute in client-final-message",
      );
    }
  }

  #advance(from: "new" | "started", to: "started" | "ended"): void {
    if (this.#state !== from) throw new Error(`SCRAM exchange is ${this.#state}, expected ${from}`);
    this.#state = to;
  }
}

function malformed(what: string): AppError {
  return new AppError("protocol_violation", `malformed SCRAM message: ${what}`);
}

/** One character a byte, so that the text turns back into exactly the bytes that the client signed. */
function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

function toBytes(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

function printable(text: string): string {
  return text.slice(0, 40).replace(/[^\x20-\x7e]/g, "?");
}

function equalInConstantTime(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
