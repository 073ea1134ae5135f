/** One table: its rows, columns and versions; files in and out. */
/// <reference lib="dom" />
import { useState } from "preact/hooks";
import { request, send } from "../api.ts";
import { href, type Place } from "../router.ts";
import type { Session } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Badge } from "../ui/fields.tsx";
import { counted, formatBytes, formatCount, formatTime } from "../ui/format.ts";
import { type GridColumn, type GridValue, ResultGrid, saveFile } from "../ui/grid.tsx";
import { asError, ProblemNote, useLoaded, Waiting } from "../ui/loading.tsx";
import { Tabs, Trail } from "../ui/tabs.tsx";
import { TableHead } from "../ui/table.tsx";
import { type Project, type Table, tablePath, type TableVersion } from "./data.ts";
import { UploadDialog } from "./upload.tsx";

interface TableProperties {
  readonly project: Project;
  readonly tableId: string;
  readonly place: Place;
  readonly session: Session;
}

const previewRows = 500;

export function TablePage({ project, tableId, place, session }: TableProperties) {
  const branchId = place.query.get("branch");
  const tab = place.query.get("tab") ?? "rows";
  const path = tablePath(project.id, branchId, tableId);
  const table = useLoaded((signal) => request<Table>(path, { signal }), [path]);
  const [dialog, setDialog] = useState<"upload" | "delete" | null>(null);
  const linkTo = (name: string) =>
    href({ branch: branchId ?? undefined, tab: name }, "projects", project.id, "tables", tableId);
  const listLink = href({ branch: branchId ?? undefined }, "projects", project.id, "tables");
  return (
    <>
      <Trail
        steps={[
          { label: "Projects", href: href({}, "projects") },
          { label: project.name, href: listLink },
          ...(branchId === null ? [] : [{ label: `branch ${branchId}`, href: listLink }]),
          { label: tableId },
        ]}
      />
      <Waiting of={table}>
        {(found) => (
          <>
            <div class="page-head">
              <h1>{found.name}</h1>
              <div class="row">
                <Download path={path} name={found.id} />
                {session.mayWrite && (
                  <>
                    <button type="button" onClick={() => setDialog("upload")}>Upload file</button>
                    <button type="button" class="danger" onClick={() => setDialog("delete")}>Delete table</button>
                  </>
                )}
              </div>
            </div>
            <p class="facts">
              <span>{counted(found.rows, "row")}</span>
              <span>{formatBytes(found.size_bytes)}</span>
              <span>version {found.version}</span>
              <span>changed {formatTime(found.updated_at)}</span>
              <span>
                in SQL <code>{found.schema}.{found.name}</code>
              </span>
            </p>
            <Tabs
              label="About the table"
              current={tab}
              tabs={[
                { name: "rows", label: "Rows", href: linkTo("rows") },
                { name: "columns", label: `Columns (${found.columns.length})`, href: linkTo("columns") },
                { name: "versions", label: "Versions", href: linkTo("versions") },
              ]}
            />
            {tab === "rows" && <Preview path={path} table={found} />}
            {tab === "columns" && <Columns table={found} />}
            {tab === "versions" && (
              <Versions path={path} table={found} mayWrite={session.mayWrite} onRestored={table.reload} />
            )}
            {dialog === "upload" && (
              <UploadDialog
                project={project}
                branchId={branchId}
                buckets={[{ id: found.bucket_id }]}
                tables={[found]}
                bucketId={found.bucket_id}
                table={found}
                onClose={() => {
                  setDialog(null);
                  table.reload();
                }}
              />
            )}
            {dialog === "delete" && (
              <FormDialog
                title={`Delete table ${found.name}?`}
                action="Delete table"
                danger
                onClose={() => setDialog(null)}
                onSubmit={async () => {
                  await request(path, { method: "DELETE" });
                  location.hash = listLink;
                }}
              >
                <p>
                  {counted(found.rows, "row")}{" "}
                  will be gone, with all versions of the table. Workspaces that loaded a copy keep it.
                </p>
              </FormDialog>
            )}
          </>
        )}
      </Waiting>
    </>
  );
}

interface PreviewAnswer {
  readonly columns: readonly GridColumn[];
  readonly rows: readonly (readonly GridValue[])[];
}

function Preview({ path, table }: { path: string; table: Table }) {
  const preview = useLoaded(
    (signal) => request<PreviewAnswer>(`${path}/preview`, { query: { limit: previewRows }, signal }),
    [path, table.version],
  );
  return (
    <Waiting of={preview}>
      {({ columns, rows }) => (
        <>
          <p class="weak">
            {table.rows > rows.length
              ? `The first ${formatCount(rows.length)} of ${counted(table.rows, "row")}.`
              : `All ${counted(rows.length, "row")}.`}
          </p>
          <ResultGrid columns={columns} rows={rows} name={`Rows of ${table.name}`} />
        </>
      )}
    </Waiting>
  );
}

function Columns({ table }: { table: Table }) {
  return (
    <div class="table-box">
      <table class="grid">
        <TableHead columns={["Column", "Type", "NULL", "Primary key"]} />
        <tbody>
          {table.columns.map(({ name, type, nullable }) => (
            <tr key={name}>
              <td>{name}</td>
              <td>
                <code>{type}</code>
              </td>
              <td>{nullable ? "allowed" : "not allowed"}</td>
              <td>{table.primary_key.includes(name) && <Badge tone="plain">primary key</Badge>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface VersionsProperties {
  readonly path: string;
  readonly table: Table;
  readonly mayWrite: boolean;
  readonly onRestored: () => void;
}

function Versions({ path, table, mayWrite, onRestored }: VersionsProperties) {
  const versions = useLoaded(
    (signal) => request<{ items: TableVersion[] }>(`${path}/versions`, { query: { limit: 1000 }, signal }),
    [path, table.version],
  );
  const [restoring, setRestoring] = useState<TableVersion | null>(null);
  return (
    <Waiting of={versions}>
      {({ items }) => (
        <div class="table-box">
          <table class="grid">
            <TableHead
              columns={[{ number: "Version" }, "Made by", "When", { number: "Rows" }, { number: "Size" }, {
                number: "Columns",
              }]}
              actions
            />
            <tbody>
              {items.map((version) => (
                <tr key={version.version}>
                  <td class="number">{version.version}</td>
                  <td>{version.origin}</td>
                  <td>{formatTime(version.created_at)}</td>
                  <td class="number">{formatCount(version.rows)}</td>
                  <td class="number">{formatBytes(version.size_bytes)}</td>
                  <td class="number">{version.columns.length}</td>
                  <td class="actions">
                    {version.current && <Badge tone="good">current</Badge>}
                    {!version.current && mayWrite && (
                      <button
                        type="button"
                        class="small"
                        aria-label={`Restore version ${version.version}`}
                        onClick={() => setRestoring(version)}
                      >
                        Restore
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {restoring !== null && (
            <FormDialog
              title={`Restore version ${restoring.version}?`}
              action="Restore"
              onClose={() => setRestoring(null)}
              onSubmit={async () => {
                await request(`${path}/versions/${restoring.version}/restore`, { method: "POST" });
                setRestoring(null);
                onRestored();
              }}
            >
              <p>
                The table has {counted(table.rows, "row")} now and will have{" "}
                {counted(restoring.rows, "row")}. That makes a new version; the present one,{" "}
                {table.version}, stays and can be restored in turn.
              </p>
            </FormDialog>
          )}
        </div>
      )}
    </Waiting>
  );
}

const formats = ["csv", "json", "parquet"] as const;

function Download({ path, name }: { path: string; name: string }) {
  const [isLoading, setLoading] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const download = async (format: string) => {
    setLoading(true);
    setError(null);
    try {
      const response = await send(`${path}/export`, { query: { format } });
      saveFile(await response.blob(), `${name}.${format}`);
    } catch (reason) {
      setError(asError(reason));
    } finally {
      setLoading(false);
    }
  };
  return (
    <>
      <select
        aria-label="Download the table"
        value=""
        disabled={isLoading}
        onChange={(event) => {
          const { value } = event.currentTarget;
          event.currentTarget.value = "";
          if (value !== "") void download(value);
        }}
      >
        <option value="">{isLoading ? "Downloading …" : "Download …"}</option>
        {formats.map((format) => <option key={format} value={format}>as {format.toUpperCase()}</option>)}
      </select>
      {error !== null && <ProblemNote error={error} />}
    </>
  );
}
