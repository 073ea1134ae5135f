/**
 * The SQL that creates the internal database `__eider`: the emulated catalog and PostgreSQL's functions, some 700 macros and views.
 * All of them take 200 ms and 12 MB, so a workspace makes those that its statements need (`objectsFor`), with what they need in turn.
 */
import { sqlFunctions } from "../functions/mod.ts";
import { anyTypesName, choosingMacros, overloadsOfAnyTypes } from "../functions/overloads.ts";
import type { JavaScriptFunction, MacroFunction } from "../functions/types.ts";
import { catalogFunctions, relationFunctions } from "./functions/mod.ts";
import { lookupFunctions } from "./memo/functions.ts";
import { memoOf, relationKey } from "./memo/relations.ts";
import { keptParts, memoCall, partsIn } from "./memo/parts.ts";
import type { CatalogMemo, RowsMemo } from "./memo/types.ts";
import { catalogRelations } from "./relations/mod.ts";
import { stateTables } from "./state.ts";
import { catalogDatabase, type CatalogRelation, catalogRelationPath } from "./types.ts";

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
  /** Keys of the objects that its text names, and for a view of kept rows those that their query names. */
  readonly needs: readonly string[];
  /** What must be kept before the object is used, without what its needs need. */
  readonly memos: readonly CatalogMemo[];
}

let objects: ReadonlyMap<string, CatalogObject> | null = null;

/** All macros and views by key. */
function catalogObjects(): ReadonlyMap<string, CatalogObject> {
  if (objects !== null) return objects;
  const macros = functions.filter((entry): entry is MacroFunction => entry.kind === "macro");
  const choosing = choosingMacros(macros);
  const entryOfMacro = (name: string, overloads: readonly string[]) =>
    entryOf(`pg.${name}`, `CREATE MACRO ${catalogDatabase}.pg."${name}"${overloads.join(", ")}`);
  const written = new Map([
    ...macros.map((macro) => entryOfMacro(macro.name, macro.overloads)),
    ...macros.filter(({ name }) => choosing.has(name)).map((macro) =>
      entryOfMacro(anyTypesName(macro.name), overloadsOfAnyTypes(macro, choosing))
    ),
    ...catalogRelations.map((relation) => entryOf(relationKey(relation), viewOf(relation, relation.select))),
  ]);
  const found = new Map(written);
  for (const relation of catalogRelations) {
    const memo = memoOf(relation, (sql) => inOrder(keysIn(sql), noneOf, written).map((object) => object.sql));
    if (memo === null) continue;
    const sql = viewOf(relation, `SELECT * FROM ${memoCall(memo.key)}`);
    found.set(memo.key, { ...written.get(memo.key)!, sql, memos: [memo] });
  }
  return objects = found;
}

function viewOf(relation: CatalogRelation, select: string): string {
  const columns = relation.columns.map((column) => `"${column.name}"`).join(", ");
  return `CREATE VIEW ${catalogRelationPath(relation)}(${columns}) AS ${select}`;
}

/** The relations of which rows are kept, by key. */
export function rowsMemos(): ReadonlyMap<string, RowsMemo> {
  const memos = [...catalogObjects().values()].flatMap((object) => object.memos);
  const ofRelations = memos.flatMap((memo) => memo.kind === "rows" || memo.kind === "made_rows" ? [memo] : []);
  return new Map([...keptParts.values(), ...ofRelations].map((memo) => [memo.key, memo]));
}

/** What must be kept before SQL text is run, each after those that its own query reads. */
export function memosFor(text: string): readonly CatalogMemo[] {
  return [...new Set([...keysIn(text).flatMap(memosOfObject), ...keptIn(text).flatMap(withThoseItReads)])];
}

/** By an object's key; the queries of kept rows are long, and nothing about them changes. */
const objectMemos = new Map<string, readonly CatalogMemo[]>();

function memosOfObject(key: string): readonly CatalogMemo[] {
  let memos = objectMemos.get(key);
  if (memos === undefined) {
    memos = inOrder([key], noneOf).flatMap((object) => object.memos).flatMap(withThoseItReads);
    objectMemos.set(key, memos = [...new Set(memos)]);
  }
  return memos;
}

const memosWithOthers = new Map<string, readonly CatalogMemo[]>();

function withThoseItReads(memo: CatalogMemo): readonly CatalogMemo[] {
  let memos = memosWithOthers.get(memo.key);
  if (memos === undefined) {
    const others = "of" in memo ? memo.of.flatMap(withThoseItReads) : memosFor(memo.sql);
    memosWithOthers.set(memo.key, memos = [...new Set(others), memo]);
  }
  return memos;
}

const noneOf: Present = new Set();

const lookups = new Map(lookupFunctions.map((entry) => [entry.name as string, entry]));
const lookupName = /__eider_\w+(?=\()/g;

/** The queries behind a memo. */
export function sqlOf(memo: CatalogMemo): readonly string[] {
  return "of" in memo ? memo.of.flatMap(sqlOf) : [memo.sql];
}

/** The parts that SQL text reads, and what the functions look into that it calls. */
function keptIn(sql: string): CatalogMemo[] {
  return [...partsIn(sql), ...[...sql.matchAll(lookupName)].flatMap(([name]) => lookups.get(name)?.memos ?? [])];
}

/** The objects that SQL text names and, before each, those that it needs; without those in `present`. */
export function objectsFor(text: string, present: Present): readonly CatalogObject[] {
  return inOrder(keysIn(text), present);
}

/** All objects, each after those that it needs, without those in `present`. */
export function allObjects(present: Present): readonly CatalogObject[] {
  return inOrder([...catalogObjects().keys()], present);
}

function inOrder(keys: readonly string[], present: Present, known = catalogObjects()): readonly CatalogObject[] {
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
  const memos = keptIn(sql);
  const needs = [...keysIn(sql), ...memos.flatMap((memo) => sqlOf(memo).flatMap(keysIn))];
  return [key, { key, sql, needs: [...new Set(needs)].filter((need) => need !== key), memos }];
}

const namePattern = new RegExp(`${catalogDatabase}"?\\."?(pg|info)"?\\."?([A-Za-z_][A-Za-z0-9_]*)`, "g");

/** Keys of the objects of `__eider` that SQL text names, each once. */
function keysIn(text: string): string[] {
  return [...new Set([...text.matchAll(namePattern)].map(([, schema, name]) => `${schema}.${name}`))];
}
