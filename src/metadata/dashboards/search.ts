/**
 * Lists and search over the summaries of dashboards. A search scans the words of all dashboards in question, as DuckDB has no
 * trigram index: Jaro-Winkler similarity, which it computes ten times as fast as an edit distance, picks the candidates, and
 * `dashboards/search_text.ts` ranks them (docs/adr/0005).
 */
import type { DashboardFilter, Page, PageRequest } from "../../dashboards/repository.ts";
import { typoLengthMin } from "../../dashboards/search_text.ts";
import type { DashboardSummary } from "../../dashboards/summary.ts";
import { AppError } from "../../errors/app_error.ts";
import { summaryColumns, toDashboardRow } from "./rows.ts";
import type { MetadataConnection, SqlParameter, SqlRow } from "../types.ts";

/** Two typing errors in eight letters stay above it, as long as half of the word is right. */
const similarityMin = 0.82;

interface Condition {
  readonly sql: string;
  readonly parameters: SqlParameter[];
}

export async function listSummaries(
  connection: MetadataConnection,
  filter: DashboardFilter,
  order: "name" | "updated",
  page: PageRequest,
): Promise<Page<DashboardSummary>> {
  const { sql, parameters } = conditionOf(filter);
  const bind = (value: SqlParameter) => `$${parameters.push(value)}`;
  let after = "true";
  if (page.after !== null) {
    const [first, second] = splitCursor(page.after);
    after = order === "name"
      ? `(name, project_id) > (${bind(first)}, ${bind(second)})`
      : `(updated_at, id) < (${bind(first)}, ${bind(Number(second))})`;
  }
  const rows = order === "name"
    ? await connection.query(
      `SELECT ${summaryColumns} FROM dashboard WHERE ${sql} AND ${after} ORDER BY name, project_id
       LIMIT ${bind(page.limit + 1)}`,
      parameters,
    )
    : await rowsOf(
      connection,
      await connection.query(
        `SELECT id FROM dashboard WHERE ${sql} AND ${after} ORDER BY updated_at DESC, id DESC
         LIMIT ${bind(page.limit + 1)}`,
        parameters,
      ),
    );
  return pageOf(
    rows,
    page,
    (summary) => order === "name" ? [summary.name, summary.project] : [summary.updatedAt, String(summary.id)],
  );
}

/** The trash of a project, last deleted first. */
export async function listTrash(
  connection: MetadataConnection,
  project: string,
  page: PageRequest,
): Promise<Page<DashboardSummary>> {
  const parameters: SqlParameter[] = [project];
  let after = "true";
  if (page.after !== null) {
    const [time, id] = splitCursor(page.after);
    parameters.push(time, Number(id));
    after = "(state_changed_at, id) < ($2, $3)";
  }
  const rows = await connection.query(
    `SELECT ${summaryColumns} FROM dashboard WHERE project_id = $1 AND state = 'deleted' AND ${after}
     ORDER BY state_changed_at DESC, id DESC LIMIT $${parameters.push(page.limit + 1)}`,
    parameters,
  );
  return pageOf(rows, page, (summary) => [summary.stateChangedAt, String(summary.id)]);
}

/**
 * Dashboards in which each word is found as it is written; when there is none, those that have something similar in name, title or tags. At most
 * `limit`, the most similar first.
 */
export async function findCandidates(
  connection: MetadataConnection,
  words: readonly string[],
  filter: DashboardFilter,
  limit: number,
): Promise<DashboardSummary[]> {
  if (words.length === 0) return [];
  const exact = await candidateIds(connection, words, filter, limit, false);
  const found = exact.length > 0 ? exact : await candidateIds(connection, words, filter, limit, true);
  return (await rowsOf(connection, found)).map((row) => toDashboardRow(row).summary);
}

/**
 * The rows of these dashboards, in this order, without those that are gone since. Where few of many rows are wanted, sorting
 * ids and reading those rows afterwards takes half as long as sorting all columns.
 */
async function rowsOf(connection: MetadataConnection, found: readonly SqlRow[]): Promise<SqlRow[]> {
  if (found.length === 0) return [];
  const ids = found.map((row) => Number(row["id"]));
  const marks = ids.map((_, index) => `$${index + 1}`).join(", ");
  const rows = await connection.query(`SELECT ${summaryColumns} FROM dashboard WHERE id IN (${marks})`, ids);
  const byId = new Map(rows.map((row) => [Number(row["id"]), row]));
  return ids.map((id) => byId.get(id)).filter((row) => row !== undefined);
}

async function candidateIds(
  connection: MetadataConnection,
  words: readonly string[],
  filter: DashboardFilter,
  limit: number,
  withTypos: boolean,
): Promise<SqlRow[]> {
  const { sql, parameters } = conditionOf(filter);
  const scores = words.map((word) => {
    const mark = `$${parameters.push(word)}`;
    const similar = withTypos && word.length >= typoLengthMin
      ? `list_max(list_transform(string_split(search_text, ' '),
           lambda word: jaro_winkler_similarity(word, ${mark}, ${similarityMin}))) * 0.5`
      : "0";
    return `CASE WHEN starts_with(search_text, ${mark}) OR contains(search_text, ' ' || ${mark}) THEN 1.0
      WHEN contains(search_text, ${mark}) THEN 0.8
      WHEN contains(search_description, ${mark}) THEN 0.6
      ELSE ${similar} END`;
  });
  return await connection.query(
    `SELECT id FROM (SELECT id, updated_at, ${scores.map((score, index) => `${score} AS score${index}`).join(", ")}
       FROM dashboard WHERE ${sql})
     WHERE ${words.map((_, index) => `score${index} > 0`).join(" AND ")}
     ORDER BY ${words.map((_, index) => `score${index}`).join(" + ")} DESC, updated_at DESC
     LIMIT $${parameters.push(limit)}`,
    parameters,
  );
}

function conditionOf({ project, states, tags }: DashboardFilter): Condition {
  const parameters: SqlParameter[] = [];
  const bind = (value: SqlParameter) => `$${parameters.push(value)}`;
  const conditions = [`state IN (${states.map(bind).join(", ")})`];
  if (project !== null) conditions.push(`project_id = ${bind(project)}`);
  // A broken row's tags are no JSON: it has none then.
  for (const tag of tags) {
    conditions.push(`list_contains(TRY_CAST(TRY_CAST(tags AS JSON) AS VARCHAR[]), ${bind(tag)})`);
  }
  return { sql: conditions.join(" AND "), parameters };
}

function pageOf(
  rows: readonly SqlRow[],
  page: PageRequest,
  keyOf: (summary: DashboardSummary) => readonly [string, string],
): Page<DashboardSummary> {
  const items = rows.slice(0, page.limit).map((row) => toDashboardRow(row).summary);
  const last = items.at(-1);
  return { items, next: rows.length > page.limit && last !== undefined ? keyOf(last).join(" ") : null };
}

/** Neither a name nor a time has a blank. */
function splitCursor(after: string): readonly [string, string] {
  const [first, second, more] = after.split(" ");
  if (first === undefined || second === undefined || more !== undefined) {
    throw new AppError("invalid_request", "cursor: of another list; take next_cursor of the page before", {
      fields: [{ pointer: "/cursor", detail: "not a cursor of this list" }],
    });
  }
  return [first, second];
}
