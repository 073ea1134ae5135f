/**
 * The functions that answer from kept rows (`sql/catalog/memo`), as functions of DuckDB. Volatile: what they find is another thing after a definition
 * has changed, so DuckDB must not keep an answer in a plan.
 */
import type { JavaScriptFunction, JavaScriptValue } from "../../sql/functions/types.ts";
import { lookupFunctions } from "../../sql/catalog/memo/functions.ts";
import type { SessionView } from "../../sql/catalog/memo/types.ts";
import { namesOnPath } from "../../sql/catalog/functions/path_names.ts";
import type { SessionDirectory } from "../session_directory.ts";
import type { CatalogMemos } from "./catalog_memos.ts";

/** `database` is the workspace's own. */
export function lookupFunctionsOf(
  sessions: SessionDirectory,
  memos: Pick<CatalogMemos, "foundFor">,
  database: () => string,
): readonly JavaScriptFunction[] {
  const viewOf = (processId: number): SessionView => {
    const session = sessions.get(processId);
    const setting = (name: string) => session?.setting(name) ?? "";
    return {
      username: session?.username ?? "",
      database: database(),
      get path() {
        return namesOnPath(setting("search_path"), this.username);
      },
      setting,
      lookUp: (memo) => memos.foundFor(processId, memo),
    };
  };
  return lookupFunctions.map((definition) => {
    const call = definition.call as (view: SessionView, ...parameters: JavaScriptValue[]) => JavaScriptValue;
    return {
      kind: "javascript",
      name: definition.name,
      parameters: ["BIGINT", ...definition.parameters],
      returns: definition.returns,
      volatile: true,
      call: (processId: bigint, ...parameters: JavaScriptValue[]) => call(viewOf(Number(processId)), ...parameters),
    };
  });
}
