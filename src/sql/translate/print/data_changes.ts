/** INSERT, UPDATE, DELETE, MERGE and TRUNCATE. */
import { bracketedExpressions, expression } from "./brackets.ts";
import { fromItems, relationName, relationWithAlias } from "./from.ts";
import { nameText } from "./identifiers.ts";
import { targetList, whereClause, withClause } from "./select.ts";
import {
  bodyOf,
  type DeleteStmt,
  type InsertStmt,
  type MergeStmt,
  type MergeWhenClause,
  type Node,
  type OnConflictClause,
  refuse,
  refuseOtherFields,
  requireBody,
  requireFields,
  type ResTarget,
  type ReturningClause,
  type TruncateStmt,
  type UpdateStmt,
} from "./tree.ts";
import { columnOfSubquery } from "./multiple_assignment.ts";
import type { NodePrinters, Writer } from "./writer.ts";

function returningClause(out: Writer, clause: ReturningClause | undefined): void {
  if (clause === undefined) return;
  refuseOtherFields(clause, ["exprs"]);
  out.write(" RETURNING ");
  targetList(out, clause.exprs ?? []);
}

/** Names of columns in the list of an INSERT. */
function insertedColumns(out: Writer, columns: readonly Node[]): void {
  out.brackets(() =>
    out.list(columns, (node) => {
      const column = requireFields(node, "ResTarget", ["name"]);
      out.place(column.location);
      out.write(nameText(column.name ?? ""));
    })
  );
}

/** What `(a, b) = …` gives to one of its columns. */
function assignedValue(out: Writer, target: ResTarget): void {
  if (bodyOf(target.val, "MultiAssignRef") === null) return expression(out, target.val);
  out.translates();
  const part = requireFields(target.val, "MultiAssignRef", ["source", "colno", "ncolumns"]);
  const index = (part.colno ?? 0) - 1;
  if (bodyOf(part.source, "RowExpr") !== null) {
    const row = requireFields(part.source, "RowExpr", ["args", "row_format"]);
    if (row.args?.length !== part.ncolumns) refuse("a row that does not fit the columns");
    return expression(out, row.args?.[index]);
  }
  const query = requireFields(part.source, "SubLink", ["subLinkType", "subselect"]);
  if (query.subLinkType !== "EXPR_SUBLINK") refuse("several columns from one value");
  columnOfSubquery(out, query.subselect, index, part.ncolumns ?? 0);
}

/** The list after SET. Each column of a multiple assignment is assigned alone; all see the row as it was. */
function assignments(out: Writer, targets: readonly Node[]): void {
  out.list(targets, (node) => {
    const target = requireFields(node, "ResTarget", ["name", "val"]);
    out.place(target.location);
    out.write(`${nameText(target.name ?? "")} = `);
    assignedValue(out, target);
  });
}

function conflictClause(out: Writer, clause: OnConflictClause): void {
  refuseOtherFields(clause, ["action", "infer", "targetList", "whereClause"]);
  out.write(" ");
  out.place(clause.location);
  out.write("ON CONFLICT");
  if (clause.infer !== undefined) {
    // DuckDB has no ON CONSTRAINT, and no partial indexes that a WHERE could mean
    refuseOtherFields(clause.infer, ["indexElems"]);
    out.write(" ");
    out.brackets(() =>
      out.list(clause.infer?.indexElems ?? [], (node) => {
        const element = requireFields(node, "IndexElem", ["name", "ordering", "nulls_ordering"]);
        out.write(nameText(element.name ?? ""));
      })
    );
  }
  if (clause.action === "ONCONFLICT_NOTHING") return out.write(" DO NOTHING");
  if (clause.action !== "ONCONFLICT_UPDATE") refuse(`the conflict action ${clause.action}`);
  out.write(" DO UPDATE SET ");
  assignments(out, clause.targetList ?? []);
  whereClause(out, clause.whereClause);
}

/** DuckDB has no identity columns, so a given value is always taken, as OVERRIDING SYSTEM VALUE asks for. */
function refuseUserOverride(override: InsertStmt["override"]): void {
  if (override === "OVERRIDING_USER_VALUE") refuse("OVERRIDING USER VALUE");
}

function printInsert(out: Writer, insert: InsertStmt): void {
  refuseUserOverride(insert.override);
  withClause(out, insert.withClause);
  out.write("INSERT INTO ");
  relationWithAlias(out, insert.relation);
  out.write(" ");
  if (insert.cols !== undefined) {
    insertedColumns(out, insert.cols);
    out.write(" ");
  }
  if (insert.selectStmt === undefined) out.write("DEFAULT VALUES");
  else out.node(insert.selectStmt);
  if (insert.onConflictClause !== undefined) conflictClause(out, insert.onConflictClause);
  returningClause(out, insert.returningClause);
}

function printUpdate(out: Writer, update: UpdateStmt): void {
  withClause(out, update.withClause);
  out.write("UPDATE ");
  relationWithAlias(out, update.relation);
  out.write(" SET ");
  assignments(out, update.targetList ?? []);
  if (update.fromClause !== undefined) {
    out.write(" FROM ");
    fromItems(out, update.fromClause);
  }
  whereClause(out, update.whereClause);
  returningClause(out, update.returningClause);
}

function printDelete(out: Writer, deletion: DeleteStmt): void {
  withClause(out, deletion.withClause);
  out.write("DELETE FROM ");
  relationWithAlias(out, deletion.relation);
  if (deletion.usingClause !== undefined) {
    out.write(" USING ");
    fromItems(out, deletion.usingClause);
  }
  whereClause(out, deletion.whereClause);
  returningClause(out, deletion.returningClause);
}

function matchWords(clause: MergeWhenClause): string {
  switch (clause.matchKind) {
    case "MERGE_WHEN_MATCHED":
      return "MATCHED";
    case "MERGE_WHEN_NOT_MATCHED_BY_SOURCE":
      return "NOT MATCHED BY SOURCE";
    case "MERGE_WHEN_NOT_MATCHED_BY_TARGET":
      return "NOT MATCHED";
    case undefined:
      return refuse("a WHEN without a kind");
    default:
      return clause.matchKind satisfies never;
  }
}

function mergeAction(out: Writer, clause: MergeWhenClause): void {
  switch (clause.commandType) {
    case "CMD_NOTHING":
      return out.write("DO NOTHING");
    case "CMD_DELETE":
      return out.write("DELETE");
    case "CMD_UPDATE":
      out.write("UPDATE SET ");
      return assignments(out, clause.targetList ?? []);
    case "CMD_INSERT":
      refuseUserOverride(clause.override);
      if (clause.values === undefined) return out.write("INSERT DEFAULT VALUES");
      out.write("INSERT ");
      if (clause.targetList !== undefined) {
        insertedColumns(out, clause.targetList);
        out.write(" ");
      }
      out.write("VALUES ");
      return bracketedExpressions(out, clause.values);
    default:
      return refuse(`the merge action ${clause.commandType}`);
  }
}

const whenFields = ["matchKind", "commandType", "override", "condition", "targetList", "values"] as const;

function printMerge(out: Writer, merge: MergeStmt): void {
  withClause(out, merge.withClause);
  out.write("MERGE INTO ");
  relationWithAlias(out, merge.relation);
  out.write(" USING ");
  out.node(merge.sourceRelation);
  out.write(" ON ");
  out.withoutSubqueries(() => expression(out, merge.joinCondition));
  for (const node of merge.mergeWhenClauses ?? []) {
    const clause = requireFields(node, "MergeWhenClause", whenFields);
    out.write(` WHEN ${matchWords(clause)}`);
    if (clause.condition !== undefined) {
      out.write(" AND ");
      expression(out, clause.condition);
    }
    out.write(" THEN ");
    mergeAction(out, clause);
  }
  returningClause(out, merge.returningClause);
}

/** RESTART IDENTITY and CASCADE change other objects, which DuckDB's TRUNCATE cannot. */
function printTruncate(out: Writer, truncate: TruncateStmt): void {
  const [relation, ...others] = truncate.relations ?? [];
  if (others.length > 0 || truncate.behavior === "DROP_CASCADE") refuse("TRUNCATE of several tables");
  out.write("TRUNCATE TABLE ");
  relationName(out, requireBody(relation, "RangeVar"));
}

export const dataChangePrinters = {
  InsertStmt: {
    fields: ["relation", "cols", "selectStmt", "onConflictClause", "returningClause", "withClause", "override"],
    print: printInsert,
  },
  UpdateStmt: {
    fields: ["relation", "targetList", "whereClause", "fromClause", "returningClause", "withClause"],
    print: printUpdate,
  },
  DeleteStmt: {
    fields: ["relation", "usingClause", "whereClause", "returningClause", "withClause"],
    print: printDelete,
  },
  MergeStmt: {
    fields: ["relation", "sourceRelation", "joinCondition", "mergeWhenClauses", "returningClause", "withClause"],
    print: printMerge,
  },
  TruncateStmt: { fields: ["relations", "behavior"], print: printTruncate },
} satisfies NodePrinters;
