/** `ProjectDetailsStore` over the metadata pool (migration 007): what only the Perses API knows of a project. */
import type { ProjectDetails, ProjectDetailsStore } from "../../dashboards/project_documents.ts";
import { requireVersion } from "../../dashboards/states.ts";
import { readTags, unpackDocument, writeTags } from "../dashboards/document_text.ts";
import { type ProjectChanges, requireScope } from "./shared.ts";
import type { MetadataConnection, MetadataPool, SqlRow } from "../types.ts";

const columns = "project_id, updated_at, version, tags, spec";

export class MetadataProjectDetails implements ProjectDetailsStore {
  readonly #pool: MetadataPool;
  readonly #changes: ProjectChanges;

  constructor(pool: MetadataPool, changes: ProjectChanges) {
    this.#pool = pool;
    this.#changes = changes;
  }

  async find(id: string): Promise<ProjectDetails | null> {
    return await findDetails(this.#pool, id);
  }

  async all(): Promise<ReadonlyMap<string, ProjectDetails>> {
    const rows = await this.#pool.query(`SELECT ${columns} FROM project_details`, []);
    return new Map(rows.map((row) => [String(row["project_id"]), toDetails(row)]));
  }

  insert(id: string, details: Omit<ProjectDetails, "version">): Promise<ProjectDetails> {
    return this.#write(id, details, () => 0);
  }

  update(
    id: string,
    details: Omit<ProjectDetails, "version">,
    expectedVersion: number | null,
  ): Promise<ProjectDetails> {
    return this.#write(id, details, (present) => {
      requireVersion(`project: "${id}"`, present, expectedVersion);
      return present + 1;
    });
  }

  /** `nextVersion` gets the present version. */
  #write(
    id: string,
    details: Omit<ProjectDetails, "version">,
    nextVersion: (present: number) => number,
  ): Promise<ProjectDetails> {
    return this.#changes.transaction(id, async (transaction) => {
      await requireScope(transaction, { projectId: id, branchId: null });
      const present = await findDetails(transaction, id);
      const version = nextVersion(present?.version ?? 0);
      await transaction.execute(`INSERT OR REPLACE INTO project_details (${columns}) VALUES ($1, $2, $3, $4, $5)`, [
        id,
        details.updatedAt,
        version,
        writeTags(details.tags),
        JSON.stringify(details.spec),
      ]);
      return { ...details, version };
    });
  }
}

async function findDetails(connection: Pick<MetadataConnection, "query">, id: string): Promise<ProjectDetails | null> {
  const [row] = await connection.query(`SELECT ${columns} FROM project_details WHERE project_id = $1`, [id]);
  return row === undefined ? null : toDetails(row);
}

/** A spec that cannot be read counts as empty: the project itself is not harmed by it. */
function toDetails(row: SqlRow): ProjectDetails {
  return {
    spec: unpackDocument(String(row["spec"])) ?? {},
    tags: readTags(row["tags"]),
    updatedAt: String(row["updated_at"]),
    version: Number(row["version"]),
  };
}
