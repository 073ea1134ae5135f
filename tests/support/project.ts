/** A project with data, made through REST only. */
import type { BranchAnswer, ProjectAnswer, Rest, WorkspaceAnswer } from "./rest.ts";

let projectCounter = 0;

export const customersCsv = `id,name,city
1,Ada,Praha
2,Božena,Brno
3,Čeněk,Praha
4,"Dvořák, Jan",Ostrava
`;

/** Order n belongs to customer 1 + n % 4 and costs n / 4. */
export function ordersCsv(rowCount: number): string {
  let text = "id,customer_id,amount,ordered_at,note\n";
  for (let id = 1; id <= rowCount; id++) {
    const day = String(1 + id % 28).padStart(2, "0");
    text += `${id},${1 + id % 4},${(id / 4).toFixed(2)},2025-01-${day} 10:00:00,${id % 3 === 0 ? "" : `note ${id}`}\n`;
  }
  return text;
}

/** A project and a REST client with its admin key. */
export class TestProject {
  readonly id: string;
  readonly rest: Rest;

  private constructor(id: string, rest: Rest) {
    this.id = id;
    this.rest = rest;
  }

  static async create(adminRest: Rest, name = "test"): Promise<TestProject> {
    projectCounter += 1;
    const project = await adminRest.expect<ProjectAnswer>(201, "POST", "/projects", {
      json: { id: `${name}${projectCounter}`, name: `${name} ${projectCounter}` },
    });
    return new TestProject(project.id, adminRest.as(project.api_key));
  }

  /** With bucket in.c-sales and its tables customers (4 rows) and orders (100 rows, 25 a customer). */
  static async withSales(adminRest: Rest, name = "sales"): Promise<TestProject> {
    const project = await TestProject.create(adminRest, name);
    await project.bucket("in.c-sales");
    await project.import("in.c-sales.customers", customersCsv);
    await project.import("in.c-sales.orders", ordersCsv(100));
    return project;
  }

  get path(): string {
    return `/projects/${this.id}`;
  }

  async bucket(id: string): Promise<void> {
    await this.rest.expect(201, "POST", `${this.path}/buckets`, { json: { id } });
  }

  async import(tableId: string, data: BodyInit, options: { mode?: string; format?: string; branchId?: string } = {}) {
    const place = options.branchId === undefined ? this.path : `${this.path}/branches/${options.branchId}`;
    const query = `mode=${options.mode ?? "full"}&format=${options.format ?? "csv"}`;
    const answer = await this.rest.request(
      "POST",
      `${place}/tables/${encodeURIComponent(tableId)}/import?${query}`,
      { raw: data },
    );
    if (answer.status !== 200 && answer.status !== 201) throw new Error(`import of ${tableId}: ${answer.text}`);
    return answer.body;
  }

  async branch(name: string): Promise<BranchAnswer> {
    return await this.rest.expect<BranchAnswer>(201, "POST", `${this.path}/branches`, { json: { name } });
  }

  async workspace(options: Record<string, unknown> = {}): Promise<WorkspaceAnswer> {
    return await this.rest.expect<WorkspaceAnswer>(201, "POST", `${this.path}/workspaces`, {
      json: { name: "analysis", ...options },
    });
  }

  workspacePath(workspace: Pick<WorkspaceAnswer, "id">): string {
    return `${this.path}/workspaces/${workspace.id}`;
  }
}
