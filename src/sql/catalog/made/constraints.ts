/** pg_index and pg_constraint: keys, foreign keys and checks of own tables, and the primary keys of project tables. */
import { shownSql } from "../functions/shown_sql.ts";
import { madePart } from "../memo/parts.ts";
import type { MadeRow } from "../memo/types.ts";
import { operatorClassOf } from "../relations/operator_classes.ts";
import type { CatalogRelation } from "../types.ts";
import { madeRelation } from "./define.ts";
import {
  grouped,
  type IndexKey,
  type NamedConstraint,
  ownConstraints,
  ownIndexes,
  placeOf,
  projectKeys,
} from "./keys.ts";
import { constraintOid, relationOid, schemaOid } from "./object_hash.ts";

/** pg_type.oid of text, which alone among the types of columns has a collation, pg_collation's `default`. */
const [text, textArray, defaultCollation] = [25, 1009, 100];

interface ShownIndex {
  readonly schema: string;
  readonly name: string;
  readonly table: string;
  readonly isUnique: boolean;
  readonly isPrimary: boolean;
  readonly keys: readonly IndexKey[];
}

function indexValues({ schema, name, table, isUnique, isPrimary, keys }: ShownIndex, database: string) {
  const types = keys.map(({ type }) => type?.builtInOid ?? text);
  const expressions = keys.filter(({ number }) => number === 0).map(({ key }) => key).join(", ");
  return {
    indexrelid: relationOid(schema, name),
    indrelid: relationOid(schema, table),
    indnatts: keys.length,
    indnkeyatts: keys.length,
    indisunique: isUnique,
    indisprimary: isPrimary,
    indimmediate: true,
    indisvalid: true,
    indisready: true,
    indislive: true,
    indkey: keys.map(({ number }) => number),
    indcollation: types.map((type) => type === text || type === textArray ? defaultCollation : 0),
    indclass: types.map(operatorClassOf),
    indoption: types.map(() => 0),
    indexprs: expressions === "" ? null : shownSql(expressions, database),
  };
}

const indexColumns = Object.keys(
  indexValues({ schema: "", name: "", table: "", isUnique: false, isPrimary: false, keys: [] }, ""),
);

interface ShownConstraint {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  readonly kind: NamedConstraint["kind"];
  readonly numbers: readonly number[];
  readonly expression: string | null;
  /** The index that keeps it, and of a foreign key the index of the key it refers to. */
  readonly index: string | null;
  readonly referenced: { readonly table: string; readonly numbers: readonly number[] | null } | null;
}

function constraintValues(constraint: ShownConstraint, database: string) {
  const { schema, table, name, kind, numbers, expression, index, referenced } = constraint;
  /** In PostgreSQL a blank, where the constraint is no foreign key. */
  const ofForeignKey = (value: string) => kind === "f" ? value : " ";
  return {
    oid: constraintOid(schema, table, name),
    conname: name,
    connamespace: schemaOid(schema),
    contype: kind,
    convalidated: true,
    conrelid: relationOid(schema, table),
    conindid: index === null ? 0 : relationOid(schema, index),
    confrelid: referenced === null ? 0 : relationOid(schema, referenced.table),
    confupdtype: ofForeignKey("a"),
    confdeltype: ofForeignKey("a"),
    confmatchtype: ofForeignKey("s"),
    conislocal: true,
    connoinherit: kind !== "c",
    conkey: numbers,
    confkey: referenced?.numbers ?? null,
    conbin: expression === null ? null : shownSql(expression, database),
  };
}

const constraintColumns = Object.keys(
  constraintValues({
    schema: "",
    table: "",
    name: "",
    kind: "p",
    numbers: [],
    expression: null,
    index: null,
    referenced: null,
  }, ""),
);

function shownConstraints(constraints: readonly NamedConstraint[]): ShownConstraint[] {
  const keys = grouped(
    constraints.filter(({ kind }) => kind === "p" || kind === "u"),
    ({ schema, table }) => placeOf(schema, table),
  );
  const lowered = (names: readonly string[]) => names.join("\0").toLowerCase();
  return constraints.map(({ schema, table, name, kind, numbers, expression, referencedTable, referencedColumns }) => {
    const target = kind !== "f" || referencedTable === null
      ? undefined
      : keys.get(placeOf(schema, referencedTable))?.find(({ columns }) =>
        lowered(columns) === lowered(referencedColumns)
      );
    return {
      schema,
      table,
      name,
      kind,
      numbers,
      expression,
      index: kind === "p" || kind === "u" ? name : target?.name ?? null,
      referenced: kind === "f" ? { table: referencedTable ?? "", numbers: target?.numbers ?? null } : null,
    };
  });
}

export const constraintRelations: readonly CatalogRelation[] = [
  madeRelation({
    name: "pg_index",
    columns: indexColumns,
    of: [ownIndexes, projectKeys],
    make: ({ lookUp, database }) => [
      ...lookUp(ownIndexes).map((index) => indexValues(index, database)),
      ...lookUp(projectKeys).map((key) => indexValues({ ...key, isUnique: true, isPrimary: true }, database)),
    ],
  }),
  madeRelation({
    name: "pg_constraint",
    columns: constraintColumns,
    of: [ownConstraints, projectKeys],
    make: ({ lookUp, database }) => [
      ...shownConstraints(lookUp(ownConstraints)).map((constraint) => constraintValues(constraint, database)),
      ...lookUp(projectKeys).map(({ schema, name, table, keys }) =>
        constraintValues({
          schema,
          table,
          name,
          kind: "p",
          numbers: keys.map(({ number }) => number),
          expression: null,
          index: name,
          referenced: null,
        }, database)
      ),
    ],
  }),
];

/**
 * SQL in parentheses: shown_schema, table_name, constraint_index, kind (contype), constraint_name, key (column numbers), column_names, expression,
 * referenced_table, referenced_names (in the letter case in which the user wrote them).
 */
export const constraintRows = `(${
  madePart(
    "own_constraints",
    [
      { name: "shown_schema", type: "VARCHAR" },
      { name: "table_name", type: "VARCHAR" },
      { name: "constraint_index", type: "BIGINT" },
      { name: "kind", type: "VARCHAR" },
      { name: "constraint_name", type: "VARCHAR" },
      { name: "key", type: "SMALLINT[]" },
      { name: "column_names", type: "VARCHAR[]" },
      { name: "expression", type: "VARCHAR" },
      { name: "referenced_table", type: "VARCHAR" },
      { name: "referenced_names", type: "VARCHAR[]" },
    ],
    "definitions",
    [ownConstraints],
    ({ lookUp }) => ({
      fixed: [],
      others: lookUp(ownConstraints).map((own): MadeRow => [
        own.schema,
        own.table,
        own.index,
        own.kind,
        own.name,
        own.numbers,
        own.columns,
        own.expression,
        own.referencedTable,
        own.referencedColumns,
      ]),
    }),
  )
})`;
