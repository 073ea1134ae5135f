/** A file becomes rows of a table: chosen or dropped, sent with its progress, and what came of it. */
/// <reference lib="dom" />
import { useRef, useState } from "preact/hooks";
import { upload } from "../api.ts";
import { href } from "../router.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Field, SelectField, TextField } from "../ui/fields.tsx";
import { counted, formatBytes } from "../ui/format.ts";
import { asError, ProblemNote } from "../ui/loading.tsx";
import { type Bucket, type Column, type Project, type Table, tablePath } from "./data.ts";

interface UploadProperties {
  readonly project: Project;
  readonly branchId: string | null;
  readonly buckets: readonly Pick<Bucket, "id">[];
  /** Those that exist, to say what will happen to them. */
  readonly tables: readonly Table[];
  readonly bucketId: string;
  /** The table is fixed. */
  readonly table?: Table;
  readonly onClose: () => void;
}

type Mode = "full" | "append" | "upsert";
type Format = "csv" | "json" | "parquet";

interface Imported {
  readonly table_id: string;
  readonly version: number;
  readonly rows: number;
  readonly imported_rows: number;
  readonly size_bytes: number;
  readonly columns: readonly Column[];
}

type State =
  | { readonly step: "form"; readonly error: Error | null }
  | {
    readonly step: "sending";
    readonly sentBytes: number;
    readonly totalBytes: number;
    readonly abort: AbortController;
  }
  | { readonly step: "done"; readonly imported: Imported };

export function UploadDialog(properties: UploadProperties) {
  const { project, branchId, buckets, tables, table, onClose } = properties;
  const [bucketId, setBucketId] = useState(properties.bucketId);
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState(table?.name ?? "");
  const [mode, setMode] = useState<Mode>(table === undefined ? "full" : "append");
  const [format, setFormat] = useState<Format>("csv");
  const [primaryKey, setPrimaryKey] = useState("");
  const [state, setState] = useState<State>({ step: "form", error: null });
  const existing = table ?? tables.find((one) => one.bucket_id === bucketId && one.name === name.trim());

  const choose = (chosen: File | undefined) => {
    if (chosen === undefined) return;
    setFile(chosen);
    setFormat(formatOf(chosen.name));
    if (table === undefined && name === "") setName(tableNameOf(chosen.name));
  };
  const send = async (event: Event) => {
    event.preventDefault();
    if (file === null) return;
    const abort = new AbortController();
    setState({ step: "sending", sentBytes: 0, totalBytes: file.size, abort });
    try {
      const path = `${tablePath(project.id, branchId, `${bucketId}.${name.trim()}`)}/import`;
      const imported = await upload<Imported>(path, file, {
        query: { mode, format, ...(primaryKey.trim() === "" || existing ? {} : { primary_key: primaryKey }) },
        onProgress: (sentBytes, totalBytes) => setState({ step: "sending", sentBytes, totalBytes, abort }),
        signal: abort.signal,
      });
      setState({ step: "done", imported });
    } catch (error) {
      setState({ step: "form", error: asError(error) });
    }
  };
  const title = table === undefined ? "Upload a file" : `Upload a file into ${table.name}`;

  if (state.step === "sending") {
    return <Sending state={state} fileName={file?.name ?? ""} />;
  }
  if (state.step === "done") {
    const { imported } = state;
    return (
      <Dialog title="Imported" onClose={onClose}>
        <p>
          {counted(imported.imported_rows, "row")} of {file?.name} came into <code>{imported.table_id}</code>, which has
          {" "}
          {counted(imported.rows, "row")} and {counted(imported.columns.length, "column")}{" "}
          now ({formatBytes(imported.size_bytes)}, version {imported.version}).
        </p>
        <div class="row end">
          {table === undefined && (
            <a
              class="button"
              href={href({ branch: branchId ?? undefined }, "projects", project.id, "tables", imported.table_id)}
            >
              Open the table
            </a>
          )}
          <button type="button" class="primary" onClick={onClose}>Done</button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="form" onSubmit={send}>
        <FileField file={file} onFile={choose} />
        {table === undefined && (
          <div class="pair">
            <SelectField
              label="Bucket"
              value={bucketId}
              onValue={setBucketId}
              options={buckets.map(({ id }) => [id, id] as const)}
            />
            <TextField label="Table" name="table" value={name} onValue={setName} required />
          </div>
        )}
        <div class="pair">
          <SelectField
            label="Format"
            value={format}
            onValue={setFormat}
            options={[["csv", "CSV, with a header line"], ["json", "JSON, lines or an array"], ["parquet", "Parquet"]]}
          />
          <SelectField
            label="Mode"
            value={mode}
            onValue={setMode}
            options={[
              ["full", "full: replace all rows"],
              ["append", "append: add the rows"],
              ["upsert", "upsert: replace by primary key, add the rest"],
            ]}
          />
        </div>
        {existing === undefined && (
          <TextField
            label="Primary key"
            name="primary_key"
            value={primaryKey}
            onValue={setPrimaryKey}
            placeholder="id"
            hint="Column names, separated by commas; a table without one cannot take upserts."
          />
        )}
        {existing !== undefined && mode === "full" && (
          <p class="notice warning">
            The table has{" "}
            {counted(existing.rows, "row")}, which the file's rows replace. The present version can be restored.
          </p>
        )}
        {state.error !== null && <ProblemNote error={state.error} />}
        <div class="row end">
          <button type="button" onClick={onClose}>Cancel</button>
          <button type="submit" class="primary" disabled={file === null}>Upload</button>
        </div>
      </form>
    </Dialog>
  );
}

function FileField({ file, onFile }: { file: File | null; onFile: (file: File | undefined) => void }) {
  const [isOver, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  return (
    <Field label="File">
      <span
        class={isOver ? "drop over" : "drop"}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          onFile(event.dataTransfer?.files[0]);
        }}
      >
        <input
          ref={input}
          type="file"
          name="file"
          accept=".csv,.tsv,.txt,.json,.jsonl,.ndjson,.parquet"
          onChange={(event) => onFile(event.currentTarget.files?.[0])}
        />
        <span>
          {file === null
            ? "Drop a CSV, JSON or Parquet file here, or choose one"
            : `${file.name}, ${formatBytes(file.size)}`}
        </span>
      </span>
    </Field>
  );
}

function Sending({ state, fileName }: { state: State & { readonly step: "sending" }; fileName: string }) {
  const { sentBytes, totalBytes, abort } = state;
  const isSent = totalBytes > 0 && sentBytes >= totalBytes;
  return (
    <Dialog title={`Uploading ${fileName}`} onClose={() => abort.abort()}>
      <progress max={Math.max(1, totalBytes)} {...(isSent ? {} : { value: sentBytes })} aria-label="Upload" />
      <p role="status">
        {isSent
          ? "The file is there; its rows are being imported …"
          : `${formatBytes(sentBytes)} of ${formatBytes(totalBytes)}`}
      </p>
      <div class="row end">
        <button type="button" onClick={() => abort.abort()}>Cancel upload</button>
      </div>
    </Dialog>
  );
}

export function formatOf(fileName: string): Format {
  if (/\.parquet$/i.test(fileName)) return "parquet";
  return /\.(json|jsonl|ndjson)$/i.test(fileName) ? "json" : "csv";
}

/** `Orders 2026.csv` -> `orders_2026`. */
export function tableNameOf(fileName: string): string {
  return fileName.replace(/\.[^.]*$/, "").toLowerCase().replace(/[^\p{L}\p{N}_]+/gu, "_").replace(/^_+|_+$/g, "");
}
