/**
 * What a role may do: `has_table_privilege` and its relatives, with two and three arguments, by name and by OID.
 *
 * The facts: the workspace's user (OID 10) owns all that is in the workspace; the project's tables belong to `project`
 * (OID 11), and the user may read them; the catalog can be read by everybody. As in PostgreSQL an OID that does not
 * exist gives NULL, a name that does not exist an error, and one of several privileges in the text is enough.
 */
import { checkedWhenCalled } from "../../functions/macro.ts";
import type { MacroFunction } from "../../functions/types.ts";
import { roleOids, schemaOids } from "../relations/objects.ts";
import { macro, pg, raise } from "./macro.ts";

const systemSchemaOids = `${schemaOids.pg_catalog}, ${schemaOids.information_schema}`;

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

const tableWords = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"];
const columnWords = ["SELECT", "INSERT", "UPDATE", "REFERENCES"];
const sequenceWords = ["USAGE", "SELECT", "UPDATE"];

/** What `holder` may do with the relation, of these words. */
function relationPrivileges(words: readonly string[]): string {
  return `CASE WHEN @c.relnamespace IN (${systemSchemaOids}) THEN ${list(["SELECT"])} WHEN @c.relowner = holder THEN ${
    owned(words)
  }
    WHEN @c.relowner = ${roleOids.project} AND holder = ${roleOids.user} THEN ${
    list(["SELECT"])
  } ELSE '[]'::VARCHAR[] END`;
}
function relationHolding(words: readonly string[]): string {
  return `(SELECT ${relationPrivileges(words)} FROM ${pg("pg_class")} AS @c WHERE @c.oid = object)`;
}

const notASequence = raise("42809", `'"' || @c.relname || '" is not a sequence'`);
const sequenceHolding = `(SELECT CASE WHEN @c.relkind <> 'S' THEN ${notASequence} ELSE ${
  relationPrivileges(sequenceWords)
} END
  FROM ${pg("pg_class")} AS @c WHERE @c.oid = object)`;

const schemaHolding = `(SELECT CASE WHEN @s.oid IN (${systemSchemaOids}) THEN ${
  list(["USAGE"])
} WHEN @s.oid = ${schemaOids.pg_toast} THEN '[]'::VARCHAR[]
    WHEN @s.nspowner = holder THEN ${owned(["USAGE", "CREATE"])}
    WHEN @s.nspowner = ${roleOids.project} AND holder = ${roleOids.user} THEN ${
  list(["USAGE"])
} ELSE '[]'::VARCHAR[] END
  FROM ${pg("pg_namespace")} AS @s WHERE @s.oid = object)`;

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
 * it has an OID. `find` is the macro that makes an OID of a name, `holding` a macro that lists the privileges of a role on an
 * OID; it may take one parameter `more` before the privilege.
 */
function byNameOrOid(
  name: string,
  find: string,
  holding: string,
  known: readonly string[],
  more?: string,
): MacroFunction[] {
  const extra = more === undefined ? "" : `${more}, `;
  const last = more === undefined ? "" : `, ${more}`;
  const body = (role: string) =>
    checkedWhenCalled("object", `${pg(`__${name}`)}(${pg(find)}(object), ${role}, ${extra}requested)`);
  return [
    macro(
      `__${name}`,
      `(object, holder, ${extra}requested) AS ${pg("__holds_privilege")}(requested, ${list(known)}, ${
        pg(holding)
      }(object, holder${last}))`,
    ),
    macro(
      name,
      `(object, ${extra}requested) AS ${body(String(roleOids.user))}`,
      `(role, object, ${extra}requested) AS ${body(`${pg("__role_oid")}(role)`)}`,
    ),
  ];
}

function privilegeFunction(
  kind: string,
  find: string,
  holding: string,
  known: readonly string[],
): readonly MacroFunction[] {
  return [
    macro(`__${kind}_privileges`, `(object, holder) AS ${holding}`),
    ...byNameOrOid(`has_${kind}_privilege`, find, `__${kind}_privileges`, known),
  ];
}

/** Only for a column that exists, by name or number; a name that does not exist is an error, a number NULL. */
const ofColumn = `@a.attrelid = object AND (@a.attname = wanted::VARCHAR OR @a.attnum = TRY_CAST(wanted AS SMALLINT))`;
const columnFunctions = [
  macro(
    "__column_privileges",
    `(object, holder, wanted) AS CASE WHEN wanted IS NULL THEN NULL
      WHEN EXISTS (FROM ${pg("pg_attribute")} AS @a WHERE ${ofColumn}) THEN ${
      pg("__any_column_privileges")
    }(object, holder)
      WHEN TRY_CAST(wanted AS SMALLINT) IS NULL AND ${pg("__relation_label")}(object) IS NOT NULL
      THEN ${
      raise(
        "42703",
        `'column "' || wanted || '" of relation "' || ${pg("__relation_label")}(object) || '" does not exist'`,
      )
    } END`,
  ),
  ...byNameOrOid("has_column_privilege", "__regclass", "__column_privileges", columnWords, "wanted"),
];

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
  macro("__relation_label", `(object) AS (SELECT min(@c.relname) FROM ${pg("pg_class")} AS @c WHERE @c.oid = object)`),
  ...privilegeFunction("table", "__regclass", relationHolding(tableWords), [...tableWords, "RULE"]),
  ...privilegeFunction("any_column", "__regclass", relationHolding(columnWords), columnWords),
  ...columnFunctions,
  ...privilegeFunction("sequence", "__regclass", sequenceHolding, sequenceWords),
  ...privilegeFunction("schema", "__regnamespace", schemaHolding, ["USAGE", "CREATE"]),
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
