/** A project's (or branch's) tables by bucket; new buckets, and files that become tables. */
/// <reference lib="dom" />
import { useState } from "preact/hooks";
import { listAll, request } from "../api.ts";
import { href, type Place } from "../router.ts";
import type { Session } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Empty, TextField } from "../ui/fields.tsx";
import { counted, formatBytes, formatCount, formatTime } from "../ui/format.ts";
import { useLoaded, Waiting } from "../ui/loading.tsx";
import { DangerButton, TableHead } from "../ui/table.tsx";
import { type Branch, type Bucket, listMax, loadTables, type Project, projectPath, type Table } from "./data.ts";
import { UploadDialog } from "./upload.tsx";

interface SectionProperties {
  readonly project: Project;
  readonly place: Place;
  readonly session: Session;
}

export function TablesSection({ project, place, session }: SectionProperties) {
  const branchId = place.query.get("branch");
  const path = projectPath(project.id, branchId);
  const tables = useLoaded(
    async (signal) => ({
      buckets: await listAll<Bucket>(`${path}/buckets`, listMax, signal),
      tables: await loadTables(project.id, branchId, signal),
      branches: await listAll<Branch>(`${projectPath(project.id)}/branches`, listMax, signal),
    }),
    [path],
  );
  const [search, setSearch] = useState("");
  const [isCreating, setCreating] = useState(false);
  const [uploadInto, setUploadInto] = useState<string | null>(null);
  const [deleting, setDeleting] = useState<Bucket | null>(null);
  return (
    <Waiting of={tables}>
      {({ buckets, tables: all, branches }) => (
        <section>
          <div class="section-head">
            <div class="row">
              <input
                type="search"
                aria-label="Search tables and columns"
                placeholder="Search tables and columns"
                value={search}
                onInput={(event) => setSearch(event.currentTarget.value)}
              />
              {branches.length > 0 && (
                <label class="row">
                  Branch
                  <select
                    value={branchId ?? ""}
                    onChange={(event) => {
                      const branch = event.currentTarget.value;
                      location.hash = href({ branch }, "projects", project.id, "tables");
                    }}
                  >
                    <option value="">none (the project itself)</option>
                    {branches.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
                  </select>
                </label>
              )}
              <span class="weak">
                {counted(all.length, "table")}, {formatBytes(all.reduce((sum, { size_bytes }) => sum + size_bytes, 0))}
              </span>
            </div>
            {session.mayWrite && (
              <div class="row">
                <button type="button" onClick={() => setCreating(true)}>New bucket</button>
                <button
                  type="button"
                  class="primary"
                  disabled={buckets.length === 0}
                  onClick={() => setUploadInto(buckets[0]?.id ?? "")}
                >
                  Upload file
                </button>
              </div>
            )}
          </div>
          {buckets.length === 0 && (
            <Empty>
              There is no bucket yet. A bucket such as <code>in.c-sales</code> holds tables and is a schema,{" "}
              <code>in_c_sales</code>, in SQL.
            </Empty>
          )}
          {buckets.map((bucket) => (
            <BucketCard
              key={bucket.id}
              bucket={bucket}
              tables={all.filter((table) => table.bucket_id === bucket.id && fits(table, search))}
              isSearched={search !== ""}
              linkOf={(table) => href({ branch: branchId ?? undefined }, "projects", project.id, "tables", table.id)}
              mayWrite={session.mayWrite}
              onUpload={() => setUploadInto(bucket.id)}
              onDelete={() => setDeleting(bucket)}
            />
          ))}
          {isCreating && (
            <CreateBucket
              path={`${path}/buckets`}
              onClose={() => setCreating(false)}
              onMade={() => {
                setCreating(false);
                tables.reload();
              }}
            />
          )}
          {uploadInto !== null && (
            <UploadDialog
              project={project}
              branchId={branchId}
              buckets={buckets}
              tables={all}
              bucketId={uploadInto}
              onClose={() => {
                setUploadInto(null);
                tables.reload();
              }}
            />
          )}
          {deleting !== null && (
            <DeleteBucket
              path={path}
              bucket={deleting}
              tables={all.filter(({ bucket_id }) => bucket_id === deleting.id)}
              onClose={() => setDeleting(null)}
              onDone={() => {
                setDeleting(null);
                tables.reload();
              }}
            />
          )}
        </section>
      )}
    </Waiting>
  );
}

function fits(table: Table, search: string): boolean {
  const text = search.trim().toLowerCase();
  if (text === "") return true;
  return table.id.toLowerCase().includes(text) || table.columns.some(({ name }) => name.toLowerCase().includes(text));
}

interface BucketProperties {
  readonly bucket: Bucket;
  readonly tables: readonly Table[];
  readonly isSearched: boolean;
  readonly linkOf: (table: Table) => string;
  readonly mayWrite: boolean;
  readonly onUpload: () => void;
  readonly onDelete: () => void;
}

function BucketCard({ bucket, tables, isSearched, linkOf, mayWrite, onUpload, onDelete }: BucketProperties) {
  if (isSearched && tables.length === 0) return null;
  return (
    <div class="card bucket">
      <div class="card-head">
        <h2>
          {bucket.id}{" "}
          <span class="weak">
            schema <code>{bucket.schema}</code>
          </span>
        </h2>
        {mayWrite && (
          <div class="row">
            <button type="button" class="small" aria-label={`Upload a file into ${bucket.id}`} onClick={onUpload}>
              Upload
            </button>
            <DangerButton label="Delete" name={`Delete bucket ${bucket.id}`} onClick={onDelete} />
          </div>
        )}
      </div>
      {bucket.description !== null && <p class="weak">{bucket.description}</p>}
      {tables.length === 0 ? <p class="weak">No tables.</p> : (
        <div class="table-box plain">
          <table class="grid">
            <TableHead
              columns={[
                "Table",
                { number: "Rows" },
                { number: "Size" },
                { number: "Columns" },
                "Primary key",
                "Changed",
              ]}
            />
            <tbody>
              {tables.map((table) => (
                <tr key={table.id}>
                  <td>
                    <a href={linkOf(table)}>{table.name}</a>
                  </td>
                  <td class="number">{formatCount(table.rows)}</td>
                  <td class="number">{formatBytes(table.size_bytes)}</td>
                  <td class="number">{table.columns.length}</td>
                  <td>
                    {table.primary_key.length === 0 ? <span class="weak">none</span> : table.primary_key.join(", ")}
                  </td>
                  <td>{formatTime(table.updated_at)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

function CreateBucket({ path, onClose, onMade }: { path: string; onClose: () => void; onMade: () => void }) {
  const [id, setId] = useState("");
  const [description, setDescription] = useState("");
  const create = async () => {
    await request(path, { method: "POST", body: { id, ...(description === "" ? {} : { description }) } });
    onMade();
  };
  return (
    <FormDialog title="New bucket" action="Create bucket" onClose={onClose} onSubmit={create}>
      <TextField
        label="Id"
        name="id"
        value={id}
        onValue={setId}
        required
        autofocus
        placeholder="in.c-sales"
        hint="In SQL its schema is the same with _ for . and -, here in_c_sales."
      />
      <TextField label="Description" name="description" value={description} onValue={setDescription} />
    </FormDialog>
  );
}

interface DeleteProperties {
  readonly path: string;
  readonly bucket: Bucket;
  readonly tables: readonly Table[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}

function DeleteBucket({ path, bucket, tables, onClose, onDone }: DeleteProperties) {
  const remove = async () => {
    await request(`${path}/buckets/${encodeURIComponent(bucket.id)}`, {
      method: "DELETE",
      query: { force: tables.length > 0 ? "true" : undefined },
    });
    onDone();
  };
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return (
    <FormDialog
      title={`Delete bucket ${bucket.id}?`}
      action={tables.length === 0 ? "Delete bucket" : `Delete bucket and ${counted(tables.length, "table")}`}
      danger
      onClose={onClose}
      onSubmit={remove}
    >
      {tables.length === 0 ? <p>It has no tables.</p> : (
        <>
          <p>These will be gone, with all their versions ({counted(rows, "row")}):</p>
          <ul class="name-list">{tables.map(({ id, name }) => <li key={id}>{name}</li>)}</ul>
        </>
      )}
    </FormDialog>
  );
}
