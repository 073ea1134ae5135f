/** Definitions as SQL text from kept rows: views, constraints, indexes, and the sequences of serial columns. */
import { lookupMemo, madeMemo } from "./define.ts";
import { AppError } from "../../../errors/app_error.ts";
import { viewDefinitions } from "../functions/definitions.ts";
import { quoteIdentifier } from "../functions/keywords.ts";
import { nameParts } from "../functions/name_syntax.ts";
import { shownSql } from "../functions/shown_sql.ts";
import { columnDefaults, columnNumbers } from "../made/attributes.ts";
import { type NamedConstraint, ownConstraints, ownIndexes, placeOf, projectKeys } from "../made/keys.ts";
import { constraintOid, relationOid } from "../made/object_hash.ts";
import { ownSequences } from "../made/sources.ts";
import { indexDefinition } from "../made/table_views.ts";
import { emulatedRelations } from "../relations/emulated.ts";
import { isVisible } from "./name_index.ts";
import { regclass, relationsMemo, schemasMemo } from "./object_names.ts";
import type { LookupFunction, MadeMemo, SessionView } from "./types.ts";

const viewsMemo = lookupMemo<ReadonlyMap<string, string | null>>(
  "definitions of views",
  viewDefinitions,
  (rows) => new Map(rows.map(([oid, definition]) => [oid!, definition ?? null])),
);

interface ConstraintDefinition {
  /** Of a foreign key: up to the other table's schema. */
  readonly before: string;
  /** Of a foreign key: the other table. */
  readonly referencedOid: number | null;
  readonly schema: string;
  readonly after: string;
}

const nameList = (names: readonly string[]) => `(${names.map(quoteIdentifier).join(", ")})`;
const whole = (before: string) => ({ before, referencedOid: null, schema: "", after: "" });

function constraintText(constraint: NamedConstraint, database: string): ConstraintDefinition {
  const { kind, columns, schema } = constraint;
  switch (kind) {
    case "p":
      return whole(`PRIMARY KEY ${nameList(columns)}`);
    case "u":
      return whole(`UNIQUE ${nameList(columns)}`);
    case "f": {
      const table = constraint.referencedTable ?? "";
      return {
        before: `FOREIGN KEY ${nameList(columns)} REFERENCES `,
        referencedOid: relationOid(schema, table),
        schema: quoteIdentifier(schema),
        after: `${quoteIdentifier(table)}${nameList(constraint.referencedColumns)}`,
      };
    }
    case "c":
      return whole(`CHECK (${shownSql(constraint.expression ?? "", database)})`);
    default: {
      const never: never = kind;
      throw new Error(`unknown constraint ${never}`);
    }
  }
}

const constraintsMemo: MadeMemo<ReadonlyMap<string, ConstraintDefinition>> = madeMemo(
  "definitions of constraints",
  [ownConstraints, projectKeys],
  ({ lookUp, database }) =>
    new Map([
      ...lookUp(ownConstraints).map((own) =>
        [String(constraintOid(own.schema, own.table, own.name)), constraintText(own, database)] as const
      ),
      ...lookUp(projectKeys).map(({ schema, table, name, keys }) =>
        [
          String(constraintOid(schema, table, name)),
          whole(`PRIMARY KEY ${nameList(keys.map(({ key }) => key))}`),
        ] as const
      ),
    ]),
);

interface IndexDefinition {
  readonly definition: string;
  readonly keys: readonly string[];
}

const indexesMemo: MadeMemo<ReadonlyMap<string, IndexDefinition>> = madeMemo(
  "definitions of indexes",
  [ownIndexes, projectKeys],
  ({ lookUp }) => {
    const found = new Map<string, IndexDefinition>();
    for (const index of lookUp(ownIndexes)) {
      // A key of CREATE INDEX is a column, or an expression in brackets of its own.
      const keys = index.keyNames.map((key) => !index.isKey && key.includes("(") ? key : quoteIdentifier(key));
      found.set(String(relationOid(index.schema, index.name)), { definition: indexDefinition(index, keys), keys });
    }
    for (const key of lookUp(projectKeys)) {
      const keys = key.keys.map((entry) => quoteIdentifier(entry.key));
      const definition = indexDefinition({ ...key, isUnique: true }, keys);
      found.set(String(relationOid(key.schema, key.name)), { definition, keys });
    }
    return found;
  },
);

/** Numbers of a relation's columns by name. */
export const columnsMemo = columnNumbers(emulatedRelations);

/** The sequence that `serial` made for a column: that of its default, if it is called as `serial` calls it. */
const serialsMemo: MadeMemo<ReadonlyMap<string, ReadonlyMap<string, string>>> = madeMemo(
  "sequences of serial columns",
  [columnDefaults, ownSequences],
  ({ lookUp }) => {
    const sequences = new Set(lookUp(ownSequences).map(({ schema, name }) => placeOf(schema, name)));
    const found = new Map<string, Map<string, string>>();
    for (const { schema, table, column, value } of lookUp(columnDefaults)) {
      const name = `${table}_${column}_seq`;
      if (!value.startsWith("nextval(") || !value.includes(name) || !sequences.has(placeOf(schema, name))) continue;
      const oid = String(relationOid(schema, table));
      const text = `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
      found.set(oid, (found.get(oid) ?? new Map<string, string>()).set(column, text));
    }
    return found;
  },
);

function constraintDefinition(view: SessionView, oid: bigint): string | null {
  const found = view.lookUp(constraintsMemo).get(String(oid));
  if (found === undefined) return null;
  if (found.referencedOid === null) return found.before + found.after;
  const relations = view.lookUp(relationsMemo);
  const referenced = relations.byOid.get(found.referencedOid);
  const isBare = referenced !== undefined && isVisible(referenced, relations, view);
  return `${found.before}${isBare ? "" : `${found.schema}.`}${found.after}`;
}

function serialSequence(view: SessionView, relation: string, column: string): string | null {
  const oid = String(regclass(view, relation));
  if (view.lookUp(columnsMemo).get(oid)?.has(column) !== true) {
    throw new AppError(
      "undefined_column",
      `column "${column}" of relation "${nameParts(relation)?.at(-1) ?? relation}" does not exist`,
    );
  }
  return view.lookUp(serialsMemo).get(oid)?.get(column) ?? null;
}

export const definitionLookups: readonly LookupFunction[] = [
  {
    name: "__eider_viewdef",
    parameters: ["BIGINT"],
    returns: "VARCHAR",
    memos: [viewsMemo],
    call: (view: SessionView, oid: bigint) => view.lookUp(viewsMemo).get(String(oid)) ?? null,
  },
  {
    name: "__eider_constraintdef",
    parameters: ["BIGINT"],
    returns: "VARCHAR",
    memos: [constraintsMemo, relationsMemo],
    call: constraintDefinition,
  },
  {
    /** The whole for key 0. */
    name: "__eider_indexdef",
    parameters: ["BIGINT", "BIGINT"],
    returns: "VARCHAR",
    memos: [indexesMemo],
    call: (view: SessionView, oid: bigint, key: bigint) => {
      const index = view.lookUp(indexesMemo).get(String(oid));
      if (index === undefined) return null;
      return key === 0n ? index.definition : index.keys[Number(key) - 1] ?? "";
    },
  },
  {
    name: "__eider_serial_sequence",
    parameters: ["VARCHAR", "VARCHAR"],
    returns: "VARCHAR",
    memos: [relationsMemo, schemasMemo, columnsMemo, serialsMemo],
    call: serialSequence,
  },
];
