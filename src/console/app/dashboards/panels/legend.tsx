/** A chart's legend: names with their colours, perhaps with values; a click shows one line alone, with Ctrl or Shift several. */
/// <reference lib="dom" />
import { calculate, type Calculation } from "../calculation.ts";
import { type Format, formatValue } from "../format.ts";
import type { Point } from "../data.ts";

export interface LegendLine {
  readonly id: string;
  readonly name: string;
  readonly color: string;
  readonly values: readonly Point[];
  readonly format: Format;
}

interface LegendProperties {
  readonly lines: readonly LegendLine[];
  readonly isTable: boolean;
  readonly columns: readonly Calculation[];
  readonly timeZone: string | undefined;
  /** Ids of the lines that are shown; null is all. */
  readonly chosen: ReadonlySet<string> | null;
  readonly onChoose: (chosen: ReadonlySet<string> | null) => void;
}

const titles: Readonly<Record<Calculation, string>> = {
  first: "First",
  last: "Last",
  "first-number": "First",
  "last-number": "Last",
  mean: "Mean",
  sum: "Sum",
  min: "Min",
  max: "Max",
  abs: "Abs",
};

export function Legend({ lines, isTable, columns, timeZone, chosen, onChoose }: LegendProperties) {
  const choose = (id: string, event: MouseEvent) => {
    if (!event.ctrlKey && !event.metaKey && !event.shiftKey) {
      onChoose(chosen?.size === 1 && chosen.has(id) ? null : new Set([id]));
      return;
    }
    const next = new Set(chosen ?? []);
    if (!next.delete(id)) next.add(id);
    onChoose(next.size === 0 ? null : next);
  };
  const nameButton = ({ id, name, color }: LegendLine) => (
    <button
      type="button"
      class="legend-name"
      title={name}
      aria-pressed={chosen === null || chosen.has(id)}
      onClick={(event) => choose(id, event)}
    >
      <span class="dot" style={{ background: color }}></span>
      <span class="name">{name}</span>
    </button>
  );
  if (!isTable) {
    return (
      <div class="legend legend-list">
        {lines.map((line) => (
          <span key={line.id} class="legend-item">
            {nameButton(line)}
            {columns.map((column) => (
              <span key={column} class="legend-value" title={titles[column]}>
                {formatValue(calculate(line.values, column), line.format, timeZone)}
              </span>
            ))}
          </span>
        ))}
      </div>
    );
  }
  return (
    <div class="legend legend-table">
      <table>
        <thead>
          <tr>
            <th></th>
            {columns.map((column) => <th key={column}>{titles[column]}</th>)}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.id}>
              <td>{nameButton(line)}</td>
              {columns.map((column) => (
                <td key={column} class="legend-value">
                  {formatValue(calculate(line.values, column), line.format, timeZone)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
