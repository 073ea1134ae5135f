/** Loads a panel's queries when the panel comes to be seen, and again when time or variables change. */
/// <reference lib="dom" />
import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import { asError } from "../ui/loading.tsx";
import type { PanelData } from "./data.ts";
import type { Panel, Values } from "./model.ts";
import { niceStepMs } from "./time_range.ts";
import type { ViewContext } from "./view_context.ts";

export interface LoadedPanel {
  /** By query; null where none has come yet, or an error. What was there before stays until then. */
  readonly answers: readonly (PanelData | null)[];
  readonly errors: readonly Error[];
  readonly isLoading: boolean;
}

const nothing: LoadedPanel = { answers: [], errors: [], isLoading: true };

export function usePanelData(
  panel: Panel,
  values: Values,
  context: ViewContext,
  isSeen: boolean,
  box: RefObject<HTMLElement | null>,
): LoadedPanel {
  const [loaded, setLoaded] = useState<LoadedPanel>(nothing);
  const { source, slots, range } = context;
  const valuesKey = JSON.stringify(values);
  useEffect(() => {
    if (!isSeen) return;
    const abort = new AbortController();
    const { signal } = abort;
    setLoaded((before) => ({ ...before, isLoading: true }));
    const intervalMs = niceStepMs(range, pointCount(box.current?.clientWidth ?? 0));
    const asked = panel.queries.map((_query, query) =>
      slots.run(
        () => source.query({ panel: panel.key, query, ...range, intervalMs, variables: values, signal }),
        signal,
      )
    );
    Promise.allSettled(asked).then((outcomes) => {
      if (signal.aborted) return;
      setLoaded({
        answers: outcomes.map((outcome) => outcome.status === "fulfilled" ? outcome.value : null),
        errors: outcomes.flatMap((outcome) => outcome.status === "rejected" ? [asError(outcome.reason)] : []),
        isLoading: false,
      });
    });
    return () => abort.abort(new DOMException("not needed any more", "AbortError"));
  }, [isSeen, source, slots, panel, range.fromMs, range.toMs, valuesKey]);
  return loaded;
}

/** As many points as a chart of that width can show apart. */
function pointCount(width: number): number {
  return Math.min(Math.max(Math.round(width / 200) * 50, 100), 500);
}
