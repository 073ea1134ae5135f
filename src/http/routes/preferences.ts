/** Routes of a user's own preferences; the user is whoever's key is sent. A key with the role read has its own, too. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import {
  favouritesMax,
  type PreferenceChange,
  type PreferenceService,
  type PreferenceUser,
  type ShownPreferences,
} from "../../dashboards/preferences/preference_service.ts";
import { themes } from "../../dashboards/preferences/types.ts";
import { jsonAnswer, jsonBody, problemAnswer, type RouteModule } from "../app.ts";
import { noteForAudit } from "../audit_requests.ts";
import { type AppEnvironment, authorOf } from "../auth.ts";

const tags = ["preferences"];
const path = "/api/v1/user/preferences";
const referenceSchema = z.strictObject({ project: z.string().min(1).max(100), name: z.string().min(1).max(75) });
const shownReference = z.object({ project: z.string(), name: z.string(), exists: z.boolean() });
const changeSchema = z.strictObject({
  theme: z.enum(themes).optional(),
  time_zone: z.string().max(100).nullable().optional().openapi({ description: "IANA name; null: the browser's." }),
  default_dashboard: referenceSchema.nullable().optional(),
  favourites: z.array(referenceSchema).max(favouritesMax).optional().openapi({ description: "Replaces all." }),
});
const preferencesSchema = z.object({
  user: z.string().openapi({ example: "acme/editor" }),
  theme: z.enum(themes),
  time_zone: z.string().nullable(),
  default_dashboard: shownReference.nullable(),
  favourites: z.array(shownReference.extend({ added_at: z.string() })),
  recently_viewed: z.array(shownReference.extend({ viewed_at: z.string() })),
  updated_at: z.string().nullable(),
}).openapi("Preferences");
const answer = { 200: jsonAnswer(preferencesSchema, "The preferences"), ...problemAnswer };

/**
 * `GET, PUT, PATCH /api/v1/user/preferences`, `PUT, DELETE …/favourites/{project}/{name}` and
 * `PUT …/recently-viewed/{project}/{name}`.
 */
export function preferenceRoutes(preferences: PreferenceService): RouteModule {
  return (app) => {
    app.openapi(
      createRoute({ method: "get", path, tags, summary: "Your preferences", request: {}, responses: answer }),
      async (context) => context.json(render(userOf(context), await preferences.get(userOf(context))), 200),
    );
    app.openapi(
      createRoute({
        method: "put",
        path,
        tags,
        summary: "Set your preferences; what is left out gets its default",
        request: { body: jsonBody(changeSchema) },
        responses: answer,
      }),
      async (context) => {
        const body = context.req.valid("json");
        const whole = await changed(context, {
          theme: body.theme ?? "system",
          time_zone: body.time_zone ?? null,
          default_dashboard: body.default_dashboard ?? null,
          favourites: body.favourites ?? [],
        });
        return context.json(whole, 200);
      },
    );
    app.openapi(
      createRoute({
        method: "patch",
        path,
        tags,
        summary: "Change some of your preferences",
        request: { body: jsonBody(changeSchema) },
        responses: answer,
      }),
      async (context) => context.json(await changed(context, context.req.valid("json")), 200),
    );
    const one = { params: z.object({ project: z.string(), name: z.string() }) };
    app.openapi(
      createRoute({
        method: "put",
        path: `${path}/favourites/{project}/{name}`,
        tags,
        summary: "Add a favourite",
        request: one,
        responses: answer,
      }),
      async (context) => {
        const user = userOf(context);
        return context.json(render(user, await preferences.addFavourite(user, context.req.valid("param"))), 200);
      },
    );
    app.openapi(
      createRoute({
        method: "delete",
        path: `${path}/favourites/{project}/{name}`,
        tags,
        summary: "Remove a favourite",
        request: one,
        responses: answer,
      }),
      async (context) => {
        const user = userOf(context);
        return context.json(render(user, await preferences.removeFavourite(user, context.req.valid("param"))), 200);
      },
    );
    app.openapi(
      createRoute({
        method: "put",
        path: `${path}/recently-viewed/{project}/{name}`,
        tags,
        summary: "Note that you look at a dashboard; the last 50 are kept",
        request: one,
        responses: { 204: { description: "Noted" }, ...problemAnswer },
      }),
      async (context) => {
        await preferences.recordView(userOf(context), context.req.valid("param"));
        return context.body(null, 204);
      },
    );

    async function changed(context: Context<AppEnvironment>, body: z.infer<typeof changeSchema>) {
      const user = userOf(context);
      noteForAudit(context, { objectKind: "preferences", objectId: user.name, details: { fields: Object.keys(body) } });
      const change: PreferenceChange = {
        ...(body.theme === undefined ? {} : { theme: body.theme }),
        ...(body.time_zone === undefined ? {} : { timeZone: body.time_zone }),
        ...(body.default_dashboard === undefined ? {} : { defaultDashboard: body.default_dashboard }),
        ...(body.favourites === undefined ? {} : { favourites: body.favourites }),
      };
      return render(user, await preferences.change(user, change));
    }
  };
}

function userOf(context: Context<AppEnvironment>): PreferenceUser {
  const principal = context.get("principal");
  return { name: authorOf(principal), project: principal.kind === "administrator" ? null : principal.projectId };
}

function render(user: PreferenceUser, preferences: ShownPreferences): z.infer<typeof preferencesSchema> {
  const timeText = (timeMs: number) => new Date(timeMs).toISOString();
  return {
    user: user.name,
    theme: preferences.theme,
    time_zone: preferences.timeZone,
    default_dashboard: preferences.defaultDashboard,
    favourites: preferences.favourites.map(({ atMs, ...one }) => ({ ...one, added_at: timeText(atMs) })),
    recently_viewed: preferences.recentlyViewed.map(({ atMs, ...one }) => ({ ...one, viewed_at: timeText(atMs) })),
    updated_at: preferences.updatedAtMs === null ? null : timeText(preferences.updatedAtMs),
  };
}
