/**
 * All of PostgreSQL's functions about the catalog and the session. Set-returning functions are macros that give a list;
 * the translation unnests it (`setFunctions`). Overloads with a VARCHAR and a BIGINT parameter take a name or an OID; a
 * text of digits is an OID, too.
 */
import type { SqlFunction } from "../../functions/types.ts";
import { aclFunctions } from "./acl.ts";
import { definitionFunctions } from "./definitions.ts";
import { descriptionFunctions } from "./descriptions.ts";
import { keywordsFunction, quotedName } from "./keywords.ts";
import { nameSyntaxFunctions } from "./name_syntax.ts";
import { objectNameFunctions } from "./object_names.ts";
import { objectOid } from "./object_oid.ts";
import { privilegeFunctions } from "./privileges.ts";
import { routineFunctions } from "./routines.ts";
import { searchPathFunctions } from "./search_path.ts";
import { serverFunctions, viewFunctionNames } from "./server.ts";
import { sessionFunctions, userById } from "./session.ts";
import { shownSqlFunctions } from "./shown_sql.ts";
import { sizeFunctionNames, sizeFunctions } from "./sizes.ts";
import { sessionStatisticsNames, statisticsFunctions } from "./statistics.ts";
import { informationSchemaHelpers, typeFunctions } from "./type_functions.ts";
import { typeMapping } from "./type_mapping.ts";

/** Those that need nothing but the state tables. */
export const catalogFunctions: readonly SqlFunction[] = [
  objectOid,
  ...typeMapping,
  quotedName,
  keywordsFunction,
  ...nameSyntaxFunctions,
  ...shownSqlFunctions,
  ...informationSchemaHelpers,
  userById,
  ...aclFunctions,
];

/**
 * Those that read relations of pg_catalog or ask the session (`engine/session_functions.ts`); both must exist when they
 * are created.
 */
export const relationFunctions: readonly SqlFunction[] = [
  ...searchPathFunctions,
  ...objectNameFunctions,
  ...typeFunctions,
  ...privilegeFunctions,
  ...sessionFunctions,
  ...definitionFunctions,
  ...routineFunctions,
  ...descriptionFunctions,
  ...sizeFunctions,
  ...statisticsFunctions,
  ...serverFunctions,
];

/** How a function that gives rows gives them: as a list to unnest, or as one row. */
export interface SetFunction {
  readonly gives: "list" | "row";
  /** Whether an element is a STRUCT, whose fields are the columns; otherwise it is a value. */
  readonly isComposite: boolean;
}

const listOfRows: SetFunction = { gives: "list", isComposite: true };
const listOfValues: SetFunction = { gives: "list", isComposite: false };
const oneRow: SetFunction = { gives: "row", isComposite: true };

/**
 * Functions that stand in FROM or give several rows in a select list. `FROM f(x)` is `FROM (SELECT unnest(f(x),
 * max_depth := 2))` for rows, `FROM (SELECT unnest(f(x)) AS f)` for values, and the same over `[f(x)]` for one row.
 */
export const setFunctions: ReadonlyMap<string, SetFunction> = new Map<string, SetFunction>([
  ["_pg_expandarray", listOfRows],
  ...viewFunctionNames.map(([name]) => [name, listOfRows] as const),
  ["aclexplode", listOfRows],
  ["pg_get_keywords", listOfRows],
  ["pg_get_publication_tables", listOfRows],
  ["pg_get_replication_slots", listOfRows],
  ["pg_options_to_table", listOfRows],
  ["pg_partition_tree", listOfRows],
  ["pg_partition_ancestors", listOfValues],
  ["pg_snapshot_xip", listOfValues],
  ["pg_stat_get_backend_idset", listOfValues],
  ["pg_tablespace_databases", listOfValues],
  ["txid_snapshot_xip", listOfValues],
  ["pg_identify_object", oneRow],
  ["pg_sequence_parameters", oneRow],
]);

/**
 * Functions that read rows which the engine writes before a statement: the relation that stands for these rows in
 * `Translation.relations`.
 */
export const relationsBehind: ReadonlyMap<string, string> = new Map([
  ...sessionStatisticsNames.map((name) => [name, "pg_stat_activity"] as const),
  ...sizeFunctionNames.map((name) => [name, "table_sizes"] as const),
  ...viewFunctionNames,
]);
