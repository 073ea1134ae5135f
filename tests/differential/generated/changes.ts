/** Random INSERT, UPDATE, DELETE and MERGE on the small tables. The changed table is read afterwards. */
import { emptyScope, type ExpressionMaker, type Scope } from "./expressions.ts";
import { type Column, type Table, tables } from "./tables.ts";
import { items, nothing, optional, type Piece, piece } from "./tree.ts";

export interface Change {
  readonly tree: Piece;
  readonly table: Table;
}

/** json is compared by its own statements. */
const changed = tables.map((table) => ({
  ...table,
  columns: table.columns.filter((column) => column.type !== "jsonb"),
}));

export function makeChange(make: ExpressionMaker): Change {
  const { draw } = make;
  const table = draw.of(changed);
  switch (draw.below(6)) {
    case 0:
    case 1:
      return { table, tree: insert(make, table) };
    case 2:
    case 3:
      return { table, tree: update(make, table) };
    case 4:
      return { table, tree: remove(make, table) };
    default:
      return { table, tree: merge(make, table) };
  }
}

function named(columns: readonly Column[], alias: string): readonly Column[] {
  return columns.map((column) => ({ ...column, name: `${alias}.${column.name}` }));
}

function scopeOf(columns: readonly Column[]): Scope {
  return { ...emptyScope, columns };
}

function returning(make: ExpressionMaker, table: Table, alias: string): Piece {
  const { draw } = make;
  if (!draw.chance(0.5)) return nothing;
  const scope = scopeOf(named(table.columns, alias));
  const values = draw.times(1, 2, () => make.expression(draw.of(table.columns).type, scope, 1));
  return optional(" returning ", items(values));
}

function others(table: Table): readonly Column[] {
  return table.columns.filter((column) => column.name !== "id");
}

function insert(make: ExpressionMaker, table: Table): Piece {
  const { draw } = make;
  const columns = others(table).filter(() => draw.chance(0.6));
  const names = ["id", ...columns.map((column) => column.name)].join(", ");
  if (draw.chance(0.6)) {
    const rows = draw.times(1, 3, (at) => {
      const values = columns.map((column) =>
        draw.chance(0.1) ? piece("default", "default") : make.expression(column.type, emptyScope, 2)
      );
      return piece("row", `(${20 + at}`, ...values.flatMap((value) => [", ", value]), ")");
    });
    const tree = ["values ", items(rows)];
    return piece("change", `insert into ${table.name} (${names}) `, ...tree, returning(make, table, table.name));
  }
  const source = draw.of(tables);
  const scope = scopeOf(named(source.columns, "s"));
  const values = columns.flatMap((column) => [", ", make.expression(column.type, scope, 2)]);
  const where = optional(" where ", make.expression("bool", scope, 1));
  return piece(
    "change",
    `insert into ${table.name} (${names}) select 30 + s.id`,
    ...values,
    ` from ${source.name} as s`,
    where,
    returning(make, table, table.name),
  );
}

function assignments(make: ExpressionMaker, table: Table, scope: Scope): Piece {
  const { draw } = make;
  const columns = others(table).filter(() => draw.chance(0.4));
  const chosen = columns.length > 0 ? columns : others(table).slice(0, 1);
  return items(chosen.map((column) => {
    const value = draw.chance(0.1) ? "default" : make.expression(column.type, scope, 2);
    return piece("assignment", `${column.name} = `, value);
  }));
}

function update(make: ExpressionMaker, table: Table): Piece {
  const { draw } = make;
  const joins = draw.chance(0.35);
  const source = draw.of(tables);
  const own = named(table.columns, "t");
  const scope = scopeOf(joins ? [...own, ...named(source.columns, "s")] : own);
  const condition = make.expression("bool", scope, 2);
  // joined by key, so that no row is found twice
  const where = joins
    ? [` from ${source.name} as s where s.id = t.id and (`, condition, ")"]
    : [optional(" where ", condition)];
  const set = assignments(make, table, scope);
  return piece("change", `update ${table.name} as t set `, set, ...where, returning(make, table, "t"));
}

function remove(make: ExpressionMaker, table: Table): Piece {
  const { draw } = make;
  const source = draw.of(tables);
  const own = named(table.columns, "t");
  if (draw.chance(0.35)) {
    const scope = scopeOf([...own, ...named(source.columns, "s")]);
    const where = [" where ", make.expression("bool", scope, 2)];
    return piece(
      "change",
      `delete from ${table.name} as t using ${source.name} as s`,
      ...where,
      returning(make, table, "t"),
    );
  }
  const where = optional(" where ", make.expression("bool", scopeOf(own), 2));
  return piece("change", `delete from ${table.name} as t`, where, returning(make, table, "t"));
}

function merge(make: ExpressionMaker, table: Table): Piece {
  const { draw } = make;
  const source = draw.of(tables);
  const fromSource = scopeOf(named(source.columns, "s"));
  const both = scopeOf([...named(table.columns, "t"), ...fromSource.columns]);
  const matched = draw.of(["update", "delete", "nothing"]);
  const condition = optional(" and ", make.expression("bool", both, 1));
  const action = matched === "update"
    ? [" then update set ", assignments(make, table, both)]
    : [` then ${matched === "delete" ? "delete" : "do nothing"}`];
  const columns = others(table).slice(0, 2);
  const values = columns.flatMap((column) => [", ", make.expression(column.type, fromSource, 1)]);
  return piece(
    "change",
    `merge into ${table.name} as t using ${source.name} as s on t.id = s.id`,
    optional(" when matched", condition, ...action),
    optional(
      ` when not matched then insert (id, ${columns.map((column) => column.name).join(", ")}) values (s.id`,
      ...values,
      ")",
    ),
  );
}
