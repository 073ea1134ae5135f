/**
 * Functions as text: `pg_get_function_arguments` and its relatives, `pg_get_functiondef`. What PostgreSQL says of its
 * own functions is known here (`postgres_functions.ts`); the user's functions are DuckDB's macros, whose parameters
 * mostly have no type and whose defaults DuckDB does not tell.
 */
import type { SqlFunction } from "../../functions/types.ts";
import { shownSql } from "../relations/define.ts";
import { functionOid, ownFunctions } from "../relations/function_rows.ts";
import { type PostgresFunction, postgresFunctions } from "../relations/postgres_functions.ts";
import { typeOid } from "../relations/postgres_types.ts";
import { formatBuiltinType, modifierAbsent } from "./builtin_types.ts";
import { quoteIdentifier } from "./keywords.ts";
import { lookup, macro, pg, raise } from "./macro.ts";

const byOid: ReadonlyMap<number, PostgresFunction> = new Map(postgresFunctions.map((entry) => [entry.oid, entry]));

function typeName(name: string): string {
  return formatBuiltinType(typeOid(name), modifierAbsent) ?? name;
}

const modeWords: Readonly<Record<string, string>> = { o: "OUT ", b: "INOUT ", v: "VARIADIC " };

/** As pg_get_function_arguments prints them, without defaults; null for an OID that no function has. */
export function functionArguments(oid: number): string | null {
  const entry = byOid.get(oid);
  if (entry === undefined) return null;
  const types = entry.allTypes.length === 0 ? entry.argumentTypes : entry.allTypes;
  return types.map((type, index) => {
    const mode = entry.modes[index] ?? "i";
    if (mode === "t") return null;
    const name = entry.names[index] ?? "";
    return `${modeWords[mode] ?? ""}${name === "" ? "" : `${quoteIdentifier(name)} `}${typeName(type)}`;
  }).filter((text) => text !== null).join(", ");
}

/** As a regprocedure is printed, `substr(text,integer,integer)`; null for an OID that no function has. */
export function functionSignature(oid: number): string | null {
  const entry = byOid.get(oid);
  if (entry === undefined) return null;
  return `${quoteIdentifier(entry.name)}(${entry.argumentTypes.map(typeName).join(",")})`;
}

/** As pg_get_function_result prints it; null for an OID that no function has. */
export function functionResult(oid: number): string | null {
  const entry = byOid.get(oid);
  if (entry === undefined) return null;
  return `${entry.returnsSet ? "SETOF " : ""}${typeName(entry.returnType)}`;
}

const volatilityWords: Readonly<Record<string, string>> = { i: "IMMUTABLE ", s: "STABLE ", v: "" };

/** As pg_get_functiondef prints a function of the server itself; null for an OID that no such function has. */
export function functionDefinition(oid: number): string | null {
  const entry = byOid.get(oid);
  if (entry === undefined || entry.kind === "a") return null;
  const strict = entry.strict ? " STRICT" : "";
  const window = entry.kind === "w" ? "WINDOW " : "";
  return `CREATE OR REPLACE FUNCTION pg_catalog.${quoteIdentifier(entry.name)}(${functionArguments(oid)})
 RETURNS ${functionResult(oid)}
 LANGUAGE internal
 ${window}${volatilityWords[entry.volatility] ?? ""}PARALLEL SAFE${strict}
AS $function$${entry.name}$function$
`;
}

const aggregateOids = postgresFunctions.filter((entry) => entry.kind === "a").map((entry) => entry.oid);

const quoted = (name: string) => `${pg("__quoted_name")}(${name})`;

/** Of a macro of the user's; DuckDB says no type of most parameters. */
const parameterType = `CASE WHEN parameter_types[place] IS NULL THEN '"any"' ELSE __eider_format_type(
  ${pg("__type_oid")}(parameter_types[place])::BIGINT, (${modifierAbsent})::BIGINT) END`;

/** SQL of the user's macros: oid, is_table, signature, arguments, definition. */
export const userFunctions = `SELECT ${functionOid} AS oid, is_table, CASE WHEN shown_schema = 'public' THEN '' ELSE ${
  quoted("shown_schema")
} || '.' END || ${quoted("function_name")} || '(' || array_to_string(
        list_transform(parameter_types, lambda name, place: ${parameterType}), ',') || ')' AS signature,
      array_to_string(list_transform(parameters, lambda name, place: ${
  quoted("name")
} || ' ' || ${parameterType}), ', ') AS arguments,
      'CREATE OR REPLACE MACRO ' || ${quoted("shown_schema")} || '.' || ${quoted("function_name")} || '('
        || array_to_string(list_transform(parameters, lambda name: ${quoted("name")}), ', ') || ') AS '
        || CASE WHEN is_table THEN 'TABLE ' ELSE '' END || ${shownSql("macro_definition")} AS definition
    FROM ${ownFunctions} AS own`;

export const routineFunctions: readonly SqlFunction[] = [
  macro(
    "__regprocedure_name",
    `(object) AS CASE WHEN object = 0 THEN '-' ELSE coalesce(${
      lookup("__eider_function_signature", "object::BIGINT")
    }, object::VARCHAR) END`,
  ),
  macro("pg_get_function_arguments", `(object) AS ${lookup("__eider_function_arguments", "object::BIGINT")}`),
  macro(
    "pg_get_function_identity_arguments",
    `(object) AS ${lookup("__eider_function_arguments", "object::BIGINT")}`,
  ),
  macro("pg_get_function_result", `(object) AS ${lookup("__eider_function_result", "object::BIGINT")}`),
  macro(
    "pg_get_functiondef",
    `(object) AS CASE WHEN object IN (${aggregateOids.join(", ")})
      THEN ${raise("42809", "object::VARCHAR || ' is an aggregate function'")}
      ELSE ${lookup("__eider_function_definition", "object::BIGINT")} END`,
  ),
  macro("pg_get_function_arg_default", "(object, number) AS NULL::VARCHAR"),
  macro("pg_get_function_sqlbody", "(object) AS NULL::VARCHAR"),
];
