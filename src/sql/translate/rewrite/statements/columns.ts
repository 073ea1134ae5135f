/**
 * Column definitions of CREATE TABLE and ADD COLUMN: serial and identity become a sequence and a default, a length
 * becomes a CHECK constraint, collations get DuckDB's names.
 */
import { AppError } from "../../../../errors/app_error.ts";
import { bodyOf, child, list, mapList, type PgNode, stringsOf, text, withFields } from "../tree.ts";
import { stringNode, typeName } from "../build.ts";
import { collationOf } from "./collations.ts";
import { constraintType, rewriteConstraint } from "./constraints.ts";
import { isUnlimitedArray, type LengthLimit, lengthLimitOf } from "./length_limit.ts";
import { type OwnedSequence, ownedSequence } from "./owned_sequence.ts";
import { refuse } from "./result.ts";

export interface Column {
  /**
   * The body of the ColumnDef; the same object when nothing changes. Without the default of its sequence and its limit.
   */
  readonly definition: PgNode;
  /** The length of varchar(n), which needs a CHECK constraint. */
  readonly limit: LengthLimit | null;
  readonly name: string;
  readonly sequence: OwnedSequence | null;
  readonly notices: readonly string[];
}

const serialTypes: Readonly<Record<string, string>> = {
  serial: "int4",
  serial4: "int4",
  bigserial: "int8",
  serial8: "int8",
  smallserial: "int2",
  serial2: "int2",
};

/** The integer type of a serial column's type, else null. */
export function serialType(type: PgNode): string | null {
  const names = stringsOf(type, "names");
  return names.length === 1 ? serialTypes[names[0]!] ?? null : null;
}

export function rewriteColumn(definition: PgNode, table: PgNode): Column {
  const name = text(definition, "colname");
  const serial = serialType(child(definition, "typeName") ?? {});
  const identity = list(definition, "constraints").find((item) => constraintType(item) === "IDENTITY");
  const plain = rewritePlain(definition);
  if (serial === null && identity === undefined) {
    return { definition: plain, name, sequence: null, ...limited(plain, name) };
  }
  if (hasConstraint(definition, "DEFAULT") || (serial !== null && identity !== undefined)) {
    const both = serial !== null && identity === undefined ? "multiple default values" : "both default and identity";
    throw new AppError("syntax_error", `${both} specified for column "${name}" of table "${text(table, "relname")}"`);
  }
  return serial === null
    ? identityColumn(plain, name, bodyOf(identity, "Constraint")!, table)
    : serialColumn(plain, name, serial, table);
}

function hasConstraint(definition: PgNode, type: string): boolean {
  return list(definition, "constraints").some((item) => constraintType(item) === type);
}

function serialColumn(definition: PgNode, name: string, integer: string, table: PgNode): Column {
  if (list(child(definition, "typeName"), "arrayBounds").length > 0) {
    refuse("arrays of serial are not supported", "Use integer[].");
  }
  const typed = withFields(definition, { typeName: typeName(integer) });
  const sequence = ownedSequence(table, name, integer);
  return { definition: notNull(typed), name, limit: null, sequence, notices: [] };
}

function identityColumn(definition: PgNode, name: string, identity: PgNode, table: PgNode): Column {
  const type = stringsOf(child(definition, "typeName"), "names").at(-1) ?? "";
  if (!["int2", "int4", "int8"].includes(type)) {
    throw new AppError("invalid_parameter_value", "identity column type must be smallint, integer, or bigint");
  }
  const constraints = list(definition, "constraints").filter((item) => constraintType(item) !== "IDENTITY");
  const always = text(identity, "generated_when") === "a";
  return {
    definition: notNull(withFields(definition, { constraints })),
    name,
    limit: null,
    sequence: ownedSequence(table, name, type, list(identity, "options")),
    notices: always ? [`column "${name}" GENERATED ALWAYS AS IDENTITY also takes values that an INSERT gives`] : [],
  };
}

function notNull(definition: PgNode): PgNode {
  if (hasConstraint(definition, "NOTNULL")) return definition;
  const constraint = {
    Constraint: { contype: "CONSTR_NOTNULL", is_enforced: true, initially_valid: true, location: -1 },
  };
  return withFields(definition, { constraints: [constraint, ...list(definition, "constraints")] });
}

/** Constraints, collation and storage fields. */
function rewritePlain(definition: PgNode): PgNode {
  const before = list(definition, "constraints");
  const constraints = rewriteConstraints(before);
  const collation = rewriteCollation(child(definition, "collClause"));
  return withFields(definition, {
    constraints: constraints.length === 0
      ? undefined
      : constraints === before
      ? definition["constraints"]
      : constraints,
    collClause: collation,
    compression: undefined,
    storage_name: undefined,
    fdwoptions: undefined,
  });
}

/** The same array when no constraint changes. */
export function rewriteConstraints(before: readonly PgNode[]): readonly PgNode[] {
  const rewritten = before.map((node) => constraintType(node) === "IDENTITY" ? node : rewriteConstraint(node));
  if (rewritten.every((node, index) => node === before[index])) return before;
  return rewritten.filter((node): node is PgNode => node !== null);
}

/** The same clause, another one, or undefined where DuckDB's own order by bytes is meant. */
export function rewriteCollation(clause: PgNode | null): PgNode | undefined {
  if (clause === null) return undefined;
  const name = stringsOf(clause, "collname").at(-1) ?? "";
  const own = collationOf(name);
  if (own === null) return undefined;
  return own === name && list(clause, "collname").length === 1
    ? clause
    : withFields(clause, { collname: [stringNode(own)] });
}

/** The limit of a length. DuckDB has no constraints on generated columns. */
function limited(definition: PgNode, name: string): { limit: LengthLimit | null; notices: readonly string[] } {
  const type = child(definition, "typeName") ?? {};
  if (isUnlimitedArray(type)) {
    return { limit: null, notices: [`the length of the elements of column "${name}" is not limited`] };
  }
  const limit = lengthLimitOf(name, type);
  if (limit !== null && hasConstraint(definition, "GENERATED")) {
    return { limit: null, notices: [`the length of generated column "${name}" is not limited`] };
  }
  return { limit, notices: [] };
}

/** Gives the columns of a table their new definitions; the same list when none changes. */
export function withDefinitions(
  elements: readonly PgNode[],
  definitionOf: (definition: PgNode) => PgNode,
): readonly PgNode[] {
  return mapList(elements, (element) => {
    const definition = bodyOf(element, "ColumnDef");
    if (definition === null) return element;
    const rewritten = definitionOf(definition);
    return rewritten === definition ? element : { ColumnDef: rewritten };
  });
}
