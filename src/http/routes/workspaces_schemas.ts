/** Bodies of the workspace routes as they are on the wire, and how domain values become them. */
import { z } from "@hono/zod-openapi";
import { byteSizeForm, formatByteSize, parseByteSize } from "../../config/byte_size.ts";
import type { LimitChanges } from "../../workspaces/limits.ts";
import type { WorkspaceService } from "../../workspaces/service.ts";
import type { SessionInfo } from "../../workspaces/sessions.ts";
import type { AttachedTable, WorkspaceDetail, WorkspaceView, WorkspaceWithPassword } from "../../workspaces/types.ts";

/** As many as there can be in a body of 1 MB that somebody wrote on purpose. */
const tablesPerLoadMax = 1000;
const columnsPerTableMax = 10_000;

const name = z.string().trim().min(1).max(128)
  .refine((text) => /^\P{Cc}*$/u.test(text), "must not contain control characters")
  .openapi({ description: "A label; it need not be unique.", example: "Ada's analysis" });
const ttlHours = z.number().positive().openapi({ description: "At most workspace_max_ttl_hours.", example: 24 });
const sizeLimitGb = z.number().positive().max(1_000_000).openapi({ example: 10 });
const memoryLimit = z.union([z.string(), z.number().int().positive()])
  .refine((value) => typeof value === "number" || parseByteSize(value) !== undefined, `must be ${byteSizeForm}`)
  .openapi({ description: `${byteSizeForm}; at most workspaces_memory_budget`, example: "2GB" });
const resultLimit = z.number().int().min(0).openapi({ description: "0 = unlimited" });
const threads = z.number().int().min(1).max(256).openapi({ description: "Threads of the workspace's DuckDB." });
const tempStorageLimit = memoryLimit.openapi({ description: `Spill files: ${byteSizeForm}`, example: "10GB" });
const countLimit = z.number().int().min(0).openapi({ description: "0 = unlimited" });
const connectionLimit = z.number().int().min(1).openapi({ description: "At most max_connections_total." });
const tableName = z.string().min(1).max(63).regex(
  /^[^\p{Cc}."]+$/u,
  'must not contain dots, `"` or control characters',
);
const source = z.string().min(1).max(512)
  .openapi({ description: "A table's id, or schema.table as in SQL.", example: "in.c-sales.orders" });

export const createBodySchema = z.strictObject({
  name,
  ttl_hours: ttlHours.optional(),
  size_limit_gb: sizeLimitGb.optional(),
  memory_limit: memoryLimit.optional(),
  max_result_rows: resultLimit.optional(),
  max_result_bytes: resultLimit.optional(),
  threads: threads.optional(),
  temp_storage_limit: tempStorageLimit.optional(),
  max_queries_per_minute: countLimit.optional(),
  max_statement_bytes: countLimit.optional(),
  max_connections: connectionLimit.optional(),
  preload_tables: z.array(source).max(tablesPerLoadMax).optional(),
}).openapi("CreateWorkspace");

export const updateBodySchema = z.strictObject({
  name: name.optional(),
  ttl_hours: ttlHours.optional(),
  size_limit_gb: sizeLimitGb.optional(),
  memory_limit: memoryLimit.nullable().optional(),
  max_result_rows: resultLimit.nullable().optional(),
  max_result_bytes: resultLimit.nullable().optional(),
  threads: threads.nullable().optional(),
  temp_storage_limit: tempStorageLimit.nullable().optional(),
  max_queries_per_minute: countLimit.nullable().optional(),
  max_statement_bytes: countLimit.nullable().optional(),
  max_connections: connectionLimit.nullable().optional(),
}).openapi("UpdateWorkspace");

export const loadBodySchema = z.strictObject({
  tables: z.array(z.strictObject({
    source,
    destination: tableName.optional().openapi({ description: "The table's own name when missing." }),
    columns: z.array(z.string().min(1)).min(1).max(columnsPerTableMax).optional(),
    where: z.string().trim().min(1).max(100_000).optional()
      .openapi({ description: "An SQL condition over the table's columns.", example: "amount > 100" }),
  })).min(1).max(tablesPerLoadMax),
}).openapi("LoadWorkspace");

const connectionSchema = z.object({
  host: z.string(),
  port: z.number().int(),
  database: z.string(),
  username: z.string(),
  password: z.string().optional().openapi({ description: "Only in the answers to creation and reset." }),
  ssl_mode: z.enum(["disable", "require"]),
  connection_string: z.string(),
});

export const workspaceSchema = z.object({
  id: z.string().openapi({ example: "ws_0123456789ab" }),
  name: z.string(),
  project_id: z.string(),
  branch_id: z.string().nullable(),
  status: z.enum(["active", "expired"]),
  created_at: z.string(),
  expires_at: z.string(),
  size_limit_gb: z.number(),
  memory_limit: z.string(),
  memory_limit_now: z.string().nullable().openapi({
    description: "The limit in force: lower while workspaces_memory_budget is short; null when no process runs.",
  }),
  max_result_rows: z.number().int(),
  max_result_bytes: z.number().int(),
  threads: z.number().int(),
  temp_storage_limit: z.string(),
  max_queries_per_minute: z.number().int(),
  max_statement_bytes: z.number().int(),
  max_connections: z.number().int(),
  size_bytes: z.number().int(),
  active_sessions: z.number().int(),
  connection: connectionSchema,
}).openapi("Workspace");

const attachedTablesSchema = z.array(z.object({ schema: z.string(), table: z.string(), rows: z.number().int() }));

export const workspaceWithTablesSchema = workspaceSchema.extend({ attached_tables: attachedTablesSchema })
  .openapi("WorkspaceWithTables");

export const workspaceDetailSchema = workspaceWithTablesSchema.extend({
  workspace_objects: z.array(
    z.object({ name: z.string(), type: z.enum(["table", "view"]), rows: z.number().int().nullable() }),
  ),
}).openapi("WorkspaceDetail");

export const loadAnswerSchema = z.object({
  loaded: z.array(z.object({
    source: z.string(),
    destination: z.string(),
    rows: z.number().int(),
    size_bytes: z.number().int(),
  })),
  workspace_size_bytes: z.number().int(),
}).openapi("LoadedTables");

export const clearAnswerSchema = z.object({
  message: z.string(),
  workspace_id: z.string(),
  dropped: z.number().int(),
});

export const sessionSchema = z.object({
  session_id: z.string().openapi({ example: "pgs_0123456789ab" }),
  workspace_id: z.string(),
  project_id: z.string(),
  username: z.string(),
  client_address: z.string(),
  application_name: z.string(),
  tls: z.boolean(),
  state: z.string(),
  current_query: z.string().nullable(),
  current_query_started_at: z.string().nullable(),
  query_count: z.number().int(),
  bytes_received: z.number().int(),
  bytes_sent: z.number().int(),
  started_at: z.string(),
  last_activity_at: z.string(),
}).openapi("Session");

/** Bytes of a size that its schema has accepted. */
function bytesOf(value: string | number | null | undefined): number | null | undefined {
  return typeof value === "string" ? parseByteSize(value) : value;
}

/** The limits that a body of creation or change names. */
export function limitChanges(body: z.infer<typeof updateBodySchema>): LimitChanges {
  return {
    memoryLimitBytes: bytesOf(body.memory_limit),
    maxResultRows: body.max_result_rows,
    maxResultBytes: body.max_result_bytes,
    threads: body.threads,
    maxTempBytes: bytesOf(body.temp_storage_limit),
    maxQueriesPerMinute: body.max_queries_per_minute,
    maxStatementBytes: body.max_statement_bytes,
    maxConnections: body.max_connections,
  };
}

/** What every answer about a workspace has. */
export function renderWorkspace(service: WorkspaceService, view: WorkspaceView, password?: string) {
  const { workspace, limits, memoryLimitNowBytes } = view;
  const connection = service.connection(workspace, password);
  return {
    id: workspace.id,
    name: workspace.name,
    project_id: workspace.projectId,
    branch_id: workspace.branchId,
    status: view.status,
    created_at: renderTime(workspace.createdAtMs),
    expires_at: renderTime(workspace.expiresAtMs),
    size_limit_gb: workspace.sizeLimitGb,
    memory_limit: formatByteSize(limits.memoryLimitBytes),
    memory_limit_now: memoryLimitNowBytes === null ? null : formatByteSize(memoryLimitNowBytes),
    max_result_rows: limits.maxResultRows,
    max_result_bytes: limits.maxResultBytes,
    threads: limits.threads,
    temp_storage_limit: formatByteSize(limits.maxTempBytes),
    max_queries_per_minute: limits.maxQueriesPerMinute,
    max_statement_bytes: limits.maxStatementBytes,
    max_connections: limits.maxConnections,
    size_bytes: workspace.sizeBytes,
    active_sessions: view.activeSessions,
    connection: {
      host: connection.host,
      port: connection.port,
      database: connection.database,
      username: connection.username,
      ...(connection.password === undefined ? {} : { password: connection.password }),
      ssl_mode: connection.sslMode,
      connection_string: connection.connectionString,
    },
  };
}

/** The answers to creation and reset: the only ones with the password. */
export function renderWithPassword(service: WorkspaceService, made: WorkspaceWithPassword) {
  return {
    ...renderWorkspace(service, made, made.password),
    attached_tables: renderAttachedTables(made.attachedTables),
  };
}

export function renderDetail(service: WorkspaceService, detail: WorkspaceDetail) {
  return {
    ...renderWorkspace(service, detail),
    size_bytes: detail.description.size_bytes,
    attached_tables: renderAttachedTables(detail.attachedTables),
    workspace_objects: detail.description.objects.map(({ name, type, rows }) => ({ name, type, rows })),
  };
}

export function renderSession(session: SessionInfo) {
  return {
    session_id: session.id,
    workspace_id: session.workspaceId,
    project_id: session.projectId,
    username: session.username,
    client_address: session.clientAddress,
    application_name: session.applicationName,
    tls: session.tls,
    state: session.state,
    current_query: session.currentQuery,
    current_query_started_at: session.queryStartedAtMs === null ? null : renderTime(session.queryStartedAtMs),
    query_count: session.queryCount,
    bytes_received: session.bytesReceived,
    bytes_sent: session.bytesSent,
    started_at: renderTime(session.startedAtMs),
    last_activity_at: renderTime(session.lastActivityAtMs),
  };
}

export function renderTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

function renderAttachedTables(tables: readonly AttachedTable[]): AttachedTable[] {
  return tables.map(({ schema, table, rows }) => ({ schema, table, rows }));
}
