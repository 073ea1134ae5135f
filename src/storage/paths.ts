/** Where a project's files lie. The layout is that of docs/ARCHITECTURE.md, "Data on disk". */
import { join } from "node:path";
import type { Scope, TableName } from "./types.ts";

/** The folder of a project, or of a branch's own files, relative to the data folder. */
export function scopeFolder(scope: Scope): string {
  return scope.branchId === null ? `project_${scope.projectId}` : `project_${scope.projectId}_branch_${scope.branchId}`;
}

/** `project_1/in_c_sales/orders.v3.duckdb`, relative to the data folder. */
export function versionFilePath(scope: Scope, table: TableName, version: number): string {
  return join(scopeFolder(scope), table.schema, `${table.name.toLowerCase()}.v${version}.duckdb`);
}

/** What the storage jobs of a project write for a while: uploads, exports, spill files. */
export const temporaryPrefix = "storage-";

export function temporaryFolder(scope: Scope, name: string): string {
  return join(scopeFolder(scope), "_tmp", temporaryPrefix + name);
}

/** Version files, finished or not, with what DuckDB may leave beside them. */
export const versionFilePattern = /\.v\d+\.duckdb(\.partial)?(\.wal)?$/;
