/**
 * For tests: runs the samples of `samples/*.tsv`, expressions with what PostgreSQL 15 answered, against DuckDB with our functions.
 *
 * A line is `expression TAB type TAB value`, both as PostgreSQL gave them; `error TAB sqlstate` where it refused; several rows are
 * joined by `; `. Where ours is different on purpose, a fourth and fifth field hold our type and value. `\N` is NULL. `SET x = y`
 * on a line of its own is a setting; `#` begins a comment.
 */
import duckdb from "@duckdb/node-bindings";
import type { Connection } from "../../engine/duckdb.ts";
import { columnTypeOf } from "../../engine/encode/column_type.ts";
import { translateEngineError } from "../../engine/engine_error.ts";
import { createRowEncoder } from "../../engine/encode/row_encoder.ts";
import { registerScalarFunction } from "../../engine/scalar_functions.ts";
import { MessageWriter } from "../../pgwire/codec/message_writer.ts";
import { fieldTypeOf, formatTypeName } from "../../pgwire/types.ts";
import { isKnownSqlstate } from "./errors.ts";
import { sqlFunctions } from "./mod.ts";

export interface Sample {
  readonly line: number;
  readonly expression: string;
  readonly expected: string;
  readonly isSetting: boolean;
}

/** Type and value in one text, `integer: 5` or `error: 22012`. */
export async function readSamples(name: string): Promise<Sample[]> {
  const text = await Deno.readTextFile(new URL(`samples/${name}.tsv`, import.meta.url));
  return text.split("\n").flatMap((line, index) => {
    if (line === "" || line.startsWith("#")) return [];
    const [expression, type, value, ownType, ownValue] = line.split("\t");
    return [{
      line: index + 1,
      expression: expression!,
      expected: ownType === undefined ? `${type}: ${value}` : `${ownType}: ${ownValue}`,
      isSetting: expression!.startsWith("SET "),
    }];
  });
}

/** Types of PostgreSQL that Eider shows as another one. */
const shownAs: Readonly<Record<string, string>> = {
  character: "text",
  "character varying": "text",
  jsonb: "json",
  name: "text",
  regtype: "text",
  void: "text",
};

/** Whether an answer is the one that PostgreSQL gave. An SQLSTATE that the catalogue of errors lacks arrives as 22000. */
export function isExpected(answer: string, expected: string): boolean {
  const wanted = expected.replace(/^[a-z" ]+(?=(?:\[\])?: )/, (type) => shownAs[type] ?? type);
  if (answer === wanted) return true;
  return answer === "error: 22000" && wanted.startsWith("error: ") && !isKnownSqlstate(wanted.slice(7));
}

export interface FunctionSession {
  /** `type: value` as a client would get them, or `error: sqlstate` (`error: text` of an error that is not ours). */
  evaluate(expression: string): Promise<string>;
  run(sql: string): Promise<void>;
  close(): void;
}

export async function openFunctionSession(): Promise<FunctionSession> {
  const database = await duckdb.open(":memory:");
  const connection = await duckdb.connect(database);
  for (const definition of sqlFunctions) {
    if (definition.kind === "javascript") registerScalarFunction(connection, definition);
  }
  const statements = [
    "SET integer_division=true",
    "SET default_null_order='nulls_last_on_asc_first_on_desc'",
    "SET TimeZone='UTC'",
    "SET errors_as_json=true",
    "ATTACH ':memory:' AS __eider",
    "CREATE SCHEMA __eider.pg",
    ...sqlFunctions.flatMap((entry) =>
      entry.kind === "macro" ? [`CREATE MACRO __eider.pg."${entry.name}"${entry.overloads.join(", ")}`] : []
    ),
  ];
  for (const statement of statements) {
    try {
      await duckdb.query(connection, statement);
    } catch (error) {
      throw new Error(`${String(error)}\nin: ${statement}`);
    }
  }
  const settings = { timeZone: "UTC" };
  return {
    evaluate: (expression) => evaluate(connection, asTranslated(expression), settings.timeZone),
    run: async (sql) => {
      const zone = /^SET TimeZone\s*=\s*'(.*)'$/i.exec(sql);
      if (zone !== null) settings.timeZone = zone[1]!;
      await duckdb.query(connection, sql);
    },
    close: () => {
      duckdb.disconnect_sync(connection);
      duckdb.close_sync(database);
    },
  };
}

const macroNames: ReadonlySet<string> = new Set(
  sqlFunctions.flatMap((entry) => entry.kind === "macro" ? [entry.name] : []),
);

/** What the translation does with a call or a type, as far as the samples need it. */
export function asTranslated(expression: string): string {
  return setsAsLists(expression)
    .replace(/'\\x([0-9a-f]*)'::bytea/g, "from_hex('$1')")
    .replace(
      /([Ee]?'(?:[^']|'')*')|__eider\.pg\."?\w+"?|(?<!::)(?:pg_catalog\.)?"?\b([a-z_][a-z0-9_]*)"?\s*\(|::\s*(numeric|jsonb)(?![\w(])/g,
      (whole, literal: string | undefined, name: string | undefined, type: string | undefined) => {
        if (type !== undefined) return type === "numeric" ? "::DECIMAL(38,10)" : "::JSON";
        if (literal !== undefined || name === undefined) return whole;
        return macroNames.has(name) ? `__eider.pg."${name}"(` : whole.replace("pg_catalog.", "");
      },
    );
}

const functionsOfRows =
  /^(?:generate_subscripts|regexp_matches|regexp_split_to_table|string_to_table|jsonb?_array_elements(?:_text)?|jsonb?_object_keys|jsonb_path_query)$/;

/** `f(…)` of a function that gives rows: `unnest(__f(…))`. */
function setsAsLists(expression: string): string {
  const call = /^([a-z_0-9]+)\(/.exec(expression);
  if (call === null || !functionsOfRows.test(call[1]!) || !macroNames.has(`__${call[1]}`)) return expression;
  let depth = 0;
  let inLiteral = false;
  for (let position = call[0].length - 1; position < expression.length; position++) {
    const character = expression[position];
    if (character === "'") inLiteral = !inLiteral;
    else if (!inLiteral && character === "(") depth++;
    else if (!inLiteral && character === ")" && --depth === 0) {
      return `unnest(__${expression.slice(0, position + 1)})${expression.slice(position + 1)}`;
    }
  }
  return expression;
}

async function evaluate(connection: Connection, expression: string, timeZone: string): Promise<string> {
  try {
    const result = await duckdb.query(connection, `SELECT ${expression}`);
    const type = columnTypeOf(duckdb.column_logical_type(result, 0));
    const encoder = createRowEncoder([type], [0], { timeZone, extraFloatDigits: 1 });
    const values: string[] = [];
    for (;;) {
      const chunk = await duckdb.fetch_chunk(result);
      const rowCount = chunk === null ? 0 : duckdb.data_chunk_get_size(chunk);
      if (chunk === null || rowCount === 0) break;
      for (let row = 0; row < rowCount; row++) {
        const writer = new MessageWriter(64);
        encoder.encodeChunk(chunk, row, row + 1, writer);
        values.push(onlyValue(writer.take()));
      }
    }
    return `${formatTypeName(fieldTypeOf(type).oid)}: ${values.join("; ")}`;
  } catch (error) {
    return `error: ${translateEngineError(error, expression).sqlstate}`;
  }
}

/** The value in a DataRow of one column. */
function onlyValue(bytes: Uint8Array): string {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getInt32(7);
  if (length < 0) return "\\N";
  return new TextDecoder().decode(bytes.subarray(11, 11 + length)).replaceAll("\\", "\\\\").replaceAll("\n", "\\n")
    .replaceAll("\t", "\\t");
}
