/**
 * Things of the source that its tree does not show, yet DuckDB reads otherwise than PostgreSQL: capital letters of a
 * name that is being given, names that are words of DuckDB's grammar, numbers in base 16, and strings with escapes.
 */
import { scanTokens } from "../../scanner.ts";
import { isObject, type PgNode } from "./tree.ts";

const spellings =
  /\b0[xob][0-9a-f_]|\bu&['"]|(?<![\w'])[bx]'|'[^']*'\s*\n\s*'|(?:\b(?:from|join|update|table)|,)\s+only\b|\bcontinue\s+identity\b/i;

/** DuckDB's words that are no words of PostgreSQL's, or are free names there. */
const words = ("anti asof at by columns describe generated glob lambda map pivot pivot_longer pivot_wider positional " +
  "qualify semi show struct summarize try_cast unpack unpivot").replaceAll(" ", "|");
const duckdbWords = new RegExp(`\\b(?:${words})\\b`, "i");
const duckdbWord = new RegExp(`^(?:${words})$`);

/** Whether the text must be printed anew even if its tree stays as it is. */
export function mustBePrinted(source: string, root: PgNode): boolean {
  if (spellings.test(source)) return true;
  const capitals = /[A-Z]/.test(source) ? capitalWords(source) : null;
  const foreign = duckdbWords.test(source);
  if ((capitals === null || capitals.size === 0) && !foreign) return false;
  return givesName(
    root,
    (name) => capitals?.has(name) === true,
    foreign ? (name) => duckdbWord.test(name) : () => false,
  );
}

/** Unquoted words with a capital letter, as PostgreSQL folds them. */
function capitalWords(source: string): Set<string> {
  const words = new Set<string>();
  for (const token of scanTokens(source)) {
    if (token.kind !== "word") continue;
    const written = source.slice(token.start, token.end);
    const folded = written.toLowerCase();
    if (folded !== written) words.add(folded);
  }
  return words;
}

/** Fields in which a statement gives a name to a column, table or the like. */
const givingFields: ReadonlySet<string> = new Set(["name", "aliasname", "colname", "idxname", "conname", "newname"]);
/** Fields of relations that a CREATE statement makes. */
const createdFields: ReadonlySet<string> = new Set(["relation", "rel", "view", "sequence"]);

function givesName(root: PgNode, given: (name: string) => boolean, reserved: (name: string) => boolean): boolean {
  const creates = /^(?:Create|View|IndexStmt|Rename|AlterTable)/.test(Object.keys(root)[0] ?? "");
  const stack: [value: PgNode, field: string][] = [[root, ""]];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const [value, field] = next;
    for (const key in value) {
      const part = value[key];
      if (typeof part === "string") {
        if (givingFields.has(key) && given(part)) return true;
        if (key === "relname" && creates && createdFields.has(field) && given(part)) return true;
        if (key === "sval" && field === "colnames" && given(part)) return true;
        if ((key === "sval" || key === "relname" || givingFields.has(key)) && reserved(part)) return true;
      } else if (Array.isArray(part)) {
        for (const item of part) if (isObject(item)) stack.push([item, key]);
      } else if (isObject(part)) {
        // The wrapper keeps the field under which it stands: {String: {sval}} in colnames.
        stack.push([part, /^[A-Z]/.test(key) ? field : key]);
      }
    }
  }
  return false;
}
