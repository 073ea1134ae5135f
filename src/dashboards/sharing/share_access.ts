/**
 * What a visitor with a share link can do: open its dashboard, and run that dashboard's own queries. Whatever is wrong with
 * the link, the answer is one and the same (`share_not_found`); why, stands in the audit log only. The look-up is by the
 * token's SHA-256, so its time says nothing about how much of a guess was right.
 */
import { isInside, parseCidr } from "../../addresses/addresses.ts";
import type { AuditEntry, AuditLog } from "../../audit/types.ts";
import { AppError } from "../../errors/app_error.ts";
import type { JsonObject, Resource, ResourceStore } from "../types.ts";
import type { FailureThrottle } from "./failure_throttle.ts";
import { hashToken } from "./share_service.ts";
import { findQuery, hasPanel, type SharedDashboard, sharedDocument } from "./shared_document.ts";
import type { PanelQueryRunner, Share, ShareRefusal, ShareRepository, VariableValues } from "./types.ts";
import { resolveVariables, sameValue } from "./variables.ts";
import { isView, makeView } from "./view_ticket.ts";

export interface ShareAccessOptions {
  readonly repository: ShareRepository;
  readonly store: Pick<ResourceStore, "find">;
  readonly runner: PanelQueryRunner;
  readonly throttle: FailureThrottle;
  readonly audit: Pick<AuditLog, "record">;
  /** Takes refused openings, counted beyond ten of an address and minute. */
  readonly refusals: { note(entry: AuditEntry): void };
  readonly viewSecret: Uint8Array;
  readonly now: () => number;
}

/** Who comes with the link. */
export interface Visitor {
  readonly address: string;
  readonly userAgent: string | null;
}

export interface OpenedShare {
  readonly dashboard: SharedDashboard;
  readonly variables: VariableValues;
  readonly expiresAtMs: number | null;
  /** Must come with each query when openings are counted; else null. */
  readonly view: string | null;
}

export interface SharedQuery {
  readonly panel: string;
  readonly queryIndex: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number | null;
  /** What the visitor believes the values to be; each must be the fixed one. */
  readonly variables: VariableValues;
  readonly view: string | null;
  readonly signal: AbortSignal;
}

const tokenForm = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

interface Found {
  readonly share: Share;
  readonly dashboard: Resource;
}

export class ShareAccess {
  readonly #options: ShareAccessOptions;

  constructor(options: ShareAccessOptions) {
    this.#options = options;
  }

  /** Counts as one use. Throws `share_not_found`, `too_many_requests`. */
  async open(token: string, visitor: Visitor): Promise<OpenedShare> {
    const { repository, now } = this.#options;
    const { share, dashboard } = await this.#find(token, visitor, "open_share");
    // Counted even without a limit: how often a link is opened is what its owner asks.
    if (!await repository.countUse(share.id, now())) throw this.#refuse("used_up", visitor, "open_share", share);
    await this.#options.audit.record(entryOf("open_share", share, visitor, null, dashboard.metadata.version));
    const variables = resolveVariables(dashboard.spec, share.variables);
    return {
      dashboard: sharedDocument(dashboard, variables),
      variables,
      expiresAtMs: share.expiresAtMs,
      view: share.usesMax === null ? null : makeView(this.#options.viewSecret, share.id, now()),
    };
  }

  /** Throws `share_not_found`, `forbidden` for what is not the dashboard's own, and what the runner throws. */
  async query(token: string, query: SharedQuery, visitor: Visitor): Promise<JsonObject> {
    const { share, dashboard } = await this.#find(token, visitor, "query_share");
    if (share.usesMax !== null && !this.#isViewOf(query.view, share)) {
      throw this.#refuse("used_up", visitor, "query_share", share);
    }
    const found = findQuery(dashboard, query.panel, query.queryIndex);
    if (found === null) {
      const reason = hasPanel(dashboard, query.panel) ? "other_query" : "other_panel";
      this.#note(reason, visitor, "query_share", share);
      throw new AppError(
        "forbidden",
        reason === "other_panel"
          ? `panel: ${JSON.stringify(query.panel)} is not in this dashboard`
          : `query: ${query.queryIndex} is not a query of the panel ${JSON.stringify(query.panel)}`,
      );
    }
    const variables = resolveVariables(dashboard.spec, share.variables);
    for (const [name, value] of Object.entries(query.variables)) {
      if (Object.hasOwn(variables, name) && sameValue(variables[name] ?? "", value)) continue;
      this.#note("changed_variable", visitor, "query_share", share);
      throw new AppError("forbidden", `variables: ${JSON.stringify(name)} cannot be changed in a shared dashboard`);
    }
    return await this.#options.runner.run({
      project: share.project,
      dashboard,
      panel: query.panel,
      queryIndex: query.queryIndex,
      query: found,
      variables,
      fromMs: query.fromMs,
      toMs: query.toMs,
      stepMs: query.stepMs,
      actor: `share:${share.id}`,
      sharedBy: share.createdBy,
      signal: query.signal,
    });
  }

  /** A request that is not of the right form, such as one with a query's text in it: noted, not counted as a guess. */
  async noteBadRequest(token: string, visitor: Visitor): Promise<void> {
    const { share } = await this.#find(token, visitor, "query_share");
    this.#note("bad_request", visitor, "query_share", share);
  }

  /** The link's share, and the dashboard that it was made for. */
  async #find(token: string, visitor: Visitor, action: "open_share" | "query_share"): Promise<Found> {
    const { repository, store, throttle, now } = this.#options;
    if (throttle.isBlocked(visitor.address)) {
      this.#note("throttled", visitor, action, null);
      throw new AppError("too_many_requests", "share link: too many from this address did not open; wait a minute");
    }
    const text = token.toLowerCase();
    const share = await repository.findByHash(hashToken(text));
    if (share === null) throw this.#refuse(tokenForm.test(text) ? "unknown" : "malformed", visitor, action, null);
    const refuse = (reason: ShareRefusal) => this.#refuse(reason, visitor, action, share);
    if (share.revokedAtMs !== null) throw refuse("revoked");
    if (share.expiresAtMs !== null && share.expiresAtMs <= now()) throw refuse("expired");
    if (!isAllowed(share, visitor.address)) throw refuse("wrong_address");
    const dashboard = await store.find({ kind: "Dashboard", project: share.project, name: share.dashboard });
    if (dashboard === null) throw refuse("dashboard_gone");
    if (dashboard.metadata.createdAt !== share.dashboardCreatedAt) throw refuse("dashboard_replaced");
    return { share, dashboard };
  }

  #isViewOf(view: string | null, share: Share): boolean {
    return view !== null && isView(this.#options.viewSecret, view, share.id, this.#options.now());
  }

  /** Counts against the address; the error is the same whatever the reason. */
  #refuse(
    reason: ShareRefusal,
    visitor: Visitor,
    action: "open_share" | "query_share",
    share: Share | null,
  ): AppError {
    this.#options.throttle.record(visitor.address);
    this.#note(reason, visitor, action, share);
    return new AppError("share_not_found", "share link: it does not open anything, or not any more, or not from here");
  }

  #note(reason: ShareRefusal, visitor: Visitor, action: "open_share" | "query_share", share: Share | null): void {
    this.#options.refusals.note(entryOf(action, share, visitor, reason, null));
  }
}

function isAllowed(share: Share, address: string): boolean {
  if (share.allowedCidrs.length === 0) return true;
  // A range that cannot be read lets nobody in.
  const ranges = share.allowedCidrs.flatMap((text) => parseCidr(text) ?? []);
  return isInside(address, ranges);
}

function entryOf(
  action: "open_share" | "query_share",
  share: Share | null,
  visitor: Visitor,
  reason: ShareRefusal | null,
  version: number | null,
): AuditEntry {
  return {
    actor: share === null ? "anonymous" : `share:${share.id}`,
    action,
    objectKind: "dashboard",
    objectId: share?.dashboard ?? null,
    project: share?.project ?? null,
    versionBefore: null,
    versionAfter: version,
    address: visitor.address === "" ? null : visitor.address,
    userAgent: visitor.userAgent,
    result: reason === null ? "ok" : "refused",
    code: reason,
    details: {},
  };
}
