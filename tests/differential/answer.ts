/** What a server answers to one simple query, in a form that can be compared. */
import pg from "pg";
import type { Aspect } from "./statement_file.ts";

export interface Answer {
  /** "" for success. */
  readonly sqlstate: string;
  /** For the report only. */
  readonly message: string;
  readonly tag: string;
  readonly names: readonly string[];
  readonly types: readonly number[];
  readonly modifiers: readonly number[];
  /** Values as the text that was sent. */
  readonly rows: readonly (readonly (string | null)[])[];
}

const asText = { getTypeParser: () => (value: string) => value };

const empty: Answer = { sqlstate: "", message: "", tag: "", names: [], types: [], modifiers: [], rows: [] };

export async function ask(client: pg.Client, sql: string): Promise<Answer> {
  try {
    const result = await client.query<(string | null)[]>({ text: sql, rowMode: "array", types: asText });
    if (Array.isArray(result)) throw new Error(`more than one statement: ${sql}`);
    return answerOf(result);
  } catch (error) {
    return errorAnswer(error);
  }
}

function answerOf(result: pg.QueryArrayResult<(string | null)[]>): Answer {
  return {
    ...empty,
    tag: `${result.command} ${result.rowCount ?? ""}`.trim(),
    names: result.fields.map((field) => field.name),
    types: result.fields.map((field) => field.dataTypeID),
    modifiers: result.fields.map((field) => field.dataTypeModifier),
    rows: result.rows,
  };
}

/** Throws what is no error of the database. */
function errorAnswer(error: unknown): Answer {
  if (!(error instanceof pg.DatabaseError)) throw error;
  return { ...empty, sqlstate: error.code ?? "", message: error.message };
}

/** To a text that may hold several statements: an answer each, and the error's alone when one fails. */
export async function answersTo(client: pg.Client, sql: string): Promise<readonly Answer[]> {
  try {
    const result = await client.query<(string | null)[]>({ text: sql, rowMode: "array", types: asText });
    return (Array.isArray(result) ? result : [result]).map(answerOf);
  } catch (error) {
    return [errorAnswer(error)];
  }
}

/** The aspects in which two answers differ. After different outcomes nothing else is compared. */
export function differences(expected: Answer, actual: Answer): Aspect[] {
  if (expected.sqlstate !== actual.sqlstate) return ["sqlstate"];
  const compared: readonly Aspect[] = ["tag", "names", "types", "modifiers", "rows"];
  return compared.filter((aspect) => JSON.stringify(expected[aspect]) !== JSON.stringify(actual[aspect]));
}
