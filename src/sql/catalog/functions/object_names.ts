/**
 * Objects by name and back, as PostgreSQL's reg… types do it: `to_regclass` and its relatives, which answer NULL for
 * what does not exist; `__regclass` and its relatives, which the casts become and which raise PostgreSQL's errors;
 * `__regclass_name` and its relatives, which print an OID as PostgreSQL would: with its schema and in quotes only where
 * it needs them.
 *
 * A text of digits is an OID, `-` is 0. Names of users' objects are found in any case, because DuckDB finds them so.
 */
import { type MacroFunction, raisedErrorPrefix } from "../../functions/types.ts";
import { roleOids, temporarySchema } from "../relations/objects.ts";
import { lookup, macro, pg } from "./macro.ts";

/** A row with the parts of the name; beside it the name is not read again. */
const parts = `(SELECT ${pg("__name_parts")}(name_text::VARCHAR) AS parts) AS @p`;
const part = (index: number) => `list_extract(@p.parts, ${index})`;
/** A schema as it is shown, of the name that somebody wrote. */
const shown = (name: string) =>
  `CASE ${name} WHEN 'main' THEN 'public' WHEN 'pg_temp' THEN '${temporarySchema}' ELSE ${name} END`;
const asNumber = "TRY_CAST(name_text AS UINTEGER)";

/** `finding` gives the OID or NULL. */
function lenient(name: string, finding: string): MacroFunction {
  return macro(
    name,
    `(name_text) AS CASE WHEN name_text::VARCHAR = '-' THEN 0::UINTEGER ELSE coalesce(${asNumber},
      ${finding})::UINTEGER END`,
  );
}

/**
 * The OID, or an error: `missing` is SQL of its SQLSTATE, a colon and its text. A number is its own OID.
 */
function strict(name: string, finding: string, missing: string): MacroFunction {
  const found = macro(
    name,
    `(name_text VARCHAR) AS CASE WHEN name_text IS NULL THEN NULL WHEN name_text::VARCHAR = '-' THEN 0::UINTEGER
      WHEN ${asNumber} IS NOT NULL THEN ${asNumber}
      ELSE coalesce(${finding}, error(concat('${raisedErrorPrefix}', ${missing})))::UINTEGER END`,
    "(object) AS object::UINTEGER",
  );
  // Where DuckDB does not know the type (a parameter, a column of an outer query) it takes the first overload, which reads both.
  return { ...found, firstSuitsAll: true };
}

function missing(title: string, sqlstate: string): string {
  return `concat('${sqlstate}:${title} "', name_text, '" does not exist')`;
}

/** The same three of a type whose names are kept (`memo/object_names.ts`). */
function lookedUp(type: string): readonly MacroFunction[] {
  return [
    macro(`to_${type}`, `(name_text) AS ${lookup(`__eider_to_${type}`, "name_text::VARCHAR")}::UINTEGER`),
    {
      ...macro(
        `__${type}`,
        `(name_text VARCHAR) AS ${lookup(`__eider_${type}`, "name_text::VARCHAR")}::UINTEGER`,
        "(object) AS object::UINTEGER",
      ),
      firstSuitsAll: true,
    },
    macro(`__${type}_name`, `(object) AS ${lookup(`__eider_${type}_name`, "object::BIGINT")}`),
  ];
}

/** A text for an OID; an OID that nothing has is printed as a number. */
function printed(name: string, text: string): MacroFunction {
  return macro(name, `(object) AS CASE WHEN object = 0 THEN '-' ELSE coalesce(${text}, object::VARCHAR) END`);
}

const quoted = (name: string) => `${pg("__quoted_name")}(${name})`;
/** By name and argument types, `lower(text)`; `types` is SQL of their OIDs with spaces between. */
function bySignature(catalog: string, prefix: string, schema: string, types: string): string {
  return `(SELECT min(@o.oid) FROM (SELECT ${pg("__procedure_parts")}(name_text::VARCHAR) AS parts) AS @p,
      ${pg(catalog)} AS @o JOIN ${pg("pg_namespace")} AS @s ON @s.oid = @o.${schema}
    WHERE @o.${prefix}name = ${part(-2)} AND ${types} = ${part(-1)}
    AND CASE WHEN len(@p.parts) > 2 THEN @s.nspname = ${shown(part(-3))} ELSE list_contains(${
    pg("__names_searched")
  }(), @s.nspname) END)`;
}
const procedureBySignature = bySignature("pg_proc", "pro", "pronamespace", "array_to_string(@o.proargtypes, ' ')");
const operatorBySignature = bySignature("pg_operator", "opr", "oprnamespace", "concat(@o.oprleft, ' ', @o.oprright)");

/** By its only name, in a catalog whose objects belong to no schema of the user's. */
function byName(catalog: string, column: string): string {
  return `(SELECT min(@o.oid) FROM ${parts}, ${pg(catalog)} AS @o WHERE @o.${column} = ${shown(part(-1))})`;
}
function nameOf(catalog: string, column: string): string {
  return `(SELECT min(${quoted(`@o.${column}`)}) FROM ${pg(catalog)} AS @o WHERE @o.oid = object)`;
}
/** There are two roles, and never more. */
const roleFound = `CASE list_extract(${
  pg("__name_parts")
}(name_text::VARCHAR), 1) WHEN current_user() THEN ${roleOids.user}
  WHEN 'project' THEN ${roleOids.project} END`;
const roleName = `CASE object WHEN ${roleOids.user} THEN ${
  quoted("current_user()")
} WHEN ${roleOids.project} THEN 'project' END`;
/** As a regoperator is printed: `+(integer,integer)`; an operand that there is not is NONE. */
const operand = (type: string) =>
  `CASE WHEN @o.${type} = 0 THEN 'NONE' ELSE __eider_format_type(@o.${type}::BIGINT, (-2)::BIGINT) END`;
const operatorName = `(SELECT min(concat(@o.oprname, '(', ${operand("oprleft")}, ',', ${operand("oprright")}, ')'))
  FROM ${pg("pg_operator")} AS @o WHERE @o.oid = object)`;
/** The bare name, if no other operator has it. */
const operatorAlone =
  `(SELECT min(CASE WHEN @o.overloads = 1 THEN @o.oprname ELSE concat('pg_catalog.', @o.oprname) END)
  FROM (FROM ${pg("pg_operator")} SELECT oid, oprname, count(*) OVER (PARTITION BY oprname) AS overloads) AS @o
  WHERE @o.oid = object)`;
const onlyOperator = `(SELECT CASE WHEN count(*) = 1 THEN min(@o.oid) END FROM ${
  pg("pg_operator")
} AS @o WHERE @o.oprname = name_text::VARCHAR)`;

export const objectNameFunctions: readonly MacroFunction[] = [
  ...lookedUp("regclass"),
  ...lookedUp("regtype"),
  ...lookedUp("regproc"),
  ...lookedUp("regnamespace"),
  lenient("to_regprocedure", procedureBySignature),
  strict("__regprocedure", procedureBySignature, missing("function", "42883")),
  lenient("to_regoper", onlyOperator),
  lenient("to_regoperator", operatorBySignature),
  strict("__regoper", onlyOperator, missing("operator", "42883")),
  printed("__regoper_name", operatorAlone),
  strict("__regoperator", operatorBySignature, missing("operator", "42883")),
  printed("__regoperator_name", operatorName),
  lenient("to_regcollation", byName("pg_collation", "collname")),
  strict("__regcollation", byName("pg_collation", "collname"), missing("collation", "42704")),
  printed("__regcollation_name", nameOf("pg_collation", "collname")),
  lenient("to_regrole", roleFound),
  strict("__regrole", roleFound, missing("role", "42704")),
  printed("__regrole_name", roleName),
  strict("__regconfig", byName("pg_ts_config", "cfgname"), missing("text search configuration", "42704")),
  printed("__regconfig_name", nameOf("pg_ts_config", "cfgname")),
  strict("__regdictionary", byName("pg_ts_dict", "dictname"), missing("text search dictionary", "42704")),
  printed("__regdictionary_name", nameOf("pg_ts_dict", "dictname")),
];
