/**
 * Who is asking, in Perses' words: configuration for clients, login, refresh, logout, whoami. Access token and refresh token
 * are the key itself (docs/adr/0012-perses-api.md): nothing to expire, and a deleted key is dead at once.
 */
import { AppError } from "../../../errors/app_error.ts";
import type { JsonObject, JsonValue } from "../../../dashboards/types.ts";
import { type AuthenticationPort, authorOf, type Principal, resolvePrincipal } from "../../auth.ts";
import { type PersesContext, type PersesRoute, readDocument } from "./routes.ts";

/** Keys do not expire. Clients want a number of seconds; a year is one after which asking again costs nothing. */
const tokenSeconds = 365 * 86_400;
const tokenTtl = "1y";

/** What percli and Perses' console read, in the types of Perses' own configuration. */
const clientConfiguration = {
  api_prefix: "",
  security: {
    readonly: false,
    cookie: { same_site: "lax", secure: false },
    enable_auth: true,
    authentication: {
      access_token_ttl: tokenTtl,
      refresh_token_ttl: tokenTtl,
      disable_sign_up: true,
      providers: { enable_native: true },
    },
  },
  database: {},
  dashboard: { custom_lint_rules: [] },
  datasource: { global: { disable: false }, project: { disable: false }, disable_local: false },
  variable: { global: { disable: false }, project: { disable: false }, disable_local: false },
  ephemeral_dashboard: { enable: true },
};

/** Routes that need no key. */
export function loginRoutes(authentication: AuthenticationPort): PersesRoute[] {
  return [
    {
      method: "get",
      path: "/api/config",
      summary: "What clients need to know of the server",
      anonymous: true,
      handle: (context) => Promise.resolve(context.json(clientConfiguration, 200)),
    },
    {
      method: "post",
      path: "/api/auth/providers/native/login",
      summary: "Log in: admin with the administrator's key, or <project>/<key name> with that key",
      hasBody: true,
      anonymous: true,
      handle: async (context) => {
        const body = await readDocument(context);
        const password = textField(body, "password");
        const principal = await principalOf(authentication, password);
        if (principal === null || !isLoginOf(principal, textField(body, "login"))) {
          throw new AppError("invalid_request", "wrong login or password ");
        }
        return answerToken(context, password);
      },
    },
    {
      method: "post",
      path: "/api/auth/refresh",
      summary: "The tokens again, while their key lives",
      hasBody: true,
      anonymous: true,
      handle: async (context) => {
        const token = textField(await readDocument(context), "refresh_token");
        if (await principalOf(authentication, token) === null) {
          throw new AppError("invalid_request", "the refresh token is not valid: log in again");
        }
        return answerToken(context, token);
      },
    },
    {
      method: "get",
      path: "/api/auth/logout",
      summary: "Nothing is kept for a session, so there is nothing to end",
      anonymous: true,
      status: 302,
      handle: (context) => Promise.resolve(context.redirect("/", 302)),
    },
  ];
}

export function whoamiRoutes(): PersesRoute[] {
  return [{
    method: "get",
    path: "/api/v1/user/whoami",
    summary: "Whose key it is: admin, or <project>/<key name>",
    handle: (context) => {
      const name = authorOf(context.get("principal"));
      const epoch = "1970-01-01T00:00:00Z";
      return Promise.resolve(context.json({
        kind: "User",
        metadata: { name, createdAt: epoch, updatedAt: epoch, version: 0 },
        spec: { nativeProvider: {} },
      }, 200));
    },
  }];
}

function textField(body: JsonValue, field: string): string {
  const value = (body as JsonObject | null)?.[field];
  return typeof value === "string" ? value : "";
}

async function principalOf(authentication: AuthenticationPort, key: string): Promise<Principal | null> {
  try {
    return await resolvePrincipal(authentication, `Bearer ${key}`);
  } catch (error) {
    if (error instanceof AppError && error.kind === "unauthorized") return null;
    throw error;
  }
}

/** The whole name, or a project key's own name alone: the key tells the project. */
function isLoginOf(principal: Principal, login: string): boolean {
  return login === authorOf(principal) || (principal.kind === "project_key" && login === principal.keyName);
}

function answerToken(context: PersesContext, key: string): Response {
  const token = { access_token: key, token_type: "Bearer", refresh_token: key, expires_in: tokenSeconds };
  return context.json(token, 200, { "cache-control": "no-store" });
}
