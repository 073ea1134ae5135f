/**
 * What is printed means what was parsed: PostgreSQL's own parser reads the printed text back into the same tree, for all that
 * DuckDB writes as PostgreSQL does; and DuckDB prepares each text over real tables.
 */
import assert from "node:assert/strict";
import { seededRandom } from "../../testing_random.ts";
import type { PgNode } from "../../pg_parser.ts";
import { printExpression, printStatement } from "./mod.ts";
import { sampleStatements as statements } from "./testing_statements.ts";
import { comparable, openSampleDatabase, parseExpression, parseStatement } from "./testing_samples.ts";

Deno.test("a printed statement parses into the tree that it was printed from", () => {
  for (const sql of statements) {
    const tree = parseStatement(sql);
    const printed = printStatement(tree);
    assert.ok(printed !== null, sql);
    assert.deepEqual(comparable(parseStatement(printed.text)), comparable(tree), printed.text);
  }
});

Deno.test("DuckDB prepares a printed statement", async () => {
  await using database = await openSampleDatabase();
  for (const sql of statements) {
    const { text } = printStatement(parseStatement(sql))!;
    await database.prepare(text).catch((error) => assert.fail(`${error}\nin: ${text}`));
  }
});

Deno.test("what was printed prints the same again", () => {
  for (const sql of statements) {
    const text = printStatement(parseStatement(sql))!.text;
    assert.equal(printStatement(parseStatement(text))?.text, text);
  }
});

const binary = ["+", "-", "*", "/", "%", "^", "||", "=", "<>", "<", "<=", "&", "|", "<<", "->", "->>", "@>", "~", "^@"];

/** A random expression in brackets throughout, so that its tree is the one that was drawn. */
function randomExpression(random: () => number, depth: number): string {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  const part = () => `(${randomExpression(random, depth - 1)})`;
  if (depth <= 0) return pick(["a", "b", "1", "-1", "1.5", "'x'", "null", "$1", "true", "t.c", "f(a)", "f()"]);
  return pick<() => string>([
    () => `${part()} ${pick(binary)} ${part()}`,
    () => `${part()} ${pick(binary)} ${part()}`,
    () => `${part()} ${pick(binary)} ${part()}`,
    () => `${part()} ${pick(["AND", "OR"])} ${part()}`,
    () => `${part()} ${pick(["AND", "OR"])} ${part()}`,
    () => `NOT ${part()}`,
    () => `- ${part()}`,
    () => `+ ${part()}`,
    () => `~ ${part()}`,
    () => `${part()} IS ${pick(["NULL", "NOT NULL", "TRUE", "NOT FALSE", "UNKNOWN"])}`,
    () => `${part()} IS ${pick(["DISTINCT", "NOT DISTINCT"])} FROM ${part()}`,
    () => `${part()} ${pick(["IN", "NOT IN"])} (${part()}, ${part()})`,
    () => `${part()} ${pick(["BETWEEN", "NOT BETWEEN"])} ${part()} AND ${part()}`,
    () => `${part()} ${pick(["LIKE", "NOT ILIKE"])} ${part()} ESCAPE '!'`,
    () => `CASE WHEN ${part()} THEN ${part()} ELSE ${part()} END`,
    () => `CAST(${part()} AS ${pick(["INTEGER", "VARCHAR", "NUMERIC(5,2)"])})`,
    () => `${part()} COLLATE "C"`,
    () => `${part()}[${part()}]`,
    () => `${part()} AT TIME ZONE ${part()}`,
    () => `coalesce(${part()}, ${part()})`,
    () => `${part()} = ANY (${part()})`,
    () => `(SELECT ${part()})`,
    () => `${part()} IN (SELECT ${part()})`,
  ])();
}

Deno.test("brackets stand where they are needed: random expressions parse into the tree that they were printed from", () => {
  const random = seededRandom(20_261_121);
  for (let index = 0; index < 3_000; index++) {
    const tree = parseExpression(randomExpression(random, 1 + (index % 4)));
    const text = printExpression(tree);
    assert.ok(text !== null);
    assert.deepEqual(comparable(parseExpression(text)), comparable(tree), text);
  }
});

/** DuckDB's own tree of an expression, without where it stands. */
async function duckdbTree(rows: (sql: string) => Promise<string[]>, expression: string): Promise<string> {
  const [tree] = await rows(`SELECT json_serialize_sql('SELECT ${expression.replaceAll("'", "''")}')`);
  return tree!.replaceAll(/"query_location":\d+/g, "");
}

Deno.test("DuckDB reads a printed expression as it reads one with all brackets", async () => {
  await using database = await openSampleDatabase();
  const random = seededRandom(7);
  let compared = 0;
  for (let index = 0; index < 1_000; index++) {
    const bracketed = randomExpression(random, 1 + (index % 4));
    // a sign before a number becomes part of it, and a subquery that gives an array is printed as a call
    if (/[-+] \(-?\d|ANY \(\(SELECT/.test(bracketed)) continue;
    const text = printExpression(parseExpression(bracketed))!;
    assert.equal(await duckdbTree(database.rows, text), await duckdbTree(database.rows, bracketed), text);
    compared++;
  }
  assert.ok(compared > 600, `${compared} compared`);
});

/** Every tree within a tree. */
function* nodesOf(value: unknown): Iterable<PgNode> {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield value as PgNode;
  for (const item of Object.values(value)) yield* nodesOf(item);
}

Deno.test("places ascend, and each names a byte where a node of the source stands", () => {
  for (const sql of statements) {
    const tree = parseStatement(sql);
    const locations = new Set([...nodesOf(tree)].map((node) => node["location"] ?? 0));
    let before = -1;
    for (const { printed, original } of printStatement(tree)!.places) {
      assert.ok(printed > before, sql);
      assert.ok(locations.has(original), sql);
      before = printed;
    }
  }
});
