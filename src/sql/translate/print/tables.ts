/** CREATE TABLE, CREATE TABLE AS, and the columns and constraints that ALTER TABLE has in common with them. */
import { expression, level } from "./brackets.ts";
import { collationText } from "./expressions.ts";
import { columnNames, relationName } from "./from.ts";
import { nameText } from "./identifiers.ts";
import {
  type ColumnDef,
  type Constraint,
  type CreateStmt,
  type CreateTableAsStmt,
  type Node,
  type RangeVar,
  refuse,
  refuseOtherFields,
  requireBody,
  tagOf,
} from "./tree.ts";
import type { NodePrinters, Writer } from "./writer.ts";

/** An unlogged table is one: without a log it would only be faster. */
export function temporaryWord(relation: RangeVar | undefined): string {
  return relation?.relpersistence === "t" ? "TEMPORARY " : "";
}

/** What a table says about its storage (`options` such as fillfactor, a tablespace) changes no result. */
const createFields = ["relation", "tableElts", "options", "oncommit", "tablespacename", "if_not_exists"] as const;

function refuseOnCommit(action: CreateStmt["oncommit"]): void {
  if (action === "ONCOMMIT_DROP" || action === "ONCOMMIT_DELETE_ROWS") refuse("ON COMMIT DROP or DELETE ROWS");
}

/** The type and the constraints of a column, after its name. */
export function columnDefinition(out: Writer, column: ColumnDef): void {
  // `is_local` is always true, the sequence of an identity column and the like are found in `constraints`
  refuseOtherFields(column, ["colname", "typeName", "is_local", "collClause", "constraints"]);
  out.place(column.location);
  out.write(`${nameText(column.colname ?? "")} `);
  out.body("TypeName", column.typeName ?? refuse("a column without a type"));
  if (column.collClause !== undefined) {
    refuseOtherFields(column.collClause, ["collname"]);
    const collation = collationText(column.collClause.collname);
    if (collation === null) out.translates();
    else out.write(` COLLATE ${collation}`);
  }
  for (const node of column.constraints ?? []) columnConstraint(out, requireBody(node, "Constraint"));
}

/** Fields of a constraint that say nothing in DuckDB: it has no inheritance, and checks what it knows. */
const constraintFields = ["contype", "conname", "is_enforced", "initially_valid", "is_no_inherit"] as const;

function constraintName(out: Writer, constraint: Constraint): void {
  if (constraint.conname !== undefined) out.write(`CONSTRAINT ${nameText(constraint.conname)} `);
}

/** One constraint of a column and the space before it. */
function columnConstraint(out: Writer, constraint: Constraint): void {
  switch (constraint.contype) {
    case "CONSTR_NULL":
    case "CONSTR_ATTR_NOT_DEFERRABLE":
    case "CONSTR_ATTR_IMMEDIATE":
    case "CONSTR_ATTR_ENFORCED":
      out.translates();
      return refuseOtherFields(constraint, constraintFields);
    default:
      out.write(" ");
      return printConstraint(out, constraint);
  }
}

function referenceAction(word: string, action: string | undefined): string {
  // a: NO ACTION, r: RESTRICT
  if (action === undefined || action === "a") return "";
  return action === "r" ? ` ON ${word} RESTRICT` : refuse(`ON ${word} with an action`);
}

function referencesClause(out: Writer, constraint: Constraint): void {
  refuseOtherFields(constraint, [
    ...constraintFields,
    "pktable",
    "pk_attrs",
    "fk_attrs",
    "fk_matchtype",
    "fk_upd_action",
    "fk_del_action",
  ]);
  if (constraint.fk_matchtype !== undefined && constraint.fk_matchtype !== "s") refuse("MATCH FULL");
  out.write("REFERENCES ");
  relationName(out, constraint.pktable);
  if (constraint.pk_attrs !== undefined) {
    out.write(" ");
    columnNames(out, constraint.pk_attrs);
  }
  out.write(referenceAction("DELETE", constraint.fk_del_action) + referenceAction("UPDATE", constraint.fk_upd_action));
}

/** A key over the columns that a table constraint names; a column's constraint names none. */
function keyConstraint(out: Writer, constraint: Constraint, words: string): void {
  refuseOtherFields(constraint, [...constraintFields, "keys", "options", "indexspace"]);
  if (constraint.options !== undefined || constraint.indexspace !== undefined) out.translates();
  constraintName(out, constraint);
  out.write(words);
  if (constraint.keys === undefined) return;
  out.write(" ");
  columnNames(out, constraint.keys);
}

export function printConstraint(out: Writer, constraint: Constraint): void {
  out.place(constraint.location);
  switch (constraint.contype) {
    case "CONSTR_PRIMARY":
      return keyConstraint(out, constraint, "PRIMARY KEY");
    case "CONSTR_UNIQUE":
      return keyConstraint(out, constraint, "UNIQUE");
    case "CONSTR_NOTNULL":
      // as a table's constraint it names its column in `keys`, which DuckDB has no form for
      refuseOtherFields(constraint, constraintFields);
      constraintName(out, constraint);
      return out.write("NOT NULL");
    case "CONSTR_DEFAULT":
      refuseOtherFields(constraint, [...constraintFields, "raw_expr"]);
      out.write("DEFAULT ");
      return expression(out, constraint.raw_expr, level.additive);
    case "CONSTR_CHECK":
      refuseOtherFields(constraint, [...constraintFields, "raw_expr"]);
      constraintName(out, constraint);
      out.write("CHECK ");
      return out.brackets(() => out.withoutSubqueries(() => expression(out, constraint.raw_expr)));
    case "CONSTR_GENERATED":
      // DuckDB computes it when it is read, which for an immutable expression is the same as a stored one
      refuseOtherFields(constraint, [...constraintFields, "raw_expr", "generated_when", "generated_kind"]);
      if (constraint.generated_kind === "s") out.translates();
      out.write("GENERATED ALWAYS AS ");
      return out.brackets(() => out.withoutSubqueries(() => expression(out, constraint.raw_expr)));
    case "CONSTR_FOREIGN":
      constraintName(out, constraint);
      if (constraint.fk_attrs !== undefined) {
        out.write("FOREIGN KEY ");
        columnNames(out, constraint.fk_attrs);
        out.write(" ");
      }
      return referencesClause(out, constraint);
    default:
      return refuse(`the constraint ${constraint.contype}`);
  }
}

function tableElement(out: Writer, element: Node): void {
  switch (tagOf(element)) {
    case "ColumnDef":
      return columnDefinition(out, requireBody(element, "ColumnDef"));
    case "Constraint":
      return printConstraint(out, requireBody(element, "Constraint"));
    default:
      refuse(`${tagOf(element)} in a table`);
  }
}

function printCreateTable(out: Writer, table: CreateStmt): void {
  refuseOnCommit(table.oncommit);
  if (table.options !== undefined || table.tablespacename !== undefined) out.translates();
  out.write(`CREATE ${temporaryWord(table.relation)}TABLE ${table.if_not_exists === true ? "IF NOT EXISTS " : ""}`);
  relationName(out, table.relation);
  out.write(" ");
  out.brackets(() => out.list(table.tableElts ?? refuse("a table without columns"), (node) => tableElement(out, node)));
}

function printCreateTableAs(out: Writer, table: CreateTableAsStmt): void {
  const into = table.into ?? refuse("CREATE TABLE AS without a table");
  if (table.objtype !== undefined && table.objtype !== "OBJECT_TABLE") refuse("a materialized view");
  refuseOtherFields(into, ["rel", "colNames", "options", "onCommit", "tableSpaceName", "skipData"]);
  refuseOnCommit(into.onCommit);
  if (into.options !== undefined || into.tableSpaceName !== undefined) out.translates();
  out.write(`CREATE ${temporaryWord(into.rel)}TABLE ${table.if_not_exists === true ? "IF NOT EXISTS " : ""}`);
  relationName(out, into.rel);
  if (into.colNames !== undefined) out.write(" ");
  columnNames(out, into.colNames);
  out.write(" AS ");
  if (tagOf(table.query) !== "SelectStmt") refuse("CREATE TABLE AS EXECUTE");
  out.node(table.query);
  if (into.skipData === true) out.write(" WITH NO DATA");
}

export const tablePrinters = {
  CreateStmt: { fields: createFields, print: printCreateTable },
  CreateTableAsStmt: {
    fields: ["query", "into", "objtype", "is_select_into", "if_not_exists"],
    print: printCreateTableAs,
  },
} satisfies NodePrinters;
