/**
 * Joins an authenticated client and its worker: bytes both ways with the backpressure of `pipe`, until one side ends.
 *
 *   client ends (FIN)       the worker gets FIN after the last byte; it interrupts, answers what it can, and closes
 *   client is gone          the same; the worker's answers are discarded
 *   worker ends             the client gets the rest and FIN; before it FATAL 57P02 when the worker neither said goodbye
 *                           with a FATAL error nor was asked to end, and the client is between two messages
 *
 * A side that does not close within `closeGraceMs` after the other has is cut off.
 */
import { nextTick } from "node:process";
import type { Duplex } from "node:stream";
import { AppError } from "../../errors/app_error.ts";
import { MessageBoundary, TerminateTail } from "./message_boundary.ts";
import { encodeFatalError } from "./startup_messages.ts";

/** Long enough to flush an answer over a slow line, short enough that dead peers do not pile up. */
const closeGraceMs = 10_000;

export interface SpliceOptions {
  readonly client: Duplex;
  readonly worker: Duplex;
  /** Bytes that the client sent before the splice. */
  readonly head: Uint8Array;
}

export type SpliceEnd = "client disconnected" | "terminated" | "session ended" | "workspace process ended";

export interface Splice {
  /** Resolves when both sockets are closed. */
  readonly done: Promise<SpliceEnd>;
  /** Session bytes so far. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** Ends the session without the worker: the error when it can still be written, then both sockets close. */
  abort(error: AppError): void;
}

export function splice(options: SpliceOptions): Splice {
  const { client, worker, head } = options;
  const boundary = new MessageBoundary();
  const tail = new TerminateTail();
  let receivedBytes = 0;
  let sentBytes = 0;
  let reason: SpliceEnd | null = null;
  let clientEnded = false;
  let workerGone = false;
  let graceTimer: ReturnType<typeof setTimeout> | undefined;
  const done = Promise.withResolvers<SpliceEnd>();

  const cutOffLater = () => {
    graceTimer ??= setTimeout(() => {
      client.destroy();
      worker.destroy();
    }, closeGraceMs);
  };
  const endReason = () => reason ??= tail.terminated ? "terminated" : "client disconnected";

  const onReceived = (chunk: Uint8Array) => {
    receivedBytes += chunk.length;
    tail.feed(chunk);
  };
  if (head.length > 0) {
    onReceived(head);
    worker.write(head);
  }
  client.on("data", onReceived);
  worker.on("data", (chunk: Uint8Array) => {
    sentBytes += chunk.length;
    boundary.feed(chunk);
  });

  // AuthenticationSASLFinal waits in the corked stream for the worker's AuthenticationOk.
  worker.once("data", () => nextTick(() => client.uncork()));

  const endClient = (error: AppError | null) => {
    if (client.destroyed || client.writableEnded) return;
    if (error !== null && boundary.betweenMessages && !boundary.fatalSeen) client.write(encodeFatalError(error));
    client.end();
    client.unpipe(worker);
    client.resume(); // unread bytes would turn the close into a reset, and the client would lose the error
    cutOffLater();
  };
  const onWorkerGone = () => {
    if (workerGone) return;
    workerGone = true;
    const expected = clientEnded || tail.terminated || boundary.fatalSeen;
    reason ??= tail.terminated ? "terminated" : expected ? "session ended" : "workspace process ended";
    endClient(
      expected ? null : new AppError("worker_lost", "terminating connection because the workspace process ended"),
    );
    if (!worker.writableEnded) worker.end();
  };
  const onClientGone = () => {
    clientEnded = true;
    endReason();
    if (!worker.destroyed && !worker.writableEnded) worker.end();
    worker.unpipe(client);
    worker.resume(); // answers nobody reads; the stream must flow to see its end
    cutOffLater();
  };
  const settle = () => {
    if (!client.closed || !worker.closed) return;
    clearTimeout(graceTimer);
    done.resolve(endReason());
  };

  // Without listeners an 'error' would end the process; 'close' follows each of them and does the work.
  client.on("error", () => {});
  worker.on("error", () => {});
  client.on("end", () => {
    clientEnded = true;
    endReason();
    cutOffLater();
  });
  client.on("close", () => {
    onClientGone();
    settle();
  });
  worker.on("end", onWorkerGone);
  worker.on("close", () => {
    onWorkerGone();
    settle();
  });
  client.pipe(worker);
  worker.pipe(client, { end: false });
  // Either may have ended or closed before the listeners were there.
  if (client.readableEnded) worker.end();
  if (client.destroyed) onClientGone();
  if (worker.destroyed) onWorkerGone();
  settle();

  return {
    done: done.promise,
    get receivedBytes() {
      return receivedBytes;
    },
    get sentBytes() {
      return sentBytes;
    },
    abort(error: AppError) {
      reason ??= "session ended";
      worker.unpipe(client);
      endClient(error);
      worker.destroy();
    },
  };
}
