/** What is inside a workspace: filling it from the project's tables, emptying it, dropping one object. */
import { z } from "zod";
import { AppError } from "../errors/app_error.ts";
import type { ErrorKind } from "../errors/catalogue.ts";
import { type Loaded, loadedSchema, type LoadItem } from "../ipc/messages.ts";
import { type LoadTableRequest, resolveLoad } from "./requests.ts";
import type { WorkspaceReference, WorkspaceService } from "./service.ts";
import type { WorkspaceRecord } from "./types.ts";

type PointerOf = (index: number, field: string) => string;

/**
 * Copies project tables into a workspace, all or nothing. Throws `invalid_request` that points at the unknown table or
 * column or the condition that does not work, `duplicate_table` for a destination that exists already, and
 * `workspace_size_exceeded`.
 */
export async function loadIntoWorkspace(
  service: WorkspaceService,
  reference: WorkspaceReference,
  requests: readonly LoadTableRequest[],
): Promise<Loaded> {
  return await loadTables(service, await service.findActive(reference), requests);
}

/** The same for a workspace that is at hand. */
export async function loadTables(
  service: WorkspaceService,
  workspace: WorkspaceRecord,
  requests: readonly LoadTableRequest[],
  pointerOf?: PointerOf,
): Promise<Loaded> {
  const catalog = await service.catalog(workspace.projectId, workspace.branchId);
  const items = resolveLoad(catalog, requests, pointerOf);
  try {
    return await service.workers.call(workspace.id, { command: "load", items }, loadedSchema, catalog);
  } catch (error) {
    throw asFilterError(error, items);
  }
}

/** Drops everything that was made in the workspace; gives how many objects. */
export async function clearWorkspace(service: WorkspaceService, reference: WorkspaceReference): Promise<number> {
  const workspace = await service.findActive(reference);
  const answer = await service.workers.call(workspace.id, { command: "clear" }, z.object({ dropped: z.number() }));
  return answer.dropped;
}

/** Drops a table or view, `name` or `schema.name`. Throws `not_found`, and `read_only` for a project table. */
export async function dropWorkspaceObject(
  service: WorkspaceService,
  reference: WorkspaceReference,
  name: string,
): Promise<void> {
  const workspace = await service.findActive(reference);
  const catalog = await service.catalog(workspace.projectId, workspace.branchId);
  const isProjectTable = catalog.tables.some((table) =>
    [table.table_id, `${table.schema}.${table.name}`].some((known) => known.toLowerCase() === name.toLowerCase())
  );
  if (isProjectTable) {
    throw new AppError(
      "read_only",
      `"${name}" is a table of the project: only the workspace's own objects can be dropped`,
    );
  }
  await service.workers.call(workspace.id, { command: "drop_object", name }, z.unknown());
}

/** What SQL text can be wrong with; anything else that a load throws is not the condition's fault. */
const filterErrorKinds: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
  "syntax_error",
  "undefined_table",
  "undefined_column",
  "undefined_function",
  "undefined_schema",
  "undefined_object",
  "undefined_parameter",
  "ambiguous_column",
  "ambiguous_function",
  "datatype_mismatch",
  "cannot_coerce",
  "indeterminate_datatype",
  "grouping_error",
  "feature_not_supported",
  "invalid_text_representation",
  "invalid_datetime_format",
  "datetime_overflow",
  "numeric_out_of_range",
  "division_by_zero",
  "data_exception",
  "cardinality_violation",
]);

/** Conditions are the only SQL in a load, so an error in SQL is theirs, and with one condition it is that one's. */
function asFilterError(error: unknown, items: readonly LoadItem[]): unknown {
  if (!(error instanceof AppError) || !filterErrorKinds.has(error.kind)) return error;
  const filtered = items.flatMap((item, index) => item.where === null ? [] : [index]);
  const fields = filtered.length === 1 ? [{ pointer: `/tables/${filtered[0]}/where`, detail: error.message }] : [];
  return filtered.length === 0 ? error : new AppError("invalid_request", `where: ${error.message}`, {
    cause: error,
    fields,
  });
}
