import assert from "node:assert/strict";
import { functionNameText, literalText, nameText, qualifiedName, typeNameText } from "./identifiers.ts";
import { printStatement } from "./mod.ts";
import { openSampleDatabase, parseStatement } from "./testing_samples.ts";
import { Unprintable } from "./tree.ts";

const names: readonly (readonly [string, string])[] = [
  ["a", "a"],
  ["_a1", "_a1"],
  ["name", "name"],
  ["value", "value"],
  ["Upper", '"Upper"'],
  ["with space", '"with space"'],
  ['quo"te', '"quo""te"'],
  ["1a", '"1a"'],
  ["a$b", '"a$b"'],
  ["ü", '"ü"'],
  ["a.b", '"a.b"'],
  ["*", '"*"'],
  ["select", '"select"'],
  ["left", '"left"'],
  ["pivot", '"pivot"'],
  ["qualify", '"qualify"'],
  ["user", '"user"'],
  ["current_date", '"current_date"'],
];

Deno.test("nameText quotes what is not a plain lower case word, and words of either grammar", () => {
  for (const [name, expected] of names) assert.equal(nameText(name), expected);
  assert.equal(qualifiedName(undefined, "main", "Big Table"), 'main."Big Table"');
  assert.equal(qualifiedName("__eider", "pg", "pg_class"), "__eider.pg.pg_class");
});

Deno.test("functionNameText leaves the names of DuckDB's functions bare", () => {
  assert.equal(functionNameText(["lower"]), "lower");
  assert.equal(functionNameText(["left"]), "left");
  assert.equal(functionNameText(["main", "left"]), 'main."left"');
  assert.equal(functionNameText(["__eider", "pg", "to_char"]), "__eider.pg.to_char");
  assert.equal(functionNameText(["coalesce"]), '"coalesce"');
  assert.equal(functionNameText(["select"]), '"select"');
});

Deno.test("literalText doubles quotes and leaves everything else", () => {
  assert.equal(literalText("it's \\n \n"), "'it''s \\n \n'");
  assert.throws(() => literalText("\0"), Unprintable);
  assert.throws(() => nameText("\0"), Unprintable);
  assert.throws(() => nameText(""), Unprintable);
});

Deno.test("every keyword of DuckDB can be the name of a column, table, alias and window", async () => {
  await using database = await openSampleDatabase();
  const words = await database.rows("SELECT keyword_name FROM duckdb_keywords() ORDER BY 1");
  assert.ok(words.length > 400);
  const columns = words.map((word) => `${nameText(word)} INTEGER`).join(", ");
  await database.rows(`CREATE TABLE keywords (${columns})`);
  await database.rows(`INSERT INTO keywords VALUES (${words.map((_, index) => index).join(", ")})`);
  const targets = words.map((word) => `keywords.${nameText(word)} + ${nameText(word)} AS ${nameText(word)}`).join(", ");
  const [row] = await database.rows(`SELECT ${targets} FROM keywords`);
  assert.deepEqual(row?.split("|").map(Number), words.map((_, index) => index * 2));
  for (const word of words) {
    const name = nameText(word);
    const sql = `WITH ${name}(${name}) AS (SELECT 7) SELECT sum(x.${name}) OVER ${name} FROM ${name} AS x(${name}) ` +
      `WINDOW ${name} AS (ORDER BY x.${name})`;
    assert.deepEqual(await database.rows(sql), ["7"], sql);
  }
});

/** Their calls are DuckDB's own grammar (`if(a, b, c)`, `unpack(*)`), with or without quotes. */
const grammarFunctions: ReadonlySet<string> = new Set(["if", "unpack", "columns", "try_cast"]);

Deno.test("every keyword of DuckDB can be the name of a function and of its argument", async () => {
  await using database = await openSampleDatabase();
  const words = await database.rows("SELECT keyword_name FROM duckdb_keywords() ORDER BY 1");
  for (const word of words) {
    if (grammarFunctions.has(word)) continue;
    const name = functionNameText(["main", word]);
    const argument = typeNameText([word]);
    await database.rows(`CREATE MACRO ${name}(a_, ${argument} := 1) AS a_ + ${nameText(word)}`);
    assert.deepEqual(await database.rows(`SELECT ${name}(3, ${argument} := 4)`), ["7"], word);
    await database.rows(`DROP MACRO ${name}`);
  }
});

Deno.test("every keyword of DuckDB that is no type of its own can be the name of a type", async () => {
  await using database = await openSampleDatabase();
  const words = await database.rows("SELECT keyword_name FROM duckdb_keywords() ORDER BY 1");
  let tried = 0;
  for (const word of words) {
    const name = typeNameText([word]);
    const isTaken = await database.prepare(`SELECT NULL::"${word}"`).then(
      () => true,
      (error) => !/does not exist/.test(error),
    );
    if (isTaken) continue;
    await database.rows(`CREATE TYPE ${name} AS ENUM ('x')`);
    assert.deepEqual(await database.rows(`SELECT CAST('x' AS ${name})`), ["x"], word);
    await database.rows(`DROP TYPE ${name}`);
    tried++;
  }
  assert.ok(tried > 400, `${tried} tried`);
});

Deno.test("every keyword as a name keeps a statement's meaning in PostgreSQL's grammar too", async () => {
  await using database = await openSampleDatabase();
  const words = await database.rows("SELECT keyword_name FROM duckdb_keywords() ORDER BY 1");
  for (const word of words) {
    const sql = `SELECT x."${word}" AS "${word}" FROM "${word}"."${word}" AS x`;
    const text = printStatement(parseStatement(sql))!.text;
    assert.equal(printStatement(parseStatement(text))?.text, text);
  }
});
