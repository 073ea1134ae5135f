/**
 * The SQL that creates the internal database `__eider`: the emulated catalog and PostgreSQL's functions, some 700 macros and views.
 * All of them take 200 ms and 12 MB, so a workspace makes those that its statements need (`objectsFor`), with what they need in turn.
 */
import { sqlFunctions } from "../functions/mod.ts";
import { anyTypesName, choosingMacros, overloadsOfAnyTypes } from "../functions/overloads.ts";
import type { JavaScriptFunction, MacroFunction } from "../functions/types.ts";
import { catalogFunctions, relationFunctions } from "./functions/mod.ts";
import { catalogRelations } from "./relations/mod.ts";
import { stateTables } from "./state.ts";
import { catalogDatabase, catalogRelationPath } from "./types.ts";

const functions = [...sqlFunctions, ...catalogFunctions, ...relationFunctions];

/** To be registered with the instance before any other object is made. */
export const javaScriptFunctions: readonly JavaScriptFunction[] = functions.filter(
  (entry): entry is JavaScriptFunction => entry.kind === "javascript",
);

/** For the attached empty database: its schemas and the tables that the engine fills. */
export const baseStatements: readonly string[] = [
  ...["state", "pg", "info"].map((schema) => `CREATE SCHEMA ${catalogDatabase}.${schema}`),
  ...stateTables.map((table) => `CREATE TABLE ${catalogDatabase}.state.${table.name}(${table.columns})`),
];

/** The keys of the objects that exist. */
export type Present = Pick<ReadonlySet<string>, "has">;

export interface CatalogObject {
  /** Schema and name, such as `pg.pg_class`. */
  readonly key: string;
  readonly sql: string;
  /** Keys of the objects that its text names. */
  readonly needs: readonly string[];
}

let objects: ReadonlyMap<string, CatalogObject> | null = null;

/** All macros and views by key. */
function catalogObjects(): ReadonlyMap<string, CatalogObject> {
  if (objects !== null) return objects;
  const macros = functions.filter((entry): entry is MacroFunction => entry.kind === "macro");
  const choosing = choosingMacros(macros);
  const entryOfMacro = (name: string, overloads: readonly string[]) =>
    entryOf(`pg.${name}`, `CREATE MACRO ${catalogDatabase}.pg."${name}"${overloads.join(", ")}`);
  objects = new Map([
    ...macros.map((macro) => entryOfMacro(macro.name, macro.overloads)),
    ...macros.filter(({ name }) => choosing.has(name)).map((macro) =>
      entryOfMacro(anyTypesName(macro.name), overloadsOfAnyTypes(macro, choosing))
    ),
    ...catalogRelations.map((relation) =>
      entryOf(
        catalogRelationPath(relation).slice(catalogDatabase.length + 1).replaceAll('"', ""),
        `CREATE VIEW ${catalogRelationPath(relation)}(${
          relation.columns.map((column) => `"${column.name}"`).join(", ")
        }) AS ${relation.select}`,
      )
    ),
  ]);
  return objects;
}

/** The objects that SQL text names and, before each, those that it needs; without those in `present`. */
export function objectsFor(text: string, present: Present): readonly CatalogObject[] {
  return inOrder(keysIn(text), present);
}

/** All objects, each after those that it needs, without those in `present`. */
export function allObjects(present: Present): readonly CatalogObject[] {
  return inOrder([...catalogObjects().keys()], present);
}

function inOrder(keys: readonly string[], present: Present): readonly CatalogObject[] {
  const known = catalogObjects();
  const found = new Map<string, CatalogObject>();
  const visited = new Set<string>();
  const visit = (key: string): void => {
    const object = known.get(key);
    if (object === undefined || visited.has(key) || present.has(key)) return;
    visited.add(key);
    object.needs.forEach(visit);
    found.set(key, object);
  };
  keys.forEach(visit);
  return [...found.values()];
}

function entryOf(key: string, sql: string): [string, CatalogObject] {
  return [key, { key, sql, needs: keysIn(sql).filter((need) => need !== key) }];
}

const namePattern = new RegExp(`${catalogDatabase}"?\\."?(pg|info)"?\\."?([A-Za-z_][A-Za-z0-9_]*)`, "g");

/** Keys of the objects of `__eider` that SQL text names, each once. */
function keysIn(text: string): string[] {
  return [...new Set([...text.matchAll(namePattern)].map(([, schema, name]) => `${schema}.${name}`))];
}
