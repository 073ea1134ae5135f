/**
 * What sessions report, gathered for some milliseconds. A statement that starts and ends meanwhile is told as one event in place of four:
 * the pipe to the server and the reading of it cost more than a small statement.
 *
 * Invariant: the server learns of each finished statement, and of each session's latest state and running statement.
 */
import type { WorkerEvent } from "./channel.ts";

type EventOf<Name extends WorkerEvent["event"]> = Extract<WorkerEvent, { event: Name }>;
type StatementEvent = EventOf<"query_started"> | EventOf<"query_finished"> | EventOf<"session_state">;

interface Gathered {
  readonly finished: EventOf<"query_finished">[];
  started: EventOf<"query_started"> | null;
  state: EventOf<"session_state"> | null;
}

/** More than this waits for nothing. */
export const gatheredEventsMax = 500;

export class SessionEvents {
  readonly #gathered = new Map<string, Gathered>();
  /** What the server knows of each session's state. */
  readonly #toldStates = new Map<string, string>();
  #count = 0;

  get isFull(): boolean {
    return this.#count >= gatheredEventsMax;
  }

  add(event: StatementEvent): void {
    let gathered = this.#gathered.get(event.session_id);
    if (gathered === undefined) {
      gathered = { finished: [], started: null, state: null };
      this.#gathered.set(event.session_id, gathered);
    }
    this.#count++;
    switch (event.event) {
      case "query_started":
        gathered.started = event;
        return;
      case "query_finished":
        gathered.started = null;
        gathered.finished.push(event);
        return;
      case "session_state":
        gathered.state = event;
        return;
      default: {
        const never: never = event;
        throw new Error(`not a statement's event: ${JSON.stringify(never)}`);
      }
    }
  }

  /** Everything gathered, each session's in its order. */
  take(): WorkerEvent[] {
    const events: WorkerEvent[] = [];
    for (const [sessionId, { finished, started, state }] of this.#gathered) {
      events.push(...finished);
      if (started !== null) events.push(started);
      if (state === null) continue;
      const key = `${state.state}\u0000${state.application_name}`;
      if (this.#toldStates.get(sessionId) === key) continue;
      this.#toldStates.set(sessionId, key);
      events.push(state);
    }
    this.#gathered.clear();
    this.#count = 0;
    return events;
  }

  /** The session has ended; call after `take`. */
  forget(sessionId: string): void {
    this.#toldStates.delete(sessionId);
  }
}
