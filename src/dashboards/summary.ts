/** What is known of a dashboard without its document: for lists, search, the trash and permission to change it. */
import type { DashboardState, VersionOrigin } from "./states.ts";
import type { JsonObject, JsonValue } from "./types.ts";

export interface DashboardSummary {
  /** Stays the same through renames of others, deletion and undeletion. */
  readonly id: number;
  readonly project: string;
  readonly name: string;
  readonly state: DashboardState;
  /** Of the deletion when it is in the trash. */
  readonly stateChangedAt: string;
  readonly stateChangedBy: string;
  readonly version: number;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
  readonly updatedBy: string;
  /** `spec.display` of the document. */
  readonly title: string | null;
  readonly description: string | null;
  readonly tags: readonly string[];
  /** The file, relative to the provisioning folder, that owns it. */
  readonly provisionedFrom: string | null;
  /** `<project>/<name>` of the template it was made from; a system template's begins with `/`. */
  readonly templateKey: string | null;
}

/** One entry of a dashboard's history. */
export interface DashboardVersion {
  readonly version: number;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly origin: VersionOrigin;
  readonly message: string | null;
  readonly tags: readonly string[] | null;
  /** Of the document as JSON text. */
  readonly sizeBytes: number;
}

/** A change of state while a version was the present one. */
export interface DashboardStateChange {
  readonly at: string;
  readonly by: string;
  readonly message: string | null;
  readonly from: DashboardState;
  readonly to: DashboardState;
}

/** A version in the list of a dashboard's history. */
export interface DashboardHistoryEntry extends DashboardVersion {
  /** The newest first. */
  readonly stateChanges: readonly DashboardStateChange[];
}

export interface DashboardVersionDocument extends DashboardVersion {
  readonly spec: JsonObject;
}

/** Title and description of a document, for lists and search; at most this many characters of each are kept. */
const searchedCharactersMax = 2000;

export function describeDocument(spec: JsonObject): { title: string | null; description: string | null } {
  const display = spec["display"];
  const fields = isObject(display) ? display : {};
  return { title: textOf(fields["name"]), description: textOf(fields["description"]) };
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: JsonValue | undefined): string | null {
  return typeof value === "string" && value.trim() !== "" ? value.trim().slice(0, searchedCharactersMax) : null;
}
