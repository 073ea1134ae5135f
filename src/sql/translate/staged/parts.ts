/**
 * The statements that change rows, as parts of a staged statement: what a part will change and return is computed into temporary tables from the
 * state before the statement; the change itself is then made from these tables. Rows are told apart by DuckDB's row numbers, which stay the
 * same within a transaction until a row is changed.
 */
import { columnRef, operator, rangeSubselect, selectBody, stringNode, target } from "../rewrite/build.ts";
import { and } from "../rewrite/build.ts";
import { raisedErrorPrefix } from "../../functions/types.ts";
import { typedSource } from "../rewrite/statements/conflicts.ts";
import { refuse } from "../rewrite/statements/result.ts";
import { bodyOf, child, list, type PgNode, text, withFields } from "../rewrite/tree.ts";
import {
  type Building,
  keep,
  newTable,
  printed,
  quoted,
  rowColumn,
  ruled,
  tableBody,
  tableLike,
  tableNode,
  tablePath,
  type Target,
  withQueries,
  writableColumns,
} from "./building.ts";
import {
  refuseMergedStar,
  returnedNames,
  returningTargets,
  sourcesOf,
  withoutSchema,
  withoutStars,
} from "./returning.ts";

/** The table with the RETURNING rows; null when there are none. */
export type Returned = string | null;

export function stageInsert(body: PgNode, insert: Target, building: Building): Returned {
  const rows = proposedRows(body, insert, building);
  const conflict = child(body, "onConflictClause");
  if (conflict !== null && text(conflict, "action") === "ONCONFLICT_UPDATE") {
    return stageUpsert(body, conflict, rows, insert, building);
  }
  if (conflict !== null) withoutConflicting(rows, conflictKeys(conflict, insert), insert, building);
  const returned = keepReturning(body, [{ RangeVar: tableBody(rows, insert.alias) }], insert, building);
  building.changing.push(insertRows(rows, insert));
  return returned;
}

/** The rows of an INSERT with their defaults, which are computed here and once. */
export function proposedRows(body: PgNode, insert: Target, building: Building): string {
  const rows = newTable(building);
  building.reading.push(tableLike(rows, insert, false));
  const fill = ruled({
    InsertStmt: withFields(
      withQueries(withTypedParameters(withNamedColumns(body, insert), insert), building.ctes, building.recursive),
      { relation: tableBody(rows), onConflictClause: undefined, returningClause: undefined },
    ),
  });
  building.reading.push(printed(fill));
  return rows;
}

/** `VALUES` with fewer values than the table has columns: those left over have their defaults. */
function withNamedColumns(body: PgNode, { facts }: Target): PgNode {
  const [first] = list(bodyOf(child(body, "selectStmt"), "SelectStmt"), "valuesLists");
  if (first === undefined || list(body, "cols").length > 0) return body;
  const names = facts.columns.map(({ name }) => name).slice(0, list(bodyOf(first, "List"), "items").length);
  return withFields(body, { cols: names.map((name) => ({ ResTarget: { name, location: -1 } })) });
}

/** `INSERT … SELECT $1`: a parameter has the type of its column, which DuckDB does not see through the query. */
export function withTypedParameters(insert: PgNode, { facts }: Target): PgNode {
  const select = bodyOf(child(insert, "selectStmt"), "SelectStmt");
  if (select === null || list(select, "targetList").length === 0) return insert;
  const named = list(insert, "cols").map((node) => text(bodyOf(node, "ResTarget"), "name").toLowerCase());
  const columns = named.length === 0
    ? facts.columns.filter(({ isGenerated }) => !isGenerated)
    : named.map((name) => facts.columns.find((column) => column.name.toLowerCase() === name));
  const typed = typedSource(select, columns);
  return typed === null ? insert : withFields(insert, { selectStmt: { SelectStmt: typed } });
}

function insertRows(rows: string, { path, facts }: Target): string {
  const columns = writableColumns(facts).map(quoted).join(", ");
  return `INSERT INTO ${path} (${columns}) SELECT ${columns} FROM ${tablePath(rows)}`;
}

/** The columns of each key that ON CONFLICT means. */
function conflictKeys(conflict: PgNode, { facts }: Target): readonly (readonly string[])[] {
  const named = list(child(conflict, "infer"), "indexElems").map((node) => text(bodyOf(node, "IndexElem"), "name"));
  const all = facts.keys.map(({ columns }) => columns);
  if (named.length === 0) return all;
  const same = (columns: readonly string[]) => columns.map((name) => name.toLowerCase()).sort().join("\u0000");
  const found = all.filter((columns) => same(columns) === same(named));
  if (found.length > 0) return found;
  refuse(
    "ON CONFLICT in a WITH query needs the columns of a UNIQUE or PRIMARY KEY constraint",
    "Name the columns of a constraint of the table.",
  );
}

function sameKey(one: string, other: string, key: readonly string[]): string {
  return key.map((name) => `${one}.${quoted(name)} = ${other}.${quoted(name)}`).join(" AND ");
}

/** DO NOTHING: rows that meet one of the table, or an earlier one of their own, are left out. */
function withoutConflicting(
  rows: string,
  keys: readonly (readonly string[])[],
  insert: Target,
  building: Building,
): void {
  for (const key of keys) {
    removeMet(rows, key, insert, building);
    const columns = key.map(quoted).join(", ");
    const complete = key.map((name) => `${quoted(name)} IS NOT NULL`).join(" AND ");
    building.reading.push(
      `DELETE FROM ${tablePath(rows)} WHERE rowid IN (SELECT place FROM (SELECT rowid AS place, row_number() OVER ` +
        `(PARTITION BY ${columns} ORDER BY rowid) AS number FROM ${
          tablePath(rows)
        } WHERE ${complete}) AS met WHERE number > 1)`,
    );
  }
}

function removeMet(rows: string, key: readonly string[], { path }: Target, building: Building): void {
  building.reading.push(
    `DELETE FROM ${tablePath(rows)} AS proposed WHERE EXISTS (SELECT 1 FROM ${path} AS present WHERE ` +
      `${sameKey("present", "proposed", key)})`,
  );
}

/** DO UPDATE: the rows that meet one of the table change that, the others are inserted. */
function stageUpsert(body: PgNode, conflict: PgNode, rows: string, insert: Target, building: Building): Returned {
  const [key, ...others] = conflictKeys(conflict, insert);
  if (key === undefined || others.length > 0) {
    refuse("ON CONFLICT DO UPDATE needs one key", "Name the columns of a UNIQUE or PRIMARY KEY constraint.");
  }
  const complete = key.map((name) => `${quoted(name)} IS NOT NULL`).join(" AND ");
  building.reading.push(
    `SELECT CASE WHEN count(*) > count(DISTINCT (${key.map(quoted).join(", ")}, true)) THEN ` +
      `error('${raisedErrorPrefix}21000:ON CONFLICT DO UPDATE command cannot affect row a second time') END ` +
      `FROM ${tablePath(rows)} WHERE ${complete}`,
  );
  // As a struct, so that a bare name means the table's column.
  const excluded = rangeSubselect(
    selectBody([target(columnRef("proposed"), "excluded")], [tableNode(rows, "proposed")]),
    { aliasname: "__eider_excluded" },
  );
  const meets = key.map((name) => operator(columnRef(insert.alias, name), "=", columnRef("excluded", name)));
  const where = child(conflict, "whereClause");
  const changed = stageAssignments(
    list(conflict, "targetList"),
    { fromClause: [excluded], whereClause: and(...meets, ...(where === null ? [] : [where])) },
    [],
    insert,
    building,
  );
  removeMet(rows, key, insert, building);
  const columns = insert.facts.columns.map(({ name }) => target(columnRef(name)));
  const both = {
    op: "SETOP_UNION",
    all: true,
    larg: selectBody(columns, [tableNode(rows)]),
    rarg: selectBody(columns, [tableNode(changed.rows)]),
    limitOption: "LIMIT_OPTION_DEFAULT",
  };
  const returned = keepReturning(body, [rangeSubselect(both, { aliasname: insert.alias })], insert, building);
  building.changing.push(changed.change, insertRows(rows, insert));
  return returned;
}

/** RETURNING over what stands for the changed table, and relations beside it. */
function keepReturning(
  body: PgNode,
  from: readonly PgNode[],
  changed: Target,
  building: Building,
  beside: readonly { readonly alias: string; readonly columns: readonly string[] }[] = [],
  condition: PgNode | null = null,
): Returned {
  const targets = returningTargets(body);
  if (targets.length === 0) return null;
  const own = { alias: changed.alias, columns: changed.facts.columns.map(({ name }) => name) };
  return keep({
    ...selectBody(withoutStars(withoutSchema(targets), [own, ...beside]), from),
    ...(condition === null ? {} : { whereClause: condition }),
  }, building);
}

export function stageUpdate(body: PgNode, update: Target, building: Building): Returned {
  const from = list(body, "fromClause");
  const beside = besideColumns(body, from, update, building);
  const where = child(body, "whereClause");
  const changed = stageAssignments(
    list(body, "targetList"),
    { ...(from.length === 0 ? {} : { fromClause: from }), ...(where === null ? {} : { whereClause: where }) },
    beside,
    update,
    building,
    child(body, "withClause"),
  );
  const joined = beside.map(({ alias, columns }, at) =>
    rangeSubselect(
      selectBody([
        target(columnRef(rowColumn), `${rowColumn}_${at + 1}`),
        ...columns.map((column, index) => target(columnRef(besideColumn(at, index)), column)),
      ], [tableNode(changed.source)]),
      { aliasname: alias },
    )
  );
  const sameRow = beside.map(({ alias }, at) =>
    operator(columnRef(update.alias, rowColumn), "=", columnRef(alias, `${rowColumn}_${at + 1}`))
  );
  const returned = keepReturning(
    body,
    [tableNode(changed.rows, update.alias), ...joined],
    update,
    building,
    beside,
    sameRow.length === 0 ? null : and(...sameRow),
  );
  building.changing.push(changed.change);
  return returned;
}

function besideColumn(relation: number, column: number): string {
  return `__eider_beside_${relation + 1}_${column + 1}`;
}

/** The columns of the relations of FROM, when RETURNING names any. */
function besideColumns(
  body: PgNode,
  from: readonly PgNode[],
  update: Target,
  building: Building,
): readonly { readonly alias: string; readonly columns: readonly string[] }[] {
  const targets = returningTargets(body);
  if (targets.length === 0 || from.length === 0) return [];
  const names = returnedNames(targets);
  const sources = sourcesOf(from);
  const own = new Set(update.facts.columns.map(({ name }) => name.toLowerCase()));
  const all = names.hasStar || names.hasSubquery || [...names.bare].some((name) => !own.has(name.toLowerCase()));
  const used = sources.filter(({ alias }) => alias !== update.alias && (all || names.qualifiers.has(alias)));
  if (used.length > 0) refuseMergedStar(from);
  return used.map(({ alias }) => {
    const fields = [stringNode(alias), { A_Star: {} }];
    const query = withQueries(
      selectBody([target({ ColumnRef: { fields, location: -1 } })], [{ RangeVar: update.relation }, ...from]),
      [...building.shapes, ...list(child(body, "withClause"), "ctes")],
      building.recursive,
    );
    const text = printed({ SelectStmt: query });
    building.wanted.push(text);
    return { alias, columns: building.columnNames?.get(text) ?? [] };
  });
}

interface StagedChange {
  /** The joined rows with what was assigned. */
  readonly source: string;
  /** The changed rows, with all columns of the table. */
  readonly rows: string;
  readonly change: string;
}

/** UPDATE: which rows are met and what they are given, then whole rows as they will be. */
function stageAssignments(
  assignments: readonly PgNode[],
  clauses: PgNode,
  beside: readonly { readonly alias: string; readonly columns: readonly string[] }[],
  update: Target,
  building: Building,
  withClause: PgNode | null = null,
): StagedChange {
  const { alias, facts, path } = update;
  const given = new Map<string, PgNode>();
  for (const node of assignments) {
    const body = bodyOf(node, "ResTarget");
    const name = text(body, "name");
    const column = facts.columns.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
    given.set(column?.name ?? name, assignedValue(child(body, "val") ?? {}));
  }
  const values = [...given].filter(([, value]) => !("SetToDefault" in value));
  const select = {
    ...selectBody([
      target(columnRef(alias, "rowid"), rowColumn),
      ...values.map(([, value], at) => target(value, `__eider_set_${at + 1}`)),
      ...beside.flatMap((relation, at) =>
        relation.columns.map((column, index) => target(columnRef(relation.alias, column), besideColumn(at, index)))
      ),
    ], [{ RangeVar: update.relation }, ...list(clauses, "fromClause")]),
    ...(child(clauses, "whereClause") === null ? {} : { whereClause: clauses["whereClause"] }),
    // A row is changed once, with one of those that it is joined with.
    ...(list(clauses, "fromClause").length === 0 ? {} : { distinctClause: [columnRef(alias, "rowid")] }),
    ...(withClause === null ? {} : { withClause }),
  };
  const source = keep(select, building);
  const rows = newTable(building);
  building.reading.push(tableLike(rows, update, true));
  const kept = writableColumns(facts).filter((name) => !("SetToDefault" in (given.get(name) ?? {})));
  const place = new Map(values.map(([name], at) => [name, `source.__eider_set_${at + 1}`]));
  building.reading.push(
    `INSERT INTO ${tablePath(rows)} (${[rowColumn, ...kept.map(quoted)].join(", ")}) SELECT ` +
      [`source.${rowColumn}`, ...kept.map((name) => place.get(name) ?? `before.${quoted(name)}`)].join(", ") +
      ` FROM ${tablePath(source)} AS source, ${path} AS before WHERE before.rowid = source.${rowColumn}`,
  );
  const sets = [...given.keys()].map((name) => `${quoted(name)} = changed.${quoted(name)}`).join(", ");
  const change = `UPDATE ${path} AS present SET ${sets} FROM ${tablePath(rows)} AS changed WHERE ` +
    `present.rowid = changed.${rowColumn}`;
  return { source, rows, change };
}

/** What `(a, b) = ROW(…)` gives to one column. */
function assignedValue(value: PgNode): PgNode {
  const part = bodyOf(value, "MultiAssignRef");
  if (part === null) return value;
  const item = list(bodyOf(child(part, "source"), "RowExpr"), "args")[Number(part["colno"] ?? 1) - 1];
  if (item !== undefined) return item;
  refuse(
    "UPDATE … SET (columns) = (SELECT …) is not supported in this statement",
    "Assign each column a subquery of its own.",
  );
}

export function stageDelete(body: PgNode, deletion: Target, building: Building): Returned {
  const targets = returningTargets(body);
  const using = list(body, "usingClause");
  const where = child(body, "whereClause");
  const withClause = child(body, "withClause");
  const rows = keep({
    ...selectBody([target(columnRef(deletion.alias, "rowid"), rowColumn), ...targets], [
      { RangeVar: deletion.relation },
      ...using,
    ]),
    ...(where === null ? {} : { whereClause: where }),
    ...(using.length === 0 ? {} : { distinctClause: [columnRef(deletion.alias, "rowid")] }),
    ...(withClause === null ? {} : { withClause }),
  }, building);
  building.changing.push(
    `DELETE FROM ${deletion.path} WHERE rowid IN (SELECT ${rowColumn} FROM ${tablePath(rows)})`,
  );
  if (targets.length === 0) return null;
  const returned = newTable(building);
  building.reading.push(
    `CREATE TEMP TABLE ${tablePath(returned)} AS SELECT * EXCLUDE (${rowColumn}) FROM ${tablePath(rows)}`,
  );
  return returned;
}

/** What a part returns, as a query that is only prepared. */
export function shapeOf(body: PgNode, building: Building, isInsert: boolean): PgNode | null {
  const targets = returningTargets(body);
  if (targets.length === 0) return null;
  const beside = isInsert ? [] : [...list(body, "fromClause"), ...list(body, "usingClause")];
  const own = child(body, "withClause");
  return withQueries(
    {
      ...selectBody(targets, [{ RangeVar: child(body, "relation") ?? {} }, ...beside]),
      ...(own === null ? {} : { withClause: own }),
    },
    building.shapes,
    building.recursive,
  );
}
