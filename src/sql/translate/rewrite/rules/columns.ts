/**
 * References to columns: qualifiers with a schema (`pg_catalog.pg_class.relname`, `public.t.a`), the system columns
 * of emulated relations, which the views do not have, and a row's place in an own table: `ctid` is made of DuckDB's `rowid`, which a table has
 * and a view (also a project table) has not.
 */
import { cast, columnRef, integerConstant, macroCall, textConstant } from "../build.ts";
import { withType } from "../infer.ts";
import { findColumn, findRelation, type Scope, type ScopeRelation } from "../scope.ts";
import { list, type PgNode, rewrap, stringOf, withFields } from "../tree.ts";
import { placeOf } from "./row_places.ts";

const transactionColumns: ReadonlySet<string> = new Set(["xmin", "xmax", "cmin", "cmax"]);
const systemColumns: ReadonlySet<string> = new Set([...transactionColumns, "tableoid", "ctid"]);

export function rewriteColumnRef(body: PgNode, node: PgNode, scope: Scope): PgNode {
  const fields = list(body, "fields");
  const names = fields.map(stringOf);
  if (fields.length >= 3) {
    const relation = findRelation(scope, names.at(-2)!, names.at(-3)!);
    if (relation !== null) return systemColumn(relation, names.at(-1)!, scope) ?? withQualifier(body, node, relation);
    return node;
  }
  const name = names.at(-1)!;
  if (fields.length === 1 && findColumn(scope, name) === null) {
    const value = findRelation(scope, name)?.value ?? null;
    if (value !== null) {
      return withType(columnRef(name, value.name), value.type, scope);
    }
  }
  if (!systemColumns.has(name)) return node;
  if (names.length === 2) {
    const relation = findRelation(scope, names[0]!);
    return relation === null ? node : systemColumn(relation, name, scope) ?? node;
  }
  if (findColumn(scope, name) !== null) return node;
  const relation = scope.relations.length === 1 ? scope.relations[0]! : null;
  return relation === null ? node : systemColumn(relation, name, scope) ?? node;
}

/** `schema.table.column` of a relation in FROM: its schema is another one in DuckDB, the name is enough. */
function withQualifier(body: PgNode, node: PgNode, relation: ScopeRelation): PgNode {
  if (relation.catalog === null && relation.schema !== "public" && relation.schema !== null) return node;
  return rewrap(node, "ColumnRef", withFields(body, { fields: list(body, "fields").slice(-2) }));
}

function systemColumn(relation: ScopeRelation, name: string, scope: Scope): PgNode | null {
  if (!relation.isTable || relation.columns?.some((column) => column.name === name) === true) return null;
  if (name === "ctid") {
    const { alias, catalog } = relation;
    return catalog === null && alias !== null ? withType(placeOf(alias), "tid", scope) : null;
  }
  if (transactionColumns.has(name)) {
    return relation.catalog === null ? null : withType(cast(integerConstant(1), "oid"), "xid", scope);
  }
  if (name !== "tableoid" || relation.catalog === null) return null;
  const path = `${relation.catalog.schema}.${relation.catalog.name}`;
  return withType(macroCall("__regclass", [textConstant(path)]), "oid", scope);
}
