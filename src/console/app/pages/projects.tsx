/** The projects that the key opens; the administrator makes new ones. */
/// <reference lib="dom" />
import { useState } from "preact/hooks";
import { listAll, request } from "../api.ts";
import { href } from "../router.ts";
import type { Session } from "../session.ts";
import { CopyLine } from "../ui/copy.tsx";
import { Dialog, FormDialog } from "../ui/dialog.tsx";
import { Empty, TextField } from "../ui/fields.tsx";
import { formatTime } from "../ui/format.ts";
import { useLoaded, Waiting } from "../ui/loading.tsx";
import { TableHead } from "../ui/table.tsx";
import { listMax, type Project, projectPath } from "./data.ts";

export type { Project };

export async function loadProjects(session: Session, signal?: AbortSignal): Promise<Project[]> {
  if (session.projectId !== null) return [await request<Project>(projectPath(session.projectId), { signal })];
  return await listAll<Project>("/projects", listMax, signal);
}

/** Lists longer than this get a field to search in. */
const searchFrom = 12;

export function ProjectsPage({ session }: { session: Session }) {
  const projects = useLoaded((signal) => loadProjects(session, signal), [session.user]);
  const [isCreating, setCreating] = useState(false);
  const [made, setMade] = useState<MadeProject | null>(null);
  const [search, setSearch] = useState("");
  const fits = ({ id, name }: Project) => `${id} ${name}`.toLowerCase().includes(search.toLowerCase());
  return (
    <>
      <div class="page-head">
        <h1>Projects</h1>
        {session.projectId === null && (
          <button type="button" class="primary" onClick={() => setCreating(true)}>New project</button>
        )}
      </div>
      <Waiting of={projects}>
        {(items) => (
          <>
            {items.length >= searchFrom && (
              <TextField
                label="Search"
                type="search"
                value={search}
                onValue={setSearch}
              />
            )}
            {items.length === 0
              ? <Empty>There is no project yet. A project holds tables, branches, keys and workspaces.</Empty>
              : (
                <div class="table-box">
                  <table class="grid">
                    <TableHead columns={["Name", "Id", "Created"]} />
                    <tbody>
                      {items.filter(fits).map((project) => (
                        <tr key={project.id}>
                          <td>
                            <a href={href({}, "projects", project.id)}>{project.name}</a>
                          </td>
                          <td>
                            <code>{project.id}</code>
                          </td>
                          <td>{formatTime(project.created_at)}</td>
                        </tr>
                      ))}
                    </tbody>
                  </table>
                </div>
              )}
          </>
        )}
      </Waiting>
      {isCreating && (
        <CreateProject
          onClose={() => setCreating(false)}
          onMade={(project) => {
            setCreating(false);
            setMade(project);
            projects.reload();
          }}
        />
      )}
      {made !== null && (
        <Dialog title={`Project ${made.name}`} onClose={() => setMade(null)}>
          <p>Its first key, with the role admin. It is shown only now.</p>
          <CopyLine label="Key" value={made.api_key} />
          <div class="row end">
            <a class="button primary" href={href({}, "projects", made.id)}>Open the project</a>
          </div>
        </Dialog>
      )}
    </>
  );
}

interface MadeProject extends Project {
  readonly api_key: string;
}

function CreateProject({ onClose, onMade }: { onClose: () => void; onMade: (project: MadeProject) => void }) {
  const [name, setName] = useState("");
  const [id, setId] = useState("");
  const create = async () => {
    const body = { name, ...(id === "" ? {} : { id }) };
    onMade(await request<MadeProject>("/projects", { method: "POST", body }));
  };
  return (
    <FormDialog title="New project" action="Create project" onClose={onClose} onSubmit={create}>
      <TextField label="Name" name="name" value={name} onValue={setName} required autofocus />
      <TextField
        label="Id"
        name="id"
        value={id}
        onValue={setId}
        hint="Stands in addresses and never changes. The server makes one when it is empty."
      />
    </FormDialog>
  );
}
