/**
 * SQL that comes over REST, run in the workspace's worker by the server as its client. Each request has a session of its own, which the
 * session lists show, `DELETE …/sessions/{id}` ends and the query log names by its caller; it ends with the request, whatever was left open.
 *
 * A few requests at a time for each workspace and for the server; the rest waits in bounded lines.
 */
import { AppError } from "../errors/app_error.ts";
import type {
  SqlFailure,
  SqlQueryAnswer,
  SqlQueryPort,
  SqlQueryRequest,
  SqlStatementResult,
  SqlValue,
} from "../http/routes/sql_query.ts";
import type { ClientStatementResult, WorkerClient } from "../pgwire/client/worker_client.ts";
import { formatTypeName, postgresTypes } from "../pgwire/types.ts";
import { characterPosition, splitStatements } from "../sql/scanner.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import { databaseName } from "../workspaces/naming.ts";
import type { WorkspaceReference, WorkspaceService } from "../workspaces/service.ts";
import type { SessionRegistry } from "../workspaces/sessions.ts";
import { KeyedSlots, requirePresent } from "./keyed_slots.ts";
import { openWorkerSession } from "./panel_sql.ts";

/** Analysts with clients of their own keep most of a workspace. */
const queriesAtOnce = 4;
const waitingQueriesMax = 16;
/** So that the answers that are being put together fit into the server's memory. */
const serverQueriesAtOnce = 16;
const serverWaitingMax = 64;
/** Of all values of one answer, as text. */
const answerBytesMax = 10 * 1024 * 1024;
const statementsMax = 200;
const applicationName = "eider REST";

export interface SqlQueryParts {
  readonly supervisor: () => Supervisor;
  readonly workspaces: Pick<WorkspaceService, "findActive">;
  readonly sessions: Pick<SessionRegistry, "open" | "close">;
  readonly metrics: { sessionOpened(workspaceId: string): void; sessionClosed(workspaceId: string): void };
  /** 0: unlimited. */
  readonly queryTimeoutMs: number;
}

interface Running {
  readonly actor: string;
  readonly abort: AbortController;
}

export class SqlQueries implements SqlQueryPort {
  readonly #parts: SqlQueryParts;
  readonly #slots = new KeyedSlots({ slots: queriesAtOnce, waitingMax: waitingQueriesMax });
  readonly #serverSlots = new KeyedSlots({ slots: serverQueriesAtOnce, waitingMax: serverWaitingMax });
  /** By workspace and query id; bounded by the lines. */
  readonly #running = new Map<string, Running>();

  constructor(parts: SqlQueryParts) {
    this.#parts = parts;
  }

  async run(request: SqlQueryRequest): Promise<SqlQueryAnswer> {
    const startedMs = performance.now();
    const { id: workspaceId } = await this.#parts.workspaces.findActive(request.workspace);
    const statements = statementsOf(request.sql);
    const abort = new AbortController();
    const key = request.queryId === null ? null : `${workspaceId} ${request.queryId}`;
    if (key !== null) {
      if (this.#running.has(key)) throw new AppError("conflict", `query_id: "${request.queryId}" runs already`);
      this.#running.set(key, { actor: request.actor, abort });
    }
    const signal = AbortSignal.any([request.signal, abort.signal]);
    const what = `SQL over REST in workspace ${workspaceId}`;
    const answered = (ended: Pick<SqlQueryAnswer, "results" | "failure">): SqlQueryAnswer => {
      const durationMs = roundedMs(performance.now() - startedMs);
      if (!abort.signal.aborted) return { ...ended, durationMs };
      const error = new AppError("query_canceled", "the query was cancelled");
      return { ...ended, failure: { error, statement: ended.results.length, position: null }, durationMs };
    };
    try {
      const ended = await this.#slots.run(
        workspaceId,
        what,
        signal,
        () =>
          this.#serverSlots.run(
            "server",
            "SQL over REST",
            signal,
            () =>
              this.#inSession(workspaceId, request, signal, (session) => runAll(session, statements, request.rowsMax)),
          ),
      );
      requirePresent(request.signal, what);
      return answered(ended);
    } catch (error) {
      requirePresent(request.signal, what);
      if (abort.signal.aborted) return answered({ results: [], failure: null });
      throw error;
    } finally {
      if (key !== null) this.#running.delete(key);
    }
  }

  async cancel(
    workspace: WorkspaceReference,
    queryId: string,
    caller: { readonly actor: string; readonly anybody: boolean },
  ): Promise<boolean> {
    const { id } = await this.#parts.workspaces.findActive(workspace);
    const running = this.#running.get(`${id} ${queryId}`);
    if (running === undefined || !(caller.anybody || running.actor === caller.actor)) return false;
    running.abort.abort();
    return true;
  }

  async #inSession<Result>(
    workspaceId: string,
    request: SqlQueryRequest,
    signal: AbortSignal,
    work: (session: WorkerClient) => Promise<Result>,
  ): Promise<Result> {
    const { supervisor, sessions, metrics } = this.#parts;
    let session: WorkerClient | null = null;
    const sessionId = sessions.open({
      workspaceId,
      projectId: request.workspace.projectId,
      username: request.actor,
      clientAddress: request.clientAddress,
      applicationName,
      tls: false,
      // These have their own line: a console is of use exactly when all connections are taken.
      connectionsMax: Infinity,
      terminate: (kind, detail) => {
        void supervisor().running(workspaceId)
          ?.call({ command: "terminate_session", session_id: sessionId, kind, detail })
          .catch(() => session?.abandon());
      },
    });
    metrics.sessionOpened(workspaceId);
    const leave = () => session?.abandon();
    try {
      session = await openWorkerSession(supervisor(), {
        workspaceId,
        username: request.actor,
        database: databaseName(workspaceId),
        applicationName,
        settings: { statement_timeout: String(this.#timeoutMs(request.timeoutMs)) },
        readOnly: request.readOnly,
        clientAddress: request.clientAddress,
        sessionId,
      });
      signal.addEventListener("abort", leave);
      requirePresent(signal, "SQL over REST");
      return await work(session);
    } finally {
      signal.removeEventListener("abort", leave);
      session?.close();
      metrics.sessionClosed(workspaceId);
      sessions.close(sessionId, signal.aborted ? "cancelled" : "request ended");
    }
  }

  /** Whole milliseconds; 0 is without limit. */
  #timeoutMs(askedMs: number | null): number {
    const mostMs = this.#parts.queryTimeoutMs;
    if (askedMs === null) return mostMs;
    return Math.ceil(mostMs === 0 ? askedMs : Math.min(askedMs, mostMs));
  }
}

interface Statement {
  readonly text: string;
  /** Characters of the whole text before it. */
  readonly charactersBefore: number;
}

/** Throws `invalid_request` for a text without statements or with too many. */
function statementsOf(sql: string): readonly Statement[] {
  const pieces = piecesOf(sql);
  if (pieces.length === 0 || pieces.length > statementsMax) {
    const detail = `${pieces.length} statements: 1 to ${statementsMax} are accepted`;
    throw new AppError("invalid_request", `request body: /sql ${detail}`, { fields: [{ pointer: "/sql", detail }] });
  }
  return pieces.map(({ text, offset }) => ({ text, charactersBefore: characterPosition(sql, offset) - 1 }));
}

function piecesOf(sql: string): readonly { readonly text: string; readonly offset: number }[] {
  try {
    return splitStatements(sql);
  } catch (error) {
    // What cannot be cut goes as it is: the worker says what is wrong with it, and where.
    if (error instanceof AppError) return [{ text: sql, offset: 0 }];
    throw error;
  }
}

/** Runs them one after the other, up to the first that fails. */
async function runAll(
  session: WorkerClient,
  statements: readonly Statement[],
  rowsMax: number,
): Promise<{ readonly results: readonly SqlStatementResult[]; readonly failure: SqlFailure | null }> {
  const results: SqlStatementResult[] = [];
  let bytesLeft = answerBytesMax;
  let status = "I";
  for (const [index, { text, charactersBefore }] of statements.entries()) {
    const startedMs = performance.now();
    try {
      const result = await session.run({ sql: text, rowsMax, bytesMax: bytesLeft });
      bytesLeft = Math.max(0, bytesLeft - result.byteCount);
      status = result.transactionStatus;
      results.push(statementResult(result, roundedMs(performance.now() - startedMs)));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const position = error.position === undefined ? null : charactersBefore + error.position;
      return { results, failure: { error: asRestError(error), statement: index, position } };
    }
  }
  return { results: status === "I" ? results : withOpenTransactionNotice(results), failure: null };
}

/** Over the wire there is one SQLSTATE for both. */
function asRestError(error: AppError): AppError {
  if (error.kind !== "query_canceled" || !/statement timeout/.test(error.message)) return error;
  return new AppError("timeout", error.message, {
    hint: "Ask for more with timeout_seconds, up to the server's query_timeout_seconds.",
  });
}

function withOpenTransactionNotice(results: readonly SqlStatementResult[]): SqlStatementResult[] {
  const last = results.at(-1);
  if (last === undefined) return [];
  const notice = {
    severity: "WARNING",
    sqlstate: "25P01",
    message: "the transaction was not committed: it has been rolled back",
    hint: "Each request is a session of its own: end the text with COMMIT.",
  };
  return [...results.slice(0, -1), { ...last, notices: [...last.notices, notice] }];
}

function statementResult(result: ClientStatementResult, durationMs: number): SqlStatementResult {
  const readers = result.columns.map(({ typeOid }) => readerOf(typeOid));
  return {
    columns: result.columns.map(({ name, typeOid }) => ({ name, type: formatTypeName(typeOid) })),
    rows: result.rows.map((row) => row.map((text, index) => text === null ? null : readers[index]?.(text) ?? text)),
    truncated: result.truncated,
    command: result.tag,
    notices: result.notices,
    durationMs,
  };
}

type ValueReader = (text: string) => SqlValue;

const readNumber: ValueReader = (text) => {
  const value = Number(text);
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value)) ? value : text;
};

const readersByOid: ReadonlyMap<number, ValueReader> = new Map<number, ValueReader>([
  ...(["int2", "int4", "int8", "oid", "float4", "float8"] as const).map((name) =>
    [postgresTypes[name].oid, readNumber] as const
  ),
  [postgresTypes.bool.oid, (text) => text === "t"],
]);

function readerOf(oid: number): ValueReader {
  return readersByOid.get(oid) ?? ((text) => text);
}

function roundedMs(durationMs: number): number {
  return Math.round(durationMs * 10) / 10;
}
