import assert from "node:assert/strict";
import { loadPolicyParser, parsePostgres } from "./pg_parser.ts";
import { maskLiterals, structureOf } from "./statement_structure.ts";
import { seededRandom } from "./testing_random.ts";

function randomBelow(seed: number): (below: number) => number {
  const random = seededRandom(seed);
  return (below) => Math.floor(random() * below);
}

await loadPolicyParser();

Deno.test("PostgreSQL's normaliser replaces constants, and equal statements meet", () => {
  const cases: [string, string][] = [
    ["select 1, 'x', -5 from t where a = E'q' limit 10", "select $1, $2, $3 from t where a = $4 limit $5"],
    ["insert into t values (1,'a'),(2,'b')", "insert into t values ($1,$2),($3,$4)"],
    ["alter user x password 'secret'", "alter user x password $1"],
    ["select $1, 'x'", "select $1, $2"],
    ["do $$ secret $$", "do $1"],
  ];
  for (const [text, structure] of cases) assert.equal(structureOf(text, "postgresql"), structure);
  assert.equal(
    structureOf("select * from t where a=17", "postgresql"),
    structureOf("select * from t where a=2", "postgresql"),
  );
});

Deno.test("what the normaliser leaves is masked: definitions, options, comments, arguments of EXECUTE", () => {
  const cases: [string, string][] = [
    ["copy t from stdin with (delimiter 'x', null 'secret')", "copy t from stdin with (delimiter ?, null ?)"],
    ["comment on table t is 'secret'", "comment on table t is ?"],
    [
      "create table t (a int default 5, b varchar(20) check (b <> 'x'))",
      "create table t (a int default ?, b varchar(?) check (b <> ?))",
    ],
    ["create view v as select 'secret'", "create view v as select ?"],
    ["execute p(5,'secret')", "execute p(?,?)"],
    ["create type e as enum ('secret','b')", "create type e as enum (?,?)"],
    ["select 1 /* it's /* nested */ 5 */ from t -- d 'x'", "select $1 from t"],
    ["fetch 5 from c", "fetch ? from c"],
  ];
  for (const [text, structure] of cases) assert.equal(structureOf(text, "postgresql"), structure);
});

Deno.test("DuckDB's dialect is masked by its tokens", () => {
  const cases: [string, string][] = [
    ["FROM 'secret.csv' SELECT x, 0x1F, 1_000.5e-3 AS y", "FROM ? SELECT x, ?, ? AS y"],
    ["PIVOT t ON year IN (2000, 2010)", "PIVOT t ON year IN (?, ?)"],
    [`SELECT "a ""b"" 5", [1, 2], {'k': 'v'}, $name, #1`, `SELECT "a ""b"" 5", [?, ?], {?: ?}, $name, #?`],
    ["SELECT t1.a FROM t1 WHERE b2 = $tag$it's$tag$", "SELECT t1.a FROM t1 WHERE b2 = ?"],
    ["SELECT 'a'\n'b', x.5", "SELECT ? , x?"],
    ["SELECT 'open", "SELECT ?"],
    ['SELECT "open', "SELECT ?"],
    ["SELECT 1 /* open", "SELECT ?"],
    ["SELECT $$open", "SELECT ?"],
  ];
  for (const [text, structure] of cases) assert.equal(structureOf(text, "duckdb"), structure);
});

Deno.test("of a text that no parser takes only a known first keyword is kept", () => {
  assert.equal(structureOf("select 'it's secret' from t", "none"), "SELECT (not parsed)");
  assert.equal(structureOf("secret'", "none"), "(not parsed)");
  assert.equal(structureOf("", "none"), "(not parsed)");
});

Deno.test("masking twice changes nothing more, and never throws on random characters", () => {
  const random = randomBelow(11);
  const alphabet = [
    "'",
    '"',
    "$",
    "$a$",
    "/*",
    "*/",
    "--",
    "\n",
    "\\",
    "E",
    "x",
    "1",
    ".",
    "5e",
    " ",
    "é",
    "𝒳",
    "(",
    ";",
  ];
  for (let round = 0; round < 3_000; round++) {
    const text = Array.from({ length: 1 + random(14) }, () => alphabet[random(alphabet.length)]).join("");
    const masked = maskLiterals(text);
    assert.equal(maskLiterals(masked), masked, JSON.stringify(text));
  }
});

const marker = "zqxsecret";
const markerNumber = "918273645";

/** Every kind of place for a value that the grammar of a statement has, with a marker in it. */
function randomStatement(random: (below: number) => number): string {
  const pick = <T>(items: readonly T[]): T => items[random(items.length)]!;
  const literal = (): string =>
    pick([
      `'${marker}'`,
      `'it''s ${marker}'`,
      `E'\\'${marker}\\n'`,
      `$$${marker}$$`,
      `$t$ '${marker}' $t$`,
      markerNumber,
      `-${markerNumber}`,
      `${markerNumber}.5`,
      `1e3${markerNumber.slice(0, 1)} + ${markerNumber}`,
      `'${marker}'::text`,
      `interval '${markerNumber} days'`,
      `date '${markerNumber}'`,
      `array['${marker}', '${marker}']`,
      `cast('${marker}' as varchar(${markerNumber}))`,
      `coalesce('${marker}', upper('${marker}'))`,
      `case when a = '${marker}' then ${markerNumber} else '${marker}' end`,
    ]);
  const comment = () => pick(["", "", ` /* ${marker} '*/ `, ` -- ${marker}\n`]);
  const query = (): string =>
    `select ${literal()}${comment()}, a from t where b in (${literal()}, ${literal()}) and c between ${literal()} and ` +
    `${literal()} limit ${markerNumber}`;
  return pick([
    query,
    () => `with x as (${query()}) select * from x union all ${query()}`,
    () =>
      `insert into t (a, b) values (${literal()}, ${literal()}), (${literal()}, ${literal()}) returning ${literal()}`,
    () => `update t set a = ${literal()}${comment()} where b = ${literal()}`,
    () => `delete from t where a like ${literal()}`,
    () => `alter user u password '${marker}'`,
    () => `create role u with login password '${marker}' valid until '${marker}'`,
    () => `set work_mem = '${marker}'`,
    () => `comment on table t is '${marker}'`,
    () => `create table t (a text default ${literal()}, b varchar(${markerNumber}) check (b <> '${marker}'))`,
    () => `create view v as ${query()}`,
    () => `create table n as ${query()}`,
    () => `create type e as enum ('${marker}')`,
    () => `copy t from stdin with (null '${marker}', delimiter ',')`,
    () => `copy (${query()}) to stdout`,
    () => `prepare p as ${query()}`,
    () => `execute p(${literal()}, ${literal()})`,
    () => `declare c cursor for ${query()}`,
    () => `explain analyze ${query()}`,
    () => `notify n, '${marker}'`,
    () => `merge into t using s on t.a = s.a when matched then update set b = ${literal()}`,
    () => `alter table t add column z text default '${marker}'`,
    () => `create sequence s start ${markerNumber}`,
    // DuckDB's dialect
    () => `from '${marker}.csv' select a, ${literal()}`,
    () => `pivot t on a in (${literal()}, ${literal()})`,
    () => `select {'${marker}': ${literal()}}, [${markerNumber}], a.${markerNumber}`,
    () => `attach '${marker}' as x`,
    () => `create secret s (type s3, secret '${marker}')`,
  ])();
}

Deno.test("no value of any literal position is left in a structure, whichever parser takes the statement", () => {
  const random = randomBelow(7);
  for (let round = 0; round < 6_000; round++) {
    const text = randomStatement(random);
    let dialect: "postgresql" | "duckdb" = "postgresql";
    try {
      parsePostgres(text);
    } catch {
      dialect = "duckdb";
    }
    const structure = structureOf(text, dialect);
    assert.ok(!structure.includes(marker) && !structure.includes(markerNumber), `${text}\n→ ${structure}`);
    const broken = text.slice(0, 1 + random(text.length));
    const masked = structureOf(broken, "none");
    assert.ok(!masked.includes(marker) && !masked.includes(markerNumber), `${broken}\n→ ${masked}`);
  }
});
