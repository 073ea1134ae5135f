/**
 * What the parts of a staged statement share while its plan is made: the steps so far, and the WITH queries as the next part sees them. A part
 * that changes data has become a temporary table with its RETURNING rows; all that reads other tables runs before the first change, so that
 * every part sees the state before the statement.
 */
import { AppError } from "../../../errors/app_error.ts";
import { printStatement } from "../print/mod.ts";
import { aliasBody, rangeVarBody, rangeVarNode, selectBody, star, target } from "../rewrite/build.ts";
import { refuse } from "../rewrite/statements/result.ts";
import { rewriteStatements } from "../rewrite/statements/mod.ts";
import { bodyOf, child, flag, list, type PgNode, stringOf, text, withFields } from "../rewrite/tree.ts";
import { type FactsByTable, factsKey, type TableFacts } from "../table_facts.ts";

export interface Building {
  readonly facts: FactsByTable;
  /** Names of the columns of texts that were asked for; null while they are only collected into `wanted`. */
  readonly columnNames: ReadonlyMap<string, readonly string[]> | null;
  readonly wanted: string[];
  /** What reads, in order. */
  readonly reading: string[];
  /** What changes the tables, in order; all of it comes after `reading`. */
  readonly changing: string[];
  readonly tables: string[];
  /** The WITH queries so far, as a step sees them: those that change data are read from their tables. */
  ctes: readonly PgNode[];
  /** The same as a text sees them that is only prepared. */
  shapes: readonly PgNode[];
  readonly recursive: boolean;
}

/** Begins the names of the temporary tables; the policy keeps statements from naming them. */
const prefix = "__eider_staged_";
/** The column with DuckDB's number of the row that is changed. */
export const rowColumn = "__eider_row";

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The name of a new temporary table; it is dropped at the end. */
export function newTable(building: Building): string {
  const name = `${prefix}${building.tables.length + 1}`;
  building.tables.push(name);
  return name;
}

export function tablePath(name: string): string {
  return `temp.${name}`;
}

export function tableBody(name: string, alias?: string): PgNode {
  const body = rangeVarBody("temp", name);
  return alias === undefined ? body : { ...body, alias: aliasBody(alias) };
}

export function tableNode(name: string, alias?: string): PgNode {
  return { RangeVar: tableBody(name, alias) };
}

/** DuckDB SQL of one statement of DuckDB's. Throws 0A000 for what cannot be printed. */
export function printed(node: PgNode): string {
  const answer = printStatement(node);
  if (answer === null) {
    throw new AppError(
      "feature_not_supported",
      "a part of this statement is not supported beside WITH queries that change data",
      {
        hint: "Run the statements one after the other in a transaction.",
      },
    );
  }
  return answer.text;
}

/** After the rules for the statement itself (`rewrite/statements`), which give one statement for what changes rows. */
export function ruled(node: PgNode): PgNode {
  return rewriteStatements(node).statements[0];
}

/** `body` of a statement with WITH queries before its own, which hide those of their names. */
export function withQueries(body: PgNode, queries: readonly PgNode[], recursive: boolean): PgNode {
  const own = child(body, "withClause");
  const names = new Set(list(own, "ctes").map(nameOfQuery));
  const ctes = [...queries.filter((query) => !names.has(nameOfQuery(query))), ...list(own, "ctes")];
  if (ctes.length === 0) return body;
  const isRecursive = recursive || flag(own, "recursive");
  return withFields(body, { withClause: { ctes, ...(isRecursive ? { recursive: true } : {}), location: -1 } });
}

export function nameOfQuery(node: PgNode): string {
  return text(bodyOf(node, "CommonTableExpr"), "ctename");
}

/** A step's query, which sees the WITH queries so far. */
export function asStep(select: PgNode, building: Building): PgNode {
  return { SelectStmt: withQueries(select, building.ctes, building.recursive) };
}

/** Adds a step that keeps a query's rows in a new table; gives its name. */
export function keep(select: PgNode, building: Building): string {
  const name = newTable(building);
  building.reading.push(`CREATE TEMP TABLE ${tablePath(name)} AS ${printed(asStep(select, building))}`);
  return name;
}

/** `SELECT * FROM table` under the WITH query's name and columns. */
export function readFrom(query: PgNode, table: string): PgNode {
  const body = bodyOf(query, "CommonTableExpr")!;
  const ctequery = { SelectStmt: selectBody([target(star)], [rangeVarNode("temp", table)]) };
  return { CommonTableExpr: withFields(body, { ctequery, ctematerialized: "CTEMaterializeDefault" }) };
}

export interface Target {
  readonly relation: PgNode;
  /** As DuckDB SQL. */
  readonly path: string;
  /** How the statement calls it. */
  readonly alias: string;
  readonly facts: TableFacts;
}

/** The table that a part changes; null when nothing is known of it. */
export function targetOf(body: PgNode, facts: FactsByTable): Target | null {
  const relation = child(body, "relation") ?? {};
  const name = text(relation, "relname");
  const found = facts.get(factsKey(text(relation, "schemaname") || null, name));
  if (found === undefined) return null;
  if (found.columns.some((column) => /^(rowid|__eider_row)$/i.test(column.name))) {
    refuse(
      `table "${name}" has a column "rowid", by which DuckDB tells rows apart: this statement is not supported with it`,
      "Rename the column, or run the statements one after the other.",
    );
  }
  const path = ["catalogname", "schemaname", "relname"].map((field) => text(relation, field)).filter((part) =>
    part !== ""
  )
    .map(quoted).join(".");
  return { relation, path, alias: text(child(relation, "alias"), "aliasname") || name, facts: found };
}

/** Columns that can be written. */
export function writableColumns(facts: TableFacts): readonly string[] {
  return facts.columns.filter(({ isGenerated }) => !isGenerated).map(({ name }) => name);
}

/** CREATE TEMP TABLE with the target's columns and defaults, but without its keys and checks. */
export function tableLike(name: string, { facts }: Target, rows: boolean): string {
  const columns = facts.columns.map((column) => {
    const value = column.default === null
      ? ""
      : column.isGenerated
      ? ` GENERATED ALWAYS AS (${column.default})`
      : ` DEFAULT (${column.default})`;
    return `${quoted(column.name)} ${column.type}${value}`;
  });
  const all = rows ? [`${rowColumn} BIGINT`, ...columns] : columns;
  return `CREATE TEMP TABLE ${tablePath(name)} (${all.join(", ")})`;
}

export function stringsOfNodes(nodes: readonly PgNode[]): string[] {
  return nodes.map(stringOf);
}
