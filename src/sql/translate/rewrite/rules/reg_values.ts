/**
 * Values of the reg… types. Inside a statement such a value is the object's OID; the macros `__regclass` … find it by
 * name and `__regclass_name` … give the name to show. PostgreSQL takes a constant string beside a regclass for a name
 * of a relation, so the comparison is one of OIDs.
 */
import { builtinTypeOid } from "../../../catalog/functions/builtin_types.ts";
import { nameParts } from "../../../catalog/functions/name_syntax.ts";
import { schemaOids } from "../../../catalog/relations/objects.ts";
import { postgresRelations } from "../../../catalog/relations/postgres_columns.ts";
import { aliasBody, arrayOf, call, caseWhen, columnRef, integerConstant, isNull, nullConstant } from "../build.ts";
import { rangeSubselect, selectBody, target } from "../build.ts";
import { typeOf, withType } from "../infer.ts";
import type { Scope } from "../scope.ts";
import { constantText, isNullConstant } from "./constants.ts";
import { callMacro } from "./macro_calls.ts";
import { elementOf, isInteger, isOid, isReg, type StaticType } from "../static_types.ts";
import { bodyOf, child, list, type PgNode, stringsOf } from "../tree.ts";

export { constantText, isNullConstant } from "./constants.ts";

/** The OID that `node` stands for as a value of `type`. */
export function toReg(node: PgNode, type: string, scope: Scope): PgNode {
  const from = typeOf(node, scope);
  if (isNullConstant(node)) return node;
  if (isReg(from) || isOid(from)) return withType(node, type, scope);
  if (isInteger(from)) return withType(castToOid(node), type, scope);
  const system = systemOid(node, type, scope);
  if (system !== null) return withType(castToOid(integerConstant(system)), type, scope);
  const found = withType(callMacro(`__${type}`, [node], scope), type, scope);
  // Over rows a name is looked up once, not once a row.
  return constantText(node) !== null && scope.relations.length > 0 ? withType(once(found), type, scope) : found;
}

function once(node: PgNode): PgNode {
  return {
    SubLink: { subLinkType: "EXPR_SUBLINK", subselect: { SelectStmt: selectBody([target(node)]) }, location: -1 },
  };
}

/**
 * The OID of an object of PostgreSQL's own that a constant names; null for all others. What is looked up at run time takes some 10 ms to plan. (A
 * temporary table that hides a relation of pg_catalog is not found so.)
 */
function systemOid(node: PgNode, type: string, scope: Scope): number | null {
  const source = constantText(node);
  if (source === null) return null;
  if (type === "regtype") return builtinTypeOid(source);
  const parts = nameParts(source) ?? [];
  const name = parts.at(-1) ?? "";
  if (type === "regnamespace") return parts.length === 1 ? schemaOids[name as keyof typeof schemaOids] ?? null : null;
  const isSystem = type === "regclass" && (parts.length === 1 || (parts.length === 2 && parts[0] === "pg_catalog"));
  return isSystem && scope.statement.names.catalog.has(name) ? postgresRelations.get(name)?.oid ?? null : null;
}

function castToOid(node: PgNode): PgNode {
  return { TypeCast: { arg: node, typeName: { names: [{ String: { sval: "oid" } }], typemod: -1 }, location: -1 } };
}

/** The name to show, when the value is of a reg… type or an array of one; else the node itself. */
export function shown(node: PgNode, scope: Scope): PgNode {
  const type = typeOf(node, scope);
  if (type === null) return node;
  if (isReg(type)) return isNullConstant(node) ? node : withType(nameOf(node, type, scope), "text", scope);
  const element = elementOf(type);
  if (element === null || !isReg(element)) return node;
  const elements = list(bodyOf(child(bodyOf(node, "TypeCast"), "arg"), "A_ArrayExpr"), "elements");
  if (elements.length > 0) {
    return withType(arrayOf(elements.map((item) => nameOf(item, element, scope))), "text[]", scope);
  }
  // A function in FROM takes no subquery, which a macro may hold.
  const rows = selectBody([target(call(["unnest"], [node]), "value")]);
  const names = selectBody(
    [target(nameOf(columnRef("item", "value"), element, scope))],
    [rangeSubselect(rows, aliasBody("item"))],
  );
  const array = { SubLink: { subLinkType: "ARRAY_SUBLINK", subselect: { SelectStmt: names }, location: -1 } };
  return withType(caseWhen([[isNull(node), nullConstant()]], array), "text[]", scope);
}

/** A struct of the name to show and the OID, of which a client gets the one that its format wants; the node itself when it is no reg… value. */
export function nameAndOid(node: PgNode, scope: Scope): PgNode {
  const type = typeOf(node, scope);
  if (!isReg(type) || type === null || isNullConstant(node)) return node;
  const fields = ([["name", nameOf(node, type, scope)], ["oid", node]] as const).map(([name, arg]) => ({
    NamedArgExpr: { name, arg, argnumber: -1, location: -1 },
  }));
  return withType(call(["struct_pack"], fields), type, scope);
}

function nameOf(node: PgNode, type: string, scope: Scope): PgNode {
  return callMacro(`__${type === "regprocedure" ? "regproc" : type}_name`, [node], scope);
}

/** Whether a value of that type is shown as a name rather than as it is. */
export function isShownAsName(type: StaticType): boolean {
  return isReg(type) || isReg(elementOf(type));
}

/** The name in `__regclass('name')`, which was `'name'::regclass`, also in a subquery of its own; else the constant itself; else null. */
export function constantRelationName(node: PgNode | null | undefined): string | null {
  const inner = bodyOf(child(bodyOf(node, "SubLink"), "subselect"), "SelectStmt");
  if (inner !== null) return constantRelationName(child(bodyOf(list(inner, "targetList")[0], "ResTarget"), "val"));
  const body = bodyOf(node, "FuncCall");
  if (body !== null && stringsOf(body, "funcname").at(-1) === "__regclass") return constantText(list(body, "args")[0]);
  return constantText(node);
}
