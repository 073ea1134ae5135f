/**
 * The control channel between the server and a worker: one JSON object a line, commands on the worker's stdin, replies
 * and events on its stdout. Both sides parse with these schemas; field names are those of the wire.
 *
 * Session bytes do not travel here: for each authenticated session the server connects to the worker's Unix socket and
 * sends a `SessionHeader` (4-byte big-endian length, then JSON), after which the socket carries the PostgreSQL protocol
 * from AuthenticationOk on, in both directions.
 */
import { z } from "zod";
import { errorKinds } from "../errors/catalogue.ts";

/** A command or event line longer than this is a defect, not data: catalogs of 1,000 tables with 100 columns fit. */
export const controlLineBytesMax = 64 * 1024 * 1024;

export const columnSchema = z.object({ name: z.string(), type: z.string(), nullable: z.boolean() });

/** One project table as a workspace sees it: `schema.name`, backed by table `main.data` of a version file. */
export const catalogTableSchema = z.object({
  table_id: z.string(),
  schema: z.string(),
  name: z.string(),
  version: z.number().int(),
  file_path: z.string(),
  columns: z.array(columnSchema),
  primary_key: z.array(z.string()),
  rows: z.number(),
  size_bytes: z.number(),
});
export type CatalogTable = z.infer<typeof catalogTableSchema>;

/** The project's tables as of one moment. `schemas` also names buckets without tables. */
export const projectCatalogSchema = z.object({
  schemas: z.array(z.string()),
  tables: z.array(catalogTableSchema),
});
export type ProjectCatalog = z.infer<typeof projectCatalogSchema>;

/** What a worker reports of its statements for the query log; can be changed while it runs (`set_statement_log`). */
export const statementLogSettingsSchema = z.object({
  /** Without it only slow statements are reported. */
  enabled: z.boolean(),
  mode: z.enum(["full", "structure", "hash_only"]),
  /** Characters of a statement's text. */
  text_length_max: z.number().int(),
  /** Duration from which a statement is slow; 0: every one is. */
  slow_ms: z.number(),
  slow_explain: z.boolean(),
  slow_full_text: z.boolean(),
});
export type StatementLogSettings = z.infer<typeof statementLogSettingsSchema>;

/** All a worker needs to serve a workspace. Paths are absolute. */
export const launchSpecSchema = z.object({
  workspace_id: z.string(),
  project_id: z.string(),
  branch_id: z.string().nullable(),
  /** `workspace_<id>` */
  database: z.string(),
  file_path: z.string(),
  temp_directory: z.string(),
  temp_bytes_max: z.number(),
  memory_bytes_max: z.number(),
  threads: z.number().int(),
  /** Folders whose version files may be attached: the project's, and the branch's. */
  allowed_directories: z.array(z.string()),
  /** 0 = unlimited. */
  result_rows_max: z.number(),
  result_bytes_max: z.number(),
  size_bytes_max: z.number(),
  queries_per_minute_max: z.number(),
  statement_bytes_max: z.number(),
  query_timeout_ms: z.number(),
  idle_timeout_ms: z.number(),
  catalog: projectCatalogSchema,
  /** Without it the worker reports no statements for the query log. */
  statement_log: statementLogSettingsSchema.optional(),
});
export type LaunchSpec = z.infer<typeof launchSpecSchema>;

/** Limits that a running worker takes. */
export const changeableLimitsSchema = launchSpecSchema.pick({
  result_rows_max: true,
  result_bytes_max: true,
  size_bytes_max: true,
  memory_bytes_max: true,
  threads: true,
  temp_bytes_max: true,
  queries_per_minute_max: true,
  statement_bytes_max: true,
}).partial();
export type ChangeableLimits = z.infer<typeof changeableLimitsSchema>;

/** The answer to `update_limits`: the memory limit in force, higher than asked when statements hold more just now. */
export const limitsAppliedSchema = z.object({ memory_bytes_max: z.number() });
export type LimitsApplied = z.infer<typeof limitsAppliedSchema>;

export const loadItemSchema = z.object({
  source: z.string(),
  schema: z.string(),
  table: z.string(),
  destination: z.string(),
  columns: z.array(z.string()).nullable(),
  where: z.string().nullable(),
});
export type LoadItem = z.infer<typeof loadItemSchema>;

export const loadedSchema = z.object({
  loaded: z.array(
    z.object({ source: z.string(), destination: z.string(), rows: z.number(), size_bytes: z.number() }),
  ),
  workspace_size_bytes: z.number(),
});
export type Loaded = z.infer<typeof loadedSchema>;

export const workspaceObjectSchema = z.object({
  name: z.string(),
  type: z.enum(["table", "view"]),
  /** null for a view: counting would run it. */
  rows: z.number().nullable(),
});
export const workspaceDescriptionSchema = z.object({
  size_bytes: z.number(),
  memory_bytes: z.number(),
  objects: z.array(workspaceObjectSchema),
});
export type WorkspaceDescription = z.infer<typeof workspaceDescriptionSchema>;

/** Work on table version files; runs in a worker without a workspace. Paths are absolute. */
export const storageJobSchema = z.discriminatedUnion("job", [
  z.object({
    job: z.literal("import"),
    /** The uploaded file. */
    source_path: z.string(),
    format: z.enum(["csv", "json", "parquet"]),
    mode: z.enum(["full", "append", "upsert"]),
    /** The version to start from, for append and upsert; null when there is none. */
    base_path: z.string().nullable(),
    /** The version file to write. It does not exist yet; a failed job leaves none behind. */
    target_path: z.string(),
    /** Declared columns, or null to take them from the file (a new table). */
    columns: z.array(columnSchema).nullable(),
    primary_key: z.array(z.string()),
    temp_directory: z.string(),
    memory_bytes_max: z.number(),
  }),
  z.object({
    job: z.literal("create_empty"),
    target_path: z.string(),
    columns: z.array(columnSchema),
    primary_key: z.array(z.string()),
  }),
  z.object({
    job: z.literal("export"),
    source_path: z.string(),
    format: z.enum(["csv", "json", "parquet"]),
    target_path: z.string(),
    temp_directory: z.string(),
    memory_bytes_max: z.number(),
  }),
  z.object({ job: z.literal("preview"), source_path: z.string(), limit: z.number().int() }),
]);
export type StorageJob = z.infer<typeof storageJobSchema>;

export const versionWrittenSchema = z.object({
  columns: z.array(columnSchema),
  rows: z.number(),
  /** Rows read from the uploaded file. */
  imported_rows: z.number(),
  size_bytes: z.number(),
});
export type VersionWritten = z.infer<typeof versionWrittenSchema>;
export const previewResultSchema = z.object({
  columns: z.array(columnSchema),
  /** Values as JSON: numbers that JSON cannot hold exactly (beyond 2^53, DECIMAL) come as strings. */
  rows: z.array(z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]))),
});
export type PreviewResult = z.infer<typeof previewResultSchema>;
export const exportResultSchema = z.object({ rows: z.number(), size_bytes: z.number() });
export type ExportResult = z.infer<typeof exportResultSchema>;

export const commandSchema = z.discriminatedUnion("command", [
  z.object({ command: z.literal("open_workspace"), id: z.number(), spec: launchSpecSchema }),
  z.object({ command: z.literal("refresh_catalog"), id: z.number(), catalog: projectCatalogSchema }),
  z.object({
    command: z.literal("update_limits"),
    id: z.number(),
    /** What is missing stays as it is. */
    limits: changeableLimitsSchema,
  }),
  z.object({
    command: z.literal("set_statement_log"),
    id: z.number(),
    settings: statementLogSettingsSchema,
  }),
  z.object({ command: z.literal("describe"), id: z.number() }),
  z.object({ command: z.literal("load"), id: z.number(), items: z.array(loadItemSchema) }),
  z.object({ command: z.literal("clear"), id: z.number() }),
  z.object({ command: z.literal("drop_object"), id: z.number(), name: z.string() }),
  z.object({ command: z.literal("cancel_query"), id: z.number(), session_id: z.string() }),
  z.object({
    command: z.literal("terminate_session"),
    id: z.number(),
    session_id: z.string(),
    kind: z.enum(errorKinds as [string, ...string[]]),
    detail: z.string(),
  }),
  /** Somebody vouches for the session: its idle time begins anew. */
  z.object({ command: z.literal("session_activity"), id: z.number(), session_id: z.string() }),
  /** Hold new writes to the workspace's file, for at most this long; 0 ends a hold. */
  z.object({ command: z.literal("pause_writes"), id: z.number(), time_ms: z.number() }),
  z.object({ command: z.literal("storage_job"), id: z.number(), job: storageJobSchema }),
  /** No new statements; running ones may finish until the time is over, then are cancelled; then checkpoint and exit. */
  z.object({ command: z.literal("drain"), id: z.number(), timeout_ms: z.number() }),
  z.object({ command: z.literal("ping"), id: z.number() }),
]);
export type Command = z.infer<typeof commandSchema>;
/** A command without its request number, as callers write it. */
export type CommandBody = Command extends infer C ? C extends { id: number } ? Omit<C, "id"> : never : never;

export const errorRecordSchema = z.object({
  kind: z.string(),
  detail: z.string(),
  hint: z.string().optional(),
  fields: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  position: z.number().optional(),
});

export const finishedQuerySchema = z.object({
  session_id: z.string(),
  duration_ms: z.number(),
  /** By the threshold that held when it ended. */
  slow: z.boolean(),
  status: z.enum(["success", "error", "timeout", "cancelled"]),
});
/** One statement's end, as a session reports it and the server takes it. */
export type QueryFinished = { readonly event: "query_finished" } & z.infer<typeof finishedQuerySchema>;

/** One operator of a plan; `timing_ms` and `rows` only where the run itself was measured. */
export interface PlanNode {
  readonly operator: string;
  readonly timing_ms: number | null;
  readonly rows: number | null;
  readonly estimated_rows: number | null;
  /** What DuckDB says of the operator: table, filters, expressions. Without the values in modes that keep none. */
  readonly details: Readonly<Record<string, string>>;
  readonly children: readonly PlanNode[];
}
export const planNodeSchema: z.ZodType<PlanNode> = z.lazy(() =>
  z.object({
    operator: z.string(),
    timing_ms: z.number().nullable(),
    rows: z.number().nullable(),
    estimated_rows: z.number().nullable(),
    details: z.record(z.string(), z.string()),
    children: z.array(planNodeSchema),
  })
);

/** A finished statement as the query log gets it: already without what its mode must not hold. */
export const loggedQuerySchema = z.object({
  session_id: z.string(),
  username: z.string(),
  client_ip: z.string(),
  application_name: z.string(),
  /** False for a slow statement of a log that is off: it is told of, and not kept. */
  logged: z.boolean(),
  mode: z.enum(["full", "structure", "hash_only"]),
  /** null in the mode hash_only. */
  query: z.string().nullable(),
  query_truncated: z.boolean(),
  /** Characters of the whole statement as it was sent. */
  query_length: z.number().int(),
  query_hash: z.string(),
  started_at_ms: z.number(),
  duration_ms: z.number(),
  rows: z.number(),
  bytes: z.number(),
  status: z.enum(["success", "error", "timeout", "cancelled"]),
  sqlstate: z.string().nullable(),
  error: z.string().nullable(),
  slow: z.boolean(),
  /** The longer text for the slow query's log line, where it is wanted. */
  slow_query: z.string().nullable(),
  /** `profile`: measured in this very run; `explain`: planned again afterwards, without being run. */
  plan: z.object({ source: z.enum(["profile", "explain"]), root: planNodeSchema }).nullable(),
});
export type LoggedQuery = z.infer<typeof loggedQuerySchema>;

export const workerMessageSchema = z.discriminatedUnion("event", [
  z.object({ event: z.literal("ready"), pid: z.number(), socket_path: z.string() }),
  z.object({ event: z.literal("reply"), id: z.number(), result: z.unknown() }),
  z.object({ event: z.literal("failed"), id: z.number(), error: errorRecordSchema }),
  z.object({ event: z.literal("query_started"), session_id: z.string(), query: z.string(), started_at_ms: z.number() }),
  /** On the channel all that have ended since the last one are told together. */
  z.object({ event: z.literal("queries_finished"), queries: z.array(finishedQuerySchema) }),
  /** Statements for the query log, some at a time; `dropped` of them found no room in the worker. */
  z.object({ event: z.literal("queries_logged"), queries: z.array(loggedQuerySchema), dropped: z.number().int() }),
  /** `state` is PostgreSQL's: active, idle, idle in transaction, idle in transaction (aborted). */
  z.object({
    event: z.literal("session_state"),
    session_id: z.string(),
    state: z.string(),
    application_name: z.string(),
  }),
  z.object({ event: z.literal("session_closed"), session_id: z.string(), reason: z.string() }),
  z.object({ event: z.literal("memory"), rss_bytes: z.number() }),
]);
export type WorkerMessage = z.infer<typeof workerMessageSchema>;
/** What a session of a worker reports. */
export type SessionEvent = Extract<WorkerMessage, { session_id: string }> | QueryFinished;

/** First thing on a session socket: who was authenticated and what the client asked for at start-up. */
export const sessionHeaderSchema = z.object({
  session_id: z.string(),
  username: z.string(),
  database: z.string(),
  client_address: z.string(),
  backend_process_id: z.number(),
  backend_secret_key: z.number(),
  /** All parameters of the StartupMessage, such as application_name, client_encoding, options, TimeZone. */
  startup_parameters: z.record(z.string(), z.string()),
  tls: z.boolean(),
  /** The session may only read, whatever it sets: of a key with the role `read`, of a dashboard. */
  read_only: z.boolean().optional(),
  /** What was negotiated, in OpenSSL's words, where the front can tell. */
  tls_session: z.object({ version: z.string(), cipher: z.string() }).optional(),
});
export type SessionHeader = z.infer<typeof sessionHeaderSchema>;
