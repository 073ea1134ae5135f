/**
 * The worker's end of the control channel (`messages.ts`): commands in, replies and events out. The server is trusted
 * and runs the same build, so only a message's outline is checked, and no schema library is loaded: a worker starts
 * fast, and an event costs one `JSON.stringify`.
 */
import { AppError, type AppErrorRecord, appErrorToRecord } from "../errors/app_error.ts";
import type { WorkerEvent } from "./channel.ts";
import { controlLineBytesMax, JsonLineWriter, readLines } from "./lines.ts";
import type { Command, WorkerMessage } from "./messages.ts";
import { SessionEvents } from "./session_events.ts";

/** To one command; the other end checks it with the schema of `messages.ts`. */
type Answer =
  | { readonly event: "reply"; readonly id: number; readonly result: unknown }
  | { readonly event: "failed"; readonly id: number; readonly error: AppErrorRecord };

/** How long a statement's events may wait for others. Below what a person or a scrape can see. */
const gatherMs = 5;
/** The same while statements follow one another: what is told then is old before anybody has read it. */
const busyGatherMs = 25;

export interface ServeControlOptions {
  /** The process's stdin. */
  readonly readable: ReadableStream<Uint8Array>;
  /** The process's stdout. Nothing else may write to it. */
  readonly writable: WritableStream<Uint8Array>;
  /** Runs one command; commands run side by side. What it gives is the reply, what it throws the failure. */
  readonly handle: (command: Command) => Promise<unknown>;
  /**
   * The server is gone, or speaks something else: called once, after which the process must end at once and by itself
   * (native threads may be busy: `Deno.kill(Deno.pid, "SIGKILL")` is sure, an orderly exit is not).
   */
  readonly onParentGone: (reason: string) => void;
  /** `handle` threw what is not an `AppError`: a defect. The caller gets `internal` with the incident's number. */
  readonly onDefect: (error: unknown, incidentId: string) => void;
}

export interface WorkerControl {
  /**
   * Queues an event; never waits. A statement's leaves within some milliseconds, every other at once and after those before it. Throws
   * only when the server has not read for very long.
   */
  emit(event: WorkerEvent): void;
  /** Nothing while there is room; otherwise a promise, which a producer of many events awaits before it goes on. */
  drained(): Promise<void> | undefined;
  /** Resolves when every reply and event so far has been handed over; await it before an orderly exit. */
  flushed(): Promise<void>;
}

/** Serves commands until the stream ends. */
export function serveControl(options: ServeControlOptions): WorkerControl {
  const writer = new JsonLineWriter(options.writable);
  const sessionEvents = new SessionEvents();
  let gatherTimer: ReturnType<typeof setTimeout> | undefined;
  let gatheredAtMs = -Infinity;
  let parentGone = false;

  function writeGathered(): void {
    clearTimeout(gatherTimer);
    gatherTimer = undefined;
    for (const message of together(sessionEvents.take())) writer.write(message);
  }

  function gather(): void {
    const isBusy = performance.now() - gatheredAtMs < 2 * busyGatherMs;
    gatherTimer = setTimeout(() => {
      gatheredAtMs = performance.now();
      writeOrEnd();
    }, isBusy ? busyGatherMs : gatherMs);
  }

  function writeOrEnd(): void {
    try {
      writeGathered();
    } catch (error) {
      parentIsGone(`the server does not read: ${error}`);
    }
  }

  function write(message: WorkerEvent | Answer): void {
    writeGathered();
    writer.write(message);
  }

  function emit(event: WorkerEvent): void {
    switch (event.event) {
      case "query_started":
      case "query_finished":
      case "session_state":
        sessionEvents.add(event);
        if (sessionEvents.isFull) writeGathered();
        else if (gatherTimer === undefined) gather();
        return;
      case "session_closed":
        write(event);
        sessionEvents.forget(event.session_id);
        return;
      case "ready":
      case "memory":
      case "queries_logged":
        return write(event);
      default: {
        const never: never = event;
        throw new AppError("internal", `unknown event: ${JSON.stringify(never)}`);
      }
    }
  }

  function parentIsGone(reason: string): void {
    if (parentGone) return;
    parentGone = true;
    options.onParentGone(reason);
  }

  async function run(command: Command): Promise<void> {
    try {
      const result = await options.handle(command);
      write({ event: "reply", id: command.id, result: result ?? null });
    } catch (error) {
      write({ event: "failed", id: command.id, error: recordOf(error) });
    }
  }

  function recordOf(error: unknown): AppErrorRecord {
    if (error instanceof AppError) return appErrorToRecord(error);
    const incidentId = crypto.randomUUID();
    options.onDefect(error, incidentId);
    return { kind: "internal", detail: `internal error in the workspace process: incident ${incidentId}` };
  }

  async function serve(): Promise<void> {
    const lines = readLines(options.readable, {
      lineBytesMax: controlLineBytesMax,
      longLine: "error",
      unfinishedLine: "drop",
    });
    for await (const line of lines) {
      const value: unknown = JSON.parse(line);
      if (!hasCommandOutline(value)) throw new Error(`not a command: ${line.slice(0, 80)}`);
      run(value as Command).catch((error) => parentIsGone(`the server does not read: ${error}`));
    }
  }

  serve().then(
    () => parentIsGone("the control channel has ended"),
    (error) => parentIsGone(`the control channel is broken: ${error}`),
  );

  return {
    emit,
    drained: () => writer.drained(),
    flushed: () => {
      writeGathered();
      return writer.flushed();
    },
  };
}

/** The ends of statements in one message, before all else: a session's state is that after its last statement. */
function together(events: readonly WorkerEvent[]): WorkerMessage[] {
  const queries = events.flatMap((event) => {
    if (event.event !== "query_finished") return [];
    const { event: _event, ...query } = event;
    return [query];
  });
  const others = events.filter((event) => event.event !== "query_finished");
  return queries.length === 0 ? others : [{ event: "queries_finished", queries }, ...others];
}

function hasCommandOutline(value: unknown): boolean {
  return typeof value === "object" && value !== null && "command" in value && typeof value.command === "string" &&
    "id" in value && typeof value.id === "number";
}
