/**
 * Share links: a token that opens exactly one dashboard, read-only, with fixed variables, until it expires, is revoked, is
 * used up, or comes from somewhere else than it may. `metadata/dashboards/share_repository.ts` keeps them.
 */
import type { JsonObject, Resource } from "../types.ts";

export type VariableValue = string | readonly string[];
export type VariableValues = Readonly<Record<string, VariableValue>>;

export interface Share {
  /** `sh_<hex>`; no secret. */
  readonly id: string;
  readonly project: string;
  readonly dashboard: string;
  /** The dashboard's `createdAt`: another dashboard of the same name is not meant. */
  readonly dashboardCreatedAt: string;
  readonly label: string;
  readonly createdAtMs: number;
  readonly createdBy: string;
  /** null: never. */
  readonly expiresAtMs: number | null;
  /** Openings; null: any number. */
  readonly usesMax: number | null;
  readonly useCount: number;
  /** Normalised ranges; empty: from everywhere. */
  readonly allowedCidrs: readonly string[];
  readonly variables: VariableValues;
  readonly lastUsedAtMs: number | null;
  readonly revokedAtMs: number | null;
}

export interface ShareChange {
  readonly label?: string;
  readonly expiresAtMs?: number | null;
  readonly usesMax?: number | null;
  readonly allowedCidrs?: readonly string[];
  readonly variables?: VariableValues;
}

/** Every method is atomic. */
export interface ShareRepository {
  insert(share: Share, tokenHash: string): Promise<void>;
  findByHash(tokenHash: string): Promise<Share | null>;
  find(project: string, dashboard: string, id: string): Promise<Share | null>;
  /** By id, after this one. */
  list(project: string, dashboard: string, limit: number, after: string | null): Promise<Share[]>;
  /** null: there is none, or it is revoked. */
  change(project: string, dashboard: string, id: string, change: ShareChange): Promise<Share | null>;
  /** False when there is none. A second revocation changes nothing. */
  revoke(project: string, dashboard: string, id: string, nowMs: number): Promise<boolean>;
  /** Counts one opening, unless that would be more than `usesMax`, or it was revoked meanwhile: then false. */
  countUse(id: string, nowMs: number): Promise<boolean>;
  /** Deletes what expired or was revoked before then; gives how many. */
  deleteEnded(beforeMs: number): Promise<number>;
}

/** One of a dashboard's own queries, to be run for somebody who has a share link. */
export interface PanelQueryRequest {
  readonly project: string;
  readonly dashboard: Resource;
  /** Key of `spec.panels`. */
  readonly panel: string;
  readonly queryIndex: number;
  /** The query as it stands in the document: `{kind, spec: {plugin: {kind, spec}}}`. */
  readonly query: JsonObject;
  /** Of the dashboard, every one fixed; variables of the project and the server are not in here and have their defaults. */
  readonly variables: VariableValues;
  readonly fromMs: number;
  readonly toMs: number;
  /** Wanted distance of two points of a time series; null: the runner chooses. */
  readonly stepMs: number | null;
  /** `share:<id>`, for logs and limits. */
  readonly actor: string;
  /** Who made the link: `admin`, or `<project>/<key name>`. */
  readonly sharedBy: string;
  readonly signal: AbortSignal;
}

/**
 * Runs panel queries under read-only rights, with limits and a timeout. It must bind variables as values and use nothing of
 * the visitor's but what stands in the request.
 */
export interface PanelQueryRunner {
  run(request: PanelQueryRequest): Promise<JsonObject>;
}

/** Why a link did not open. Only the audit log is told. */
export type ShareRefusal =
  | "malformed"
  | "unknown"
  | "expired"
  | "revoked"
  | "used_up"
  | "wrong_address"
  | "dashboard_gone"
  | "dashboard_replaced"
  | "throttled"
  | "other_panel"
  | "other_query"
  | "changed_variable"
  | "bad_request";
