/** LogsTable: lines of a log, the newest first, from a table with a time and a text. */
/// <reference lib="dom" />
import { useState } from "preact/hooks";
import { isTimeType, type PanelData, type Row, textOf } from "../data.ts";
import { localText } from "../time_range.ts";
import type { PanelProperties } from "../view_context.ts";

const linesMax = 1_000;
const lineNames = ["line", "message", "msg", "body", "log", "_msg"];

interface LogLine {
  readonly atMs: number | null;
  readonly text: string;
  readonly rest: Row;
}

export function LogsPanel({ spec, answers, context }: PanelProperties) {
  const [open, setOpen] = useState<number | null>(null);
  const lines = answers.flatMap(linesOf).sort((a, b) => (b.atMs ?? 0) - (a.atMs ?? 0));
  const hasDetails = spec["enableDetails"] !== false;
  return (
    <div class={`logs${spec["allowWrap"] === true ? " logs-wrap" : ""}`}>
      {lines.slice(0, linesMax).map((line, index) => (
        <div key={index} class="log-line">
          <div class="row-line" {...(hasDetails ? { onClick: () => setOpen(open === index ? null : index) } : {})}>
            {spec["showTime"] !== false && line.atMs !== null && (
              <span class="weak">{localText(line.atMs, context.timeZone)}</span>
            )}
            <span>{line.text}</span>
          </div>
          {open === index && (
            <dl>
              {Object.entries(line.rest).map(([name, value]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{textOf(value)}</dd>
                </div>
              ))}
            </dl>
          )}
        </div>
      ))}
      {lines.length > linesMax && <p class="weak panel-note">{lines.length - linesMax} older lines are not shown.</p>}
    </div>
  );
}

function linesOf(answer: PanelData): LogLine[] {
  if (answer.type === "time_series") return [];
  const time = answer.columns.find(({ type }) => isTimeType(type))?.name;
  const names = answer.columns.map(({ name }) => name).filter((name) => name !== time);
  const line = lineNames.find((name) => names.includes(name)) ?? names[0];
  return answer.rows.map((row) => {
    const at = time === undefined ? NaN : Date.parse(textOf(row[time]));
    return {
      atMs: Number.isNaN(at) ? null : at,
      text: line === undefined ? "" : textOf(row[line]),
      rest: Object.fromEntries(names.filter((name) => name !== line).map((name) => [name, row[name]])),
    };
  });
}
