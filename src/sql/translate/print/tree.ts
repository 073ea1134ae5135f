/**
 * The parse tree as the printer reads it: libpg-query's own node types, and what every printing function needs to take a
 * node apart. A node is wrapped (`{A_Const: {…}}`); a body is what stands in it, and stands alone where only one kind can.
 *
 * libpg-query leaves out what is zero, false or empty, so a field that is there says something. `refuseOtherFields` is the
 * guard against dropping it: a printing function names the fields that it looks at, any other one makes the answer null.
 */
import type { Node } from "libpg-query";

export type {
  A_ArrayExpr,
  A_Const,
  A_Expr,
  A_Indices,
  A_Indirection,
  Alias,
  AlterSeqStmt,
  AlterTableCmd,
  AlterTableStmt,
  BooleanTest,
  BoolExpr,
  CallStmt,
  CaseExpr,
  CollateClause,
  ColumnDef,
  ColumnRef,
  CommentStmt,
  CommonTableExpr,
  Constraint,
  CreateEnumStmt,
  CreateSchemaStmt,
  CreateSeqStmt,
  CreateStmt,
  CreateTableAsStmt,
  DefElem,
  DeleteStmt,
  DropStmt,
  ExplainStmt,
  FuncCall,
  GroupingSet,
  IndexElem,
  IndexStmt,
  InsertStmt,
  JoinExpr,
  JsonAggConstructor,
  JsonFormat,
  JsonIsPredicate,
  JsonKeyValue,
  JsonOutput,
  JsonValueExpr,
  MergeStmt,
  MergeWhenClause,
  Node,
  NullTest,
  ObjectWithArgs,
  OnConflictClause,
  RangeFunction,
  RangeSubselect,
  RangeTableSample,
  RangeVar,
  RenameStmt,
  ResTarget,
  ReturningClause,
  RowExpr,
  SelectStmt,
  SortBy,
  SQLValueFunction,
  SubLink,
  TruncateStmt,
  TypeCast,
  TypeName,
  UpdateStmt,
  ViewStmt,
  WindowDef,
  WithClause,
} from "libpg-query";

type KeysOf<Union> = Union extends Union ? keyof Union : never;
/** The name of a kind of node, such as `SelectStmt`. */
export type NodeTag = KeysOf<Node>;
type AllOf<Union> = (Union extends Union ? (item: Union) => void : never) extends (item: infer All) => void ? All
  : never;
export type NodeBody<Tag extends NodeTag> = AllOf<Node>[Tag];

/** Thrown where a tree has no faithful text; the entry points answer null for it. */
export class Unprintable extends Error {
  override readonly name = "Unprintable";
}

export function refuse(reason: string): never {
  throw new Unprintable(reason);
}

/** The kind of a wrapped node. */
export function tagOf(node: Node | undefined): NodeTag {
  for (const tag in node) return tag as NodeTag;
  return refuse("a node without a kind");
}

/** The body of a node of that kind, else null. */
export function bodyOf<Tag extends NodeTag>(node: Node | undefined, tag: Tag): NodeBody<Tag> | null {
  return (node as Partial<Record<Tag, NodeBody<Tag>>> | undefined)?.[tag] ?? null;
}

/** The body of a node that must be of that kind. */
export function requireBody<Tag extends NodeTag>(node: Node | undefined, tag: Tag): NodeBody<Tag> {
  return bodyOf(node, tag) ?? refuse(`expected ${tag}`);
}

/** Refuses a body that says something in a field outside `known`; `location` is always known. */
export function refuseOtherFields<Body extends object>(body: Body, known: readonly (keyof Body)[]): void {
  for (const field in body) {
    if (field === "location" || known.includes(field) || body[field] === undefined) continue;
    refuse(`field ${field} is not printed`);
  }
}

/** The body of a node that must be of that kind and say nothing outside `known`. */
export function requireFields<Tag extends NodeTag>(
  node: Node | undefined,
  tag: Tag,
  known: readonly (keyof NodeBody<Tag>)[],
): NodeBody<Tag> {
  const body = requireBody(node, tag);
  refuseOtherFields(body, known);
  return body;
}

/** The text of a `String` node. */
export function stringOf(node: Node | undefined): string {
  return requireBody(node, "String").sval ?? "";
}

/** The texts of a list of `String` nodes. */
export function stringsOf(nodes: readonly Node[] | undefined): string[] {
  return (nodes ?? []).map(stringOf);
}

/** The last part of a name that may be qualified (an operator, a collation), as DuckDB has them all in one place. */
export function lastPart(nodes: readonly Node[] | undefined): string {
  return stringOf(nodes?.at(-1));
}

/** The nodes of a `List`. */
export function itemsOf(node: Node | undefined): readonly Node[] {
  return requireBody(node, "List").items ?? [];
}

/** The value of a string constant, else null. */
export function constantText(node: Node | undefined): string | null {
  const text = bodyOf(node, "A_Const")?.sval;
  return text === undefined ? null : text.sval ?? "";
}

/** The value of an integer constant up to 32 bits, else null. */
export function constantInteger(node: Node | undefined): number | null {
  const integer = bodyOf(node, "A_Const")?.ival;
  return integer === undefined ? null : integer.ival ?? 0;
}

export function isNullConstant(node: Node | undefined): boolean {
  return bodyOf(node, "A_Const")?.isnull === true;
}
