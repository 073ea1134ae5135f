/** What the last look at the provisioning folder has done, for the administrator. */
import { createRoute, z } from "@hono/zod-openapi";
import type { ProvisioningReport } from "../../../dashboards/provisioning/provisioner.ts";
import { jsonAnswer, problemAnswer, type RouteModule } from "../../app.ts";
import { requireAdministrator } from "../../auth.ts";

const reportSchema = z.object({
  created: z.number().int(),
  changed: z.number().int(),
  unchanged: z.number().int(),
  deleted: z.number().int(),
  orphaned: z.number().int().openapi({ description: "In no file any more, and kept as pruning is off." }),
  problems: z.array(z.object({ file: z.string(), detail: z.string(), hint: z.string().nullable() })),
});

/** `folder` null = nothing is provisioned. */
export function provisioningRoutes(
  folder: string | null,
  provisioner: { readonly lastReport: ProvisioningReport | null } | null,
): RouteModule {
  return (app) =>
    app.openapi(
      createRoute({
        method: "get",
        path: "/dashboard-provisioning",
        tags: ["dashboard files"],
        summary: "What the last look at the provisioning folder has done (administrator)",
        responses: {
          200: jsonAnswer(
            z.object({ folder: z.string().nullable(), last_run: reportSchema.nullable() }),
            "The folder, null when none is configured, and the last run, null before the first one",
          ),
          ...problemAnswer,
        },
      }),
      (context) => {
        requireAdministrator(context);
        const report = provisioner?.lastReport ?? null;
        const lastRun = report === null ? null : { ...report, problems: [...report.problems] };
        return context.json({ folder, last_run: lastRun }, 200);
      },
    );
}
