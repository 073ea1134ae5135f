/**
 * pg_proc and pg_aggregate: PostgreSQL's functions that exist here, by DuckDB or by a macro of the emulated catalog,
 * those that read and write values of types, and the user's own macros.
 */
import { catalogDatabase, type CatalogRelation } from "../types.ts";
import { keptPart } from "../memo/parts.ts";
import { objectOid, relation, shownSql } from "./define.ts";
import { ownRows, roleOids, schemaOid, schemaOids } from "./objects.ts";
import { type PostgresFunction, postgresFunctions } from "./postgres_functions.ts";
import { typeOid } from "./postgres_types.ts";
import { staticRows } from "./static_rows.ts";

/** pg_language.oid. */
const [internal, sql] = [12, 14];
const [anyType, record] = ["any", "record"].map(typeOid);

/** Macros that the engine makes in each session to answer current_user and its like. */
const sessionMacros =
  "current_user session_user user current_role current_database current_catalog pg_backend_pid version".split(" ");

/**
 * The user's macros, one row an overload: shown_schema, function_name, is_table, parameters, parameter_types (null
 * where none was said), macro_definition, comment, signature.
 */
export const ownFunctions = keptPart(
  "own_functions",
  [
    ["shown_schema", "VARCHAR"],
    ["function_name", "VARCHAR"],
    ["is_table", "BOOLEAN"],
    ["parameters", "VARCHAR[]"],
    ["parameter_types", "VARCHAR[]"],
    ["macro_definition", "VARCHAR"],
    ["comment", "VARCHAR"],
    ["signature", "VARCHAR"],
  ],
  ownRows(
    "duckdb_functions",
    `function_name, function_type = 'table_macro' AS is_table, parameters, parameter_types, macro_definition, comment,
   concat(function_name, '(',
     array_to_string(list_transform(parameter_types, lambda type: coalesce(type, 'any')), ','), ')') AS signature`,
    `NOT internal AND function_type IN ('macro', 'table_macro') AND NOT (database_name = 'temp' AND function_name IN (${
      sessionMacros.map((name) => `'${name}'`).join(", ")
    }))`,
  ),
  "routines",
);

/** SQL of the OID of a row of `ownFunctions`. */
export const functionOid = objectOid("function", "shown_schema", "signature");

const typeOfParameter = `CASE WHEN type IS NULL THEN ${anyType} ELSE ${catalogDatabase}.pg."__type_oid"(type) END`;

const builtIn = (functions: readonly PostgresFunction[]) =>
  staticRows(
    [
      "oid UINTEGER",
      "name VARCHAR",
      "kind VARCHAR",
      "strict BOOLEAN",
      "returns_set BOOLEAN",
      "volatility VARCHAR",
      "return_type UINTEGER",
      "argument_types UINTEGER[]",
      "variadic_type UINTEGER",
      "default_count INTEGER",
      "all_types UINTEGER[]?",
      "modes VARCHAR[]?",
      "names VARCHAR[]?",
    ],
    functions.map((entry) => [
      entry.oid,
      entry.name,
      entry.kind,
      entry.strict,
      entry.returnsSet,
      entry.volatility,
      typeOid(entry.returnType),
      list(entry.argumentTypes.map(typeOid)),
      entry.variadicType === "" ? 0 : typeOid(entry.variadicType),
      entry.defaultCount,
      entry.allTypes.length === 0 ? "" : list(entry.allTypes.map(typeOid)),
      entry.modes.length === 0 ? "" : list(entry.modes),
      entry.names.length === 0 ? "" : list(entry.names),
    ]),
  );

const list = (values: readonly (string | number)[]) => `[${values.join(", ")}]`;

/** Aggregates WITHIN GROUP: pg_aggregate.aggkind and the number of arguments before it. */
const orderedSetAggregates: Readonly<Record<string, readonly [kind: string, directArguments: number]>> = {
  mode: ["o", 0],
  percentile_cont: ["o", 1],
  percentile_disc: ["o", 1],
  rank: ["h", 1],
  dense_rank: ["h", 1],
  percent_rank: ["h", 1],
  cume_dist: ["h", 1],
};

/** `macroNames`: functions that the emulated catalog defines. */
export function functionRelations(macroNames: ReadonlySet<string>): CatalogRelation[] {
  const existing = postgresFunctions.filter(({ name, inEngine, isTypeSupport }) =>
    inEngine || isTypeSupport || macroNames.has(name)
  );
  return [
    relation(
      "pg_proc",
      {
        oid: "oid",
        proname: "name",
        pronamespace: "namespace",
        proowner: "owner",
        prolang: "language",
        procost: "1",
        prorows: "CASE WHEN returns_set THEN 1000 ELSE 0 END",
        provariadic: "variadic_type",
        prokind: "kind",
        proisstrict: "strict",
        proretset: "returns_set",
        provolatile: "volatility",
        proparallel: "'s'",
        pronargs: "len(argument_types)",
        pronargdefaults: "default_count",
        prorettype: "return_type",
        proargtypes: "argument_types",
        proallargtypes: "all_types",
        proargmodes: "modes",
        proargnames: "names",
        prosrc: "source",
      },
      `FROM (
        SELECT oid, ${schemaOids.pg_catalog} AS namespace, name, ${roleOids.user} AS owner,
          ${internal} AS language, kind, strict, returns_set, volatility, return_type, argument_types, variadic_type,
          default_count, all_types, modes, names, name AS source
        FROM ${builtIn(existing)} AS built_in
        UNION ALL
        SELECT ${functionOid}, ${
        schemaOid("shown_schema")
      }, function_name, ${roleOids.user}, ${sql}, 'f', false, is_table, 'v',
          CASE WHEN is_table THEN ${record} ELSE ${anyType} END,
          list_transform(parameter_types, lambda type: ${typeOfParameter}), 0, 0, NULL, NULL,
          CASE WHEN len(parameters) > 0 THEN parameters END, ${shownSql("macro_definition")}
        FROM ${ownFunctions} AS own
      ) AS functions`,
    ),
    relation(
      "pg_aggregate",
      {
        aggfnoid: "oid",
        aggkind: "kind",
        aggnumdirectargs: "direct_arguments",
        aggfinalmodify: "'r'",
        aggmfinalmodify: "'r'",
      },
      `FROM ${
        staticRows(
          ["oid UINTEGER", "kind VARCHAR", "direct_arguments INTEGER"],
          existing.filter(({ kind }) => kind === "a").map(({ oid, name }) => [
            oid,
            ...(orderedSetAggregates[name] ?? ["n", 0] as const),
          ]),
        )
      } AS aggregates`,
    ),
  ];
}
