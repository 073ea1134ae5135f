/**
 * SQL of panels, run in the worker of a workspace, or of the server's own history, by the server as its client: read-only, with its own
 * time limit, a few at a time for each workspace while the rest waits in a bounded line. A query ends when its asker goes away, as far as
 * Deno tells: it does not for a request whose body came in more than one piece.
 */
import { AppError } from "../errors/app_error.ts";
import type { PanelColumnType, RunSql, SqlRequest } from "../dashboards/panels/types.ts";
import { type ClientResult, WorkerClient } from "../pgwire/client/worker_client.ts";
import { formatTypeName, postgresTypes } from "../pgwire/types.ts";
import { bindPanelVariables } from "../sql/panel_variables.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import { KeyedSlots, requirePresent } from "./keyed_slots.ts";

/** A slow panel does not hold up the others, and analysts at work in the workspace keep most of it. */
const queriesAtOnce = 3;
/** Two dashboards of 30 panels. */
const waitingQueriesMax = 64;
/** Backend process ids of real sessions are random too; these begin where PostgreSQL's never are. */
const firstProcessId = 2_000_000_000;
let sessionCount = 0;

export interface WorkerSessionRequest {
  readonly workspaceId: string;
  /** As `current_user` shows it. */
  readonly username: string;
  readonly database: string;
  readonly applicationName: string;
  /** What a session begins with, beside its time zone: no statements of their own, which the query log would have too. */
  readonly settings?: Readonly<Record<string, string>>;
  /** It may only read, whatever it says. */
  readonly readOnly?: boolean;
  /** Whom it is for; the server itself when missing. */
  readonly clientAddress?: string;
  /** An id of the session registry; one that is in no list when missing. */
  readonly sessionId?: string;
}

/** Opens a session of the server's own with a worker, starting the worker when none runs. */
export async function openWorkerSession(supervisor: Supervisor, request: WorkerSessionRequest): Promise<WorkerClient> {
  const worker = await supervisor.acquire(request.workspaceId);
  const socket = await worker.openSession({
    session_id: request.sessionId ?? `internal_${crypto.randomUUID()}`,
    username: request.username,
    database: request.database,
    client_address: request.clientAddress ?? "127.0.0.1",
    backend_process_id: firstProcessId + (sessionCount++ % 100_000_000),
    backend_secret_key: 0,
    startup_parameters: { application_name: request.applicationName, TimeZone: "UTC", ...request.settings },
    tls: false,
    ...(request.readOnly === true ? { read_only: true } : {}),
  });
  return await WorkerClient.open(socket);
}

export interface PanelSqlParts {
  readonly supervisor: () => Supervisor;
  /** Throws `not_found` unless the workspace is the project's; gives its database's name. */
  readonly databaseOf: (projectId: string, workspaceId: string) => Promise<string>;
  readonly history: { readonly workspaceId: string; readonly database: string; readonly flush: () => Promise<void> };
}

export function panelSql(parts: PanelSqlParts): RunSql {
  const queue = new KeyedSlots({ slots: queriesAtOnce, waitingMax: waitingQueriesMax });
  return async (request) => {
    const { target } = request;
    if (target.source === "history") await parts.history.flush();
    const workspaceId = target.source === "history" ? parts.history.workspaceId : target.workspaceId;
    const database = target.source === "history"
      ? parts.history.database
      : await parts.databaseOf(target.projectId, target.workspaceId);
    const { sql, parameters } = bindPanelVariables(request.text, request.range, request.variables);
    const { signal } = request;
    const what = `queries of dashboards in workspace ${workspaceId}`;
    const result = await queue.run(workspaceId, what, signal, async () => {
      const session = await openWorkerSession(parts.supervisor(), {
        workspaceId,
        username: request.reader,
        database,
        applicationName: "eider dashboards",
        settings: { statement_timeout: String(Math.ceil(request.timeoutMs)) },
        readOnly: true,
      });
      const leave = () => session.abandon();
      signal?.addEventListener("abort", leave);
      try {
        requirePresent(signal, what);
        return await session.query({ sql, parameters, rowsMax: request.rowsMax });
      } catch (error) {
        requirePresent(signal, what);
        throw error;
      } finally {
        signal?.removeEventListener("abort", leave);
        session.close();
      }
    });
    return answerOf(result, request);
  };
}

function answerOf({ columns, rows, truncated, tag }: ClientResult, request: SqlRequest) {
  if (columns.length === 0) {
    throw new AppError("invalid_request", `a panel's query must give rows: this one is ${tag || "empty"}`, {
      hint: `Write a SELECT: ${request.text.slice(0, 80)}`,
    });
  }
  const described = columns.map(({ name, typeOid }) => ({
    name,
    type: columnType(typeOid),
    typeName: formatTypeName(typeOid),
  }));
  return { columns: described, rows, truncated };
}

const typesByOid: ReadonlyMap<number, PanelColumnType> = new Map<number, PanelColumnType>([
  ...(["date", "timestamp", "timestamptz"] as const).map((name) => [postgresTypes[name].oid, "time"] as const),
  ...(["int2", "int4", "int8", "oid", "float4", "float8", "numeric"] as const).map((name) =>
    [postgresTypes[name].oid, "number"] as const
  ),
  [postgresTypes.bool.oid, "boolean"],
  [postgresTypes.json.oid, "json"],
]);

function columnType(oid: number): PanelColumnType {
  return typesByOid.get(oid) ?? "text";
}
