/** What is being loaded, and what came of it: a value, or the words in which the server refused it. */
/// <reference lib="dom" />
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { Problem } from "../api.ts";

export interface Loaded<Value> {
  /** The last value, also while a newer one is on its way. */
  readonly value: Value | undefined;
  readonly error: Error | null;
  readonly isLoading: boolean;
  reload(): void;
}

/** Loads when one of `keys` changes; a load that nobody waits for any more is cut off. */
export function useLoaded<Value>(
  load: (signal: AbortSignal) => Promise<Value>,
  keys: readonly unknown[],
): Loaded<Value> {
  const [state, setState] = useState<{ value: Value | undefined; error: Error | null; isLoading: boolean }>({
    value: undefined,
    error: null,
    isLoading: true,
  });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    setState((before) => ({ ...before, isLoading: true }));
    load(abort.signal).then(
      (value) => !abort.signal.aborted && setState({ value, error: null, isLoading: false }),
      (error: unknown) =>
        !abort.signal.aborted && setState({ value: undefined, error: asError(error), isLoading: false }),
    );
    return () => abort.abort();
  }, [...keys, turn]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  return { ...state, reload };
}

/** The value's view, or that it is loading, or why there is none. */
export function Waiting<Value>(
  { of, children }: { of: Loaded<Value>; children: (value: Value) => ComponentChildren },
) {
  if (of.error !== null) return <ProblemNote error={of.error} retry={of.reload} />;
  if (of.value === undefined) return <p class="weak" role="status">Loading …</p>;
  return <>{children(of.value)}</>;
}

export function ProblemNote({ error, retry }: { error: Error; retry?: () => void }) {
  return (
    <div class="problem" role="alert">
      {error.message}
      {error instanceof Problem && error.hint !== null && <div class="hint">{error.hint}</div>}
      {retry !== undefined && (
        <div>
          <button type="button" onClick={retry}>Try again</button>
        </div>
      )}
    </div>
  );
}

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
