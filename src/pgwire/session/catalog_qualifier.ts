/**
 * Drivers write `pg_catalog.version()`. DuckDB has no such functions in its `pg_catalog`; the session's own (`identify`) stand in
 * its temporary schema. The qualifier is blanked out rather than cut, so that error positions stay right.
 */
const sessionFunctions =
  "version|current_database|current_user|session_user|current_schema|current_schemas|pg_backend_pid|current_setting";

/** Matches literals, quoted names and comments first, which stay as they are. */
const qualifierPattern = new RegExp(
  "'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\\n]*|/\\*[\\s\\S]*?\\*/|\\$(\\w*)\\$[\\s\\S]*?\\$\\1\\$|" +
    `\\bpg_catalog\\s*\\.\\s*(?=(?:${sessionFunctions})\\s*\\()`,
  "gi",
);

export function withoutCatalogQualifier(text: string): string {
  if (!/pg_catalog/i.test(text)) return text;
  return text.replace(qualifierPattern, (match) => /^pg_catalog/i.test(match) ? " ".repeat(match.length) : match);
}
