/** WITH queries that change data: PostgreSQL allows them at the top of a statement only. */
import { bodyOf, child, list, type PgNode, typeOfNode } from "./tree.ts";

/** Those that can stand in WITH; MERGE could from PostgreSQL 17 on. */
export const changingStatements: ReadonlySet<string> = new Set(["InsertStmt", "UpdateStmt", "DeleteStmt"]);

/** The WITH queries of a statement itself that change data, as bodies of their CommonTableExpr. */
export function changingQueries(root: PgNode): readonly PgNode[] {
  const type = typeOfNode(root);
  if (type !== "SelectStmt" && !changingStatements.has(type)) return [];
  return list(child(bodyOf(root, type), "withClause"), "ctes").flatMap((node) => {
    const query = bodyOf(node, "CommonTableExpr");
    const inner = typeOfNode(child(query, "ctequery"));
    return query !== null && changingStatements.has(inner) ? [query] : [];
  });
}
