/**
 * Templates as users mean them: those of the program and the project's own, kept, changed and made into dashboards. A dashboard
 * that comes out of one has been checked like any other, and knows which template it was made from.
 */
import { AppError, type FieldError } from "../../errors/app_error.ts";
import { type DocumentModel, requireName } from "../model_port.ts";
import { type DashboardRepository, type Page, type PageRequest, RefusedWrite } from "../repository.ts";
import { isObject } from "../summary.ts";
import type { Change, JsonObject, JsonValue, Resource, ResourceStore } from "../types.ts";
import {
  fillDocument,
  parameterProblems,
  type ParameterReferences,
  parametersMax,
  parameterValues,
  sampleValues,
  type TemplateParameter,
} from "./parameters.ts";
import type { DashboardTemplate, TemplateDescription, TemplateStore } from "./store.ts";

/** A template of the program, with its document. */
export interface SystemTemplate extends TemplateDescription {
  readonly parameters: readonly (TemplateParameter & JsonObject)[];
  readonly spec: JsonObject;
}

/** A stored template with its document and its parameters as they are used. */
export interface FoundTemplate {
  readonly template: DashboardTemplate;
  readonly parameters: readonly TemplateParameter[];
  readonly spec: JsonObject;
}

export interface NewTemplate {
  readonly name: string;
  readonly title: string | null;
  readonly description: string | null;
  readonly category: string | null;
  /** null: those of the template that it is made from, else none. */
  readonly parameters: readonly TemplateParameter[] | null;
  readonly source: TemplateSource;
}

export type TemplateSource =
  | { readonly kind: "spec"; readonly spec: JsonObject }
  | { readonly kind: "dashboard"; readonly name: string }
  | { readonly kind: "template"; readonly name: string };

export interface Instantiation {
  /** Of the new dashboard. */
  readonly name: string;
  readonly title: string | null;
  readonly parameters: Readonly<Record<string, JsonValue>>;
}

export interface TemplateServiceOptions {
  readonly templates: TemplateStore;
  readonly system: readonly SystemTemplate[];
  readonly store: Pick<ResourceStore, "find">;
  readonly repository: Pick<DashboardRepository, "write">;
  readonly model: DocumentModel;
  readonly references: (project: string) => ParameterReferences;
}

export class TemplateService {
  readonly #options: TemplateServiceOptions;
  readonly #system: ReadonlyMap<string, SystemTemplate>;

  constructor(options: TemplateServiceOptions) {
    this.#options = options;
    this.#system = new Map(options.system.map((template) => [template.name, template]));
  }

  /** Brings the stored descriptions of the system's templates up to date with the program. */
  async start(): Promise<void> {
    await this.#options.templates.ensureSystem(this.#options.system);
  }

  /** The project's and the system's, the most used first. */
  list(project: string, page: PageRequest): Promise<Page<DashboardTemplate>> {
    return this.#options.templates.list(project, page);
  }

  /** The project's own before a system one. Throws `not_found`. */
  async find(project: string, name: string): Promise<FoundTemplate> {
    const { templates } = this.#options;
    const own = await templates.find(project, name);
    if (own !== null && own.spec !== null) {
      return { template: own, parameters: readParameters(own.parameters), spec: own.spec };
    }
    const system = this.#system.get(name);
    const template = system === undefined ? null : await templates.find(null, name);
    if (system === undefined || template === null) throw notFound(project, name);
    return { template, parameters: system.parameters, spec: system.spec };
  }

  /** Throws `conflict`, and `invalid_request` with pointers for what would not become a dashboard. */
  async create(project: string, wanted: NewTemplate, change: Change): Promise<DashboardTemplate> {
    requireName(wanted.name, "/name");
    if (this.#system.has(wanted.name)) {
      throw new AppError("conflict", `template: "${wanted.name}" is the name of a system template`, {
        hint: "Take another name.",
      });
    }
    const template = await this.#described(project, wanted);
    return await this.#options.templates.create(project, template, { ...change, expectedVersion: null });
  }

  /** Replaces all of a project's template. Throws `conflict` for a system one. */
  async update(project: string, wanted: NewTemplate, change: Change): Promise<DashboardTemplate> {
    await this.#requireOwn(project, wanted.name, "changed");
    return await this.#options.templates.update(project, await this.#described(project, wanted), change);
  }

  /** Dashboards that were made from it stay. */
  async delete(project: string, name: string, change: Change): Promise<void> {
    await this.#requireOwn(project, name, "deleted");
    await this.#options.templates.delete(project, name, change);
  }

  /** Makes a dashboard. Throws `invalid_request` with the parameter's pointer, `conflict` for a name that is taken. */
  async instantiate(project: string, name: string, wanted: Instantiation, change: Change): Promise<Resource> {
    const { model, repository, references, store } = this.#options;
    requireName(wanted.name, "/name");
    const { template, parameters, spec } = await this.find(project, name);
    const values = await parameterValues(parameters, wanted.parameters, references(project));
    const titled = withTitle(fillDocument(spec, parameters, values), wanted.title ?? template.title);
    const document = await model.check(dashboardOf(project, wanted.name, titled), { siblings: [] });
    const message = change.message ?? `made from the template ${template.title}`;
    const rule = { origin: "template", whenTaken: "refuse", templateKey: template.key } as const;
    try {
      await repository.write(project, [{ document, state: null }], rule, { ...change, message, expectedVersion: null });
    } catch (error) {
      throw error instanceof RefusedWrite ? error.cause : error;
    }
    const made = await store.find({ kind: "Dashboard", project, name: document.name });
    if (made === null) throw new AppError("not_found", `dashboard: "${document.name}" was deleted at once`);
    return made;
  }

  async #requireOwn(project: string, name: string, what: string): Promise<void> {
    if (await this.#options.templates.find(project, name) !== null) return;
    if (!this.#system.has(name)) throw notFound(project, name);
    throw new AppError("conflict", `template: "${name}" is a system template and cannot be ${what}`, {
      hint:
        `Make one of your own from it: POST …/dashboard-templates {"name": "my-${name}", "from_template": "${name}"}.`,
    });
  }

  async #described(project: string, wanted: NewTemplate): Promise<TemplateDescription & { readonly spec: JsonObject }> {
    const source = await this.#source(project, wanted.source);
    const parameters = wanted.parameters ?? source.parameters;
    const fields: FieldError[] = parameterProblems(parameters);
    if (parameters.length > parametersMax) {
      fields.push({ pointer: "/parameters", detail: `${parameters.length}, at most ${parametersMax} may be` });
    }
    if (fields.length > 0) throw invalid(fields);
    const sample = fillDocument(source.spec, parameters, sampleValues(parameters));
    await this.#options.model.check(dashboardOf(project, wanted.name, sample), { siblings: [] });
    return {
      name: wanted.name,
      title: wanted.title ?? source.title ?? wanted.name,
      description: wanted.description ?? source.description,
      category: wanted.category ?? source.category,
      parameters: parameters.map(storedParameter),
      spec: source.spec,
    };
  }

  async #source(project: string, source: TemplateSource) {
    switch (source.kind) {
      case "spec":
        return { spec: source.spec, parameters: [], ...displayOf(source.spec), category: null };
      case "dashboard": {
        const found = await this.#options.store.find({ kind: "Dashboard", project, name: source.name });
        if (found === null) {
          throw invalid([{ pointer: "/from_dashboard", detail: `the project has no dashboard "${source.name}"` }]);
        }
        return { spec: found.spec, parameters: [], ...displayOf(found.spec), category: null };
      }
      case "template": {
        const { template, parameters, spec } = await this.find(project, source.name);
        return {
          spec,
          parameters,
          title: template.title,
          description: template.description,
          category: template.category,
        };
      }
      default: {
        const never: never = source;
        throw new AppError("internal", `unknown source of a template: ${JSON.stringify(never)}`);
      }
    }
  }
}

function dashboardOf(project: string, name: string, spec: JsonObject) {
  return { kind: "Dashboard", project, name, tags: null, spec } as const;
}

function withTitle(spec: JsonObject, title: string): JsonObject {
  const display = isObject(spec["display"]) ? spec["display"] : {};
  return { ...spec, display: { ...display, name: title } };
}

function displayOf(spec: JsonObject): { title: string | null; description: string | null } {
  const display = isObject(spec["display"]) ? spec["display"] : {};
  const text = (value: JsonValue | undefined) => typeof value === "string" && value !== "" ? value : null;
  return { title: text(display["name"]), description: text(display["description"]) };
}

/** Undefined fields are left out: they are not JSON. */
function storedParameter(parameter: TemplateParameter): JsonValue {
  return JSON.parse(JSON.stringify(parameter)) as JsonValue;
}

/** Only what `create` and `update` have checked is in the store. */
function readParameters(stored: readonly JsonValue[]): readonly TemplateParameter[] {
  return stored.filter(isObject) as unknown as readonly TemplateParameter[];
}

function notFound(project: string, name: string): AppError {
  return new AppError("not_found", `template: "${name}" is neither of project "${project}" nor of the system`);
}

function invalid(fields: readonly FieldError[]): AppError {
  const text = fields.map(({ pointer, detail }) => `${pointer} ${detail}`).join("; ");
  return new AppError("invalid_request", `template: ${text}`, { fields });
}
