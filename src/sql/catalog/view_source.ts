/**
 * What a view's stored text tells: PostgreSQL's text of its query, and the relations and columns that it reads.
 *
 * A view made in PostgreSQL's dialect carries its text in a CTE (`translate/rewrite/view_source.ts`). One made in DuckDB's own dialect, or by
 * an older version, has DuckDB's text only; where that is PostgreSQL's grammar, its relations are found as well.
 */
import { scanTokens, type Token } from "../scanner.ts";
import { type ReadRelation, relationsIn } from "./view_relations.ts";

/** The CTE that holds the text; nothing reads it. */
export const viewSourceName = "__eider_source";

export interface StoredView {
  /** The view's own name, in lower case. */
  readonly name: string;
  /** Its list of columns in brackets, as it is written, else "". */
  readonly columns: string;
  /** The query, without a semicolon. */
  readonly query: string;
  /** Whether `query` is what the user wrote, and not DuckDB's text. */
  readonly isSource: boolean;
}

/** Takes DuckDB's `CREATE VIEW …` apart; null when it is none. */
export function readStoredView(createText: string): StoredView | null {
  const tokens = tokensOf(createText);
  const view = tokens.findIndex((token) => isName(token, "view"));
  const as = tokens.findIndex((token, index) => index > view && isName(token, "as") && token.kind === "word");
  const first = tokens[as + 1];
  if (view < 0 || as < 0 || first === undefined) return null;
  const names = tokens.slice(view + 1, as);
  const open = names.findIndex((token) => token.value === "(" && token.kind === "symbol");
  const name = (open < 0 ? names.at(-1) : names[open - 1])?.value ?? "v";
  const columns = open < 0 ? "" : createText.slice(names[open]!.start, names.at(-1)!.end);
  const source = sourceIn(tokens, as + 1);
  const stored = createText.slice(first.start).replace(/;\s*$/, "");
  return { name, columns, query: source ?? stored, isSource: source !== null };
}

/** `WITH [RECURSIVE] __eider_source AS … (SELECT '…'` begins at `index`. */
function sourceIn(tokens: readonly Token[], index: number): string | null {
  if (!isName(tokens[index], "with")) return null;
  const name = isName(tokens[index + 1], "recursive") ? index + 2 : index + 1;
  if (!isName(tokens[name], viewSourceName)) return null;
  const text = tokens.slice(name + 1, name + 8).find((token) => token.kind === "string");
  return text === undefined ? null : text.value;
}

/**
 * The relations that a query reads, each once, with the columns that it names of them; none when the text is not PostgreSQL's
 * grammar.
 */
export function readRelations(query: string): readonly ReadRelation[] {
  const known = remembered.get(query);
  if (known !== undefined) return known;
  const found = relationsIn(query);
  if (remembered.size >= rememberedMax) remembered.clear();
  remembered.set(query, found);
  return found;
}

/** A workspace's views are read again at every look at pg_depend. */
const rememberedMax = 1_000;
const remembered = new Map<string, readonly ReadRelation[]>();

/**
 * The query with a schema before each relation that has none: `schemas` by the relation's name in lower case. Names that it does not
 * have stay as they are.
 */
export function qualified(query: string, schemas: ReadonlyMap<string, string>): string {
  const places = readRelations(query).flatMap((relation) => {
    const schema = relation.schema === "" ? schemas.get(relation.name.toLowerCase()) : undefined;
    return schema === undefined ? [] : relation.offsets.map((offset) => ({ offset, schema }));
  });
  places.sort((first, second) => second.offset - first.offset);
  return places.reduce(
    (text, { offset, schema }) => `${text.slice(0, offset)}${schema}.${text.slice(offset)}`,
    query,
  );
}

export function tokensOf(text: string): readonly Token[] {
  try {
    return scanTokens(text);
  } catch {
    return [];
  }
}

export function isName(token: Token | undefined, value: string): boolean {
  return token !== undefined && (token.kind === "word" || token.kind === "quoted") && token.value === value;
}
