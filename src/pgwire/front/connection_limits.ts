/**
 * How many connections may be open: over the whole server and from one address. A slot is taken when a connection is
 * accepted and given back when its socket closes.
 */
export interface ConnectionLimitsOptions {
  readonly connectionsMax: number;
  readonly connectionsPerAddressMax: number;
}

export interface ConnectionSlot {
  /** What to tell the client when the connection is over a limit, or null when it is within them. */
  readonly refusal: string | null;
  /** Gives the slot back; further calls do nothing. */
  release(): void;
}

/**
 * Connections over a limit wait for their start-up packet, so that the client can read why, and so that a CancelRequest
 * still works. Beyond this many they are closed at once.
 */
const refusalsWaitingMax = 64;

/** Invariant: the sum of `#byAddress` is `#total`; an address without connections has no entry. */
export class ConnectionLimits {
  readonly #options: ConnectionLimitsOptions;
  readonly #byAddress = new Map<string, number>();
  #total = 0;
  #refusalsWaiting = 0;

  constructor(options: ConnectionLimitsOptions) {
    this.#options = options;
  }

  get total(): number {
    return this.#total;
  }

  /** A slot, one that carries a refusal, or null: close the socket now. */
  take(address: string): ConnectionSlot | null {
    const fromAddress = this.#byAddress.get(address) ?? 0;
    const refusal = this.#refusal(fromAddress);
    if (refusal !== null) {
      if (this.#refusalsWaiting >= refusalsWaitingMax) return null;
      this.#refusalsWaiting += 1;
      return { refusal, release: once(() => this.#refusalsWaiting -= 1) };
    }
    this.#total += 1;
    this.#byAddress.set(address, fromAddress + 1);
    return { refusal: null, release: once(() => this.#give(address)) };
  }

  #refusal(fromAddress: number): string | null {
    const { connectionsMax, connectionsPerAddressMax } = this.#options;
    if (this.#total >= connectionsMax) {
      return `sorry, too many clients already: max_connections_total is ${connectionsMax}`;
    }
    if (fromAddress >= connectionsPerAddressMax) {
      return `sorry, too many clients already from this address: max_connections_per_ip is ${connectionsPerAddressMax}`;
    }
    return null;
  }

  #give(address: string): void {
    this.#total -= 1;
    const left = (this.#byAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#byAddress.delete(address);
    else this.#byAddress.set(address, left);
  }
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}
