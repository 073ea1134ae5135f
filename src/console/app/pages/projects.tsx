/** The projects that the key opens. */
/// <reference lib="dom" />
import { listAll, request } from "../api.ts";
import { href } from "../router.ts";
import type { Session } from "../session.ts";
import { useLoaded, Waiting } from "../ui/loading.tsx";

export interface Project {
  readonly id: string;
  readonly name: string;
  readonly created_at: string;
}

export async function loadProjects(session: Session, signal?: AbortSignal): Promise<Project[]> {
  if (session.projectId !== null) return [await request<Project>(`/projects/${session.projectId}`, { signal })];
  return await listAll<Project>("/projects", 5_000, signal);
}

export function ProjectsPage({ session }: { session: Session }) {
  const projects = useLoaded((signal) => loadProjects(session, signal), [session.user]);
  return (
    <>
      <h1>Projects</h1>
      <Waiting of={projects}>
        {(items) => (
          <table class="grid card">
            <thead>
              <tr>
                <th>Id</th>
                <th>Name</th>
                <th>Created</th>
              </tr>
            </thead>
            <tbody>
              {items.map(({ id, name, created_at }) => (
                <tr key={id}>
                  <td>
                    <a href={href({}, "projects", id)}>{id}</a>
                  </td>
                  <td>{name}</td>
                  <td>{new Date(created_at).toLocaleString()}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Waiting>
    </>
  );
}
