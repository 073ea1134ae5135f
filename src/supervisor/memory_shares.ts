/** How a memory budget is divided among those who want more than there is. Pure arithmetic, bytes in and out. */

export interface MemoryWish {
  readonly wantedBytes: number;
  /** At least this much, or nothing works; at most `wantedBytes`. */
  readonly floorBytes: number;
}

/**
 * What each gets, in the same order: all that it wants while that fits, else in proportion to what it wants, but never
 * below its floor. Null when not even the floors fit. The sum is never over the budget.
 */
export function memoryShares(wishes: readonly MemoryWish[], budgetBytes: number): number[] | null {
  if (sum(wishes.map((wish) => wish.wantedBytes)) <= budgetBytes) return wishes.map((wish) => wish.wantedBytes);
  if (sum(wishes.map((wish) => wish.floorBytes)) > budgetBytes) return null;
  // Who would fall below the floor in proportion stays at it, and the others share what is left.
  const atFloor = new Set<MemoryWish>();
  for (;;) {
    const others = wishes.filter((wish) => !atFloor.has(wish));
    const leftBytes = budgetBytes - sum([...atFloor].map((wish) => wish.floorBytes));
    const scale = leftBytes / sum(others.map((wish) => wish.wantedBytes));
    const below = others.filter((wish) => wish.wantedBytes * scale < wish.floorBytes);
    if (below.length === 0) {
      return wishes.map((wish) => atFloor.has(wish) ? wish.floorBytes : Math.floor(wish.wantedBytes * scale));
    }
    for (const wish of below) atFloor.add(wish);
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
