/**
 * Templates of dashboards, as they are kept. System templates' documents are part of the program; of them the store has what
 * is shown and counted. A use is noted in the transaction that makes the dashboard (`WriteRule.templateKey`) and counted later.
 */
import type { Page, PageRequest } from "../repository.ts";
import type { Change, JsonObject, JsonValue } from "../types.ts";

/** What a template says of itself. */
export interface TemplateDescription {
  readonly name: string;
  readonly title: string;
  readonly description: string | null;
  readonly category: string | null;
  /** What instantiation asks for, as the template's author declares it. */
  readonly parameters: readonly JsonValue[];
}

export interface DashboardTemplate extends TemplateDescription {
  /** `<project>/<name>`; a system template's begins with `/`. */
  readonly key: string;
  /** Null for system templates. */
  readonly project: string | null;
  readonly version: number;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
  readonly updatedBy: string;
  /** As of the last count. */
  readonly usageCount: number;
  readonly lastUsedAt: string | null;
}

export interface DashboardTemplateDocument extends DashboardTemplate {
  /** Null for system templates. */
  readonly spec: JsonObject | null;
}

export interface TemplateStore {
  /** Those of the project, and the system's; the most used first, then by name. */
  list(project: string, page: PageRequest): Promise<Page<DashboardTemplate>>;
  /** `project` null for a system template. Throws `io_error` when the stored document cannot be read. */
  find(project: string | null, name: string): Promise<DashboardTemplateDocument | null>;
  /** Throws `conflict` for a taken name, `not_found` for a project that does not exist. */
  create(
    project: string,
    template: TemplateDescription & { readonly spec: JsonObject },
    change: Change,
  ): Promise<DashboardTemplate>;
  /** Throws `not_found`, `precondition_failed`. */
  update(
    project: string,
    template: TemplateDescription & { readonly spec: JsonObject },
    change: Change,
  ): Promise<DashboardTemplate>;
  /** Throws `not_found`, `precondition_failed`. */
  delete(project: string, name: string, change: Change): Promise<void>;
  /** Makes the system's templates those of the program; their counts stay. */
  ensureSystem(templates: readonly TemplateDescription[]): Promise<void>;
  /** Adds the uses noted since the last time to the counts, and gives how many. For the hourly job. */
  countUses(): Promise<number>;
}

export function templateKeyOf(project: string | null, name: string): string {
  return `${project ?? ""}/${name}`;
}
