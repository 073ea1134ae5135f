import { deepEqual, equal } from "node:assert/strict";
import { gatheredEventsMax, SessionEvents } from "./session_events.ts";

const started = (session_id: string, query: string) => ({
  event: "query_started" as const,
  session_id,
  query,
  started_at_ms: 1,
});
const finished = (session_id: string, duration_ms: number) => ({
  event: "query_finished" as const,
  session_id,
  duration_ms,
  slow: false,
  status: "success" as const,
});
const state = (session_id: string, name: string) => ({
  event: "session_state" as const,
  session_id,
  state: name,
  application_name: "psql",
});

Deno.test("a statement that starts and ends between two reports is one event", () => {
  const events = new SessionEvents();
  events.add(state("a", "idle"));
  deepEqual(events.take(), [state("a", "idle")]);
  for (const durationMs of [1, 2]) {
    events.add(state("a", "active"));
    events.add(started("a", "select 1"));
    events.add(finished("a", durationMs));
    events.add(state("a", "idle"));
  }
  deepEqual(events.take(), [finished("a", 1), finished("a", 2)]);
  deepEqual(events.take(), []);
});

Deno.test("a statement that runs at a report is told with its state, and its end in the next", () => {
  const events = new SessionEvents();
  events.add(state("a", "active"));
  events.add(started("a", "select 1"));
  events.add(finished("a", 1));
  events.add(state("a", "idle"));
  events.add(state("a", "active"));
  events.add(started("a", "select 2"));
  deepEqual(events.take(), [finished("a", 1), started("a", "select 2"), state("a", "active")]);
  events.add(finished("a", 5));
  events.add(state("a", "idle in transaction"));
  deepEqual(events.take(), [finished("a", 5), state("a", "idle in transaction")]);
});

Deno.test("sessions are told apart, and one that has ended and comes back is told anew", () => {
  const events = new SessionEvents();
  events.add(state("a", "idle"));
  events.add(started("b", "select 1"));
  deepEqual(events.take(), [state("a", "idle"), started("b", "select 1")]);
  events.forget("a");
  events.add(state("a", "idle"));
  deepEqual(events.take(), [state("a", "idle")]);
});

Deno.test("gathering has a bound", () => {
  const events = new SessionEvents();
  for (let count = 0; count < gatheredEventsMax; count++) {
    equal(events.isFull, false);
    events.add(finished("a", count));
  }
  equal(events.isFull, true);
  equal(events.take().length, gatheredEventsMax);
  equal(events.isFull, false);
});
