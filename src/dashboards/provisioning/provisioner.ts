/**
 * Keeps what a folder describes: documents of its files are created, and changed when the file says something else; what is
 * the same gets no new version. A file owns what it made, and nothing else changes that.
 *
 * Deleting is careful. Only with `prune`, and only what belonged to a file that is gone, or that is whole and does not have it
 * any more; a file that cannot be read, or is wrong in any place, loses nothing; nor does a folder without any file, which is
 * what a volume that is not mounted looks like. What somebody else has made is never overwritten.
 */
import { AppError } from "../../errors/app_error.ts";
import { type DocumentModel, readEnvelope } from "../model_port.ts";
import { type DashboardRepository, RefusedWrite, transferredKinds } from "../repository.ts";
import { checkNamed, nameDocument } from "../transfer.ts";
import { isObject } from "../summary.ts";
import type { Change, JsonValue, ResourceDocument, ResourceKey } from "../types.ts";
import { listFiles, readDocumentFile } from "./read_files.ts";

export interface ProvisionerOptions {
  readonly folder: string;
  /** Delete what its file does not have any more. */
  readonly prune: boolean;
  readonly repository: DashboardRepository;
  readonly model: DocumentModel;
  readonly log: {
    info(message: string, fields?: Record<string, unknown>): void;
    warn(message: string, fields?: Record<string, unknown>): void;
  };
}

export interface ProvisioningProblem {
  readonly file: string;
  readonly detail: string;
  readonly hint: string | null;
}

/** What one look at the folder has done. */
export interface ProvisioningReport {
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly deleted: number;
  /** What a file owned and does not have any more, and stays as `prune` is off or the folder is empty. */
  readonly orphaned: number;
  readonly problems: readonly ProvisioningProblem[];
}

interface FileState {
  readonly stamp: string;
  /** `kind/project/name` of every document in it; null when the file is wrong, so that it cannot be told. */
  readonly keys: ReadonlySet<string> | null;
  /** Those that are still to be stored. */
  readonly documents: readonly ResourceDocument[];
  /** Everything in it is stored as it says. */
  readonly isDone: boolean;
  readonly problems: readonly ProvisioningProblem[];
}

const author: Pick<Change, "author" | "expectedVersion"> = { author: "provisioning", expectedVersion: null };
/** Before the others: what documents refer to. Folders come last, as they name dashboards. */
const order: readonly string[] = ["GlobalDatasource", "GlobalVariable", ...transferredKinds];

export class Provisioner {
  readonly #options: ProvisionerOptions;
  /** Of the last look. A file whose stamp is the same and which is done is not read again. */
  #files = new Map<string, FileState>();
  #reported = new Set<string>();
  #report: ProvisioningReport | null = null;

  constructor(options: ProvisionerOptions) {
    this.#options = options;
  }

  /** Of the last look, null before the first one. */
  get lastReport(): ProvisioningReport | null {
    return this.#report;
  }

  /** Looks at the folder once. Problems are logged when they are new, and are in the report; they throw nothing. */
  async run(): Promise<ProvisioningReport> {
    const counts = { created: 0, changed: 0, unchanged: 0, deleted: 0, orphaned: 0 };
    const problems: ProvisioningProblem[] = [];
    try {
      const found = await listFiles(this.#options.folder);
      const next = new Map<string, FileState>();
      for (const { path, stamp } of found) {
        const known = this.#files.get(path);
        next.set(path, known?.stamp === stamp && known.isDone ? known : await this.#readFile(path, stamp));
      }
      for (const [path, file] of next) {
        if (file.isDone) counts.unchanged += file.keys?.size ?? 0;
        else if (file.keys !== null) next.set(path, await this.#apply(path, file, next, counts));
        problems.push(...next.get(path)?.problems ?? []);
      }
      this.#files = next;
      await this.#removeOrphans(next, counts, problems);
    } catch (error) {
      problems.push(problemOf("", error));
    }
    this.#logNew(problems);
    return this.#report = { ...counts, problems };
  }

  async #readFile(path: string, stamp: string): Promise<FileState> {
    try {
      const documents = await this.#read(path);
      return { stamp, documents, keys: new Set(documents.map(keyText)), isDone: false, problems: [] };
    } catch (error) {
      return { stamp, documents: [], keys: null, isDone: false, problems: [problemOf(path, error)] };
    }
  }

  async #apply(
    path: string,
    file: FileState,
    files: ReadonlyMap<string, FileState>,
    counts: { created: number; changed: number; unchanged: number },
  ): Promise<FileState> {
    const problems: ProvisioningProblem[] = [];
    for (const document of file.documents) {
      const rule = {
        origin: "provision",
        whenTaken: "replace",
        provisionedFrom: path,
        // A document that was moved to another file, or whose file was renamed, keeps its history.
        takesFrom: (owner: string) => !hasKey(files.get(owner), document),
      } as const;
      const change = { ...author, message: `from ${path}` };
      try {
        const writes = [{ document, state: null }];
        const [written] = await this.#options.repository.write(document.project, writes, rule, change);
        if (written?.outcome === "unchanged") counts.unchanged++;
        else {
          counts[written?.outcome === "created" ? "created" : "changed"]++;
          this.#options.log.info("provisioned", { file: path, ...written?.key, outcome: written?.outcome });
        }
      } catch (error) {
        const cause = error instanceof RefusedWrite ? error.cause : error;
        problems.push(problemOf(path, nameDocument(cause, document, "")));
      }
    }
    const isDone = problems.length === 0;
    return { ...file, documents: isDone ? [] : file.documents, isDone, problems };
  }

  /** All documents of a file, checked. Throws when one of them is wrong. */
  async #read(path: string): Promise<ResourceDocument[]> {
    const values = await readDocumentFile(this.#options.folder, path);
    const found = values.flatMap((value, index) => {
      // Perses' provisioning folders hold projects too; here a project has keys, so it is made through REST.
      if (isObject(value) && value["kind"] === "Project") return [];
      const pointer = values.length > 1 ? `/${index}` : "";
      return [{ document: this.#envelope(value, pointer, path), pointer }];
    });
    const twin = found.find(({ document }, index) =>
      found.findIndex((other) => keyText(other.document) === keyText(document)) !== index
    );
    if (twin !== undefined) {
      throw new AppError("invalid_request", `${keyText(twin.document)} stands in the file twice`);
    }
    found.sort((a, b) => order.indexOf(a.document.kind) - order.indexOf(b.document.kind));
    const documents: ResourceDocument[] = [];
    for (const { document, pointer } of found) {
      documents.push(await checkNamed(document, pointer, this.#options.model, documents));
    }
    return documents;
  }

  #envelope(value: JsonValue, pointer: string, path: string): ResourceDocument {
    try {
      const metadata = isObject(value) ? value["metadata"] : undefined;
      const own = isObject(metadata) ? metadata["project"] : undefined;
      const folder = path.includes("/") ? path.slice(0, path.indexOf("/")) : null;
      const document = readEnvelope(value, typeof own === "string" && own !== "" ? own : folder);
      if (document.kind === "EphemeralDashboard") {
        throw new AppError("invalid_request", "an EphemeralDashboard would expire and come back without end");
      }
      return document;
    } catch (error) {
      throw nameDocument(error, value, pointer);
    }
  }

  async #removeOrphans(
    files: ReadonlyMap<string, FileState>,
    counts: { deleted: number; orphaned: number },
    problems: ProvisioningProblem[],
  ): Promise<void> {
    const allOwned = await this.#options.repository.provisioned();
    const mayPrune = this.#options.prune && files.size > 0;
    if (this.#options.prune && !mayPrune && allOwned.length > 0) problems.push(emptyFolder(allOwned.length));
    for (const owned of allOwned) {
      if (hasKey(files.get(owned.file), owned.key)) continue;
      if (!mayPrune) {
        counts.orphaned++;
        continue;
      }
      await this.#options.repository.deleteProvisioned(owned, { ...author, message: `gone from ${owned.file}` });
      counts.deleted++;
      this.#options.log.info("provisioned resource deleted", { file: owned.file, ...owned.key });
    }
  }

  /** A folder is looked at again and again; what was wrong the last time, too, is not said again. */
  #logNew(problems: readonly ProvisioningProblem[]): void {
    const texts = new Set<string>();
    for (const { file, detail, hint } of problems) {
      const text = `${file}: ${detail}`;
      texts.add(text);
      if (this.#reported.has(text)) continue;
      this.#options.log.warn("provisioning problem", { file, detail, ...(hint === null ? {} : { hint }) });
    }
    this.#reported = texts;
  }
}

/** Whether the file has the document, or may have it as it cannot be told. */
function hasKey(file: FileState | undefined, key: ResourceKey): boolean {
  return file !== undefined && (file.keys === null || file.keys.has(keyText(key)));
}

function keyText({ kind, project, name }: ResourceKey): string {
  return `${kind}/${project ?? ""}/${name}`;
}

function emptyFolder(ownedCount: number): ProvisioningProblem {
  return {
    file: "",
    detail: `the folder has no .yaml, .yml or .json file, and ${ownedCount} that came from its files are kept`,
    hint: "Is it mounted? To delete all that it has provisioned, leave one file in it, such as empty.json with [].",
  };
}

function problemOf(file: string, error: unknown): ProvisioningProblem {
  return {
    file,
    detail: error instanceof Error ? error.message : String(error),
    hint: error instanceof AppError ? error.hint ?? hintOf(error) : null,
  };
}

/** A file may come before its project. */
function hintOf(error: AppError): string | null {
  if (error.kind !== "not_found") return null;
  return 'Make the project: POST /projects {"id": "…", "name": "…"}. The file is tried again at each look.';
}
