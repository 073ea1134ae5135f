/**
 * SCRAM-SHA-256 (RFC 5802, RFC 7677): making, reading and checking verifiers. The stored text is PostgreSQL's:
 * `SCRAM-SHA-256$<iterations>:<salt, base64>$<StoredKey, base64>:<ServerKey, base64>`. The server's side of the
 * exchange is in `scram_exchange.ts`. Passwords go through SASLprep (`scram_saslprep.ts`).
 */
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";
import { passwordBytes } from "./scram_saslprep.ts";

/** PostgreSQL's default. Passwords are random strings made by the server, so more rounds would add only latency. */
export const scramIterations = 4096;
/** More than this in a stored verifier is damage, and would let one login burn a core for seconds. */
const iterationsMax = 10_000_000;
const saltByteCount = 16;
/** Bytes of a SHA-256 digest, and so of every SCRAM key. */
export const scramKeyByteCount = 32;

export interface ScramVerifier {
  readonly iterations: number;
  readonly salt: Uint8Array;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

/** Makes the verifier to store for `password`, with a fresh random salt. */
export async function makeScramVerifier(password: string): Promise<string> {
  return formatScramVerifier(await deriveVerifier(password, randomBytes(saltByteCount), scramIterations));
}

/** Whether `password` is the one behind `verifier`. Throws when the verifier's text is damaged. */
export async function verifyPassword(password: string, verifier: string): Promise<boolean> {
  const stored = parseScramVerifier(verifier);
  const derived = await deriveVerifier(password, stored.salt, stored.iterations);
  const storedKeyMatches = timingSafeEqual(derived.storedKey, stored.storedKey);
  return timingSafeEqual(derived.serverKey, stored.serverKey) && storedKeyMatches;
}

/** Throws a plain Error, a defect of ours, when the text is not a SCRAM-SHA-256 verifier. It never quotes the text. */
export function parseScramVerifier(text: string): ScramVerifier {
  const match = /^SCRAM-SHA-256\$(\d{1,8}):([A-Za-z0-9+/]+={0,2})\$([A-Za-z0-9+/]+={0,2}):([A-Za-z0-9+/]+={0,2})$/
    .exec(text);
  if (match === null) throw new Error("the stored credential is not a SCRAM-SHA-256 verifier");
  const [, iterationsText = "", saltText = "", storedKeyText = "", serverKeyText = ""] = match;
  const verifier = {
    iterations: Number(iterationsText),
    salt: Buffer.from(saltText, "base64"),
    storedKey: Buffer.from(storedKeyText, "base64"),
    serverKey: Buffer.from(serverKeyText, "base64"),
  };
  if (verifier.iterations < 1 || verifier.iterations > iterationsMax) {
    throw new Error(`the stored SCRAM verifier's iteration count is out of range: ${verifier.iterations}`);
  }
  if (verifier.storedKey.length !== scramKeyByteCount || verifier.serverKey.length !== scramKeyByteCount) {
    throw new Error("the stored SCRAM verifier's keys do not have 32 bytes");
  }
  return verifier;
}

export function formatScramVerifier(verifier: ScramVerifier): string {
  const [salt, storedKey, serverKey] = [verifier.salt, verifier.storedKey, verifier.serverKey]
    .map((bytes) => Buffer.from(bytes).toString("base64"));
  return `SCRAM-SHA-256$${verifier.iterations}:${salt}$${storedKey}:${serverKey}`;
}

/**
 * A verifier for a user that does not exist: the same for the same name as long as `serverSecret` stays, so that neither
 * the salt nor the time of the exchange tells an unknown user from a wrong password (PostgreSQL's mock authentication).
 */
export function mockScramVerifier(username: string, serverSecret: Uint8Array): ScramVerifier {
  const derive = (purpose: string) => hmac(serverSecret, Buffer.from(`${purpose}\0${username}`, "utf8"));
  return {
    iterations: scramIterations,
    salt: derive("salt").subarray(0, saltByteCount),
    storedKey: derive("stored key"),
    serverKey: derive("server key"),
  };
}

export function hmac(key: Uint8Array, data: Uint8Array): Buffer {
  return createHmac("sha256", key).update(data).digest();
}

export function sha256(data: Uint8Array): Buffer {
  return createHash("sha256").update(data).digest();
}

async function deriveVerifier(password: string, salt: Uint8Array, iterations: number): Promise<ScramVerifier> {
  const saltedPassword = await new Promise<Buffer>((resolve, reject) => {
    pbkdf2(passwordBytes(password), salt, iterations, scramKeyByteCount, "sha256", (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
  return {
    iterations,
    salt,
    storedKey: sha256(hmac(saltedPassword, Buffer.from("Client Key"))),
    serverKey: hmac(saltedPassword, Buffer.from("Server Key")),
  };
}
