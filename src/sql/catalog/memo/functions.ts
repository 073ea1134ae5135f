/** All functions that answer from kept rows. */
import { objectNameLookups } from "./object_names.ts";
import type { LookupFunction } from "./types.ts";

export const lookupFunctions: readonly LookupFunction[] = [...objectNameLookups];
