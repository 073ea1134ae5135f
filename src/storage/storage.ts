/** Storage as the rest of the server sees it: projects, tables, transfer and cleanup over one set of ports. */
import type { ProjectCatalog } from "../ipc/messages.ts";
import { type CleanupOutcome, cleanUpStorage } from "./cleanup.ts";
import { FilePins } from "./file_pins.ts";
import { ProjectService } from "./projects.ts";
import { TableService } from "./tables.ts";
import { TransferService } from "./transfer.ts";
import type {
  KeyRole,
  ProjectRepository,
  StorageEvents,
  StorageJobPort,
  StorageLogger,
  StorageSettings,
  TableRepository,
} from "./types.ts";
import type { OpenUpload } from "./upload.ts";

export interface StorageDependencies {
  readonly projectRepository: ProjectRepository;
  readonly tableRepository: TableRepository;
  readonly jobs: StorageJobPort;
  readonly events: StorageEvents;
  readonly settings: StorageSettings;
  readonly log: StorageLogger;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  readonly openUpload?: OpenUpload;
}

export interface Storage {
  readonly projects: ProjectService;
  readonly tables: TableService;
  readonly transfer: TransferService;
  /** For authentication: the project key with this SHA-256 (hex), or null. */
  findKey(sha256Hex: string): Promise<{ id: string; project_id: string; name: string; role: KeyRole } | null>;
  /** Throws `not_found` when the project, or the branch where one is named, does not exist. */
  assertExists(projectId: string, branchId: string | null): Promise<void>;
  /** What a workspace of the project, or of the branch, sees now; file paths are absolute. */
  projectCatalog(projectId: string, branchId: string | null): Promise<ProjectCatalog>;
  /** Call it at start, before requests are served, and then from time to time. */
  cleanUp(): Promise<CleanupOutcome>;
}

export function createStorage(dependencies: StorageDependencies): Storage {
  const { projectRepository, tableRepository, jobs, events, settings, log, openUpload } = dependencies;
  const now = dependencies.now ?? Date.now;
  // Leases last their time also when the clock jumps: a file must not go under an import.
  const pins = new FilePins(dependencies.now ?? (() => performance.now()));
  const projects = new ProjectService({
    projects: projectRepository,
    tables: tableRepository,
    events,
    settings,
    pins,
    log,
    now,
  });
  const tables = new TableService({ projects, tables: tableRepository, jobs, events, settings, pins, now });
  const transfer = new TransferService({
    tables,
    jobs,
    settings,
    pins,
    ...(openUpload === undefined ? {} : { openUpload }),
  });
  return {
    projects,
    tables,
    transfer,
    findKey: (sha256Hex) => projects.findKey(sha256Hex),
    assertExists: (projectId, branchId) => projects.assertExists(projectId, branchId),
    projectCatalog: (projectId, branchId) => tables.projectCatalog(projectId, branchId),
    cleanUp: () => cleanUpStorage({ projects, tables: tableRepository, jobs, settings, pins, log, now }),
  };
}
