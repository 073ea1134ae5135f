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
import { stateTablePath } from "../state.ts";
import { joined, macro, pg, raise } from "./macro.ts";

/** A row with the parts of the name; beside it the name is not read again. */
const parts = `(SELECT ${pg("__name_parts")}(name_text::VARCHAR) AS parts) AS @p`;
const part = (index: number, list = "@p.parts") => `list_extract(${list}, ${index})`;
const isQualified = "len(@p.parts) > 1";
const dotted = "array_to_string(@p.parts, '.')";
const isElsewhere = `(len(@p.parts) = 3 AND ${part(1)} <> current_database())`;
/** A schema as it is shown, of the name that somebody wrote. */
const shown = (name: string) =>
  `CASE ${name} WHEN 'main' THEN 'public' WHEN 'pg_temp' THEN '${temporarySchema}' ELSE ${name} END`;
const asNumber = "TRY_CAST(name_text AS UINTEGER)";

/** Asked only to choose the error. */
function schemaExists(schema: string): string {
  return `(${shown(schema)} IN ('pg_catalog', 'information_schema', 'pg_toast', 'public', '${temporarySchema}')
    OR ${
    shown(schema)
  } IN (SELECT @s.schema_name FROM duckdb_schemas() AS @s WHERE @s.database_name = current_database()
      UNION ALL SELECT @b.schema_name FROM ${stateTablePath("project_schemas")} AS @b))`;
}

/**
 * What PostgreSQL says of a text that cannot be an object's name at all, whose schema does not exist, or that nothing
 * has, after the SQLSTATE and a colon. No error yet: DuckDB evaluates a subquery before it is known whether its result
 * is needed.
 */
const missingObject = macro(
  "__missing_object",
  `(name_text, kind, sqlstate) AS (SELECT CASE
    WHEN @p.parts IS NULL THEN '42602:invalid name syntax'
    WHEN len(@p.parts) > 3 THEN concat('42601:improper ', kind, ' name (too many dotted names): ', ${dotted})
    WHEN ${isElsewhere} THEN concat('0A000:cross-database references are not implemented: "', ${dotted}, '"')
    WHEN ${isQualified} AND NOT ${schemaExists(part(-2))} THEN concat('3F000:schema "', ${part(-2)}, '" does not exist')
    ELSE concat(sqlstate, ':', kind, ' "', ${dotted}, '" does not exist') END FROM ${parts})`,
);

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
function missingNamed(title: string, sqlstate: string): string {
  return `${pg("__missing_object")}(name_text, '${title}', '${sqlstate}')`;
}

/** A text for an OID; an OID that nothing has is printed as a number. */
function printed(name: string, text: string): MacroFunction {
  return macro(name, `(object) AS CASE WHEN object = 0 THEN '-' ELSE coalesce(${text}, object::VARCHAR) END`);
}

const quoted = (name: string) => `${pg("__quoted_name")}(${name})`;
const namedObject = (visible: string) =>
  `CASE WHEN ${visible} THEN ${quoted("@n.object_name")} ELSE ${
    joined(quoted("@n.schema_name"), "'.'", quoted("@n.object_name"))
  } END`;

/** By the last part of the name in a macro of `search_path.ts`. */
function found(nameMacro: string, condition: string, select = "min(@n.oid)"): string {
  return `(SELECT ${select} FROM ${parts}, ${pg(nameMacro)}() AS @n WHERE lower(@n.object_name) = lower(${
    part(-1)
  }) AND ${condition})`;
}
const inSchema = `@n.schema_name = ${shown(part(-2))}`;
const onPath = `CASE WHEN ${isQualified} THEN ${inSchema} ELSE @n.is_visible END`;

/** Also a table that a FROM would find: off the path, but in a bucket or another schema of the workspace. */
const relationAnywhere = found(
  "__relation_names",
  `CASE WHEN ${isQualified} THEN ${inSchema} ELSE @n.place IS NOT NULL OR @n.schema_name NOT IN ('information_schema',
    'pg_toast') END`,
  "arg_min(@n.oid, coalesce(@n.place, CASE @n.schema_name WHEN 'public' THEN 1000 ELSE 1001 END))",
);

/** NULL when several functions have the name, for `to_regproc`; an error for the cast. */
const onlyFunction = found("__function_names", onPath, "CASE WHEN count(*) = 1 THEN min(@n.oid) END");
const oneFunction = found(
  "__function_names",
  onPath,
  `CASE WHEN count(*) > 1 THEN ${
    raise("42725", `'more than one function named "' || min(${dotted}) || '"'`)
  } ELSE min(@n.oid) END`,
);
/** The name alone says which function it is only when no other of its schema has it. */
const functionName = `(SELECT min(${namedObject("@n.is_visible AND @n.overloads = 1")})
  FROM (FROM ${
  pg("__function_names")
}() SELECT *, count(*) OVER (PARTITION BY schema_name, object_name) AS overloads) AS @n WHERE @n.oid = object)`;

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

const typeParts = `(SELECT ${pg("__type_name_parts")}(name_text::VARCHAR) AS parts) AS @p`;
/** Its schema (or nothing), its name, and brackets if it is an array. */
const [typeSchema, typeName, typeBrackets] = [part(1), part(2), part(3)];
const typeFound = `coalesce(__eider_builtin_type_oid(name_text::VARCHAR), (
  SELECT min(CASE WHEN ${typeBrackets} = '[]' THEN @n.array_oid ELSE @n.oid END)
  FROM ${typeParts}, ${pg("__user_types")}() AS @n WHERE lower(@n.object_name) = lower(${typeName})
    AND CASE WHEN ${typeSchema} = '' THEN @n.is_visible ELSE @n.schema_name = ${shown(typeSchema)} END))`;
const missingType = `(SELECT CASE WHEN ${typeSchema} <> '' AND NOT ${schemaExists(typeSchema)}
  THEN concat('3F000:schema "', ${typeSchema}, '" does not exist') ELSE ${
  missing("type", "42704")
} END FROM ${typeParts})`;

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
  missingObject,
  lenient("to_regclass", found("__relation_names", onPath)),
  strict("__regclass", relationAnywhere, missingNamed("relation", "42P01")),
  printed(
    "__regclass_name",
    `(SELECT min(${namedObject("@n.is_visible")}) FROM ${pg("__relation_names")}() AS @n WHERE @n.oid = object)`,
  ),
  lenient("to_regtype", typeFound),
  strict("__regtype", typeFound, missingType),
  lenient("to_regproc", onlyFunction),
  strict("__regproc", oneFunction, missingNamed("function", "42883")),
  printed("__regproc_name", functionName),
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
  lenient("to_regnamespace", byName("pg_namespace", "nspname")),
  strict("__regnamespace", byName("pg_namespace", "nspname"), missing("schema", "3F000")),
  printed("__regnamespace_name", nameOf("pg_namespace", "nspname")),
  lenient("to_regrole", roleFound),
  strict("__regrole", roleFound, missing("role", "42704")),
  printed("__regrole_name", roleName),
  strict("__regconfig", byName("pg_ts_config", "cfgname"), missing("text search configuration", "42704")),
  printed("__regconfig_name", nameOf("pg_ts_config", "cfgname")),
  strict("__regdictionary", byName("pg_ts_dict", "dictname"), missing("text search dictionary", "42704")),
  printed("__regdictionary_name", nameOf("pg_ts_dict", "dictname")),
];
