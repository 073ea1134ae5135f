/**
 * What storage works on, and the ports that it needs. The domain imports no transport, no engine and no database:
 * `metadata/storage_repository*.ts` persists, the supervisor runs jobs, the composition root joins them.
 */
import type { StorageJob } from "../ipc/messages.ts";
import type { Page, PageRequest } from "./page.ts";

/** A project's tables, or those of one of its branches. */
export interface Scope {
  readonly projectId: string;
  readonly branchId: string | null;
}

export interface Project {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
}

export type KeyRole = "admin" | "read";

export interface ProjectKey {
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  readonly role: KeyRole;
  readonly createdAt: string;
}

export interface Branch {
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  readonly createdAt: string;
}

export interface Bucket {
  /** `in.c-sales` */
  readonly id: string;
  /** `in_c_sales` */
  readonly schema: string;
  readonly description: string | null;
  readonly createdAt: string;
}

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
}

/** What a table is called, everywhere. */
export interface TableName {
  /** `<bucket id>.<name>` */
  readonly id: string;
  /** `<schema>.<lower case name>`: what SQL does not tell apart has one key. */
  readonly key: string;
  readonly bucketId: string;
  readonly schema: string;
  readonly name: string;
}

export type VersionOrigin = "create" | "full" | "append" | "upsert" | "restore" | "branch";

export interface TableVersion {
  readonly version: number;
  /** Relative to the data folder. */
  readonly filePath: string;
  readonly rows: number;
  readonly sizeBytes: number;
  readonly columns: readonly Column[];
  readonly primaryKey: readonly string[];
  readonly origin: VersionOrigin;
  readonly createdAt: string;
}

/** A table with its current version. */
export interface Table extends TableName {
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly current: TableVersion;
}

/** Persistence of projects, keys and branches. Every method is atomic. */
export interface ProjectRepository {
  /** Throws `unique_violation` when the id is taken, `conflict` while files of a deleted project of that id remain. */
  insertProject(project: Project, key: ProjectKey, keyHash: string): Promise<void>;
  findProject(projectId: string): Promise<Project | null>;
  listProjects(page: PageRequest): Promise<Page<Project>>;
  renameProject(projectId: string, name: string): Promise<boolean>;
  /** Deletes all rows of the project and notes its folders for removal. */
  deleteProject(projectId: string, folderOf: (scope: Scope) => string): Promise<boolean>;

  insertKey(key: ProjectKey, keyHash: string): Promise<void>;
  findKeyByHash(keyHash: string): Promise<ProjectKey | null>;
  listKeys(projectId: string, page: PageRequest): Promise<Page<ProjectKey>>;
  deleteKey(
    projectId: string,
    keyId: string,
    options: { keepLastAdmin: boolean },
  ): Promise<"deleted" | "not_found" | "last_admin">;

  /** Also copies the project's buckets and table pointers. Throws `unique_violation` for a taken name. */
  insertBranch(branch: Branch): Promise<void>;
  findBranch(projectId: string, branchId: string): Promise<Branch | null>;
  listBranches(projectId: string, page: PageRequest): Promise<Page<Branch>>;
  deleteBranch(projectId: string, branchId: string, folder: string): Promise<boolean>;
}

/** Persistence of buckets, tables and versions. Every method is atomic. */
export interface TableRepository {
  /** Throws `not_found` when project or branch is gone, `unique_violation` when the schema is taken. */
  insertBucket(scope: Scope, bucket: Bucket): Promise<void>;
  findBucket(scope: Scope, bucketId: string): Promise<Bucket | null>;
  listBuckets(scope: Scope, page: PageRequest): Promise<Page<Bucket>>;
  allBuckets(scope: Scope): Promise<Bucket[]>;
  deleteBucket(
    scope: Scope,
    bucketId: string,
    options: { withTables: boolean },
  ): Promise<"deleted" | "not_found" | "not_empty">;

  findTable(scope: Scope, tableKey: string): Promise<Table | null>;
  listTables(scope: Scope, page: PageRequest, bucketId: string | null): Promise<Page<Table>>;
  allTables(scope: Scope): Promise<Table[]>;
  deleteTable(scope: Scope, tableKey: string): Promise<boolean>;
  /** Gives out a version number that was never given before, committed before this resolves. */
  reserveVersion(scope: Scope, tableKey: string): Promise<number>;
  /**
   * Adds the version and moves the table's pointer to it, in one transaction. Throws `not_found` when project, branch or
   * bucket are gone, or the table is with `expect: "present"`; `conflict` when it exists with `expect: "absent"`.
   */
  publishVersion(
    scope: Scope,
    table: TableName,
    version: TableVersion,
    expect: "present" | "absent",
  ): Promise<void>;
  findVersion(scope: Scope, tableKey: string, version: number): Promise<TableVersion | null>;
  /** Newest first; `after` is a version number. */
  listVersions(scope: Scope, tableKey: string, page: PageRequest): Promise<Page<TableVersion>>;

  /** Removes versions that no rule keeps, and gives how many. The current one always stays. */
  pruneVersions(rule: VersionRetention): Promise<number>;
  /** Files, relative to the data folder, that any version refers to. */
  referencedFiles(): Promise<Set<string>>;
  deletedFolders(): Promise<{ projectId: string; folder: string }[]>;
  forgetDeletedFolder(projectId: string, folder: string): Promise<void>;
  /** Every project and branch. */
  allScopes(): Promise<Scope[]>;
}

/** A version is kept while it is one of the newest `keepCount`, or younger than `keepSince` and within `keepMax`. */
export interface VersionRetention {
  readonly keepCount: number;
  /** RFC 3339. */
  readonly keepSince: string;
  readonly keepMax: number;
}

/** The part of the supervisor that storage uses. */
export interface StorageJobPort {
  runStorageJob(job: StorageJob): Promise<unknown>;
  /** Absolute paths that running workers may still read. */
  filesInUse(): ReadonlySet<string>;
}

/** What storage tells the rest of the server. Failures are logged there, not here. */
export interface StorageEvents {
  /** After any change of buckets or tables: resolves when running workers of this scope have the new catalog. Never throws. */
  onCatalogChanged(projectId: string, branchId: string | null): Promise<void>;
  /** The project's rows are gone, its files are next: workers and workspaces of it must be gone when this resolves. */
  onProjectDeleted(projectId: string): Promise<void>;
  /** The same for one branch. */
  onBranchDeleted(projectId: string, branchId: string): Promise<void>;
}

/** The methods of `observability/log.ts` that storage calls. */
export interface StorageLogger {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
}

export interface StorageSettings {
  /** Absolute path. */
  readonly dataDirectory: string;
  /** Memory limit of one import or export. */
  readonly jobMemoryBytesMax: number;
}
