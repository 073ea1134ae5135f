/**
 * One generated statement on both sides. What counts as a difference: SQLSTATE, tag, names, types and rows, as for the written
 * statements. The rows of a query without ORDER BY are compared as a multiset. Modifiers are left to the written statements.
 */
import { type Answer, ask, differences } from "../answer.ts";
import type { Aspect } from "../statement_file.ts";
import type pg from "pg";

/** A statement, and the table that it changes. */
export interface Case {
  readonly sql: string;
  readonly changedTable: string | null;
}

export interface Outcome {
  readonly expected: Answer;
  readonly actual: Answer;
  /** Empty where both answered alike. */
  readonly aspects: readonly (Aspect | "order" | "digits" | "table")[];
}

/**
 * PostgreSQL evaluates constants while it plans, and what a later condition would have filtered; Eider what a row needs. Without rows
 * both evaluate the same.
 */
function isUnneeded(expected: Answer, actual: Answer, sql: string): boolean {
  return expected.sqlstate.startsWith("22") && actual.sqlstate === "" && /\b(from|update|insert|merge)\b/.test(sql);
}

/** What PostgreSQL did not even plan tells about the grammar, not about Eider. */
export function isRefused(outcome: Outcome): boolean {
  return outcome.expected.sqlstate.startsWith("42") || outcome.expected.sqlstate.startsWith("0A");
}

/** Longer than the sessions' statement_timeout: who has not answered by then does not answer. */
const patienceMs = 40_000;

/** An answer that did not come has a SQLSTATE that no server gives; its session can be asked nothing more. */
export const noAnswer = "no answer";

async function askInTime(client: pg.Client, sql: string): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const message = `nothing in ${patienceMs} ms`;
  const late: Answer = { sqlstate: noAnswer, message, tag: "", names: [], types: [], modifiers: [], rows: [] };
  const timer = setTimeout(() => resolve(late), patienceMs);
  try {
    return await Promise.race([ask(client, sql), promise]);
  } finally {
    clearTimeout(timer);
  }
}

export async function compare(reference: pg.Client, client: pg.Client, { sql, changedTable }: Case): Promise<Outcome> {
  if (changedTable === null) return outcomeOf(await askInTime(reference, sql), await askInTime(client, sql), sql, "");
  const inside = async (side: pg.Client) => {
    await ask(side, "BEGIN");
    const answer = await askInTime(side, sql);
    if (answer.sqlstate === noAnswer) return { answer, table: answer };
    const table = await ask(side, `SELECT * FROM ${changedTable} ORDER BY id`);
    await ask(side, "ROLLBACK");
    return { answer, table };
  };
  const expected = await inside(reference);
  const actual = await inside(client);
  const outcome = outcomeOf(expected.answer, actual.answer, sql, "");
  if (outcome.aspects.length > 0) return outcome;
  const tables = outcomeOf(expected.table, actual.table, sql, "table");
  return tables.aspects.includes("rows") || tables.aspects.includes("digits") ? tables : outcome;
}

function outcomeOf(expected: Answer, actual: Answer, sql: string, context: "" | "table"): Outcome {
  if (isUnneeded(expected, actual, sql)) return { expected, actual, aspects: [] };
  const found = differences(expected, actual).filter((aspect) => aspect !== "modifiers");
  const aspects: Outcome["aspects"][number][] = [];
  for (const aspect of found) {
    if (aspect !== "rows") aspects.push(aspect);
    else if (!sameRows(expected, actual, String)) {
      aspects.push(sameRows(expected, actual, rounded) ? "digits" : "rows");
    } // rows whose values compare as equal may come in any order
  }
  if (context === "table" && aspects.length > 0) aspects.unshift("table");
  return { expected, actual, aspects };
}

function sameRows(expected: Answer, actual: Answer, shown: (value: string) => string): boolean {
  const sorted = (answer: Answer) =>
    JSON.stringify(
      answer.rows.map((row) => JSON.stringify(row.map((value) => value === null ? null : shown(value)))).sort(),
    );
  return sorted(expected) === sorted(actual);
}

/** Numbers in a text without what the last digits of an approximation say, and without trailing zeros. */
function rounded(value: string): string {
  return value.replaceAll(
    /-?\d+\.\d+(e[-+]?\d+)?|-?\d+e[-+]?\d+|-?\d{12,}/g,
    (number) => String(Number(Number(number).toPrecision(9))),
  );
}
