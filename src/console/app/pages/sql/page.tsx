/** SQL in the browser: a workspace, a text, its results, and what was run before. */
/// <reference lib="dom" />
import { useEffect, useRef, useState } from "preact/hooks";
import { href, type Place } from "../../router.ts";
import type { Session } from "../../session.ts";
import { Empty } from "../../ui/fields.tsx";
import { counted, formatDuration } from "../../ui/format.ts";
import { asError, ProblemNote, useLoaded, Waiting } from "../../ui/loading.tsx";
import { loadWorkspaces, type Workspace } from "../data.ts";
import { loadProjects } from "../projects.tsx";
import type { SqlEditor } from "./editor.ts";
import { Results } from "./results.tsx";
import {
  addToHistory,
  changesNames,
  type HistoryEntry,
  loadNames,
  type Names,
  readHistory,
  type RunningSql,
  runSql,
  type SqlOutcome,
} from "./run.ts";
import { HistoryPanel, NamesPanel } from "./side.tsx";

const rowLimits = [1_000, 10_000, 50_000] as const;

/** `#/sql/<project>/<workspace>`; without them one chooses. */
export function SqlPage({ place, session }: { place: Place; session: Session }) {
  const [, chosenProject, workspaceId] = place.path;
  const projects = useLoaded((signal) => loadProjects(session, signal), [session.user]);
  const projectId = chosenProject ?? session.projectId ?? projects.value?.[0]?.id;
  const workspaces = useLoaded(
    (signal) => projectId === undefined ? Promise.resolve([]) : loadWorkspaces(projectId, signal),
    [projectId],
  );
  const active = (workspaces.value ?? []).filter(({ status }) => status === "active");
  const workspace = active.find(({ id }) => id === workspaceId) ?? (workspaceId === undefined ? active[0] : undefined);
  return (
    <div class="sql-page">
      <div class="row sql-where">
        <h1>SQL</h1>
        {session.projectId === null && (
          <select
            aria-label="Project"
            value={projectId}
            onChange={(event) => {
              location.hash = href({}, "sql", event.currentTarget.value);
            }}
          >
            {(projects.value ?? []).map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
          </select>
        )}
        <select
          aria-label="Workspace"
          value={workspace?.id ?? ""}
          onChange={(event) => {
            location.hash = href({}, "sql", projectId ?? "", event.currentTarget.value);
          }}
        >
          {workspace === undefined && <option value="">no workspace</option>}
          {active.map(({ id, name }) => <option key={id} value={id}>{name} ({id})</option>)}
        </select>
        {workspace !== undefined && projectId !== undefined && (
          <a href={href({}, "projects", projectId, "workspaces", workspace.id)}>About the workspace</a>
        )}
      </div>
      <Waiting of={workspaces}>
        {() =>
          workspace !== undefined && projectId !== undefined
            ? <SqlDesk key={workspace.id} projectId={projectId} workspace={workspace} session={session} />
            : projects.isLoading || workspaces.isLoading
            ? <p class="weak" role="status">Loading …</p>
            : (
              <Empty>
                {workspaceId === undefined
                  ? "There is no active workspace in this project."
                  : "That workspace is gone."}{" "}
                {projectId !== undefined && (
                  <a href={href({}, "projects", projectId, "workspaces")}>To the project's workspaces</a>
                )}
              </Empty>
            )}
      </Waiting>
    </div>
  );
}

interface DeskProperties {
  readonly projectId: string;
  readonly workspace: Workspace;
  readonly session: Session;
}

interface Run {
  readonly running: RunningSql;
  readonly startedMs: number;
  /** Where in the editor's text the text that runs begins. */
  readonly offset: number;
  readonly sql: string;
}

function SqlDesk({ projectId, workspace, session }: DeskProperties) {
  const place = { projectId, workspaceId: workspace.id };
  const draftName = `eider.sql.draft.${workspace.id}`;
  const editor = useRef<SqlEditor | null>(null);
  const [run, setRun] = useState<Run | null>(null);
  const [outcome, setOutcome] = useState<SqlOutcome | null>(null);
  const [errorOffset, setErrorOffset] = useState<number | null>(null);
  const [defect, setDefect] = useState<Error | null>(null);
  const [rowsMax, setRowsMax] = useState<number>(10_000);
  const [past, setPast] = useState<readonly HistoryEntry[]>(() => readHistory(workspace.id));
  const [side, setSide] = useState<"tables" | "history">("tables");
  const names = useLoaded(() => loadNames(place), [workspace.id]);
  useEffect(() => {
    if (names.value !== undefined) editor.current?.setNames(asNamespace(names.value));
  }, [names.value, editor.current]);

  const start = async (what: "chosen" | "all") => {
    const desk = editor.current;
    if (desk === null || runRef.current !== null) return;
    const text = desk.text();
    const range = what === "all" ? { from: 0, to: text.length } : desk.chosen();
    const sql = text.slice(range.from, range.to);
    if (sql.trim() === "") return;
    desk.markError(null);
    setDefect(null);
    const begun: Run = { running: runSql(place, sql, rowsMax), startedMs: performance.now(), offset: range.from, sql };
    runRef.current = begun;
    setRun(begun);
    const startedAt = new Date().toISOString();
    try {
      const ended = await begun.running.outcome;
      setOutcome(ended);
      const offset = ended.failure?.offset ?? null;
      setErrorOffset(offset === null ? null : range.from + offset);
      if (offset !== null && desk.text() === text) desk.markError(range.from + offset);
      setPast(addToHistory(workspace.id, {
        sql,
        startedAt,
        durationMs: ended.durationMs,
        summary: ended.failure?.message ?? summaryOf(ended),
        isFailed: ended.failure !== null,
      }));
      if (changesNames(ended)) names.reload();
    } catch (reason) {
      setDefect(asError(reason));
    } finally {
      runRef.current = null;
      setRun(null);
    }
  };
  // The editor keeps the function that it was made with.
  const runRef = useRef<Run | null>(null);
  const startRef = useRef(start);
  startRef.current = start;

  return (
    <div class="sql-desk">
      <div class="sql-main">
        <EditorBox
          text={sessionStorage.getItem(draftName) ?? ""}
          onReady={(made) => {
            editor.current = made;
            if (names.value !== undefined) made.setNames(asNamespace(names.value));
          }}
          onChange={(text) => keepDraft(draftName, text)}
          onRun={(what) => void startRef.current(what)}
        />
        <div class="row sql-actions">
          <button
            type="button"
            class="primary"
            title="Ctrl-Enter"
            disabled={run !== null}
            onClick={() => void start("chosen")}
          >
            Run
          </button>
          <button type="button" title="Ctrl-Shift-Enter" disabled={run !== null} onClick={() => void start("all")}>
            Run all
          </button>
          {run !== null && <Running run={run} />}
          <label class="row rows-max">
            Rows at most
            <select value={rowsMax} onChange={(event) => setRowsMax(Number(event.currentTarget.value))}>
              {rowLimits.map((limit) => <option key={limit} value={limit}>{limit.toLocaleString()}</option>)}
            </select>
          </label>
          {!session.mayWrite && <span class="weak">Your key reads only: nothing can be changed.</span>}
        </div>
        {defect !== null && <ProblemNote error={defect} />}
        {outcome !== null && (
          <Results
            outcome={outcome}
            onShowError={() => {
              editor.current?.markError(errorOffset);
              editor.current?.focus();
            }}
          />
        )}
      </div>
      <aside class="sql-side">
        <div class="tabs" role="tablist" aria-label="Beside the editor">
          {(["tables", "history"] as const).map((name) => (
            <button
              key={name}
              type="button"
              role="tab"
              aria-selected={side === name}
              onClick={() => setSide(name)}
            >
              {name === "tables" ? "Tables" : "History"}
            </button>
          ))}
        </div>
        {side === "tables"
          ? <NamesPanel names={names} onInsert={(text) => editor.current?.insert(text)} />
          : <HistoryPanel entries={past} onChoose={(entry) => editor.current?.insert(`${entry.sql.trim()};\n`)} />}
      </aside>
    </div>
  );
}

function Running({ run }: { run: Run }) {
  const [nowMs, setNowMs] = useState(() => performance.now());
  const [error, setError] = useState<Error | null>(null);
  const [isCancelling, setCancelling] = useState(false);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(performance.now()), 100);
    return () => clearInterval(timer);
  }, []);
  const cancel = () => {
    setCancelling(true);
    run.running.cancel().catch((reason) => setError(asError(reason)));
  };
  return (
    <>
      <button type="button" class="danger" disabled={isCancelling} onClick={cancel}>
        {isCancelling ? "Cancelling …" : "Cancel"}
      </button>
      <span class="weak">running for {formatDuration(Math.max(0, nowMs - run.startedMs))}</span>
      <span class="unseen" role="status">The statement is running</span>
      {error !== null && <ProblemNote error={error} />}
    </>
  );
}

interface EditorBoxProperties {
  readonly text: string;
  readonly onReady: (editor: SqlEditor) => void;
  readonly onChange: (text: string) => void;
  readonly onRun: (what: "chosen" | "all") => void;
}

function EditorBox({ text, onReady, onChange, onRun }: EditorBoxProperties) {
  const box = useRef<HTMLDivElement>(null);
  const code = useLoaded(() => import("./editor.ts"), []);
  useEffect(() => {
    if (box.current === null || code.value === undefined) return;
    const editor = code.value.createSqlEditor({ parent: box.current, text, onChange, onRun });
    onReady(editor);
    editor.focus();
    return () => editor.destroy();
  }, [code.value]);
  return (
    <>
      {code.error !== null && <ProblemNote error={code.error} retry={code.reload} />}
      <div class="sql-editor" ref={box} />
    </>
  );
}

function summaryOf({ results }: SqlOutcome): string {
  const last = results.at(-1);
  if (last === undefined) return "";
  return last.columns.length > 0 ? counted(last.rows.length, "row") : last.command;
}

function keepDraft(name: string, text: string): void {
  try {
    sessionStorage.setItem(name, text);
  } catch {
    // No room in the tab's storage: the text is in the editor all the same.
  }
}

function asNamespace(names: Names): Record<string, Record<string, string[]>> {
  return Object.fromEntries(
    [...names].map(([schema, tables]) => [
      schema,
      Object.fromEntries([...tables].map(([table, columns]) => [table, columns.map(({ name }) => name)])),
    ]),
  );
}
