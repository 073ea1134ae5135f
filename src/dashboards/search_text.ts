/**
 * Words of dashboards and of what somebody looks for, and how well they fit. The store keeps the words of each dashboard as
 * one text and gives candidates that are similar enough; here they are ranked, and those that only look similar dropped.
 */
import type { DashboardSummary } from "./summary.ts";

/** Words of a query beyond these do not narrow it any further. */
export const queryWordsMax = 8;
/** Shorter words are too often similar to others by chance. */
export const typoLengthMin = 4;

/** Lower case, without accents, only letters and digits, one blank between words. */
export function normaliseText(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}+/gu, "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}

/** What the store keeps for search. */
export function searchTexts(
  dashboard: { name: string; title: string | null; description: string | null; tags: readonly string[] | null },
): { searchText: string; searchDescription: string } {
  const parts = [dashboard.name, dashboard.title ?? "", ...(dashboard.tags ?? [])];
  return {
    searchText: normaliseText(parts.join(" ")),
    searchDescription: normaliseText(dashboard.description ?? ""),
  };
}

/** The distinct words of a query. */
export function queryWords(query: string): string[] {
  return [...new Set(normaliseText(query.slice(0, 500)).split(" "))].filter((word) => word !== "").slice(
    0,
    queryWordsMax,
  );
}

/** How many typing errors a word of this length may have. */
export function typosMax(length: number): number {
  return length < typoLengthMin ? 0 : length < 8 ? 1 : 2;
}

/**
 * From 0 (does not fit) to 1 (each word is a word of the title): every word must be found, as a word, a beginning, a part,
 * or with a few typing errors, in name, title and tags, or, for less, in the description.
 */
export function scoreOf(
  words: readonly string[],
  dashboard: Pick<DashboardSummary, "name" | "title" | "description" | "tags">,
): number {
  if (words.length === 0) return 0;
  const title = normaliseText(dashboard.title ?? dashboard.name);
  const { searchText, searchDescription } = searchTexts(dashboard);
  let sum = 0;
  for (const word of words) {
    const score = Math.max(fit(word, title), 0.95 * fit(word, searchText), 0.5 * fit(word, searchDescription));
    if (score === 0) return 0;
    sum += score;
  }
  return sum / words.length;
}

function fit(word: string, text: string): number {
  if (text === "") return 0;
  const words = text.split(" ");
  if (words.includes(word)) return 1;
  if (words.some((candidate) => candidate.startsWith(word))) return 0.9;
  if (text.includes(word)) return 0.75;
  const errorsMax = typosMax(word.length);
  if (errorsMax === 0) return 0;
  let best = 0;
  for (const candidate of words) {
    const errors = typingErrors(word, candidate, errorsMax);
    if (errors <= errorsMax) best = Math.max(best, 0.7 - 0.15 * (errors - 1));
  }
  return best;
}

/**
 * The fewest letters to leave out, add, change or swap with their neighbour that make one word of the other (optimal string
 * alignment); `limit + 1` for more than the limit.
 */
export function typingErrors(left: string, right: string, limit: number): number {
  const a = [...left];
  const b = [...right];
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      let errors = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + cost,
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        errors = Math.min(errors, (beforePrevious[column - 2] ?? 0) + 1);
      }
      current.push(errors);
    }
    if (Math.min(...current) > limit) return limit + 1;
    beforePrevious = previous;
    previous = current;
  }
  return Math.min(previous[b.length] ?? limit + 1, limit + 1);
}
