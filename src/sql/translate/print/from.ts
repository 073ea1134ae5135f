/** What stands in FROM: tables, subqueries, functions, samples and joins. */
import { expression } from "./brackets.ts";
import { nameText, qualifiedName } from "./identifiers.ts";
import {
  type Alias,
  bodyOf,
  type JoinExpr,
  type Node,
  type RangeFunction,
  type RangeSubselect,
  type RangeTableSample,
  type RangeVar,
  refuse,
  refuseOtherFields,
  requireBody,
  stringOf,
  stringsOf,
  tagOf,
} from "./tree.ts";
import type { NodePrinters, Writer } from "./writer.ts";

/** `(a, b)`; nothing for no names. */
export function columnNames(out: Writer, names: readonly Node[] | undefined): void {
  if (names === undefined || names.length === 0) return;
  out.brackets(() => out.list(stringsOf(names), (name) => out.write(nameText(name))));
}

function aliasClause(out: Writer, alias: Alias | undefined): void {
  if (alias === undefined) return;
  refuseOtherFields(alias, ["aliasname", "colnames"]);
  out.write(` AS ${nameText(alias.aliasname ?? "")}`);
  columnNames(out, alias.colnames);
}

/** `inh` is absent for ONLY, which changes nothing without inheritance; the persistence belongs to what is created. */
const tableFields = ["catalogname", "schemaname", "relname", "inh", "relpersistence", "alias"] as const;

/** The qualified name of a table or another relation, without its alias. */
export function relationName(out: Writer, relation: RangeVar | undefined): void {
  if (relation === undefined) refuse("a relation without a name");
  refuseOtherFields(relation, tableFields);
  out.place(relation.location);
  out.write(qualifiedName(relation.catalogname, relation.schemaname, relation.relname));
}

/** The name of a relation that is read or changed, with its alias. */
export function relationWithAlias(out: Writer, relation: RangeVar | undefined): void {
  relationName(out, relation);
  aliasClause(out, relation?.alias);
}

function printSubquery(out: Writer, subquery: RangeSubselect): void {
  if (subquery.lateral === true) out.write("LATERAL ");
  out.bracketedNode(subquery.subquery);
  aliasClause(out, subquery.alias);
}

/** DuckDB lets a function see what stands before it, as PostgreSQL does, so LATERAL needs no word. */
function printFunction(out: Writer, range: RangeFunction): void {
  const [first, ...others] = range.functions ?? [];
  if (others.length > 0) refuse("ROWS FROM several functions");
  const [call, columns] = requireBody(first, "List").items ?? [];
  // libpg-query gives an empty object for no column definitions
  if (columns !== undefined && Object.keys(columns).length > 0) refuse("column definitions of a function");
  if (tagOf(call) !== "FuncCall") refuse(`${tagOf(call)} in FROM`);
  if (range.is_rowsfrom === true) out.translates();
  out.node(call);
  if (range.ordinality === true) out.write(" WITH ORDINALITY");
  aliasClause(out, range.alias);
}

const sampleMethods: ReadonlySet<string> = new Set(["bernoulli", "system"]);

function printSample(out: Writer, sample: RangeTableSample): void {
  out.node(sample.relation);
  const [method, ...qualifiers] = stringsOf(sample.method).toReversed();
  if (method === undefined || !sampleMethods.has(method) || qualifiers.some((part) => part !== "pg_catalog")) {
    refuse(`the sampling method ${method}`);
  }
  out.translates();
  const [percentage, ...others] = sample.args ?? [];
  if (tagOf(percentage) !== "A_Const" || others.length > 0) refuse("a sample's size that is not written out");
  out.write(` TABLESAMPLE ${method} (`);
  out.node(percentage);
  out.write(" PERCENT)");
  if (sample.repeatable === undefined) return;
  if (tagOf(sample.repeatable) !== "A_Const") refuse("a sample's seed that is not written out");
  out.write(" REPEATABLE ");
  out.bracketedNode(sample.repeatable);
}

function joinWords(join: JoinExpr): string {
  const isPlain = join.quals === undefined && join.usingClause === undefined && join.isNatural !== true;
  const natural = join.isNatural === true ? "NATURAL " : "";
  switch (join.jointype) {
    case "JOIN_INNER":
      return isPlain ? "CROSS JOIN" : `${natural}JOIN`;
    case "JOIN_LEFT":
      return `${natural}LEFT JOIN`;
    case "JOIN_RIGHT":
      return `${natural}RIGHT JOIN`;
    case "JOIN_FULL":
      return `${natural}FULL JOIN`;
    default:
      return refuse(`a join of the kind ${join.jointype}`);
  }
}

const joinFields = ["jointype", "isNatural", "larg", "rarg", "usingClause", "quals", "alias"] as const;

function joinedWith(out: Writer, join: JoinExpr): void {
  out.write(` ${joinWords(join)} `);
  const right = bodyOf(join.rarg, "JoinExpr");
  if (right !== null && right.alias === undefined) out.bracketedNode(join.rarg);
  else out.node(join.rarg);
  if (join.usingClause !== undefined) {
    out.write(" USING ");
    columnNames(out, join.usingClause);
  }
  if (join.quals === undefined) return;
  out.write(" ON ");
  const condition = () => expression(out, join.quals);
  if (join.jointype === "JOIN_INNER") condition();
  else out.withoutSubqueries(condition);
}

/** Left operands that are joins need no brackets and are not printed by recursion: a chain may be long. */
function joinChain(out: Writer, last: JoinExpr): void {
  const chain = [last];
  for (;;) {
    const first = chain.at(-1)!;
    const left = bodyOf(first.larg, "JoinExpr");
    if (left === null || left.alias !== undefined) {
      out.node(first.larg);
      break;
    }
    refuseOtherFields(left, joinFields);
    chain.push(left);
  }
  for (const join of chain.toReversed()) joinedWith(out, join);
}

/** DuckDB takes the alias of a join in brackets and forgets it; as a subquery it hides the joined tables as it must. */
function printJoin(out: Writer, join: JoinExpr): void {
  if (join.alias === undefined) return joinChain(out, join);
  out.translates();
  out.write("(SELECT * FROM ");
  joinChain(out, join);
  out.write(")");
  aliasClause(out, join.alias);
}

/** The items of FROM or USING. */
export function fromItems(out: Writer, items: readonly Node[]): void {
  out.list(items, (item) => out.node(item));
}

/** The name in a list of name parts, as DROP and COMMENT give it. */
export function listedName(node: Node | undefined): string {
  const name = bodyOf(node, "List");
  return qualifiedName(...(name === null ? [stringOf(node)] : stringsOf(name.items)));
}

export const fromPrinters = {
  RangeVar: { fields: tableFields, print: relationWithAlias },
  RangeSubselect: { fields: ["lateral", "subquery", "alias"], print: printSubquery },
  RangeFunction: { fields: ["lateral", "ordinality", "is_rowsfrom", "functions", "alias"], print: printFunction },
  RangeTableSample: { fields: ["relation", "method", "args", "repeatable"], print: printSample },
  JoinExpr: { fields: joinFields, print: printJoin },
} satisfies NodePrinters;
