/**
 * Functions that take an object by its name or by its OID, such as `has_table_privilege('t', …)` and `pg_get_viewdef(c.oid)`. Their macros find
 * out at run time which it is, and plan the search by name in every case. Where the types tell, the name is looked up here, and the macro
 * below is called that knows OIDs only.
 */
import { integerConstant } from "../build.ts";
import { typeOf } from "../infer.ts";
import type { Scope } from "../scope.ts";
import { isInteger, isOid, isReg, isText } from "../static_types.ts";
import { list, mapList, type PgNode, withFields } from "../tree.ts";
import { constantText, isNullConstant } from "./constants.ts";
import { callMacro } from "./macro_calls.ts";
import { toReg } from "./reg_values.ts";

/** Functions whose first argument is a relation's OID in every case, so that a constant string is a relation's name. */
const ofRelation: ReadonlySet<string> = new Set(
  ("pg_relation_filenode pg_relation_filepath pg_relation_is_publishable pg_column_is_updatable pg_relation_is_updatable " +
    "pg_partition_root pg_get_indexdef pg_index_has_property pg_index_column_has_property pg_sequence_last_value " +
    "pg_indexes_size")
    .split(" "),
);

/** Relations by name or OID, with `__f` below that takes an OID. */
const ofRelationOrName: ReadonlySet<string> = new Set(
  "pg_relation_size pg_table_size pg_total_relation_size pg_get_viewdef".split(" "),
);

/** The macro that finds the object of a privilege function by name, by the word in `has_…_privilege`. */
const objectOfPrivilege: Readonly<Record<string, string>> = {
  table: "regclass",
  any_column: "regclass",
  column: "regclass",
  sequence: "regclass",
  schema: "regnamespace",
  function: "regprocedure",
  type: "regtype",
  database: "__database_oid",
  language: "__language_oid",
  tablespace: "__tablespace_oid",
};
const privilegeFunction = /^has_(\w+)_privilege$/;
/** OID of the workspace's user. */
const ownRole = 10;

/** The call by OID, or null where the function is another one or the types do not tell. */
export function callByOid(name: string, body: PgNode, scope: Scope, location: number): PgNode | null {
  const parameters = list(body, "args");
  if (ofRelationOrName.has(name)) {
    const [object, ...others] = parameters;
    const oid = object === undefined ? null : asOid(object, "regclass", scope);
    return oid === null ? null : callMacro(`__${name}`, [oid, ...others], scope, location);
  }
  const kind = privilegeFunction.exec(name)?.[1] ?? "";
  const find = objectOfPrivilege[kind];
  if (find === undefined) return null;
  const own = kind === "column" ? 3 : 2;
  const [role, [object, ...others]] = parameters.length === own
    ? [null, parameters]
    : [parameters[0]!, parameters.slice(1)];
  if (object === undefined || others.length !== own - 1) return null;
  const oid = asOid(object, find, scope);
  if (oid === null) return null;
  const holder = role === null ? integerConstant(ownRole) : callMacro("__role_oid", [role], scope);
  return callMacro(`__${name}`, [oid, holder, ...others], scope, location);
}

/** The arguments, the first one as a relation's OID where the function takes nothing else. */
export function withRelationArgument(name: string, body: PgNode, scope: Scope): PgNode {
  const parameters = list(body, "args");
  if (!ofRelation.has(name) || constantText(parameters[0]) === null) return body;
  return withFields(body, {
    args: mapList(parameters, (item, at) => at === 0 ? toReg(item, "regclass", scope) : item),
  });
}

/** The OID of an object given by name or OID, null where the types do not tell which it is. */
function asOid(node: PgNode, find: string, scope: Scope): PgNode | null {
  if (isNullConstant(node)) return null;
  const type = typeOf(node, scope);
  if (isOid(type) || isReg(type) || isInteger(type)) return node;
  if (constantText(node) === null && !isText(type)) return null;
  return find.startsWith("__") ? callMacro(find, [node], scope) : toReg(node, find, scope);
}
