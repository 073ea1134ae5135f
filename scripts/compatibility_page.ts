/**
 * Writes the list of known differences in docs/postgres-compatibility.md from the directives of the statement files in
 * tests/differential/statements: `deno run -A scripts/compatibility_page.ts`. A test sees to it that the page is current.
 */
import { fileURLToPath } from "node:url";
import { type ComparedStatement, parseStatementFile } from "../tests/differential/statement_file.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const pagePath = `${root}docs/postgres-compatibility.md`;
const statementsFolder = `${root}tests/differential/statements/`;
const begin = "<!-- known differences: written by scripts/compatibility_page.ts -->";
const end = "<!-- end of known differences -->";

/** One line a reason, with the aspects and the statements that show it. */
export function differencesTable(statements: readonly ComparedStatement[]): string {
  const byReason = new Map<string, ComparedStatement[]>();
  for (const statement of statements) {
    if (statement.reason === "") continue;
    byReason.set(statement.reason, [...byReason.get(statement.reason) ?? [], statement]);
  }
  const lines = [...byReason].sort(([a], [b]) => a < b ? -1 : 1).map(([reason, shown]) => {
    const aspects = [...new Set(shown.flatMap((statement) => [...statement.differs]))].join(", ");
    const example = shown[0]!.sql.replaceAll(/\s+/g, " ").replaceAll("|", "\\|");
    const more = shown.length > 1 ? ` and ${shown.length - 1} more` : "";
    return `| ${reason.replaceAll("|", "\\|")} | ${aspects} | \`${example.replaceAll("`", "")}\`${more} |`;
  });
  return ["| difference | in | seen in |", "| --- | --- | --- |", ...lines].join("\n");
}

export async function readStatements(): Promise<ComparedStatement[]> {
  const names = [...Deno.readDirSync(statementsFolder)].map((entry) => entry.name).sort();
  const files = await Promise.all(names.map((name) => Deno.readTextFile(statementsFolder + name)));
  return files.flatMap(parseStatementFile);
}

/** The page with its table made anew. */
export function withTable(page: string, statements: readonly ComparedStatement[]): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/postgres-compatibility.md has no line ${begin}`);
  const differing = statements.filter((statement) => statement.reason !== "").length;
  const summary = `${statements.length} statements are compared; ${differing} of them differ in a known way.`;
  return `${page.slice(0, from)}${begin}\n${summary}\n\n${differencesTable(statements)}\n${page.slice(to)}`;
}

if (import.meta.main) {
  await Deno.writeTextFile(pagePath, withTable(await Deno.readTextFile(pagePath), await readStatements()));
}
