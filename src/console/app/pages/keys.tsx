/** A project's API keys: which there are, a new one (shown once), and none any more. */
/// <reference lib="dom" />
import { useState } from "preact/hooks";
import { listAll, request } from "../api.ts";
import type { Session } from "../session.ts";
import { CopyLine } from "../ui/copy.tsx";
import { Dialog, FormDialog } from "../ui/dialog.tsx";
import { Badge, SelectField, TextField } from "../ui/fields.tsx";
import { formatTime } from "../ui/format.ts";
import { useLoaded, Waiting } from "../ui/loading.tsx";
import { DangerButton, TableHead } from "../ui/table.tsx";
import { type Key, listMax, type Project, projectPath } from "./data.ts";

interface MadeKey extends Key {
  readonly key: string;
}

export function KeysSection({ project, session }: { project: Project; session: Session }) {
  const path = `${projectPath(project.id)}/keys`;
  const keys = useLoaded((signal) => listAll<Key>(path, listMax, signal), [path]);
  const [isCreating, setCreating] = useState(false);
  const [made, setMade] = useState<MadeKey | null>(null);
  const [deleting, setDeleting] = useState<Key | null>(null);
  return (
    <section>
      <div class="section-head">
        <p class="weak">
          Programs and people send a key as <code>Authorization: Bearer KEY</code>.
        </p>
        {session.mayWrite && <button type="button" class="primary" onClick={() => setCreating(true)}>New key</button>}
      </div>
      <Waiting of={keys}>
        {(items) => (
          <div class="table-box">
            <table class="grid">
              <TableHead columns={["Name", "Role", "Created"]} actions />
              <tbody>
                {items.map((key) => (
                  <tr key={key.id}>
                    <td>
                      {key.name}
                      {session.user === `${project.id}/${key.name}` && <span class="weak">(yours)</span>}
                    </td>
                    <td>
                      <Badge tone={key.role === "admin" ? "warning" : "plain"}>{key.role}</Badge>
                    </td>
                    <td>{formatTime(key.created_at)}</td>
                    <td class="actions">
                      {session.mayWrite && (
                        <DangerButton
                          label="Delete"
                          name={`Delete key ${key.name}`}
                          onClick={() => setDeleting(key)}
                        />
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Waiting>
      {isCreating && (
        <CreateKey
          path={path}
          onClose={() => setCreating(false)}
          onMade={(key) => {
            setCreating(false);
            setMade(key);
            keys.reload();
          }}
        />
      )}
      {made !== null && (
        <Dialog title={`Key ${made.name}`} onClose={() => setMade(null)}>
          <p>Copy it now: the server keeps only its hash and cannot show it again.</p>
          <CopyLine label="Key" value={made.key} />
          <div class="row end">
            <button type="button" class="primary" onClick={() => setMade(null)}>Done</button>
          </div>
        </Dialog>
      )}
      {deleting !== null && (
        <FormDialog
          title={`Delete key ${deleting.name}?`}
          action="Delete key"
          danger
          onClose={() => setDeleting(null)}
          onSubmit={async () => {
            await request(`${path}/${encodeURIComponent(deleting.id)}`, { method: "DELETE" });
            setDeleting(null);
            keys.reload();
          }}
        >
          <p>Whatever sends it is refused from now on. SQL sessions have credentials of their own and stay.</p>
        </FormDialog>
      )}
    </section>
  );
}

function CreateKey({ path, onClose, onMade }: { path: string; onClose: () => void; onMade: (key: MadeKey) => void }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Key["role"]>("read");
  const create = async () => onMade(await request<MadeKey>(path, { method: "POST", body: { name, role } }));
  return (
    <FormDialog title="New API key" action="Create key" onClose={onClose} onSubmit={create}>
      <TextField
        label="Name"
        name="name"
        value={name}
        onValue={setName}
        required
        autofocus
        hint="Stands in the audit log and in dashboards' histories."
      />
      <SelectField
        label="Role"
        value={role}
        onValue={setRole}
        options={[["read", "read: see everything of the project, change nothing"], [
          "admin",
          "admin: all of the project",
        ]]}
      />
    </FormDialog>
  );
}
