/**
 * Named objects of one kind, found by name and by OID, with PostgreSQL's rules about the search path: an object is visible when no schema before its
 * own on the path has one of that name. Names are found in any case, because DuckDB finds them so.
 */
import { quoteIdentifier } from "../functions/keywords.ts";
import { namesSearched, shownSchema } from "../functions/path_names.ts";
import type { SessionView } from "./types.ts";

export interface NamedObject {
  readonly oid: number;
  /** Of a type: the OID of its array type; otherwise 0. */
  readonly arrayOid: number;
  /** As PostgreSQL shows it. */
  readonly schema: string;
  readonly name: string;
}

export interface NameIndex {
  /** By name in lower case. */
  readonly byName: ReadonlyMap<string, readonly NamedObject[]>;
  /** By OID, and by that of an array type. */
  readonly byOid: ReadonlyMap<number, NamedObject>;
}

/** Rows of oid, array_oid, schema_name, object_name. */
export function buildNameIndex(rows: readonly (readonly (string | null)[])[]): NameIndex {
  return nameIndex(rows.map(([oid, arrayOid, schema, name]) => ({
    oid: Number(oid),
    arrayOid: Number(arrayOid),
    schema: schema ?? "",
    name: name ?? "",
  })));
}

export function nameIndex(objects: readonly NamedObject[]): NameIndex {
  const byName = new Map<string, NamedObject[]>();
  const byOid = new Map<number, NamedObject>();
  for (const object of objects) {
    const key = object.name.toLowerCase();
    const before = byName.get(key);
    if (before === undefined) byName.set(key, [object]);
    else before.push(object);
    byOid.set(object.oid, object);
    if (object.arrayOid !== 0) byOid.set(object.arrayOid, object);
  }
  return { byName, byOid };
}

/** The session's path by place; what is not on it has none. */
export function placesOf(view: SessionView): ReadonlyMap<string, number> {
  const path = view.setting("search_path");
  const key = `${view.username}\0${path}`;
  const known = knownPaths.get(key);
  if (known !== undefined) return known;
  const places = new Map<string, number>();
  namesSearched(path, view.username).forEach((schema, index) => {
    if (!places.has(schema)) places.set(schema, index);
  });
  if (knownPaths.size >= knownPathsMax) knownPaths.clear();
  knownPaths.set(key, places);
  return places;
}

/** Asked for each of thousands of rows. */
const knownPaths = new Map<string, ReadonlyMap<string, number>>();
const knownPathsMax = 100;

export function isVisible(object: NamedObject, index: NameIndex, view: SessionView): boolean {
  const places = placesOf(view);
  const place = places.get(object.schema);
  if (place === undefined) return false;
  const namesakes = index.byName.get(object.name.toLowerCase()) ?? [];
  return namesakes.every(({ schema }) => (places.get(schema) ?? Infinity) >= place);
}

/** The objects that a name means: those of its schema, or the visible ones. `parts` are those of a dotted name. */
export function meant(parts: readonly string[], index: NameIndex, view: SessionView): readonly NamedObject[] {
  const namesakes = index.byName.get(parts.at(-1)!.toLowerCase()) ?? [];
  if (parts.length < 2) return namesakes.filter((object) => isVisible(object, index, view));
  const schema = shownSchema(parts.at(-2)!);
  return namesakes.filter((object) => object.schema === schema);
}

export function leastOid(objects: readonly NamedObject[]): number | null {
  return objects.length === 0 ? null : Math.min(...objects.map(({ oid }) => oid));
}

/** As PostgreSQL prints it: with its schema unless it is `bare`, in quotes where it needs them. */
export function printedName(object: NamedObject, bare: boolean): string {
  const name = quoteIdentifier(object.name);
  return bare ? name : `${quoteIdentifier(object.schema)}.${name}`;
}
