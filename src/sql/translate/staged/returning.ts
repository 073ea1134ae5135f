/** RETURNING of a staged statement: which relations it reads, and what its stars stand for. */
import { columnRef, target } from "../rewrite/build.ts";
import { refuse } from "../rewrite/statements/result.ts";
import {
  bodyOf,
  child,
  flag,
  isObject,
  list,
  type PgNode,
  stringOf,
  stringsOf,
  text,
  typeOfNode,
} from "../rewrite/tree.ts";

/** A relation of FROM or USING that can be named. */
export interface Source {
  readonly alias: string;
}

export function returningTargets(body: PgNode): readonly PgNode[] {
  return list(child(body, "returningClause"), "exprs");
}

/** The relations in FROM, by the names that qualify their columns. */
export function sourcesOf(items: readonly PgNode[]): readonly Source[] {
  return items.flatMap((item) => {
    const type = typeOfNode(item);
    const body = bodyOf(item, type);
    const alias = text(child(body, "alias"), "aliasname");
    if (alias !== "") return [{ alias }];
    if (type === "RangeVar") return [{ alias: text(body, "relname") }];
    if (type !== "JoinExpr") return [];
    return sourcesOf([child(body, "larg"), child(body, "rarg")].filter((side) => side !== null));
  });
}

/** Joins whose columns are merged have other columns than their relations. */
export function mergesColumns(items: readonly PgNode[]): boolean {
  return items.some((item) => {
    const join = bodyOf(item, "JoinExpr");
    if (join === null) return false;
    return flag(join, "isNatural") || list(join, "usingClause").length > 0 ||
      mergesColumns([child(join, "larg"), child(join, "rarg")].filter((side) => side !== null));
  });
}

/** What the columns in RETURNING are called, without those inside of subqueries. */
export interface ReturnedNames {
  readonly qualifiers: ReadonlySet<string>;
  readonly bare: ReadonlySet<string>;
  readonly hasStar: boolean;
  readonly hasSubquery: boolean;
}

export function returnedNames(targets: readonly PgNode[]): ReturnedNames {
  const qualifiers = new Set<string>();
  const bare = new Set<string>();
  const found = { hasStar: false, hasSubquery: false };
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (!isObject(node)) return;
    const reference = bodyOf(node, "ColumnRef");
    if (reference !== null) {
      const fields = list(reference, "fields");
      const names = stringsOf(reference, "fields");
      if (fields.length > 1) qualifiers.add(names.at(-2)!);
      else if (typeOfNode(fields[0]) === "A_Star") found.hasStar = true;
      else bare.add(names[0]!);
      return;
    }
    if ("SubLink" in node) found.hasSubquery = true;
    Object.values(node).forEach(visit);
  };
  visit(targets);
  return { qualifiers, bare, ...found };
}

/** A select list with the columns of each relation in place of stars; `relations` in the order of `*`. */
export function withoutStars(
  targets: readonly PgNode[],
  relations: readonly { readonly alias: string; readonly columns: readonly string[] }[],
): readonly PgNode[] {
  return targets.flatMap((node) => {
    const value = child(bodyOf(node, "ResTarget"), "val");
    const fields = list(bodyOf(value, "ColumnRef"), "fields");
    if (typeOfNode(fields.at(-1)) !== "A_Star") return [node];
    const alias = fields.length > 1 ? stringOf(fields.at(-2)) : null;
    const meant = alias === null ? relations : relations.filter((relation) => relation.alias === alias);
    if (meant.length === 0) return [node];
    return meant.flatMap((relation) => relation.columns.map((column) => target(columnRef(relation.alias, column))));
  });
}

/** Columns named with the table's schema are those of the table under its alias. */
export function withoutSchema(targets: readonly PgNode[]): readonly PgNode[] {
  const map = (node: PgNode): PgNode => {
    const reference = bodyOf(node, "ColumnRef");
    const fields = list(reference, "fields");
    if (reference !== null) return fields.length < 3 ? node : { ColumnRef: { ...reference, fields: fields.slice(-2) } };
    return Object.fromEntries(
      Object.entries(node).map(([key, value]) => [
        key,
        Array.isArray(value)
          ? value.map((item) => isObject(item) ? map(item) : item)
          : isObject(value)
          ? map(value)
          : value,
      ]),
    );
  };
  return targets.map(map);
}

/** Throws for stars over joins that merge columns. */
export function refuseMergedStar(items: readonly PgNode[]): void {
  if (!mergesColumns(items)) return;
  refuse(
    "RETURNING of another table's columns is not supported with JOIN … USING and NATURAL JOIN",
    "Write the join with ON.",
  );
}
