/**
 * SQL that DuckDB keeps for a view, a default or a check, as the user should see it: without the internal database, the
 * workspace's and the project's database names, and with `public` for DuckDB's schema main.
 */
import type { Token } from "../../scanner.ts";
import { anyTypesName } from "../../functions/overloads.ts";
import { catalogDatabase } from "../types.ts";
import { isName, qualified, readRelations, readStoredView, tokensOf } from "../view_source.ts";
import { quoteIdentifier } from "./keywords.ts";
import { pureFunction } from "./macro.ts";

/** Casts that the translation wrote as calls, and functions of PostgreSQL with the same result. */
const internalFunctions: Readonly<Record<string, string>> = {
  __regclass: "to_regclass",
  __regnamespace: "to_regnamespace",
  __regproc: "to_regproc",
  __regrole: "to_regrole",
  __regtype: "to_regtype",
  __output_text: "text",
};

/** Of the macros that stand for PostgreSQL's functions where DuckDB learns types late (`functions/overloads.ts`). */
const anyTypesEnding = new RegExp(`${anyTypesName("")}$`);

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** `database` is the workspace's own in DuckDB. A text that cannot be read comes back unchanged. */
export function shownSql(text: string, database: string): string {
  const tokens = tokensOf(text);
  const edits: Edit[] = [];
  const mainIsAlias = tokens.some((token, index) => isName(token, "main") && isName(tokens[index - 1], "as"));
  for (let index = 0; index < tokens.length; index++) {
    const chain = nameChain(tokens, index);
    if (chain.length === 0) continue;
    // A dot stands between two names.
    index += 2 * (chain.length - 1);
    const [last, following, closing] = [chain.at(-1)!, tokens[index + 1], tokens[index + 2]];
    const shown = shownName(text, chain, following, database.toLowerCase(), mainIsAlias);
    if (shown !== null) edits.push({ start: chain[0]!.start, end: last.end, text: shown });
    else if (isName(last, "count_star") && following?.value === "(" && closing?.value === ")") {
      edits.push({ start: last.start, end: closing.end, text: "count(*)" });
    }
  }
  return edits.reduceRight((result, edit) => result.slice(0, edit.start) + edit.text + result.slice(edit.end), text);
}

/**
 * The query of DuckDB's `CREATE VIEW` text, as pg_get_viewdef prints one: a space before it, a semicolon behind, and a schema before each
 * relation, so that it means the same on every search path. `schemas` has a line `NAME tab SCHEMA` for each relation named without one.
 */
export function viewDefinition(createText: string, database: string, schemas: string): string {
  const view = readStoredView(createText);
  if (view === null) return shownSql(createText, database);
  const query = qualified(shownQuery(view.query, database), schemasByName(schemas));
  return view.columns === "" ? ` ${query};` : ` SELECT * FROM (${query}) ${quoteIdentifier(view.name)}${view.columns};`;
}

/**
 * The relations that a view reads: a line `SCHEMA tab NAME tab COLUMN…` each, where the schema may be empty and a column `*`; "" for none.
 */
export function viewReads(createText: string, database: string): string {
  const view = readStoredView(createText);
  if (view === null) return "";
  return readRelations(shownQuery(view.query, database)).map(({ schema, name, fields }) =>
    [schema, name, ...fields.all ? ["*"] : fields.names].filter((text) => !/[\t\n]/.test(text)).join("\t")
  ).join("\n");
}

/** The views of a catalog are read again and again: a text is shown once. */
function shownQuery(query: string, database: string): string {
  const key = `${database}\n${query}`;
  const known = shownQueries.get(key);
  if (known !== undefined) return known;
  const shown = shownSql(query, database);
  if (shownQueries.size >= shownQueriesMax) shownQueries.clear();
  shownQueries.set(key, shown);
  return shown;
}

const shownQueriesMax = 1_000;
const shownQueries = new Map<string, string>();

function schemasByName(lines: string): ReadonlyMap<string, string> {
  const pairs = lines.split("\n").filter((line) => line !== "").map((line) => line.split("\t") as [string, string]);
  return new Map(pairs.map(([name, schema]) => [name.toLowerCase(), quoteIdentifier(schema)]));
}

/** The tokens of the names `a.b.c` that begins at `index`; empty when none does. */
function nameChain(tokens: readonly Token[], index: number): Token[] {
  const chain: Token[] = [];
  for (let next = index;; next += 2) {
    const token = tokens[next];
    if (token === undefined || (token.kind !== "word" && token.kind !== "quoted")) return [];
    chain.push(token);
    if (tokens[next + 1]?.value !== "." || tokens[next + 1]?.kind !== "symbol") return chain;
    if (tokens[next + 2]?.kind === "symbol") return chain;
  }
}

/** What to print for the chain, or null to leave it. */
function shownName(
  text: string,
  chain: readonly Token[],
  following: Token | undefined,
  database: string,
  mainIsAlias: boolean,
): string | null {
  const [first, second] = chain as [Token, Token | undefined];
  if (second === undefined) return null;
  const rest = (from: number) => text.slice(chain[from]!.start, chain.at(-1)!.end);
  if (first.value === catalogDatabase && chain.length > 2) {
    const name = chain[2]!.value;
    if (second.value === "info") return `information_schema.${rest(2)}`;
    if (following?.value !== "(") return `pg_catalog.${rest(2)}`;
    return quoteIdentifier(internalFunctions[name] ?? name.replace(anyTypesEnding, "").replace(/^__/, ""));
  }
  if ((first.value === database || first.value === "project") && chain.length > 2) {
    return second.value === "main" ? `public.${rest(2)}` : rest(1);
  }
  if (first.value === database && chain.length === 2) return rest(1);
  return first.value === "main" && !mainIsAlias ? `public.${rest(1)}` : null;
}

export const shownSqlFunctions = [
  pureFunction("shown_sql", ["VARCHAR", "VARCHAR"], "VARCHAR", shownSql),
  pureFunction("view_definition", ["VARCHAR", "VARCHAR", "VARCHAR"], "VARCHAR", viewDefinition),
  pureFunction("view_reads", ["VARCHAR", "VARCHAR"], "VARCHAR", viewReads),
];
