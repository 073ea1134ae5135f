/** All relations of information_schema, in PostgreSQL 16's shapes. */
import type { CatalogRelation } from "../types.ts";
import { informationConstraints } from "./information_schema_constraints.ts";
import { emptyInformationRelation, informationSchemaNames } from "./information_schema_define.ts";
import { informationPrivileges } from "./information_schema_privileges.ts";
import { informationRoutines } from "./information_schema_routines.ts";
import { informationTables } from "./information_schema_tables.ts";

/** Nobody can make foreign tables, servers or wrappers here. */
const foreign = informationSchemaNames.filter((name) => /foreign|^(_pg_)?user_mapping/.test(name)).map(
  emptyInformationRelation,
);

export const informationSchema: readonly CatalogRelation[] = [
  ...informationTables,
  ...informationConstraints,
  ...informationRoutines,
  ...informationPrivileges,
  ...foreign,
];
