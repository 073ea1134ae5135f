/**
 * Which alerts fire, and when the webhook hears of it: a state machine a condition (alert and subject), pure.
 *
 *   (none) --holds--> firing --no longer holds--> resolved --> (none)
 *
 * - Between two notifications of one state lies at least `minIntervalMs`, whatever happens. What comes in between is told
 *   when the interval is over if it is still so; what has come and gone by then is not told at all.
 * - A firing alert is told again at once (within that rule) when it grows more severe, and with growing pauses when it
 *   happens again: an alert that goes on for a day is a few messages, not a thousand.
 * - Only who was told that it fires is told that it is over, once.
 */
import { type AlertName, type Condition, severities } from "./alert_types.ts";

export interface AlertState {
  /** As it is now, or was when it last held. */
  readonly condition: Condition;
  readonly isActive: boolean;
  /** Milliseconds since the epoch, for display. */
  readonly firingSinceMs: number;
  /** What the webhook was told last. */
  readonly told:
    | { readonly status: "firing" | "resolved"; readonly condition: Condition; readonly atMs: number }
    | null;
  /** Before it is told again because it happened again. */
  readonly repeatPauseMs: number;
  /** The webhook never got the last message: it is told again as if it had happened again. */
  readonly isUndelivered: boolean;
}

/** By `stateKey`. */
export type AlertStates = ReadonlyMap<string, AlertState>;

export interface Notification {
  readonly status: "firing" | "resolved";
  readonly condition: Condition;
}

/** The moment, on both clocks: intervals are measured on the monotonic one, the other one is only shown. */
export interface Moment {
  readonly monotonicMs: number;
  readonly epochMs: number;
}

/** Far above what can fire at once; beyond it new alerts wait until others are over. */
export const alertStatesMax = 5_000;
/** Repetitions of a going-on alert come at most this seldom. */
const repeatPauseMsMax = 3_600_000;
/** With an interval of 0, repetitions still need a first pause. */
const repeatPauseMsMin = 1_000;

export function stateKey(alert: AlertName, subject: string): string {
  return `${alert} ${subject}`;
}

/** The next states, and what has to be told. */
export function advance(
  states: AlertStates,
  conditions: readonly Condition[],
  now: Moment,
  minIntervalMs: number,
): { readonly states: AlertStates; readonly notifications: readonly Notification[] } {
  const next = new Map<string, AlertState>();
  let room = alertStatesMax - states.size;
  const notifications: Notification[] = [];
  const mayTell = (state: AlertState | undefined) =>
    state === undefined || state.told === null || now.monotonicMs - state.told.atMs >= minIntervalMs;
  const tell = (state: AlertState, status: Notification["status"]): AlertState => {
    const { condition } = state;
    notifications.push({ status, condition });
    return { ...state, told: { status, condition, atMs: now.monotonicMs }, isUndelivered: false };
  };

  for (const condition of conditions) {
    const key = stateKey(condition.alert, condition.subject);
    const before = states.get(key);
    if (next.has(key) || (before === undefined && room-- <= 0)) continue;
    const state: AlertState = {
      told: null,
      repeatPauseMs: repeatPauseMsMin,
      isUndelivered: false,
      ...before,
      condition,
      isActive: true,
      firingSinceMs: before?.isActive === true ? before.firingSinceMs : now.epochMs,
    };
    if (!mayTell(before)) {
      next.set(key, state);
    } else if (state.told?.status !== "firing") {
      next.set(key, { ...tell(state, "firing"), repeatPauseMs: Math.max(minIntervalMs, repeatPauseMsMin) });
    } else if (rank(condition) > rank(state.told.condition)) {
      next.set(key, tell(state, "firing"));
    } else if (isDueAgain(state, now)) {
      const repeatPauseMs = Math.max(minIntervalMs, Math.min(2 * state.repeatPauseMs, repeatPauseMsMax));
      next.set(key, { ...tell(state, "firing"), repeatPauseMs });
    } else {
      next.set(key, state);
    }
  }

  for (const [key, before] of states) {
    if (next.has(key)) continue;
    const state: AlertState = { ...before, isActive: false };
    if (state.told?.status === "firing") next.set(key, mayTell(state) ? tell(state, "resolved") : state);
    else if (!mayTell(state)) next.set(key, state); // kept only to keep its interval
  }
  return { states: next, notifications };
}

/** The webhook did not take a message of this state; a firing one is tried again after the pause. */
export function markUndelivered(states: AlertStates, key: string): AlertStates {
  const state = states.get(key);
  if (state?.told?.status !== "firing") return states;
  return new Map(states).set(key, { ...state, isUndelivered: true });
}

function isDueAgain(state: AlertState, now: Moment): boolean {
  if (state.told === null || now.monotonicMs - state.told.atMs < state.repeatPauseMs) return false;
  return state.isUndelivered || state.condition.occurrences > state.told.condition.occurrences;
}

function rank(condition: Condition): number {
  return severities.indexOf(condition.severity);
}
