/**
 * A view keeps PostgreSQL's text of its query beside DuckDB's, so that `pg_get_viewdef` prints SQL that PostgreSQL reads: a CTE that
 * nothing reads, which DuckDB stores, renames, rolls back and drops with the view and never carries out
 * (`catalog/view_source.ts` reads it).
 */
import { viewSourceName } from "../../catalog/view_source.ts";
import { scanTokens } from "../../scanner.ts";
import { selectBody, target, textConstant } from "./build.ts";
import { bodyOf, child, flag, list, type PgNode, withFields } from "./tree.ts";

/** `root` with the text of its query, when it is a CREATE VIEW; `source` is the statement's own text. */
export function withViewSource(root: PgNode, source: string): PgNode {
  const view = bodyOf(root, "ViewStmt");
  const query = bodyOf(child(view, "query"), "SelectStmt");
  const text = view === null ? null : queryText(source);
  if (view === null || query === null || text === null) return root;
  const clause = child(query, "withClause");
  const kept = {
    CommonTableExpr: {
      ctename: viewSourceName,
      ctematerialized: "CTEMaterializeDefault",
      ctequery: { SelectStmt: selectBody([target(textConstant(text), "text")]) },
      location: -1,
    },
  };
  const withClause = {
    ctes: [kept, ...list(clause, "ctes")],
    ...(flag(clause, "recursive") ? { recursive: true } : {}),
    location: -1,
  };
  return { ViewStmt: withFields(view, { query: { SelectStmt: withFields(query, { withClause }) } }) };
}

/** What stands behind AS; of a RECURSIVE VIEW the query that it is short for. Null when the text is not read so. */
function queryText(source: string): string | null {
  const tokens = scanTokens(source);
  const isWord = (index: number, value: string) => tokens[index]?.kind === "word" && tokens[index].value === value;
  const view = tokens.findIndex((_, index) => isWord(index, "view"));
  const as = tokens.findIndex((_, index) => index > view && isWord(index, "as"));
  const first = tokens[as + 1];
  const last = tokens.findLast((token) => token.value !== ";");
  if (view < 0 || as < 0 || first === undefined || last === undefined || last.start < first.start) return null;
  const text = source.slice(first.start, last.end);
  if (!isWord(view - 1, "recursive")) return text;
  const open = tokens.findIndex((token, index) => index > view && token.kind === "symbol" && token.value === "(");
  const close = tokens.findIndex((token, index) => index > open && token.kind === "symbol" && token.value === ")");
  const name = tokens[open - 1];
  if (open < 0 || close > as || name === undefined) return null;
  const columns = source.slice(tokens[open]!.end, tokens[close]!.start);
  const shownName = source.slice(name.start, name.end);
  return `WITH RECURSIVE ${shownName}(${columns}) AS (${text}) SELECT ${columns} FROM ${shownName}`;
}
