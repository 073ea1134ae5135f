/**
 * What callers may ask for, and the checks that depend on the configuration. The transport has already checked types;
 * fields are named as in REST, because the pointers in errors are REST's.
 */
import { AppError, type FieldError } from "../errors/app_error.ts";
import type { CatalogTable, LoadItem, ProjectCatalog } from "../ipc/messages.ts";
import type { LimitChanges } from "./limits.ts";
import type { WorkspaceSettings } from "./types.ts";

export interface CreateWorkspaceRequest extends LimitChanges {
  readonly name: string;
  readonly ttlHours?: number | undefined;
  readonly sizeLimitGb?: number | undefined;
  /** Table ids, or `schema.table`. */
  readonly preloadTables?: readonly string[] | undefined;
}

export interface UpdateWorkspaceRequest extends LimitChanges {
  readonly name?: string | undefined;
  /** From now on; it also revives an expired workspace whose file is still kept. */
  readonly ttlHours?: number | undefined;
  readonly sizeLimitGb?: number | undefined;
}

export interface LoadTableRequest {
  /** Table id, or `schema.table`. */
  readonly source: string;
  /** The source table's name when missing. */
  readonly destination?: string | undefined;
  /** All columns when missing. */
  readonly columns?: readonly string[] | undefined;
  /** A condition over the source's columns. */
  readonly where?: string | undefined;
}

/** DuckDB needs some room to work at all. */
export const memoryLimitBytesMin = 64_000_000;

/** Throws `invalid_request` for limits that the configuration does not allow. */
export function checkLimits(
  request: LimitChanges & { readonly ttlHours?: number | undefined },
  settings: WorkspaceSettings,
): void {
  const fields: FieldError[] = [];
  const { ttlHours, memoryLimitBytes, maxConnections } = request;
  if (ttlHours !== undefined && !(ttlHours > 0 && ttlHours <= settings.maxTtlHours)) {
    fields.push({
      pointer: "/ttl_hours",
      detail:
        `${ttlHours} hours: more than 0 and at most ${settings.maxTtlHours} (workspace_max_ttl_hours) are accepted`,
    });
  }
  if (memoryLimitBytes !== undefined && memoryLimitBytes !== null) {
    if (memoryLimitBytes < memoryLimitBytesMin || memoryLimitBytes > settings.memoryBudgetBytes) {
      fields.push({
        pointer: "/memory_limit",
        detail: `${memoryLimitBytes} bytes: ${memoryLimitBytesMin} to ${settings.memoryBudgetBytes} ` +
          "(workspaces_memory_budget) are accepted",
      });
    }
  }
  if (typeof maxConnections === "number" && maxConnections > settings.connectionsTotalMax) {
    fields.push({
      pointer: "/max_connections",
      detail: `${maxConnections}: 1 to ${settings.connectionsTotalMax} (max_connections_total) are accepted`,
    });
  }
  throwFields(fields);
}

/**
 * Finds the tables and columns of a load. Names in SQL ignore case, so those here do too; the items carry the catalog's
 * spelling. Throws `invalid_request` that points at each unknown or doubled one. `pointerOf` gives the pointer of an
 * item's field, for requests that are shaped differently.
 */
export function resolveLoad(
  catalog: ProjectCatalog,
  requests: readonly LoadTableRequest[],
  pointerOf: (index: number, field: string) => string = (index, field) => `/tables/${index}/${field}`,
): LoadItem[] {
  const tables = new Map<string, CatalogTable>();
  for (const table of catalog.tables) tables.set(`${table.schema}.${table.name}`.toLowerCase(), table);
  for (const table of catalog.tables) tables.set(table.table_id.toLowerCase(), table);
  const fields: FieldError[] = [];
  const destinations = new Set<string>();
  const items: LoadItem[] = [];
  requests.forEach((request, index) => {
    const table = tables.get(request.source.toLowerCase());
    if (table === undefined) {
      fields.push({ pointer: pointerOf(index, "source"), detail: `"${request.source}" is not a table of the project` });
      return;
    }
    const destination = request.destination ?? table.name;
    if (destinations.has(destination.toLowerCase())) {
      const field = request.destination === undefined ? "source" : "destination";
      fields.push({ pointer: pointerOf(index, field), detail: `"${destination}" is loaded twice` });
    }
    destinations.add(destination.toLowerCase());
    items.push({
      source: request.source,
      schema: table.schema,
      table: table.name,
      destination,
      columns: resolveColumns(table, request.columns, (column) => pointerOf(index, `columns/${column}`), fields),
      where: request.where ?? null,
    });
  });
  throwFields(fields);
  return items;
}

function resolveColumns(
  table: CatalogTable,
  columns: readonly string[] | undefined,
  pointerOf: (column: number) => string,
  fields: FieldError[],
): string[] | null {
  if (columns === undefined) return null;
  const known = new Map(table.columns.map((column) => [column.name.toLowerCase(), column.name]));
  const chosen = new Set<string>();
  columns.forEach((column, index) => {
    const name = known.get(column.toLowerCase());
    if (name === undefined) {
      fields.push({ pointer: pointerOf(index), detail: `"${column}" is not a column of ${table.table_id}` });
    } else if (chosen.has(name)) {
      fields.push({ pointer: pointerOf(index), detail: `"${column}" is named twice` });
    } else {
      chosen.add(name);
    }
  });
  return [...chosen];
}

/** Throws `invalid_request` when there are any. */
export function throwFields(fields: readonly FieldError[]): void {
  if (fields.length === 0) return;
  throw new AppError(
    "invalid_request",
    `request body: ${fields.map((field) => `${field.pointer} ${field.detail}`).join("; ")}`,
    { fields },
  );
}
