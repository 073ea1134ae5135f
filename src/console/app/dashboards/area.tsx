/** The console's pages of dashboards: `dashboards`, `dashboards/<project>`, `dashboards/<project>/<name>`, `…/edit`, `…/history`. */
import type { Place } from "../router.ts";
import type { Session } from "../session.ts";
import { EditPage } from "./edit_page.tsx";
import { HistoryPage } from "./history_page.tsx";
import { ListPage } from "./list_page.tsx";
import { DashboardPage } from "./view_page.tsx";

export function DashboardsArea({ place, session }: { readonly place: Place; readonly session: Session }) {
  const [, project = session.projectId ?? undefined, name, part] = place.path;
  if (project === undefined || name === undefined) {
    return <ListPage key={project ?? ""} project={project ?? null} session={session} query={place.query} />;
  }
  const key = `${project}/${name}`;
  switch (part) {
    case undefined:
      return <DashboardPage key={key} project={project} name={name} query={place.query} />;
    case "edit":
      return <EditPage key={key} project={project} name={name} />;
    case "history":
      return <HistoryPage key={key} project={project} name={name} />;
    default:
      return <p>A dashboard has no page {part} in this console.</p>;
  }
}
