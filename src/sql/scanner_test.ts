import assert from "node:assert/strict";
import { DuckDBInstance } from "@duckdb/node-api";
import type { AppError } from "../errors/app_error.ts";
import { seededRandom } from "./testing_random.ts";
import { characterPosition, scanTokens, splitStatements } from "./scanner.ts";

const texts = (sql: string) => splitStatements(sql).map((piece) => piece.text);
const kindsAndValues = (sql: string) => scanTokens(sql).map((token) => `${token.kind}:${token.value}`);

Deno.test("splitStatements cuts at semicolons outside quotes, comments and dollar quotes only", () => {
  const samples: readonly [string, readonly string[]][] = [
    ["", []],
    [" \n\t ;; -- nothing\n /* ; */ ", []],
    ["select 1", ["select 1"]],
    ["select 1;", ["select 1"]],
    ["select 1; select 2 ;\n", ["select 1", "select 2"]],
    ["select ';'; select \";\"", ["select ';'", 'select ";"']],
    ["select 'it''s;'; select 2", ["select 'it''s;'", "select 2"]],
    ["select E'\\';'; select 2", ["select E'\\';'", "select 2"]],
    ["select '\\'; select 2", ["select '\\'", "select 2"]],
    ["select $$;$$; select $a$;$$;$a$", ["select $$;$$", "select $a$;$$;$a$"]],
    ["select 1 -- ;\n; select 2", ["select 1", "select 2"]],
    ["/* ; /* ; */ ; */ select 1", ["select 1"]],
    ["select a$$b; select 2", ["select a$$b", "select 2"]],
    ["select (1;2)", ["select (1", "2)"]],
    ["select E'a'\n'\\';'; select 2", ["select E'a'\n'\\';'", "select 2"]],
  ];
  for (const [sql, expected] of samples) assert.deepEqual(texts(sql), expected, sql);
});

Deno.test("offsets are UTF-16 units of the whole text, token offsets those of the statement", () => {
  const sql = "select '😀ž'; select b";
  const [, second] = splitStatements(sql);
  assert.equal(second!.offset, sql.indexOf("select b"));
  assert.deepEqual(second!.tokens.map((token) => [token.start, token.end]), [[0, 6], [7, 8]]);
  assert.equal(characterPosition(sql, second!.offset), second!.offset);
});

Deno.test("names lose their quotes and their case, strings keep theirs", () => {
  assert.deepEqual(kindsAndValues(`"Read""CSV" Ab 'x''Y' $$Z$$ 1.5e3 $1 ->`), [
    'quoted:read"csv',
    "word:ab",
    "string:x'Y",
    "string:Z",
    "number:1.5e3",
    "parameter:$1",
    "symbol:-",
    "symbol:>",
  ]);
  assert.deepEqual(kindsAndValues("1from .5e 1..2 1_000_a"), [
    "number:1",
    "word:from",
    "number:.5",
    "word:e",
    "number:1.",
    "number:.2",
    "number:1_000",
    "word:_a",
  ]);
});

Deno.test("a string that goes on after a comment is marked, one that goes on after a line break is not", () => {
  assert.equal(scanTokens("'a' -- c\n 'b'")[0]!.ambiguous, true);
  assert.equal(scanTokens("'a'\n 'b'")[0]!.ambiguous, undefined);
  assert.equal(scanTokens("'a' 'b'").length, 2);
});

Deno.test("unterminated texts, Unicode spaces outside quotes and U& are syntax errors with their position", () => {
  const samples: readonly [string, number][] = [
    ["select 'x", 8],
    ["select E'x\\'", 8],
    ['select "x', 8],
    ["select $a$ x $b$", 8],
    ["select 1 /* /* */", 10],
    ["select\u00a01", 7],
    ["sel\u200bect 1", 4],
    ["select '😀' U&'x'", 12],
    ["select $\u00a0$x$\u00a0$", 9],
  ];
  for (const [sql, position] of samples) {
    assert.throws(
      () => scanTokens(sql),
      (error: AppError) => error.kind === "syntax_error" && error.position === position,
      JSON.stringify(sql),
    );
  }
  assert.equal(scanTokens("select '\u00a0', \"\u200b\" /* \u00a0 */ -- \u00a0").length, 4);
});

Deno.test("a NUL and a lone surrogate are refused", () => {
  for (const sql of ["select 1\0; attach 'x'", "select '\ud800'"]) {
    assert.throws(() => scanTokens(sql), (error: AppError) => error.kind === "character_not_in_repertoire");
  }
});

Deno.test("the scanner refuses every character that the real DuckDB takes for a space and PostgreSQL does not", async () => {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  let spaces = 0;
  for (let code = 0x80; code <= 0xffff; code++) {
    // Letters of one kind behave alike: every block's punctuation and the whole of the symbol area is enough.
    if ((code >= 0x3400 && code < 0xfe00) || (code > 0x600 && code < 0x1680)) continue;
    const sql = `select${String.fromCharCode(code)}1`;
    const accepted = await connection.extractStatements(sql).then(() => true, () => false);
    if (!accepted) continue;
    spaces++;
    assert.throws(() => scanTokens(sql), `U+${code.toString(16)}`);
  }
  assert.ok(spaces >= 18);
  connection.closeSync();
  instance.closeSync();
});

Deno.test("the scanner finds at least as many statements as the real DuckDB in random texts", async () => {
  const fragments = `' '' E' \\ \\' " "" $$ $t$ $1 -- /* */ ; a 1 1e _ + * / x' b' u & . , ( ) é 1_0 E`.split(" ")
    .concat(["\n", "\r", " ", "\t", "select 1", " as b", "from t", ";select 2"]);
  const random = seededRandom(7);
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  let compared = 0;
  for (let round = 0; round < 6_000; round++) {
    let sql = "select ";
    const count = 1 + Math.floor(random() * 10);
    for (let index = 0; index < count; index++) sql += fragments[Math.floor(random() * fragments.length)];
    const theirs = await connection.extractStatements(sql).then((statements) => statements.count, () => null);
    if (theirs === null) continue;
    compared++;
    assert.ok(splitStatements(sql).length >= theirs, JSON.stringify(sql));
  }
  assert.ok(compared > 300, String(compared));
  connection.closeSync();
  instance.closeSync();
});
