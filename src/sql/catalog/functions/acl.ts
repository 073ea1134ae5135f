/**
 * Access lists: `aclexplode`, `acldefault`, `makeaclitem`. An aclitem is the text PostgreSQL prints for it,
 * `grantee=privileges/grantor` (documentation, 5.7 Privileges).
 */
import type { MacroFunction } from "../../functions/types.ts";
import { macro, pg, raise } from "./macro.ts";

/** The letter of each privilege. */
const letters: Readonly<Record<string, string>> = {
  a: "INSERT",
  r: "SELECT",
  w: "UPDATE",
  d: "DELETE",
  D: "TRUNCATE",
  x: "REFERENCES",
  t: "TRIGGER",
  X: "EXECUTE",
  U: "USAGE",
  C: "CREATE",
  T: "TEMPORARY",
  c: "CONNECT",
  s: "SET",
  A: "ALTER SYSTEM",
};

const nameOfLetter = `CASE letter ${
  Object.entries(letters).map(([letter, name]) => `WHEN '${letter}' THEN '${name}'`).join(" ")
} END`;
const letterOfName = `CASE upper(trim(word)) ${
  Object.entries(letters).map(([letter, name]) => `WHEN '${name}' THEN '${letter}'`).join(" ")
} WHEN 'TEMP' THEN 'T' ELSE ${raise("22023", `'unrecognized privilege type: "' || trim(word) || '"'`)} END`;

/** The two roles of a workspace by name; nothing is everybody. No subquery, so that it can stand in a lambda. */
const roleOfName = macro(
  "__acl_role",
  `(role_name) AS (CASE trim(role_name, '"') WHEN '' THEN 0 WHEN current_user() THEN 10 WHEN 'project'
    THEN 11 END)::UINTEGER`,
);

const nameOfRole = macro(
  "__acl_role_name",
  `(role) AS CASE role WHEN 0 THEN '' WHEN 10 THEN ${
    pg("__quoted_name")
  }(current_user()) WHEN 11 THEN 'project' ELSE role::VARCHAR END`,
);

/** Grantee, privileges, grantor. */
const itemPattern = `'^("(?:[^"]|"")*"|[^=]*)=([^/]*)/(.*)$'`;

/** A list of rows (grantor, grantee, privilege_type, is_grantable). */
const explode = macro(
  "aclexplode",
  `(acl) AS flatten(list_transform(acl::VARCHAR[], lambda item: list_transform(
    regexp_extract_all(regexp_extract(item, ${itemPattern}, 2), '[a-zA-Z]\\*?'), lambda entry: {
      'grantor': ${pg("__acl_role")}(regexp_extract(item, ${itemPattern}, 3)),
      'grantee': ${pg("__acl_role")}(regexp_extract(item, ${itemPattern}, 1)),
      'privilege_type': list_transform([entry[1]], lambda letter: ${nameOfLetter})[1],
      'is_grantable': entry[2] = '*' })))`,
);

/** Kind of object, what everybody gets (or nothing), what the owner gets. */
const defaults: readonly (readonly [kind: string, everybody: string, owner: string])[] = [
  ["r", "", "arwdDxt"],
  ["s", "", "rwU"],
  ["d", "Tc", "CTc"],
  ["f", "X", "X"],
  ["l", "U", "U"],
  ["L", "", "rw"],
  ["n", "", "UC"],
  ["p", "", "sA"],
  ["t", "", "C"],
  ["F", "", "U"],
  ["S", "", "U"],
  ["T", "U", "U"],
];

const owner = `${pg("__acl_role_name")}(owner)`;
const aclDefault = macro(
  "acldefault",
  `(kind, owner) AS CASE WHEN owner IS NULL THEN NULL ELSE CASE kind WHEN 'c' THEN []::VARCHAR[] ${
    defaults.map(([kind, everybody, own]) =>
      `WHEN '${kind}' THEN [${
        everybody === "" ? "" : `'=${everybody}/' || ${owner}, `
      }${owner} || '=${own}/' || ${owner}]`
    ).join(" ")
  } WHEN NULL THEN NULL ELSE ${raise("XX000", "'unrecognized object type abbreviation: ' || kind")} END END`,
);

const makeItem = macro(
  "makeaclitem",
  `(grantee, grantor, privileges, is_grantable) AS ${
    pg("__acl_role_name")
  }(grantee) || '=' || array_to_string(list_transform(
    string_split(privileges, ','), lambda word: ${letterOfName} || CASE WHEN is_grantable THEN '*' ELSE '' END), '')
    || '/' || ${pg("__acl_role_name")}(grantor)`,
);

export const aclFunctions: readonly MacroFunction[] = [roleOfName, nameOfRole, explode, aclDefault, makeItem];
