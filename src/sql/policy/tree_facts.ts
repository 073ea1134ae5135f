/**
 * Facts about a statement from PostgreSQL's parse tree. The walk visits every object of the tree, whatever its type, so
 * that no place of a function or a relation can be forgotten; what a node means beyond that is known for the
 * statements that change something.
 */
import type { PgNode } from "../pg_parser.ts";
import type { FactsBuilder, ObjectKind, OnCommit, RelationName } from "../statement.ts";

/** Libpg-query's JSON leaves out fields that are zero, false or empty. */
export function text(node: PgNode, field: string): string {
  const value = node[field];
  return typeof value === "string" ? value : "";
}

export function child(node: PgNode, field: string): PgNode | null {
  const value = node[field];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as PgNode : null;
}

export function list(node: PgNode, field: string): readonly PgNode[] {
  const value = node[field];
  return Array.isArray(value) ? value as PgNode[] : [];
}

/** `[type, body]` of a wrapped node such as `{SelectStmt: {…}}`. */
export function unwrap(node: PgNode): [type: string, body: PgNode] {
  const [type, body] = Object.entries(node)[0] ?? ["", {}];
  return [type, body as PgNode];
}

/** The text of a String node, else "". */
export function stringOf(node: PgNode | undefined): string {
  const body = node === undefined ? null : child(node, "String");
  return body === null ? "" : text(body, "sval");
}

export function relationOf(rangeVar: PgNode): RelationName {
  return {
    catalog: text(rangeVar, "catalogname") || null,
    schema: text(rangeVar, "schemaname") || null,
    name: text(rangeVar, "relname"),
  };
}

export function relationOfNames(names: readonly string[]): RelationName {
  const catalog = names.length > 2 ? names.slice(0, -2).join(".") : null;
  return { catalog, schema: names.at(-2) ?? null, name: names.at(-1) ?? "" };
}

/** Names of a List of String nodes, a TypeName or an ObjectWithArgs, as DROP and COMMENT give them. */
export function namesOf(node: PgNode): string[] {
  const [type, body] = unwrap(node);
  if (type === "String") return [text(body, "sval")];
  if (type === "List") return list(body, "items").map(stringOf);
  if (type === "TypeName") return list(body, "names").map(stringOf);
  if (type === "ObjectWithArgs") return list(body, "objname").map(stringOf);
  return [];
}

interface Visit {
  readonly node: PgNode;
  /** The field under which the node stands. */
  readonly field: string;
  /** A function here is a table function. */
  readonly table: boolean;
}

/** Walks `root`, a wrapped statement node, without recursion: a tree may be thousands of levels deep. */
export function collectTreeFacts(root: PgNode, facts: FactsBuilder): void {
  const targets = new Set<PgNode>();
  const stack: Visit[] = [{ node: root, field: "", table: false }];
  for (;;) {
    const visit = stack.pop();
    if (visit === undefined) return;
    const { node, field, table } = visit;
    collectChange(node, field, facts, targets);
    if (typeof node["relname"] === "string" && !targets.has(node)) facts.reads.push(relationOf(node));
    if (Array.isArray(node["funcname"]) && field !== "CreateFunctionStmt") collectFunction(node, table, facts);
    for (const [name, value] of Object.entries(node)) {
      if (typeof value !== "object" || value === null) continue;
      if (field === "RangeFunction" && name === "functions") {
        for (const item of list(node, "functions")) pushRangeFunction(item, stack);
      } else if (Array.isArray(value)) {
        for (const item of value) {
          if (typeof item === "object" && item !== null) {
            stack.push({ node: item as PgNode, field: name, table: false });
          }
        }
      } else {
        // The wrapper object keeps the mark of its place: {FuncCall: {…}} in FROM.
        stack.push({
          node: value as PgNode,
          field: name,
          table: (table && name === "FuncCall") || name === "funccall",
        });
      }
    }
  }
}

/** An item of RangeFunction.functions: a List of the function and its column definitions. */
function pushRangeFunction(item: PgNode, stack: Visit[]): void {
  const items = list(child(item, "List") ?? {}, "items");
  items.forEach((node, index) => stack.push({ node, field: "functions", table: index === 0 }));
}

function collectFunction(node: PgNode, table: boolean, facts: FactsBuilder): void {
  const names = list(node, "funcname").map((name) => stringOf(name).toLowerCase());
  const name = names.at(-1) ?? "";
  const args = list(node, "args");
  const constant = args.length > 0 ? child(args[0]!, "A_Const") : null;
  const value = constant === null ? null : child(constant, "sval");
  // `x.f('a')` is f(x, 'a') in DuckDB.
  const plain = names.length === 1 || names[0] === "pg_catalog";
  // The translation points it at the session's settings, so DuckDB's function of this name is not reached; a literal is
  // still looked at, for a clear refusal.
  if (plain && name === "current_setting" && value === null) return;
  facts.functions.push({
    name,
    position: table ? "table" : "scalar",
    literal: plain && value !== null ? text(value, "sval") : null,
  });
}

const dropKinds: Readonly<Record<string, ObjectKind>> = {
  OBJECT_TABLE: "table",
  OBJECT_VIEW: "view",
  OBJECT_MATVIEW: "view",
  OBJECT_INDEX: "index",
  OBJECT_SEQUENCE: "sequence",
  OBJECT_TYPE: "type",
  OBJECT_DOMAIN: "type",
  OBJECT_FUNCTION: "macro",
  OBJECT_PROCEDURE: "macro",
  OBJECT_ROUTINE: "macro",
  OBJECT_AGGREGATE: "macro",
  OBJECT_SCHEMA: "schema",
  OBJECT_COLUMN: "relation",
  OBJECT_FOREIGN_TABLE: "table",
};

/** `OBJECT_TABLE` -> "TABLE". */
export function objectWord(objectType: string): string {
  return objectType.replace(/^OBJECT_/, "").replace("MATVIEW", "MATERIALIZED VIEW").replaceAll("_", " ");
}

export function objectKind(objectType: string): ObjectKind {
  return dropKinds[objectType] ?? "relation";
}

const onCommits: Readonly<Record<string, OnCommit>> = { ONCOMMIT_DROP: "drop", ONCOMMIT_DELETE_ROWS: "delete rows" };

/** Registers what the statement node changes. Statements may be nested: in a CTE, in EXPLAIN, in PREPARE. */
function collectChange(node: PgNode, field: string, facts: FactsBuilder, targets: Set<PgNode>): void {
  const onRelation = (
    command: string,
    rangeVar: PgNode | null,
    mode: "create" | "rows" | "definition",
    object: ObjectKind = "table",
    onCommit: OnCommit | null = null,
  ) => {
    if (rangeVar === null) return;
    targets.add(rangeVar);
    const temporary = mode === "create" && text(rangeVar, "relpersistence") === "t";
    facts.change(command, temporary ? "create_temporary" : mode, object, relationOf(rangeVar), onCommit);
  };
  switch (field) {
    case "InsertStmt":
      return onRelation("INSERT", child(node, "relation"), "rows");
    case "UpdateStmt":
      return onRelation("UPDATE", child(node, "relation"), "rows");
    case "DeleteStmt":
      return onRelation("DELETE", child(node, "relation"), "rows");
    case "MergeStmt":
      return onRelation("MERGE", child(node, "relation"), "rows");
    case "TruncateStmt":
      for (const item of list(node, "relations")) onRelation("TRUNCATE TABLE", child(item, "RangeVar"), "rows");
      return;
    case "CreateStmt":
      return onRelation("CREATE TABLE", child(node, "relation"), "create", "table", onCommits[text(node, "oncommit")]);
    case "intoClause":
    case "into":
      return onRelation("CREATE TABLE AS", child(node, "rel"), "create", "table", onCommits[text(node, "onCommit")]);
    case "ViewStmt":
      return onRelation(
        node["replace"] === true ? "CREATE OR REPLACE VIEW" : "CREATE VIEW",
        child(node, "view"),
        "create",
      );
    case "IndexStmt":
      return onRelation("CREATE INDEX", child(node, "relation"), "definition");
    case "CreateSeqStmt":
      return onRelation("CREATE SEQUENCE", child(node, "sequence"), "create", "sequence");
    case "AlterSeqStmt":
      return onRelation("ALTER SEQUENCE", child(node, "sequence"), "definition", "sequence");
    case "CompositeTypeStmt":
      return onRelation("CREATE TYPE", child(node, "typevar"), "create", "type");
    case "CopyStmt":
      if (node["is_from"] === true) onRelation("COPY FROM", child(node, "relation"), "rows");
      return;
    case "AlterTableStmt": {
      const objectType = text(node, "objtype");
      return onRelation(
        `ALTER ${objectWord(objectType)}`,
        child(node, "relation"),
        "definition",
        objectKind(objectType),
      );
    }
    default:
      collectNamedChange(node, field, facts, onRelation);
  }
}

/** The statements that name their object by a list of strings, or a relation or a list depending on its kind. */
function collectNamedChange(
  node: PgNode,
  field: string,
  facts: FactsBuilder,
  onRelation: (command: string, rangeVar: PgNode | null, mode: "definition", object: ObjectKind) => void,
): void {
  switch (field) {
    case "CreateEnumStmt":
      return facts.change("CREATE TYPE", "create", "type", relationOfNames(list(node, "typeName").map(stringOf)));
    case "CreateDomainStmt":
      return facts.change("CREATE DOMAIN", "create", "type", relationOfNames(list(node, "domainname").map(stringOf)));
    case "CreateSchemaStmt":
      return facts.change("CREATE SCHEMA", "create", "schema", relationOfNames([text(node, "schemaname")]));
    case "CreateFunctionStmt":
      return facts.change("CREATE FUNCTION", "create", "macro", relationOfNames(list(node, "funcname").map(stringOf)));
    case "DropStmt": {
      const removed = text(node, "removeType");
      for (const item of list(node, "objects")) {
        facts.change(`DROP ${objectWord(removed)}`, "definition", objectKind(removed), relationOfNames(namesOf(item)));
      }
      return;
    }
    case "RenameStmt":
    case "AlterObjectSchemaStmt": {
      const renamed = text(node, field === "RenameStmt" ? "renameType" : "objectType");
      const owner = text(node, "relationType");
      const kind = objectKind(renamed === "OBJECT_COLUMN" && owner !== "" ? owner : renamed);
      const command = `ALTER ${renamed === "OBJECT_COLUMN" ? "TABLE" : objectWord(renamed)}`;
      onRelation(command, child(node, "relation"), "definition", kind);
      const object = child(node, "object");
      if (object !== null) facts.change(command, "definition", kind, relationOfNames(namesOf(object)));
      if (renamed === "OBJECT_SCHEMA") {
        facts.change(command, "definition", "schema", relationOfNames([text(node, "subname")]));
        facts.change(command, "create", "schema", relationOfNames([text(node, "newname")]));
      }
      const newSchema = text(node, "newschema");
      if (newSchema !== "") facts.change(command, "definition", "schema", relationOfNames([newSchema]));
      return;
    }
    case "CommentStmt": {
      const commented = text(node, "objtype");
      const object = child(node, "object");
      const names = object === null ? [] : namesOf(object);
      const target = commented === "OBJECT_COLUMN" ? names.slice(0, -1) : names;
      // DuckDB lets COMMENT ON TABLE name a view, so any relation counts as one.
      const kind = objectKind(commented) === "table" ? "relation" : objectKind(commented);
      const command = `COMMENT ON ${objectWord(commented)}`;
      if (target.length > 0) facts.change(command, "definition", kind, relationOfNames(target));
      return;
    }
  }
}
