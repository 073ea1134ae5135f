/**
 * States of a dashboard, and what may happen in which.
 *
 * `draft` and `active` are edited and listed; `archived` keeps its name and can be read, but is in no list and refuses edits;
 * `deleted` is in the trash, without a name of its own, until it is undeleted or purged. A provisioned dashboard belongs to a
 * file: only provisioning changes its document or deletes it.
 */
import { AppError } from "../errors/app_error.ts";

export const dashboardStates = ["draft", "active", "archived", "deleted"] as const;
export type DashboardState = (typeof dashboardStates)[number];
export type LiveDashboardState = Exclude<DashboardState, "deleted">;
/** Which states a list or search gives when it is asked for none. */
export const listedStates = ["draft", "active"] as const satisfies readonly DashboardState[];

/** What made a version. */
export const versionOrigins = ["create", "update", "restore", "import", "provision", "copy", "template"] as const;
export type VersionOrigin = (typeof versionOrigins)[number];

export const stateAnnotation = "eider/state";
export const provisionedAnnotation = "eider/provisioned-from";

interface Changeable {
  readonly project: string;
  readonly name: string;
  readonly state: DashboardState;
  readonly version: number;
  readonly provisionedFrom: string | null;
}

/** Throws `conflict` when this dashboard's document must not be changed by something of this origin. */
export function refuseDocumentChange(dashboard: Changeable, origin: VersionOrigin): void {
  refuseProvisioned(dashboard, origin === "provision", "changed");
  if (dashboard.state === "archived") {
    throw new AppError("conflict", `${nameOf(dashboard)}: archived, so it cannot be changed`, {
      hint: `Make it active first: PUT ${pathOf(dashboard)}/state {"state": "active"}.`,
    });
  }
}

/** Throws `conflict` when a file owns this dashboard and the one who acts is not provisioning. */
export function refuseProvisioned(dashboard: Changeable, byProvisioning: boolean, what: "changed" | "deleted"): void {
  if (dashboard.provisionedFrom === null || byProvisioning) return;
  throw new AppError(
    "conflict",
    `${nameOf(dashboard)}: provisioned from ${dashboard.provisionedFrom}, so it is ${what} there and not here`,
    { hint: `Change that file, or save your own copy: POST ${pathOf(dashboard)}/copy {"name": "…"}.` },
  );
}

/** Throws `precondition_failed` when another version than the expected one is the present one. */
export function requireVersion(what: string, present: number, expected: number | null): void {
  if (expected === null || expected === present) return;
  throw new AppError(
    "precondition_failed",
    `${what}: the present version is ${present}, and ${expected} was expected`,
    {
      hint: "Read it again and repeat the change on what is there now, or leave out If-Match to overwrite it.",
    },
  );
}

export function nameOf(dashboard: { readonly project: string; readonly name: string }): string {
  return `dashboard: "${dashboard.project}/${dashboard.name}"`;
}

function pathOf(dashboard: Changeable): string {
  return `/projects/${dashboard.project}/dashboards/${dashboard.name}`;
}
