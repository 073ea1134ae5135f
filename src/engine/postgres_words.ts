/**
 * DuckDB's commonest messages in PostgreSQL's words, which analysts know and some tools look for. What DuckDB adds, such as
 * the names that it would know, stays as the hint. The messages are those of DuckDB 1.5.
 */
import { postgresTypeName } from "../sql/functions/type_name.ts";

type Wording = (match: readonly string[], statementText: string) => string | null;

const integerTypes: Readonly<Record<string, string>> = { INT16: "smallint", INT32: "integer", INT64: "bigint" };
/** DuckDB's words for the type of a constant. */
const constantTypes: Readonly<Record<string, string>> = { STRING_LITERAL: "unknown", INTEGER_LITERAL: "integer" };

const wordings: readonly (readonly [pattern: RegExp, words: Wording])[] = [
  [/^Referenced column "(.+)" (?:not found in FROM clause|was not found because)/, ([, name]) => missingColumn(name)],
  [/^Referenced update column (.+) not found in table/, ([, name]) => missingColumn(name)],
  [/^Table "(.+)" does not have a column named "(.+)"/, ([, table, name]) => `column ${table}.${name} does not exist`],
  [
    /^Table "(.+)" does not have a column with name "(.+)"/,
    ([, table, name]) => `column "${name}" of relation "${table}" does not exist`,
  ],
  [/^Referenced table "(.+)" not found/, ([, table]) => `missing FROM-clause entry for table "${table}"`],
  [/^Ambiguous reference to column name "(.+?)"/, ([, name]) => `column reference "${name}" is ambiguous`],
  [/^Ambiguous reference to table "(.+?)"/, ([, name]) => `table name "${name}" specified more than once`],
  [
    /^column "(.+)" must appear in the GROUP BY clause or must be part of an aggregate/,
    ([, name]) => `column "${name}" must appear in the GROUP BY clause or be used in an aggregate function`,
  ],
  [
    /^(Table|View|Sequence|Index|Schema|Type) with name "?(.+?)"? does not exist/,
    ([, object, name], text) => `${objectWord(object, text)} "${name}" does not exist`,
  ],
  [
    /^(Table|View|Sequence|Index|Schema|Type) with name "(.+)" already exists/,
    ([, object, name]) => `${isRelation(object) ? "relation" : object!.toLowerCase()} "${name}" already exists`,
  ],
  [/^Column with name (.+) already exists/, ([, name]) => `column "${name}" already exists`],
  // With fewer the statement is prepared again (`insert_columns.ts`).
  [
    /^table .+ has (\d+) columns but (\d+) values were supplied/,
    ([, columns, values]) =>
      Number(values) > Number(columns) ? "INSERT has more expressions than target columns" : null,
  ],
  [
    /^More than one row returned by a subquery/,
    () => "more than one row returned by a subquery used as an expression",
  ],
  [/^Overflow in \w+ of (INT\d+)/, ([, type]) => outOfRange(type)],
  [/^Type \w+ with value .* for the destination type (INT\d+)/, ([, type]) => outOfRange(type)],
  [
    /^(?:Scalar|Aggregate|Table) Function with name (\w+) does not exist/,
    ([, name]) => isOurs(name) ? null : `function ${name} does not exist`,
  ],
  [
    /^No function matches the given name and argument types '(.+?)\((.*)\)'/,
    ([, name, types]) => noSuchCall(name!, types!),
  ],
  [
    /^Could not choose a best candidate function for the function call "(.+?)\((.*)\)"/,
    ([, name, types]) =>
      isOurs(name) || !/^\w+$/.test(name!) ? null : `function ${name}(${shownTypes(types!)}) is not unique`,
  ],
];

/** The message itself when it has no better words. */
export function inPostgresWords(message: string, statementText: string): string {
  for (const [pattern, words] of wordings) {
    const match = pattern.exec(message);
    if (match !== null) return words(match, statementText) ?? message;
  }
  return message;
}

/** DuckDB's hint, or what its message said besides; empty where that would lead nobody further. */
export function usefulHint(message: string, hint: string): string {
  const choice = /\(use: (.+)\)$/.exec(message)?.[1];
  if (choice !== undefined) return `Write ${choice}.`;
  // A system object, which nobody has meant, and a setting that nobody may change.
  if (/^Did you mean "(?:pg_|information_schema\.|duckdb_|pragma_|sqlite_|__)|scalar_subquery_error/.test(hint)) {
    return "";
  }
  return hint.replace(/^Candidate bindings: : /, "Candidate bindings: ");
}

function missingColumn(name: string | undefined): string {
  return `column "${name}" does not exist`;
}

function outOfRange(type: string | undefined): string | null {
  const name = integerTypes[type ?? ""];
  return name === undefined ? null : `${name} out of range`;
}

function isRelation(object: string | undefined): boolean {
  return object === "Table" || object === "View" || object === "Sequence" || object === "Index";
}

/** What a statement that drops an object calls it; for every other one tables, views and sequences are relations. */
function objectWord(object: string | undefined, statementText: string): string {
  const isDrop = /^\s*drop\b/i.test(statementText);
  return !isDrop && isRelation(object) && object !== "Index" ? "relation" : object!.toLowerCase();
}

/** The translation's own functions, whose names nobody has written. */
function isOurs(name: string | undefined): boolean {
  return name === undefined || name.startsWith("__");
}

function noSuchCall(name: string, types: string): string | null {
  if (isOurs(name)) return null;
  if (/^\w+$/.test(name)) return `function ${name}(${shownTypes(types)}) does not exist`;
  const operands = shownTypes(types).split(", ");
  return `operator does not exist: ${operands.length === 2 ? operands.join(` ${name} `) : `${name} ${operands[0]}`}`;
}

/** `VARCHAR, DECIMAL(4,2)` as PostgreSQL names types. */
function shownTypes(types: string): string {
  return types.split(/, (?![^(]*\))/).map((type) => constantTypes[type] ?? postgresTypeName(type)).join(", ");
}
