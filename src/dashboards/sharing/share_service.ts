/**
 * Makes, changes, lists and revokes share links. What visitors do with them is in `share_access.ts`.
 */
import { createHash, randomBytes } from "node:crypto";
import { cidrForm, parseCidr } from "../../addresses/addresses.ts";
import { AppError, type FieldError } from "../../errors/app_error.ts";
import type { Resource, ResourceStore } from "../types.ts";
import type { Share, ShareChange, ShareRepository, VariableValues } from "./types.ts";
import { checkVariables } from "./variables.ts";

export interface ShareServiceOptions {
  readonly repository: ShareRepository;
  readonly store: Pick<ResourceStore, "find">;
  readonly allowNever: boolean;
  readonly now: () => number;
}

/** What of a link can be said at its making and changed later. */
export interface ShareWishes {
  readonly label?: string;
  /** null: never. */
  readonly expiresAtMs?: number | null;
  readonly usesMax?: number | null;
  readonly allowedCidrs?: readonly string[];
  readonly variables?: VariableValues;
}

const dayMs = 86_400_000;
/** "Never" in disguise: longer needs `share_token_allow_never`. */
const lifetimeDaysMax = 366;
/** An expired link can be renewed for this long, then the clean-up removes it. */
const endedRetentionMs = 7 * dayMs;

export class ShareService {
  readonly #options: ShareServiceOptions;

  constructor(options: ShareServiceOptions) {
    this.#options = options;
  }

  /** The token is given only here. Throws `not_found`, `invalid_request`. */
  async create(
    project: string,
    dashboard: string,
    wishes: ShareWishes & { readonly expiresAtMs: number | null },
    author: string,
  ): Promise<{ share: Share; token: string }> {
    const resource = await this.#requireDashboard(project, dashboard);
    const checked = await this.#check({ variables: {}, ...wishes }, resource);
    const token = crypto.randomUUID();
    const share: Share = {
      id: `sh_${randomBytes(8).toString("hex")}`,
      project,
      dashboard: resource.metadata.name,
      dashboardCreatedAt: resource.metadata.createdAt,
      label: "",
      createdAtMs: this.#options.now(),
      createdBy: author,
      usesMax: null,
      useCount: 0,
      allowedCidrs: [],
      variables: {},
      lastUsedAtMs: null,
      revokedAtMs: null,
      ...checked,
      expiresAtMs: wishes.expiresAtMs,
    };
    await this.#options.repository.insert(share, hashToken(token));
    return { share, token };
  }

  async list(project: string, dashboard: string, limit: number, after: string | null): Promise<Share[]> {
    await this.#requireDashboard(project, dashboard);
    return await this.#options.repository.list(project, dashboard, limit, after);
  }

  /** Throws `not_found`. */
  async require(project: string, dashboard: string, id: string): Promise<Share> {
    const share = await this.#options.repository.find(project, dashboard, id);
    if (share === null) throw new AppError("not_found", `share: "${id}" does not exist for this dashboard`);
    return share;
  }

  /** The link stays the same. Throws `not_found`, `invalid_request`, and `conflict` for a revoked one. */
  async change(project: string, dashboard: string, id: string, wishes: ShareWishes): Promise<Share> {
    const share = await this.require(project, dashboard, id);
    const resource = await this.#requireDashboard(project, dashboard);
    const checked = await this.#check(wishes, resource);
    const changed = await this.#options.repository.change(project, dashboard, share.id, checked);
    if (changed === null) {
      throw new AppError("conflict", `share: "${id}" is revoked and stays so`, { hint: "Make a new one." });
    }
    return changed;
  }

  async revoke(project: string, dashboard: string, id: string): Promise<void> {
    if (!await this.#options.repository.revoke(project, dashboard, id, this.#options.now())) {
      await this.require(project, dashboard, id);
    }
  }

  /** Daily: removes what expired or was revoked a week before that time; gives how many. */
  cleanUp(nowMs: number): Promise<number> {
    return this.#options.repository.deleteEnded(nowMs - endedRetentionMs);
  }

  async #requireDashboard(project: string, name: string): Promise<Resource> {
    const resource = await this.#options.store.find({ kind: "Dashboard", project, name });
    if (resource === null) throw new AppError("not_found", `dashboard: "${project}/${name}" does not exist`);
    return resource;
  }

  async #check(wishes: ShareWishes, dashboard: Resource): Promise<ShareChange> {
    const fields: FieldError[] = [];
    const { expiresAtMs, allowedCidrs, variables } = wishes;
    if (expiresAtMs === null && !this.#options.allowNever) {
      fields.push({ pointer: "/expires_at", detail: "never: this server does not allow it (share_token_allow_never)" });
    }
    if (typeof expiresAtMs === "number") {
      const nowMs = this.#options.now();
      if (expiresAtMs <= nowMs) fields.push({ pointer: "/expires_at", detail: "is in the past" });
      else if (expiresAtMs > nowMs + lifetimeDaysMax * dayMs && !this.#options.allowNever) {
        fields.push({ pointer: "/expires_at", detail: `is more than ${lifetimeDaysMax} days from now` });
      }
    }
    const ranges = (allowedCidrs ?? []).map((text, index) => {
      const range = parseCidr(text);
      if (range === null) fields.push({ pointer: `/allowed_cidrs/${index}`, detail: `is not ${cidrForm}` });
      return range?.text ?? text;
    });
    if (fields.length > 0) {
      const text = fields.map(({ pointer, detail }) => `${pointer} ${detail}`).join("; ");
      throw new AppError("invalid_request", `share: ${text}`, { fields });
    }
    if (variables !== undefined) await this.#checkVariables(dashboard, variables);
    return {
      ...(wishes.label === undefined ? {} : { label: wishes.label }),
      ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
      ...(wishes.usesMax === undefined ? {} : { usesMax: wishes.usesMax }),
      ...(allowedCidrs === undefined ? {} : { allowedCidrs: ranges }),
      ...(variables === undefined ? {} : { variables }),
    };
  }

  #checkVariables(dashboard: Resource, variables: VariableValues): Promise<void> {
    const { store } = this.#options;
    const project = dashboard.metadata.project ?? null;
    return checkVariables(
      dashboard.spec,
      variables,
      async (name) =>
        await store.find({ kind: "Variable", project, name }) !== null ||
        await store.find({ kind: "GlobalVariable", project: null, name }) !== null,
    );
  }
}

/** Only this is stored of a token. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token, "utf8").digest("hex");
}
