/**
 * The life of workspaces: created, listed, changed, deleted, and what a worker or a login needs to know of them.
 *
 * Decisions that the contract leaves open:
 * - Names are labels, not keys: two workspaces may have the same one.
 * - Expiry is a matter of the clock, not a mark: from `expiresAtMs` on a workspace is expired, whoever looks.
 * - An expired workspace answers 410, but it is still listed, can be deleted, and a change of its `ttl_hours` revives it
 *   as long as its file is kept. After that it does not exist any more.
 * - Expired workspaces do not count towards `max_workspaces_per_project`.
 * - A workspace of a branch is also one of its project; the branch's paths show only its own.
 *
 * A workspace's rows are removed before its worker and file are: from then on nobody can log in or start it, and what a
 * crash leaves of the files is removed by the cleanup.
 */
import { AppError } from "../errors/app_error.ts";
import { type LaunchSpec, type ProjectCatalog, workspaceDescriptionSchema } from "../ipc/messages.ts";
import { type Page, pageOf, type PageRequest } from "../storage/page.ts";
import { KeyedLock } from "./keyed_lock.ts";
import { type EffectiveLimits, effectiveLimits, namedLimits, noOwnLimits, workerLimits } from "./limits.ts";
import {
  type ConnectionDetails,
  connectionDetails,
  databaseName,
  makePassword,
  makeUsername,
  makeWorkspaceId,
  type RandomBytes,
} from "./naming.ts";
import { allowedDirectories, workspaceFilePath, workspaceTempDirectory } from "./paths.ts";
import {
  checkLimits,
  type CreateWorkspaceRequest,
  type LoadTableRequest,
  resolveLoad,
  type UpdateWorkspaceRequest,
} from "./requests.ts";
import type { SessionRegistry } from "./sessions.ts";
import type {
  PasswordPort,
  PublicAddress,
  StoragePort,
  SupervisorPort,
  WorkspaceCredential,
  WorkspaceDetail,
  WorkspaceLogger,
  WorkspaceMetricsPort,
  WorkspacePosition,
  WorkspaceRecord,
  WorkspaceRepository,
  WorkspaceSettings,
  WorkspaceView,
  WorkspaceWithPassword,
} from "./types.ts";
import { WorkerAccess } from "./worker_access.ts";
import {
  badCursor,
  isNotFound,
  tooManyTables,
  workspaceExpired,
  workspaceLimitReached,
  workspaceNotFound,
} from "./workspace_errors.ts";
import { loadTables } from "./contents.ts";
import { removeWorkspaceFiles, workspaceSizeBytes } from "./workspace_files.ts";

const millisecondsPerHour = 3_600_000;

export interface WorkspaceServiceOptions {
  readonly repository: WorkspaceRepository;
  readonly storage: StoragePort;
  /** A function, because the supervisor itself is made with this service's `launchSpec`. */
  supervisor(): SupervisorPort;
  readonly sessions: SessionRegistry;
  readonly passwords: PasswordPort;
  readonly metrics: WorkspaceMetricsPort;
  readonly logger: WorkspaceLogger;
  readonly address: PublicAddress;
  readonly settings: WorkspaceSettings;
  readonly random: RandomBytes;
  now(): number;
}

/** Which workspace a caller means. `branchId` undefined: any of the project's. */
export interface WorkspaceReference {
  readonly projectId: string;
  readonly branchId?: string | undefined;
  readonly workspaceId: string;
}

export class WorkspaceService {
  /** The workspaces' processes. */
  readonly workers: WorkerAccess;
  readonly #options: WorkspaceServiceOptions;
  /** One creation a project at a time, so that two cannot both be the last that fits. */
  readonly #projectLock = new KeyedLock();
  /** One change of a workspace's rows at a time. */
  readonly #workspaceLock = new KeyedLock();
  #dummyVerifier: Promise<string> | undefined;

  constructor(options: WorkspaceServiceOptions) {
    this.#options = options;
    this.workers = new WorkerAccess(() => options.supervisor(), options.settings.stopTimeoutMs);
  }

  get sessions(): SessionRegistry {
    return this.#options.sessions;
  }

  /**
   * Makes a workspace and, with `preloadTables`, fills it; when that fails, nothing of it stays. Throws `not_found`,
   * `invalid_request`, `workspace_limit_reached`, and whatever a load throws.
   */
  async create(
    projectId: string,
    branchId: string | null,
    request: CreateWorkspaceRequest,
  ): Promise<WorkspaceWithPassword> {
    const { settings, random, repository, passwords } = this.#options;
    checkLimits(request, settings);
    const catalog = await this.catalog(projectId, branchId);
    const preload: LoadTableRequest[] = (request.preloadTables ?? []).map((source) => ({ source }));
    resolveLoad(catalog, preload, (index) => `/preload_tables/${index}`);
    const password = makePassword(random);
    const verifier = await passwords.makeVerifier(password);
    const id = makeWorkspaceId(random);
    const workspace = await this.#projectLock.run(projectId, async () => {
      await this.#options.storage.assertExists(projectId, branchId);
      await this.#assertBelowLimit(projectId);
      const nowMs = this.#options.now();
      const record: WorkspaceRecord = {
        id,
        projectId,
        branchId,
        name: request.name,
        state: preload.length === 0 ? "ready" : "creating",
        createdAtMs: nowMs,
        expiresAtMs: nowMs + Math.round((request.ttlHours ?? settings.defaultTtlHours) * millisecondsPerHour),
        sizeLimitGb: request.sizeLimitGb ?? settings.defaultSizeLimitGb,
        ...noOwnLimits,
        ...namedLimits(request),
        sizeBytes: 0,
        username: makeUsername(id, random),
      };
      await repository.insert(record, verifier);
      return record;
    });
    if (preload.length > 0) await this.#preload(workspace, preload);
    this.#options.logger.info("workspace created", { workspace_id: id, project_id: projectId, branch_id: branchId });
    return { ...this.#view({ ...workspace, state: "ready" }), attachedTables: attachedTables(catalog), password };
  }

  async #preload(workspace: WorkspaceRecord, preload: readonly LoadTableRequest[]): Promise<void> {
    try {
      await loadTables(this, workspace, preload, (index) => `/preload_tables/${index}`);
      if (!(await this.#options.repository.markReady(workspace.id))) throw workspaceNotFound(workspace.id);
    } catch (error) {
      await this.destroy(workspace).catch((failure) => {
        if (!isNotFound(failure)) throw failure;
      });
      throw error;
    }
  }

  /** Throws `not_found` for an unknown project. */
  assertProject(projectId: string): Promise<void> {
    return this.#options.storage.assertExists(projectId, null);
  }

  /** Ready workspaces, oldest first. Throws `not_found` for an unknown project or branch. */
  async list(projectId: string, branchId: string | undefined, page: PageRequest): Promise<Page<WorkspaceView>> {
    await this.#options.storage.assertExists(projectId, branchId ?? null);
    const records = await this.#options.repository.list({
      projectId,
      ...(branchId === undefined ? {} : { branchId }),
      limit: page.limit + 1,
      ...(page.after === null ? {} : { after: parsePosition(page.after) }),
    });
    return pageOf(
      records.map((record) => this.#view(record)),
      page.limit,
      ({ workspace }) => `${workspace.createdAtMs} ${workspace.id}`,
    );
  }

  /** Throws `not_found`. The workspace may have expired. */
  async find(reference: WorkspaceReference): Promise<WorkspaceRecord> {
    const workspace = await this.#options.repository.find(reference.workspaceId);
    const isMeant = workspace !== null && workspace.state === "ready" && workspace.projectId === reference.projectId &&
      (reference.branchId === undefined || workspace.branchId === reference.branchId);
    if (!isMeant) throw workspaceNotFound(reference.workspaceId);
    return workspace;
  }

  /** Throws `not_found` and `workspace_expired`. */
  async findActive(reference: WorkspaceReference): Promise<WorkspaceRecord> {
    const workspace = await this.find(reference);
    this.#assertActive(workspace);
    return workspace;
  }

  /** With its size and objects, for which its worker is started when it has a file. */
  async get(reference: WorkspaceReference): Promise<WorkspaceDetail> {
    return this.#detail(await this.findActive(reference));
  }

  /** Changes fields and tells a running worker. A new `ttlHours` counts from now and revives an expired workspace. */
  async update(reference: WorkspaceReference, request: UpdateWorkspaceRequest): Promise<WorkspaceView> {
    const changed = await this.#workspaceLock.run(reference.workspaceId, async () => {
      const workspace = await this.find(reference);
      if (request.ttlHours === undefined) this.#assertActive(workspace);
      checkLimits(request, this.#options.settings);
      if (!this.#isExpired(workspace)) return await this.#applyUpdate(workspace, request);
      return await this.#projectLock.run(workspace.projectId, async () => {
        await this.#assertBelowLimit(workspace.projectId);
        return await this.#applyUpdate(workspace, request);
      });
    });
    return this.#view(changed);
  }

  async #applyUpdate(workspace: WorkspaceRecord, request: UpdateWorkspaceRequest): Promise<WorkspaceRecord> {
    const { ttlHours, ...others } = request;
    const changes = {
      ...withoutUndefined(others),
      ...(ttlHours === undefined
        ? {}
        : { expiresAtMs: this.#options.now() + Math.round(ttlHours * millisecondsPerHour) }),
    };
    const changed: WorkspaceRecord = { ...workspace, ...changes };
    if (!(await this.#options.repository.update(workspace.id, changes))) throw workspaceNotFound(workspace.id);
    const limits = workerLimits(changed, this.#options.settings);
    await this.workers.callRunning(workspace.id, { command: "update_limits", limits });
    return changed;
  }

  /** Ends its sessions with 57P01 and removes it with its file. Throws `not_found`. */
  async delete(reference: WorkspaceReference): Promise<void> {
    await this.destroy(await this.find(reference));
  }

  /** A new password for the same user. The old one is dead when this resolves; open sessions stay. */
  async resetCredentials(reference: WorkspaceReference): Promise<WorkspaceWithPassword> {
    const { passwords, repository, random } = this.#options;
    const password = makePassword(random);
    const verifier = await passwords.makeVerifier(password);
    const workspace = await this.#workspaceLock.run(reference.workspaceId, async () => {
      const found = await this.findActive(reference);
      if (!(await repository.replaceVerifier(found.id, verifier, this.#options.now()))) {
        throw workspaceNotFound(found.id);
      }
      return found;
    });
    this.#options.logger.info("workspace credentials reset", { workspace_id: workspace.id });
    const catalog = await this.catalog(workspace.projectId, workspace.branchId);
    return { ...this.#view(workspace), attachedTables: attachedTables(catalog), password };
  }

  /** How clients reach the workspace. */
  connection(workspace: WorkspaceRecord, password?: string): ConnectionDetails {
    return connectionDetails(this.#options.address, workspace.id, workspace.username, password);
  }

  /** The workspace's limits, the server's defaults filled in. */
  effectiveLimits(workspace: WorkspaceRecord): EffectiveLimits {
    return effectiveLimits(workspace, this.#options.settings);
  }

  /** All that a worker needs. Throws `not_found`, `workspace_expired`, `program_limit`. */
  async launchSpec(workspaceId: string): Promise<LaunchSpec> {
    const { repository, settings } = this.#options;
    const workspace = await repository.find(workspaceId);
    if (workspace === null) throw workspaceNotFound(workspaceId);
    this.#assertActive(workspace);
    const catalog = await this.catalog(workspace.projectId, workspace.branchId);
    return {
      workspace_id: workspace.id,
      project_id: workspace.projectId,
      branch_id: workspace.branchId,
      database: databaseName(workspace.id),
      file_path: workspaceFilePath(settings.dataDirectory, workspace),
      temp_directory: workspaceTempDirectory(settings.dataDirectory, workspace),
      allowed_directories: allowedDirectories(settings.dataDirectory, workspace),
      ...workerLimits(workspace, settings),
      query_timeout_ms: settings.queryTimeoutMs,
      idle_timeout_ms: settings.idleTimeoutMs,
      catalog,
    };
  }

  /** The user's workspace and verifier as stored now, or null for an unknown user. Nothing is cached. */
  async findCredential(username: string): Promise<WorkspaceCredential | null> {
    const found = await this.#options.repository.findByUsername(username);
    if (found === null || found.workspace.state !== "ready") return null;
    const { workspace, verifier } = found;
    return {
      workspaceId: workspace.id,
      projectId: workspace.projectId,
      branchId: workspace.branchId,
      database: databaseName(workspace.id),
      verifier,
      expired: this.#isExpired(workspace),
      connectionsMax: this.effectiveLimits(workspace).maxConnections,
    };
  }

  /**
   * Checks a plain password, for an external PG proxy. Throws `invalid_password`, after the same work, for an unknown
   * user and for a wrong password, and `workspace_expired` only to who knows the password.
   */
  async authenticate(username: string, password: string): Promise<WorkspaceRecord> {
    const { passwords, repository, random } = this.#options;
    const found = await repository.findByUsername(username);
    const isKnown = found !== null && found.workspace.state === "ready";
    this.#dummyVerifier ??= passwords.makeVerifier(makePassword(random));
    const isRight = await passwords.verify(password, isKnown ? found.verifier : await this.#dummyVerifier);
    if (!isKnown || !isRight) throw new AppError("invalid_password", "password authentication failed");
    this.#assertActive(found.workspace);
    return found.workspace;
  }

  /** Removes every workspace of a deleted project, those of its branches included. */
  projectDeleted(projectId: string): Promise<void> {
    return this.#destroyAll({ projectId });
  }

  /** Removes every workspace of a deleted branch. */
  branchDeleted(projectId: string, branchId: string): Promise<void> {
    return this.#destroyAll({ projectId, branchId });
  }

  async #destroyAll(filter: { projectId: string; branchId?: string }): Promise<void> {
    // Behind a creation that has already seen the project; the ones after it see that it is gone.
    const workspaces = await this.#projectLock.run(filter.projectId, () => this.#options.repository.all(filter));
    await Promise.all(workspaces.map((workspace) =>
      this.destroy(workspace).catch((error) => {
        if (!isNotFound(error)) throw error;
      })
    ));
  }

  /**
   * Removes a workspace whatever its state; with a condition, only if it holds for the workspace as it is then. Throws
   * `not_found` when nothing was removed.
   */
  async destroy(workspace: WorkspaceRecord, condition?: (current: WorkspaceRecord) => boolean): Promise<void> {
    const { repository, sessions, metrics, logger, settings } = this.#options;
    const isRemoved = await this.#workspaceLock.run(workspace.id, async () => {
      const current = condition === undefined ? workspace : await repository.find(workspace.id);
      if (current === null || condition?.(current) === false) return false;
      return await repository.remove(workspace.id);
    });
    if (!isRemoved) throw workspaceNotFound(workspace.id);
    sessions.terminateAll(workspace.id, "admin_shutdown", `workspace "${workspace.id}" was deleted`);
    try {
      await this.workers.stop(workspace.id);
      await removeWorkspaceFiles(settings.dataDirectory, workspace);
    } catch (error) {
      logger.warn("files of a deleted workspace stay until the next cleanup", {
        workspace_id: workspace.id,
        error: `${error}`,
      });
    }
    metrics.removeWorkspace(workspace.id);
    logger.info("workspace deleted", { workspace_id: workspace.id, project_id: workspace.projectId });
  }

  /** What the workspace's tables are now. Throws `program_limit` when they are more than a workspace may attach. */
  async catalog(projectId: string, branchId: string | null): Promise<ProjectCatalog> {
    const catalog = await this.#options.storage.projectCatalog(projectId, branchId);
    const tablesMax = this.#options.settings.attachedTablesMax;
    if (catalog.tables.length > tablesMax) {
      throw tooManyTables(projectId, catalog.tables.length, tablesMax);
    }
    return catalog;
  }

  /** What the workspace's running process says that counts against its size limit; null when none runs or answers. */
  async countedBytes(workspaceId: string): Promise<number | null> {
    if (!this.workers.isRunning(workspaceId)) return null;
    const described = this.workers.call(workspaceId, { command: "describe" }, workspaceDescriptionSchema);
    return await described.then(({ size_bytes }) => size_bytes, () => null);
  }

  async #detail(workspace: WorkspaceRecord): Promise<WorkspaceDetail> {
    const catalog = await this.catalog(workspace.projectId, workspace.branchId);
    const sizeBytes = await workspaceSizeBytes(this.#options.settings.dataDirectory, workspace);
    // Without a file it was never used: it is empty, and no process need be started to say so.
    const description = sizeBytes === 0 && !this.workers.isRunning(workspace.id)
      ? { size_bytes: 0, memory_bytes: 0, objects: [] }
      : await this.workers.call(workspace.id, { command: "describe" }, workspaceDescriptionSchema);
    return { ...this.#view(workspace), attachedTables: attachedTables(catalog), description };
  }

  #view(workspace: WorkspaceRecord): WorkspaceView {
    return {
      workspace,
      status: this.#isExpired(workspace) ? "expired" : "active",
      activeSessions: this.#options.sessions.count(workspace.id),
      limits: this.effectiveLimits(workspace),
      memoryLimitNowBytes: this.workers.memoryLimitBytes(workspace.id),
    };
  }

  async #assertBelowLimit(projectId: string): Promise<void> {
    const limit = this.#options.settings.workspacesPerProjectMax;
    const count = await this.#options.repository.countAlive(projectId, this.#options.now());
    if (count >= limit) throw workspaceLimitReached(projectId, count, limit);
  }

  #isExpired(workspace: WorkspaceRecord): boolean {
    return workspace.expiresAtMs <= this.#options.now();
  }

  #assertActive(workspace: WorkspaceRecord): void {
    if (this.#isExpired(workspace)) throw workspaceExpired(workspace);
  }
}

function attachedTables(catalog: ProjectCatalog) {
  return catalog.tables.map((table) => ({ schema: table.schema, table: table.name, rows: table.rows }));
}

function parsePosition(key: string): WorkspacePosition {
  const match = /^(\d{1,15}) (ws_[0-9a-f]+)$/.exec(key);
  if (match === null) {
    throw badCursor();
  }
  return { createdAtMs: Number(match[1]), id: match[2] ?? "" };
}

type Defined<Fields> = { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> };

function withoutUndefined<Fields extends object>(fields: Fields): Defined<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<Fields>;
}
