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

export async function ask(client: pg.Client, sql: string): Promise<Answer> {
  const empty = { sqlstate: "", message: "", tag: "", names: [], types: [], modifiers: [], rows: [] };
  try {
    const result = await client.query<(string | null)[]>({ text: sql, rowMode: "array", types: asText });
    if (Array.isArray(result)) throw new Error(`more than one statement: ${sql}`);
    return {
      ...empty,
      tag: `${result.command} ${result.rowCount ?? ""}`.trim(),
      names: result.fields.map((field) => field.name),
      types: result.fields.map((field) => field.dataTypeID),
      modifiers: result.fields.map((field) => field.dataTypeModifier),
      rows: result.rows,
    };
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    return { ...empty, sqlstate: error.code ?? "", message: error.message };
  }
}

/** The aspects in which two answers differ. After different outcomes nothing else is compared. */
export function differences(expected: Answer, actual: Answer): Aspect[] {
  if (expected.sqlstate !== actual.sqlstate) return ["sqlstate"];
  const compared: readonly Aspect[] = ["tag", "names", "types", "modifiers", "rows"];
  return compared.filter((aspect) => JSON.stringify(expected[aspect]) !== JSON.stringify(actual[aspect]));
}
