/** Tells when a worker has come to rest: statements have run since the last time, and none for a whole interval. */
export class Rest {
  #seenCount = 0;
  /** Of the rest that was told last; what opening a workspace took is worth the first one. */
  #toldCount = -1;

  /** Called once an interval, with how many statements have begun so far and how many are running. True once a rest. */
  tick(begunCount: number, runningCount: number): boolean {
    const isQuiet = runningCount === 0 && begunCount === this.#seenCount;
    this.#seenCount = begunCount;
    if (!isQuiet || begunCount === this.#toldCount) return false;
    this.#toldCount = begunCount;
    return true;
  }
}
