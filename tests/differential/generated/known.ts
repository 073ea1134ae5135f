/**
 * Differences of generated statements that are known, each with its reason and a statement that shows it: one that is gone fails the
 * test, so that the list stays true. What the grammar cannot say of a single rule stands here.
 */
import type { Outcome } from "./compare.ts";

export interface KnownDifference {
  readonly reason: string;
  /** Over the tables of the generated statements. */
  readonly example: string;
  readonly shows: (outcome: Outcome) => boolean;
}

const typeNumbers = { int4: 23, text: 25, varchar: 1043 } as const;

/** A message of an error where PostgreSQL answers, or fails in another way. */
function refusedWith(message: RegExp): KnownDifference["shows"] {
  return ({ actual }) => actual.sqlstate === "0A000" && message.test(actual.message);
}

/** The types alone differ, in columns of which `isKnown` says why. */
function typesAlone(isKnown: (outcome: Outcome, column: number) => boolean): KnownDifference["shows"] {
  return (outcome) =>
    outcome.aspects.length === 1 && outcome.aspects[0] === "types" &&
    outcome.expected.types.every((type, column) => type === outcome.actual.types[column] || isKnown(outcome, column));
}

export const knownDifferences: readonly KnownDifference[] = [
  {
    reason: "a window function in a subquery cannot use a column of the query around it",
    example: "select id from people as p where exists (select lag(2, 1, p.boss) over () from amounts)",
    shows: refusedWith(/window expression is not supported here/),
  },
  {
    reason: "an outer join's condition cannot hold a subquery, or in a subquery a column of the query around it",
    example: "select id from people as p where exists (select 1 from nobody left join events as e on p.id < e.id)",
    shows: refusedWith(/non-inner join on (correlated columns|subquery)/i),
  },
  {
    reason: "a subquery cannot stand among the arguments of a function over an array",
    example: "select array_positions(array[1, 2], (select 1 from things limit 1))",
    shows: refusedWith(/subqueries in lambda expressions are not supported/),
  },
  {
    reason: "a function of an outer query's column, in a branch of CASE that is never taken, does not find the column",
    example:
      "select 1 from (select null::date as c1 from nobody) as q join people as p on true where (date '2024-02-29') in " +
      "(select case 1 when 1 then q.c1 when position(p.city in 'a') then date '2024-02-29' end from people)",
    shows: ({ actual }) => actual.sqlstate === "42P01" && /^missing FROM-clause entry/.test(actual.message),
  },
  {
    reason: "RETURNING names an array's element otherwise",
    example: "insert into people (id) values (20) returning (null::int[])[1]",
    shows: ({ aspects, actual }) => aspects.length === 1 && aspects[0] === "names" && actual.tag.startsWith("INSERT"),
  },
  {
    reason: "a column of VALUES with varchar(n) and text is described as text",
    example: "select v.a from (values ('a'::varchar(3)), (null::text)) as v(a)",
    shows: typesAlone(({ expected, actual }, column) =>
      expected.types[column] === typeNumbers.varchar && actual.types[column] === typeNumbers.text
    ),
  },
  {
    reason: "a function of a constant NULL is described as integer",
    example: "select floor(null::numeric)",
    shows: typesAlone(({ actual }, column) =>
      actual.types[column] === typeNumbers.int4 && actual.rows.every((row) => row[column] === null)
    ),
  },
  {
    reason: "decimals of different scales have the same number of zeros, averages and quotients other last digits",
    example: "select coalesce(1.5, (-0.25))",
    shows: ({ aspects }) => aspects.every((aspect) => aspect === "digits" || aspect === "table"),
  },
];

/** null for what is not known. */
export function knownReason(outcome: Outcome): string | null {
  if (outcome.aspects.length === 0) return null;
  return knownDifferences.find(({ shows }) => shows(outcome))?.reason ?? null;
}
