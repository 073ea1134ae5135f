/**
 * CREATE TABLE. The table is made first and its sequences afterwards, so that a table that exists already is what the
 * error names: CREATE TABLE, then for each serial or identity column DROP SEQUENCE IF EXISTS, CREATE SEQUENCE, SET
 * DEFAULT, OWNED BY. With IF NOT EXISTS nothing may happen to a table that is there, so the sequences come first, with
 * IF NOT EXISTS too, and the defaults stand in the table.
 */
import { AppError } from "../../../../errors/app_error.ts";
import { bodyOf, child, flag, list, mapList, type PgNode, text, typeOfNode, withFields } from "../tree.ts";
import { type Column, rewriteColumn, withDefinitions } from "./columns.ts";
import { rewriteConstraint } from "./constraints.ts";
import { createLikeTable } from "./create_table_like.ts";
import { lengthConstraint } from "./length_limit.ts";
import { createdRangeVar, partsOf } from "./names.ts";
import { attachSequence, createSequence, nextValue, type OwnedSequence, ownSequence } from "./owned_sequence.ts";
import { changed, refuse, type StatementRewrite, withBody } from "./result.ts";

export function rewriteCreateTable(body: PgNode, root: PgNode, type: string): StatementRewrite {
  refuseInheritance(body);
  const elements = list(body, "tableElts");
  const table = createdRangeVar(child(body, "relation") ?? {});
  requireTemporary(text(body, "oncommit"), table);
  if (elements.some((element) => typeOfNode(element) === "TableLikeClause")) {
    return createLikeTable(table, elements, flag(body, "if_not_exists"));
  }
  const { rewritten, columns } = rewriteElements(elements, table);
  const statement = withFields(body, {
    relation: table,
    tableElts: elements.length === 0 ? body["tableElts"] : rewritten,
    options: undefined,
    tablespacename: undefined,
    accessMethod: undefined,
    oncommit: "ONCOMMIT_NOOP",
  });
  const notices = columns.flatMap((column) => column.notices);
  const sequences = columns.flatMap((column) => column.sequence === null ? [] : [column.sequence]);
  if (sequences.length === 0) return withBody(root, type, statement, notices);
  return flag(body, "if_not_exists") ? changed(createIfNotExists(statement, table, sequences), notices) : changed([
    { CreateStmt: statement },
    ...sequences.flatMap((sequence) => [...createSequence(sequence), ...attachSequence(table, sequence)]),
  ], notices);
}

function createIfNotExists(
  statement: PgNode,
  table: PgNode,
  sequences: readonly OwnedSequence[],
): readonly PgNode[] {
  const tableElts = withDefinitions(list(statement, "tableElts"), (definition) => {
    const sequence = sequences.find((item) => item.column === text(definition, "colname"));
    if (sequence === undefined) return definition;
    const constraint = { Constraint: { contype: "CONSTR_DEFAULT", raw_expr: nextValue(sequence), location: -1 } };
    return withFields(definition, { constraints: [...list(definition, "constraints"), constraint] });
  });
  return [
    ...sequences.flatMap((sequence) => createSequence(sequence, true)),
    { CreateStmt: withFields(statement, { tableElts }) },
    ...sequences.map((sequence) => ownSequence(sequence.parts, [...partsOf(table), sequence.column])),
  ];
}

/** Columns and constraints; the same list when none changes. */
export function rewriteElements(
  elements: readonly PgNode[],
  table: PgNode,
): { readonly rewritten: readonly PgNode[]; readonly columns: readonly Column[] } {
  const columns: Column[] = [];
  const rewritten = mapList(elements, (element) => {
    const definition = bodyOf(element, "ColumnDef");
    if (definition === null) return rewriteConstraint(element) ?? element;
    const column = rewriteColumn(definition, table);
    columns.push(column);
    const limited = column.limit === null ? column.definition : withFields(column.definition, {
      constraints: [...list(column.definition, "constraints"), lengthConstraint(column.limit)],
    });
    return limited === definition ? element : { ColumnDef: limited };
  });
  return { rewritten, columns };
}

function refuseInheritance(body: PgNode): void {
  if (child(body, "partspec") !== null || child(body, "partbound") !== null) {
    refuse(
      "CREATE TABLE … PARTITION is not supported",
      "Create one table without PARTITION BY: DuckDB skips what a WHERE leaves out by its own statistics.",
    );
  }
  if (list(body, "inhRelations").length > 0) {
    refuse("CREATE TABLE … INHERITS is not supported", "Use separate tables, and a view with UNION ALL over them.");
  }
  if (child(body, "ofTypename") !== null) {
    refuse("CREATE TABLE … OF type is not supported", "Name the columns.");
  }
}

/** ON COMMIT, of CREATE TABLE and CREATE TABLE AS; the session carries it out (`session_objects.ts`). */
export function requireTemporary(onCommit: string, table: PgNode): void {
  if (onCommit === "" || onCommit === "ONCOMMIT_NOOP" || text(table, "relpersistence") === "t") return;
  throw new AppError("invalid_table_definition", "ON COMMIT can only be used on temporary tables");
}
