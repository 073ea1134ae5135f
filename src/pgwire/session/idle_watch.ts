/** Ends a session that stays silent for too long: idle_timeout_seconds, and in a transaction its own setting as well. */
import type { ErrorKind } from "../../errors/catalogue.ts";
import { Deadline } from "./deadline.ts";
import type { TransactionStatus } from "./transaction.ts";

export interface IdleWatchPorts {
  /** 0 = no limit. */
  readonly sessionMs: () => number;
  /** While a transaction is open; 0 = no limit of its own. */
  readonly transactionMs: () => number;
  readonly terminate: (kind: ErrorKind, detail: string) => void;
}

export class IdleWatch {
  readonly #ports: IdleWatchPorts;
  readonly #deadline = new Deadline(() => this.#expired());
  #ofTransaction = false;

  constructor(ports: IdleWatchPorts) {
    this.#ports = ports;
  }

  /** The session waits for its client from now on. */
  watch(status: TransactionStatus): void {
    const transactionMs = status === "I" ? 0 : this.#ports.transactionMs();
    const idleMs = Math.min(this.#ports.sessionMs() || Infinity, transactionMs || Infinity);
    this.#ofTransaction = idleMs === transactionMs;
    if (idleMs === Infinity) this.#deadline.lift();
    else this.#deadline.set(idleMs);
  }

  stop(): void {
    this.#deadline.lift();
  }

  close(): void {
    this.#deadline.close();
  }

  #expired(): void {
    const { terminate } = this.#ports;
    if (this.#ofTransaction) {
      terminate("idle_in_transaction_timeout", "terminating connection due to idle-in-transaction timeout");
    } else terminate("idle_session_timeout", "terminating connection due to idle-session timeout");
  }
}
