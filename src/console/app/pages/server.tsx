/** The server, for its administrator: health, alerts, jobs, sessions, settings, and what ran. */
/// <reference lib="dom" />
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Problem, request } from "../api.ts";
import { href, type Place } from "../router.ts";
import { ActionButton } from "../ui/actions.tsx";
import { Badge, CheckField, Empty, SelectField, TextField, type Tone } from "../ui/fields.tsx";
import { counted, formatBytes, formatCount, formatDuration, formatSpan, formatTime } from "../ui/format.ts";
import { useLoaded, Waiting } from "../ui/loading.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { TableHead } from "../ui/table.tsx";
import { QueryLogView } from "./query_log.tsx";
import { ServerSessions } from "./server_sessions.tsx";

const tabs = [
  ["health", "Health"],
  ["alerts", "Alerts"],
  ["jobs", "Jobs"],
  ["sessions", "Sessions"],
  ["queries", "Query log"],
  ["settings", "Settings"],
] as const;

export function ServerPage({ place }: { place: Place }) {
  const tab = place.path[1] ?? "health";
  return (
    <>
      <h1>Server</h1>
      <Tabs
        label="Sections of the server"
        current={tab}
        tabs={tabs.map(([name, label]) => ({ name, label, href: href({}, "server", name) }))}
      />
      {tab === "health" && <Health />}
      {tab === "alerts" && <Alerts />}
      {tab === "jobs" && <Jobs />}
      {tab === "sessions" && <ServerSessions />}
      {tab === "queries" && <QueryLogView path="/internal/queries" place={place} />}
      {tab === "settings" && <Settings />}
    </>
  );
}

type HealthStatus = "healthy" | "degraded" | "unhealthy";

interface HealthAnswer {
  readonly status: HealthStatus;
  readonly version: string;
  readonly buildTime: string;
  readonly commit: string;
  readonly uptime_seconds: number;
  readonly checks: Readonly<
    Record<string, {
      readonly status: HealthStatus;
      readonly message?: string;
      readonly response_time_ms?: number;
      readonly details: Readonly<Record<string, number>>;
    }>
  >;
}

const healthTones: Readonly<Record<HealthStatus, Tone>> = { healthy: "good", degraded: "warning", unhealthy: "bad" };

function Health() {
  const health = useLoaded(
    async (signal) => ({ health: await loadHealth(signal), ready: await loadReadiness(signal) }),
    [],
  );
  return (
    <Waiting of={health}>
      {({ health: { status, version, buildTime, commit, uptime_seconds, checks }, ready }) => (
        <>
          <div class="section-head">
            <p class="facts">
              <span>
                <Badge tone={healthTones[status]}>{status}</Badge>
              </span>
              <span>version {version}</span>
              {commit !== "" && (
                <span>
                  commit <code>{commit.slice(0, 12)}</code>
                </span>
              )}
              {buildTime !== "" && <span>built {formatTime(buildTime)}</span>}
              <span>up for {formatSpan(uptime_seconds * 1000)}</span>
            </p>
            <button type="button" onClick={health.reload}>Refresh</button>
          </div>
          <div class="cards">
            {Object.entries(checks).map(([name, check]) => (
              <div key={name} class="card">
                <div class="card-head">
                  <h2>{name}</h2>
                  <Badge tone={healthTones[check.status]}>{check.status}</Badge>
                </div>
                {check.message !== undefined && <p>{check.message}</p>}
                <dl class="figures">
                  {check.response_time_ms !== undefined && (
                    <Figure name="answers in">{formatDuration(check.response_time_ms)}</Figure>
                  )}
                  {Object.entries(check.details).map(([detail, value]) => (
                    <Figure key={detail} name={detail.replace(/_bytes$/, "").replaceAll("_", " ")}>
                      {figureText(detail, value)}
                    </Figure>
                  ))}
                </dl>
              </div>
            ))}
            <div class="card">
              <div class="card-head">
                <h2>Ready for work</h2>
                <Badge tone={ready.status === "ok" ? "good" : "bad"}>{ready.status}</Badge>
              </div>
              <dl class="figures">
                {Object.entries(ready.checks).map(([name, check]) => (
                  <Figure key={name} name={name}>{check.reason ?? check.status}</Figure>
                ))}
              </dl>
            </div>
          </div>
          <p class="weak">
            For monitoring: <a href="/metrics">/metrics</a>, <a href="/api/v1/health">/api/v1/health</a>,{" "}
            <a href="/ready">/ready</a>. Routes: <a href="/docs">/docs</a>.
          </p>
        </>
      )}
    </Waiting>
  );
}

interface Readiness {
  readonly status: "ok" | "unavailable";
  readonly checks: Readonly<Record<string, { readonly status: string; readonly reason?: string }>>;
}

/** Both answer 503 with the same document when something is wrong. */
async function withUnavailable<Answer>(path: string, signal: AbortSignal): Promise<Answer> {
  try {
    return await request<Answer>(path, { signal });
  } catch (error) {
    if (error instanceof Problem && error.status === 503 && "checks" in error.members) return error.members as Answer;
    throw error;
  }
}

const loadHealth = (signal: AbortSignal) => withUnavailable<HealthAnswer>("/api/v1/health", signal);
const loadReadiness = (signal: AbortSignal) => withUnavailable<Readiness>("/ready", signal);

function Figure({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function figureText(name: string, value: number): string {
  if (name.endsWith("_bytes")) return formatBytes(value);
  return name.endsWith("_percent") ? `${Math.round(value)} %` : formatCount(value);
}

interface FiringAlert {
  readonly alert: string;
  readonly severity: string;
  readonly firing_since: string;
  readonly summary: string;
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface AlertsAnswer {
  readonly items: readonly FiringAlert[];
  readonly webhook: { readonly configured: boolean; readonly waiting: number };
}

interface AlertTest {
  readonly delivered: boolean;
  readonly webhook_status: number | null;
  readonly error: string | null;
}

function Alerts() {
  const alerts = useLoaded((signal) => request<AlertsAnswer>("/internal/alerts", { signal }), []);
  const [tested, setTested] = useState<AlertTest | null>(null);
  return (
    <Waiting of={alerts}>
      {({ items, webhook }) => (
        <>
          <div class="section-head">
            <p class="weak">
              {webhook.configured
                ? `Alerts go to the webhook; ${counted(webhook.waiting, "notification")} wait to be sent.`
                : "No webhook is set (alert_webhook_url): alerts are only shown here and logged."}
            </p>
            <div class="row">
              {webhook.configured && (
                <ActionButton
                  label="Send a test"
                  run={async () => setTested(await request<AlertTest>("/internal/alerts/test", { method: "POST" }))}
                />
              )}
              <button type="button" onClick={alerts.reload}>Refresh</button>
            </div>
          </div>
          {tested !== null && (
            <p class={tested.delivered ? "notice" : "problem"} role="status">
              {tested.delivered
                ? `The webhook took the test (${tested.webhook_status}).`
                : `The webhook did not take the test: ${tested.error ?? `it answered ${tested.webhook_status}`}`}
            </p>
          )}
          {items.length === 0
            ? <Empty>Nothing fires.</Empty>
            : items.map((alert, index) => (
              <div key={index} class="card">
                <div class="card-head">
                  <h2>{alert.summary}</h2>
                  <Badge tone={alert.severity === "critical" ? "bad" : "warning"}>{alert.severity}</Badge>
                </div>
                <p>{alert.description}</p>
                <p class="weak">{alert.alert}, since {formatTime(alert.firing_since)}</p>
              </div>
            ))}
        </>
      )}
    </Waiting>
  );
}

interface JobRun {
  readonly status: "succeeded" | "failed";
  readonly started_at: string;
  readonly duration_ms: number;
  readonly result: Readonly<Record<string, unknown>>;
  readonly error: string | null;
}

interface Job {
  readonly name: string;
  readonly description: string;
  readonly interval_seconds: number;
  readonly running: boolean;
  readonly last_run: JobRun | null;
  readonly next_run_at: string | null;
  readonly runs: number;
  readonly failures: number;
}

function Jobs() {
  const jobs = useLoaded((signal) => request<{ items: Job[] }>("/internal/jobs", { signal }), []);
  return (
    <Waiting of={jobs}>
      {({ items }) => (
        <div class="table-box">
          <table class="grid">
            <TableHead
              columns={["Job", "Every", "Last run", "Next run", { number: "Runs" }, { number: "Failed" }]}
              actions
            />
            <tbody>
              {items.map((job) => (
                <tr key={job.name}>
                  <td>
                    {job.name}
                    <div class="weak small-text">{job.description}</div>
                  </td>
                  <td class="unbroken">{formatSpan(job.interval_seconds * 1000)}</td>
                  <td>{job.last_run === null ? <span class="weak">not yet</span> : <LastRun run={job.last_run} />}</td>
                  <td>{job.next_run_at === null ? "" : formatTime(job.next_run_at)}</td>
                  <td class="number">{formatCount(job.runs)}</td>
                  <td class="number">{formatCount(job.failures)}</td>
                  <td class="actions">
                    <ActionButton
                      label="Run now"
                      working="Running …"
                      small
                      name={`Run ${job.name} now`}
                      disabled={job.running}
                      run={async () => {
                        await request(`/internal/jobs/${encodeURIComponent(job.name)}/run`, { method: "POST" });
                        jobs.reload();
                      }}
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Waiting>
  );
}

function LastRun({ run }: { run: JobRun }) {
  const figures = Object.entries(run.result).map(([name, value]) => `${name.replaceAll("_", " ")} ${String(value)}`);
  return (
    <>
      <Badge tone={run.status === "succeeded" ? "good" : "bad"}>{run.status}</Badge> {formatTime(run.started_at)},{" "}
      {formatDuration(run.duration_ms)}
      <div class="weak small-text">{run.error ?? figures.join(", ")}</div>
    </>
  );
}

interface ServerSettings {
  readonly query_audit_enabled: boolean;
  readonly query_audit_mode: "full" | "structure" | "hash_only";
  readonly query_audit_max_length: number;
  readonly slow_query_threshold_ms: number;
  readonly slow_query_explain: boolean;
  readonly slow_query_log_full: boolean;
}

function Settings() {
  const settings = useLoaded((signal) => request<ServerSettings>("/internal/settings", { signal }), []);
  return (
    <Waiting of={settings}>
      {(present) => <SettingsForm key={JSON.stringify(present)} present={present} onSaved={settings.reload} />}
    </Waiting>
  );
}

function SettingsForm({ present, onSaved }: { present: ServerSettings; onSaved: () => void }) {
  const [next, setNext] = useState(present);
  const change = (part: Partial<ServerSettings>) => setNext({ ...next, ...part });
  const changed = Object.fromEntries(
    Object.entries(next).filter(([name, value]) => value !== present[name as keyof ServerSettings]),
  );
  return (
    <div class="card form settings">
      <p class="weak">These can change while the server runs, until its next start; to keep them, configure them.</p>
      <h2>Query log</h2>
      <CheckField
        label="Log every statement (query_audit_enabled)"
        checked={next.query_audit_enabled}
        onChecked={(query_audit_enabled) => change({ query_audit_enabled })}
      />
      <div class="pair">
        <SelectField
          label="What of a statement (query_audit_mode)"
          value={next.query_audit_mode}
          onValue={(query_audit_mode) => change({ query_audit_mode })}
          options={[["full", "full: its text"], ["structure", "structure: without values"], [
            "hash_only",
            "hash_only: its hash",
          ]]}
        />
        <TextField
          label="Longest text (query_audit_max_length)"
          type="number"
          value={String(next.query_audit_max_length)}
          onValue={(text) => change({ query_audit_max_length: Number(text) })}
        />
      </div>
      <h2>Slow statements</h2>
      <TextField
        label="Slow from, ms (slow_query_threshold_ms)"
        type="number"
        value={String(next.slow_query_threshold_ms)}
        onValue={(text) => change({ slow_query_threshold_ms: Number(text) })}
      />
      <CheckField
        label="Keep their plan (slow_query_explain)"
        checked={next.slow_query_explain}
        onChecked={(slow_query_explain) => change({ slow_query_explain })}
      />
      <CheckField
        label="Keep their whole text (slow_query_log_full)"
        checked={next.slow_query_log_full}
        onChecked={(slow_query_log_full) => change({ slow_query_log_full })}
      />
      <div class="row">
        <ActionButton
          label="Save"
          disabled={Object.keys(changed).length === 0}
          run={async () => {
            await request("/internal/settings", { method: "PATCH", body: changed });
            onSaved();
          }}
        />
      </div>
    </div>
  );
}
