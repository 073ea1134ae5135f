/**
 * Keeping dashboards: lists, search, history, states, trash, copies, export and import. Documents themselves come and go
 * through `ResourceStore` too (Perses' routes); the rules that hold for both stand in the store.
 */
import { AppError } from "../errors/app_error.ts";
import { compareDocuments, type Difference } from "./compare.ts";
import { checkNamed, exportFile, nameDocument, planImport } from "./transfer.ts";
import { type DocumentModel, readEnvelope, requireName } from "./model_port.ts";
import {
  type DashboardFilter,
  type DashboardPlace,
  type DashboardRepository,
  type Page,
  type PageRequest,
  RefusedWrite,
  type WriteOutcome,
} from "./repository.ts";
import { queryWords, scoreOf } from "./search_text.ts";
import { type LiveDashboardState, nameOf } from "./states.ts";
import {
  type DashboardHistoryEntry,
  type DashboardSummary,
  type DashboardVersion,
  type DashboardVersionDocument,
  isObject,
} from "./summary.ts";
import type { Change, JsonObject, JsonValue, Resource, ResourceStore } from "./types.ts";

/** Candidates of a search beyond those wanted: ranking drops some, and puts others first. */
const spareCandidates = 30;
export const searchLimitMax = 100;

export interface SearchHit {
  readonly dashboard: DashboardSummary;
  /** Above 0, at most 1. */
  readonly score: number;
}

export interface Comparison {
  readonly from: DashboardVersion;
  readonly to: DashboardVersion;
  /** Pointers are into `{"tags", "spec"}`. */
  readonly differences: readonly Difference[];
}

export interface DashboardDependencies {
  readonly repository: DashboardRepository;
  readonly store: ResourceStore;
  readonly model: DocumentModel;
  readonly now: () => number;
  readonly retentionDays: number;
}

export class DashboardService {
  readonly #dependencies: DashboardDependencies;
  readonly #repository: DashboardRepository;

  constructor(dependencies: DashboardDependencies) {
    this.#dependencies = dependencies;
    this.#repository = dependencies.repository;
  }

  list(filter: DashboardFilter, order: "name" | "updated", page: PageRequest): Promise<Page<DashboardSummary>> {
    return this.#repository.list(filter, order, page);
  }

  /** Throws `not_found`. */
  async summary(place: DashboardPlace): Promise<DashboardSummary> {
    const summary = await this.#repository.summary(place);
    if (summary === null) throw new AppError("not_found", `${nameOf(place)} does not exist`);
    return summary;
  }

  /** The best first. Each word must be found, with a few typing errors if need be. An empty query finds nothing. */
  async search(query: string, filter: DashboardFilter, limit: number): Promise<SearchHit[]> {
    const words = queryWords(query);
    const candidates = await this.#repository.searchCandidates(words, filter, limit + spareCandidates);
    return candidates
      .map((dashboard) => ({ dashboard, score: Math.round(scoreOf(words, dashboard) * 1000) / 1000 }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score || (a.dashboard.updatedAt < b.dashboard.updatedAt ? 1 : -1))
      .slice(0, limit);
  }

  versions(place: DashboardPlace, page: PageRequest): Promise<Page<DashboardHistoryEntry>> {
    return this.#repository.versions(place, page);
  }

  version(place: DashboardPlace, version: number): Promise<DashboardVersionDocument> {
    return this.#repository.version(place, version);
  }

  /** What makes the second version of the first. */
  async compare(place: DashboardPlace, from: number, to: number): Promise<Comparison> {
    const [before, after] = await Promise.all([
      this.#repository.version(place, from),
      this.#repository.version(place, to),
    ]);
    const differences = compareDocuments(comparable(before), comparable(after));
    return { from: before, to: after, differences };
  }

  restore(place: DashboardPlace, version: number, change: Change): Promise<DashboardSummary> {
    return this.#repository.restore(place, version, change);
  }

  /** Creates or changes: `value` is a Perses document, whose name and project are those of the place. */
  async save(
    place: DashboardPlace,
    value: JsonValue,
    change: Change,
    createOnly: boolean,
  ): Promise<{ resource: Resource; created: boolean }> {
    const envelope = readEnvelope(withName(value, place.name), place.project);
    if (envelope.kind !== "Dashboard" || envelope.name !== place.name) {
      const [field, wanted] = envelope.kind === "Dashboard" ? ["/metadata/name", place.name] : ["/kind", "Dashboard"];
      throw new AppError("invalid_request", `document: ${field} is not "${wanted}", as the address says`, {
        fields: [{ pointer: field, detail: `"${wanted}" is needed` }],
      });
    }
    const document = await this.#dependencies.model.check(envelope, { siblings: [] });
    const { store } = this.#dependencies;
    if (change.expectedVersion === null && (createOnly || await this.#repository.summary(place) === null)) {
      try {
        return { resource: await store.create(document, change), created: true };
      } catch (error) {
        if (!(error instanceof AppError && error.kind === "conflict")) throw error;
        if (createOnly) {
          const detail = `${nameOf(place)} exists already, and If-None-Match: * was sent`;
          throw new AppError("precondition_failed", detail, { cause: error });
        }
        // Somebody else has made it meanwhile; a writer who expects nothing overwrites.
      }
    }
    return { resource: await store.update(document, change), created: false };
  }

  setState(place: DashboardPlace, state: LiveDashboardState, change: Change): Promise<DashboardSummary> {
    return this.#repository.setState(place, state, change);
  }

  delete(place: DashboardPlace, change: Change): Promise<DashboardSummary> {
    return this.#repository.delete(place, change);
  }

  trash(project: string, page: PageRequest): Promise<Page<DashboardSummary>> {
    return this.#repository.trash(project, page);
  }

  async undelete(project: string, id: number, name: string | null, change: Change): Promise<DashboardSummary> {
    if (name !== null) requireName(name, "/name");
    return await this.#repository.undelete(project, id, name, change);
  }

  purge(project: string, id: number): Promise<void> {
    return this.#repository.purge(project, id);
  }

  /** Saves the present document under another name: also the way to change what is provisioned or archived. */
  async copy(
    from: DashboardPlace,
    to: DashboardPlace & { readonly title: string | null },
    change: Change,
  ): Promise<DashboardSummary> {
    requireName(to.name, "/name");
    const key = { kind: "Dashboard", project: from.project, name: from.name } as const;
    const source = await this.#dependencies.store.find(key);
    if (source === null) throw new AppError("not_found", `${nameOf(from)} does not exist`);
    const { metadata: { tags, version }, spec } = source;
    const document = {
      kind: "Dashboard",
      project: to.project,
      name: to.name,
      tags: tags ?? null,
      spec: to.title === null ? spec : withTitle(spec, to.title),
    } as const;
    const checked = await checkNamed(document, "", this.#dependencies.model, []);
    const message = change.message ?? `copied from ${from.project}/${from.name}, version ${version}`;
    const rule = { origin: "copy", whenTaken: "refuse" } as const;
    try {
      await this.#repository.write(to.project, [{ document: checked, state: null }], rule, { ...change, message });
    } catch (error) {
      throw error instanceof RefusedWrite ? error.cause : error;
    }
    return await this.summary(to);
  }

  async exportProject(project: string): Promise<JsonObject> {
    const contents = await this.#repository.contents(project);
    return exportFile(project, contents, new Date(this.#dependencies.now()).toISOString());
  }

  /** Everything or nothing. Throws an error that names the document and its pointer in the file. */
  async importProject(
    project: string,
    file: JsonValue,
    mode: "skip" | "replace",
    change: Change,
  ): Promise<WriteOutcome[]> {
    const planned = await planImport(file, project, this.#dependencies.model);
    try {
      return await this.#repository.write(project, planned, { origin: "import", whenTaken: mode }, change);
    } catch (error) {
      if (!(error instanceof RefusedWrite)) throw error;
      const refused = planned[error.index];
      throw nameDocument(error.cause, refused?.document, refused?.pointer ?? "");
    }
  }

  /** For the periodic cleanup: what was deleted longer ago than the retention, and ephemeral dashboards that are over. */
  async cleanUp(): Promise<{ purged: number; expired: number }> {
    const nowMs = this.#dependencies.now();
    const deletedBefore = new Date(nowMs - this.#dependencies.retentionDays * 86_400_000).toISOString();
    return {
      purged: await this.#repository.purgeDeletedBefore(deletedBefore),
      expired: await this.#repository.purgeExpiredEphemerals(new Date(nowMs).toISOString()),
    };
  }
}

function comparable({ tags, spec }: DashboardVersionDocument): JsonObject {
  return { tags: tags ?? [], spec };
}

function withTitle(spec: JsonObject, title: string): JsonObject {
  const display = isObject(spec["display"]) ? spec["display"] : {};
  return { ...spec, display: { ...display, name: title } };
}

/** A document without a name gets that of its address. */
function withName(value: JsonValue, name: string): JsonValue {
  if (!isObject(value)) return value;
  const metadata = isObject(value["metadata"]) ? value["metadata"] : {};
  return metadata["name"] === undefined ? { ...value, metadata: { ...metadata, name } } : value;
}
