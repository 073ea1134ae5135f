/** A project's branches: copies of its tables that change apart from it. */
/// <reference lib="dom" />
import { useState } from "preact/hooks";
import { listAll, request } from "../api.ts";
import { href } from "../router.ts";
import type { Session } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Empty, TextField } from "../ui/fields.tsx";
import { counted, formatTime } from "../ui/format.ts";
import { useLoaded, Waiting } from "../ui/loading.tsx";
import { DangerButton, TableHead } from "../ui/table.tsx";
import { type Branch, listMax, loadWorkspaces, type Project, projectPath } from "./data.ts";

export function BranchesSection({ project, session }: { project: Project; session: Session }) {
  const path = `${projectPath(project.id)}/branches`;
  const branches = useLoaded((signal) => listAll<Branch>(path, listMax, signal), [path]);
  const [isCreating, setCreating] = useState(false);
  const [deleting, setDeleting] = useState<Branch | null>(null);
  return (
    <section>
      <div class="section-head">
        <p class="weak">A branch begins with the project's present tables; what is imported into it stays in it.</p>
        {session.mayWrite && (
          <button type="button" class="primary" onClick={() => setCreating(true)}>
            New branch
          </button>
        )}
      </div>
      <Waiting of={branches}>
        {(items) =>
          items.length === 0 ? <Empty>There is no branch.</Empty> : (
            <div class="table-box">
              <table class="grid">
                <TableHead columns={["Name", "Id", "Created"]} actions />
                <tbody>
                  {items.map((branch) => (
                    <tr key={branch.id}>
                      <td>
                        <a href={href({ branch: branch.id }, "projects", project.id, "tables")}>{branch.name}</a>
                      </td>
                      <td>
                        <code>{branch.id}</code>
                      </td>
                      <td>{formatTime(branch.created_at)}</td>
                      <td class="actions">
                        {session.mayWrite && (
                          <DangerButton
                            label="Delete"
                            name={`Delete branch ${branch.name}`}
                            onClick={() => setDeleting(branch)}
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
        <CreateBranch
          path={path}
          onClose={() => setCreating(false)}
          onMade={() => {
            setCreating(false);
            branches.reload();
          }}
        />
      )}
      {deleting !== null && (
        <DeleteBranch
          project={project}
          branch={deleting}
          onClose={() => setDeleting(null)}
          onDone={() => {
            setDeleting(null);
            branches.reload();
          }}
        />
      )}
    </section>
  );
}

function CreateBranch({ path, onClose, onMade }: { path: string; onClose: () => void; onMade: () => void }) {
  const [name, setName] = useState("");
  const create = async () => {
    await request(path, { method: "POST", body: { name } });
    onMade();
  };
  return (
    <FormDialog title="New branch" action="Create branch" onClose={onClose} onSubmit={create}>
      <TextField label="Name" name="name" value={name} onValue={setName} required autofocus />
    </FormDialog>
  );
}

interface DeleteProperties {
  readonly project: Project;
  readonly branch: Branch;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

function DeleteBranch({ project, branch, onClose, onDone }: DeleteProperties) {
  const workspaces = useLoaded((signal) => loadWorkspaces(project.id, signal), [project.id]);
  const own = (workspaces.value ?? []).filter(({ branch_id }) => branch_id === branch.id);
  const remove = async () => {
    await request(projectPath(project.id, branch.id), { method: "DELETE" });
    onDone();
  };
  return (
    <FormDialog
      title={`Delete branch ${branch.name}?`}
      action="Delete branch"
      danger
      onClose={onClose}
      onSubmit={remove}
    >
      <p>
        What was imported into the branch will be gone; the project's own tables stay.{" "}
        {own.length > 0 && `So will ${counted(own.length, "workspace")}: ${own.map(({ name }) => name).join(", ")}.`}
      </p>
    </FormDialog>
  );
}
