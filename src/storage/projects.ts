/** Projects, their keys and their branches. */
import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../errors/app_error.ts";
import type { FilePins } from "./file_pins.ts";
import { checkProjectId, makeBranchId, makeKeyId, makeProjectId, makeProjectKey } from "./names.ts";
import type { Page, PageRequest } from "./page.ts";
import { scopeFolder } from "./paths.ts";
import type {
  Branch,
  KeyRole,
  Project,
  ProjectKey,
  ProjectRepository,
  Scope,
  StorageEvents,
  StorageLogger,
  StorageSettings,
  TableRepository,
} from "./types.ts";

export interface ProjectDependencies {
  readonly projects: ProjectRepository;
  readonly tables: TableRepository;
  readonly events: StorageEvents;
  readonly settings: StorageSettings;
  readonly pins: FilePins;
  readonly log: StorageLogger;
  readonly now: () => number;
}

export class ProjectService {
  readonly #dependencies: ProjectDependencies;
  readonly #repository: ProjectRepository;

  constructor(dependencies: ProjectDependencies) {
    this.#dependencies = dependencies;
    this.#repository = dependencies.projects;
  }

  /** Makes a project and its first key, whose text is given only here. */
  async createProject(input: { id?: string | undefined; name: string }): Promise<{ project: Project; apiKey: string }> {
    if (input.id !== undefined) checkProjectId(input.id);
    const project = { id: input.id ?? makeProjectId(), name: input.name, createdAt: this.#timestamp() };
    const { key, text } = this.#newKey(project.id, "first key", "admin");
    await conflictWhenTaken(
      this.#repository.insertProject(project, key, hashKeyText(text)),
      `project: "${project.id}" exists already`,
    );
    return { project, apiKey: text };
  }

  findProject(projectId: string): Promise<Project | null> {
    return this.#repository.findProject(projectId);
  }

  /** Throws `not_found`. */
  async requireProject(projectId: string): Promise<Project> {
    const project = await this.findProject(projectId);
    if (project === null) throw new AppError("not_found", `project: "${projectId}" does not exist`);
    return project;
  }

  listProjects(page: PageRequest): Promise<Page<Project>> {
    return this.#repository.listProjects(page);
  }

  async renameProject(projectId: string, name: string): Promise<Project> {
    await this.#repository.renameProject(projectId, name);
    return await this.requireProject(projectId);
  }

  /** Deletes everything of a project: rows first, then, once its workers have stopped, its files. */
  async deleteProject(projectId: string): Promise<void> {
    if (!await this.#repository.deleteProject(projectId, scopeFolder)) await this.requireProject(projectId);
    await this.#dependencies.events.onProjectDeleted(projectId);
    await this.removeDeletedFolders(projectId);
  }

  async createKey(projectId: string, name: string, role: KeyRole): Promise<{ key: ProjectKey; text: string }> {
    const { key, text } = this.#newKey(projectId, name, role);
    await this.#repository.insertKey(key, hashKeyText(text));
    return { key, text };
  }

  async listKeys(projectId: string, page: PageRequest): Promise<Page<ProjectKey>> {
    await this.requireProject(projectId);
    return await this.#repository.listKeys(projectId, page);
  }

  /** `keepLastAdmin`: refuses to remove the last key with the role admin, so that a project does not lock itself out. */
  async deleteKey(projectId: string, keyId: string, options: { keepLastAdmin: boolean }): Promise<void> {
    await this.requireProject(projectId);
    const outcome = await this.#repository.deleteKey(projectId, keyId, options);
    if (outcome === "not_found") throw new AppError("not_found", `key: "${keyId}" does not exist`);
    if (outcome === "last_admin") {
      throw new AppError("conflict", `key: "${keyId}" is the project's last one with the role admin`, {
        hint: "Make another admin key first, or delete it with the server administrator's key.",
      });
    }
  }

  /** For authentication: the key with this SHA-256 (hex). */
  async findKey(sha256Hex: string): Promise<{ id: string; project_id: string; name: string; role: KeyRole } | null> {
    const key = await this.#repository.findKeyByHash(sha256Hex);
    return key === null ? null : { id: key.id, project_id: key.projectId, name: key.name, role: key.role };
  }

  /** A branch starts with the buckets and table pointers that the project has at this moment. */
  async createBranch(projectId: string, name: string): Promise<Branch> {
    const branch = { id: makeBranchId(), projectId, name, createdAt: this.#timestamp() };
    await conflictWhenTaken(this.#repository.insertBranch(branch), `branch: the name "${name}" is taken`);
    return branch;
  }

  async listBranches(projectId: string, page: PageRequest): Promise<Page<Branch>> {
    await this.requireProject(projectId);
    return await this.#repository.listBranches(projectId, page);
  }

  /** Throws `not_found`. */
  async requireBranch(projectId: string, branchId: string): Promise<Branch> {
    await this.requireProject(projectId);
    const branch = await this.#repository.findBranch(projectId, branchId);
    if (branch === null) throw new AppError("not_found", `branch: "${branchId}" does not exist`);
    return branch;
  }

  async deleteBranch(projectId: string, branchId: string): Promise<void> {
    const folder = scopeFolder({ projectId, branchId });
    if (!await this.#repository.deleteBranch(projectId, branchId, folder)) {
      await this.requireBranch(projectId, branchId);
    }
    await this.#dependencies.events.onBranchDeleted(projectId, branchId);
    await this.removeDeletedFolders(projectId);
  }

  /** Throws `not_found` when the project, or the branch where one is meant, does not exist. */
  async assertExists(projectId: string, branchId: string | null): Promise<void> {
    if (branchId === null) await this.requireProject(projectId);
    else await this.requireBranch(projectId, branchId);
  }

  assertScope(scope: Scope): Promise<void> {
    return this.assertExists(scope.projectId, scope.branchId);
  }

  /**
   * Removes the folders of deleted projects and branches; what a crash left is found again at the next call. A folder
   * with a running import in it waits for the next call.
   */
  async removeDeletedFolders(onlyProjectId?: string): Promise<void> {
    const { tables, settings, pins, log } = this.#dependencies;
    for (const { projectId, folder } of await tables.deletedFolders()) {
      if (onlyProjectId !== undefined && projectId !== onlyProjectId) continue;
      const path = join(settings.dataDirectory, folder);
      if (pins.pinnedUnder(path)) continue;
      try {
        await rm(path, { recursive: true, force: true });
        await tables.forgetDeletedFolder(projectId, folder);
      } catch (error) {
        log.warn("a deleted project's folder is not removed yet", { folder, error: String(error) });
      }
    }
  }

  #newKey(projectId: string, name: string, role: KeyRole): { key: ProjectKey; text: string } {
    return {
      key: { id: makeKeyId(), projectId, name, role, createdAt: this.#timestamp() },
      text: makeProjectKey(),
    };
  }

  #timestamp(): string {
    return new Date(this.#dependencies.now()).toISOString();
  }
}

/** Only this is stored of a key. */
function hashKeyText(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** A taken primary key as the catalogue's `conflict`. */
export async function conflictWhenTaken<Result>(work: Promise<Result>, detail: string): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof AppError && error.kind === "unique_violation") {
      throw new AppError("conflict", detail, { cause: error });
    }
    throw error;
  }
}
