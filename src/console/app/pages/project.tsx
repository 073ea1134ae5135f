/** One project: its sections, and what stands above them. */
/// <reference lib="dom" />
import { useState } from "preact/hooks";
import { request } from "../api.ts";
import { href, type Place } from "../router.ts";
import type { Session } from "../session.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { TextField } from "../ui/fields.tsx";
import { useLoaded, Waiting } from "../ui/loading.tsx";
import { Tabs, Trail } from "../ui/tabs.tsx";
import { BranchesSection } from "./branches.tsx";
import { type Project, projectPath } from "./data.ts";
import { KeysSection } from "./keys.tsx";
import { TablePage } from "./table.tsx";
import { TablesSection } from "./tables.tsx";
import { WorkspacePage } from "./workspace.tsx";
import { WorkspacesSection } from "./workspaces.tsx";

const sections = [
  ["tables", "Tables"],
  ["workspaces", "Workspaces"],
  ["branches", "Branches"],
  ["keys", "API keys"],
] as const;

/** `#/projects/acme/<section>/<one thing of it>`. */
export function ProjectArea({ place, session }: { place: Place; session: Session }) {
  const [, projectId = "", section = "tables", thing] = place.path;
  const project = useLoaded((signal) => request<Project>(projectPath(projectId), { signal }), [projectId]);
  return (
    <Waiting of={project}>
      {(found) => {
        if (section === "tables" && thing !== undefined) {
          return <TablePage key={thing} project={found} tableId={thing} place={place} session={session} />;
        }
        if (section === "workspaces" && thing !== undefined) {
          return <WorkspacePage key={thing} project={found} workspaceId={thing} place={place} session={session} />;
        }
        return (
          <>
            <ProjectHead project={found} section={section} session={session} onChange={project.reload} />
            {section === "tables" && <TablesSection project={found} place={place} session={session} />}
            {section === "workspaces" && <WorkspacesSection project={found} session={session} />}
            {section === "branches" && <BranchesSection project={found} session={session} />}
            {section === "keys" && <KeysSection project={found} session={session} />}
          </>
        );
      }}
    </Waiting>
  );
}

interface HeadProperties {
  readonly project: Project;
  readonly section: string;
  readonly session: Session;
  readonly onChange: () => void;
}

function ProjectHead({ project, section, session, onChange }: HeadProperties) {
  const [dialog, setDialog] = useState<"rename" | "delete" | null>(null);
  const close = () => setDialog(null);
  return (
    <>
      <Trail steps={[{ label: "Projects", href: href({}, "projects") }, { label: project.id }]} />
      <div class="page-head">
        <h1>{project.name}</h1>
        {session.mayWrite && (
          <div class="row">
            <button type="button" onClick={() => setDialog("rename")}>Rename</button>
            <button type="button" class="danger" onClick={() => setDialog("delete")}>Delete project</button>
          </div>
        )}
      </div>
      <Tabs
        label="Sections of the project"
        current={section}
        tabs={sections.map(([name, label]) => ({ name, label, href: href({}, "projects", project.id, name) }))}
      />
      {dialog === "rename" && (
        <RenameProject
          project={project}
          onClose={close}
          onDone={() => {
            close();
            onChange();
          }}
        />
      )}
      {dialog === "delete" && <DeleteProject project={project} onClose={close} />}
    </>
  );
}

function RenameProject(
  { project, onClose, onDone }: { project: Project; onClose: () => void; onDone: () => void },
) {
  const [name, setName] = useState(project.name);
  const rename = async () => {
    await request(projectPath(project.id), { method: "PATCH", body: { name } });
    onDone();
  };
  return (
    <FormDialog title="Rename project" action="Rename" onClose={onClose} onSubmit={rename}>
      <TextField label="Name" value={name} onValue={setName} required autofocus />
    </FormDialog>
  );
}

function DeleteProject({ project, onClose }: { project: Project; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const remove = async () => {
    await request(projectPath(project.id), { method: "DELETE" });
    location.hash = href({}, "projects");
  };
  return (
    <FormDialog
      title={`Delete project ${project.name}?`}
      action="Delete project"
      danger
      disabled={typed !== project.id}
      onClose={onClose}
      onSubmit={remove}
    >
      <p>
        All of it will be gone: its tables with every version, branches, workspaces with what was made in them,
        dashboards and keys. Open SQL sessions end.
      </p>
      <TextField
        label={`Type the project's id, ${project.id}, to confirm`}
        value={typed}
        onValue={setTyped}
        autofocus
      />
    </FormDialog>
  );
}
