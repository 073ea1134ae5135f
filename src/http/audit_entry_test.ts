import { deepEqual, equal } from "node:assert/strict";
import { auditEntryOf, isAudited, type ObservedCall } from "./audit_entry.ts";

const collections = new Set(["projects", "keys", "tables", "dashboards", "workspaces", "jobs", "favourites"]);

function entryOf(method: string, pattern: string, changes: Partial<ObservedCall> = {}) {
  return auditEntryOf({
    method,
    pattern,
    params: {},
    principal: { kind: "administrator" },
    status: 200,
    errorKind: null,
    answer: null,
    note: {},
    address: "192.0.2.1",
    userAgent: null,
    ...changes,
  }, collections);
}

Deno.test("action, object and project come from the pattern, the path and the answer", () => {
  const project = { project_id: "p1" };
  const dashboard = { metadata: { name: "d1", project: "p1", version: 0 } };
  const cases: [string, string, Partial<ObservedCall>, (string | null)[]][] = [
    ["POST", "/projects", { answer: { id: "p1" } }, ["create", "project", "p1", "p1"]],
    ["DELETE", "/projects/:project_id", { params: project }, ["delete", "project", "p1", "p1"]],
    ["POST", "/projects/:project_id/keys", { params: project, answer: { id: "k", key: "secret" } }, [
      "create",
      "key",
      "k",
      "p1",
    ]],
    ["POST", "/projects/:project_id/tables/:table_id/import", { params: { ...project, table_id: "t" } }, [
      "import",
      "table",
      "t",
      "p1",
    ]],
    ["POST", "/projects/:project_id/tables/:table_id/versions/:version/restore", {
      params: { ...project, table_id: "t", version: "3" },
    }, ["restore", "table", "t", "p1"]],
    ["POST", "/projects/:project_id/workspaces/:ws_id/credentials/reset", { params: { ...project, ws_id: "w" } }, [
      "reset_credentials",
      "workspace",
      "w",
      "p1",
    ]],
    ["POST", "/projects/:project_id/workspaces/:ws_id/disconnect-all", { params: { ...project, ws_id: "w" } }, [
      "disconnect",
      "workspace",
      "w",
      "p1",
    ]],
    ["DELETE", "/projects/:project_id/workspaces/:ws_id/sessions/:session_id", {
      params: { ...project, ws_id: "w", session_id: "s" },
    }, ["disconnect", "session", "s", "p1"]],
    ["POST", "/api/v1/projects/:project/dashboards", { params: { project: "p1" }, answer: dashboard }, [
      "create",
      "dashboard",
      "d1",
      "p1",
    ]],
    ["POST", "/api/v1/dashboards", { answer: dashboard }, ["create", "dashboard", "d1", "p1"]],
    ["POST", "/internal/jobs/:name/run", { params: { name: "expiry" } }, ["run", "job", "expiry", null]],
    ["POST", "/internal/something", {}, ["call", "something", null, null]],
    ["GET", "/internal/audit/export", {}, ["export_audit", "audit_log", null, null]],
  ];
  for (const [method, pattern, changes, expected] of cases) {
    const { action, objectKind, objectId, project: of, details } = entryOf(method, pattern, changes);
    deepEqual([action, objectKind, objectId, of], expected, `${method} ${pattern}`);
    equal(details["route"], `${method} ${pattern}`);
    equal(JSON.stringify(details).includes("secret"), false);
  }
});

Deno.test("a change has the versions before and after, a creation only the one after", () => {
  const answer = { metadata: { name: "d1", version: 4 } };
  const params = { project: "p1", name: "d1" };
  const changed = entryOf("PUT", "/api/v1/projects/:project/dashboards/:name", { answer, params });
  deepEqual([changed.versionBefore, changed.versionAfter], [3, 4]);
  const made = entryOf("POST", "/api/v1/dashboards", { answer: { metadata: { name: "d1", version: 0 } } });
  deepEqual([made.versionBefore, made.versionAfter], [null, 0]);
  const noted = entryOf("DELETE", "/api/v1/projects/:project/dashboards/:name", { params, note: { versionBefore: 7 } });
  deepEqual([noted.versionBefore, noted.versionAfter], [7, null]);
});

Deno.test("what a caller may not do is a refused access, whatever was tried", () => {
  const principal = { kind: "project_key", projectId: "p1", keyId: "k1", keyName: "editor", role: "admin" } as const;
  const params = { project_id: "p2" };
  const foreign = entryOf("DELETE", "/projects/:project_id", {
    principal,
    params,
    status: 404,
    errorKind: "not_found",
  });
  deepEqual([foreign.actor, foreign.action, foreign.result, foreign.project], [
    "p1/editor",
    "access_refused",
    "refused",
    "p2",
  ]);
  const own = entryOf("DELETE", "/projects/:project_id/keys/:key_id", {
    principal,
    params: { project_id: "p1", key_id: "x" },
    status: 404,
    errorKind: "not_found",
  });
  deepEqual([own.action, own.result, own.code], ["delete", "failed", "not_found"]);
});

Deno.test("checks, queries and signs of life are not audited; everything else that may change something is", () => {
  const audited = ["POST /projects", "PUT /x/:id", "PATCH /x/:id", "DELETE /x/:id", "GET /internal/audit"];
  const not = ["GET /projects", "POST /x/:id/heartbeat", "POST /api/validate/dashboards", "POST /share/:token/query"];
  const ask = (text: string) => isAudited(text.split(" ")[0] ?? "", text.split(" ")[1] ?? "");
  deepEqual([audited.filter((one) => !ask(one)), not.filter(ask)], [[], []]);
});
