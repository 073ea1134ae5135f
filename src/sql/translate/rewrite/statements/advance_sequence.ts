/**
 * setval(): DuckDB has no such function, but a sequence can be taken forward by asking for its values. The next value
 * of a sequence stands in the definition that `duckdb_sequences()` shows (its `last_value` is wrong after the database
 * was opened again; checked with 1.5.5). 100 million values take about 4 s (measured); more are refused, and so is
 * going back.
 */
import { call, caseWhen, cast, columnRef, integerConstant, operator } from "../build.ts";
import { rangeFunction, selectBody, target, textConstant } from "../build.ts";
import type { PgNode } from "../../../pg_parser.ts";
import { isNamed, refusal, select } from "./guards.ts";
import { quotedPath } from "./names.ts";

export const advanceStepsMax = 100_000_000;

/**
 * A SELECT that leaves the sequence with `value` as its last value when `isCalled` is true, else as its next one, and
 * gives `value` as column `setval`. `source` is the body of a SELECT whose FROM and WHERE the two expressions belong
 * to, or null.
 */
export function advanceSequence(
  sequence: readonly string[],
  value: PgNode,
  isCalled: PgNode,
  source: PgNode | null,
): PgNode {
  const path = quotedPath(sequence);
  const wanted = {
    ...(source ?? selectBody([])),
    targetList: [target(cast(value, "int8"), "value"), target(isCalled, "is_called")],
  };
  const next = call(["regexp_extract"], [
    columnRef("sql"),
    textConstant(" START (-?[0-9]+) (NO )?CYCLE;$"),
    integerConstant(1),
  ]);
  const state = {
    ...selectBody(
      [target(columnRef("increment_by"), "increment"), target(cast(next, "int8"), "next")],
      [rangeFunction(call(["duckdb_sequences"], []), null)],
    ),
    whereClause: isNamed("sequence_name", sequence),
    sortClause: [ascending(operator(columnRef("database_name"), "<>", textConstant("temp")))],
    limitCount: integerConstant(1),
    limitOption: "LIMIT_OPTION_COUNT",
  };
  // The next value that is wanted, less the next value that there is.
  const after = caseWhen([[columnRef("is_called"), columnRef("increment")]], integerConstant(0));
  const distance = operator(operator(columnRef("value"), "+", after), "-", columnRef("next"));
  const distances = selectBody(
    [target(distance, "distance"), target(columnRef("increment"), "increment")],
    [from("__wanted"), from("__sequence")],
  );
  const stepCount = operator(columnRef("distance"), "/", columnRef("increment"));
  const remainder = operator(columnRef("distance"), "%", columnRef("increment"));
  const steps = selectBody([
    target(
      caseWhen([
        [operator(stepCount, "<", integerConstant(0)), refusal(cannotGoBack(path))],
        [operator(remainder, "<>", integerConstant(0)), refusal(cannotReach(path))],
        [operator(stepCount, ">", integerConstant(advanceStepsMax)), refusal(tooFar(path))],
      ], stepCount),
      "steps",
    ),
  ], [from("__distance")]);
  const moved = selectBody(
    [target(call(["count"], [call(["nextval"], [textConstant(path)])]), "moved")],
    [rangeFunction(call(["range"], [scalar(selectBody([target(columnRef("steps"))], [from("__steps")]))]), null)],
  );
  return select({
    ...selectBody([target(columnRef("value"), "setval")], [from("__wanted"), from("__moved")]),
    withClause: {
      ctes: [
        cte("__wanted", wanted),
        cte("__sequence", state),
        cte("__distance", distances),
        cte("__steps", steps),
        cte("__moved", moved),
      ],
      location: -1,
    },
  });
}

function cannotGoBack(path: string): string {
  return `setval: sequence ${path} is past that value, and DuckDB's sequences only go forward. ` +
    "Drop and create the sequence, or its table, to begin again.";
}

function cannotReach(path: string): string {
  return `setval: sequence ${path} never comes to that value with its increment`;
}

function tooFar(path: string): string {
  return `setval: sequence ${path} would have to go ${advanceStepsMax} steps or more. ` +
    "Create it with START WITH that value.";
}

function ascending(node: PgNode): PgNode {
  return {
    SortBy: { node, sortby_dir: "SORTBY_ASC", sortby_nulls: "SORTBY_NULLS_DEFAULT", location: -1 },
  };
}

function from(name: string): PgNode {
  return { RangeVar: { relname: name, inh: true, relpersistence: "p", location: -1 } };
}

function scalar(query: PgNode): PgNode {
  return { SubLink: { subLinkType: "EXPR_SUBLINK", subselect: { SelectStmt: query }, location: -1 } };
}

function cte(name: string, query: PgNode): PgNode {
  return {
    CommonTableExpr: {
      ctename: name,
      ctematerialized: "CTEMaterializeAlways",
      ctequery: { SelectStmt: query },
      location: -1,
    },
  };
}
