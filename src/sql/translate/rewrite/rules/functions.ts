/**
 * Calls of functions: PostgreSQL's own that DuckDB lacks or has otherwise are macros of the internal database;
 * `pg_catalog.` before others is left out; sequences are given as text. An aggregate or window call is DuckDB's.
 */
import { knownAggregates, rewriteAggregate } from "./aggregates.ts";
import { rewriteArrayConstant } from "./arrays.ts";
import { cast, macroPath, operator, stringNode, textConstant } from "../build.ts";
import { typeOf, withType } from "../infer.ts";
import { overloadsFor } from "../known_names.ts";
import type { Scope } from "../scope.ts";
import { child, list, mapList, type PgNode, rewrap, stringsOf, text, withFields } from "../tree.ts";
import { callMacro } from "./macro_calls.ts";
import { constantText } from "./constants.ts";
import { callByOid, withRelationArgument } from "./object_arguments.ts";
import { rewriteOverlaps } from "./overlaps.ts";
import { constantRelationName, shown, toReg } from "./reg_values.ts";
import { rowFunction, valueColumn } from "./row_functions.ts";
import { withNamedRows } from "./rows.ts";
import { readsRelationBehind, setAsList } from "./set_returning.ts";

/** How the grammar writes patterns; part of their operator. */
const patternFunctions: ReadonlySet<string> = new Set(["like_escape", "similar_to_escape"]);

export function rewriteCall(body: PgNode, node: PgNode, scope: Scope): PgNode {
  const named = ownCall(body, node, scope);
  if (named !== null) return named;
  const names = stringsOf(body, "funcname");
  const name = names.at(-1)!;
  const isRow = rowFunction(name, scope)?.gives === "row";
  const values = isAggregateCall(body) || !scope.rowsAllowed || isRow
    ? null
    : setAsList(name, list(body, "args"), scope);
  if (values === null) return rewriteScalarCall(body, node, scope);
  const unnest = { FuncCall: { funcname: [stringNode("unnest")], args: [values], location: body["location"] ?? 0 } };
  const isComposite = rowFunction(name, scope)?.isComposite === true;
  return withType(unnest, isComposite ? "record" : valueColumn(name).type ?? typeOf(node, scope), scope);
}

/** For a function of the user's own (`public.f`), null for all others. */
function ownCall(body: PgNode, node: PgNode, _scope: Scope): PgNode | null {
  const names = stringsOf(body, "funcname");
  if (names.length === 1 || names[0] === "pg_catalog" || names[0] === "information_schema") return null;
  if (names[0] !== "public") return node;
  return rewrap(node, "FuncCall", withFields(body, { funcname: ["main", ...names.slice(1)].map(stringNode) }));
}

/** A call that gives one value, or stands in FROM. */
export function rewriteScalarCall(body: PgNode, node: PgNode, scope: Scope): PgNode {
  const names = stringsOf(body, "funcname");
  const name = names.at(-1)!;
  if (patternFunctions.has(name)) return node;
  const named = withNamedRows(name, body);
  if (named !== body) return rewriteScalarCall(named, { FuncCall: named }, scope);
  const aggregate = rewriteAggregate(name, body, node, scope);
  if (aggregate !== node || knownAggregates.has(name)) return aggregate;
  const special = isAggregateCall(body) ? null : specialCalls[name]?.(body, scope) ?? null;
  if (special !== null) return special;
  const prepared = withPreparedArguments(name, body, scope);
  if (isMacroCall(name, prepared, scope)) {
    readsRelationBehind(name, scope);
    const location = typeof body["location"] === "number" ? body["location"] : 0;
    const byOid = callByOid(name, prepared, scope, location);
    if (byOid !== null) return withType(byOid, typeOf(node, scope), scope);
    return callMacro(name, list(prepared, "args"), scope, location);
  }
  const sqlSyntax = text(body, "funcformat") === "COERCE_SQL_SYNTAX";
  if (names.length === 2 && !sqlSyntax) return { FuncCall: withFields(prepared, { funcname: [stringNode(name)] }) };
  return rewrap(node, "FuncCall", prepared);
}

function isAggregateCall(body: PgNode): boolean {
  return body["agg_star"] === true || body["agg_distinct"] === true || body["agg_within_group"] === true ||
    body["agg_filter"] !== undefined || body["agg_order"] !== undefined || body["over"] !== undefined;
}

function isMacroCall(name: string, body: PgNode, scope: Scope): boolean {
  if (isAggregateCall(body)) return false;
  const macro = scope.statement.names.macros.get(name);
  return macro !== undefined && !name.startsWith("__") && overloadsFor(macro, list(body, "args").length).length > 0;
}

/** Functions that write their arguments as text. */
const textFunctions: ReadonlySet<string> = new Set(["concat", "concat_ws", "format", "array_to_string", "to_json"]);

/** Functions with arguments of type text[], by position, whose constants are arrays in PostgreSQL's form. */
const textArrayArguments: Readonly<Record<string, readonly number[]>> = {
  jsonb_set: [1],
  jsonb_set_lax: [1],
  jsonb_insert: [1],
  jsonb_delete_path: [1],
  jsonb_exists_any: [1],
  jsonb_exists_all: [1],
  json_object: [0, 1],
  jsonb_object: [0, 1],
};

function withPreparedArguments(name: string, body: PgNode, scope: Scope): PgNode {
  const parameters = list(body, "args");
  const arrays = textArrayArguments[name];
  if (arrays !== undefined) {
    const converted = mapList(
      parameters,
      (item, at) => arrays.includes(at) ? rewriteArrayConstant(item, "text[]") : item,
    );
    return withFields(body, { args: converted });
  }
  if (!textFunctions.has(name)) return withRelationArgument(name, body, scope);
  return withFields(body, { args: mapList(parameters, (item) => shown(item, scope)) });
}

type SpecialCall = (body: PgNode, scope: Scope) => PgNode | null;

const specialCalls: Readonly<Record<string, SpecialCall>> = {
  nextval: sequenceCall,
  currval: sequenceCall,
  setval: sequenceCall,
  pg_get_serial_sequence: () => null,
  overlaps: rewriteOverlaps,
  age: ageOfTransaction,
  chr: characterOfConstant,
  pg_typeof: typeOfArgument,
  to_char: formattedByConstant,
};

/** With a constant template most dates are written by DuckDB itself (`functions/formatting.ts`). */
function formattedByConstant(body: PgNode, scope: Scope): PgNode | null {
  const parameters = list(body, "args");
  if (parameters.length !== 2 || constantText(parameters[1]) === null) return null;
  const location = typeof body["location"] === "number" ? body["location"] : 0;
  return withType(callMacro("__to_char", parameters, scope, location), "text", scope);
}

/** Only chr(0) differs, and a constant stays one: string_agg() takes no other separator. */
function characterOfConstant(body: PgNode): PgNode | null {
  const constant = child(list(body, "args")[0] ?? {}, "A_Const");
  const code = constant === null ? null : child(constant, "ival");
  if (code === null || typeof code["ival"] !== "number") return null;
  return { FuncCall: withFields(body, { funcname: [stringNode("chr")] }) };
}

/** `nextval('public.s'::regclass)`: DuckDB takes the name as text. */
function sequenceCall(body: PgNode, scope: Scope): PgNode | null {
  const name = stringsOf(body, "funcname").at(-1)!;
  const [sequence, ...others] = list(body, "args");
  const sequenceName = constantRelationName(sequence);
  if (sequenceName === null || sequence === undefined) return null;
  const parameters = [textConstant(ownSequenceName(sequenceName)), ...others];
  const isMacro = scope.statement.names.macros.has(name);
  return {
    FuncCall: withFields(body, { funcname: (isMacro ? macroPath(name) : [name]).map(stringNode), args: parameters }),
  };
}

function ownSequenceName(name: string): string {
  return name.replace(/^\s*"?public"?\s*\./i, "main.").replace(/^\s*"?pg_temp"?\s*\./i, "temp.");
}

/** `age(xid)` counts transactions from that one to now. */
function ageOfTransaction(body: PgNode, scope: Scope): PgNode | null {
  const [argument, second] = list(body, "args");
  if (argument === undefined || second !== undefined || typeOf(argument, scope) !== "xid") return null;
  const now = { FuncCall: { funcname: [stringNode("txid_current")], location: -1 } };
  return cast(operator(cast(now, "int8"), "-", cast(argument, "int8")), "int4");
}

/** The types that DuckDB does not have are known only here. */
function typeOfArgument(body: PgNode, scope: Scope): PgNode | null {
  const type = typeOf(list(body, "args")[0] ?? null, scope);
  if (type === null) return null;
  return toReg(textConstant(type === "char" ? '"char"' : type), "regtype", scope);
}
