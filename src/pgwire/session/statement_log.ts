/**
 * The worker's end of the query log: takes each finished statement, and somewhat later, when its client has the answer, makes of it what the
 * log's mode may hold and reports some at a time. What may not be logged does not leave this process in `queries_logged`.
 *
 * Parameters of the extended protocol are logged in no mode: they are not part of the statement's text.
 */
import { createHash } from "node:crypto";
import { withoutValues } from "../../engine/plan.ts";
import type { AppError } from "../../errors/app_error.ts";
import { catalogue } from "../../errors/catalogue.ts";
import type { LoggedQuery, StatementLogSettings } from "../../ipc/messages.ts";
import { type StructureDialect, structureOf, structureTextLengthMax } from "../../sql/statement_structure.ts";
import type { StatementPlan } from "./slow_plans.ts";

/** A statement that has ended, whichever way. */
export interface FinishedStatement {
  readonly sessionId: string;
  readonly username: string;
  readonly clientIp: string;
  readonly applicationName: string;
  readonly text: string;
  readonly dialect: StructureDialect;
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly rows: number;
  readonly bytes: number;
  readonly status: LoggedQuery["status"];
  readonly error: AppError | null;
  readonly plan: StatementPlan | null;
}

export interface StatementLogPorts {
  readonly emit: (event: { event: "queries_logged"; queries: LoggedQuery[]; dropped: number }) => void;
  /** A promise while the server has not read what was sent: then statements wait here. */
  readonly drained: () => Promise<void> | undefined;
  readonly settings: StatementLogSettings | undefined;
}

/** Statements that wait for their turn: at 10,000 a second that is a tenth of one. Beyond it they are dropped and counted. */
export const waitingStatementsMax = 1_000;
/** Characters of their texts. The texts exist anyway while their statements run; here they must not gather. */
const waitingCharactersMax = 64 * 1024 * 1024;
/** Time in which statements gather, off the path of their clients. */
const pauseMs = 50;
/** Statements of one event, and characters of it, so that other events do not wait long behind it. */
const batchStatementsMax = 100;
const batchCharactersMax = 4 * 1024 * 1024;
/** Time of one event's making: a new text takes PostgreSQL's normaliser 0.05 to 0.3 ms, and other sessions wait meanwhile. */
const batchMsMax = 4;
/** Characters of the longer text in a slow query's log line. */
const slowTextLengthMax = 1_000_000;
/** Characters of an error's text, which may quote a value of any length. */
const errorLengthMax = 4_000;
/** Remembered structures, most statements being repeated ones, and the longest text that is remembered. */
const rememberedMax = 500;
const rememberedTextLengthMax = 4_096;

interface Structure {
  readonly text: string;
  readonly hash: string;
}

export class StatementLog {
  readonly #ports: StatementLogPorts;
  #settings: StatementLogSettings | undefined;
  #waiting: FinishedStatement[] = [];
  #waitingCharacters = 0;
  #dropped = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #remembered = new Map<string, Structure>();

  constructor(ports: StatementLogPorts) {
    this.#ports = ports;
    this.#settings = ports.settings;
  }

  /** What has ended before is reported as it was then. */
  set settings(settings: StatementLogSettings) {
    this.flush();
    this.#settings = settings;
  }

  /** Duration from which a statement's plan is wanted; null when plans are not. */
  get planMs(): number | null {
    return this.#settings?.slow_explain === true ? this.#settings.slow_ms : null;
  }

  /** Whether a statement that ends now counts as slow. */
  isSlow(durationMs: number): boolean {
    return this.#settings !== undefined && durationMs >= this.#settings.slow_ms;
  }

  add(statement: FinishedStatement): void {
    const settings = this.#settings;
    if (settings === undefined || !settings.enabled && statement.durationMs < settings.slow_ms) return;
    if (
      this.#waiting.length >= waitingStatementsMax ||
      this.#waitingCharacters + statement.text.length > waitingCharactersMax
    ) {
      this.#dropped += 1;
    } else {
      this.#waiting.push(statement);
      this.#waitingCharacters += statement.text.length;
    }
    this.#timer ??= setTimeout(() => this.#pump(), pauseMs);
  }

  /** Reports what waits, at once. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#waiting.length > 0 || this.#dropped > 0) this.#report();
  }

  #pump(): void {
    this.#timer = undefined;
    const drained = this.#ports.drained();
    if (drained === undefined) this.#report();
    if (this.#waiting.length === 0 && this.#dropped === 0) return;
    // The rest after whatever else waits for its turn in this process.
    const again = () => this.#timer ??= setTimeout(() => this.#pump(), 0);
    if (drained === undefined) again();
    else drained.then(again);
  }

  #report(): void {
    const queries: LoggedQuery[] = [];
    let characters = 0;
    let count = 0;
    const settings = this.#settings;
    const startMs = performance.now();
    for (const statement of this.#waiting) {
      if (queries.length >= batchStatementsMax || characters >= batchCharactersMax) break;
      if (performance.now() - startMs > batchMsMax) break;
      count += 1;
      this.#waitingCharacters -= statement.text.length;
      if (settings === undefined) continue;
      const query = this.#render(statement, settings);
      characters += (query.query?.length ?? 0) + (query.slow_query?.length ?? 0);
      queries.push(query);
    }
    this.#waiting.splice(0, count);
    const dropped = this.#dropped;
    this.#dropped = 0;
    this.#ports.emit({ event: "queries_logged", queries, dropped });
  }

  #render(statement: FinishedStatement, settings: StatementLogSettings): LoggedQuery {
    const { mode } = settings;
    const { text, error, plan } = statement;
    const structure = this.#structureOf(statement);
    const shown = mode === "full" ? text : mode === "structure" ? structure.text : null;
    const query = shown === null ? null : cut(shown, settings.text_length_max);
    const slow = statement.durationMs >= settings.slow_ms;
    return {
      session_id: statement.sessionId,
      username: statement.username,
      client_ip: statement.clientIp,
      application_name: statement.applicationName,
      logged: settings.enabled,
      mode,
      query,
      query_truncated: query !== null && query.length < shown!.length ||
        mode === "structure" && text.length > structureTextLengthMax,
      query_length: text.length,
      query_hash: structure.hash,
      started_at_ms: statement.startedAtMs,
      duration_ms: Math.round(statement.durationMs * 1000) / 1000,
      rows: statement.rows,
      bytes: statement.bytes,
      status: statement.status,
      sqlstate: error?.sqlstate ?? null,
      // A message quotes values: of the statement, of its parameters, of the data.
      error: error === null ? null : mode === "full" ? cut(error.message, errorLengthMax) : catalogue[error.kind].title,
      slow,
      slow_query: slow && settings.slow_full_text && shown !== null ? cut(shown, slowTextLengthMax) : null,
      plan: plan === null
        ? null
        : mode === "full"
        ? plan
        : { source: plan.source, root: withoutValues(plan.root, mode === "structure") },
    };
  }

  #structureOf({ text, dialect }: FinishedStatement): Structure {
    const remembers = text.length <= rememberedTextLengthMax;
    const key = `${dialect} ${text}`;
    const known = remembers ? this.#remembered.get(key) : undefined;
    if (known !== undefined) return known;
    const structureText = structureOf(text, dialect);
    const hash = `sha256:${createHash("sha256").update(structureText, "utf8").digest("hex")}`;
    const structure = { text: structureText, hash };
    if (remembers) {
      this.#remembered.set(key, structure);
      if (this.#remembered.size > rememberedMax) {
        const [oldest] = this.#remembered.keys();
        if (oldest !== undefined) this.#remembered.delete(oldest);
      }
    }
    return structure;
  }
}

/** At most `lengthMax` UTF-16 units, without half a character at the end. */
export function cut(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const last = text.charCodeAt(lengthMax - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? lengthMax - 1 : lengthMax);
}
