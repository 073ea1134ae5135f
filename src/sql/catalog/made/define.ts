/** How this folder writes down the rows of a relation: values by column name, of which PostgreSQL's shape makes a row. */
import { duckdbType, nothingValue } from "../relations/define.ts";
import { postgresRelations } from "../relations/postgres_columns.ts";
import type { CatalogRelation } from "../types.ts";
import { madePart } from "../memo/parts.ts";
import type { FoundMemo, MadeRow, MadeValue, MakerView, MemoChange } from "../memo/types.ts";

/** A column that is not named is NULL, or PostgreSQL's "nothing" where it cannot be. */
export type NamedValues = Readonly<Record<string, MadeValue>>;

export interface MadeRelation {
  readonly name: string;
  /** The columns that `make` gives; each row has them all. */
  readonly columns: readonly string[];
  readonly of: readonly FoundMemo[];
  readonly changes?: MemoChange;
  /** Rows that are always there, whatever is in the workspace. */
  readonly fixed?: (username: string) => readonly NamedValues[];
  make(view: MakerView): readonly NamedValues[];
}

/** Of a workspace at a time: after new credentials the old user's sessions may still be open. */
const usersMax = 4;

/** Throws when PostgreSQL's relation has no column of a given name, or a column that needs a value has none. */
export function madeRelation({ name, columns, of, changes, fixed, make }: MadeRelation): CatalogRelation {
  const shape = postgresRelations.get(name);
  if (shape === undefined) throw new Error(`PostgreSQL has no relation ${name}`);
  const unknown = columns.filter((column) => !shape.columns.some((known) => known.name === column));
  if (unknown.length > 0) throw new Error(`${name} has no column ${unknown.join(", ")}`);
  const defaults = shape.columns.map((column) => columns.includes(column.name) ? null : nothingValue(name, column));
  const rowOf = (values: NamedValues): MadeRow =>
    shape.columns.map((column, index) => {
      const value = values[column.name];
      return value === undefined ? defaults[index]! : value;
    });
  const fixedRows = new Map<string, readonly MadeRow[]>();
  const fixedFor = (anyUsername: string) => {
    // Most are the same for everybody.
    const username = fixed === undefined || fixed.length === 0 ? "" : anyUsername;
    let rows = fixedRows.get(username);
    if (rows === undefined) {
      if (fixedRows.size >= usersMax) fixedRows.clear();
      fixedRows.set(username, rows = (fixed?.(username) ?? []).map(rowOf));
    }
    return rows;
  };
  const types = shape.columns.map((column) => ({ name: column.name, type: duckdbType(column.type) }));
  const select = madePart(name, types, changes ?? "definitions", of, (view) => ({
    fixed: fixedFor(view.username),
    others: make(view).map(rowOf),
  }));
  return {
    schema: "pg_catalog",
    name,
    columns: shape.columns.map(({ name, type }) => ({ name, type })),
    select,
    kind: shape.kind,
  };
}
