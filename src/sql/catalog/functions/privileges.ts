/**
 * What a role may do: `has_table_privilege` and its relatives, with two and three arguments, by name and by OID.
 *
 * The facts: the workspace's user (OID 10) owns all that is in the workspace; the project's tables belong to `project`
 * (OID 11), and the user may read them; the catalog can be read by everybody. As in PostgreSQL an OID that does not
 * exist gives NULL, a name that does not exist an error, and one of several privileges in the text is enough.
 */
import { checkedWhenCalled } from "../../functions/macro.ts";
import type { MacroFunction } from "../../functions/types.ts";
import { roleOids } from "../relations/objects.ts";
import { lookup, macro, pg, raise } from "./macro.ts";

/** A role by name or OID; `public` is everybody, which PostgreSQL counts as OID 0. */
const roleOid = macro(
  "__role_oid",
  `(role) AS CASE WHEN role::VARCHAR = 'public' THEN 0 ELSE ${pg("__regrole")}(role::VARCHAR) END`,
);

/**
 * Whether one of the privileges in the text `requested`, a comma list, is in the list `held`. An unknown word is an
 * error. Held with the right to grant it: the word followed by ` WITH GRANT OPTION`.
 */
const holdsPrivilege = macro(
  "__holds_privilege",
  `(requested, known, held) AS CASE WHEN len(${pg("__unknown_privileges")}(requested, known)) > 0
    THEN ${
    raise(
      "22023",
      `'unrecognized privilege type: "' || list_extract(${pg("__unknown_privileges")}(requested, known), 1) || '"'`,
    )
  }
    ELSE list_has_any(list_transform(string_split(requested::VARCHAR, ','), lambda word: upper(trim(word))),
      held) END::BOOLEAN`,
);

const unknownPrivileges = macro(
  "__unknown_privileges",
  `(requested, known) AS list_filter(list_transform(string_split(requested::VARCHAR, ','), lambda word: trim(word)),
    lambda word: NOT list_contains(known, regexp_replace(upper(word), ' WITH (GRANT|ADMIN) OPTION$', '')))`,
);

function list(words: readonly string[]): string {
  return `'[${words.join(", ")}]'::VARCHAR[]`;
}

/** All of an owner. */
function owned(words: readonly string[]): string {
  return list(words.flatMap((word) => [word, `${word} WITH GRANT OPTION`]));
}

const databaseHolding = `(SELECT CASE WHEN @d.datname = current_database() AND holder = ${roleOids.user}
    THEN ${owned(["CREATE", "CONNECT", "TEMPORARY", "TEMP"])} ELSE '[]'::VARCHAR[] END
  FROM ${pg("pg_database")} AS @d WHERE @d.oid = object)`;

/** Everybody may use whatever exists, if `condition` holds. */
function everybody(catalog: string, word: string, condition = "true"): string {
  return `(SELECT CASE WHEN ${condition} THEN ${list([word])} ELSE '[]'::VARCHAR[] END FROM ${
    pg(catalog)
  } AS @o WHERE @o.oid = object)`;
}

/** A macro of a name or OID that finds by name in a catalog or raises `title "name" does not exist`. */
function named(name: string, catalog: string, column: string, title: string, sqlstate: string): MacroFunction {
  const missing = raise(sqlstate, `'${title} "' || object::VARCHAR || '" does not exist'`);
  return macro(
    name,
    `(object) AS CASE WHEN object::VARCHAR IS NULL THEN NULL
    WHEN TRY_CAST(object AS UINTEGER) IS NOT NULL THEN TRY_CAST(object AS UINTEGER)
    ELSE coalesce((SELECT min(@o.oid) FROM ${
      pg(catalog)
    } AS @o WHERE @o.${column} = object::VARCHAR), ${missing})::UINTEGER END`,
  );
}

/**
 * A function of a name or OID, and below it `__has_…` of an OID and a role's OID, which the translation calls where it knows that
 * it has an OID. `find` is the macro that makes an OID of a name, `holds` SQL of the answer for `object`, `holder` and
 * `requested`; it may use one parameter `more` before the last.
 */
function byNameOrOid(name: string, find: string, holds: string, more?: string): MacroFunction[] {
  const extra = more === undefined ? "" : `${more}, `;
  const body = (role: string) =>
    checkedWhenCalled("object", `${pg(`__${name}`)}(${pg(find)}(object), ${role}, ${extra}requested)`);
  return [
    macro(`__${name}`, `(object, holder, ${extra}requested) AS ${holds}`),
    macro(
      name,
      `(object, ${extra}requested) AS ${body(String(roleOids.user))}`,
      `(role, object, ${extra}requested) AS ${body(`${pg("__role_oid")}(role)`)}`,
    ),
  ];
}

/** On relations, from what is kept of them (`memo/privileges.ts`). */
function relationFunction(kind: string): MacroFunction[] {
  const holds = lookup(
    "__eider_holds_relation",
    `'${kind}'`,
    "object::BIGINT",
    "holder::BIGINT",
    "requested::VARCHAR",
  );
  return byNameOrOid(`has_${kind}_privilege`, "__regclass", holds);
}

function privilegeFunction(
  kind: string,
  find: string,
  holding: string,
  known: readonly string[],
): readonly MacroFunction[] {
  return [
    macro(`__${kind}_privileges`, `(object, holder) AS ${holding}`),
    ...byNameOrOid(
      `has_${kind}_privilege`,
      find,
      `${pg("__holds_privilege")}(requested, ${list(known)}, ${pg(`__${kind}_privileges`)}(object, holder))`,
    ),
  ];
}

/** Of a kind of object that there is none of: by name an error, by OID none. */
function unknownNamed(name: string, title: string): MacroFunction {
  return macro(
    name,
    `(object) AS CASE WHEN object::VARCHAR IS NULL OR TRY_CAST(object AS UINTEGER) IS NOT NULL THEN TRY_CAST(object AS UINTEGER)
    ELSE ${raise("42704", `'${title} "' || object::VARCHAR || '" does not exist'`)}::UINTEGER END`,
  );
}

const memberWords = ["MEMBER", "USAGE", "SET"];
/** A role is a member of itself only. */
const membership = (holder: string) =>
  `${pg("__holds_privilege")}(requested, ${list(memberWords)}, CASE WHEN ${holder} = ${
    pg("__regrole")
  }(role::VARCHAR) THEN ${list(memberWords)} ELSE '[]'::VARCHAR[] END)`;

export const privilegeFunctions: readonly MacroFunction[] = [
  unknownPrivileges,
  holdsPrivilege,
  roleOid,
  named("__database_oid", "pg_database", "datname", "database", "3D000"),
  named("__language_oid", "pg_language", "lanname", "language", "42704"),
  named("__tablespace_oid", "pg_tablespace", "spcname", "tablespace", "42704"),
  unknownNamed("__server_oid", "server"),
  unknownNamed("__wrapper_oid", "foreign-data wrapper"),
  ...relationFunction("table"),
  ...relationFunction("any_column"),
  ...relationFunction("sequence"),
  ...byNameOrOid(
    "has_column_privilege",
    "__regclass",
    lookup("__eider_holds_column", "object::BIGINT", "holder::BIGINT", "wanted::VARCHAR", "requested::VARCHAR"),
    "wanted",
  ),
  ...byNameOrOid(
    "has_schema_privilege",
    "__regnamespace",
    lookup("__eider_holds_schema", "object::BIGINT", "holder::BIGINT", "requested::VARCHAR"),
  ),
  ...privilegeFunction("database", "__database_oid", databaseHolding, [
    "CREATE",
    "CONNECT",
    "TEMPORARY",
    "TEMP",
  ]),
  ...privilegeFunction("function", "__regprocedure", everybody("pg_proc", "EXECUTE"), [
    "EXECUTE",
  ]),
  ...privilegeFunction("type", "__regtype", everybody("pg_type", "USAGE"), ["USAGE"]),
  ...privilegeFunction(
    "language",
    "__language_oid",
    everybody("pg_language", "USAGE", "@o.lanpltrusted"),
    ["USAGE"],
  ),
  ...privilegeFunction(
    "tablespace",
    "__tablespace_oid",
    everybody("pg_tablespace", "CREATE", "false"),
    ["CREATE"],
  ),
  // There are no foreign servers, wrappers and no parameters that need a grant.
  ...privilegeFunction("server", "__server_oid", "CASE WHEN object + holder IS NULL THEN '[]'::VARCHAR[] END", [
    "USAGE",
  ]),
  ...privilegeFunction(
    "foreign_data_wrapper",
    "__wrapper_oid",
    "CASE WHEN object + holder IS NULL THEN '[]'::VARCHAR[] END",
    ["USAGE"],
  ),
  macro(
    "has_parameter_privilege",
    `(parameter, requested) AS ${
      pg("__holds_privilege")
    }(requested, '[SET, ALTER SYSTEM]'::VARCHAR[], CASE WHEN parameter IS NOT NULL THEN '[]'::VARCHAR[] END)`,
    `(role, parameter, requested) AS ${pg("__holds_privilege")}(requested, '[SET, ALTER SYSTEM]'::VARCHAR[],
      CASE WHEN parameter IS NOT NULL AND role IS NOT NULL THEN '[]'::VARCHAR[] END)`,
  ),
  macro(
    "pg_has_role",
    `(role, requested) AS ${membership(String(roleOids.user))}`,
    `(holder, role, requested) AS ${membership(`${pg("__regrole")}(holder::VARCHAR)`)}`,
  ),
  macro(
    "row_security_active",
    `(object) AS ${checkedWhenCalled("object", `CASE WHEN ${pg("__regclass")}(object) IS NOT NULL THEN false END`)}`,
  ),
];
