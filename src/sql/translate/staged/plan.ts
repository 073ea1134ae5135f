/**
 * Statements that DuckDB cannot carry out at once: WITH queries that change data, and RETURNING of another table's columns. Gives the steps that
 * do the same: first everything is read, from the state before the statement, then all changes are made, each once.
 */
import { AppError } from "../../../errors/app_error.ts";
import { refuse } from "../rewrite/statements/result.ts";
import { bodyOf, child, flag, isObject, list, type PgNode, text, typeOfNode, withFields } from "../rewrite/tree.ts";
import { changingQueries, changingStatements as changes } from "../rewrite/changing_queries.ts";
import type { FactsByTable } from "../table_facts.ts";
import { type Building, keep, nameOfQuery, readFrom, ruled, tablePath, targetOf, withQueries } from "./building.ts";
import { type Returned, shapeOf, stageDelete, stageInsert, stageUpdate, withTypedParameters } from "./parts.ts";
import { returnedNames, returningTargets, sourcesOf } from "./returning.ts";

/** A plan's texts, before their positions in the client's text are known. */
export interface StagedTexts {
  /** Trees of the statements that are only prepared. */
  readonly probes: readonly PgNode[];
  readonly shape: PgNode | null;
  readonly steps: readonly string[];
  readonly result: string | null;
  readonly countedSteps: number;
  readonly tables: readonly string[];
  /** Texts whose columns' names the plan needs. */
  readonly wanted: readonly string[];
}

/** Whether a statement must be staged; `perhaps` when it depends on the columns of the table that it changes. */
export function mustBeStaged(root: PgNode, facts: FactsByTable | undefined): "yes" | "no" | "perhaps" {
  if (changingQueries(root).length > 0) return "yes";
  const type = typeOfNode(root);
  const body = bodyOf(root, type);
  if (body === null || !changes.has(type)) return "no";
  const sources = sourcesOf([...list(body, "fromClause"), ...list(body, "usingClause")]);
  const hasSources = list(body, "fromClause").length + list(body, "usingClause").length > 0;
  const names = returnedNames(returningTargets(body));
  if (returningTargets(body).length === 0) return "no";
  // DuckDB has no subqueries in RETURNING.
  if (names.hasSubquery) return "yes";
  if (!hasSources) return "no";
  const relation = child(body, "relation");
  const own = text(child(relation, "alias"), "aliasname") || text(relation, "relname");
  if (names.hasStar || sources.some(({ alias }) => alias !== own && names.qualifiers.has(alias))) return "yes";
  if (names.bare.size === 0) return "no";
  if (facts === undefined) return "perhaps";
  const table = targetOf(body, facts);
  const columns = new Set(table?.facts.columns.map(({ name }) => name.toLowerCase()));
  return table !== null && [...names.bare].some((name) => !columns.has(name.toLowerCase())) ? "yes" : "no";
}

/** `root` is rewritten; `columnNames` null where nothing has been looked up: then there are probes and `wanted` only. */
export function stagedTexts(
  root: PgNode,
  facts: FactsByTable,
  columnNames: ReadonlyMap<string, readonly string[]> | null,
): StagedTexts {
  const type = typeOfNode(root);
  const body = bodyOf(root, type)!;
  const clause = child(body, "withClause");
  const building: Building = {
    facts,
    columnNames,
    wanted: [],
    reading: [],
    changing: [],
    tables: [],
    ctes: [],
    shapes: [],
    recursive: flag(clause, "recursive"),
  };
  const probes: PgNode[] = [];
  const queries = list(clause, "ctes");
  const main = withFields(body, { withClause: undefined });
  refuseTwoChanges([...changingQueries(root).map((query) => child(query, "ctequery")!), root]);
  for (const [at, node] of queries.entries()) {
    const query = bodyOf(node, "CommonTableExpr")!;
    const inner = child(query, "ctequery")!;
    const innerType = typeOfNode(inner);
    const others = [...queries.filter((_, index) => index !== at), main];
    if (!changes.has(innerType)) {
      const mentions = others.filter((other) => isMentioned(nameOfQuery(node), other)).length;
      const isKept = mentions > 1;
      const table = isKept && !isMentioned(nameOfQuery(node), inner)
        ? keep(bodyOf(inner, "SelectStmt")!, building)
        : null;
      building.ctes = [...building.ctes, table === null ? node : readFrom(node, table)];
      building.shapes = [...building.shapes, node];
      continue;
    }
    const change = bodyOf(inner, innerType)!;
    probes.push(...probesOf(innerType, change, building));
    const returned = stage(innerType, change, building);
    const shape = shapeOf(change, building, innerType === "InsertStmt");
    if (shape === null) {
      if (others.some((other) => isMentioned(nameOfQuery(node), other))) {
        throw new AppError(
          "feature_not_supported",
          `WITH query "${nameOfQuery(node)}" does not have a RETURNING clause`,
        );
      }
      continue;
    }
    if (returned !== null) building.ctes = [...building.ctes, readFrom(node, returned)];
    building.shapes = [...building.shapes, {
      CommonTableExpr: withFields(query, { ctequery: { SelectStmt: shape }, ctematerialized: "CTEMaterializeDefault" }),
    }];
  }
  if (type === "SelectStmt") return withSelect(main, building, probes);
  probes.push(...probesOf(type, main, building));
  const changesBefore = building.changing.length;
  const returned = stage(type, main, building);
  const shape = shapeOf(main, building, type === "InsertStmt");
  return {
    ...texts(building, returned),
    countedSteps: building.changing.length - changesBefore,
    probes,
    shape: shape === null ? null : { SelectStmt: shape },
  };
}

function withSelect(main: PgNode, building: Building, probes: readonly PgNode[]): StagedTexts {
  const shape = { SelectStmt: withQueries(main, building.shapes, building.recursive) };
  return { ...texts(building, keep(main, building)), probes, shape };
}

function texts(building: Building, returned: Returned): Omit<StagedTexts, "probes" | "shape"> {
  return {
    steps: [...building.reading, ...building.changing],
    result: returned === null ? null : `FROM ${tablePath(returned)}`,
    countedSteps: 0,
    tables: building.tables,
    wanted: building.wanted,
  };
}

/** Nothing where the table is not known: the probe says what is wrong with it. */
function stage(type: string, body: PgNode, building: Building): Returned {
  const table = targetOf(body, building.facts);
  if (table === null) return null;
  switch (type) {
    case "InsertStmt":
      return stageInsert(body, table, building);
    case "UpdateStmt":
      return stageUpdate(body, table, building);
    default:
      return stageDelete(body, table, building);
  }
}

/** The change without its RETURNING, and that alone. */
function probesOf(type: string, body: PgNode, building: Building): readonly PgNode[] {
  const plain = withFields(body, { returningClause: undefined });
  const table = targetOf(body, building.facts);
  const typed = table === null ? plain : withTypedParameters(plain, table);
  const probe = ruled({ [type]: withQueries(typed, building.shapes, building.recursive) });
  const shape = shapeOf(body, building, type === "InsertStmt");
  return shape === null ? [probe] : [probe, { SelectStmt: shape }];
}

/** In PostgreSQL only one of two changes of a row takes place, and it does not say which. */
function refuseTwoChanges(statements: readonly PgNode[]): void {
  const seen = new Set<string>();
  for (const statement of statements) {
    const type = typeOfNode(statement);
    const insert = type === "InsertStmt";
    const conflict = child(bodyOf(statement, type), "onConflictClause");
    if (type === "SelectStmt" || (insert && text(conflict, "action") !== "ONCONFLICT_UPDATE")) continue;
    const relation = child(bodyOf(statement, type), "relation");
    const name = JSON.stringify([text(relation, "schemaname"), text(relation, "relname").toLowerCase()]);
    if (seen.has(name)) {
      refuse(
        `changing or deleting rows of "${text(relation, "relname")}" in two parts of one statement is not supported`,
        "Run the statements one after the other in a transaction.",
      );
    }
    seen.add(name);
  }
}

/** Whether a relation of that name, without a schema, is read somewhere in a tree. */
function isMentioned(name: string, node: unknown): boolean {
  if (Array.isArray(node)) return node.some((item) => isMentioned(name, item));
  if (!isObject(node)) return false;
  const relation = bodyOf(node, "RangeVar");
  if (relation !== null) return text(relation, "schemaname") === "" && text(relation, "relname") === name;
  return Object.values(node).some((item) => isMentioned(name, item));
}
