/** ALTER TABLE with one command, renaming, DROP and COMMENT ON. */
import { expression, level } from "./brackets.ts";
import { listedName, relationName } from "./from.ts";
import { functionNameText, literalText, nameText, typeNameText } from "./identifiers.ts";
import { columnDefinition, printConstraint } from "./tables.ts";
import {
  type AlterTableCmd,
  type AlterTableStmt,
  type ColumnDef,
  type CommentStmt,
  type Constraint,
  type DropStmt,
  type Node,
  type ObjectWithArgs,
  refuse,
  refuseOtherFields,
  type RenameStmt,
  requireBody,
  requireFields,
  stringsOf,
} from "./tree.ts";
import type { NodePrinters, Writer } from "./writer.ts";

/** DuckDB adds a column without constraints; a rewriting can set them with statements of their own. */
function addColumn(out: Writer, command: AlterTableCmd, column: ColumnDef): void {
  for (const node of column.constraints ?? []) {
    const kind = requireBody(node, "Constraint").contype;
    if (kind !== "CONSTR_DEFAULT" && kind !== "CONSTR_NULL") refuse("a new column with constraints");
  }
  out.write(command.missing_ok === true ? "ADD COLUMN IF NOT EXISTS " : "ADD COLUMN ");
  columnDefinition(out, column);
}

function changeType(out: Writer, column: ColumnDef): void {
  refuseOtherFields(column, ["typeName", "raw_default"]);
  out.write("SET DATA TYPE ");
  out.body("TypeName", column.typeName ?? refuse("a column without a type"));
  if (column.raw_default === undefined) return;
  out.write(" USING ");
  out.brackets(() => expression(out, column.raw_default));
}

function addConstraint(out: Writer, constraint: Constraint): void {
  if (constraint.contype !== "CONSTR_PRIMARY") refuse(`ADD CONSTRAINT ${constraint.contype}`);
  out.write("ADD ");
  printConstraint(out, constraint);
}

const alterColumnFields = ["subtype", "name", "def", "behavior"] as const;

function printCommand(out: Writer, command: AlterTableCmd): void {
  const alterColumn = () => {
    refuseOtherFields(command, alterColumnFields);
    out.write(`ALTER COLUMN ${nameText(command.name ?? "")} `);
  };
  switch (command.subtype) {
    case "AT_AddColumn":
      refuseOtherFields(command, ["subtype", "def", "behavior", "missing_ok"]);
      return addColumn(out, command, requireBody(command.def, "ColumnDef"));
    case "AT_DropColumn":
      refuseOtherFields(command, ["subtype", "name", "behavior", "missing_ok"]);
      out.write(`DROP COLUMN ${command.missing_ok === true ? "IF EXISTS " : ""}${nameText(command.name ?? "")}`);
      if (command.behavior === "DROP_CASCADE") out.write(" CASCADE");
      return;
    case "AT_ColumnDefault":
      alterColumn();
      if (command.def === undefined) return out.write("DROP DEFAULT");
      out.write("SET DEFAULT ");
      return expression(out, command.def, level.additive);
    case "AT_SetNotNull":
      alterColumn();
      return out.write("SET NOT NULL");
    case "AT_DropNotNull":
      alterColumn();
      return out.write("DROP NOT NULL");
    case "AT_AlterColumnType":
      alterColumn();
      return changeType(out, requireBody(command.def, "ColumnDef"));
    case "AT_AddConstraint":
      refuseOtherFields(command, ["subtype", "def", "behavior"]);
      return addConstraint(out, requireBody(command.def, "Constraint"));
    default:
      refuse(`ALTER TABLE ${command.subtype}`);
  }
}

function printAlterTable(out: Writer, alter: AlterTableStmt): void {
  const [command, ...others] = alter.cmds ?? [];
  if (others.length > 0) refuse("ALTER TABLE with several commands");
  if (alter.objtype !== undefined && alter.objtype !== "OBJECT_TABLE") refuse(`ALTER ${alter.objtype}`);
  out.write(alter.missing_ok === true ? "ALTER TABLE IF EXISTS " : "ALTER TABLE ");
  relationName(out, alter.relation);
  out.write(" ");
  printCommand(out, requireBody(command, "AlterTableCmd"));
}

function printRename(out: Writer, rename: RenameStmt): void {
  const isView = rename.renameType === "OBJECT_VIEW";
  const isColumn = rename.renameType === "OBJECT_COLUMN" && rename.relationType === "OBJECT_TABLE";
  if (!isView && !isColumn && rename.renameType !== "OBJECT_TABLE") refuse(`renaming ${rename.renameType}`);
  out.write(`ALTER ${isView ? "VIEW" : "TABLE"} ${rename.missing_ok === true ? "IF EXISTS " : ""}`);
  relationName(out, rename.relation);
  if (isColumn) out.write(` RENAME COLUMN ${nameText(rename.subname ?? "")}`);
  else out.write(" RENAME");
  out.write(` TO ${nameText(rename.newname ?? "")}`);
}

/** A function's name; DuckDB does not tell macros apart by their arguments, so none may be given. */
function functionName(object: ObjectWithArgs): string {
  refuseOtherFields(object, ["objname", "args_unspecified"]);
  return functionNameText(stringsOf(object.objname));
}

function typeName(node: Node | undefined): string {
  return typeNameText(stringsOf(requireFields(node, "TypeName", ["names", "typemod"]).names));
}

type NamedObject = readonly [words: string, name: (object: Node | undefined) => string];

const namedObjects: Readonly<Record<string, NamedObject>> = {
  OBJECT_TABLE: ["TABLE", listedName],
  OBJECT_VIEW: ["VIEW", listedName],
  OBJECT_INDEX: ["INDEX", listedName],
  OBJECT_SEQUENCE: ["SEQUENCE", listedName],
  OBJECT_TYPE: ["TYPE", typeName],
  OBJECT_FUNCTION: ["FUNCTION", (object) => functionName(requireBody(object, "ObjectWithArgs"))],
};
const droppedOnly: Readonly<Record<string, NamedObject>> = { OBJECT_SCHEMA: ["SCHEMA", listedName] };
const commentedOnly: Readonly<Record<string, NamedObject>> = { OBJECT_COLUMN: ["COLUMN", listedName] };

function namedObject(kind: string | undefined, kinds: Readonly<Record<string, NamedObject>>): NamedObject {
  return kinds[kind ?? ""] ?? namedObjects[kind ?? ""] ?? refuse(`an object of the kind ${kind}`);
}

function printDrop(out: Writer, drop: DropStmt): void {
  const [object, ...others] = drop.objects ?? [];
  if (others.length > 0) refuse("DROP of several objects");
  if (drop.concurrent === true) out.translates();
  const [words, name] = namedObject(drop.removeType, droppedOnly);
  out.write(`DROP ${words} ${drop.missing_ok === true ? "IF EXISTS " : ""}${name(object)}`);
  if (drop.behavior === "DROP_CASCADE") out.write(" CASCADE");
}

function printComment(out: Writer, comment: CommentStmt): void {
  const [words, name] = namedObject(comment.objtype, commentedOnly);
  const text = comment.comment === undefined ? "NULL" : literalText(comment.comment);
  out.write(`COMMENT ON ${words} ${name(comment.object)} IS ${text}`);
}

export const alterationPrinters = {
  AlterTableStmt: { fields: ["relation", "cmds", "objtype", "missing_ok"], print: printAlterTable },
  RenameStmt: {
    fields: ["renameType", "relationType", "relation", "subname", "newname", "behavior", "missing_ok"],
    print: printRename,
  },
  // CONCURRENTLY asks for less locking, not for another result
  DropStmt: { fields: ["objects", "removeType", "behavior", "missing_ok", "concurrent"], print: printDrop },
  CommentStmt: { fields: ["objtype", "object", "comment"], print: printComment },
} satisfies NodePrinters;
