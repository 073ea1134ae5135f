/**
 * The server's end of the control channel (`messages.ts`): commands out, replies matched by number, events to a
 * callback. Everything a worker says is checked with zod here, since user SQL runs in the process that says it.
 * The worker's end is `channel_worker.ts`.
 */
import { AppError, appErrorFromRecord } from "../errors/app_error.ts";
import { catalogue, type ErrorKind } from "../errors/catalogue.ts";
import { JsonLineWriter, LineError, readLines } from "./lines.ts";
import {
  type CommandBody,
  controlLineBytesMax,
  type QueryFinished,
  type WorkerMessage,
  workerMessageSchema,
} from "./messages.ts";

/** What a worker reports on its own, without having been asked. */
export type WorkerEvent =
  | Exclude<WorkerMessage, { event: "reply" } | { event: "failed" } | { event: "queries_finished" }>
  | QueryFinished;

/**
 * More unanswered calls than this to one worker mean that callers do not wait for answers: a session has at most a few.
 */
const pendingCallsMax = 1_000;

export interface ControlChannelOptions {
  /** The worker's stdout. */
  readonly readable: ReadableStream<Uint8Array>;
  /** The worker's stdin. */
  readonly writable: WritableStream<Uint8Array>;
  readonly onEvent: (event: WorkerEvent) => void;
  /** The worker broke the protocol. Its pending calls cannot be told apart any more: the owner must end it. */
  readonly onBroken: (error: Error) => void;
}

interface PendingCall {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Invariant: every promise that `call` gave is settled, at the latest by `end`, after which no call waits. */
export class ControlChannel {
  /** Resolves when the worker's stdout has ended, or was given up because of a broken message. */
  readonly readEnded: Promise<void>;
  readonly #writer: JsonLineWriter;
  readonly #pending = new Map<number, PendingCall>();
  readonly #stopReading = new AbortController();
  #nextId = 1;
  #ended: AppError | null = null;

  constructor(options: ControlChannelOptions) {
    this.#writer = new JsonLineWriter(options.writable);
    this.readEnded = this.#read(options);
  }

  get pendingCallCount(): number {
    return this.#pending.size;
  }

  /** Sends a command; gives the reply's result, or throws the worker's error as an `AppError`. */
  call(body: CommandBody): Promise<unknown> {
    if (this.#ended !== null) return Promise.reject(copyOf(this.#ended));
    if (this.#pending.size >= pendingCallsMax) {
      return Promise.reject(
        new AppError("too_many_requests", `the workspace process has ${pendingCallsMax} unanswered commands`),
      );
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      try {
        this.#writer.write({ ...body, id });
      } catch (cause) {
        reject(new AppError("worker_lost", `the workspace process takes no more commands: ${messageOf(cause)}`));
        return;
      }
      this.#pending.set(id, { resolve, reject });
    });
  }

  /** Ends the channel: every pending and every later call throws `error`. Resolves when both streams are closed. */
  async end(error: AppError): Promise<void> {
    if (this.#ended !== null) return;
    this.#ended = error;
    for (const call of this.#pending.values()) call.reject(copyOf(error));
    this.#pending.clear();
    this.#stopReading.abort();
    await this.#writer.abort();
  }

  async #read(options: ControlChannelOptions): Promise<void> {
    const lines = readLines(options.readable, {
      lineBytesMax: controlLineBytesMax,
      longLine: "error",
      unfinishedLine: "drop",
      signal: this.#stopReading.signal,
    });
    try {
      for await (const line of lines) {
        const message = parseWorkerMessage(line);
        switch (message.event) {
          case "reply":
            this.#take(message.id).resolve(message.result ?? null);
            break;
          case "failed":
            this.#take(message.id).reject(appErrorFromRecord({ ...message.error, kind: kindOf(message.error.kind) }));
            break;
          case "queries_finished":
            for (const query of message.queries) options.onEvent({ event: "query_finished", ...query });
            break;
          default:
            options.onEvent(message);
        }
      }
    } catch (error) {
      if (this.#ended === null) options.onBroken(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #take(id: number): PendingCall {
    const call = this.#pending.get(id);
    if (call === undefined) throw new LineError(`an answer to command ${id}, which is not open`);
    this.#pending.delete(id);
    return call;
  }
}

function parseWorkerMessage(line: string): WorkerMessage {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new LineError(`a line on the control channel is not JSON: ${excerpt(line)}`);
  }
  const parsed = workerMessageSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new LineError(
      `a line on the control channel is not a message: ${issue?.path.join(".")}: ${issue?.message}: ${excerpt(line)}`,
    );
  }
  return parsed.data;
}

/** Enough of a line to find where it came from; the whole may hold user data, and the log is not the place for it. */
function excerpt(line: string): string {
  return JSON.stringify(line.length > 80 ? `${line.slice(0, 80)}…` : line);
}

function kindOf(kind: string): ErrorKind {
  return Object.hasOwn(catalogue, kind) ? kind as ErrorKind : "internal";
}

/** Each caller gets an error of its own, so that each has its own stack. */
function copyOf(error: AppError): AppError {
  return new AppError(error.kind, error.message, {
    cause: error.cause,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
