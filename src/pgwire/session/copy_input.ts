/**
 * What a client sends during COPY FROM STDIN: CopyData until CopyDone or CopyFail. Flush and Sync are passed over, as PostgreSQL
 * does; anything else ends the COPY with an error.
 */
import { AppError } from "../../errors/app_error.ts";
import { decodeFrontendMessage } from "../codec/frontend_messages.ts";
import type { MessageQueue } from "./message_queue.ts";

const copyDataType = "d".charCodeAt(0);
const copyDoneType = "c".charCodeAt(0);
const copyFailType = "f".charCodeAt(0);
const passedOver: ReadonlySet<number> = new Set(["H".charCodeAt(0), "S".charCodeAt(0)]);

/** Small messages that have arrived are read as one piece of up to about this size. */
const pieceBytesMax = 64 * 1024;

/** Runs `wait`, which needs no place among the running statements meanwhile. */
export type WhileWaiting = <T>(signal: AbortSignal, wait: () => Promise<T>) => Promise<T>;

export class CopyInput {
  readonly #queue: MessageQueue;
  readonly #whileWaiting: WhileWaiting;
  /** The running statement came with the extended protocol, where other statements may follow before the transaction ends. */
  pipelined = false;

  constructor(queue: MessageQueue, whileWaiting: WhileWaiting) {
    this.#queue = queue;
    this.#whileWaiting = whileWaiting;
  }

  /** Whether it is known that the unit of work ends with this statement. */
  endsUnit(): boolean {
    return !this.pipelined || this.#queue.nextIsSync();
  }

  /**
   * The next bytes, or null at CopyDone. Throws 57014 at CopyFail, 08P01 for a message that does not belong here, and the signal's
   * reason when the statement is ended meanwhile.
   */
  async read(signal: AbortSignal): Promise<Uint8Array | null> {
    for (;;) {
      signal.throwIfAborted();
      const frame = this.#queue.empty
        ? await this.#whileWaiting(signal, () => this.#queue.next(signal))
        : await this.#queue.next(signal);
      if (frame === null) {
        signal.throwIfAborted();
        throw new AppError("query_canceled", "unexpected EOF on client connection with an open transaction");
      }
      switch (frame.type) {
        case copyDataType:
          return frame.body.length < pieceBytesMax ? this.#queue.joinFollowing(frame, pieceBytesMax) : frame.body;
        case copyDoneType:
          return null;
        case copyFailType: {
          const message = decodeFrontendMessage(frame.type, frame.body);
          const reason = message.type === "copy_fail" ? message.reason : "";
          throw new AppError("query_canceled", `COPY from stdin failed: ${reason}`);
        }
        default:
          if (passedOver.has(frame.type)) break;
          throw new AppError(
            "protocol_violation_in_message",
            `unexpected message type 0x${
              frame.type.toString(16).toUpperCase().padStart(2, "0")
            } during COPY from stdin`,
          );
      }
    }
  }
}
