/**
 * Resources as clients mean them: what is sent is decoded, checked against what stands around it, and stored. A transport
 * asks whether the caller may do it; here nobody is refused for who they are.
 *
 * Errors (AppError): `invalid_request` with every problem as a field, `not_found`, `conflict`, `precondition_failed`.
 */
import { AppError } from "../errors/app_error.ts";
import type { Problem } from "./model/decode.ts";
import {
  checkDocumentName,
  decodeDocument,
  type Document,
  type DocumentKind,
  type NamedSpec,
  nothingAround,
  type Surroundings,
  validateDocument,
} from "./model/documents.ts";
import {
  type Change,
  globalResourceKinds,
  type JsonObject,
  type JsonValue,
  type Resource,
  type ResourceDocument,
  type ResourceFilter,
  type ResourceKey,
  type ResourceKind,
  type ResourceStore,
  type StoredDocument,
} from "./types.ts";

/** What this module writes to; `observability/log.ts`'s logger fits. */
export interface ResourceLog {
  warn(message: string, fields?: Record<string, unknown>): void;
}

/** Where a request says that its document belongs; null where it says nothing. */
export interface RequestPlace {
  /** The project by its true id, null for global kinds and projects. */
  readonly project: string | null;
  /** The name in the path. */
  readonly name: string | null;
}

/** A list, and how many stored documents were left out of it because they do not decode any more. */
export interface ResourceList {
  readonly resources: readonly Resource[];
  readonly skippedCount: number;
}

/** The same as JSON texts of whole documents. */
export interface ResourceTexts {
  readonly texts: readonly string[];
  readonly skippedCount: number;
}

/** Enough to mend a document in a few rounds; a list of thousands helps nobody. */
const problemsMax = 100;

/** A document's problems as one error: the first is the text, all of them are fields. */
export function invalidDocument(problems: readonly Problem[]): AppError {
  return new AppError("invalid_request", problems[0]?.message ?? "the document is not valid", {
    fields: problems.slice(0, problemsMax).map(({ message, pointer }) => ({ pointer, detail: message })),
  });
}

/** Decodes a request's document. Throws `invalid_request`. */
export function decodeRequest(kind: DocumentKind, body: JsonValue, place: RequestPlace): Document {
  const { document, problems } = decodeDocument(kind, body);
  // Without a right kind nothing else has been read.
  if (problems.some(({ pointer }) => pointer === "" || pointer === "/kind")) throw invalidDocument(problems);
  const name = matching("name", place.name, document.name);
  const allProblems = [...checkDocumentName(name), ...problems];
  if (allProblems.length > 0) throw invalidDocument(allProblems);
  return { ...document, name, project: place.project ?? "" };
}

/** A name from the path fills an empty one and must not contradict another. */
export function matching(parameter: "name" | "project", inPath: string | null, inDocument: string): string {
  if (inPath === null || inDocument === inPath) return inDocument;
  if (inDocument === "") return inPath;
  const message = `${parameter} parameter value '${inPath}' does not match provided metadata value '${inDocument}'`;
  throw invalidDocument([{ message, pointer: `/metadata/${parameter}` }]);
}

/** About 100 bytes each. */
const knownGoodMax = 50_000;
/** About 50 ms of work. */
const decodedAtOnceMax = 50;

/** A version's content never changes, and a name that is deleted and taken again has another time. */
function versionKey({ kind, metadata }: Pick<Resource, "kind" | "metadata">): string {
  return `${kind}/${metadata.project ?? ""}/${metadata.name}/${metadata.version}/${metadata.updatedAt}`;
}

export class ResourceService {
  readonly #store: ResourceStore;
  readonly #log: ResourceLog;
  /** Versions that have been decoded before: lists need not do it again. */
  readonly #knownGood = new Set<string>();

  constructor(store: ResourceStore, log: ResourceLog) {
    this.#store = store;
    this.#log = log;
  }

  async create(kind: ResourceKind, body: JsonValue, place: RequestPlace, change: Change): Promise<Resource> {
    return await this.#store.create(await this.#checked(kind, body, place), change);
  }

  /** Throws `not_found` when there is none: an update creates nothing. */
  async update(kind: ResourceKind, body: JsonValue, place: RequestPlace, change: Change): Promise<Resource> {
    return await this.#store.update(await this.#checked(kind, body, place), change);
  }

  /** The stored document as it is, also one that does not decode any more. Throws `not_found`. */
  async find(key: ResourceKey): Promise<Resource> {
    const resource = await this.#store.find(key);
    if (resource === null) throw documentNotFound();
    return resource;
  }

  async delete(key: ResourceKey, change: Change): Promise<void> {
    await this.#store.delete(key, change);
  }

  /** A client that decodes strictly would fail on the whole list for one bad document, so that one is left out. */
  async list(filter: ResourceFilter): Promise<ResourceList> {
    const stored = await this.#store.list(filter);
    if (filter.metadataOnly === true) return { resources: stored, skippedCount: 0 };
    const resources = await this.#decoding(stored, (resource) => resource);
    return { resources, skippedCount: stored.length - resources.length };
  }

  /** As `list`, for documents that only go on: what has passed the rules when it was written is not read again. */
  async listTexts(filter: ResourceFilter): Promise<ResourceTexts> {
    const stored = await this.#store.listTexts(filter);
    if (filter.metadataOnly === true) return { texts: stored.map(documentText), skippedCount: 0 };
    const kept = await this.#decoding(
      stored,
      ({ kind, metadata, specText }) => ({ kind, metadata, spec: JSON.parse(specText) as JsonObject }),
    );
    return { texts: kept.map(documentText), skippedCount: stored.length - kept.length };
  }

  /** The rules without a place: what POST /api/validate/* asks. Throws `invalid_request`. */
  validate(kind: ResourceKind, body: JsonValue): void {
    const problems = validateDocument(decodeRequest(kind, body, { project: null, name: null }), nothingAround);
    if (problems.length > 0) throw invalidDocument(problems);
  }

  /**
   * The rules for a document that another door brings: an import, a copy, provisioning. `siblings` are about to be stored with
   * it, so it may refer to their variables. Throws `invalid_request`.
   */
  async check(
    envelope: ResourceDocument,
    context: { readonly siblings: readonly ResourceDocument[] },
  ): Promise<ResourceDocument> {
    const { kind, project, name, tags, spec } = envelope;
    const body = { kind, metadata: { name, ...(tags === null ? {} : { tags }) }, spec };
    const document = decodeRequest(kind, body, { project, name: null });
    const around = withSiblings(await this.#surroundings(kind, project), context.siblings, envelope);
    const problems = validateDocument(document, around);
    if (problems.length > 0) throw invalidDocument(problems);
    return { ...keyOf(document), tags: document.tags, spec: document.spec };
  }

  async #checked(kind: ResourceKind, body: JsonValue, place: RequestPlace): Promise<ResourceDocument> {
    const document = decodeRequest(kind, body, place);
    const problems = validateDocument(document, await this.#surroundings(kind, place.project));
    if (problems.length > 0) throw invalidDocument(problems);
    return { ...keyOf(document), tags: document.tags, spec: document.spec };
  }

  async #surroundings(kind: ResourceKind, project: string | null): Promise<Surroundings> {
    switch (kind) {
      case "Dashboard":
      case "EphemeralDashboard":
        return {
          projectVariables: await this.#named("Variable", project),
          globalVariables: await this.#named("GlobalVariable", null),
          datasources: [],
        };
      case "Datasource":
      case "GlobalDatasource":
        return { ...nothingAround, datasources: await this.#named(kind, project) };
      default:
        return nothingAround;
    }
  }

  async #named(kind: ResourceKind, project: string | null): Promise<NamedSpec[]> {
    const { resources } = await this.list({ kind, project });
    return resources.map(({ metadata, spec }) => ({ name: metadata.name, spec }));
  }

  /** Those that decode. */
  async #decoding<Listed extends Pick<Resource, "kind" | "metadata"> & { readonly isChecked?: boolean }>(
    stored: readonly Listed[],
    read: (listed: Listed) => Resource,
  ): Promise<Listed[]> {
    const kept: Listed[] = [];
    let decodedCount = 0;
    for (const listed of stored) {
      const version = versionKey(listed);
      if (listed.isChecked !== true && !this.#knownGood.has(version)) {
        // A look at thousands of documents takes seconds, in which others want to be answered.
        if (++decodedCount % decodedAtOnceMax === 0) await new Promise((resolve) => setTimeout(resolve, 0));
        if (!this.#decodes(read(listed))) continue;
        if (this.#knownGood.size >= knownGoodMax) this.#knownGood.clear();
        this.#knownGood.add(version);
      }
      kept.push(listed);
    }
    return kept;
  }

  #decodes(resource: Resource): boolean {
    const { problems } = decodeDocument(resource.kind, {
      kind: resource.kind,
      metadata: { name: resource.metadata.name },
      spec: resource.spec,
    });
    if (problems.length === 0) return true;
    this.#log.warn("a stored document does not decode and is left out of lists", {
      kind: resource.kind,
      project: resource.metadata.project,
      name: resource.metadata.name,
      problem: problems[0]?.message,
      pointer: problems[0]?.pointer,
    });
    return false;
  }
}

function documentText({ kind, metadata, specText }: StoredDocument): string {
  return `{"kind":${JSON.stringify(kind)},"metadata":${JSON.stringify(metadata)},"spec":${specText}}`;
}

/** A sibling takes the place of what is stored under its name. */
function withSiblings(
  around: Surroundings,
  siblings: readonly ResourceDocument[],
  envelope: ResourceDocument,
): Surroundings {
  const merge = (stored: readonly NamedSpec[], kind: ResourceKind): readonly NamedSpec[] => {
    const added = siblings.filter((one) =>
      one.kind === kind && one.project === (isGlobal(kind) ? null : envelope.project)
    );
    const names = new Set(added.map(({ name }) => name));
    return [...stored.filter(({ name }) => !names.has(name)), ...added];
  };
  return {
    projectVariables: merge(around.projectVariables, "Variable"),
    globalVariables: merge(around.globalVariables, "GlobalVariable"),
    datasources: isDatasource(envelope.kind) ? merge(around.datasources, envelope.kind) : around.datasources,
  };
}

function isGlobal(kind: ResourceKind): boolean {
  return (globalResourceKinds as readonly ResourceKind[]).includes(kind);
}

function isDatasource(kind: ResourceKind): boolean {
  return kind === "Datasource" || kind === "GlobalDatasource";
}

function keyOf(document: Document): ResourceKey {
  return {
    kind: document.kind as ResourceKind,
    project: document.project === "" ? null : document.project,
    name: document.name,
  };
}

export function documentNotFound(): AppError {
  return new AppError("not_found", "document not found");
}
