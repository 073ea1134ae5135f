/** How the domain pages through lists: by the sort key of the last item already seen. */

/** `after` is that key, null for the first page. */
export interface PageRequest {
  readonly limit: number;
  readonly after: string | null;
}

/** `next` is the sort key of the last item when there are more, null at the end. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** Makes a page out of up to `limit + 1` rows. */
export function pageOf<Item>(rows: readonly Item[], limit: number, keyOf: (item: Item) => string): Page<Item> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? keyOf(last) : null };
}
