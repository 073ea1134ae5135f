/**
 * Reading, mapping and building nodes of PostgreSQL's parse tree (libpg-query's JSON). A tree is never changed in
 * place: a function over nodes gives back the same object when nothing changed, and that identity says whether a
 * statement must be printed.
 *
 * A *node* is wrapped: `{FuncCall: {…}}`, one key that begins with a capital letter. A *body* is what stands under that
 * key; where the grammar allows one type only (`typeName`, `larg`, `over`), libpg-query leaves the wrapper out.
 */
import type { PgNode } from "../../pg_parser.ts";

export type { PgNode } from "../../pg_parser.ts";

export function isObject(value: unknown): value is PgNode {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `FuncCall` of `{FuncCall: {…}}`; "" for a body and for an empty item of a list. */
export function typeOfNode(node: PgNode | null | undefined): string {
  if (node === null || node === undefined) return "";
  for (const key in node) {
    const code = key.charCodeAt(0);
    return code >= 65 && code <= 90 ? key : "";
  }
  return "";
}

/** The body of a node of that type, else null. */
export function bodyOf(node: PgNode | null | undefined, type: string): PgNode | null {
  if (node === null || node === undefined) return null;
  const body = node[type];
  return isObject(body) ? body : null;
}

/** libpg-query leaves out fields that are zero, false or empty. */
export function text(body: PgNode | null, field: string): string {
  const value = body?.[field];
  return typeof value === "string" ? value : "";
}

export function child(body: PgNode | null, field: string): PgNode | null {
  const value = body?.[field];
  return isObject(value) ? value : null;
}

export function list(body: PgNode | null, field: string): readonly PgNode[] {
  const value = body?.[field];
  return Array.isArray(value) ? value as PgNode[] : [];
}

export function flag(body: PgNode | null, field: string): boolean {
  return body?.[field] === true;
}

/** The text of a `String` node, else "". */
export function stringOf(node: PgNode | undefined): string {
  return node === undefined ? "" : text(bodyOf(node, "String"), "sval");
}

/** The texts of a list of `String` nodes. */
export function stringsOf(body: PgNode | null, field: string): string[] {
  return list(body, field).map(stringOf);
}

/** Maps each node or body that stands directly in `body`; the same object when all stay the same. */
export function mapFields(body: PgNode, map: (value: PgNode, field: string) => PgNode): PgNode {
  let changed: Record<string, unknown> | null = null;
  for (const field in body) {
    const value = body[field];
    if (typeof value !== "object" || value === null) continue;
    const mapped = Array.isArray(value)
      ? mapList(value as PgNode[], (item) => isObject(item) ? map(item, field) : item)
      : map(value as PgNode, field);
    if (mapped === value) continue;
    changed ??= { ...body };
    changed[field] = mapped;
  }
  return changed ?? body;
}

/** The same array when every item stays the same. */
export function mapList<T>(items: readonly T[], map: (item: T, index: number) => T): readonly T[] {
  let changed: T[] | null = null;
  for (let index = 0; index < items.length; index++) {
    const item = items[index]!;
    const mapped = map(item, index);
    if (mapped === item) continue;
    changed ??= [...items];
    changed[index] = mapped;
  }
  return changed ?? items;
}

/** A function for some node types, called with the body after the children are mapped. */
export type Visitors = Readonly<Record<string, (body: PgNode, node: PgNode) => PgNode>>;

/** Maps a whole tree from the leaves up, without regard to names and scopes. */
export function mapTree(node: PgNode, visitors: Visitors): PgNode {
  const type = typeOfNode(node);
  if (type === "") return mapFields(node, (value) => mapTree(value, visitors));
  const body = node[type];
  if (!isObject(body)) return node;
  const mapped = mapFields(body, (value) => mapTree(value, visitors));
  const rebuilt = mapped === body ? node : { [type]: mapped };
  return visitors[type]?.(mapped, rebuilt) ?? rebuilt;
}

/** `body` with some fields set; a field given as undefined is left out. The same object when all are as before. */
export function withFields(body: PgNode, fields: PgNode): PgNode {
  let same = true;
  for (const field in fields) if (fields[field] !== body[field]) same = false;
  if (same) return body;
  const result: Record<string, unknown> = { ...body, ...fields };
  for (const field in fields) if (fields[field] === undefined) delete result[field];
  return result;
}

/** The node of a changed body; the old node when the body stayed the same. */
export function rewrap(node: PgNode, type: string, body: PgNode): PgNode {
  return node[type] === body ? node : { [type]: body };
}

/** Byte offset in the source where the node begins, for `places`; -1 when unknown. */
export function locationOf(node: PgNode): number {
  const body = child(node, typeOfNode(node)) ?? node;
  const location = body["location"];
  if (typeof location === "number") return location;
  // Zero is left out, but some nodes have no location at all.
  return -1;
}
