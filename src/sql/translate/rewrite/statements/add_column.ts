/**
 * ALTER TABLE … ADD COLUMN and ADD CONSTRAINT, which DuckDB has only without constraints and only for PRIMARY KEY: the
 * column, then one statement for each constraint. UNIQUE is a unique index. CHECK and FOREIGN KEY exist only from
 * CREATE TABLE on.
 *
 * DuckDB makes several statements of a column whose default is more than a constant, so that it cannot be prepared, and refuses SET NOT NULL
 * and indexes in the transaction that added it ("outstanding updates"). Such a column is added empty and filled by ALTER COLUMN … TYPE …
 * USING.
 */
import { bodyOf, child, flag, list, type PgNode, stringOf, text, typeOfNode, withFields } from "../tree.ts";
import { rewriteColumn } from "./columns.ts";
import { constraintType, rewriteConstraint } from "./constraints.ts";
import { uniqueIndex } from "./indexes.ts";
import { alterTable, attachSequence, createSequence, nextValue } from "./owned_sequence.ts";
import { refuse } from "./result.ts";

export interface AddedColumn {
  /** Before the column: its sequence. */
  readonly before: readonly PgNode[];
  /** The body of the ColumnDef, without constraints except a simple default. */
  readonly definition: PgNode;
  /** What makes it the column that was asked for. */
  readonly after: readonly PgNode[];
  readonly notices: readonly string[];
}

export function addedColumn(original: PgNode, table: PgNode): AddedColumn {
  const column = rewriteColumn(original, table);
  const { name, sequence } = column;
  const constraints = list(column.definition, "constraints");
  const find = (type: string) => constraints.find((node) => constraintType(node) === type);
  const notices = [...column.notices];
  if (column.limit !== null) {
    notices.push(`the length of column "${name}" is not limited: DuckDB cannot add CHECK constraints to a table`);
  }
  for (const node of constraints) {
    switch (constraintType(node)) {
      case "CHECK":
        refuseConstraint("CHECK");
        break;
      case "FOREIGN":
        refuseConstraint("FOREIGN KEY");
        break;
      case "GENERATED":
        refuse(
          "ADD COLUMN with GENERATED ALWAYS AS (expression) is not supported: DuckDB has it in CREATE TABLE only",
          "Create the table again with the column, or a view that computes it.",
        );
    }
  }
  const fallback = child(bodyOf(find("DEFAULT"), "Constraint"), "raw_expr");
  const filled = sequence !== null ? nextValue(sequence) : fallback;
  const fillsLater = filled !== null && typeOfNode(filled) !== "A_Const";
  const kept = constraints.filter((node) => constraintType(node) === "DEFAULT" && !fillsLater);
  const definition = kept.length === constraints.length
    ? column.definition
    : withFields(column.definition, { constraints: kept.length === 0 ? undefined : kept });
  const command = (body: PgNode) => alterTable(table, { name, ...body });
  const type = { typeName: child(definition, "typeName"), location: -1 };
  return {
    before: sequence === null ? [] : createSequence(sequence),
    definition,
    after: [
      ...(fillsLater
        ? [command({ subtype: "AT_AlterColumnType", def: { ColumnDef: { ...type, raw_default: filled } } })]
        : []),
      ...(fillsLater && sequence === null ? [command({ subtype: "AT_ColumnDefault", def: filled })] : []),
      ...(sequence === null ? [] : attachSequence(table, sequence)),
      ...(find("NOTNULL") === undefined ? [] : [command({ subtype: "AT_SetNotNull" })]),
      ...keysOf(constraints, name).flatMap((node) => addedConstraint(node, table, false)),
    ],
    notices,
  };
}

/** The column's own UNIQUE and PRIMARY KEY, with the column as their key. */
function keysOf(constraints: readonly PgNode[], column: string): readonly PgNode[] {
  return constraints
    .filter((node) => ["PRIMARY", "UNIQUE"].includes(constraintType(node)))
    .map((node) => ({ Constraint: { ...bodyOf(node, "Constraint"), keys: [{ String: { sval: column } }] } }));
}

function refuseConstraint(what: string): never {
  refuse(
    `ALTER TABLE … ADD ${what} is not supported: DuckDB has ${what} constraints from CREATE TABLE on only`,
    `Create the table again with the constraint: CREATE TABLE new (…, ${what} …); INSERT INTO new SELECT * FROM old.`,
  );
}

/** ADD CONSTRAINT as statements. */
export function addedConstraint(node: PgNode, table: PgNode, ifExists: boolean): readonly PgNode[] {
  const constraint = rewriteConstraint(node);
  if (constraint === null) return [];
  const body = bodyOf(constraint, "Constraint") ?? {};
  if (text(body, "indexname") !== "") {
    refuse("ADD CONSTRAINT … USING INDEX is not supported", "Name the columns; drop the index if it is another one.");
  }
  switch (constraintType(constraint)) {
    case "PRIMARY":
      return [alterTable(table, { subtype: "AT_AddConstraint", def: constraint }, ifExists)];
    case "UNIQUE":
      if (ifExists) refuse("ALTER TABLE IF EXISTS … ADD UNIQUE is not supported", "Leave IF EXISTS out.");
      return [uniqueIndex(table, text(body, "conname"), list(body, "keys").map(stringOf), flag(body, "if_not_exists"))];
    case "CHECK":
      return refuseConstraint("CHECK");
    case "FOREIGN":
      return refuseConstraint("FOREIGN KEY");
    default:
      return refuseConstraint(constraintType(constraint));
  }
}
