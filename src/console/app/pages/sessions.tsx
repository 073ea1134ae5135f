/** Who is connected to a workspace, what runs, and the way to end it. */
/// <reference lib="dom" />
import { useEffect, useState } from "preact/hooks";
import { listAll, request } from "../api.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Badge, Empty, type Tone } from "../ui/fields.tsx";
import { counted, formatBytes, formatCount, formatSpan } from "../ui/format.ts";
import { useLoaded, Waiting } from "../ui/loading.tsx";
import { useNow } from "../ui/time_left.tsx";
import { DangerButton, TableHead } from "../ui/table.tsx";
import { listMax } from "./data.ts";

export interface SqlSession {
  readonly session_id: string;
  readonly workspace_id: string;
  readonly project_id: string;
  readonly username: string;
  readonly client_address: string;
  readonly application_name: string;
  readonly tls: boolean;
  readonly state: string;
  readonly current_query: string | null;
  readonly current_query_started_at: string | null;
  readonly query_count: number;
  readonly bytes_sent: number;
  readonly started_at: string;
  readonly last_activity_at: string;
}

const refreshMs = 5_000;
const stateTones: Readonly<Record<string, Tone>> = {
  active: "good",
  "idle in transaction": "warning",
  "idle in transaction (aborted)": "bad",
};

export function SessionsView({ path, mayWrite }: { path: string; mayWrite: boolean }) {
  const sessions = useLoaded((signal) => listAll<SqlSession>(`${path}/sessions`, listMax, signal), [path]);
  const [ending, setEnding] = useState<SqlSession | "all" | null>(null);
  const now = useNow();
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && sessions.reload(), refreshMs);
    return () => clearInterval(timer);
  }, [sessions.reload]);
  const close = () => {
    setEnding(null);
    sessions.reload();
  };
  return (
    <Waiting of={sessions}>
      {(items) => (
        <section>
          <div class="section-head">
            <p class="weak" role="status">{counted(items.length, "open session")}, again every 5 seconds.</p>
            {mayWrite && items.length > 0 && (
              <button type="button" class="danger" onClick={() => setEnding("all")}>Disconnect all</button>
            )}
          </div>
          {items.length === 0 ? <Empty>Nobody is connected.</Empty> : (
            <div class="table-box">
              <table class="grid">
                <TableHead
                  columns={["User", "Program", "From", "State", "Statement", { number: "Statements" }, {
                    number: "Sent",
                  }]}
                  actions
                />
                <tbody>
                  {items.map((session) => (
                    <tr key={session.session_id}>
                      <td>{session.username}</td>
                      <td>{session.application_name}</td>
                      <td>
                        {session.client_address} {session.tls && <Badge tone="plain">TLS</Badge>}
                      </td>
                      <td>
                        <Badge tone={stateTones[session.state] ?? "plain"}>{session.state}</Badge>
                        <div class="weak small-text">{formatSpan(now - Date.parse(sinceOf(session)))}</div>
                      </td>
                      <td>
                        <code class="statement">{session.current_query ?? ""}</code>
                      </td>
                      <td class="number">{formatCount(session.query_count)}</td>
                      <td class="number">{formatBytes(session.bytes_sent)}</td>
                      <td class="actions">
                        {mayWrite && (
                          <DangerButton
                            label="Disconnect"
                            name={`Disconnect ${session.username}, ${session.session_id}`}
                            onClick={() => setEnding(session)}
                          />
                        )}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
          {ending === "all" && (
            <FormDialog
              title="Disconnect all sessions?"
              action={`Disconnect ${counted(items.length, "session")}`}
              danger
              onClose={close}
              onSubmit={async () => {
                await request(`${path}/disconnect-all`, { method: "POST" });
                close();
              }}
            >
              <p>Their running statements are cancelled and open transactions rolled back.</p>
            </FormDialog>
          )}
          {ending !== null && ending !== "all" && (
            <FormDialog
              title="Disconnect this session?"
              action="Disconnect"
              danger
              onClose={close}
              onSubmit={async () => {
                await request(`${path}/sessions/${encodeURIComponent(ending.session_id)}`, { method: "DELETE" });
                close();
              }}
            >
              <p>
                {ending.username} from {ending.client_address} ({ending.application_name || "no program named"}).{" "}
                {ending.current_query !== null && "Its running statement is cancelled. "}
                An open transaction is rolled back.
              </p>
            </FormDialog>
          )}
        </section>
      )}
    </Waiting>
  );
}

function sinceOf(session: SqlSession): string {
  return session.current_query_started_at ?? session.last_activity_at;
}
