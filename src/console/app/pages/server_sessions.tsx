/** Everybody who is connected to the server, workspace by workspace. */
/// <reference lib="dom" />
import { listAll } from "../api.ts";
import { href } from "../router.ts";
import { Badge, Empty } from "../ui/fields.tsx";
import { counted, formatBytes, formatCount, formatTime } from "../ui/format.ts";
import { useLoaded, Waiting } from "../ui/loading.tsx";
import { TableHead } from "../ui/table.tsx";
import { listMax } from "./data.ts";
import type { SqlSession } from "./sessions.tsx";

export function ServerSessions() {
  const sessions = useLoaded((signal) => listAll<SqlSession>("/internal/sessions", listMax, signal), []);
  return (
    <Waiting of={sessions}>
      {(items) => (
        <section>
          <div class="section-head">
            <p class="weak">{counted(items.length, "open session")}. A workspace's page can end them.</p>
            <button type="button" onClick={sessions.reload}>Refresh</button>
          </div>
          {items.length === 0 ? <Empty>Nobody is connected.</Empty> : (
            <div class="table-box">
              <table class="grid">
                <TableHead
                  columns={["Workspace", "User", "Program", "From", "State", "Since", { number: "Statements" }, {
                    number: "Sent",
                  }]}
                />
                <tbody>
                  {items.map((session) => (
                    <tr key={session.session_id}>
                      <td>
                        <a
                          href={href(
                            { tab: "sessions" },
                            "projects",
                            session.project_id,
                            "workspaces",
                            session.workspace_id,
                          )}
                        >
                          {session.project_id} / {session.workspace_id}
                        </a>
                      </td>
                      <td>{session.username}</td>
                      <td>{session.application_name}</td>
                      <td>{session.client_address}</td>
                      <td>
                        <Badge tone={session.state === "active" ? "good" : "plain"}>{session.state}</Badge>
                      </td>
                      <td class="unbroken">{formatTime(session.started_at)}</td>
                      <td class="number">{formatCount(session.query_count)}</td>
                      <td class="number">{formatBytes(session.bytes_sent)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </section>
      )}
    </Waiting>
  );
}
