/**
 * What checks documents before they are stored. The rules of Perses live in `dashboards/model/`; imports, copies and
 * provisioning reach them through this port, so that they are tested without it.
 */
import { AppError, type FieldError } from "../errors/app_error.ts";
import {
  globalResourceKinds,
  type JsonObject,
  type JsonValue,
  projectResourceKinds,
  type ResourceDocument,
  type ResourceKind,
} from "./types.ts";

export interface CheckContext {
  /** Checked already and about to be stored with this one: it may refer to their variables. */
  readonly siblings: readonly ResourceDocument[];
}

export interface DocumentModel {
  /** Throws `invalid_request`, with the fields' pointers into this document. */
  check(envelope: ResourceDocument, context: CheckContext): Promise<ResourceDocument>;
}

/** Takes every document as it is. */
export const anyDocument: DocumentModel = { check: (envelope) => Promise.resolve(envelope) };

const kinds: readonly ResourceKind[] = [...projectResourceKinds, ...globalResourceKinds];
const namePattern = /^(?!.*\.\.)(?!\.)[a-zA-Z0-9_.-]{1,75}(?<!\.)$/;
const tagsMax = 20;
const tagCharactersMax = 50;

/**
 * Kind, place, tags and spec of `{"kind", "metadata", "spec"}`. A kind of projects is put into `project` when that is given,
 * whatever the document says. Throws `invalid_request` with pointers.
 */
export function readEnvelope(value: JsonValue | undefined, project: string | null): ResourceDocument {
  const fields: FieldError[] = [];
  const wrong = (pointer: string, detail: string) => void fields.push({ pointer, detail });
  if (!isObject(value)) throw invalid([{ pointer: "", detail: "a document is an object" }]);
  const kind = kinds.find((known) => known === value["kind"]);
  if (kind === undefined) {
    wrong("/kind", `${JSON.stringify(value["kind"] ?? null)} is not one of ${kinds.join(", ")}`);
  }
  const metadata = isObject(value["metadata"]) ? value["metadata"] : {};
  const name = metadata["name"];
  if (typeof name !== "string" || !namePattern.test(name)) wrong("/metadata/name", nameDetail(name));
  const tags = readTags(metadata["tags"], wrong);
  const spec = value["spec"];
  if (!isObject(spec)) wrong("/spec", "an object is needed");
  const isGlobal = (globalResourceKinds as readonly ResourceKind[]).includes(kind ?? "Dashboard");
  const ownProject = typeof metadata["project"] === "string" && metadata["project"] !== "" ? metadata["project"] : null;
  const place = isGlobal ? null : project ?? ownProject;
  if (!isGlobal && place === null) wrong("/metadata/project", "a project is needed");
  if (fields.length > 0 || kind === undefined || typeof name !== "string" || !isObject(spec)) throw invalid(fields);
  return { kind, project: place, name, tags, spec };
}

/** Throws `invalid_request` for what cannot be a resource's name. */
export function requireName(name: string, pointer: string): void {
  if (!namePattern.test(name)) throw invalid([{ pointer, detail: nameDetail(name) }]);
}

function nameDetail(name: JsonValue | undefined): string {
  return `${
    JSON.stringify(name ?? null)
  } is not a name: 1 to 75 letters, digits, "_", "-" and ".", no ".." and no "." at an end`;
}

function readTags(
  tags: JsonValue | undefined,
  wrong: (pointer: string, detail: string) => void,
): readonly string[] | null {
  if (tags === undefined || tags === null) return null;
  const isTag = (tag: JsonValue): tag is string =>
    typeof tag === "string" && tag.trim() === tag && tag !== "" && [...tag].length <= tagCharactersMax;
  if (!Array.isArray(tags) || tags.length > tagsMax || !tags.every(isTag)) {
    wrong(
      "/metadata/tags",
      `at most ${tagsMax} texts of 1 to ${tagCharactersMax} characters, without blanks around them`,
    );
    return null;
  }
  return [...new Set(tags as string[])];
}

function invalid(fields: readonly FieldError[]): AppError {
  const text = fields.map(({ pointer, detail }) => `${pointer === "" ? "(whole)" : pointer} ${detail}`).join("; ");
  return new AppError("invalid_request", `document: ${text}`, { fields });
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
