/**
 * Constraints of a table and of its columns: what DuckDB has is kept, what only concerns storage or the moment of
 * checking is left out, the rest is refused.
 */
import { child, flag, list, type PgNode, text, withFields } from "../tree.ts";
import { bodyOf } from "../tree.ts";
import { ownRangeVar } from "./names.ts";
import { refuse } from "./result.ts";

export function constraintType(node: PgNode): string {
  return text(bodyOf(node, "Constraint"), "contype").replace(/^CONSTR_/, "");
}

/**
 * The constraint as DuckDB has it; the same node when it has it so; null for one that says nothing (NOT DEFERRABLE).
 * Identity is handled by the column (`columns.ts`).
 */
export function rewriteConstraint(node: PgNode): PgNode | null {
  const body = bodyOf(node, "Constraint");
  if (body === null) return node;
  const type = constraintType(node);
  switch (type) {
    case "ATTR_DEFERRABLE":
    case "ATTR_NOT_DEFERRABLE":
    case "ATTR_IMMEDIATE":
    case "ATTR_ENFORCED":
      return null;
    case "ATTR_DEFERRED":
      return refuseDeferred();
    case "ATTR_NOT_ENFORCED":
      return refuse("NOT ENFORCED is not supported", "Leave the constraint out.");
    case "EXCLUSION":
      return refuse("EXCLUDE constraints are not supported", "Use UNIQUE, or check with a query before you insert.");
    default:
      if (flag(body, "initdeferred")) refuseDeferred();
      return rewrapConstraint(node, body, rewriteBody(type, body));
  }
}

/** DEFERRABLE alone changes nothing: SET CONSTRAINTS, which would use it, is not supported. */
function refuseDeferred(): never {
  refuse(
    "INITIALLY DEFERRED is not supported: constraints are checked by each statement",
    "Leave DEFERRABLE INITIALLY DEFERRED out, and insert the rows that others refer to first.",
  );
}

function rewrapConstraint(node: PgNode, before: PgNode, after: PgNode): PgNode {
  return before === after ? node : { Constraint: after };
}

/** `skip_validation` is NOT VALID; nothing stands in a new table that could be invalid. */
const storageFields = {
  deferrable: undefined,
  skip_validation: undefined,
  is_no_inherit: undefined,
  including: undefined,
  options: undefined,
  indexspace: undefined,
};

function rewriteBody(type: string, body: PgNode): PgNode {
  switch (type) {
    case "PRIMARY":
    case "UNIQUE":
      if (flag(body, "nulls_not_distinct")) {
        refuse(
          "UNIQUE NULLS NOT DISTINCT is not supported: NULLs are distinct in DuckDB's unique constraints",
          "Make the columns NOT NULL, with a value that stands for none.",
        );
      }
      if (flag(body, "without_overlaps")) refuse("WITHOUT OVERLAPS is not supported", "Use a plain UNIQUE constraint.");
      return withFields(body, storageFields);
    case "FOREIGN":
      return rewriteForeignKey(body);
    case "GENERATED":
      // Its expression is immutable, so that computing it at each reading gives the same values.
      return withFields(body, { generated_kind: "v" });
    case "CHECK":
    case "NOTNULL":
      return withFields(body, storageFields);
    default:
      return body;
  }
}

const actionNames: Readonly<Record<string, string>> = { c: "CASCADE", n: "SET NULL", d: "SET DEFAULT" };

function rewriteForeignKey(body: PgNode): PgNode {
  for (const [field, event] of [["fk_del_action", "DELETE"], ["fk_upd_action", "UPDATE"]] as const) {
    const action = actionNames[text(body, field)];
    if (action === undefined) continue;
    refuse(
      `FOREIGN KEY … ON ${event} ${action} is not supported: DuckDB's foreign keys only refuse the change`,
      `Leave ON ${event} out, and change or delete the referring rows first.`,
    );
  }
  const keys = list(body, "fk_attrs");
  if (text(body, "fk_matchtype") === "f" && keys.length > 1) {
    refuse("MATCH FULL over several columns is not supported", "Add CHECK ((a IS NULL) = (b IS NULL)).");
  }
  if (flag(body, "fk_with_period")) refuse("FOREIGN KEY … PERIOD is not supported", "Leave the foreign key out.");
  const table = child(body, "pktable");
  return withFields(body, {
    ...storageFields,
    fk_matchtype: body["fk_matchtype"] === undefined ? undefined : "s",
    ...(table === null ? {} : { pktable: ownRangeVar(table) }),
  });
}
