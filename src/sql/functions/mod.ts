/** All of PostgreSQL's functions that are not about the catalog. A macro may use only what stands before it. */
import { arrayFunctions } from "./arrays.ts";
import { byteFunctions } from "./bytes.ts";
import { dateFunctions } from "./dates.ts";
import { formattingFunctions } from "./formatting.ts";
import { jsonBuildingFunctions } from "./json_building.ts";
import { jsonFunctions } from "./json_functions.ts";
import { numberFunctions } from "./numbers.ts";
import { regularExpressionFunctions } from "./regular_expressions.ts";
import { systemFunctions } from "./system.ts";
import { textFunctions } from "./text.ts";
import type { SqlFunction } from "./types.ts";
import { valueFunctions } from "./values.ts";

export const sqlFunctions: readonly SqlFunction[] = [
  ...valueFunctions,
  ...numberFunctions,
  ...regularExpressionFunctions,
  ...textFunctions,
  ...byteFunctions,
  ...arrayFunctions,
  ...formattingFunctions,
  ...dateFunctions,
  ...jsonBuildingFunctions,
  ...jsonFunctions,
  ...systemFunctions,
];
