import assert from "node:assert/strict";
import { AppError } from "../../errors/app_error.ts";
import { parsePostgres } from "../pg_parser.ts";
import { loadPolicyParser, type ParsedStatement, parseStatements, type StatementAction } from "./mod.ts";
import { cacheStats } from "./parse.ts";
import { cacheBytesMax, cacheTextsMax } from "./statement_cache.ts";

await loadPolicyParser();

function one(sql: string): ParsedStatement {
  const statements = parseStatements(sql);
  assert.equal(statements.length, 1, sql);
  return statements[0]!;
}

/** The action without the parsed inner statement, and with only what is asked of copy options. */
function action(sql: string): Record<string, unknown> {
  const { statement: _, ...rest } = one(sql).action as StatementAction & { statement?: unknown };
  return rest;
}

Deno.test("an empty text and one of comments have no statements", () => {
  for (const sql of ["", ";", " -- x\n", "/* a */;;"]) assert.deepEqual(parseStatements(sql), []);
});

Deno.test("kind, tag, rows, writes and dialect", () => {
  const samples: readonly [string, string, string, boolean | "unknown", boolean, "postgresql" | "duckdb"][] = [
    ["select 1", "select", "SELECT", true, false, "postgresql"],
    ["from t", "select", "SELECT", true, false, "duckdb"],
    ["values (1)", "select", "SELECT", true, false, "postgresql"],
    ["with a as (select 1) select * from a", "select", "SELECT", true, false, "postgresql"],
    ["with a as (delete from t returning 1) select * from a", "select", "SELECT", true, true, "postgresql"],
    ["insert into t values (1)", "insert", "INSERT", false, true, "postgresql"],
    ["insert into t values (1) returning a", "insert", "INSERT", true, true, "postgresql"],
    ["insert or replace into t values (1) returning a", "insert", "INSERT", true, true, "duckdb"],
    ["update t set a = 1", "update", "UPDATE", false, true, "postgresql"],
    ["delete from t returning *", "delete", "DELETE", true, true, "postgresql"],
    ["merge into t using u on true when matched then delete", "merge", "MERGE", false, true, "postgresql"],
    ["truncate t", "truncate", "TRUNCATE TABLE", false, true, "postgresql"],
    ["create table t (a int)", "create", "CREATE TABLE", false, true, "postgresql"],
    ["create temp table t (a int)", "create", "CREATE TABLE", false, false, "postgresql"],
    ["create table t as select 1", "create_table_as", "SELECT", false, true, "postgresql"],
    ["create or replace table t as from u", "create_table_as", "SELECT", false, true, "duckdb"],
    ["create view v as select 1", "create", "CREATE VIEW", false, true, "postgresql"],
    ["create macro m() as 1", "create", "CREATE FUNCTION", false, true, "duckdb"],
    ["drop table t", "drop", "DROP TABLE", false, true, "postgresql"],
    ["drop macro table m", "drop", "DROP FUNCTION", false, true, "duckdb"],
    ["alter table t add a int", "alter", "ALTER TABLE", false, true, "postgresql"],
    ["alter table t rename a to b", "alter", "ALTER TABLE", false, true, "postgresql"],
    ["comment on table t is 'x'", "comment", "COMMENT", false, true, "postgresql"],
    ["explain delete from t", "explain", "EXPLAIN", true, false, "postgresql"],
    ["explain analyze delete from t", "explain", "EXPLAIN", true, true, "postgresql"],
    ["explain (analyze) delete from t", "explain", "EXPLAIN", true, true, "postgresql"],
    ["explain analyze from t", "explain", "EXPLAIN", true, false, "duckdb"],
    ["summarize t", "describe", "SELECT", true, false, "duckdb"],
    ["execute p(1)", "prepared", "EXECUTE", "unknown", false, "postgresql"],
    ["show timezone", "show", "SHOW", true, false, "postgresql"],
  ];
  for (const [sql, kind, tag, returnsRows, writes, dialect] of samples) {
    const statement = one(sql);
    const found = [statement.kind, statement.tag, statement.returnsRows, statement.writes, statement.dialect];
    assert.deepEqual(found, [kind, tag, returnsRows, writes, dialect], sql);
  }
});

Deno.test("session commands become actions", () => {
  const none = { readOnly: null, isolation: null, deferrable: null };
  const set = (name: string, values: string[], more = {}) => ({
    type: "set",
    name,
    values,
    local: false,
    isDefault: false,
    ...more,
  });
  const samples: readonly [string, Record<string, unknown>][] = [
    ["begin", { type: "begin", ...none }],
    ["start transaction isolation level serializable, read only", {
      type: "begin",
      readOnly: true,
      isolation: "serializable",
      deferrable: null,
    }],
    ["begin read write", { type: "begin", ...none, readOnly: false }],
    ["end", { type: "commit", chain: false }],
    ["commit and chain", { type: "commit", chain: true }],
    ["abort", { type: "rollback", chain: false }],
    ["savepoint A", { type: "savepoint", name: "a" }],
    ["release savepoint a", { type: "release_savepoint", name: "a" }],
    ["rollback to a", { type: "rollback_to_savepoint", name: "a" }],
    ["set transaction read only", { type: "set_transaction", session: false, ...none, readOnly: true }],
    ["set session characteristics as transaction isolation level read committed", {
      type: "set_transaction",
      session: true,
      ...none,
      isolation: "read committed",
    }],
    ["set application_name = 'x'", set("application_name", ["x"])],
    ["set local search_path to a, \"B\", '$user'", set("search_path", ["a", "B", "$user"], { local: true })],
    ["set extra_float_digits = 0", set("extra_float_digits", ["0"])],
    ["set x.y to -1.5", set("x.y", ["-1.5"])],
    ["set jit = off", set("jit", ["off"])],
    ["set time zone 'UTC'", set("timezone", ["UTC"])],
    ["set time zone -7", set("timezone", ["-7"])],
    ["set time zone interval '+00:00' hour to minute", set("timezone", ["<+00>-00"])],
    ["set time zone interval '-02:00' hour to minute", set("timezone", ["<-02>+02"])],
    ["set time zone local", set("timezone", [], { isDefault: true })],
    ["set names 'utf8'", set("client_encoding", ["utf8"])],
    ["set schema 'x'", set("search_path", ["x"])],
    ["set timezone to default", set("timezone", [], { isDefault: true })],
    ["set role none", set("role", ["none"])],
    ["use main", set("search_path", ["main"])],
    ["show all", { type: "show", name: "all" }],
    ["show transaction isolation level", { type: "show", name: "transaction_isolation" }],
    ["reset all", { type: "reset", name: null }],
    ["reset DateStyle", { type: "reset", name: "datestyle" }],
    ["discard all", { type: "discard", what: "all" }],
    ["prepare p (int, varchar(10)) as select $1, $2", {
      type: "prepare",
      name: "p",
      types: ["int", "varchar(10)"],
      text: "select $1, $2",
    }],
    ["prepare p as /* x */ from t", { type: "prepare", name: "p", types: [], text: "from t" }],
    ["execute p(1, 'a,b', (select 2, 3), f(4, 5))", {
      type: "execute_prepared",
      name: "p",
      arguments: ["1", "'a,b'", "(select 2, 3)", "f(4, 5)"],
    }],
    ['execute "P"([1, 2])', { type: "execute_prepared", name: "P", arguments: ["[1, 2]"] }],
    ["execute p", { type: "execute_prepared", name: "p", arguments: [] }],
    ["deallocate all", { type: "deallocate", name: null }],
    ["deallocate prepare p", { type: "deallocate", name: "p" }],
    ["declare c binary no scroll cursor with hold for select 1 for update", {
      type: "declare_cursor",
      name: "c",
      text: "select 1 for update",
      hold: true,
      scroll: false,
      binary: true,
    }],
    ["declare c scroll cursor for from t", {
      type: "declare_cursor",
      name: "c",
      text: "from t",
      hold: false,
      scroll: true,
      binary: false,
    }],
    ["fetch c", { type: "fetch", name: "c", direction: "forward", count: 1 }],
    ["fetch all from c", { type: "fetch", name: "c", direction: "forward", count: "all" }],
    ["fetch 100 c", { type: "fetch", name: "c", direction: "forward", count: 100 }],
    ["fetch -2 from c", { type: "fetch", name: "c", direction: "backward", count: 2 }],
    ["fetch prior from c", { type: "fetch", name: "c", direction: "backward", count: 1 }],
    ["fetch backward all from c", { type: "fetch", name: "c", direction: "backward", count: "all" }],
    ["fetch last from c", { type: "fetch", name: "c", direction: "absolute", count: -1 }],
    ["move absolute 0 in c", { type: "move", name: "c", direction: "absolute", count: 0 }],
    ["close all", { type: "close_cursor", name: null }],
    ["listen x", { type: "listen", channel: "x" }],
    ["unlisten *", { type: "unlisten", channel: null }],
    ["notify x, 'p'", { type: "notify", channel: "x", payload: "p" }],
    ["lock table a.b", { type: "lock", relations: [{ catalog: null, schema: "a", name: "b" }] }],
    ["vacuum t", { type: "ignored", notice: "workspaces need no VACUUM or ANALYZE; ignored" }],
    ["alter table t owner to x", { type: "ignored", notice: "a workspace has one owner; OWNER TO is ignored" }],
    ["grant select on t to public", {
      type: "ignored",
      notice: "a workspace has one user; GRANT and REVOKE are ignored",
    }],
  ];
  for (const [sql, expected] of samples) assert.deepEqual(action(sql), expected, sql);
});

Deno.test("COPY becomes a query or a table with its options", () => {
  const out =
    one('copy in_c_sales.orders (id, "Na""me") to stdout with (format csv, header, delimiter \';\', force_quote *)')
      .action;
  assert.ok(out.type === "copy_to_stdout");
  assert.equal(out.query, 'SELECT "id", "Na""me" FROM "in_c_sales"."orders"');
  assert.deepEqual(out.columns, ["id", 'Na"me']);
  assert.deepEqual([
    out.options.format,
    out.options.header,
    out.options.delimiter,
    out.options.forceQuote,
    out.options.null,
  ], [
    "csv",
    true,
    ";",
    "all",
    "",
  ]);
  const query = one("copy (from t where a = ')') to stdout").action;
  assert.ok(query.type === "copy_to_stdout");
  assert.equal(query.query, "from t where a = ')'");
  assert.deepEqual([query.options.format, query.options.delimiter, query.options.null], ["text", "\t", "\\N"]);
  const input = one("copy t from stdin csv header null 'x' quote '!' escape '\\'").action;
  assert.ok(input.type === "copy_from_stdin");
  assert.deepEqual([input.options.null, input.options.quote, input.options.escape], ["x", "!", "\\"]);
  assert.equal(one("copy t from stdin").writes, true);
});

Deno.test("bad COPY options are refused when the statement is checked, not when the text is read", () => {
  for (
    const options of ["format parquet", "delimiter 'ab'", "nonsense 1", "format csv, format csv", "header 'perhaps'"]
  ) {
    assert.equal(one(`copy t to stdout (${options})`).facts.denials.length, 1, options);
  }
});

Deno.test("a syntax error has PostgreSQL's message and its position in the whole text", () => {
  const samples: readonly [string, string, number][] = [
    ["selec 1", 'syntax error at or near "selec"', 1],
    ["select 1; selec 2", 'syntax error at or near "selec"', 11],
    ["select '😀ž'; selec 2", 'syntax error at or near "selec"', 14],
    ["begin; rollback foo bar", 'syntax error at or near "foo"', 17],
    ["select 'x", "unterminated quoted string", 8],
  ];
  for (const [sql, message, position] of samples) {
    assert.throws(() => parseStatements(sql), (error: unknown) => {
      assert.ok(error instanceof AppError && error.kind === "syntax_error", sql);
      assert.deepEqual([error.message, error.position], [message, position], sql);
      return true;
    });
  }
});

Deno.test("a SELECT that no dialect knows is left to DuckDB's error", () => {
  assert.equal(one("select * form t").dialect, "duckdb");
});

Deno.test("texts that would overflow PostgreSQL's parser leave it unharmed", async () => {
  const deep = [
    "+1".repeat(60_000),
    " union select 1".repeat(20_000),
    "::int".repeat(20_000),
    " || 'a'".repeat(30_000),
  ];
  for (let round = 0; round < 10; round++) {
    for (const tail of deep) assert.equal(one(`select ${round}${tail}`).kind, "select");
    const nested = `select ${"(".repeat(9_000)}${round}${")".repeat(9_000)}`;
    assert.equal(one(nested).kind, "select");
    const calls = `select ${"f(".repeat(9_000)}${round}${")".repeat(9_000)}`;
    assert.equal(one(calls).kind, "select");
  }
  await loadPolicyParser();
  assert.equal(parsePostgres("select 1")?.length, 1);
  assert.equal(one("select 'after'").dialect, "postgresql");
});

Deno.test("the parser makes itself anew after a failure inside it", async () => {
  assert.equal(parsePostgres(`select 1${"+1".repeat(20_000)}`), null);
  assert.equal(parsePostgres("select 1"), null, "not used until it is new");
  await loadPolicyParser();
  assert.equal(parsePostgres("select 1")?.length, 1);
});

Deno.test("the cache gives the same statements for the same text and keeps its bounds", () => {
  const sql = "select 'cached', 1";
  assert.equal(parseStatements(sql), parseStatements(sql));
  for (let index = 0; index < cacheTextsMax + 50; index++) parseStatements(`select ${index} as n`);
  assert.ok(cacheStats().texts <= cacheTextsMax);
  assert.notEqual(cacheStats().texts, 0);
  for (let index = 0; index < 60; index++) parseStatements(`select '${"x".repeat(100_000)}', ${index}`);
  assert.ok(cacheStats().bytes <= cacheBytesMax);
});

Deno.test("a long INSERT is checked by its tokens", () => {
  const statement = one(`insert into in_c_sales.orders values ${"(1, 'a'),".repeat(30_000)} (2, 'b')`);
  assert.equal(statement.dialect, "duckdb");
  assert.deepEqual(statement.facts.changes.map((change) => change.target.name), ["orders"]);
});

Deno.test("a statement that is not supported is called as PostgreSQL calls it", () => {
  const samples: readonly [string, string][] = [
    ["create trigger t before insert on o execute function f()", "CREATE TRIGGER"],
    ["create event trigger t on ddl_command_end execute function f()", "CREATE EVENT TRIGGER"],
    ["create rule r as on insert to t do nothing", "CREATE RULE"],
    ["create statistics s on a, b from t", "CREATE STATISTICS"],
    ["create operator family f using btree", "CREATE OPERATOR FAMILY"],
    ["create policy p on t", "CREATE POLICY"],
  ];
  for (const [sql, name] of samples) assert.equal(one(sql).facts.denials[0]?.detail, `${name} is not supported`);
});
