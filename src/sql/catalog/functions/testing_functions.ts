/**
 * For tests: the testing catalog with objects of the user's in it, and short ways to call functions and to see their
 * errors.
 */
import { equal } from "node:assert/strict";
import { openTestingCatalog, testDatabase, type TestingCatalog } from "../testing_catalog.ts";

/**
 * Public tables t (keys, check, defaults, indexes), u (foreign key, serial, generated, types), views v and v2, enum
 * mood, macro addm; stage.t and stage.w; a temporary table tt.
 */
const setUp = `
  CREATE SCHEMA ${testDatabase}.stage;
  CREATE TABLE t(a INTEGER PRIMARY KEY, b VARCHAR DEFAULT 'x' NOT NULL, c DECIMAL(12,2) DEFAULT 1.5 CHECK (c > 0),
    d TIMESTAMP DEFAULT now(), UNIQUE (b, c));
  CREATE SEQUENCE u_m_seq START 5;
  CREATE TABLE u(a INTEGER REFERENCES t(a), m INTEGER DEFAULT nextval('u_m_seq'), g INTEGER GENERATED ALWAYS AS (a + 1),
    l INTEGER[], h HUGEINT, s STRUCT(x INTEGER));
  CREATE VIEW v AS SELECT a, b FROM t WHERE b = 'x';
  CREATE VIEW v2(x, y) AS SELECT a::BIGINT, b FROM main.t;
  CREATE INDEX i1 ON t(b);
  CREATE UNIQUE INDEX "I 2" ON t(b, (a + 1));
  CREATE TYPE mood AS ENUM ('sad', 'glad');
  CREATE TABLE "Odd Name"("order" INTEGER);
  CREATE TABLE ${testDatabase}.stage.w(a INTEGER, "Mixed Col" VARCHAR);
  CREATE TABLE ${testDatabase}.stage.t(a INTEGER);
  CREATE TEMP TABLE tt(a INTEGER);
  CREATE MACRO addm(x, y) AS x + y;
  COMMENT ON TABLE t IS 'a table';
  COMMENT ON COLUMN t.b IS 'a column'`;

export interface FunctionsCatalog extends TestingCatalog {
  /** Asserts what expressions give, each as DuckDB's own text. `f(…)` stands for `__eider.pg."f"(…)`. */
  gives(samples: readonly (readonly [expression: string, value: string | null])[]): Promise<void>;
  /** Asserts which SQLSTATE and message expressions raise. */
  raises(samples: readonly (readonly [expression: string, error: string])[]): Promise<void>;
}

const ofDuckdb =
  /^(CAST|VALUES|IN|AND|OR|EXISTS|names|range|unnest|current_user|current_database|count|len|lower|now)$/;

/** Names of functions that are not DuckDB's own, with their path. */
export function qualified(sql: string): string {
  return sql.replace(
    /('(?:[^']|'')*'|"(?:[^"]|"")*")|(?<![\w.])([A-Za-z_]\w*)\(/g,
    (match, quoted: string | undefined, name: string) =>
      quoted !== undefined || ofDuckdb.test(name) ? match : `__eider.pg.${match}`,
  );
}

export async function openFunctionsCatalog(): Promise<FunctionsCatalog> {
  const catalog = await openTestingCatalog();
  for (const statement of setUp.split(";")) await catalog.run(statement);
  const outcome = async (expression: string): Promise<string | null> => {
    try {
      return await catalog.value(`SELECT ${qualified(expression)}`);
    } catch (error) {
      return String(error).replace(/^Error: Invalid Input Error: eider:/, "raised ").split("\n")[0]!;
    }
  };
  return {
    ...catalog,
    gives: async (samples) => {
      for (const [expression, value] of samples) equal(await outcome(expression), value, expression);
    },
    raises: async (samples) => {
      for (const [expression, error] of samples) equal(await outcome(expression), `raised ${error}`, expression);
    },
  };
}

/** Runs tests with one catalog for all of them. */
export function withFunctionsCatalog(
  name: string,
  run: (catalog: FunctionsCatalog, claim: (name: string, check: () => Promise<void>) => Promise<void>) => Promise<void>,
): void {
  Deno.test(name, async (test) => {
    const catalog = await openFunctionsCatalog();
    try {
      await run(catalog, async (claim, check) => {
        await test.step(claim, check);
      });
    } finally {
      catalog.close();
    }
  });
}
