/**
 * Errors of constraints with PostgreSQL's texts, details and object names. DuckDB names the columns of a key and a check's expression,
 * but neither the constraint nor, for a key, the table: both are found in its catalog, under the names that the emulated one shows.
 */
import { AppError, type ErrorObject } from "../errors/app_error.ts";
import type { ErrorKind } from "../errors/catalogue.ts";
import { ownConstraintRows, ownCreatedIndexes } from "../sql/catalog/relations/keys.ts";
import { readLengthLimit } from "../sql/translate/rewrite/statements/mod.ts";
import { type Connection, quoteLiteral, rows } from "./duckdb.ts";

/** A table as the statement names it; schema as PostgreSQL shows it. */
export interface TableName {
  readonly schema: string | null;
  readonly name: string;
}

interface Constraint {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  /** As pg_constraint.contype; `i` for an index without a constraint. */
  readonly kind: "p" | "u" | "c" | "f" | "i";
  readonly columns: readonly string[];
  readonly expression: string | null;
  readonly referencedTable: string | null;
  readonly referencedColumns: readonly string[];
}

const kinds: ReadonlySet<ErrorKind> = new Set([
  "unique_violation",
  "not_null_violation",
  "check_violation",
  "foreign_key_violation",
  "string_data_right_truncation",
]);

/** Whether `explainConstraintError` may have more to say. */
export function isConstraintError(error: AppError): boolean {
  return kinds.has(error.kind) && error.object === undefined;
}

/**
 * The same error in PostgreSQL's form, or as it was when the constraint cannot be told. `table` is what the statement changed; `schemas`
 * are those in which a bare name is looked for. The connection must be free and usable.
 */
export async function explainConstraintError(
  error: AppError,
  table: TableName,
  schemas: readonly string[],
  connection: Connection,
): Promise<AppError> {
  const known = await constraintsOf(connection, table, schemas);
  return describeViolation(error, table, known);
}

/** The pure part: what DuckDB said and what constraints there are. */
export function describeViolation(error: AppError, table: TableName, known: readonly Constraint[]): AppError {
  const { message } = error;
  const own = known.filter((constraint) => constraint.table.toLowerCase() === table.name.toLowerCase());
  const schema = own[0]?.schema ?? table.schema ?? "public";
  const name = own[0]?.table ?? table.name;
  const column = /^NOT NULL constraint failed: .*?([^.]+)$/.exec(message)?.[1];
  if (column !== undefined) {
    return violation(error, `null value in column "${column}" of relation "${name}" violates not-null constraint`, {
      schema,
      table: name,
      column,
    });
  }
  const check = /^CHECK constraint failed on table .* with expression CHECK\(([\s\S]*)\)$/.exec(message)?.[1];
  if (check !== undefined) {
    const limit = readLengthLimit(`CHECK(${check})`);
    if (limit !== null) return violation(error, tooLong(limit), {});
    const found = own.find(({ kind, expression }) => kind === "c" && expression === check);
    if (found === undefined) return error;
    return violation(error, `new row for relation "${name}" violates check constraint "${found.name}"`, {
      schema,
      table: name,
      constraint: found.name,
    });
  }
  const foreign = /^Violates foreign key constraint because key "([\s\S]*)" (does not exist|is still referenced)/.exec(
    message,
  );
  if (foreign !== null) return foreignKey(error, foreign[1]!, foreign[2] === "does not exist", name, known);
  const key = /^Duplicate key "([\s\S]*)" violates (primary key|unique) constraint/.exec(message);
  const unique = key === null
    ? onlyOne(own.filter(({ kind }) => kind === "p" || kind === "u" || kind === "i"))
    : uniqueOf(key[1]!, key[2] === "primary key", own) ??
      (own.length === 0 ? goneUnique(key[1]!, key[2] === "primary key", schema, name) : null);
  if (unique === null) return error;
  const values = key === null ? null : valuesOf(key[1]!, unique.columns);
  return violation(
    error,
    `duplicate key value violates unique constraint "${unique.name}"`,
    { schema, table: name, constraint: unique.name },
    values === null ? undefined : `Key (${unique.columns.join(", ")})=(${values.join(", ")}) already exists.`,
  );
}

function tooLong({ type, length }: { readonly type: string; readonly length: number }): string {
  return `value too long for type ${
    type === "char" || type === "bpchar" ? "character" : "character varying"
  }(${length})`;
}

function foreignKey(
  error: AppError,
  key: string,
  isMissing: boolean,
  name: string,
  known: readonly Constraint[],
): AppError {
  const same = (left: string | null) => left?.toLowerCase() === name.toLowerCase();
  const candidates = known.filter((constraint) =>
    constraint.kind === "f" && (isMissing ? same(constraint.table) : same(constraint.referencedTable)) &&
    (valuesOf(key, constraint.columns) ?? valuesOf(key, constraint.referencedColumns)) !== null
  );
  const found = onlyOne(candidates);
  if (found === null) return error;
  const values = (valuesOf(key, found.columns) ?? valuesOf(key, found.referencedColumns) ?? []).join(", ");
  const object = { schema: found.schema, table: found.table, constraint: found.name };
  return isMissing
    ? violation(
      error,
      `insert or update on table "${found.table}" violates foreign key constraint "${found.name}"`,
      object,
      `Key (${found.columns.join(", ")})=(${values}) is not present in table "${found.referencedTable}".`,
    )
    : violation(
      error,
      `update or delete on table "${name}" violates foreign key constraint "${found.name}" on table "${found.table}"`,
      object,
      `Key (${found.referencedColumns.join(", ")})=(${values}) is still referenced from table "${found.table}".`,
    );
}

function uniqueOf(key: string, isPrimary: boolean, own: readonly Constraint[]): Constraint | null {
  const fitting = own.filter(({ kind, columns }) =>
    (isPrimary ? kind === "p" : kind === "u" || kind === "i") && valuesOf(key, columns) !== null
  );
  return onlyOne(fitting);
}

/** Of a table that went with the transaction that made it: the names follow from the key, unless values hold commas and colons. */
function goneUnique(key: string, isPrimary: boolean, schema: string, table: string): Constraint | null {
  const columns = [...key.matchAll(/(?:^|, )([A-Za-z_]\w*): /g)].map((match) => match[1]!);
  if (columns.length === 0 || (key.match(/: /g)?.length ?? 0) !== columns.length) return null;
  const name = isPrimary ? `${table}_pkey` : `${table}_${columns.join("_")}_key`;
  const kind = isPrimary ? "p" : "u";
  return { schema, table, name, kind, columns, expression: null, referencedTable: null, referencedColumns: [] };
}

function onlyOne(constraints: readonly Constraint[]): Constraint | null {
  return constraints.length === 1 ? constraints[0]! : null;
}

/** The values in `a: 1, b: x` when it is a key of these columns. A value may hold anything, also commas and colons. */
function valuesOf(key: string, columns: readonly string[]): readonly string[] | null {
  const pattern = columns.map((column) => `${column.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}: ([\\s\\S]*)`).join(", ");
  return new RegExp(`^${pattern}$`, "i").exec(key)?.slice(1) ?? null;
}

function violation(error: AppError, message: string, object: ErrorObject, detail?: string): AppError {
  return new AppError(error.kind, message, { cause: error, object, ...(detail === undefined ? {} : { detail }) });
}

/** Those of the table, and foreign keys that refer to it. */
async function constraintsOf(
  connection: Connection,
  table: TableName,
  schemas: readonly string[],
): Promise<Constraint[]> {
  const name = quoteLiteral(table.name.toLowerCase());
  const found = await rows(
    connection,
    `SELECT shown_schema, table_name, constraint_name, kind, to_json(column_names), expression, referenced_table,
       to_json(referenced_names) FROM ${ownConstraintRows} AS own WHERE lower(table_name)=${name} OR lower(referenced_table)=${name}
     UNION ALL SELECT shown_schema, table_name, index_name, 'i', to_json(key_names), NULL, NULL, '[]'
       FROM ${ownCreatedIndexes} AS created WHERE is_unique AND lower(table_name)=${name}`,
  );
  const all = found.map((
    [schema, tableName, constraint, kind, columns, expression, referenced, referencedColumns],
  ) => ({
    schema: String(schema),
    table: String(tableName),
    name: String(constraint),
    kind: kind as Constraint["kind"],
    columns: namesOf(columns),
    expression: expression ?? null,
    referencedTable: referenced ?? null,
    referencedColumns: namesOf(referencedColumns),
  }));
  const places = table.schema === null ? schemas : [table.schema];
  const place = places.find((schema) => all.some((constraint) => constraint.schema === schema));
  return all.filter((constraint) => constraint.schema === place);
}

/** Expressions of an index stand in parentheses in DuckDB's list, and not in its messages. */
function namesOf(json: string | null | undefined): string[] {
  return (JSON.parse(json ?? "[]") as string[]).map((name) => /^\((.*)\)$/s.exec(name)?.[1] ?? name);
}
