/** One workspace: what is in it, how to connect, who is connected, what ran. */
/// <reference lib="dom" />
import { useState } from "preact/hooks";
import { Problem, request } from "../api.ts";
import { href, type Place } from "../router.ts";
import type { Session } from "../session.ts";
import { Dialog, FormDialog } from "../ui/dialog.tsx";
import { Empty } from "../ui/fields.tsx";
import { counted, formatBytes, formatCount, formatTime } from "../ui/format.ts";
import { useLoaded, Waiting } from "../ui/loading.tsx";
import { Tabs, Trail } from "../ui/tabs.tsx";
import { TimeLeft } from "../ui/time_left.tsx";
import { DangerButton, TableHead } from "../ui/table.tsx";
import { ConnectionCard } from "./connection.tsx";
import {
  loadWorkspaces,
  type Project,
  type Workspace,
  type WorkspaceDetail,
  workspacePath,
  type WorkspaceWithPassword,
} from "./data.ts";
import { QueryLogView } from "./query_log.tsx";
import { SessionsView } from "./sessions.tsx";
import { ChangeWorkspace, memoryText, WorkspaceStatus } from "./workspaces.tsx";

interface WorkspaceProperties {
  readonly project: Project;
  readonly workspaceId: string;
  readonly place: Place;
  readonly session: Session;
}

type DialogName = "change" | "clear" | "delete" | "reset";

export function WorkspacePage({ project, workspaceId, place, session }: WorkspaceProperties) {
  const path = workspacePath(project.id, workspaceId);
  const tab = place.query.get("tab") ?? "contents";
  const workspace = useLoaded((signal) => findWorkspace(project.id, workspaceId, signal), [path]);
  const [dialog, setDialog] = useState<DialogName | null>(null);
  const [withPassword, setWithPassword] = useState<WorkspaceWithPassword | null>(null);
  const linkTo = (name: string) => href({ tab: name }, "projects", project.id, "workspaces", workspaceId);
  const listLink = href({}, "projects", project.id, "workspaces");
  const close = () => setDialog(null);
  const closeAndReload = () => {
    close();
    workspace.reload();
  };
  return (
    <>
      <Trail
        steps={[
          { label: "Projects", href: href({}, "projects") },
          { label: project.name, href: href({}, "projects", project.id) },
          { label: "Workspaces", href: listLink },
          { label: workspace.value?.name ?? workspaceId },
        ]}
      />
      <Waiting of={workspace}>
        {(found) => (
          <>
            <div class="page-head">
              <h1>
                {found.name} <WorkspaceStatus workspace={found} />
              </h1>
              <div class="row">
                {found.status === "active" && (
                  <a class="button primary" href={href({}, "sql", project.id, found.id)}>Open SQL</a>
                )}
                {session.mayWrite && <WorkspaceActions workspace={found} onChoose={setDialog} />}
              </div>
            </div>
            <p class="facts">
              <span>
                <code>{found.id}</code>
              </span>
              <span>
                expires <TimeLeft until={found.expires_at} />, {formatTime(found.expires_at)}
              </span>
              <span>{formatBytes(found.size_bytes)} of {found.size_limit_gb} GB</span>
              <span>memory {memoryText(found)}</span>
              <span>{counted(found.active_sessions, "session")} of {found.max_connections}</span>
              {found.branch_id !== null && <span>branch {found.branch_id}</span>}
            </p>
            {found.status === "expired"
              ? (
                <p class="notice warning">
                  It has expired: nobody can connect. Until its file is deleted, new hours under "Change" bring it back.
                </p>
              )
              : (
                <>
                  <Tabs
                    label="About the workspace"
                    current={tab}
                    tabs={[
                      { name: "contents", label: "Contents", href: linkTo("contents") },
                      { name: "connect", label: "Connect", href: linkTo("connect") },
                      { name: "sessions", label: "Sessions", href: linkTo("sessions") },
                      { name: "queries", label: "Query log", href: linkTo("queries") },
                    ]}
                  />
                  {tab === "contents" && (
                    <Contents workspace={found} path={path} mayWrite={session.mayWrite} onChange={workspace.reload} />
                  )}
                  {tab === "connect" && (
                    <>
                      <p class="weak">
                        The password was shown when the workspace was made. Put it in place of PASSWORD, or make a new
                        one.
                      </p>
                      <ConnectionCard connection={found.connection} />
                    </>
                  )}
                  {tab === "sessions" && <SessionsView path={path} mayWrite={session.mayWrite} />}
                </>
              )}
            {(tab === "queries" || found.status === "expired") && (
              <QueryLogView path={`${path}/queries`} place={place} />
            )}
            {dialog === "change" && (
              <ChangeWorkspace workspace={found} path={path} onClose={close} onDone={closeAndReload} />
            )}
            {dialog === "clear" && (
              <ClearWorkspace workspace={found} path={path} onClose={close} onDone={closeAndReload} />
            )}
            {dialog === "delete" && (
              <DeleteWorkspace workspace={found} path={path} onClose={close} listLink={listLink} />
            )}
            {dialog === "reset" && (
              <FormDialog
                title="Make a new password?"
                action="New password"
                danger
                onClose={close}
                onSubmit={async () => {
                  const made = await request<WorkspaceWithPassword>(`${path}/credentials/reset`, { method: "POST" });
                  close();
                  setWithPassword(made);
                }}
              >
                <p>The old one stops working at once, for every program that has it. Open sessions stay.</p>
              </FormDialog>
            )}
            {withPassword !== null && (
              <Dialog title="New password" wide onClose={() => setWithPassword(null)}>
                <p>It is shown only now.</p>
                <ConnectionCard connection={withPassword.connection} />
                <div class="row end">
                  <button type="button" class="primary" onClick={() => setWithPassword(null)}>Done</button>
                </div>
              </Dialog>
            )}
          </>
        )}
      </Waiting>
    </>
  );
}

/** An expired one has no detail (410), but stands in the list. */
async function findWorkspace(projectId: string, workspaceId: string, signal: AbortSignal): Promise<WorkspaceDetail> {
  const path = workspacePath(projectId, workspaceId);
  try {
    return await request<WorkspaceDetail>(path, { signal });
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 410) throw error;
    const found = (await loadWorkspaces(projectId, signal)).find(({ id }) => id === workspaceId);
    if (found === undefined) throw error;
    return { ...found, attached_tables: [], workspace_objects: [] };
  }
}

function WorkspaceActions(
  { workspace, onChoose }: { workspace: Workspace; onChoose: (dialog: DialogName) => void },
) {
  return (
    <>
      <button type="button" onClick={() => onChoose("change")}>Change</button>
      {workspace.status === "active" && (
        <>
          <button type="button" onClick={() => onChoose("reset")}>New password</button>
          <button type="button" class="danger" onClick={() => onChoose("clear")}>Clear</button>
        </>
      )}
      <button type="button" class="danger" onClick={() => onChoose("delete")}>Delete</button>
    </>
  );
}

interface ContentsProperties {
  readonly workspace: WorkspaceDetail;
  readonly path: string;
  readonly mayWrite: boolean;
  readonly onChange: () => void;
}

function Contents({ workspace, path, mayWrite, onChange }: ContentsProperties) {
  const [dropping, setDropping] = useState<WorkspaceDetail["workspace_objects"][number] | null>(null);
  return (
    <>
      <h2>Made in the workspace</h2>
      {workspace.workspace_objects.length === 0
        ? <Empty>Nothing yet: CREATE TABLE, or copy tables of the project into it.</Empty>
        : (
          <div class="table-box">
            <table class="grid">
              <TableHead columns={["Name", "Kind", { number: "Rows" }]} actions />
              <tbody>
                {workspace.workspace_objects.map((object) => (
                  <tr key={object.name}>
                    <td>{object.name}</td>
                    <td>{object.type}</td>
                    <td class="number">{object.rows === null ? "" : formatCount(object.rows)}</td>
                    <td class="actions">
                      {mayWrite && (
                        <DangerButton
                          label="Drop"
                          name={`Drop ${object.name}`}
                          onClick={() => setDropping(object)}
                        />
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      <h2>Tables of the project, read-only</h2>
      {workspace.attached_tables.length === 0 ? <Empty>The project has no tables.</Empty> : (
        <div class="table-box">
          <table class="grid">
            <TableHead columns={["In SQL", { number: "Rows" }]} />
            <tbody>
              {workspace.attached_tables.map(({ schema, table, rows }) => (
                <tr key={`${schema}.${table}`}>
                  <td>
                    <code>{schema}.{table}</code>
                  </td>
                  <td class="number">{formatCount(rows)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {dropping !== null && (
        <FormDialog
          title={`Drop ${dropping.type} ${dropping.name}?`}
          action={`Drop ${dropping.type}`}
          danger
          onClose={() => setDropping(null)}
          onSubmit={async () => {
            await request(`${path}/objects/${encodeURIComponent(dropping.name)}`, { method: "DELETE" });
            setDropping(null);
            onChange();
          }}
        >
          <p>{dropping.rows === null ? "It" : counted(dropping.rows, "row")} will be gone for good.</p>
        </FormDialog>
      )}
    </>
  );
}

function ObjectNames({ workspace }: { workspace: WorkspaceDetail }) {
  const objects = workspace.workspace_objects;
  if (objects.length === 0) return <p>Nothing was made in it so far.</p>;
  return (
    <>
      <p>These will be gone for good:</p>
      <ul class="name-list">
        {objects.map(({ name, type, rows }) => (
          <li key={name}>{type} {name}{rows === null ? "" : `, ${counted(rows, "row")}`}</li>
        ))}
      </ul>
    </>
  );
}

interface ConfirmProperties {
  readonly workspace: WorkspaceDetail;
  readonly path: string;
  readonly onClose: () => void;
}

function ClearWorkspace({ workspace, path, onClose, onDone }: ConfirmProperties & { readonly onDone: () => void }) {
  return (
    <FormDialog
      title={`Clear ${workspace.name}?`}
      action={`Drop ${counted(workspace.workspace_objects.length, "object")}`}
      danger
      onClose={onClose}
      onSubmit={async () => {
        await request(`${path}/clear`, { method: "POST" });
        onDone();
      }}
    >
      <ObjectNames workspace={workspace} />
      <p class="weak">The workspace, its credentials and the project's tables stay.</p>
    </FormDialog>
  );
}

function DeleteWorkspace({ workspace, path, onClose, listLink }: ConfirmProperties & { readonly listLink: string }) {
  return (
    <FormDialog
      title={`Delete workspace ${workspace.name}?`}
      action="Delete workspace"
      danger
      onClose={onClose}
      onSubmit={async () => {
        await request(path, { method: "DELETE" });
        location.hash = listLink;
      }}
    >
      <ObjectNames workspace={workspace} />
      <p>
        {workspace.active_sessions > 0 && `${counted(workspace.active_sessions, "open session")} will end. `}
        Its credentials stop working.
      </p>
    </FormDialog>
  );
}
