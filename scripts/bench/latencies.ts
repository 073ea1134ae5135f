/** Latencies by operation, and what went wrong. */
import { quantile } from "./statistics.ts";

/** Texts of failures that are kept; the count goes on. */
const failuresKeptMax = 20;

export interface OperationFigures {
  readonly operation: string;
  readonly count: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export class Latencies {
  readonly #byOperation = new Map<string, number[]>();
  readonly failures: string[] = [];
  failureCount = 0;

  /** Runs an operation and notes its time, or its failure. Gives whether it worked. */
  async measure(operation: string, run: () => Promise<void>): Promise<boolean> {
    const startMs = performance.now();
    try {
      await run();
    } catch (error) {
      this.fail(operation, error);
      return false;
    }
    const values = this.#byOperation.get(operation) ?? [];
    values.push(performance.now() - startMs);
    this.#byOperation.set(operation, values);
    return true;
  }

  fail(operation: string, error: unknown): void {
    this.failureCount += 1;
    if (this.failures.length >= failuresKeptMax) return;
    const code = error instanceof Error && "code" in error ? `${error.code} ` : "";
    this.failures.push(`${operation}: ${code}${error instanceof Error ? error.message : String(error)}`);
  }

  figures(): OperationFigures[] {
    return [...this.#byOperation].map(([operation, values]) => {
      const sorted = values.toSorted((left, right) => left - right);
      return {
        operation,
        count: sorted.length,
        p50Ms: quantile(sorted, 0.5),
        p95Ms: quantile(sorted, 0.95),
        p99Ms: quantile(sorted, 0.99),
        maxMs: sorted.at(-1) ?? NaN,
      };
    }).sort((left, right) => left.operation < right.operation ? -1 : 1);
  }
}
