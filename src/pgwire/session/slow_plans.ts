/**
 * Plans of slow statements. A statement is never run again for its plan.
 *
 * Profiling costs a fast statement more than it takes itself, so it is on only for statements that are expected to be slow: those
 * whose like (same text but for numbers and strings) took half the threshold or more in this workspace before. Their plan has the
 * time and rows of each operator of the run itself. The first slow one of its kind, and one that failed or was cancelled, is planned
 * once more afterwards, without being run (EXPLAIN, on the same connection, in the same transaction).
 */
import { bindParameter } from "../../engine/bind/bind_parameter.ts";
import type { Connection } from "../../engine/duckdb.ts";
import { explain } from "../../engine/explain.ts";
import { ConnectionProfiler } from "../../engine/profiler.ts";
import type { PlanNode } from "../../ipc/messages.ts";
import type { ParsedStatement, StatementKind } from "../../sql/statement.ts";
import type { Portal } from "./portal.ts";

export interface StatementPlan {
  readonly source: "profile" | "explain";
  readonly root: PlanNode;
}

/** Kinds of statements that have a plan. */
const plannedKinds: ReadonlySet<StatementKind> = new Set([
  "select",
  "insert",
  "update",
  "delete",
  "merge",
  "create_table_as",
]);
/** Kinds that can be planned again after they have run: a CREATE TABLE AS would find its table there. */
const explainedKinds: ReadonlySet<StatementKind> = new Set(["select", "insert", "update", "delete", "merge"]);
/** Kinds of statements remembered as slow; the one not seen for longest goes. */
const slowShapesMax = 500;
/** What a statement is recognised by: its beginning, so that a long text costs no more. */
const shapeCharactersMax = 2_000;
/** With a lower threshold no statement is watched before it is slow: what profiling costs would show. */
const watchedMsMin = 25;
/** A statement whose text is longer is not planned again: its plan is that of a list of values. */
const explainTextLengthMax = 256 * 1024;

/** The statements of one workspace that were slow; shared by its sessions. */
export class SlowShapes {
  readonly #shapes = new Set<string>();

  /** Whether one like this was slow before. */
  has(text: string): boolean {
    return this.#shapes.size > 0 && this.#shapes.has(shapeOf(text));
  }

  /** Notes how long one took, so that the next one of its kind is profiled, or is not any more. */
  note(text: string, durationMs: number, slowMs: number): void {
    // 0 says that every statement is slow, and its plan worth its price.
    const watchedMs = slowMs === 0 ? 0 : Math.max(watchedMsMin, slowMs / 2);
    if (durationMs < watchedMs && this.#shapes.size === 0) return;
    const shape = shapeOf(text);
    this.#shapes.delete(shape);
    if (durationMs < watchedMs) return;
    this.#shapes.add(shape);
    if (this.#shapes.size > slowShapesMax) {
      const [oldest] = this.#shapes;
      if (oldest !== undefined) this.#shapes.delete(oldest);
    }
  }
}

function shapeOf(text: string): string {
  return text.slice(0, shapeCharactersMax).replace(/'(?:[^']|'')*'|\d+/g, "?");
}

/** One session's part: switches the profiler for each statement and reads it afterwards. */
export class SlowPlans {
  readonly #shapes: SlowShapes;
  readonly #connection: Connection;
  readonly #profiler: ConnectionProfiler;
  /** The statement that the engine was given last; an EXECUTE's is the prepared one. */
  #running: { readonly portal: Portal; readonly parsed: ParsedStatement; readonly profiled: boolean } | null = null;

  /** `directory` is one that the engine may write to: the workspace's temporary folder. */
  constructor(shapes: SlowShapes, connection: Connection, directory: string) {
    this.#shapes = shapes;
    this.#connection = connection;
    this.#profiler = new ConnectionProfiler(connection, directory);
  }

  /** A statement begins, which may never reach the engine. */
  begin(): void {
    this.#running = null;
  }

  /** Right before the engine starts a portal's statement; the connection is free. A statement that was never slow pays nothing. */
  async starting(portal: Portal, parsed: ParsedStatement): Promise<void> {
    let profiled = false;
    if (plannedKinds.has(parsed.kind) && this.#shapes.has(parsed.text)) profiled = await this.#profiler.start();
    else if (this.#profiler.on) await this.#profiler.stop();
    if (profiled) this.#profiler.clear();
    this.#running = { portal, parsed, profiled };
  }

  /**
   * After a statement has ended, well or not, and its connection is free. Gives the plan of a slow one, or null. Never throws.
   * `slowMs` null: nobody wants plans.
   */
  async finished(durationMs: number, slowMs: number | null, timeZone: string): Promise<StatementPlan | null> {
    const running = this.#running;
    this.#running = null;
    if (running === null || !plannedKinds.has(running.parsed.kind)) return null;
    if (slowMs !== null) this.#shapes.note(running.parsed.text, durationMs, slowMs);
    try {
      const isSlow = slowMs !== null && durationMs >= slowMs;
      const profile = isSlow && running.profiled ? this.#profiler.read() : null;
      if (this.#profiler.on) await this.#profiler.stop();
      if (profile !== null) return { source: "profile", root: profile };
      const explained = isSlow && explainedKinds.has(running.parsed.kind)
        ? await this.#explain(running.portal, timeZone)
        : null;
      return explained === null ? null : { source: "explain", root: explained };
    } catch {
      return null;
    }
  }

  close(): void {
    this.#profiler.close();
  }

  async #explain(portal: Portal, timeZone: string): Promise<PlanNode | null> {
    const { translation, parameterOids, nativeIndexes } = portal.prepared;
    const [text] = translation?.texts ?? [];
    if (text === undefined || translation?.texts.length !== 1 || text.length > explainTextLengthMax) return null;
    return await explain(this.#connection, text, (native) => {
      portal.parameters.forEach(({ format, bytes }, index) => {
        const index1 = nativeIndexes === null ? index + 1 : nativeIndexes[index] ?? null;
        if (index1 !== null) bindParameter(native, index1, parameterOids[index] ?? 0, format, bytes, timeZone);
      });
    });
  }
}
