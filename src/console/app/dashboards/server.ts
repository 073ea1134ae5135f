/** The server's routes of dashboards, as somebody signed in uses them. */
/// <reference lib="dom" />
import { Problem, request, send } from "../api.ts";
import type { DashboardSource, PanelData } from "./data.ts";
import type { Values } from "./model.ts";
import type { ShownVariable } from "./variables_bar.tsx";

export interface Summary {
  readonly id: number;
  readonly project_id: string;
  readonly name: string;
  readonly title: string | null;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly state: "draft" | "active" | "archived" | "deleted";
  readonly state_changed_at: string;
  readonly state_changed_by: string;
  readonly version: number;
  readonly created_by: string;
  readonly updated_at: string;
  readonly updated_by: string;
  readonly provisioned_from: string | null;
  readonly template: string | null;
}

export interface StoredDocument {
  readonly document: Readonly<Record<string, unknown>>;
  /** For If-Match. */
  readonly etag: string;
}

export function projectPath(project: string): string {
  return `/projects/${encodeURIComponent(project)}`;
}

export function dashboardPath(project: string, name: string): string {
  return `${projectPath(project)}/dashboards/${encodeURIComponent(name)}`;
}

/** Notes a view, too: it is in the recently viewed ones afterwards. */
export async function loadDocument(project: string, name: string, signal?: AbortSignal): Promise<StoredDocument> {
  const path = `/api/v1/projects/${encodeURIComponent(project)}/dashboards/${encodeURIComponent(name)}`;
  const response = await send(path, { signal });
  return { document: await response.json(), etag: response.headers.get("etag") ?? "" };
}

/** With an ETag only on top of that version; without one only as a new dashboard. */
export async function saveDocument(
  project: string,
  name: string,
  document: unknown,
  etag: string | null,
  message: string,
): Promise<StoredDocument> {
  const response = await send(dashboardPath(project, name), {
    method: "PUT",
    body: document,
    query: { message: message.trim() === "" ? undefined : message.trim() },
    headers: etag === null ? { "if-none-match": "*" } : { "if-match": etag },
  });
  return { document: await response.json(), etag: response.headers.get("etag") ?? "" };
}

/** Queries of a stored dashboard, with the rights of the key that is signed in. */
export function storedSource(project: string, name: string): DashboardSource {
  return {
    query: ({ panel, query, fromMs, toMs, intervalMs, variables, signal }) =>
      request<PanelData>(`${dashboardPath(project, name)}/query`, {
        method: "POST",
        body: { panel, query, from: fromMs, to: toMs, interval_ms: intervalMs, variables },
        signal,
      }),
  };
}

/** In the order in which they depend on each other. */
export async function loadVariables(
  project: string,
  name: string,
  values: Values,
  range: { readonly fromMs: number; readonly toMs: number },
  signal: AbortSignal,
): Promise<readonly Omit<ShownVariable, "isFixed">[]> {
  const { items } = await request<{ items: readonly Omit<ShownVariable, "isFixed">[] }>(
    `${dashboardPath(project, name)}/variables`,
    { method: "POST", body: { variables: values, from: range.fromMs, to: range.toMs }, signal },
  );
  return items;
}

/** The problem's own words, with the places of what is wrong. */
export function problemLines(error: Error): readonly { readonly pointer: string | null; readonly text: string }[] {
  const fields = error instanceof Problem ? error.fields : [];
  if (fields.length === 0) return [{ pointer: null, text: error.message }];
  return fields.map(({ pointer, detail }) => ({ pointer, text: detail }));
}
