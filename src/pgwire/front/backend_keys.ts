/**
 * The process numbers and secret keys that clients get in BackendKeyData and send back in a CancelRequest.
 */
import { Buffer } from "node:buffer";
import { randomBytes, timingSafeEqual } from "node:crypto";

export interface BackendKey {
  /** Unique among the server's open sessions, positive. */
  readonly processId: number;
  /** 32 random bits, unsigned. */
  readonly secretKey: number;
}

export interface CancelTarget {
  readonly workspaceId: string;
  readonly sessionId: string;
}

const processIdMax = 0x7fff_ffff;

/** Invariant: one entry a session between `register` and `release`; its size is bounded by the connection limits. */
export class BackendKeys {
  readonly #targets = new Map<number, { readonly secret: Buffer; readonly target: CancelTarget }>();
  #lastProcessId = 0;

  register(target: CancelTarget): BackendKey {
    do {
      this.#lastProcessId = this.#lastProcessId === processIdMax ? 1 : this.#lastProcessId + 1;
    } while (this.#targets.has(this.#lastProcessId));
    const secret = randomBytes(4);
    this.#targets.set(this.#lastProcessId, { secret, target });
    return { processId: this.#lastProcessId, secretKey: secret.readUInt32BE(0) };
  }

  release(processId: number): void {
    this.#targets.delete(processId);
  }

  /** The session that the key belongs to. The time does not depend on how much of the secret is right. */
  find(processId: number, secretKey: Uint8Array): CancelTarget | null {
    const entry = this.#targets.get(processId);
    const expected = entry?.secret ?? Buffer.alloc(4);
    const given = secretKey.length === 4 ? secretKey : Buffer.alloc(4);
    const matches = timingSafeEqual(expected, given) && secretKey.length === 4;
    return matches && entry !== undefined ? entry.target : null;
  }
}
