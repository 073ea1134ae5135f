/** All emulated relations, each after those that its text uses. */
import { sqlFunctions } from "../../functions/mod.ts";
import { catalogFunctions, relationFunctions } from "../functions/mod.ts";
import { attributeRelations } from "../made/attributes.ts";
import { classRelations } from "../made/classes.ts";
import { constraintRelations } from "../made/constraints.ts";
import type { CatalogRelation } from "../types.ts";
import { descriptionRelations } from "./descriptions.ts";
import { emptyRelations } from "./empty.ts";
import { emulatedRelations } from "./emulated.ts";
import { functionRelations } from "./function_rows.ts";
import { informationSchema } from "./information_schema.ts";
import { operatorClassRelations } from "./operator_classes.ts";
import { operatorRelations } from "./operators.ts";
import { roleRelations } from "./roles.ts";
import { serverRelations } from "./server.ts";
import { sessionRelations } from "./session.ts";
import { statistics } from "./statistics.ts";
import { tableViews } from "./table_views.ts";
import { types } from "./type_rows.ts";

const functionNames: ReadonlySet<string> = new Set(
  [...sqlFunctions, ...catalogFunctions, ...relationFunctions].map((entry) => entry.name),
);

/** The relations of pg_catalog. They use macros of `catalogFunctions` only. */
export const pgCatalogRelations: readonly CatalogRelation[] = [
  ...classRelations(emulatedRelations),
  ...attributeRelations(emulatedRelations),
  ...types,
  ...constraintRelations,
  ...operatorClassRelations,
  ...functionRelations(functionNames),
  ...operatorRelations,
  ...roleRelations,
  ...serverRelations,
  ...descriptionRelations,
  ...tableViews(emulatedRelations),
  ...statistics(emulatedRelations),
  ...sessionRelations,
  ...emptyRelations,
];

export const catalogRelations: readonly CatalogRelation[] = [
  ...pgCatalogRelations,
  ...informationSchema,
];
