/** `TemplateStore` over the metadata pool (migration 004). */
import { AppError } from "../../errors/app_error.ts";
import type { Page, PageRequest } from "../../dashboards/repository.ts";
import { requireVersion } from "../../dashboards/states.ts";
import {
  type DashboardTemplate,
  type DashboardTemplateDocument,
  type TemplateDescription,
  templateKeyOf,
  type TemplateStore,
} from "../../dashboards/templates/store.ts";
import type { Change, JsonObject, JsonValue } from "../../dashboards/types.ts";
import { packDocument, unpackDocument } from "./document_text.ts";
import { makeResourceClock, notBefore } from "./resource_times.ts";
import { type ProjectChanges, requireScope } from "../storage/shared.ts";
import type { MetadataConnection, MetadataPool, SqlParameter, SqlRow } from "../types.ts";

const columns =
  `template_key, project_id, name, title, description, category, parameters, version, created_at, created_by,
  updated_at, updated_by, usage_count, last_used_at`;
/** System templates stand under this project, and their changes queue under it. */
const systemProject = "";

type WrittenTemplate = TemplateDescription & { readonly spec: JsonObject | null };

export class MetadataTemplateStore implements TemplateStore {
  readonly #pool: MetadataPool;
  readonly #changes: ProjectChanges;
  readonly #now: () => string;

  constructor(pool: MetadataPool, changes: ProjectChanges, now = makeResourceClock()) {
    this.#pool = pool;
    this.#changes = changes;
    this.#now = now;
  }

  async list(project: string, page: PageRequest): Promise<Page<DashboardTemplate>> {
    const parameters: SqlParameter[] = [project];
    let after = "true";
    if (page.after !== null) {
      const [count, key] = page.after.split(" ");
      parameters.push(Number(count) || 0, key ?? "");
      after = "(-usage_count, template_key) > (-$2, $3)";
    }
    const rows = await this.#pool.query(
      `SELECT ${columns} FROM dashboard_template WHERE project_id IN ('', $1) AND ${after}
       ORDER BY usage_count DESC, template_key LIMIT $${parameters.push(page.limit + 1)}`,
      parameters,
    );
    const items = rows.slice(0, page.limit).map(toTemplate);
    const last = items.at(-1);
    const hasMore = rows.length > page.limit && last !== undefined;
    return { items, next: hasMore ? `${last.usageCount} ${last.key}` : null };
  }

  async find(project: string | null, name: string): Promise<DashboardTemplateDocument | null> {
    const key = templateKeyOf(project, name);
    const [row] = await this.#pool.query(
      `SELECT ${columns}, document FROM dashboard_template WHERE template_key = $1`,
      [key],
    );
    if (row === undefined) return null;
    const text = row["document"];
    const spec = typeof text === "string" ? unpackDocument(text) : null;
    if (typeof text === "string" && spec === null) {
      throw new AppError("io_error", `template: "${key}": the stored document cannot be read`, {
        hint: "Write it anew, or delete it.",
      });
    }
    return { ...toTemplate(row), spec };
  }

  create(
    project: string,
    template: TemplateDescription & { readonly spec: JsonObject },
    change: Change,
  ): Promise<DashboardTemplate> {
    return this.#changes.transaction(project, async (transaction) => {
      await requireScope(transaction, { projectId: project, branchId: null });
      const key = templateKeyOf(project, template.name);
      if (await findRow(transaction, key) !== null) throw new AppError("conflict", `template: "${key}" exists already`);
      await insert(transaction, project, template, change.author, this.#now());
      return toTemplate(await requireRow(transaction, key));
    });
  }

  update(
    project: string,
    template: TemplateDescription & { readonly spec: JsonObject },
    change: Change,
  ): Promise<DashboardTemplate> {
    return this.#changes.transaction(project, async (transaction) => {
      const key = templateKeyOf(project, template.name);
      await replace(transaction, key, template, change, this.#now());
      return toTemplate(await requireRow(transaction, key));
    });
  }

  async delete(project: string, name: string, change: Change): Promise<void> {
    await this.#changes.transaction(project, async (transaction) => {
      const key = templateKeyOf(project, name);
      requireVersion(
        `template: "${key}"`,
        Number((await requireRow(transaction, key))["version"]),
        change.expectedVersion,
      );
      await transaction.execute("DELETE FROM dashboard_template WHERE template_key = $1", [key]);
      await transaction.execute("DELETE FROM dashboard_template_use WHERE template_key = $1", [key]);
    });
  }

  async ensureSystem(templates: readonly TemplateDescription[]): Promise<void> {
    const change = { author: "admin", message: null, expectedVersion: null };
    await this.#changes.transaction(systemProject, async (transaction) => {
      for (const template of templates) {
        const key = templateKeyOf(null, template.name);
        const row = await findRow(transaction, key);
        if (row === null) {
          await insert(transaction, systemProject, { ...template, spec: null }, change.author, this.#now());
        } else if (!isSameDescription(toTemplate(row), template)) {
          await replace(transaction, key, { ...template, spec: null }, change, this.#now());
        }
      }
      const known = new Set(templates.map(({ name }) => name));
      const rows = await transaction.query(`SELECT name FROM dashboard_template WHERE project_id = ''`);
      for (const { name } of rows) {
        if (known.has(String(name))) continue;
        await transaction.execute("DELETE FROM dashboard_template WHERE template_key = $1", [
          templateKeyOf(null, String(name)),
        ]);
      }
    });
  }

  /** One transaction counts and forgets, so that a crash between loses or doubles nothing. */
  countUses(): Promise<number> {
    return this.#pool.withTransaction(async (transaction) => {
      const uses = await transaction.query(
        "SELECT template_key, count(*) AS uses, max(used_at) AS last_used_at FROM dashboard_template_use GROUP BY ALL",
      );
      let total = 0;
      for (const use of uses) {
        const values = [String(use["template_key"]), Number(use["uses"]), String(use["last_used_at"])];
        await transaction.execute(
          `UPDATE dashboard_template SET usage_count = usage_count + $2, last_used_at = $3 WHERE template_key = $1`,
          values,
        );
        total += Number(use["uses"]);
      }
      if (total > 0) await transaction.execute("DELETE FROM dashboard_template_use");
      return total;
    });
  }
}

async function insert(
  connection: MetadataConnection,
  project: string,
  template: WrittenTemplate,
  author: string,
  now: string,
): Promise<void> {
  await connection.execute(
    `INSERT INTO dashboard_template (${columns}, document)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $8, $9, 0, NULL, $10)`,
    [
      templateKeyOf(project, template.name),
      project,
      template.name,
      template.title,
      template.description,
      template.category,
      JSON.stringify(template.parameters),
      now,
      author,
      template.spec === null ? null : packDocument(template.spec).text,
    ],
  );
}

async function replace(
  connection: MetadataConnection,
  key: string,
  template: WrittenTemplate,
  change: Change,
  now: string,
): Promise<void> {
  const present = toTemplate(await requireRow(connection, key));
  requireVersion(`template: "${key}"`, present.version, change.expectedVersion);
  await connection.execute(
    `UPDATE dashboard_template SET title = $2, description = $3, category = $4, parameters = $5, document = $6,
       version = $7, updated_at = $8, updated_by = $9 WHERE template_key = $1`,
    [
      key,
      template.title,
      template.description,
      template.category,
      JSON.stringify(template.parameters),
      template.spec === null ? null : packDocument(template.spec).text,
      present.version + 1,
      notBefore(now, present.createdAt),
      change.author,
    ],
  );
}

async function findRow(connection: MetadataConnection, key: string): Promise<SqlRow | null> {
  const [row] = await connection.query(`SELECT ${columns} FROM dashboard_template WHERE template_key = $1`, [key]);
  return row ?? null;
}

async function requireRow(connection: MetadataConnection, key: string): Promise<SqlRow> {
  const row = await findRow(connection, key);
  if (row === null) throw new AppError("not_found", `template: "${key}" does not exist`);
  return row;
}

function isSameDescription(
  template: DashboardTemplate,
  { title, description, category, parameters }: TemplateDescription,
) {
  return template.title === title && template.description === description && template.category === category &&
    JSON.stringify(template.parameters) === JSON.stringify(parameters);
}

function toTemplate(row: SqlRow): DashboardTemplate {
  const project = String(row["project_id"]);
  return {
    key: String(row["template_key"]),
    project: project === systemProject ? null : project,
    name: String(row["name"]),
    title: String(row["title"]),
    description: textOrNull(row["description"]),
    category: textOrNull(row["category"]),
    parameters: readParameters(String(row["parameters"])),
    version: Number(row["version"]),
    createdAt: String(row["created_at"]),
    createdBy: String(row["created_by"]),
    updatedAt: String(row["updated_at"]),
    updatedBy: String(row["updated_by"]),
    usageCount: Number(row["usage_count"]),
    lastUsedAt: textOrNull(row["last_used_at"]),
  };
}

/** A broken row must not break the list. */
function readParameters(text: string): readonly JsonValue[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value as JsonValue[] : [];
  } catch {
    return [];
  }
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
