/**
 * What the dashboard service needs of the store beside `ResourceStore`: summaries, history, states, trash, search, and changes
 * of many resources in one transaction. `metadata/dashboards/repository.ts` implements it. Every method is atomic.
 */
import type { DashboardState, LiveDashboardState, VersionOrigin } from "./states.ts";
import type { DashboardHistoryEntry, DashboardSummary, DashboardVersionDocument } from "./summary.ts";
import type { Change, Resource, ResourceDocument, ResourceKey, ResourceKind } from "./types.ts";

/** A dashboard that is not in the trash. */
export interface DashboardPlace {
  readonly project: string;
  readonly name: string;
}

/** `after` is the `next` of the page before, null for the first one. */
export interface PageRequest {
  readonly limit: number;
  readonly after: string | null;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

export interface DashboardFilter {
  /** Null = of every project. */
  readonly project: string | null;
  readonly states: readonly DashboardState[];
  /** Each of them. */
  readonly tags: readonly string[];
}

export interface ResourceWrite {
  readonly document: ResourceDocument;
  /** For dashboards: the state to be in afterwards; null leaves it, or is `active` for a new one. */
  readonly state: LiveDashboardState | null;
}

export interface WriteRule {
  readonly origin: VersionOrigin;
  /** What happens to a name that is taken: nothing, a change of it, or the whole is refused with `conflict`. */
  readonly whenTaken: "skip" | "replace" | "refuse";
  /** For `provision`: the file, which becomes the owner. */
  readonly provisionedFrom?: string;
  /** For `provision`: whether it may take what that file owns. */
  readonly takesFrom?: (owner: string) => boolean;
  /** The template that it is made from: its use is noted with it. */
  readonly templateKey?: string;
}

export interface WriteOutcome {
  readonly key: ResourceKey;
  /** `unchanged`: it was there with the same content, and got no new version. */
  readonly outcome: "created" | "replaced" | "skipped" | "unchanged";
  readonly version: number;
}

/** Which document of a batch was refused. */
export class RefusedWrite extends Error {
  constructor(readonly index: number, override readonly cause: unknown) {
    super(`document ${index} was refused`);
  }
}

/** All of a project, or null for the documents that cannot be read. */
export interface ProjectContents {
  readonly resources: readonly Resource[];
  readonly unreadable: readonly ResourceKey[];
}

export interface ProvisionedResource {
  readonly key: ResourceKey;
  readonly file: string;
}

export interface DashboardRepository {
  summary(place: DashboardPlace): Promise<DashboardSummary | null>;
  /** By name, then project; or the last changed first. */
  list(filter: DashboardFilter, order: "name" | "updated", page: PageRequest): Promise<Page<DashboardSummary>>;
  /** Dashboards whose words may fit, the most similar first, at most `limit`. */
  searchCandidates(words: readonly string[], filter: DashboardFilter, limit: number): Promise<DashboardSummary[]>;

  /** Newest first. Throws `not_found`. */
  versions(place: DashboardPlace, page: PageRequest): Promise<Page<DashboardHistoryEntry>>;
  /** Throws `not_found`, `io_error` when the stored document cannot be read. */
  version(place: DashboardPlace, version: number): Promise<DashboardVersionDocument>;
  /** Makes the document of an earlier version a new one. Throws as `ResourceStore.update`. */
  restore(place: DashboardPlace, version: number, change: Change): Promise<DashboardSummary>;

  /** Throws `not_found`, `conflict` for a provisioned dashboard, `precondition_failed`. */
  setState(place: DashboardPlace, state: LiveDashboardState, change: Change): Promise<DashboardSummary>;
  /** Into the trash. */
  delete(place: DashboardPlace, change: Change): Promise<DashboardSummary>;
  /** Last deleted first. */
  trash(project: string, page: PageRequest): Promise<Page<DashboardSummary>>;
  /** Throws `not_found`, and `conflict` when the name is taken again. */
  undelete(project: string, id: number, name: string | null, change: Change): Promise<DashboardSummary>;
  /** Removes one from the trash for good. Throws `not_found`. */
  purge(project: string, id: number): Promise<void>;
  /** Removes what was deleted before that time (RFC 3339), and gives how many. */
  purgeDeletedBefore(time: string): Promise<number>;
  /** Removes ephemeral dashboards whose time is over, and gives how many. */
  purgeExpiredEphemerals(now: string): Promise<number>;

  /** All kinds of one project, dashboards of all states but the trash. */
  contents(project: string): Promise<ProjectContents>;
  /** Writes all or nothing. Throws `RefusedWrite`; `not_found` for a project that does not exist. */
  write(
    project: string | null,
    writes: readonly ResourceWrite[],
    rule: WriteRule,
    change: Change,
  ): Promise<WriteOutcome[]>;
  /** What files own. */
  provisioned(): Promise<ProvisionedResource[]>;
  /** Deletes what a file owned, dashboards into the trash; nothing when another file owns it by now. */
  deleteProvisioned(resource: ProvisionedResource, change: Change): Promise<void>;
}

/** Kinds that belong to a project, in an order in which each can refer to those before it. */
export const transferredKinds = [
  "Datasource",
  "Variable",
  "Dashboard",
  "EphemeralDashboard",
  "Folder",
] as const satisfies readonly ResourceKind[];
