/**
 * ON CONFLICT with what is known of the table: a constraint's name becomes its columns, DO NOTHING without any key is a plain INSERT, and rows
 * that DO UPDATE would meet twice are an error, as in PostgreSQL. DuckDB keeps no names of constraints, and takes one of such rows; also of rows
 * with the same NULL in their key, which conflict with nothing (checked with 1.5.5). Those are refused, so that none is lost.
 */
import { AppError } from "../../../../errors/app_error.ts";
import { type FactColumn, type FactsByTable, factsKey, type TableFacts } from "../../table_facts.ts";
import {
  and,
  booleanConstant,
  caseWhen,
  cast,
  columnRef,
  commonTable,
  isNull,
  not,
  operator,
  rangeVarNode,
  selectBody,
  star,
  stringNode,
  target,
} from "../build.ts";
import { enumType } from "../static_types.ts";
import { bodyOf, child, isObject, list, type PgNode, text, withFields } from "../tree.ts";
import { raise, refusal } from "./guards.ts";

/** Whether a statement's meaning depends on the keys of the table that it inserts into. */
export function needsConflictFacts(root: PgNode): boolean {
  const explained = child(bodyOf(root, "ExplainStmt"), "query");
  if (explained !== null) return needsConflictFacts(explained);
  const insert = bodyOf(root, "InsertStmt");
  const conflict = child(insert, "onConflictClause");
  if (insert === null || conflict === null) return false;
  return text(child(conflict, "infer"), "conname") !== "" || hasSeveralRows(insert);
}

/** The statement with what its table's keys say; the same one where nothing is known. */
export function withConflictFacts(root: PgNode, facts: FactsByTable): PgNode {
  const explain = bodyOf(root, "ExplainStmt");
  const explained = child(explain, "query");
  if (explain !== null && explained !== null) {
    const query = withConflictFacts(explained, facts);
    return query === explained ? root : { ExplainStmt: withFields(explain, { query }) };
  }
  const insert = bodyOf(root, "InsertStmt");
  const relation = child(insert, "relation");
  const conflict = child(insert, "onConflictClause");
  if (insert === null || conflict === null) return root;
  const table = facts.get(factsKey(text(relation, "schemaname") || null, text(relation, "relname")));
  if (table === undefined) return root;
  const changed = withKeys(insert, conflict, table, text(relation, "relname"));
  return changed === insert ? root : { InsertStmt: changed };
}

function withKeys(insert: PgNode, conflict: PgNode, table: TableFacts, name: string): PgNode {
  const isUpdate = text(conflict, "action") === "ONCONFLICT_UPDATE";
  if (!isUpdate && child(conflict, "infer") === null && table.keys.length === 0) {
    return withFields(insert, { onConflictClause: undefined });
  }
  const named = withColumnsOfConstraint(conflict, table, name);
  const changed = named === conflict ? insert : withFields(insert, { onConflictClause: named });
  return hasSeveralRows(changed) ? withCheckedRows(changed, named, table, isUpdate) : changed;
}

/** ON CONFLICT ON CONSTRAINT name: its columns. A name that the user gave is not kept, so a table's only key is meant by any name. */
function withColumnsOfConstraint(conflict: PgNode, table: TableFacts, tableName: string): PgNode {
  const infer = child(conflict, "infer");
  const name = text(infer, "conname");
  if (infer === null || name === "") return conflict;
  const constraints = table.keys.filter(({ constraint }) => constraint !== null);
  const found = constraints.find(({ constraint }) => constraint === name) ??
    (constraints.length === 1 ? constraints[0] : undefined);
  if (found === undefined) {
    throw new AppError("undefined_object", `constraint "${name}" for table "${tableName}" does not exist`, {
      hint: constraints.length === 0
        ? "The table has no PRIMARY KEY and no UNIQUE constraint."
        : `It has ${constraints.map(({ constraint }) => `"${constraint}"`).join(", ")}; ` +
          "or name the columns: ON CONFLICT (column).",
    });
  }
  const indexElems = found.columns.map((column) => ({
    IndexElem: { name: column, ordering: "SORTBY_DEFAULT", nulls_ordering: "SORTBY_NULLS_DEFAULT" },
  }));
  return withFields(conflict, { infer: withFields(infer, { conname: undefined, indexElems }) });
}

/** A single row meets none of its own statement. */
function hasSeveralRows(insert: PgNode): boolean {
  const query = bodyOf(child(insert, "selectStmt"), "SelectStmt");
  if (query === null) return false;
  const rows = list(query, "valuesLists");
  return rows.length === 0
    ? list(query, "fromClause").length > 0 || child(query, "larg") !== null || hasCall(list(query, "targetList"))
    : rows.length > 1;
}

/** `SELECT unnest(…)`: a function may give several rows. */
function hasCall(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(hasCall);
  return isObject(node) && ("FuncCall" in node || Object.values(node).some(hasCall));
}

const proposed = "__eider_proposed";

/**
 * `WITH p (k, n) AS MATERIALIZED (rows) INSERT … SELECT * FROM p WHERE (SELECT CASE WHEN count(*) > count(DISTINCT k) THEN error … END FROM p)`:
 * the order of the rows stays.
 */
function withCheckedRows(insert: PgNode, conflict: PgNode, table: TableFacts, isUpdate: boolean): PgNode {
  const query = child(insert, "selectStmt");
  const select = bodyOf(query, "SelectStmt");
  if (query === null || select === null) return insert;
  const given = list(insert, "cols").map((node) => text(bodyOf(node, "ResTarget"), "name"));
  const writable = table.columns.filter(({ isGenerated }) => !isGenerated);
  const columns: FactColumn[] = [];
  for (const name of given.length > 0 ? given : writable.map((column) => column.name)) {
    const column = table.columns.find((candidate) => sameName(candidate.name, name));
    // DuckDB tells what is wrong with the name.
    if (column === undefined) return insert;
    columns.push(column);
  }
  const rows = list(select, "valuesLists");
  const width = rows.length === 0 ? columns.length : list(bodyOf(rows[0], "List"), "items").length;
  if (width > columns.length) return insert;
  const used = columns.slice(0, width);
  const faults = keysOf(conflict, table, used).flatMap((key) => faultsOf(key, isUpdate));
  if (faults.length === 0) return insert;
  const source = typedSource(select, used);
  // DEFAULT has a meaning only directly below the INSERT.
  if (source === null) return insert;
  const cte = commonTable(proposed, source, used.map(({ name }) => name));
  const outer = child(insert, "withClause");
  const withClause = outer === null
    ? { ctes: [cte], location: -1 }
    : withFields(outer, { ctes: [...list(outer, "ctes"), cte] });
  return withFields(insert, {
    withClause,
    cols: given.length > 0 ? insert["cols"] : used.map(({ name }) => ({ ResTarget: { name, location: -1 } })),
    selectStmt: {
      SelectStmt: { ...selectBody([target(star)], [rangeVarNode(proposed)]), whereClause: withoutFaults(faults) },
    },
  });
}

interface CheckedKey {
  /** Its columns among those that the rows give. */
  readonly columns: readonly FactColumn[];
  /** Another column of it is NULL in all rows. */
  readonly isIncomplete: boolean;
}

/** The keys that conflict, without those that have another value in each row. */
function keysOf(conflict: PgNode, table: TableFacts, used: readonly FactColumn[]): readonly CheckedKey[] {
  const named = list(child(conflict, "infer"), "indexElems").map((node) => text(bodyOf(node, "IndexElem"), "name"));
  return (named.length === 0 ? table.keys.map(({ columns }) => columns) : [named]).flatMap((names) => {
    const columns = names.map((name) => table.columns.find((column) => sameName(column.name, name)));
    const known = columns.filter((column) => column !== undefined);
    const absent = known.filter((column) => !used.includes(column));
    // A default that is computed is another one in each row.
    if (known.length < columns.length || absent.some((column) => /\(/.test(column.default ?? ""))) return [];
    const isIncomplete = absent.some((column) => column.default === null);
    return [{ columns: known.filter((column) => used.includes(column)), isIncomplete }];
  });
}

/** Names compare as in DuckDB. */
function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** The rows with parameters and NULLs of the columns' types, as they would be directly below the INSERT; null when there is a DEFAULT among them. */
export function typedSource(select: PgNode, columns: readonly (FactColumn | undefined)[]): PgNode | null {
  if (list(select, "valuesLists").some((row) => list(bodyOf(row, "List"), "items").some(isDefault))) return null;
  const typed = (node: PgNode, at: number) => {
    const type = columns[at]?.staticType ?? null;
    const isOpen = bodyOf(node, "ParamRef") !== null || bodyOf(node, "A_Const")?.["isnull"] === true;
    return type === null || type === enumType || !isOpen ? node : cast(node, type);
  };
  return withFields(select, {
    valuesLists: list(select, "valuesLists").length === 0 ? undefined : list(select, "valuesLists").map((row) => ({
      List: { ...bodyOf(row, "List"), items: list(bodyOf(row, "List"), "items").map(typed) },
    })),
    targetList: list(select, "targetList").length === 0 ? undefined : list(select, "targetList").map((node, at) => {
      const body = bodyOf(node, "ResTarget");
      const value = child(body, "val");
      return body === null || value === null ? node : { ResTarget: withFields(body, { val: typed(value, at) }) };
    }),
  });
}

function isDefault(node: PgNode): boolean {
  return "SetToDefault" in node;
}

/** A condition on all rows together, and the error where it is true. */
type Fault = readonly [PgNode, PgNode];

function faultsOf({ columns, isIncomplete }: CheckedKey, isUpdate: boolean): readonly Fault[] {
  const values = columns.map(({ name, staticType }) =>
    staticType === null || staticType === enumType ? columnRef(name) : cast(columnRef(name), staticType)
  );
  // One constant more, so that a row is counted also where it has a NULL.
  const row = { RowExpr: { args: [...values, booleanConstant(true)], row_format: "COERCE_IMPLICIT_CAST" } };
  const nullable = columns.flatMap((column, at) => column.isNullable ? [values[at]!] : []);
  const complete = isIncomplete
    ? booleanConstant(false)
    : and(booleanConstant(true), ...nullable.map((value) => not(isNull(value))));
  const areRepeated = (condition: PgNode) =>
    operator(count({ agg_star: true }, condition), ">", count({ args: [row], agg_distinct: true }, condition));
  const faults: Fault[] = [];
  if (isUpdate && !isIncomplete) {
    faults.push([
      areRepeated(complete),
      raise("21000", "ON CONFLICT DO UPDATE command cannot affect row a second time"),
    ]);
  }
  if (isIncomplete || nullable.length > 0) faults.push([areRepeated(not(complete)), refusal(lostRows)]);
  return faults;
}

const lostRows =
  "INSERT with ON CONFLICT of several rows with NULL in the same key is not supported: DuckDB would keep one of them. " +
  "Insert the rows with NULL without ON CONFLICT, they conflict with nothing.";

function count(fields: PgNode, condition: PgNode): PgNode {
  return {
    FuncCall: {
      funcname: [stringNode("count")],
      ...fields,
      agg_filter: condition,
      funcformat: "COERCE_EXPLICIT_CALL",
      location: -1,
    },
  };
}

/** True, or the error. */
function withoutFaults(faults: readonly Fault[]): PgNode {
  const query = selectBody([target(caseWhen(faults, booleanConstant(true)))], [rangeVarNode(proposed)]);
  return { SubLink: { subLinkType: "EXPR_SUBLINK", subselect: { SelectStmt: query }, location: -1 } };
}
