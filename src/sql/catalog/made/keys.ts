/**
 * Keys, constraints and indexes. A PRIMARY KEY or UNIQUE has an index of its name, as in PostgreSQL. DuckDB keeps no name that a user gave to a
 * constraint, so all have those that PostgreSQL would choose.
 */
import { madeMemo } from "../memo/define.ts";
import type { MadeMemo } from "../memo/types.ts";
import {
  type ColumnType,
  constraintsOfDuckdb,
  createdIndexes,
  type OwnColumn,
  ownColumns,
  type OwnConstraint,
  ownTables,
  projectColumns,
  type Relation,
} from "./sources.ts";

/** Texts of a schema and a name, for maps. */
export const placeOf = (schema: string, name: string) => `${schema}\0${name}`;
/** Names are compared as DuckDB does, whatever their case. */
export const loweredPlaceOf = (schema: string, name: string) => placeOf(schema, name).toLowerCase();

/** The values in their order, by what `keyOf` says of them. */
export function grouped<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** By table. */
export const columnsByTable: MadeMemo<ReadonlyMap<string, readonly OwnColumn[]>> = madeMemo(
  "own columns by table",
  [ownColumns],
  (view) => grouped(view.lookUp(ownColumns), ({ schema, relation }) => placeOf(schema, relation)),
);

export interface IndexKey {
  /** A column's name, or an expression in parentheses. */
  readonly key: string;
  /** 0 for an expression. */
  readonly number: number;
  readonly type: ColumnType | null;
}

export interface OwnIndex extends Relation {
  readonly table: string;
  readonly isUnique: boolean;
  readonly isPrimary: boolean;
  /** Made by a constraint. */
  readonly isKey: boolean;
  /** In the letter case in which the user wrote the columns. */
  readonly keyNames: readonly string[];
  readonly keys: readonly IndexKey[];
}

/** A column that DuckDB writes with its table, `(t.a)`, when CREATE INDEX spells the table in another case. */
const qualifiedColumn = /^\((?:(?:"(?:[^"]|"")*"|[^."()\s]+)\.)+("(?:[^"]|"")*"|[^."()\s]+)\)$/;

/** A column's name as CREATE INDEX wrote it, without quotes; an expression as it is. */
function writtenKey(expression: string): string {
  const bare = expression.replace(qualifiedColumn, "$1");
  return bare.startsWith('"') ? bare.slice(1, -1).replaceAll('""', '"') : bare;
}

export function keyNameOf({ type, table, columns }: OwnConstraint): string {
  return type === "PRIMARY KEY" ? `${table}_pkey` : `${table}_${columns.join("_")}_key`;
}

const isKeyConstraint = ({ type }: OwnConstraint) => type === "PRIMARY KEY" || type === "UNIQUE";

/** Of own tables: those of CREATE INDEX, then those of keys. */
export const ownIndexes: MadeMemo<readonly OwnIndex[]> = madeMemo(
  "indexes of own tables",
  [createdIndexes, constraintsOfDuckdb, columnsByTable],
  (view) => {
    const columns = view.lookUp(columnsByTable);
    const keysOf = (schema: string, table: string, names: readonly string[]): IndexKey[] => {
      const known = columns.get(placeOf(schema, table)) ?? [];
      return names.map((name) => {
        const column = known.find((column) => column.name.toLowerCase() === name.toLowerCase());
        return { key: column?.name ?? name, number: column?.number ?? 0, type: column?.type ?? null };
      });
    };
    const created = view.lookUp(createdIndexes).map(({ schema, name, table, isUnique, expressions }): OwnIndex => {
      const keyNames = expressions.map(writtenKey);
      const keys = keysOf(schema, table, keyNames);
      return { schema, name, table, isUnique, isPrimary: false, isKey: false, keyNames, keys };
    });
    const ofKeys = view.lookUp(constraintsOfDuckdb).filter(isKeyConstraint).map((constraint): OwnIndex => {
      const { schema, table, type, columns: keyNames } = constraint;
      return {
        schema,
        name: keyNameOf(constraint),
        table,
        isUnique: true,
        isPrimary: type === "PRIMARY KEY",
        isKey: true,
        keyNames,
        keys: keysOf(schema, table, keyNames),
      };
    });
    return [...created, ...ofKeys];
  },
);

export interface NamedConstraint extends OwnConstraint {
  readonly name: string;
  /** pg_constraint.contype. */
  readonly kind: "p" | "u" | "c" | "f";
}

const kinds = { "PRIMARY KEY": "p", "UNIQUE": "u", "CHECK": "c", "FOREIGN KEY": "f" } as const;

/** The limit of a varchar(n) column is a CHECK in DuckDB (`translate/rewrite/statements/length_limit.ts`), and none in PostgreSQL. */
const lengthLimit = /^[(]?(len[(].+[)] <= [0-9]+|[0-9]+ >= len[(].+[)])[)]?$/;

function baseName(constraint: OwnConstraint): string {
  const { type, table, columns } = constraint;
  switch (type) {
    case "PRIMARY KEY":
    case "UNIQUE":
      return keyNameOf(constraint);
    case "FOREIGN KEY":
      return `${table}_${columns.join("_")}_fkey`;
    case "CHECK":
      return `${table}${columns.length === 1 ? `_${columns[0]}` : ""}_check`;
    default: {
      const never: never = type;
      throw new Error(`unknown constraint ${never}`);
    }
  }
}

/** All of own tables but NOT NULL, which PostgreSQL 16 does not list. A foreign key's table is in the same schema; DuckDB has no others. */
export const ownConstraints: MadeMemo<readonly NamedConstraint[]> = madeMemo(
  "constraints of own tables",
  [constraintsOfDuckdb, ownTables],
  (view) => {
    const tables = new Map(view.lookUp(ownTables).map(({ schema, name }) => [loweredPlaceOf(schema, name), name]));
    const all = view.lookUp(constraintsOfDuckdb).filter(({ type, expression }) =>
      type !== "CHECK" || !lengthLimit.test(expression ?? "")
    );
    const repetitions = new Map<string, number>();
    return all.toSorted((one, other) => one.index - other.index).map((constraint): NamedConstraint => {
      const base = baseName(constraint);
      const kind = kinds[constraint.type];
      const before = repetitions.get(placeOf(constraint.schema, base)) ?? 0;
      repetitions.set(placeOf(constraint.schema, base), before + 1);
      const written = constraint.referencedTable;
      return {
        ...constraint,
        kind,
        name: before === 0 || kind === "p" || kind === "u" ? base : `${base}${before}`,
        referencedTable: written === null ? null : tables.get(loweredPlaceOf(constraint.schema, written)) ?? written,
      };
    });
  },
);

export interface ProjectKey extends Relation {
  readonly table: string;
  readonly keys: readonly IndexKey[];
}

/** Primary keys of the project's tables. */
export const projectKeys: MadeMemo<readonly ProjectKey[]> = madeMemo(
  "keys of the project's tables",
  [projectColumns],
  (view) => {
    const columns = view.lookUp(projectColumns).filter(({ keyPosition }) => keyPosition !== null);
    const tables = grouped(columns, ({ schema, relation }) => placeOf(schema, relation));
    return [...tables.values()].map((keys): ProjectKey => {
      const { schema, relation } = keys[0]!;
      const ordered = keys.toSorted((one, other) => one.keyPosition! - other.keyPosition!);
      return {
        schema,
        name: `${relation}_pkey`,
        table: relation,
        keys: ordered.map(({ name, number, type }) => ({ key: name, number, type })),
      };
    });
  },
  "routines",
);
