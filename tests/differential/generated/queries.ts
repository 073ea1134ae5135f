/** Random queries: joins, grouping, windows, set operations, subqueries, CTEs. Every relation has columns with known types. */
import { emptyScope, type ExpressionMaker, type Scope, valueTypes } from "./expressions.ts";
import { type Column, type Table, tables } from "./tables.ts";
import { items, type Kind, nothing, optional, type Piece, piece } from "./tree.ts";

/** A query in brackets or without, and the types of its columns. */
interface Query {
  readonly tree: Piece;
  readonly types: readonly Kind[];
}

interface Relation {
  readonly tree: Piece;
  readonly columns: readonly Column[];
  readonly keys: readonly string[];
}

export class QueryMaker {
  readonly #make: ExpressionMaker;
  #aliases = 0;

  constructor(make: ExpressionMaker) {
    this.#make = make;
  }

  /** A whole statement. */
  statement(): Piece {
    const { draw } = this.#make;
    const kind = draw.below(10);
    if (kind < 3) return this.#valuesAlone();
    if (kind < 9) return this.#query(emptyScope, 2, this.#drawTypes(), true).tree;
    return this.#withCtes();
  }

  /** Expressions without a table, or over a single one. */
  #valuesAlone(): Piece {
    const { draw } = this.#make;
    const relation = draw.chance(0.6) ? this.#table(draw.of(tables)) : null;
    const scope = relation === null ? emptyScope : this.#scope([relation], emptyScope, false);
    const columns = draw.times(1, 3, () => this.#make.expression(draw.of(valueTypes), scope, 3));
    const from = relation === null ? nothing : optional(" from ", relation.tree);
    return piece("query", "select ", items(columns), from);
  }

  #drawTypes(): Kind[] {
    return this.#make.draw.times(1, 3, () => this.#make.draw.of(valueTypes));
  }

  #withCtes(): Piece {
    const { draw } = this.#make;
    const ctes = draw.times(1, 2, () => {
      const types = this.#drawTypes();
      const name = this.#alias("w");
      const query = this.#query(emptyScope, 1, types, true);
      const material = draw.of(["", "", "materialized ", "not materialized "]);
      return { name, types, tree: piece("cte", `${name} as ${material}(`, query.tree, ")") };
    });
    const relations = ctes.map(({ name, types }) => {
      const alias = this.#alias("r");
      const columns = types.map((type, at) => ({ name: `${alias}.c${at + 1}`, type }));
      return { tree: piece("relation", `${name} as ${alias}`), columns, keys: columns.map((column) => column.name) };
    });
    const query = this.#select(emptyScope, 2, this.#drawTypes(), true, relations);
    return piece("query", "with ", items(ctes.map((cte) => cte.tree)), " ", query.tree);
  }

  /** Named columns are c1, c2, … */
  #query(outer: Scope, depth: number, types: readonly Kind[], named: boolean): Query {
    const { draw } = this.#make;
    if (depth <= 0 || !draw.chance(0.2)) return this.#select(outer, depth, types, named);
    const left = this.#select(outer, depth - 1, types, named, undefined, false);
    const right = this.#select(outer, depth - 1, types, named, undefined, false);
    const operator = draw.of(["union", "union all", "intersect", "except", "intersect all", "except all"]);
    const body = piece("query", "(", left.tree, `) ${operator} (`, right.tree, ")", this.#tail(types));
    return { types, tree: body };
  }

  #select(
    outer: Scope,
    depth: number,
    types: readonly Kind[],
    named: boolean,
    given?: readonly Relation[],
    hasTail = true,
  ): Query {
    const { draw } = this.#make;
    const { from, relations } = this.#from(outer, depth, given);
    const form = draw.below(6);
    const rows = this.#scope(relations, outer, depth > 0);
    const column = (tree: Piece, at: number) => piece("column", tree, named ? ` as c${at + 1}` : "");
    const where = draw.chance(0.6) ? optional(" where ", this.#condition(rows, depth)) : nothing;
    if (form === 0) {
      const { keys, scope, group } = this.#grouping(rows, outer);
      const columns = types.map((type, at) => column(this.#make.expression(type, scope, 2), at));
      const having = draw.chance(0.3) ? optional(" having ", this.#make.expression("bool", scope, 2)) : nothing;
      const by = keys.length === 0 ? nothing : optional(" group by ", ...group);
      return {
        types,
        tree: piece("query", "select ", items(columns), from, where, by, having, hasTail ? this.#tail(types) : ""),
      };
    }
    const scope = form === 1 ? { ...rows, windows: true } : rows;
    const columns = types.map((type, at) => column(this.#make.expression(type, scope, 2), at));
    const distinct = form === 2 && draw.chance(0.6) ? optional("distinct ") : nothing;
    const tail = hasTail ? this.#tail(types) : "";
    return { types, tree: piece("query", "select ", distinct, items(columns), from, where, tail) };
  }

  /** The columns that are grouped by, what may be selected then, and the list after GROUP BY. */
  #grouping(rows: Scope, outer: Scope): { keys: readonly Column[]; scope: Scope; group: readonly (string | Piece)[] } {
    const { draw } = this.#make;
    const keys = draw.times(0, 2, () => draw.of(rows.columns)).filter((key, at, all) => all.indexOf(key) === at);
    // an aggregate of outer columns alone would be the outer query's
    const grouped = {
      ...rows,
      columns: rows.columns.filter((column) => !outer.columns.includes(column)),
      subquery: null,
    };
    const scope = { ...rows, columns: [...keys, ...outer.columns], keys: keys.map((key) => key.name), grouped };
    const names = keys.map((key) => key.name);
    const word = draw.of(["", "", "", "", "rollup", "cube", "grouping sets"]);
    const list = items(names.map((name) => piece("key", word === "grouping sets" ? `(${name})` : name)));
    return { keys, scope: { ...scope, subquery: null }, group: word === "" ? [list] : [`${word} (`, list, ")"] };
  }

  /** ORDER BY all columns, so that the order is without doubt, and only then LIMIT and OFFSET. */
  #tail(types: readonly Kind[]): Piece {
    const { draw } = this.#make;
    if (!draw.chance(0.4)) return nothing;
    const places = types.map((_, at) =>
      piece("order", `${at + 1}${draw.of(["", "", " desc", " nulls first", " asc nulls last", " desc nulls last"])}`)
    );
    const limit = draw.chance(0.3) ? optional(` limit ${draw.below(5)}`) : nothing;
    const offset = draw.chance(0.2) ? optional(` offset ${draw.below(3)}`) : nothing;
    return optional(" order by ", items(places), limit, offset);
  }

  #from(outer: Scope, depth: number, given?: readonly Relation[]): { from: Piece; relations: readonly Relation[] } {
    const { draw } = this.#make;
    const first = given?.[0] ?? this.#relation(outer, depth);
    const relations: Relation[] = [first];
    const parts: (string | Piece)[] = [" from ", first.tree];
    const others = given?.slice(1) ?? (draw.chance(0.5) ? draw.times(1, depth > 1 ? 2 : 1, () => null) : []);
    for (const other of others) {
      const join = draw.of(["join", "left join", "left join", "right join", "full join", "cross join", "lateral"]);
      const lateral = this.#scope(relations, outer, false);
      const next = other ?? (join === "lateral" ? this.#lateral(lateral) : this.#relation(outer, depth));
      relations.push(next);
      const kind = join === "lateral" ? draw.of(["join", "left join"]) : join;
      // PostgreSQL makes full joins over equality alone
      const on = kind === "cross join"
        ? ""
        : optional(" on ", this.#joinCondition(relations, next, kind === "full join", outer));
      parts.push(optional(` ${kind} `, next.tree, on));
    }
    return { from: piece("from", ...parts), relations };
  }

  #joinCondition(relations: readonly Relation[], next: Relation, equalityAlone: boolean, outer: Scope): Piece {
    const { draw } = this.#make;
    const pairs = relations.filter((relation) => relation !== next).flatMap((relation) =>
      relation.columns.flatMap((left) =>
        next.columns.filter((right) => right.type === left.type).map((right) => `${left.name} = ${right.name}`)
      )
    );
    const equality = pairs.length === 0 ? piece("bool", "true") : piece("bool", draw.of(pairs));
    if (equalityAlone || draw.chance(0.6)) return equality;
    const other = this.#make.expression("bool", { ...this.#scope(relations, outer, false), subquery: null }, 1);
    return draw.chance(0.5) ? other : piece("bool", equality, " and (", other, ")");
  }

  #relation(outer: Scope, depth: number): Relation {
    const { draw } = this.#make;
    const form = depth <= 0 ? 0 : draw.below(8);
    if (form === 6) return this.#derived(emptyScope, depth - 1, "");
    if (form === 7) return this.#values(outer);
    return this.#table(draw.of(tables));
  }

  #table({ name, columns }: Table): Relation {
    const alias = this.#alias(name[0]!);
    return {
      tree: piece("relation", `${name} as ${alias}`),
      columns: columns.map((column) => ({ ...column, name: `${alias}.${column.name}` })),
      keys: [`${alias}.id`],
    };
  }

  #derived(outer: Scope, depth: number, word: string): Relation {
    const alias = this.#alias("q");
    const types = this.#drawTypes();
    const query = this.#query(outer, depth, types, true);
    const columns = types.map((type, at) => ({ name: `${alias}.c${at + 1}`, type }));
    return {
      tree: piece("relation", `${word}(`, query.tree, `) as ${alias}`),
      columns,
      keys: columns.map((c) => c.name),
    };
  }

  #lateral(scope: Scope): Relation {
    const { draw } = this.#make;
    if (draw.chance(0.5)) return this.#derived({ ...scope, subquery: null }, 0, "lateral ");
    const alias = this.#alias("u");
    const array = this.#make.expression("int4[]", { ...scope, subquery: null }, 1);
    if (draw.chance(0.5)) {
      const columns = [{ name: `${alias}.v`, type: "int4" }, { name: `${alias}.o`, type: "int8" }];
      const tree = piece("relation", "unnest(", array, `) with ordinality as ${alias}(v, o)`);
      return { tree, columns, keys: [`${alias}.o`] };
    }
    const columns = [{ name: `${alias}.v`, type: "int4" }];
    const end = this.#make.constant("small");
    return { tree: piece("relation", "generate_series(1, ", end, `) as ${alias}(v)`), columns, keys: [`${alias}.v`] };
  }

  #values(outer: Scope): Relation {
    const { draw } = this.#make;
    const alias = this.#alias("v");
    const types = this.#drawTypes();
    const columns = types.map((type, at) => ({ name: `${alias}.c${at + 1}`, type }));
    const names = types.map((_, at) => `c${at + 1}`).join(", ");
    const rows = draw.times(1, 3, () => {
      const row = types.map((type) => this.#make.expression(type, { ...emptyScope, subquery: outer.subquery }, 1));
      return piece("row", "(", ...row.flatMap((value, at) => at === 0 ? [value] : [", ", value]), ")");
    });
    const tree = piece("relation", "(values ", items(rows), `) as ${alias}(${names})`);
    return { tree, columns, keys: columns.map((column) => column.name) };
  }

  #scope(relations: readonly Relation[], outer: Scope, subqueries: boolean): Scope {
    return {
      ...emptyScope,
      columns: [...relations.flatMap((relation) => relation.columns), ...outer.columns],
      keys: relations.flatMap((relation) => relation.keys),
      subquery: subqueries ? (type, scope, depth) => this.#scalar(type, scope, depth) : null,
    };
  }

  #condition(scope: Scope, depth: number): Piece {
    const { draw } = this.#make;
    if (depth > 0 && draw.chance(0.3)) return this.#subqueryCondition(scope, depth);
    return this.#make.expression("bool", scope, 2);
  }

  #subqueryCondition(scope: Scope, depth: number): Piece {
    const { draw } = this.#make;
    const outer = { ...scope, subquery: null };
    const not = draw.chance(0.4) ? optional("not ") : nothing;
    if (draw.chance(0.4)) {
      return piece("bool", not, "exists (", this.#query(outer, depth - 1, ["int4"], false).tree, ")");
    }
    const type = draw.of(["int4", "text", "date", "numeric", "bool"]);
    const value = this.#make.expression(type, outer, 1);
    const query = this.#query(outer, depth - 1, [type], false).tree;
    const operator = draw.of(["in", "not in", "= any", "<> all", "< any", ">= all", "> all", "<= any"]);
    return piece("bool", not, "(", value, `) ${operator} (`, query, ")");
  }

  /** One value: an aggregate, or the first row by a total order. */
  #scalar(type: Kind, outer: Scope, depth: number): Piece {
    const { draw } = this.#make;
    const relation = this.#table(draw.of(tables));
    const inner = this.#scope([relation], { ...outer, grouped: null, windows: false }, false);
    const where = draw.chance(0.7)
      ? optional(" where ", this.#make.expression("bool", inner, Math.min(depth, 1)))
      : nothing;
    const form = draw.below(3);
    if (form === 0) {
      const value = this.#make.expression(type, inner, 1);
      return piece(
        type,
        "(select ",
        value,
        " from ",
        relation.tree,
        where,
        ` order by ${relation.keys.join(", ")} limit 1)`,
      );
    }
    const grouped = { ...this.#scope([relation], emptyScope, false) };
    const value = this.#make.expression(type, { ...emptyScope, grouped, keys: [] }, 2);
    return piece(type, "(select ", value, " from ", relation.tree, where, " limit 1)");
  }

  #alias(letter: string): string {
    this.#aliases += 1;
    return `${letter}${this.#aliases}`;
  }
}
