/** Imports a dashboard of Perses or Grafana, or a file of a whole project. */
/// <reference lib="dom" />
import { useState } from "preact/hooks";
import { request } from "../api.ts";
import { href } from "../router.ts";
import { asError } from "../ui/loading.tsx";
import { Dialog } from "./dialog.tsx";
import { type Imported, nameOf, readImport } from "./import_file.ts";
import { type Fields, fields, text as textField } from "./model.ts";
import { problemLines, projectPath, saveDocument } from "./server.ts";

interface ImportProperties {
  readonly project: string;
  readonly onImported: () => void;
  readonly onClose: () => void;
}

interface Outcomes {
  readonly created: readonly { readonly name: string }[];
  readonly replaced: readonly unknown[];
  readonly unchanged: readonly unknown[];
  readonly skipped: readonly unknown[];
}

export function ImportDialog({ project, onImported, onClose }: ImportProperties) {
  const [source, setSource] = useState("");
  const [name, setName] = useState("");
  const [useDefault, setUseDefault] = useState(true);
  const [replaces, setReplaces] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const [note, setNote] = useState("");
  const submit = async (event: Event) => {
    event.preventDefault();
    setError(null);
    setNote("");
    try {
      const imported = await readImport(source);
      if (imported.kind === "file") {
        const outcomes = await request<Outcomes>(`${projectPath(project)}/dashboard-import`, {
          method: "POST",
          query: { mode: replaces ? "replace" : "skip" },
          body: imported.file,
        });
        setNote(
          `${outcomes.created.length} created, ${outcomes.replaced.length} replaced, ` +
            `${outcomes.unchanged.length} unchanged, ${outcomes.skipped.length} skipped.`,
        );
        onImported();
        return;
      }
      const document = await dashboardOf(imported, useDefault);
      const wanted = name.trim() || textField(fields(document["metadata"])["name"]) || nameOf(titleOf(document));
      const metadata = { ...fields(document["metadata"]), name: wanted, project };
      await saveDocument(project, wanted, { ...document, metadata }, null, "imported");
      location.hash = href({}, "dashboards", project, wanted);
    } catch (reason) {
      setError(asError(reason));
    }
  };
  return (
    <Dialog title="Import" onClose={onClose}>
      <form class="form-grid" onSubmit={submit}>
        <p class="weak">
          A dashboard of Perses or Grafana, or the file of a project's export, as JSON or YAML. What Grafana's has and
          Perses has not is named in its panels.
        </p>
        <input
          type="file"
          aria-label="File"
          accept=".json,.yaml,.yml"
          onChange={async (event) => setSource(await event.currentTarget.files?.[0]?.text() ?? "")}
        />
        <textarea
          class="code"
          name="source"
          aria-label="Document"
          rows={10}
          spellcheck={false}
          placeholder="… or its text"
          value={source}
          onInput={(event) => setSource(event.currentTarget.value)}
        />
        <label class="field">
          Name, if not the document's own
          <input name="name" value={name} onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <label>
          <input
            type="checkbox"
            checked={useDefault}
            onChange={(event) => setUseDefault(event.currentTarget.checked)}
          />{" "}
          Of Grafana: ask the default datasource
        </label>
        <label>
          <input type="checkbox" checked={replaces} onChange={(event) => setReplaces(event.currentTarget.checked)} />
          {" "}
          Of an export: replace what is there under the same names
        </label>
        {error !== null && (
          <div class="problem" role="alert">
            {problemLines(error).map(({ pointer, text }, index) => (
              <div key={index}>
                {pointer !== null && <code>{pointer}</code>} {text}
              </div>
            ))}
          </div>
        )}
        {note !== "" && <p class="notice" role="status">{note}</p>}
        <button type="submit" class="primary" disabled={source.trim() === ""}>Import</button>
      </form>
    </Dialog>
  );
}

async function dashboardOf(imported: Exclude<Imported, { kind: "file" }>, useDefault: boolean): Promise<Fields> {
  if (imported.kind === "dashboard") return imported.document;
  return await request<Fields>("/api/migrate", {
    method: "POST",
    body: { grafanaDashboard: imported.document, useDefaultDatasource: useDefault },
  });
}

function titleOf(document: Fields): string {
  return textField(fields(fields(document["spec"])["display"])["name"]);
}
