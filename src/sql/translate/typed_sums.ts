/**
 * The type of sum(): bigint over integers in PostgreSQL, HUGEINT in DuckDB, which is shown as numeric. Only the engine knows the
 * type of an argument, so it is asked with a text that is prepared and never run; then the sums over integers are cast.
 *
 * Only the select list of the outermost query is looked at (of CREATE TABLE AS, too): a sum in a subquery stays numeric.
 */
import type { ParsedStatement } from "../statement.ts";
import { translateChanged } from "./mod.ts";
import { call, cast, target } from "./rewrite/build.ts";
import {
  bodyOf,
  child,
  isObject,
  list,
  mapFields,
  type PgNode,
  stringsOf,
  text,
  typeOfNode,
  withFields,
} from "./rewrite/tree.ts";
import type { TableColumns } from "./table_columns.ts";
import type { Translation } from "./types.ts";

const mentionsSum = /\bsum\s*\(/i;

/** Whether there may be a sum to ask about; without parsing. */
export function mayHaveSum(statement: ParsedStatement): boolean {
  return (statement.kind === "select" || statement.kind === "create_table_as") && mentionsSum.test(statement.text);
}

/** A SELECT with one column for each sum, of its argument's type; null when there is none to ask about. */
export function sumProbe(statement: ParsedStatement, columns?: TableColumns): string | null {
  const probe = translateChanged(statement, (root) => {
    const query = queryOf(root);
    const parameters: PgNode[] = [];
    mapSums(query, (sum) => {
      parameters.push(argumentOf(sum));
      return sum;
    });
    if (query === null || parameters.length === 0) return root;
    const targetList = parameters.map((argument, index) => target(call(["max"], [argument]), `c${index}`));
    return { SelectStmt: withFields(query, { targetList, ...leftOut }) };
  }, columns);
  return probe === null || probe.texts.length > 1 ? null : probe.texts[0];
}

/** The statement with the sums of these places, in the order of the probe's columns, cast to bigint. */
export function withBigintSums(
  statement: ParsedStatement,
  places: ReadonlySet<number>,
  columns?: TableColumns,
): Translation | null {
  return translateChanged(statement, (root) => {
    const query = queryOf(root);
    let place = 0;
    const changed = mapSums(query, (sum) => places.has(place++) ? cast(sum, "int8") : sum);
    if (query === null || changed === null) return root;
    const create = bodyOf(root, "CreateTableAsStmt");
    const select = { SelectStmt: changed };
    return create === null ? select : { CreateTableAsStmt: withFields(create, { query: select }) };
  }, columns);
}

/** What says nothing about types, and may refer to columns that the probe has not. */
const leftOut = {
  groupClause: undefined,
  groupDistinct: undefined,
  havingClause: undefined,
  windowClause: undefined,
  distinctClause: undefined,
  sortClause: undefined,
  limitCount: undefined,
  limitOffset: undefined,
  lockingClause: undefined,
  intoClause: undefined,
};

function queryOf(root: PgNode): PgNode | null {
  const select = bodyOf(root, "SelectStmt") ?? bodyOf(child(bodyOf(root, "CreateTableAsStmt"), "query"), "SelectStmt");
  return select === null || text(select, "op") !== "SETOP_NONE" ? null : select;
}

function mapSums(query: PgNode | null, map: (sum: PgNode) => PgNode): PgNode | null {
  if (query === null) return null;
  return withFields(query, { targetList: list(query, "targetList").map((item) => mapExpression(item, map)) });
}

function mapExpression(node: PgNode, map: (sum: PgNode) => PgNode): PgNode {
  const type = typeOfNode(node);
  if (type === "SubLink" || type === "SelectStmt") return node;
  if (isSum(node)) return map(node);
  if (type === "") return mapFields(node, (value) => mapExpression(value, map));
  const body = node[type];
  return isObject(body) ? { [type]: mapFields(body, (value) => mapExpression(value, map)) } : node;
}

/** sum(expression). One over an aggregate, which a window may have, is numeric in PostgreSQL, too. */
function isSum(node: PgNode): boolean {
  const body = bodyOf(node, "FuncCall");
  const names = stringsOf(body, "funcname");
  if (names.at(-1) !== "sum" || (names.length > 1 && names[0] !== "pg_catalog")) return false;
  if (list(body, "args").length !== 1) return false;
  return child(body, "over") === null || !holdsCall(argumentOf(node));
}

function argumentOf(sum: PgNode): PgNode {
  return list(bodyOf(sum, "FuncCall"), "args")[0]!;
}

function holdsCall(node: PgNode): boolean {
  let found = typeOfNode(node) === "FuncCall";
  const look = (value: PgNode): PgNode => {
    found ||= typeOfNode(value) === "FuncCall";
    return mapFields(value, look);
  };
  mapFields(node, look);
  return found;
}
