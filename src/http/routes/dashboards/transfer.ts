/** A whole project's dashboards, datasources, variables and folders as one file: export and import. */
import { createRoute, z } from "@hono/zod-openapi";
import type { JsonValue } from "../../../dashboards/types.ts";
import { AppError } from "../../../errors/app_error.ts";
import { type EiderApp, jsonAnswer, problemAnswer, readLimited } from "../../app.ts";
import { changeOf } from "./change.ts";
import type { DashboardRoutesDependencies } from "./dashboards.ts";
import { messageQuery, projectParams } from "./schemas.ts";

const tags = ["dashboard files"];
/** Some thousand dashboards. The whole file is in memory while it is checked. */
export const importBytesMax = 64 * 1024 * 1024;

const outcomeSchema = z.object({ kind: z.string(), name: z.string(), version: z.number().int() });

export function addTransferRoutes(app: EiderApp, { dashboards, requireProject }: DashboardRoutesDependencies): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{project_id}/dashboard-export",
      tags,
      summary: "All documents of the project as one JSON file",
      description: "Without history, trash and what is global. What could not be read is named in `unreadable`.",
      request: { params: projectParams },
      responses: {
        200: jsonAnswer(
          z.looseObject({ format: z.string(), format_version: z.number(), documents: z.array(z.looseObject({})) }),
          "The file",
        ),
        ...problemAnswer,
      },
    }),
    async (context) => {
      const { project_id: project } = context.req.valid("param");
      await requireProject(project);
      const file = await dashboards.exportProject(project);
      return new Response(JSON.stringify(file), {
        headers: {
          "content-type": "application/json",
          "content-disposition": `attachment; filename="${project}-dashboards.json"`,
        },
      }) as never;
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/projects/{project_id}/dashboard-import",
      tags,
      summary: "Import such a file, or an array of documents: all of it or nothing",
      description:
        `The body is the file, at most ${importBytesMax} bytes. Documents go into this project, whatever they ` +
        "say. `skip` leaves what is there alone, `replace` makes it a new version where it differs.",
      request: {
        params: projectParams,
        query: z.object({ mode: z.enum(["skip", "replace"]).default("skip"), message: messageQuery }),
        body: { content: { "application/octet-stream": { schema: { type: "string", format: "binary" } } } },
      },
      responses: {
        200: jsonAnswer(
          z.object({
            created: z.array(outcomeSchema),
            replaced: z.array(outcomeSchema),
            unchanged: z.array(outcomeSchema),
            skipped: z.array(outcomeSchema),
          }),
          "What became of each document",
        ),
        ...problemAnswer,
      },
    }),
    async (context) => {
      const { project_id: project } = context.req.valid("param");
      const { mode } = context.req.valid("query");
      await requireProject(project);
      const file = await readJson(context.req.raw.body);
      const outcomes = await dashboards.importProject(project, file, mode, {
        ...changeOf(context),
        expectedVersion: null,
      });
      const of = (wanted: string) =>
        outcomes.filter(({ outcome }) => outcome === wanted)
          .map(({ key: { kind, name }, version }) => ({ kind, name, version }));
      return context.json({
        created: of("created"),
        replaced: of("replaced"),
        unchanged: of("unchanged"),
        skipped: of("skipped"),
      }, 200);
    },
  );
}

async function readJson(body: ReadableStream<Uint8Array> | null): Promise<JsonValue> {
  const bytes = body === null ? new Uint8Array() : await readLimited(body, importBytesMax);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as JsonValue;
  } catch (error) {
    throw new AppError("invalid_json", `import: the file is not valid JSON (${(error as Error).message})`, {
      cause: error,
    });
  }
}
