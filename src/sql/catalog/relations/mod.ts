/** All emulated relations, each after those that its text uses. */
import { sqlFunctions } from "../../functions/mod.ts";
import { catalogFunctions, relationFunctions } from "../functions/mod.ts";
import type { CatalogRelation } from "../types.ts";
import { attributes } from "./attributes.ts";
import { classes } from "./classes.ts";
import { constraintRelations } from "./constraints.ts";
import { descriptionRelations } from "./descriptions.ts";
import { emptyRelations } from "./empty.ts";
import { functionRelations } from "./function_rows.ts";
import { informationSchema } from "./information_schema.ts";
import { namespaces } from "./namespaces.ts";
import { operatorClassRelations } from "./operator_classes.ts";
import { operatorRelations } from "./operators.ts";
import { roleRelations } from "./roles.ts";
import { serverRelations } from "./server.ts";
import { sessionRelations } from "./session.ts";
import { statistics } from "./statistics.ts";
import { systemRelations } from "./system_relations.ts";
import { tableViews } from "./table_views.ts";
import { types } from "./type_rows.ts";

const system = systemRelations(informationSchema);
const functionNames: ReadonlySet<string> = new Set(
  [...sqlFunctions, ...catalogFunctions, ...relationFunctions].map((entry) => entry.name),
);

/** The relations of pg_catalog. They use macros of `catalogFunctions` only. */
export const pgCatalogRelations: readonly CatalogRelation[] = [
  ...namespaces,
  ...classes(system),
  ...attributes(system),
  ...types,
  ...constraintRelations,
  ...operatorClassRelations,
  ...functionRelations(functionNames),
  ...operatorRelations,
  ...roleRelations,
  ...serverRelations,
  ...descriptionRelations,
  ...tableViews(system),
  ...statistics(system),
  ...sessionRelations,
  ...emptyRelations,
];

export const catalogRelations: readonly CatalogRelation[] = [
  ...pgCatalogRelations,
  ...informationSchema,
];
