/** A project's workspaces: how they are, and a new one. */
/// <reference lib="dom" />
import { useState } from "preact/hooks";
import { listAll, request } from "../api.ts";
import { href } from "../router.ts";
import type { Session } from "../session.ts";
import { Dialog, FormDialog } from "../ui/dialog.tsx";
import { Badge, CheckField, Empty, Field, SelectField, TextField } from "../ui/fields.tsx";
import { counted, formatBytes } from "../ui/format.ts";
import { useLoaded, Waiting } from "../ui/loading.tsx";
import { TimeLeft } from "../ui/time_left.tsx";
import { TableHead } from "../ui/table.tsx";
import { ConnectionCard } from "./connection.tsx";
import {
  type Branch,
  listMax,
  loadTables,
  loadWorkspaces,
  type Project,
  projectPath,
  type Workspace,
  type WorkspaceWithPassword,
} from "./data.ts";

export function WorkspacesSection({ project, session }: { project: Project; session: Session }) {
  const workspaces = useLoaded((signal) => loadWorkspaces(project.id, signal), [project.id]);
  const [isCreating, setCreating] = useState(false);
  const [made, setMade] = useState<WorkspaceWithPassword | null>(null);
  return (
    <section>
      <div class="section-head">
        <p class="weak">A workspace is a database of one's own over the project's tables, for any PostgreSQL client.</p>
        <div class="row">
          <button type="button" onClick={workspaces.reload}>Refresh</button>
          {session.mayWrite && (
            <button type="button" class="primary" onClick={() => setCreating(true)}>New workspace</button>
          )}
        </div>
      </div>
      <Waiting of={workspaces}>
        {(items) =>
          items.length === 0
            ? <Empty>There is no workspace yet.</Empty>
            : <WorkspaceTable projectId={project.id} items={items} />}
      </Waiting>
      {isCreating && (
        <CreateWorkspace
          project={project}
          onClose={() => setCreating(false)}
          onMade={(workspace) => {
            setCreating(false);
            setMade(workspace);
            workspaces.reload();
          }}
        />
      )}
      {made !== null && (
        <Dialog title={`Workspace ${made.name}`} wide onClose={() => setMade(null)}>
          <p>The password is shown only now; a new one can be made at any time.</p>
          <ConnectionCard connection={made.connection} />
          <div class="row end">
            <a class="button" href={href({}, "sql", project.id, made.id)}>Open SQL</a>
            <button type="button" class="primary" onClick={() => setMade(null)}>Done</button>
          </div>
        </Dialog>
      )}
    </section>
  );
}

function WorkspaceTable({ projectId, items }: { projectId: string; items: readonly Workspace[] }) {
  return (
    <div class="table-box">
      <table class="grid">
        <TableHead
          columns={["Name", "Status", "Expires", { number: "Size" }, "Memory", { number: "Sessions" }, "Branch"]}
          actions
        />
        <tbody>
          {items.map((workspace) => (
            <tr key={workspace.id}>
              <td>
                <a href={href({}, "projects", projectId, "workspaces", workspace.id)}>{workspace.name}</a>
                <div class="weak small-text">{workspace.id}</div>
              </td>
              <td>
                <WorkspaceStatus workspace={workspace} />
              </td>
              <td>
                <TimeLeft until={workspace.expires_at} />
              </td>
              <td class="number">{formatBytes(workspace.size_bytes)} of {workspace.size_limit_gb} GB</td>
              <td>{memoryText(workspace)}</td>
              <td class="number">{workspace.active_sessions}</td>
              <td>{workspace.branch_id ?? <span class="weak">none</span>}</td>
              <td class="actions">
                {workspace.status === "active" && (
                  <a class="button small" href={href({}, "sql", projectId, workspace.id)}>SQL</a>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function WorkspaceStatus({ workspace }: { workspace: Workspace }) {
  if (workspace.status === "expired") return <Badge tone="bad">expired</Badge>;
  return workspace.memory_limit_now === null ? <Badge tone="plain">asleep</Badge> : <Badge tone="good">running</Badge>;
}

export function memoryText({ memory_limit, memory_limit_now }: Workspace): string {
  return memory_limit_now === null || memory_limit_now === memory_limit
    ? memory_limit
    : `${memory_limit_now} now, of ${memory_limit}`;
}

/** Whole numbers and fractions; an empty field is left to the server. */
export function numberOf(text: string): number | undefined {
  return text.trim() === "" ? undefined : Number(text);
}

interface CreateProperties {
  readonly project: Project;
  readonly onClose: () => void;
  readonly onMade: (workspace: WorkspaceWithPassword) => void;
}

function CreateWorkspace({ project, onClose, onMade }: CreateProperties) {
  const [name, setName] = useState("");
  const [ttlHours, setTtlHours] = useState("");
  const [memoryLimit, setMemoryLimit] = useState("");
  const [sizeLimitGb, setSizeLimitGb] = useState("");
  const [branchId, setBranchId] = useState("");
  const [preload, setPreload] = useState<readonly string[]>([]);
  const branches = useLoaded(
    (signal) => listAll<Branch>(`${projectPath(project.id)}/branches`, listMax, signal),
    [project.id],
  );
  const tables = useLoaded((signal) => loadTables(project.id, branchId || null, signal), [project.id, branchId]);
  const create = async () => {
    const body = {
      name,
      ttl_hours: numberOf(ttlHours),
      size_limit_gb: numberOf(sizeLimitGb),
      memory_limit: memoryLimit.trim() === "" ? undefined : memoryLimit.trim(),
      preload_tables: preload.length === 0 ? undefined : preload,
    };
    const path = `${projectPath(project.id, branchId || null)}/workspaces`;
    onMade(await request<WorkspaceWithPassword>(path, { method: "POST", body }));
  };
  const change = (id: string, isChosen: boolean) =>
    setPreload(isChosen ? [...preload, id] : preload.filter((other) => other !== id));
  return (
    <FormDialog title="New workspace" action="Create workspace" onClose={onClose} onSubmit={create}>
      <TextField label="Name" name="name" value={name} onValue={setName} required autofocus />
      {(branches.value ?? []).length > 0 && (
        <SelectField
          label="Tables of"
          value={branchId}
          onValue={(id) => {
            setBranchId(id);
            setPreload([]);
          }}
          options={[
            ["", "the project"],
            ...(branches.value ?? []).map(({ id, name }) => [id, `branch ${name}`] as const),
          ]}
        />
      )}
      <div class="pair">
        <TextField
          label="Time to live, hours"
          name="ttl_hours"
          type="number"
          value={ttlHours}
          onValue={setTtlHours}
          placeholder="server's default"
        />
        <TextField
          label="Memory limit"
          name="memory_limit"
          value={memoryLimit}
          onValue={setMemoryLimit}
          placeholder="server's default, or 2GB"
        />
        <TextField
          label="Size limit, GB"
          name="size_limit_gb"
          type="number"
          value={sizeLimitGb}
          onValue={setSizeLimitGb}
          placeholder="server's default"
        />
      </div>
      <details>
        <summary>Copy tables into it ({counted(preload.length, "table")} chosen)</summary>
        <p class="weak">All tables of the project can be read without this; a copy can be changed.</p>
        <div class="check-list">
          {(tables.value ?? []).map(({ id, rows }) => (
            <CheckField
              key={id}
              label={`${id}, ${counted(rows, "row")}`}
              checked={preload.includes(id)}
              onChecked={(isChosen) => change(id, isChosen)}
            />
          ))}
        </div>
      </details>
    </FormDialog>
  );
}

/** What of a workspace can be changed later. */
export function ChangeWorkspace(
  { workspace, path, onClose, onDone }: {
    workspace: Workspace;
    path: string;
    onClose: () => void;
    onDone: () => void;
  },
) {
  const [name, setName] = useState(workspace.name);
  const [ttlHours, setTtlHours] = useState(workspace.status === "expired" ? "24" : "");
  const [memoryLimit, setMemoryLimit] = useState(workspace.memory_limit);
  const [sizeLimitGb, setSizeLimitGb] = useState(String(workspace.size_limit_gb));
  const [resultRows, setResultRows] = useState(String(workspace.max_result_rows));
  const change = async () => {
    const changed = <Value,>(value: Value, before: Value) => value === before ? undefined : value;
    const body = {
      name: changed(name, workspace.name),
      ttl_hours: numberOf(ttlHours),
      memory_limit: changed(memoryLimit.trim(), workspace.memory_limit),
      size_limit_gb: changed(numberOf(sizeLimitGb), workspace.size_limit_gb),
      max_result_rows: changed(numberOf(resultRows), workspace.max_result_rows),
    };
    await request(path, { method: "PATCH", body });
    onDone();
  };
  return (
    <FormDialog title={`Change ${workspace.name}`} action="Save" onClose={onClose} onSubmit={change}>
      <TextField label="Name" name="name" value={name} onValue={setName} required />
      <Field
        label="Hours from now until it expires"
        hint="Empty leaves the present time. An expired one comes back while its file is kept."
      >
        <span class="row">
          <input
            type="number"
            name="ttl_hours"
            min={0}
            step="any"
            value={ttlHours}
            onInput={(event) => setTtlHours(event.currentTarget.value)}
          />
          {["24", "72", "168"].map((hours) => (
            <button
              key={hours}
              type="button"
              class="small"
              onClick={() => setTtlHours(hours)}
            >
              {Number(hours) / 24} d
            </button>
          ))}
        </span>
      </Field>
      <div class="pair">
        <TextField label="Memory limit" name="memory_limit" value={memoryLimit} onValue={setMemoryLimit} required />
        <TextField
          label="Size limit, GB"
          name="size_limit_gb"
          type="number"
          value={sizeLimitGb}
          onValue={setSizeLimitGb}
          required
        />
        <TextField
          label="Rows of a result, 0 = no limit"
          name="max_result_rows"
          type="number"
          value={resultRows}
          onValue={setResultRows}
          required
        />
      </div>
    </FormDialog>
  );
}
