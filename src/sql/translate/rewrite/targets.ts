/**
 * The select list: PostgreSQL's names for columns without AS, names in place of OIDs for reg… values that go outwards,
 * and the columns that come out, for the query around it.
 */
import { cast, columnRef, target } from "./build.ts";
import { columnName } from "./column_name.ts";
import { rewriteExpression } from "./expression.ts";
import { typeOf, withType } from "./infer.ts";
import { withNumericResult } from "./numeric_results.ts";
import { isNullConstant } from "./rules/constants.ts";
import { mayBeOtherwise, withOutputType } from "./described_types.ts";
import { isShownAsName, nameAndOid, shown } from "./rules/reg_values.ts";
import { record, rowText } from "./rules/rows.ts";
import { findColumn, findRelation, type QueryRole, type Scope, type ScopeColumn, type ScopeRelation } from "./scope.ts";
import { typeOfTypeName } from "./static_types.ts";
import { bodyOf, child, list, type PgNode, rewrap, stringOf, text, withFields } from "./tree.ts";

export interface RewrittenTarget {
  /** As the column is called; null where only DuckDB knows (a star over a user's table). */
  readonly name: string | null;
  /** The expression before a reg… value became a name; null for a star. */
  readonly value: PgNode | null;
  readonly original: PgNode | null;
  /** The name was given here. */
  readonly nameAdded: boolean;
  readonly shownAsName: boolean;
}

export interface RewrittenTargets {
  readonly items: readonly PgNode[];
  readonly targets: readonly RewrittenTarget[];
  readonly columns: readonly ScopeColumn[] | null;
  /** The columns before the first that only DuckDB knows. */
  readonly leading: readonly ScopeColumn[];
}

/** `grouped`: GROUP BY has expressions, which may be those of the list. */
export function rewriteTargets(
  items: readonly PgNode[],
  scope: Scope,
  role: QueryRole,
  starColumns: readonly ScopeColumn[] | null,
  grouped = false,
): RewrittenTargets {
  const targets: RewrittenTarget[] = [];
  const columns: ScopeColumn[] = [];
  const leading: ScopeColumn[] = [];
  let known = true;
  let changed = false;
  const rewritten: PgNode[] = [];
  for (const item of items) {
    const body = bodyOf(item, "ResTarget");
    const value = child(body, "val");
    if (body === null || value === null) {
      rewritten.push(item);
      known = false;
      continue;
    }
    const stars = starOf(value, scope, starColumns);
    if (stars !== null) {
      const expanded = expandStar(item, stars, scope, role);
      rewritten.push(...expanded.items);
      changed ||= expanded.items[0] !== item || expanded.items.length !== 1;
      targets.push(...expanded.targets);
      if (stars.columns === null) known = false;
      columns.push(...stars.columns ?? []);
      if (known) leading.push(...stars.columns ?? []);
      continue;
    }
    const result = rewriteTarget(item, body, value, scope, role, grouped);
    rewritten.push(result.item);
    changed ||= result.item !== item;
    targets.push(result.target);
    const column = { name: result.target.name ?? "", type: typeOf(result.target.value, scope) };
    columns.push(column);
    if (known) leading.push(column);
  }
  return { items: changed ? rewritten : items, targets, columns: known ? columns : null, leading };
}

function rewriteTarget(
  item: PgNode,
  body: PgNode,
  value: PgNode,
  scope: Scope,
  role: QueryRole,
  grouped: boolean,
): { item: PgNode; target: RewrittenTarget } {
  const exact = role.shown ? withNumericResult(value, scope, grouped) : value;
  const rewritten = withKnownType(rewriteExpression(exact, { ...scope, rowsAllowed: true }), role);
  const written = text(body, "name");
  const described = role.described === true && role.isArm !== true ? asDescribed(rewritten, scope) : null;
  const named = described ?? (role.shown ? rowText(rewritten, scope) ?? shown(rewritten, scope) : rewritten);
  const result = role.shown ? withOutputType(named, scope) : named;
  const isColumn = bodyOf(value, "ColumnRef") !== null && bodyOf(result, "ColumnRef") !== null &&
    columnName(value) === columnName(result);
  const name = written === "" ? columnName(value) ?? subqueryColumn(rewritten, scope) : written;
  const added = written === "" && role.named && !isColumn && name !== null && scope.statement.options.nameColumns;
  return {
    item: rewrap(item, "ResTarget", withFields(body, { val: result, ...(added ? { name } : {}) })),
    target: {
      name,
      value: typedValue(value, rewritten, described, scope),
      original: value,
      nameAdded: added,
      shownAsName: named !== rewritten,
    },
  };
}

/** What the client is told of by a type that DuckDB does not have; null for all else. */
function asDescribed(node: PgNode, scope: Scope): PgNode | null {
  const row = record(node, scope);
  if (row !== null) return row;
  const reg = nameAndOid(node, scope);
  return reg === node ? null : reg;
}

/** The expression that tells the column's type. */
function typedValue(original: PgNode, rewritten: PgNode, described: PgNode | null, scope: Scope): PgNode {
  if (described !== null && typeOf(described, scope) === "record") return withType(rewritten, "record", scope);
  const row = wholeRow(original, scope);
  if (row) return withType(rewritten, "record", scope);
  const limited = limitedType(original);
  return limited === null ? rewritten : withType(rewritten, limited, scope);
}

/** `t` in `SELECT t FROM t`, unless it is a column. */
function wholeRow(node: PgNode, scope: Scope): boolean {
  const fields = list(bodyOf(node, "ColumnRef"), "fields");
  if (fields.length !== 1) return false;
  const name = stringOf(fields[0]);
  const relation = scope.relations.find(({ alias }) => alias === name);
  return relation !== undefined && relation.value === undefined && findColumn(scope, name) === null;
}

/** The type with its length of a cast to varchar(n) or char(n). */
function limitedType(node: PgNode): string | null {
  const typeName = child(bodyOf(node, "TypeCast"), "typeName");
  const [modifier] = list(typeName, "typmods");
  const type = typeName === null || list(typeName, "arrayBounds").length > 0 ? "" : typeOfTypeName(typeName);
  const length = child(bodyOf(modifier, "A_Const"), "ival")?.["ival"];
  return (type === "varchar" || type === "bpchar") && typeof length === "number" ? `${type}(${length})` : null;
}

/** A column that is NULL alone is of type text; DuckDB would take it for an integer. */
function withKnownType(node: PgNode, role: QueryRole): PgNode {
  return role.named && role.isArm !== true && isNullConstant(node) ? cast(node, "text") : node;
}

/** The name of `(SELECT * FROM …)` where the columns are known. */
function subqueryColumn(node: PgNode, scope: Scope): string | null {
  const select = bodyOf(child(bodyOf(node, "SubLink"), "subselect"), "SelectStmt");
  return select === null ? null : scope.statement.columns.get(select)?.[0]?.name ?? null;
}

interface StarColumns {
  readonly columns: readonly ScopeColumn[] | null;
  /** Whose columns they are: one relation for `t.*`, all of the FROM for `*`. */
  readonly relations: readonly ScopeRelation[];
}

/** Null when the target is no star. */
function starOf(value: PgNode, scope: Scope, starColumns: readonly ScopeColumn[] | null): StarColumns | null {
  const fields = list(bodyOf(value, "ColumnRef"), "fields");
  const last = fields.at(-1);
  if (last === undefined || !("A_Star" in last)) return null;
  if (fields.length === 1) return { columns: starColumns, relations: scope.relations };
  const relation = findRelation(scope, stringOf(fields.at(-2)));
  return { columns: relation?.columns ?? null, relations: relation === null ? [] : [relation] };
}

/** A star stays, unless a column of it must become a name. */
function expandStar(
  item: PgNode,
  stars: StarColumns,
  scope: Scope,
  role: QueryRole,
): { items: readonly PgNode[]; targets: readonly RewrittenTarget[] } {
  const unexpanded: RewrittenTarget = { name: null, value: null, original: null, nameAdded: false, shownAsName: false };
  const plainStar = { items: [withoutSchema(item)], targets: [unexpanded] };
  if (!role.shown || !stars.relations.some(mustBeExpanded)) return plainStar;
  const parts = stars.relations.map((relation) => expandRelation(relation, scope, role));
  // A merged join's star is not the list of its tables' columns, and a relation without alias cannot be named.
  const merged = stars.columns === null && stars.relations.every((relation) => relation.columns !== null);
  if (merged || parts.some((part) => part === null)) return plainStar;
  return {
    items: parts.flatMap((part) => part!.items),
    targets: parts.flatMap((part) => part!.targets),
  };
}

function mustBeExpanded(relation: ScopeRelation): boolean {
  return relation.columns?.some(({ type }) => isShownAsName(type) || !relation.isTable && mayBeOtherwise(type)) ===
    true;
}

function expandRelation(
  relation: ScopeRelation,
  scope: Scope,
  role: QueryRole,
): { items: readonly PgNode[]; targets: readonly RewrittenTarget[] } | null {
  if (relation.alias === null) return null;
  const alias = relation.alias;
  if (relation.columns === null) {
    const fields = [{ String: { sval: alias } }, { A_Star: {} }];
    return { items: [target({ ColumnRef: { fields, location: -1 } })], targets: [] };
  }
  const parts = relation.columns.map((column) => {
    const value = columnRef(alias, column.name);
    scope.statement.types.set(value, column.type);
    const described = role.described === true && role.isArm !== true ? nameAndOid(value, scope) : shown(value, scope);
    const name = relation.isTable ? described : withOutputType(described, scope);
    const item = name === value ? target(value) : target(name, column.name);
    const result: RewrittenTarget = {
      name: column.name,
      value,
      original: value,
      nameAdded: false,
      shownAsName: name !== value,
    };
    return { item, result };
  });
  return { items: parts.map((part) => part.item), targets: parts.map((part) => part.result) };
}

/** `pg_catalog.pg_class.*` is `pg_class.*`. */
function withoutSchema(item: PgNode): PgNode {
  const body = bodyOf(item, "ResTarget")!;
  const value = child(body, "val")!;
  const reference = bodyOf(value, "ColumnRef")!;
  const fields = list(reference, "fields");
  const schema = fields.length >= 3 ? stringOf(fields.at(-3)) : "";
  if (schema !== "pg_catalog" && schema !== "information_schema" && schema !== "public") return item;
  const short = { ColumnRef: withFields(reference, { fields: fields.slice(-2) }) };
  return { ResTarget: withFields(body, { val: short }) };
}
