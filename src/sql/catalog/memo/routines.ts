/** Functions as text: PostgreSQL's own from a list, the user's from kept rows. */
import { lookupMemo } from "./define.ts";
import {
  functionArguments,
  functionDefinition,
  functionResult,
  functionSignature,
  userFunctions,
} from "../functions/routines.ts";
import type { LookupFunction, SessionView } from "./types.ts";

interface UserFunction {
  readonly isTable: boolean;
  readonly signature: string;
  readonly arguments: string;
  readonly definition: string;
}

const userFunctionsMemo = lookupMemo<ReadonlyMap<string, UserFunction>>(
  "functions of the user",
  userFunctions,
  (rows) =>
    new Map(rows.map(([oid, isTable, signature, parameters, definition]) => [oid!, {
      isTable: isTable === "t",
      signature: signature ?? "",
      arguments: parameters ?? "",
      definition: definition ?? "",
    }])),
  "routines",
);

function textOfFunction(
  name: `__eider_${string}`,
  ofServer: (oid: number) => string | null,
  ofUser: (entry: UserFunction) => string,
): LookupFunction {
  return {
    name,
    parameters: ["BIGINT"],
    returns: "VARCHAR",
    memos: [userFunctionsMemo],
    call: (view: SessionView, oid: bigint) => {
      const known = ofServer(Number(oid));
      if (known !== null) return known;
      const own = view.lookUp(userFunctionsMemo).get(String(oid));
      return own === undefined ? null : ofUser(own);
    },
  };
}

export const routineLookups: readonly LookupFunction[] = [
  textOfFunction("__eider_function_signature", functionSignature, (own) => own.signature),
  textOfFunction("__eider_function_arguments", functionArguments, (own) => own.arguments),
  textOfFunction("__eider_function_result", functionResult, (own) => own.isTable ? "SETOF record" : '"any"'),
  textOfFunction("__eider_function_definition", functionDefinition, (own) => own.definition),
];
