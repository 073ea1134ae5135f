/**
 * Data and ports of the workspaces domain. A workspace is one DuckDB file with credentials of its own, attached to the
 * tables of a project or of one of its branches, and living until `expiresAtMs`. The domain knows no transport and no
 * engine: whatever it needs from them is an interface here, and the composition root fills it in.
 */
import type { CommandBody, ProjectCatalog, WorkspaceDescription } from "../ipc/messages.ts";
import type { EffectiveLimits, LimitDefaults, WorkspaceLimits } from "./limits.ts";

/** `creating`: the preload of a new workspace runs, and nobody but its creator knows of it. */
export type WorkspaceState = "creating" | "ready";

/** A row of `workspaces`. Times are milliseconds since the epoch. */
export interface WorkspaceRecord extends WorkspaceLimits {
  readonly id: string;
  readonly projectId: string;
  readonly branchId: string | null;
  readonly name: string;
  readonly state: WorkspaceState;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly sizeLimitGb: number;
  /** As the size job last measured it. */
  readonly sizeBytes: number;
  readonly username: string;
}

/** What PATCH may change of a record. */
export type WorkspaceChanges = Partial<
  WorkspaceLimits & Pick<WorkspaceRecord, "name" | "expiresAtMs" | "sizeLimitGb">
>;

/** A record with the SCRAM verifier of its one user. */
export interface WorkspaceWithVerifier {
  readonly workspace: WorkspaceRecord;
  readonly verifier: string;
}

/** A position in a list that is ordered by creation time, then id. */
export interface WorkspacePosition {
  readonly createdAtMs: number;
  readonly id: string;
}

export interface WorkspaceListRequest {
  readonly projectId: string;
  /** A branch's workspaces; undefined: all of the project's, those of its branches included. */
  readonly branchId?: string;
  readonly limit: number;
  readonly after?: WorkspacePosition;
}

/** Persistence of workspaces. Every method is atomic. Implemented by `metadata/workspaces/repository.ts`. */
export interface WorkspaceRepository {
  insert(workspace: WorkspaceRecord, verifier: string): Promise<void>;
  /** Makes a workspace that was being created visible; gives false when it was removed meanwhile. */
  markReady(workspaceId: string): Promise<boolean>;
  find(workspaceId: string): Promise<WorkspaceRecord | null>;
  findByUsername(username: string): Promise<WorkspaceWithVerifier | null>;
  /** Ready workspaces in list order, at most `limit`. */
  list(request: WorkspaceListRequest): Promise<WorkspaceRecord[]>;
  /** Workspaces of the project and its branches that are alive at `nowMs`, those being created included. */
  countAlive(projectId: string, nowMs: number): Promise<number>;
  /** Every workspace, or those of a project, or of one of its branches, whatever their state. */
  all(filter?: { readonly projectId: string; readonly branchId?: string }): Promise<WorkspaceRecord[]>;
  /** Gives false when the workspace does not exist. */
  update(workspaceId: string, changes: WorkspaceChanges): Promise<boolean>;
  updateSizes(sizes: readonly { readonly id: string; readonly sizeBytes: number }[]): Promise<void>;
  /** Gives false when the workspace does not exist. */
  replaceVerifier(workspaceId: string, verifier: string, changedAtMs: number): Promise<boolean>;
  /** Removes the workspace and its credentials; gives false when it did not exist. */
  remove(workspaceId: string): Promise<boolean>;
}

/** The part of the supervisor's worker handle that the domain uses. */
export interface WorkerPort {
  readonly workspaceId: string;
  readonly sessionCount: number;
  /** The memory limit in force, bytes: lower than the workspace's own while the server's budget is short. */
  readonly memoryLimitBytes: number;
  call(body: CommandBody): Promise<unknown>;
}

/** The part of the supervisor that the domain uses; see `supervisor/supervisor.ts`. */
export interface SupervisorPort {
  acquire(workspaceId: string): Promise<WorkerPort>;
  running(workspaceId: string): WorkerPort | undefined;
  runningWorkspaces(): readonly WorkerPort[];
  /** Whether a process of the workspace exists, is being started, or is ending. */
  isInUse(workspaceId: string): boolean;
  /** Does nothing when no worker runs. */
  refreshCatalog(workspaceId: string, catalog: ProjectCatalog): Promise<void>;
  stopWorkspace(workspaceId: string, timeoutMs: number): Promise<void>;
}

/** What the domain asks of storage. Both throw `not_found` for an unknown project or branch. */
export interface StoragePort {
  /** The tables that a workspace of the project (or of its branch) sees now. */
  projectCatalog(projectId: string, branchId: string | null): Promise<ProjectCatalog>;
  assertExists(projectId: string, branchId: string | null): Promise<void>;
}

/** Password hashing; implemented by `pgwire/scram.ts`. */
export interface PasswordPort {
  makeVerifier(password: string): Promise<string>;
  verify(password: string, verifier: string): Promise<boolean>;
}

export interface WorkspaceMetricsPort {
  /** Drops every series with this workspace's label. */
  removeWorkspace(workspaceId: string): void;
}

/** The methods of `observability/log.ts` that the domain calls. */
export interface WorkspaceLogger {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
}

/** Where clients connect to. */
export interface PublicAddress {
  readonly host: string;
  readonly pgTls: "disable" | "prefer" | "require";
  /** The port that is actually bound. */
  pgPort(): number;
}

/** Configuration of the domain; sizes in bytes, durations as named. */
export interface WorkspaceSettings extends LimitDefaults {
  /** Absolute path. */
  readonly dataDirectory: string;
  readonly defaultTtlHours: number;
  readonly maxTtlHours: number;
  readonly expiredRetentionHours: number;
  readonly defaultSizeLimitGb: number;
  readonly memoryBudgetBytes: number;
  readonly connectionsTotalMax: number;
  readonly attachedTablesMax: number;
  readonly workspacesPerProjectMax: number;
  readonly queryTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** How long a worker may take to end when its workspace is deleted or expires. */
  readonly stopTimeoutMs: number;
}

/** A workspace as REST shows it, in domain terms. */
export interface WorkspaceView {
  readonly workspace: WorkspaceRecord;
  readonly status: "active" | "expired";
  readonly activeSessions: number;
  readonly limits: EffectiveLimits;
  /** The memory limit in force in its process; null when none runs. */
  readonly memoryLimitNowBytes: number | null;
}

export interface AttachedTable {
  readonly schema: string;
  readonly table: string;
  readonly rows: number;
}

export interface WorkspaceDetail extends WorkspaceView {
  readonly attachedTables: readonly AttachedTable[];
  readonly description: WorkspaceDescription;
}

/** A workspace whose password was just made; the only time that it can be told. */
export interface WorkspaceWithPassword extends WorkspaceView {
  readonly attachedTables: readonly AttachedTable[];
  readonly password: string;
}

/** What the pgwire front needs to authenticate a user and to route the session. */
export interface WorkspaceCredential {
  readonly workspaceId: string;
  readonly projectId: string;
  readonly branchId: string | null;
  readonly database: string;
  readonly verifier: string;
  readonly expired: boolean;
  readonly connectionsMax: number;
}
