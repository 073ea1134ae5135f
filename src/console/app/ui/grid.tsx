/**
 * Rows of a result: only those in view are in the page, so that 50,000 of them scroll as 50 do. All rows are one line high; a cell
 * shows the beginning of its value, and all of it when it is opened (double click, or Enter on the cell).
 */
/// <reference lib="dom" />
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { CodeBlock, CopyButton } from "./copy.tsx";
import { Dialog } from "./dialog.tsx";
import { csvOf, isNumberType, tsvOf } from "./grid_text.ts";

export interface GridColumn {
  readonly name: string;
  readonly type: string;
}

export type GridValue = string | number | boolean | null;

interface GridProperties {
  readonly columns: readonly GridColumn[];
  readonly rows: readonly (readonly GridValue[])[];
  /** For the accessible name and the file. */
  readonly name: string;
}

const rowHeight = 27;
const rowsBeyondView = 12;
/** Rows that decide how wide a column is. */
const measuredRows = 200;
const characterWidth = 7.3;
const columnWidthMin = 60;
const columnWidthMax = 380;
const shownCharactersMax = 300;

interface Cell {
  readonly row: number;
  readonly column: number;
}

export function ResultGrid({ columns, rows, name }: GridProperties) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const [chosen, setChosen] = useState<Cell | null>(null);
  const [opened, setOpened] = useState<Cell | null>(null);
  const widths = useMemo(() => columnWidths(columns, rows), [columns, rows]);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    element.scrollTop = 0;
    const measure = () => setView({ top: element.scrollTop, height: element.clientHeight });
    measure();
    element.addEventListener("scroll", measure, { passive: true });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      element.removeEventListener("scroll", measure);
      observer.disconnect();
    };
  }, [rows]);
  const first = Math.max(0, Math.floor(view.top / rowHeight) - rowsBeyondView);
  const last = Math.min(rows.length, Math.ceil((view.top + view.height) / rowHeight) + rowsBeyondView);
  const totalWidth = widths.reduce((sum, width) => sum + width, rowNumberWidth(rows.length));

  const move = (event: KeyboardEvent) => {
    const step = keySteps[event.key];
    const from = chosen ?? { row: 0, column: 0 };
    if (event.key === "Enter" && chosen !== null) setOpened(chosen);
    else if (
      (event.ctrlKey || event.metaKey) && event.key === "c" && chosen !== null && String(getSelection()) === ""
    ) {
      void navigator.clipboard?.writeText(String(rows[chosen.row]?.[chosen.column] ?? ""));
    } else if (step !== undefined) {
      const pageRows = Math.max(1, Math.floor(view.height / rowHeight) - 2);
      const to = {
        row: clamp(from.row + (chosen === null ? 0 : step.rows + step.pages * pageRows), rows.length),
        column: clamp(from.column + (chosen === null ? 0 : step.columns), columns.length),
      };
      setChosen(to);
      scrollTo(box.current, to, widths, rows.length);
    } else return;
    event.preventDefault();
  };

  return (
    <>
      <div
        class="result-grid"
        ref={box}
        tabindex={0}
        role="grid"
        aria-label={name}
        aria-rowcount={rows.length + 1}
        aria-colcount={columns.length}
        onKeyDown={move}
      >
        <table style={{ width: `${totalWidth}px` }}>
          <colgroup>
            <col style={{ width: `${rowNumberWidth(rows.length)}px` }} />
            {widths.map((width, index) => <col key={index} style={{ width: `${width}px` }} />)}
          </colgroup>
          <thead>
            <tr aria-rowindex={1}>
              <th aria-label="Row" />
              {columns.map((column, index) => (
                <th key={index} scope="col" class={isNumberType(column.type) ? "number" : ""} title={column.type}>
                  {column.name}
                  <small>{column.type}</small>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {first > 0 && <tr class="spacer" aria-hidden="true" style={{ height: `${first * rowHeight}px` }} />}
            {rows.slice(first, last).map((row, offset) => (
              <tr key={first + offset} aria-rowindex={first + offset + 2}>
                <th scope="row">{first + offset + 1}</th>
                {row.map((value, index) => (
                  <td
                    key={index}
                    class={cellClass(value, columns[index], chosen?.row === first + offset && chosen.column === index)}
                    onMouseDown={() => setChosen({ row: first + offset, column: index })}
                    onDblClick={() => setOpened({ row: first + offset, column: index })}
                  >
                    {shownValue(value)}
                  </td>
                ))}
              </tr>
            ))}
            {last < rows.length && (
              <tr class="spacer" aria-hidden="true" style={{ height: `${(rows.length - last) * rowHeight}px` }} />
            )}
          </tbody>
        </table>
      </div>
      {opened !== null && (
        <Dialog
          title={`${columns[opened.column]?.name ?? ""}, row ${opened.row + 1}`}
          wide
          onClose={() => {
            setOpened(null);
            box.current?.focus();
          }}
        >
          <p class="weak">{columns[opened.column]?.type}</p>
          <CodeBlock text={wholeValue(rows[opened.row]?.[opened.column] ?? null)} what="value" />
        </Dialog>
      )}
    </>
  );
}

/** Buttons that take the rows along. */
export function GridExport({ columns, rows, name }: GridProperties) {
  const download = () => saveFile(new Blob([csvOf(columns, rows)], { type: "text/csv;charset=utf-8" }), `${name}.csv`);
  return (
    <>
      <CopyButton text={() => tsvOf(columns, rows)} what="all rows, for a spreadsheet" label="Copy rows" />
      <button type="button" class="small" onClick={download}>Download CSV</button>
    </>
  );
}

export function saveFile(content: Blob, fileName: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = fileName;
  link.click();
  // The download has its own hold on the content by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

const keySteps: Readonly<Record<string, { rows: number; columns: number; pages: number }>> = {
  ArrowUp: { rows: -1, columns: 0, pages: 0 },
  ArrowDown: { rows: 1, columns: 0, pages: 0 },
  ArrowLeft: { rows: 0, columns: -1, pages: 0 },
  ArrowRight: { rows: 0, columns: 1, pages: 0 },
  PageUp: { rows: 0, columns: 0, pages: -1 },
  PageDown: { rows: 0, columns: 0, pages: 1 },
  Home: { rows: 0, columns: -Infinity, pages: 0 },
  End: { rows: 0, columns: Infinity, pages: 0 },
};

function clamp(value: number, count: number): number {
  return Math.max(0, Math.min(count - 1, value));
}

function scrollTo(box: HTMLDivElement | null, cell: Cell, widths: readonly number[], rowCount: number): void {
  if (box === null) return;
  const headHeight = box.querySelector("thead")?.clientHeight ?? 0;
  const top = cell.row * rowHeight;
  if (top < box.scrollTop) box.scrollTop = top;
  const bottom = top + rowHeight + headHeight;
  if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
  const left = widths.slice(0, cell.column).reduce((sum, width) => sum + width, 0);
  if (left < box.scrollLeft) box.scrollLeft = left;
  const right = left + (widths[cell.column] ?? 0) + rowNumberWidth(rowCount);
  if (right > box.scrollLeft + box.clientWidth) box.scrollLeft = right - box.clientWidth;
}

function rowNumberWidth(rowCount: number): number {
  return 24 + String(rowCount).length * characterWidth;
}

function columnWidths(columns: readonly GridColumn[], rows: GridProperties["rows"]): number[] {
  return columns.map((column, index) => {
    let characters = Math.max(column.name.length, column.type.length * 0.8);
    for (const row of rows.slice(0, measuredRows)) {
      characters = Math.max(characters, String(row[index] ?? "NULL").length);
    }
    return Math.min(columnWidthMax, Math.max(columnWidthMin, Math.ceil(characters * characterWidth) + 22));
  });
}

function cellClass(value: GridValue, column: GridColumn | undefined, isChosen: boolean): string {
  const names = [];
  if (value === null) names.push("null");
  if (column !== undefined && isNumberType(column.type)) names.push("number");
  if (isChosen) names.push("chosen");
  return names.join(" ");
}

function shownValue(value: GridValue): string {
  if (value === null) return "NULL";
  const text = String(value);
  return text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)} …` : text;
}

/** JSON is laid out. */
function wholeValue(value: GridValue): string {
  if (value === null) return "NULL";
  const text = String(value);
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
