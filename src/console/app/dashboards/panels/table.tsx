/** Table: rows of queries, with the columns' own formats, colours and links; sorted by a click, page by page. */
/// <reference lib="dom" />
import { useMemo, useState } from "preact/hooks";
import { type PanelData, type Row, textOf } from "../data.ts";
import { pageUrl } from "../links.ts";
import type { Fields } from "../model.ts";
import { cellOf, type Column, type Sort, sortedRows, tableOf } from "../table_data.ts";
import type { ViewContext } from "../view_context.ts";

/** More rows than this at once make scrolling slow. */
const pageRows = 100;

interface TableProperties {
  readonly spec: Fields;
  readonly answers: readonly PanelData[];
  readonly context: Pick<ViewContext, "timeZone" | "queryValues">;
}

export function TablePanel({ spec, answers, context }: TableProperties) {
  const { columns, rows, sort: preset } = useMemo(() => tableOf(answers, spec), [answers, spec]);
  const [own, setOwn] = useState<Sort | null>(null);
  const [filter, setFilter] = useState("");
  const [page, setPage] = useState(0);
  const sort = own ?? preset;
  const found = useMemo(() => {
    const wanted = filter.trim().toLowerCase();
    const fitting = wanted === ""
      ? rows
      : rows.filter((row) => columns.some(({ name }) => textOf(row[name]).toLowerCase().includes(wanted)));
    return sortedRows(fitting, sort);
  }, [rows, columns, filter, sort?.column, sort?.isDescending]);
  const pageCount = Math.ceil(found.length / pageRows);
  const present = Math.min(page, Math.max(pageCount - 1, 0));
  const change = ({ name, isSortable }: Column) => {
    if (!isSortable) return;
    setOwn({ column: name, isDescending: sort?.column === name ? !sort.isDescending : false });
  };
  return (
    <div class={`board-table density-${spec["density"] === "compact" ? "compact" : "standard"}`}>
      {spec["enableFiltering"] === true && (
        <input
          type="search"
          aria-label="Filter rows"
          placeholder="Filter"
          value={filter}
          onInput={(event) => setFilter(event.currentTarget.value)}
        />
      )}
      <div class="board-table-scroll">
        <table class="grid">
          <thead>
            <tr>
              {columns.map((column) => (
                <th
                  key={column.name}
                  class={`align-${column.align}`}
                  title={column.headerDescription}
                  style={column.width === null ? {} : { width: `${column.width}px` }}
                  {...(sort?.column === column.name
                    ? { "aria-sort": sort.isDescending ? "descending" as const : "ascending" as const }
                    : {})}
                >
                  {column.isSortable
                    ? <button type="button" onClick={() => change(column)}>{column.header}</button>
                    : column.header}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {found.slice(present * pageRows, (present + 1) * pageRows).map((row, index) => (
              <tr key={index}>
                {columns.map((column) => <TableCell key={column.name} column={column} row={row} context={context} />)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {pageCount > 1 && (
        <div class="row panel-note">
          <button type="button" disabled={present === 0} onClick={() => setPage(present - 1)}>Previous</button>
          <span>
            {present * pageRows + 1}–{Math.min((present + 1) * pageRows, found.length)} of {found.length}
          </span>
          <button type="button" disabled={present >= pageCount - 1} onClick={() => setPage(present + 1)}>Next</button>
        </div>
      )}
    </div>
  );
}

interface CellProperties extends Pick<TableProperties, "context"> {
  readonly column: Column;
  readonly row: Row;
}

function TableCell({ column, row, context }: CellProperties) {
  const cell = cellOf(row[column.name], column, context.timeZone);
  const href = column.link === null
    ? null
    : pageUrl(withFields(column.link.url, row), context.queryValues, location.href);
  return (
    <td
      class={`align-${column.align}${column.format === null ? "" : " number"}`}
      title={column.cellDescription}
      style={{
        ...(cell.textColor === null ? {} : { color: cell.textColor }),
        ...(cell.backgroundColor === null ? {} : { background: cell.backgroundColor }),
      }}
    >
      {href === null
        ? cell.text
        : (
          <a href={href} target="_blank" rel="noopener noreferrer" title={column.link?.title ?? ""}>
            {cell.text}
          </a>
        )}
    </td>
  );
}

/** `${__data.fields["name"]}` is how Perses names a row's value in a link. */
function withFields(url: string, row: Row): string {
  return url.replace(
    /\$\{__data\.fields\["([^"]*)"\]\}/g,
    (_whole, name: string) => encodeURIComponent(textOf(row[name])),
  );
}
