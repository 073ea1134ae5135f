/**
 * Nothing that a statement says is dropped. Each sample's tree is changed in one place after the other: a field that the printer
 * does not know makes the answer null, and a field that is taken away changes the text, unless it says what is so anyway.
 */
import assert from "node:assert/strict";
import type { PgNode } from "../../pg_parser.ts";
import { printExpression, printStatement } from "./mod.ts";
import { parseExpression, parseStatement } from "./testing_samples.ts";
import { translatedExpressions, translatedStatements } from "./testing_translations.ts";
import { sampleStatements } from "./testing_statements.ts";
import { depthMax } from "./writer.ts";

type Body = Record<string, unknown>;

/** Every body in a tree with the field that it stands in; wrappers such as `{A_Const: …}` have no body of their own. */
function* bodiesOf(value: unknown, field: string): Iterable<readonly [string, Body]> {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) yield* bodiesOf(item, field);
    return;
  }
  const names = Object.keys(value);
  if (names.length !== 1 || !/^[A-Z]/.test(names[0]!)) yield [field, value as Body];
  for (const name of names) yield* bodiesOf((value as Body)[name], name);
}

/** A tree that may be changed. */
function ownTree(sql: string): PgNode {
  return structuredClone(parseStatement(sql));
}

/** Values, which have one field by their kind. */
const valueBodies: ReadonlySet<string> = new Set(
  "A_Const ival fval sval boolval bsval String Integer Float Boolean List A_Star".split(" "),
);

/** Asserts that a tree has no text once any of its bodies says something more. */
function assertGuarded(tree: PgNode, print: (tree: PgNode) => unknown, sql: string): void {
  for (const [kind, body] of bodiesOf(tree, "stmt")) {
    if (valueBodies.has(kind)) continue;
    body["unknown_field"] = true;
    assert.equal(print(tree), null, `${kind} in ${sql}`);
    delete body["unknown_field"];
  }
  assert.ok(print(tree) !== null, sql);
}

Deno.test("a field that the printer does not know makes a statement unprintable", () => {
  for (const sql of sampleStatements) assertGuarded(ownTree(sql), printStatement, sql);
});

/** What is left out because no result depends on it, or stands in the tree several times. */
const leftOut = /FOR UPDATE|WITH \(|INCLUDE|EXPLAIN|IS JSON|\(v, w\)/;

Deno.test("a field that the printer does not know makes a translated text impossible", () => {
  for (const [sql] of translatedStatements) {
    if (!leftOut.test(sql)) assertGuarded(ownTree(sql), printStatement, sql);
  }
  for (const [sql] of translatedExpressions) {
    if (!leftOut.test(sql)) assertGuarded(structuredClone(parseExpression(sql)), printExpression, sql);
  }
});

const positions: ReadonlySet<string> = new Set(
  "location list_start list_end rexpr_list_start rexpr_list_end".split(" "),
);

/** What libpg-query writes down although it is so anyway, with `{}` for any tree. */
const saysNothing: ReadonlySet<string> = new Set([
  "behavior=DROP_RESTRICT",
  "objtype=OBJECT_TABLE",
  "relationType=OBJECT_ACCESS_METHOD",
  "is_local=true",
  "inh=true",
  "relpersistence=p",
  "ctematerialized=CTEMaterializeDefault",
  "fk_matchtype=s",
  "fk_upd_action=a",
  "fk_del_action=a",
  "initially_valid=true",
  "is_enforced=true",
  "oncommit=ONCOMMIT_NOOP",
  "onCommit=ONCOMMIT_NOOP",
  "defaction=DEFELEM_UNSPEC",
  "funcformat=COERCE_EXPLICIT_CALL",
  "row_format=COERCE_EXPLICIT_CALL",
  "ordering=SORTBY_DEFAULT",
  "nulls_ordering=SORTBY_NULLS_DEFAULT",
  "sortby_dir=SORTBY_DEFAULT",
  "sortby_nulls=SORTBY_NULLS_DEFAULT",
  "accessMethod=btree",
  "override=OVERRIDING_NOT_SET",
  "withCheckOption=NO_CHECK_OPTION",
  "limitOption=LIMIT_OPTION_DEFAULT",
  "limitOption=LIMIT_OPTION_COUNT",
  "op=SETOP_NONE",
  "op=IS_GREATEST",
  "typemod=-1",
  "args_unspecified=true",
  // the default frame
  "frameOptions=1058",
  // the size of an array's dimension
  "ival=-1",
  // an empty string
  "sval=",
  // operators of NULLIF and BETWEEN, which have one only
  "sval==",
  "sval=BETWEEN",
  "sval=NOT BETWEEN",
  "name={}",
  // columns of EXISTS (SELECT 1 …)
  "targetList={}",
]);

Deno.test("a field that is taken away changes a statement's text", () => {
  for (const sql of sampleStatements) {
    const tree = ownTree(sql);
    const text = printStatement(tree)?.text;
    for (const [kind, body] of bodiesOf(tree, "stmt")) {
      for (const [field, value] of Object.entries(body)) {
        if (positions.has(field)) continue;
        delete body[field];
        const said = `${field}=${typeof value === "object" ? "{}" : value}`;
        if (printStatement(tree)?.text === text) assert.ok(saysNothing.has(said), `${kind}.${said} in ${sql}`);
        body[field] = value;
      }
    }
  }
});

/** `count` times around something. */
function nested(before: string, inner: string, after: string, count: number): string {
  return before.repeat(count) + inner + after.repeat(count);
}

Deno.test("long lists and chains print", () => {
  const long: readonly string[] = [
    `SELECT a FROM t WHERE ${Array.from({ length: 3_000 }, (_, i) => `a = ${i}`).join(" AND ")}`,
    `SELECT a FROM t WHERE ${Array.from({ length: 3_000 }, (_, i) => `a = ${i}`).join(" OR ")}`,
    `SELECT a FROM t WHERE a IN (${Array.from({ length: 5_000 }, (_, i) => i).join(", ")})`,
    Array.from({ length: 1_500 }, (_, i) => `SELECT ${i}`).join(" UNION ALL "),
    `SELECT * FROM t AS t0${Array.from({ length: 1_500 }, (_, i) => ` CROSS JOIN t AS t${i + 1}`).join("")}`,
    `SELECT ${Array.from({ length: 900 }, () => "a").join(" + ")} FROM t`,
    `SELECT ${Array.from({ length: 900 }, () => "b").join(" || ")} FROM t`,
    `INSERT INTO u (id) VALUES ${Array.from({ length: 5_000 }, (_, i) => `(${i})`).join(", ")}`,
  ];
  for (const sql of long) assert.equal(printStatement(parseStatement(sql))?.text, sql);
});

Deno.test("a deep tree prints up to about DuckDB's own limit of 1000 levels, and has no text beyond", () => {
  const deep = (count: number): readonly string[] => [
    nested("abs(", "a", ")", count),
    nested("(1 + ", "a", ")", count),
    nested("- (", "a", " + 1)", count / 2),
    nested("CASE WHEN p THEN ", "1", " END", count / 2),
    nested("coalesce(1, ", "1", ")", count),
    nested("(a = 1 OR p AND ", "p", ")", count / 2),
    nested("(SELECT ", "1", ")", count / 2),
  ];
  for (const sql of deep(980)) assert.ok(printExpression(parseExpression(sql)) !== null, sql.slice(0, 40));
  for (const sql of deep(1_900)) {
    const tree = parseExpression(sql);
    assert.doesNotThrow(() => printExpression(tree), sql.slice(0, 40));
  }
  assert.equal(printExpression(parseExpression(nested("abs(", "a", ")", depthMax + 1))), null);
});

Deno.test("printing has room for its depth when it is called from far down the stack", () => {
  const tree = parseExpression(nested("abs(", "a", ")", 980));
  const below = (frames: number): string | null => frames === 0 ? printExpression(tree) : below(frames - 1);
  assert.ok(below(1_000) !== null);
});

Deno.test("where the stack ends before the tree does, there is no text", () => {
  const tree = parseExpression(nested("abs(", "a", ")", 980));
  const below = (frames: number): string | null => frames === 0 ? printExpression(tree) : below(frames - 1);
  let frames = 0;
  while (below(frames) !== null) frames += 500;
  assert.ok(frames > 0);
});

Deno.test("a text that would grow without bound is not printed", () => {
  // each BETWEEN SYMMETRIC prints its first operand twice
  const sql = nested("(", "a", " BETWEEN SYMMETRIC 1 AND 2)", 60);
  assert.equal(printExpression(parseExpression(sql)), null);
  assert.ok(printExpression(parseExpression(nested("(", "a", " BETWEEN SYMMETRIC 1 AND 2)", 5))) !== null);
});
