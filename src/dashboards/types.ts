/**
 * Resources of the dashboard API, in Perses' own shape, and what stores them. The transport (`http/`) and the model
 * (`dashboards/model/`) speak these types; `metadata/` implements the store. Nothing here knows SQL or HTTP.
 */

/** What a resource document may be; each lives in a project or, when its name says so, in the whole server. */
export const projectResourceKinds = ["Dashboard", "EphemeralDashboard", "Datasource", "Variable", "Folder"] as const;
export const globalResourceKinds = ["GlobalDatasource", "GlobalVariable"] as const;
export type ProjectResourceKind = (typeof projectResourceKinds)[number];
export type GlobalResourceKind = (typeof globalResourceKinds)[number];
export type ResourceKind = ProjectResourceKind | GlobalResourceKind;

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [field: string]: JsonValue;
}

export interface ResourceMetadata {
  readonly name: string;
  /** Absent for global kinds. */
  readonly project?: string;
  /** RFC 3339 UTC with nanoseconds. */
  readonly createdAt: string;
  readonly updatedAt: string;
  /** 0 at creation, one more with each change. */
  readonly version: number;
  readonly tags?: readonly string[];
  /** What Perses has no field for: `eider/state` unless it is active, `eider/provisioned-from` when a file owns it. */
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Resource {
  readonly kind: ResourceKind;
  readonly metadata: ResourceMetadata;
  readonly spec: JsonObject;
}

/** Where a resource is. `project` is null for global kinds. */
export interface ResourceKey {
  readonly kind: ResourceKind;
  readonly project: string | null;
  readonly name: string;
}

/** A document that the model has checked, before the store gives it times and a version. */
export interface ResourceDocument extends ResourceKey {
  readonly tags: readonly string[] | null;
  readonly spec: JsonObject;
}

/** Who changes something: `admin`, or `<project>/<key name>`. */
export interface Change {
  readonly author: string;
  /** What the author says about the change; null when nothing was said. */
  readonly message: string | null;
  /** The version that must be the present one, or null to overwrite whatever is there. */
  readonly expectedVersion: number | null;
}

/** A stored document as text: whoever only passes it on, a thousand at a time, need not read it. */
export interface StoredDocument {
  readonly kind: ResourceKind;
  readonly metadata: ResourceMetadata;
  /** JSON. */
  readonly specText: string;
  /** It has passed the present rules, and is what was written then. */
  readonly isChecked: boolean;
}

export interface ResourceFilter {
  readonly kind: ResourceKind;
  /** null = of every project. */
  readonly project: string | null;
  readonly namePrefix?: string;
  /** Gives `spec: {}` and reads no document. */
  readonly metadataOnly?: boolean;
}

/**
 * Errors (AppError): `conflict` for a name that is taken and for a dashboard that is archived or provisioned, `not_found`,
 * `precondition_failed` when `expectedVersion` is not the present one, `io_error` when the stored document cannot be read.
 *
 * Deleting a dashboard keeps it in the trash; `list` leaves out archived dashboards and documents that cannot be read.
 */
export interface ResourceStore {
  create(document: ResourceDocument, change: Change): Promise<Resource>;
  update(document: ResourceDocument, change: Change): Promise<Resource>;
  find(key: ResourceKey): Promise<Resource | null>;
  /** Ordered by project and name. */
  list(filter: ResourceFilter): Promise<Resource[]>;
  /** The same as text. */
  listTexts(filter: ResourceFilter): Promise<StoredDocument[]>;
  delete(key: ResourceKey, change: Change): Promise<void>;
}
