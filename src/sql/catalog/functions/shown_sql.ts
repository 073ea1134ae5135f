/**
 * SQL that DuckDB keeps for a view, a default or a check, as the user should see it: without the internal database, the
 * workspace's and the project's database names, and with `public` for DuckDB's schema main.
 */
import { scanTokens, type Token } from "../../scanner.ts";
import { catalogDatabase } from "../types.ts";
import { quoteIdentifier } from "./keywords.ts";
import { pureFunction } from "./macro.ts";

/** Casts that the translation wrote as calls, and functions of PostgreSQL with the same result. */
const internalFunctions: Readonly<Record<string, string>> = {
  __regclass: "to_regclass",
  __regnamespace: "to_regnamespace",
  __regproc: "to_regproc",
  __regrole: "to_regrole",
  __regtype: "to_regtype",
};

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

/** The SELECT of DuckDB's `CREATE VIEW` text, as pg_get_viewdef prints one: a space before it, a semicolon behind. */
export function viewDefinition(createText: string, database: string): string {
  const tokens = tokensOf(createText);
  const view = tokens.findIndex((token) => isName(token, "view"));
  const as = tokens.findIndex((token, index) => index > view && isName(token, "as") && token.kind === "word");
  const first = tokens[as + 1];
  if (view < 0 || as < 0 || first === undefined) return shownSql(createText, database);
  const body = shownSql(createText.slice(first.start).replace(/;\s*$/, ""), database);
  const names = tokens.slice(view + 1, as);
  const open = names.findIndex((token) => token.value === "(" && token.kind === "symbol");
  if (open < 0) return ` ${body};`;
  const columns = createText.slice(names[open]!.start, names.at(-1)!.end);
  return ` SELECT * FROM (${body}) ${quoteIdentifier(names[open - 1]?.value ?? "v")}${columns};`;
}

function tokensOf(text: string): readonly Token[] {
  try {
    return scanTokens(text);
  } catch {
    return [];
  }
}

function isName(token: Token | undefined, value: string): boolean {
  return token !== undefined && (token.kind === "word" || token.kind === "quoted") && token.value === value;
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
    return quoteIdentifier(internalFunctions[name] ?? name);
  }
  if ((first.value === database || first.value === "project") && chain.length > 2) {
    return second.value === "main" ? `public.${rest(2)}` : rest(1);
  }
  if (first.value === database && chain.length === 2) return rest(1);
  return first.value === "main" && !mainIsAlias ? `public.${rest(1)}` : null;
}

export const shownSqlFunctions = [
  pureFunction("shown_sql", ["VARCHAR", "VARCHAR"], "VARCHAR", shownSql),
  pureFunction("view_definition", ["VARCHAR", "VARCHAR"], "VARCHAR", viewDefinition),
];
