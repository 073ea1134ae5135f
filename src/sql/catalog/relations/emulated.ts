/** The emulated relations themselves, as they are listed in the catalog. */
import { informationSchema } from "./information_schema.ts";
import { systemRelations } from "./system_relations.ts";

export const emulatedRelations = systemRelations(informationSchema);
