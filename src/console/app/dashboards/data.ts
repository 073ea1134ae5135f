/**
 * Data of panels: what the server answers, where it is asked (`DashboardSource`: as somebody signed in, or through a share link), and how
 * many are asked at once. Pure but for the sources.
 */
/// <reference lib="dom" />
import type { Values } from "./model.ts";

/** Milliseconds since 1970, and the value; null is a gap. */
export type Point = readonly [number, number | null];

export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly values: readonly Point[];
}

export type Row = Readonly<Record<string, unknown>>;

export type PanelData =
  | {
    readonly type: "time_series";
    readonly series: readonly Series[];
    readonly step_ms: number;
    readonly truncated: boolean;
  }
  | {
    readonly type: "table";
    /** PostgreSQL's names of types. */
    readonly columns: readonly { readonly name: string; readonly type: string }[];
    readonly rows: readonly Row[];
    readonly truncated: boolean;
  };

export interface DataRequest {
  readonly panel: string;
  readonly query: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly intervalMs: number;
  readonly variables: Values;
  readonly signal: AbortSignal;
}

export interface DashboardSource {
  query(request: DataRequest): Promise<PanelData>;
}

/** Lets a few run at once; the others wait in their order. A page has a few hundred queries at most, which bounds the queue. */
export class Slots {
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(private readonly runningMax: number) {}

  /** Rejects with the signal's reason when that fires before its turn comes. */
  async run<Value>(work: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
    if (this.#running >= this.runningMax) await this.#turn(signal);
    else this.#running++;
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  /** Who gets a turn takes over the place of whoever has ended. */
  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onTurn = () => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      };
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(onTurn), 1);
        reject(signal.reason);
      };
      this.#waiting.push(onTurn);
      signal.addEventListener("abort", onAbort, { once: true });
      if (signal.aborted) onAbort();
    });
  }
}

/** All series of several answers; a table's rows become series of one value, told apart by their texts. */
export function seriesOf(answers: readonly PanelData[]): Series[] {
  return answers.flatMap((answer) => answer.type === "time_series" ? answer.series : seriesOfTable(answer));
}

const numberTypes = /^(?:smallint|integer|bigint|numeric|real|double precision|hugeint|ubigint|uinteger)/;
const timeTypes = /^(?:timestamp|date)/;

export function isNumberType(type: string): boolean {
  return numberTypes.test(type);
}

export function isTimeType(type: string): boolean {
  return timeTypes.test(type);
}

function seriesOfTable({ columns, rows }: Extract<PanelData, { type: "table" }>): Series[] {
  const values = columns.filter(({ type }) => isNumberType(type));
  const time = columns.find(({ type }) => isTimeType(type));
  const labelled = columns.filter((column) => !isNumberType(column.type) && column !== time);
  const found = new Map<string, { name: string; labels: Record<string, string>; values: Point[] }>();
  for (const row of rows) {
    const labels = Object.fromEntries(labelled.map(({ name }) => [name, textOf(row[name])]));
    for (const { name } of values) {
      const parts = [...Object.values(labels), ...(values.length > 1 || labelled.length === 0 ? [name] : [])];
      const key = JSON.stringify([labels, name]);
      let series = found.get(key);
      if (series === undefined) found.set(key, series = { name: parts.join(" "), labels, values: [] });
      const at = time === undefined ? NaN : Date.parse(textOf(row[time.name]));
      series.values.push([Number.isNaN(at) ? series.values.length : at, numberOf(row[name])]);
    }
  }
  return [...found.values()];
}

export function numberOf(value: unknown): number | null {
  if (value === null || value === undefined || value === "") return null;
  const found = Number(value);
  return Number.isFinite(found) ? found : null;
}

/** A table's value as a text. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The answers hold nothing that could be drawn. */
export function isEmpty(answers: readonly PanelData[]): boolean {
  return answers.every((answer) =>
    answer.type === "table"
      ? answer.rows.length === 0
      : answer.series.every(({ values }) => values.every(([, value]) => value === null))
  );
}
