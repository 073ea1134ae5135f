/** Tells the server what a session does, statement by statement, and remembers it for pg_stat_activity. */
import type { AppError } from "../../errors/app_error.ts";
import type { WorkerMessage } from "../../ipc/messages.ts";
import type { ParsedStatement } from "../../sql/statement.ts";

/** Statement text kept in events; the audit log cuts it further. */
const eventTextLengthMax = 10_000;

export interface StatementOutcome {
  rows: number;
  error: AppError | null;
}

export interface SessionObserverPorts {
  readonly sessionId: string;
  readonly emit: (event: Extract<WorkerMessage, { session_id: string }>) => void;
  readonly now: () => number;
  readonly applicationName: () => string;
  /** Bytes given to the client so far. */
  readonly bytesSent: () => number;
  readonly toAppError: (error: unknown) => AppError;
}

export class SessionObserver {
  readonly #ports: SessionObserverPorts;
  #reportedState = "";
  state = "active";
  query = "";
  queryStartMs: number | null = null;
  stateChangeMs: number;
  readonly startedAtMs: number;

  constructor(ports: SessionObserverPorts) {
    this.#ports = ports;
    this.startedAtMs = this.stateChangeMs = ports.now();
  }

  setState(state: string): void {
    const applicationName = this.#ports.applicationName();
    const report = `${state}\u0000${applicationName}`;
    if (report === this.#reportedState) return;
    this.#reportedState = report;
    this.state = state;
    this.stateChangeMs = this.#ports.now();
    this.#ports.emit({
      event: "session_state",
      session_id: this.#ports.sessionId,
      state,
      application_name: applicationName,
    });
  }

  /** Reports a statement's start and end to the server. */
  async observe(parsed: ParsedStatement, work: (outcome: StatementOutcome) => Promise<void>): Promise<void> {
    const startedAtMs = this.#ports.now();
    const start = performance.now();
    const bytesBefore = this.#ports.bytesSent();
    const query = parsed.text.slice(0, eventTextLengthMax);
    this.query = query;
    this.queryStartMs = startedAtMs;
    this.setState("active");
    const session_id = this.#ports.sessionId;
    this.#ports.emit({ event: "query_started", session_id, query, started_at_ms: startedAtMs });
    const outcome: StatementOutcome = { rows: 0, error: null };
    try {
      await work(outcome);
    } catch (error) {
      outcome.error = this.#ports.toAppError(error);
      throw outcome.error;
    } finally {
      this.#ports.emit({
        event: "query_finished",
        session_id,
        query,
        started_at_ms: startedAtMs,
        duration_ms: performance.now() - start,
        status: statusOf(outcome.error),
        rows: outcome.rows,
        bytes: this.#ports.bytesSent() - bytesBefore,
        sqlstate: outcome.error?.sqlstate ?? null,
        error: outcome.error?.message ?? null,
      });
    }
  }
}

function statusOf(error: AppError | null): "success" | "error" | "timeout" | "cancelled" {
  if (error === null) return "success";
  if (error.kind !== "query_canceled") return "error";
  return error.message.includes("timeout") ? "timeout" : "cancelled";
}
