/**
 * A dashboard's document as JSON, to change. What is wrong with it is shown with its place; when somebody else has saved meanwhile, what they
 * changed is shown before anything is overwritten.
 */
/// <reference lib="dom" />
import { useState } from "preact/hooks";
import { Problem, request } from "../api.ts";
import { href } from "../router.ts";
import { asError, ProblemNote, useLoaded, Waiting } from "../ui/loading.tsx";
import { type Comparison, Differences } from "./differences.tsx";
import { offsetOfPointer } from "./json_place.ts";
import { dashboardPath, loadDocument, problemLines, saveDocument, type StoredDocument } from "./server.ts";

interface EditProperties {
  readonly project: string;
  readonly name: string;
}

export function EditPage({ project, name }: EditProperties) {
  const stored = useLoaded((signal) => loadDocument(project, name, signal), [project, name]);
  return (
    <>
      <nav class="weak" aria-label="Place">
        <a href={href({}, "dashboards", project)}>{project}</a> /{" "}
        <a href={href({}, "dashboards", project, name)}>{name}</a> /
      </nav>
      <h1>Edit {name}</h1>
      <Waiting of={stored}>
        {(document) => <Editor key={document.etag} project={project} name={name} stored={document} />}
      </Waiting>
    </>
  );
}

/** What the server says of somebody else's change. */
interface Conflict {
  readonly message: string;
  readonly comparison: Comparison;
  /** Of the present version, to save over it after all. */
  readonly etag: string;
}

function Editor({ project, name, stored }: EditProperties & { readonly stored: StoredDocument }) {
  const [text, setText] = useState(() => JSON.stringify(editable(stored.document), null, 2));
  const [etag, setEtag] = useState(stored.etag);
  const [message, setMessage] = useState("");
  const [error, setError] = useState<Error | null>(null);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const [saved, setSaved] = useState("");
  const parsed = parse(text);

  const save = async (over: string) => {
    setSaved("");
    setError(null);
    setConflict(null);
    if (parsed.error !== null) return setError(parsed.error);
    try {
      const answer = await saveDocument(project, name, parsed.value, over, message);
      setEtag(answer.etag);
      setSaved(`Saved as version ${versionOf(answer.etag)}.`);
    } catch (reason) {
      const problem = asError(reason);
      if (problem instanceof Problem && problem.status === 412) {
        setConflict(
          await conflictOf(project, name, etag, problem).catch((next: unknown) => {
            setError(asError(next));
            return null;
          }),
        );
      } else setError(problem);
    }
  };
  const check = async () => {
    setSaved("");
    setError(null);
    if (parsed.error !== null) return setError(parsed.error);
    try {
      await request("/api/validate/dashboards", { method: "POST", body: parsed.value });
      setSaved("The document is valid.");
    } catch (reason) {
      setError(asError(reason));
    }
  };
  const mark = (pointer: string) => {
    const area = document.querySelector<HTMLTextAreaElement>("textarea[name=document]");
    const place = offsetOfPointer(text, pointer);
    if (area === null || place === null) return;
    area.focus();
    area.setSelectionRange(place, place);
    const lineHeight = area.scrollHeight / text.split("\n").length;
    area.scrollTop = Math.max(0, (text.slice(0, place).split("\n").length - 5) * lineHeight);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save(etag);
      }}
    >
      <textarea
        class="code json-editor"
        name="document"
        aria-label="Document"
        spellcheck={false}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <div class="row">
        <label class="field json-message">
          What the change is about
          <input
            name="message"
            maxLength={500}
            value={message}
            onInput={(event) => setMessage(event.currentTarget.value)}
          />
        </label>
        <button type="button" onClick={check}>Check</button>
        <button type="submit" class="primary">Save</button>
        <a class="button" href={href({}, "dashboards", project, name)}>Look at it</a>
      </div>
      {saved !== "" && <p class="notice" role="status">{saved}</p>}
      {error !== null && <Problems error={error} onMark={mark} />}
      {conflict !== null && (
        <div class="notice" role="alert">
          <p class="conflict">{conflict.message}</p>
          <Differences comparison={conflict.comparison} />
          <div class="row">
            <button type="button" class="danger" onClick={() => void save(conflict.etag)}>Save mine over it</button>
            <button type="button" onClick={() => location.reload()}>Take theirs</button>
          </div>
        </div>
      )}
    </form>
  );
}

function Problems({ error, onMark }: { error: Error; onMark: (pointer: string) => void }) {
  const lines = problemLines(error);
  if (lines.every(({ pointer }) => pointer === null)) return <ProblemNote error={error} />;
  return (
    <div class="problem" role="alert">
      <ul class="problem-list">
        {lines.map(({ pointer, text }, index) => (
          <li key={index}>
            {pointer !== null && <button type="button" class="code" onClick={() => onMark(pointer)}>{pointer}</button>}
            {" "}
            {text}
          </li>
        ))}
      </ul>
    </div>
  );
}

async function conflictOf(project: string, name: string, etag: string, problem: Problem): Promise<Conflict> {
  const present = await loadDocument(project, name);
  const comparison = await request<Comparison>(`${dashboardPath(project, name)}/compare`, {
    query: { from: versionOf(etag), to: versionOf(present.etag) },
  });
  return { message: problem.message, comparison, etag: present.etag };
}

function versionOf(etag: string): string {
  return /v(\d+)/.exec(etag)?.[1] ?? "";
}

/** Without what the server sets itself. */
function editable(document: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { createdAt: _created, updatedAt: _updated, version: _version, annotations: _annotations, ...metadata } =
    document["metadata"] as Record<string, unknown>;
  return { ...document, metadata };
}

function parse(text: string): { readonly value: unknown; readonly error: Error | null } {
  try {
    return { value: JSON.parse(text), error: null };
  } catch (error) {
    return { value: null, error: new Error(`This is no JSON: ${asError(error).message}`) };
  }
}
