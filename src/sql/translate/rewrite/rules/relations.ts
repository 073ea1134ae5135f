/**
 * Names of relations: those of the emulated catalog go to the internal database, `public` is DuckDB's `main`. A CTE
 * hides a catalog relation, and a name in pg_catalog that we do not have is left to DuckDB's answer that it does not
 * exist.
 */
import type { CatalogRelation } from "../../../catalog/types.ts";
import { catalogDatabase } from "../../../catalog/types.ts";
import type { Scope, ScopeColumn, ScopeRelation } from "../scope.ts";
import { child, type PgNode, stringsOf, text, withFields } from "../tree.ts";

export interface RewrittenRelation {
  readonly body: PgNode;
  readonly relation: ScopeRelation;
}

export function rewriteRangeVar(body: PgNode, scope: Scope): RewrittenRelation {
  const schema = text(body, "schemaname");
  const name = text(body, "relname");
  const alias = child(body, "alias");
  const shown = alias === null ? name : text(alias, "aliasname");
  const columnAliases = stringsOf(alias, "colnames");
  const relation = (columns: readonly ScopeColumn[] | null, catalog: CatalogRelation | null, isTable: boolean) => ({
    alias: shown,
    schema: alias !== null ? null : catalog?.schema ?? (schema || null),
    columns: columns === null ? null : renamed(columns, columnAliases),
    catalog,
    isTable,
  });
  if (schema === "") {
    const cte = scope.ctes.get(name);
    if (cte !== undefined) return { body, relation: relation(cte, null, false) };
  }
  const catalog = findCatalogRelation(schema, name, scope);
  if (catalog !== null) {
    scope.statement.relations.add(catalog.name);
    const columns = catalog.columns.map((column) => ({ name: column.name, type: column.type }));
    const place = catalog.schema === "pg_catalog" ? "pg" : "info";
    return {
      body: withFields(body, { catalogname: catalogDatabase, schemaname: place, relname: catalog.name }),
      relation: relation(columns, catalog, true),
    };
  }
  const own = ownNames(body, schema);
  const path = tablePath(own);
  scope.statement.tables.add(path);
  return { body: own, relation: relation(scope.statement.tableColumns.get(path) ?? null, null, true) };
}

/** A table's name as DuckDB reads it. */
function tablePath(rangeVar: PgNode): string {
  return ["catalogname", "schemaname", "relname"].map((field) => text(rangeVar, field)).filter((name) => name !== "")
    .map((name) => `"${name.replaceAll('"', '""')}"`).join(".");
}

function ownNames(body: PgNode, schema: string): PgNode {
  // The policy has let only the workspace's own name through. Without it a project's schema is found as well.
  if (schema !== "" && /^workspace_ws_/.test(text(body, "catalogname"))) {
    return ownNames(withFields(body, { catalogname: undefined }), schema);
  }
  if (schema === "public") return withFields(body, { schemaname: "main" });
  if (schema === "pg_temp" || /^pg_temp_\d+$/.test(schema)) return withFields(body, { schemaname: "temp" });
  return body;
}

export function findCatalogRelation(schema: string, name: string, scope: Scope): CatalogRelation | null {
  const { catalog, information } = scope.statement.names;
  if (schema === "information_schema") return information.get(name) ?? null;
  return schema === "" || schema === "pg_catalog" ? catalog.get(name) ?? null : null;
}

/** Columns under the names of an alias's list, which may be shorter. */
export function renamed(columns: readonly ScopeColumn[], names: readonly string[]): readonly ScopeColumn[] {
  if (names.length === 0) return columns;
  return columns.map((column, index) => ({ ...column, name: names[index] ?? column.name }));
}
