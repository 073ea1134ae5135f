/**
 * pg_operator and pg_cast over the types that values have here. The functions behind them are DuckDB's, so oprcode and
 * castfunc name none.
 */
import type { CatalogRelation } from "../types.ts";
import { relation } from "./define.ts";
import { roleOids, schemaOids } from "./objects.ts";
import { dataLines } from "./postgres_columns.ts";
import casts from "./postgres_casts.txt" with { type: "text" };
import operators from "./postgres_operators.txt" with { type: "text" };
import { typeOid } from "./postgres_types.ts";
import { staticRows } from "./static_rows.ts";

type OperatorFields = [string, string, string, string, string, string, string, string, string];
type CastFields = [string, string, string, string, string];

const operatorRows = dataLines(operators).map((line) => {
  const [oid, name, left, right, result, commutator, negator, canMerge, canHash] = line.split(" ") as OperatorFields;
  return [
    oid,
    name,
    left === "-" ? "l" : "b",
    left === "-" ? 0 : typeOid(left),
    typeOid(right),
    typeOid(result),
    commutator,
    negator,
    canMerge === "t",
    canHash === "t",
  ] as const;
});

const castRows = dataLines(casts).map((line) => {
  const [oid, source, target, context, method] = line.split(" ") as CastFields;
  return [oid, typeOid(source), typeOid(target), context, method] as const;
});

export const operatorRelations: readonly CatalogRelation[] = [
  relation(
    "pg_operator",
    {
      oid: "oid",
      oprname: "name",
      oprnamespace: String(schemaOids.pg_catalog),
      oprowner: String(roleOids.user),
      oprkind: "kind",
      oprcanmerge: "can_merge",
      oprcanhash: "can_hash",
      oprleft: "left_type",
      oprright: "right_type",
      oprresult: "result_type",
      oprcom: "commutator",
      oprnegate: "negator",
    },
    `FROM ${
      staticRows(
        [
          "oid UINTEGER",
          "name VARCHAR",
          "kind VARCHAR",
          "left_type UINTEGER",
          "right_type UINTEGER",
          "result_type UINTEGER",
          "commutator UINTEGER",
          "negator UINTEGER",
          "can_merge BOOLEAN",
          "can_hash BOOLEAN",
        ],
        operatorRows,
      )
    } AS operators`,
  ),
  relation(
    "pg_cast",
    { oid: "oid", castsource: "source", casttarget: "target", castcontext: "context", castmethod: "method" },
    `FROM ${
      staticRows(
        ["oid UINTEGER", "source UINTEGER", "target UINTEGER", "context VARCHAR", "method VARCHAR"],
        castRows,
      )
    } AS casts`,
  ),
];
