/** The candidate that a misspelt name most likely meant, or undefined when none is near (a third of its letters). */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let nearestDistance = Math.floor(Math.max(name.length, 3) / 3) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(name.slice(0, 100), candidate);
    if (distance < nearestDistance) {
      nearest = candidate;
      nearestDistance = distance;
    }
  }
  return nearest;
}

/** Levenshtein's distance: the fewest insertions, deletions and replacements that turn one text into the other. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let leftIndex = 1; leftIndex <= left.length; leftIndex++) {
    const next = [leftIndex];
    for (let rightIndex = 1; rightIndex <= right.length; rightIndex++) {
      const replaced = (row[rightIndex - 1] ?? 0) + (left[leftIndex - 1] === right[rightIndex - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[rightIndex] ?? 0) + 1, (next[rightIndex - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
