/**
 * The relations that a query names, from PostgreSQL's parse tree: not those that a CTE of the query hides. Columns are told as far as their
 * names do: `a.x` is of the relation called `a`, and a bare `x` of each relation that has an `x`.
 */
import { parsePostgres, type PgNode, PgSyntaxError } from "../pg_parser.ts";

export interface ReadRelation {
  /** As it is written, "" without one; a database before it is left out. */
  readonly schema: string;
  readonly name: string;
  /** Where it is named: UTF-16 offsets in the text. */
  readonly offsets: readonly number[];
  readonly fields: Fields;
}

/** Names of columns; `all` for `*`. Not each is one of the relation: a bare name is told of all. */
export interface Fields {
  readonly all: boolean;
  readonly names: readonly string[];
}

interface Found {
  readonly schema: string;
  readonly name: string;
  readonly byteOffsets: number[];
  /** What columns call it, in lower case. */
  readonly aliases: Set<string>;
}

interface Columns {
  /** By what stands before the dot, "" for a bare name. */
  readonly names: Map<string, Set<string>>;
  readonly stars: Set<string>;
}

/** None when the text is not one query in PostgreSQL's grammar, or the parser cannot be used now. */
export function relationsIn(query: string): readonly ReadRelation[] {
  const statements = parsed(query);
  const root = statements?.length === 1 ? statements[0]!["stmt"] : undefined;
  if (root === undefined) return [];
  const found = new Map<string, Found>();
  const columns: Columns = { names: new Map(), stars: new Set() };
  visit(root, new Set(), found, columns);
  const offsetOf = offsets(query);
  return [...found.values()].map(({ schema, name, byteOffsets, aliases }) => {
    const calls = ["", ...aliases];
    const names = new Set(calls.flatMap((alias) => [...columns.names.get(alias) ?? []]));
    const fields = { all: calls.some((alias) => columns.stars.has(alias)), names: [...names] };
    return { schema, name, offsets: byteOffsets.map(offsetOf), fields };
  });
}

function parsed(query: string): readonly PgNode[] | null {
  try {
    return parsePostgres(query);
  } catch (error) {
    if (error instanceof PgSyntaxError) return null;
    throw error;
  }
}

type Ctes = ReadonlySet<string>;

function visit(value: unknown, ctes: Ctes, found: Map<string, Found>, columns: Columns): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, ctes, found, columns);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  const node = value as PgNode;
  if (isObject(node["RangeVar"])) addRelation(node["RangeVar"], ctes, found);
  if (isObject(node["ColumnRef"])) addColumn(node["ColumnRef"], columns);
  const clause = node["withClause"];
  if (!isObject(clause)) {
    for (const field in node) visit(node[field], ctes, found, columns);
    return;
  }
  const inside = visitWith(clause, ctes, found, columns);
  for (const field in node) if (field !== "withClause") visit(node[field], inside, found, columns);
}

/** A CTE sees those before it, and itself and the later ones when the clause is recursive. */
function visitWith(clause: PgNode, outer: Ctes, found: Map<string, Found>, columns: Columns): Ctes {
  const items = (clause["ctes"] as readonly PgNode[] | undefined ?? []).map((item) =>
    item["CommonTableExpr"] as PgNode
  );
  const names = items.map((item) => String(item["ctename"] ?? ""));
  let seen: Ctes = clause["recursive"] === true ? new Set([...outer, ...names]) : outer;
  for (const [index, item] of items.entries()) {
    visit(item["ctequery"], seen, found, columns);
    seen = new Set([...seen, names[index]!]);
  }
  return seen;
}

function addRelation(body: PgNode, ctes: Ctes, found: Map<string, Found>): void {
  const schema = String(body["schemaname"] ?? "");
  const name = String(body["relname"] ?? "");
  if (schema === "" && ctes.has(name)) return;
  const key = JSON.stringify([schema, name]);
  const relation = found.get(key) ?? { schema, name, byteOffsets: [], aliases: new Set<string>() };
  const alias = isObject(body["alias"]) ? String(body["alias"]["aliasname"] ?? "") : name;
  relation.aliases.add(alias.toLowerCase());
  const location = body["location"];
  relation.byteOffsets.push(typeof location === "number" ? location : 0);
  found.set(key, relation);
}

/** `x`, `a.x`, `s.a.x`, and `*` in place of x. */
function addColumn(body: PgNode, columns: Columns): void {
  const fields = body["fields"] as readonly PgNode[] | undefined ?? [];
  const last = fields.at(-1);
  const nameOf = (field: PgNode | undefined) =>
    isObject(field?.["String"]) ? String(field["String"]["sval"] ?? "") : "";
  const alias = nameOf(fields.at(-2)).toLowerCase();
  if (last !== undefined && "A_Star" in last) columns.stars.add(alias);
  else columns.names.set(alias, (columns.names.get(alias) ?? new Set()).add(nameOf(last).toLowerCase()));
}

function isObject(value: unknown): value is PgNode {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** UTF-8 byte offset -> UTF-16 offset. */
function offsets(text: string): (byte: number) => number {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length === text.length) return (byte) => byte;
  const decoder = new TextDecoder();
  return (byte) => decoder.decode(bytes.subarray(0, byte)).length;
}
