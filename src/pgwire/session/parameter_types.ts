/**
 * Finds the types of a statement's parameters. DuckDB infers most; where it cannot, the type that the client declared is
 * written into the text as a cast, and failing that the first of a few common types with which the statement prepares.
 */
import type { Connection } from "../../engine/duckdb.ts";
import { type EngineColumn, EngineStatement, type OriginalPosition } from "../../engine/statement.ts";
import { arrayElementByOid, type ColumnType, fieldTypeOf } from "../types.ts";

/** Tried in this order for parameters of which nothing is known; text first, as PostgreSQL's `unknown` becomes text. */
const candidateTypes = [
  { duckdb: "VARCHAR", oid: 25, sample: "'a'" },
  { duckdb: "BIGINT", oid: 20, sample: "1" },
  { duckdb: "DOUBLE", oid: 701, sample: "1" },
  { duckdb: "TIMESTAMP", oid: 1114, sample: "'2000-01-01'" },
  { duckdb: "VARCHAR[]", oid: 1009, sample: "['a']" },
  { duckdb: "BIGINT[]", oid: 1016, sample: "[1]" },
  { duckdb: "DOUBLE[]", oid: 1022, sample: "[1]" },
] as const;

/** DuckDB SQL, and where its positions lie in what the client sent. */
export interface SourceText {
  readonly text: string;
  readonly originalPosition: OriginalPosition;
}

export interface TypedStatement {
  readonly statement: EngineStatement;
  /** One OID a parameter, never 0. */
  readonly parameterOids: readonly number[];
  /** null when they can be told only from the result. */
  readonly columns: readonly EngineColumn[] | null;
  /** The engine's number of each parameter, null for one that it does not have; absent when they are the same. */
  readonly nativeIndexes?: readonly (number | null)[];
}

/**
 * Prepares `source`; `declaredOids` are Parse's, 0 or missing where the client leaves the type open. The client's statement has
 * `parameterCount` parameters; those that the translation left out, because they change nothing, are numbered over.
 */
export async function prepareTyped(
  connection: Connection,
  source: SourceText,
  declaredOids: readonly number[],
  parameterCount: number,
): Promise<TypedStatement> {
  const used = usedParameters(source.text);
  if (used.length === parameterCount) return await prepareNumbered(connection, source, declaredOids);
  const text = replaceParameters(source.text, (index1) => `$${used.indexOf(index1) + 1}`);
  const typed = await prepareNumbered(
    connection,
    { ...source, text },
    used.map((index1) => declaredOids[index1 - 1] ?? 0),
  );
  const all = Array.from({ length: parameterCount }, (_, index) => index + 1);
  return {
    ...typed,
    parameterOids: all.map((index1) =>
      typed.parameterOids[used.indexOf(index1)] ?? ((declaredOids[index1 - 1] ?? 0) || 25)
    ),
    nativeIndexes: all.map((index1) => used.includes(index1) ? used.indexOf(index1) + 1 : null),
  };
}

/** The highest `$n` of a statement's text. */
export function parameterCountOf(text: string): number {
  return Math.max(0, ...usedParameters(text));
}

/** The numbers of the parameters in SQL text, each once, ascending. */
function usedParameters(text: string): readonly number[] {
  if (!text.includes("$")) return [];
  const found = new Set<number>();
  for (const match of text.matchAll(parameterPattern)) if (match[2] !== undefined) found.add(Number(match[2]));
  return [...found].sort((a, b) => a - b);
}

async function prepareNumbered(
  connection: Connection,
  source: SourceText,
  declaredOids: readonly number[],
): Promise<TypedStatement> {
  const { text, originalPosition } = source;
  let first: EngineStatement | null = null;
  let failure: unknown = null;
  try {
    first = await EngineStatement.prepare(connection, text, originalPosition);
    const typed = fullyTyped(first, declaredOids);
    if (typed !== null) return typed;
  } catch (error) {
    failure = error;
    if (!mentionsParameter(text)) throw error;
  }
  const open = first === null ? null : openParameters(first);
  for (const candidate of candidateTypes) {
    const casts = (index1: number, isCast: boolean): string | null => {
      if (isCast || (open !== null && !open.has(index1))) return null;
      const declared = declaredOids[index1 - 1] ?? 0;
      return declared === 0 ? candidate.duckdb : duckdbTypeOfOid(declared) ?? candidate.duckdb;
    };
    try {
      const statement = await EngineStatement.prepare(connection, castParameters(text, casts), originalPosition);
      // A table function's argument is bound only with a value, so a sample value shows whether the type fits.
      const columns = statement.columns() ?? await columnsWithSamples(connection, text, casts, candidate);
      first?.dispose();
      return {
        statement,
        columns,
        parameterOids: Array.from({ length: statement.parameterCount }, (_, index) => {
          const declared = declaredOids[index] ?? 0;
          if (declared !== 0) return declared;
          return inferredOid(statement, index + 1) ?? candidate.oid;
        }),
      };
    } catch {
      // The next candidate may fit; if none does, the first attempt's outcome stands.
    }
  }
  if (first === null) throw failure;
  return {
    statement: first,
    columns: first.columns(),
    parameterOids: Array.from({ length: first.parameterCount }, (_, index) => (declaredOids[index] ?? 0) || 25),
  };
}

/** The statement as it is when every parameter and column has a type; otherwise null. */
function fullyTyped(statement: EngineStatement, declaredOids: readonly number[]): TypedStatement | null {
  const parameterOids: number[] = [];
  for (let index = 0; index < statement.parameterCount; index++) {
    const inferred = inferredOid(statement, index + 1);
    if (inferred === null) return null;
    parameterOids.push((declaredOids[index] ?? 0) || inferred);
  }
  const columns = statement.columns();
  return statement.parameterCount > 0 && columns === null ? null : { statement, parameterOids, columns };
}

/** The columns with `sample` in place of each open parameter; throws when that cannot be prepared. */
async function columnsWithSamples(
  connection: Connection,
  text: string,
  typeOf: (index1: number, isCast: boolean) => string | null,
  candidate: { readonly duckdb: string; readonly sample: string } | null,
): Promise<readonly EngineColumn[] | null> {
  const probeText = replaceParameters(text, (index1, _whole, isCast) => {
    const type = typeOf(index1, isCast);
    // A sample of another type would be a conversion error, which aborts DuckDB's transaction.
    return type === null ? "NULL" : `CAST(${type === candidate?.duckdb ? candidate.sample : "NULL"} AS ${type})`;
  });
  const probe = await EngineStatement.prepare(connection, probeText);
  const columns = probe.columns();
  probe.dispose();
  return columns;
}

function inferredOid(statement: EngineStatement, index1: number): number | null {
  const type = statement.parameterType(index1);
  return type === null || type.name === "SQLNULL" ? null : fieldTypeOf(parameterColumn(type)).oid;
}

/** A parameter that is UINTEGER stands beside an OID of the catalog, as `$1::oid[]` of drivers. */
function parameterColumn(type: ColumnType): ColumnType {
  if (type.name === "UINTEGER") return { name: "UINTEGER", shownAs: "oid" };
  return type.name === "LIST" ? { name: "LIST", child: parameterColumn(type.child) } : type;
}

/** DuckDB's name of the types that clients declare for parameters; null leaves the type to be found. */
function duckdbTypeOfOid(oid: number): string | null {
  const element = arrayElementByOid(oid);
  if (element === undefined) return duckdbTypes.get(oid) ?? null;
  const type = duckdbTypes.get(element.oid);
  return type === undefined ? null : `${type}[]`;
}

const duckdbTypes: ReadonlyMap<number, string> = new Map([
  [16, "BOOLEAN"],
  [17, "BLOB"],
  [20, "BIGINT"],
  [21, "SMALLINT"],
  [23, "INTEGER"],
  [25, "VARCHAR"],
  [114, "JSON"],
  [700, "FLOAT"],
  [701, "DOUBLE"],
  [1042, "VARCHAR"],
  [1043, "VARCHAR"],
  [1082, "DATE"],
  [1083, "TIME"],
  [1114, "TIMESTAMP"],
  [1184, "TIMESTAMPTZ"],
  [1186, "INTERVAL"],
  [2950, "UUID"],
  [3802, "JSON"],
]);

function openParameters(statement: EngineStatement): Set<number> {
  const open = new Set<number>();
  for (let index1 = 1; index1 <= statement.parameterCount; index1++) {
    if (inferredOid(statement, index1) === null) open.add(index1);
  }
  return open;
}

/** Matches what may hold a `$n` that is none (literals, quoted names, comments, dollar quotes), and `$n` itself. */
const parameterPattern =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$([\p{L}_][\p{L}\p{N}_]*)?\$[\s\S]*?\$\1\$|\$(\d+)/gu;

function mentionsParameter(text: string): boolean {
  for (const match of text.matchAll(parameterPattern)) if (match[2] !== undefined) return true;
  return false;
}

/** Writes `CAST($n AS type)` for each parameter that `typeOf` gives a type. */
export function castParameters(text: string, typeOf: (index1: number, isCast: boolean) => string | null): string {
  return replaceParameters(text, (index1, whole, isCast) => {
    const type = typeOf(index1, isCast);
    return type === null ? whole : `CAST(${whole} AS ${type})`;
  });
}

/** Replaces each `$n` by the SQL text of its argument, in parentheses (EXECUTE). */
export function substituteParameters(text: string, argumentTexts: readonly string[]): string {
  return replaceParameters(text, (index1, whole) => {
    const argument = argumentTexts[index1 - 1];
    return argument === undefined ? whole : `(${argument})`;
  });
}

/** `isCast` says that the parameter stands in a cast of the statement's own, from which its type follows. */
function replaceParameters(
  text: string,
  replacement: (index1: number, whole: string, isCast: boolean) => string,
): string {
  return text.replace(
    parameterPattern,
    (whole: string, _tag: string | undefined, digits: string | undefined, offset: number) => {
      if (digits === undefined) return whole;
      const after = text.slice(offset + whole.length, offset + whole.length + 20);
      const isCast = /^\s*::/.test(after) ||
        (/^\s+AS\s/i.test(after) && /\bCAST\s*\(\s*$/i.test(text.slice(Math.max(0, offset - 20), offset)));
      return replacement(Number(digits), whole, isCast);
    },
  );
}
