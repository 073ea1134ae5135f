/**
 * The reg… types and what can be seen along the search path, from kept names: what `functions/object_names.ts` says in SQL for the kinds of objects that
 * tools seldom ask for, here for those that they ask for in every query. A text of digits is an OID, `-` is 0.
 */
import { lookupMemo, madeMemo } from "./define.ts";
import { AppError } from "../../../errors/app_error.ts";
import { sqlError } from "../../functions/errors.ts";
import { builtinTypeOid, formatBuiltinType, modifierAbsent, parseTypeName } from "../functions/builtin_types.ts";
import { nameParts } from "../functions/name_syntax.ts";
import { shownSchema } from "../functions/path_names.ts";
import { functionNames, separator, userTypes } from "../functions/search_path.ts";
import { relations, schemaNames } from "../made/classes.ts";
import { schemaOid as oidOfSchema } from "../made/object_hash.ts";
import { emulatedRelations } from "../relations/emulated.ts";
import { schemaNameOf } from "../relations/system_relations.ts";
import {
  buildNameIndex,
  isVisible,
  leastOid,
  meant,
  type NamedObject,
  type NameIndex,
  nameIndex,
  placesOf,
  printedName,
} from "./name_index.ts";
import type { FoundMemo, LookupFunction, LookupMemo, MadeMemo, SessionView } from "./types.ts";

function namesMemo(key: string, sql: string): LookupMemo<NameIndex> {
  return lookupMemo(key, sql, buildNameIndex, "routines");
}

const emulatedNames: readonly NamedObject[] = emulatedRelations.map((relation) => ({
  oid: relation.oid,
  arrayOid: 0,
  schema: schemaNameOf(relation),
  name: relation.name,
}));

export const relationsMemo: MadeMemo<NameIndex> = madeMemo(
  "names of relations",
  [relations],
  ({ lookUp }) =>
    nameIndex([
      ...lookUp(relations).map(({ oid, schema, name }) => ({ oid, arrayOid: 0, schema, name })),
      ...emulatedNames,
    ]),
);
const typesMemo = namesMemo("names of types", userTypes);
const functionsMemo = namesMemo("names of functions", functionNames);
export const schemasMemo: MadeMemo<NameIndex> = madeMemo(
  "names of schemas",
  [schemaNames],
  ({ lookUp }) =>
    nameIndex(lookUp(schemaNames).map((name) => ({ oid: oidOfSchema(name), arrayOid: 0, schema: "", name }))),
  "routines",
);

/** The OID that a text of digits is. */
export function oidOf(text: string): number | null {
  if (text === "-") return 0;
  const oid = /^\s*\+?\d+\s*$/.test(text) ? Number(text) : Infinity;
  return oid <= 0xffff_ffff ? oid : null;
}

function schemaExists(name: string, view: SessionView): boolean {
  return view.lookUp(schemasMemo).byName.has(shownSchema(name).toLowerCase());
}

/** What PostgreSQL says of a text that cannot be an object's name at all, whose schema does not exist, or that nothing has. */
function missing(parts: readonly string[] | null, kind: string, sqlstate: string, view: SessionView) {
  if (parts === null) return new AppError("invalid_name", "invalid name syntax");
  const dotted = parts.join(".");
  if (parts.length > 3) {
    return new AppError("syntax_error", `improper ${kind} name (too many dotted names): ${dotted}`);
  }
  if (parts.length === 3 && parts[0] !== view.database) {
    return new AppError("feature_not_supported", `cross-database references are not implemented: "${dotted}"`);
  }
  if (parts.length > 1 && !schemaExists(parts.at(-2)!, view)) {
    return new AppError("undefined_schema", `schema "${parts.at(-2)}" does not exist`);
  }
  return sqlError(sqlstate, `${kind} "${dotted}" does not exist`);
}

/** Also a table that a FROM would find: off the path, but in a bucket or another schema of the workspace. */
function relationAnywhere(parts: readonly string[], view: SessionView): number | null {
  const index = view.lookUp(relationsMemo);
  if (parts.length > 1) return leastOid(meant(parts, index, view));
  const places = placesOf(view);
  const offPath = (schema: string) => schema === "public" ? 1000 : 1001;
  const found = (index.byName.get(parts[0]!.toLowerCase()) ?? [])
    .filter(({ schema }) => places.has(schema) || (schema !== "information_schema" && schema !== "pg_toast"))
    .map((object) => ({ object, place: places.get(object.schema) ?? offPath(object.schema) }))
    .sort((one, other) => one.place - other.place);
  return found[0]?.object.oid ?? null;
}

/** The OID of the relation that a text names, as the cast to regclass finds it. */
export function regclass(view: SessionView, text: string): number {
  const oid = oidOf(text);
  if (oid !== null) return oid;
  const parts = nameParts(text);
  const found = parts === null ? null : relationAnywhere(parts, view);
  if (found === null) throw missing(parts, "relation", "42P01", view);
  return found;
}

function regproc(view: SessionView, text: string): number {
  const oid = oidOf(text);
  if (oid !== null) return oid;
  const parts = nameParts(text);
  const found = parts === null ? [] : meant(parts, view.lookUp(functionsMemo), view);
  if (found.length > 1) {
    throw new AppError("ambiguous_function", `more than one function named "${parts!.join(".")}"`);
  }
  if (found[0] === undefined) throw missing(parts, "function", "42883", view);
  return found[0].oid;
}

function typeOid(view: SessionView, text: string): number | null {
  const builtIn = builtinTypeOid(text);
  if (builtIn !== null) return builtIn;
  const parsed = parseTypeName(text);
  if (parsed === null) return null;
  const { schema, name, isArray } = parsed;
  const parts = schema === null ? [name] : [schema, name];
  const found = meant(parts, view.lookUp(typesMemo), view);
  return leastOid(isArray ? found.map((type) => ({ ...type, oid: type.arrayOid })) : found);
}

function regtype(view: SessionView, text: string): number {
  const found = oidOf(text) ?? typeOid(view, text);
  if (found !== null) return found;
  const schema = parseTypeName(text)?.schema ?? null;
  if (schema !== null && !schemaExists(schema, view)) {
    throw new AppError("undefined_schema", `schema "${schema}" does not exist`);
  }
  throw new AppError("undefined_object", `type "${text}" does not exist`);
}

function schemaOid(view: SessionView, text: string): number | null {
  const name = nameParts(text)?.at(-1);
  if (name === undefined) return null;
  const found = view.lookUp(schemasMemo).byName.get(shownSchema(name).toLowerCase()) ?? [];
  return leastOid(found.filter((schema) => schema.name === shownSchema(name)));
}

function regnamespace(view: SessionView, text: string): number {
  const found = oidOf(text) ?? schemaOid(view, text);
  if (found === null) throw new AppError("undefined_schema", `schema "${text}" does not exist`);
  return found;
}

/** A type's name as format_type prints it; null for one that there is not. */
function typeName(view: SessionView, oid: number, modifier: number): string | null {
  if (oid === 0) return "-";
  const builtIn = formatBuiltinType(oid, modifier);
  if (builtIn !== null) return builtIn;
  const index = view.lookUp(typesMemo);
  const type = index.byOid.get(oid);
  if (type === undefined) return null;
  return printedName(type, isVisible(type, index, view)) + (type.oid === oid ? "" : "[]");
}

/** The bare name alone says which function it is only when no other of its schema has it. */
function functionName(function_: NamedObject, index: NameIndex, view: SessionView): string {
  const namesakes = index.byName.get(function_.name.toLowerCase()) ?? [];
  const isAlone =
    namesakes.filter(({ schema, name }) => schema === function_.schema && name === function_.name).length === 1;
  return printedName(function_, isAlone && isVisible(function_, index, view));
}

function visibility(memo: FoundMemo<NameIndex>): (view: SessionView, oid: bigint) => boolean | null {
  return (view, oid) => {
    const index = view.lookUp(memo);
    const object = index.byOid.get(Number(oid));
    return object === undefined ? null : isVisible(object, index, view);
  };
}

/** The schemas of the path that exist, each once. */
function searchPath(view: SessionView): string {
  const schemas = view.lookUp(schemasMemo).byName;
  const exists = (name: string) => (schemas.get(name.toLowerCase()) ?? []).some((schema) => schema.name === name);
  return [...new Set(view.path)].filter(exists).join(separator);
}

export const objectNameLookups: readonly LookupFunction[] = [
  {
    name: "__eider_regclass",
    parameters: ["VARCHAR"],
    returns: "BIGINT",
    memos: [relationsMemo, schemasMemo],
    call: (view: SessionView, text: string) => BigInt(regclass(view, text)),
  },
  {
    name: "__eider_to_regclass",
    parameters: ["VARCHAR"],
    returns: "BIGINT",
    memos: [relationsMemo],
    call: (view: SessionView, text: string) => {
      const oid = oidOf(text);
      const parts = nameParts(text);
      return big(oid ?? (parts === null ? null : leastOid(meant(parts, view.lookUp(relationsMemo), view))));
    },
  },
  {
    name: "__eider_regclass_name",
    parameters: ["BIGINT"],
    returns: "VARCHAR",
    memos: [relationsMemo],
    call: (view: SessionView, oid: bigint) => {
      const index = view.lookUp(relationsMemo);
      const relation = index.byOid.get(Number(oid));
      if (relation === undefined) return oid === 0n ? "-" : String(oid);
      return printedName(relation, isVisible(relation, index, view));
    },
  },
  {
    name: "__eider_regproc",
    parameters: ["VARCHAR"],
    returns: "BIGINT",
    memos: [functionsMemo, schemasMemo],
    call: (view: SessionView, text: string) => BigInt(regproc(view, text)),
  },
  {
    name: "__eider_to_regproc",
    parameters: ["VARCHAR"],
    returns: "BIGINT",
    memos: [functionsMemo],
    call: (view: SessionView, text: string) => {
      const parts = nameParts(text);
      const found = parts === null ? [] : meant(parts, view.lookUp(functionsMemo), view);
      return big(oidOf(text) ?? (found.length === 1 ? found[0]!.oid : null));
    },
  },
  {
    name: "__eider_regproc_name",
    parameters: ["BIGINT"],
    returns: "VARCHAR",
    memos: [functionsMemo],
    call: (view: SessionView, oid: bigint) => {
      const index = view.lookUp(functionsMemo);
      const function_ = index.byOid.get(Number(oid));
      if (function_ === undefined) return oid === 0n ? "-" : String(oid);
      return functionName(function_, index, view);
    },
  },
  {
    name: "__eider_regtype",
    parameters: ["VARCHAR"],
    returns: "BIGINT",
    memos: [typesMemo, schemasMemo],
    call: (view: SessionView, text: string) => BigInt(regtype(view, text)),
  },
  {
    name: "__eider_to_regtype",
    parameters: ["VARCHAR"],
    returns: "BIGINT",
    memos: [typesMemo],
    call: (view: SessionView, text: string) => big(oidOf(text) ?? typeOid(view, text)),
  },
  {
    name: "__eider_regtype_name",
    parameters: ["BIGINT"],
    returns: "VARCHAR",
    memos: [typesMemo],
    call: (view: SessionView, oid: bigint) => typeName(view, Number(oid), modifierAbsent) ?? String(oid),
  },
  {
    name: "__eider_shown_type",
    parameters: ["BIGINT", "BIGINT"],
    returns: "VARCHAR",
    memos: [typesMemo],
    call: (view: SessionView, oid: bigint, modifier: bigint) => typeName(view, Number(oid), Number(modifier)) ?? "???",
  },
  {
    name: "__eider_regnamespace",
    parameters: ["VARCHAR"],
    returns: "BIGINT",
    memos: [schemasMemo],
    call: (view: SessionView, text: string) => BigInt(regnamespace(view, text)),
  },
  {
    name: "__eider_to_regnamespace",
    parameters: ["VARCHAR"],
    returns: "BIGINT",
    memos: [schemasMemo],
    call: (view: SessionView, text: string) => big(oidOf(text) ?? schemaOid(view, text)),
  },
  {
    name: "__eider_regnamespace_name",
    parameters: ["BIGINT"],
    returns: "VARCHAR",
    memos: [schemasMemo],
    call: (view: SessionView, oid: bigint) => {
      const schema = view.lookUp(schemasMemo).byOid.get(Number(oid));
      return schema === undefined ? (oid === 0n ? "-" : String(oid)) : printedName(schema, true);
    },
  },
  {
    name: "__eider_relation_is_visible",
    parameters: ["BIGINT"],
    returns: "BOOLEAN",
    memos: [relationsMemo],
    call: visibility(relationsMemo),
  },
  {
    name: "__eider_function_is_visible",
    parameters: ["BIGINT"],
    returns: "BOOLEAN",
    memos: [functionsMemo],
    call: visibility(functionsMemo),
  },
  {
    name: "__eider_type_is_visible",
    parameters: ["BIGINT"],
    returns: "BOOLEAN",
    memos: [typesMemo],
    call: (view: SessionView, oid: bigint) =>
      formatBuiltinType(Number(oid), modifierAbsent) !== null || visibility(typesMemo)(view, oid),
  },
  {
    name: "__eider_search_path",
    parameters: [],
    returns: "VARCHAR",
    memos: [schemasMemo],
    call: searchPath,
  },
];

function big(oid: number | null): bigint | null {
  return oid === null ? null : BigInt(oid);
}
