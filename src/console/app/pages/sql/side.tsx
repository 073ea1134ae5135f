/** Beside the editor: the names that can be used, and what was run before. */
/// <reference lib="dom" />
import { useState } from "preact/hooks";
import { Empty } from "../../ui/fields.tsx";
import { formatDuration } from "../../ui/format.ts";
import { type Loaded, Waiting } from "../../ui/loading.tsx";
import type { HistoryEntry, NamedColumn, Names } from "./run.ts";

interface NamesProperties {
  readonly names: Loaded<Names>;
  readonly onInsert: (text: string) => void;
}

export function NamesPanel({ names, onInsert }: NamesProperties) {
  const [search, setSearch] = useState("");
  return (
    <div class="names">
      <input
        type="search"
        placeholder="Search tables and columns"
        aria-label="Search tables and columns"
        value={search}
        onInput={(event) => setSearch(event.currentTarget.value)}
      />
      <Waiting of={names}>
        {(schemas) =>
          schemas.size === 0 ? <Empty>There is no table yet.</Empty> : (
            <>
              {[...schemas].map(([schema, tables]) => (
                <SchemaNames key={schema} schema={schema} tables={tables} search={search} onInsert={onInsert} />
              ))}
            </>
          )}
      </Waiting>
    </div>
  );
}

interface SchemaProperties {
  readonly schema: string;
  readonly tables: ReadonlyMap<string, readonly NamedColumn[]>;
  readonly search: string;
  readonly onInsert: (text: string) => void;
}

function SchemaNames({ schema, tables, search, onInsert }: SchemaProperties) {
  const text = search.trim().toLowerCase();
  const shown = [...tables].filter(([table, columns]) =>
    `${schema}.${table}`.toLowerCase().includes(text) || columns.some(({ name }) => name.toLowerCase().includes(text))
  );
  if (shown.length === 0) return null;
  return (
    <section>
      <h3>{schema}</h3>
      {shown.map(([table, columns]) => {
        const path = schema === "public" ? quoted(table) : `${quoted(schema)}.${quoted(table)}`;
        return (
          <details key={table} open={text !== "" && shown.length < 5}>
            <summary>
              <span>{table}</span>
              <button
                type="button"
                class="small quiet"
                aria-label={`Insert ${schema}.${table}`}
                title="Insert"
                onClick={(event) => {
                  event.preventDefault();
                  onInsert(path);
                }}
              >
                +
              </button>
            </summary>
            <ul>
              {columns.map(({ name, type }) => (
                <li key={name}>
                  <button type="button" class="name" title={`Insert ${name}`} onClick={() => onInsert(quoted(name))}>
                    {name}
                  </button>
                  <span class="weak">{type}</span>
                </li>
              ))}
            </ul>
          </details>
        );
      })}
    </section>
  );
}

/** As SQL needs it: other than small letters, digits and _ in quotes. */
function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

interface HistoryProperties {
  readonly entries: readonly HistoryEntry[];
  readonly onChoose: (entry: HistoryEntry) => void;
}

export function HistoryPanel({ entries, onChoose }: HistoryProperties) {
  if (entries.length === 0) return <Empty>What you run in this tab is listed here until it is closed.</Empty>;
  return (
    <ol class="history">
      {entries.map((entry) => (
        <li key={entry.startedAt}>
          <button type="button" title="Put into the editor" onClick={() => onChoose(entry)}>
            <code class="statement">{entry.sql.trim()}</code>
            <span class={entry.isFailed ? "bad-text" : "weak"}>
              {new Date(entry.startedAt).toLocaleTimeString()}, {formatDuration(entry.durationMs)}, {entry.summary}
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}
