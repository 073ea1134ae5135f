/** All functions that answer from kept rows. */
import type { LookupFunction } from "./types.ts";

export const lookupFunctions: readonly LookupFunction[] = [];
