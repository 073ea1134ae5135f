/**
 * CREATE TABLE (LIKE other …): a CREATE TABLE AS without rows gives the columns and their types, ALTER TABLE what other
 * elements ask for. What else INCLUDING names cannot be copied; a guard in front fails when the other table has such a
 * thing, so that INCLUDING ALL works for tables that have none.
 */
import { aliasBody, columnRef, isNull, not, nullConstant, rangeSubselect, selectBody, star, target } from "../build.ts";
import { bodyOf, child, list, type PgNode, text, typeOfNode } from "../tree.ts";
import { addedColumn, addedConstraint } from "./add_column.ts";
import { constraintType } from "./constraints.ts";
import { exists, isIn, isNamed, refuseWhen } from "./guards.ts";
import { ownRangeVar, partsOf } from "./names.ts";
import { alterTable } from "./owned_sequence.ts";
import { changed, refuse, type StatementRewrite } from "./result.ts";

/** Bits of TableLikeClause.options (parsenodes.h, enum TableLikeOption). */
const includes = { constraints: 4, defaults: 8, generated: 16, identity: 32, indexes: 64 } as const;

export function createLikeTable(
  table: PgNode,
  elements: readonly PgNode[],
  ifNotExists: boolean,
): StatementRewrite {
  const guards: PgNode[] = [];
  const sources: PgNode[] = [];
  const targets: PgNode[] = [];
  const after: PgNode[] = [];
  const notices: string[] = [];
  for (const element of elements) {
    const like = bodyOf(element, "TableLikeClause");
    const definition = bodyOf(element, "ColumnDef");
    if (like !== null) {
      const other = ownRangeVar(child(like, "relation") ?? {});
      const alias = `__like_${sources.length}`;
      const query = selectBody([target(star)], [{ RangeVar: other }]);
      sources.push(rangeSubselect(query, aliasBody(alias)));
      targets.push(target({ ColumnRef: { fields: [{ String: { sval: alias } }, { A_Star: {} }], location: -1 } }));
      guards.push(...guardsOf(partsOf(other), Number(like["options"] ?? 0)));
      notices.push(`NOT NULL of the columns of "${text(other, "relname")}" is not copied`);
    } else if (definition !== null) {
      const added = addedColumn(definition, table);
      targets.push(target(nullOf(added.definition), text(definition, "colname")));
      after.push(...added.before, ...defaultOf(added.definition, table), ...added.after);
      notices.push(...added.notices);
    } else if (typeOfNode(element) === "Constraint") {
      after.push(...addedConstraint(element, table, false));
    }
  }
  if (ifNotExists && after.length > 0) {
    refuse(
      "CREATE TABLE IF NOT EXISTS (LIKE …) with constraints is not supported",
      "Leave IF NOT EXISTS out, or name the columns.",
    );
  }
  const create = {
    CreateTableAsStmt: {
      query: { SelectStmt: selectBody(targets, sources) },
      into: { rel: table, onCommit: "ONCOMMIT_NOOP", skipData: true },
      objtype: "OBJECT_TABLE",
      ...(ifNotExists ? { if_not_exists: true } : {}),
    },
  };
  return changed([...guards, create, ...after], notices);
}

/** `CAST(NULL AS type)`, of the type that the rewritten column has. */
function nullOf(definition: PgNode): PgNode {
  if (child(definition, "collClause") !== null) {
    refuse("COLLATE beside LIKE is not supported", "Write all columns instead of LIKE.");
  }
  return { TypeCast: { arg: nullConstant(), typeName: child(definition, "typeName"), location: -1 } };
}

function defaultOf(definition: PgNode, table: PgNode): readonly PgNode[] {
  const constraint = list(definition, "constraints").find((node) => constraintType(node) === "DEFAULT");
  const value = child(bodyOf(constraint, "Constraint"), "raw_expr");
  const name = text(definition, "colname");
  return value === null ? [] : [alterTable(table, { subtype: "AT_ColumnDefault", name, def: value })];
}

function guardsOf(other: readonly string[], options: number): readonly PgNode[] {
  const wants = (bit: number) => (options & bit) !== 0;
  const name = other.join(".");
  const advice = `cannot be copied from "${name}": write the columns with their constraints`;
  const guards: PgNode[] = [];
  if (wants(includes.defaults) || wants(includes.identity) || wants(includes.generated)) {
    const hasDefault = [not(isNull(columnRef("column_default"))), isNamed("table_name", other)];
    guards.push(refuseWhen(exists("duckdb_columns", hasDefault), `column defaults ${advice}`));
  }
  const kinds = [
    ...(wants(includes.constraints) ? ["CHECK"] : []),
    ...(wants(includes.indexes) ? ["PRIMARY KEY", "UNIQUE"] : []),
  ];
  if (kinds.length > 0) {
    const hasConstraint = [isIn("constraint_type", kinds), isNamed("table_name", other)];
    guards.push(refuseWhen(exists("duckdb_constraints", hasConstraint), `constraints ${advice}`));
  }
  if (wants(includes.indexes)) {
    guards.push(refuseWhen(exists("duckdb_indexes", [isNamed("table_name", other)]), `indexes ${advice}`));
  }
  return guards;
}
