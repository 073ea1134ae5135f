/**
 * Projects as Perses documents. They are the server's own projects: creating one here creates it there, with its folder and
 * its first key, and the other way round. What Perses knows beyond id, name and time of creation is kept beside it.
 *
 * Names are folded to lower case. A project that another API made with capitals in its id is found regardless of case.
 */
import { AppError } from "../errors/app_error.ts";
import type { Document } from "./model/documents.ts";
import { decodeRequest, documentNotFound, invalidDocument } from "./resources.ts";
import type { JsonObject, JsonValue, ResourceMetadata } from "./types.ts";

/** A project of the server. */
export interface ProjectRecord {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
}

/** The server's projects; `storage/projects.ts` behind an adapter. */
export interface ProjectDirectory {
  find(id: string): Promise<ProjectRecord | null>;
  /** Every project, by id. */
  list(): Promise<ProjectRecord[]>;
  /** Throws `conflict` for a taken id, `invalid_request` for one that no project can have. Gives the first key's text. */
  create(project: { id: string; name: string }): Promise<{ project: ProjectRecord; apiKey: string }>;
  rename(id: string, name: string): Promise<void>;
  /** With everything in it. */
  delete(id: string): Promise<void>;
}

/** What only Perses' API knows of a project. */
export interface ProjectDetails {
  readonly spec: JsonObject;
  readonly tags: readonly string[] | null;
  readonly updatedAt: string;
  readonly version: number;
}

export interface ProjectDetailsStore {
  find(id: string): Promise<ProjectDetails | null>;
  all(): Promise<ReadonlyMap<string, ProjectDetails>>;
  /** Of a new project: version 0. */
  insert(id: string, details: Omit<ProjectDetails, "version">): Promise<ProjectDetails>;
  /**
   * One version more; a project without details has version 0. Throws `precondition_failed` unless the present version is
   * `expectedVersion`; null overwrites.
   */
  update(id: string, details: Omit<ProjectDetails, "version">, expectedVersion: number | null): Promise<ProjectDetails>;
}

export interface ProjectResource {
  readonly kind: "Project";
  readonly metadata: ResourceMetadata;
  readonly spec: JsonObject;
}

/** As long as a name may be in the server's own API. */
const displayNameLengthMax = 200;

export class ProjectDocuments {
  readonly #directory: ProjectDirectory;
  readonly #details: ProjectDetailsStore;
  readonly #now: () => number;

  constructor(directory: ProjectDirectory, details: ProjectDetailsStore, now: () => number) {
    this.#directory = directory;
    this.#details = details;
    this.#now = now;
  }

  /** The true id of the project that a client names, or null. */
  async resolve(name: string): Promise<string | null> {
    if (name === "") return null;
    const lower = name.toLowerCase();
    for (const id of new Set([name, lower])) {
      if (await this.#directory.find(id) !== null) return id;
    }
    const sameLetters = (await this.#directory.list()).filter(({ id }) => id.toLowerCase() === lower);
    return sameLetters[0]?.id ?? null;
  }

  /** Throws `invalid_request` and `conflict`. */
  async create(body: JsonValue): Promise<{ project: ProjectResource; apiKey: string }> {
    const document = decodeProject(body, null);
    if (await this.resolve(document.name) !== null) throw new AppError("conflict", "document already exists");
    const { project, apiKey } = await this.#directory.create({ id: document.name, name: displayName(document) });
    const { spec, tags } = document;
    const details = await this.#details.insert(project.id, { spec, tags, updatedAt: project.createdAt });
    return { project: render(project, details), apiKey };
  }

  /** Throws `not_found`, `invalid_request`, `precondition_failed`. */
  async update(id: string, body: JsonValue, expectedVersion: number | null): Promise<ProjectResource> {
    const document = decodeProject(body, id);
    const present = await this.#directory.find(id);
    if (present === null) throw documentNotFound();
    const { spec, tags } = document;
    const updatedAt = new Date(this.#now()).toISOString();
    const details = await this.#details.update(id, { spec, tags, updatedAt }, expectedVersion);
    const name = displayName(document);
    if (name !== present.name) await this.#directory.rename(id, name);
    return render({ ...present, name }, details);
  }

  /** Throws `not_found`. */
  async find(id: string): Promise<ProjectResource> {
    const project = await this.#directory.find(id);
    if (project === null) throw documentNotFound();
    return render(project, await this.#details.find(id));
  }

  /** By id; `only` keeps one project out of all. */
  async list(filter: { namePrefix: string; only: string | null }): Promise<ProjectResource[]> {
    const projects = filter.only === null
      ? await this.#directory.list()
      : [await this.#directory.find(filter.only)].filter((project) => project !== null);
    const details = filter.only === null
      ? await this.#details.all()
      : new Map([[filter.only, await this.#details.find(filter.only)]]);
    return projects
      .filter(({ id }) => id.toLowerCase().startsWith(filter.namePrefix))
      .map((project) => render(project, details.get(project.id) ?? null));
  }

  /** Throws `not_found`. */
  async delete(id: string): Promise<void> {
    if (await this.#directory.find(id) === null) throw documentNotFound();
    await this.#directory.delete(id);
  }
}

function decodeProject(body: JsonValue, id: string | null): Document {
  // The id may have capitals, which a document's name never has.
  const document = decodeRequest("Project", body, { project: null, name: id?.toLowerCase() ?? null });
  if (displayName(document).length > displayNameLengthMax) {
    const message = `display.name cannot contain more than ${displayNameLengthMax} characters`;
    throw invalidDocument([{ message, pointer: "/spec/display/name" }]);
  }
  return document;
}

function displayName(document: Document): string {
  return displayNameOf(document.spec)?.trim() || document.name;
}

function displayNameOf(spec: JsonObject): string | undefined {
  const display = spec["display"] as JsonObject | undefined;
  const name = display?.["name"];
  return typeof name === "string" ? name : undefined;
}

/** The server's name is the true one: a project renamed elsewhere shows it here. */
function render(project: ProjectRecord, details: ProjectDetails | null): ProjectResource {
  const spec = details?.spec ?? {};
  const shown = displayNameOf(spec)?.trim() || (details === null ? undefined : project.id.toLowerCase());
  const isSame = shown === project.name;
  return {
    kind: "Project",
    metadata: {
      name: project.id,
      createdAt: project.createdAt,
      updatedAt: details?.updatedAt ?? project.createdAt,
      version: details?.version ?? 0,
      ...(details?.tags ? { tags: details.tags } : {}),
    },
    spec: isSame ? spec : { ...spec, display: { ...(spec["display"] as JsonObject | undefined), name: project.name } },
  };
}
