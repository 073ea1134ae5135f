/** What a text gave: a result for each statement, and what failed. */
/// <reference lib="dom" />
import { useEffect, useState } from "preact/hooks";
import { counted, formatCount, formatDuration } from "../../ui/format.ts";
import { GridExport, ResultGrid } from "../../ui/grid.tsx";
import type { SqlFailure, SqlOutcome, SqlResult } from "./run.ts";

export function Results({ outcome, onShowError }: { outcome: SqlOutcome; onShowError: () => void }) {
  const { results, failure, durationMs } = outcome;
  const count = results.length + (failure === null ? 0 : 1);
  const [chosen, setChosen] = useState(count - 1);
  // A new outcome begins with its last result that has rows, or with what failed.
  useEffect(() => {
    const withRows = results.findLastIndex(({ columns }) => columns.length > 0);
    setChosen(failure !== null ? count - 1 : withRows >= 0 ? withRows : count - 1);
  }, [outcome]);
  const result = results[chosen];
  return (
    <section class="results" aria-label="Results">
      {count > 1 && (
        <div class="tabs" role="tablist" aria-label="Results of the statements">
          {results.map((one, index) => (
            <button
              key={index}
              type="button"
              role="tab"
              aria-selected={index === chosen}
              onClick={() => setChosen(index)}
            >
              {index + 1}. {one.command || "SELECT"}
            </button>
          ))}
          {failure !== null && (
            <button
              type="button"
              role="tab"
              class="bad-text"
              aria-selected={chosen === count - 1}
              onClick={() => setChosen(count - 1)}
            >
              {count}. Error
            </button>
          )}
          <span class="weak in-all">{formatDuration(durationMs)} in all</span>
        </div>
      )}
      {result !== undefined && <OneResult key={chosen} result={result} number={chosen + 1} />}
      {result === undefined && failure !== null && (
        <FailureNote failure={failure} durationMs={durationMs} onShow={onShowError} />
      )}
    </section>
  );
}

function OneResult({ result, number }: { result: SqlResult; number: number }) {
  const { columns, rows, truncated, command, notices, duration_ms } = result;
  const hasRows = columns.length > 0;
  return (
    <>
      <div class="result-head">
        <span role="status">
          {hasRows ? counted(rows.length, "row") : command}{" "}
          <span class="weak">{formatDuration(duration_ms)}{hasRows && command !== "" ? `, ${command}` : ""}</span>
        </span>
        {hasRows && (
          <span class="row">
            <GridExport columns={columns} rows={rows} name={`result-${number}`} />
          </span>
        )}
      </div>
      {truncated && (
        <p class="notice warning">
          Only the first {formatCount(rows.length)}{" "}
          rows came: there are more. Choose more rows above, or add a LIMIT, an aggregate or a condition; for all of
          them connect a PostgreSQL client.
        </p>
      )}
      {notices.map(({ severity, message, hint }, index) => (
        <p key={index} class={severity === "WARNING" ? "notice warning" : "notice"}>
          {severity}: {message} {hint !== null && <span class="weak">{hint}</span>}
        </p>
      ))}
      {hasRows && rows.length > 0 && <ResultGrid columns={columns} rows={rows} name={`Result ${number}`} />}
      {hasRows && rows.length === 0 && (
        <p class="weak">No rows. Columns: {columns.map(({ name, type }) => `${name} ${type}`).join(", ")}</p>
      )}
    </>
  );
}

interface FailureProperties {
  readonly failure: SqlFailure;
  readonly durationMs: number;
  readonly onShow: () => void;
}

function FailureNote({ failure, durationMs, onShow }: FailureProperties) {
  return (
    <div class="problem" role="alert">
      <div class="row">
        <strong>ERROR{failure.sqlstate !== null && ` ${failure.sqlstate}`}</strong>
        <span class="weak">after {formatDuration(durationMs)}</span>
      </div>
      <div>{failure.message}</div>
      {failure.detail !== null && <div class="hint">{failure.detail}</div>}
      {failure.hint !== null && <div class="hint">Hint: {failure.hint}</div>}
      {failure.offset !== null && (
        <div>
          <button type="button" class="small" onClick={onShow}>Show the place</button>
        </div>
      )}
    </div>
  );
}
