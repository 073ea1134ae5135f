/** All functions that answer from kept rows. */
import { definitionLookups } from "./definitions.ts";
import { descriptionLookups } from "./descriptions.ts";
import { objectNameLookups } from "./object_names.ts";
import { privilegeLookups } from "./privileges.ts";
import { routineLookups } from "./routines.ts";
import { sizeLookups } from "./sizes.ts";
import type { LookupFunction } from "./types.ts";

export const lookupFunctions: readonly LookupFunction[] = [
  ...objectNameLookups,
  ...definitionLookups,
  ...descriptionLookups,
  ...privilegeLookups,
  ...routineLookups,
  ...sizeLookups,
];
