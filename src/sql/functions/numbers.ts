/**
 * Arithmetic: functions where PostgreSQL's result, its type or its error differs from DuckDB's. `numeric` without precision is
 * DECIMAL(38,10). What is missing here (abs, ceil, floor, sqrt, exp, ln, power, …) is DuckDB's own, whose result for a numeric
 * argument is a double.
 */
import { degreeFunction } from "./degrees.ts";
import { roundedText } from "./formatting/decimal.ts";
import { javaScript, macro, macroOfResults, raise } from "./macro.ts";
import { quotientTypeName } from "../quotient_type.ts";
import type { SqlFunction } from "./types.ts";

const divisionByZero = raise("22012", "division by zero");

/** Called lazily: a CASE evaluates a branch only for the rows that need it. */
function unlessDividedByZero(expression: string): string {
  return `CASE WHEN b = 0 AND a IS NOT NULL THEN ${divisionByZero} ELSE ${expression} END`;
}

/** Right to some 15 digits. */
const nearQuotient = "TRY_CAST(CAST(a AS DOUBLE) / CAST(b AS DOUBLE) AS DECIMAL(28,10))";

const degreeNames = ["sind", "cosd", "tand", "cotd", "asind", "acosd", "atand"] as const;

/** DECIMAL(38,10) as a whole number of its last digit, for exact whole-number arithmetic. */
function scaled(name: string): string {
  return `(${name} * 10000000000)::HUGEINT`;
}

/** Which of `count` equal parts between two bounds, which may also stand in falling order. `floored` is SQL for the whole part. */
function widthBucket(type: string, floored: (distance: string, width: string) => string): string {
  return `(operand ${type}, low ${type}, high ${type}, count INTEGER) AS CASE
    WHEN count <= 0 THEN ${raise("2201G", "count must be greater than zero")}
    WHEN low = high THEN ${raise("2201G", "lower bound cannot equal upper bound")}
    WHEN low < high THEN CASE WHEN operand < low THEN 0 WHEN operand >= high THEN count + 1
      ELSE ${floored("operand - low", "high - low")} + 1 END
    WHEN low > high THEN CASE WHEN operand > low THEN 0 WHEN operand <= high THEN count + 1
      ELSE ${floored("low - operand", "low - high")} + 1 END
    END::INTEGER`;
}

export const numberFunctions: readonly SqlFunction[] = [
  // `//` keeps whole numbers whole and divides others as `/` does, whatever integer_division was when the macro was made.
  macro("__divide", "(a, b) AS " + unlessDividedByZero("a // b")),
  // `/` of whole numbers is another operator, which an interval does not have.
  macro("__divide_interval", "(a, b) AS " + unlessDividedByZero('"/"(a, b)')),
  // For a dividend whose type only DuckDB knows, and which may be an interval.
  {
    ...macroOfResults(
      "__quotient",
      `(a INTERVAL, b DOUBLE) AS ${unlessDividedByZero('"/"(a, b)')}`,
      `(a, b) AS ${unlessDividedByZero("a // b")}`,
    ),
    overloadsOfAnyTypes: [`(a, b) AS ${unlessDividedByZero("a // b")}`],
  },
  // Of numbers of which one is numeric, with 20 right decimals: to the quotient of doubles comes that of what it leaves over. DuckDB's division of
  // whole numbers of 128 bits takes ten times as long. What has too many digits, or is no decimal after all, is divided as doubles.
  macro(
    "__numeric_quotient",
    `(a, b) AS CASE WHEN b = 0 AND a IS NOT NULL THEN ${divisionByZero}
      WHEN abs(a) < 1e17 AND TRY_CAST(a AS DECIMAL(38,10)) = a AND abs(b) < 1e17 AND TRY_CAST(b AS DECIMAL(38,4)) = b
        AND abs(CAST(a AS DOUBLE) / CAST(b AS DOUBLE)) < 1e16 THEN CAST(CAST(${nearQuotient} AS ${quotientTypeName}) +
          CAST(CAST(TRY_CAST(a AS DECIMAL(38,10)) - ${nearQuotient} * TRY_CAST(b AS DECIMAL(38,4)) AS DOUBLE) / CAST(b AS DOUBLE)
            AS ${quotientTypeName}) AS ${quotientTypeName})
      ELSE CAST(CAST(a AS DOUBLE) / CAST(b AS DOUBLE) AS ${quotientTypeName}) END`,
  ),
  // The number of places counts from 0 again after the type's bits, and what is shifted out is gone.
  macroOfResults(
    "__shift_left",
    "(value INTEGER, places INTEGER) AS (((value::BIGINT * (1::BIGINT << (places & 31)) + 2147483648) & 4294967295) - 2147483648)::INTEGER",
    "(value BIGINT, places INTEGER) AS (((value::HUGEINT * (1::HUGEINT << (places & 63)) + 9223372036854775808::HUGEINT) & " +
      "18446744073709551615::HUGEINT) - 9223372036854775808::HUGEINT)::BIGINT",
  ),
  macroOfResults(
    "__shift_right",
    "(value INTEGER, places INTEGER) AS value >> (places & 31)",
    "(value BIGINT, places INTEGER) AS value >> (places & 63)",
  ),
  macro("__modulo", "(a, b) AS " + unlessDividedByZero("a % b")),
  macro("mod", "(a, b) AS " + unlessDividedByZero("a % b")),
  macro(
    "div",
    "(a BIGINT, b BIGINT) AS " + unlessDividedByZero("a // b") + "::DECIMAL(38,10)",
    "(a DECIMAL(38,10), b DECIMAL(38,10)) AS " + unlessDividedByZero(`${scaled("a")} // ${scaled("b")}`) +
      "::DECIMAL(38,10)",
  ),
  // Halves go to the even neighbour for doubles, away from zero for numeric; DuckDB does the latter for both.
  macro(
    "round",
    `(value) AS CASE WHEN typeof(value) IN ('DOUBLE', 'FLOAT') AND abs(round(value) - value) = 0.5 AND round(value) % 2 <> 0
      THEN round(value) - sign(value) ELSE round(value) END`,
    "(value, digits) AS round(value, digits)",
  ),
  // For a number of digits that is no constant: DuckDB's own cannot tell the type of a decimal result then.
  macro("__round", "(value, digits) AS __eider_round(value::VARCHAR, digits::BIGINT, false)::DECIMAL(38,10)"),
  macro("__trunc", "(value, digits) AS __eider_round(value::VARCHAR, digits::BIGINT, true)::DECIMAL(38,10)"),
  javaScript("__eider_round", ["VARCHAR", "BIGINT", "BOOLEAN"], "VARCHAR", roundedText),
  macro("sign", "(value) AS sign(value)::DOUBLE"),
  ...["gcd", "lcm"].map((name) =>
    macroOfResults(
      name,
      `(a INTEGER, b INTEGER) AS ${name}(a, b)::INTEGER`,
      `(a BIGINT, b BIGINT) AS ${name}(a, b)`,
      `(a DECIMAL(38,10), b DECIMAL(38,10)) AS ("/"(${name}(${scaled("a")}, ${
        scaled("b")
      }), 10000000000))::DECIMAL(38,10)`,
    )
  ),
  ...degreeNames.map((name) => macro(name, `(value) AS __eider_degrees('${name}', value::DOUBLE)`)),
  macro("atan2d", "(y, x) AS degrees(atan2(y, x))"),
  javaScript("__eider_degrees", ["VARCHAR", "DOUBLE"], "DOUBLE", degreeFunction),
  macro(
    "scale",
    // Without precision the scale is not kept: the digits that are there count.
    `(value) AS length(split_part(CASE WHEN typeof(value) = 'DECIMAL(38,10)' THEN rtrim(value::VARCHAR, '0') ELSE value::VARCHAR END,
      '.', 2))::INTEGER`,
  ),
  macro("min_scale", "(value) AS length(split_part(rtrim(value::DECIMAL(38,10)::VARCHAR, '0'), '.', 2))::INTEGER"),
  macro("trim_scale", "(value) AS value::DECIMAL(38,10)"),
  macro("numeric_inc", "(value) AS (value + 1)::DECIMAL(38,10)"),
  macro("int4inc", "(value) AS (value + 1)::INTEGER"),
  macro("int8inc", "(value) AS (value + 1)::BIGINT"),
  macro("int8dec", "(value) AS (value - 1)::BIGINT"),
  macro(
    "width_bucket",
    widthBucket(
      "DECIMAL(38,10)",
      (distance, width) => `${scaled(`(${distance})`)} * count // ${scaled(`(${width})`)}`,
    ),
    widthBucket("DOUBLE", (distance, width) => `floor((${distance}) * count / (${width}))`),
    // The thresholds are in rising order.
    `(operand, thresholds) AS CASE WHEN operand IS NOT NULL
      THEN len(list_filter(thresholds, lambda threshold: threshold <= operand))::INTEGER END`,
  ),
  macroOfResults(
    "random",
    "() AS random()",
    "(low BIGINT, high BIGINT) AS CASE WHEN low > high THEN " +
      raise("22023", "lower bound must be less than or equal to upper bound") +
      " ELSE (low + floor(random() * (high - low + 1)))::BIGINT END",
    "(low DOUBLE, high DOUBLE) AS CASE WHEN low > high THEN " +
      raise("22023", "lower bound must be less than or equal to upper bound") +
      " ELSE low + random() * (high - low) END",
  ),
  macro("setseed", "(seed) AS CASE WHEN setseed(seed) IS NULL THEN '' END"),
];
