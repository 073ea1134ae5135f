/** Tells the server and the query log what a session does, statement by statement, and remembers it for pg_stat_activity. */
import type { AppError } from "../../errors/app_error.ts";
import type { SessionEvent, SessionHeader } from "../../ipc/messages.ts";
import { parseStatements } from "../../sql/policy/mod.ts";
import type { ParsedStatement } from "../../sql/statement.ts";
import type { StructureDialect } from "../../sql/statement_structure.ts";
import { addressParts } from "./session_access.ts";
import type { SlowPlans, StatementPlan } from "./slow_plans.ts";
import type { StatementLog } from "./statement_log.ts";

/** Statement text kept in events; the audit log cuts it further. */
const eventTextLengthMax = 10_000;

export interface StatementOutcome {
  rows: number;
  error: AppError | null;
}

export interface SessionObserverPorts {
  readonly header: SessionHeader;
  readonly emit: (event: SessionEvent) => void;
  readonly now: () => number;
  readonly applicationName: () => string;
  /** Bytes given to the client so far. */
  readonly bytesSent: () => number;
  readonly toAppError: (error: unknown) => AppError;
  readonly log: StatementLog;
  readonly plans: SlowPlans;
  readonly timeZone: () => string;
  /** A result is still being read from the connection: nothing else may run on it. */
  readonly isBusy: () => boolean;
  /** Ends what a failed statement has left behind, as happens after every failure. */
  readonly giveUp: () => Promise<void>;
}

/** A text longer than this is not parsed again to learn what it was. */
const dialectTextLengthMax = 1_000_000;

export class SessionObserver {
  readonly #ports: SessionObserverPorts;
  #reportedState = "";
  state = "active";
  query = "";
  queryStartMs: number | null = null;
  stateChangeMs: number;
  readonly startedAtMs: number;
  readonly #clientIp: string;

  constructor(ports: SessionObserverPorts) {
    this.#ports = ports;
    this.#clientIp = addressParts(ports.header.client_address).address;
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
      session_id: this.#ports.header.session_id,
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
    const { session_id } = this.#ports.header;
    this.#ports.emit({ event: "query_started", session_id, query, started_at_ms: startedAtMs });
    this.#ports.plans.begin();
    const outcome: StatementOutcome = { rows: 0, error: null };
    try {
      await work(outcome);
    } catch (error) {
      outcome.error = this.#ports.toAppError(error);
      throw outcome.error;
    } finally {
      const durationMs = performance.now() - start;
      const bytes = this.#ports.bytesSent() - bytesBefore;
      const plan = await this.#planOf(outcome, durationMs);
      const ended = { startedAtMs, durationMs, rows: outcome.rows, bytes, error: outcome.error, plan };
      this.#ended(parsed.text, dialectOf(parsed, outcome.error), ended);
    }
  }

  async #planOf(outcome: StatementOutcome, durationMs: number): Promise<StatementPlan | null> {
    const { log, plans, timeZone, isBusy, giveUp } = this.#ports;
    const { planMs } = log;
    if (outcome.error !== null && planMs !== null && durationMs >= planMs) await giveUp();
    return isBusy() ? null : await plans.finished(durationMs, planMs, timeZone());
  }

  /** Reports a text that failed before it became a statement that runs: at Parse, Bind, or as it was read. */
  failed(text: string, error: unknown): void {
    const ended = { startedAtMs: this.#ports.now(), durationMs: 0, rows: 0, bytes: 0, plan: null };
    this.#ended(text, dialectOfText(text), { ...ended, error: this.#ports.toAppError(error) });
  }

  #ended(text: string, dialect: StructureDialect, ended: Ended): void {
    const { header, emit, log } = this.#ports;
    const status = statusOf(ended.error);
    const slow = log.isSlow(ended.durationMs);
    emit({ event: "query_finished", session_id: header.session_id, duration_ms: ended.durationMs, slow, status });
    log.add({
      ...ended,
      sessionId: header.session_id,
      username: header.username,
      clientIp: this.#clientIp,
      applicationName: this.#ports.applicationName(),
      text,
      dialect,
      status,
    });
  }
}

interface Ended {
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly rows: number;
  readonly bytes: number;
  readonly error: AppError | null;
  readonly plan: StatementPlan | null;
}

/** A statement that was only scanned for DuckDB and then failed may be no statement at all. */
function dialectOf(parsed: ParsedStatement, error: AppError | null): StructureDialect {
  return parsed.dialect === "duckdb" && error !== null && statusOf(error) === "error" ? "none" : parsed.dialect;
}

function dialectOfText(text: string): StructureDialect {
  if (text.length > dialectTextLengthMax) return "none";
  try {
    // Cached, when it could be parsed at all.
    const statements = parseStatements(text);
    return statements.length > 0 && statements.every(({ dialect }) => dialect === "postgresql") ? "postgresql" : "none";
  } catch {
    return "none";
  }
}

function statusOf(error: AppError | null): "success" | "error" | "timeout" | "cancelled" {
  if (error === null) return "success";
  if (error.kind !== "query_canceled") return "error";
  return error.message.includes("timeout") ? "timeout" : "cancelled";
}
