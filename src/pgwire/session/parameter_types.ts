/**
 * Finds the types of a statement's parameters. DuckDB infers most; where it cannot, the type that the client declared is written into the
 * text as a cast, then that of the operand beside it, and failing that the first of a few common types with which the statement prepares.
 */
import type { Connection } from "../../engine/duckdb.ts";
import { type EngineColumn, EngineStatement, type OriginalPosition } from "../../engine/statement.ts";
import { type EnumTypes, hasEnum, withEnumOids } from "../../engine/enum_types.ts";
import { oidOfTypeName } from "../type_names.ts";
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
  /** The same statement with hints from which more types follow (`parameterProbe`), null when there is none. Never run. */
  readonly typeProbe: () => string | null;
}

/** A type given to an open parameter. */
interface GivenType {
  /** null: not written into the text, since the value itself brings its type, with its own scale. */
  readonly duckdb: string | null;
  readonly oid: number;
  /** A literal that has the type. */
  readonly sample: string;
}

/** Open parameters that are tried one by one; more of them get one type together. */
const triedSinglyMax = 8;

export interface TypedStatement {
  readonly statement: EngineStatement;
  /** One OID a parameter, never 0. */
  readonly parameterOids: readonly number[];
  /** null when they can be told only from the result. */
  readonly columns: readonly EngineColumn[] | null;
  /** The engine's number of each parameter, null for one that it does not have; absent when they are the same. */
  readonly nativeIndexes?: readonly (number | null)[];
  /** The analyst's enum types, where a parameter or column is of one. */
  readonly enums?: EnumTypes;
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
  const renumbered = (text: string) =>
    replaceParameters(text, (index1) => `$${used.includes(index1) ? used.indexOf(index1) + 1 : index1}`);
  const typeProbe = () => {
    const probe = source.typeProbe();
    return probe === null ? null : renumbered(probe);
  };
  const typed = await prepareNumbered(
    connection,
    { ...source, text: renumbered(source.text), typeProbe },
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

/** The same with the OIDs of enum types, which `enums` reads when there is one. */
export async function describeEnums(
  typed: TypedStatement,
  declaredOids: readonly number[],
  enums: () => Promise<EnumTypes>,
): Promise<TypedStatement> {
  const { statement, columns } = typed;
  const nativeOf = (index: number) =>
    typed.nativeIndexes === undefined ? index + 1 : typed.nativeIndexes[index] ?? null;
  const parameterTypes = typed.parameterOids.map((_, index) => {
    const native = nativeOf(index);
    const type = native === null ? null : statement.parameterType(native);
    return type !== null && hasEnum(type) ? type : null;
  });
  if (!parameterTypes.some((type) => type !== null) && columns?.some(({ type }) => hasEnum(type)) !== true) {
    return typed;
  }
  const known = await enums();
  return {
    ...typed,
    enums: known,
    parameterOids: typed.parameterOids.map((oid, index) => {
      const type = parameterTypes[index] ?? null;
      return type === null || (declaredOids[index] ?? 0) !== 0 ? oid : fieldTypeOf(withEnumOids(type, known)).oid;
    }),
    columns: columns?.map((column) => ({ ...column, type: withEnumOids(column.type, known) })) ?? null,
  };
}

/** The columns of a text that are integers of at most 32 bits, by index; none when it cannot be prepared. */
export async function integerColumns(connection: Connection, text: string | null): Promise<ReadonlySet<number>> {
  const statement = text === null ? null : await EngineStatement.prepare(connection, text).catch(() => null);
  if (statement === null) return new Set();
  const columns = statement.columns() ?? [];
  statement.dispose();
  return new Set(columns.flatMap(({ type }, index) => smallIntegers.has(type.name) ? [index] : []));
}

const smallIntegers: ReadonlySet<string> = new Set(["TINYINT", "UTINYINT", "SMALLINT", "USMALLINT", "INTEGER"]);

/** The highest `$n` of a statement's text. */
export function parameterCountOf(text: string): number {
  return Math.max(0, ...usedParameters(text));
}

/** The numbers of the parameters in SQL text, each once, ascending. */
export function usedParameters(text: string): readonly number[] {
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
  const open = usedParameters(text).filter((index1) => first === null || inferredOid(first, index1) === null);
  const attempt = (given: ReadonlyMap<number, GivenType>) =>
    prepareGiven(connection, source, declaredOids, given).catch(() => null);
  const siblings = await siblingTypes(connection, source, open, first !== null);
  for (const known of siblings.size === 0 ? [siblings] : [siblings, new Map<number, GivenType>()]) {
    const rest = open.filter((index1) => !known.has(index1));
    const alike = (type: GivenType) => new Map([...known, ...rest.map((index1) => [index1, type] as const)]);
    const [asText, ...others] = candidateTypes;
    let typed = await attempt(alike(asText));
    if (typed === null && rest.length > 1 && rest.length <= triedSinglyMax) {
      typed = await attempt(await typesOneByOne(connection, text, known, rest));
    }
    for (const candidate of rest.length === 0 ? [] : others) typed ??= await attempt(alike(candidate));
    if (typed === null) continue;
    first?.dispose();
    return typed;
  }
  if (first === null) throw failure;
  const statement = first;
  return {
    statement,
    columns: statement.columns(),
    parameterOids: Array.from({ length: statement.parameterCount }, (_, index) => (declaredOids[index] ?? 0) || 25),
  };
}

/** Prepares with a cast for each parameter that was given a type, the declared one if there is one. Throws when that does not fit. */
async function prepareGiven(
  connection: Connection,
  source: SourceText,
  declaredOids: readonly number[],
  given: ReadonlyMap<number, GivenType>,
): Promise<TypedStatement> {
  const typeOf = (index1: number, isCast: boolean): string | null => {
    const type = given.get(index1);
    if (isCast || type === undefined) return null;
    const declared = declaredOids[index1 - 1] ?? 0;
    return declared === 0 ? type.duckdb : duckdbTypeOfOid(declared) ?? type.duckdb;
  };
  const text = castParameters(source.text, typeOf);
  const statement = await EngineStatement.prepare(connection, text, source.originalPosition);
  try {
    // A table function's argument is bound only with a value, so a sample value shows whether the type fits.
    const columns = statement.columns() ?? await columnsWithSamples(connection, source.text, typeOf, given);
    const casts = castOids(source.text);
    return {
      statement,
      columns,
      parameterOids: Array.from({ length: statement.parameterCount }, (_, index) => {
        const index1 = index + 1;
        return (declaredOids[index] ?? 0) ||
          (inferredOid(statement, index1) ?? casts.get(index1) ?? given.get(index1)?.oid ?? 25);
      }),
    };
  } catch (error) {
    statement.dispose();
    throw error;
  }
}

/** The types that follow from what stands beside a parameter. `isPrepared`: the statement prepares without them. */
async function siblingTypes(
  connection: Connection,
  source: SourceText,
  open: readonly number[],
  isPrepared: boolean,
): Promise<Map<number, GivenType>> {
  const types = new Map<number, GivenType>();
  const probeText = open.length === 0 ? null : source.typeProbe();
  if (probeText === null) return types;
  const probe = await EngineStatement.prepare(connection, probeText).catch(() => null);
  if (probe === null) return types;
  for (const index1 of open) {
    const type = index1 > probe.parameterCount ? null : probe.parameterType(index1);
    const name = type === null ? null : duckdbTypeName(type);
    if (type === null || name === null) continue;
    // The column's scale is not the parameter's.
    const isNumeric = type.name === "DECIMAL" || (type.name === "LIST" && type.child.name === "DECIMAL");
    const duckdb = isNumeric && isPrepared ? null : name;
    types.set(index1, { duckdb, oid: fieldTypeOf(parameterColumn(type)).oid, sample: `CAST(NULL AS ${name})` });
  }
  probe.dispose();
  return types;
}

/** Gives each of the parameters the first type that fits while those after it are NULL. */
async function typesOneByOne(
  connection: Connection,
  text: string,
  known: ReadonlyMap<number, GivenType>,
  open: readonly number[],
): Promise<Map<number, GivenType>> {
  const decided = new Map(known);
  for (const index1 of open) {
    for (const candidate of candidateTypes) {
      decided.set(index1, candidate);
      if (await prepares(connection, withNulls(text, decided))) break;
    }
  }
  return decided;
}

async function prepares(connection: Connection, text: string): Promise<boolean> {
  try {
    (await EngineStatement.prepare(connection, text)).dispose();
    return true;
  } catch {
    return false;
  }
}

/** NULL of its type for each parameter that has one: no value is converted, as a failing conversion would abort the transaction. */
function withNulls(text: string, types: ReadonlyMap<number, GivenType>): string {
  return replaceParameters(text, (index1, _whole, isCast) => {
    const type = types.get(index1);
    return type === undefined || isCast ? "NULL" : `CAST(NULL AS ${type.duckdb ?? "DECIMAL(38,10)"})`;
  });
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

/** The columns with a sample in place of each open parameter; throws when that cannot be prepared. */
async function columnsWithSamples(
  connection: Connection,
  text: string,
  typeOf: (index1: number, isCast: boolean) => string | null,
  given: ReadonlyMap<number, GivenType>,
): Promise<readonly EngineColumn[] | null> {
  const probeText = replaceParameters(text, (index1, _whole, isCast) => {
    const type = given.get(index1);
    const duckdb = typeOf(index1, isCast) ?? (isCast ? null : type?.duckdb ?? null);
    // A sample of another type would be a conversion error, which aborts DuckDB's transaction.
    if (duckdb !== null) return `CAST(${duckdb === type?.duckdb ? type.sample : sampleOf(duckdb)} AS ${duckdb})`;
    return type === undefined || isCast ? "NULL" : type.sample;
  });
  const probe = await EngineStatement.prepare(connection, probeText);
  const columns = probe.columns();
  probe.dispose();
  return columns;
}

/** A value of a declared type. With NULL for its times DuckDB's generate_series gives timestamps, whatever kind of time the NULL is of. */
function sampleOf(duckdbType: string): string {
  return ["DATE", "TIMESTAMP", "TIMESTAMPTZ"].includes(duckdbType) ? "'2000-01-01'" : "NULL";
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

/** The name that DuckDB's CAST takes; null for a type that has none, such as an ENUM, or that no parameter has. */
function duckdbTypeName(type: ColumnType): string | null {
  switch (type.name) {
    case "DECIMAL":
      return `DECIMAL(${type.width},${type.scale})`;
    case "LIST": {
      const child = duckdbTypeName(type.child);
      return child === null ? null : `${child}[]`;
    }
    case "SQLNULL":
    case "ENUM":
    case "ARRAY":
    case "STRUCT":
    case "MAP":
    case "UNION":
      return null;
    default:
      return type.name;
  }
}

const castType =
  /^\s*(?:::|AS\s)\s*((?:double precision|character varying|(?:timestamp|time) with(?:out)? time zone|\w+)(?:\([\d, ]*\))?(?:\[\])?)/i;

/** PostgreSQL's types of the parameters that stand in a cast of the statement's own. */
function castOids(text: string): ReadonlyMap<number, number> {
  const oids = new Map<number, number>();
  replaceParameters(text, (index1, whole, isCast, after) => {
    const oid = isCast ? oidOfTypeName(castType.exec(after)?.[1] ?? "") : 0;
    if (oid !== 0) oids.set(index1, oid);
    return whole;
  });
  return oids;
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
  replacement: (index1: number, whole: string, isCast: boolean, after: string) => string,
): string {
  return text.replace(
    parameterPattern,
    (whole: string, _tag: string | undefined, digits: string | undefined, offset: number) => {
      if (digits === undefined) return whole;
      const after = text.slice(offset + whole.length, offset + whole.length + 40);
      const isCast = /^\s*::/.test(after) ||
        (/^\s+AS\s/i.test(after) && /\bCAST\s*\(\s*$/i.test(text.slice(Math.max(0, offset - 20), offset)));
      return replacement(Number(digits), whole, isCast, after);
    },
  );
}
