/**
 * A whole project as one JSON file, and back: all kinds, the documents as Perses writes them, so that `percli apply` takes
 * them one by one, too. What is in it: every document of the project, without history, without the trash, and without what is
 * global. Reading believes nothing: each document is checked before the first one is written.
 */
import { AppError, type FieldError } from "../errors/app_error.ts";
import { type DocumentModel, readEnvelope } from "./model_port.ts";
import { type ProjectContents, type ResourceWrite, transferredKinds } from "./repository.ts";
import { type LiveDashboardState, stateAnnotation } from "./states.ts";
import { isObject } from "./summary.ts";
import type { JsonObject, JsonValue, Resource, ResourceDocument } from "./types.ts";

export const transferFormat = "eider-dashboards";
export const transferFormatVersion = 1;
/** More than any project has, fewer than would keep its other changes waiting for minutes. */
export const transferDocumentsMax = 10_000;

/** A document of a file, and where it stands there. */
export interface PlannedWrite extends ResourceWrite {
  readonly pointer: string;
}

/** The file, of what is stored. Documents that cannot be read are named in it, and are not in it. */
export function exportFile(
  project: string,
  { resources, unreadable }: ProjectContents,
  exportedAt: string,
): JsonObject {
  return {
    format: transferFormat,
    format_version: transferFormatVersion,
    project,
    exported_at: exportedAt,
    documents: resources.map(exportDocument),
    unreadable: unreadable.map(({ kind, name }) => ({ kind, name })),
  };
}

function exportDocument({ kind, metadata, spec }: Resource): JsonObject {
  return { kind, metadata: JSON.parse(JSON.stringify(metadata)) as JsonObject, spec };
}

/**
 * What an import of this file (an export, or a plain array of documents) into `project` writes, in an order in which documents
 * can refer to earlier ones. Throws `invalid_request` that names document and pointer.
 */
export async function planImport(file: JsonValue, project: string, model: DocumentModel): Promise<PlannedWrite[]> {
  const { documents, prefix } = documentsOf(file);
  if (documents.length > transferDocumentsMax) {
    throw new AppError(
      "invalid_request",
      `import: ${documents.length} documents, at most ${transferDocumentsMax} go in at once`,
    );
  }
  const found = documents.map((value, index): PlannedWrite => {
    const pointer = `${prefix}/${index}`;
    const document = named(value, pointer, () => readEnvelope(value, project));
    if (document.project === null) {
      throw new AppError("invalid_request", `import: ${pointer} (${document.kind} "${document.name}"): is global`, {
        hint: "A project's file holds documents of that project only.",
        fields: [{ pointer: `${pointer}/kind`, detail: "is global" }],
      });
    }
    return { document, state: stateOf(value), pointer };
  });
  refuseTwins(found);
  const ordered = transferredKinds.flatMap((kind) => found.filter(({ document }) => document.kind === kind));
  const planned: PlannedWrite[] = [];
  const siblings: ResourceDocument[] = [];
  for (const { document, state, pointer } of ordered) {
    const checked = await checkNamed(document, pointer, model, siblings);
    siblings.push(checked);
    planned.push({ document: checked, state, pointer });
  }
  return planned;
}

/** Runs the model on a document of a file; its error then names the document and points into the file. */
export async function checkNamed(
  document: ResourceDocument,
  pointer: string,
  model: DocumentModel,
  siblings: readonly ResourceDocument[],
): Promise<ResourceDocument> {
  try {
    return await model.check(document, { siblings });
  } catch (error) {
    throw nameDocument(error, document, pointer);
  }
}

/** The same error, with the document's name in front and its pointers below the document's. */
export function nameDocument(
  error: unknown,
  document: JsonValue | ResourceDocument | undefined,
  pointer: string,
): unknown {
  if (!(error instanceof AppError)) return error;
  const fields: FieldError[] = error.fields.map((field) => ({ ...field, pointer: pointer + field.pointer }));
  return new AppError(error.kind, `${pointer === "" ? "" : `${pointer} `}${describe(document)}: ${error.message}`, {
    cause: error,
    fields,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}

function named<Result>(value: JsonValue, pointer: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw nameDocument(error, value, pointer);
  }
}

/** `(Dashboard "x")`, as far as it can be told of what may be anything. */
function describe(value: JsonValue | ResourceDocument | undefined): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "(no document)";
  const fields = value as JsonObject;
  const metadata = fields["metadata"];
  const name = fields["name"] ?? (isObject(metadata) ? metadata["name"] : undefined);
  return `(${typeof fields["kind"] === "string" ? fields["kind"].slice(0, 80) : "no kind"} ${
    typeof name === "string" ? `"${name.slice(0, 80)}"` : "without a name"
  })`;
}

function documentsOf(file: JsonValue): { documents: readonly JsonValue[]; prefix: string } {
  if (Array.isArray(file)) return { documents: file as readonly JsonValue[], prefix: "" };
  const wrong = (pointer: string, detail: string) =>
    new AppError("invalid_request", `import: ${pointer} ${detail}`, { fields: [{ pointer, detail }] });
  if (!isObject(file)) throw wrong("", "an export, or an array of documents, is needed");
  if (file["format"] !== transferFormat) {
    throw wrong("/format", `${JSON.stringify(file["format"] ?? null)} is not "${transferFormat}"`);
  }
  if (file["format_version"] !== transferFormatVersion) {
    const detail = `${
      JSON.stringify(file["format_version"] ?? null)
    } is not ${transferFormatVersion}, which this server reads`;
    throw wrong("/format_version", detail);
  }
  if (!Array.isArray(file["documents"])) throw wrong("/documents", "an array of documents is needed");
  return { documents: file["documents"] as readonly JsonValue[], prefix: "/documents" };
}

function stateOf(value: JsonValue): LiveDashboardState | null {
  const metadata = isObject(value) ? value["metadata"] : undefined;
  const annotations = isObject(metadata) ? metadata["annotations"] : undefined;
  const state = isObject(annotations) ? annotations[stateAnnotation] : undefined;
  return state === "draft" || state === "archived" || state === "active" ? state : null;
}

function refuseTwins(found: readonly PlannedWrite[]): void {
  const first = new Map<string, string>();
  for (const { document: { kind, name }, pointer } of found) {
    const key = `${kind}/${name}`;
    const twin = first.get(key);
    if (twin !== undefined) {
      throw new AppError("invalid_request", `import: ${pointer} (${kind} "${name}"): stands at ${twin} already`, {
        fields: [{ pointer: `${pointer}/metadata/name`, detail: `is also the name of ${twin}` }],
      });
    }
    first.set(key, pointer);
  }
}
