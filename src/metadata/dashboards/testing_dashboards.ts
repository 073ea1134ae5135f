/** What tests of dashboards in the metadata store begin with: a migrated store in a temporary folder, with projects. */
import type { Change, JsonObject, ResourceDocument } from "../../dashboards/types.ts";
import { silentLogger } from "../../observability/log.ts";
import { MetadataDashboardRepository } from "./repository.ts";
import { MetadataTemplateStore } from "./templates.ts";
import { migrateUp } from "../migrations/migrations.ts";
import { openMetadataPool } from "../pool/pool.ts";
import { MetadataResourceStore } from "./resource_store.ts";
import { makeResourceClock } from "./resource_times.ts";
import { MetadataProjectRepository } from "../storage/repository.ts";
import { ProjectChanges } from "../storage/shared.ts";
import type { MetadataPool } from "../types.ts";

export interface DashboardFixture {
  readonly pool: MetadataPool;
  readonly changes: ProjectChanges;
  readonly projects: MetadataProjectRepository;
  readonly store: MetadataResourceStore;
  readonly repository: MetadataDashboardRepository;
  readonly templates: MetadataTemplateStore;
  /** Names of resources that a list left out because they could not be read. */
  readonly warnings: string[];
}

/** The projects are `p1` and `p2`. */
export async function withDashboards(use: (fixture: DashboardFixture) => Promise<void>): Promise<void> {
  const dataDir = await Deno.makeTempDir();
  const pool = await openMetadataPool({ dataDir });
  try {
    await migrateUp(pool, silentLogger);
    const changes = new ProjectChanges(pool);
    const projects = new MetadataProjectRepository(pool, changes);
    for (const id of ["p1", "p2"]) await insertTestProject(projects, id);
    const warnings: string[] = [];
    const clock = makeResourceClock();
    const log = {
      warn: (_message: string, fields?: Record<string, unknown>) => warnings.push(String(fields?.["name"])),
    };
    const store = new MetadataResourceStore(pool, changes, log, clock);
    const repository = new MetadataDashboardRepository(pool, changes, clock);
    const templates = new MetadataTemplateStore(pool, changes, clock);
    await use({ pool, changes, projects, store, repository, templates, warnings });
  } finally {
    await pool.close();
    await Deno.remove(dataDir, { recursive: true });
  }
}

export async function insertTestProject(projects: MetadataProjectRepository, id: string): Promise<void> {
  const createdAt = "2026-01-01T00:00:00.000Z";
  await projects.insertProject(
    { id, name: id, createdAt },
    { id: `key_${id}`, projectId: id, name: "k", role: "admin", createdAt },
    `hash_${id}`,
  );
}

export function dashboardDocument(
  name: string,
  options: { project?: string; title?: string; description?: string; tags?: string[]; spec?: JsonObject } = {},
): ResourceDocument {
  const display = {
    name: options.title ?? name,
    ...(options.description === undefined ? {} : { description: options.description }),
  };
  return {
    kind: "Dashboard",
    project: options.project ?? "p1",
    name,
    tags: options.tags ?? null,
    spec: options.spec ?? { display, panels: {}, layouts: [], duration: "1h" },
  };
}

export function changeBy(author: string, options: Partial<Omit<Change, "author">> = {}): Change {
  return { author, message: options.message ?? null, expectedVersion: options.expectedVersion ?? null };
}
