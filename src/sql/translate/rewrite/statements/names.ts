/**
 * Names of objects: the parts of a qualified name, schema `public`, which is DuckDB's `main`, and the names that
 * PostgreSQL makes up (`t_id_seq`, `t_a_key`, `t_a_b_idx`).
 */
import { type PgNode, stringOf, text, withFields } from "../tree.ts";
import { stringNode } from "../build.ts";

/** NAMEDATALEN - 1: longer identifiers do not exist in PostgreSQL. */
const nameBytesMax = 63;

export function ownSchema(schema: string): string {
  if (schema === "public") return "main";
  return schema === "pg_temp" || /^pg_temp_\d+$/.test(schema) ? "temp" : schema;
}

/** `[public, t]` -> `[main, t]`; the same array when nothing changes. */
export function ownParts(parts: readonly PgNode[]): readonly PgNode[] {
  if (parts.length < 2) return parts;
  const at = parts.length === 2 ? 0 : 1;
  const schema = stringOf(parts[at]);
  const own = ownSchema(schema);
  if (own === schema) return parts;
  return parts.map((part, index) => index === at ? stringNode(own) : part);
}

/** The same body when its schema is DuckDB's already. */
export function ownRangeVar(relation: PgNode): PgNode {
  const schema = text(relation, "schemaname");
  return schema === "" ? relation : withFields(relation, { schemaname: ownSchema(schema) });
}

/** Of an object that is made: in schema `pg_temp` it is a temporary one; UNLOGGED makes no difference. */
export function createdRangeVar(relation: PgNode): PgNode {
  const own = ownRangeVar(relation);
  if (text(own, "schemaname") === "temp") return withFields(own, { schemaname: undefined, relpersistence: "t" });
  return text(own, "relpersistence") === "u" ? withFields(own, { relpersistence: "p" }) : own;
}

/** `[catalog, schema, name]` without the parts that are not given. */
export function partsOf(relation: PgNode): string[] {
  return [text(relation, "catalogname"), text(relation, "schemaname"), text(relation, "relname")]
    .filter((part) => part !== "");
}

/** A RangeVar body; `temporary` for CREATE TEMP. */
export function rangeVar(parts: readonly string[], temporary = false): PgNode {
  const [name, schema, catalog] = [...parts].reverse();
  return {
    ...(catalog === undefined ? {} : { catalogname: catalog }),
    ...(schema === undefined ? {} : { schemaname: schema }),
    relname: name ?? "",
    inh: true,
    relpersistence: temporary ? "t" : "p",
    location: -1,
  };
}

/** A `List` node of `String` nodes, as DROP and COMMENT name objects. */
export function nameList(parts: readonly string[]): PgNode {
  return { List: { items: parts.map(stringNode) } };
}

/** A name written in a string, as nextval() takes it. */
export function quotedPath(parts: readonly string[]): string {
  return parts.map((part) => /^[a-z_][a-z0-9_]*$/.test(part) ? part : `"${part.replaceAll('"', '""')}"`).join(".");
}

/** The reverse of `quotedPath`; unquoted parts are folded to lower case. Null when `path` is no such name. */
export function splitPath(path: string): string[] | null {
  const part = /\s*(?:"((?:[^"]|"")+)"|([^\s".]+))\s*(\.|$)/y;
  const parts: string[] = [];
  for (;;) {
    const match = part.exec(path);
    if (match === null) return null;
    parts.push(match[1] === undefined ? match[2]!.toLowerCase() : match[1].replaceAll('""', '"'));
    if (match[3] === "") return parts;
  }
}

/**
 * `table_addition_label` in at most 63 bytes: the longer of table and addition gives way. The addition may be empty.
 */
export function implicitName(table: string, addition: string, label: string): string {
  const encoder = new TextEncoder();
  let [tableBytes, additionBytes] = [encoder.encode(table).length, encoder.encode(addition).length];
  const room = nameBytesMax - encoder.encode(label).length - (additionBytes === 0 ? 1 : 2);
  while (tableBytes + additionBytes > room) {
    if (tableBytes > additionBytes) tableBytes--;
    else additionBytes--;
  }
  return [clipped(table, tableBytes), clipped(addition, additionBytes), label].filter((part) => part !== "").join("_");
}

/** The beginning of `name` in at most `bytesMax` bytes of whole characters. */
export function clipped(name: string, bytesMax: number): string {
  const bytes = new TextEncoder().encode(name);
  if (bytes.length <= bytesMax) return name;
  let end = bytesMax;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return new TextDecoder().decode(bytes.subarray(0, end));
}
