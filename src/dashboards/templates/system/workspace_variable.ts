/** The variable of templates about workspaces: those that the server's own history knows. */
import { listVariable } from "./build.ts";

export const workspaceVariable = listVariable("workspace", { title: "Workspace", all: "*" }, {
  kind: "DuckDBValuesVariable",
  spec: {
    query: `SELECT DISTINCT labels->>'workspace_id' AS value FROM metrics
WHERE name IN ('pgwire_queries_total', 'workspace_size_bytes') AND at >= $__start AND at < $__end ORDER BY 1`,
  },
});
