/**
 * Counts over the last so many milliseconds, in constant memory: time is cut into steps, and a step that has left the
 * window is forgotten whole. Times come from a monotonic clock, so that a wall clock that is set changes nothing.
 */

/** A window forgets with the accuracy of one step. */
const stepsPerWindow = 30;

interface Step {
  readonly index: number;
  readonly counts: number[];
}

/** Invariant: at most `stepsPerWindow` steps are kept, oldest first, all within the window that ends at the last one. */
export class SlidingCounts {
  readonly #stepMs: number;
  readonly #columns: number;
  #steps: Step[] = [];

  /** `columns` numbers are counted side by side. */
  constructor(windowMs: number, columns: number) {
    this.#stepMs = windowMs / stepsPerWindow;
    this.#columns = columns;
  }

  add(nowMs: number, column: number, amount = 1): void {
    const index = Math.floor(nowMs / this.#stepMs);
    let last = this.#steps.at(-1);
    if (last === undefined || index > last.index) {
      last = { index, counts: new Array<number>(this.#columns).fill(0) };
      this.#steps.push(last);
      this.#forget(index);
    }
    last.counts[column] = (last.counts[column] ?? 0) + amount;
  }

  /** The sum of each column within the window that ends now. */
  sums(nowMs: number): readonly number[] {
    this.#forget(Math.floor(nowMs / this.#stepMs));
    const sums = new Array<number>(this.#columns).fill(0);
    for (const step of this.#steps) {
      for (let column = 0; column < this.#columns; column++) sums[column]! += step.counts[column] ?? 0;
    }
    return sums;
  }

  #forget(nowIndex: number): void {
    const firstKept = nowIndex - stepsPerWindow + 1;
    if ((this.#steps[0]?.index ?? firstKept) < firstKept) {
      this.#steps = this.#steps.filter((step) => step.index >= firstKept);
    }
  }
}
