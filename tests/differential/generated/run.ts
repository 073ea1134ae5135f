/**
 * A run of generated statements against PostgreSQL and Eider: seeded, bounded in number and time, each finding shrunk and put with
 * others of its shape.
 */
import { seededRandom } from "../../../src/sql/testing_random.ts";
import { makeChange } from "./changes.ts";
import { type Case, compare, isRefused, noAnswer, type Outcome } from "./compare.ts";
import { Draw, ExpressionMaker } from "./expressions.ts";
import { type Grammar, makeGrammar, readTopics } from "./grammar.ts";
import { knownReason } from "./known.ts";
import { QueryMaker } from "./queries.ts";
import { shrink, signatureOf } from "./shrink.ts";
import { setup } from "./tables.ts";
import { type Piece, render, rulesOf } from "./tree.ts";
import type pg from "pg";

export const grammar: Grammar = makeGrammar(readTopics());

export interface RunOptions {
  readonly firstSeed: number;
  /** Each statement has its own seed, from the first one on. */
  readonly count: number;
  readonly timeoutMs: number;
  /** Empty means all. */
  readonly topics: readonly string[];
  /** Findings beyond these are counted, not shrunk. */
  readonly findingsMax: number;
  /** Told of each statement before it runs. */
  readonly onStatement?: (seed: number, sql: string) => void;
  /** Told of each finding at once; the report has them all. */
  readonly onFinding?: (finding: Finding) => void;
}

export interface Finding {
  readonly seed: number;
  readonly shape: string;
  readonly sql: string;
  readonly outcome: Outcome;
}

export interface RunReport {
  readonly statements: number;
  /** What PostgreSQL said to those that it refused to plan. */
  readonly refusals: readonly string[];
  readonly failed: number;
  /** In a way that is not known. */
  readonly differing: number;
  /** How many differ for each known reason. */
  readonly known: ReadonlyMap<string, number>;
  readonly findings: readonly Finding[];
}

interface Generated {
  readonly tree: Piece;
  readonly changedTable: string | null;
}

/** The statement of a seed. */
export function generate(seed: number, chosen: readonly string[] = []): Generated {
  const draw = new Draw(seededRandom(seed * 7919));
  const make = new ExpressionMaker(grammar, draw, chosen);
  if (draw.chance(0.15)) {
    const { tree, table } = makeChange(make);
    return { tree, changedTable: table.name };
  }
  return { tree: new QueryMaker(make).statement(), changedTable: null };
}

/** Makes the tables that generated statements use, on an empty database. */
export async function prepare(client: pg.Client): Promise<void> {
  for (const sql of ["SET TimeZone = 'UTC'", "SET statement_timeout = '10s'", ...setup]) await client.query(sql);
}

export async function run(reference: pg.Client, client: pg.Client, options: RunOptions): Promise<RunReport> {
  const deadlineMs = performance.now() + options.timeoutMs;
  const findings: Finding[] = [];
  let statements = 0;
  const refusals: string[] = [];
  let failed = 0;
  let differing = 0;
  const known = new Map<string, number>();
  for (let seed = options.firstSeed; seed < options.firstSeed + options.count; seed++) {
    if (performance.now() > deadlineMs) break;
    const { tree, changedTable } = generate(seed, options.topics);
    const outcomeOf = (piece: Piece) => compare(reference, client, { sql: render(piece), changedTable } satisfies Case);
    options.onStatement?.(seed, render(tree));
    const outcome = await outcomeOf(tree);
    statements += 1;
    if (isRefused(outcome)) {
      refusals.push(`${outcome.expected.sqlstate} ${outcome.expected.message}: ${render(tree)}`);
      continue;
    }
    if (outcome.expected.sqlstate !== "") failed += 1;
    if (outcome.aspects.length === 0) continue;
    const reason = knownReason(outcome);
    if (reason !== null) {
      known.set(reason, (known.get(reason) ?? 0) + 1);
      continue;
    }
    differing += 1;
    if (findings.length >= options.findingsMax) continue;
    const signature = signatureOf(outcome);
    const simplest = (kind: string) => grammar.constants.get(kind)?.slice(0, 3) ?? [];
    if (outcome.actual.sqlstate === noAnswer) {
      findings.push({ seed, shape: signature, sql: render(tree), outcome });
      break;
    }
    const small = await shrink(tree, signature, simplest, outcomeOf);
    const smallOutcome = await outcomeOf(small);
    const shape = `${signatureOf(smallOutcome)} | ${rulesOf(small).join(" ; ")}`;
    const finding = { seed, shape, sql: render(small), outcome: smallOutcome };
    options.onFinding?.(finding);
    findings.push(finding);
    if (smallOutcome.actual.sqlstate === noAnswer) break;
  }
  return { statements, refusals, failed, differing, known, findings };
}
